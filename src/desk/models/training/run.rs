//! The work of one training: on a thread of its own, with half of the processor's cores.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::atomic::{AtomicBool, Ordering::Relaxed},
};

use tokio::sync::watch;

use super::{
    super::{Models, fault},
    Operation, Stands,
};
use crate::{
    clock,
    domain::people::Tenant,
    model::{
        classifier::Classifier,
        corpora,
        examples::Example,
        registry::journal::Order,
        train::{Progress, Settings, Stage, train},
    },
};

/// How many warnings are told.
const WARNINGS: usize = 20;

/// One training.
#[derive(Debug)]
pub(super) struct Training {
    pub(super) tenant: Tenant,
    pub(super) order: Order,
    cancelled: AtomicBool,
    told: watch::Sender<Operation>,
}

/// What ends a training from within: the report of progress is the only place where it lets us in, and
/// unwinding from there leaves nothing behind.
struct Cancelled;

impl Training {
    pub(super) fn new(tenant: Tenant, order: Order, operation: Operation) -> Self {
        Self { tenant, order, cancelled: AtomicBool::new(false), told: watch::Sender::new(operation) }
    }

    /// How it stands, from now on.
    pub(super) fn watch(&self) -> watch::Receiver<Operation> {
        self.told.subscribe()
    }

    /// Ends it at its next step.
    pub(super) fn cancel(&self) {
        self.cancelled.store(true, Relaxed);
    }

    pub(super) fn stands(&self) -> Operation {
        self.told.borrow().clone()
    }

    pub(super) fn end(&self, stands: Stands) {
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

    /// Does the work, to whatever end.
    pub(super) fn run(&self, models: &Models, examples: Vec<Example>) {
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
            Err(error) => Stands::Failed(format!("the model could not be kept: {}", fault(error))),
        }
    }
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
