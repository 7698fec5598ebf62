//! Requests about models, from the contract's words to the desk's.

use crate::{
    api::parse::Checks,
    desk::fault::Fault,
    model::{
        examples::{Example, HEAVIEST},
        intent::{IMPACTS, OUT_OF_SCOPE, URGENCIES},
        registry::journal::Shadow,
    },
    proto::v1,
};

/// Most messages to learn from or to judge.
const EXAMPLES: usize = 20_000;
/// Percentage of the messages that a shadow reads if the caller does not say.
const PERCENT: u8 = 10;

/// Behind which version, and how many.
pub(super) fn list(raw: &v1::ListModelsRequest) -> Result<(String, u32), Fault> {
    let mut checks = Checks::default();
    let page = (checks.after_name(&raw.page_token), checks.page_size(raw.page_size));
    checks.done(page)
}

pub(super) fn get(raw: v1::GetModelRequest) -> Result<String, Fault> {
    let mut checks = Checks::default();
    let version = checks.optional_id("model", raw.model).unwrap_or_default();
    checks.done(version)
}

pub(super) fn operation(raw: String) -> Result<String, Fault> {
    let mut checks = Checks::default();
    let id = checks.id("operation", raw);
    checks.done(id)
}

pub(super) fn train(raw: v1::TrainModelRequest) -> Result<(String, Vec<Example>), Fault> {
    let mut checks = Checks::default();
    let order = (checks.id("request_id", raw.request_id), examples(&mut checks, raw.examples));
    checks.done(order)
}

pub(super) fn evaluate(raw: v1::EvaluateModelRequest) -> Result<(String, Vec<Example>, Vec<Example>), Fault> {
    let mut checks = Checks::default();
    if raw.examples.is_empty() {
        checks.wrong("examples", "is required: the messages to judge, with their labels");
    }
    few(&mut checks, "out_of_scope", raw.out_of_scope.len());
    let version = checks.optional_id("model", raw.model).unwrap_or_default();
    let data = examples(&mut checks, raw.examples);
    let outside = raw.out_of_scope.into_iter().take(EXAMPLES).enumerate();
    let outside = outside
        .map(|(at, text)| Example::new(checks.text(&format!("out_of_scope[{at}]"), text), OUT_OF_SCOPE));
    let order = (version, data, outside.collect());
    checks.done(order)
}

pub(super) fn promote(raw: v1::PromoteModelRequest) -> Result<(String, String), Fault> {
    let mut checks = Checks::default();
    let order = (checks.id("request_id", raw.request_id), checks.id("model", raw.model));
    checks.done(order)
}

pub(super) fn roll_back(raw: v1::RollBackModelRequest) -> Result<String, Fault> {
    let mut checks = Checks::default();
    let request = checks.id("request_id", raw.request_id);
    checks.done(request)
}

pub(super) fn shadow(raw: v1::SetShadowRequest) -> Result<(String, Option<Shadow>), Fault> {
    let mut checks = Checks::default();
    let request = checks.id("request_id", raw.request_id);
    let percent = match u8::try_from(raw.percent) {
        Ok(0) => PERCENT,
        Ok(it) if it <= 100 => it,
        Ok(_) | Err(_) => {
            checks.wrong("percent", format!("must be 1 to 100, or 0 for {PERCENT}"));
            PERCENT
        }
    };
    let model = checks.optional_id("model", raw.model);
    checks.done((request, model.map(|model| Shadow { model, percent })))
}

fn examples(checks: &mut Checks, raw: Vec<v1::LabelledMessage>) -> Vec<Example> {
    few(checks, "examples", raw.len());
    raw.into_iter().take(EXAMPLES).enumerate().map(|(at, it)| example(checks, at, it)).collect()
}

fn few(checks: &mut Checks, field: &str, count: usize) {
    if EXAMPLES < count {
        checks.wrong(field, format!("has {count} messages; at most {EXAMPLES} are taken"));
    }
}

fn example(checks: &mut Checks, at: usize, raw: v1::LabelledMessage) -> Example {
    let field = |name: &str| format!("examples[{at}].{name}");
    Example {
        text: checks.text(&field("text"), raw.text),
        label: checks.id(&field("label"), raw.label),
        urgency: level(checks, &field("urgency"), raw.urgency, &URGENCIES),
        impact: level(checks, &field("impact"), raw.impact, &IMPACTS),
        weight: weight(checks, &field("weight"), raw.weight),
    }
}

fn weight(checks: &mut Checks, field: &str, raw: Option<f32>) -> f32 {
    let weight = raw.unwrap_or(1.0);
    // NaN is in no range.
    if !(0.0 < weight && weight <= HEAVIEST) {
        checks.wrong(field, format!("must be above 0 and at most {HEAVIEST}"));
    }
    weight
}

fn level(checks: &mut Checks, field: &str, raw: String, allowed: &[&str]) -> Option<String> {
    if !(raw.is_empty() || allowed.contains(&raw.as_str())) {
        checks.wrong(field, format!("must be one of {}, or empty", allowed.join(", ")));
    }
    Some(raw).filter(|it| !it.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong<T>(it: Result<T, Fault>) -> Vec<String> {
        match it {
            Err(Fault::Malformed(it)) => it.into_iter().map(|it| it.field).collect(),
            Ok(_) | Err(_) => vec![],
        }
    }

    fn labelled(text: &str, urgency: &str) -> v1::LabelledMessage {
        let (text, urgency) = (text.to_owned(), urgency.to_owned());
        v1::LabelledMessage {
            text,
            label: "vpn_fault".to_owned(),
            urgency,
            impact: String::new(),
            weight: None,
        }
    }

    #[test]
    fn all_that_is_wrong_with_examples_is_told() {
        let examples = vec![labelled("a", "high"), labelled(" ", "soon"), v1::LabelledMessage::default()];
        let raw = v1::TrainModelRequest { request_id: "r".to_owned(), examples };
        let expected = ["examples[1].text", "examples[1].urgency", "examples[2].text", "examples[2].label"];
        assert_eq!(wrong(train(raw)), expected);
    }

    #[test]
    fn the_number_of_examples_is_bounded() {
        let of = |count| {
            let examples = vec![labelled("a", ""); count];
            wrong(train(v1::TrainModelRequest { request_id: "r".to_owned(), examples }))
        };
        assert_eq!((of(EXAMPLES), of(EXAMPLES + 1)), (vec![], vec!["examples".to_owned()]));
        assert_eq!(wrong(evaluate(v1::EvaluateModelRequest::default())), ["examples"]);
    }

    #[test]
    fn a_percentage_has_bounds() {
        let of = |percent| {
            let (request_id, model) = ("r".to_owned(), "m".to_owned());
            shadow(v1::SetShadowRequest { request_id, model, percent })
        };
        for (raw, expected) in [(0, 10), (1, 1), (100, 100)] {
            assert_eq!(of(raw).unwrap().1.unwrap().percent, expected);
        }
        for bad in [-1, 101, 256, i32::MAX] {
            assert_eq!(wrong(of(bad)), ["percent"], "{bad}");
        }
    }
}
