//! Who gets in: API tokens from their making to their end, and a listener that others could reach.

use std::{process::Command, time::Duration};

use ticket_dispatch::{client::Client, proto::v1};
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::{
    app::{App, Settings},
    parts::{made_once, server::within},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_opens_what_its_role_may_do_until_it_is_revoked() {
    let app = App::start(Settings::default().env("DISPATCH_AUTH_MODE", "tokens"));
    for (token, reason) in [(None, "NO_TOKEN"), (Some("dsp_guessed"), "UNKNOWN_TOKEN")] {
        let status = list(&app.client(token)).await.unwrap_err();
        assert_eq!(status.code(), Code::Unauthenticated);
        assert_eq!(status.get_error_details().error_info().unwrap().reason, reason);
    }

    let bot = app.client(Some(&app.token("default", "bot")));
    bot.send(hello()).await.unwrap();
    let status = list(&bot).await.unwrap_err();
    assert_eq!(status.code(), Code::PermissionDenied);
    assert!(status.message().contains("agent, manager, admin"), "{}", status.message());

    let secret = app.token("default", "agent");
    let agent = app.client(Some(&secret));
    list(&agent).await.unwrap();
    let listed = made_once::run(&mut app.command(&["token", "--data", "data", "list"]));
    assert!(!listed.contains(&secret), "a secret is kept nowhere");
    let id = listed.lines().find(|it| it.contains("default-agent")).unwrap();
    let id = id.split_whitespace().next().unwrap();
    made_once::run(&mut app.command(&["token", "--data", "data", "revoke", id]));

    let runtime = tokio::runtime::Handle::current();
    let ask = || tokio::task::block_in_place(|| runtime.block_on(list(&agent)));
    let refused = || ask().is_err_and(|it| it.code() == Code::Unauthenticated);
    assert!(within(Duration::from_secs(5), refused), "a revoked token is refused within seconds");
    bot.send(hello()).await.unwrap();

    let output = app.command(&["token", "--data", "data", "revoke", id]).output().unwrap();
    assert_eq!(output.status.code(), Some(64));
    assert!(String::from_utf8_lossy(&output.stderr).contains("token list"));
    assert!(!app.log().contains(&secret), "no secret is logged");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revoked_token_ends_the_streams_that_it_opened() {
    let app = App::start(Settings::default().env("DISPATCH_AUTH_MODE", "tokens"));
    let bot = app.client(Some(&app.token("default", "bot")));
    let agent = app.client(Some(&app.token("default", "agent")));
    let (said, messages) = tokio::sync::mpsc::channel(1);
    let messages = tokio_stream::wrappers::ReceiverStream::new(messages);
    let mut converse = bot.conversations().converse(messages).await.unwrap().into_inner();
    let mut suggest = bot.routing().suggest_stream(tokio_stream::pending()).await.unwrap().into_inner();
    let watch = v1::WatchTicketsRequest::default();
    let mut watch = agent.tickets().watch_tickets(watch).await.unwrap().into_inner();
    said.send(v1::ConverseRequest { message: Some(hello()) }).await.unwrap();
    converse.message().await.unwrap().unwrap();

    let listed = made_once::run(&mut app.command(&["token", "--data", "data", "list"]));
    for id in listed.lines().filter(|it| it.contains("default-")) {
        let id = id.split_whitespace().next().unwrap();
        made_once::run(&mut app.command(&["token", "--data", "data", "revoke", id]));
    }
    let soon = Duration::from_secs(8);
    let ends = tokio::time::timeout(soon, async {
        [
            converse.message().await.unwrap_err(),
            suggest.message().await.unwrap_err(),
            watch.message().await.unwrap_err(),
        ]
    });
    for status in ends.await.expect("each stream ends within seconds") {
        assert_eq!(status.code(), Code::Unauthenticated, "{status:?}");
        assert_eq!(status.get_error_details().error_info().unwrap().reason, "UNKNOWN_TOKEN");
    }
}

#[test]
fn an_open_desk_that_others_could_reach_does_not_start_and_says_why() {
    let folder = tempfile::tempdir().unwrap();
    for (flag, listen, http) in
        [("--listen", "0.0.0.0:0", "127.0.0.1:0"), ("--http", "127.0.0.1:0", "0.0.0.0:0")]
    {
        let mut start = Command::new(env!("CARGO_BIN_EXE_ticket-dispatch"));
        start.args(["serve", "--listen", listen, "--http", http, "--data", "data"]);
        let output = start.current_dir(folder.path()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(64), "{said}");
        for part in [flag, "0.0.0.0", "auth.mode = \"tokens\"", "token create"] {
            assert!(said.contains(part), "{part} is not in: {said}");
        }
    }
    assert!(!folder.path().join("data").exists(), "nothing was made");
}

async fn list(client: &Client) -> Result<v1::ListTicketsResponse, tonic::Status> {
    let answer = client.tickets().list_tickets(v1::ListTicketsRequest::default()).await;
    answer.map(tonic::Response::into_inner)
}

fn hello() -> v1::SendMessageRequest {
    v1::SendMessageRequest {
        message_id: "m-1".into(),
        conversation: "thread-1".into(),
        requester: Some(v1::Person { issuer: "chat".into(), subject: "ada".into(), ..Default::default() }),
        text: "hello".into(),
        language: 0,
    }
}
