//! What callers ask about models, and what they are told.

use std::sync::Arc;

use super::{answer, blocking};
use crate::{
    desk::{
        Desk,
        fault::{Fault, Unfit},
    },
    domain::people::Caller,
    model::{
        classifier::Classifier,
        evaluation::{Evaluation, gate::GateFigures, judge},
        examples::Example,
        gate::certify::CertifyError,
    },
    proto::v1,
};

/// How many files that are no models, and how many changes, are told.
const MANY: usize = 100;

impl Desk {
    /// All versions of the caller's tenant, what lies beside them, and what was done, the latest first.
    pub async fn models(&self, caller: &Caller) -> Result<v1::ListModelsResponse, Fault> {
        let tenant = caller.tenant.clone();
        let all = self.in_registry(caller, move |models, registry, catalog| {
            let (listing, in_use) = (registry.list()?, models.of(&tenant));
            Ok(v1::ListModelsResponse {
                models: listing.models.into_iter().map(|it| answer::model(it, &in_use, catalog)).collect(),
                next_page_token: String::new(),
                skipped: listing.skipped.into_iter().take(MANY).map(answer::skipped).collect(),
                history: registry.history().iter().rev().take(MANY).map(answer::change).collect(),
            })
        });
        all.await
    }

    /// One version; the one in use if its name is empty.
    pub async fn model(&self, caller: &Caller, version: String) -> Result<v1::Model, Fault> {
        let tenant = caller.tenant.clone();
        let model = self.in_registry(caller, move |models, registry, catalog| {
            let in_use = models.of(&tenant);
            let version = if version.is_empty() { in_use.current.version().to_string() } else { version };
            Ok(answer::model(registry.card(&version)?, &in_use, catalog))
        });
        model.await
    }

    /// Measures a version; the one in use if its name is empty.
    pub async fn evaluate_model(
        &self,
        caller: &Caller,
        version: String,
        data: Vec<Example>,
        outside: Vec<Example>,
    ) -> Result<v1::EvaluateModelResponse, Fault> {
        let current = self.models_of(caller).current;
        let model: Arc<Classifier> = if version.is_empty() || *version == **current.version() {
            current
        } else {
            self.in_registry(caller, move |_, registry, _| registry.load(&version)).await?
        };
        blocking(move || {
            let judged = |examples: &[Example]| judge(&model, examples, &mut |_| {});
            let (verdicts, outside) = (judged(&data), judged(&outside));
            let unusable =
                |error: CertifyError| Fault::Unfit { why: Unfit::Unusable, problem: error.to_string() };
            let gate = GateFigures::of(model.gate(), &data, &verdicts, &outside).map_err(unusable)?;
            Ok(answer::figures(model.version(), Evaluation::of(&data, &verdicts, &outside), gate))
        })
        .await
    }
}
