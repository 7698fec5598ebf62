//! What stands beneath an SLA policy: how long a group may have a ticket (an operational level agreement), and how
//! long a supplier (an underpinning contract). Each counts in hours of its own.

use super::Escalation;

/// So long may somebody have a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreement {
    /// Id of the calendar whose hours count.
    pub calendar: String,
    /// Working seconds by priority, P1 first.
    pub targets: [u32; 4],
    /// What happens while time runs out.
    pub escalations: Vec<Escalation>,
}

/// Who does work for the desk from outside. Its time runs while a ticket is on hold for a supplier, over all such
/// stretches together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Supplier {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// How long it may take.
    pub contract: Agreement,
    /// Ids of the services that it stands behind.
    pub services: Vec<String>,
    /// Ids of the templates that it stands behind, whoever stands behind their services.
    pub templates: Vec<String>,
}
