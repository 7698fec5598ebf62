//! Who is asked: delegates, substitutes, leavers, the requester's own place, and that a place is never nobody's for good.

use super::*;

#[test]
fn the_manager_a_group_and_the_owner_of_the_service_are_asked() {
    let catalog = catalog();
    let group = |each| Who::Group { id: "cab".into(), each };
    let waiting = asking(vec![step(vec![Who::Manager, group(false), Who::Owner])], &catalog);
    assert_eq!(asked_subjects(&waiting), ["a", "x", "y", "z", "d"]);
    assert_eq!(waiting.approval.as_ref().unwrap().steps[0].seats.len(), 3);
    let waiting = asking(vec![step(vec![group(true)])], &catalog);
    assert_eq!(waiting.approval.as_ref().unwrap().steps[0].seats.len(), 3);
}

#[test]
fn a_delegate_of_a_delegate_is_found() {
    let mut catalog = catalog();
    let leave = || vec![Leave { from: date(1970, 1, 1), to: date(1970, 1, 3) }];
    catalog.approvers[1].leave = leave();
    catalog.approvers[1].delegate = Some("c".into());
    catalog.approvers[2].leave = leave();
    catalog.approvers[2].delegate = Some("e".into());
    let waiting = asking(vec![step(named_ones(&["b"]))], &catalog);
    assert_eq!(asked_subjects(&waiting), ["e"]);
    let asked = waiting.approval.as_ref().unwrap().pending()[0].clone();
    assert_eq!(asked.stands_for, Some(person("b")));
    // In a circle nobody is found, and the fallback is asked.
    catalog.approvers[4].leave = leave();
    catalog.approvers[4].delegate = Some("b".into());
    assert_eq!(asked_subjects(&asking(vec![step(named_ones(&["b"]))], &catalog)), ["d"]);
}

#[test]
fn nobody_decides_their_own_request() {
    let mut catalog = catalog();
    catalog.approvers.push(approver("ada"));
    let both = named_ones(&["ada", "b"]);
    let waiting = asking(vec![step(both.clone())], &catalog);
    assert_eq!(asked_subjects(&waiting), ["d", "b"], "somebody else takes the place");
    let refused = says(&waiting, &catalog, "ada", true).unwrap_err();
    assert_eq!(refused, Refusal::OwnRequest(vec![agent_person(&catalog, "d"), person("b")]));
    let skipping = |who| StepPlan { own: OwnRequest::Skip, ..step(who) };
    let waiting = asking(vec![skipping(both)], &catalog);
    assert_eq!(asked_subjects(&waiting), ["b"], "the place is left out");
    let waiting = asking(vec![skipping(named_ones(&["ada"]))], &catalog);
    assert_eq!(asked_subjects(&waiting), ["d"], "a step is never satisfied by nobody");
    // Nor does the requester's delegate decide for them.
    catalog.approvers[8].leave = vec![Leave { from: date(1970, 1, 1), to: date(1970, 1, 3) }];
    catalog.approvers[8].delegate = Some("c".into());
    assert_eq!(asked_subjects(&asking(vec![step(named_ones(&["ada"]))], &catalog)), ["d"]);
}

#[test]
fn a_step_that_nobody_can_be_found_for_waits() {
    let mut catalog = catalog();
    for agent in &mut catalog.agents {
        agent.present = false;
    }
    let plan = StepPlan { expiry: Expiry::Approve, ..step(vec![Who::Agent("x".into())]) };
    let waiting = asking(vec![plan], &catalog);
    assert!(asked_subjects(&waiting).is_empty() && outcome(&waiting).is_none());
    // Whoever comes is asked.
    catalog.agents[3].present = true;
    let events = follow(&waiting, &catalog, Timestamp(5));
    let waiting = after(waiting, &events, Timestamp(5));
    assert_eq!(asked_subjects(&waiting), ["d"]);
    assert!(follow(&waiting, &catalog, Timestamp(6)).is_empty(), "once");
}

