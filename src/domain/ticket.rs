//! A ticket: what may happen to it (`decide`), and what it is after something has (`apply`).

use super::{
    assignment::{Because, Decision},
    field::FieldValue,
    id::{ConversationId, TicketId},
    lifecycle::{self, HoldReason, State},
    people::{Language, Person},
    priority::{Impact, Priority, Urgency},
    sla::{ClockState, Due, Fired, Whom},
    template::{self, Values},
    time::Timestamp,
};

/// Which practice a ticket belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TicketKind {
    /// Something is broken.
    Incident,
    /// Somebody wants something.
    Request,
}

impl TicketKind {
    /// What its numbers begin with.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Incident => "INC",
            Self::Request => "REQ",
        }
    }
}

/// A ticket as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Ticket {
    /// Its identity.
    pub id: TicketId,
    /// What people call it.
    pub number: String,
    /// Incident or request.
    pub kind: TicketKind,
    /// Where it stands.
    pub state: State,
    /// Id of its template.
    pub template: String,
    /// Version of the template.
    pub template_version: u32,
    /// Id of the service concerned.
    pub service: String,
    /// One line.
    pub subject: String,
    /// What the requester said.
    pub description: String,
    /// Who needs help.
    pub requester: Person,
    /// Language that they are answered in.
    pub language: Language,
    /// Values of the template's fields.
    pub fields: Values,
    /// Effect on the business.
    pub impact: Impact,
    /// How long it can wait.
    pub urgency: Urgency,
    /// Order of work.
    pub priority: Priority,
    /// Id of the group that has it.
    pub group: String,
    /// Id of the agent who has it.
    pub agent: Option<String>,
    /// Why it is on hold.
    pub hold: Option<HoldReason>,
    /// What was done; empty until resolved.
    pub resolution: String,
    /// When it was opened.
    pub opened: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
    /// Id of the SLA policy.
    pub sla: String,
    /// By when it must be answered and resolved.
    pub due: Due,
    /// What that is reckoned from.
    pub clocks: ClockState,
    /// When somebody first answered.
    pub responded: Option<Timestamp>,
    /// When it was resolved.
    pub resolved: Option<Timestamp>,
    /// Counts its events.
    pub version: u64,
    /// The conversation that opened it.
    pub conversation: Option<ConversationId>,
    /// How many comments it has.
    pub comments: u32,
}

/// What somebody wants of a ticket that stands.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Say something.
    Comment {
        /// What.
        text: String,
        /// Only agents see it.
        internal: bool,
        /// The requester says it.
        by_requester: bool,
    },
    /// Another state.
    Move {
        /// Which.
        to: State,
        /// Needed for on hold.
        hold: Option<HoldReason>,
        /// Needed for resolved.
        resolution: String,
    },
    /// Another group or agent.
    Assign {
        /// Id of the group.
        group: String,
        /// Id of the agent.
        agent: Option<String>,
        /// Why.
        because: Vec<Because>,
    },
    /// Other values.
    Update(Update),
}

/// Other values of a ticket; `None` and empty leave what is there. Priority and due times have been
/// worked out by whoever knows the catalogue.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Update {
    /// One line.
    pub subject: Option<String>,
    /// Effect on the business.
    pub impact: Option<Impact>,
    /// How long it can wait.
    pub urgency: Option<Urgency>,
    /// From the two.
    pub priority: Option<Priority>,
    /// Values to set.
    pub fields: Values,
    /// By when: from the original start, with all pauses.
    pub due: Option<Due>,
    /// Version of the catalogue that the due times were reckoned with.
    pub catalog: Option<u64>,
}

/// What happened to a ticket.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// It was opened, routed and given its due times.
    Opened {
        /// The ticket as opened.
        ticket: Box<Ticket>,
        /// Where it went, and why.
        decision: Box<Decision>,
    },
    /// It was given to somebody.
    Assigned {
        /// Id of the group.
        group: String,
        /// Id of the agent.
        agent: Option<String>,
        /// Why.
        because: Vec<Because>,
    },
    /// Something was said.
    Commented {
        /// Who.
        author: String,
        /// What.
        text: String,
        /// Only agents see it.
        internal: bool,
        /// The requester said it.
        by_requester: bool,
    },
    /// It reached another state.
    Moved {
        /// From.
        from: State,
        /// To.
        to: State,
        /// Why it waits.
        hold: Option<HoldReason>,
        /// What was done.
        resolution: String,
        /// The requester moved it, which is no answer to them.
        by_requester: bool,
    },
    /// Values changed.
    Updated(Update),
    /// So much of a goal's time has passed.
    Escalated {
        /// Of which goal, and how much.
        fired: Fired,
        /// When that was; the event may come later.
        at: Timestamp,
        /// Who is to be told.
        notify: Vec<Whom>,
    },
}

