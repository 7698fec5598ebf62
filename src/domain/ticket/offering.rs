//! An offer of a ticket to an agent, who may decline it, and what became of the offers before.

use super::Ticket;
use crate::domain::time::Timestamp;

/// To whom a ticket is offered, and who has not taken it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Offering {
    /// The offer that stands.
    pub to: Option<Offer>,
    /// Offers that were not taken, since the ticket is with this group and nobody has it.
    pub passed: Vec<Passed>,
}

/// A ticket is an agent's if they take it by then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Id of the agent.
    pub agent: String,
    /// Until when they may take it.
    pub until: Timestamp,
}

/// An offer that was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passed {
    /// Id of the agent.
    pub agent: String,
    /// They declined; else they did not answer in time.
    pub declined: bool,
}

impl Ticket {
    /// Who has the work of it: an agent, also one that it is offered to, or the group while nobody has. Nobody while
    /// there is nothing to do.
    pub fn holder(&self) -> Option<Holder<'_>> {
        if !self.state.is_workable() {
            return None;
        }
        let offered = self.offering.to.as_ref().map(|it| &it.agent);
        Some(self.agent.as_ref().or(offered).map_or(Holder::Group(&self.group), |it| Holder::Agent(it)))
    }

    /// Whether it waits for somebody of its group to take it.
    pub fn waits(&self) -> bool {
        matches!(self.holder(), Some(Holder::Group(_)))
    }
}

/// Who has the work of a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder<'a> {
    /// An agent, by id.
    Agent(&'a str),
    /// A group, by id.
    Group(&'a str),
}

impl Holder<'_> {
    /// What loads are counted under. No agent's id has a slash.
    pub fn key(self) -> String {
        match self {
            Self::Agent(id) => id.to_owned(),
            Self::Group(id) => format!("group/{id}"),
        }
    }

    /// The group's id in a key, if it is one of a group.
    pub fn group_of(key: &str) -> Option<&str> {
        key.strip_prefix("group/")
    }
}
