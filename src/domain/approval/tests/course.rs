//! What votes and time bring.

use super::*;
use crate::domain::{
    calendar::{Calendar, Hours},
    money::Money,
    sla::SlaPolicy,
};

#[test]
fn two_of_three_grant_and_two_against_reject() {
    let catalog = catalog();
    let plan = StepPlan { quorum: Quorum::Count(2), ..step(named_ones(&["b", "c", "e"])) };
    let waiting = asking(vec![plan], &catalog);
    let one = says(&waiting, &catalog, "b", true).unwrap();
    assert_eq!(outcome(&one), None);
    assert_eq!(outcome(&says(&one, &catalog, "e", true).unwrap()), Some(Outcome::Granted));
    let no = says(&one, &catalog, "c", false).unwrap();
    assert_eq!(outcome(&no), None);
    let rejected = says(&no, &catalog, "e", false).unwrap();
    let ending = rejected.approval.as_ref().unwrap().ending.clone().unwrap();
    assert_eq!((ending.outcome, ending.by.map(|it| it.subject)), (Outcome::Rejected, Some("e".into())));
    assert!(matches!(says(&rejected, &catalog, "b", true), Err(Refusal::Over(_))));
}

#[test]
fn a_veto_ends_it_and_a_mind_may_change_before() {
    let catalog = catalog();
    let plan = StepPlan { quorum: Quorum::Percent(0), ..step(named_ones(&["b", "c", "e"])) };
    let easy = asking(vec![plan.clone()], &catalog);
    let no = says(&easy, &catalog, "b", false).unwrap();
    assert_eq!(outcome(&no), None, "one yes is enough");
    assert_eq!(outcome(&says(&no, &catalog, "b", true).unwrap()), Some(Outcome::Granted));
    let strict = asking(vec![StepPlan { veto: true, ..plan }], &catalog);
    assert_eq!(outcome(&says(&strict, &catalog, "b", false).unwrap()), Some(Outcome::Rejected));
    let silent = Vote { by: person("b"), approves: false, comment: " ".into(), at: Timestamp(1) };
    assert_eq!(vote(&strict, &catalog, silent, Timestamp(1)), Err(Refusal::NoReason));
}

#[test]
fn the_second_of_a_group_hears_who_was_first() {
    let catalog = catalog();
    let group = vec![Who::Group { id: "cab".into(), each: false }, Who::Approver("b".into())];
    let waiting = asking(vec![step(group)], &catalog);
    let say = |it: &Ticket, who: &str| {
        let one = Vote {
            by: agent_person(&catalog, who),
            approves: true,
            comment: String::new(),
            at: Timestamp(1),
        };
        vote(it, &catalog, one, Timestamp(1)).map(|events| after(it.clone(), &events, Timestamp(1)))
    };
    let one = say(&waiting, "x").unwrap();
    assert_eq!(say(&one, "y").unwrap_err(), Refusal::SeatTaken(agent_person(&catalog, "x")));
    assert_eq!(outcome(&one), None);
}

#[test]
fn a_vote_on_an_ended_step_hears_how_it_ended() {
    let catalog = catalog();
    let two = StepPlan { id: "two".into(), ..step(named_ones(&["c"])) };
    let waiting = asking(vec![step(named_ones(&["b"])), two], &catalog);
    assert_eq!(asked_subjects(&waiting), ["b"], "the second is not asked before");
    let next = says(&waiting, &catalog, "b", true).unwrap();
    assert_eq!(asked_subjects(&next), ["c"]);
    let over = Refusal::StepOver { step: "one".into(), outcome: Outcome::Granted, now: "two".into() };
    assert_eq!(says(&next, &catalog, "b", false).unwrap_err(), over);
    assert!(matches!(says(&next, &catalog, "h", true), Err(Refusal::NotApprover(_))));
}

#[test]
fn a_step_is_needed_by_the_value_of_a_field() {
    let above = Need::Above { field: "cost".into(), number: 500.0 };
    let none = Prices::default();
    let cost = |it: f64| vec![("cost".to_owned(), FieldValue::Number(it))];
    assert!(above.holds(&cost(500.5), &none) && !above.holds(&cost(500.0), &none));
    assert!(above.holds(&vec![], &none), "what nobody said may be any sum");
    let plan =
        Plan { steps: vec![StepPlan { when: Some(above), ..step(named_ones(&["b"])) }], restart: vec![] };
    assert!(begin(&plan, &none, &cost(10.0), 1).is_none());
    let catalog = catalog();
    let waiting = asking(plan.steps.clone(), &catalog);
    let cheap = Ticket { fields: cost(10.0), ..waiting.clone() };
    let events = restart(&cheap, &catalog, (&plan, &none), Timestamp(3));
    assert_eq!(outcome(&after(cheap, &events, Timestamp(3))), Some(Outcome::NotNeeded));
    let dear = Ticket { fields: cost(900.0), ..waiting };
    let events = restart(&dear, &catalog, (&plan, &none), Timestamp(3));
    let again = after(dear, &events, Timestamp(3));
    let approval = again.approval.as_ref().unwrap();
    assert_eq!((approval.round, asked_subjects(&again)), (2, vec!["b".to_owned()]));
}

