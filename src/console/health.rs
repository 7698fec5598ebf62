//! Health, readiness and figures. Alive means that the process answers; ready means that it can do
//! its work. What only waits to be delivered is shown and does not make it unready: with Redis or a
//! sink away, tickets are opened as before.

use std::{collections::BTreeMap, future::Future, pin::Pin, sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
    routing::get,
};
use serde::Serialize;
use tokio::time::timeout;

use crate::telemetry::Metrics;

/// How long a probe may take; an orchestrator asks again soon.
const PATIENCE: Duration = Duration::from_secs(2);

/// One look at how things stand.
pub type Look = Pin<Box<dyn Future<Output = Condition> + Send>>;

/// Looks how things stand.
pub type Probe = Arc<dyn Fn() -> Look + Send + Sync>;

/// How things stand.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Condition {
    /// Whether the database answers.
    pub store: bool,
    /// Whether the process is about to end.
    pub stopping: bool,
    /// Events that wait, by whom they wait for: `relay`, or a sink's name.
    pub waiting: BTreeMap<String, u64>,
}

/// What readiness answers.
#[derive(Debug, Serialize)]
struct Readiness {
    ready: bool,
    /// All that waits, in one number.
    backlog: u64,
    #[serde(flatten)]
    condition: Condition,
}

/// Where health and figures come from.
#[derive(Clone)]
pub struct Health {
    /// Asked for every readiness call.
    pub probe: Probe,
    /// Shown under `/metrics`.
    pub metrics: Metrics,
}

pub(super) fn router(health: Health) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "alive\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(figures))
        .with_state(health)
}

async fn ready(State(health): State<Health>) -> impl IntoResponse {
    // A probe that hangs is a database that does not answer.
    let condition = timeout(PATIENCE, (health.probe)()).await.unwrap_or_default();
    let ready = condition.store && !condition.stopping;
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Readiness { ready, backlog: condition.waiting.values().sum::<u64>(), condition }))
}

async fn figures(State(health): State<Health>) -> impl IntoResponse {
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    (kind, health.metrics.render())
}
