//! Known errors, and which of them a ticket is likely about.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

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
/// Known errors that are looked at together.
const PAGE: u32 = 500;
/// Incidents of one of them whose services are looked at.
const CAUSED: usize = 50;
/// Characters by which texts are compared.
const COMPARED: usize = 600;
/// Characters of a code that is looked for in texts, at least.
const CODE: usize = 3;
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
    /// The ticket's text has its error code.
    pub same_code: bool,
}

/// A ticket as known errors are compared with it.
struct Sought {
    ticket: Ticket,
    text: String,
    meaning: Option<Vec<f32>>,
}

impl Desk {
    /// Known errors, those first that a ticket is likely about; without a ticket all, the newest first.
    pub async fn known_errors(
        &self,
        caller: &Caller,
        ticket: Option<&TicketRef>,
    ) -> Result<Vec<KnownError>, Fault> {
        let Some(which) = ticket else {
            let newest = self.store.known_errors(&caller.tenant, None, TOLD as u32).await?;
            let alone = |problem| KnownError {
                problem,
                assets: vec![],
                services: vec![],
                likeness: 0.0,
                same_code: false,
            };
            return Ok(newest.into_iter().map(alone).collect());
        };
        let sought = Arc::new(Sought::of(self.find(caller, which).await?));
        let (mut likeliest, mut behind) = (vec![], None);
        loop {
            let known = self.store.known_errors(&caller.tenant, behind, PAGE).await?;
            let Some(last) = known.last() else { return Ok(likeliest) };
            behind = Some(last.id);
            let ids: BTreeSet<_> = known.iter().flat_map(caused).collect();
            let ids: Vec<_> = ids.into_iter().collect();
            let incidents = self.store.tickets_by_id(&caller.tenant, &ids).await?;
            // Reading the meaning of that many texts is work of its own.
            let sought = Arc::clone(&sought);
            let rank = move || ranked(likeliest, known, &sought, &incidents);
            likeliest = tokio::task::spawn_blocking(rank).await.map_err(|_| Fault::Unavailable)?;
        }
    }
}

impl Sought {
    fn of(ticket: Ticket) -> Self {
        let text = format!("{}\n{}", ticket.subject, ticket.description);
        Self { meaning: meaning(&beginning(&text)), text: text.to_lowercase(), ticket }
    }

    /// Whether its text has a code as a word of its own.
    fn has_code(&self, code: &str) -> bool {
        let code = code.trim().to_lowercase();
        let is_apart = |it: Option<char>| it.is_none_or(|it| !it.is_alphanumeric());
        CODE <= code.chars().count()
            && self.text.match_indices(&code).any(|(at, it)| {
                let after = self.text[at + it.len()..].chars().next();
                is_apart(self.text[..at].chars().next_back()) && is_apart(after)
            })
    }
}

/// With more known errors, those that a ticket is likely about, the likeliest first.
fn ranked(
    mut all: Vec<KnownError>,
    known: Vec<Ticket>,
    sought: &Sought,
    incidents: &HashMap<TicketId, Ticket>,
) -> Vec<KnownError> {
    let ticket = &sought.ticket;
    for problem in known.into_iter().filter(|it| it.id != ticket.id) {
        let services = caused(&problem).filter_map(|it| Some(incidents.get(&it)?.service.clone()));
        let services: BTreeSet<_> = services.filter(|it| *it == ticket.service).collect();
        let likeness = sought.meaning.as_ref().map_or(0.0, |it| likeness(&problem, it));
        let same_code = problem.diagnosis.as_ref().is_some_and(|it| sought.has_code(&it.error_code));
        let assets = shared_assets(&problem, ticket);
        if !assets.is_empty() || !services.is_empty() || likeness > 0.0 || same_code {
            all.push(KnownError {
                assets,
                services: services.into_iter().collect(),
                likeness,
                same_code,
                problem,
            });
        }
    }
    let rank = |it: &KnownError| (!it.assets.is_empty(), it.same_code, it.likeness, !it.services.is_empty());
    all.sort_by(|a, b| {
        let (one, other) = (rank(a), rank(b));
        let by_meaning = other.2.total_cmp(&one.2);
        let surely = (other.0, other.1).cmp(&(one.0, one.1));
        surely.then(by_meaning).then(other.3.cmp(&one.3)).then(b.problem.id.cmp(&a.problem.id))
    });
    all.truncate(TOLD);
    all
}

/// The beginning of a text, by which it is compared.
fn beginning(text: &str) -> String {
    text.chars().take(COMPARED).collect()
}

/// Some of what a problem causes.
pub(super) fn caused(problem: &Ticket) -> impl Iterator<Item = TicketId> {
    problem.ties.related(Relation::Causes).take(CAUSED).map(|it| it.ticket)
}

fn likeness(problem: &Ticket, said: &[f32]) -> f32 {
    let Some(Diagnosis { symptom, error_code, .. }) = problem.diagnosis.as_deref() else { return 0.0 };
    let known = beginning(&format!("{}\n{error_code}\n{symptom}", problem.subject));
    let known = meaning(&known).unwrap_or_default();
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
