//! The report that the README shows: three tickets of one Monday, one of which nobody answers in time.

use std::time::Duration;

use ticket_dispatch::proto::v1::{self, TicketState, ticket_service_client::TicketServiceClient};

use super::is_shown;
use crate::{
    app::{App, Settings},
    parts::installed::Part,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_report_of_the_readme_is_what_the_program_prints() {
    if Part::Faketime.is_missing() {
        return;
    }
    let app = App::start(Settings::default().clock());
    app.set_clock("2027-03-01T08:00:00Z");
    let mut tickets = TicketServiceClient::new(app.channel());
    let mut numbers = vec![];
    for turn in 0..3 {
        let symptom = v1::field_value::Value::Choice("drops".to_owned());
        let request = v1::CreateTicketRequest {
            request_id: format!("open-{turn}"),
            template: "vpn_fault".to_owned(),
            requester: Some(v1::Person {
                issuer: "chat".into(),
                subject: "alex".into(),
                ..Default::default()
            }),
            description: "The VPN drops".to_owned(),
            fields: vec![v1::FieldValue { field: "symptom".to_owned(), value: Some(symptom) }],
            ..Default::default()
        };
        numbers.push(tickets.create_ticket(request).await.unwrap().into_inner().ticket.unwrap().number);
    }
    for (number, to) in
        [(0, TicketState::InProgress), (0, TicketState::Resolved), (1, TicketState::InProgress)]
    {
        let request = v1::TransitionTicketRequest {
            request_id: format!("{number}-{to:?}"),
            ticket: numbers[number].clone(),
            to: to.into(),
            resolution: if to == TicketState::Resolved { "A new profile".to_owned() } else { String::new() },
            ..Default::default()
        };
        tickets.transition_ticket(request).await.unwrap();
    }
    app.set_clock("2027-03-01T10:30:00Z");
    let arguments = "sla report --period week --by group,priority --zone Europe/Berlin";
    let made = || {
        let mut all: Vec<&str> = arguments.split(' ').collect();
        let url = app.url();
        all.extend(["--connect", &url]);
        String::from_utf8(app.command(&all).output().unwrap().stdout).unwrap()
    };
    let mut printed = made();
    for _ in 0..600 {
        if printed.contains("66.7 %") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        printed = made();
    }
    is_shown(
        "levels",
        &format!("\n```console\n$ ticket-dispatch {arguments}\n{printed}```\n"),
        str::to_owned,
    );
}
