//! The writer of one partition. It takes whatever waits and commits it in one transaction: one sync
//! of the disk, many tickets. There is no timer: a batch is what arrived while the last one was
//! being written. Callers hear of their work only after the commit.

use std::{sync::Arc, time::Duration};

use tokio::{sync::mpsc, time::timeout};
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use super::{
    Inner, articles,
    batch::{Batch, Step},
    fault::Unavailable,
    find::{self, Wanted},
    loads::Remembered,
    numbers::Numbers,
    outcomes,
    save::{self, Unsaved},
    work::{Ending, Job},
};

/// Most works in one transaction.
const BATCH: usize = 512;

/// How often one work is tried after a clash.
const TRIES: usize = 10;

/// Longest time for one transaction; after it the outcome is unknown.
const DEADLINE: Duration = Duration::from_secs(15);

/// More time for each of many rows.
const PER_ROW: Duration = Duration::from_millis(1);

/// How long before the commit `Store::reply_before_commit` answers.
#[cfg(debug_assertions)]
const HASTE: Duration = Duration::from_millis(50);

/// The writer of one partition.
pub(super) struct Writer {
    inner: Arc<Inner>,
    partition: u32,
    numbers: Numbers,
    loads: Remembered,
}

impl Writer {
    pub(super) fn new(inner: Arc<Inner>, partition: u32) -> Self {
        Self { inner, partition, numbers: Numbers::default(), loads: Remembered::default() }
    }

    /// Works until `stop` is cancelled and nothing waits any more.
    pub(super) async fn run(mut self, mut queue: mpsc::Receiver<Job>, stop: CancellationToken) {
        let mut jobs = Vec::with_capacity(BATCH);
        while take(&mut queue, &mut jobs, &stop).await > 0 {
            self.work(std::mem::take(&mut jobs)).await;
        }
    }

    /// Does one batch and tells everybody.
    async fn work(&mut self, mut jobs: Vec<Job>) {
        metrics::histogram!("dispatch_batch_works").record(jobs.len() as f64);
        match self.attempt(&mut jobs).await {
            #[cfg(debug_assertions)]
            Ok(Done { batch, endings, late: Some(late) }) => {
                self.tell(jobs, Done { batch, endings, late: None });
                tokio::time::sleep(HASTE).await;
                if let Err(error) = late.commit().await {
                    tracing::error!(%error, "what was answered before the commit was not committed");
                }
            }
            Ok(done) => self.tell(jobs, done),
            Err(error) if error.is_clash() => self.one_by_one(jobs).await,
            Err(error) => self.fail(jobs, &error),
        }
    }

    /// After a clash with another partition or replica, so that only the guilty work fails. Anything else
    /// that goes wrong now, such as a database that is away, would go wrong for each of the rest, and each
    /// would wait for its own time-out.
    async fn one_by_one(&mut self, jobs: Vec<Job>) {
        tracing::info!(partition = self.partition, works = jobs.len(), "a batch clashed; one by one now");
        let mut waiting = jobs.into_iter();
        while let Some(job) = waiting.next() {
            let mut alone = vec![job];
            match self.insist(&mut alone).await {
                Ok(done) => self.tell(alone, done),
                Err(error) => {
                    if !error.is_clash() {
                        alone.extend(waiting.by_ref());
                    }
                    self.fail(alone, &error);
                }
            }
        }
    }

    /// Tries again while others are in the way: each of them has got something done meanwhile.
    async fn insist(&mut self, jobs: &mut [Job]) -> Result<Done, Unsaved> {
        for _ in 1..TRIES {
            match self.attempt(jobs).await {
                Err(error) if error.is_clash() => {}
                settled => return settled,
            }
        }
        self.attempt(jobs).await
    }

