//! What holds of every choice, whatever the team and the work.

mod slow;

use proptest::prelude::*;

use super::*;
use crate::{
    domain::{assignment::Skill, priority::Priority},
    routing::dispatch::rank,
};

/// A Monday morning.
const NOW: Timestamp = Timestamp(1_780_308_000_000);

/// Somebody: levels of two skills, capacity, open tickets, and whether they are there.
type Somebody = (u8, u8, Option<u32>, u32, bool);

fn catalog(policy: Policy, team: &[Somebody]) -> Catalog {
    let skill = |id: &str, level: u8| (0 < level).then(|| Skill { id: id.into(), level });
    let agent = |(place, (sap, vpn, capacity, _, present)): (usize, &Somebody)| Agent {
        id: format!("agent-{place}"),
        groups: vec!["desk".into()],
        present: *present,
        skills: skill("sap", *sap).into_iter().chain(skill("vpn", *vpn)).collect(),
        capacity: *capacity,
        ..Agent::default()
    };
    Catalog {
        groups: vec![Group { id: "desk".into(), policy, ..Group::default() }],
        agents: team.iter().enumerate().map(agent).collect(),
        ..Catalog::default()
    }
}

/// The desk's team as it stands, of whom some may have changed places; so much waits.
fn gathered<'a>(catalog: &'a Catalog, team: &[Somebody], waiting: u32) -> Team<'a> {
    let of = |it: usize| catalog.agents[it].id.strip_prefix("agent-").unwrap().parse::<usize>().unwrap();
    let load = |it: usize| Load { open: team[of(it)].3, ..Load::default() };
    Team::of(catalog, &catalog.groups[0], waiting, load, NOW)
}

fn work(skills: &[Skill], priority: Priority, hours: i64) -> Work<'_> {
    let due = Some(Timestamp(NOW.0 + hours * 3_600_000));
    Work { skills, priority, opened: NOW, due, handling: 1800, declined: &[] }
}

fn somebody() -> impl Strategy<Value = Somebody> {
    (0_u8..4, 0_u8..4, proptest::option::of(1_u32..4), 0_u32..5, any::<bool>())
}

fn priority() -> impl Strategy<Value = Priority> {
    proptest::sample::select(&Priority::ALL[..])
}

fn policy() -> impl Strategy<Value = Policy> {
    proptest::sample::select(&Policy::ALL[..])
}

proptest! {
    /// A limit is set, and one agent still gets more; somebody gets what they cannot do; offline people get work.
    #[test]
    fn nobody_gets_work_who_is_absent_or_full_or_cannot_do_it(
        policy in policy(), team in proptest::collection::vec(somebody(), 0..9), priority in priority(),
        need in 1_u8..4, hours in -9_i64..99, waiting in 0_u32..40, declined in 0_usize..9,
    ) {
        let catalog = catalog(policy, &team);
        let (skills, passed) = ([Skill { id: "sap".into(), level: need }], [format!("agent-{declined}")]);
        let work = Work { declined: &passed, ..work(&skills, priority, hours) };
        let found = gathered(&catalog, &team, waiting);
        let Some(id) = found.assign(&work).agent else { return Ok(()) };
        prop_assert!(policy != Policy::Manual && !passed.contains(&id));
        let place: usize = id.strip_prefix("agent-").unwrap().parse().unwrap();
        let (sap, _, most, open, present) = team[place];
        prop_assert!(present);
        let one = if policy == Policy::SlaAware { Some(1) } else { None };
        prop_assert!(most.or(one).is_none_or(|most| open < most), "full: {open}");
        let anybody = team.iter().any(|it| need <= it.0);
        prop_assert!(!anybody || need <= sap, "level {sap} of {need}");
    }

    #[test]
    fn the_choice_does_not_depend_on_the_order_of_the_catalogue(
        policy in policy(), team in proptest::collection::vec(somebody(), 0..9), priority in priority(),
        hours in -9_i64..99, waiting in 0_u32..40, turn in 0_usize..9,
    ) {
        let catalog = catalog(policy, &team);
        let mut turned = catalog.clone();
        let middle = turn.min(turned.agents.len());
        turned.agents.rotate_left(middle);
        turned.agents.reverse();
        let work = work(&[], priority, hours);
        let chosen = |it: &Catalog| gathered(it, &team, waiting).assign(&work);
        prop_assert_eq!(chosen(&catalog), chosen(&turned));
    }

    /// Work sits in limbo: what is pressing, or has less than three quarters of its time left, is never held back.
    #[test]
    fn what_cannot_wait_goes_to_whoever_may_take_it(
        team in proptest::collection::vec(somebody(), 1..9), priority in priority(), waiting in 0_u32..40,
        gone in 26_i64..400,
    ) {
        let catalog = catalog(Policy::SlaAware, &team);
        let found = gathered(&catalog, &team, waiting);
        let opened = Timestamp(NOW.0 - gone * 360_000);
        let late = Work { opened, due: Some(Timestamp(opened.0 + 36_000_000)), ..work(&[], priority, 0) };
        let pressing = work(&[], priority.min(Priority::P2), 48);
        for work in [late, pressing] {
            let is_open = found.candidates().any(|it| fits(Policy::SlaAware, &found.wanted(&work), &it).is_ok());
            prop_assert_eq!(found.assign(&work).agent.is_some(), is_open);
        }
    }

    /// The preview says of everybody what the choice does.
    #[test]
    fn the_first_who_is_judged_fit_is_the_one_who_gets_it(
        policy in policy(), team in proptest::collection::vec(somebody(), 0..9), priority in priority(),
        need in 1_u8..4, hours in -9_i64..99, waiting in 0_u32..40,
    ) {
        let catalog = catalog(policy, &team);
        let skills = [Skill { id: "vpn".into(), level: need }];
        let work = work(&skills, priority, hours);
        let found = gathered(&catalog, &team, waiting);
        let first = found.judged(&work).into_iter().next().filter(|(_, unfit)| unfit.is_none());
        let expected = first.filter(|_| policy != Policy::Manual).map(|(it, _)| it.agent.id.clone());
        prop_assert_eq!(found.assign(&work).agent, expected);
    }

    #[test]
    fn of_two_that_differ_in_priority_only_the_more_pressing_goes_first(
        policy in policy(), one in priority(), other in priority(), hours in -500_i64..500, handling in 1_u32..90_000,
    ) {
        let of = |priority| rank(policy, &Work { handling, ..work(&[], priority, hours) }, NOW);
        prop_assert_eq!(of(one) < of(other), one < other);
    }

    #[test]
    fn of_two_that_differ_in_age_only_the_older_goes_first(policy in policy(), priority in priority(), hours in -500_i64..500) {
        let of = |it: i64| rank(policy, &Work { opened: Timestamp(NOW.0 - it), ..work(&[], priority, hours) }, NOW);
        prop_assert!(of(1) < of(0));
    }
}

