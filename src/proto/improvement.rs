//! The register of improvements, to and from the contract's words.

use super::{
    event::Malformed,
    time::{time_from, time_to},
    v1, words,
};
use crate::domain::{
    improvement::{Baseline, Gauge, Improvement, Plan, Step},
    measure::Filter,
};

/// In the contract's words.
pub fn improvement_to(it: &Improvement) -> v1::Improvement {
    v1::Improvement {
        id: it.id.to_string(),
        number: it.number.clone(),
        version: it.version,
        state: words::improvement_state_to(it.state),
        plan: Some(plan_to(&it.plan)),
        history: it.history.iter().map(step_to).collect(),
        create_time: Some(time_to(it.created)),
        unit: it.plan.gauge.unit().to_owned(),
    }
}

/// From the contract's words, as this program wrote them.
pub fn improvement_from(it: &v1::Improvement) -> Result<Improvement, Malformed> {
    Ok(Improvement {
        id: it.id.parse().map_err(|_| Malformed("improvement.id"))?,
        number: it.number.clone(),
        version: it.version,
        state: words::improvement_state_from(it.state).ok_or(Malformed("improvement.state"))?,
        plan: plan_from(it.plan.as_ref().ok_or(Malformed("improvement.plan"))?)?,
        history: it.history.iter().map(step_from).collect::<Result<_, _>>()?,
        created: it.create_time.as_ref().map(time_from).ok_or(Malformed("improvement.create_time"))?,
    })
}

fn plan_to(it: &Plan) -> v1::ImprovementPlan {
    v1::ImprovementPlan {
        title: it.title.clone(),
        why: it.why.clone(),
        measure: words::measure_to(it.gauge.measure),
        figure: words::figure_to(it.gauge.figure),
        filter: Some(filter_to(&it.gauge.filter)),
        baseline: Some(it.baseline.value),
        baseline_from: it.baseline.from.to_string(),
        baseline_to: it.baseline.to.to_string(),
        target: it.target,
        target_date: it.by.to_string(),
        owner: it.owner.clone(),
        review_date: it.review.to_string(),
    }
}

fn plan_from(it: &v1::ImprovementPlan) -> Result<Plan, Malformed> {
    let day = |it: &str| it.parse().map_err(|_| Malformed("improvement.plan.day"));
    Ok(Plan {
        title: it.title.clone(),
        why: it.why.clone(),
        gauge: Gauge {
            measure: words::measure_from(it.measure).ok_or(Malformed("improvement.plan.measure"))?,
            figure: words::figure_from(it.figure).ok_or(Malformed("improvement.plan.figure"))?,
            filter: it.filter.as_ref().map(filter_from).unwrap_or_default(),
        },
        baseline: Baseline {
            value: it.baseline.ok_or(Malformed("improvement.plan.baseline"))?,
            from: day(&it.baseline_from)?,
            to: day(&it.baseline_to)?,
        },
        target: it.target,
        by: day(&it.target_date)?,
        owner: it.owner.clone(),
        review: day(&it.review_date)?,
    })
}

fn filter_to(it: &Filter) -> v1::MeasureFilter {
    v1::MeasureFilter {
        service: it.service.clone().unwrap_or_default(),
        group: it.group.clone().unwrap_or_default(),
        template: it.template.clone().unwrap_or_default(),
        kind: it.kind.map_or(0, words::kind_to),
    }
}

fn filter_from(it: &v1::MeasureFilter) -> Filter {
    let named = |it: &String| Some(it.clone()).filter(|it| !it.is_empty());
    Filter {
        service: named(&it.service),
        group: named(&it.group),
        template: named(&it.template),
        kind: words::kind_from(it.kind),
    }
}

fn step_to(it: &Step) -> v1::ImprovementStep {
    v1::ImprovementStep {
        state: words::improvement_state_to(it.state),
        author: it.by.clone(),
        time: Some(time_to(it.at)),
        note: it.note.clone(),
    }
}

fn step_from(it: &v1::ImprovementStep) -> Result<Step, Malformed> {
    Ok(Step {
        state: words::improvement_state_from(it.state).ok_or(Malformed("improvement.step.state"))?,
        by: it.author.clone(),
        at: it.time.as_ref().map(time_from).ok_or(Malformed("improvement.step.time"))?,
        note: it.note.clone(),
    })
}
