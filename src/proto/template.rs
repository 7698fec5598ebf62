//! Templates in the contract's words.

use super::{ticket::value_to, v1, words};
use crate::domain::{
    approval::StepPlan,
    assignment::Skill,
    field::{Choice, Field, FieldKind, Required, When},
    people::Bilingual,
    task::Step,
    template::{Knowledge, Template, Waves},
};

/// In the contract's words.
pub fn template_to(it: &Template) -> v1::Template {
    v1::Template {
        id: it.id.clone(),
        version: it.version,
        kind: words::kind_to(it.kind),
        label_en: it.label.en.clone(),
        label_zh: it.label.zh.clone(),
        service: it.service.clone(),
        group: it.group.clone(),
        fields: it.fields.iter().map(field).collect(),
        impact: words::impact_to(it.impact),
        urgency: words::urgency_to(it.urgency),
        sla_policy: it.sla.clone(),
        skills: it.skills.iter().map(skill_to).collect(),
        handling_seconds: it.handling,
        audience: words::audience_to(it.audience),
        price: it.prices.base.as_ref().map(ToString::to_string).unwrap_or_default(),
        quantity: it.prices.quantity.clone().unwrap_or_default(),
        never_articles: it.knowledge == Knowledge::Never,
        never_waves: it.waves == Waves::Never,
        steps: it.steps.iter().map(step).collect(),
        approvals: it.approval.iter().flat_map(|it| &it.steps).map(approval).collect(),
    }
}

fn approval(it: &StepPlan) -> v1::TemplateApproval {
    v1::TemplateApproval {
        id: it.id.clone(),
        label_en: it.label.en.clone(),
        label_zh: it.label.zh.clone(),
        conditional: it.when.is_some(),
    }
}

/// In the contract's words.
pub fn skill_to(it: &Skill) -> v1::AgentSkill {
    v1::AgentSkill { skill: it.id.clone(), level: it.level.into() }
}

/// In the contract's words.
pub fn condition_to(it: &When) -> v1::FieldCondition {
    v1::FieldCondition { field: it.field.clone(), values: it.any.clone() }
}

fn field(it: &Field) -> v1::TemplateField {
    let (min, max) = match &it.kind {
        // A text has at most thousands of characters.
        #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
        FieldKind::Text { min, max, .. } => (Some(*min as f64), Some(*max as f64)),
        FieldKind::Number { min, max } => (Some(*min), Some(*max)),
        FieldKind::Choice(_)
        | FieldKind::DateTime
        | FieldKind::Asset { .. }
        | FieldKind::Person
        | FieldKind::Location => (None, None),
    };
    let (required, required_when) = match &it.required {
        Required::No => (false, None),
        Required::Yes => (true, None),
        Required::When(when) => (true, Some(condition_to(when))),
    };
    v1::TemplateField {
        id: it.id.clone(),
        r#type: it.kind.as_str().to_owned(),
        label_en: it.label.en.clone(),
        label_zh: it.label.zh.clone(),
        required,
        options: it.options().iter().map(option).collect(),
        ask_en: it.ask.en.clone(),
        ask_zh: it.ask.zh.clone(),
        required_when,
        default: it.default.as_ref().map(|value| value_to(&it.id, value)),
        min,
        max,
        pattern: it.pattern().map(|it| it.as_str().to_owned()).unwrap_or_default(),
        example: it.pattern().map(|it| it.example.clone()).unwrap_or_default(),
    }
}

fn option(it: &Choice) -> v1::Choice {
    let advice = it.advice.clone().unwrap_or_default();
    v1::Choice {
        value: it.id.clone(),
        label: both(&it.label),
        impact: it.impact.map_or(0, words::impact_to),
        urgency: it.urgency.map_or(0, words::urgency_to),
        price: it.price.as_ref().map(ToString::to_string).unwrap_or_default(),
        advice_en: advice.en,
        advice_zh: advice.zh,
    }
}

/// A label of both languages, for a list that is not asked for in one.
fn both(label: &Bilingual) -> String {
    match (label.en.as_str(), label.zh.as_str()) {
        (en, zh) if zh.is_empty() || en == zh => en.to_owned(),
        ("", zh) => zh.to_owned(),
        (en, zh) => format!("{en} / {zh}"),
    }
}

fn step(it: &Step) -> v1::TemplateStep {
    let item =
        |it: &Bilingual| v1::TaskItem { label_en: it.en.clone(), label_zh: it.zh.clone(), done: false };
    v1::TemplateStep {
        id: it.id.clone(),
        label_en: it.label.en.clone(),
        label_zh: it.label.zh.clone(),
        group: it.group.clone().unwrap_or_default(),
        after: it.after.clone(),
        when: it.when.as_ref().map(condition_to),
        optional: it.optional,
        checklist: it.checklist.iter().map(item).collect(),
    }
}
