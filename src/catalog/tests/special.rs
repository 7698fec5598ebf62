//! Dates that are not like other days, from YAML and from files beside it.

use jiff::civil::Date;

use super::*;
use crate::domain::{calendar::Calendar, time::Timestamp};

const GERMANY: &str = "BEGIN:VCALENDAR
BEGIN:VEVENT
SUMMARY:Heiligabend
DTSTART;TZID=Europe/Berlin:20251224T120000
DTEND;TZID=Europe/Berlin:20251225T000000
RRULE:FREQ=YEARLY
END:VEVENT
BEGIN:VEVENT
SUMMARY:Weihnachten
DTSTART;VALUE=DATE:20251225
DTEND;VALUE=DATE:20251227
RRULE:FREQ=YEARLY
END:VEVENT
END:VCALENDAR
";

/// The calendar of the good catalogue (Monday to Friday 8 to 12 and 13 to 17, Sunday 20 to 24, Berlin) with
/// these lines in place of its days off.
fn calendar(lines: &str, files: &[(&str, &str)]) -> Result<Calendar, Vec<String>> {
    let lines = lines.replace('|', "\n    ");
    let mut sources = source(&GOOD.replace("holidays: [2026-12-25, 2026-12-25]", &lines));
    sources.extend(
        files.iter().map(|(name, content)| Source { name: (*name).into(), content: (*content).into() }),
    );
    let told = |faults: Vec<Fault>| faults.iter().map(ToString::to_string).collect();
    parse(&sources, 1, None).map(|it| it.calendars[0].clone()).map_err(told)
}

/// The hours of a date, and why they are not the usual ones.
fn on(it: &Calendar, month: i8, day: i8) -> Option<(String, &str)> {
    let special = it.special().get(&Date::constant(2026, month, day))?;
    let clock = |it: u32| format!("{:02}:{:02}", it / 3600, it / 60 % 60);
    let hours: Vec<_> =
        special.hours.iter().map(|it| format!("{}-{}", clock(it.from), clock(it.to))).collect();
    Some((hours.join(" "), special.why.as_str()))
}

#[test]
fn a_file_closes_days_and_parts_of_days() {
    let it = calendar("holidays_from: germany.ics", &[("germany.ics", GERMANY)]).unwrap();
    assert_eq!(on(&it, 12, 24), Some(("08:00-12:00".into(), "Heiligabend")));
    assert_eq!(on(&it, 12, 25), Some((String::new(), "Weihnachten")));
    // The 26th is a Saturday, on which nothing was open anyway.
    assert_eq!(on(&it, 12, 26), None);
    let due = it.due(Timestamp::parse("2026-12-23T15:00:00+01:00").unwrap(), 7 * 3600);
    assert_eq!(due, Timestamp::parse("2026-12-27T21:00:00+01:00"));
}

#[test]
fn a_day_has_many_to_close_it_and_exceptions_have_the_last_word() {
    let morning =
        GERMANY.replace("20251224T120000", "20251224T000000").replace("20251225T000000", "20251224T090000");
    let files = [("germany.ics", GERMANY), ("works.ics", &morning.replace("Heiligabend", "Inventur"))];
    let it = calendar("holidays_from: [germany.ics, works.ics]", &files).unwrap();
    assert_eq!(on(&it, 12, 24), Some(("09:00-12:00".into(), "Heiligabend")));
    let lines = "holidays_from: [germany.ics]|holidays: { 2026-12-24: Eve, 2026-01-01: New Year }|\
        exceptions: { 2026-12-25: \"10:00-11:00\", 2026-12-19: [\"09:00-13:00\", \"14:00-24:00\"], 2026-12-31: [] }";
    let it = calendar(lines, &files).unwrap();
    assert_eq!(on(&it, 12, 24), Some((String::new(), "Eve")));
    assert_eq!(on(&it, 12, 25), Some(("10:00-11:00".into(), "exception")));
    assert_eq!(on(&it, 12, 19), Some(("09:00-13:00 14:00-24:00".into(), "exception")));
    assert_eq!(on(&it, 12, 31), Some((String::new(), "exception")));
    assert_eq!(on(&it, 1, 1), Some((String::new(), "New Year")));
}

