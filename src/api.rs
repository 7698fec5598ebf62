//! gRPC in. A credential becomes a caller, a message becomes what the desk understands (all that is
//! wrong with it told at once), one function is called, and its outcome answered. This room owns the
//! table of who may call what, the limits of calls, and the codes of refusals. It decides nothing.
//!
//! What a caller sees that breaks the rules of the wire itself is tonic's own answer, with no details:
//!
//! | what comes in | code |
//! | --- | --- |
//! | bytes that are no such message, invalid UTF-8 in a string | `INTERNAL` |
//! | a message frame that ends early, or with an unknown flag; no message at all | `INTERNAL` |
//! | a message over 64 KiB (256 KiB for articles, 4 MiB for the catalogue service, 16 MiB for that of models, 64 MiB for that of assets) | `OUT_OF_RANGE` |
//! | a compressed message, or an unknown compression | `UNIMPLEMENTED`, or `INTERNAL` where none was named |
//! | an unknown service | `UNIMPLEMENTED` |
//! | metadata over 8 KiB | HTTP status 431, which clients show as they like |
//!
//! On a stream each of these ends the stream, after what came before it has been answered.
//!
//! Unary calls have a deadline of 5 seconds unless they bring one, and of 10 at most; a file may take 10 minutes to
//! come, and 30 seconds from piece to piece, and a list of assets may take 10 minutes to come and to be written. Streams have none: they end when the client ends them, or with `UNAVAILABLE` when the process stops.

mod access;
mod approval;
mod asset;
mod catalog;
mod change;
mod conversation;
mod dispatch;
mod guard;
mod health;
mod knowledge;
mod model;
mod parse;
mod people;
mod portfolio;
mod problem;
mod report;
mod routing;
mod sla;
mod status;
mod stream;
mod task;
mod ticket;
mod wave;

use std::{io, sync::Arc, time::Duration};

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::transport::{
    Server,
    server::{Router, TcpIncoming},
};
use tonic_health::pb::FILE_DESCRIPTOR_SET as HEALTH;
use tonic_reflection::server::Builder as Reflection;

pub use self::access::Access;
use self::{
    approval::Approvals,
    asset::Assets,
    catalog::Catalogs,
    change::Changes,
    conversation::Conversations,
    dispatch::Dispatch,
    guard::{Door, Guarded},
    health::Health,
    knowledge::Articles,
    model::Models,
    people::People,
    portfolio::Portfolio,
    problem::Problems,
    report::Reports,
    routing::Routing,
    sla::Levels,
    task::Tasks,
    ticket::Tickets,
    wave::Waves,
};
use crate::{
    desk::Desk,
    proto::{
        DESCRIPTORS,
        v1::{
            approval_service_server::ApprovalServiceServer, asset_service_server::AssetServiceServer,
            catalog_service_server::CatalogServiceServer, change_service_server::ChangeServiceServer,
            conversation_service_server::ConversationServiceServer,
            dispatch_service_server::DispatchServiceServer, knowledge_service_server::KnowledgeServiceServer,
            model_service_server::ModelServiceServer, people_service_server::PeopleServiceServer,
            portfolio_service_server::PortfolioServiceServer, problem_service_server::ProblemServiceServer,
            report_service_server::ReportServiceServer, routing_service_server::RoutingServiceServer,
            sla_service_server::SlaServiceServer, task_service_server::TaskServiceServer,
            ticket_service_server::TicketServiceServer, wave_service_server::WaveServiceServer,
        },
    },
};

/// Largest message unless the settings say otherwise, but for catalogues and labelled messages.
const MESSAGE: usize = 64 * 1024;
/// Largest catalogue.
const CATALOG: usize = 4 * 1024 * 1024;
/// Largest article, in all its languages.
const ARTICLE: usize = 256 * 1024;
/// Largest set of labelled messages.
const EXAMPLES: usize = 16 * 1024 * 1024;
/// Largest list of assets.
const ASSETS: usize = 64 * 1024 * 1024;
/// Most metadata of one call.
const METADATA: u32 = 8 * 1024;
/// Most calls of one connection at a time.
const CALLS: u32 = 128;
/// How far the sender of one stream may be ahead of its reader, in bytes; and the senders of all streams of
/// a connection. While few streams use theirs up, small messages that wait do not look like a flood to
/// HTTP/2, which counts their frames against half of the connection's (h2, `DataFrameBudget`).
const AHEAD: (u32, u32) = (64 * 1024, 8 * 1024 * 1024);
/// A connection that is silent for so long is asked whether it still lives.
const SILENCE: Duration = Duration::from_secs(30);

/// Limits, and what is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Most calls under way at a time, streams included.
    pub calls: usize,
    /// Largest message, but for catalogues and labelled messages.
    pub message: usize,
    /// Whether the contract is served by gRPC reflection, to everybody. For development.
    pub reflection: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { calls: 4096, message: MESSAGE, reflection: false }
    }
}

