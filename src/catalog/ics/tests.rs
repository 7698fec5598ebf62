//! What the files of publishers look like, and what else may lie in a folder.

use jiff::civil::Date;
use proptest::prelude::*;

use super::*;

/// A file with these lines as its events, `|` between the lines of one.
fn file(events: &[&str]) -> Source {
    let event = |it: &&str| format!("BEGIN:VEVENT\r\n{}\r\nEND:VEVENT\r\n", it.replace('|', "\r\n"));
    let events: String = events.iter().map(event).collect();
    let content = format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{events}END:VCALENDAR\r\n");
    Source { name: "germany.ics".to_owned(), content }
}

fn closed(events: &[&str]) -> Vec<Closed> {
    let faults = Faults::default();
    let closed = read(&file(events), &faults);
    faults.none_or_all().unwrap();
    closed.unwrap().busy
}

/// The spans of one event, as far as they lie in the years told.
fn spans(event: &str, years: std::ops::RangeInclusive<i16>) -> Vec<String> {
    let all = closed(&[event]).remove(0).spans;
    let told = all.iter().filter(|it| years.contains(&it.0.year()));
    told.map(|(from, to)| format!("{from} {to}").replace("T00:00:00", "")).collect()
}

fn faults(content: &str) -> Vec<String> {
    let faults = Faults::default();
    let source = Source { name: "x.ics".to_owned(), content: content.to_owned() };
    assert!(read(&source, &faults).is_none());
    faults.none_or_all().unwrap_err().iter().map(ToString::to_string).collect()
}

/// The first days of a rule that starts on a day.
fn days(start: &str, rule: &str, most: usize) -> Vec<String> {
    let event = format!("SUMMARY:x|DTSTART;VALUE=DATE:{start}|RRULE:{rule}");
    spans(&event, 1900..=2099).iter().take(most).map(|it| it[..10].to_owned()).collect()
}

#[test]
fn days_end_before_the_day_of_their_end() {
    let one = "SUMMARY:Neujahr|DTSTART;VALUE=DATE:20260101";
    assert_eq!(spans(one, 2026..=2026), ["2026-01-01 2026-01-02"]);
    let three = "SUMMARY:Weihnachten|DTSTART;VALUE=DATE:20261224|DTEND;VALUE=DATE:20261227";
    assert_eq!(spans(three, 2026..=2026), ["2026-12-24 2026-12-27"]);
    let long = "SUMMARY:Betriebsruhe|DTSTART:20261228|DURATION:P1W";
    assert_eq!(spans(long, 2026..=2026), ["2026-12-28 2027-01-04"]);
}

#[test]
fn names_are_unfolded_and_unescaped() {
    let event =
        "SUMMARY;LANGUAGE=de:Tag der Deutschen\r\n  Einheit\\, bundesweit|DTSTART;VALUE=DATE:20261003";
    let it = closed(&[event]).remove(0);
    assert_eq!((it.name.as_str(), it.zone), ("Tag der Deutschen Einheit, bundesweit", None));
    let windows = file(&[event]).content.replace("\r\n", "\n");
    let source = Source { name: "a.ics".to_owned(), content: format!("\u{feff}{windows}") };
    assert_eq!(read(&source, &Faults::default()).unwrap().busy[0].name, it.name);
}

#[test]
fn timed_events_keep_the_clock_that_they_are_told_by() {
    let it = closed(&[
        "SUMMARY:a|DTSTART;TZID=\"Europe/Berlin\":20261224T120000|DTEND;TZID=Europe/Berlin:20261224T180000",
        "SUMMARY:b|DTSTART:20261224T120000|DTEND:20261224T180000",
        "SUMMARY:c|DTSTART:20261224T110000Z|DTEND;TZID=Europe/Berlin:20261224T180000",
    ]);
    let at = |hour| Date::constant(2026, 12, 24).at(hour, 0, 0, 0);
    assert_eq!(it[0].zone.as_ref().unwrap().iana_name(), Some("Europe/Berlin"));
    assert_eq!((&it[0].spans, &it[1].spans), (&vec![(at(12), at(18))], &vec![(at(12), at(18))]));
    assert_eq!((&it[1].zone, &it[2].zone), (&None, &Some(TimeZone::UTC)));
    assert_eq!(it[2].spans, [(at(11), at(17))]);
}

