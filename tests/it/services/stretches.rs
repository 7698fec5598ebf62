//! When services were down: as it was felt at each moment, and as it was planned.

use ticket_dispatch::{
    domain::time::Timestamp,
    proto::v1::{self, Impact, TicketState, portfolio_service_client::PortfolioServiceClient},
};

use super::{Desk, is_about};
use crate::{
    changes::stage::{self, plan, span},
    parts::{installed::Part, postgres::settings_of_both},
};

const LOCKED: (&str, Option<(&str, &str)>) = ("account_locked", Some(("account", "windows")));

impl Desk {
    async fn felt(&self, ticket: &v1::Ticket, impact: Impact) {
        let request = v1::UpdateTicketRequest {
            request_id: self.request(),
            ticket: ticket.id.clone(),
            change: Some(v1::TicketChange { impact: impact.into(), ..Default::default() }),
            update_mask: Some(prost_types::FieldMask { paths: vec!["impact".into()] }),
            expected_version: 0,
        };
        self.tickets().update_ticket(request).await.unwrap();
    }

    async fn merge(&self, ticket: &v1::Ticket, into: &v1::Ticket) {
        let request = v1::MergeTicketRequest {
            request_id: self.request(),
            ticket: ticket.id.clone(),
            into: into.id.clone(),
            ..Default::default()
        };
        self.tickets().merge_ticket(request).await.unwrap();
    }

    async fn accounts(&self) -> (u64, u64, bool) {
        let it = self.report("accounts").await.availability.unwrap();
        (it.failures, it.down_seconds, it.down_now)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_was_down_while_enough_felt_it() {
    if Part::Faketime.is_missing() {
        return;
    }
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings.clock(), &[]);
        let at = |time: &str| desk.app.set_clock(&format!("2027-03-01T{time}:00Z"));
        let is = |(failures, down, now): (u64, u64, bool), expected: (u64, u64, bool)| {
            let told = (failures, now) == (expected.0, expected.2) && is_about(down, expected.1 * 60);
            assert!(told, "{failures} failures, {} minutes, now {now}: not {expected:?}", down / 60);
        };
        at("08:00");
        let first = desk.open(LOCKED.0, Impact::Site, LOCKED.1).await.unwrap();
        at("08:30");
        // Most can work again; it was down nevertheless.
        desk.felt(&first, Impact::Person).await;
        at("09:00");
        is(desk.accounts().await, (1, 30, false));
        // What hurts a site only now did not hurt it before.
        desk.felt(&first, Impact::Site).await;
        at("09:10");
        let second = desk.open(LOCKED.0, Impact::Person, LOCKED.1).await.unwrap();
        is(desk.accounts().await, (2, 40, true));
        at("09:20");
        // The one that goes on was opened later; the site felt it since nine.
        desk.felt(&second, Impact::Site).await;
        desk.merge(&first, &second).await;
        at("09:40");
        desk.go(&second, TicketState::Resolved).await;
        is(desk.accounts().await, (2, 70, false));
        at("10:00");
        let mistake = desk.open(LOCKED.0, Impact::Site, LOCKED.1).await.unwrap();
        at("10:10");
        desk.felt(&mistake, Impact::Team).await;
        is(desk.accounts().await, (3, 80, false));
        desk.go(&mistake, TicketState::Cancelled).await;
        is(desk.accounts().await, (2, 70, false));
    }
}

/// Down from 20:00 to 21:30, of which the hour until 21:00 was planned; what broke meanwhile is no failure of its own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_change_takes_down_is_planned_until_its_window_ends() {
    if Part::Faketime.is_missing() {
        return;
    }
    let source =
        ticket_dispatch::catalog::starter().into_iter().find(|it| it.name == "services.yaml").unwrap();
    let plain = "- { id: hosting, name: Servers and databases, owner: infrastructure }";
    let promised = "- { id: hosting, name: Servers and databases, owner: infrastructure, ticket_cost: 12.50 EUR, availability: { target: 99% } }";
    assert!(source.content.contains(plain));
    let services = source.content.replace(plain, promised);
    for (settings, _database) in settings_of_both() {
        let desk = stage::Desk::with(settings.clock(), &[("services.yaml", &services)]);
        let at = |time: &str| desk.app.set_clock(&format!("2027-03-01T{time}:00Z"));
        let hour = |hour: u32| Timestamp::parse(&format!("2027-03-01T{hour}:00:00Z")).unwrap();
        at("12:00");
        let report = || async {
            let request = v1::ReportServicesRequest {
                from: "2027-03-01".into(),
                to: "2027-03-01".into(),
                service: "hosting".into(),
                ..Default::default()
            };
            let mut portfolio = PortfolioServiceClient::new(desk.app.channel());
            portfolio.report_services(request).await.unwrap().into_inner().services.remove(0)
        };
        let (down, harmless) = (desk.open("", &[]).await, desk.open("", &[]).await);
        let mut with_downtime = plan(span(hour(20), hour(21)));
        with_downtime.answers[0].option = "short".into();
        for (change, plan) in [(&down, with_downtime), (&harmless, plan(span(hour(20), hour(21))))] {
            desk.plan(&change.id, plan).await.unwrap();
            desk.submit(&change.id).await.unwrap();
            desk.say(&change.id, "infrastructure-1", v1::ApprovalWord::Approve).await;
            desk.schedule(&change.id).await.unwrap();
        }
        at("20:00");
        for change in [&down, &harmless] {
            desk.go(&change.id, TicketState::InProgress).await.unwrap();
        }
        at("20:30");
        let it = report().await.availability.unwrap();
        assert!(it.failures == 0 && it.down_seconds == 0 && is_about(it.planned_seconds, 1800), "{it:?}");
        assert!(it.down_now && it.kept && it.percent == Some(100.0), "{it:?}");
        at("21:30");
        for change in [&down, &harmless] {
            desk.go(&change.id, TicketState::Resolved).await.unwrap();
        }
        at("22:00");
        let it = report().await.availability.unwrap();
        assert!(
            it.failures == 1 && is_about(it.down_seconds, 1800) && is_about(it.planned_seconds, 3600),
            "{it:?}"
        );
        assert!(is_about(it.agreed_seconds, 21 * 3600) && !it.down_now && !it.kept, "{it:?}");
        assert_eq!(it.own_down_seconds, it.down_seconds);
        // Taken up again, it takes the service down from then on, and not since the evening.
        desk.app.set_clock("2027-03-01T22:30:00Z");
        let again = v1::TransitionTicketRequest {
            request_id: desk.request(),
            ticket: down.id.clone(),
            to: TicketState::InProgress.into(),
            comment: "One host was left out".into(),
            ..Default::default()
        };
        desk.tickets().transition_ticket(again).await.unwrap();
        at("22:40");
        let it = report().await.availability.unwrap();
        assert!(it.down_now && it.failures == 2 && is_about(it.down_seconds, 2400), "{it:?}");
        // Each of the two changes is a ticket of the service.
        let mut counted = report().await;
        for _ in 0..600 {
            if counted.tickets == 2 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            counted = report().await;
        }
        assert_eq!((counted.tickets, counted.cost.as_str()), (2, "25 EUR"));
    }
}
