//! Requests about waves, from the contract's words to the desk's.

use std::mem;

use prost::Message;

use crate::{
    api::parse::{Checks, words::Words},
    desk::{fault::Fault, people::Asked},
    domain::{
        id::WaveId,
        lookup::{TicketRef, WaveRef},
        wave::WaveState,
    },
    proto::{v1, words},
};

/// Longest reason, in characters.
const REASON: usize = 500;

const STATE: Words<WaveState> = Words {
    read: words::wave_state_from,
    name: |it| v1::WaveState::try_from(it).ok().map(|it| it.as_str_name()),
};

/// What every decision about a wave says.
#[derive(Debug)]
pub(super) struct Step {
    request: String,
    /// All that is asked for, without the request's id.
    content: Vec<u8>,
    pub(super) which: WaveRef,
    pub(super) expected: Option<u64>,
}

impl Step {
    fn of<M: Message>(checks: &mut Checks, request: String, rest: &M, (wave, expected): (&str, u64)) -> Self {
        Self {
            request: checks.id("request_id", request),
            content: rest.encode_to_vec(),
            which: which(checks, wave),
            expected: Some(expected).filter(|it| *it > 0),
        }
    }

    /// As the desk wants it.
    pub(super) fn asked(&self) -> Asked<'_> {
        Asked { request: &self.request, content: &self.content }
    }
}

/// Whose wave, behind whom, and how many.
pub(super) fn people(raw: &v1::ListWavePeopleRequest) -> Result<(WaveRef, String, u32), Fault> {
    let mut checks = Checks::default();
    let size = checks.page_size(raw.page_size);
    let after = checks.after_name(&raw.page_token);
    let which = which(&mut checks, &raw.wave);
    checks.done((which, after, size))
}

/// Which waves, older than which one, and how many.
pub(super) fn list(raw: &v1::ListWavesRequest) -> Result<(Option<WaveState>, Option<WaveId>, u32), Fault> {
    let mut checks = Checks::default();
    let size = checks.page_size(raw.page_size);
    let before = checks.after_wave(&raw.page_token);
    let state = checks.optional_word("state", raw.state, &STATE);
    checks.done((state, before, size))
}

/// Which wave.
pub(super) fn get(raw: &v1::GetWaveRequest) -> Result<WaveRef, Fault> {
    let mut checks = Checks::default();
    let which = which(&mut checks, &raw.wave);
    checks.done(which)
}

/// Which wave is accepted, and which ticket shall be its parent.
pub(super) fn accept(mut raw: v1::AcceptWaveRequest) -> Result<(Step, Option<TicketRef>), Fault> {
    let mut checks = Checks::default();
    let id = mem::take(&mut raw.request_id);
    let step = Step::of(&mut checks, id, &raw, (&raw.wave, raw.expected_version));
    let parent = Some(&raw.parent).filter(|it| !it.is_empty());
    let parent = parent.map(|it| checks.ticket("parent", it));
    checks.done((step, parent))
}

/// Which wave is dismissed, and why.
pub(super) fn dismiss(mut raw: v1::DismissWaveRequest) -> Result<(Step, String), Fault> {
    let mut checks = Checks::default();
    let id = mem::take(&mut raw.request_id);
    let step = Step::of(&mut checks, id, &raw, (&raw.wave, raw.expected_version));
    let reason = reason(&mut checks, raw.reason);
    checks.done((step, reason))
}

/// Which wave is ended, and why.
pub(super) fn close(mut raw: v1::CloseWaveRequest) -> Result<(Step, String), Fault> {
    let mut checks = Checks::default();
    let id = mem::take(&mut raw.request_id);
    let step = Step::of(&mut checks, id, &raw, (&raw.wave, raw.expected_version));
    let reason = reason(&mut checks, raw.reason);
    checks.done((step, reason))
}

fn which(checks: &mut Checks, raw: &str) -> WaveRef {
    WaveRef::parse(raw.trim()).unwrap_or_else(|| {
        checks.wrong("wave", "must be a wave's id like `wav_…` or its number like `WAV-000001`");
        WaveRef::Number(String::new())
    })
}

fn reason(checks: &mut Checks, raw: String) -> String {
    if REASON < raw.chars().count() {
        checks.wrong("reason", format!("is longer than {REASON} characters"));
    }
    checks.optional_text("reason", raw)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_is_wrong_is_told_at_once() {
        let bad = v1::AcceptWaveRequest { wave: "INC-1".into(), parent: "x".into(), ..Default::default() };
        let Err(Fault::Malformed(all)) = accept(bad) else { panic!("was taken") };
        let fields: Vec<_> = all.iter().map(|it| it.field.as_str()).collect();
        assert_eq!(fields, ["request_id", "wave", "parent"]);
        let long = "x".repeat(REASON + 1);
        let bad = v1::DismissWaveRequest { wave: "wav-1".into(), reason: long, ..Default::default() };
        let Err(Fault::Malformed(all)) = dismiss(bad) else { panic!("was taken") };
        assert_eq!(all.iter().map(|it| it.field.as_str()).collect::<Vec<_>>(), ["request_id", "reason"]);
    }
}
