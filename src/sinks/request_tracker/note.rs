//! What is tied to a ticket, as a note for its agents: links, watchers and files have no place of their own there.

use super::{RequestTracker, say::Audience};
use crate::{
    proto::{
        v1::{self, event::Fact},
        words,
    },
    sinks::{Delivered, Undelivered},
};

impl RequestTracker {
    /// Something was tied to a ticket, or untied.
    pub(super) async fn note(&self, event: &v1::Event, id: &str) -> Result<Delivered, Undelivered> {
        let Some(text) = event.fact.as_ref().and_then(tied) else { return Ok(Delivered::Skipped) };
        self.say(event, id, Audience::Agents, &text, None).await?;
        Ok(Delivered::To(id.to_owned()))
    }
}

/// What is noted; nothing of other facts.
fn tied(fact: &Fact) -> Option<String> {
    if let Fact::TicketLinked(it) = fact {
        Some(format!("Linked: {}.", link(it.link.as_ref()?)))
    } else if let Fact::TicketUnlinked(it) = fact {
        Some(format!("Not linked any more: {}.", link(it.link.as_ref()?)))
    } else if let Fact::TicketWatched(it) = fact {
        let person = it.person.as_ref()?;
        let how = if it.watches { "watches from now on" } else { "does not watch any more" };
        Some(format!("{} at {} {how}.", person.subject, person.issuer))
    } else if let Fact::TicketAttached(it) = fact {
        let file = it.attachment.as_ref()?;
        Some(format!("File: {} ({}, {} bytes).", file.name, file.content_type, file.size))
    } else if let Fact::TicketDetached(it) = fact {
        Some(format!("File removed: {}.", it.name))
    } else {
        None
    }
}

fn link(it: &v1::TicketLink) -> String {
    let relation = words::relation_from(it.relation).map_or("linked to", |it| it.as_str());
    format!("{relation} {}", it.number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_says_what_was_tied_in_a_line() {
        let merged = v1::TicketLink {
            relation: v1::LinkRelation::MergedInto.into(),
            number: "INC-000001".to_owned(),
            ..v1::TicketLink::default()
        };
        let linked = v1::TicketLinked { link: Some(merged) };
        assert_eq!(tied(&Fact::TicketLinked(linked)).unwrap(), "Linked: merged into INC-000001.");
        let person = v1::Person { issuer: "chat".into(), subject: "ada".into(), ..Default::default() };
        let watched = v1::TicketWatched { person: Some(person), watches: false };
        assert_eq!(tied(&Fact::TicketWatched(watched)).unwrap(), "ada at chat does not watch any more.");
        assert_eq!(tied(&Fact::TicketMoved(v1::TicketMoved::default())), None);
    }
}