#[test]
fn times_of_another_zone_are_told_by_the_clock_of_the_place() {
    let file = GERMANY.replace("Europe/Berlin", "America/New_York");
    let it = calendar("holidays_from: [germany.ics]", &[("germany.ics", &file)]).unwrap();
    // From noon to midnight in New York it is 18:00 to 06:00 in Berlin: when nobody works there.
    assert_eq!(on(&it, 12, 24), None);
    let file = GERMANY.replace(";TZID=Europe/Berlin:20251224T120000", ":20251224T133000Z");
    let it = calendar("holidays_from: [germany.ics]", &[("germany.ics", &file)]).unwrap();
    assert_eq!(on(&it, 12, 24), Some(("08:00-12:00 13:00-14:30".into(), "Heiligabend")));
}

#[test]
fn holidays_that_are_marked_as_free_close_only_where_that_is_said() {
    let file = GERMANY.replace("RRULE", "TRANSP:TRANSPARENT\nRRULE");
    let files = [("germany.ics", file.as_str()), ("empty.ics", "BEGIN:VCALENDAR\nEND:VCALENDAR\n")];
    for lines in [
        "holidays_from: germany.ics",
        "holidays_from: empty.ics",
        "holidays_from: { file: empty.ics, with_free: true }",
    ] {
        let told = calendar(lines, &files).unwrap_err();
        assert!(told.len() == 1 && told[0].contains("holidays_from: closes nothing"), "{told:?}");
    }
    let it = calendar("holidays_from: [{ file: germany.ics, with_free: true }]", &files).unwrap();
    assert_eq!(on(&it, 12, 24), Some(("08:00-12:00".into(), "Heiligabend")));
    let weekly = file.replace("YEARLY", "WEEKLY");
    let told = calendar("holidays_from: { file: germany.ics, with_free: true }", &[("germany.ics", &weekly)])
        .unwrap_err();
    assert!(told.len() == 1 && told[0].contains("`germany.ics`, line 7: `Heiligabend`: RRULE"), "{told:?}");
}

#[test]
fn a_file_that_is_wrong_refuses_the_catalogue_once_with_its_line() {
    let bad = GERMANY.replace("20251225\n", "20251232\n");
    let told = calendar("holidays_from: [germany.ics]", &[("germany.ics", &bad)]).unwrap_err();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].starts_with("germany.ics:10: VEVENT[1]: `Weihnachten`: DTSTART: `20251232` is no date"),
        "{told:?}"
    );
    let told = calendar("holidays_from: [germnay.ics]", &[("germany.ics", GERMANY)]).unwrap_err();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].contains("calendars[0].holidays_from[0]") && told[0].contains("did you mean `germany.ics`?")
    );
}

#[test]
fn an_event_within_an_hour_that_comes_twice_breaks_nothing() {
    let file = GERMANY
        .replace(";TZID=Europe/Berlin:20251224T120000", ":20251026T004500Z")
        .replace(";TZID=Europe/Berlin:20251225T000000", ":20251026T011500Z");
    let round = GOOD
        .replace("20:00-24:00", "00:00-24:00")
        .replace("holidays: [2026-12-25, 2026-12-25]", "holidays_from: a.ics");
    let mut sources = source(&round);
    sources.push(Source { name: "a.ics".into(), content: file });
    let it = parse(&sources, 1, None).unwrap().calendars.remove(0);
    assert_eq!(it.special().get(&Date::constant(2025, 10, 26)), None);
}

#[test]
fn what_all_calendars_take_from_files_is_bounded() {
    let event = "BEGIN:VEVENT\nDTSTART:19000101\nDURATION:P248D\nRRULE:FREQ=YEARLY\nEND:VEVENT\n";
    let file = Source { name: "a.ics".into(), content: format!("BEGIN:VCALENDAR\n{event}END:VCALENDAR\n") };
    let calendars = |count: usize| {
        let one = |it| {
            format!(
                "  - {{ id: c{it}, zone: UTC, hours: {{ mon: \"08:00-09:00\" }}, holidays_from: a.ics }}\n"
            )
        };
        let content = format!("calendars:\n{}", (0..count).map(one).collect::<String>());
        let mut sources = source(GOOD);
        sources.extend([file.clone(), Source { name: "b.yaml".into(), content }]);
        parse(&sources, 1, None)
    };
    assert!(calendars(10).is_ok());
    let told = calendars(11).unwrap_err();
    assert_eq!(
        (told.len(), told[0].line, told[0].field.as_str()),
        (1, 12, "calendars[10].holidays_from"),
        "{told:?}"
    );
}
