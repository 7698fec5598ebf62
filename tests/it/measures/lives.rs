//! What a ticket and a conversation count for, where it is not plain: who waits for consent, and whom an article helped.

use ticket_dispatch::proto::v1::{self, MeasureDimension, MeasureKind, TicketState};

use super::stage::Desk;
use crate::{
    app::said,
    approval::stage::Desk as Asking,
    knowledge::stage::{Desk as Reading, jam},
    parts::{installed::Part, postgres::settings_of_both},
};

/// Count and sum of a measure over the last thirty days.
async fn of(desk: &Desk, measure: MeasureKind) -> (u64, u64) {
    let request = v1::MeasureRequest { measures: vec![measure.into()], ..Default::default() };
    let rows = desk.measure(request).await.unwrap();
    rows.first().map_or((0, 0), |it| (it.count, it.sum))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_waited_for_consent_is_no_first_contact() {
    for (settings, _database) in settings_of_both() {
        let asking = Asking::start(settings);
        let ticket = asking.open("ada", 2.0).await;
        assert_eq!(ticket.state(), TicketState::WaitingApproval);
        asking.approve(&ticket.number, "boss").await.unwrap();
        let desk = Desk::beside(asking.app);
        desk.go(&ticket.number, TicketState::Resolved).await.unwrap();
        let quick = desk.open("bob").await.unwrap().number;
        desk.go(&quick, TicketState::Resolved).await.unwrap();
        // One of the two: who waited did not have it at first contact.
        assert_eq!(of(&desk, MeasureKind::FirstContact).await, (2, 1));
        desk.is_verified();
    }
}

/// Somebody tells of a paper jam, is shown an article and says whether it helped.
async fn reads(desk: &Reading, who: &str, answer: &str) {
    let offered = desk.say(who, "the printer has a paper jam").await;
    assert!(offered.text.contains("Did it solve it?"), "{}", offered.text);
    desk.say(who, answer).await;
}

/// Opens a ticket in chat.
async fn opens(desk: &Reading, who: &str) {
    for text in ["I need a new headset, just one", "yes", "yes"] {
        if desk.say(who, text).await.ticket.is_some() {
            return;
        }
    }
    panic!("{who} has no ticket");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_article_solved_a_conversation_if_no_ticket_came_from_it() {
    for (settings, _database) in settings_of_both() {
        let reading = Reading::start(settings);
        let article = reading.published(jam()).await;
        reads(&reading, "ada", "yes").await;
        // It helped, and they opened a ticket all the same.
        reads(&reading, "bob", "yes").await;
        opens(&reading, "bob").await;
        // An agent, and somebody who was in no conversation.
        let agent = v1::RateArticleRequest {
            request_id: reading.request(),
            article: article.clone(),
            reader: None,
            helped: true,
        };
        reading.knowledge().rate_article(agent).await.unwrap();
        reading.rate(&article, "cat", true).await.unwrap();
        let desk = Desk::beside(reading.app);
        assert_eq!(of(&desk, MeasureKind::Knowledge).await, (2, 1));
        desk.is_verified();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ticket_of_another_day_takes_no_help_away() {
    if Part::Faketime.is_missing() {
        return;
    }
    for (settings, _database) in settings_of_both() {
        let reading = Reading::start(settings.clock());
        reading.app.set_clock("2027-03-01T08:00:00Z");
        reading.published(jam()).await;
        // Before it, and more than a day behind it.
        opens(&reading, "ada").await;
        reads(&reading, "ada", "yes").await;
        reading.app.set_clock("2027-03-02T09:00:00Z");
        opens(&reading, "ada").await;
        reads(&reading, "bob", "yes").await;
        reading.app.set_clock("2027-03-03T08:00:00Z");
        opens(&reading, "bob").await;
        let desk = Desk::beside(reading.app);
        let rows = desk.monthly(MeasureKind::Knowledge, &[] as &[MeasureDimension]).await;
        assert_eq!(rows, [("2027-03-01".to_owned(), String::new(), 4, 1)]);
        desk.is_verified();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_night_counts_by_the_wall_clock_and_not_in_working_seconds() {
    if Part::Faketime.is_missing() {
        return;
    }
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings.clock());
        // A Monday; the calendar of the standard policy has the hours from 8 to 18 in Berlin, an hour before UTC.
        desk.at("2027-03-01T16:00:00Z");
        let ticket = desk.open("ann").await.unwrap().number;
        desk.at("2027-03-02T08:00:00Z");
        desk.go(&ticket, TicketState::InProgress).await.unwrap();
        desk.at("2027-03-02T09:00:00Z");
        desk.go(&ticket, TicketState::Resolved).await.unwrap();
        let hours = async |measure: MeasureKind| {
            let request = v1::MeasureRequest { measures: vec![measure.into()], ..Default::default() };
            let row = desk.measure(request).await.unwrap().remove(0);
            (row.count, (f64::from(row.p50.unwrap()) / 3600.0).round())
        };
        assert_eq!(hours(MeasureKind::Respond).await, (1, 16.0));
        assert_eq!(hours(MeasureKind::RespondWorking).await, (1, 2.0));
        assert_eq!(hours(MeasureKind::AcknowledgeWorking).await, (1, 2.0));
        assert_eq!(hours(MeasureKind::Resolve).await, (1, 17.0));
        assert_eq!(hours(MeasureKind::ResolveWorking).await, (1, 3.0));
        desk.is_verified();
        said(&desk.command(&["measures", "recompute"]));
        assert_eq!(hours(MeasureKind::ResolveWorking).await, (1, 3.0));
    }
}
