//! What is known of models in the contract's words.

use super::{
    InUse,
    strangers::Strangers,
    training::{Operation, Stands},
};
use crate::{
    domain::{catalog::Catalog, time::Timestamp},
    model::{
        evaluation::{Confusion, Evaluation, LabelReport, gate::GateFigures},
        gate::{Certificate, Gate},
        registry::{
            card::{Card, Skipped},
            journal::Entry,
        },
        shadow::{Apart, Statistics},
    },
    proto::{time::time_to, v1},
};

/// How many confusions are told.
const CONFUSIONS: usize = 100;
/// How many disagreements.
const DISAGREEMENTS: usize = 20;

/// A version as it stands, with what it and the catalogue do not know of each other.
pub(super) fn model(card: Card, in_use: &InUse, catalog: &Catalog) -> v1::Model {
    let Strangers { templates, labels } = Strangers::of(&card.labels, catalog);
    v1::Model {
        current: **in_use.current.version() == *card.version,
        shadow: in_use.shadow.as_ref().is_some_and(|it| *it.version() == *card.version),
        built_in: card.is_base,
        labels: card.labels.iter().map(ToString::to_string).collect(),
        examples: card.origin.examples,
        data: card.origin.data,
        seed: card.origin.seed,
        bytes: card.bytes,
        model: card.version,
        unknown_labels: labels,
        missing_templates: templates,
    }
}

pub(super) fn skipped(it: Skipped) -> v1::SkippedModel {
    v1::SkippedModel { file: it.file, problem: it.problem }
}

pub(super) fn change(it: &Entry) -> v1::ModelChange {
    v1::ModelChange {
        change: it.what.as_str().to_owned(),
        model: it.model.clone(),
        at: Some(time_to(Timestamp(it.order.at))),
        by: it.order.by.clone(),
    }
}

pub(super) fn operation(it: Operation) -> v1::Operation {
    let (state, model, problem) = match it.stands {
        Stands::Running => (v1::OperationState::Running, String::new(), String::new()),
        Stands::Succeeded(model) => (v1::OperationState::Succeeded, model, String::new()),
        Stands::Failed(problem) => (v1::OperationState::Failed, String::new(), problem),
        Stands::Cancelled => (v1::OperationState::Cancelled, String::new(), String::new()),
    };
    v1::Operation {
        operation: it.id,
        state: state.into(),
        stage: it.stage.to_owned(),
        done: it.done as u64,
        total: it.total as u64,
        model,
        problem,
        warnings: it.warnings,
        started_at: Some(time_to(it.started)),
        ended_at: it.ended.map(time_to),
    }
}

pub(super) fn figures(model: &str, evaluation: Evaluation, gate: GateFigures) -> v1::EvaluateModelResponse {
    v1::EvaluateModelResponse {
        model: model.to_owned(),
        messages: evaluation.messages as u64,
        accuracy: evaluation.accuracy,
        macro_f1: evaluation.macro_f1,
        ece: evaluation.ece,
        urgency: evaluation.urgency,
        impact: evaluation.impact,
        out_of_scope_auroc: evaluation.out_of_scope.map(|it| it.auroc),
        labels: evaluation.labels.into_iter().map(label).collect(),
        confusions: evaluation.confusions.into_iter().take(CONFUSIONS).map(confusion).collect(),
        gate: Some(passed(gate)),
    }
}

fn passed(it: GateFigures) -> v1::GateFigures {
    let Gate { promise, labels, pooled, out_of_scope: _ } = it.gate;
    let own = labels.into_iter().map(|(label, of_label)| certificate(label, &of_label));
    v1::GateFigures {
        certified: it.certified,
        coverage: it.coverage,
        error: it.error,
        passed: it.passed as u64,
        wrong: it.wrong as u64,
        out_of_scope_passed: it.out_of_scope_passed,
        promised_error: promise.error,
        promised_doubt: promise.doubt,
        certificates: own.chain([certificate(String::new(), &pooled)]).collect(),
    }
}

fn certificate(label: String, it: &Certificate) -> v1::GateCertificate {
    let Certificate { threshold, confirmed, passed, wrong, missing, bound: _ } = *it;
    v1::GateCertificate { label, threshold, confirmed, passed, wrong, missing }
}

fn label(it: LabelReport) -> v1::LabelFigures {
    let LabelReport { label, messages, precision, recall, f1 } = it;
    v1::LabelFigures { label, messages: messages as u64, precision, recall, f1 }
}

fn confusion(it: Confusion) -> v1::LabelConfusion {
    v1::LabelConfusion { label: it.label, taken_for: it.taken_for, count: it.count as u64 }
}

/// What was seen of a shadow; which one, and since when, its keeper adds.
pub(super) fn compared(it: &Statistics) -> v1::GetShadowStatisticsResponse {
    let (current_confidence, shadow_confidence) = it.confidence();
    v1::GetShadowStatisticsResponse {
        messages: it.messages,
        agreed: it.agreed,
        current_sure: it.current_sure,
        shadow_sure: it.shadow_sure,
        both_sure: it.both_sure,
        both_sure_agreed: it.both_sure_agreed,
        current_confidence,
        shadow_confidence,
        disagreements: it.apart(DISAGREEMENTS).into_iter().map(apart).collect(),
        ..Default::default()
    }
}

fn apart(it: Apart) -> v1::Disagreement {
    v1::Disagreement { current: it.current.to_string(), shadow: it.shadow.to_string(), count: it.count }
}
