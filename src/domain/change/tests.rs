//! The pure core of changes, by examples and by properties.

use std::collections::{BTreeMap, HashSet};

use proptest::prelude::*;

use super::*;
use crate::domain::{
    asset::Criticality,
    calendar::{Calendar, Hours},
    catalog::Catalog,
    people::Bilingual,
    ticket::{AssetFacts, AssetLink, LinkedHow, Ticket},
};

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn span(from: &str, to: &str) -> Span {
    Span { start: at(from), end: at(to) }
}

fn name(text: &str) -> Bilingual {
    Bilingual { en: text.into(), zh: text.into() }
}

/// A change of the service `web` about a switch.
fn change() -> Ticket {
    let link = AssetLink {
        facts: AssetFacts { kind: "switch".into(), ..AssetFacts::default() },
        ..AssetLink::new(AssetId::from_bytes([1; 16]), "SW-1", LinkedHow::Manual)
    };
    let assets = TicketAssets { links: vec![link], ..TicketAssets::default() };
    Ticket { service: "web".into(), assets, ..crate::domain::ticket::tests::ticket() }
}

/// Nights from Saturday 22:00 to Sunday 06:00 in Berlin for switches, and a frozen fortnight.
fn catalog() -> Catalog {
    let mut week: [Vec<Hours>; 7] = Default::default();
    week[5] = vec![Hours { from: 22 * 3600, to: 86_400 }];
    week[6] = vec![Hours { from: 0, to: 6 * 3600 }];
    let nights = Calendar::new("nights", "Europe/Berlin", week, BTreeMap::new()).unwrap();
    let window = Maintenance {
        id: "network_nights".into(),
        label: name("Nights"),
        calendar: "nights".into(),
        services: vec![],
        asset_types: vec!["switch".into()],
    };
    let freeze = Freeze {
        id: "year_end".into(),
        label: name("Year end"),
        span: span("2026-12-18T17:00:00Z", "2027-01-04T05:00:00Z"),
        services: vec!["web".into()],
        reason: "The books are closed".into(),
    };
    let changes = ChangeRules { freezes: vec![freeze], windows: vec![window], ..ChangeRules::default() };
    Catalog { calendars: vec![nights], changes, ..Catalog::default() }
}

#[test]
fn windows_are_half_open() {
    let first = span("2026-12-05T21:00:00Z", "2026-12-06T01:00:00Z");
    assert!(!first.meets(&span("2026-12-06T01:00:00Z", "2026-12-06T02:00:00Z")));
    assert!(first.meets(&span("2026-12-06T00:59:59Z", "2026-12-06T02:00:00Z")));
    assert!(!first.meets(&span("2026-12-05T20:00:00Z", "2026-12-05T21:00:00Z")));
    // A freeze period ends with its last moment: who begins then is not in it.
    let (catalog, change) = (catalog(), change());
    let behind = span("2027-01-04T05:00:00Z", "2027-01-04T06:00:00Z");
    assert!(obstacles(&catalog, &change, &behind).freezes.is_empty());
    let within = span("2027-01-04T04:59:59Z", "2027-01-04T06:00:00Z");
    assert_eq!(obstacles(&catalog, &change, &within).freezes.len(), 1);
}

#[test]
fn a_window_crosses_midnight_and_stays_within_the_hours() {
    let (catalog, change) = (catalog(), change());
    let open = |from, to| obstacles(&catalog, &change, &span(from, to)).windows.is_empty();
    assert!(open("2026-12-05T21:00:00Z", "2026-12-06T05:00:00Z"), "all of the night");
    assert!(!open("2026-12-05T20:59:59Z", "2026-12-06T05:00:00Z"), "a second too early");
    assert!(!open("2026-12-05T21:00:00Z", "2026-12-06T05:00:01Z"), "a second too long");
    assert!(!open("2026-12-05T23:00:00Z", "2026-12-12T23:00:00Z"), "from one night to the next");
    let other = Ticket { assets: TicketAssets::default(), ..change.clone() };
    assert!(obstacles(&catalog, &other, &span("2026-12-07T12:00:00Z", "2026-12-07T13:00:00Z")).is_empty());
}

