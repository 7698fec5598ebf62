//! SCIM 2.0 under `/scim/v2` (RFC 7643, RFC 7644): identity providers keep the directory of people. Users are its
//! entries; groups are those of the catalogue, and read-only. Taking a user out makes them a leaver; their entry and its
//! history stay.

mod discovery;
mod fault;
mod filter;
mod patch;
mod query;
mod resource;
mod schema;

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
    routing::any,
};
use serde_json::{Value, json};

use self::{
    fault::{Fault, answer},
    query::Query,
    resource::{details, etag, group, user, written},
    schema::{GROUPS, USERS},
};
use crate::{
    desk::{
        Desk,
        people::{Asked, Directory, Guard, NewPerson, PersonRef, Which, new_request},
    },
    domain::{
        people::{Caller, Role},
        profile::Profile,
    },
};

/// Most bytes of a body.
const BODY: usize = 1024 * 1024;
/// Entries read at once while a filter looks through all.
const PAGE: u32 = 1_000;
/// Where all of it is.
const ROOT: &str = "/scim/v2";

/// What SCIM is served from.
#[derive(Debug, Clone)]
pub struct Scim {
    /// The desk.
    pub desk: Desk,
    /// Whose every call is, if callers are not told apart.
    pub open: Option<Caller>,
}

pub(super) fn router(scim: Scim) -> Router {
    let rest = format!("{ROOT}/{{*rest}}");
    Router::new().route(ROOT, any(serve)).route(&rest, any(serve)).with_state(scim)
}

async fn serve(State(scim): State<Scim>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    scim.answer(&parts, body).await.unwrap_or_else(IntoResponse::into_response)
}

/// One call, once it is known who calls.
struct Call<'a> {
    directory: Directory,
    parts: &'a Parts,
    /// Where the service is, as the client calls it.
    base: String,
}

impl Scim {
    async fn answer(&self, parts: &Parts, body: Body) -> Result<Response, Fault> {
        let caller = self.caller(&parts.headers).await?;
        let call = Call { directory: self.desk.directory(&caller), parts, base: base(&parts.headers) };
        let path = parts.uri.path().strip_prefix(ROOT).unwrap_or_default();
        let path: Vec<&str> = path.split('/').filter(|it| !it.is_empty()).collect();
        let method = &parts.method;
        match (method, path.as_slice()) {
            (_, ["ServiceProviderConfig" | "ResourceTypes" | "Schemas", ..]) => call.discovery(&path),
            (&Method::GET, ["Users"]) => call.users(Query::read(call.query(), USERS)?).await,
            (&Method::POST, ["Users"]) => call.create(&json_of(body).await?).await,
            // All that is kept here are users.
            (&Method::POST, [".search"] | ["Users", ".search"]) => {
                call.users(Query::search(&json_of(body).await?, USERS)?).await
            }
            (&Method::GET, ["Users", id]) => call.show(id).await,
            (&Method::PUT, ["Users", id]) => call.replace(id, &json_of(body).await?).await,
            (&Method::PATCH, ["Users", id]) => call.patch(id, &json_of(body).await?).await,
            (&Method::DELETE, ["Users", id]) => call.remove(id).await,
            (&Method::GET, ["Groups"]) => call.groups().await,
            (&Method::GET, ["Groups", id]) => call.group(id).await,
            (_, ["Groups"] | ["Groups", _]) => {
                Err(Fault::new(StatusCode::FORBIDDEN, "groups are those of the catalogue, and read-only"))
            }
            (_, ["Users"] | ["Users", _]) => Err(not_allowed()),
            (_, ["Me", ..]) | (_, ["Bulk"]) => {
                Err(Fault::new(StatusCode::NOT_IMPLEMENTED, "is not offered; see ServiceProviderConfig"))
            }
            _ => Err(Fault::not_found()),
        }
    }

    async fn caller(&self, headers: &HeaderMap) -> Result<Caller, Fault> {
        if let Some(caller) = &self.open {
            return Ok(caller.clone());
        }
        let none = || Fault::new(StatusCode::UNAUTHORIZED, "send an API token as `Authorization: Bearer …`");
        let value = headers.get(header::AUTHORIZATION).and_then(|it| it.to_str().ok()).ok_or_else(none)?;
        let (scheme, token) = value.split_once(' ').ok_or_else(none)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(none());
        }
        let unknown = || Fault::new(StatusCode::UNAUTHORIZED, "this API token is not valid, or no longer");
        let caller = self.desk.caller(token.trim()).await?.ok_or_else(unknown)?;
        if caller.has(&[Role::Directory, Role::Admin]) {
            return Ok(caller);
        }
        Err(Fault::new(StatusCode::FORBIDDEN, "this needs a token of the role directory or admin"))
    }
}

