//! The article by which readers are told of a known error: its symptom, and what helps. It follows the problem: it says what
//! the problem says, and is out of sight when that is no known error.

use std::collections::HashMap;

use super::errors::caused;
use crate::{
    desk::{
        Desk,
        command::{Change, What},
        digest,
        fault::Fault,
        knowledge::{Knowledge, Made, Reader, masked, shortened},
        people::Asked,
    },
    domain::{
        article::{Article, ArticleRef, Audience, Content, Text},
        id::{ArticleId, TicketId},
        lookup::TicketRef,
        people::{Caller, Language},
        ticket::{Diagnosis, Refusal, Ticket, TicketKind, Undiagnosed},
    },
    proto::{ticket::ticket_to, v1},
};

/// Longest title and summary of an article, in characters.
const LONGEST: (usize, usize) = (120, 600);

impl Desk {
    /// Tells readers of a known error by an article.
    pub async fn publish_known_error(
        &self,
        caller: &Caller,
        request: &str,
        which: &TicketRef,
    ) -> Result<v1::Ticket, Fault> {
        let problem = self.find(caller, which).await?;
        if !problem.is_known_error() && !self.store.is_done(&caller.tenant, request).await? {
            return Err(untold(&problem).into());
        }
        let knowledge = self.knowledge(caller);
        let article = self.tell(&knowledge, (request, caller), &problem).await?;
        // What is known of it may have changed meanwhile, and stays.
        let what = What::Tell(article.id);
        let change =
            Change { request: request.to_owned(), ticket: TicketRef::Id(problem.id), what, expected: None };
        match self.change(caller, change).await {
            Err(Fault::Refused(Refusal::NothingToChange)) => {
                Ok(ticket_to(&self.find(caller, &TicketRef::Id(problem.id)).await?))
            }
            done => done,
        }
    }

    /// Lets the article of a problem, if it has one, say what the problem says.
    pub(in crate::desk) async fn settle_article(
        &self,
        caller: &Caller,
        request: &str,
        problem: &Ticket,
    ) -> Result<(), Fault> {
        let Some(article) = problem.diagnosis.as_ref().and_then(|it| it.article) else { return Ok(()) };
        let knowledge = self.knowledge(caller);
        let settled = if problem.is_known_error() {
            self.tell(&knowledge, (request, caller), problem).await
        } else {
            let request = format!("{request} retire");
            let asked = Asked { request: &request, content: request.as_bytes() };
            knowledge.retire(asked, &ArticleRef::Id(article), None).await
        };
        match settled {
            // Somebody was faster, or the catalogue has lost what it names; whoever publishes it next is told.
            Ok(_) | Err(Fault::Article(_) | Fault::NotFound(_) | Fault::Malformed(_)) => Ok(()),
            Err(fault) => Err(fault),
        }
    }

    async fn tell(
        &self,
        knowledge: &Knowledge,
        (request, caller): (&str, &Caller),
        problem: &Ticket,
    ) -> Result<Article, Fault> {
        let diagnosis = problem.diagnosis.as_deref().cloned().unwrap_or_default();
        let ids: Vec<_> = caused(problem).collect();
        let about = self.store.tickets_by_id(&caller.tenant, &ids).await?;
        let name = format!("problem {}", problem.id);
        let others = others(knowledge, knowledge.called(&name), problem.language).await?;
        let content = of_error(problem, &diagnosis, &about, others);
        let hash = digest(&["known error", &problem.id.to_string()]);
        // No caller can send such an id.
        let asked = |step: &str| format!("\u{1}{step} {request} {} {}", problem.id, problem.version);
        let (write, publish) = (asked("write"), asked("publish"));
        let made = Made::Called(name);
        let written = knowledge.write(Asked { request: &write, content: &hash }, made, content, None).await?;
        if written.is_in_sight() {
            return Ok(written);
        }
        let which = ArticleRef::Id(written.id);
        match knowledge.publish(Asked { request: &publish, content: &hash }, &which, None).await {
            // What follows of the problem's events may have published it meanwhile.
            Err(Fault::Article(refused)) => {
                let (now, _) = knowledge.get(&which, None, Reader::Desk).await?;
                if now.is_in_sight() { Ok(now) } else { Err(Fault::Article(refused)) }
            }
            published => published,
        }
    }
}

/// Why a problem cannot be told of.
fn untold(problem: &Ticket) -> Refusal {
    let is_over = problem.diagnosis.as_ref().is_some_and(|it| it.is_known);
    match problem.kind {
        TicketKind::Problem if is_over => Refusal::Over(problem.state),
        TicketKind::Problem => Undiagnosed::NotSaid(problem.number.clone()).into(),
        TicketKind::Incident | TicketKind::Request | TicketKind::Change => {
            Undiagnosed::NoProblem(problem.number.clone()).into()
        }
    }
}

/// What the article says in languages that the problem does not.
async fn others(knowledge: &Knowledge, id: ArticleId, own: Language) -> Result<Vec<Text>, Fault> {
    match knowledge.get(&ArticleRef::Id(id), None, Reader::Desk).await {
        Ok((article, _)) => Ok(article.content.texts.into_iter().filter(|it| it.language != own).collect()),
        Err(Fault::NotFound(_)) => Ok(vec![]),
        Err(fault) => Err(fault),
    }
}

/// An article of a known error: its symptom is what it is found by, and its workaround what readers are told. The cause is
/// the desk's, who can say more there than everybody should read.
fn of_error(
    problem: &Ticket,
    diagnosis: &Diagnosis,
    about: &HashMap<TicketId, Ticket>,
    others: Vec<Text>,
) -> Content {
    let told = |it: &str| masked(it, "").trim().to_owned();
    let (symptom, workaround) = (told(&diagnosis.symptom), told(&diagnosis.workaround));
    let (seen, help, none) = match problem.language {
        Language::En => ("What is seen", "What helps", "We know of this and work on it; nothing helps yet."),
        Language::Zh => ("现象", "解决办法", "我们已知悉并正在处理，目前还没有临时办法。"),
    };
    let help_text = if workaround.is_empty() { none.to_owned() } else { workaround };
    let code = Some(&diagnosis.error_code).filter(|it| !it.is_empty());
    let code = code.map(|it| format!(" (`{it}`)")).unwrap_or_default();
    let text = Text {
        language: problem.language,
        title: shortened(&symptom.split_whitespace().collect::<Vec<_>>().join(" "), LONGEST.0),
        summary: shortened(&help_text, LONGEST.1),
        body: format!("## {seen}\n\n{symptom}{code}\n\n## {help}\n\n{help_text}\n"),
    };
    let unique = |of: fn(&Ticket) -> &String| {
        let mut all: Vec<String> = about.values().map(|it| of(it).clone()).collect();
        all.sort_unstable();
        all.dedup();
        all
    };
    Content {
        audience: Audience::Everyone,
        texts: [text].into_iter().chain(others).collect(),
        templates: unique(|it| &it.template),
        services: unique(|it| &it.service),
        owner: problem.agent.clone().unwrap_or_else(|| problem.group.clone()),
        review: None,
    }
}
