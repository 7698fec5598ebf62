//! Trainings through the service: watched, measured, cancelled, crowded and killed.

use std::{fs, time::Duration};

use ticket_dispatch::{model::corpora, proto::v1};
use tonic::Code;

use super::{begin, few, labelled, list, operation, refused, watched};
use crate::app::{App, Settings};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_training_is_watched_to_its_end_and_its_model_measured() {
    let mut app = App::start(Settings::default());
    let client = app.client(None);
    let examples: Vec<_> = corpora::examples().unwrap().into_iter().step_by(3).map(labelled).collect();
    let begun = begin(&client, "t", examples.clone()).await.unwrap();
    assert_eq!(begun.state, v1::OperationState::Running as i32);
    let told = watched(&client, &begun.operation).await;
    let stages: Vec<_> = told.iter().map(|it| it.stage.as_str()).collect();
    assert!(stages.contains(&"fitting"), "{stages:?}");
    assert!(told.iter().all(|it| it.operation == begun.operation && it.done <= it.total));
    let last = told.last().unwrap();
    assert_eq!(last.state, v1::OperationState::Succeeded as i32, "{last:?}");
    assert!(last.ended_at.is_some());

    let again = begin(&client, "t", examples.clone()).await.unwrap();
    assert_eq!(&again, last, "it is told as it was");
    let (code, reason, _) = refused(begin(&client, "t", few()).await);
    assert_eq!((code, reason.as_str()), (Code::AlreadyExists, "REQUEST_REUSED"));
    let listed = list(&client).await;
    let made = listed.models.iter().find(|it| it.model == last.model).unwrap();
    let expected = (examples.len() as u64, false, corpora::TRAIN.len());
    assert_eq!((made.examples, made.current, made.labels.len()), expected);

    let request = v1::EvaluateModelRequest {
        model: last.model.clone(),
        examples: examples.into_iter().take(200).collect(),
        out_of_scope: vec!["what will the weather be".into(), "tell me a joke".into()],
    };
    let figures = client.models().evaluate_model(request).await.unwrap().into_inner();
    assert_eq!((&figures.model, figures.messages), (&last.model, 200));
    assert!(0.9 < figures.accuracy && figures.out_of_scope_auroc.is_some(), "{figures:?}");
    let judged: u64 = figures.labels.iter().map(|it| it.messages).sum();
    assert_eq!(judged, 200);
    let gate = figures.gate.unwrap();
    assert!(!gate.certified && gate.wrong <= gate.passed && gate.out_of_scope_passed.is_some(), "{gate:?}");
    assert!((gate.coverage - gate.passed as f64 / 200.0).abs() < 1e-9, "{gate:?}");
    assert_eq!(gate.certificates.last().unwrap().label, "", "the others, together");

    // What was trained is known after a restart, also as an operation.
    app.kill();
    app.restart();
    let past = operation(&client, &begun.operation).await.unwrap();
    assert_eq!((past.state, &past.model), (v1::OperationState::Succeeded as i32, &last.model));
    let told = watched(&client, &begun.operation).await;
    assert_eq!(told, [past]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_training_runs_at_a_time_and_a_cancelled_one_leaves_nothing() {
    let app = App::start(Settings::default());
    let client = app.client(None);
    let begun = begin(&client, "a", vec![]).await.unwrap();
    let status = begin(&client, "b", few()).await.unwrap_err();
    let delay = tonic_types::StatusExt::get_error_details(&status).retry_info().is_some();
    assert!(status.code() == Code::ResourceExhausted && delay, "{status:?}");
    let cancel = || v1::CancelOperationRequest { operation: begun.operation.clone() };
    client.models().cancel_operation(cancel()).await.unwrap();
    let told = watched(&client, &begun.operation).await;
    assert_eq!(told.last().unwrap().state, v1::OperationState::Cancelled as i32, "{told:?}");
    client.models().cancel_operation(cancel()).await.unwrap();
    assert_eq!(list(&client).await.models.len(), 1);

    let next = begin(&client, "b", few()).await.unwrap();
    let made = watched(&client, &next.operation).await.pop().unwrap();
    assert_eq!(made.state, v1::OperationState::Succeeded as i32, "{made:?}");
    let cancel = v1::CancelOperationRequest { operation: next.operation };
    let (code, reason, _) = refused(client.models().cancel_operation(cancel).await);
    assert_eq!((code, reason.as_str()), (Code::FailedPrecondition, "OVER"));

    let one_label = few().into_iter().step_by(2).collect();
    let failing = begin(&client, "c", one_label).await.unwrap();
    let failed = watched(&client, &failing.operation).await.pop().unwrap();
    assert_eq!(failed.state, v1::OperationState::Failed as i32);
    assert!(failed.problem.contains("coffee_machine"), "{failed:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_training_that_is_killed_leaves_no_half_written_model() {
    let mut app = App::start(Settings::default());
    let client = app.client(None);
    let long = begin(&client, "long", vec![]).await.unwrap();
    app.kill();
    app.restart();
    assert_eq!(refused(operation(&client, &long.operation).await).0, Code::NotFound);
    assert_eq!(list(&client).await.models.len(), 1);
    // Short ones are killed while they are being written, now and then.
    for turn in 0..4 {
        let mut examples = few();
        examples.truncate(20 + turn);
        begin(&client, &format!("short-{turn}"), examples).await.unwrap();
        tokio::time::sleep(Duration::from_millis(10 * turn as u64)).await;
        app.kill();
        app.restart();
        let listed = list(&client).await;
        assert_eq!(listed.skipped, [], "what is there is whole");
        let trained = listed.history.iter().filter(|it| it.change == "trained").map(|it| &it.model);
        for model in trained {
            assert!(listed.models.iter().any(|it| it.model == *model), "{model} is there");
        }
    }
    let begun = begin(&client, "long", few()).await.unwrap();
    let made = watched(&client, &begun.operation).await.pop().unwrap();
    assert_eq!(made.state, v1::OperationState::Succeeded as i32, "the same request begins anew: {made:?}");
    let file = app.data().join(format!("models/default/{}.safetensors", made.model));
    assert!(fs::metadata(file).unwrap().len() > 0);
}
