//! Problems: they are opened of incidents, diagnosed, and told to whoever meets them. A problem is a ticket; all else of
//! its life is as of any ticket.

mod errors;

use std::collections::HashMap;

use super::{
    Desk,
    command::{Change, NewTicket, What, Wish},
    content, digest,
    fault::{Fault, Violation},
    knowledge::{Made, shortened},
    people::Asked,
};
use crate::{
    domain::{
        approval::agent_person,
        article::{Article, ArticleRef, Audience, Content, Text},
        id::TicketId,
        lookup::TicketRef,
        people::{Caller, Language},
        template::Values,
        ticket::{AssetLink, Diagnosis, Refusal, Relation, Ticket, TicketKind, Undiagnosed},
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
/// Longest title and summary of an article, in characters.
const LONGEST: (usize, usize) = (120, 600);

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
                Some(it) if it.kind == TicketKind::Problem => {
                    Some(format!("{} is a problem itself; name incidents or requests", it.number))
                }
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

    /// Tells readers of a known error by an article, or anew as it is known now.
    pub async fn publish_known_error(
        &self,
        caller: &Caller,
        request: &str,
        which: &TicketRef,
    ) -> Result<v1::Ticket, Fault> {
        let problem = self.find(caller, which).await?;
        let Some(diagnosis) = problem.diagnosis.as_deref().filter(|_| problem.is_known_error()) else {
            let refusal = match problem.kind {
                TicketKind::Problem => Undiagnosed::NotKnown,
                TicketKind::Incident | TicketKind::Request => Undiagnosed::NoProblem(problem.number.clone()),
            };
            return Err(Refusal::from(refusal).into());
        };
        let article = self.tell(caller, request, &problem, diagnosis).await?;
        let known = Diagnosis { article: Some(article.id), ..diagnosis.clone() };
        if known == *diagnosis {
            return Ok(crate::proto::ticket::ticket_to(&problem));
        }
        let what = What::Diagnose(Box::new(known));
        let request = format!("\u{1}known error {request}");
        self.change(caller, Change { request, ticket: TicketRef::Id(problem.id), what, expected: None }).await
    }

    async fn tell(
        &self,
        caller: &Caller,
        request: &str,
        problem: &Ticket,
        diagnosis: &Diagnosis,
    ) -> Result<Article, Fault> {
        let knowledge = self.knowledge(caller);
        let ids: Vec<_> = errors::caused(problem).collect();
        let about = self.store.tickets_by_id(&caller.tenant, &ids).await?;
        let content = of_error(problem, diagnosis, &about);
        let hash = digest(&["known error", &problem.id.to_string()]);
        let asked = |step: &str| format!("\u{1}{step} {request}");
        let (write, publish) = (asked("write"), asked("publish"));
        let made = Made::Called(format!("problem {}", problem.id));
        let written = knowledge.write(Asked { request: &write, content: &hash }, made, content, None).await?;
        if written.is_in_sight() {
            return Ok(written);
        }
        let which = ArticleRef::Id(written.id);
        knowledge.publish(Asked { request: &publish, content: &hash }, &which, None).await
    }
}

/// An article of a known error: its symptom is what it is found by, and its workaround what readers are told.
fn of_error(problem: &Ticket, diagnosis: &Diagnosis, about: &HashMap<TicketId, Ticket>) -> Content {
    let Diagnosis { symptom, root_cause, workaround, error_code, .. } = diagnosis;
    let (seen, cause, help) = match problem.language {
        Language::En => ("What is seen", "Why", "What helps"),
        Language::Zh => ("现象", "原因", "解决办法"),
    };
    let shown = if workaround.trim().is_empty() { root_cause } else { workaround };
    let code =
        Some(error_code).filter(|it| !it.is_empty()).map(|it| format!(" (`{it}`)")).unwrap_or_default();
    let sections = [
        (seen, format!("{}{code}", symptom.trim())),
        (cause, root_cause.clone()),
        (help, workaround.clone()),
    ];
    let sections = sections.iter().filter(|(_, it)| !it.trim().is_empty());
    let body: Vec<_> = sections.map(|(title, it)| format!("## {title}\n\n{}\n", it.trim())).collect();
    let one_line = |it: &str| it.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = Text {
        language: problem.language,
        title: shortened(&one_line(symptom), LONGEST.0),
        summary: shortened(shown.trim(), LONGEST.1),
        body: body.join("\n"),
    };
    let unique = |of: fn(&Ticket) -> &String| {
        let mut all: Vec<String> = about.values().map(|it| of(it).clone()).collect();
        all.sort_unstable();
        all.dedup();
        all
    };
    Content {
        audience: Audience::Everyone,
        texts: vec![text],
        templates: unique(|it| &it.template),
        services: unique(|it| &it.service),
        owner: problem.agent.clone().unwrap_or_else(|| problem.group.clone()),
        review: None,
    }
}
