//! The catalogue as one checked value: every id that something names exists.

use super::{
    assignment::{Agent, Group, Rule},
    calendar::Calendar,
    lifecycle::State,
    members::Members,
    priority::Matrix,
    sla::{self, Due, SlaPolicy},
    template::{Audience, Template},
    ticket::Ticket,
};

/// What the desk offers, who does the work, and by when.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Catalog {
    /// Rises with every apply; 0 is the starter catalogue before anything was stored.
    pub version: u64,
    /// Services.
    pub services: Vec<Service>,
    /// Groups of agents.
    pub groups: Vec<Group>,
    /// Agents.
    pub agents: Vec<Agent>,
    /// Ticket templates.
    pub templates: Vec<Template>,
    /// Templates as they were before, in every version that differs from the next.
    pub earlier: Vec<Template>,
    /// Calendars.
    pub calendars: Vec<Calendar>,
    /// SLA policies.
    pub policies: Vec<SlaPolicy>,
    /// Routing rules, in order.
    pub rules: Vec<Rule>,
    /// Impact by urgency to priority.
    pub matrix: Matrix,
    /// Who of the agents is in which group.
    pub members: Members,
}

/// Something that the company gives to its people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Id of the group that owns it.
    pub owner: String,
}

/// Labels of the text model that are intents and no templates; a template may not have one as its id.
pub const INTENTS: [&str; 8] =
    ["status", "comment", "close", "reopen", "greeting", "thanks", "person", "out_of_scope"];

/// The template for what no other fits, or what a person must look at first; every catalogue has it.
pub const FALLBACK: &str = "other";

impl Catalog {
    /// A template by its id.
    pub fn template(&self, id: &str) -> Option<&Template> {
        self.templates.iter().find(|it| it.id == id)
    }

    /// A template by its id, if employees may ask for it.
    pub fn offered(&self, id: &str) -> Option<&Template> {
        self.template(id).filter(|it| it.audience == Audience::Everyone)
    }

    /// A template as it was in a version.
    pub fn template_at(&self, id: &str, version: u32) -> Option<&Template> {
        let all = self.templates.iter().chain(&self.earlier);
        all.into_iter().find(|it| it.id == id && it.version == version)
    }

    /// What a ticket was opened from: its template in that version, else as it is now.
    pub fn template_of(&self, ticket: &Ticket) -> Option<&Template> {
        self.template_at(&ticket.template, ticket.template_version)
            .or_else(|| self.template(&ticket.template))
    }

    /// A group by its id.
    pub fn group(&self, id: &str) -> Option<&Group> {
        self.groups.iter().find(|it| it.id == id)
    }

    /// An agent by their id.
    pub fn agent(&self, id: &str) -> Option<&Agent> {
        self.agents.iter().find(|it| it.id == id)
    }

    /// A calendar by its id.
    pub fn hours(&self, id: &str) -> Option<&Calendar> {
        self.calendars.iter().find(|it| it.id == id)
    }

    /// The agents of a group.
    pub fn members<'a>(&'a self, group: &str) -> impl Iterator<Item = &'a Agent> {
        self.members.of(group, &self.agents).iter().filter_map(|it| self.agents.get(*it))
    }

    /// The name of the zone in whose hours an SLA policy counts.
    pub fn zone(&self, policy: &str) -> &str {
        self.calendar(policy).map_or("UTC", Calendar::zone)
    }

    /// The calendar in whose hours an SLA policy counts.
    pub fn calendar(&self, policy: &str) -> Option<&Calendar> {
        self.sla(policy).map(|(_, calendar)| calendar)
    }

    /// An SLA policy and the calendar in whose hours it counts.
    pub fn sla(&self, policy: &str) -> Option<(&SlaPolicy, &Calendar)> {
        let policy = self.policies.iter().find(|it| it.id == policy)?;
        Some((policy, self.hours(&policy.calendar)?))
    }

    /// The due times of a ticket as it stands, and when the desk must look at it: for its clocks, or because an offer
    /// ends.
    pub fn due(&self, ticket: &Ticket) -> Due {
        let due = self.promised(ticket);
        let offered = ticket.offering.to.as_ref().map(|it| it.until);
        Due { look: due.look.into_iter().chain(offered).min(), ..due }
    }

    /// Those of work that is done stay as they were, whatever becomes of
    /// the catalogue. A policy that has left it promises nothing new and takes nothing back; then the desk does
    /// not look at the ticket by itself any more.
    fn promised(&self, ticket: &Ticket) -> Due {
        let Some((policy, calendar)) = self.sla(&ticket.sla) else { return Due { look: None, ..ticket.due } };
        if matches!(ticket.state, State::Closed | State::Cancelled) {
            return Due { look: None, ..ticket.due };
        }
        let due = sla::reckon(ticket, policy, calendar);
        if ticket.state.is_open() {
            return due;
        }
        Due {
            response: ticket.due.response.or(due.response),
            resolution: ticket.due.resolution.or(due.resolution),
            ..due
        }
    }
}
