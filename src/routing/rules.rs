//! Whether a routing rule's condition holds.

use super::Facts;
use crate::domain::{assignment::Condition, condition::Known, priority::Matrix};

/// Whether all conditions hold for what is known of a ticket.
pub(super) fn hold(conditions: &[Condition], facts: &Facts<'_>, matrix: &Matrix) -> bool {
    let known = Known {
        template: &facts.template.id,
        service: &facts.template.service,
        fields: facts.fields,
        text: facts.text,
        language: facts.language,
        impact: facts.impact,
        urgency: facts.urgency,
        asked: facts.asked,
        assets: facts.assets,
        priority: matrix.priority(facts.impact, facts.urgency),
    };
    conditions.iter().all(|it| it.holds(&known))
}
