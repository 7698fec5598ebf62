//! Durable state. One transaction holds the rows, the events and the reply to the request behind
//! them; one writer for each partition commits all that waits at once, and answers after the commit.
//!
//! What it promises: a request identity has one effect, and the same reply for ever; positions are
//! dense within a partition and in commit order; what was answered survives a power cut; nothing of
//! one tenant is found by another. It knows no clock and starts no task: `at` comes in with the work,
//! and the writers are futures for somebody else to run. Only this room speaks SQL.

mod approvals;
mod articles;
mod assets;
mod batch;
mod bulk;
mod catalogs;
mod chain;
mod changes;
mod consequences;
mod engine;
mod fault;
mod filter;
mod find;
mod improvements;
mod known_errors;
mod loads;
mod log;
mod measures;
mod numbers;
mod outages;
mod outcomes;
mod people;
mod receipts;
mod save;
mod statements;
mod tasks;
mod tickets;
mod tokens;
mod unit;
mod wave_people;
mod waves;
mod work;
mod writer;

use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
};

use sqlx::{AnyPool, Row as _};
use tokio::sync::{broadcast, mpsc, mpsc::error::TrySendError, oneshot, watch};
use tokio_util::sync::CancellationToken;

pub use self::{
    articles::{ArticleFilter, ArticleSketch, Found},
    assets::{AssetCounts, AssetFilter},
    catalogs::Catalog,
    changes::ChangeFilter,
    consequences::Consequence,
    fault::{OpenError, Unavailable},
    log::{Chain, Head},
    measures::{Anew, CellRow, Difference, Grain, OpenTicket},
    outcomes::Sum,
    people::{PeopleCounts, PeopleFilter, Sketch},
    receipts::{Outcome, Receipt},
    tokens::Token,
    unit::Unit,
    work::{Undone, Wants, Work},
};
use self::{
    engine::{Engine, Pools},
    statements::Statements,
    work::{Asked, Job},
    writer::Writer,
};
use crate::proto::v1;

/// Works that may wait at one writer.
const QUEUE: usize = 4096;

/// Events that a watcher may fall behind before it must go back to the log.
const NEWS: usize = 8192;

/// The store. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

/// A writer's loop.
pub type Loop = Pin<Box<dyn Future<Output = ()> + Send>>;

struct Inner {
    engine: Engine,
    pools: Pools,
    statements: Statements,
    lanes: Vec<Lane>,
    news: broadcast::Sender<Arc<v1::Event>>,
    /// For tests: see `reply_before_commit`.
    #[cfg(debug_assertions)]
    is_hasty: std::sync::atomic::AtomicBool,
}

/// The way to one partition's writer.
struct Lane {
    queue: mpsc::Sender<Job>,
    /// Until the writer takes it.
    waiting: Mutex<Option<mpsc::Receiver<Job>>>,
    committed: watch::Sender<u64>,
}

impl Inner {
    fn partitions(&self) -> u32 {
        u32::try_from(self.lanes.len()).unwrap_or(u32::MAX)
    }
}

impl Store {
    /// Opens `sqlite:PATH` (the file is made if missing) or `postgres://…`: brings the tables up to
    /// date and refuses a database that could lose what it acknowledged.
    pub async fn open(url: &str) -> Result<Self, OpenError> {
        Self::open_with_queue(url, QUEUE).await
    }

    /// Whether there may be a database at a place: for a file it must exist, a server may be asked.
    pub fn is_there(url: &str) -> bool {
        Engine::of(url).is_ok_and(|it| it.is_there(url))
    }

