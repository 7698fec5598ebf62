//! Who answered whom: when a ticket counts as responded to.

use proptest::{collection::vec, prelude::*};

use super::*;
use crate::domain::{
    id::Slot,
    lifecycle::{CancelReason, HoldReason, Who},
};

const ADA: &str = "ada";

pub(in crate::domain) fn ticket() -> Ticket {
    Ticket {
        id: TicketId::new([7; 16], Slot(0)),
        number: "INC-1".into(),
        kind: TicketKind::Incident,
        state: State::Assigned,
        template: "printer_fault".into(),
        template_version: 1,
        service: "printing".into(),
        subject: "The printer jams".into(),
        description: "The printer jams".into(),
        requester: Person { issuer: "chat".into(), subject: ADA.into(), name: String::new() },
        language: Language::En,
        fields: vec![],
        impact: Impact::Person,
        urgency: Urgency::Medium,
        priority: Priority::P3,
        group: "workplace".into(),
        agent: Some("mei".into()),
        offering: Offering::default(),
        tasks: vec![],
        hold: None,
        resolution: String::new(),
        opened: Timestamp(0),
        updated: Timestamp(0),
        sla: "standard".into(),
        due: Due::default(),
        clocks: ClockState::default(),
        responded: None,
        resolved: None,
        version: 1,
        conversation: None,
        comments: 0,
        asked: Asked::default(),
        course: Course::default(),
        ties: Ties::default(),
        approval: None,
        assets: TicketAssets::default(),
        diagnosis: None,
        change: None,
        survey: None,
    }
}

/// A move with all that any needs; it says nothing to the requester unless it must.
fn to(to: State, who: Who) -> Command {
    let comment = if who == Who::Requester { "It is not solved".into() } else { String::new() };
    Command::Move(Box::new(MoveTo {
        hold: Some(HoldReason::Vendor),
        resolution: "Restarted it".into(),
        cancel: Some(CancelReason::Duplicate),
        comment,
        ..MoveTo::new(to, who)
    }))
}

fn asked(question: &str) -> Command {
    let hold = Some(HoldReason::Requester);
    let comment = question.into();
    Command::Move(Box::new(MoveTo { hold, comment, ..MoveTo::new(State::OnHold, Who::Agent) }))
}

fn said(by_requester: bool) -> Command {
    Command::Comment { text: "It jams".into(), internal: false, by_requester }
}

fn after(ticket: Ticket, at: i64, command: Command, actor: &str) -> Ticket {
    // What the rules refuse leaves no event.
    let events = ticket.decide(command, actor).unwrap_or_default();
    events.iter().fold(ticket, |it, event| it.apply(event, Timestamp(at)))
}

#[test]
fn an_answer_that_was_asked_of_the_requester_resumes_the_work_and_is_no_response() {
    let waiting = after(ticket(), 1, asked("Which floor?"), "mei");
    assert_eq!((waiting.state, waiting.responded), (State::OnHold, Some(Timestamp(1))));
    let resumed = after(waiting, 2, said(true), ADA);
    assert_eq!((resumed.state, resumed.responded), (State::InProgress, Some(Timestamp(1))));
    assert_eq!(resumed.clocks.asked, Some(Timestamp(2)), "their answer waits for one");
}

#[test]
fn a_question_needs_its_words_and_a_wait_for_others_is_no_response() {
    assert_eq!(ticket().decide(asked(" "), "mei").map_err(|it| it.to_string()), Err(NEEDS_WORDS.into()));
    assert_eq!(after(ticket(), 1, to(State::OnHold, Who::Agent), "mei").responded, None);
}

const NEEDS_WORDS: &str = "on hold for the requester needs a comment: what they are asked for";

#[test]
fn who_resolves_a_ticket_decides_whether_it_was_answered() {
    assert_eq!(after(ticket(), 1, to(State::Resolved, Who::Requester), ADA).responded, None);
    assert_eq!(after(ticket(), 1, to(State::Resolved, Who::Agent), "mei").responded, Some(Timestamp(1)));
}

#[test]
fn a_refusal_names_what_they_may_do_and_who_may_do_it() {
    let resolved = after(ticket(), 1, to(State::Resolved, Who::Agent), "mei");
    let refused = resolved.decide(to(State::Closed, Who::Agent), "mei").unwrap_err();
    assert_eq!(
        refused.to_string(),
        "a ticket that is resolved cannot become closed for you, only for: requester, manager, system; \
         now it may become assigned"
    );
    let refused = ticket().decide(to(State::InProgress, Who::Requester), ADA).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "a ticket that is assigned cannot become in_progress for you, only for: agent, manager, system; \
         now it may become resolved, cancelled"
    );
}

#[test]
fn reopening_needs_a_word_and_is_counted() {
    let resolved = after(ticket(), 1, to(State::Resolved, Who::Agent), "mei");
    let silent = Command::Move(Box::new(MoveTo::new(State::Assigned, Who::Agent)));
    assert!(matches!(resolved.decide(silent, "mei"), Err(Refusal::NoComment(_))));
    let again = after(resolved, 2, to(State::Assigned, Who::Requester), ADA);
    assert_eq!((again.state, again.course.reopens, again.comments), (State::Assigned, 1, 1));
    let resolved = after(again, 3, to(State::Resolved, Who::Agent), "mei");
    assert_eq!(after(resolved, 4, to(State::Assigned, Who::Requester), ADA).course.reopens, 2);
}

/// The clock of the next answer goes on after the requester said thanks; what was resolved comes back.
#[test]
fn thanks_for_what_is_done_reopen_nothing_and_start_no_clock() {
    let resolved = after(ticket(), 1, to(State::Resolved, Who::Agent), "mei");
    let before = (resolved.state, resolved.resolved, resolved.clocks.clone(), resolved.course.clone());
    let thanked = after(resolved, 2, said(true), ADA);
    assert_eq!((thanked.state, thanked.resolved, thanked.clocks, thanked.course), before);
}

#[test]
fn cancelling_needs_a_reason_but_of_the_requester() {
    let silent = |who| Command::Move(Box::new(MoveTo::new(State::Cancelled, who)));
    assert_eq!(ticket().decide(silent(Who::Agent), "mei"), Err(Refusal::NoCancelReason));
    let withdrawn = after(ticket(), 1, silent(Who::Requester), ADA);
    assert_eq!(withdrawn.course.cancel, Some(CancelReason::Withdrawn));
}

proptest! {
    #[test]
    fn whatever_the_requester_does_nobody_has_answered(
        acts in vec((any::<bool>(), 0..State::ALL.len()), 0..20),
    ) {
        // An agent may wait for somebody else, which is no answer either.
        let start = after(ticket(), 1, to(State::OnHold, Who::Agent), "mei");
        let ended = acts.into_iter().fold(start, |it, (says, state)| {
            let command = if says { said(true) } else { to(State::ALL[state], Who::Requester) };
            after(it, 2, command, ADA)
        });
        prop_assert_eq!(ended.responded, None);
    }
}
