//! The catalogue as one checked value: every id that something names exists.

use super::{
    approval::Approver,
    asset::AssetType,
    assignment::{Agent, Group, Rule},
    calendar::Calendar,
    change::ChangeRules,
    members::{Members, Roster},
    priority::Matrix,
    profile::Directory,
    service::{Service, Stage},
    sla::{SlaPolicy, SlaRule, Supplier},
    template::{Audience, Template},
    ticket::Ticket,
};

mod terms;

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
    /// Which policy a ticket falls under, in order; else its template's.
    pub sla_rules: Vec<SlaRule>,
    /// Suppliers.
    pub suppliers: Vec<Supplier>,
    /// Routing rules, in order.
    pub rules: Vec<Rule>,
    /// Impact by urgency to priority.
    pub matrix: Matrix,
    /// How the directory of people is used.
    pub people: Directory,
    /// Who of the agents is in which group.
    pub members: Members,
    /// Who may be asked to agree to requests.
    pub approvers: Vec<Approver>,
    /// Types of assets.
    pub asset_types: Vec<AssetType>,
    /// What changes go by.
    pub changes: ChangeRules,
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
        self.template(id).filter(|it| self.is_offered(it))
    }

    /// Whether employees may ask for a template: it is for them, and its service is there.
    pub fn is_offered(&self, template: &Template) -> bool {
        let stage = self.service(&template.service).map(|it| it.stage);
        template.audience == Audience::Everyone && stage.is_none_or(|it| it == Stage::Live)
    }

    /// Whether nothing new is opened of a template any more: its service has ended.
    pub fn is_retired(&self, template: &Template) -> bool {
        self.service(&template.service).is_some_and(|it| it.stage == Stage::Retired)
    }

    /// A service by its id.
    pub fn service(&self, id: &str) -> Option<&Service> {
        self.services.iter().find(|it| it.id == id)
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

    /// The agent with a user name in the directory of people, in lower case.
    pub fn agent_of_user(&self, key: &str) -> Option<&Agent> {
        self.agents.get(self.roster().user(key)? as usize)
    }

    /// An approver by their id.
    pub fn approver(&self, id: &str) -> Option<&Approver> {
        self.approvers.iter().find(|it| it.id == id)
    }

    /// A type of assets by its id.
    pub fn asset_type(&self, id: &str) -> Option<&AssetType> {
        self.asset_types.iter().find(|it| it.id == id)
    }

    /// Whether any request may have to wait for somebody's consent.
    pub fn asks_approval(&self) -> bool {
        !self.approvers.is_empty() || self.templates.iter().any(|it| it.approval.is_some())
    }

    /// A calendar by its id.
    pub fn hours(&self, id: &str) -> Option<&Calendar> {
        self.calendars.iter().find(|it| it.id == id)
    }

    /// The agents of a group.
    pub fn members<'a>(&'a self, group: &str) -> impl Iterator<Item = &'a Agent> {
        self.roster().members(group).iter().filter_map(|it| self.agents.get(*it as usize))
    }

    /// What choices among the agents ask of them.
    pub fn roster(&self) -> &Roster {
        self.members.of(&self.agents, &self.groups)
    }

    /// The name of the zone in whose hours an SLA policy counts.
    pub fn zone(&self, policy: &str) -> &str {
        self.calendar(policy).map_or("UTC", Calendar::zone)
    }

    /// The calendar in whose hours an SLA policy counts.
    pub fn calendar(&self, policy: &str) -> Option<&Calendar> {
        self.sla(policy).map(|(_, calendar)| calendar)
    }

    /// An SLA policy and the calendar in whose hours it counts where nothing else is said.
    pub fn sla(&self, policy: &str) -> Option<(&SlaPolicy, &Calendar)> {
        let policy = self.policy(policy)?;
        Some((policy, self.hours(&policy.calendar)?))
    }
}
