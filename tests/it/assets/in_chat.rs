//! Assets in conversations: scripts in `tests/cases/assets`, and what is linked when a ticket is opened.

use ticket_dispatch::proto::v1::{self, AssetCriticality, AssetRelationKind as Hangs, AssetState};

use super::stage::{Desk, acting, asset, relation};
use crate::{
    app::Settings,
    cases::{Failures, scripts, stage::Stage},
};

/// Ada has two laptops and a retired one, Mei has one, Bo has none; on a server hangs an application.
pub(super) async fn stock(desk: &Desk) {
    for who in ["ada", "mei", "bo"] {
        desk.person(who).await;
    }
    let laptop = |tag: &str, owner: &str, name: &str| v1::Asset {
        owner: owner.into(),
        name: name.into(),
        ..asset(tag, "laptop")
    };
    desk.put(laptop("LT-1001", "ada", "ThinkPad X1")).await.unwrap();
    desk.put(laptop("LT-1002", "ada", "MacBook Pro")).await.unwrap();
    let retired = v1::Asset { state: AssetState::Retired.into(), ..laptop("LT-1000", "ada", "Old one") };
    desk.put(retired).await.unwrap();
    desk.put(laptop("LT-1003", "mei", "Latitude")).await.unwrap();
    let server = v1::Asset { host: "fs01.corp.example.com".into(), ..asset("SRV-01", "server") };
    desk.put(server).await.unwrap();
    desk.put(asset("FILES", "service")).await.unwrap();
    let application = v1::Asset {
        relations: vec![relation(Hangs::RunsOn, "SRV-01")],
        criticality: AssetCriticality::High.into(),
        ..asset("APP-01", "application")
    };
    desk.put(application).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_scripted_asset_ends_as_its_script_says() {
    let mut failures = Failures::default();
    for (name, script) in scripts("assets", 15) {
        let desk = Desk::start(if script.auto { acting() } else { Settings::default() });
        stock(&desk).await;
        failures.note(&name, Stage::among(&desk.app, "chat").play(&script).await);
    }
    failures.none();
}
