//! What is measured of one ticket or of one conversation, folded from its events.

use std::{collections::HashSet, sync::Arc};

use super::reading::{self, Help};
use crate::domain::{
    assignment::Gate, lifecycle::State, priority::Priority, sla, ticket::TicketKind, time::Timestamp,
};

/// What is measured of one thing.
#[derive(Debug, Clone, PartialEq)]
pub enum Life {
    /// A ticket's.
    Ticket(Box<TicketLife>),
    /// A conversation's: what articles solved in it.
    Reading(Vec<Help>),
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
    /// It has waited for something: on hold, for consent, or for a window.
    pub held: bool,
    /// How satisfied the requester is with its endings.
    pub ratings: Vec<Rated>,
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
    /// Working seconds of the ticket until then, if they are known.
    pub worked: Option<u32>,
}

/// When an event was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// When.
    pub at: Timestamp,
    /// Working seconds of its ticket until then, if it says so.
    pub worked: Option<u32>,
}

/// How satisfied the requester is with an ending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rated {
    /// Which: so often the ticket had been taken up again by then.
    pub ending: u32,
    /// From 1 to 5, as they said last.
    pub score: u8,
    /// When they said so first.
    pub mark: Mark,
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
    /// Somebody in a conversation said that an article helped, or says so no more.
    Read {
        /// Id of the article.
        article: &'a str,
        /// It helped.
        helped: bool,
    },
    /// A ticket was opened in the conversation.
    Came,
    /// Nothing that is measured, but how goals ended may have changed with it.
    Else,
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
    pub fn after(before: Option<Self>, step: &Step<'_>, when: Moment, names: &mut Names) -> Option<Self> {
        match (before, step) {
            (_, Step::Opened(it)) => Some(Self::Ticket(Box::new(TicketLife::opened(it, when, names)))),
            (Some(Self::Ticket(mut life)), step) => {
                life.go(step, when, names);
                Some(Self::Ticket(life))
            }
            // That somebody was shown an article counts for nothing.
            (None, Step::Read { helped: false, .. }) => None,
            (before, Step::Read { article, helped }) => {
                let mut helps = if let Some(Self::Reading(it)) = before { it } else { vec![] };
                reading::note(&mut helps, &names.get(article), *helped, when.at);
                Some(Self::Reading(helps))
            }
            (Some(Self::Reading(mut helps)), Step::Came) => {
                reading::came(&mut helps, when.at);
                Some(Self::Reading(helps))
            }
            (before, _) => before,
        }
    }
}

impl TicketLife {
    fn opened(it: &Opened<'_>, when: Moment, names: &mut Names) -> Self {
        let group = names.get(it.group);
        let mark = |at| Mark { at, group: Arc::clone(&group), worked: when.worked };
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
            held: waits(it.state),
            ratings: vec![],
            goals: vec![],
            group,
        }
    }

    fn go(&mut self, step: &Step<'_>, at: Moment, names: &mut Names) {
        match step {
            // A ticket is opened once; a conversation is no ticket.
            Step::Opened(_) | Step::Read { .. } | Step::Came | Step::Else => {}
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
            Step::Rated(score) => self.rate(*score, at),
        }
    }

    /// Another word on the same ending takes the place of the first, on its day.
    fn rate(&mut self, score: u8, at: Moment) {
        let ending = u32::try_from(self.reopened.len()).unwrap_or(u32::MAX);
        match self.ratings.iter_mut().find(|it| it.ending == ending) {
            Some(it) => it.score = score,
            None => self.ratings.push(Rated { ending, score, mark: self.mark(at) }),
        }
    }

    fn assign(&mut self, (group, agent): (&str, &str), by_person: bool, at: Moment, names: &mut Names) {
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

    fn arrive(&mut self, to: State, by_requester: bool, at: Moment) {
        let from = std::mem::replace(&mut self.state, to);
        if !by_requester && matches!(to, State::Analysing | State::InProgress | State::Resolved) {
            self.respond(at);
        }
        if !by_requester
            && matches!(to, State::Analysing | State::InProgress | State::OnHold | State::Resolved)
        {
            self.acknowledge(at);
        }
        self.held |= waits(to);
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

    fn acknowledge(&mut self, at: Moment) {
        if self.acknowledged.is_none() {
            self.acknowledged = Some(self.mark(at));
        }
    }

    fn respond(&mut self, at: Moment) {
        if self.responded.is_none() {
            self.responded = Some(self.mark(at));
        }
    }

    fn mark(&self, Moment { at, worked }: Moment) -> Mark {
        Mark { at, group: Arc::clone(&self.group), worked }
    }

    /// Whether whoever had it first resolved it, without a hand-over, without waiting, and for good.
    pub fn is_first_contact(&self) -> bool {
        self.reassigned == 0 && !self.held && self.reopened.is_empty()
    }
}

/// Whether a ticket that gets there waits for something or somebody.
fn waits(state: State) -> bool {
    match state {
        State::WaitingApproval | State::Scheduled | State::OnHold => true,
        State::New
        | State::Assigned
        | State::Analysing
        | State::InProgress
        | State::Resolved
        | State::Closed
        | State::Cancelled => false,
    }
}
