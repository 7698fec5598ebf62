//! Figures against a plain sort, and lives against a fold that is written otherwise.

use std::collections::BTreeMap;

use proptest::{prelude::*, test_runner::TestCaseError};

use super::*;
use crate::domain::{
    assignment::Gate, lifecycle::State, priority::Priority, ticket::TicketKind, time::Timestamp,
};

/// The value of a nearest rank, as the definition says it: of n sorted values the one at ⌈p/100 · n⌉.
fn nearest(sorted: &[u32], percent: usize) -> u32 {
    sorted[(sorted.len() * percent).div_ceil(100).max(1) - 1]
}

/// Figures of values are what sorting all of them gives.
fn are_of_a_plain_sort(it: &Figures, mut values: Vec<u32>) -> Result<(), TestCaseError> {
    values.sort_unstable();
    prop_assert_eq!(it.count, values.len() as u64);
    prop_assert_eq!(it.sum, values.iter().map(|it| u64::from(*it)).sum::<u64>());
    prop_assert_eq!(
        (it.p50, it.p90, it.p95),
        (nearest(&values, 50), nearest(&values, 90), nearest(&values, 95))
    );
    prop_assert_eq!(it.max, *values.last().unwrap());
    Ok(())
}

proptest! {
    #[test]
    fn figures_are_those_of_a_plain_sort(values in prop::collection::vec(0_u32..50, 1..200)) {
        let it = Figures::of([&Cell::of(values.clone())]).unwrap();
        are_of_a_plain_sort(&it, values)?;
    }

    /// Many values are not all sorted, and give the same.
    #[test]
    fn figures_of_many_values_in_many_cells_are_those_of_a_plain_sort(
        seed in any::<u64>(),
        cells in 1_usize..9,
        spread in prop_oneof![Just(3_u64), Just(5_000), Just(400_000), Just(1 << 32)],
    ) {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            u32::try_from((state >> 20) % spread).unwrap()
        };
        let cells: Vec<Vec<u32>> = (0..cells).map(|_| (0..900).map(|_| next()).collect()).collect();
        let own: Vec<_> = cells.iter().map(|it| Cell::of(it.iter().copied())).collect();
        let it = Figures::of(&own).unwrap();
        let values = cells.concat();
        are_of_a_plain_sort(&it, values)?;
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
                life = Life::after(life, &deed.step(at), moment(at), &mut names);
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

/// A third of every day is worked.
fn moment(at: i64) -> Moment {
    let worked = u32::try_from((at - 20_000 * 86_400).max(0) / 3).ok();
    Moment { at: Timestamp::from_second(at), worked }
}

/// Values of the measures that a life counts for: seconds are after the opening, at midnight.
fn lived(deeds: &[(i64, Deed)]) -> BTreeMap<&'static str, Vec<u32>> {
    let (begin, mut names) = (20_000 * 86_400, Names::default());
    let mut life = Life::after(None, &Deed::Open(true).step(begin), moment(begin), &mut names);
    for (second, deed) in deeds {
        let at = begin + second;
        life = Life::after(life, &deed.step(at), moment(at), &mut names);
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
fn times_are_measured_by_the_wall_clock_and_in_working_seconds() {
    let lived = lived(&[(300, Deed::Say(false, false)), (900, Deed::Go(State::Resolved, false))]);
    for (measure, value) in
        [("respond", 300), ("respond_working", 100), ("resolve", 900), ("resolve_working", 300)]
    {
        assert_eq!(lived[measure], [value], "{measure}");
    }
}

#[test]
fn who_waits_for_anything_is_no_first_contact() {
    for waiting in [State::OnHold, State::WaitingApproval, State::Scheduled] {
        let lived = lived(&[
            (10, Deed::Go(waiting, false)),
            (20, Deed::Go(State::Assigned, false)),
            (30, Deed::Go(State::Resolved, false)),
        ]);
        assert_eq!(lived["first_contact"], [0], "{waiting:?}");
    }
}

#[test]
fn each_ending_keeps_its_rating_and_another_word_on_it_takes_the_place_of_the_first() {
    let mut deeds = vec![
        (10, Deed::Go(State::Resolved, false)),
        (20, Deed::Rate(1)),
        (100_000, Deed::Go(State::Assigned, true)),
        (100_010, Deed::Go(State::Resolved, false)),
    ];
    assert_eq!(lived(&deeds)["satisfaction"], [1]);
    deeds.extend([(100_020, Deed::Rate(3)), (200_000, Deed::Rate(5))]);
    assert_eq!(lived(&deeds)["satisfaction"], [1, 5]);
}

#[test]
fn an_article_solved_what_no_ticket_came_of_within_a_day() {
    let mut names = Names::default();
    let mut after = |steps: &[(i64, Step<'static>)]| {
        let go = |life, (at, step): &(i64, Step<'_>)| Life::after(life, step, moment(*at), &mut names);
        let life = steps.iter().fold(None, go);
        let mut days = vec![];
        life.iter().for_each(|it| it.values(&mut |it| days.push(it.about.day)));
        (days, life)
    };
    let helped = |at, article| (at, Step::Read { article, helped: true });
    let (once, life) = after(&[helped(5, "a")]);
    assert_eq!((once, after(&[helped(5, "a"), helped(99_999, "a")]).1), (vec![0], life));
    assert_eq!(
        after(&[helped(5, "a"), (9, Step::Read { article: "a", helped: false })]).0,
        Vec::<i32>::new()
    );
    assert_eq!(after(&[helped(5, "a"), (86_404, Step::Came)]).0, Vec::<i32>::new());
    assert_eq!(after(&[(4, Step::Came), helped(5, "a"), (86_405, Step::Came)]).0, [0]);
    // A ticket takes away what helped in the last day, and nothing else.
    assert_eq!(after(&[helped(5, "a"), helped(90_000, "b"), (90_001, Step::Came)]).0, [0]);
    assert_eq!(
        after(&[(1, Step::Read { article: "a", helped: false })]).1,
        None,
        "nothing is kept of who was shown one"
    );
}

#[test]
fn months_begin_on_their_first_day() {
    let day = |it: &str| day_of(Timestamp::parse(&format!("{it}T23:59:59Z")).unwrap());
    assert_eq!(month_of(day("2028-02-29")), day("2028-02-01"));
    assert_eq!(month_of(day("2027-01-01")), day("2027-01-01"));
    assert_eq!(day("1970-01-01"), 0);
    assert!(Measure::ALL.iter().all(|it| Measure::parse(it.as_str()) == Some(*it)));
}
