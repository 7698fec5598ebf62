//! Named cases; random ones against a slow model stand in `slow`.

use super::*;

mod slow;

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
    Calendar::new("office", zone, week(&[hours(9, 12), hours(13, 18)]), BTreeMap::new()).unwrap()
}

/// Nine to six, but for some dates.
fn with<const N: usize>(zone: &str, dates: [(Date, &str, Vec<Hours>); N]) -> Calendar {
    let special = dates.map(|(date, why, hours)| (date, Special { why: why.to_owned(), hours }));
    Calendar::new("office", zone, week(&[hours(9, 18)]), special.into()).unwrap()
}

/// chatwoot PR #13392, osTicket#1168, #2131, freescout#3756, frappe/helpdesk#2212.
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
    let it = with("UTC", [(Date::constant(2026, 3, 2), "Founding day", vec![])]);
    assert_eq!(it.due(at("2026-03-02T08:00:00Z"), 60), Some(at("2026-03-03T09:01:00Z")));
}

/// zammad#3180: 24:00 could not be written, and a minute was lost.
#[test]
fn round_the_clock_loses_no_minute_at_midnight() {
    let day = || vec![hours(0, 24)];
    let it =
        Calendar::new("always", "UTC", [day(), day(), day(), day(), day(), day(), day()], BTreeMap::new())
            .unwrap();
    assert_eq!(it.due(at("2026-03-02T23:59:30Z"), 60), Some(at("2026-03-03T00:00:30Z")));
}

#[test]
fn the_hour_that_summer_time_skips_does_not_count() {
    let day = || vec![hours(0, 24)];
    let all = [day(), day(), day(), day(), day(), day(), day()];
    let it = Calendar::new("always", "Europe/Berlin", all, BTreeMap::new()).unwrap();
    let (from, to) = (at("2026-03-28T23:00:00Z"), at("2026-03-29T22:00:00Z"));
    assert_eq!(it.working_between(from, to), 23 * 3600);
    let inside = [vec![], vec![], vec![], vec![], vec![], vec![], vec![hours(2, 3)]];
    let it = Calendar::new("gap", "Europe/Berlin", inside, BTreeMap::new()).unwrap();
    assert_eq!(it.working_between(from, to), 0);
}

/// zammad#1396: empty hours were an internal error.
#[test]
fn a_calendar_that_never_opens_is_refused() {
    let closed: [Vec<Hours>; 7] = Default::default();
    assert_eq!(Calendar::new("never", "UTC", closed, BTreeMap::new()), Err(BadCalendar::NeverOpen));
    assert!(matches!(
        Calendar::new("x", "Mars/Base", week(&[hours(9, 10)]), BTreeMap::new()),
        Err(BadCalendar::Zone(_))
    ));
    let double = week(&[hours(9, 12), hours(11, 13)]);
    assert_eq!(Calendar::new("x", "UTC", double, BTreeMap::new()), Err(BadCalendar::Overlap));
}

#[test]
fn an_exception_has_the_last_word_on_its_date() {
    let (short, saturday) = (Date::constant(2026, 12, 24), Date::constant(2026, 12, 26));
    let it =
        with("UTC", [(short, "Christmas Eve", vec![hours(9, 12)]), (saturday, "stock", vec![hours(10, 11)])]);
    // Three hours of Thursday, nine of Friday, one of Saturday; the next is Monday's.
    assert_eq!(it.due(at("2026-12-24T08:00:00Z"), 12 * 3600), Some(at("2026-12-25T18:00:00Z")));
    assert_eq!(it.due(at("2026-12-24T08:00:00Z"), 13 * 3600), Some(at("2026-12-26T11:00:00Z")));
    assert_eq!(it.due(at("2026-12-24T08:00:00Z"), 13 * 3600 + 1), Some(at("2026-12-28T09:00:01Z")));
    let backwards = [(short, Special { why: String::new(), hours: vec![hours(9, 9)] })];
    let bad = Calendar::new("x", "UTC", week(&[hours(9, 18)]), backwards.into());
    assert_eq!(bad, Err(BadCalendar::Backwards));
}

/// Newfoundland set its clock back at one minute past midnight, so that the old day came back.
#[test]
fn a_day_that_has_begun_goes_on_while_the_clock_shows_the_day_before_again() {
    let all = std::array::from_fn(|day| if day == 6 { vec![hours(0, 24)] } else { vec![] });
    let it = Calendar::new("sunday", "America/St_Johns", all, BTreeMap::new()).unwrap();
    let (midnight, again) = (at("2010-11-07T02:30:00Z"), at("2010-11-07T03:00:00Z"));
    assert_eq!(it.working_between(midnight, again), 1800);
    assert_eq!(it.due(midnight, 1800), Some(again));
}

/// The reasons of an explanation, each with its end.
fn told(it: &Calendar, start: &str, working: u32) -> Vec<(String, Why)> {
    let explained = it.explain(at(start), working).unwrap();
    assert!(explained.whole);
    explained.stretches.into_iter().map(|it| (it.to.rfc3339(), it.why)).collect()
}

/// zammad#390: holidays of a feed that nobody saw.
#[test]
fn a_due_time_is_explained() {
    let christmas = |day| Date::constant(2026, 12, day);
    let it = with(
        "Europe/Berlin",
        [(christmas(24), "Christmas Eve", vec![hours(9, 12)]), (christmas(25), "Christmas", vec![])],
    );
    let until = |time: &str, why| (format!("2026-12-{time}:00:00Z"), why);
    let special = |why: &str| Why::Special(why.to_owned());
    let expected = [
        until("23T17", Why::Open),
        until("24T08", Why::OutsideHours),
        until("24T11", Why::Open),
        until("24T23", special("Christmas Eve")),
        until("25T23", special("Christmas")),
        until("27T23", Why::Weekday),
        until("28T08", Why::OutsideHours),
        until("28T12", Why::Open),
    ];
    assert_eq!(told(&it, "2026-12-23T15:00:00+01:00", 10 * 3600), expected);
    assert_eq!(told(&it, "2026-12-27T10:00:00Z", 0).last().unwrap(), &until("28T08", Why::OutsideHours));
    assert_eq!(told(&it, "2026-12-28T10:00:00Z", 0), []);
}

#[test]
fn an_explanation_is_bounded() {
    let minute = |hour: u32| Hours { from: hour * 3600, to: hour * 3600 + 60 };
    let all = std::array::from_fn(|_| (0..24).map(minute).collect());
    let it = Calendar::new("minutes", "UTC", all, BTreeMap::new()).unwrap();
    let explained = it.explain(at("2026-03-02T00:00:00Z"), 1_440_000).unwrap();
    assert_eq!((explained.whole, explained.stretches.len()), (false, 500));
    assert_eq!(Some(explained.due), it.due(at("2026-03-02T00:00:00Z"), 1_440_000));
}

#[test]
fn years_of_days_off_end_the_search() {
    let off = |day: Date| (day, Special { why: "closed".to_owned(), hours: vec![] });
    let special = Date::constant(2026, 1, 1).series(jiff::Span::new().days(1)).take(40_000).map(off);
    let it = Calendar::new("x", "UTC", week(&[hours(9, 18)]), special.collect()).unwrap();
    assert_eq!(it.due(at("2026-03-02T00:00:00Z"), 60), None);
    assert_eq!(it.explain(at("2026-03-02T00:00:00Z"), 60), None);
}
