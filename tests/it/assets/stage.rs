//! A desk with a register of assets, and the calls that the tests of it make.

use std::process::Output;

use ticket_dispatch::proto::v1::{
    self, AssetRelationKind, asset_service_client::AssetServiceClient,
    people_service_client::PeopleServiceClient,
};
use tonic::{Request, Status, transport::Channel};

use crate::app::{App, Settings};
pub(super) use crate::parts::postgres::settings_of_both;

/// A program with the starter catalogue.
pub(super) struct Desk {
    pub(super) app: App,
    calls: std::sync::atomic::AtomicU32,
    _catalog: Option<tempfile::TempDir>,
}

/// Tickets are opened without a yes.
pub(super) fn acting() -> Settings {
    let settings = Settings::default().env("DISPATCH_GATE_UNCERTIFIED", "auto");
    settings.env("DISPATCH_GATE_AUTO", "0.3").env("DISPATCH_GATE_SURE", "0.3")
}

/// Callers are told apart.
pub(super) fn tokens() -> Settings {
    Settings::default().env("DISPATCH_AUTH_MODE", "tokens")
}

/// A call with a token.
pub(super) fn with<T>(token: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    request
}

/// An asset of which little is known.
pub(super) fn asset(tag: &str, kind: &str) -> v1::Asset {
    v1::Asset { tag: tag.to_owned(), r#type: kind.to_owned(), ..Default::default() }
}

pub(super) fn relation(kind: AssetRelationKind, to: &str) -> v1::AssetRelation {
    v1::AssetRelation { kind: kind.into(), to: to.to_owned() }
}

pub(super) fn need(kind: AssetRelationKind, at_least: u32) -> v1::AssetNeed {
    v1::AssetNeed { kind: kind.into(), at_least }
}

impl Desk {
    pub(super) fn start(settings: Settings) -> Self {
        Self { app: App::start(settings), calls: 0.into(), _catalog: None }
    }

    /// A desk whose catalogue has one more file.
    pub(super) fn with_rules(more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for source in ticket_dispatch::catalog::starter() {
            std::fs::write(folder.path().join(source.name), source.content).unwrap();
        }
        std::fs::write(folder.path().join("0-more.yaml"), more).unwrap();
        let settings = Settings::default().env("DISPATCH_CATALOG_DIR", folder.path().to_str().unwrap());
        Self { _catalog: Some(folder), ..Self::start(settings) }
    }

    pub(super) fn assets(&self) -> AssetServiceClient<Channel> {
        AssetServiceClient::new(self.app.channel())
    }

    pub(super) fn request(&self) -> String {
        format!("call-{}", self.calls.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
    }

    pub(super) async fn put(&self, asset: v1::Asset) -> Result<v1::Asset, Status> {
        let request =
            v1::PutAssetRequest { request_id: self.request(), asset: Some(asset), expected_version: 0 };
        Ok(self.assets().put_asset(request).await?.into_inner().asset.unwrap())
    }

    pub(super) async fn remove(&self, asset: &str) -> Result<v1::Asset, Status> {
        let request = v1::RemoveAssetRequest {
            request_id: self.request(),
            asset: asset.to_owned(),
            expected_version: 0,
        };
        Ok(self.assets().remove_asset(request).await?.into_inner().asset.unwrap())
    }

    pub(super) async fn get(&self, asset: &str) -> Result<v1::Asset, Status> {
        let request = v1::GetAssetRequest { asset: asset.to_owned() };
        Ok(self.assets().get_asset(request).await?.into_inner().asset.unwrap())
    }

    /// Tags of those that fit, sorted; read by pages of one.
    pub(super) async fn list(&self, filter: v1::AssetFilter) -> Vec<String> {
        let (mut tags, mut token) = (vec![], String::new());
        loop {
            let request =
                v1::ListAssetsRequest { filter: Some(filter.clone()), page_size: 1, page_token: token };
            let page = self.assets().list_assets(request).await.unwrap().into_inner();
            tags.extend(page.assets.into_iter().map(|it| it.tag));
            token = page.next_page_token;
            if token.is_empty() {
                tags.sort();
                return tags;
            }
        }
    }

    /// What happened to an asset; read by pages of one.
    pub(super) async fn history(&self, asset: &str) -> Vec<v1::Event> {
        let (mut events, mut token) = (vec![], String::new());
        loop {
            let request =
                v1::ListAssetEventsRequest { asset: asset.to_owned(), page_size: 1, page_token: token };
            let page = self.assets().list_asset_events(request).await.unwrap().into_inner();
            events.extend(page.events);
            token = page.next_page_token;
            if token.is_empty() {
                return events;
            }
        }
    }

    pub(super) async fn assess(
        &self,
        down: &[&str],
        not: &[&str],
    ) -> Result<v1::AssessImpactResponse, Status> {
        let all = |it: &[&str]| it.iter().map(|it| (*it).to_owned()).collect();
        let request = v1::AssessImpactRequest { down: all(down), not_impacted: all(not) };
        Ok(self.assets().assess_impact(request).await?.into_inner())
    }

    /// Tags of what suffers.
    pub(super) async fn impact(&self, down: &[&str], not: &[&str]) -> Result<Vec<String>, Status> {
        Ok(self.assess(down, not).await?.assets.into_iter().map(|it| it.tag).collect())
    }

    /// Somebody of the directory, with an address.
    pub(super) async fn person(&self, user_name: &str) {
        let email = v1::Contact { value: format!("{user_name}@example.com"), ..Default::default() };
        let person =
            v1::Profile { user_name: user_name.to_owned(), emails: vec![email], ..Default::default() };
        let request =
            v1::PutPersonRequest { request_id: self.request(), person: Some(person), expected_version: 0 };
        PeopleServiceClient::new(self.app.channel()).put_person(request).await.unwrap();
    }

    /// Runs a command on the data of the desk.
    pub(super) fn command(&self, args: &[&str]) -> Output {
        self.app.command(args).args(["--data", "data"]).output().unwrap()
    }
}
