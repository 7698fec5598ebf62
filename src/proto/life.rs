//! How a ticket's life has gone, and what is tied to it.

use super::{
    event::Malformed,
    ticket::{person_from, person_to},
    time::{time_from, time_to},
    v1::{self, event::Fact},
    words,
};
use crate::domain::{
    attachment::{Attachment, MediaType},
    ticket::{Course, Event, Link, Moved, Tied, Ties},
};

/// Into the fields of a ticket.
pub(super) fn write_life(course: &Course, ties: &Ties, ticket: &mut v1::Ticket) {
    ticket.hold_until_time = course.resume.map(time_to);
    ticket.resolution_code = course.code.map_or(0, words::code_to);
    ticket.cancel_reason = course.cancel.map_or(0, words::cancel_to);
    ticket.question.clone_from(&course.question);
    ticket.reopens = course.reopens;
    ticket.impact_since_time = course.impact_since.map(time_to);
    ticket.links = ties.links.iter().map(link_to).collect();
    ticket.watchers = ties.watchers.iter().map(person_to).collect();
    ticket.attachments = ties.attachments.iter().map(attachment_to).collect();
}

/// From the fields of a ticket.
pub(super) fn read_course(ticket: &v1::Ticket) -> Course {
    Course {
        resume: ticket.hold_until_time.as_ref().map(time_from),
        code: words::code_from(ticket.resolution_code),
        cancel: words::cancel_from(ticket.cancel_reason),
        question: ticket.question.clone(),
        reopens: ticket.reopens,
        impact_since: ticket.impact_since_time.as_ref().map(time_from),
    }
}

/// From the fields of a ticket.
pub(super) fn read_ties(ticket: &v1::Ticket) -> Result<Ties, Malformed> {
    Ok(Ties {
        links: ticket.links.iter().map(link_from).collect::<Result<_, _>>()?,
        watchers: ticket.watchers.iter().map(person_from).collect(),
        attachments: ticket.attachments.iter().map(attachment_from).collect::<Result<_, _>>()?,
    })
}

pub(super) fn moved_to(it: &Moved) -> v1::TicketMoved {
    v1::TicketMoved {
        from: words::state_to(it.from),
        to: words::state_to(it.to),
        hold_reason: it.hold.map_or(0, words::hold_to),
        resolution: it.resolution.clone(),
        by_requester: it.by_requester,
        hold_until_time: it.until.map(time_to),
        resolution_code: it.code.map_or(0, words::code_to),
        cancel_reason: it.cancel.map_or(0, words::cancel_to),
        question: it.question.clone(),
    }
}

pub(super) fn moved_from(it: &v1::TicketMoved) -> Result<Moved, Malformed> {
    Ok(Moved {
        from: words::state_from(it.from).ok_or(Malformed("ticket_moved.from"))?,
        to: words::state_from(it.to).ok_or(Malformed("ticket_moved.to"))?,
        hold: words::hold_from(it.hold_reason),
        until: it.hold_until_time.as_ref().map(time_from),
        resolution: it.resolution.clone(),
        code: words::code_from(it.resolution_code),
        cancel: words::cancel_from(it.cancel_reason),
        question: it.question.clone(),
        by_requester: it.by_requester,
    })
}

pub(super) fn tied_to(tied: &Tied) -> Fact {
    match tied {
        Tied::Linked(it) => Fact::TicketLinked(v1::TicketLinked { link: Some(link_to(it)) }),
        Tied::Unlinked(it) => Fact::TicketUnlinked(v1::TicketUnlinked { link: Some(link_to(it)) }),
        Tied::Watched(it) => watched(it, true),
        Tied::Unwatched(it) => watched(it, false),
        Tied::Attached(it) => {
            Fact::TicketAttached(v1::TicketAttached { attachment: Some(attachment_to(it)) })
        }
        Tied::Detached { id, name, reason } => Fact::TicketDetached(v1::TicketDetached {
            attachment: id.to_string(),
            name: name.clone(),
            reason: reason.clone(),
        }),
    }
}

fn watched(person: &crate::domain::people::Person, watches: bool) -> Fact {
    Fact::TicketWatched(v1::TicketWatched { person: Some(person_to(person)), watches })
}

/// `None` if the fact is of something else.
pub(super) fn tied_from(fact: &Fact) -> Result<Option<Event>, Malformed> {
    let tied = if let Fact::TicketLinked(it) = fact {
        Tied::Linked(link_from(it.link.as_ref().ok_or(Malformed("ticket_linked.link"))?)?)
    } else if let Fact::TicketUnlinked(it) = fact {
        Tied::Unlinked(link_from(it.link.as_ref().ok_or(Malformed("ticket_unlinked.link"))?)?)
    } else if let Fact::TicketWatched(it) = fact {
        let person = person_from(it.person.as_ref().ok_or(Malformed("ticket_watched.person"))?);
        if it.watches { Tied::Watched(person) } else { Tied::Unwatched(person) }
    } else if let Fact::TicketAttached(it) = fact {
        let file = it.attachment.as_ref().ok_or(Malformed("ticket_attached.attachment"))?;
        Tied::Attached(attachment_from(file)?)
    } else if let Fact::TicketDetached(it) = fact {
        let id = it.attachment.parse().map_err(|_| Malformed("ticket_detached.attachment"))?;
        Tied::Detached { id, name: it.name.clone(), reason: it.reason.clone() }
    } else {
        return Ok(None);
    };
    Ok(Some(Event::Tied(tied)))
}

fn link_to(it: &Link) -> v1::TicketLink {
    v1::TicketLink {
        relation: words::relation_to(it.relation),
        ticket: it.ticket.to_string(),
        number: it.number.clone(),
    }
}

/// From the contract's words, as this program wrote them.
pub fn link_from(it: &v1::TicketLink) -> Result<Link, Malformed> {
    Ok(Link {
        relation: words::relation_from(it.relation).ok_or(Malformed("link.relation"))?,
        ticket: it.ticket.parse().map_err(|_| Malformed("link.ticket"))?,
        number: it.number.clone(),
    })
}

/// In the contract's words.
pub fn attachment_to(it: &Attachment) -> v1::Attachment {
    v1::Attachment {
        id: it.id.to_string(),
        name: it.name.clone(),
        content_type: it.media.as_str().to_owned(),
        size: it.size,
        sha256: it.hash.to_vec(),
        author: it.by.clone(),
        attach_time: Some(time_to(it.at)),
    }
}

/// From the contract's words, as this program wrote them.
pub fn attachment_from(it: &v1::Attachment) -> Result<Attachment, Malformed> {
    Ok(Attachment {
        id: it.id.parse().map_err(|_| Malformed("attachment.id"))?,
        name: it.name.clone(),
        media: MediaType::parse(&it.content_type).ok_or(Malformed("attachment.content_type"))?,
        size: it.size,
        hash: it.sha256.as_slice().try_into().map_err(|_| Malformed("attachment.sha256"))?,
        by: it.author.clone(),
        at: it.attach_time.as_ref().map(time_from).ok_or(Malformed("attachment.attach_time"))?,
    })
}
