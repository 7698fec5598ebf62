//! JSON over HTTP, with what each refusal means to whoever delivers. It follows no redirect, asks no
//! proxy, waits for nobody longer than its time-out, reads no endless answer, and never shows its
//! credential.

pub mod verdict;

use std::time::Duration;

use reqwest::{
    Client, Method, RequestBuilder, Url,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER},
    redirect::Policy,
};
use serde_json::Value;

use self::verdict::Refused;
use super::{
    STILL_AT_WORK, Undelivered,
    settings::{BadSink, SinkSettings},
};

/// A slow store answers within this, or its answer counts as unknown.
const PATIENCE: Duration = Duration::from_secs(20);
/// No answer that we ask for comes near this.
const LONGEST: usize = 4 << 20;

/// One store's HTTP interface.
#[derive(Debug)]
pub struct Rest {
    client: Client,
    root: Url,
}

impl Rest {
    /// An interface below `path` of the store's URL; `authorization` goes with every request.
    pub fn new(settings: &SinkSettings, path: &str, authorization: &str) -> Result<Self, BadSink> {
        let root = root(settings, path)?;
        let mut authorization = HeaderValue::from_str(authorization)
            .map_err(|_| settings.bad("token", "it has characters that no HTTP header may carry"))?;
        authorization.set_sensitive(true);
        let client = Client::builder()
            .default_headers(HeaderMap::from_iter([(AUTHORIZATION, authorization)]))
            .user_agent(concat!("ticket-dispatch/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .no_proxy()
            .connect_timeout(Duration::from_secs(5))
            .timeout(PATIENCE)
            .build()
            .map_err(|it| settings.bad("url", format!("no HTTP client can be made: {it}")))?;
        Ok(Self { client, root })
    }

    /// Reads; the last parts are the query.
    pub async fn get(&self, path: &[&str], query: &[(&str, &str)]) -> Result<Value, Undelivered> {
        self.send(Method::GET, path, query, None).await
    }

    /// Makes something.
    pub async fn post(&self, path: &[&str], body: &Value) -> Result<Value, Undelivered> {
        self.send(Method::POST, path, &[], Some(body)).await
    }

    /// Changes something.
    pub async fn put(&self, path: &[&str], body: &Value) -> Result<Value, Undelivered> {
        self.send(Method::PUT, path, &[], Some(body)).await
    }

    async fn send(
        &self,
        method: Method,
        path: &[&str],
        query: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Value, Undelivered> {
        let is_reading = method == Method::GET;
        let (what, request) = self.request(method, path, query, body);
        let unknown = |it: reqwest::Error| {
            let undelivered = unanswered(&what, &it);
            if is_reading || it.is_connect() { undelivered } else { patient(undelivered) }
        };
        let response = request.send().await.map_err(unknown)?;
        let status = response.status().as_u16();
        let wait = response.headers().get(RETRY_AFTER).and_then(seconds);
        let kind = response.headers().get(CONTENT_TYPE).and_then(|it| it.to_str().ok()).unwrap_or("");
        let kind = kind.to_owned();
        let bytes = all_of(response).await.map_err(unknown)?;
        let json = serde_json::from_slice(&bytes).ok();
        match (status, json) {
            (200..=299, Some(value)) => Ok(value),
            (_, json) => {
                let refused = Refused { what, status, kind, json, bytes, wait }.verdict();
                // Said by a gateway, which does not know what goes on behind it.
                let is_hearsay = matches!(status, 408 | 502 | 504);
                Err(if is_hearsay && !is_reading { patient(refused) } else { refused })
            }
        }
    }

    /// A request, and what it is called in messages.
    fn request(
        &self,
        method: Method,
        path: &[&str],
        query: &[(&str, &str)],
        body: Option<&Value>,
    ) -> (String, RequestBuilder) {
        let mut url = self.root.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        let what = format!("{method} {}", url.path());
        let mut request = self.client.request(method, url);
        if !query.is_empty() {
            request = request.query(query);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        (what, request)
    }
}

fn root(settings: &SinkSettings, path: &str) -> Result<Url, BadSink> {
    let right = "expected the root of its web interface, such as https://rt.example.com";
    let mut url = Url::parse(&settings.url)
        .map_err(|it| settings.bad("url", format!("`{}`: {it}; {right}", settings.url)))?;
    let usable = matches!(url.scheme(), "http" | "https") && url.has_host();
    if !usable || url.query().is_some() || url.fragment().is_some() {
        return Err(settings.bad("url", right));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(settings.bad("url", "expected no user or password in it; the credential is `token`"));
    }
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(path.split('/'));
    }
    Ok(url)
}

/// Only seconds: a date would need a clock, and the caller's own waiting is near enough.
fn seconds(value: &HeaderValue) -> Option<Duration> {
    let seconds: u64 = value.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds.min(3600)))
}

async fn all_of(mut response: reqwest::Response) -> Result<Vec<u8>, reqwest::Error> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > LONGEST {
            // Cut off, it is no JSON any more, and is judged by its status.
            break;
        }
    }
    Ok(bytes)
}

fn unanswered(what: &str, error: &reqwest::Error) -> Undelivered {
    // The cause that helps ("connection refused") is at the bottom of the chain.
    let mut deepest: &dyn std::error::Error = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    let why = format!("{what}: {deepest}");
    if error.is_connect() {
        Undelivered::Away { after: None, why }
    } else if error.is_timeout() {
        let why = format!("{what}: no answer within {} s", PATIENCE.as_secs());
        Undelivered::Again { after: Some(STILL_AT_WORK), why }
    } else if error.is_builder() {
        Undelivered::Never { why }
    } else {
        Undelivered::Again { after: None, why }
    }
}

/// Leaves the store the time to finish what it may be at work on.
fn patient(undelivered: Undelivered) -> Undelivered {
    let longer = |after: Option<Duration>| Some(after.map_or(STILL_AT_WORK, |it| it.max(STILL_AT_WORK)));
    match undelivered {
        Undelivered::Again { after, why } => Undelivered::Again { after: longer(after), why },
        Undelivered::Away { after, why } => Undelivered::Away { after: longer(after), why },
        it @ (Undelivered::Never { .. } | Undelivered::Blocked { .. }) => it,
    }
}
