//! Questions about what stands. Nothing changes.

use super::{Desk, fault::Fault};
use crate::{
    clock,
    domain::{
        id::TicketId,
        lookup::{TicketFilter, TicketRef},
        people::Caller,
        sla::{self, Goal},
        ticket::Ticket,
    },
    proto::{clocks::clock_to, ticket::ticket_to, v1},
};

impl Desk {
    /// One ticket.
    pub async fn ticket(&self, caller: &Caller, which: TicketRef) -> Result<v1::Ticket, Fault> {
        Ok(ticket_to(&self.find(caller, &which).await?))
    }

    pub(super) async fn find(&self, caller: &Caller, which: &TicketRef) -> Result<Ticket, Fault> {
        self.store.ticket(&caller.tenant, which).await?.ok_or(Fault::NotFound("ticket"))
    }

    /// A ticket's clocks as they stand, and why they run out when they do.
    pub async fn explain_clocks(
        &self,
        caller: &Caller,
        which: TicketRef,
    ) -> Result<v1::ExplainTicketClocksResponse, Fault> {
        let ticket = self.find(caller, &which).await?;
        let catalog = self.catalog(caller);
        let (terms, now) = (catalog.terms(&ticket), clock::now());
        let whose = |goal| match goal {
            Goal::Response | Goal::NextResponse | Goal::Update | Goal::Resolution => ticket.sla.as_str(),
            Goal::Ola => &ticket.group,
            Goal::Contract => terms.contract.map_or("", |(it, _)| &it.id),
        };
        let clocks = sla::clocks(&ticket, &terms);
        let calendar = terms.policy.map(|(_, calendar)| calendar);
        Ok(v1::ExplainTicketClocksResponse {
            clocks: clocks.iter().map(|it| clock_to(it, &ticket, whose(it.clock.goal), now)).collect(),
            calendar: calendar.map(|it| it.id.clone()).unwrap_or_default(),
            zone: calendar.map(|it| it.zone().to_owned()).unwrap_or_default(),
            sla_policy: ticket.sla.clone(),
            sla_rule: ticket.clocks.rule.clone().unwrap_or_default(),
        })
    }

    /// Tickets, newest first.
    pub async fn tickets(
        &self,
        caller: &Caller,
        filter: TicketFilter,
        after: Option<TicketId>,
        limit: u32,
    ) -> Result<Vec<v1::Ticket>, Fault> {
        let tickets = self.store.tickets(&caller.tenant, &filter, after, limit).await?;
        Ok(tickets.iter().map(ticket_to).collect())
    }

    /// The history of one ticket, oldest first.
    pub async fn ticket_events(
        &self,
        caller: &Caller,
        which: TicketRef,
        after: u64,
        limit: u32,
    ) -> Result<Vec<v1::Event>, Fault> {
        let ticket = self.find(caller, &which).await?;
        Ok(self.store.history(&caller.tenant, ticket.id, after, limit).await?)
    }

    /// The caller's events of a partition, and the position up to which it was read.
    pub async fn events(
        &self,
        caller: &Caller,
        partition: u32,
        after: u64,
        limit: u32,
    ) -> Result<(Vec<v1::Event>, u64), Fault> {
        if partition >= self.store.partitions() {
            let last = self.store.partitions().saturating_sub(1);
            return Err(Fault::field("partition", format!("must be 0 to {last}")));
        }
        let mut events = self.store.events_after(partition, after, limit).await?;
        let read_to = events.last().map_or(after, |it| it.position);
        events.retain(|it| it.tenant == caller.tenant.as_str());
        Ok((events, read_to))
    }
}
