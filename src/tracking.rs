//! Records what trainings and measurements gave in MLflow, over its REST API.
//!
//! It owns the calls to an MLflow server and nothing of what is recorded. A record that fails is told and
//! harms nothing: models are written before anything is recorded.

use std::time::Duration;

use reqwest::{Client, RequestBuilder, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

/// An MLflow server, and the experiment to record in.
#[derive(Clone)]
pub struct Server {
    /// Such as `http://127.0.0.1:5000`.
    pub url: String,
    /// Made if it is missing.
    pub experiment: String,
    /// How to log in, if the server wants that.
    pub login: Login,
}

/// How to log in.
#[derive(Clone)]
pub enum Login {
    /// Not at all.
    Open,
    /// Name and password.
    Basic(String, Option<String>),
    /// A bearer token.
    Token(String),
}

/// What is recorded.
#[derive(Debug, Clone, Default)]
pub struct Run {
    /// The command that ran.
    pub name: String,
    /// When it began, in milliseconds since 1970.
    pub began: i64,
    /// When it ended.
    pub ended: i64,
    /// What it was told.
    pub parameters: Vec<(String, String)>,
    /// What came of it; a figure may have steps, such as folds.
    pub metrics: Vec<(String, f64, usize)>,
    /// Files: their names and contents.
    pub artifacts: Vec<(String, Vec<u8>)>,
}

/// What came of recording.
#[derive(Debug, Default)]
pub struct Recorded {
    /// The run's id on the server, once it is there.
    pub run: Option<String>,
    /// What is not there, and why.
    pub missing: Vec<String>,
}

/// Why a call gave nothing.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("{0}")]
    Call(String),
    #[error("the server answered {0}: {1}{hint}", hint = hint(*.0))]
    Refused(StatusCode, String),
}

fn hint(status: StatusCode) -> &'static str {
    match status {
        StatusCode::FORBIDDEN => " (if it does not allow this host: mlflow server --allowed-hosts HOST)",
        StatusCode::UNAUTHORIZED => {
            " (set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN)"
        }
        _ => "",
    }
}

impl From<reqwest::Error> for Failure {
    fn from(error: reqwest::Error) -> Self {
        // The reason at the bottom says most, such as that the connection was refused.
        let mut reason: &dyn std::error::Error = &error;
        while let Some(deeper) = reason.source() {
            reason = deeper;
        }
        Self::Call(reason.to_string())
    }
}

/// What is made with nothing in it, and found again by its id.
#[derive(Deserialize)]
struct Info {
    run_id: String,
    experiment_id: String,
    #[serde(default)]
    artifact_uri: String,
}

/// Records a run.
pub async fn record(server: &Server, run: &Run) -> Recorded {
    let mut recorded = Recorded::default();
    let info = match begin(server, run).await {
        Ok(info) => info,
        Err(failure) => {
            recorded.missing.push(format!(
                "the run of `{}` was not recorded in {}: {failure}",
                run.name,
                server.shown()
            ));
            return recorded;
        }
    };
    let mut note = |what: &str, done: Result<(), Failure>| {
        if let Err(failure) = done {
            recorded.missing.push(format!(
                "{what} of run {} not recorded in {}: {failure}",
                info.run_id,
                server.shown()
            ));
        }
    };
    note("parameters and metrics", figures(server, run, &info.run_id).await);
    for (name, content) in &run.artifacts {
        note(&format!("artifact {name}"), artifact(server, &info, name, content).await);
    }
    let ended = json!({ "run_id": info.run_id, "status": "FINISHED", "end_time": run.ended });
    note("the end", server.post("runs/update", &ended).await.map(drop));
    recorded.run = Some(info.run_id);
    recorded
}

async fn begin(server: &Server, run: &Run) -> Result<Info, Failure> {
    let experiment = experiment(server).await?;
    let version = env!("CARGO_PKG_VERSION");
    let tags = json!([
        { "key": "mlflow.source.name", "value": format!("ticket-dispatch {}", run.name) },
        { "key": "ticket_dispatch.version", "value": version },
    ]);
    let body =
        json!({ "experiment_id": experiment, "run_name": run.name, "start_time": run.began, "tags": tags });
    let mut answer = server.post("runs/create", &body).await?;
    serde_json::from_value(answer["run"]["info"].take())
        .map_err(|error| Failure::Call(format!("the server's answer is not MLflow's: {error}")))
}

/// The experiment's id; it is made if it is missing.
async fn experiment(server: &Server) -> Result<String, Failure> {
    let id = |answer: &Value| answer.as_str().map(str::to_owned);
    let unknown = || Failure::Call("the server's answer is not MLflow's: it names no experiment".to_owned());
    let call = server.call(|client, base| {
        client
            .get(format!("{base}/experiments/get-by-name"))
            .query(&[("experiment_name", &server.experiment)])
    })?;
    match answer(call).await {
        Ok(found) => id(&found["experiment"]["experiment_id"]).ok_or_else(unknown),
        Err(Failure::Refused(StatusCode::NOT_FOUND, _)) => {
            let made = server.post("experiments/create", &json!({ "name": server.experiment })).await?;
            id(&made["experiment_id"]).ok_or_else(unknown)
        }
        Err(failure) => Err(failure),
    }
}

