//! Requests about measures, from the contract's words to the desk's.

use crate::{
    api::parse::{Checks, words::Words},
    desk::{
        fault::Fault,
        measures::{By, Question},
    },
    domain::{
        measure::{Filter, Measure},
        sla::Length,
        ticket::TicketKind,
    },
    proto::{
        v1::{self, MeasureDimension, MeasurePeriod},
        words,
    },
};

/// What is measured.
pub(super) const MEASURE: Words<Measure> = Words {
    read: words::measure_from,
    name: |it| v1::MeasureKind::try_from(it).ok().map(|it| it.as_str_name()),
};

const PERIOD: Words<Length> = Words {
    read: |it| match MeasurePeriod::try_from(it).ok()? {
        MeasurePeriod::Unspecified => None,
        MeasurePeriod::Day => Some(Length::Day),
        MeasurePeriod::Week => Some(Length::Week),
        MeasurePeriod::Month => Some(Length::Month),
        MeasurePeriod::Quarter => Some(Length::Quarter),
    },
    name: |it| MeasurePeriod::try_from(it).ok().map(|it| it.as_str_name()),
};

const KIND: Words<TicketKind> =
    Words { read: words::kind_from, name: |it| v1::TicketKind::try_from(it).ok().map(|it| it.as_str_name()) };

/// What measures are told apart by.
const DIMENSION: Words<MeasureDimension> = Words {
    read: |it| (OPEN_DIMENSION.read)(it).filter(|it| *it != MeasureDimension::Priority),
    name: OPEN_DIMENSION.name,
};

/// What open tickets are told apart by.
const OPEN_DIMENSION: Words<MeasureDimension> = Words {
    read: |it| MeasureDimension::try_from(it).ok().filter(|it| *it != MeasureDimension::Unspecified),
    name: |it| MeasureDimension::try_from(it).ok().map(|it| it.as_str_name()),
};

/// Which figures.
pub(super) fn measure(raw: v1::MeasureRequest) -> Result<Question, Fault> {
    let mut checks = Checks::default();
    let measures = raw.measures.iter().take(2 * Measure::ALL.len()).enumerate();
    let measures = measures
        .filter_map(|(place, it)| checks.word(&format!("measures[{place}]"), *it, &MEASURE))
        .collect();
    let from = checks.day("from", &raw.from);
    let to = checks.day("to", &raw.to);
    let period = checks.optional_word("period", raw.period, &PERIOD);
    let by = by(&mut checks, &raw.by, &DIMENSION);
    let filter = filter(&mut checks, "filter", raw.filter);
    if let (Some(from), Some(to)) = (from, to)
        && to < from
    {
        checks.wrong("to", format!("ends on {to}, before it begins on {from}"));
    }
    checks.done(Question { measures, from, to, period, by, filter })
}

/// Which open tickets, and what they are told apart by.
pub(super) fn backlog(raw: v1::BacklogRequest) -> Result<(By, Filter), Fault> {
    let mut checks = Checks::default();
    let by = by(&mut checks, &raw.by, &OPEN_DIMENSION);
    let filter = filter(&mut checks, "filter", raw.filter);
    checks.done((by, filter))
}

fn by(checks: &mut Checks, raw: &[i32], words: &Words<MeasureDimension>) -> By {
    let mut by = By::default();
    for (place, it) in raw.iter().take(2 * MeasureDimension::Priority as usize).enumerate() {
        match checks.word(&format!("by[{place}]"), *it, words) {
            Some(MeasureDimension::Service) => by.service = true,
            Some(MeasureDimension::Group) => by.group = true,
            Some(MeasureDimension::Template) => by.template = true,
            Some(MeasureDimension::Kind) => by.kind = true,
            Some(MeasureDimension::Priority) => by.priority = true,
            Some(MeasureDimension::Unspecified) | None => {}
        }
    }
    by
}

/// Which tickets.
pub(super) fn filter(checks: &mut Checks, field: &str, raw: Option<v1::MeasureFilter>) -> Filter {
    let raw = raw.unwrap_or_default();
    Filter {
        service: checks.optional_id(&format!("{field}.service"), raw.service),
        group: checks.optional_id(&format!("{field}.group"), raw.group),
        template: checks.optional_id(&format!("{field}.template"), raw.template),
        kind: checks.optional_word(&format!("{field}.kind"), raw.kind, &KIND),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wrong_field_is_named_at_once() {
        let raw = v1::MeasureRequest {
            measures: vec![1, 99],
            from: "yesterday".into(),
            to: "2027-02-30".into(),
            period: 9,
            by: vec![1, MeasureDimension::Priority.into()],
            filter: Some(v1::MeasureFilter { service: "x".repeat(200), kind: 9, ..Default::default() }),
        };
        let Err(Fault::Malformed(wrong)) = measure(raw) else { panic!("taken") };
        let fields: Vec<_> = wrong.iter().map(|it| it.field.as_str()).collect();
        let all = ["measures[1]", "from", "to", "period", "by[1]", "filter.service", "filter.kind"];
        assert_eq!(fields, all);
        assert!(wrong[0].problem.contains("MEASURE_KIND_RESOLVE"), "{wrong:?}");
        let backwards =
            v1::MeasureRequest { from: "2027-03-02".into(), to: "2027-03-01".into(), ..Default::default() };
        assert!(matches!(measure(backwards), Err(Fault::Malformed(_))));
    }

    #[test]
    fn nothing_said_asks_for_all_measures() {
        let question = measure(v1::MeasureRequest::default()).unwrap();
        assert_eq!((question.measures.len(), question.period, question.by), (0, None, By::default()));
        assert_eq!(question.filter, Filter::default());
    }
}
