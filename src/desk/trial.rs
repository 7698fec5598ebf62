//! What the bot would ask for a template, and what would be opened, before the template goes live.

use std::sync::Arc;

use super::{Desk, fault::Fault};
use crate::{
    catalog::{self, Source},
    clock,
    conversation::{
        phrases::Phrases,
        reply::Reply,
        state::Draft,
        trial::{Trial, Tried},
    },
    domain::{
        approval,
        assignment::Gate,
        catalog::Catalog,
        condition::Known,
        field::{Field, Required},
        people::{Caller, Language},
        task::{Task, TaskState, before, tasks},
        template::Template,
        ticket::Asked,
        time::Timestamp,
    },
    proto::{
        tasks::task_to,
        template::{condition_to, template_to},
        ticket::values_to,
        understanding::because_to,
        v1::{self, QuestionAsked},
        words,
    },
    routing::{self, Facts, priority},
};

/// What is tried out.
#[derive(Debug)]
pub struct Question {
    /// Id of the template.
    pub template: String,
    /// What the bot speaks.
    pub language: Language,
    /// What an employee writes.
    pub messages: Vec<String>,
}

impl Desk {
    /// Tries a template out, of the catalogue in use or of these files.
    pub async fn try_template(
        &self,
        caller: &Caller,
        files: Vec<(String, String)>,
        question: Question,
    ) -> Result<v1::TryTemplateResponse, Fault> {
        let (in_use, phrases) = (self.catalog(caller), Arc::clone(&self.phrases));
        let work = move || {
            let sources: Vec<_> = files.into_iter().map(|(name, content)| Source { name, content }).collect();
            let catalog =
                if sources.is_empty() { Ok(in_use) } else { catalog::parse(&sources, 0, None).map(Arc::new) };
            match catalog {
                Ok(catalog) => try_out(&catalog, &phrases, &question, clock::now()),
                Err(faults) => {
                    let faults = faults.into_iter().map(fault_to).collect();
                    Some(v1::TryTemplateResponse { faults, ..v1::TryTemplateResponse::default() })
                }
            }
        };
        self.catalogs.reading.aside(work).await?.ok_or(Fault::NotFound("template"))
    }
}

/// A fault of a catalogue in the contract's words.
pub fn fault_to(it: catalog::Fault) -> v1::CatalogFault {
    v1::CatalogFault { file: it.file, line: it.line, field: it.field, problem: it.problem }
}

/// Tries a template out; nothing if the catalogue has none with that id.
pub fn try_out(
    catalog: &Catalog,
    phrases: &Phrases,
    question: &Question,
    at: Timestamp,
) -> Option<v1::TryTemplateResponse> {
    let template = catalog.template(&question.template)?;
    let trial = Trial { catalog, phrases, template: &template.id, language: question.language, at };
    let Tried { turns, opens } = trial.talk(&question.messages);
    Some(v1::TryTemplateResponse {
        faults: vec![],
        template: Some(template_to(template)),
        questions: template.fields.iter().map(|it| asked(it, question.language)).collect(),
        turns: turns.into_iter().map(|(said, reply)| turn(said, reply)).collect(),
        ticket: opens.map(|(draft, gate)| ticket(catalog, template, &draft, gate, question.language)),
    })
}

fn asked(field: &Field, language: Language) -> v1::TemplateQuestion {
    let (asked, when) = match &field.required {
        Required::No => (QuestionAsked::Never, None),
        Required::Yes => (QuestionAsked::Always, None),
        Required::When(when) => (QuestionAsked::When, Some(condition_to(when))),
    };
    v1::TemplateQuestion {
        field: field.id.clone(),
        question: field.ask.get(language).to_owned(),
        asked: asked.into(),
        when,
        default: field.default.as_ref().map(|it| field.show(it, language)).unwrap_or_default(),
    }
}

fn turn(said: String, reply: Reply) -> v1::TriedTurn {
    let choice = |(value, label)| v1::Choice { value, label, ..v1::Choice::default() };
    v1::TriedTurn { said, reply: reply.text, choices: reply.choices.into_iter().map(choice).collect() }
}

/// The ticket of a draft: as the desk opens it, but for what depends on the moment.
fn ticket(
    catalog: &Catalog,
    tried: &Template,
    draft: &Draft,
    gate: Gate,
    language: Language,
) -> v1::TriedTicket {
    let template = catalog.template(&draft.template).unwrap_or(tried);
    let fields = template.completed(draft.fields.clone());
    let (impact, urgency, priority) = priority::rated(catalog, template, &fields, &draft.understanding);
    let asked = Asked::default();
    let facts = Facts {
        template,
        fields: &fields,
        text: &draft.description,
        language,
        impact,
        urgency,
        priority,
        gate: Some(gate),
        understanding: None,
        asked: &asked,
        assets: &[],
    };
    let (group, because) = routing::group(catalog, &facts);
    let known = Known {
        text: &draft.description,
        language,
        impact,
        urgency,
        ..Known::of(template, priority, &fields, &asked)
    };
    let sla = catalog.choose_sla(&known, Some(template)).map_or_else(|| template.sla.clone(), |it| it.policy);
    let tasks = tasks(&template.steps, &fields);
    let plan = template
        .approval
        .as_ref()
        .and_then(|it| approval::begin(it, &template.prices, &fields, catalog.version));
    let state = |it: &Task| match before(&tasks, it).next() {
        None => TaskState::Ready,
        Some(_) => TaskState::Waiting,
    };
    v1::TriedTicket {
        template: template.id.clone(),
        fields: values_to(&fields),
        group,
        because: Some(because_to(&because)),
        impact: words::impact_to(impact),
        urgency: words::urgency_to(urgency),
        priority: words::priority_to(priority),
        sla_policy: sla,
        tasks: tasks.iter().map(|it| task_to(it, state(it))).collect(),
        approvals: plan.map(|it| it.steps.into_iter().map(|it| it.plan.id).collect()).unwrap_or_default(),
    }
}
