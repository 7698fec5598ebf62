//! Figures against a plain sort, and lives against a fold that is written otherwise.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::domain::{
    assignment::Gate, lifecycle::State, priority::Priority, ticket::TicketKind, time::Timestamp,
};

/// The value of a nearest rank, as the definition says it: of n sorted values the one at ⌈p/100 · n⌉.
fn nearest(sorted: &[u32], percent: usize) -> u32 {
    sorted[(sorted.len() * percent).div_ceil(100).max(1) - 1]
}

proptest! {
    #[test]
    fn figures_are_those_of_a_plain_sort(mut values in prop::collection::vec(0_u32..50, 1..200)) {
        let it = Figures::of(&Cell::of(values.clone())).unwrap();
        values.sort_unstable();
        prop_assert_eq!(it.count, values.len() as u64);
        prop_assert_eq!(it.sum, values.iter().map(|it| u64::from(*it)).sum::<u64>());
        prop_assert_eq!((it.p50, it.p90, it.p95), (nearest(&values, 50), nearest(&values, 90), nearest(&values, 95)));
        prop_assert_eq!(it.max, *values.last().unwrap());
    }

    #[test]
    fn a_cell_is_its_bytes_and_bytes_that_are_none_are_told(
        values in prop::collection::vec(prop_oneof![0..9_u32, any::<u32>()], 0..60),
        cut in 1_usize..9,
    ) {
        let cell = Cell::of(values);
        let bytes = cell.bytes();
        prop_assert_eq!(Cell::read(&bytes).unwrap(), cell);
        // Nothing panics on what is no cell.
        let _ = Cell::read(&bytes[..bytes.len().saturating_sub(cut)]);
        let _ = Cell::read(&bytes.iter().map(|it| it | 0x80).collect::<Vec<_>>());
    }

    #[test]
    fn cells_merge_and_what_was_added_can_be_taken_away(
        one in prop::collection::vec(0_u32..20, 0..40),
        other in prop::collection::vec(0_u32..20, 0..40),
    ) {
        let (a, b) = (Cell::of(one.clone()), Cell::of(other.clone()));
        let both = Cell::of(one.into_iter().chain(other.clone()));
        prop_assert_eq!(&Cell::merged([&a, &b]), &both);
        let mut change = Change::new();
        for value in other {
            *change.entry(value).or_default() -= 1;
        }
        prop_assert_eq!(both.changed(&change), a);
    }

    /// Cells that are changed with every event hold what the lives give in the end.
    #[test]
    fn step_by_step_and_all_at_once_give_the_same(
        tickets in prop::collection::vec(prop::collection::vec((deed(), 1_i64..400_000), 0..14), 1..5),
    ) {
        let (mut cells, mut names) = (BTreeMap::<About, Cell>::new(), Names::default());
        let mut lives = vec![];
        for deeds in tickets {
            let (mut life, mut at) = (None, 1_800_000_000_i64);
            for (deed, later) in [(Deed::Open(true), 0)].into_iter().chain(deeds) {
                at += later;
                let before = life.clone();
                life = Life::after(life, &deed.step(at), Timestamp::from_second(at), &mut names);
                for (about, change) in changes(&before, &life) {
                    let cell = cells.entry(about).or_default();
                    *cell = cell.changed(&change);
                }
            }
            lives.extend(life);
        }
        cells.retain(|_, it| !it.is_empty());
        let mut all = BTreeMap::<About, Vec<u32>>::new();
        lives.iter().for_each(|it| it.values(&mut |it| all.entry(it.about).or_default().push(it.amount)));
        let all: BTreeMap<_, _> = all.into_iter().map(|(about, values)| (about, Cell::of(values))).collect();
        prop_assert_eq!(cells, all);
    }
}

/// What may happen to a ticket.
#[derive(Debug, Clone, Copy)]
enum Deed {
    Open(bool),
    Give(&'static str, &'static str, bool),
    Say(bool, bool),
    Go(State, bool),
    Rate(u8),
}

fn deed() -> impl Strategy<Value = Deed> {
    let group = prop::sample::select(vec!["servicedesk", "network"]);
    let agent = prop::sample::select(vec!["", "servicedesk-1", "network-1"]);
    let state = prop::sample::select(State::ALL.to_vec());
    prop_oneof![
        any::<bool>().prop_map(Deed::Open),
        (group, agent, any::<bool>()).prop_map(|(group, agent, by)| Deed::Give(group, agent, by)),
        any::<(bool, bool)>().prop_map(|(internal, requester)| Deed::Say(internal, requester)),
        (state, any::<bool>()).prop_map(|(to, by)| Deed::Go(to, by)),
        (1_u8..6).prop_map(Deed::Rate),
    ]
}

