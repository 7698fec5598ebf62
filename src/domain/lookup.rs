//! How people and programs point at tickets: one by its identity or number, many by conditions.

use super::{
    id::{TicketId, WaveId},
    lifecycle::State,
    people::Person,
    task::TaskState,
    wave,
};

/// One ticket, by identity or number.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum TicketRef {
    /// Its identity.
    Id(TicketId),
    /// What people call it, as `INC-000123`.
    Number(String),
}

impl TicketRef {
    /// Reads `tkt_…` or a number in any case and with or without leading zeros, such as `inc-123`.
    pub fn parse(raw: &str) -> Option<Self> {
        if let Ok(id) = raw.parse() {
            return Some(Self::Id(id));
        }
        let (prefix, digits) = raw.split_once('-')?;
        let is_prefix = prefix.len() == 3 && prefix.bytes().all(|it| it.is_ascii_alphabetic());
        let is_digits = (1..=18).contains(&digits.len()) && digits.bytes().all(|it| it.is_ascii_digit());
        let count = digits.parse().ok().filter(|_| is_prefix && is_digits)?;
        Some(Self::Number(number(&prefix.to_ascii_uppercase(), count)))
    }
}

/// One incident wave, by identity or number.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum WaveRef {
    /// Its identity.
    Id(WaveId),
    /// What people call it, as `WAV-000001`.
    Number(String),
}

impl WaveRef {
    /// Reads `wav_…` or a number in any case and with or without leading zeros, such as `wav-1`.
    pub fn parse(raw: &str) -> Option<Self> {
        if let Ok(id) = raw.parse() {
            return Some(Self::Id(id));
        }
        match TicketRef::parse(raw) {
            Some(TicketRef::Number(number)) if number.starts_with(wave::PREFIX) => Some(Self::Number(number)),
            Some(_) | None => None,
        }
    }
}

/// A ticket's number from its prefix and count: `INC-000123`.
pub fn number(prefix: &str, count: u64) -> String {
    format!("{prefix}-{count:06}")
}

/// Conditions that must all hold; an empty one does not count.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TicketFilter {
    /// In one of these states.
    pub states: Vec<State>,
    /// Id of the group that has it.
    pub group: Option<String>,
    /// Id of the agent who has it.
    pub agent: Option<String>,
    /// Id of its template.
    pub template: Option<String>,
    /// Who needs help.
    pub requester: Option<Person>,
}

/// One task: its ticket, and its id there.
pub type TaskRef = (TicketId, String);

/// Conditions on tasks that must all hold; an empty one does not count.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TaskFilter {
    /// In one of these states.
    pub states: Vec<TaskState>,
    /// Id of the group that does it.
    pub group: Option<String>,
    /// Id of the agent who does it.
    pub agent: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_found_however_it_is_typed() {
        let number = |it: &str| Some(TicketRef::Number(it.to_owned()));
        assert_eq!(TicketRef::parse("inc-123"), number("INC-000123"));
        assert_eq!(TicketRef::parse("REQ-0000007"), number("REQ-000007"));
        assert_eq!(TicketRef::parse("INC-1234567"), number("INC-1234567"));
        for bad in
            ["", "INC", "INC-", "INC-+12", "I-12", "12", "tkt_12", "INC-12 ", "INC-99999999999999999999"]
        {
            assert_eq!(TicketRef::parse(bad), None, "{bad}");
        }
    }
}