#[test]
fn the_yearly_forms_of_public_holidays_are_understood() {
    let yearly = days("20250101", "FREQ=YEARLY", 200);
    assert_eq!((yearly.len(), yearly[74].as_str()), (75, "2099-01-01"), "without end, to the end of 2099");
    assert_eq!(days("20240229", "FREQ=YEARLY", 2), ["2024-02-29", "2028-02-29"]);
    assert_eq!(days("20250101", "FREQ=YEARLY;COUNT=2", 9), ["2025-01-01", "2026-01-01"]);
    assert_eq!(days("20250101", "FREQ=YEARLY;INTERVAL=4;UNTIL=20330101", 9).len(), 3);
    assert_eq!(days("20250101", "FREQ=YEARLY;UNTIL=20261231T225959Z", 9).len(), 2);
    // Memorial Day, Thanksgiving, the day behind it, Buß- und Bettag, and the last Sunday of the year.
    let may = days("20260525", "FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO", 3);
    assert_eq!(may, ["2026-05-25", "2027-05-31", "2028-05-29"]);
    let thanks = days("20261126", "FREQ=YEARLY;BYDAY=4TH;BYMONTH=11;WKST=SU", 3);
    assert_eq!(thanks, ["2026-11-26", "2027-11-25", "2028-11-23"]);
    let friday = days("20261127", "FREQ=YEARLY;BYMONTH=11;BYMONTHDAY=23,24,25,26,27,28,29;BYDAY=FR", 3);
    assert_eq!(friday, ["2026-11-27", "2027-11-26", "2028-11-24"]);
    let prayer = days("20261118", "FREQ=YEARLY;BYMONTH=11;BYMONTHDAY=16,17,18,19,20,21,22;BYDAY=WE", 2);
    assert_eq!(prayer, ["2026-11-18", "2027-11-17"]);
    assert_eq!(days("20261227", "FREQ=YEARLY;BYDAY=-1SU", 2), ["2026-12-27", "2027-12-26"]);
    assert_eq!(
        days("20260131", "FREQ=YEARLY;BYMONTH=1,2;BYMONTHDAY=-1", 3),
        ["2026-01-31", "2026-02-28", "2027-01-31"]
    );
    assert_eq!(days("20260115", "FREQ=YEARLY;BYMONTH=1,7", 3), ["2026-01-15", "2026-07-15", "2027-01-15"]);
    // The start is one of them, whatever the rule says.
    assert_eq!(days("20260101", "FREQ=YEARLY;BYMONTH=5;BYDAY=1MO;COUNT=2", 9), ["2026-01-01", "2026-05-04"]);
}

#[test]
fn single_recurrences_may_fall_out_be_added_or_take_place_otherwise() {
    let series = "UID:eve|SUMMARY:Eve|DTSTART;TZID=Europe/Berlin:20241224T120000|DURATION:PT6H|\
        RRULE:FREQ=YEARLY;COUNT=5|EXDATE:20251224T110000Z|RDATE;TZID=Europe/Berlin:20251223T120000";
    let moved = "UID:eve|SUMMARY:Eve|RECURRENCE-ID;TZID=Europe/Berlin:20261224T120000|\
        DTSTART;TZID=Europe/Berlin:20261223T140000|DURATION:PT1H";
    let dropped =
        "UID:eve|STATUS:CANCELLED|RECURRENCE-ID;TZID=Europe/Berlin:20271224T120000|DTSTART:20271224T120000";
    let all = closed(&[series, moved, dropped]);
    let days: Vec<_> = all.iter().flat_map(|it| &it.spans).map(|(from, _)| from.to_string()).collect();
    assert_eq!(
        days,
        ["2024-12-24T12:00:00", "2028-12-24T12:00:00", "2025-12-23T12:00:00", "2026-12-23T14:00:00"]
    );
}

#[test]
fn cancelled_and_free_events_close_nothing() {
    let it = closed(&[
        "SUMMARY:a|DTSTART:20260101",
        "SUMMARY:b|DTSTART:20260102|STATUS:CANCELLED",
        "SUMMARY:c|DTSTART:20260103|TRANSP:TRANSPARENT",
        "SUMMARY:d|DTSTART:20260104|TRANSP:OPAQUE|BEGIN:VALARM|DTSTART:20990101|STATUS:CANCELLED|END:VALARM",
    ]);
    assert_eq!(it.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["a", "d"]);
}

#[test]
fn free_events_are_kept_apart_and_need_not_be_understood() {
    let read = |events: &[&str]| read(&file(events), &Faults::default()).unwrap();
    let it = read(&["SUMMARY:a|DTSTART:20260101|TRANSP:TRANSPARENT", "SUMMARY:b|DTSTART:20260102"]);
    assert_eq!((it.busy.len(), it.free.unwrap()[0].name.as_str()), (1, "a"));
    let it = read(&[
        "SUMMARY:a|DTSTART:20260101|RRULE:FREQ=WEEKLY|TRANSP:TRANSPARENT",
        "SUMMARY:b|DTSTART:20260102",
    ]);
    assert_eq!(it.busy.len(), 1);
    assert!(it.free.unwrap_err().starts_with("line 6: `a`: RRULE: `FREQ=WEEKLY` is not read here"));
}

