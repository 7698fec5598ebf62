//! Versions of the text model over their life: trained, tried, put into use under load, and taken back.

mod command;
mod swap;
mod training;

use std::path::PathBuf;

use ticket_dispatch::{
    client::Client,
    model::{
        corpora,
        examples::Example,
        registry, starter,
        train::{Settings as Training, train},
    },
    proto::v1,
};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::{
    app::{App, Settings},
    parts::{made_once, server::within},
};

/// Another good model than the starter: a folder with its file, trained once for all tests.
fn other() -> (PathBuf, String) {
    let folder = made_once::template(&format!("other-{}", starter::file_name()), |folder| {
        let settings = Training { seed: 2, ..Training::default() };
        let model = train(&corpora::examples().unwrap(), &settings, &mut |_| ()).unwrap();
        registry::import(folder, &model).unwrap();
    });
    let file = std::fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
    let version = file.file_stem().unwrap().to_str().unwrap().to_owned();
    (file, version)
}

/// A desk with the other model among its versions.
fn app_with_other(settings: Settings, tenant: &str) -> (App, String) {
    let (app, (file, version)) = (App::start(settings), other());
    let folder = app.data().join("models").join(tenant);
    std::fs::create_dir_all(&folder).unwrap();
    made_once::copy(&file, &folder.join(file.file_name().unwrap()));
    (app, version)
}

fn labelled(example: Example) -> v1::LabelledMessage {
    let Example { text, label, urgency, impact, weight } = example;
    let (urgency, impact) = (urgency.unwrap_or_default(), impact.unwrap_or_default());
    v1::LabelledMessage { text, label, urgency, impact, weight: Some(weight) }
}

/// Messages of two labels, one of them unknown to the catalogue; quickly learned.
fn few() -> Vec<v1::LabelledMessage> {
    let of = |turn: usize| {
        let coffee = Example::new(format!("no coffee comes out, number {turn}"), "coffee_machine");
        [coffee, Example::new(format!("good morning, the {turn}th of us"), "greeting")]
    };
    (0..12).flat_map(of).map(labelled).collect()
}

async fn list(client: &Client) -> v1::ListModelsResponse {
    client.models().list_models(v1::ListModelsRequest::default()).await.unwrap().into_inner()
}

async fn begin(
    client: &Client,
    request: &str,
    examples: Vec<v1::LabelledMessage>,
) -> Result<v1::Operation, Status> {
    let request = v1::TrainModelRequest { request_id: request.into(), examples };
    Ok(client.models().train_model(request).await?.into_inner().operation.unwrap())
}

/// All that is told of an operation, to its end.
async fn watched(client: &Client, operation: &str) -> Vec<v1::Operation> {
    let request = v1::WatchOperationRequest { operation: operation.into() };
    let mut stream = client.models().watch_operation(request).await.unwrap().into_inner();
    let mut told = vec![];
    while let Some(answer) = stream.message().await.unwrap() {
        told.push(answer.operation.unwrap());
    }
    told
}

async fn operation(client: &Client, id: &str) -> Result<v1::Operation, Status> {
    let request = v1::GetOperationRequest { operation: id.into() };
    Ok(client.models().get_operation(request).await?.into_inner().operation.unwrap())
}

async fn promote(client: &Client, request: &str, model: &str) -> Result<v1::Model, Status> {
    let request = v1::PromoteModelRequest { request_id: request.into(), model: model.into() };
    Ok(client.models().promote_model(request).await?.into_inner().model.unwrap())
}

async fn roll_back(client: &Client, request: &str) -> Result<v1::Model, Status> {
    let request = v1::RollBackModelRequest { request_id: request.into() };
    Ok(client.models().roll_back_model(request).await?.into_inner().model.unwrap())
}

/// Which version reads a message now.
async fn reader(client: &Client) -> String {
    let request = v1::SuggestRequest { text: "vpn is down again".into(), ..Default::default() };
    let answer = client.routing().suggest(request).await.unwrap().into_inner();
    answer.suggestion.unwrap().understanding.unwrap().model
}

