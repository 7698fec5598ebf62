//! The life cycles as tables: what is not in the table may not happen (ITIL 4, incident management
//! and service request management practices).

use super::ticket::TicketKind;

/// Where a ticket stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Opened; nobody has it yet.
    New,
    /// Waits for consent.
    WaitingApproval,
    /// A group or an agent has it.
    Assigned,
    /// An agent works on it.
    InProgress,
    /// Waits for something outside.
    OnHold,
    /// Done, in the agent's eyes.
    Resolved,
    /// Done, for good.
    Closed,
    /// Given up.
    Cancelled,
}

use State::{Assigned, Cancelled, Closed, InProgress, New, OnHold, Resolved, WaitingApproval};

impl State {
    /// Every state.
    pub const ALL: [Self; 8] =
        [New, WaitingApproval, Assigned, InProgress, OnHold, Resolved, Closed, Cancelled];

    /// As written in refusals, phrases and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            New => "new",
            WaitingApproval => "waiting_approval",
            Assigned => "assigned",
            InProgress => "in_progress",
            OnHold => "on_hold",
            Resolved => "resolved",
            Closed => "closed",
            Cancelled => "cancelled",
        }
    }

    /// Whether somebody can work on it now.
    pub fn is_workable(self) -> bool {
        match self {
            New | Assigned | InProgress => true,
            WaitingApproval | OnHold | Resolved | Closed | Cancelled => false,
        }
    }

    /// Whether somebody still has work with it.
    pub fn is_open(self) -> bool {
        match self {
            New | WaitingApproval | Assigned | InProgress | OnHold => true,
            Resolved | Closed | Cancelled => false,
        }
    }
}

/// What a ticket on hold waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HoldReason {
    /// An answer of the requester.
    Requester,
    /// A supplier.
    Vendor,
    /// A change.
    Change,
    /// A problem.
    Problem,
}

/// Every move that an incident may make.
pub const INCIDENT: &[(State, State)] = &[
    (New, Assigned),
    (New, Resolved),
    (New, Cancelled),
    (Assigned, InProgress),
    (Assigned, OnHold),
    (Assigned, Resolved),
    (Assigned, Cancelled),
    (InProgress, Assigned),
    (InProgress, OnHold),
    (InProgress, Resolved),
    (InProgress, Cancelled),
    (OnHold, Assigned),
    (OnHold, InProgress),
    (OnHold, Resolved),
    (OnHold, Cancelled),
    (Resolved, Assigned), // the requester says that it is not solved
    (Resolved, Closed),
];

/// Every move that a request may make.
pub const REQUEST: &[(State, State)] = &[
    (New, WaitingApproval),
    (New, Assigned),
    (New, Resolved),
    (New, Cancelled),
    (WaitingApproval, Assigned),
    (WaitingApproval, Cancelled),
    (Assigned, InProgress),
    (Assigned, OnHold),
    (Assigned, Resolved),
    (Assigned, Cancelled),
    (InProgress, Assigned),
    (InProgress, OnHold),
    (InProgress, Resolved),
    (InProgress, Cancelled),
    (OnHold, Assigned),
    (OnHold, InProgress),
    (OnHold, Resolved),
    (OnHold, Cancelled),
    (Resolved, Assigned),
    (Resolved, Closed),
];

/// The table of a kind of ticket.
pub fn table(kind: TicketKind) -> &'static [(State, State)] {
    match kind {
        TicketKind::Incident => INCIDENT,
        TicketKind::Request => REQUEST,
    }
}

/// The states that may be reached from one.
pub fn reachable(kind: TicketKind, from: State) -> Vec<State> {
    table(kind).iter().filter(|(it, _)| *it == from).map(|(_, to)| *to).collect()
}

/// The table as a Mermaid state diagram.
pub fn diagram(kind: TicketKind) -> String {
    let arrows = table(kind).iter().map(|(from, to)| format!("    {} --> {}\n", from.as_str(), to.as_str()));
    ["stateDiagram-v2\n".to_owned(), "    [*] --> new\n".to_owned()].into_iter().chain(arrows).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_over_stays_over() {
        for kind in [TicketKind::Incident, TicketKind::Request] {
            assert!(reachable(kind, Closed).is_empty());
            assert!(reachable(kind, Cancelled).is_empty());
        }
    }

    #[test]
    fn every_state_can_be_left_for_an_end_by_some_path() {
        for kind in [TicketKind::Incident, TicketKind::Request] {
            for state in table(kind).iter().map(|(from, _)| *from) {
                let mut seen = vec![state];
                let mut next = 0;
                while next < seen.len() {
                    seen.extend(
                        reachable(kind, seen[next])
                            .into_iter()
                            .filter(|it| !seen.contains(it))
                            .collect::<Vec<_>>(),
                    );
                    next += 1;
                }
                assert!(seen.contains(&Closed) || seen.contains(&Cancelled), "{state:?}");
            }
        }
    }
}