#[test]
fn what_is_wrong_with_an_event_is_told_with_its_line_and_name() {
    let start = "SUMMARY:Ostern|DTSTART;VALUE=DATE:20260405";
    for (event, place, part) in [
        (
            "SUMMARY:Ostern|DTSTART;VALUE=DATE:20260431",
            "x.ics:9: VEVENT[1]: `Ostern`: DTSTART: `20260431` is no date",
            "",
        ),
        ("SUMMARY:Ostern", "x.ics:7: VEVENT[1]: `Ostern`: DTSTART is missing", ""),
        ("DTSTART:20260405T25", "x.ics:8: ", "`an event without SUMMARY`"),
        ("SUMMARY:Ostern|DTSTART:18990405", "x.ics:9: ", "outside the years 1900 to 2099"),
        ("SUMMARY:Ostern|DTSTART:20260405T120000", "x.ics:7: ", "neither DTEND nor DURATION"),
        (
            "SUMMARY:Ostern|DTSTART;TZID=Mars/Base:20260405T120000",
            "x.ics:9: ",
            "`Mars/Base` is no IANA time zone",
        ),
        ("SUMMARY:Ostern|DTSTART:20260405,20260406", "x.ics:9: ", "more than one date"),
        (&format!("{start}|DTEND:20260405"), "x.ics:10: ", "ends before it starts"),
        (&format!("{start}|DTEND:20290405"), "x.ics:10: ", "more than 366 days"),
        (&format!("{start}|DTEND:20260406T120000"), "x.ics:10: ", "in the manner of DTSTART"),
        (&format!("{start}|DURATION:P9999999Y"), "x.ics:10: ", "is no length"),
        (&format!("{start}|DURATION:-P1D"), "x.ics:10: ", "ends before it starts"),
        (&format!("{start}|RRULE:FREQ=DAILY"), "x.ics:10: ", "RRULE: `FREQ=DAILY` is not read here"),
        (&format!("{start}|RRULE:FREQ=YEARLY;BYEASTER=0"), "x.ics:10: ", "`BYEASTER=0` is not read here"),
        (&format!("{start}|RRULE:FREQ=YEARLY;INTERVAL=0"), "x.ics:10: ", "`INTERVAL=0`"),
        (&format!("{start}|RRULE:FREQ=YEARLY;BYDAY=0MO"), "x.ics:10: ", "`BYDAY=0MO`"),
        (&format!("{start}|RRULE:FREQ=YEARLY;UNTIL=never"), "x.ics:10: ", "`never` is no date"),
        (&format!("{start}|RRULE:FREQ=YEARLY;COUNT=1;UNTIL=20300101"), "x.ics:10: ", "exclude each other"),
        (&format!("{start}|RRULE:BYMONTH=4"), "x.ics:10: ", "FREQ is missing"),
        (&format!("{start}|RRULE:FREQ=YEARLY|RRULE:FREQ=YEARLY"), "x.ics:11: ", "second RRULE"),
        (&format!("{start}|EXDATE:2026-04-05"), "x.ics:10: ", "EXDATE: `2026-04-05` is no date"),
        (&format!("{start}|RECURRENCE-ID;RANGE=THISANDFUTURE:20260405"), "x.ics:10: ", "RANGE"),
    ] {
        let told = faults(&file(&["SUMMARY:Neujahr|DTSTART:20260101", event]).content);
        assert!(told.len() == 1 && told[0].starts_with(place) && told[0].contains(part), "{event}: {told:?}");
    }
}

#[test]
fn what_is_no_calendar_is_refused() {
    let good = file(&["SUMMARY:a|DTSTART:20260101"]).content;
    for (content, part) in [
        ("", "x.ics: is no iCalendar file"),
        ("groups:\n  - id: a\n", "x.ics:1: is no iCalendar file"),
        ("<!DOCTYPE html>\n<html>", "x.ics:1: is no iCalendar file"),
        ("BEGIN:VCARD\nEND:VCARD\n", "x.ics:1: is no iCalendar file"),
        (&good[..good.len() - 15], "x.ics:6: is cut off: END:VCALENDAR is missing"),
        (&good[..good.len() - 27], "x.ics:5: is cut off: END:VEVENT is missing"),
        (
            &good.replace("END:VEVENT", "END:VTODO"),
            "x.ics:6: expected the end of `VEVENT`, found that of `VTODO`",
        ),
        (&good.replace("SUMMARY:a", "SUMMARY"), "x.ics:4: `SUMMARY` is no line of an event"),
        (&format!("{good}END:VCALENDAR\n"), "x.ics:8: is no iCalendar file"),
    ] {
        let told = faults(content);
        assert!(told.len() == 1 && told[0].starts_with(part), "{content}: {told:?}");
    }
}

