//! Where the models are that a command works on.

use super::Failure;
use crate::{
    app::{Folder, StartError, idle_desk},
    client::{self, Client},
    clock,
    config::{self, Config},
    desk::Desk,
    domain::people::{Caller, Tenant},
    model::registry::journal::Shadow,
    proto::v1,
};

/// Where the models are.
pub(super) enum Place {
    /// In a data folder that is ours for the moment.
    Here { desk: Box<Desk>, caller: Caller, _folder: Folder },
    /// With a running server.
    There(Client),
}

use Place::{Here, There};

impl Place {
    pub(super) async fn here(config: &Config, tenant: Tenant) -> Result<Self, Failure> {
        let opened = idle_desk(config, &tenant, &mut |_| ()).await;
        let held = |it: &StartError| matches!(it, StartError::Held { .. });
        let why = |it| if held(&it) { Failure::Held(it) } else { Failure::Start(it) };
        let (desk, folder) = opened.map_err(why)?;
        Ok(Here { desk: Box::new(desk), caller: Caller::system(tenant, "models"), _folder: folder })
    }

    pub(super) fn there(url: &str, token: Option<&str>) -> Result<Self, Failure> {
        let token = token.map(str::to_owned).or_else(config::token);
        Ok(There(Client::new(&client::url(url), token.as_deref())?))
    }

    pub(super) async fn list(&self) -> Result<v1::ListModelsResponse, Failure> {
        let client = match self {
            Here { desk, caller, .. } => return Ok(desk.models(caller).await?),
            There(client) => client,
        };
        let mut all = v1::ListModelsResponse::default();
        loop {
            let page_token = std::mem::take(&mut all.next_page_token);
            let request = v1::ListModelsRequest { page_size: 0, page_token };
            let page = client.models().list_models(request).await.map_err(client::Fault::from)?.into_inner();
            all.models.extend(page.models);
            all.skipped.extend(page.skipped);
            all.history.extend(page.history);
            if page.next_page_token.is_empty() {
                return Ok(all);
            }
            all.next_page_token = page.next_page_token;
        }
    }

    pub(super) async fn promote(&self, model: String) -> Result<v1::Model, Failure> {
        let request_id = clock::new_id();
        match self {
            Here { desk, caller, .. } => Ok(desk.promote_model(caller, request_id, model).await?),
            There(client) => {
                let request = v1::PromoteModelRequest { request_id, model };
                let answer = client.models().promote_model(request).await.map_err(client::Fault::from)?;
                Ok(answer.into_inner().model.unwrap_or_default())
            }
        }
    }

    pub(super) async fn roll_back(&self) -> Result<v1::Model, Failure> {
        let request_id = clock::new_id();
        match self {
            Here { desk, caller, .. } => Ok(desk.roll_back_model(caller, request_id).await?),
            There(client) => {
                let request = v1::RollBackModelRequest { request_id };
                let answer = client.models().roll_back_model(request).await.map_err(client::Fault::from)?;
                Ok(answer.into_inner().model.unwrap_or_default())
            }
        }
    }

    /// Sets the shadow, or ends it if there is no version.
    pub(super) async fn shadow(
        &self,
        version: Option<String>,
        percent: u8,
    ) -> Result<Option<v1::Model>, Failure> {
        let request_id = clock::new_id();
        match self {
            Here { desk, caller, .. } => {
                let shadow = version.map(|model| Shadow { model, percent });
                Ok(desk.set_shadow(caller, request_id, shadow).await?)
            }
            There(client) => {
                let (model, percent) = (version.unwrap_or_default(), i32::from(percent));
                let request = v1::SetShadowRequest { request_id, model, percent };
                let answer = client.models().set_shadow(request).await.map_err(client::Fault::from)?;
                Ok(answer.into_inner().model)
            }
        }
    }

    pub(super) async fn compare(&self) -> Result<v1::GetShadowStatisticsResponse, Failure> {
        let There(client) = self else { return Err(Failure::NobodyCompares) };
        let asked = client.models().get_shadow_statistics(v1::GetShadowStatisticsRequest {}).await;
        Ok(asked.map_err(client::Fault::from)?.into_inner())
    }
}