fn of(priority: Priority, hours: i64) -> (i64, Priority, Timestamp) {
    rank(Policy::SlaAware, &work(&[], priority, hours), NOW)
}

#[test]
fn what_can_hardly_be_kept_any_more_goes_behind_what_still_can() {
    assert!(of(Priority::P2, 1) < of(Priority::P1, -1), "the P1 is lost");
    assert!(of(Priority::P4, 1) < of(Priority::P4, -3));
    assert!(of(Priority::P2, 1) < of(Priority::P2, 8), "the more urgent of two that can be kept");
}

#[test]
fn what_is_late_does_not_wait_for_ever() {
    assert!(of(Priority::P4, -15 * 24) < of(Priority::P3, 1), "after two weeks it goes before what is fresh");
    assert!(of(Priority::P2, 8) < of(Priority::P4, -300 * 24), "but never before what is pressing");
}

#[test]
fn experts_are_left_free_by_what_others_can_do_as_long_as_it_can_wait() {
    // The first knows little and has enough; the second is an expert.
    let team = [(1, 0, None, 1, true), (3, 3, None, 0, true)];
    let catalog = catalog(Policy::SlaAware, &team);
    let skills = [Skill { id: "sap".into(), level: 1 }];
    let chosen = |priority, waiting| {
        let found = gathered(&catalog, &team, waiting);
        let work = work(&skills, priority, 24);
        let kept = found.judged(&work).iter().any(|(_, unfit)| *unfit == Some(Unfit::Kept));
        (found.assign(&work).agent.is_some(), kept)
    };
    assert_eq!(chosen(Priority::P3, 1), (false, true));
    assert_eq!(chosen(Priority::P2, 1), (true, false), "it is pressing");
    assert_eq!(chosen(Priority::P3, 9), (true, false), "too much waits");
}

#[test]
fn a_skill_that_nobody_has_is_in_nobodys_way() {
    let team = [(1, 0, None, 0, true)];
    let catalog = catalog(Policy::LeastLoaded, &team);
    let skills = [Skill { id: "vpn".into(), level: 2 }];
    let (found, work) = (gathered(&catalog, &team, 0), work(&skills, Priority::P3, 8));
    assert_eq!(found.judged(&work)[0].1, None);
}

#[test]
fn who_has_declined_it_leaves_it_to_the_expert() {
    let team = [(1, 0, None, 0, true), (3, 3, None, 0, true)];
    let catalog = catalog(Policy::SlaAware, &team);
    let (skills, passed) = ([Skill { id: "sap".into(), level: 1 }], ["agent-0".to_owned()]);
    let work = Work { declined: &passed, ..work(&skills, Priority::P3, 24) };
    let found = gathered(&catalog, &team, 1);
    assert_eq!(found.assign(&work).agent.as_deref(), Some("agent-1"));
}

#[test]
fn a_copy_of_a_catalogue_with_other_agents_has_other_members() {
    let team = [(0, 0, None, 0, true); 3];
    let whole = catalog(Policy::LeastLoaded, &team);
    assert_eq!(whole.members("desk").count(), 3);
    let mut less = whole.clone();
    less.agents.remove(0);
    let ids: Vec<_> = less.members("desk").map(|it| it.id.as_str()).collect();
    assert_eq!(ids, ["agent-1", "agent-2"]);
    assert_eq!(whole.members("reception").count(), 0);
}
