//! The life cycles as tables: what is not in the table may not happen, and each move names who may make it (ITIL 4,
//! incident management and service request management practices; the role masks as GLPI has them).

use super::{
    people::{Caller, Role},
    ticket::TicketKind,
};

/// Where a ticket stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Opened; nobody has it yet.
    New,
    /// Waits for consent.
    WaitingApproval,
    /// A group or an agent has it.
    Assigned,
    /// The cause of a problem is looked for.
    Analysing,
    /// A change that is agreed to waits for its window.
    Scheduled,
    /// An agent works on it; on a problem: on its end; a change: it is carried out.
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

use State::{
    Analysing, Assigned, Cancelled, Closed, InProgress, New, OnHold, Resolved, Scheduled, WaitingApproval,
};

impl State {
    /// Every state.
    pub const ALL: [Self; 10] = [
        New,
        WaitingApproval,
        Assigned,
        Analysing,
        Scheduled,
        InProgress,
        OnHold,
        Resolved,
        Closed,
        Cancelled,
    ];

    /// As written in refusals, phrases and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            New => "new",
            WaitingApproval => "waiting_approval",
            Assigned => "assigned",
            Analysing => "analysing",
            Scheduled => "scheduled",
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
            New | Assigned | Analysing | InProgress => true,
            WaitingApproval | Scheduled | OnHold | Resolved | Closed | Cancelled => false,
        }
    }

    /// Whether somebody still has work with it.
    pub fn is_open(self) -> bool {
        match self {
            New | WaitingApproval | Assigned | Analysing | Scheduled | InProgress | OnHold => true,
            Resolved | Closed | Cancelled => false,
        }
    }

    /// Whether it may still become anything else.
    pub fn may_go_on(self) -> bool {
        self.is_open() || self == Resolved
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

/// In what way a ticket was resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ResolutionCode {
    /// What was wrong is right now; what was wanted is there.
    Fixed,
    /// It works by another way.
    Workaround,
    /// Another ticket has it.
    Duplicate,
    /// It could not be made to happen again.
    NotReproducible,
    /// Nothing was wrong.
    NoFault,
    /// It cannot be done, or not for this price.
    GivenUp,
    /// A problem stays, and the company lives with it.
    RiskAccepted,
}

/// Why a ticket was cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CancelReason {
    /// Another ticket has it.
    Duplicate,
    /// It is nothing for the desk.
    NotForDesk,
    /// The requester wants it no more.
    Withdrawn,
}

/// Who moves a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Who {
    /// The person whom it helps.
    Requester,
    /// Somebody who works on tickets.
    Agent,
    /// Somebody who answers for the desk.
    Manager,
    /// The desk by itself: a clock, a parent that was resolved, an approval.
    System,
}

use Who::{Agent, Manager, Requester, System};

impl Who {
    /// All of them.
    pub const ALL: [Self; 4] = [Requester, Agent, Manager, System];

    /// What somebody is who works at the desk.
    pub fn at_the_desk(caller: &Caller) -> Self {
        if caller.has(&[Role::Manager, Role::Admin]) { Manager } else { Agent }
    }

    /// As written in refusals and diagrams.
    pub fn as_str(self) -> &'static str {
        match self {
            Requester => "requester",
            Agent => "agent",
            Manager => "manager",
            System => "system",
        }
    }
}