/// Serves until `stop`; then takes no more calls and ends when those under way are answered.
pub async fn serve(
    listener: TcpListener,
    desk: Desk,
    access: Access,
    settings: Settings,
    stop: CancellationToken,
) -> io::Result<()> {
    let connections = TcpIncoming::from(listener).with_nodelay(Some(true));
    let (health, checks) = Health::up().await;
    let router = services(server().add_service(checks), desk, access, settings, &stop);
    let router = if settings.reflection { reflected(router)? } else { router };
    let down = async move {
        stop.cancelled().await;
        health.down().await;
    };
    router.serve_with_incoming_shutdown(connections, down).await.map_err(io::Error::other)
}

fn services(
    router: Router,
    desk: Desk,
    access: Access,
    settings: Settings,
    stop: &CancellationToken,
) -> Router {
    let door = Arc::new(Door::new(desk.clone(), access, settings.calls));
    let conversations = Conversations { desk: desk.clone(), stop: stop.clone() };
    let routing = Routing { desk: desk.clone(), stop: stop.clone() };
    let tickets = Tickets { desk: desk.clone(), stop: stop.clone() };
    let conversations =
        ConversationServiceServer::new(conversations).max_decoding_message_size(settings.message);
    let routing = RoutingServiceServer::new(routing).max_decoding_message_size(settings.message);
    let tickets = TicketServiceServer::new(tickets).max_decoding_message_size(settings.message);
    let dispatch = DispatchServiceServer::new(Dispatch { desk: desk.clone() })
        .max_decoding_message_size(settings.message);
    let tasks =
        TaskServiceServer::new(Tasks { desk: desk.clone() }).max_decoding_message_size(settings.message);
    let people =
        PeopleServiceServer::new(People { desk: desk.clone() }).max_decoding_message_size(settings.message);
    let knowledge =
        KnowledgeServiceServer::new(Articles { desk: desk.clone() }).max_decoding_message_size(ARTICLE);
    let waves =
        WaveServiceServer::new(Waves { desk: desk.clone() }).max_decoding_message_size(settings.message);
    let levels =
        SlaServiceServer::new(Levels { desk: desk.clone() }).max_decoding_message_size(settings.message);
    let reports =
        ReportServiceServer::new(Reports { desk: desk.clone() }).max_decoding_message_size(settings.message);
    let approvals = ApprovalServiceServer::new(Approvals { desk: desk.clone() })
        .max_decoding_message_size(settings.message);
    let assets = AssetServiceServer::new(Assets { desk: desk.clone() }).max_decoding_message_size(ASSETS);
    let portfolio = PortfolioServiceServer::new(Portfolio { desk: desk.clone() })
        .max_decoding_message_size(settings.message);
    let changes =
        ChangeServiceServer::new(Changes { desk: desk.clone() }).max_decoding_message_size(settings.message);
    let problems = ProblemServiceServer::new(Problems { desk: desk.clone() })
        .max_decoding_message_size(settings.message);
    let models = Models { desk: desk.clone(), stop: stop.clone() };
    let models = ModelServiceServer::new(models).max_decoding_message_size(EXAMPLES);
    let catalogs = CatalogServiceServer::new(Catalogs { desk }).max_decoding_message_size(CATALOG);
    router
        .add_service(Guarded::new(&door, conversations))
        .add_service(Guarded::new(&door, routing))
        .add_service(Guarded::new(&door, tickets))
        .add_service(Guarded::new(&door, portfolio))
        .add_service(Guarded::new(&door, problems))
        .add_service(Guarded::new(&door, changes))
        .add_service(Guarded::new(&door, dispatch))
        .add_service(Guarded::new(&door, tasks))
        .add_service(Guarded::new(&door, people))
        .add_service(Guarded::new(&door, knowledge))
        .add_service(Guarded::new(&door, waves))
        .add_service(Guarded::new(&door, levels))
        .add_service(Guarded::new(&door, reports))
        .add_service(Guarded::new(&door, approvals))
        .add_service(Guarded::new(&door, assets))
        .add_service(Guarded::new(&door, catalogs))
        .add_service(Guarded::new(&door, models))
}

fn server() -> Server {
    Server::builder()
        .max_concurrent_streams(CALLS)
        .http2_max_header_list_size(METADATA)
        .initial_stream_window_size(AHEAD.0)
        .initial_connection_window_size(AHEAD.1)
        .http2_keepalive_interval(Some(SILENCE))
}

/// Adds reflection in both versions, since many tools speak only the older one.
fn reflected(router: Router) -> io::Result<Router> {
    let contract = || {
        Reflection::configure()
            .register_encoded_file_descriptor_set(DESCRIPTORS)
            .register_encoded_file_descriptor_set(HEALTH)
    };
    let new = contract().build_v1().map_err(io::Error::other)?;
    let old = contract().build_v1alpha().map_err(io::Error::other)?;
    Ok(router.add_service(new).add_service(old))
}

#[cfg(test)]
mod tests;