impl Call<'_> {
    fn query(&self) -> &str {
        self.parts.uri.query().unwrap_or_default()
    }

    fn discovery(&self, path: &[&str]) -> Result<Response, Fault> {
        if self.parts.method != Method::GET {
            return Err(not_allowed());
        }
        if self.query().split('&').any(|it| it.starts_with("filter=")) {
            return Err(Fault::new(StatusCode::FORBIDDEN, "what the service is cannot be filtered"));
        }
        let body = match path {
            ["ServiceProviderConfig"] => discovery::config(&self.base),
            ["ResourceTypes"] => all(discovery::resource_types(&self.base)),
            ["ResourceTypes", id] => discovery::one(discovery::resource_types(&self.base), id)?,
            ["Schemas"] => all(discovery::schemas(&self.base)),
            ["Schemas", id] => discovery::one(discovery::schemas(&self.base), id)?,
            _ => return Err(Fault::not_found()),
        };
        Ok(answer(StatusCode::OK, &body))
    }

    async fn users(&self, query: Query) -> Result<Response, Fault> {
        let (found, total) = match &query.filter {
            None => {
                let count = u32::try_from(query.count).unwrap_or(u32::MAX);
                let page = self.directory.page(query.start - 1, count).await?;
                (page.iter().map(|it| user(it, &self.base)).collect(), self.directory.count().await?)
            }
            Some(filter) => self.matching(filter, &query).await?,
        };
        Ok(answer(StatusCode::OK, &list(found, total, &query)))
    }

    /// The page of those who fit a filter, and how many they are.
    async fn matching(&self, filter: &filter::Filter, query: &Query) -> Result<(Vec<Value>, u64), Fault> {
        let mut page = vec![];
        let mut total = 0;
        let mut take = |people: Vec<Profile>| {
            for it in people {
                let resource = user(&it, &self.base);
                if filter.fits(&resource) {
                    total += 1;
                    if query.start <= total && (page.len() as u64) < query.count {
                        page.push(resource);
                    }
                }
            }
        };
        if let Some(named) = filter.must_be("id") {
            take(self.directory.get(&PersonRef::parse(named)).await.ok().into_iter().collect());
        } else if let Some(name) = filter.must_be("userName") {
            let found = self.directory.find(&PersonRef::UserName(name.trim().to_lowercase())).await?;
            take(found.into_iter().collect());
        } else {
            let which =
                Which { external_id: filter.must_be("externalId").map(str::to_owned), ..Which::default() };
            let mut after = None;
            loop {
                let people = self.directory.list(which.clone(), after, PAGE).await?;
                let is_last = people.len() < PAGE as usize;
                after = people.last().map(|it| it.id);
                take(people);
                if is_last {
                    break;
                }
            }
        }
        Ok((page, total))
    }

    async fn found(&self, id: &str) -> Result<Profile, Fault> {
        match PersonRef::parse(id) {
            PersonRef::Id(id) => Ok(self.directory.get(&PersonRef::Id(id)).await?),
            PersonRef::UserName(_) => Err(Fault::not_found()),
        }
    }

    async fn show(&self, id: &str) -> Result<Response, Fault> {
        let found = self.found(id).await?;
        let query = Query::read(self.query(), USERS)?;
        let known = self.parts.headers.get(header::IF_NONE_MATCH).and_then(|it| it.to_str().ok());
        if known.is_some_and(|it| names(it, found.version)) {
            return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, etag(found.version))]).into_response());
        }
        Ok(self.one(StatusCode::OK, &found, &query))
    }

    async fn create(&self, body: &Value) -> Result<Response, Fault> {
        let (details, manager) = details(&written(body, USERS)?, None)?;
        let new = NewPerson { details, manager, ..NewPerson::default() };
        let request = new_request();
        let asked = Asked { request: &request, content: request.as_bytes() };
        let person = self.directory.put(asked, new, Guard::New).await?;
        Ok(self.one(StatusCode::CREATED, &person, &Query::read(self.query(), USERS)?))
    }

    async fn replace(&self, id: &str, body: &Value) -> Result<Response, Fault> {
        let resource = written(body, USERS)?;
        self.write(id, |before| details(&resource, Some(&before.details))).await
    }

    async fn patch(&self, id: &str, body: &Value) -> Result<Response, Fault> {
        self.write(id, |before| {
            let now = written(&user(before, &self.base), USERS)?;
            details(&patch::patched(now, body, USERS)?, Some(&before.details))
        })
        .await
    }

    /// Writes what becomes of a user; decided again if somebody was faster and the client does not mind.
    async fn write(
        &self,
        id: &str,
        becomes: impl Fn(&Profile) -> Result<(crate::domain::profile::Details, Option<PersonRef>), Fault>,
    ) -> Result<Response, Fault> {
        let query = Query::read(self.query(), USERS)?;
        for _ in 0..5 {
            let before = self.found(id).await?;
            self.expect(&before)?;
            let (mut details, manager) = becomes(&before)?;
            if let Some(PersonRef::Id(manager)) = manager {
                details.manager = Some(manager);
            }
            let request = new_request();
            let asked = Asked { request: &request, content: request.as_bytes() };
            let guard = Guard::Version(before.version);
            match self.directory.replace(asked, &before, details, guard).await {
                Ok(person) => return Ok(self.one(StatusCode::OK, &person, &query)),
                Err(crate::desk::fault::Fault::Stale { .. }) => {}
                Err(fault) => return Err(fault.into()),
            }
        }
        Err(Fault::new(StatusCode::CONFLICT, "somebody else changes this user all the time; try again"))
    }

    async fn remove(&self, id: &str) -> Result<Response, Fault> {
        let before = self.found(id).await?;
        self.expect(&before)?;
        let request = new_request();
        let asked = Asked { request: &request, content: request.as_bytes() };
        let is_guarded = self.parts.headers.contains_key(header::IF_MATCH);
        let guard = if is_guarded { Guard::Version(before.version) } else { Guard::Any };
        match self.directory.leave(asked, &before, true, guard).await {
            Err(crate::desk::fault::Fault::Stale { .. }) => {
                let problem = "somebody else has changed this user meanwhile";
                return Err(Fault::new(StatusCode::PRECONDITION_FAILED, problem));
            }
            left => drop(left?),
        }
        Ok(StatusCode::NO_CONTENT.into_response())
    }

    /// Whether a resource has the version that the client asks for.
    fn expect(&self, it: &Profile) -> Result<(), Fault> {
        let expected = self.parts.headers.get(header::IF_MATCH).and_then(|it| it.to_str().ok());
        match expected {
            Some(expected) if !names(expected, it.version) => {
                let now = etag(it.version);
                Err(Fault::new(StatusCode::PRECONDITION_FAILED, format!("the version is {now} by now")))
            }
            Some(_) | None => Ok(()),
        }
    }

    fn one(&self, status: StatusCode, it: &Profile, query: &Query) -> Response {
        let resource = user(it, &self.base);
        let location = resource["meta"]["location"].as_str().unwrap_or_default().to_owned();
        let mut response = answer(status, &query.shown(resource));
        let headers = [(header::ETAG, etag(it.version)), (header::LOCATION, location)];
        for (name, value) in headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }

    async fn groups(&self) -> Result<Response, Fault> {
        let query = Query::read(self.query(), GROUPS)?;
        let groups = self.directory.groups().await?;
        let groups = groups.iter().map(|(id, name, members)| group(id, name, members, &self.base));
        let fits = |it: &Value| query.filter.as_ref().is_none_or(|filter| filter.fits(it));
        let found: Vec<Value> = groups.filter(fits).collect();
        let total = found.len() as u64;
        let skip = usize::try_from(query.start - 1).unwrap_or(usize::MAX);
        let count = usize::try_from(query.count).unwrap_or(usize::MAX);
        let page = found.into_iter().skip(skip).take(count).collect();
        Ok(answer(StatusCode::OK, &list(page, total, &query)))
    }

    async fn group(&self, id: &str) -> Result<Response, Fault> {
        let query = Query::read(self.query(), GROUPS)?;
        let groups = self.directory.groups().await?;
        let (id, name, members) = groups.iter().find(|it| it.0 == id).ok_or_else(Fault::not_found)?;
        Ok(answer(StatusCode::OK, &query.shown(group(id, name, members, &self.base))))
    }
}

