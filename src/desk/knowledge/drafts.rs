//! Drafts from what was learnt: a resolved ticket becomes an article that nobody sees yet.

use super::{Knowledge, Made};
use crate::{
    desk::{fault::Fault, people::Asked},
    domain::{
        article::{Article, Audience, Content, Refused, Text},
        lifecycle::State,
        lookup::TicketRef,
        people::Language,
        ticket::Ticket,
    },
    text::redact::{redact, without_secrets},
};

/// Characters of a title, and of a summary.
const LONGEST: (usize, usize) = (120, 600);

impl Knowledge {
    /// Makes a draft of a resolved ticket, for the desk alone until somebody says otherwise.
    pub async fn draft_from(&self, asked: Asked<'_>, which: &TicketRef) -> Result<Article, Fault> {
        let ticket = self.store.ticket(&self.tenant, which).await?.ok_or(Fault::NotFound("ticket"))?;
        let is_over = matches!(ticket.state, State::Resolved | State::Closed);
        let tells = is_over && !ticket.resolution.trim().is_empty();
        if !tells && !self.store.is_done(&self.tenant, asked.request).await? {
            return Err(Refused::Unresolved(ticket.number).into());
        }
        let content = self.content(&ticket);
        self.write(asked, Made::New(Some(ticket.id)), content, None).await
    }

    fn content(&self, ticket: &Ticket) -> Content {
        let masked = |it: &str| masked(it, &ticket.requester.name);
        let (said, done) = (masked(&ticket.description), masked(&ticket.resolution));
        let (problem, solution) = match ticket.language {
            Language::En => ("What was wrong", "What was done"),
            Language::Zh => ("问题", "处理"),
        };
        let title = masked(&ticket.subject).split_whitespace().collect::<Vec<_>>().join(" ");
        let text = Text {
            language: ticket.language,
            title: shortened(&title, LONGEST.0),
            summary: shortened(done.trim(), LONGEST.1),
            body: format!("## {problem}\n\n{}\n\n## {solution}\n\n{}\n", said.trim(), done.trim()),
        };
        let known = |it: &String| self.catalog.template(it).is_some();
        let service = |it: &String| self.catalog.services.iter().any(|is| is.id == *it);
        Content {
            audience: Audience::Desk,
            texts: vec![text],
            templates: Some(ticket.template.clone()).filter(known).into_iter().collect(),
            services: Some(ticket.service.clone()).filter(service).into_iter().collect(),
            owner: self.actor.clone(),
            review: None,
        }
    }
}

/// Without what tells who it was about: personal data, passwords, and the requester's name.
pub(in crate::desk) fn masked(text: &str, name: &str) -> String {
    let text = redact(&without_secrets(text));
    // Tabs and line feeds are all that a ticket's words may have besides letters.
    let text = text.replace(['\t', '\r'], " ");
    if name.trim().chars().count() < 2 { text } else { text.replace(name.trim(), "[name]") }
}

/// A text of at most so many characters.
pub(in crate::desk) fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_tells_who_it_was_about() {
        let said = "Ada Lovelace (ada@example.com) cannot log in, password: hunter2xyz";
        let told = masked(said, "Ada Lovelace");
        assert!(
            !told.contains("Ada") && !told.contains("example.com") && !told.contains("hunter2"),
            "{told}"
        );
        assert!(told.contains("cannot log in"));
    }

    #[test]
    fn a_long_title_is_cut_between_characters() {
        assert_eq!(shortened("打印机卡纸", 3), "打印…");
        assert_eq!(shortened("jam", 3), "jam");
    }
}
