//! What is measured of one ticket, folded from its events.

use std::{collections::HashSet, sync::Arc};

use crate::domain::{
    assignment::Gate, lifecycle::State, priority::Priority, sla, ticket::TicketKind, time::Timestamp,
};

/// What is measured of one thing.
#[derive(Debug, Clone, PartialEq)]
pub enum Life {
    /// A ticket's.
    Ticket(Box<TicketLife>),
    /// A reader's of an article: when they first said that it helped, as long as they say so.
    Reading(Option<Timestamp>),
}

/// What is measured of one ticket.
#[derive(Debug, Clone, PartialEq)]
pub struct TicketLife {
    /// Which practice it belongs to.
    pub kind: TicketKind,
    /// Id of its service.
    pub service: Arc<str>,
    /// Id of its template.
    pub template: Arc<str>,
    /// Order of work, as it is now.
    pub priority: Priority,
    /// Where it stands.
    pub state: State,
    /// Id of the group that has it now.
    pub group: Arc<str>,
    /// Id of the agent who had it last; empty if nobody ever had.
    pub agent: Arc<str>,
    /// When it was opened, and the group that it went to.
    pub opened: Mark,
    /// Whether it was routed without asking anybody; nothing if no message was read for it.
    pub automatic: Option<bool>,
    /// A person sent it to another group.
    pub rerouted: bool,
    /// When the desk first did something about it.
    pub acknowledged: Option<Mark>,
    /// When the requester first had an answer.
    pub responded: Option<Mark>,
    /// Its last resolution, while it holds.
    pub resolved: Option<Resolved>,
    /// When resolutions did not hold.
    pub reopened: Vec<Mark>,
    /// How often it went to others.
    pub reassigned: u32,
    /// It has waited for something.
    pub held: bool,
    /// How satisfied the requester is, 1 to 5, and when they said so.
    pub rating: Option<(u8, Mark)>,
    /// How its goals ended. Not from its events alone: see [`sla::Outcome`].
    pub goals: Vec<Goal>,
}

/// Something happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// When.
    pub at: Timestamp,
    /// Id of the group that had the ticket then.
    pub group: Arc<str>,
}

/// A resolution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// When, and by which group.
    pub mark: Mark,
    /// Whether the desk did it; else the requester.
    pub by_desk: bool,
}

/// A goal that ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Goal {
    /// Which.
    pub goal: sla::Goal,
    /// In time.
    pub met: bool,
    /// When it was due, and the group that had the ticket.
    pub mark: Mark,
}

/// What matters of an event.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Step<'a> {
    /// The ticket was opened.
    Opened(Opened<'a>),
    /// It was given to somebody; to nobody if the agent is empty.
    Assigned {
        /// Id of the group.
        group: &'a str,
        /// Id of the agent.
        agent: &'a str,
        /// A person did it, or took it.
        by_person: bool,
    },
    /// Something was said on it.
    Said {
        /// Only agents see it.
        internal: bool,
        /// The requester said it.
        by_requester: bool,
    },
    /// It reached another state.
    Moved {
        /// Which.
        to: State,
        /// The requester moved it.
        by_requester: bool,
    },
    /// Its priority changed.
    Ranked(Priority),
    /// The requester said how satisfied they are, 1 to 5.
    Rated(u8),
    /// A reader said that an article helped, or says so no more.
    Read {
        /// It helped.
        helped: bool,
    },
}

/// A ticket as it was opened.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Opened<'a> {
    /// Which practice it belongs to.
    pub kind: TicketKind,
    /// Id of its service.
    pub service: &'a str,
    /// Id of its template.
    pub template: &'a str,
    /// Id of the group.
    pub group: &'a str,
    /// Id of the agent; empty if nobody has it.
    pub agent: &'a str,
    /// Order of work.
    pub priority: Priority,
    /// Where it stands.
    pub state: State,
    /// When it was opened.
    pub at: Timestamp,
    /// When somebody had answered by then.
    pub responded: Option<Timestamp>,
    /// What the gate said.
    pub gate: Option<Gate>,
}

/// Ids that are many times the same, each kept once.
#[derive(Debug, Default)]
pub struct Names(HashSet<Arc<str>>);

impl Names {
    /// The one that is kept.
    pub fn get(&mut self, name: &str) -> Arc<str> {
        if let Some(known) = self.0.get(name) {
            return Arc::clone(known);
        }
        let new: Arc<str> = name.into();
        self.0.insert(Arc::clone(&new));
        new
    }
}

