//! Requests about improvements and ratings, from the contract's words to the desk's.

use std::mem;

use jiff::{ToSpan as _, civil::Date};
use prost::Message;

use super::request::{MEASURE, filter};
use crate::{
    api::parse::{Checks, words::Words},
    clock,
    desk::{
        fault::Fault,
        improvements::{Known, Wish},
        people::Asked,
        surveys::Rated,
    },
    domain::{
        improvement::{Baseline, Figure, Gauge, ImprovementRef, ImprovementState, Place, Plan},
        measure::{Filter, Measure, Nature},
        ticket::BEST,
    },
    proto::{v1, words},
};

/// Longest note and title, in characters.
const NOTE: usize = 500;
/// Days of a baseline if nobody says more.
const USUAL: i64 = 30;
/// Days of a baseline at most: five years.
const LONGEST: i64 = 1830;

const FIGURE: Words<Figure> = Words {
    read: words::figure_from,
    name: |it| v1::MeasureFigure::try_from(it).ok().map(|it| it.as_str_name()),
};

const STATE: Words<ImprovementState> = Words {
    read: words::improvement_state_from,
    name: |it| v1::ImprovementState::try_from(it).ok().map(|it| it.as_str_name()),
};

/// A request with its id, and all that it asks for without that.
#[derive(Debug)]
pub(super) struct Same {
    request: String,
    content: Vec<u8>,
}

impl Same {
    fn of<M: Message>(checks: &mut Checks, request: String, rest: &M) -> Self {
        Self { request: checks.id("request_id", request), content: rest.encode_to_vec() }
    }

    /// As the desk wants it.
    pub(super) fn asked(&self) -> Asked<'_> {
        Asked { request: &self.request, content: &self.content }
    }
}

/// How satisfied somebody is.
pub(super) fn rate(mut raw: v1::RateTicketRequest) -> Result<(Same, Rated), Fault> {
    let mut checks = Checks::default();
    let request = mem::take(&mut raw.request_id);
    let same = Same::of(&mut checks, request, &raw);
    let ticket = checks.ticket("ticket", &raw.ticket);
    let person = checks.person("person", raw.person);
    let score = u8::try_from(raw.score).ok().filter(|it| (1..=BEST).contains(it)).unwrap_or_else(|| {
        checks.wrong("score", "must be from 1, not at all satisfied, to 5, very satisfied");
        BEST
    });
    let comment = checks.optional_text("comment", raw.comment);
    checks.done((same, Rated { ticket, person, score, comment }))
}

/// Which improvement, if it is there, what it shall be, and which version is expected.
pub(super) type Put = (Same, Option<ImprovementRef>, Wish, Option<u64>);

/// What an improvement shall be.
pub(super) fn put(mut raw: v1::PutImprovementRequest, known: &Known<'_>) -> Result<Put, Fault> {
    let mut checks = Checks::default();
    let request = mem::take(&mut raw.request_id);
    let same = Same::of(&mut checks, request, &raw);
    let which = Some(&raw.improvement).filter(|it| !it.is_empty());
    let which = which.map(|it| reference(&mut checks, it));
    let expected = Some(raw.expected_version).filter(|it| *it > 0);
    let Some(plan) = raw.plan else {
        checks.wrong("plan", "is required");
        return checks.done(()).and(Err(Fault::field("plan", "is required")));
    };
    let wish = wish(&mut checks, plan, known);
    checks.done((same, which, wish, expected))
}

fn wish(checks: &mut Checks, raw: v1::ImprovementPlan, known: &Known<'_>) -> Wish {
    let today = clock::now().date();
    if raw.title.trim().is_empty() {
        checks.wrong("plan.title", "is required");
    }
    let title = checks.subject("plan.title", &raw.title);
    let why = checks.optional_text("plan.why", raw.why);
    let mut gauge = gauge(checks, (raw.measure, raw.figure));
    let baseline = days(checks, (&raw.baseline_from, &raw.baseline_to), today);
    amounts(checks, &gauge, raw.baseline, raw.target);
    let by = required(checks, "plan.target_date", &raw.target_date);
    if by.is_some_and(|by| by <= baseline.to) {
        checks.wrong("plan.target_date", "must be behind the days of the baseline");
    }
    let review = required(checks, "plan.review_date", &raw.review_date);
    gauge.filter = checked(checks, raw.filter, gauge.measure, known);
    let owner = checks.id("plan.owner", raw.owner);
    if owner.chars().any(char::is_control) {
        checks.wrong("plan.owner", "has a control character; write one line");
    }
    if !owner.trim().is_empty() {
        known.owner(&owner).into_iter().for_each(|it| checks.wrong("plan.owner", it));
    }
    let (target, by, review) = (raw.target, by.unwrap_or(today), review.unwrap_or(today));
    let plan = Plan { title, why, gauge, baseline, target, by, owner, review };
    Wish { plan, baseline: raw.baseline }
}

