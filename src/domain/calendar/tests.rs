//! Named cases, and random ones against a model that asks of every single second whether it counts.

use proptest::prelude::*;

use super::*;

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn hours(from: u32, to: u32) -> Hours {
    Hours { from: from * 3600, to: to * 3600 }
}

fn week(day: &[Hours]) -> [Vec<Hours>; 7] {
    let open = || day.to_vec();
    [open(), open(), open(), open(), open(), vec![], vec![]]
}

fn office(zone: &str) -> Calendar {
    Calendar::new("office", zone, week(&[hours(9, 12), hours(13, 18)]), vec![]).unwrap()
}

#[test]
fn a_lunch_break_does_not_count() {
    let due = office("UTC").due(at("2026-03-02T11:30:00Z"), 3600);
    assert_eq!(due, Some(at("2026-03-02T13:30:00Z")));
}

#[test]
fn a_start_on_a_closed_day_counts_from_the_next_opening() {
    let due = office("Asia/Shanghai").due(at("2026-03-07T04:00:00Z"), 1800);
    assert_eq!(due, Some(at("2026-03-09T01:30:00Z")));
}

#[test]
fn a_goal_that_ends_with_the_day_is_due_at_closing_not_at_the_next_opening() {
    let due = office("UTC").due(at("2026-03-06T17:00:00Z"), 3600);
    assert_eq!(due, Some(at("2026-03-06T18:00:00Z")));
}

#[test]
fn a_holiday_is_closed() {
    let monday = Date::constant(2026, 3, 2);
    let it = Calendar::new("office", "UTC", week(&[hours(9, 18)]), vec![monday]).unwrap();
    assert_eq!(it.due(at("2026-03-02T08:00:00Z"), 60), Some(at("2026-03-03T09:01:00Z")));
}

#[test]
fn round_the_clock_loses_no_minute_at_midnight() {
    let day = || vec![hours(0, 24)];
    let it =
        Calendar::new("always", "UTC", [day(), day(), day(), day(), day(), day(), day()], vec![]).unwrap();
    assert_eq!(it.due(at("2026-03-02T23:59:30Z"), 60), Some(at("2026-03-03T00:00:30Z")));
}

#[test]
fn the_hour_that_summer_time_skips_does_not_count() {
    let day = || vec![hours(0, 24)];
    let all = [day(), day(), day(), day(), day(), day(), day()];
    let it = Calendar::new("always", "Europe/Berlin", all, vec![]).unwrap();
    let (from, to) = (at("2026-03-28T23:00:00Z"), at("2026-03-29T22:00:00Z"));
    assert_eq!(it.working_between(from, to), 23 * 3600);
    let inside = [vec![], vec![], vec![], vec![], vec![], vec![], vec![hours(2, 3)]];
    let it = Calendar::new("gap", "Europe/Berlin", inside, vec![]).unwrap();
    assert_eq!(it.working_between(from, to), 0);
}

#[test]
fn a_calendar_that_never_opens_is_refused() {
    let closed: [Vec<Hours>; 7] = Default::default();
    assert_eq!(Calendar::new("never", "UTC", closed, vec![]), Err(BadCalendar::NeverOpen));
    assert!(matches!(
        Calendar::new("x", "Mars/Base", week(&[hours(9, 10)]), vec![]),
        Err(BadCalendar::Zone(_))
    ));
    let double = week(&[hours(9, 12), hours(11, 13)]);
    assert_eq!(Calendar::new("x", "UTC", double, vec![]), Err(BadCalendar::Overlap));
}

/// Whether a second counts, asked the slow way: what does the wall clock show then?
fn counts(it: &Calendar, second: i64) -> bool {
    let wall = it.zone.to_datetime(jiff::Timestamp::from_second(second).unwrap());
    let index = usize::try_from(wall.date().weekday().to_monday_zero_offset()).unwrap();
    let of_day = u32::try_from(
        i64::from(wall.hour()) * 3600 + i64::from(wall.minute()) * 60 + i64::from(wall.second()),
    )
    .unwrap();
    !it.holidays.contains(&wall.date())
        && it.week[index].iter().any(|hours| (hours.from..hours.to).contains(&of_day))
}

const ZONES: [&str; 6] =
    ["UTC", "Europe/Berlin", "America/New_York", "Asia/Shanghai", "Australia/Lord_Howe", "Asia/Kathmandu"];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn due_agrees_with_counting_every_second(
        zone in 0..ZONES.len(),
        // Around both switches of the year, at whole minutes to keep the slow model quick.
        start in prop_oneof![1_774_400_000_i64..1_774_900_000, 1_792_700_000_i64..1_793_200_000],
        open in 0_u32..20, length in 1_u32..4, goal in 1_u32..20_000,
    ) {
        let day = || vec![hours(open, open + length)];
        let all = [day(), day(), day(), vec![], day(), day(), day()];
        let it = Calendar::new("c", ZONES[zone], all, vec![]).unwrap();
        let due = it.due(Timestamp::from_second(start), goal).unwrap().second();
        let passed = (start..due).filter(|second| counts(&it, *second)).count();
        // An hour that comes twice is open on its first pass only; see the fold case below.
        let twice = folded(&it, start, due);
        prop_assert_eq!(passed as i64 - twice, i64::from(goal));
        prop_assert!(counts(&it, due - 1));
    }
}

/// Seconds that the slow model counts a second time because the clock shows them again behind the
/// end of an open stretch; the fast one takes each stretch as one span of real time.
fn folded(it: &Calendar, from: i64, to: i64) -> i64 {
    let spans: Vec<(i64, i64)> = {
        let mut day = it.date(Timestamp::from_second(from)).unwrap().yesterday().unwrap();
        let last = it.date(Timestamp::from_second(to)).unwrap().tomorrow().unwrap();
        let mut spans = vec![];
        while day <= last {
            spans.extend(it.open_on(day));
            day = day.tomorrow().unwrap();
        }
        spans
    };
    let inside = |second: i64| spans.iter().any(|(open, close)| (*open..*close).contains(&second));
    let slow = (from..to).filter(|second| counts(it, *second)).count() as i64;
    let both = (from..to).filter(|second| counts(it, *second) && inside(*second)).count() as i64;
    slow - both
}