#[test]
fn an_emergency_keeps_to_no_maintenance_window_and_meets_the_freeze_period() {
    let plan = Plan { kind: ChangeType::Emergency, ..Plan::default() };
    let record = Record { plan, ..Record::default() };
    let (catalog, change) = (catalog(), Ticket { change: Some(Box::new(record)), ..change() });
    let found = obstacles(&catalog, &change, &span("2026-12-21T12:00:00Z", "2026-12-21T13:00:00Z"));
    assert_eq!((found.windows.len(), found.freezes.len()), (0, 1));
    let next = next_window(&catalog, &change, at("2026-12-21T12:00:00Z"), 3600).unwrap();
    assert_eq!(next.start, at("2027-01-04T05:00:00Z"), "the moment when it ends");
}

#[test]
fn a_change_is_begun_in_its_window_and_in_no_freeze_period_that_it_was_not_scheduled_in() {
    let catalog = catalog();
    let frozen = catalog.changes.freezes[0].clone();
    let placed = |window: Span, freezes: &[&str]| {
        let freezes: Vec<String> = freezes.iter().map(|it| (*it).to_owned()).collect();
        let windows = freezes.iter().map(|_| "network_nights".to_owned()).collect();
        let (by, reason, accepted) = (String::new(), String::new(), vec![]);
        let scheduled = Some(Scheduled { window, by, reason, freezes, windows, accepted });
        Ticket { change: Some(Box::new(Record { scheduled, ..Record::default() })), ..change() }
    };
    let window = span("2027-03-06T22:00:00Z", "2027-03-06T23:00:00Z");
    let it = placed(window, &[]);
    for (now, may) in [(-1, false), (0, true), (3_599_999, true), (3_600_000, false)] {
        let now = Timestamp(window.start.0 + now);
        assert_eq!(barred_at(&catalog, &it, now).is_none(), may, "{now:?}");
    }
    let in_freeze = Span { start: frozen.span.start, end: Timestamp(frozen.span.start.0 + 3_600_000) };
    let barred = barred_at(&catalog, &placed(in_freeze, &[]), in_freeze.start);
    assert!(barred.is_some_and(|it| it.contains(&frozen.id)));
    assert_eq!(barred_at(&catalog, &placed(in_freeze, &[&frozen.id]), in_freeze.start), None);
    let mut emergency = placed(in_freeze, &[]);
    emergency.change.as_mut().unwrap().plan.kind = ChangeType::Emergency;
    assert_eq!(barred_at(&catalog, &emergency, window.start), None);
}

#[test]
fn a_change_has_its_assets_until_it_is_done() {
    let window = span("2027-03-06T22:00:00Z", "2027-03-06T23:00:00Z");
    let (by, reason, freezes, windows, accepted) = (String::new(), String::new(), vec![], vec![], vec![]);
    let scheduled = Some(Scheduled { window, by, reason, freezes, windows, accepted });
    let mut it = Record { scheduled, ..Record::default() };
    let far = at("2030-01-01T00:00:00Z");
    // Nobody has begun: it has its window, also when that has passed.
    assert_eq!((it.occupied(far), it.overruns(far)), (Some(window), None));
    it.begun = Some(at("2027-03-06T22:30:00Z"));
    assert_eq!(it.occupied(at("2027-03-06T22:59:59Z")), Some(window));
    let end = window.end;
    assert_eq!(it.overruns(end), Some(end), "its end is behind its last moment");
    assert!(it.occupied(end).unwrap().meets(&span("2027-03-07T22:59:59Z", "2027-03-07T23:00:00Z")));
    assert!(!it.occupied(end).unwrap().meets(&span("2027-03-07T23:00:00Z", "2029-01-01T00:00:01Z")));
    // Somebody has begun before.
    it.begun = Some(at("2027-03-01T00:00:00Z"));
    let early = it.occupied(at("2027-03-02T00:00:00Z")).unwrap();
    assert_eq!(early, span("2027-03-01T00:00:00Z", "2027-03-06T23:00:00Z"));
    assert_eq!(Record::default().occupied(far), None);
}

#[test]
fn no_window_is_too_short_for_the_hours() {
    let (catalog, change) = (catalog(), change());
    let noon = at("2026-12-07T12:00:00Z").0;
    let part = |from, to| Span { start: Timestamp(noon + from), end: Timestamp(noon + to) };
    for outside in [part(100, 900), part(0, 1), part(999, 1_001)] {
        assert_eq!(obstacles(&catalog, &change, &outside).windows.len(), 1, "{outside:?}");
    }
    let opens = at("2026-12-05T21:00:00Z").0;
    let edge = |from, to| Span { start: Timestamp(opens + from), end: Timestamp(opens + to) };
    assert!(obstacles(&catalog, &change, &edge(0, 1_500)).windows.is_empty());
    assert_eq!(obstacles(&catalog, &change, &edge(-1, 1_500)).windows.len(), 1);
}