/// A figure that its measure has.
fn gauge(checks: &mut Checks, (measure, figure): (i32, i32)) -> Gauge {
    let measure = checks.word("plan.measure", measure, &MEASURE).unwrap_or(Measure::Opened);
    let usual = if measure.nature() == Nature::Count { Figure::Count } else { Figure::Mean };
    let figure = checks.optional_word("plan.figure", figure, &FIGURE).unwrap_or(usual);
    if !figure.fits(measure) {
        let all = Figure::ALL.into_iter().filter(|it| it.fits(measure)).map(Figure::as_str);
        let problem = format!("{} has only: {}", measure.as_str(), all.collect::<Vec<_>>().join(", "));
        checks.wrong("plan.figure", problem);
    }
    Gauge { measure, figure, filter: Filter::default() }
}

/// The days of a baseline, which are over.
fn days(checks: &mut Checks, (from, to): (&str, &str), today: Date) -> Baseline {
    let yesterday = today.saturating_sub(1.day());
    let to = checks.day("plan.baseline_to", to).unwrap_or(yesterday);
    let from = checks.day("plan.baseline_from", from).unwrap_or(to.saturating_sub((USUAL - 1).days()));
    if today <= to {
        checks.wrong("plan.baseline_to", format!("must be over: {yesterday} at the latest"));
    }
    if to < from {
        checks.wrong("plan.baseline_to", format!("ends on {to}, before it begins on {from}"));
    } else if from < to.saturating_sub((LONGEST - 1).days()) {
        checks.wrong("plan.baseline_from", format!("begins more than {LONGEST} days before the end"));
    }
    Baseline { value: 0.0, from, to }
}

/// What it has been and what it shall be, as far as that is said.
fn amounts(checks: &mut Checks, gauge: &Gauge, baseline: Option<f64>, target: f64) {
    let wrong = (baseline.and_then(|it| gauge.problem(it)), gauge.problem(target));
    wrong.0.into_iter().for_each(|it| checks.wrong("plan.baseline", it));
    wrong.1.into_iter().for_each(|it| checks.wrong("plan.target", it));
    if wrong == (None, None) {
        let no_better = baseline.and_then(|it| gauge.no_better(it, target));
        no_better.into_iter().for_each(|it| checks.wrong("plan.target", it));
    }
}

/// Which tickets, as far as the catalogue knows what is named.
fn checked(
    checks: &mut Checks,
    raw: Option<v1::MeasureFilter>,
    measure: Measure,
    known: &Known<'_>,
) -> Filter {
    let filter = filter(checks, "plan.filter", raw);
    if !measure.is_told_apart() && filter != Filter::default() {
        let name = measure.as_str();
        let problem = format!("must be empty: {name} has no service, group, template or kind");
        checks.wrong("plan.filter", problem);
        return filter;
    }
    let problems = [
        ("service", filter.service.as_deref().and_then(|it| known.service(it))),
        ("group", filter.group.as_deref().and_then(|it| known.group(it))),
        ("template", filter.template.as_deref().and_then(|it| known.template(it))),
    ];
    for (field, problem) in problems {
        problem.into_iter().for_each(|it| checks.wrong(format!("plan.filter.{field}"), it));
    }
    filter
}

/// Which improvement takes which step, with what is said of it, and which version is expected.
pub(super) type Step = (Same, ImprovementRef, (ImprovementState, String), Option<u64>);

