//! Problems: they are opened of incidents, diagnosed, and told to whoever meets them. A problem is a ticket; all else of
//! its life is as of any ticket.

mod article;
mod errors;

use super::{
    Desk, content,
    fault::Fault,
    founding::{Founding, Way},
};
use crate::{
    domain::{
        lookup::TicketRef,
        people::Caller,
        ticket::{Relation, TicketKind},
    },
    proto::v1,
};
pub use errors::KnownError;

/// A problem to open.
#[derive(Debug, Clone)]
pub struct NewProblem {
    /// Request id.
    pub request: String,
    /// Open incidents that it causes.
    pub incidents: Vec<TicketRef>,
    /// Id of a template of kind problem; `problem` if not said.
    pub template: Option<String>,
    /// One line; the first incident's if empty.
    pub subject: String,
    /// What is seen.
    pub description: String,
}

/// A problem is opened of the incidents that it causes.
const OF_INCIDENTS: Way = Way {
    kind: TicketKind::Problem,
    not_of: &[TicketKind::Problem, TicketKind::Change],
    of: "incidents or requests",
    field: "incidents",
    relation: Relation::CausedBy,
};

impl Desk {
    /// Opens a problem, and links the incidents to it.
    pub async fn open_problem(&self, caller: &Caller, new: NewProblem) -> Result<v1::Ticket, Fault> {
        let content = content::of_problem(&new);
        let NewProblem { request, incidents, template, subject, description } = new;
        let founding =
            Founding { request, content, template, of: incidents, about: vec![], subject, description };
        self.open_of(caller, &OF_INCIDENTS, founding).await
    }
}
