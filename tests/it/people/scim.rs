//! SCIM on the shipped program: what identity providers do, what they are told, and the conformance test.

use std::{path::Path, process::Command};

use reqwest::{Client, Method, Response};
use serde_json::{Value, json};
use ticket_dispatch::proto::v1::AgentDuty;

use super::stage::{Desk, settings_of_both, tokens};
use crate::parts::installed::{Part, program};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// An identity provider.
struct Provider {
    http: Client,
    base: String,
    token: Option<String>,
}

impl Provider {
    fn of(desk: &Desk, token: Option<String>) -> Self {
        let base = format!("http://127.0.0.1:{}/scim/v2", desk.app.http());
        // A refusal of what is too large closes its connection, which no later request may find in a pool.
        let http = Client::builder().pool_max_idle_per_host(0).build().unwrap();
        Self { http, base, token }
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Response {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/scim+json").body(body.to_string());
        }
        request.send().await.unwrap()
    }

    async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> (u16, Value) {
        let response = self.send(method, path, &[], body).await;
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or_default())
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        self.call(Method::GET, path, None).await
    }

    async fn create(&self, user: &Value) -> Value {
        let (status, made) = self.call(Method::POST, "/Users", Some(user)).await;
        assert_eq!(status, 201, "{made}");
        made
    }

    async fn patch(&self, id: &Value, operations: Value) -> (u16, Value) {
        let body =
            json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations });
        self.call(Method::PATCH, &format!("/Users/{}", id.as_str().unwrap()), Some(&body)).await
    }

    /// How many fit a filter.
    async fn count(&self, filter: &str) -> u64 {
        let query: String = filter.bytes().map(|it| format!("%{it:02X}")).collect();
        let (status, found) = self.get(&format!("/Users?count=0&filter={query}")).await;
        assert_eq!(status, 200, "{filter}: {found}");
        found["totalResults"].as_u64().unwrap()
    }
}

