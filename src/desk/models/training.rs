//! Training while the desk works: on a thread of its own, one at a time, with half of the processor's
//! cores. How it goes can be watched; what it makes is a version like any other, and not in use.

use std::{
    any::Any,
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread,
};

use futures_util::{Stream, stream};
use tokio::sync::watch;

use super::{
    Models, answer,
    change::{hex, order},
    fault as refusal,
};
use crate::{
    clock,
    desk::{
        Desk, digest,
        fault::{Fault, Unfit},
    },
    domain::{
        people::{Caller, Tenant},
        time::Timestamp,
    },
    model::{
        classifier::Classifier,
        corpora,
        examples::Example,
        registry::journal::{Entry, Order, What},
        train::{Progress, Settings, Stage, train},
    },
    proto::v1,
};

/// How many trainings are remembered.
const REMEMBERED: usize = 64;
/// How many warnings of each.
const WARNINGS: usize = 20;

/// How a training stands.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Operation {
    /// Its id.
    pub(super) id: String,
    /// How far it is.
    pub(super) stands: Stands,
    /// The part that goes on; empty before the first.
    pub(super) stage: &'static str,
    /// Steps of this part that are done.
    pub(super) done: usize,
    /// Steps that it has.
    pub(super) total: usize,
    /// What is odd about the messages.
    pub(super) warnings: Vec<String>,
    /// When it was begun.
    pub(super) started: Timestamp,
    /// When it ended.
    pub(super) ended: Option<Timestamp>,
}

/// How far a training is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Stands {
    /// It goes on.
    #[default]
    Running,
    /// The version is made.
    Succeeded(String),
    /// There is none, for this reason.
    Failed(String),
    /// It was ended.
    Cancelled,
}

/// The trainings of this process, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Trainings(Mutex<VecDeque<Arc<Training>>>);

#[derive(Debug)]
struct Training {
    tenant: Tenant,
    order: Order,
    cancelled: AtomicBool,
    told: watch::Sender<Operation>,
}

/// What ends a training from within: the report of progress is the only place where it lets us in, and
/// unwinding from there leaves nothing behind.
struct Cancelled;

impl Desk {
    /// Begins a training on these messages, or on the starter's if there are none.
    pub async fn train_model(
        &self,
        caller: &Caller,
        request: String,
        examples: Vec<Example>,
    ) -> Result<v1::Operation, Fault> {
        let order = order(caller, request, &content(&examples));
        if let Some(entry) = self.trained_before(caller, order.clone()).await? {
            return Ok(answer::operation(past(&caller.tenant, &entry)));
        }
        let training = match self.models.trainings.begin(&caller.tenant, order)? {
            Begun::Before(operation) => return Ok(answer::operation(operation)),
            Begun::Now(training) => training,
        };
        let (models, begun) = (Arc::clone(&self.models), Arc::clone(&training));
        // A thread of its own, since the end of the process does not wait for it.
        let started =
            thread::Builder::new().name("training".to_owned()).spawn(move || begun.run(&models, examples));
        if let Err(error) = started {
            training.end(Stands::Failed(format!("it could not be started: {error}")));
        }
        Ok(answer::operation(training.stands()))
    }

    /// How a training stands.
    pub async fn operation(&self, caller: &Caller, id: &str) -> Result<v1::Operation, Fault> {
        self.stands(caller, id).await.map(answer::operation)
    }

    async fn stands(&self, caller: &Caller, id: &str) -> Result<Operation, Fault> {
        if let Some(training) = self.models.trainings.find(&caller.tenant, id) {
            return Ok(training.stands());
        }
        let history = self.in_registry(caller, |_, registry, _| Ok(registry.history().to_vec())).await?;
        let mut trained = history.iter().filter(|it| it.what == What::Trained);
        let found = trained.find(|it| operation_id(&caller.tenant, &it.order.request) == id);
        found.map(|it| past(&caller.tenant, it)).ok_or(Fault::NotFound("operation"))
    }

    /// Ends a training at its next step.
    pub async fn cancel_operation(&self, caller: &Caller, id: &str) -> Result<v1::Operation, Fault> {
        let operation = self.stands(caller, id).await?;
        let over = match &operation.stands {
            Stands::Running | Stands::Cancelled => None,
            Stands::Succeeded(_) => Some("it has succeeded; its model is not used unless it is promoted"),
            Stands::Failed(_) => Some("it has failed already"),
        };
        if let Some(problem) = over {
            return Err(Fault::Unfit { why: Unfit::Over, problem: problem.to_owned() });
        }
        if let Some(training) = self.models.trainings.find(&caller.tenant, id) {
            training.cancelled.store(true, Relaxed);
        }
        Ok(answer::operation(operation))
    }

    /// How a training stands, from now until it has ended.
    pub async fn watch_operation(
        &self,
        caller: &Caller,
        id: &str,
    ) -> Result<impl Stream<Item = v1::Operation> + Send + use<>, Fault> {
        let past = self.stands(caller, id).await?;
        let receiver = match self.models.trainings.find(&caller.tenant, id) {
            Some(training) => training.told.subscribe(),
            None => watch::Sender::new(past).subscribe(),
        };
        Ok(stream::unfold(Some((receiver, false)), |state| async {
            let (mut receiver, told) = state?;
            // An error means that whoever told has gone, and the last word stands.
            if told && receiver.changed().await.is_err() {
                return None;
            }
            let operation = receiver.borrow_and_update().clone();
            let next = (operation.stands == Stands::Running).then_some((receiver, true));
            Some((answer::operation(operation), next))
        }))
    }

