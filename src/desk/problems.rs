//! Problems: they are opened of incidents, diagnosed, and told to whoever meets them. A problem is a ticket; all else of
//! its life is as of any ticket.

mod article;
mod errors;

use super::{
    Desk,
    command::{Change, NewTicket, What, Wish},
    content,
    fault::{Fault, Violation},
};
use crate::{
    domain::{
        approval::agent_person,
        id::TicketId,
        lookup::TicketRef,
        people::Caller,
        template::Values,
        ticket::{AssetLink, Relation, Ticket, TicketKind},
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

/// The template of problems of which nothing else is said.
const TEMPLATE: &str = "problem";

impl Desk {
    /// Opens a problem, and links the incidents to it: one command for each, so that whoever asks again after a failure
    /// finds done what was done.
    pub async fn open_problem(&self, caller: &Caller, new: NewProblem) -> Result<v1::Ticket, Fault> {
        let catalog = self.catalog(caller);
        let template = new.template.clone().unwrap_or_else(|| TEMPLATE.to_owned());
        let is_problem = catalog.template(&template).is_some_and(|it| it.kind == TicketKind::Problem);
        if !is_problem {
            let problem = format!("the catalogue has no template `{template}` of kind problem");
            return Err(Fault::field("template", problem));
        }
        let incidents = self.incidents(caller, &new).await?;
        let requester = agent_person(&catalog, &caller.subject);
        let first = incidents.first();
        let subject = if new.subject.is_empty() {
            first.map(|it| it.subject.clone()).unwrap_or_default()
        } else {
            new.subject.clone()
        };
        let lines = incidents.iter().map(|it| format!("{}: {}", it.number, it.subject));
        let description = if new.description.trim().is_empty() {
            lines.collect::<Vec<_>>().join("\n")
        } else {
            new.description.clone()
        };
        let ticket = NewTicket {
            request: new.request.clone(),
            template,
            opened_by: Some(requester.clone()),
            requester,
            subject,
            description,
            fields: Values::new(),
            impact: incidents.iter().map(|it| it.said().impact).max(),
            urgency: incidents.iter().map(|it| it.urgency).max(),
        };
        let mut about: Vec<AssetLink> = vec![];
        for it in incidents.iter().flat_map(|it| &it.assets.links).filter(|it| it.how.is_about()) {
            if about.iter().all(|known| known.asset != it.asset) {
                about.push(AssetLink::new(it.asset, &it.tag, it.how));
            }
        }
        let problem = self.open_about(caller, ticket, about, content::of_problem(&new)).await?;
        let which: TicketId = problem.id.parse().map_err(|_| Fault::Unavailable)?;
        for incident in &incidents {
            self.link_incident(caller, &new.request, incident.id, which).await?;
        }
        self.draw_at_once().await;
        let opened = self.find(caller, &TicketRef::Id(which)).await?;
        Ok(crate::proto::ticket::ticket_to(&opened))
    }

    /// The incidents of a new problem; all that is wrong with them at once.
    async fn incidents(&self, caller: &Caller, new: &NewProblem) -> Result<Vec<Ticket>, Fault> {
        // A request that was done finds them as they are now.
        let is_done = self.store.is_done(&caller.tenant, &new.request).await?;
        let (mut found, mut wrong): (Vec<Ticket>, _) = (vec![], vec![]);
        for (at, which) in new.incidents.iter().enumerate() {
            let ticket = self.store.ticket(&caller.tenant, which).await?;
            let problem = match &ticket {
                None => Some("there is no such ticket".to_owned()),
                Some(it) if matches!(it.kind, TicketKind::Problem | TicketKind::Change) => Some(format!(
                    "{} is a {} itself; name incidents or requests",
                    it.number,
                    it.kind.as_str()
                )),
                Some(it) if !it.state.is_open() && !is_done => {
                    Some(format!("{} is {}; only open ones are linked", it.number, it.state.as_str()))
                }
                Some(_) => None,
            };
            wrong.extend(problem.map(|it| Violation::new(format!("incidents[{at}]"), it)));
            let is_new = |it: &Ticket| found.iter().all(|known| known.id != it.id);
            found.extend(ticket.filter(is_new));
        }
        if found.is_empty() && wrong.is_empty() && new.description.trim().is_empty() {
            wrong.push(Violation::new("description", "is required where there are no incidents"));
        }
        if wrong.is_empty() { Ok(found) } else { Err(Fault::Malformed(wrong)) }
    }

    async fn link_incident(
        &self,
        caller: &Caller,
        request: &str,
        incident: TicketId,
        problem: TicketId,
    ) -> Result<(), Fault> {
        // No caller can send such an id.
        let request = format!("\u{1}problem {request} {incident}");
        let other = TicketRef::Id(problem);
        let what = What::Tie(Wish::Link { relation: Relation::CausedBy, other });
        let change = Change { request, ticket: TicketRef::Id(incident), what, expected: None };
        match self.change(caller, change).await {
            // Somebody linked or ended it meanwhile; the answer shows which are linked.
            Ok(_) | Err(Fault::Refused(_)) => Ok(()),
            Err(fault) => Err(fault),
        }
    }
}