#[test]
fn whoever_left_is_replaced_and_their_vote_stays() {
    let mut catalog = catalog();
    catalog.agents[0].substitute = Some("z".into());
    let agents = ["x", "y"].map(|it| Who::Agent(it.into()));
    let waiting = asking(vec![step(agents.into())], &catalog);
    let by = agent_person(&catalog, "y");
    let yes = Vote { by, approves: true, comment: String::new(), at: Timestamp(1) };
    let events = vote(&waiting, &catalog, yes, Timestamp(1)).unwrap();
    let waiting = after(waiting, &events, Timestamp(1));
    catalog.agents.drain(1..2);
    catalog.agents[0].present = false;
    let events = follow(&waiting, &catalog, Timestamp(2));
    let Event::Handed { seat: 0, asked, why: Handover::Left(left), .. } = &events[0] else {
        panic!("{events:?}")
    };
    assert_eq!((asked[0].person.subject.as_str(), left[0].subject.as_str()), ("z", "x"));
    let waiting = after(waiting, &events, Timestamp(2));
    let gone =
        Vote { by: agent_person(&catalog, "x"), approves: true, comment: String::new(), at: Timestamp(3) };
    assert!(matches!(vote(&waiting, &catalog, gone, Timestamp(3)), Err(Refusal::NotApprover(_))));
    let by = agent_person(&catalog, "z");
    let yes = Vote { by, approves: true, comment: String::new(), at: Timestamp(3) };
    let events = vote(&waiting, &catalog, yes, Timestamp(3)).unwrap();
    assert_eq!(outcome(&after(waiting, &events, Timestamp(3))), Some(Outcome::Granted));
}

#[test]
fn a_place_is_handed_on_but_not_in_a_circle() {
    let catalog = catalog();
    let waiting = asking(vec![step(named_ones(&["b", "c"]))], &catalog);
    let hand =
        |it: &Ticket, by: &str, to: &str| delegate(it, &catalog, &person(by), person(to), Timestamp(1));
    let why = |it: Result<Vec<Event>, Refusal>| match it {
        Err(Refusal::BadDelegate { why, .. }) => why,
        other => panic!("{other:?}"),
    };
    assert!(why(hand(&waiting, "b", "c")).contains("one vote"));
    assert!(why(hand(&waiting, "b", "b")).contains("already"));
    assert!(why(hand(&waiting, "b", "ada")).contains("own request"));
    assert!(why(hand(&waiting, "b", "stranger")).contains("not there"));
    assert!(matches!(hand(&waiting, "e", "f"), Err(Refusal::NotApprover(_))));
    let events = hand(&waiting, "b", "e").unwrap();
    let waiting = after(waiting.clone(), &events, Timestamp(1));
    assert!(why(hand(&waiting, "e", "b")).contains("handed it on themselves"));
    assert!(matches!(says(&waiting, &catalog, "b", true), Err(Refusal::HandedOn(_))));
    assert_eq!(asked_subjects(&waiting), ["e", "c"]);
    let waiting = says(&waiting, &catalog, "e", true).unwrap();
    assert!(matches!(hand(&waiting, "e", "f"), Err(Refusal::SeatTaken(_))));
}

#[test]
fn whoever_sits_in_a_group_and_is_named_too_has_one_vote() {
    let catalog = catalog();
    let both = vec![Who::Group { id: "cab".into(), each: false }, Who::Agent("x".into())];
    let waiting = asking(vec![step(both)], &catalog);
    let seats = &waiting.approval.as_ref().unwrap().steps[0].seats;
    let asked = |at: usize| seats[at].asked.iter().map(|it| it.person.subject.as_str()).collect::<Vec<_>>();
    assert_eq!((asked(0), asked(1)), (vec!["y", "z"], vec!["x"]));
}

#[test]
fn as_many_must_agree_when_some_of_a_group_are_not_there() {
    let mut catalog = catalog();
    catalog.agents[1].present = false;
    catalog.agents[2].present = false;
    let each = Who::Group { id: "cab".into(), each: true };
    let plan = StepPlan { quorum: Quorum::Count(2), ..step(vec![each]) };
    let waiting = asking(vec![plan.clone()], &catalog);
    assert_eq!(asked_subjects(&waiting), ["x", "d"], "the other place is the fallback's");
    let skipping = StepPlan { own: OwnRequest::Skip, ..plan };
    assert_eq!(asked_subjects(&asking(vec![skipping], &catalog)), ["x", "d"]);
}

#[test]
fn who_has_left_is_replaced_by_whoever_is_above_them() {
    let catalog = catalog();
    let mut waiting = asking(vec![step(named_ones(&["b"]))], &catalog);
    let gone = [person("b")];
    let departed = Departed { people: &gone, above: None };
    let events = replace(&waiting, &catalog, departed, Timestamp(1));
    assert_eq!(asked_subjects(&after(waiting.clone(), &events, Timestamp(1))), ["d"], "nobody is above");
    waiting.asked.manager = Some(person("b"));
    let above = person("max");
    let departed = Departed { above: Some(&above), ..departed };
    let events = replace(&waiting, &catalog, departed, Timestamp(1));
    let replaced = after(waiting, &events, Timestamp(1));
    assert_eq!(asked_subjects(&replaced), ["max"]);
    assert!(replace(&replaced, &catalog, departed, Timestamp(2)).is_empty(), "once");
    assert!(follow(&replaced, &catalog, Timestamp(2)).is_empty(), "nor when the directory is not at hand");
    let (both, top) = ([person("b"), person("max")], person("tom"));
    let departed = Departed { people: &both, above: Some(&top) };
    let events = replace(&replaced, &catalog, departed, Timestamp(2));
    assert_eq!(asked_subjects(&after(replaced.clone(), &events, Timestamp(2))), ["tom"], "higher still");
    assert_eq!(outcome(&says(&replaced, &catalog, "max", true).unwrap()), Some(Outcome::Granted));
}

