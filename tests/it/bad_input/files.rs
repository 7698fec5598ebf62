//! A bad catalogue or model: refused with the reason, and the service goes on with the one in use.

use std::{fs, path::PathBuf};

use ticket_dispatch::proto::v1;
use tonic::Code;

use super::{bytes, fields, open, printer, read};
use crate::app::{App, Settings};

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_bad_catalogue_is_refused_by_file_line_and_field_and_the_one_in_use_stays() {
    let app = App::start(Settings::default());
    let client = app.client(None);
    let mut catalog = client.catalog();
    let good = catalog.get_catalog(v1::GetCatalogRequest {}).await.unwrap().into_inner();
    let apply = |request_id: &str, files| v1::ApplyCatalogRequest { request_id: request_id.into(), files };
    let applied = catalog.apply_catalog(apply("c-1", good.files.clone())).await.unwrap().into_inner();

    let mut files = good.files.clone();
    let people = files.iter_mut().find(|it| it.name == "people.yaml").unwrap();
    let line = people.content.lines().position(|it| it.contains("groups: [")).unwrap() + 1;
    people.content = people.content.replacen("groups: [", "groups: [nobody, ", 1);
    let faults = catalog.check_catalog(v1::CheckCatalogRequest { files: files.clone() }).await.unwrap();
    let faults = faults.into_inner().faults;
    let fault = faults.first().expect("a group that does not exist is a fault");
    assert_eq!((fault.file.as_str(), fault.line as usize), ("people.yaml", line), "{fault:?}");
    assert!(fault.field.contains("groups") && fault.problem.contains("nobody"), "{fault:?}");

    let status = catalog.apply_catalog(apply("c-2", files)).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    assert_eq!(fields(&status), [format!("files[people.yaml:{line}].{}", fault.field)]);
    let broken = vec![v1::CatalogFile { name: "a.yaml".into(), content: "groups: [\n".into() }];
    let status = catalog.apply_catalog(apply("c-3", broken)).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument, "{:?}", bytes(&status));

    let after = catalog.get_catalog(v1::GetCatalogRequest {}).await.unwrap().into_inner();
    assert_eq!((after.version, after.files), (applied.version, good.files));
    open(&client, printer("r-1")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_request_that_is_done_gets_its_first_answer_though_the_catalogue_would_refuse_it_now() {
    let app = App::start(Settings::default());
    let client = app.client(None);
    let first = open(&client, printer("r-1")).await.unwrap();

    let mut catalog = client.catalog();
    let good = catalog.get_catalog(v1::GetCatalogRequest {}).await.unwrap().into_inner();
    let mut files = good.files;
    files.iter_mut().for_each(|it| it.content = it.content.replace("jam", "wedge"));
    catalog.apply_catalog(v1::ApplyCatalogRequest { request_id: "c-1".into(), files }).await.unwrap();

    let status = open(&client, printer("r-2")).await.unwrap_err();
    assert_eq!(fields(&status), ["fields.symptom"]);
    assert_eq!(open(&client, printer("r-1")).await.unwrap(), first);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_policy_that_has_left_the_catalogue_takes_no_due_time_back() {
    let app = App::start(Settings::default());
    let client = app.client(None);
    let before = open(&client, printer("r-1")).await.unwrap();

    let mut catalog = client.catalog();
    let mut files = catalog.get_catalog(v1::GetCatalogRequest {}).await.unwrap().into_inner().files;
    // Changes may be standard as well, which is no policy.
    let renamed = |it: &str| it.replace("standard", "ordinary").replace("type: ordinary", "type: standard");
    files.iter_mut().for_each(|it| it.content = renamed(&it.content));
    catalog.apply_catalog(v1::ApplyCatalogRequest { request_id: "c-1".into(), files }).await.unwrap();

    let wider = v1::UpdateTicketRequest {
        request_id: "r-2".into(),
        ticket: before.id.clone(),
        change: Some(v1::TicketChange { impact: v1::Impact::Site.into(), ..v1::TicketChange::default() }),
        update_mask: Some(prost_types::FieldMask { paths: vec!["impact".into()] }),
        expected_version: 0,
    };
    client.tickets().update_ticket(wider).await.unwrap();
    let after = read(&client, &before.id).await.unwrap();
    assert_ne!(after.priority, before.priority);
    assert!(before.resolution_due.is_some());
    assert_eq!((after.response_due, after.resolution_due), (before.response_due, before.resolution_due));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_start_with_a_bad_catalogue_is_refused_with_all_its_faults() {
    let app = App::start(Settings::default());
    let folder = app.data().join("catalog");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("people.yaml"), "groups:\n  - id: one\n    nmae: One\n  - id: one\n").unwrap();
    let mut start = app.command(&["serve", "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0"]);
    let output = start.args(["--data", "other"]).env("DISPATCH_CATALOG_DIR", &folder).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    for part in ["people.yaml:3", "nmae", "name", "people.yaml:4"] {
        assert!(said.contains(part), "{part} is not in: {said}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_broken_model_is_trained_again_and_the_service_starts() {
    let mut app = App::start(Settings::default());
    app.stop();
    let model = only_model(&app);
    let whole = fs::read(&model).unwrap();
    for broken in [&b"no model at all"[..], &whole[..whole.len() / 2]] {
        fs::write(&model, broken).unwrap();
        app.restart();
        let client = app.client(None);
        let request = v1::SuggestRequest { text: "the printer jams".into(), ..Default::default() };
        let answer = client.routing().suggest(request).await.unwrap().into_inner();
        assert_eq!(answer.suggestion.unwrap().template, "printer_fault");
        app.stop();
        assert_eq!(fs::read(&model).unwrap(), whole, "the same seed gives the same bytes");
    }
}

fn only_model(app: &App) -> PathBuf {
    let models = fs::read_dir(app.data().join("models")).unwrap().map(|it| it.unwrap().path());
    let mut models: Vec<_> =
        models.filter(|it| it.extension().is_some_and(|it| it == "safetensors")).collect();
    assert_eq!(models.len(), 1, "{models:?}");
    models.remove(0)
}
