//! A closed loop of unary calls: so many are in flight, and each answer is followed by the next call.

use std::{
    future::Future,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::task::JoinSet;
use tonic::Status;

use crate::{Outcome, histogram::Histogram, process::cpu, texts::Source};

/// One unary call, again and again.
pub(crate) trait Call: Clone + Send + 'static {
    /// Calls once; says whether the answer is what it should be.
    fn call(&mut self, number: u64) -> impl Future<Output = Result<bool, Status>> + Send;
}

/// What one round gave.
#[derive(Debug, Clone, Default)]
pub(crate) struct Round {
    /// Good answers within the time.
    pub(crate) answers: u64,
    /// Other answers, and calls that failed.
    pub(crate) failed: u64,
    /// The time.
    pub(crate) seconds: f64,
    /// CPU seconds of the server in it.
    pub(crate) cpu: f64,
    /// Latencies of the good answers.
    pub(crate) latency: Histogram,
}

impl Round {
    /// Answers a second.
    pub(crate) fn rate(&self) -> f64 {
        self.answers as f64 / self.seconds
    }

    /// Microseconds of the server's CPU for each answer.
    pub(crate) fn cpu_each(&self) -> f64 {
        self.cpu * 1e6 / self.answers.max(1) as f64
    }

    pub(crate) fn count(&mut self, is_good: bool, latency: Duration) {
        self.answers += u64::from(is_good);
        self.failed += u64::from(!is_good);
        if is_good {
            self.latency.record(latency);
        }
    }
}

/// When a round warms up, is measured, and is over.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    pub(crate) begin: Instant,
    pub(crate) end: Instant,
}

impl Span {
    /// From soon on, for this long.
    pub(crate) fn of(length: Duration) -> Self {
        let begin = Instant::now() + length / 5;
        Self { begin, end: begin + length }
    }

    pub(crate) fn holds(self, at: Instant) -> bool {
        (self.begin..self.end).contains(&at)
    }

    /// Waits until the end; gives the server's CPU seconds between the two.
    pub(crate) async fn cpu(self, server: u32) -> f64 {
        tokio::time::sleep_until(self.begin.into()).await;
        let before = cpu(server);
        tokio::time::sleep_until(self.end.into()).await;
        cpu(server) - before
    }
}

/// Calls for this long, with as many in flight as there are callers.
pub(crate) async fn round<C: Call>(
    callers: impl IntoIterator<Item = C>,
    source: &Arc<Source>,
    length: Duration,
    server: u32,
) -> Outcome<Round> {
    let span = Span::of(length);
    let mut workers = JoinSet::new();
    for caller in callers {
        workers.spawn(work(caller, Arc::clone(source), span));
    }
    let cpu = span.cpu(server).await;
    let mut round = Round { cpu, seconds: length.as_secs_f64(), ..Round::default() };
    while let Some(worker) = workers.join_next().await {
        let part = worker?;
        round.answers += part.answers;
        round.failed += part.failed;
        round.latency.add(&part.latency);
    }
    Ok(round)
}

async fn work<C: Call>(mut caller: C, source: Arc<Source>, span: Span) -> Round {
    let mut round = Round::default();
    loop {
        let start = Instant::now();
        if start >= span.end {
            return round;
        }
        let answer = caller.call(source.number()).await;
        let end = Instant::now();
        if span.holds(end) {
            round.count(answer.is_ok_and(|it| it), end - start);
        }
    }
}
