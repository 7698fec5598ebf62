//! Requests about merging, splitting, linking and watching tickets, from the contract's words to the desk's.

use super::request::expected;
use crate::{
    api::parse::{Checks, words::RELATION},
    desk::{
        command::{Change, FollowUp, Part, Split, What, Wish},
        fault::Fault,
    },
    domain::{id::AttachmentId, lookup::TicketRef, ticket::Relation},
    proto::v1,
};

pub(super) fn merge(raw: v1::MergeTicketRequest) -> Result<Change, Fault> {
    let mut checks = Checks::default();
    let request = checks.id("request_id", raw.request_id);
    let ticket = checks.ticket("ticket", &raw.ticket);
    let into = checks.ticket("into", &raw.into);
    let what = What::Tie(Wish::Merge { into });
    checks.done(Change { request, ticket, what, expected: expected(raw.expected_version) })
}

pub(super) fn split(raw: v1::SplitTicketRequest) -> Result<Split, Fault> {
    let mut checks = Checks::default();
    let part = match (raw.text.trim().is_empty(), raw.comment_position) {
        (true, 0) => {
            checks.wrong("text", "is required, or comment_position: what the new ticket is about");
            Part::Comment(0)
        }
        (true, position) => Part::Comment(position),
        (false, 0) => Part::Text(checks.text("text", raw.text)),
        (false, _) => {
            checks.wrong("comment_position", "goes without `text` only: give one of the two");
            Part::Comment(0)
        }
    };
    let split = Split {
        request: checks.id("request_id", raw.request_id),
        ticket: checks.ticket("ticket", &raw.ticket),
        part,
        template: checks.optional_id("template", raw.template),
        subject: checks.subject("subject", &raw.subject),
        fields: checks.values("fields", &raw.fields),
        expected: expected(raw.expected_version),
    };
    checks.done(split)
}

pub(super) fn follow_up(raw: v1::FollowUpTicketRequest) -> Result<FollowUp, Fault> {
    let mut checks = Checks::default();
    let request = checks.id("request_id", raw.request_id);
    let ticket = checks.ticket("ticket", &raw.ticket);
    let text = checks.text("text", raw.text);
    checks.done(FollowUp { request, ticket, text })
}

pub(super) fn link(raw: v1::LinkTicketRequest) -> Result<Change, Fault> {
    let mut checks = Checks::default();
    let request = checks.id("request_id", raw.request_id);
    let (ticket, relation, other) = pair(&mut checks, &raw.ticket, raw.relation, &raw.other);
    let what = What::Tie(Wish::Link { relation, other });
    checks.done(Change { request, ticket, what, expected: expected(raw.expected_version) })
}

pub(super) fn unlink(raw: v1::UnlinkTicketRequest) -> Result<Change, Fault> {
    let mut checks = Checks::default();
    let request = checks.id("request_id", raw.request_id);
    let (ticket, relation, other) = pair(&mut checks, &raw.ticket, raw.relation, &raw.other);
    let what = What::Tie(Wish::Unlink { relation, other });
    checks.done(Change { request, ticket, what, expected: expected(raw.expected_version) })
}

/// Which of two tickets keeps the link, and what the other one is to it: a child keeps its parent, and an incident
/// its problem.
fn pair(checks: &mut Checks, ticket: &str, relation: i32, other: &str) -> (TicketRef, Relation, TicketRef) {
    let (ticket, other) = (checks.ticket("ticket", ticket), checks.ticket("other", other));
    let relation = checks.word("relation", relation, &RELATION).unwrap_or(Relation::Related);
    if relation.is_kept_first() { (ticket, relation, other) } else { (other, relation.inverse(), ticket) }
}

pub(super) fn watch(raw: v1::AddWatcherRequest) -> Result<Change, Fault> {
    let mut checks = Checks::default();
    let request = checks.id("request_id", raw.request_id);
    let ticket = checks.ticket("ticket", &raw.ticket);
    let what = What::Tie(Wish::Watch(checks.person("watcher", raw.watcher)));
    checks.done(Change { request, ticket, what, expected: expected(raw.expected_version) })
}

pub(super) fn unwatch(raw: v1::RemoveWatcherRequest) -> Result<Change, Fault> {
    let mut checks = Checks::default();
    let request = checks.id("request_id", raw.request_id);
    let ticket = checks.ticket("ticket", &raw.ticket);
    let what = What::Tie(Wish::Unwatch(checks.person("watcher", raw.watcher)));
    checks.done(Change { request, ticket, what, expected: expected(raw.expected_version) })
}

pub(super) fn detach(raw: v1::RemoveAttachmentRequest) -> Result<Change, Fault> {
    let mut checks = Checks::default();
    let request = checks.id("request_id", raw.request_id);
    let ticket = checks.ticket("ticket", &raw.ticket);
    let (id, reason) = (attachment(&mut checks, &raw.attachment), checks.optional_text("reason", raw.reason));
    let what = What::Tie(Wish::Detach { id, reason });
    checks.done(Change { request, ticket, what, expected: expected(raw.expected_version) })
}

/// An attachment's id.
pub(super) fn attachment(checks: &mut Checks, raw: &str) -> AttachmentId {
    raw.parse().unwrap_or_else(|_| {
        checks.wrong("attachment", "must be an attachment's id like `att_…`");
        AttachmentId::from_bytes([0; 16])
    })
}
