//! The loops of the process: named, started here and nowhere else, and stopped in the order in which
//! data flows, so that what was accepted is written and what was written is sent on. The first loop
//! that ends on its own ends the process: a desk whose writer has died must not look healthy.

use std::{collections::HashMap, future::Future, time::Duration};

use tokio::{
    task::{Id, JoinError, JoinSet},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

/// How long each phase behind the entries may take to stop, whatever grace the entries were given.
const AFTERMATH: Duration = Duration::from_secs(3);

/// Where a loop stands in the flow of data; a phase is stopped when the one before it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Takes calls in: the gRPC server.
    Entries,
    /// Writes what was accepted: the store's writers, the timers.
    Desk,
    /// Carries away what was written: relay and sinks.
    Delivery,
    /// Shows how it goes, to the last: the HTTP server, upkeep of metrics.
    Watch,
}

impl Phase {
    const IN_ORDER: [Self; 4] = [Self::Entries, Self::Desk, Self::Delivery, Self::Watch];
}

/// Why the loops were stopped.
#[derive(Debug, PartialEq, Eq)]
pub enum End {
    /// The signal came.
    Asked,
    /// The loop of this name ended although nobody had asked it to.
    Died(String),
    /// The loop of this name panicked.
    Panicked(String),
}

/// The running loops.
#[derive(Default)]
pub struct Tasks {
    running: JoinSet<()>,
    names: HashMap<Id, (Phase, String)>,
    stops: HashMap<Phase, CancellationToken>,
}

impl Tasks {
    /// The token that tells the loops of a phase to stop.
    pub fn stop(&mut self, phase: Phase) -> CancellationToken {
        self.stops.entry(phase).or_default().clone()
    }

    /// Starts a loop. It must end when the token that it is given is cancelled, and not before.
    pub fn spawn<F>(
        &mut self,
        phase: Phase,
        name: impl Into<String>,
        make: impl FnOnce(CancellationToken) -> F,
    ) where
        F: Future<Output = ()> + Send + 'static,
    {
        let stop = self.stop(phase);
        let handle = self.running.spawn(make(stop));
        self.names.insert(handle.id(), (phase, name.into()));
    }

    /// Waits for the signal or for the first loop to end, then stops the others phase by phase. The
    /// entries have `grace` to finish the calls in flight.
    pub async fn run_until(mut self, signal: impl Future<Output = ()>, grace: Duration) -> End {
        let end = tokio::select! {
            () = signal => End::Asked,
            Some(joined) = self.running.join_next_with_id() => self.ended(joined),
        };
        for phase in Phase::IN_ORDER {
            self.stop(phase).cancel();
            let patience = if phase == Phase::Entries { grace } else { AFTERMATH };
            if timeout(patience, self.drain(phase)).await.is_err() {
                tracing::warn!(tasks.left = ?self.left(phase), "some loops did not stop in time");
            }
        }
        end
    }

    async fn drain(&mut self, phase: Phase) {
        while !self.left(phase).is_empty() {
            match self.running.join_next_with_id().await {
                Some(joined) => self.noted(joined),
                None => return,
            }
        }
    }

    fn left(&self, phase: Phase) -> Vec<&str> {
        self.names.values().filter(|(it, _)| *it == phase).map(|(_, name)| name.as_str()).collect()
    }

    fn noted(&mut self, joined: Result<(Id, ()), JoinError>) {
        if let End::Panicked(name) = self.ended(joined) {
            tracing::error!(task.name = name, "a loop panicked while it stopped");
        }
    }

    fn ended(&mut self, joined: Result<(Id, ()), JoinError>) -> End {
        let mut name = |id| self.names.remove(&id).map(|(_, name)| name).unwrap_or_default();
        match joined {
            Ok((id, ())) => End::Died(name(id)),
            Err(error) => End::Panicked(name(error.id())),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{future::pending, sync::Arc};

    use tokio::sync::Mutex;

    use super::*;

    const GRACE: Duration = Duration::from_secs(10);

    #[tokio::test]
    async fn a_dead_loop_ends_the_process() {
        let mut tasks = Tasks::default();
        tasks.spawn(Phase::Entries, "grpc", CancellationToken::cancelled_owned);
        tasks.spawn(Phase::Delivery, "relay 0", |_| async {});
        assert_eq!(tasks.run_until(pending(), GRACE).await, End::Died("relay 0".to_owned()));
    }

    #[tokio::test]
    async fn a_panic_ends_the_process_and_names_the_loop() {
        let mut tasks = Tasks::default();
        tasks.spawn(Phase::Desk, "writer 3", |_| async { panic!("the test asked for it") });
        assert_eq!(tasks.run_until(pending(), GRACE).await, End::Panicked("writer 3".to_owned()));
    }

    #[tokio::test]
    async fn loops_stop_in_the_order_of_the_data_flow() {
        let order = Arc::new(Mutex::new(Vec::new()));
        let mut tasks = Tasks::default();
        for phase in [Phase::Watch, Phase::Delivery, Phase::Entries, Phase::Desk] {
            let order = order.clone();
            tasks.spawn(phase, "loop", |stop| async move {
                stop.cancelled().await;
                order.lock().await.push(phase);
            });
        }
        assert_eq!(tasks.run_until(async {}, GRACE).await, End::Asked);
        assert_eq!(*order.lock().await, Phase::IN_ORDER);
    }

    #[tokio::test]
    async fn a_loop_that_does_not_listen_is_left_behind() {
        let mut tasks = Tasks::default();
        tasks.spawn(Phase::Entries, "deaf", |_| pending());
        assert_eq!(tasks.run_until(async {}, Duration::ZERO).await, End::Asked);
    }
}