fn refused<T: std::fmt::Debug>(answer: Result<T, Status>) -> (Code, String, String) {
    let status = answer.unwrap_err();
    let reason = status.get_error_details().error_info().map(|it| it.reason.clone());
    (status.code(), reason.unwrap_or_default(), status.message().to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_version_is_tried_promoted_and_rolled_back_and_restarts_keep_it() {
    let (mut app, other) = app_with_other(Settings::default(), "default");
    let client = app.client(None);
    let before = list(&client).await;
    let starter = before.models.iter().find(|it| it.current).unwrap().clone();
    assert!(starter.built_in && starter.model != other, "{starter:?}");
    assert_eq!((starter.unknown_labels.len(), starter.missing_templates.len()), (0, 0));
    assert_eq!(before.models.len(), 2);

    let request = v1::SetShadowRequest { request_id: "s".into(), model: other.clone(), percent: 100 };
    let shadow = client.models().set_shadow(request).await.unwrap().into_inner().model.unwrap();
    assert!(shadow.shadow && !shadow.current);
    for _ in 0..20 {
        assert_eq!(reader(&client).await, starter.model);
    }
    let asked = || async {
        client
            .models()
            .get_shadow_statistics(v1::GetShadowStatisticsRequest {})
            .await
            .map(|it| it.into_inner())
    };
    let runtime = tokio::runtime::Handle::current();
    let all = || tokio::task::block_in_place(|| runtime.block_on(asked())).unwrap().messages == 20;
    assert!(within(std::time::Duration::from_secs(10), all), "the shadow reads along");
    let seen = asked().await.unwrap();
    assert_eq!((seen.model.as_str(), seen.current.as_str()), (other.as_str(), starter.model.as_str()));
    assert_eq!((seen.agreed, seen.dropped, seen.percent), (20, 0, 100));
    assert!(0.5 < seen.shadow_confidence && seen.disagreements.is_empty(), "{seen:?}");

    let promoted = promote(&client, "p", &other).await.unwrap();
    assert!(promoted.current && !promoted.shadow);
    assert_eq!(reader(&client).await, other);
    assert_eq!(refused(asked().await).1, "NO_SHADOW");
    assert_eq!(promote(&client, "p", &other).await.unwrap().model, other);
    let (code, reason, _) = refused(promote(&client, "q", &other).await);
    assert_eq!((code, reason.as_str()), (Code::FailedPrecondition, "ALREADY_THERE"));
    let (code, reason, _) = refused(roll_back(&client, "p").await);
    assert_eq!((code, reason.as_str()), (Code::AlreadyExists, "REQUEST_REUSED"));
    assert_eq!(refused(promote(&client, "n", "0000000000000000").await).0, Code::NotFound);

    app.kill();
    app.restart();
    assert_eq!(reader(&client).await, other);
    assert_eq!(roll_back(&client, "r").await.unwrap().model, starter.model);
    assert_eq!(reader(&client).await, starter.model);
    assert_eq!(refused(roll_back(&client, "t").await).1, "NOTHING_BEFORE");
    let history: Vec<_> = list(&client).await.history.into_iter().map(|it| (it.change, it.by)).collect();
    let change = |what: &str| (what.to_owned(), "open".to_owned());
    assert_eq!(history, [change("rolled_back"), change("promoted"), change("shadow_set")]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_used_is_refused_with_the_reason_and_the_model_in_use_stays() {
    let app = App::start(Settings::default());
    let client = app.client(None);
    let starter = reader(&client).await;
    let begun = begin(&client, "t", few()).await.unwrap();
    let made = watched(&client, &begun.operation).await.pop().unwrap().model;
    let request = v1::GetModelRequest { model: made.clone() };
    let model = client.models().get_model(request).await.unwrap().into_inner().model.unwrap();
    assert_eq!(model.unknown_labels, ["coffee_machine"]);
    assert!(model.missing_templates.contains(&"vpn_fault".to_owned()), "{model:?}");

    let (code, reason, message) = refused(promote(&client, "p", &made).await);
    assert_eq!((code, reason.as_str()), (Code::FailedPrecondition, "GOLDEN_MESSAGES_BROKEN"));
    for part in ["golden messages wrong", "must be access_request, but is "] {
        assert!(message.contains(part), "{message}");
    }
    let folder = app.data().join("models/default");
    std::fs::write(folder.join("0123456789abcdef.safetensors"), b"\xff\xff\xff\xff\xff\xff\xff\x7f{")
        .unwrap();
    std::fs::write(folder.join("evil.safetensors"), b"").unwrap();
    let listed = list(&client).await;
    assert_eq!(listed.models.len(), 2);
    let files: Vec<_> = listed.skipped.iter().map(|it| it.file.as_str()).collect();
    assert_eq!(files, ["0123456789abcdef.safetensors", "evil.safetensors"]);
    assert!(listed.skipped.iter().all(|it| !it.problem.is_empty()));
    let (code, reason, _) = refused(promote(&client, "e", "0123456789abcdef").await);
    assert_eq!((code, reason.as_str()), (Code::FailedPrecondition, "MODEL_UNUSABLE"));
    assert_eq!(reader(&client).await, starter);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tenant_neither_sees_nor_moves_the_models_of_another() {
    let (app, other) = app_with_other(Settings::default().env("DISPATCH_AUTH_MODE", "tokens"), "one");
    let engineer = |tenant| app.client(Some(&app.token(tenant, "ml_engineer")));
    let service = |tenant| app.client(Some(&app.token(tenant, "service")));
    let (one, two) = (engineer("one"), engineer("two"));
    promote(&one, "p", &other).await.unwrap();
    let begun = begin(&one, "t", few()).await.unwrap();
    watched(&one, &begun.operation).await;
    assert_eq!(reader(&service("one")).await, other);
    assert_ne!(reader(&service("two")).await, other);
    let theirs = list(&two).await;
    assert_eq!((theirs.models.len(), theirs.history.len()), (1, 0));
    let unknown = refused(promote(&two, "p", "0000000000000000").await);
    assert_eq!(refused(promote(&two, "p", &other).await), unknown);
    assert_eq!(refused(operation(&two, &begun.operation).await).0, Code::NotFound);
    assert_eq!(refused(promote(&service("one"), "x", &other).await).0, Code::PermissionDenied);
}
