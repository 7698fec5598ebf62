//! The health that load balancers ask for (grpc.health.v1), for the whole process and for each service.

use tonic_health::{
    ServingStatus,
    pb::health_server::{Health as Checks, HealthServer},
    server::{HealthReporter, health_reporter},
};

/// What can be asked for; the empty name is the whole process.
const NAMES: [&str; 5] = [
    "",
    "dispatch.v1.ConversationService",
    "dispatch.v1.RoutingService",
    "dispatch.v1.TicketService",
    "dispatch.v1.CatalogService",
];

/// Sets what the health service answers.
pub(super) struct Health(HealthReporter);

impl Health {
    /// Everything is up.
    pub(super) async fn up() -> (Self, HealthServer<impl Checks>) {
        let (reporter, server) = health_reporter();
        for name in NAMES {
            reporter.set_service_status(name, ServingStatus::Serving).await;
        }
        (Self(reporter), server)
    }

    /// Everything goes down. Who watches is told so, and their streams end, since they would
    /// otherwise keep their connections and with them the process.
    pub(super) async fn down(mut self) {
        for name in NAMES {
            self.0.set_service_status(name, ServingStatus::NotServing).await;
            self.0.clear_service_status(name).await;
        }
    }
}
