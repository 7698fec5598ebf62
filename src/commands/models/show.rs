//! Models on the screen.

use std::io::{self, Write, stderr, stdout};

use crate::{
    domain::time::Timestamp,
    proto::{time::time_from, v1},
};

/// How much of the history is shown.
const LATEST: usize = 10;

pub(super) fn list(list: &v1::ListModelsResponse, json: bool) -> io::Result<()> {
    let mut out = stdout().lock();
    if json {
        return line(&mut out, list);
    }
    writeln!(out, "{:16}  {:>6}  {:>8}  {:>8}  IS", "VERSION", "LABELS", "EXAMPLES", "MB")?;
    for it in &list.models {
        let is = [(it.current, "in use"), (it.shadow, "shadow"), (it.built_in, "built in")];
        let is: Vec<_> = is.into_iter().filter(|(holds, _)| *holds).map(|(_, word)| word).collect();
        let size = if it.built_in { "-".to_owned() } else { format!("{:.1}", it.bytes as f64 / 1e6) };
        let (labels, examples) = (it.labels.len(), it.examples);
        writeln!(out, "{:16}  {labels:>6}  {examples:>8}  {size:>8}  {}", it.model, is.join(", "))?;
    }
    for it in list.history.iter().take(LATEST) {
        let at = it.at.as_ref().map_or(Timestamp(0), time_from).rfc3339();
        writeln!(out, "{at}  {:12}  {:16}  by {}", it.change.replace('_', " "), it.model, it.by)?;
    }
    for it in &list.skipped {
        writeln!(stderr(), "ticket-dispatch: warning: {} is skipped: {}", it.file, it.problem)?;
    }
    Ok(())
}

/// One version, and what became of it.
pub(super) fn model(model: &v1::Model, what: &str, json: bool) -> io::Result<()> {
    let mut out = stdout().lock();
    if json {
        return line(&mut out, model);
    }
    writeln!(out, "Model {} {what}.", model.model)
}

pub(super) fn compared(it: &v1::GetShadowStatisticsResponse, json: bool) -> io::Result<()> {
    let mut out = stdout().lock();
    if json {
        return line(&mut out, it);
    }
    let share = |part: u64, whole: u64| 100.0 * part as f64 / whole.max(1) as f64;
    let (percent, since) = (it.percent, it.since.as_ref().map_or(Timestamp(0), time_from).rfc3339());
    writeln!(out, "{} in the shadow of {}, {percent} % of the messages since {since}", it.model, it.current)?;
    writeln!(out, "messages       {} read, {} left out", it.messages, it.dropped)?;
    writeln!(out, "same label     {:.1} %", share(it.agreed, it.messages))?;
    writeln!(out, "sure ({:.2})    {} in use, {} shadow", it.gate, it.current_sure, it.shadow_sure)?;
    let both = share(it.both_sure_agreed, it.both_sure);
    writeln!(out, "both sure      {}, same label {both:.1} %", it.both_sure)?;
    let (current, shadow) = (it.current_confidence, it.shadow_confidence);
    writeln!(out, "confidence     {current:.3} in use, {shadow:.3} shadow")?;
    for it in &it.disagreements {
        writeln!(out, "  {:>6} x {} in use, {} in the shadow", it.count, it.current, it.shadow)?;
    }
    Ok(())
}

fn line(out: &mut impl Write, answer: &impl serde::Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, answer)?;
    writeln!(out)
}
