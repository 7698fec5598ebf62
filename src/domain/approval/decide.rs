//! What may happen to an approval, and what follows from it: a vote that settles a step asks the next one, and the last
//! step ends it all.

use super::{
    course::Course,
    event::{Event, Handover},
    plan::{Plan, StepPlan},
    refusal::Refusal,
    seating::{self, Departed, as_asked, is_available},
    state::{Approval, Asked, Ending, Outcome, Seat, Step, Vote},
};
use crate::domain::{
    catalog::Catalog,
    money::Prices,
    people::{Language, Person},
    template::Values,
    ticket::Ticket,
    time::Timestamp,
};

/// What a template asks for, and what its steps' bounds of the price are compared with.
pub(super) type Priced<'a> = (&'a Plan, &'a Prices);

/// The approval that a request needs; none if no step of its plan is needed.
pub fn begin(plan: &Plan, prices: &Prices, fields: &Values, catalog: u64) -> Option<Approval> {
    let steps = needed(&plan.steps, prices, fields);
    (!steps.is_empty()).then_some(Approval { catalog, round: 1, steps, ending: None })
}

/// Ids of the steps that a request needs with these values, and did not need with those before.
pub fn newly_needed(plan: &Plan, prices: &Prices, before: &Values, after: &Values) -> Vec<String> {
    let ids =
        |fields| needed(&plan.steps, prices, fields).into_iter().map(|it| it.plan.id).collect::<Vec<_>>();
    let before = ids(before);
    ids(after).into_iter().filter(|it| !before.contains(it)).collect()
}

fn needed(plans: &[StepPlan], prices: &Prices, fields: &Values) -> Vec<Step> {
    let needed = plans.iter().filter(|it| it.when.as_ref().is_none_or(|it| it.holds(fields, prices)));
    needed.cloned().map(Step::new).collect()
}

/// What follows by itself from how things stand: the first step is asked, a settled one ends and the next is asked, and
/// so on to the end. What time has brought comes before: places of those who left, reminders, a time that is up.
pub fn follow(ticket: &Ticket, catalog: &Catalog, now: Timestamp) -> Vec<Event> {
    replace(ticket, catalog, Departed::default(), now)
}

/// What follows by itself, with others asked in the place of those who have left.
pub fn replace(ticket: &Ticket, catalog: &Catalog, departed: Departed<'_>, now: Timestamp) -> Vec<Event> {
    let Some(approval) = ticket.approval.as_deref().filter(|_| ticket.is_waiting_for_approval()) else {
        return vec![];
    };
    let mut course = Course::of(ticket, catalog, now);
    course.departed = departed;
    if let Some((at, step)) = approval.current() {
        for (seat, asked, left) in seating::refilled(course.matter(), step) {
            course.add(Event::Handed { step: at, seat, asked, why: Handover::Left(left) });
        }
        course.pass_time(at);
    }
    course.go_on();
    course.events
}

/// Somebody says yes or no.
pub fn vote(ticket: &Ticket, catalog: &Catalog, vote: Vote, now: Timestamp) -> Result<Vec<Event>, Refusal> {
    let vote = Vote { by: as_asked(catalog, &vote.by), ..vote };
    let (at, seat) = place(ticket, catalog, &vote.by)?;
    let (_, step) = open(ticket)?;
    let alone: Vec<_> = step.seats.iter().filter(|it| it.decides).flat_map(|it| &it.asked).collect();
    if !alone.is_empty() && !step.seats[seat].decides {
        return Err(Refusal::Escalated(alone.into_iter().map(|it| it.person.clone()).collect()));
    }
    if !vote.approves && vote.comment.trim().is_empty() {
        return Err(Refusal::NoReason);
    }
    let mut course = Course::of(ticket, catalog, now);
    course.add(Event::Voted { step: at, seat, vote });
    course.go_on();
    Ok(course.events)
}

/// Somebody hands their place on.
pub fn delegate(
    ticket: &Ticket,
    catalog: &Catalog,
    by: &Person,
    to: Person,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    let (by, to) = (&as_asked(catalog, by), as_asked(catalog, &to));
    let (at, seat) = place(ticket, catalog, by)?;
    let (_, step) = open(ticket)?;
    let place = &step.seats[seat];
    let bad = |why| Err(Refusal::BadDelegate { to: to.clone(), why });
    if let Some(vote) = &place.vote {
        return Err(Refusal::SeatTaken(vote.by.clone()));
    }
    if to == *by {
        return bad("it is theirs already");
    }
    if to == as_asked(catalog, &ticket.requester) {
        return bad("nobody decides their own request");
    }
    if seating::authors(catalog, ticket).contains(&to) {
        return bad("nobody agrees to what they have planned or submitted themselves");
    }
    if place.handed.contains(&to) {
        return bad("they handed it on themselves");
    }
    if step.seats.iter().any(|it| it.asks(&to) || it.is_by(&to)) {
        return bad("they are asked in this step anyway, and have one vote");
    }
    if !is_available(catalog, &to, now) {
        return bad("they are not there now");
    }
    let language = seating::approver_of(catalog, &to).map_or_else(Language::default, |it| it.language);
    let new = Asked { person: to, language, stands_for: Some(by.clone()) };
    let asked =
        place.asked.iter().map(|it| if it.person == *by { new.clone() } else { it.clone() }).collect();
    Ok(vec![Event::Handed { step: at, seat, asked, why: Handover::Delegated(by.clone()) }])
}