#[test]
fn an_emergency_is_agreed_to_for_what_is_done_and_not_for_when() {
    let window = Some(span("2027-03-06T22:00:00Z", "2027-03-06T23:00:00Z"));
    for (kind, same) in
        [(ChangeType::Emergency, true), (ChangeType::Normal, false), (ChangeType::Standard, false)]
    {
        let plan = Plan { kind, ..Plan::default() };
        assert_eq!(Plan { window, ..plan.clone() }.is_like(&plan), same, "{kind:?}");
        assert!(!Plan { test: "Look".into(), ..plan.clone() }.is_like(&plan));
        assert!(plan.clone().by("mei").is_like(&plan), "whoever planned it");
    }
    assert_eq!(Plan::default().by("mei").by("bo").by("mei").authors, ["mei", "bo"]);
}

#[test]
fn the_hours_of_a_night_follow_the_clock_when_it_is_set() {
    let (catalog, change) = (catalog(), change());
    let open = |from, to| obstacles(&catalog, &change, &span(from, to)).windows.is_empty();
    // In March the night has seven hours: 06:00 is 04:00 UTC.
    assert!(open("2026-03-28T21:00:00Z", "2026-03-29T04:00:00Z"));
    assert!(!open("2026-03-28T21:00:00Z", "2026-03-29T04:00:01Z"));
    // In October it has nine.
    assert!(open("2026-10-24T20:00:00Z", "2026-10-25T05:00:00Z"));
    assert!(!open("2026-10-24T19:59:59Z", "2026-10-25T05:00:00Z"));
    let nine = next_window(&catalog, &change, at("2026-10-20T08:00:00Z"), 9 * 3600).unwrap();
    assert_eq!(nine, span("2026-10-24T20:00:00Z", "2026-10-25T05:00:00Z"));
    // No other night is so long before the next October.
    let next = next_window(&catalog, &change, at("2026-10-26T08:00:00Z"), 9 * 3600);
    assert_eq!(next.map(|it| it.start), Some(at("2027-10-30T20:00:00Z")).filter(|_| next.is_some()));
}

#[test]
fn the_next_window_lies_behind_the_freeze() {
    let (catalog, change) = (catalog(), change());
    let next = next_window(&catalog, &change, at("2026-12-16T08:00:00Z"), 2 * 3600).unwrap();
    assert_eq!(next, span("2027-01-09T21:00:00Z", "2027-01-09T23:00:00Z"));
    let before = next_window(&catalog, &change, at("2026-12-05T22:20:00Z"), 2 * 3600).unwrap();
    assert_eq!(before, span("2026-12-05T22:30:00Z", "2026-12-06T00:30:00Z"), "on a quarter of an hour");
    let never = next_window(&catalog, &change, at("2026-12-05T22:20:00Z"), 12 * 3600);
    assert_eq!(never, None, "no night has twelve hours");
}

#[test]
fn what_is_missing_is_named_all_at_once() {
    let questions = questions();
    let plan = Plan::default();
    let all = ["implementation", "back_out", "test", "window", "answers.downtime", "answers.known"];
    assert_eq!(plan.missing(&questions), all);
    let emergency = Plan { kind: ChangeType::Emergency, ..Plan::default() };
    assert_eq!(emergency.missing(&[]), ["implementation", "back_out"]);
    let standard = Plan { kind: ChangeType::Standard, ..Plan::default() };
    assert!(standard.missing(&[]).is_empty());
}

fn questions() -> Vec<Question> {
    let option = |id: &str, points| RiskOption { id: id.into(), label: name(id), points, down: false };
    let question = |id: &str, most| Question {
        id: id.into(),
        ask: name(id),
        options: vec![option("a", 0), option("b", 1), option("c", most)],
    };
    vec![question("downtime", 3), question("known", 5)]
}

