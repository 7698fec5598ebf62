//! What the built-in scenarios are made of.

use std::collections::BTreeMap;

use crate::domain::{
    assignment::{Agent, Group, Skill},
    calendar::{Calendar, Hours},
    people::Bilingual,
    priority::{Impact, Urgency},
    sla::{SlaPolicy, Target},
    template::{Audience, Template},
    ticket::TicketKind,
};

const HOUR: u32 = 3600;

/// How tickets spread over the hours of a day, on a weekday and at a weekend.
#[derive(Debug, Clone, Copy)]
pub(super) struct Week(pub(super) [f64; 24], pub(super) [f64; 24]);

/// A morning peak, a lunch, an afternoon, and little else.
pub(super) const OFFICE: Week = Week(
    [
        0.1, 0.1, 0.1, 0.1, 0.1, 0.2, 0.6, 2.0, 6.0, 9.0, 9.0, 8.0, 5.0, 6.0, 7.5, 7.0, 5.5, 3.0, 1.0, 0.5,
        0.3, 0.2, 0.1, 0.1,
    ],
    [0.05; 24],
);
/// Shops and plants: all day, every day, less at night.
pub(super) const AROUND: Week = Week(
    [
        1.0, 1.0, 1.0, 1.0, 1.0, 1.5, 2.5, 4.0, 5.0, 5.0, 5.0, 4.5, 4.0, 4.5, 5.0, 5.0, 4.5, 4.0, 3.5, 3.0,
        2.5, 2.0, 1.5, 1.0,
    ],
    [1.5; 24],
);
/// Almost all of it in three hours of the morning.
pub(super) const MORNING: Week = Week(
    [
        0.0, 0.0, 0.0, 0.0, 0.0, 0.2, 1.0, 6.0, 14.0, 14.0, 9.0, 5.0, 3.0, 3.0, 3.0, 2.5, 2.0, 1.0, 0.2, 0.0,
        0.0, 0.0, 0.0, 0.0,
    ],
    [0.0; 24],
);

impl Week {
    /// The hours of a week.
    pub(super) fn into_hours(self) -> [f64; 168] {
        std::array::from_fn(|it| if it < 120 { self.0[it % 24] } else { self.1[it % 24] })
    }
}

/// A calendar with the same hours from Monday to Friday, or on every day.
pub(super) fn hours(id: &str, days: usize, from: u32, to: u32) -> Option<Calendar> {
    let day = vec![Hours { from: from * HOUR, to: to * HOUR }];
    let week = std::array::from_fn(|it| if it < days { day.clone() } else { vec![] });
    Calendar::new(id, "UTC", week, BTreeMap::new()).ok()
}

/// Times to answer and to resolve by priority, in minutes.
pub(super) fn policy(id: &str, calendar: &str, minutes: [(u32, u32); 4]) -> SlaPolicy {
    let target = |(response, resolution): (u32, u32)| Target {
        response: response * 60,
        next_response: None,
        update: None,
        resolution: resolution * 60,
    };
    let targets = minutes.map(target);
    SlaPolicy {
        id: id.to_owned(),
        calendar: calendar.to_owned(),
        targets,
        escalations: vec![],
        close_after: None,
        sites: None,
    }
}

pub(super) fn skills(of: &[(&str, u8)]) -> Vec<Skill> {
    of.iter().map(|(id, level)| Skill { id: (*id).to_owned(), level: *level }).collect()
}

pub(super) fn group(id: &str) -> Group {
    Group { id: id.to_owned(), ..Group::default() }
}

/// Agents of a group who are all alike.
pub(super) fn agents(group: &str, name: &str, count: u32, shift: &str, of: &[(&str, u8)]) -> Vec<Agent> {
    let agent = |turn: u32| Agent {
        id: format!("{name}-{turn}"),
        name: format!("{name} {turn}"),
        groups: vec![group.to_owned()],
        present: true,
        skills: skills(of),
        shift: Some(shift.to_owned()),
        ..Agent::default()
    };
    (1..=count).map(agent).collect()
}

/// A template of a group with what it needs and how many minutes it takes.
pub(super) fn template(id: &str, group: &str, sla: &str, minutes: u32, of: &[(&str, u8)]) -> Template {
    Template {
        id: id.to_owned(),
        version: 1,
        kind: TicketKind::Incident,
        label: Bilingual { en: id.to_owned(), zh: String::new() },
        service: String::new(),
        group: group.to_owned(),
        impact: Impact::Person,
        urgency: Urgency::Medium,
        sla: sla.to_owned(),
        skills: skills(of),
        handling: minutes * 60,
        fields: vec![],
        audience: Audience::Everyone,
        prices: crate::domain::money::Prices::default(),
        steps: vec![],
        approval: None,
        change: None,
        knowledge: crate::domain::template::Knowledge::default(),
        waves: crate::domain::template::Waves::default(),
    }
}