/// The request was changed: the approval begins anew, with the steps that are needed now.
pub fn restart(ticket: &Ticket, catalog: &Catalog, plan: Priced<'_>, now: Timestamp) -> Vec<Event> {
    if !ticket.is_waiting_for_approval() {
        return vec![];
    }
    submit(ticket, catalog, plan, now)
}

/// Consent is asked for: the first time, or anew.
pub fn submit(ticket: &Ticket, catalog: &Catalog, (plan, prices): Priced<'_>, now: Timestamp) -> Vec<Event> {
    let mut course = Course::of(ticket, catalog, now);
    let steps = needed(&plan.steps, prices, &ticket.consent_values());
    let none = steps.is_empty();
    course.add(Event::Restarted { steps, catalog: catalog.version });
    if none {
        let reason = "no step is needed any more".to_owned();
        course.add(Event::Ended(Ending { outcome: Outcome::NotNeeded, by: None, reason, at: now }));
    } else {
        course.go_on();
    }
    course.events
}

/// What was agreed to is planned anew: whoever must agree is asked when it is submitted again.
pub fn lapse(ticket: &Ticket, catalog: &Catalog, (plan, prices): Priced<'_>) -> Event {
    let steps = needed(&plan.steps, prices, &ticket.consent_values());
    Event::Restarted { steps, catalog: catalog.version }
}

/// The request is no longer wanted: whoever was asked need not answer.
pub fn cancel(ticket: &Ticket, by: &Person, now: Timestamp) -> Option<Event> {
    ticket.approval.as_ref().filter(|it| it.ending.is_none())?;
    let ending = Ending { outcome: Outcome::Withdrawn, by: Some(by.clone()), reason: String::new(), at: now };
    Some(Event::Ended(ending))
}

/// The step that is asked now.
fn open(ticket: &Ticket) -> Result<(usize, &Step), Refusal> {
    let approval = ticket.approval.as_ref().ok_or(Refusal::NotAsked)?;
    if let Some(ending) = &approval.ending {
        return Err(Refusal::Over(ending.clone()));
    }
    approval.current().filter(|_| ticket.is_waiting_for_approval()).ok_or(Refusal::NotAsked)
}

/// The place that somebody fills in the step that is asked now.
fn place(ticket: &Ticket, catalog: &Catalog, who: &Person) -> Result<(usize, usize), Refusal> {
    let approval = ticket.approval.as_ref().ok_or(Refusal::NotAsked)?;
    let pending = || approval.pending().into_iter().map(|it| it.person.clone()).collect::<Vec<_>>();
    if approval.ending.is_none() && *who == as_asked(catalog, &ticket.requester) {
        return Err(Refusal::OwnRequest(pending()));
    }
    if approval.ending.is_some() && !approval.knows(who) {
        return Err(Refusal::NotApprover(vec![]));
    }
    let (at, step) = open(ticket)?;
    let mine = |it: &Seat| it.is_by(who) || (it.vote.is_none() && it.asks(who));
    let decides = step.seats.iter().position(|it| it.decides && mine(it));
    if let Some(seat) = decides.or_else(|| step.seats.iter().position(mine)) {
        return Ok((at, seat));
    }
    if seating::authors(catalog, ticket).contains(who) {
        return Err(Refusal::OwnPlan(pending()));
    }
    if let Some(taken) = step.seats.iter().find(|it| it.asks(who)).and_then(|it| it.vote.as_ref()) {
        return Err(Refusal::SeatTaken(taken.by.clone()));
    }
    if let Some(seat) = step.seats.iter().find(|it| it.handed.contains(who)) {
        return Err(Refusal::HandedOn(seat.asked.iter().map(|it| it.person.clone()).collect()));
    }
    let earlier = approval.steps[..at].iter().rfind(|it| it.seat_of(who).is_some());
    match earlier.and_then(|it| Some((it, it.outcome?))) {
        Some((earlier, outcome)) => {
            let (step, now) = (earlier.plan.id.clone(), step.plan.id.clone());
            Err(Refusal::StepOver { step, outcome, now })
        }
        None => Err(Refusal::NotApprover(pending())),
    }
}
