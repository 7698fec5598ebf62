//! The catalogue: what the desk offers, who does the work, and by when.

mod answer;

use std::collections::HashSet;

use tonic::{Request, Response, Status};

use self::answer::page;
use super::{guard::admitted, parse::Checks};
use crate::{
    desk::{Desk, fault::Fault},
    proto::v1::{self, catalog_service_server::CatalogService},
};

/// Most files of a catalogue.
const MOST_FILES: usize = 64;

/// Names and contents of files.
type Files = Vec<(String, String)>;

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
        let (id, catalog) = (parse_id(request)?, self.desk.catalog(&caller));
        let template = catalog.template(&id).map(answer::template).ok_or(Fault::NotFound("template"))?;
        Ok(Response::new(v1::GetTemplateResponse { template: Some(template) }))
    }

    async fn list_templates(
        &self,
        request: Request<v1::ListTemplatesRequest>,
    ) -> Result<Response<v1::ListTemplatesResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (after, size) = parse_page(&request.page_token, request.page_size)?;
        let catalog = self.desk.catalog(&caller);
        let (templates, next_page_token) =
            page(&catalog.templates, |it| &it.id, &after, size, answer::template);
        Ok(Response::new(v1::ListTemplatesResponse { templates, next_page_token }))
    }

    async fn list_groups(
        &self,
        request: Request<v1::ListGroupsRequest>,
    ) -> Result<Response<v1::ListGroupsResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (after, size) = parse_page(&request.page_token, request.page_size)?;
        let catalog = self.desk.catalog(&caller);
        let answer = |it: &_| answer::group(&catalog, it);
        let (groups, next_page_token) = page(&catalog.groups, |it| &it.id, &after, size, answer);
        Ok(Response::new(v1::ListGroupsResponse { groups, next_page_token }))
    }

    async fn list_agents(
        &self,
        request: Request<v1::ListAgentsRequest>,
    ) -> Result<Response<v1::ListAgentsResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (after, size) = parse_page(&request.page_token, request.page_size)?;
        let (catalog, loads) = (self.desk.catalog(&caller), self.desk.loads(&caller).await?);
        let answer = |it: &_| answer::agent(&loads, it);
        let (agents, next_page_token) = page(&catalog.agents, |it| &it.id, &after, size, answer);
        Ok(Response::new(v1::ListAgentsResponse { agents, next_page_token }))
    }

    async fn list_services(
        &self,
        request: Request<v1::ListServicesRequest>,
    ) -> Result<Response<v1::ListServicesResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (after, size) = parse_page(&request.page_token, request.page_size)?;
        let catalog = self.desk.catalog(&caller);
        let (services, next_page_token) = page(&catalog.services, |it| &it.id, &after, size, answer::service);
        Ok(Response::new(v1::ListServicesResponse { services, next_page_token }))
    }

    async fn list_sla_policies(
        &self,
        request: Request<v1::ListSlaPoliciesRequest>,
    ) -> Result<Response<v1::ListSlaPoliciesResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (after, size) = parse_page(&request.page_token, request.page_size)?;
        let catalog = self.desk.catalog(&caller);
        let (sla_policies, next_page_token) =
            page(&catalog.policies, |it| &it.id, &after, size, answer::policy);
        Ok(Response::new(v1::ListSlaPoliciesResponse { sla_policies, next_page_token }))
    }

    async fn list_calendars(
        &self,
        request: Request<v1::ListCalendarsRequest>,
    ) -> Result<Response<v1::ListCalendarsResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (after, size) = parse_page(&request.page_token, request.page_size)?;
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
        let faults = self.desk.check_catalog(&parse_check(request)?);
        let faults = faults.into_iter().map(answer::fault).collect();
        Ok(Response::new(v1::CheckCatalogResponse { faults }))
    }

    async fn apply_catalog(
        &self,
        request: Request<v1::ApplyCatalogRequest>,
    ) -> Result<Response<v1::ApplyCatalogResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (request, files) = parse_apply(request)?;
        let version = self.desk.apply_catalog(&caller, request, files).await?;
        Ok(Response::new(v1::ApplyCatalogResponse { version }))
    }
}

fn parse_id(raw: v1::GetTemplateRequest) -> Result<String, Fault> {
    let mut checks = Checks::default();
    let id = checks.id("template", raw.template);
    checks.done(id)
}

/// Behind which id, and how many.
fn parse_page(token: &str, size: i32) -> Result<(String, u32), Fault> {
    let mut checks = Checks::default();
    let page = (checks.after_name(token), checks.page_size(size));
    checks.done(page)
}

fn parse_check(raw: v1::CheckCatalogRequest) -> Result<Files, Fault> {
    let mut checks = Checks::default();
    let files = files(&mut checks, raw.files);
    checks.done(files)
}

fn parse_apply(raw: v1::ApplyCatalogRequest) -> Result<(String, Files), Fault> {
    let mut checks = Checks::default();
    let catalog = (checks.id("request_id", raw.request_id), files(&mut checks, raw.files));
    checks.done(catalog)
}

fn files(checks: &mut Checks, raw: Vec<v1::CatalogFile>) -> Files {
    if !(1..=MOST_FILES).contains(&raw.len()) {
        checks.wrong("files", format!("has {} files; a catalogue has 1 to {MOST_FILES}", raw.len()));
        return vec![];
    }
    let mut seen = HashSet::new();
    let mut files = Files::new();
    for (index, it) in raw.into_iter().enumerate() {
        let path = format!("files[{index}].name");
        if !seen.insert(it.name.clone()) {
            checks.wrong(&path, "was given before; give each file once");
        }
        files.push((checks.id(&path, it.name), it.content));
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_have_names_and_each_comes_once() {
        let file = |name: &str| v1::CatalogFile { name: name.to_owned(), content: String::new() };
        let of = |files| match parse_check(v1::CheckCatalogRequest { files }) {
            Err(Fault::Malformed(it)) => it.into_iter().map(|it| it.field).collect(),
            Ok(_) | Err(_) => vec![],
        };
        assert_eq!(of(vec![file("a.yaml"), file(""), file("a.yaml")]), ["files[1].name", "files[2].name"]);
        assert_eq!(of(vec![]), ["files"]);
        assert_eq!(of(vec![file("a.yaml")]), [""; 0]);
    }
}
