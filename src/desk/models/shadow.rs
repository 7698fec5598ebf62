//! A model that reads along without any effect. The message waits in a short queue while the employee
//! is answered already; where too many wait, it is left out and counted.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering::Relaxed},
};

use tokio::sync::{
    Mutex as Turn,
    mpsc::{self, Receiver, Sender},
};

use super::{InUse, answer};
use crate::{
    clock,
    conversation::heard::Auto,
    desk::{
        Desk,
        fault::{Fault, Unfit},
    },
    domain::{people::Caller, time::Timestamp},
    model::{
        classifier::Classifier,
        shadow::Statistics,
        verdict::{Scored, Verdict},
    },
    proto::{time::time_to, v1},
};

/// How many messages wait for the shadow; each has 16 KiB at most.
const WAITING: usize = 256;

/// A model in the shadow, and what was seen of it since it was set.
#[derive(Debug)]
pub(super) struct Trial {
    model: Arc<Classifier>,
    percent: u8,
    since: Timestamp,
    offered: AtomicU64,
    dropped: AtomicU64,
    statistics: Mutex<Statistics>,
}

/// A message that waits for the shadow, and what the model in use said of it.
#[derive(Debug)]
struct Seen {
    trial: Arc<Trial>,
    text: String,
    current: Scored,
}

/// The messages that wait.
#[derive(Debug)]
pub(super) struct Queue {
    give: Sender<Seen>,
    take: Turn<Receiver<Seen>>,
}

impl Default for Queue {
    fn default() -> Self {
        let (give, take) = mpsc::channel(WAITING);
        Self { give, take: Turn::new(take) }
    }
}

impl Trial {
    pub(super) fn new(model: Arc<Classifier>, percent: u8) -> Self {
        Self {
            model,
            percent,
            since: clock::now(),
            offered: AtomicU64::new(0),
            dropped: AtomicU64::new(0),
            statistics: Mutex::default(),
        }
    }

    pub(super) fn version(&self) -> &str {
        self.model.version()
    }

    /// Whether it is this message's turn: the share is spread evenly.
    fn is_due(&self) -> bool {
        let (percent, turn) = (u64::from(self.percent), self.offered.fetch_add(1, Relaxed));
        turn.wrapping_mul(percent) / 100 != turn.wrapping_add(1).wrapping_mul(percent) / 100
    }
}

impl Desk {
    /// Hands a message that the model in use has read to its shadow, if there is one and it has time.
    pub(in crate::desk) fn read_along(&self, in_use: &InUse, text: &str, verdict: &Verdict) {
        let Some(trial) = in_use.shadow.as_ref().filter(|it| it.is_due()) else { return };
        let Some(current) = verdict.ranked.first() else { return };
        let seen = Seen { trial: Arc::clone(trial), text: text.to_owned(), current: current.clone() };
        if self.models.queue.give.try_send(seen).is_err() {
            trial.dropped.fetch_add(1, Relaxed);
            metrics::counter!("dispatch_shadow_dropped_total").increment(1);
        }
    }

    /// Lets shadows read what waits, until the desk goes.
    pub async fn follow_shadows(self) {
        let mut queue = self.models.queue.take.lock().await;
        while let Some(Seen { trial, text, current }) = queue.recv().await {
            let verdict = trial.model.understand(&text, false);
            if let Some(shadow) = verdict.ranked.first() {
                let mut statistics = trial.statistics.lock().unwrap_or_else(PoisonError::into_inner);
                statistics.add(&current, shadow, self.gate());
                metrics::counter!("dispatch_shadow_messages_total").increment(1);
            }
        }
    }

    /// How the shadow compares with the model in use.
    pub fn compare_shadow(&self, caller: &Caller) -> Result<v1::GetShadowStatisticsResponse, Fault> {
        let InUse { current, shadow } = self.models_of(caller);
        let problem = "there is no shadow; set one first".to_owned();
        let trial = shadow.ok_or(Fault::Unfit { why: Unfit::NoShadow, problem })?;
        let statistics = trial.statistics.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(v1::GetShadowStatisticsResponse {
            model: trial.version().to_owned(),
            current: current.version().to_string(),
            since: Some(time_to(trial.since)),
            percent: i32::from(trial.percent),
            dropped: trial.dropped.load(Relaxed),
            gate: f64::from(self.gate()),
            ..answer::compared(&statistics)
        })
    }

    /// From here on the machine acts by itself, or where it may not, proposes one template.
    fn gate(&self) -> f32 {
        match self.policy.auto {
            Auto::From(least) => least,
            Auto::Never | Auto::Certified(_) => self.policy.sure,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{
        examples::Example,
        train::{Settings, train},
    };

    #[test]
    fn the_share_is_spread_evenly() {
        let examples = [Example::new("vpn down", "x"), Example::new("printer jam", "y")];
        let model = Arc::new(train(&examples, &Settings::default(), &mut |_| {}).unwrap());
        for (percent, expected) in [(1, 10), (30, 300), (100, 1000)] {
            let trial = Trial::new(Arc::clone(&model), percent);
            assert_eq!((0..1000).filter(|_| trial.is_due()).count(), expected);
        }
    }
}
