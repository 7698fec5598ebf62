//! Whether a routing rule's condition holds.

use super::Facts;
use crate::domain::{assignment::Condition, condition::Known};

/// Whether all conditions hold for what is known of a ticket.
pub(super) fn hold(conditions: &[Condition], facts: &Facts<'_>) -> bool {
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
        priority: facts.priority,
    };
    conditions.iter().all(|it| it.holds(&known))
}