/// Hours from 9 to 17 on every day, in UTC; the first of January 1970 was a Thursday.
fn with_hours(mut catalog: Catalog) -> Catalog {
    let week = [(); 7].map(|()| vec![Hours { from: 9 * 3600, to: 17 * 3600 }]);
    catalog.calendars = vec![Calendar::new("office", "UTC", week, Default::default()).unwrap()];
    catalog.policies = Vec::<SlaPolicy>::new();
    catalog
}

fn hour(day: i64, hour: i64) -> Timestamp {
    Timestamp::from_second((day * 24 + hour) * 3600)
}

fn timed(expiry: Expiry) -> StepPlan {
    StepPlan {
        calendar: Some("office".into()),
        due: Some(8 * 3600),
        remind: Some(3 * 3600),
        expiry,
        escalate_to: named_ones(&["h"]),
        ..step(named_ones(&["b", "c"]))
    }
}

fn come(ticket: Ticket, catalog: &Catalog, at: Timestamp) -> (Ticket, Vec<Event>) {
    let events = follow(&ticket, catalog, at);
    (after(ticket, &events, at), events)
}

#[test]
fn reminders_and_the_end_of_the_time_count_working_hours() {
    let catalog = with_hours(catalog());
    let waiting = asking(vec![timed(Expiry::Remind)], &catalog);
    assert_eq!(due(&waiting, &catalog), Some(hour(0, 17)));
    assert_eq!(look(&waiting, &catalog), Some(hour(0, 12)));
    assert!(follow(&waiting, &catalog, hour(0, 11)).is_empty());
    let (waiting, events) = come(waiting, &catalog, hour(0, 12));
    assert_eq!(events, [Event::Reminded { step: 0 }]);
    assert!(follow(&waiting, &catalog, hour(0, 12)).is_empty(), "once");
    assert_eq!(look(&waiting, &catalog), Some(hour(0, 15)));
    let (waiting, events) = come(waiting, &catalog, hour(0, 17));
    assert_eq!(events, [Event::Expired { step: 0 }, Event::Reminded { step: 0 }]);
    assert_eq!(look(&waiting, &catalog), Some(hour(1, 12)), "and again the next day");
}

#[test]
fn silence_rejects_approves_or_goes_to_somebody_else() {
    let catalog = with_hours(catalog());
    let late = |expiry| come(asking(vec![timed(expiry)], &catalog), &catalog, hour(0, 17)).0;
    assert_eq!(outcome(&late(Expiry::Reject)), Some(Outcome::Rejected));
    assert_eq!(outcome(&late(Expiry::Approve)), Some(Outcome::Granted));
    let escalated = late(Expiry::Escalate);
    assert!(
        follow(&escalated, &catalog, hour(0, 17)).is_empty(),
        "whoever is asked now is not reminded at once"
    );
    assert_eq!(asked_subjects(&escalated), ["b", "c", "h"]);
    let alone = says(&escalated, &catalog, "h", true).unwrap();
    assert_eq!(outcome(&alone), Some(Outcome::Granted), "decides alone");
    let before = says(&escalated, &catalog, "b", true);
    assert!(matches!(before, Err(Refusal::Escalated(_))), "it is no longer theirs: {before:?}");
}

fn plans() -> impl Strategy<Value = Vec<StepPlan>> {
    let quorum = prop_oneof![(1_u32..4).prop_map(Quorum::Count), (0_u32..=100).prop_map(Quorum::Percent)];
    let one = (proptest::sample::subsequence(vec!["b", "c", "e", "f"], 1..4), quorum, any::<bool>());
    let one = one.prop_map(|(who, quorum, veto)| StepPlan { quorum, veto, ..step(named_ones(&who)) });
    vec(one, 1..4).prop_map(|mut steps| {
        for (at, it) in steps.iter_mut().enumerate() {
            it.id = format!("step{at}");
        }
        steps
    })
}

/// A step with so many places, of which these have voted.
fn voted(places: usize, quorum: Quorum, veto: bool, votes: &[(usize, bool)]) -> Step {
    let mut it = Step::new(StepPlan { quorum, veto, ..step(vec![]) });
    it.seats = vec![Seat::default(); places];
    for (at, approves) in votes {
        let by = person(&at.to_string());
        it.seats[at % places].vote =
            Some(Vote { by, approves: *approves, comment: String::new(), at: Timestamp(0) });
    }
    it
}

