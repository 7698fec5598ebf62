//! The register of assets: reading and keeping it, and what suffers when assets fail.

mod request;

use tonic::{Request, Response, Status};

use super::{
    guard::admitted,
    parse::page::{behind_asset, behind_event, fit},
};
use crate::{
    desk::{
        Desk,
        assets::{Assessment, Suffers},
    },
    proto::{
        asset::asset_to,
        v1::{self, asset_service_server::AssetService},
        words::criticality_to,
    },
};

/// Impacted assets in one answer.
const TOLD: usize = 1_000;

/// The service of assets.
pub(super) struct Assets {
    pub(super) desk: Desk,
}

#[tonic::async_trait]
impl AssetService for Assets {
    async fn get_asset(
        &self,
        request: Request<v1::GetAssetRequest>,
    ) -> Result<Response<v1::GetAssetResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let found = self.desk.register(&caller).get(&request::get(request)?).await?;
        Ok(Response::new(v1::GetAssetResponse { asset: Some(asset_to(&found)) }))
    }

    async fn list_assets(
        &self,
        request: Request<v1::ListAssetsRequest>,
    ) -> Result<Response<v1::ListAssetsResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (which, after, size) = request::list(request)?;
        // One more than asked for tells whether there is a next page.
        let found = self.desk.register(&caller).list(which, after, size + 1).await?;
        let mut assets: Vec<_> = found.iter().map(asset_to).collect();
        let more = fit(&mut assets, size);
        let last = assets.last().filter(|_| more);
        let next_page_token = last.map(|it| behind_asset(&it.id)).unwrap_or_default();
        Ok(Response::new(v1::ListAssetsResponse { assets, next_page_token }))
    }

    async fn put_asset(
        &self,
        request: Request<v1::PutAssetRequest>,
    ) -> Result<Response<v1::PutAssetResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (request, new, guard) = request::put(request)?;
        let asset = self.desk.register(&caller).put(request.asked(), &new, guard).await?;
        Ok(Response::new(v1::PutAssetResponse { asset: Some(asset_to(&asset)) }))
    }

    async fn remove_asset(
        &self,
        request: Request<v1::RemoveAssetRequest>,
    ) -> Result<Response<v1::RemoveAssetResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (request, which, guard) = request::remove(request)?;
        let asset = self.desk.register(&caller).remove(request.asked(), &which, guard).await?;
        Ok(Response::new(v1::RemoveAssetResponse { asset: Some(asset_to(&asset)) }))
    }

    async fn list_asset_events(
        &self,
        request: Request<v1::ListAssetEventsRequest>,
    ) -> Result<Response<v1::ListAssetEventsResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (which, after, size) = request::events(request)?;
        let register = self.desk.register(&caller);
        let found = register.find(&which).await?.ok_or(crate::desk::fault::Fault::NotFound("asset"))?;
        let mut events = register.history(found.id, after, size + 1).await?;
        let more = fit(&mut events, size);
        let last = events.last().filter(|_| more);
        let next_page_token = last.map(|it| behind_event(it.position)).unwrap_or_default();
        Ok(Response::new(v1::ListAssetEventsResponse { events, next_page_token }))
    }

    async fn import_assets(
        &self,
        request: Request<v1::ImportAssetsRequest>,
    ) -> Result<Response<v1::ImportAssetsResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let dry_run = request.dry_run;
        let (request, list, missing) = request::import(request)?;
        let register = self.desk.register(&caller);
        if !dry_run && let Some(counts) = register.imported(request.asked()).await? {
            return Ok(Response::new(counts.told()));
        }
        let plan = register.plan(&list, missing).await?;
        if dry_run || !plan.faults.is_empty() {
            return Ok(Response::new(plan.told()));
        }
        let unknown_columns = plan.passed_over.clone();
        let counts = register.import(request.asked(), plan).await?;
        Ok(Response::new(v1::ImportAssetsResponse { unknown_columns, ..counts.told() }))
    }

    async fn assess_impact(
        &self,
        request: Request<v1::AssessImpactRequest>,
    ) -> Result<Response<v1::AssessImpactResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (down, vetoed) = request::assess(request)?;
        let found = self.desk.register(&caller).assess(&down, &vetoed, TOLD).await?;
        Ok(Response::new(assessed(found)))
    }

    async fn link_asset(
        &self,
        request: Request<v1::LinkAssetRequest>,
    ) -> Result<Response<v1::LinkAssetResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let ticket = self.desk.link_asset(&caller, request::link(request)?).await?;
        Ok(Response::new(v1::LinkAssetResponse { ticket: Some(ticket) }))
    }

    async fn unlink_asset(
        &self,
        request: Request<v1::UnlinkAssetRequest>,
    ) -> Result<Response<v1::UnlinkAssetResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let ticket = self.desk.link_asset(&caller, request::unlink(request)?).await?;
        Ok(Response::new(v1::UnlinkAssetResponse { ticket: Some(ticket) }))
    }

    async fn veto_asset(
        &self,
        request: Request<v1::VetoAssetRequest>,
    ) -> Result<Response<v1::VetoAssetResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let ticket = self.desk.link_asset(&caller, request::veto(request)?).await?;
        Ok(Response::new(v1::VetoAssetResponse { ticket: Some(ticket) }))
    }
}

fn assessed(found: Assessment) -> v1::AssessImpactResponse {
    let asset = |it: Suffers| v1::ImpactedAsset {
        id: it.id.to_string(),
        tag: it.tag,
        r#type: it.kind,
        name: it.name,
        criticality: criticality_to(it.criticality),
        path: it.path,
    };
    v1::AssessImpactResponse {
        assets: found.suffers.into_iter().map(asset).collect(),
        count: found.count as u64,
        criticality: criticality_to(found.criticality),
    }
}