impl Deed {
    fn step(self, at: i64) -> Step<'static> {
        match self {
            Self::Open(auto) => Step::Opened(Opened {
                kind: TicketKind::Incident,
                service: "network",
                template: "vpn_fault",
                group: "servicedesk",
                agent: "",
                priority: Priority::P3,
                state: State::New,
                at: Timestamp::from_second(at),
                responded: None,
                gate: Some(if auto { Gate::Auto } else { Gate::Confirmed }),
            }),
            Self::Give(group, agent, by_person) => Step::Assigned { group, agent, by_person },
            Self::Say(internal, by_requester) => Step::Said { internal, by_requester },
            Self::Go(to, by_requester) => Step::Moved { to, by_requester },
            Self::Rate(score) => Step::Rated(score),
        }
    }
}

/// Values of the measures that a life counts for: seconds are after the opening, at midnight.
fn lived(deeds: &[(i64, Deed)]) -> BTreeMap<&'static str, Vec<u32>> {
    let (begin, mut names) = (20_000 * 86_400, Names::default());
    let mut life = Life::after(None, &Deed::Open(true).step(begin), Timestamp::default(), &mut names);
    for (second, deed) in deeds {
        let at = begin + second;
        life = Life::after(life, &deed.step(at), Timestamp::from_second(at), &mut names);
    }
    let mut all = BTreeMap::<_, Vec<u32>>::new();
    life.unwrap().values(&mut |it| all.entry(it.about.measure.as_str()).or_default().push(it.amount));
    all
}

#[test]
fn who_answers_and_resolves_at_once_is_the_first_contact() {
    let lived = lived(&[
        (60, Deed::Give("servicedesk", "servicedesk-1", false)),
        (120, Deed::Say(true, false)),
        (300, Deed::Say(false, false)),
        (900, Deed::Go(State::Resolved, false)),
        (1000, Deed::Go(State::Closed, false)),
    ]);
    let is = |measure: &str, value: u32| assert_eq!(lived[measure], [value], "{measure}");
    is("opened", 1);
    is("acknowledge", 120);
    is("respond", 300);
    is("resolve", 900);
    is("first_contact", 1);
    is("reassignments", 0);
    is("automatic", 1);
    is("automatic_error", 0);
    assert!(!lived.contains_key("reopened"));
}

#[test]
fn a_resolution_that_did_not_hold_is_taken_away_and_the_last_one_counts() {
    let reopened = [(100, Deed::Go(State::Resolved, false)), (200, Deed::Go(State::Assigned, true))];
    let open = lived(&reopened);
    assert!(!open.contains_key("resolve") && open["reopened"] == [1], "{open:?}");
    let done = lived(&[reopened[0], reopened[1], (500, Deed::Go(State::Resolved, false))]);
    assert_eq!((&done["resolve"][..], &done["first_contact"][..]), (&[500][..], &[0][..]));
}

#[test]
fn hand_overs_are_counted_and_a_first_taking_is_none() {
    let lived = lived(&[
        (10, Deed::Give("servicedesk", "servicedesk-1", false)),
        (20, Deed::Give("servicedesk", "", false)),
        (30, Deed::Give("servicedesk", "servicedesk-1", false)),
        (40, Deed::Give("network", "", true)),
        (50, Deed::Give("network", "network-1", true)),
        (90, Deed::Go(State::Resolved, false)),
    ]);
    // To the other group, of which somebody takes it.
    assert_eq!(lived["reassignments"], [1]);
    assert_eq!((&lived["automatic_error"][..], &lived["first_contact"][..]), (&[1][..], &[0][..]));
}

#[test]
fn what_was_cancelled_was_never_resolved_and_who_closes_their_own_is_no_first_contact() {
    let cancelled = lived(&[(10, Deed::Go(State::Cancelled, true))]);
    assert!(!cancelled.contains_key("resolve") && cancelled["opened"] == [1]);
    let own = lived(&[(10, Deed::Go(State::Resolved, true))]);
    assert!(own["resolve"] == [10] && !own.contains_key("first_contact") && !own.contains_key("respond"));
}

#[test]
fn a_reader_counts_while_they_say_that_it_helped() {
    let (mut names, at) = (Names::default(), Timestamp::from_second);
    let helped = Life::after(None, &Step::Read { helped: true }, at(5), &mut names);
    let again = Life::after(helped.clone(), &Step::Read { helped: true }, at(9), &mut names);
    assert_eq!(again, helped);
    let count = |life: &Option<Life>| {
        let mut count = 0;
        life.iter().for_each(|it| it.values(&mut |_| count += 1));
        count
    };
    assert_eq!(count(&helped), 1);
    assert_eq!(count(&Life::after(helped, &Step::Read { helped: false }, at(9), &mut names)), 0);
}

#[test]
fn months_begin_on_their_first_day() {
    let day = |it: &str| day_of(Timestamp::parse(&format!("{it}T23:59:59Z")).unwrap());
    assert_eq!(month_of(day("2028-02-29")), day("2028-02-01"));
    assert_eq!(month_of(day("2027-01-01")), day("2027-01-01"));
    assert_eq!(day("1970-01-01"), 0);
    assert!(Measure::ALL.iter().all(|it| Measure::parse(it.as_str()) == Some(*it)));
}
