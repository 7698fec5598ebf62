//! Known errors, and which of them a ticket is likely about.

use std::collections::BTreeSet;

use crate::{
    desk::{Desk, fault::Fault, knowledge::meaning},
    domain::{
        lifecycle::State,
        lookup::{TicketFilter, TicketRef},
        people::Caller,
        ticket::{Diagnosis, LinkedHow, Ticket, TicketKind},
    },
};

/// Known errors in one answer.
const TOLD: usize = 50;
/// Problems of one template that are looked at, the newest.
const LOOKED_AT: u32 = 200;
/// What is less alike in meaning says nothing.
const ALIKE: f32 = 0.4;

/// A known error, and what it shares with a ticket.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownError {
    /// The problem.
    pub problem: Ticket,
    /// Tags of assets.
    pub assets: Vec<String>,
    /// Ids of services.
    pub services: Vec<String>,
    /// How near it is in meaning, from 0 to 1; 0 if too far to mean anything.
    pub likeness: f32,
}

impl Desk {
    /// Known errors, those first that a ticket is likely about; without a ticket all, the newest first.
    pub async fn known_errors(
        &self,
        caller: &Caller,
        ticket: Option<&TicketRef>,
    ) -> Result<Vec<KnownError>, Fault> {
        let ticket = match ticket {
            Some(which) => Some(self.find(caller, which).await?),
            None => None,
        };
        let said = ticket.as_ref().and_then(|it| meaning(&format!("{}\n{}", it.subject, it.description)));
        let mut all = vec![];
        for problem in self.known_problems(caller).await? {
            let Some(ticket) = ticket.as_ref().filter(|it| it.id != problem.id) else {
                all.push(KnownError { problem, assets: vec![], services: vec![], likeness: 0.0 });
                continue;
            };
            let caused = self.caused(caller, &problem).await?;
            let services: BTreeSet<_> = caused.iter().map(|it| &it.service).collect();
            let shared = services.into_iter().filter(|it| **it == ticket.service).cloned().collect();
            let likeness = said.as_ref().map_or(0.0, |it| likeness(&problem, it));
            let found =
                KnownError { assets: shared_assets(&problem, ticket), services: shared, likeness, problem };
            if !found.assets.is_empty() || !found.services.is_empty() || found.likeness > 0.0 {
                all.push(found);
            }
        }
        let rank = |it: &KnownError| (!it.assets.is_empty(), it.likeness, !it.services.is_empty());
        all.sort_by(|a, b| {
            let (one, other) = (rank(a), rank(b));
            let by_meaning = other.1.total_cmp(&one.1);
            other
                .0
                .cmp(&one.0)
                .then(by_meaning)
                .then(other.2.cmp(&one.2))
                .then(b.problem.id.cmp(&a.problem.id))
        });
        all.truncate(TOLD);
        Ok(all)
    }

    async fn known_problems(&self, caller: &Caller) -> Result<Vec<Ticket>, Fault> {
        let catalog = self.catalog(caller);
        let states: Vec<_> = State::ALL.into_iter().filter(|it| *it != State::Cancelled).collect();
        let mut all = vec![];
        for template in catalog.templates.iter().filter(|it| it.kind == TicketKind::Problem) {
            let (template, states) = (Some(template.id.clone()), states.clone());
            let filter = TicketFilter { template, states, ..TicketFilter::default() };
            let found = self.store.tickets(&caller.tenant, &filter, None, LOOKED_AT).await?;
            all.extend(found.into_iter().filter(Ticket::is_known_error));
        }
        Ok(all)
    }
}

fn likeness(problem: &Ticket, said: &[f32]) -> f32 {
    let Some(Diagnosis { symptom, error_code, .. }) = problem.diagnosis.as_deref() else { return 0.0 };
    let known = meaning(&format!("{}\n{symptom}\n{error_code}", problem.subject)).unwrap_or_default();
    let likeness: f32 = known.iter().zip(said).map(|(a, b)| a * b).sum();
    if likeness < ALIKE { 0.0 } else { likeness.min(1.0) }
}

fn shared_assets(problem: &Ticket, ticket: &Ticket) -> Vec<String> {
    let of = |it: &Ticket| -> BTreeSet<_> {
        let links = it.assets.links.iter().filter(|it| it.how != LinkedHow::NotImpacted);
        links.map(|it| (it.asset, it.tag.clone())).collect()
    };
    let there = of(problem);
    of(ticket)
        .into_iter()
        .filter(|(id, _)| there.iter().any(|(it, _)| it == id))
        .map(|(_, tag)| tag)
        .collect()
}
