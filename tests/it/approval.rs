//! Approvals on the shipped program: who is asked, whose word counts, what follows, and that nothing goes around it
//! (zammad#353, PR #6264; frappe#734; osTicket#2826: approvals that were never finished).

mod chat;
mod leavers;
pub(crate) mod stage;
mod time;

use ticket_dispatch::proto::v1::{self, ApprovalWord, TicketState, event::Fact};
use tonic::Code;

use self::stage::{APPROVAL, APPROVERS, Desk, person, reason, with_token};
use crate::{
    app::Settings,
    parts::{installed::Part, postgres::Postgres},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_waits_is_granted_and_goes_to_its_group_on_sqlite() {
    is_granted(Desk::start(Settings::default())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_waits_is_granted_and_goes_to_its_group_on_postgres() {
    if Part::Postgres.is_missing() {
        return;
    }
    let postgres = Postgres::start();
    is_granted(Desk::start(Settings::default().env("DISPATCH_STORE_URL", &postgres.url()))).await;
}

async fn is_granted(desk: Desk) {
    let ticket = desk.open("ada", 8.0).await;
    assert_eq!((ticket.state(), ticket.agent.as_str()), (TicketState::WaitingApproval, ""));
    assert_eq!((ticket.group.as_str(), ticket.pauses.len()), ("workplace", 1), "clocks stand still");
    assert_eq!(ticket.resolution_due, None);
    let number = ticket.number.clone();
    assert_eq!(desk.course(&number).await, ["asked boss"]);
    assert_eq!((desk.waiting("boss").await, desk.waiting("cfo").await), (vec![number.clone()], vec![]));
    let asked = desk.told(&number, "boss").await;
    assert_eq!(asked.len(), 1);
    assert!(asked[0].text.starts_with("ada asks for New or borrowed equipment"), "{}", asked[0].text);
    let sent: Vec<_> = asked[0].choices.iter().map(|it| it.value.clone()).collect();
    assert_eq!(sent, [format!("Approve {number} #1"), format!("Reject {number} #1")]);

    let after = desk.approve(&number, "boss").await.unwrap();
    assert_eq!((after.step, after.needed, after.agreed), (Some(1), 2, 0));
    let second = desk.told(&number, "cfo").await;
    assert_eq!(second[0].language(), v1::Language::Zh);
    assert!(second[0].text.contains("同意吗"), "{}", second[0].text);
    assert!(desk.waiting("boss").await.is_empty());
    desk.folds(&number).await;

    // A word on the step that is over, one of a stranger, one of the requester.
    let late = desk.reject(&number, "boss").await.unwrap_err();
    assert_eq!((late.code(), reason(&late).as_str()), (Code::FailedPrecondition, "STEP_OVER"));
    assert!(late.message().contains("the step `line` is over: granted"), "{}", late.message());
    let stranger = desk.approve(&number, "eve").await.unwrap_err();
    assert_eq!((stranger.code(), reason(&stranger).as_str()), (Code::PermissionDenied, "NOT_APPROVER"));
    assert!(stranger.message().contains("Finance director (cfo)"), "{}", stranger.message());
    let own = desk.approve(&number, "ada").await.unwrap_err();
    assert_eq!((own.code(), reason(&own).as_str()), (Code::PermissionDenied, "OWN_REQUEST"));

    desk.approve(&number, "cfo").await.unwrap();
    let granted = desk.approve(&number, "paul").await.unwrap();
    let ending = granted.approval.unwrap().ending.unwrap();
    assert_eq!(ending.outcome(), v1::ApprovalOutcome::Granted);
    let ticket = desk.ticket(&number).await;
    assert_eq!((ticket.state(), ticket.agent.is_empty()), (TicketState::Assigned, false));
    assert!(ticket.resolution_due.is_some() && ticket.pauses[0].to.is_some());
    let course = [
        "asked boss",
        "boss yes",
        "step granted",
        "asked cfo and paul,finance-2",
        "cfo yes",
        "paul yes",
        "step granted",
        "ended granted",
    ];
    assert_eq!(desk.course(&number).await, course);
    let colleague = desk.told(&number, "finance-2").await;
    assert!(colleague.len() == 2 && colleague[1].text.starts_with("Nothing is needed"), "{colleague:?}");
    let requester = desk.told(&number, "ada").await;
    assert!(requester[0].text.contains("is approved"), "{}", requester[0].text);
    let over = desk.approve(&number, "cfo").await.unwrap_err();
    assert_eq!((over.code(), reason(&over).as_str()), (Code::FailedPrecondition, "APPROVAL_OVER"));
    assert!(over.message().contains("granted by Paul"), "{}", over.message());
    desk.folds(&number).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_no_cancels_and_its_reason_is_told_to_the_requester() {
    let desk = Desk::start(Settings::default());
    let ticket = desk.open("ada", 1.0).await;
    let silent =
        desk.say("r-1", &ticket.number, Some(person("boss")), ApprovalWord::Reject, " ").await.unwrap_err();
    assert_eq!(silent.code(), Code::InvalidArgument);
    assert!(silent.message().contains("comment"), "{}", silent.message());
    desk.reject(&ticket.number, "boss").await.unwrap();
    let ticket = desk.ticket(&ticket.number).await;
    assert_eq!((ticket.state(), ticket.agent.as_str()), (TicketState::Cancelled, ""));
    let told = desk.told(&ticket.number, "ada").await;
    assert!(told[0].text.contains("rejected by The boss. too dear"), "{}", told[0].text);
    let status = desk.write("m-1", "ada", &format!("status of {}", ticket.number)).await.unwrap();
    assert!(status.text.contains("rejected by The boss. too dear"), "{}", status.text);
    desk.folds(&ticket.number).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_word_twice_counts_once_and_another_mind_counts_while_it_is_open() {
    let desk = Desk::start(Settings::default());
    let number = desk.open("ada", 8.0).await.number;
    desk.approve(&number, "boss").await.unwrap();
    let cfo = || Some(person("cfo"));
    let first = desk.say("r-1", &number, cfo(), ApprovalWord::Approve, "fine").await.unwrap();
    let again = desk.say("r-1", &number, cfo(), ApprovalWord::Approve, "fine").await.unwrap();
    assert_eq!(first, again);
    let other = desk.say("r-1", &number, cfo(), ApprovalWord::Reject, "no").await.unwrap_err();
    assert_eq!(other.code(), Code::AlreadyExists);
    assert_eq!(desk.course(&number).await.iter().filter(|it| *it == "cfo yes").count(), 1);
    // Both at once, by several calls: one vote each, and one ending.
    let both = tokio::join!(
        desk.approve(&number, "paul"),
        desk.approve(&number, "cfo"),
        desk.approve(&number, "paul")
    );
    assert!(both.0.is_ok() || both.2.is_ok());
    assert_eq!(desk.course(&number).await.iter().filter(|it| *it == "ended granted").count(), 1);
    assert_eq!(desk.ticket(&number).await.state(), TicketState::Assigned);

    let number = desk.open("mei", 8.0).await.number;
    desk.approve(&number, "boss").await.unwrap();
    desk.approve(&number, "paul").await.unwrap();
    let colleague = v1::Person { issuer: "desk".into(), subject: "finance-2".into(), ..Default::default() };
    let taken = desk.say("r-2", &number, Some(colleague), ApprovalWord::Reject, "no").await.unwrap_err();
    assert_eq!((taken.code(), reason(&taken).as_str()), (Code::FailedPrecondition, "ANSWERED_ALREADY"));
    desk.reject(&number, "paul").await.unwrap();
    assert_eq!(desk.ticket(&number).await.state(), TicketState::Cancelled, "one of two is out of reach");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_goes_around_an_approval() {
    let desk = Desk::start(Settings::default());
    let number = desk.open("ada", 1.0).await.number;
    let around = desk.go(&number, TicketState::Assigned).await.unwrap_err();
    assert_eq!((around.code(), reason(&around).as_str()), (Code::FailedPrecondition, "NOT_APPROVED"));
    let request = v1::AssignTicketRequest {
        request_id: desk.request(),
        ticket: number.clone(),
        group: "procurement".to_owned(),
        ..Default::default()
    };
    let ticket = desk.tickets().assign_ticket(request).await.unwrap().into_inner().ticket.unwrap();
    assert_eq!((ticket.state(), ticket.agent.as_str()), (TicketState::WaitingApproval, ""));
    desk.approve(&number, "boss").await.unwrap();
    let ticket = desk.ticket(&number).await;
    assert_eq!((ticket.state(), ticket.group.as_str()), (TicketState::Assigned, "procurement"));
    assert!(ticket.agent.starts_with("procurement-"), "{}", ticket.agent);
    desk.folds(&number).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_material_change_begins_it_anew_and_a_withdrawn_request_asks_nobody() {
    let desk = Desk::start(Settings::default());
    let number = desk.open("ada", 8.0).await.number;
    desk.approve(&number, "boss").await.unwrap();
    let update = |fields: Vec<v1::FieldValue>| v1::UpdateTicketRequest {
        request_id: desk.request(),
        ticket: number.clone(),
        change: Some(v1::TicketChange { fields, ..Default::default() }),
        update_mask: Some(prost_types::FieldMask { paths: vec!["fields".into()] }),
        ..Default::default()
    };
    let field = |id: &str, value| v1::FieldValue { field: id.into(), value: Some(value) };
    let reason = field("reason", v1::field_value::Value::Text("They begin in May".into()));
    desk.tickets().update_ticket(update(vec![reason])).await.unwrap();
    assert!(!desk.course(&number).await.contains(&"restarted".to_owned()), "that is not what was agreed to");
    let quantity = field("quantity", v1::field_value::Value::Number(3.0));
    desk.tickets().update_ticket(update(vec![quantity])).await.unwrap();
    let course = desk.course(&number).await;
    assert_eq!(course[course.len() - 2..], ["restarted", "asked boss"]);
    assert_eq!((desk.waiting("boss").await.len(), desk.waiting("cfo").await.len()), (1, 0));
    assert!(desk.told(&number, "cfo").await.iter().any(|it| it.text.contains("重新开始审批")));
    let ticket = desk.ticket(&number).await;
    assert_eq!(ticket.approval.as_ref().map(|it| (it.round, it.steps.len())), Some((2, 1)));

    desk.go(&number, TicketState::Cancelled).await.unwrap();
    assert!(desk.waiting("boss").await.is_empty());
    assert_eq!(desk.course(&number).await.last().map(String::as_str), Some("ended withdrawn"));
    let told = desk.told(&number, "boss").await;
    assert!(told.last().unwrap().text.contains("was withdrawn"), "{told:?}");
    desk.folds(&number).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_place_goes_to_a_delegate_and_to_others_when_its_approver_leaves() {
    let desk = Desk::start(Settings::default());
    let number = desk.open("ada", 1.0).await.number;
    let unknown = desk.delegate(&number, "boss", "nobody").await.unwrap_err();
    assert_eq!(unknown.code(), Code::InvalidArgument);
    assert!(unknown.message().contains("to: no approver or agent `nobody`"), "{}", unknown.message());
    desk.delegate(&number, "boss", "paul").await.unwrap();
    assert_eq!((desk.waiting("boss").await.len(), desk.waiting("paul").await.len()), (0, 1));
    let back = desk.delegate(&number, "paul", "boss").await.unwrap_err();
    assert!(back.message().contains("handed it on themselves"), "{}", back.message());
    let handed = desk.approve(&number, "boss").await.unwrap_err();
    assert_eq!((handed.code(), reason(&handed).as_str()), (Code::FailedPrecondition, "HANDED_ON"));

    let other = desk.open("mei", 1.0).await.number;
    assert_eq!(desk.waiting("boss").await, [other.as_str()]);
    // The boss has left the company, and so has the agent that Paul was.
    let left = APPROVERS.replace(
        "id: boss, name: The boss, issuer: chat, subject: boss, delegate: head",
        "id: boss, name: The new boss, issuer: chat, subject: boss-2",
    );
    let left = left.replace(
        "subject: paul, agent: finance-1 }",
        "subject: paul, leave: [{ from: 2020-01-01, to: 2099-01-01 }], delegate: head }",
    );
    desk.apply(&left, APPROVAL).await;
    desk.until(|| async { desk.waiting("head").await.len() == 2 }).await;
    assert!(desk.waiting("boss").await.is_empty() && desk.waiting("paul").await.is_empty());
    assert_eq!(desk.course(&number).await.last().map(String::as_str), Some("handed to head"));
    let gone = desk.approve(&other, "boss").await.unwrap_err();
    assert_eq!(gone.code(), Code::PermissionDenied);
    desk.approve(&other, "head").await.unwrap();
    assert_eq!(desk.ticket(&other).await.state(), TicketState::Assigned);
    assert!(desk.told(&number, "head").await[0].text.starts_with("In the place of"));
    desk.folds(&number).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn agents_speak_for_themselves_and_a_bot_sees_what_concerns_its_person() {
    let desk = Desk::start(Settings::default().env("DISPATCH_AUTH_MODE", "tokens"));
    let (bot, agent, paul) =
        (desk.token("bot-1", "bot"), desk.token("network-1", "agent"), desk.token("finance-1", "agent"));
    let text = |text: &str, id: &str| v1::SendMessageRequest {
        message_id: id.to_owned(),
        conversation: "ada's".to_owned(),
        requester: Some(person("ada")),
        text: text.to_owned(),
        language: 0,
    };
    let mut talk = v1::conversation_service_client::ConversationServiceClient::new(desk.app.channel());
    talk.send_message(with_token(text("I need a new headset", "m-1"), &bot)).await.unwrap();
    let opened = talk.send_message(with_token(text("yes", "m-2"), &bot)).await.unwrap().into_inner();
    let number = opened.ticket.unwrap().number;
    let decide = |who: Option<&str>| v1::DecideApprovalRequest {
        request_id: desk.request(),
        ticket: number.clone(),
        person: who.map(person),
        word: ApprovalWord::Approve.into(),
        comment: String::new(),
        round: None,
    };
    let mut approvals = desk.approvals();
    let other = approvals.decide_approval(with_token(decide(Some("boss")), &agent)).await.unwrap_err();
    assert_eq!((other.code(), reason(&other).as_str()), (Code::PermissionDenied, "FORBIDDEN"));
    let own = approvals.decide_approval(with_token(decide(None), &agent)).await.unwrap_err();
    assert_eq!((own.code(), reason(&own).as_str()), (Code::PermissionDenied, "NOT_APPROVER"));

    let look = |who: &str| v1::ListApprovalsRequest {
        person: Some(person(who)),
        ticket: number.clone(),
        ..Default::default()
    };
    for who in ["ada", "boss"] {
        let seen = approvals.list_approvals(with_token(look(who), &bot)).await.unwrap().into_inner();
        assert_eq!(seen.approvals.len(), 1);
    }
    let stranger = approvals.list_approvals(with_token(look("eve"), &bot)).await.unwrap_err();
    let unknown = v1::ListApprovalsRequest { ticket: "REQ-999999".into(), ..look("eve") };
    let unknown = approvals.list_approvals(with_token(unknown, &bot)).await.unwrap_err();
    assert_eq!(stranger.code(), Code::NotFound);
    assert_eq!((stranger.message(), stranger.details()), (unknown.message(), unknown.details()));

    // Paul is an agent as well: his token and the bot speak for the same person.
    let delegate = v1::DelegateApprovalRequest {
        request_id: desk.request(),
        ticket: number.clone(),
        person: Some(person("boss")),
        to: "finance-1".to_owned(),
    };
    approvals.delegate_approval(with_token(delegate, &bot)).await.unwrap();
    let done = approvals.decide_approval(with_token(decide(None), &paul)).await.unwrap().into_inner();
    let vote = done.approval.unwrap().approval.unwrap().steps[0].seats[0].vote.clone().unwrap();
    assert_eq!(vote.by.unwrap().subject, "paul");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_comes_in_pages_and_other_templates_ask_nobody() {
    let desk = Desk::start(Settings::default());
    let mut numbers = vec![];
    for _ in 0..5 {
        numbers.push(desk.open("ada", 1.0).await.number);
    }
    let (mut seen, mut token) = (vec![], String::new());
    loop {
        let request = v1::ListApprovalsRequest {
            person: Some(person("boss")),
            page_size: 2,
            page_token: token,
            ..Default::default()
        };
        let page = desk.approvals().list_approvals(request).await.unwrap().into_inner();
        seen.extend(page.approvals.into_iter().map(|it| it.number));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(seen, numbers);
    // The owner takes the approval out: what waits goes on waiting by what it was opened with, the next one does not.
    desk.apply(APPROVERS, "").await;
    desk.until(|| async { desk.open("ada", 1.0).await.state() == TicketState::Assigned }).await;
    assert_eq!(desk.waiting("boss").await.len(), 5);
    desk.approve(&numbers[0], "boss").await.unwrap();
    let opened = desk.history(&numbers[0]).await;
    assert!(matches!(opened[0].fact, Some(Fact::TicketOpened(_))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_was_asked_about_does_not_grow_into_what_somebody_must_agree_to() {
    let large = APPROVAL.replace(
        "          approvers: [manager]",
        "          when: { field: quantity, above: 2 }\n          approvers: [manager]",
    );
    let desk = Desk::with(Settings::default(), &large);
    let set = async |number: &str, quantity| {
        let value = Some(v1::field_value::Value::Number(quantity));
        let change = v1::TicketChange {
            fields: vec![v1::FieldValue { field: "quantity".into(), value }],
            ..Default::default()
        };
        let request = v1::UpdateTicketRequest {
            request_id: desk.request(),
            ticket: number.to_owned(),
            change: Some(change),
            update_mask: Some(prost_types::FieldMask { paths: vec!["fields".into()] }),
            ..Default::default()
        };
        desk.tickets().update_ticket(request).await
    };
    let small = desk.open("ada", 1.0).await.number;
    assert_eq!(desk.ticket(&small).await.state(), TicketState::Assigned);
    set(&small, 2.0).await.unwrap();
    let refused = set(&small, 400.0).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::FailedPrecondition, "NEEDS_APPROVAL"));
    assert!(refused.message().contains("`line`, `money`"), "{}", refused.message());
    // Nor by way of a request that became too small to ask about.
    let shrunk = desk.open("ada", 3.0).await.number;
    set(&shrunk, 1.0).await.unwrap();
    assert_eq!(desk.ticket(&shrunk).await.state(), TicketState::Assigned);
    assert_eq!(reason(&set(&shrunk, 400.0).await.unwrap_err()), "NEEDS_APPROVAL");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_word_is_about_the_round_that_it_names_and_what_was_agreed_to_stays() {
    let desk = Desk::start(Settings::default());
    let number = desk.open("ada", 3.0).await.number;
    let change = async |id: &str, value| {
        let fields = vec![v1::FieldValue { field: id.into(), value: Some(value) }];
        let request = v1::UpdateTicketRequest {
            request_id: desk.request(),
            ticket: number.clone(),
            change: Some(v1::TicketChange { fields, ..Default::default() }),
            update_mask: Some(prost_types::FieldMask { paths: vec!["fields".into()] }),
            ..Default::default()
        };
        desk.tickets().update_ticket(request).await
    };
    let say = async |round| {
        let request = v1::DecideApprovalRequest {
            request_id: desk.request(),
            ticket: number.clone(),
            person: Some(person("boss")),
            word: ApprovalWord::Approve.into(),
            comment: String::new(),
            round: Some(round),
        };
        desk.approvals().decide_approval(request).await
    };
    change("quantity", v1::field_value::Value::Number(4.0)).await.unwrap();
    let late = say(1).await.unwrap_err();
    assert_eq!((late.code(), reason(&late).as_str()), (Code::FailedPrecondition, "REQUEST_CHANGED"));
    assert!(late.message().contains("since round 1") && late.message().contains("round 2"), "{late:?}");
    assert_eq!(desk.ticket(&number).await.state(), TicketState::WaitingApproval);
    say(2).await.unwrap();
    assert_eq!(desk.ticket(&number).await.state(), TicketState::Assigned);

    let refused = change("quantity", v1::field_value::Value::Number(400.0)).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::FailedPrecondition, "AGREED_TO"));
    assert!(refused.message().contains("`quantity` was agreed to by The boss"), "{}", refused.message());
    // The rest is nobody's consent.
    change("reason", v1::field_value::Value::Text("They begin in May".into())).await.unwrap();
    assert_eq!(desk.course(&number).await.last().map(String::as_str), Some("ended granted"));
    desk.folds(&number).await;
}
