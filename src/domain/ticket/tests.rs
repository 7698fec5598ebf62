//! Who answered whom: when a ticket counts as responded to.

use proptest::{collection::vec, prelude::*};

use super::*;
use crate::domain::id::Slot;

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
        approval: None,
    }
}

fn to(to: State) -> Command {
    Command::Move { to, hold: Some(HoldReason::Requester), resolution: "Restarted it".into() }
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
    let waiting = after(ticket(), 1, to(State::OnHold), "mei");
    let resumed = after(waiting, 2, said(true), ADA);
    assert_eq!((resumed.state, resumed.responded), (State::InProgress, None));
    assert_eq!(after(resumed, 3, said(false), "mei").responded, Some(Timestamp(3)));
}

#[test]
fn who_resolves_a_ticket_decides_whether_it_was_answered() {
    assert_eq!(after(ticket(), 1, to(State::Resolved), ADA).responded, None);
    assert_eq!(after(ticket(), 1, to(State::Resolved), "mei").responded, Some(Timestamp(1)));
}

proptest! {
    #[test]
    fn whatever_the_requester_does_nobody_has_answered(
        acts in vec((any::<bool>(), 0..State::ALL.len()), 0..20),
    ) {
        // An agent may ask the requester to wait, which is no answer either.
        let start = after(ticket(), 1, to(State::OnHold), "mei");
        let ended = acts.into_iter().fold(start, |it, (says, state)| {
            let command = if says { said(true) } else { to(State::ALL[state]) };
            after(it, 2, command, ADA)
        });
        prop_assert_eq!(ended.responded, None);
    }
}