/// A move: from where to where, and who may make it.
pub type Move = (State, State, &'static [Who]);

/// Whoever works for the desk.
const DESK: &[Who] = &[Agent, Manager, System];
/// These, and the person whom the ticket helps.
const ANYBODY: &[Who] = &Who::ALL;
/// Consent is given by an approval, or by who answers for the desk.
const CONSENT: &[Who] = &[Manager, System];
/// What has ended is looked back on by who answers for the desk.
const REVIEW: &[Who] = &[Manager, System];
/// That it is done is said by who asked for it, by the time that passed, or by who answers for the desk.
const CONFIRM: &[Who] = &[Requester, Manager, System];

/// Every move that an incident may make, and who may make it.
pub const INCIDENT: &[Move] = &[
    (New, Assigned, DESK),
    (New, Resolved, ANYBODY),
    (New, Cancelled, ANYBODY),
    (Assigned, InProgress, DESK),
    (Assigned, OnHold, DESK),
    (Assigned, Resolved, ANYBODY),
    (Assigned, Cancelled, ANYBODY),
    (InProgress, Assigned, DESK),
    (InProgress, OnHold, DESK),
    (InProgress, Resolved, ANYBODY),
    (InProgress, Cancelled, ANYBODY),
    (OnHold, Assigned, DESK),
    (OnHold, InProgress, DESK),
    (OnHold, Resolved, ANYBODY),
    (OnHold, Cancelled, ANYBODY),
    (Resolved, Assigned, ANYBODY), // it is not solved
    (Resolved, Closed, CONFIRM),
];

/// Every move that a request may make, and who may make it.
pub const REQUEST: &[Move] = &[
    (New, WaitingApproval, CONSENT),
    (New, Assigned, DESK),
    (New, Resolved, ANYBODY),
    (New, Cancelled, ANYBODY),
    (WaitingApproval, Assigned, CONSENT),
    (WaitingApproval, Cancelled, ANYBODY),
    (Assigned, InProgress, DESK),
    (Assigned, OnHold, DESK),
    (Assigned, Resolved, ANYBODY),
    (Assigned, Cancelled, ANYBODY),
    (InProgress, Assigned, DESK),
    (InProgress, OnHold, DESK),
    (InProgress, Resolved, ANYBODY),
    (InProgress, Cancelled, ANYBODY),
    (OnHold, Assigned, DESK),
    (OnHold, InProgress, DESK),
    (OnHold, Resolved, ANYBODY),
    (OnHold, Cancelled, ANYBODY),
    (Resolved, Assigned, ANYBODY),
    (Resolved, Closed, CONFIRM),
];

/// Every move that a problem may make, and who may make it (ITIL 4, problem management: identification, control of the
/// problem, control of the error). Nobody outside the desk moves one, and whoever answers for the desk reviews its end.
pub const PROBLEM: &[Move] = &[
    (New, Assigned, DESK),
    (New, Cancelled, DESK),
    (Assigned, Analysing, DESK),
    (Assigned, OnHold, DESK),
    (Assigned, Resolved, DESK),
    (Assigned, Cancelled, DESK),
    (Analysing, Assigned, DESK),
    (Analysing, InProgress, DESK), // the cause is known
    (Analysing, OnHold, DESK),
    (Analysing, Resolved, DESK),
    (Analysing, Cancelled, DESK),
    (InProgress, Assigned, DESK),
    (InProgress, Analysing, DESK), // it was another
    (InProgress, OnHold, DESK),
    (InProgress, Resolved, DESK),
    (InProgress, Cancelled, DESK),
    (OnHold, Assigned, DESK),
    (OnHold, Analysing, DESK),
    (OnHold, InProgress, DESK),
    (OnHold, Resolved, DESK),
    (OnHold, Cancelled, DESK),
    (Resolved, Assigned, DESK), // it is back
    (Resolved, Closed, REVIEW),
];

/// Every move that a change may make, and who may make it (ITIL 4, change enablement). It is assigned while it is planned,
/// and again when all have agreed, until it has its place in the calendar: nobody carries out what is not scheduled. What
/// was begun is not cancelled but brought to an end, and whoever answers for the desk looks back on it.
pub const CHANGE: &[Move] = &[
    (New, Assigned, DESK),
    (New, Cancelled, DESK),
    (Assigned, WaitingApproval, DESK),
    (Assigned, Scheduled, DESK),
    (Assigned, OnHold, DESK),
    (Assigned, Cancelled, DESK),
    (WaitingApproval, Assigned, CONSENT),
    (WaitingApproval, Cancelled, DESK),
    (Scheduled, Assigned, DESK), // it is planned anew
    (Scheduled, InProgress, DESK),
    (Scheduled, Cancelled, DESK),
    (InProgress, OnHold, DESK),
    (InProgress, Resolved, DESK),
    (OnHold, Assigned, DESK),
    (OnHold, InProgress, DESK),
    (OnHold, Resolved, DESK),
    (OnHold, Cancelled, DESK),
    (Resolved, InProgress, DESK), // it is not done
    (Resolved, Closed, REVIEW),
];

/// The table of a kind of ticket.
pub fn table(kind: TicketKind) -> &'static [Move] {
    match kind {
        TicketKind::Incident => INCIDENT,
        TicketKind::Request => REQUEST,
        TicketKind::Problem => PROBLEM,
        TicketKind::Change => CHANGE,
    }
}