fn user(name: &str) -> Value {
    json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_is_created_read_changed_and_deleted_and_becomes_a_leaver() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings, "");
        let idp = Provider::of(&desk, None);
        let boss = idp.create(&user("boss")).await;
        let ada = json!({
            "userName": "ada", "externalId": "00u1", "displayName": "Ada", "active": "True", "nickName": "x",
            "name": { "givenName": "Ada", "familyName": "Lovelace" },
            "emails": [{ "value": "ada@example.com", "type": "work", "primary": true }],
            "addresses": [{ "type": "work", "formatted": "London" }],
            ENTERPRISE: { "department": "IT", "manager": { "value": boss["id"] } },
        });
        let made = idp.create(&ada).await;
        let id = made["id"].as_str().unwrap().to_owned();
        assert_eq!((made.get("nickName"), &made["active"]), (None, &json!(true)));
        assert_eq!(made[ENTERPRISE]["manager"]["value"], boss["id"]);
        let kept = desk.get("ada").await.unwrap();
        assert_eq!(
            (kept.location.as_str(), kept.department.as_str(), kept.id.as_str()),
            ("London", "IT", &*id)
        );
        let (status, again) = idp.call(Method::POST, "/Users", Some(&user("ADA"))).await;
        assert_eq!(
            (status, &again["scimType"], &again["status"]),
            (409, &json!("uniqueness"), &json!("409"))
        );

        // What a provider knows nothing of stays.
        let change = ticket_dispatch::proto::v1::Profile { vip: true, ..Default::default() };
        desk.update("ada", change, &["vip"]).await.unwrap();
        let path = format!("/Users/{id}");
        let (status, put) = idp.call(Method::PUT, &path, Some(&user("ada.l"))).await;
        assert_eq!((status, put.get("displayName")), (200, None), "{put}");
        let kept = desk.get(&id).await.unwrap();
        assert!(kept.vip, "{kept:?}");
        assert_eq!((kept.issuer.as_str(), kept.subject.as_str()), ("chat", "ada"), "who they are stays");

        let (status, it) =
            idp.patch(&made["id"], json!([{ "op": "Replace", "path": "active", "value": "False" }])).await;
        assert_eq!((status, &it["active"]), (200, &json!(false)));
        assert_eq!(desk.agent("ada").await.duty(), AgentDuty::OnShift, "no agent has that name now");
        idp.patch(&made["id"], json!([{ "op": "replace", "value": { "userName": "ada" } }])).await;
        assert_eq!(desk.agent("ada").await.duty(), AgentDuty::Left);
        assert!(desk.open("ada", None).await.is_err());

        let response = idp.send(Method::DELETE, &path, &[], None).await;
        assert_eq!(response.status(), 204);
        assert_eq!(idp.get(&path).await.0, 404);
        assert_eq!(idp.count("userName eq \"ada\"").await, 0);
        let shown = desk.command(&["people", "show", &id, "--json"]);
        let shown: Value = serde_json::from_slice(&shown.stdout).unwrap();
        assert_eq!((&shown["removed"], &shown["active"]), (&json!(true), &json!(false)), "the entry stays");
        let back = idp.create(&ada).await;
        assert_eq!(back["id"], json!(id), "the same person");
        assert_eq!(desk.agent("ada").await.duty(), AgentDuty::OnShift);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn filters_and_pages_find_people() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings, "");
        let idp = Provider::of(&desk, None);
        for it in 0..7 {
            let mut one = user(&format!("p{it}@example.com"));
            one["externalId"] = json!(format!("X{it}"));
            one["active"] = json!(it % 2 == 0);
            one["emails"] = json!([{ "value": format!("p{it}@work.example"), "type": "work" }]);
            one[ENTERPRISE] = json!({ "department": if it < 3 { "Sales" } else { "HR" } });
            idp.create(&one).await;
        }
        for (filter, count) in [
            ("userName eq \"P3@Example.com\"".to_owned(), 1),
            ("externalId eq \"X2\"".to_owned(), 1),
            ("externalId eq \"x2\"".to_owned(), 0),
            ("userName sw \"p\" and active eq true".to_owned(), 4),
            ("not (active eq true) or userName eq \"p0@example.com\"".to_owned(), 4),
            ("emails[type eq \"work\" and value co \"p5\"]".to_owned(), 1),
            (format!("{ENTERPRISE}:department eq \"sales\""), 3),
            ("title pr".to_owned(), 0),
            ("meta.lastModified gt \"2020-01-01T00:00:00Z\"".to_owned(), 7),
        ] {
            assert_eq!(idp.count(&filter).await, count, "{filter}");
        }
        let mut seen = std::collections::BTreeSet::new();
        for start in [1, 4, 7, 10] {
            let (_, page) = idp.get(&format!("/Users?startIndex={start}&count=3&attributes=userName")).await;
            assert_eq!((&page["totalResults"], &page["startIndex"]), (&json!(7), &json!(start)));
            for it in page["Resources"].as_array().unwrap() {
                assert!(it.get("active").is_none() && seen.insert(it["userName"].to_string()), "{it}");
            }
        }
        assert_eq!(seen.len(), 7);
        let search = json!({ "filter": "active eq true", "startIndex": 2, "count": 2 });
        let (_, page) = idp.call(Method::POST, "/Users/.search", Some(&search)).await;
        assert_eq!((&page["totalResults"], &page["itemsPerPage"]), (&json!(4), &json!(2)));
        let (status, wrong) = idp.get("/Users?filter=userName%20is%20%22x%22").await;
        assert_eq!((status, &wrong["scimType"]), (400, &json!("invalidFilter")));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_version_guards_against_who_was_faster() {
    let desk = Desk::start(Default::default(), "");
    let idp = Provider::of(&desk, None);
    let made = idp.create(&user("ada")).await;
    let path = format!("/Users/{}", made["id"].as_str().unwrap());
    let response = idp.send(Method::GET, &path, &[], None).await;
    let tag = response.headers()["etag"].to_str().unwrap().to_owned();
    assert_eq!(tag, made["meta"]["version"].as_str().unwrap());
    assert_eq!(idp.send(Method::GET, &path, &[("if-none-match", &tag)], None).await.status(), 304);
    let mut other = user("ada");
    other["title"] = json!("Boss");
    assert_eq!(idp.send(Method::PUT, &path, &[("if-match", &tag)], Some(&other)).await.status(), 200);
    for method in [Method::PUT, Method::PATCH, Method::DELETE] {
        let body = json!({ "userName": "ada", "Operations": [{ "op": "remove", "path": "title" }] });
        assert_eq!(idp.send(method, &path, &[("if-match", &tag)], Some(&body)).await.status(), 412);
    }
    assert_eq!(desk.get("ada").await.unwrap().title, "Boss");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_not_and_what_cannot_be_are_told_apart() {
    let desk = Desk::start(tokens(), "");
    let none = Provider::of(&desk, None);
    let response = none.send(Method::GET, "/Users", &[], None).await;
    assert_eq!(response.status(), 401);
    assert!(response.headers().contains_key("www-authenticate"));
    assert_eq!(Provider::of(&desk, Some("dsp_nonsense".into())).get("/Users").await.0, 401);
    let agent = Provider::of(&desk, Some(desk.app.token("default", "agent")));
    assert_eq!(agent.get("/Users").await.0, 403);

    let idp = Provider::of(&desk, Some(desk.app.token("default", "directory")));
    let made = idp.create(&user("ada")).await;
    let path = format!("/Users/{}", made["id"].as_str().unwrap());
    let other = Provider::of(&desk, Some(desk.app.token("other", "directory")));
    assert_eq!(other.get(&path).await.0, 404, "another tenant's");
    let unknown = format!("/Users/ppl_{}", "0".repeat(32));
    let manager = json!({ "userName": "bo", ENTERPRISE: { "manager": { "value": "nobody" } } });
    let own = json!({ "userName": "ada", ENTERPRISE: { "manager": { "value": made["id"] } } });
    let large = json!({ "userName": "x".repeat(2 * 1024 * 1024) });
    for (method, path, body, status) in [
        (Method::GET, unknown.as_str(), None, 404),
        (Method::GET, "/Users/ada", None, 404),
        (Method::GET, "/Nonsense", None, 404),
        (Method::POST, "/Users", Some(json!({})), 400),
        (Method::POST, "/Users", Some(json!([1])), 400),
        (Method::POST, "/Users", Some(json!({ "userName": "bo", "emails": [{ "value": "no" }] })), 400),
        (Method::POST, "/Users", Some(json!({ "userName": 7 })), 400),
        (Method::POST, "/Users", Some(manager), 400),
        (Method::PUT, &path, Some(own), 400),
        (Method::PUT, &unknown, Some(user("x")), 404),
        (Method::DELETE, &unknown, None, 404),
        (Method::POST, &path, None, 405),
        (Method::POST, "/Users", Some(large), 413),
        (Method::POST, "/Groups", Some(json!({ "displayName": "x" })), 403),
        (Method::POST, "/Bulk", Some(json!({})), 501),
    ] {
        let (found, fault) = idp.call(method.clone(), path, body.as_ref()).await;
        assert_eq!(found, status, "{method} {path}: {fault}");
        let schema = "urn:ietf:params:scim:api:messages:2.0:Error";
        assert_eq!((&fault["schemas"][0], &fault["status"]), (&json!(schema), &json!(status.to_string())));
        assert!(!fault["detail"].as_str().unwrap().is_empty());
    }
    let (_, groups) = idp.get("/Groups?filter=displayName%20eq%20%22Network%22").await;
    assert_eq!((&groups["totalResults"], &groups["Resources"][0]["id"]), (&json!(1), &json!("network")));
    assert_eq!(groups["Resources"][0]["members"][0]["value"], made["id"]);
    assert_eq!(idp.get("/Groups/network").await.0, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_conformance_test_finds_nothing() {
    if Part::PythonScim.is_missing() {
        return;
    }
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings, "");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/python/scim.py");
        let mut command = Command::new(program("python-with-scim"));
        command.arg(script).arg(format!("http://127.0.0.1:{}/scim/v2", desk.app.http()));
        let output = command.env("PYTHONDONTWRITEBYTECODE", "1").output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    }
}
