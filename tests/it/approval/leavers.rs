//! What becomes of approvals when the directory of people says that somebody has left.

use ticket_dispatch::proto::v1::{self, TicketState, people_service_client::PeopleServiceClient};
use tonic::Code;

use super::stage::{APPROVAL, APPROVERS, Desk, files, reason};
use crate::app::Settings;

async fn put(desk: &Desk, who: &str, manager: &str, inactive: bool) {
    let person = v1::Profile {
        issuer: "chat".into(),
        subject: who.into(),
        user_name: who.into(),
        manager: manager.into(),
        inactive,
        ..Default::default()
    };
    let request =
        v1::PutPersonRequest { request_id: desk.request(), person: Some(person), expected_version: 0 };
    PeopleServiceClient::new(desk.app.channel()).put_person(request).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_manager_of_the_directory_is_asked_and_whoever_is_above_one_who_has_left() {
    let desk = Desk::start(Settings::default());
    for (who, manager, inactive) in [("max", "", false), ("lena", "max", true), ("eve", "lena", false)] {
        put(&desk, who, manager, inactive).await;
    }
    let ticket = desk.open("eve", 1.0).await;
    assert_eq!(desk.course(&ticket.number).await, ["asked max"]);
    desk.approve(&ticket.number, "max").await.unwrap();
    assert_eq!(desk.ticket(&ticket.number).await.state(), TicketState::Assigned);
    // Nobody is above them: the step's fallback is asked.
    let ticket = desk.open("max", 1.0).await;
    assert_eq!(desk.course(&ticket.number).await, ["asked head"]);
    // Who has left decides nothing, neither by a program nor in the chat.
    let ticket = desk.open("eve", 1.0).await;
    put(&desk, "max", "", true).await;
    let left = desk.approve(&ticket.number, "max").await.unwrap_err();
    assert!(left.message().contains("has left"), "{left:?}");
    desk.write("m-1", "max", &format!("approve {}", ticket.number)).await.unwrap();
    assert_eq!(desk.ticket(&ticket.number).await.state(), TicketState::WaitingApproval);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_place_of_an_approver_who_leaves_the_company_goes_on() {
    let desk = Desk::start(Settings::default());
    put(&desk, "boss", "", false).await;
    let before = desk.open("ada", 1.0).await.number;
    assert_eq!(desk.waiting("boss").await, [before.as_str()]);
    put(&desk, "boss", "", true).await;
    // To their delegate, who is told in whose place.
    desk.until(|| async { desk.waiting("head").await == [before.as_str()] }).await;
    assert!(desk.waiting("boss").await.is_empty());
    assert!(desk.told(&before, "head").await[0].text.starts_with("In the place of"));
    // Whoever is asked afterwards although they have left is replaced as well.
    let after = desk.open("ada", 1.0).await.number;
    desk.until(|| async { desk.waiting("head").await.len() == 2 }).await;
    desk.approve(&before, "head").await.unwrap();
    desk.approve(&after, "head").await.unwrap();
    assert_eq!(desk.ticket(&after).await.state(), TicketState::Assigned);
    desk.folds(&before).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_hands_their_place_to_somebody_who_has_left() {
    let desk = Desk::start(Settings::default());
    put(&desk, "head", "", true).await;
    let number = desk.open("ada", 1.0).await.number;
    let request = v1::DelegateApprovalRequest {
        request_id: desk.request(),
        ticket: number.clone(),
        person: Some(super::stage::person("boss")),
        to: "head".into(),
    };
    let refused = desk.approvals().delegate_approval(request).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    assert!(refused.message().contains("`head` has left"), "{}", refused.message());
    assert_eq!(desk.waiting("boss").await, [number.as_str()]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_place_of_a_manager_who_leaves_goes_to_whoever_is_above_them() {
    let desk = Desk::start(Settings::default());
    for (who, manager) in [("vera", ""), ("max", "vera"), ("eve", "max")] {
        put(&desk, who, manager, false).await;
    }
    let number = desk.open("eve", 1.0).await.number;
    assert_eq!(desk.waiting("max").await, [number.as_str()]);
    put(&desk, "max", "vera", true).await;
    desk.until(|| async { desk.waiting("vera").await == [number.as_str()] }).await;
    // Nobody is asked twice.
    let course = desk.course(&number).await;
    assert_eq!(course, ["asked max", "handed to vera"]);
    desk.approve(&number, "vera").await.unwrap();
    assert_eq!(desk.ticket(&number).await.state(), TicketState::Assigned);
    desk.folds(&number).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_who_asks_as_an_employee_does_not_decide_as_an_agent() {
    let folder = tempfile::tempdir().unwrap();
    let approval = APPROVAL.replace("approvers: [manager]", "approvers: [{ group: finance }]");
    for file in files(APPROVERS, &approval) {
        let known = "{ id: finance-2, name: Finance agent 2,";
        let content = file.content.replace(known, &format!("{known} user: eve,"));
        std::fs::write(folder.path().join(file.name), content).unwrap();
    }
    let settings = Settings::default().env("DISPATCH_CATALOG_DIR", folder.path().to_str().unwrap());
    let desk = Desk::with_own(settings, folder);
    let number = desk.open("eve", 1.0).await.number;
    assert_eq!(desk.course(&number).await, ["asked paul"], "the other agent of the group");
    let own = desk.approve(&number, "eve").await.unwrap_err();
    assert_eq!((own.code(), reason(&own).as_str()), (Code::PermissionDenied, "OWN_REQUEST"));
    // For somebody else they have one vote, whichever way they come.
    let number = desk.open("ada", 1.0).await.number;
    assert_eq!(desk.course(&number).await, ["asked paul,eve"]);
    desk.approve(&number, "eve").await.unwrap();
    assert_eq!(desk.ticket(&number).await.state(), TicketState::Assigned);
}