/// A step of an improvement.
pub(super) fn go(mut raw: v1::MoveImprovementRequest) -> Result<Step, Fault> {
    let mut checks = Checks::default();
    let request = mem::take(&mut raw.request_id);
    let same = Same::of(&mut checks, request, &raw);
    let which = reference(&mut checks, &raw.improvement);
    let to = checks.word("to", raw.to, &STATE).unwrap_or(ImprovementState::Dropped);
    if NOTE < raw.note.chars().count() {
        checks.wrong("note", format!("is longer than {NOTE} characters"));
    }
    let note = checks.optional_text("note", raw.note);
    checks.done((same, which, (to, note), Some(raw.expected_version).filter(|it| *it > 0)))
}

/// In which state, behind which place in the list of which day, and how many.
pub(super) type Page = (Option<ImprovementState>, Option<(Date, Place)>, u32);

/// A page of improvements.
pub(super) fn list(raw: &v1::ListImprovementsRequest) -> Result<Page, Fault> {
    let mut checks = Checks::default();
    let state = checks.optional_word("state", raw.state, &STATE);
    let size = checks.page_size(raw.page_size);
    let after = checks.after_improvement(&raw.page_token);
    checks.done((state, after, size))
}

/// Which one.
pub(super) fn get(raw: &v1::GetImprovementRequest) -> Result<ImprovementRef, Fault> {
    let mut checks = Checks::default();
    let which = reference(&mut checks, &raw.improvement);
    checks.done(which)
}

fn reference(checks: &mut Checks, raw: &str) -> ImprovementRef {
    ImprovementRef::parse(raw.trim()).unwrap_or_else(|| {
        checks.wrong("improvement", "must be an id like `imp_…` or a number like `IMP-000001`");
        ImprovementRef::Number(String::new())
    })
}

fn required(checks: &mut Checks, field: &str, raw: &str) -> Option<Date> {
    if raw.is_empty() {
        checks.wrong(field, "is required: a day such as 2027-03-01");
        return None;
    }
    checks.day(field, raw)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        api::parse::page::behind_improvement,
        domain::{catalog::Catalog, id::ImprovementId},
    };

    fn fields<T: std::fmt::Debug>(it: Result<T, Fault>) -> Vec<String> {
        let Err(Fault::Malformed(wrong)) = it else { panic!("taken: {it:?}") };
        wrong.into_iter().map(|it| it.field).collect()
    }

    #[test]
    fn all_that_is_wrong_is_told_at_once() {
        let bad = v1::RateTicketRequest { ticket: "x".into(), score: 6, ..Default::default() };
        assert_eq!(fields(rate(bad)), ["request_id", "ticket", "person", "score"]);
        let plan = v1::ImprovementPlan {
            measure: v1::MeasureKind::FirstContact.into(),
            figure: v1::MeasureFigure::P90.into(),
            baseline_from: "2024-02-01".into(),
            baseline_to: "2024-01-01".into(),
            target: f64::NAN,
            review_date: "soon".into(),
            ..Default::default()
        };
        let bad =
            v1::PutImprovementRequest { improvement: "WAV-1".into(), plan: Some(plan), ..Default::default() };
        let all = [
            "request_id",
            "improvement",
            "plan.title",
            "plan.figure",
            "plan.baseline_to",
            "plan.target",
            "plan.target_date",
            "plan.review_date",
            "plan.owner",
        ];
        let catalog = Catalog::default();
        let put = |it| put(it, &Known(&catalog));
        assert_eq!(fields(put(bad)), all);
        assert_eq!(fields(put(v1::PutImprovementRequest::default())), ["request_id", "plan"]);
        let bad = v1::MoveImprovementRequest { to: 99, note: "x".repeat(501), ..Default::default() };
        assert_eq!(fields(go(bad)), ["request_id", "improvement", "to", "note"]);
        let bad = v1::ListImprovementsRequest { state: 9, page_size: 201, page_token: "7461".into() };
        assert_eq!(fields(list(&bad)), ["state", "page_size", "page_token"]);
    }

    #[test]
    fn a_token_is_the_place_that_it_was_made_of() {
        for review in [None, Some("2027-03-01".to_owned()), Some(String::new())] {
            let place = Place { review, id: ImprovementId::from_bytes([7; 16]) };
            let today: Date = "2027-04-01".parse().unwrap();
            let page_token = behind_improvement(today, &place);
            let raw = v1::ListImprovementsRequest { page_token, ..Default::default() };
            assert_eq!(list(&raw).unwrap(), (None, Some((today, place)), 50));
        }
    }
}