    /// One transaction. Numbers of a transaction that may not have committed are forgotten.
    async fn attempt(&mut self, jobs: &mut [Job]) -> Result<Done, Unsaved> {
        let span = tracing::debug_span!("transaction", partition = self.partition, works = jobs.len());
        let rows: usize = jobs.iter().map(|it| it.work.wants.rows).sum();
        let deadline = DEADLINE + PER_ROW * u32::try_from(rows).unwrap_or(u32::MAX);
        let mut result = match timeout(deadline, self.transaction(jobs).instrument(span)).await {
            Ok(result) => result,
            Err(_) => Err(Unsaved::Store(Unavailable::late(deadline))),
        };
        match &mut result {
            Ok(done) => self.loads.keep(&mut done.batch.known),
            Err(_) => self.numbers.forget(),
        }
        result
    }

    async fn transaction(&mut self, jobs: &mut [Job]) -> Result<Done, Unsaved> {
        let inner = Arc::clone(&self.inner);
        let wanted = Wanted::by(jobs);
        let mut transaction = inner.pools.write.begin().await?;
        let place = find::lock(&mut transaction, self.partition, inner.partitions()).await?;
        let loads = self.loads.take(&place);
        let known = find::known(&mut transaction, &inner.statements, (place, loads), &wanted).await?;
        let mut batch = Batch::new(known);
        let mut endings = Vec::with_capacity(jobs.len());
        let mut reserved = false;
        for job in jobs.iter_mut() {
            let ending = loop {
                match batch.step(job, &mut self.numbers) {
                    Step::Ended(ending) => break ending,
                    Step::Short(kind) => {
                        self.numbers.reserve(&mut transaction, &job.work.tenant, kind).await?;
                        reserved = true;
                    }
                }
            };
            endings.push(ending);
        }
        if batch.is_empty() && !reserved {
            transaction.rollback().await?;
        } else {
            save::batch(&mut transaction, &inner.statements, &batch).await?;
            #[cfg(debug_assertions)]
            if inner.is_hasty.load(std::sync::atomic::Ordering::Relaxed) {
                return Ok(Done { batch, endings, late: Some(transaction) });
            }
            transaction.commit().await?;
            tracing::debug!(events = batch.events.len(), "committed");
        }
        Ok(Done {
            batch,
            endings,
            #[cfg(debug_assertions)]
            late: None,
        })
    }

    /// Whoever has an answer finds the commit known; listeners come after those who wait.
    fn tell(&self, jobs: Vec<Job>, done: Done) {
        let head = done.batch.known.place.head;
        let lane = &self.inner.lanes[self.partition as usize];
        lane.committed.send_if_modified(|it| std::mem::replace(it, head) != head);
        for (job, ending) in jobs.into_iter().zip(done.endings) {
            job.call.answer(ending);
        }
        for it in &done.batch.ended {
            outcomes::count(it);
        }
        for it in &done.batch.used {
            articles::count(it);
        }
        for row in done.batch.events {
            // Nobody need be listening.
            let _ = self.inner.news.send(row.event);
        }
    }

    fn fail(&self, jobs: Vec<Job>, error: &Unsaved) {
        metrics::counter!("dispatch_failed_batches_total").increment(1);
        tracing::error!(partition = self.partition, works = jobs.len(), %error, "a batch was not committed");
        for job in jobs {
            job.call.answer(Ending::Unavailable);
        }
    }
}

/// A batch that was committed, and how each of its works ended.
struct Done {
    batch: Batch,
    endings: Vec<Ending>,
    /// For tests: what `Store::reply_before_commit` has still to commit.
    #[cfg(debug_assertions)]
    late: Option<sqlx::Transaction<'static, sqlx::Any>>,
}

/// Waits for work. Once stopped it takes no more, and gives what is left.
async fn take(queue: &mut mpsc::Receiver<Job>, jobs: &mut Vec<Job>, stop: &CancellationToken) -> usize {
    if let Some(count) = stop.run_until_cancelled(queue.recv_many(jobs, BATCH)).await {
        return count;
    }
    queue.close();
    queue.recv_many(jobs, BATCH).await
}
