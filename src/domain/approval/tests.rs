//! Whose word counts, when a step is settled, and that every approval has one ending.

mod course;
mod people;

use std::collections::BTreeSet;

use jiff::civil::date;
use proptest::{collection::vec, prelude::*};

use super::*;
use crate::domain::{
    assignment::{Agent, Group},
    catalog::Catalog,
    duty::Leave,
    field::FieldValue,
    money::Prices,
    people::{Bilingual, Language, Person},
    profile::SubjectFrom,
    service::Service,
    template::Values,
    ticket::{self, Ticket, tests::ticket},
    time::Timestamp,
};

fn person(name: &str) -> Person {
    Person { issuer: "chat".into(), subject: name.into(), name: String::new() }
}

fn approver(name: &str) -> Approver {
    Approver {
        id: name.into(),
        person: person(name),
        agent: None,
        language: Language::En,
        leave: vec![],
        delegate: None,
        manages: vec![],
    }
}

/// Approvers `a` to `h`, of whom `a` is the manager of the requester `ada`; a group `cab` of the agents `x`, `y`, `z`;
/// a group `desk` of `d`, who is asked where nobody else can be.
fn catalog() -> Catalog {
    let agent = |id: &str, group: &str| Agent {
        id: id.into(),
        name: id.to_uppercase(),
        groups: vec![group.into()],
        present: true,
        ..Agent::default()
    };
    let mut approvers: Vec<Approver> = ('a'..='h').map(|it| approver(&it.to_string())).collect();
    approvers[0].manages = vec![person("ada")];
    Catalog {
        version: 1,
        approvers,
        services: vec![Service::new("printing", "Printing", "desk")],
        groups: ["cab", "desk"].map(|id| Group { id: id.into(), ..Group::default() }).into(),
        agents: vec![agent("x", "cab"), agent("y", "cab"), agent("z", "cab"), agent("d", "desk")],
        ..Catalog::default()
    }
}

fn step(who: Vec<Who>) -> StepPlan {
    StepPlan {
        id: "one".into(),
        label: Bilingual::default(),
        who,
        quorum: Quorum::Percent(100),
        veto: false,
        when: None,
        own: OwnRequest::Refuse,
        fallback: vec![],
        calendar: None,
        due: None,
        remind: None,
        expiry: Expiry::Remind,
        escalate_to: vec![],
    }
}

fn named_ones(names: &[&str]) -> Vec<Who> {
    names.iter().map(|it| Who::Approver((*it).to_owned())).collect()
}

/// A ticket of `ada` that waits for these steps.
fn asking(steps: Vec<StepPlan>, catalog: &Catalog) -> Ticket {
    asking_for(ticket().requester, steps, catalog)
}

/// The same of somebody else.
fn asking_for(requester: Person, steps: Vec<StepPlan>, catalog: &Catalog) -> Ticket {
    let plan = Plan { steps, restart: vec![] };
    let approval = begin(&plan, &Prices::default(), &Values::new(), 1).unwrap();
    let waiting = Ticket { requester, ..ticket().awaiting(approval) };
    let events = follow(&waiting, catalog, Timestamp(0));
    after(waiting, &events, Timestamp(0))
}

fn after(ticket: Ticket, events: &[Event], at: Timestamp) -> Ticket {
    let event = |event: &Event| ticket::Event::Approval { event: event.clone(), tell: vec![] };
    events.iter().fold(ticket, |it, one| it.apply(&event(one), at))
}

fn says(ticket: &Ticket, catalog: &Catalog, who: &str, approves: bool) -> Result<Ticket, Refusal> {
    let at = Timestamp(1);
    let one = Vote { by: person(who), approves, comment: "because".into(), at };
    vote(ticket, catalog, one, at).map(|events| after(ticket.clone(), &events, at))
}

fn asked_subjects(ticket: &Ticket) -> Vec<String> {
    let approval = ticket.approval.as_ref().unwrap();
    approval.pending().into_iter().map(|it| it.person.subject.clone()).collect()
}

fn outcome(ticket: &Ticket) -> Option<Outcome> {
    ticket.approval.as_ref()?.ending.as_ref().map(|it| it.outcome)
}
