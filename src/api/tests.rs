//! The service on a real port: what comes over the wire, and what goes back.

use std::pin::pin;

use futures_util::{FutureExt, StreamExt, stream};
use prost::Message;
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tonic::{
    Code, Request, Status,
    body::Body,
    codegen::{Service, http},
    transport::{Channel, Endpoint},
};
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};
use tonic_types::StatusExt;

use super::*;
use crate::{
    catalog,
    client::{Client, Fault},
    conversation::{heard::Policy, phrases::Phrases},
    desk::{
        Beginning,
        files::{Files, Places},
        models::Models as DeskModels,
    },
    domain::{
        attachment::MediaType,
        people::{Caller, Role, Tenant},
        time::Timestamp,
    },
    model::{
        examples::Example,
        train::{self, train},
    },
    proto::v1::{self, converse_response::Outcome},
    store::{Store, Token},
};

mod wire;

/// A real desk on a database of its own, with a token `token-ROLE` for every role. The writers run
/// while the test polls them.
pub(super) async fn desk(stop: &CancellationToken) -> (Desk, impl Future<Output = ()> + use<>, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("desk.db").display());
    let store = Store::open(&url).await.unwrap();
    for role in Role::ALL {
        let token = Token {
            id: role.as_str().to_owned(),
            tenant: Tenant::parse("default").unwrap(),
            subject: role.as_str().to_owned(),
            roles: vec![role],
            hash: Sha256::digest(format!("token-{}", role.as_str())).into(),
            created: Timestamp(0),
            revoked: None,
        };
        store.add_token(&token).await.unwrap();
    }
    let said =
        ["printer jams", "printer is out of toner", "hello", "good morning", "hello there", "printer broken"];
    let examples: Vec<_> = said
        .into_iter()
        .map(|it| Example::new(it, if it.contains("printer") { "printer_fault" } else { "greeting" }))
        .collect();
    let model = train(&examples, &train::Settings::default(), &mut |_| ()).unwrap();
    let sources = catalog::starter();
    let catalog = catalog::parse(&sources, 0, None).unwrap();
    let beginning = Beginning { sources, catalog, is_own: false };
    let writers = store.writers(stop.clone()).into_iter().map(|(_, it)| it);
    let writers = futures_util::future::join_all(writers).map(drop);
    let models = DeskModels::new(folder.path(), model);
    let folder_of_files = crate::attachments::Folder::at(folder.path().join("attachments"));
    let files = Files {
        folder: folder_of_files,
        size: 1024,
        types: [MediaType::Text].into(),
        places: Places::default(),
    };
    let desk = Desk::new(store, models, beginning, Phrases::built_in().unwrap(), Policy::default(), files);
    (desk, writers, folder)
}

fn everybody() -> Access {
    Access::Open(Caller::system(Tenant::parse("default").unwrap(), "test"))
}

/// Serves while the test runs, then stops; fails the test if stopping does not end the service.
async fn served(access: Access, settings: Settings, test: impl AsyncFnOnce(String, CancellationToken)) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let stop = CancellationToken::new();
    let (desk, writers, _folder) = desk(&CancellationToken::new()).await;
    let serving = serve(listener, desk, access, settings, stop.clone());
    let test = async {
        test(address, stop.clone()).await;
        stop.cancel();
    };
    tokio::select! {
        (ended, ()) = async { tokio::join!(serving, test) } => ended.unwrap(),
        () = writers => panic!("the writers ended"),
    }
}

fn message(id: &str, conversation: &str) -> v1::SendMessageRequest {
    v1::SendMessageRequest {
        message_id: id.to_owned(),
        conversation: conversation.to_owned(),
        requester: Some(v1::Person {
            issuer: "chat".to_owned(),
            subject: "u1".to_owned(),
            display_name: String::new(),
        }),
        text: "the printer is broken".to_owned(),
        language: 0,
    }
}

#[tokio::test]
async fn a_malformed_message_is_told_all_that_is_wrong_with_it() {
    served(everybody(), Settings::default(), async |address, _| {
        let client = Client::new(&address, None).unwrap();
        let fault = client.send(v1::SendMessageRequest::default()).await.unwrap_err();
        let Fault::Refused { code, reason, violations, .. } = fault else { panic!("{fault}") };
        assert_eq!((code, reason.as_str()), (Code::InvalidArgument as i32, "MALFORMED"));
        assert_eq!(violations.len(), 4, "{violations:?}");
    })
    .await;
}