    /// As `open`, with another bound on the works that may wait at one writer.
    pub async fn open_with_queue(url: &str, queue: usize) -> Result<Self, OpenError> {
        let engine = Engine::of(url)?;
        let pools = engine.open(url).await?;
        let heads = heads(&pools.write, engine.partitions()).await.map_err(|source| {
            OpenError::Unreachable { place: engine::without_password(url), source: Box::new(source) }
        })?;
        let lanes = heads.into_iter().map(|head| Lane::new(head, queue)).collect();
        let (news, _) = broadcast::channel(NEWS);
        let inner = Inner {
            engine,
            pools,
            statements: Statements::new(engine),
            lanes,
            news,
            #[cfg(debug_assertions)]
            is_hasty: false.into(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// From now on callers are answered a moment before the commit: what the checks of the tests must
    /// notice.
    #[cfg(debug_assertions)]
    pub fn reply_before_commit(&self) {
        self.inner.is_hasty.store(true, std::sync::atomic::Ordering::Relaxed);
    }

    /// How many partitions there are; fixed when the store was made.
    pub fn partitions(&self) -> u32 {
        self.inner.partitions()
    }

    /// The writers' loops with their names, one for each partition. Each ends when `stop` is
    /// cancelled and nothing waits any more. They are given out once.
    pub fn writers(&self, stop: CancellationToken) -> Vec<(String, Loop)> {
        let writer = |(partition, lane): (u32, &Lane)| {
            let waiting = lane.waiting.lock().unwrap_or_else(PoisonError::into_inner).take()?;
            let writer = Writer::new(Arc::clone(&self.inner), partition);
            let run: Loop = Box::pin(writer.run(waiting, stop.clone()));
            Some((format!("writer-{partition}"), run))
        };
        (0..).zip(&self.inner.lanes).filter_map(writer).collect()
    }

    /// Hands work to the writer of its partition and waits for the commit. `decide` may be asked more
    /// than once, and its last answer counts.
    pub async fn execute<R, D>(&self, work: Work, decide: D) -> Result<Vec<u8>, Undone<R>>
    where
        R: Send + 'static,
        D: FnMut(&mut Unit<'_>) -> Result<Vec<u8>, R> + Send + 'static,
    {
        let partition = work.slot.partition(self.partitions());
        let (reply, answer) = oneshot::channel();
        let job = Job { work, call: Box::new(Asked { decide, refusal: None, reply }) };
        match self.inner.lanes[partition as usize].queue.try_send(job) {
            Ok(()) => answer.await.unwrap_or(Err(Undone::Unavailable)),
            Err(TrySendError::Full(_)) => Err(Undone::Full),
            Err(TrySendError::Closed(_)) => Err(Undone::Unavailable),
        }
    }

    /// The position of the last commit that this process knows of in a partition. For a partition that
    /// does not exist it never changes.
    pub fn committed(&self, partition: u32) -> watch::Receiver<u64> {
        let lane = self.inner.lanes.get(partition as usize);
        lane.map_or_else(|| watch::channel(0).1, |it| it.committed.subscribe())
    }

    /// Every event that this process commits, right after the commit. Whoever has fallen behind must
    /// go back to the log.
    pub fn watch(&self) -> broadcast::Receiver<Arc<v1::Event>> {
        self.inner.news.subscribe()
    }
}

impl Lane {
    fn new(head: u64, capacity: usize) -> Self {
        let (queue, waiting) = mpsc::channel(capacity.max(1));
        Self { queue, waiting: Mutex::new(Some(waiting)), committed: watch::Sender::new(head) }
    }
}

/// Heads of all partitions, which are made if there are none yet.
async fn heads(pool: &AnyPool, partitions: i64) -> Result<Vec<u64>, sqlx::Error> {
    let known = known_heads(pool).await?;
    if !known.is_empty() {
        return Ok(known);
    }
    let mut transaction = pool.begin().await?;
    for id in 0..partitions {
        // Another process may be starting at the same moment.
        sqlx::query(
            "insert into partitions (id, epoch, head, hash) values ($1, 1, 0, $2) on conflict do nothing",
        )
        .bind(id)
        .bind(chain::START.to_vec())
        .execute(&mut *transaction)
        .await?;
    }
    transaction.commit().await?;
    known_heads(pool).await
}

async fn known_heads(pool: &AnyPool) -> Result<Vec<u64>, sqlx::Error> {
    let rows = sqlx::query("select head from partitions order by id").fetch_all(pool).await?;
    rows.iter().map(|it| Ok(it.try_get::<i64, _>(0)?.cast_unsigned())).collect()
}