#[test]
fn hostile_files_meet_a_bound() {
    let around = |inner: &str| format!("BEGIN:VCALENDAR\n{inner}END:VCALENDAR\n");
    let event = |lines: &str| format!("BEGIN:VEVENT\nDTSTART:19000101\n{lines}END:VEVENT\n");
    let long = "a".repeat(1 << 20);
    for (content, part) in [
        (around(&event("").repeat(1_000_000)), "more than 2000 events"),
        (around(&event("DURATION:P300D\nRRULE:FREQ=YEARLY\n").repeat(2_000)), "closes more than 50000 days"),
        (around(&event(&format!("EXDATE:{}\n", "1,".repeat(1 << 19)))), "`1` is no date"),
        (around(&event(&format!("RRULE:{}\n", "FREQ=YEARLY;".repeat(90_000) + "X"))), "`X` is not read here"),
        (
            around(&event(&format!("RRULE:FREQ=YEARLY;BYMONTHDAY={}1\n", "1,".repeat(1 << 18)))),
            "is not read here",
        ),
        (around(&event(&format!("DTEND;{long}\n"))), "no line of an event"),
        (around(&event(&format!("DTEND{}:20260101\n", ";A=\"".repeat(1 << 18)))), "DTEND: ends before"),
        (around(&event(&format!("{long}\n"))), "no line of an event"),
        ("BEGIN:VCALENDAR\n".to_owned() + &"BEGIN:A\n".repeat(100_000), "more than 8 levels deep"),
        ("BEGIN:".to_owned() + &long, "is no iCalendar file"),
        ("BEGIN:VCALENDAR\nBEGIN:".to_owned() + &long, "is cut off"),
    ] {
        let told = faults(&content);
        assert!(
            told[0].contains(part) && told[0].len() < 400,
            "{}",
            told[0].chars().take(400).collect::<String>()
        );
    }
    let name = format!("SUMMARY:{long}|DTSTART:20260101");
    assert_eq!(closed(&[&name])[0].name.len(), 80);
}

proptest! {
    /// The words of the language in any order: answered, and a fault for what is refused.
    #[test]
    fn any_words_are_answered(words in prop::collection::vec(prop::sample::select(vec![
        "BEGIN:VCALENDAR\n", "BEGIN:VEVENT\n", "END:VEVENT\n", "END:VCALENDAR\n", "DTSTART", "DTEND", "DURATION", "RRULE",
        "EXDATE", "RDATE", "RECURRENCE-ID", ";VALUE=DATE", ";TZID=", "Pacific/Apia", ":", ";", ",", "=", "\"", "\n", "\n ",
        "20260101", "20991231", "20111230T020000", "Z", "P1D", "-P1D", "PT9999999999H", "FREQ=YEARLY", "BYDAY=", "-1MO",
        "53SU", "BYMONTHDAY=", "-31", "BYMONTH=", "COUNT=", "UNTIL=", "\\", "\u{feff}", "é", "\r", "\0",
    ]), 0..80)) {
        let faults = Faults::default();
        let source = Source { name: "x.ics".to_owned(), content: words.concat() };
        let closed = read(&source, &faults);
        prop_assert_eq!(closed.is_none(), faults.none_or_all().is_err());
    }

    /// A good file with bytes changed, dropped or doubled.
    #[test]
    fn mutated_files_are_answered(
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0..4_u8, any::<u8>()), 1..8),
    ) {
        let good = file(&[
            "SUMMARY:a|DTSTART;VALUE=DATE:20260525|RRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO|EXDATE;VALUE=DATE:20270531",
            "UID:b|SUMMARY:b|DTSTART;TZID=Europe/Berlin:20261224T120000|DTEND;TZID=Europe/Berlin:20261225T000000",
        ]);
        let mut bytes = good.content.into_bytes();
        for (at, how, byte) in cuts {
            let at = at.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => bytes.truncate(at + 1),
                2 if bytes.len() > 1 => drop(bytes.remove(at)),
                _ => bytes.insert(at, byte),
            }
        }
        let faults = Faults::default();
        let source = Source { name: "x.ics".to_owned(), content: String::from_utf8_lossy(&bytes).into_owned() };
        let closed = read(&source, &faults);
        prop_assert_eq!(closed.is_none(), faults.none_or_all().is_err());
    }
}
