//! The web side: a first page, health, readiness and figures, and SCIM for identity providers; the service
//! desk's console moves in here. It owns what may reach it: on loopback only pages of this very address may, since any web
//! page that a browser has open can otherwise talk to a server on the same machine (DNS rebinding).

mod guard;
pub mod health;
pub mod scim;

use std::io;

use axum::{Router, middleware, response::Html, routing::get};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use self::{guard::Guard, health::Health, scim::Scim};

/// Serves until `stop`; then takes no more connections and ends when the answers under way are given.
pub async fn serve(
    listener: TcpListener,
    health: Health,
    scim: Scim,
    stop: CancellationToken,
) -> io::Result<()> {
    let address = listener.local_addr()?;
    let guard = address.ip().is_loopback().then(|| Guard::new(address.port()));
    let router = router(health, scim, guard);
    axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned()).await
}

fn router(health: Health, scim: Scim, guard: Option<Guard>) -> Router {
    let router =
        Router::new().route("/", get(first_page)).merge(health::router(health)).merge(scim::router(scim));
    match guard {
        Some(guard) => router.layer(middleware::from_fn_with_state(guard, guard::admit)),
        None => router,
    }
}

/// What somebody sees who opens the address in a browser.
async fn first_page() -> ([(&'static str, &'static str); 1], Html<&'static str>) {
    let policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
    ([("content-security-policy", policy)], Html(include_str!("console/first_page.html")))
}
