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
    text::{normalise::Normalised, token::is_cjk},
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
        Self { meaning: meaning(&beginning(&text)), text: Normalised::of(&text).text().to_owned(), ticket }
    }
}

/// Whether a text, in its normal form, has a code as a word of its own. In scripts that are written without spaces words have
/// no edges.
fn has_code(text: &str, code: &str) -> bool {
    let code = Normalised::of(code.trim());
    let code = code.text();
    let (Some(first), Some(last)) = (code.chars().next(), code.chars().next_back()) else { return false };
    let is_apart = |edge: char, next: Option<char>| {
        is_cjk(edge) || next.is_none_or(|it| is_cjk(it) || !it.is_alphanumeric())
    };
    is_code(code)
        && text.char_indices().map(|(at, _)| text.split_at(at)).any(|(before, rest)| {
            rest.strip_prefix(code).is_some_and(|after| {
                is_apart(first, before.chars().next_back()) && is_apart(last, after.chars().next())
            })
        })
}

/// Whether a text is a code, and no word that any text may have.
fn is_code(text: &str) -> bool {
    let has = |is: fn(char) -> bool| text.chars().any(is);
    let is_joined = has(char::is_alphabetic) && has(|it| !it.is_alphanumeric() && !it.is_whitespace());
    CODE <= text.chars().count() && (has(char::is_numeric) || has(is_cjk) || is_joined)
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
        let same_code = problem.diagnosis.as_ref().is_some_and(|it| has_code(&sought.text, &it.error_code));
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

#[cfg(test)]
mod tests {
    use super::{Normalised, has_code, is_code};

    fn has(text: &str, code: &str) -> bool {
        has_code(Normalised::of(text).text(), code)
    }

    #[test]
    fn a_code_is_found_as_a_word_in_any_script() {
        for (text, code) in [
            ("VPN error 809.", "809"),
            ("出现错误809，打印机不工作", "809"),
            ("エラー809が出ます", "809"),
            ("ERROR８０９", "error809"),
            ("it says 0X80070005!", "0x80070005"),
            ("err_connection_refused again", "ERR_CONNECTION_REFUSED"),
            ("E\u{301}-77 appears", "É-77"),
            ("baa-aa aa-aa", "AA-AA"),
            ("系统说代码不对", "代码不对"),
        ] {
            assert!(has(text, code), "{code} in {text}");
        }
        for (text, code) in
            [("Room 1809", "809"), ("80 9", "809"), ("see --- below", "---"), ("the printer", "the")]
        {
            assert!(!has(text, code), "{code} in {text}");
        }
        assert!(!is_code("12") && !is_code("not") && is_code("E-77"));
    }
}