/// The states that somebody may reach from one.
pub fn reachable(kind: TicketKind, from: State, who: Who) -> Vec<State> {
    let may = |it: &&Move| it.0 == from && it.2.contains(&who);
    table(kind).iter().filter(may).map(|(_, to, _)| *to).collect()
}

/// Who may make a move; nobody if the life cycle does not have it.
pub fn movers(kind: TicketKind, from: State, to: State) -> &'static [Who] {
    table(kind).iter().find(|it| (it.0, it.1) == (from, to)).map_or(&[], |it| it.2)
}

/// The table as a Mermaid state diagram.
pub fn diagram(kind: TicketKind) -> String {
    let arrow = |(from, to, who): &Move| {
        let who = if who.len() == Who::ALL.len() {
            "anybody".to_owned()
        } else {
            who.iter().map(|it| it.as_str()).collect::<Vec<_>>().join(", ")
        };
        format!("    {} --> {}: {who}\n", from.as_str(), to.as_str())
    };
    let arrows = table(kind).iter().map(arrow);
    ["stateDiagram-v2\n".to_owned(), "    [*] --> new\n".to_owned()].into_iter().chain(arrows).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KINDS: [TicketKind; 4] = TicketKind::ALL;

    #[test]
    fn what_is_over_stays_over() {
        for (kind, who) in KINDS.into_iter().flat_map(|kind| Who::ALL.map(|who| (kind, who))) {
            assert!(reachable(kind, Closed, who).is_empty());
            assert!(reachable(kind, Cancelled, who).is_empty());
        }
        for state in State::ALL {
            let goes = |kind| Who::ALL.into_iter().any(|who| !reachable(kind, state, who).is_empty());
            assert_eq!(state.may_go_on(), KINDS.into_iter().any(goes), "{state:?}");
        }
    }

    #[test]
    fn every_state_can_be_left_for_an_end_by_some_path() {
        for (kind, who) in KINDS.into_iter().flat_map(|kind| [(kind, Manager), (kind, System)]) {
            for state in table(kind).iter().map(|(from, ..)| *from) {
                let mut seen = vec![state];
                let mut next = 0;
                while next < seen.len() {
                    seen.extend(
                        reachable(kind, seen[next], who)
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

    #[test]
    fn a_mask_narrows_and_every_move_is_somebodys() {
        for kind in KINDS {
            for (from, to, who) in table(kind) {
                assert!(!who.is_empty() && who.contains(&Manager) && who.contains(&System));
                assert_eq!(movers(kind, *from, *to), *who);
            }
            // Nobody works on a ticket for the desk but the desk, and agents do not confirm their own work.
            for from in State::ALL {
                let requester = reachable(kind, from, Requester);
                assert!(!requester.iter().any(|it| matches!(it, InProgress | OnHold | WaitingApproval)));
                assert!(!reachable(kind, from, Agent).contains(&Closed));
            }
            assert!(!reachable(kind, WaitingApproval, Agent).contains(&Assigned));
        }
    }

    #[test]
    fn no_move_stands_twice() {
        for kind in KINDS {
            let mut moves: Vec<_> = table(kind).iter().map(|(from, to, _)| (from, to)).collect();
            moves.sort_unstable();
            moves.dedup();
            assert_eq!(moves.len(), table(kind).len());
        }
    }
}
