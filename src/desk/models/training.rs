//! Training while the desk works, one at a time. How it goes can be watched; what it makes is a version
//! like any other, and not in use.

mod run;

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    thread,
};

use futures_util::{Stream, stream};
use tokio::sync::watch;

use self::run::Training;
use super::{
    answer,
    change::{hex, order},
};
use crate::{
    desk::{
        Desk, digest,
        fault::{Fault, Unfit},
    },
    domain::{
        people::{Caller, Tenant},
        time::Timestamp,
    },
    model::{
        examples::Example,
        registry::journal::{Entry, Order, What},
    },
    proto::v1,
};

/// How many trainings are remembered.
const REMEMBERED: usize = 64;

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
    /// When it ended, as far as this process knows.
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

impl Desk {
    /// Begins a training on these messages, or on the starter's if there are none.
    pub async fn train_model(
        &self,
        caller: &Caller,
        request: String,
        examples: Vec<Example>,
    ) -> Result<v1::Operation, Fault> {
        let content = content(&examples);
        let content: Vec<&str> = content.iter().map(String::as_str).collect();
        let order = order(caller, request, &content);
        if let Some(entry) = self.trained_before(caller, order.clone()).await? {
            return self.operation(caller, &operation_id(&caller.tenant, &entry.order.request)).await;
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
            training.cancel();
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
            Some(training) => training.watch(),
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
        let operation = Operation { id, started, ..Operation::default() };
        let training = Arc::new(Training::new(tenant.clone(), order, operation));
        all.push_back(Arc::clone(&training));
        if REMEMBERED < all.len() {
            all.pop_front();
        }
        Ok(Begun::Now(training))
    }

    fn find(&self, tenant: &Tenant, id: &str) -> Option<Arc<Training>> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().find(|it| it.tenant == *tenant && it.stands().id == id).cloned()
    }
}

/// A training that an earlier process may have done.
fn past(tenant: &Tenant, entry: &Entry) -> Operation {
    Operation {
        id: operation_id(tenant, &entry.order.request),
        stands: Stands::Succeeded(entry.model.clone()),
        started: Timestamp(entry.order.at),
        ..Operation::default()
    }
}

/// The same request has the same operation, also after a restart.
fn operation_id(tenant: &Tenant, request: &str) -> String {
    format!("opr_{}", hex(&digest(&["training", tenant.as_str(), request])))
}

fn content(examples: &[Example]) -> Vec<String> {
    let parts = examples.iter().flat_map(|it| {
        let Example { text, label, urgency, impact, weight } = it;
        let level = |level: &Option<String>| level.clone().unwrap_or_default();
        [text.clone(), label.clone(), level(urgency), level(impact), weight.to_string()]
    });
    ["train".to_owned()].into_iter().chain(parts).collect()
}