async fn figures(server: &Server, run: &Run, id: &str) -> Result<(), Failure> {
    let metrics = run.metrics.iter().filter(|(_, value, _)| value.is_finite()).map(
        |(key, value, step)| json!({ "key": key, "value": value, "step": step, "timestamp": run.ended }),
    );
    let parameters =
        run.parameters.iter().map(|(key, value)| json!({ "key": key, "value": shortened(value) }));
    let body = json!({
        "run_id": id,
        "metrics": metrics.collect::<Vec<_>>(),
        "params": parameters.collect::<Vec<_>>(),
    });
    server.post("runs/log-batch", &body).await.map(drop)
}

/// MLflow takes no longer ones.
fn shortened(value: &str) -> String {
    const LONGEST: usize = 500;
    value.chars().take(LONGEST).collect()
}

async fn artifact(server: &Server, info: &Info, name: &str, content: &[u8]) -> Result<(), Failure> {
    let folder = proxied(&info.artifact_uri).ok_or_else(|| {
        let Info { experiment_id, artifact_uri, .. } = info;
        Failure::Call(format!(
            "experiment {experiment_id} keeps artifacts in {artifact_uri}, which the server takes nothing for; \
             start it with --serve-artifacts and record in a new experiment"
        ))
    })?;
    let call =
        server.call(|client, base| client.put(format!("{base}-artifacts/artifacts/{folder}/{name}")))?;
    answer(call.body(content.to_vec())).await.map(drop)
}

/// The folder on the server, if artifacts go through it.
fn proxied(uri: &str) -> Option<&str> {
    let path = uri.strip_prefix("mlflow-artifacts:")?;
    match path.strip_prefix("//") {
        Some(with_host) => with_host.split_once('/').map(|(_, path)| path),
        None => Some(path.trim_start_matches('/')),
    }
}

impl Server {
    /// Its address without the password that may stand in it.
    fn shown(&self) -> String {
        let (scheme, rest) = self.url.split_once("://").unwrap_or(("", &self.url));
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
        format!("{scheme}://{host}/{path}")
    }

    async fn post(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        answer(self.call(|client, base| client.post(format!("{base}/{path}")))?.json(body)).await
    }

    fn call(&self, make: impl FnOnce(&Client, &str) -> RequestBuilder) -> Result<RequestBuilder, Failure> {
        // Long enough for a model over a slow line.
        let client = Client::builder()
            .connect_timeout(Duration::from_secs(5))
            .timeout(Duration::from_secs(120))
            .build()?;
        let base = format!("{}/api/2.0/mlflow", self.url.trim_end_matches('/'));
        let call = make(&client, &base);
        Ok(match &self.login {
            Login::Open => call,
            Login::Basic(name, password) => call.basic_auth(name, password.as_ref()),
            Login::Token(token) => call.bearer_auth(token),
        })
    }
}

async fn answer(call: RequestBuilder) -> Result<Value, Failure> {
    let response = call.send().await?;
    let (status, text) = (response.status(), response.text().await?);
    if !status.is_success() {
        let said = serde_json::from_str::<Value>(&text).ok();
        let said = said.and_then(|it| it["message"].as_str().map(str::to_owned)).unwrap_or(text);
        return Err(Failure::Refused(status, shortened(said.trim())));
    }
    // An artifact is answered with nothing.
    Ok(serde_json::from_str(&text).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn artifacts_go_through_the_server_or_not_at_all() {
        assert_eq!(proxied("mlflow-artifacts:/1/run/artifacts"), Some("1/run/artifacts"));
        assert_eq!(proxied("mlflow-artifacts://host:5000/1/run/artifacts"), Some("1/run/artifacts"));
        assert_eq!(proxied("s3://bucket/1"), None);
        assert_eq!(proxied("/srv/mlruns/1"), None);
    }

    #[test]
    fn no_password_is_shown() {
        let shown =
            |url: &str| Server { url: url.into(), experiment: String::new(), login: Login::Open }.shown();
        assert_eq!(shown("https://me:secret@host:5000/ml@x"), "https://host:5000/ml@x");
        assert_eq!(shown("http://127.0.0.1:5000"), "http://127.0.0.1:5000/");
    }

    #[test]
    fn a_refusal_says_what_may_help() {
        let said = |status| Failure::Refused(status, "no".into()).to_string();
        assert!(said(StatusCode::FORBIDDEN).contains("--allowed-hosts"));
        assert!(said(StatusCode::UNAUTHORIZED).contains("MLFLOW_TRACKING_TOKEN"));
        assert_eq!(said(StatusCode::BAD_GATEWAY), "the server answered 502 Bad Gateway: no");
    }
}
