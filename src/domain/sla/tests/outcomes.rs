//! How goals end: each once, whoever was late stays late, and what is taken up again is open again.

use super::*;

/// Applies an event and gives what it ended.
fn after(it: Ticket, event: &Event, minute: i64) -> (Ticket, Vec<(Goal, Ended)>) {
    let next = it.clone().apply(event, at(minute));
    let ended = outcomes(&it, event, &next, at(minute));
    (next, ended.into_iter().map(|it| (it.goal, it.result)).collect())
}

fn moved(from: State, to: State, hold: Option<HoldReason>) -> Event {
    Event::Moved(Moved { hold, resolution: "x".into(), ..Moved::new(from, to) })
}

fn answer() -> Event {
    Event::Commented {
        author: "mei".into(),
        text: "x".into(),
        internal: false,
        by_requester: false,
        carried: None,
    }
}

fn missed(goal: Goal, minute: i64) -> Event {
    Event::Escalated { fired: Fired { goal, percent: MISSED }, at: at(minute), notify: vec![] }
}

#[test]
fn a_goal_that_is_reached_is_met_and_counts_when_it_was_due() {
    let it = Ticket { due: due(&opened()), ..opened() };
    let next = it.clone().apply(&answer(), at(clock(0, 9)));
    let met = outcomes(&it, &answer(), &next, at(clock(0, 9)));
    assert_eq!((met.len(), met[0].goal, met[0].result), (1, Goal::Response, Ended::Met));
    assert_eq!(met[0].due, at(clock(0, 10)));
    assert!(
        after(next, &answer(), clock(0, 9)).1.iter().all(|it| it.0 == Goal::Update),
        "a second answer is not the first"
    );
}

#[test]
fn what_was_missed_stays_missed_however_late_it_is_reached() {
    let (it, told) = after(opened(), &missed(Goal::Resolution, clock(1, 11)), clock(1, 11));
    assert_eq!(told, [(Goal::Resolution, Ended::Missed)]);
    let (it, ended) = after(it, &moved(State::Assigned, State::Resolved, None), clock(1, 12));
    assert!(!ended.iter().any(|it| it.0 == Goal::Resolution), "{ended:?}");
    let (_, ended) = after(it, &moved(State::Resolved, State::Assigned, None), clock(1, 13));
    assert!(!ended.iter().any(|it| it.0 == Goal::Resolution), "{ended:?}");
}

#[test]
fn a_step_above_a_hundred_percent_is_no_second_miss() {
    let (it, _) = after(opened(), &missed(Goal::Resolution, clock(1, 11)), clock(1, 11));
    let fired = Fired { goal: Goal::Resolution, percent: 150 };
    let later = Event::Escalated { fired, at: at(clock(1, 16)), notify: vec![] };
    assert_eq!(after(it, &later, clock(1, 16)).1, []);
}

#[test]
fn a_reopened_ticket_is_open_again() {
    let (it, ended) = after(opened(), &moved(State::Assigned, State::Resolved, None), clock(0, 10));
    let met = |goal| (goal, Ended::Met);
    assert_eq!(ended, [met(Goal::Response), met(Goal::Resolution), met(Goal::Ola)]);
    let (_, ended) = after(it, &moved(State::Resolved, State::Assigned, None), clock(0, 11));
    assert_eq!(ended, [(Goal::Resolution, Ended::Open), (Goal::Ola, Ended::Open)]);
}

/// A counter takes nothing back: what is taken up again and ends once more is told from what ends first.
#[test]
fn what_ends_again_is_told_from_what_ends_first() {
    let flags = |it: &Ticket, event: &Event, minute: i64| {
        let next = it.clone().apply(event, at(minute));
        let ended = outcomes(it, event, &next, at(minute)).into_iter();
        let of_work: Vec<_> = ended.filter(|it| it.goal == Goal::Resolution).map(|it| it.is_again).collect();
        (next, of_work)
    };
    let (it, first) = flags(&opened(), &moved(State::Assigned, State::Resolved, None), clock(0, 10));
    let (it, taken_up) = flags(&it, &moved(State::Resolved, State::Assigned, None), clock(0, 11));
    let (done, again) = flags(&it, &moved(State::Assigned, State::Resolved, None), clock(0, 12));
    assert_eq!((first, taken_up, again), (vec![false], vec![false], vec![true]));
    assert_eq!(flags(&it, &missed(Goal::Resolution, clock(1, 11)), clock(1, 11)).1, [true]);
    assert_eq!(done.resolved, Some(at(clock(0, 12))));
}

#[test]
fn a_group_that_hands_on_has_met_its_own_agreement_and_the_next_one_has_not() {
    let handed = Event::Assigned { group: "second".into(), agent: None, because: vec![] };
    let it = opened();
    let next = it.clone().apply(&handed, at(clock(0, 10)));
    let ended = outcomes(&it, &handed, &next, at(clock(0, 10)));
    assert_eq!(ended.iter().map(|it| (it.goal, it.result)).collect::<Vec<_>>(), [(Goal::Ola, Ended::Met)]);
    assert_eq!(ended[0].group, it.group);
    assert_eq!(ended[0].due, at(clock(0, 10)), "nothing was due, so it counts when it ended");
}

#[test]
fn each_question_and_each_stretch_with_the_supplier_ends_by_itself() {
    let (it, _) = after(opened(), &answer(), clock(0, 9));
    let it = say(it, clock(0, 10), true);
    let (it, ended) = after(it, &answer(), clock(0, 11));
    assert_eq!(ended, [(Goal::NextResponse, Ended::Met), (Goal::Update, Ended::Met)]);
    let vendor = Some(HoldReason::Vendor);
    let (it, ended) = after(it, &moved(State::Assigned, State::OnHold, vendor), clock(0, 12));
    assert_eq!(ended, []);
    let (it, ended) = after(it, &moved(State::OnHold, State::InProgress, None), clock(0, 13));
    assert_eq!(ended, [(Goal::Contract, Ended::Met)]);
    let (_, ended) = after(it, &moved(State::InProgress, State::OnHold, vendor), clock(0, 14));
    assert_eq!(ended, [(Goal::Contract, Ended::Open)], "the supplier has it again");
}

#[test]
fn what_is_given_up_is_neither_met_nor_missed() {
    let (it, _) = after(opened(), &answer(), clock(0, 9));
    assert_eq!(after(it, &moved(State::Assigned, State::Cancelled, None), clock(0, 10)).1, []);
}