fn about(criticality: Criticality, computed: u32) -> TicketAssets {
    let link = AssetLink {
        facts: AssetFacts { criticality, ..AssetFacts::default() },
        ..AssetLink::new(AssetId::from_bytes([1; 16]), "SW-1", LinkedHow::Manual)
    };
    TicketAssets { links: vec![link], computed, ..TicketAssets::default() }
}

#[test]
fn risk_is_the_sum_of_what_speaks_against_it_and_says_so() {
    let answers = [("downtime".to_owned(), "c".to_owned()), ("known".to_owned(), "b".to_owned())];
    let risk = assess(&questions(), &answers, &about(Criticality::High, 120), &RiskRules::default());
    assert_eq!((risk.level, risk.points), (RiskLevel::High, 3 + 1 + 2 + 2));
    let what: Vec<_> = risk.against.iter().map(|it| it.what.as_str()).collect();
    let reach = "120 assets hang on its assets";
    assert_eq!(what, ["downtime c", "known b", "SW-1 is of high criticality", reach]);
    assert_eq!(risk.points, risk.against.iter().map(|it| it.points).sum::<u32>());
    let many = TicketAssets { people: 12, ..about(Criticality::High, 120) };
    let many = assess(&questions(), &answers, &many, &RiskRules::default());
    assert_eq!(many.points, risk.points + 1);
    assert_eq!(many.against.last().map(|it| it.what.as_str()), Some("12 people have any of these"));
    let none = assess(&questions(), &[], &TicketAssets::default(), &RiskRules::default());
    assert_eq!(none, Risk::default());
}

fn anything() -> impl Strategy<Value = (usize, usize, usize, u32, u32)> {
    (0..3_usize, 0..3_usize, 0..3_usize, 0..200_u32, 0..200_u32)
}

fn rated((first, second, criticality, computed, people): (usize, usize, usize, u32, u32)) -> Risk {
    let options = ["a", "b", "c"];
    let answers = [
        ("downtime".to_owned(), options[first].to_owned()),
        ("known".to_owned(), options[second].to_owned()),
    ];
    let assets = TicketAssets { people, ..about(Criticality::ALL[criticality], computed) };
    assess(&questions(), &answers, &assets, &RiskRules::default())
}

fn stretch() -> impl Strategy<Value = Span> {
    (0..1_000_i64, 1..500_i64)
        .prop_map(|(from, length)| Span { start: Timestamp(from), end: Timestamp(from + length) })
}

proptest! {
    #[test]
    fn more_of_anything_never_makes_a_change_less_risky(less in anything(), more in anything()) {
        let higher = (
            less.0.max(more.0),
            less.1.max(more.1),
            less.2.max(more.2),
            less.3.max(more.3),
            less.4.max(more.4),
        );
        let (low, high) = (rated(less), rated(higher));
        prop_assert!(low.points <= high.points && low.level <= high.level);
    }

    #[test]
    fn overlap_is_symmetric_and_half_open(one in stretch(), other in stretch()) {
        prop_assert_eq!(one.meets(&other), other.meets(&one));
        let shares = (one.start.0..one.end.0).any(|it| (other.start.0..other.end.0).contains(&it));
        prop_assert_eq!(one.meets(&other), shares);
    }

    #[test]
    fn collision_is_symmetric(mine in sets(), theirs in sets()) {
        let one = common((&mine.0, &mine.1), (&theirs.0, &theirs.1));
        prop_assert_eq!(one, common((&theirs.0, &theirs.1), (&mine.0, &mine.1)));
    }

    #[test]
    fn nothing_stands_against_the_window_that_is_proposed(hours in 0..2_000_i64, length in 1..8_i64) {
        let (catalog, change) = (catalog(), change());
        let from = Timestamp(at("2026-11-20T00:00:00Z").0 + hours * 3_600_000);
        let next = next_window(&catalog, &change, from, length * 3600).unwrap();
        prop_assert!(from <= next.start && next.seconds() == length * 3600);
        prop_assert!(obstacles(&catalog, &change, &next).is_empty());
    }
}

/// What a change is about, and what fails with it, itself among it.
fn sets() -> impl Strategy<Value = (Vec<AssetId>, HashSet<AssetId>)> {
    let ids = || proptest::collection::vec((0..8_u8).prop_map(|it| AssetId::from_bytes([it; 16])), 0..4);
    (ids(), ids()).prop_map(|(about, more)| {
        let reach = about.iter().copied().chain(more).collect();
        (about, reach)
    })
}
