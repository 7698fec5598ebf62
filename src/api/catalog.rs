//! The catalogue: what the desk offers, who does the work, and by when.

mod answer;
mod request;

use tonic::{Request, Response, Status};

use self::answer::page;
use super::guard::admitted;
use crate::{
    desk::{Desk, fault::Fault, trial::fault_to},
    proto::{
        service::service_to,
        template::template_to,
        v1::{self, catalog_service_server::CatalogService},
    },
};

/// The catalogue service.
pub(super) struct Catalogs {
    pub(super) desk: Desk,
}

#[tonic::async_trait]
impl CatalogService for Catalogs {
    async fn get_catalog(
        &self,
        request: Request<v1::GetCatalogRequest>,
    ) -> Result<Response<v1::GetCatalogResponse>, Status> {
        let (caller, _, _seat) = admitted(request)?;
        let (version, files) = self.desk.catalog_files(&caller).await?;
        let files = files.into_iter().map(|(name, content)| v1::CatalogFile { name, content }).collect();
        Ok(Response::new(v1::GetCatalogResponse { version, files }))
    }

    async fn get_template(
        &self,
        request: Request<v1::GetTemplateRequest>,
    ) -> Result<Response<v1::GetTemplateResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (id, version) = (request::id("template", request.template)?, request.version);
        let catalog = self.desk.catalog(&caller);
        let template = match version {
            0 => catalog.template(&id).cloned(),
            version => self.desk.template_at(&caller, &id, version).await?,
        };
        let template = template.as_ref().map(template_to).ok_or(Fault::NotFound("template"))?;
        let is_current = catalog.template(&id).is_some_and(|it| it.version == template.version);
        let written = if is_current { self.desk.definition(&caller, &id).await? } else { None };
        let (file, definition) = written.unwrap_or_default();
        Ok(Response::new(v1::GetTemplateResponse { template: Some(template), definition, file }))
    }

    async fn list_templates(
        &self,
        request: Request<v1::ListTemplatesRequest>,
    ) -> Result<Response<v1::ListTemplatesResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (after, size) = request::list(&request.page_token, request.page_size)?;
        let catalog = self.desk.catalog(&caller);
        let (templates, next_page_token) = page(&catalog.templates, |it| &it.id, &after, size, template_to);
        Ok(Response::new(v1::ListTemplatesResponse { templates, next_page_token }))
    }

    async fn get_group(
        &self,
        request: Request<v1::GetGroupRequest>,
    ) -> Result<Response<v1::GetGroupResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (id, catalog) = (request::id("group", request.group)?, self.desk.catalog(&caller));
        let found = catalog.group(&id).ok_or(Fault::NotFound("group"))?;
        let group = Some(answer::group(&catalog, found));
        Ok(Response::new(v1::GetGroupResponse { group }))
    }

    async fn list_groups(
        &self,
        request: Request<v1::ListGroupsRequest>,
    ) -> Result<Response<v1::ListGroupsResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (after, size) = request::list(&request.page_token, request.page_size)?;
        let catalog = self.desk.catalog(&caller);
        let answer = |it: &_| answer::group(&catalog, it);
        let (groups, next_page_token) = page(&catalog.groups, |it| &it.id, &after, size, answer);
        Ok(Response::new(v1::ListGroupsResponse { groups, next_page_token }))
    }

    async fn get_agent(
        &self,
        request: Request<v1::GetAgentRequest>,
    ) -> Result<Response<v1::GetAgentResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (id, catalog) = (request::id("agent", request.agent)?, self.desk.catalog(&caller));
        let standing = self.desk.standing(&caller).await?;
        let found = catalog.agent(&id).ok_or(Fault::NotFound("agent"))?;
        let agent = Some(answer::agent(found, standing(found)));
        Ok(Response::new(v1::GetAgentResponse { agent }))
    }

    async fn list_agents(
        &self,
        request: Request<v1::ListAgentsRequest>,
    ) -> Result<Response<v1::ListAgentsResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (after, size) = request::list(&request.page_token, request.page_size)?;
        let (catalog, standing) = (self.desk.catalog(&caller), self.desk.standing(&caller).await?);
        let answer = |it: &_| answer::agent(it, standing(it));
        let (agents, next_page_token) = page(&catalog.agents, |it| &it.id, &after, size, answer);
        Ok(Response::new(v1::ListAgentsResponse { agents, next_page_token }))
    }

    async fn get_service(
        &self,
        request: Request<v1::GetServiceRequest>,
    ) -> Result<Response<v1::GetServiceResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (id, catalog) = (request::id("service", request.service)?, self.desk.catalog(&caller));
        let found = catalog.services.iter().find(|it| it.id == id).ok_or(Fault::NotFound("service"))?;
        let service = Some(service_to(found));
        Ok(Response::new(v1::GetServiceResponse { service }))
    }

    async fn list_services(
        &self,
        request: Request<v1::ListServicesRequest>,
    ) -> Result<Response<v1::ListServicesResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (after, size) = request::list(&request.page_token, request.page_size)?;
        let catalog = self.desk.catalog(&caller);
        let (services, next_page_token) = page(&catalog.services, |it| &it.id, &after, size, service_to);
        Ok(Response::new(v1::ListServicesResponse { services, next_page_token }))
    }

    async fn get_sla_policy(
        &self,
        request: Request<v1::GetSlaPolicyRequest>,
    ) -> Result<Response<v1::GetSlaPolicyResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (id, catalog) = (request::id("sla_policy", request.sla_policy)?, self.desk.catalog(&caller));
        let found = catalog.policies.iter().find(|it| it.id == id).ok_or(Fault::NotFound("SLA policy"))?;
        let sla_policy = Some(answer::policy(found));
        Ok(Response::new(v1::GetSlaPolicyResponse { sla_policy }))
    }

    async fn list_sla_policies(
        &self,
        request: Request<v1::ListSlaPoliciesRequest>,
    ) -> Result<Response<v1::ListSlaPoliciesResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (after, size) = request::list(&request.page_token, request.page_size)?;
        let catalog = self.desk.catalog(&caller);
        let (sla_policies, next_page_token) =
            page(&catalog.policies, |it| &it.id, &after, size, answer::policy);
        Ok(Response::new(v1::ListSlaPoliciesResponse { sla_policies, next_page_token }))
    }

    async fn get_calendar(
        &self,
        request: Request<v1::GetCalendarRequest>,
    ) -> Result<Response<v1::GetCalendarResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (id, catalog) = (request::id("calendar", request.calendar)?, self.desk.catalog(&caller));
        let found = catalog.hours(&id).ok_or(Fault::NotFound("calendar"))?;
        let calendar = Some(answer::calendar(found));
        Ok(Response::new(v1::GetCalendarResponse { calendar }))
    }

    async fn list_calendars(
        &self,
        request: Request<v1::ListCalendarsRequest>,
    ) -> Result<Response<v1::ListCalendarsResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (after, size) = request::list(&request.page_token, request.page_size)?;
        let catalog = self.desk.catalog(&caller);
        let (calendars, next_page_token) =
            page(&catalog.calendars, |it| &it.id, &after, size, answer::calendar);
        Ok(Response::new(v1::ListCalendarsResponse { calendars, next_page_token }))
    }

    async fn check_catalog(
        &self,
        request: Request<v1::CheckCatalogRequest>,
    ) -> Result<Response<v1::CheckCatalogResponse>, Status> {
        let (_, request, _seat) = admitted(request)?;
        let faults = self.desk.check_catalog(&request::check(request)?).await?;
        let faults = faults.into_iter().map(fault_to).collect();
        Ok(Response::new(v1::CheckCatalogResponse { faults }))
    }

    async fn apply_catalog(
        &self,
        request: Request<v1::ApplyCatalogRequest>,
    ) -> Result<Response<v1::ApplyCatalogResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (request, files) = request::apply(request)?;
        let version = self.desk.apply_catalog(&caller, request, files).await?;
        Ok(Response::new(v1::ApplyCatalogResponse { version }))
    }

    async fn try_template(
        &self,
        request: Request<v1::TryTemplateRequest>,
    ) -> Result<Response<v1::TryTemplateResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (files, question) = request::tried(request)?;
        Ok(Response::new(self.desk.try_template(&caller, files, question).await?))
    }

    async fn put_template(
        &self,
        request: Request<v1::PutTemplateRequest>,
    ) -> Result<Response<v1::PutTemplateResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (request, definition, expected) = request::put(request)?;
        let version = self.desk.put_template(&caller, &request, definition, expected).await?;
        Ok(Response::new(v1::PutTemplateResponse { version }))
    }

    async fn remove_template(
        &self,
        request: Request<v1::RemoveTemplateRequest>,
    ) -> Result<Response<v1::RemoveTemplateResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (request, template, expected) = request::remove(request)?;
        let version = self.desk.remove_template(&caller, &request, template, expected).await?;
        Ok(Response::new(v1::RemoveTemplateResponse { version }))
    }
}