/// Why a command may not be carried out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The life cycle has no such move.
    #[error("a ticket that is {} cannot become {}; now it may become {}", from.as_str(), to.as_str(), list(allowed))]
    NoSuchMove {
        /// Where it stands.
        from: State,
        /// Where it should go.
        to: State,
        /// Where it may go.
        allowed: Vec<State>,
    },
    /// On hold needs a reason.
    #[error("on hold needs a hold_reason")]
    NoHoldReason,
    /// Resolved needs a word on what was done.
    #[error("resolved needs a resolution: a line on what was done")]
    NoResolution,
    /// It is over; nothing changes any more.
    #[error("a ticket that is {} does not change any more", .0.as_str())]
    Over(State),
    /// It is there already.
    #[error("it already has that group and agent")]
    AlreadyThere,
    /// The change changes nothing.
    #[error("nothing to change")]
    NothingToChange,
}

fn list(states: &[State]) -> String {
    if states.is_empty() {
        "nothing else".to_owned()
    } else {
        states.iter().map(|it| it.as_str()).collect::<Vec<_>>().join(", ")
    }
}

/// An agent's open tickets went up or down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadChange {
    /// Id of the agent.
    pub agent: String,
    /// One more or one less.
    pub delta: i32,
}

impl Ticket {
    /// Says what would happen. Changes nothing, and may refuse.
    pub fn decide(&self, command: Command, actor: &str) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Comment { text, internal, by_requester } => {
                self.comment(text, internal, by_requester, actor)
            }
            Command::Move { to, hold, resolution } => self.transition(to, hold, resolution, actor),
            Command::Assign { group, agent, because } => self.assign(group, agent, because),
            Command::Update(update) => self.update(update),
        }
    }

    fn comment(
        &self,
        text: String,
        internal: bool,
        by_requester: bool,
        actor: &str,
    ) -> Result<Vec<Event>, Refusal> {
        if matches!(self.state, State::Closed | State::Cancelled) {
            return Err(Refusal::Over(self.state));
        }
        let said = Event::Commented { author: actor.to_owned(), text, internal, by_requester };
        // What the requester was asked for has come: the work goes on (the waiting was for them).
        let answered =
            by_requester && self.state == State::OnHold && self.hold == Some(HoldReason::Requester);
        let to = if self.agent.is_some() { State::InProgress } else { State::Assigned };
        let resumed =
            Event::Moved { from: self.state, to, hold: None, resolution: String::new(), by_requester };
        Ok(if answered { vec![said, resumed] } else { vec![said] })
    }

    fn transition(
        &self,
        to: State,
        hold: Option<HoldReason>,
        resolution: String,
        actor: &str,
    ) -> Result<Vec<Event>, Refusal> {
        if !lifecycle::table(self.kind).contains(&(self.state, to)) {
            let allowed = lifecycle::reachable(self.kind, self.state);
            return Err(Refusal::NoSuchMove { from: self.state, to, allowed });
        }
        if to == State::OnHold && hold.is_none() {
            return Err(Refusal::NoHoldReason);
        }
        if to == State::Resolved && resolution.trim().is_empty() {
            return Err(Refusal::NoResolution);
        }
        let hold = hold.filter(|_| to == State::OnHold);
        let resolution = if to == State::Resolved { resolution } else { String::new() };
        let by_requester = actor == self.requester.subject;
        Ok(vec![Event::Moved { from: self.state, to, hold, resolution, by_requester }])
    }

    fn assign(
        &self,
        group: String,
        agent: Option<String>,
        because: Vec<Because>,
    ) -> Result<Vec<Event>, Refusal> {
        if !self.state.is_open() {
            return Err(Refusal::Over(self.state));
        }
        if self.group == group && self.agent == agent {
            return Err(Refusal::AlreadyThere);
        }
        Ok(vec![Event::Assigned { group, agent, because }])
    }

    fn update(&self, update: Update) -> Result<Vec<Event>, Refusal> {
        if !self.state.is_open() {
            return Err(Refusal::Over(self.state));
        }
        if update == Update::default() {
            Err(Refusal::NothingToChange)
        } else {
            Ok(vec![Event::Updated(update)])
        }
    }

    /// The ticket that an opening event made; `None` for any other event.
    pub fn opened(event: &Event) -> Option<Self> {
        match event {
            Event::Opened { ticket, .. } => Some(Self::clone(ticket)),
            Event::Assigned { .. }
            | Event::Commented { .. }
            | Event::Moved { .. }
            | Event::Updated(_)
            | Event::Escalated { .. } => None,
        }
    }

    /// Takes in what did happen. An event is a fact, so this cannot fail.
    #[must_use]
    pub fn apply(mut self, event: &Event, at: Timestamp) -> Self {
        match event {
            Event::Opened { ticket, .. } => return Self::clone(ticket),
            Event::Assigned { group, agent, .. } => {
                self.group.clone_from(group);
                self.agent.clone_from(agent);
                if self.state == State::New {
                    self.state = State::Assigned;
                }
            }
            Event::Commented { internal, by_requester, .. } => {
                self.comments += 1;
                if !internal && !by_requester {
                    self.responded.get_or_insert(at);
                    self.clocks.answer();
                } else if *by_requester && self.state.is_open() && self.responded.is_some() {
                    // Thanks for what is done ask for nothing.
                    self.clocks.ask(at);
                }
            }
            Event::Moved { to, hold, resolution, by_requester, .. } => {
                if matches!(to, State::InProgress | State::Resolved) && !by_requester {
                    self.responded.get_or_insert(at);
                }
                let is_back = self.state == State::Resolved && to.is_open();
                self.arrive(*to, *hold, resolution, at);
                if is_back && *by_requester {
                    // "It is still broken" waits for an answer.
                    self.clocks.ask(at);
                }
            }
            Event::Updated(update) => self.take(update),
            Event::Escalated { fired, .. } => self.clocks.fire(*fired),
        }
        self.version += 1;
        self.updated = at;
        self
    }

    fn arrive(&mut self, to: State, hold: Option<HoldReason>, resolution: &str, at: Timestamp) {
        self.state = to;
        self.hold = hold;
        self.clocks.arrive(to, hold, at);
        match to {
            State::Resolved => {
                self.resolution = resolution.to_owned();
                self.resolved = Some(at);
            }
            State::Closed => {}
            State::New
            | State::WaitingApproval
            | State::Assigned
            | State::InProgress
            | State::OnHold
            | State::Cancelled => {
                self.resolution.clear();
                self.resolved = None;
            }
        }
    }

    fn take(&mut self, update: &Update) {
        if let Some(subject) = &update.subject {
            self.subject.clone_from(subject);
        }
        self.impact = update.impact.unwrap_or(self.impact);
        self.urgency = update.urgency.unwrap_or(self.urgency);
        self.priority = update.priority.unwrap_or(self.priority);
        self.due = update.due.unwrap_or(self.due);
        for (id, value) in &update.fields {
            template::set(&mut self.fields, id, value.clone());
        }
    }

    /// How the agents' loads change between two states of one ticket.
    pub fn load_changes(before: Option<&Self>, after: &Self) -> Vec<LoadChange> {
        let holder = |it: &Self| it.agent.clone().filter(|_| it.state.is_open());
        let (old, new) = (before.and_then(holder), holder(after));
        if old == new {
            return vec![];
        }
        let less = old.map(|agent| LoadChange { agent, delta: -1 });
        let more = new.map(|agent| LoadChange { agent, delta: 1 });
        less.into_iter().chain(more).collect()
    }

    /// A field's value.
    pub fn value(&self, field: &str) -> Option<&FieldValue> {
        self.fields.iter().find(|(id, _)| id == field).map(|(_, value)| value)
    }
}

/// One line for a list: the first line of a text that says something, shortened to 120 characters.
pub fn subject_of(text: &str) -> String {
    let says = |line: &&str| line.chars().filter(|it| it.is_alphanumeric()).count() > 2;
    let line = text.lines().find(says).unwrap_or(text);
    let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= 120 { line } else { line.chars().take(119).chain(['…']).collect() }
}

#[cfg(test)]
pub(super) mod tests;
