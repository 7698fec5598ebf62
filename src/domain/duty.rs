//! Who takes work now: shifts, leave, on-call turns, and what agents say of themselves (ITIL 4, workforce and talent
//! management practice). Nobody gets work while they are not there.

use jiff::civil::Date;

use super::{
    assignment::{Agent, Group},
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

impl Agent {
    /// Whether they take work of a group now. `shift` is that of their calendar, if they have one; `today` the date
    /// in UTC.
    pub fn duty(&self, group: &Group, away: Away, shift: Option<Shift>, today: Date, now: Timestamp) -> Duty {
        let today = shift.map_or(today, |it| it.today);
        if !self.present {
            Duty::Absent
        } else if self.leave.iter().any(|it| (it.from..=it.to).contains(&today)) {
            Duty::OnLeave
        } else if away.at(now) {
            Duty::Away(away)
        } else {
            match shift {
                None => Duty::OnShift(None),
                Some(Shift { until: Some(until), .. }) => Duty::OnShift(Some(until)),
                Some(_) if group.is_on_call(&self.id, today) => Duty::OnCall,
                Some(_) => Duty::OffShift,
            }
        }
    }
}

impl Group {
    fn is_on_call(&self, agent: &str, today: Date) -> bool {
        self.on_call.iter().any(|it| it.agent == agent && (it.from..=it.to).contains(&today))
    }
}
