//! `check --try`: what the bot would ask for a template, and what would be opened.

use std::io::{self, Write};

use crate::{
    clock,
    commands::paint::{Paint, in_style},
    conversation::phrases::Phrases,
    desk::trial::{self, try_out},
    domain::{catalog::Catalog, people::Language, priority::Priority},
    proto::{
        v1::{self, QuestionAsked},
        words,
    },
};

/// What is tried out.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Talk {
    /// Try a template out: what the bot would ask, and what would be opened
    #[arg(long = "try", value_name = "TEMPLATE")]
    template: Option<String>,
    /// What an employee writes, in order; the first message is taken to be about the template
    #[arg(long = "say", value_name = "TEXT", requires = "template")]
    messages: Vec<String>,
    /// What the bot speaks
    #[arg(long, value_parser = language, requires = "template")]
    language: Option<Language>,
}

fn language(text: &str) -> Result<Language, String> {
    Language::parse(text).ok_or_else(|| "write en or zh".to_owned())
}

impl Talk {
    /// The answer of a catalogue, if anything was asked.
    pub(super) fn answer(&self, catalog: &Catalog) -> io::Result<Option<v1::TryTemplateResponse>> {
        let Some(template) = &self.template else { return Ok(None) };
        let phrases = Phrases::built_in().map_err(io::Error::other)?;
        let question = trial::Question {
            template: template.clone(),
            language: self.language.unwrap_or_default(),
            messages: self.messages.clone(),
        };
        match try_out(catalog, &phrases, &question, clock::now()) {
            Some(answer) => Ok(Some(answer)),
            None => {
                let known: Vec<_> = catalog.templates.iter().map(|it| it.id.as_str()).collect();
                let problem = format!("there is no template `{template}`; known: {}", known.join(", "));
                Err(io::Error::new(io::ErrorKind::NotFound, problem))
            }
        }
    }
}

/// Prints what came of it.
pub(super) fn print(tried: &v1::TryTemplateResponse, paint: Paint, out: &mut impl Write) -> io::Result<()> {
    let template = tried.template.clone().unwrap_or_default();
    writeln!(out, "\n{} ({})", in_style(paint.strong, &template.label_en), template.id)?;
    for question in &tried.questions {
        let when = question.when.clone().unwrap_or_default();
        let when = match question.asked() {
            _ if !question.default.is_empty() => format!("not asked: {}", question.default),
            QuestionAsked::Always => "asked".to_owned(),
            QuestionAsked::When => format!("asked if {} is {}", when.field, when.values.join(" or ")),
            QuestionAsked::Never | QuestionAsked::Unspecified => "taken when said".to_owned(),
        };
        let (field, when) = (format!("{:18}", question.field), in_style(paint.faint, format!("({when})")));
        writeln!(out, "  {} {} {when}", in_style(paint.key, field), question.question)?;
    }
    for step in &template.steps {
        let who = if step.group.is_empty() { "whoever has the ticket" } else { &step.group };
        let mut when = format!("by {who}");
        if !step.after.is_empty() {
            when += &format!(", after {}", step.after.join(" and "));
        }
        if let Some(it) = &step.when {
            when += &format!(", if {} is {}", it.field, it.values.join(" or "));
        }
        let (id, when) = (format!("{:18}", step.id), in_style(paint.faint, format!("({when})")));
        writeln!(out, "  {} {} {when}", in_style(paint.key, id), step.label_en)?;
    }
    for turn in &tried.turns {
        writeln!(out, "\n{} {}", in_style(paint.faint, ">"), turn.said)?;
        for line in turn.reply.lines().filter(|it| !it.is_empty()) {
            writeln!(out, "  {line}")?;
        }
        let choices: Vec<_> = turn.choices.iter().map(|it| it.label.as_str()).collect();
        if !choices.is_empty() {
            writeln!(out, "  {}", in_style(paint.key, format!("[{}]", choices.join("] ["))))?;
        }
    }
    match &tried.ticket {
        Some(ticket) => opened(ticket, paint, out),
        None if tried.turns.is_empty() => writeln!(out, "\nTry it with --say \"what somebody would write\"."),
        None => {
            writeln!(out, "\n{}", in_style(paint.doubtful, "No ticket yet: the bot waits for an answer."))
        }
    }
}

fn opened(ticket: &v1::TriedTicket, paint: Paint, out: &mut impl Write) -> io::Result<()> {
    let priority = words::priority_from(ticket.priority).map_or("", Priority::as_str);
    let head = format!(
        "Would open {}: {priority}, with {}, SLA policy {}",
        ticket.template, ticket.group, ticket.sla_policy
    );
    writeln!(out, "\n{}", in_style(paint.fine, head))?;
    for field in &ticket.fields {
        let value = crate::proto::ticket::values_from(std::slice::from_ref(field));
        for (id, value) in value {
            writeln!(out, "  {} {}", in_style(paint.key, format!("{id:18}")), value.plain())?;
        }
    }
    if !ticket.approvals.is_empty() {
        let steps = ticket.approvals.join(", ");
        writeln!(out, "  {} {steps}", in_style(paint.key, format!("{:18}", "waits for")))?;
    }
    for task in &ticket.tasks {
        writeln!(out, "  {} {}", in_style(paint.key, format!("{:18}", task.id)), task.label_en)?;
    }
    Ok(())
}
