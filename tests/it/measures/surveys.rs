//! Requesters are asked how satisfied they are: scripts in `tests/cases/surveys`, how often they are asked, and answers that
//! come from a bot with a survey of its own.

use std::time::Duration;

use ticket_dispatch::proto::v1::{self, MeasureKind, TicketState, event::Fact};
use tonic::{Code, Request, Status};

use super::stage::{Desk, both};
use crate::{
    app::{App, Settings},
    cases::{Failures, scripts, stage::Stage},
    parts::installed::Part,
    waves::stage::{Desk as Chat, acting, person},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_scripted_survey_ends_as_its_script_says() {
    let mut failures = Failures::default();
    let app = App::start(Settings::default());
    for (name, script) in scripts("surveys", 11) {
        failures.note(&name, Stage::new(&app, &name).play(&script).await);
    }
    failures.none();
}

/// Waits until something is as it must be.
async fn until(mut is: impl AsyncFnMut() -> bool) {
    for _ in 0..1200 {
        if is().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it did not come about");
}

/// The questions that a ticket's events carry.
async fn questions(desk: &Chat, ticket: &str) -> Vec<v1::ApprovalNotice> {
    let request =
        v1::ListTicketEventsRequest { ticket: ticket.to_owned(), page_size: 200, ..Default::default() };
    let events = desk.tickets().list_ticket_events(request).await.unwrap().into_inner().events;
    let question = |it: v1::Event| match it.fact {
        Some(Fact::TicketSurveyAsked(it)) => it.notice,
        _ => None,
    };
    events.into_iter().filter_map(question).collect()
}

async fn rate(desk: &Chat, request: &str, ticket: &str, who: &str, score: u32) -> Result<v1::Ticket, Status> {
    let request = v1::RateTicketRequest {
        request_id: request.to_owned(),
        ticket: ticket.to_owned(),
        person: Some(person(who)),
        score,
        comment: "all well".into(),
    };
    let mut reports = v1::report_service_client::ReportServiceClient::new(desk.app.channel());
    Ok(reports.rate_ticket(Request::new(request)).await?.into_inner().ticket.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_ending_is_asked_about_once_and_nobody_twice_in_a_week() {
    if Part::Faketime.is_missing() {
        return;
    }
    for (settings, _database) in both(&acting().clock()) {
        let desk = Chat::start(settings);
        desk.app.set_clock("2027-03-01T08:00:00Z");
        let first = desk.opens("ada", "the vpn does not connect, it says error 809").await;
        let second = desk.opens("ada", "my laptop is dead").await;
        desk.move_to(&first, TicketState::Resolved).await;
        until(async || questions(&desk, &first).await.len() == 1).await;
        let asked = questions(&desk, &first).await.remove(0);
        assert!(asked.text.contains(&first) && asked.to.as_ref().unwrap().subject == "ada", "{asked:?}");
        let values: Vec<_> = asked.choices.iter().map(|it| it.value.clone()).collect();
        assert_eq!(values, [1, 2, 3, 4, 5].map(|it| format!("Rate {first} {it}")));
        // Another one of hers within the week.
        desk.move_to(&second, TicketState::Resolved).await;
        let third = desk.opens("mei", "the vpn does not connect, it says error 809").await;
        desk.move_to(&third, TicketState::Resolved).await;
        // What follows is done in its order, so by then nobody will be asked about the second.
        until(async || questions(&desk, &third).await.len() == 1).await;
        assert!(questions(&desk, &second).await.is_empty());
        // The same ending is not asked about again, another one is, after the week.
        desk.app.set_clock("2027-03-02T08:00:00Z");
        let again = desk.say("ada", &format!("reopen {first}, it is broken again")).await;
        assert!(again.text.contains("is open again"), "{}", again.text);
        desk.app.set_clock("2027-03-09T09:00:00Z");
        desk.move_to(&first, TicketState::Resolved).await;
        until(async || questions(&desk, &first).await.len() == 2).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_share_of_nobody_asks_nobody() {
    let desk = Chat::start(acting().env("DISPATCH_SURVEYS_SHARE", "0"));
    let first = desk.opens("ada", "the vpn does not connect, it says error 809").await;
    desk.move_to(&first, TicketState::Resolved).await;
    let major = desk.opens("mei", "my laptop is dead").await;
    // Behind it in the order of what follows.
    let into = v1::MergeTicketRequest {
        request_id: desk.request(),
        ticket: desk.opens("mei", "my laptop is dead and does not start").await,
        into: major.clone(),
        expected_version: 0,
    };
    if desk.tickets().merge_ticket(into).await.is_ok() {
        desk.until(&major, |it| !it.links.is_empty()).await;
    }
    assert!(questions(&desk, &first).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_counts_once_for_its_requester_and_can_be_changed_for_a_while() {
    if Part::Faketime.is_missing() {
        return;
    }
    for (settings, _database) in both(&acting().clock()) {
        let desk = Chat::start(settings);
        desk.app.set_clock("2027-03-01T08:00:00Z");
        let ticket = desk.opens("ada", "the vpn does not connect, it says error 809").await;
        let early = rate(&desk, "r-0", &ticket, "ada", 5).await.unwrap_err();
        assert_eq!(early.code(), Code::FailedPrecondition, "{early:?}");
        desk.move_to(&ticket, TicketState::Resolved).await;
        assert_eq!(rate(&desk, "r-1", &ticket, "mei", 1).await.unwrap_err().code(), Code::NotFound);
        let rated = rate(&desk, "r-2", &ticket, "ada", 2).await.unwrap();
        assert_eq!(rated.survey.as_ref().unwrap().score, 2);
        let same = rate(&desk, "r-2", &ticket, "ada", 2).await.unwrap();
        assert_eq!(same.survey.unwrap().score, 2);
        assert_eq!(rate(&desk, "r-2", &ticket, "ada", 3).await.unwrap_err().code(), Code::AlreadyExists);
        desk.app.set_clock("2027-03-14T08:00:00Z");
        rate(&desk, "r-3", &ticket, "ada", 4).await.unwrap();
        // The same request again gets the answer of then.
        let same = rate(&desk, "r-2", &ticket, "ada", 2).await.unwrap();
        assert_eq!((same.survey.unwrap().score, same.version), (2, rated.version));
        desk.app.set_clock("2027-03-16T08:00:00Z");
        let late = rate(&desk, "r-4", &ticket, "ada", 1).await.unwrap_err();
        assert!(late.message().contains("14 days"), "{late:?}");
        // One value, the last one, on the day on which this ending was rated first.
        let measured = Desk::beside(desk.app);
        let request = v1::MeasureRequest {
            measures: vec![MeasureKind::Satisfaction.into()],
            period: v1::MeasurePeriod::Day.into(),
            from: "2027-03-01".into(),
            to: "2027-03-31".into(),
            ..Default::default()
        };
        let rows = measured.measure(request).await.unwrap();
        assert_eq!((rows.len(), rows[0].count, rows[0].mean), (1, 1, 4.0), "{rows:?}");
        assert_eq!((rows[0].first_day.as_str(), rows[0].p50), ("2027-03-01", Some(4)));
        measured.is_verified();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_ending_keeps_its_own_rating() {
    if Part::Faketime.is_missing() {
        return;
    }
    for (settings, _database) in both(&acting().clock()) {
        let desk = Chat::start(settings);
        desk.app.set_clock("2027-03-30T08:00:00Z");
        let ticket = desk.opens("ada", "the vpn does not connect, it says error 809").await;
        desk.move_to(&ticket, TicketState::Resolved).await;
        rate(&desk, "r-1", &ticket, "ada", 1).await.unwrap();
        desk.app.set_clock("2027-04-02T08:00:00Z");
        let again = desk.say("ada", &format!("reopen {ticket}, it is broken again")).await;
        assert!(again.text.contains("is open again"), "{}", again.text);
        desk.move_to(&ticket, TicketState::Resolved).await;
        rate(&desk, "r-2", &ticket, "ada", 3).await.unwrap();
        rate(&desk, "r-3", &ticket, "ada", 5).await.unwrap();
        let measured = Desk::beside(desk.app);
        let rows = measured.monthly(MeasureKind::Satisfaction, &[]).await;
        let month = |day: &str, sum| (day.to_owned(), String::new(), 1, sum);
        assert_eq!(rows, [month("2027-03-01", 1), month("2027-04-01", 5)]);
        measured.is_verified();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn chat_shows_what_was_routed_without_asking_and_what_was_wrong_with_it() {
    let desk = Chat::start(acting());
    let right = desk.opens("ada", "the vpn does not connect, it says error 809").await;
    let wrong = desk.opens("mei", "the vpn does not connect, it says error 809").await;
    let measured = Desk::beside(desk.app);
    measured.assign(&wrong, "servicedesk").await.unwrap();
    measured.go(&right, TicketState::InProgress).await.unwrap();
    let of = async |measure: MeasureKind| {
        let request = v1::MeasureRequest { measures: vec![measure.into()], ..Default::default() };
        let rows = measured.measure(request).await.unwrap();
        (rows[0].count, rows[0].sum, rows[0].mean)
    };
    assert_eq!(of(MeasureKind::Automatic).await, (2, 2, 1.0));
    assert_eq!(of(MeasureKind::AutomaticError).await, (2, 1, 0.5));
}
