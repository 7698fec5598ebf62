//! From the contract's messages to the desk's: every wrong field is noted, and all of them are told at
//! once. What a check hands back for a wrong field is of no meaning, and `done` lets nobody see it.

mod days;
pub(super) mod page;
pub(super) mod values;
pub(super) mod words;

use crate::{
    desk::fault::{Fault, Violation},
    domain::lookup::TicketRef,
    domain::people::Person,
    proto::{ticket::person_from, v1},
};

/// Longest id, in characters.
const ID: usize = 128;
/// Longest name or subject, in characters.
const LINE: usize = 120;
/// Longest text, in bytes.
const TEXT: usize = 16 * 1024;
/// Changes that are accepted at once.
const ACCEPTED: usize = 50;

/// The wrong fields of one request.
#[derive(Debug, Default)]
pub(super) struct Checks(Vec<Violation>);

impl Checks {
    /// Notes a wrong field.
    pub(super) fn wrong(&mut self, field: impl Into<String>, problem: impl Into<String>) {
        self.0.push(Violation { field: field.into(), problem: problem.into() });
    }

    /// What was made of the request, if no field is wrong.
    pub(super) fn done<T>(self, made: T) -> Result<T, Fault> {
        if self.0.is_empty() { Ok(made) } else { Err(Fault::Malformed(self.0)) }
    }

    /// An id that must be there.
    pub(super) fn id(&mut self, field: &str, raw: String) -> String {
        let missing = raw.trim().is_empty().then(|| "is required".to_owned());
        self.note(field, missing.or_else(|| line_problem(&raw, ID)));
        raw
    }

    /// Numbers of changes that somebody accepts.
    pub(super) fn changes(&mut self, field: &str, raw: &[String]) -> Vec<String> {
        if raw.len() > ACCEPTED {
            self.wrong(field, format!("names {}; at most {ACCEPTED} are taken", raw.len()));
            return vec![];
        }
        let mut numbers = vec![];
        for (at, raw) in raw.iter().enumerate() {
            match TicketRef::parse(raw.trim()) {
                Some(TicketRef::Number(number)) => numbers.push(number),
                Some(TicketRef::Id(_)) | None => {
                    let problem = "must be the number of a change like `CHG-000123`";
                    self.wrong(format!("{field}[{at}]"), problem);
                }
            }
        }
        numbers
    }

    /// An id, or empty for none.
    pub(super) fn optional_id(&mut self, field: &str, raw: String) -> Option<String> {
        if raw.is_empty() { None } else { Some(self.id(field, raw)) }
    }

    /// One line; runs of white space become one space. May be empty.
    pub(super) fn subject(&mut self, field: &str, raw: &str) -> String {
        let line = raw.split_whitespace().collect::<Vec<_>>().join(" ");
        self.note(field, line_problem(&line, LINE));
        line
    }

    /// What somebody wrote.
    pub(super) fn text(&mut self, field: &str, raw: String) -> String {
        let missing = raw.trim().is_empty().then(|| "is required".to_owned());
        self.note(field, missing.or_else(|| text_problem(&raw)));
        raw
    }

    /// What somebody wrote, if anything.
    pub(super) fn optional_text(&mut self, field: &str, raw: String) -> String {
        self.note(field, text_problem(&raw));
        raw
    }

    /// Somebody, with both parts of their identity.
    pub(super) fn person(&mut self, field: &str, raw: Option<v1::Person>) -> Person {
        let Some(raw) = raw else {
            self.wrong(field, "is required, with issuer and subject");
            return Person::default();
        };
        let mut part = |name: &str, raw: &str, missing: bool, max: usize| {
            let missing = (missing && raw.trim().is_empty()).then(|| "is required".to_owned());
            if let Some(problem) = missing.or_else(|| line_problem(raw, max)) {
                self.wrong(format!("{field}.{name}"), problem);
            }
        };
        part("issuer", &raw.issuer, true, ID);
        part("subject", &raw.subject, true, ID);
        part("display_name", &raw.display_name, false, LINE);
        person_from(&raw)
    }

    /// A ticket's id or number.
    pub(super) fn ticket(&mut self, field: &str, raw: &str) -> TicketRef {
        TicketRef::parse(raw.trim()).unwrap_or_else(|| {
            self.wrong(field, "must be a ticket's id like `tkt_…` or its number like `INC-000123`");
            TicketRef::Number(String::new())
        })
    }

    fn note(&mut self, field: &str, problem: Option<String>) {
        if let Some(problem) = problem {
            self.wrong(field, problem);
        }
    }
}

/// What is wrong with something that people read in one line.
fn line_problem(raw: &str, max: usize) -> Option<String> {
    // A character has at most four bytes, so most lines need no counting.
    if raw.len() > max && raw.chars().count() > max {
        return Some(format!("is longer than {max} characters"));
    }
    let bad = raw.char_indices().find(|(_, it)| it.is_control() && !matches!(it, '\t' | '\n'));
    bad.map(|(at, it)| format!("has the control character U+{:04X} at byte {at}", u32::from(it)))
}

/// What is wrong with something that people wrote.
fn text_problem(raw: &str) -> Option<String> {
    if raw.len() > TEXT {
        return Some(format!("has {} bytes of UTF-8; at most {TEXT} are taken", raw.len()));
    }
    let is_bad = |it: &(usize, char)| it.1.is_control() && !matches!(it.1, '\t' | '\n' | '\r');
    let (at, bad) = raw.char_indices().find(is_bad)?;
    Some(format!("has the control character U+{:04X} at byte {at}", u32::from(bad)))
}

#[cfg(test)]
mod tests;