fn not_allowed() -> Fault {
    Fault::new(StatusCode::METHOD_NOT_ALLOWED, "this cannot be done with it")
}

/// Whether a list of entity tags names a version.
fn names(tags: &str, version: u64) -> bool {
    let plain = |it: &str| it.trim().trim_start_matches("W/").trim_matches('"').to_owned();
    tags.split(',').map(plain).any(|it| it == "*" || it == version.to_string())
}

fn list(page: Vec<Value>, total: u64, query: &Query) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": total,
        "startIndex": query.start,
        "itemsPerPage": page.len(),
        "Resources": page.into_iter().map(|it| query.shown(it)).collect::<Vec<_>>(),
    })
}

fn all(resources: Vec<Value>) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": resources.len(),
        "startIndex": 1,
        "itemsPerPage": resources.len(),
        "Resources": resources,
    })
}

async fn json_of(body: Body) -> Result<Value, Fault> {
    let large = |_| {
        Fault::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("the body has more than {BODY} bytes, or broke off"),
        )
    };
    let bytes = axum::body::to_bytes(body, BODY).await.map_err(large)?;
    serde_json::from_slice(&bytes).map_err(|it| Fault::syntax(format!("the body is no JSON: {it}")))
}

/// Where the service is, as the client calls it.
fn base(headers: &HeaderMap) -> String {
    let text = |name: &str| headers.get(name).and_then(|it| it.to_str().ok());
    let scheme = text("x-forwarded-proto").filter(|it| *it == "https").unwrap_or("http");
    format!("{scheme}://{}{ROOT}", text("host").unwrap_or("localhost"))
}