proptest! {
    #[test]
    fn another_yes_never_takes_a_grant_back(
        places in 1_usize..7, percent in 0_u32..=100, veto: bool, votes in vec((0_usize..7, any::<bool>()), 0..7),
    ) {
        let before = voted(places, Quorum::Percent(percent), veto, &votes);
        for at in 0..places {
            let mut more = before.clone();
            let by = person("more");
            more.seats[at].vote = Some(Vote { by, approves: true, comment: String::new(), at: Timestamp(0) });
            if before.verdict() == Some(true) {
                prop_assert_eq!(more.verdict(), Some(true));
            }
            // A higher quorum is never easier.
            let mut stricter = before.clone();
            stricter.plan.quorum = Quorum::Percent((percent + 10).min(100));
            prop_assert!(stricter.verdict() != Some(true) || before.verdict() == Some(true));
        }
    }

    #[test]
    fn all_votes_settle_a_step_and_their_order_does_not_matter(
        places in 1_usize..6, percent in 0_u32..=100, votes in vec(any::<bool>(), 6), order in Just((0..6).collect::<Vec<usize>>()).prop_shuffle(),
    ) {
        let ending = |order: &[usize]| {
            let mut said = vec![];
            for at in order.iter().filter(|it| **it < places) {
                said.push((*at, votes[*at]));
                let now = voted(places, Quorum::Percent(percent), false, &said).verdict();
                if now.is_some() {
                    return now;
                }
            }
            None
        };
        let straight: Vec<usize> = (0..6).collect();
        prop_assert!(ending(&straight).is_some());
        prop_assert_eq!(ending(&straight), ending(&order));
    }

    #[test]
    fn whoever_says_whatever_an_approval_has_one_ending_and_its_steps_come_in_order(
        plans in plans(), acts in vec((0_usize..8, any::<bool>(), 0_usize..3), 0..40),
    ) {
        let catalog = catalog();
        let mut waiting = asking(plans.clone(), &catalog);
        let mut all = vec![];
        for (who, approves, act) in acts {
            let by = person(["a", "b", "c", "e", "f", "g", "h", "ada"][who]);
            let events = match act {
                0 => delegate(&waiting, &catalog, &by, person("g"), Timestamp(2)).unwrap_or_default(),
                1 => follow(&waiting, &catalog, Timestamp(2)),
                _ => {
                    let one = Vote { by, approves, comment: "so".into(), at: Timestamp(2) };
                    vote(&waiting, &catalog, one, Timestamp(2)).unwrap_or_default()
                }
            };
            waiting = after(waiting, &events, Timestamp(2));
            all.extend(events);
            let approval = waiting.approval.as_ref().unwrap();
            // No later step is asked before the earlier ones were granted.
            let asked = approval.steps.iter().rposition(|it| it.asked.is_some()).unwrap();
            prop_assert!(approval.steps[..asked].iter().all(|it| it.outcome == Some(Outcome::Granted)));
            for step in &approval.steps {
                // Nobody votes twice in a step, and never the requester.
                let voters: Vec<&Person> = step.seats.iter().filter_map(|it| it.vote.as_ref()).map(|it| &it.by).collect();
                let once: BTreeSet<String> = voters.iter().map(|it| it.key()).collect();
                prop_assert_eq!(once.len(), voters.len());
                prop_assert!(voters.iter().all(|it| **it != waiting.requester));
            }
        }
        let endings = all.iter().filter(|it| matches!(it, Event::Ended(_))).count();
        prop_assert_eq!(endings, usize::from(outcome(&waiting).is_some()));
        if outcome(&waiting) == Some(Outcome::Granted) {
            let approval = waiting.approval.as_ref().unwrap();
            prop_assert!(approval.steps.iter().all(|it| it.outcome == Some(Outcome::Granted)));
            prop_assert!(approval.steps.iter().all(|it| 0 < it.count(true)), "never by nobody");
        }
    }
}

#[test]
fn a_step_is_needed_by_what_is_chosen_and_costs_more() {
    let money = |it: &str| Money::parse(it).unwrap();
    let prices = Prices {
        base: Some(money("900 EUR")),
        options: vec![
            ("memory".into(), "big".into(), money("99.99 EUR")),
            ("memory".into(), "huge".into(), money("100.01 EUR")),
        ],
        quantity: None,
    };
    let chosen = |it: &str| vec![("memory".to_owned(), FieldValue::Choice(it.into()))];
    let need = Need::Price(money("1000 EUR"));
    assert!(!need.holds(&vec![], &prices) && !need.holds(&chosen("big"), &prices));
    assert!(need.holds(&chosen("huge"), &prices));
    assert!(!need.holds(&chosen("huge"), &Prices::default()), "what has no price costs nothing");
    assert_eq!(need.fields(&prices), ["memory", "memory"]);
}