#[tokio::test]
async fn a_stream_goes_on_behind_a_refused_message_and_keeps_the_order_of_a_conversation() {
    served(everybody(), Settings::default(), async |address, _| {
        let client = Client::new(&address, None).unwrap();
        let mut bad = message("2", "a");
        bad.text = "\0".to_owned();
        let messages = [message("1", "a"), bad, message("3", "a"), message("4", "b")];
        let answers = client.converse(stream::iter(messages)).await.unwrap();
        let answers: Vec<_> = answers.map(Result::unwrap).collect().await;
        let ids: Vec<_> = answers.iter().map(|it| it.message_id.as_str()).filter(|it| *it != "4").collect();
        assert_eq!(ids, ["1", "2", "3"]);
        assert_eq!(answers.len(), 4);
        let refused = answers.into_iter().find(|it| it.message_id == "2").unwrap().outcome;
        let Some(Outcome::Fault(fault)) = refused else { panic!("{refused:?}") };
        assert_eq!(fault.code, Code::InvalidArgument as i32);
        assert_eq!(fault.violations, ["text: has the control character U+0000 at byte 0"]);
    })
    .await;
}

#[tokio::test]
async fn a_stream_ends_with_unavailable_when_the_process_stops() {
    served(everybody(), Settings::default(), async |address, stop| {
        let client = Client::new(&address, None).unwrap();
        let messages = stream::iter([message("1", "a")]).chain(stream::pending());
        let mut answers = pin!(client.converse(messages).await.unwrap());
        assert_eq!(answers.next().await.unwrap().unwrap().message_id, "1");
        stop.cancel();
        let fault = answers.next().await.unwrap().unwrap_err();
        let Fault::Refused { code, retry_after, .. } = fault else { panic!("{fault}") };
        assert_eq!(code, Code::Unavailable as i32);
        assert!(retry_after.is_some());
    })
    .await;
}

#[tokio::test]
async fn one_call_too_many_is_refused_until_there_is_room_again() {
    let settings = Settings { calls: 1, ..Settings::default() };
    served(everybody(), settings, async |address, _| {
        let client = Client::new(&address, None).unwrap();
        let watching = client.tickets().watch_tickets(v1::WatchTicketsRequest::default()).await.unwrap();
        let status = client.catalog().list_groups(v1::ListGroupsRequest::default()).await.unwrap_err();
        assert_eq!(status.code(), Code::ResourceExhausted);
        assert!(status.get_error_details().retry_info().is_some());
        drop(watching);
        while client.catalog().list_groups(v1::ListGroupsRequest::default()).await.is_err() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test]
async fn health_answers_without_a_token() {
    served(Access::Tokens, Settings::default(), async |address, _| {
        let channel = Endpoint::from_shared(address).unwrap().connect_lazy();
        let mut client = HealthClient::new(channel);
        for service in ["", "dispatch.v1.TicketService"] {
            let answer = client.check(HealthCheckRequest { service: service.to_owned() }).await.unwrap();
            assert_eq!(answer.into_inner().status, ServingStatus::Serving as i32);
        }
    })
    .await;
}

#[tokio::test]
async fn who_watches_the_health_is_told_when_the_process_stops() {
    served(Access::Tokens, Settings::default(), async |address, stop| {
        let channel = Endpoint::from_shared(address).unwrap().connect_lazy();
        let watching = HealthClient::new(channel).watch(HealthCheckRequest::default()).await.unwrap();
        let mut watching = watching.into_inner();
        assert_eq!(watching.next().await.unwrap().unwrap().status, ServingStatus::Serving as i32);
        stop.cancel();
        assert_eq!(watching.next().await.unwrap().unwrap().status, ServingStatus::NotServing as i32);
        assert!(watching.next().await.is_none());
    })
    .await;
}

#[tokio::test]
async fn the_contract_is_shown_only_if_the_settings_say_so() {
    use tonic_reflection::pb::v1::{
        ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
        server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
    };
    for reflection in [false, true] {
        served(Access::Tokens, Settings { reflection, ..Settings::default() }, async |address, _| {
            let channel = Endpoint::from_shared(address).unwrap().connect_lazy();
            let ask = ServerReflectionRequest {
                message_request: Some(MessageRequest::ListServices(String::new())),
                ..Default::default()
            };
            let answers =
                ServerReflectionClient::new(channel).server_reflection_info(stream::iter([ask])).await;
            if !reflection {
                assert_eq!(answers.unwrap_err().code(), Code::Unimplemented);
                return;
            }
            let answer = answers.unwrap().into_inner().next().await.unwrap().unwrap().message_response;
            let Some(MessageResponse::ListServicesResponse(list)) = answer else { panic!("{answer:?}") };
            let names: Vec<_> = list.service.iter().map(|it| it.name.as_str()).collect();
            for name in
                ["dispatch.v1.TicketService", "dispatch.v1.ConversationService", "grpc.health.v1.Health"]
            {
                assert!(names.contains(&name), "{name} is not in {names:?}");
            }
        })
        .await;
    }
}
