//! Known errors, and which of them a ticket is likely about.

use std::collections::BTreeSet;

use crate::{
    desk::{Desk, fault::Fault, knowledge::meaning},
    domain::{
        id::TicketId,
        lookup::TicketRef,
        people::Caller,
        ticket::{Diagnosis, LinkedHow, Relation, Ticket},
    },
};

/// Known errors in one answer.
const TOLD: usize = 50;
/// Known errors that are looked at, the newest.
const LOOKED_AT: u32 = 1000;
/// Incidents of one of them whose services are looked at.
const CAUSED: usize = 50;
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
        let known = self.store.known_errors(&caller.tenant, LOOKED_AT).await?;
        let Some(ticket) = ticket else {
            let alone = |problem| KnownError { problem, assets: vec![], services: vec![], likeness: 0.0 };
            return Ok(known.into_iter().take(TOLD).map(alone).collect());
        };
        let said = meaning(&format!("{}\n{}", ticket.subject, ticket.description));
        let ids: Vec<_> = known.iter().flat_map(caused).collect();
        let incidents = self.store.tickets_by_id(&caller.tenant, &ids).await?;
        let mut all = vec![];
        for problem in known.into_iter().filter(|it| it.id != ticket.id) {
            let services = caused(&problem).filter_map(|it| Some(incidents.get(&it)?.service.clone()));
            let services: BTreeSet<_> = services.filter(|it| *it == ticket.service).collect();
            let likeness = said.as_ref().map_or(0.0, |it| likeness(&problem, it));
            let assets = shared_assets(&problem, &ticket);
            if !assets.is_empty() || !services.is_empty() || likeness > 0.0 {
                all.push(KnownError { assets, services: services.into_iter().collect(), likeness, problem });
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
}

/// Some of what a problem causes.
pub(super) fn caused(problem: &Ticket) -> impl Iterator<Item = TicketId> {
    problem.ties.related(Relation::Causes).take(CAUSED).map(|it| it.ticket)
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
