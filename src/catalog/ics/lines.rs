//! From a text to the lines of its events; the only file that knows which crate reads iCalendar.

use icalendar::parser::Property;

use super::event::Event;
use crate::catalog::fault::{Bad, quoted};

/// A content line such as `DTSTART;TZID=Europe/Berlin:20261224T120000`.
#[derive(Debug)]
pub(super) struct Line {
    /// Of the file; the first, if it is folded.
    pub(super) number: u32,
    /// In capitals.
    pub(super) name: String,
    /// What stands behind the colon.
    pub(super) value: String,
    /// The zone that its times are told in (`TZID`).
    pub(super) zone: Option<String>,
    /// How much a recurrence that takes place otherwise changes (`RANGE`).
    pub(super) range: Option<String>,
}

/// Most events of a file.
const EVENTS: usize = 2_000;
/// Deepest nesting; an alarm of an event is on the third level.
const DEPTH: usize = 8;
const NO_CALENDAR: &str =
    "is no iCalendar file: everything in one stands between BEGIN:VCALENDAR and END:VCALENDAR";

/// The events of a file.
pub(super) fn events(content: &str) -> Result<Vec<Event>, Bad> {
    let mut reader = Reader { events: Vec::new(), within: Vec::new() };
    let mut last = 0;
    for (number, text) in unfolded(content) {
        last = number;
        reader.take(number, &text).map_err(|problem| Bad { line: number, problem })?;
    }
    let cut_off = |it: &String| format!("is cut off: END:{} is missing", quoted(it).trim_matches('`'));
    match reader.within.last() {
        Some(open) => Err(Bad { line: last, problem: cut_off(open) }),
        None if last == 0 => Err(Bad { line: 0, problem: NO_CALENDAR.to_owned() }),
        None => Ok(reader.events),
    }
}

/// What has been read, and the components that the next line is within.
struct Reader {
    events: Vec<Event>,
    within: Vec<String>,
}

impl Reader {
    fn take(&mut self, number: u32, text: &str) -> Result<(), String> {
        let (name, value) = text.split_once(':').unwrap_or((text, ""));
        match name.to_ascii_uppercase().as_str() {
            "BEGIN" => self.begin(number, value.trim().to_ascii_uppercase()),
            "END" => self.end(&value.trim().to_ascii_uppercase()),
            _ if self.within.is_empty() => Err(NO_CALENDAR.to_owned()),
            _ if self.within == ["VCALENDAR", "VEVENT"] => {
                let line = line(number, text)?;
                if let Some(event) = self.events.last_mut() {
                    event.lines.push(line);
                }
                Ok(())
            }
            // What is said of the calendar, of alarms and of time zones closes nothing.
            _ => Ok(()),
        }
    }

    fn begin(&mut self, number: u32, component: String) -> Result<(), String> {
        if self.within.is_empty() && component != "VCALENDAR" {
            return Err(NO_CALENDAR.to_owned());
        }
        if self.within.len() == DEPTH {
            return Err(format!("is nested more than {DEPTH} levels deep"));
        }
        self.within.push(component);
        if self.within == ["VCALENDAR", "VEVENT"] {
            if self.events.len() == EVENTS {
                return Err(format!("there are more than {EVENTS} events; take out those of past years"));
            }
            self.events.push(Event { line: number, lines: Vec::new() });
        }
        Ok(())
    }

    fn end(&mut self, component: &str) -> Result<(), String> {
        match self.within.pop() {
            Some(it) if it == component => Ok(()),
            Some(it) => {
                Err(format!("expected the end of {}, found that of {}", quoted(&it), quoted(component)))
            }
            None => Err(NO_CALENDAR.to_owned()),
        }
    }
}

fn line(number: u32, text: &str) -> Result<Line, String> {
    let property = Property::try_from(text).ok().filter(|_| text.contains(':'));
    let property = property.ok_or_else(|| {
        format!("{} is no line of an event; it would look like DTSTART;VALUE=DATE:20261225", quoted(text))
    })?;
    let parameter = |name: &str| {
        let found = property.params.iter().find(|it| it.key.as_str().eq_ignore_ascii_case(name));
        found.and_then(|it| Some(it.val.as_ref()?.as_str().trim_matches('"').to_owned()))
    };
    Ok(Line {
        number,
        name: property.name.as_str().to_ascii_uppercase(),
        zone: parameter("TZID"),
        range: parameter("RANGE"),
        value: property.val.as_str().trim().to_owned(),
    })
}

/// The lines with their numbers: one that begins with a blank goes on where the one before ended.
fn unfolded(content: &str) -> impl Iterator<Item = (u32, String)> {
    let content = content.strip_prefix('\u{feff}').unwrap_or(content);
    let mut lines = (1..).zip(content.lines()).filter(|(_, it)| !it.trim().is_empty()).peekable();
    std::iter::from_fn(move || {
        let (number, first) = lines.next()?;
        let mut whole = first.to_owned();
        while let Some((_, more)) = lines.next_if(|(_, it)| it.starts_with([' ', '\t'])) {
            whole.push_str(&more[1..]);
        }
        Some((number, whole))
    })
}
