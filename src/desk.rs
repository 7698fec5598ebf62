//! The shell (stand-in with the interface that the entries call; it echoes).

use std::{collections::HashMap, sync::Arc};

use tokio_stream::Stream;

use crate::{
    catalog,
    domain::{
        catalog::Catalog,
        id::TicketId,
        lifecycle::{HoldReason, State},
        people::{Caller, Language, Person, Role, Tenant},
        priority::{Impact, Urgency},
        template::Values,
        ticket::Refusal,
    },
    proto::v1,
};

/// The shell.
#[derive(Debug, Clone, Default)]
pub struct Desk {
    catalog: Arc<Catalog>,
}

/// One message of an employee.
#[derive(Debug, Clone)]
pub struct Message {
    /// The bot's id of it.
    pub request: String,
    /// The bot's key of the conversation.
    pub key: String,
    /// Who wrote.
    pub requester: Person,
    /// What.
    pub text: String,
    /// Answer in this language.
    pub language: Option<Language>,
}

/// A ticket to open.
#[derive(Debug, Clone)]
pub struct NewTicket {
    /// Request id.
    pub request: String,
    /// Id of the template.
    pub template: String,
    /// Who needs help.
    pub requester: Person,
    /// One line; may be empty.
    pub subject: String,
    /// What happened.
    pub description: String,
    /// Values of fields.
    pub fields: Values,
    /// Effect on the business.
    pub impact: Option<Impact>,
    /// How long it can wait.
    pub urgency: Option<Urgency>,
}

/// A change of a ticket.
#[derive(Debug, Clone)]
pub struct Change {
    /// Request id.
    pub request: String,
    /// Which ticket.
    pub ticket: TicketRef,
    /// What to change.
    pub what: What,
    /// Refuse unless it has this version.
    pub expected: Option<u64>,
}

/// What to change of a ticket.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// Say something.
    Comment {
        /// What.
        text: String,
        /// Only agents see it.
        internal: bool,
    },
    /// Another state.
    Move {
        /// Which.
        to: State,
        /// Why it waits.
        hold: Option<HoldReason>,
        /// What was done.
        resolution: String,
    },
    /// Another group or agent.
    Assign {
        /// Id of the group.
        group: String,
        /// Id of the agent.
        agent: Option<String>,
    },
    /// Other values.
    Update {
        /// One line.
        subject: Option<String>,
        /// Effect on the business.
        impact: Option<Impact>,
        /// How long it can wait.
        urgency: Option<Urgency>,
        /// Values of fields.
        fields: Values,
    },
}

/// One ticket, by either name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TicketRef {
    /// By id.
    Id(TicketId),
    /// By number, upper case.
    Number(String),
}

impl TicketRef {
    /// Reads an id or a number in any case.
    pub fn parse(raw: &str) -> Option<Self> {
        if let Ok(id) = raw.parse() {
            return Some(Self::Id(id));
        }
        let number = raw.to_ascii_uppercase();
        let (prefix, digits) = number.split_once('-')?;
        let legal = matches!(prefix, "INC" | "REQ")
            && (1..=12).contains(&digits.len())
            && digits.bytes().all(|it| it.is_ascii_digit());
        legal.then_some(Self::Number(number))
    }
}

/// Which tickets to list.
#[derive(Debug, Clone, Default)]
pub struct TicketFilter {
    /// In one of these states.
    pub states: Vec<State>,
    /// Of this group.
    pub group: Option<String>,
    /// Of this agent.
    pub agent: Option<String>,
    /// Of this template.
    pub template: Option<String>,
    /// Of this person.
    pub requester: Option<Person>,
}

/// Why a command did not go through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Wrong fields.
    Malformed(Vec<Violation>),
    /// No such thing in the caller's tenant.
    NotFound(&'static str),
    /// The request id was used for something else.
    RequestReused(String),
    /// The rules say no.
    Refused(Refusal),
    /// Somebody changed it meanwhile.
    Stale {
        /// The version that the caller knew.
        expected: u64,
        /// The version it has.
        current: u64,
    },
    /// The queue is full.
    Busy,
    /// The store does not answer.
    Unavailable,
    /// Not theirs to do.
    Forbidden(&'static str),
}

/// One wrong field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Which.
    pub field: String,
    /// What is wrong with it.
    pub problem: String,
}

impl Desk {
    pub async fn hear(&self, _: &Caller, message: Message) -> Result<v1::SendMessageResponse, Fault> {
        tokio::task::yield_now().await;
        match message.text.as_str() {
            "busy" => Err(Fault::Busy),
            _ => Ok(v1::SendMessageResponse {
                message_id: message.request,
                text: message.text,
                ..Default::default()
            }),
        }
    }

    pub async fn open(&self, _: &Caller, new: NewTicket) -> Result<v1::Ticket, Fault> {
        Ok(v1::Ticket { template: new.template, subject: new.subject, ..Default::default() })
    }

    pub async fn change(&self, _: &Caller, _: Change) -> Result<v1::Ticket, Fault> {
        Err(Fault::NotFound("ticket"))
    }

    pub async fn ticket(&self, _: &Caller, _: TicketRef) -> Result<v1::Ticket, Fault> {
        Err(Fault::NotFound("ticket"))
    }

    pub async fn tickets(
        &self,
        _: &Caller,
        _: TicketFilter,
        _: Option<TicketId>,
        _: u32,
    ) -> Result<Vec<v1::Ticket>, Fault> {
        Ok(vec![])
    }

    pub async fn ticket_events(
        &self,
        _: &Caller,
        _: TicketRef,
        _: u64,
        _: u32,
    ) -> Result<Vec<v1::Event>, Fault> {
        Ok(vec![])
    }

    pub async fn events(
        &self,
        _: &Caller,
        _: u32,
        after: u64,
        _: u32,
    ) -> Result<(Vec<v1::Event>, u64), Fault> {
        Ok((vec![], after))
    }

    pub async fn watch(
        &self,
        _: &Caller,
        _: Option<TicketRef>,
    ) -> Result<impl Stream<Item = Result<v1::Event, Fault>> + Send + use<>, Fault> {
        Ok(tokio_stream::pending())
    }

    pub fn suggest(&self, _: &Caller, _: &str, _: bool) -> v1::Suggestion {
        v1::Suggestion::default()
    }

    pub fn catalog(&self, _: &Caller) -> Arc<Catalog> {
        Arc::clone(&self.catalog)
    }

    pub async fn catalog_files(&self, _: &Caller) -> Result<(u64, Vec<(String, String)>), Fault> {
        Ok((0, vec![]))
    }

    pub fn check_catalog(&self, _: &[(String, String)]) -> Vec<catalog::Fault> {
        vec![]
    }

    pub async fn apply_catalog(&self, _: &Caller, _: String, _: Vec<(String, String)>) -> Result<u64, Fault> {
        Ok(1)
    }

    pub async fn loads(&self, _: &Caller) -> Result<HashMap<String, u32>, Fault> {
        Ok(HashMap::new())
    }

    pub async fn caller(&self, secret: &str) -> Result<Option<Caller>, Fault> {
        let role = Role::parse(secret.trim_start_matches("token-"));
        Ok(role.zip(Tenant::parse("default")).map(|(role, tenant)| Caller {
            tenant,
            subject: secret.to_owned(),
            roles: vec![role],
        }))
    }
}
