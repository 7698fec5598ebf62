//! Requests about approvals, from the contract's words to the desk's.

use crate::{
    api::parse::{Checks, words::WORD},
    desk::{
        approvals::{What, Word},
        fault::Fault,
    },
    domain::{id::TicketId, lookup::TicketRef, people::Person},
    proto::v1,
};

/// What is asked after.
#[derive(Debug, PartialEq)]
pub(super) enum Which {
    /// The approval of one ticket.
    Ticket(TicketRef),
    /// What waits, behind which ticket, and how many.
    Pending(Option<TicketId>, u32),
}

pub(super) fn list(raw: v1::ListApprovalsRequest) -> Result<(Option<Person>, Which), Fault> {
    let mut checks = Checks::default();
    let person = person(&mut checks, raw.person);
    let (size, after) = (checks.page_size(raw.page_size), checks.after_ticket(&raw.page_token));
    let which = if raw.ticket.is_empty() {
        Which::Pending(after, size)
    } else {
        Which::Ticket(checks.ticket("ticket", &raw.ticket))
    };
    checks.done((person, which))
}

pub(super) fn decide(raw: v1::DecideApprovalRequest) -> Result<Word, Fault> {
    let mut checks = Checks::default();
    let (request, ticket) = (checks.id("request_id", raw.request_id), checks.ticket("ticket", &raw.ticket));
    let person = person(&mut checks, raw.person);
    let approves = checks.word("word", raw.word, &WORD);
    let comment = checks.optional_text("comment", raw.comment);
    if approves == Some(false) && comment.trim().is_empty() {
        checks.wrong("comment", "is required with APPROVAL_WORD_REJECT: the requester is told why");
    }
    let what = What::Decide { approves: approves.unwrap_or_default(), comment, round: raw.round };
    checks.done(Word { request, ticket, person, what })
}

pub(super) fn delegate(raw: v1::DelegateApprovalRequest) -> Result<Word, Fault> {
    let mut checks = Checks::default();
    let (request, ticket) = (checks.id("request_id", raw.request_id), checks.ticket("ticket", &raw.ticket));
    let person = person(&mut checks, raw.person);
    let what = What::Delegate { to: checks.id("to", raw.to) };
    checks.done(Word { request, ticket, person, what })
}

fn person(checks: &mut Checks, raw: Option<v1::Person>) -> Option<Person> {
    raw.map(|it| checks.person("person", Some(it)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_is_wrong_is_told_at_once() {
        let raw = v1::DecideApprovalRequest {
            person: Some(v1::Person::default()),
            word: v1::ApprovalWord::Reject.into(),
            ..Default::default()
        };
        let Err(Fault::Malformed(wrong)) = decide(raw) else { panic!("was taken") };
        let fields: Vec<_> = wrong.iter().map(|it| it.field.as_str()).collect();
        assert_eq!(fields, ["request_id", "ticket", "person.issuer", "person.subject", "comment"]);
        let Err(Fault::Malformed(wrong)) = delegate(v1::DelegateApprovalRequest::default()) else { panic!() };
        let fields: Vec<_> = wrong.iter().map(|it| it.field.as_str()).collect();
        assert_eq!(fields, ["request_id", "ticket", "to"]);
        let raw = v1::ListApprovalsRequest { ticket: "x".into(), page_size: -1, ..Default::default() };
        let Err(Fault::Malformed(wrong)) = list(raw) else { panic!("was taken") };
        let fields: Vec<_> = wrong.iter().map(|it| it.field.as_str()).collect();
        assert_eq!(fields, ["page_size", "ticket"]);
    }
}
