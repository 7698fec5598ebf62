//! What waits for somebody's consent. Nothing changes.

use super::spoken_for;
use crate::{
    desk::{Desk, fault::Fault},
    domain::{
        approval::{self, Approval},
        catalog::Catalog,
        id::TicketId,
        lookup::TicketRef,
        people::{Caller, Person, Role},
        ticket::Ticket,
    },
    proto::{
        approval::approval_to,
        ticket::{person_to, values_to},
        time::time_to,
        v1,
    },
};

impl Desk {
    /// What waits for somebody's consent, the oldest first, behind one of them.
    pub async fn pending_approvals(
        &self,
        caller: &Caller,
        person: Option<Person>,
        after: Option<TicketId>,
        limit: u32,
    ) -> Result<Vec<v1::ApprovalRequest>, Fault> {
        let catalog = self.catalog(caller);
        let person = spoken_for(&catalog, caller, person)?;
        let tickets = self.store.pending_approvals(&caller.tenant, &person, after, limit).await?;
        Ok(tickets.iter().map(|it| request(it, &catalog)).collect())
    }

    /// The approval of one ticket. A bot sees it for those whom it concerns; for others there is no such ticket.
    pub async fn approval(
        &self,
        caller: &Caller,
        person: Option<Person>,
        which: TicketRef,
    ) -> Result<v1::ApprovalRequest, Fault> {
        let catalog = self.catalog(caller);
        let person = spoken_for(&catalog, caller, person)?;
        let ticket = self.find(caller, &which).await?;
        let is_own = approval::as_asked(&catalog, &ticket.requester) == person;
        let concerns = is_own || ticket.approval.as_ref().is_some_and(|it| it.knows(&person));
        if concerns || caller.has(&[Role::Agent, Role::Manager, Role::Admin]) {
            Ok(request(&ticket, &catalog))
        } else {
            Err(Fault::NotFound("ticket"))
        }
    }
}

/// A request and its approval, in the contract's words.
pub(super) fn request(ticket: &Ticket, catalog: &Catalog) -> v1::ApprovalRequest {
    let current = ticket.approval.as_deref().and_then(Approval::current);
    let price = catalog.template_of(ticket).and_then(|it| it.prices.of(&ticket.fields));
    v1::ApprovalRequest {
        ticket: ticket.id.to_string(),
        number: ticket.number.clone(),
        template: ticket.template.clone(),
        subject: ticket.subject.clone(),
        description: ticket.description.clone(),
        requester: Some(person_to(&ticket.requester)),
        fields: values_to(&ticket.fields),
        approval: ticket.approval.as_deref().map(approval_to),
        step: current.and_then(|(at, _)| u32::try_from(at).ok()),
        due_time: approval::due(ticket, catalog).map(time_to),
        needed: current.map_or(0, |(_, step)| count(step.needed())),
        price: price.map(|it| it.to_string()).unwrap_or_default(),
        agreed: current.map_or(0, |(_, step)| count(step.count(true))),
    }
}

fn count(it: usize) -> u32 {
    u32::try_from(it).unwrap_or(u32::MAX)
}
