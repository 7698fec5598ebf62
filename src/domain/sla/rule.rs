//! Which SLA policy a ticket falls under: that of the first rule that holds, else its template's.

use crate::domain::assignment::Condition;

/// Puts the tickets for which all conditions hold under a policy. The first rule that holds decides.
#[derive(Debug, Clone, PartialEq)]
pub struct SlaRule {
    /// Its id.
    pub id: String,
    /// All must hold.
    pub when: Vec<Condition>,
    /// Id of the policy.
    pub policy: String,
}

/// The policy of a ticket, and what chose it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SlaChoice {
    /// Id of the policy.
    pub policy: String,
    /// Id of the rule; none if it is the template's policy.
    pub rule: Option<String>,
}