impl Life {
    /// What it is after something happened; nothing if it begins with anything else than its beginning. That cannot
    /// fail: an event is a fact.
    pub fn after(before: Option<Self>, step: &Step<'_>, at: Timestamp, names: &mut Names) -> Option<Self> {
        match (before, step) {
            (_, Step::Opened(it)) => Some(Self::Ticket(Box::new(TicketLife::opened(it, names)))),
            (Some(Self::Ticket(mut life)), step) => {
                life.go(step, at, names);
                Some(Self::Ticket(life))
            }
            (before, Step::Read { helped }) => {
                let since = if let Some(Self::Reading(it)) = before { it } else { None };
                Some(Self::Reading(helped.then(|| since.unwrap_or(at))))
            }
            (before, _) => before,
        }
    }
}

impl TicketLife {
    fn opened(it: &Opened<'_>, names: &mut Names) -> Self {
        let group = names.get(it.group);
        let mark = |at| Mark { at, group: Arc::clone(&group) };
        Self {
            kind: it.kind,
            service: names.get(it.service),
            template: names.get(it.template),
            priority: it.priority,
            state: it.state,
            agent: names.get(it.agent),
            opened: mark(it.at),
            automatic: it.gate.map(|it| it == Gate::Auto),
            rerouted: false,
            acknowledged: it.responded.map(mark),
            responded: it.responded.map(mark),
            resolved: None,
            reopened: vec![],
            reassigned: 0,
            held: false,
            rating: None,
            goals: vec![],
            group,
        }
    }

    fn go(&mut self, step: &Step<'_>, at: Timestamp, names: &mut Names) {
        match step {
            // A ticket is opened once; a reader is no ticket.
            Step::Opened(_) | Step::Read { .. } => {}
            Step::Assigned { group, agent, by_person } => self.assign((group, agent), *by_person, at, names),
            Step::Said { internal, by_requester: false } => {
                self.acknowledge(at);
                if !internal {
                    self.respond(at);
                }
            }
            Step::Said { by_requester: true, .. } => {}
            Step::Moved { to, by_requester } => self.arrive(*to, *by_requester, at),
            Step::Ranked(priority) => self.priority = *priority,
            Step::Rated(score) => self.rating = Some((*score, self.mark(at))),
        }
    }

    fn assign(&mut self, (group, agent): (&str, &str), by_person: bool, at: Timestamp, names: &mut Names) {
        let is_other_group = *self.group != *group;
        let is_other_agent = !agent.is_empty() && !self.agent.is_empty() && *self.agent != *agent;
        self.reassigned += u32::from(is_other_group || is_other_agent);
        self.rerouted |= is_other_group && by_person;
        if is_other_group {
            self.group = names.get(group);
        }
        // Who of the other group takes it is no hand-over of its own.
        if is_other_group || !agent.is_empty() {
            self.agent = names.get(agent);
        }
        if self.state == State::New {
            self.state = State::Assigned;
        }
        if by_person {
            self.acknowledge(at);
        }
    }

    fn arrive(&mut self, to: State, by_requester: bool, at: Timestamp) {
        let from = std::mem::replace(&mut self.state, to);
        if !by_requester && matches!(to, State::Analysing | State::InProgress | State::Resolved) {
            self.respond(at);
        }
        if !by_requester
            && matches!(to, State::Analysing | State::InProgress | State::OnHold | State::Resolved)
        {
            self.acknowledge(at);
        }
        self.held |= to == State::OnHold;
        match to {
            State::Resolved => {
                self.resolved = Some(Resolved { mark: self.mark(at), by_desk: !by_requester });
            }
            State::Closed => {}
            State::New
            | State::WaitingApproval
            | State::Assigned
            | State::Analysing
            | State::Scheduled
            | State::InProgress
            | State::OnHold
            | State::Cancelled => {
                self.resolved = None;
                if from == State::Resolved && to.is_open() {
                    self.reopened.push(self.mark(at));
                }
            }
        }
    }

    fn acknowledge(&mut self, at: Timestamp) {
        if self.acknowledged.is_none() {
            self.acknowledged = Some(self.mark(at));
        }
    }

    fn respond(&mut self, at: Timestamp) {
        if self.responded.is_none() {
            self.responded = Some(self.mark(at));
        }
    }

    fn mark(&self, at: Timestamp) -> Mark {
        Mark { at, group: Arc::clone(&self.group) }
    }

    /// Whether whoever had it first resolved it, without a hand-over, without waiting, and for good.
    pub fn is_first_contact(&self) -> bool {
        self.reassigned == 0 && !self.held && self.reopened.is_empty()
    }
}