#[test]
fn an_agent_whom_the_directory_knows_is_one_person() {
    let mut catalog = catalog();
    catalog.agents[0].user = Some("ada".into());
    assert_eq!(agent_person(&catalog, "x"), person("ada"));
    assert_eq!(agent_of(&catalog, &person("ada")).map(|it| it.id.as_str()), Some("x"));
    let waiting = asking(vec![step(vec![Who::Agent("x".into())])], &catalog);
    assert_eq!(asked_subjects(&waiting), ["d"], "it is their own request");
    // So are those whose user name is their id, and capitals do not count.
    let plan = step(vec![Who::Agent("y".into()), Who::Agent("z".into())]);
    let asked = |who: &str| asked_subjects(&asking_for(person(who), vec![plan.clone()], &catalog));
    assert_eq!((asked("ben"), asked("Y")), (vec!["y".into(), "z".into()], vec!["d".into(), "z".into()]));
    let waiting = asking(vec![plan.clone()], &catalog);
    let once = says(&waiting, &catalog, "Y", true).unwrap();
    let again =
        Vote { by: agent_person(&catalog, "y"), approves: true, comment: String::new(), at: Timestamp(2) };
    let events = vote(&once, &catalog, again, Timestamp(2)).unwrap_or_default();
    assert_eq!(outcome(&after(once, &events, Timestamp(2))), None, "one vote, whichever way they come");
    // What the subject is, only the directory knows.
    catalog.people.subject = SubjectFrom::ExternalId;
    assert_eq!(agent_person(&catalog, "x").issuer, DESK);
}

/// A change that `ada` opened and these have planned, and that waits for these steps.
fn planned_by(authors: &[&str], steps: Vec<StepPlan>, catalog: &Catalog) -> Ticket {
    use crate::domain::change::{Plan as ChangePlan, Record};
    let authors = authors.iter().map(|it| (*it).to_owned()).collect();
    let plan = ChangePlan { authors, ..ChangePlan::default() };
    let record = Record { plan, ..Record::default() };
    let approval = begin(&Plan { steps, restart: vec![] }, &Prices::default(), &Values::new(), 1).unwrap();
    let waiting = Ticket { change: Some(Box::new(record)), ..ticket().awaiting(approval) };
    let events = follow(&waiting, catalog, Timestamp(0));
    after(waiting, &events, Timestamp(0))
}

#[test]
fn who_planned_a_change_is_asked_only_if_nobody_else_can_be() {
    let catalog = catalog();
    let cab = || vec![Who::Group { id: "cab".into(), each: false }];
    let of = |authors: &[&str]| planned_by(authors, vec![step(cab())], &catalog);
    assert_eq!(asked_subjects(&of(&[])), ["x", "y", "z"]);
    assert_eq!(asked_subjects(&of(&["x"])), ["y", "z"]);
    assert_eq!(asked_subjects(&of(&["x", "y", "z"])), ["d"], "whoever owns the service");
    let own = of(&["x"]);
    let agent = |id: &str| agent_person(&catalog, id);
    let word = |by| Vote { by, approves: true, comment: String::new(), at: Timestamp(1) };
    let refused = vote(&own, &catalog, word(agent("x")), Timestamp(1));
    assert_eq!(refused, Err(Refusal::OwnPlan(vec![agent("y"), agent("z")])));
    let handed = delegate(&own, &catalog, &agent("y"), agent("x"), Timestamp(1));
    assert!(matches!(handed, Err(Refusal::BadDelegate { .. })), "{handed:?}");
    // All of the desk have had a hand in it.
    let all = of(&["x", "y", "z", "d"]);
    assert_eq!(asked_subjects(&all), ["x", "y", "z"]);
    vote(&all, &catalog, word(agent("x")), Timestamp(1)).unwrap();
    // Each has a place of their own, and another one takes the author's.
    let named = named_ones(&["a", "b"]);
    let mut theirs = catalog.clone();
    theirs.approvers[0].agent = Some("x".into());
    assert_eq!(asked_subjects(&planned_by(&["x"], vec![step(named)], &theirs)), ["d", "b"]);
}
