//! Requests about service levels, from the contract's words to the desk's.

use jiff::tz::TimeZone;

use crate::{
    api::parse::{Checks, words::Words},
    desk::{
        fault::Fault,
        levels::{By, Question},
    },
    domain::sla::{Goal, Length},
    proto::{
        v1::{self, ReportDimension, ReportPeriod},
        words,
    },
};

const PERIOD: Words<Length> = Words {
    read: |it| match ReportPeriod::try_from(it).ok()? {
        ReportPeriod::Unspecified => None,
        ReportPeriod::Day => Some(Length::Day),
        ReportPeriod::Week => Some(Length::Week),
        ReportPeriod::Month => Some(Length::Month),
    },
    name: |it| ReportPeriod::try_from(it).ok().map(|it| it.as_str_name()),
};

const GOAL: Words<Goal> =
    Words { read: words::goal_from, name: |it| v1::SlaGoal::try_from(it).ok().map(|it| it.as_str_name()) };

const DIMENSION: Words<ReportDimension> = Words {
    read: |it| ReportDimension::try_from(it).ok().filter(|it| *it != ReportDimension::Unspecified),
    name: |it| ReportDimension::try_from(it).ok().map(|it| it.as_str_name()),
};

pub(super) fn report(raw: v1::SlaReportRequest) -> Result<Question, Fault> {
    let mut checks = Checks::default();
    let from = checks.day("from", &raw.from);
    let to = checks.day("to", &raw.to);
    let length = checks.optional_word("period", raw.period, &PERIOD).unwrap_or(Length::Month);
    let zone = zone(&mut checks, &raw.zone);
    let mut by = By::default();
    for (place, it) in raw.by.iter().take(ReportDimension::Priority as usize * 2).enumerate() {
        match checks.word(&format!("by[{place}]"), *it, &DIMENSION) {
            Some(ReportDimension::Policy) => by.policy = true,
            Some(ReportDimension::Group) => by.group = true,
            Some(ReportDimension::Service) => by.service = true,
            Some(ReportDimension::Priority) => by.priority = true,
            Some(ReportDimension::Unspecified) | None => {}
        }
    }
    let goals = raw.goals.iter().take(2 * Goal::ALL.len()).enumerate();
    let goals = goals.filter_map(|(place, it)| checks.word(&format!("goals[{place}]"), *it, &GOAL)).collect();
    let group = checks.optional_id("group", raw.group);
    let policy = checks.optional_id("sla_policy", raw.sla_policy);
    checks.done(Question { from, to, length, zone, by, goals, group, policy })
}

fn zone(checks: &mut Checks, raw: &str) -> TimeZone {
    if raw.is_empty() {
        return TimeZone::UTC;
    }
    TimeZone::get(raw).unwrap_or_else(|_| {
        checks.wrong("zone", "must be an IANA time zone such as Europe/Berlin, or empty for UTC");
        TimeZone::UTC
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wrong_field_of_a_report_is_named_at_once() {
        let raw = v1::SlaReportRequest {
            from: "yesterday".into(),
            to: "2027-02-30".into(),
            period: 9,
            zone: "Berlin".into(),
            by: vec![1, 77],
            goals: vec![0],
            group: "x".repeat(200),
            ..Default::default()
        };
        let Err(Fault::Malformed(wrong)) = report(raw) else { panic!("taken") };
        let fields: Vec<_> = wrong.iter().map(|it| it.field.as_str()).collect();
        assert_eq!(fields, ["from", "to", "period", "zone", "by[1]", "goals[0]", "group"]);
    }

    #[test]
    fn nothing_said_asks_for_this_month_in_utc() {
        let question = report(v1::SlaReportRequest::default()).unwrap();
        assert_eq!((question.from, question.to, question.length), (None, None, Length::Month));
        assert_eq!((question.zone, question.by), (TimeZone::UTC, By::default()));
    }
}