    async fn trained_before(&self, caller: &Caller, order: Order) -> Result<Option<Entry>, Fault> {
        self.in_registry(caller, move |_, registry, _| Ok(registry.answered(&order)?.cloned())).await
    }
}

enum Begun {
    Now(Arc<Training>),
    Before(Operation),
}

impl Trainings {
    fn begin(&self, tenant: &Tenant, order: Order) -> Result<Begun, Fault> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let same = |it: &&Arc<Training>| it.tenant == *tenant && it.order.request == order.request;
        if let Some(before) = all.iter().find(same) {
            let is_same = before.order.content == order.content;
            return is_same
                .then(|| Begun::Before(before.stands()))
                .ok_or(Fault::RequestReused(order.request));
        }
        if all.iter().any(|it| it.stands().stands == Stands::Running) {
            return Err(Fault::Training);
        }
        let (id, started) = (operation_id(tenant, &order.request), Timestamp(order.at));
        let told = watch::Sender::new(Operation { id, started, ..Operation::default() });
        let training =
            Arc::new(Training { tenant: tenant.clone(), order, cancelled: AtomicBool::new(false), told });
        all.push_back(Arc::clone(&training));
        if REMEMBERED < all.len() {
            all.pop_front();
        }
        Ok(Begun::Now(training))
    }

    fn find(&self, tenant: &Tenant, id: &str) -> Option<Arc<Training>> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().find(|it| it.tenant == *tenant && it.told.borrow().id == id).cloned()
    }
}

impl Training {
    fn stands(&self) -> Operation {
        self.told.borrow().clone()
    }

    fn end(&self, stands: Stands) {
        let outcome = match &stands {
            Stands::Running => "running",
            Stands::Succeeded(_) => "succeeded",
            Stands::Failed(_) => "failed",
            Stands::Cancelled => "cancelled",
        };
        metrics::counter!("dispatch_trainings_total", "outcome" => outcome).increment(1);
        tracing::info!(tenant = %self.tenant, outcome, "a training ended");
        self.told.send_modify(|it| (it.stands, it.ended) = (stands, Some(clock::now())));
    }

    fn run(&self, models: &Models, examples: Vec<Example>) {
        let stands = match catch_unwind(AssertUnwindSafe(|| self.train(examples))) {
            Ok(Ok(_)) | Err(_) if self.cancelled.load(Relaxed) => Stands::Cancelled,
            Ok(Ok(model)) => self.keep(models, &model),
            Ok(Err(problem)) => Stands::Failed(problem),
            Err(panic) => {
                tracing::error!(problem = said(&*panic), "a training panicked");
                Stands::Failed("the training broke off; this is a fault of the program".to_owned())
            }
        };
        self.end(stands);
    }

    fn train(&self, examples: Vec<Example>) -> Result<Classifier, String> {
        let examples = match examples {
            none if none.is_empty() => corpora::examples().map_err(|error| error.to_string())?,
            some => some,
        };
        let settings = Settings::default();
        // The other cores answer employees meanwhile. The result is the same for any number.
        let settings = Settings { threads: settings.threads.div_ceil(2), ..settings };
        train(&examples, &settings, &mut |progress| self.hear(&progress)).map_err(|error| error.to_string())
    }

    fn hear(&self, progress: &Progress) {
        if self.cancelled.load(Relaxed) {
            resume_unwind(Box::new(Cancelled));
        }
        self.told.send_modify(|it| match progress {
            Progress::Warned(warning) if it.warnings.len() < WARNINGS => {
                it.warnings.push(warning.to_string())
            }
            Progress::Warned(_) => {}
            Progress::Working { stage, done, total } => {
                (it.stage, it.done, it.total) = (name(*stage), *done, *total);
            }
        });
    }

    fn keep(&self, models: &Models, model: &Classifier) -> Stands {
        let kept = models.with(&self.tenant, |registry| registry.trained(model, self.order.clone()));
        match kept {
            Ok(()) => Stands::Succeeded(model.version().to_string()),
            Err(error) => Stands::Failed(format!("the model could not be kept: {}", refusal(error))),
        }
    }
}

/// A training that an earlier process may have done.
fn past(tenant: &Tenant, entry: &Entry) -> Operation {
    Operation {
        id: operation_id(tenant, &entry.order.request),
        stands: Stands::Succeeded(entry.model.clone()),
        started: Timestamp(entry.order.at),
        ended: Some(Timestamp(entry.order.at)),
        ..Operation::default()
    }
}

/// The same request has the same operation, also after a restart.
fn operation_id(tenant: &Tenant, request: &str) -> String {
    format!("opr_{}", hex(&digest(&["training", tenant.as_str(), request])))
}

fn content(examples: &[Example]) -> Vec<&str> {
    let parts = examples.iter().flat_map(|it| {
        let Example { text, label, urgency, impact } = it;
        [text, label, urgency.as_deref().unwrap_or_default(), impact.as_deref().unwrap_or_default()]
    });
    ["train"].into_iter().chain(parts).collect()
}

fn name(stage: Stage) -> &'static str {
    match stage {
        Stage::Reading => "reading",
        Stage::Calibrating => "calibrating",
        Stage::Fitting => "fitting",
    }
}

fn said(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("nothing was said")
}
