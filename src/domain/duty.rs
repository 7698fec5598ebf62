//! Who takes work now: shifts, leave, on-call turns, and what agents say of themselves (ITIL 4, workforce and talent
//! management practice). Nobody gets work while they are not there.

use jiff::civil::Date;

use super::{
    assignment::{Agent, Group, Load},
    calendar::Calendar,
    time::Timestamp,
};

/// Days on which an agent takes no work, both included, in the zone of their shift; in UTC if they have none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Leave {
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Date,
}

/// Days on which an agent takes a group's pressing work outside their shift, both included, in the zone of their
/// shift; in UTC if they have none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// Id of the agent.
    pub agent: String,
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Date,
}

/// Until when an agent has said that they are away; the default is: not at all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Away(pub Timestamp);

impl Away {
    /// Until they say that they are back.
    pub const OPEN: Self = Self(Timestamp(i64::MAX));

    /// Whether they are away.
    pub fn at(self, now: Timestamp) -> bool {
        now < self.0
    }
}

/// Whether an agent has left, says the directory of people.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Left {
    /// They are here.
    #[default]
    No,
    /// They have, and may still hold tickets.
    Holding,
    /// They have, and what they held was handed back.
    Cleared,
}

impl Left {
    /// Whether they have.
    pub fn is_gone(self) -> bool {
        self != Self::No
    }
}

/// Whether an agent takes work, and if not, why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duty {
    /// On shift until then; without a shift there is no end.
    OnShift(Option<Timestamp>),
    /// Outside their shift, but on call for the group.
    OnCall,
    /// Outside their shift.
    OffShift,
    /// On leave.
    OnLeave,
    /// They said so.
    Away(Away),
    /// The catalogue says so.
    Absent,
    /// They have left, says the directory of people.
    Left,
}

impl Duty {
    /// Whether work may come.
    pub fn takes_work(self) -> bool {
        matches!(self, Self::OnShift(_) | Self::OnCall)
    }
}

/// What the shift of an agent says at a moment: worked out once for all who share it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shift {
    /// Until when it is open; nothing outside of it.
    pub until: Option<Timestamp>,
    /// The date there.
    pub today: Date,
}

impl Shift {
    /// The hours of a calendar as a shift.
    pub fn of(calendar: &Calendar, now: Timestamp) -> Self {
        Self { until: calendar.open_until(now), today: calendar.date(now).unwrap_or_default() }
    }
}

impl Duty {
    /// Whether somebody takes work now: how they stand themselves, unless the catalogue has something `against` it.
    /// `shift` is that of their calendar, if they have one.
    #[inline]
    pub fn of(
        load: &Load,
        against: Option<Self>,
        shift: Option<Shift>,
        is_on_call: impl FnOnce() -> bool,
        now: Timestamp,
    ) -> Self {
        if load.left.is_gone() {
            return Self::Left;
        }
        if let Some(against) = against {
            return against;
        }
        if load.away.at(now) {
            return Self::Away(load.away);
        }
        match shift {
            None => Self::OnShift(None),
            Some(Shift { until: Some(until), .. }) => Self::OnShift(Some(until)),
            Some(_) if is_on_call() => Self::OnCall,
            Some(_) => Self::OffShift,
        }
    }
}

impl Agent {
    /// What the catalogue has against it that they take work on a day.
    pub fn off(&self, today: Date) -> Option<Duty> {
        off(self.present, &self.leave, today)
    }
}

/// What there is against it that somebody takes work on a day, by whether they are at work at all and their leave.
pub(super) fn off(is_present: bool, leave: &[Leave], today: Date) -> Option<Duty> {
    let on_leave = || leave.iter().any(|it| (it.from..=it.to).contains(&today)).then_some(Duty::OnLeave);
    if is_present { on_leave() } else { Some(Duty::Absent) }
}

impl Group {
    /// Whether an agent is on call for it on a day.
    pub fn is_on_call(&self, agent: &str, today: Date) -> bool {
        self.on_call.iter().any(|it| it.agent == agent && (it.from..=it.to).contains(&today))
    }
}
