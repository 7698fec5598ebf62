//! Incident waves on the real program, found in what people write to the bot. On both databases where they matter.

mod after;
mod chat;
mod command;
mod parts;
pub(crate) mod stage;

use ticket_dispatch::proto::v1::{self, LinkRelation, TicketState, WaveState};
use tonic::Code;

use crate::{
    app::{App, Settings},
    parts::{installed::Part, postgres::Postgres},
};
use stage::{Desk, PRINTING, VPN, acting, linked, settings_of_both, sorted, with_tickets};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_people_are_a_wave_and_one_who_writes_ten_times_is_none() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings);
        for text in VPN.iter().chain(&VPN[..2]) {
            desk.say("angry", text).await;
        }
        let numbers = desk.storm("printing", &PRINTING).await;
        // Tickets come behind the messages: all of them are known in the end.
        let wave = desk.wave("printer_fault", |it| with_tickets(it) == PRINTING.len()).await;
        assert_eq!(wave.state(), WaveState::Candidate);
        assert!(wave.id.starts_with("wav_") && wave.number == "WAV-000001", "{wave:?}");
        assert_eq!(wave.people, 8, "{wave:?}");
        assert!(wave.expected_people < 1.0 && wave.service == "printing", "{wave:?}");
        assert!(wave.parent.is_none() && wave.joined == 0);
        let first = desk.ticket(&numbers[0]).await;
        assert!(wave.members.iter().any(|it| it.ticket == first.id));
        assert_eq!(desk.get(&wave.number).await.unwrap().id, wave.id);
        assert_eq!(desk.list(WaveState::Unspecified).await.len(), 1, "one person is no wave");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_accepted_wave_has_a_parent_and_children_and_is_resolved_with_it() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings);
        let numbers = desk.storm("vpn", &VPN).await;
        let wave = desk.wave("vpn_fault", |it| with_tickets(it) == VPN.len()).await;
        let accepted = desk.accept(&wave.number, "").await.unwrap();
        assert_eq!(accepted.state(), WaveState::Accepted);
        let parent = accepted.parent.clone().unwrap();
        let mut members = vec![];
        for it in accepted.members.iter().filter(|it| !it.ticket.is_empty()) {
            members.push(desk.ticket(&it.ticket).await.number);
        }
        members.sort();
        assert_eq!(members, sorted(&numbers), "all of them");
        assert_eq!(members.remove(0), parent.number, "the oldest one leads");
        let ticket = desk.until(&parent.number, |it| linked(it, LinkRelation::Child) == members).await;
        for child in &members {
            assert_eq!(
                linked(&desk.ticket(child).await, LinkRelation::Parent),
                std::slice::from_ref(&ticket.number)
            );
        }
        let again = desk.accept(&wave.number, "").await.unwrap_err();
        assert_eq!(again.code(), Code::FailedPrecondition);
        assert!(again.message().contains("it may become running or over"), "{again:?}");

        desk.move_to(&parent.number, TicketState::InProgress).await;
        desk.wave("vpn_fault", |it| it.state() == WaveState::Running).await;
        desk.move_to(&parent.number, TicketState::Resolved).await;
        for child in &members {
            desk.until(child, |it| it.state() == TicketState::Resolved).await;
        }
        // The rate is not back yet, so it goes on.
        assert_eq!(desk.get(&wave.id).await.unwrap().state(), WaveState::Running);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wave_is_decided_about_once() {
    let desk = Desk::start(acting());
    desk.storm("vpn", &VPN).await;
    let wave = desk.wave("vpn_fault", |it| it.members.iter().any(|it| !it.ticket.is_empty())).await;
    let dismiss = |request: &str, reason: &str, expected| v1::DismissWaveRequest {
        request_id: request.to_owned(),
        wave: wave.number.clone(),
        reason: reason.to_owned(),
        expected_version: expected,
    };
    let stale = desk.waves().dismiss_wave(dismiss("d-1", "a drill", 99)).await.unwrap_err();
    assert_eq!(stale.code(), Code::Aborted);
    let request = desk.opens("somebody", "I need a new keyboard please").await;
    let unfit = desk.accept(&wave.number, &request).await.unwrap_err();
    assert_eq!(unfit.code(), Code::FailedPrecondition, "a request is no incident");
    assert!(unfit.message().contains("cannot be the parent"), "{unfit:?}");
    assert_eq!(desk.accept(&wave.number, "INC-999999").await.unwrap_err().code(), Code::NotFound);
    assert_eq!(desk.accept("WAV-000009", "").await.unwrap_err().code(), Code::NotFound);

    let done =
        desk.waves().dismiss_wave(dismiss("d-2", "a drill", 0)).await.unwrap().into_inner().wave.unwrap();
    assert_eq!((done.state(), done.reason.as_str()), (WaveState::Dismissed, "a drill"));
    let same =
        desk.waves().dismiss_wave(dismiss("d-2", "a drill", 0)).await.unwrap().into_inner().wave.unwrap();
    assert_eq!(same, done, "the same request has one effect");
    let other = desk.waves().dismiss_wave(dismiss("d-2", "none", 0)).await.unwrap_err();
    assert_eq!(other.code(), Code::AlreadyExists);
    let late = desk.accept(&wave.number, "").await.unwrap_err();
    assert!(late.message().contains("it has ended"), "{late:?}");
    // While it lasts it is not proposed again, and nobody is asked about it.
    desk.storm("more", &VPN[..4]).await;
    desk.storm("printing", &PRINTING).await;
    desk.wave("printer_fault", |_| true).await;
    let all = desk.list(WaveState::Unspecified).await;
    assert_eq!(all.iter().filter(|it| it.template == "vpn_fault").count(), 1, "{all:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_forgets_nothing_and_proposes_nothing_twice() {
    for (settings, _database) in settings_of_both() {
        let mut desk = Desk::start(settings);
        desk.storm("before", &VPN[..4]).await;
        tokio::task::block_in_place(|| desk.app.kill());
        tokio::task::block_in_place(|| desk.app.restart());
        desk.storm("after", &VPN[4..]).await;
        let wave = desk.wave("vpn_fault", |it| it.members.len() >= 6).await;
        tokio::task::block_in_place(|| desk.app.kill());
        tokio::task::block_in_place(|| desk.app.restart());
        // What comes later is found later, so by then all that was heard before has been heard again.
        desk.storm("printing", &PRINTING).await;
        desk.wave("printer_fault", |_| true).await;
        let all = desk.list(WaveState::Unspecified).await;
        let vpn: Vec<_> = all.iter().filter(|it| it.template == "vpn_fault").collect();
        assert_eq!(vpn.len(), 1, "{all:?}");
        assert_eq!((&vpn[0].id, vpn[0].state()), (&wave.id, WaveState::Candidate));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_replicas_propose_one_wave() {
    if Part::Postgres.is_missing() {
        return;
    }
    let postgres = Postgres::start();
    let settings = || acting().env("DISPATCH_STORE_URL", &postgres.url());
    let (one, other) = (Desk::start(settings()), Desk::start(settings()));
    for (at, text) in VPN.iter().enumerate() {
        let desk = if at % 2 == 0 { &one } else { &other };
        desk.opens(&format!("vpn-{at}"), text).await;
    }
    one.wave("vpn_fault", |it| it.members.len() >= 6).await;
    // Both have heard all of it when both have found what came later.
    let mut names = vec![];
    for desk in [&one, &other] {
        names.push(desk.app.http());
        desk.storm(&format!("printing-{}", desk.app.http()), &PRINTING[..4]).await;
    }
    other.wave("printer_fault", |it| it.members.len() >= 4).await;
    let all = one.list(WaveState::Unspecified).await;
    let mut about: Vec<_> = all.iter().map(|it| it.template.as_str()).collect();
    about.sort_unstable();
    assert_eq!(about, ["printer_fault", "vpn_fault"], "{names:?} {all:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tenants_are_apart_and_bots_decide_nothing() {
    let app_settings = acting().env("DISPATCH_AUTH_MODE", "tokens");
    let mut desk = Desk::start(app_settings);
    let tokens = |app: &App, tenant: &str| [app.token(tenant, "bot"), app.token(tenant, "agent")];
    let acme = tokio::task::block_in_place(|| tokens(&desk.app, "acme"));
    let other = tokio::task::block_in_place(|| tokens(&desk.app, "other"));
    // Half of them here and half of them there are no wave for anybody.
    for (at, text) in VPN[..6].iter().enumerate() {
        desk.set_token(if at % 2 == 0 { &acme[0] } else { &other[0] });
        desk.say(&format!("vpn-{at}"), text).await;
    }
    desk.set_token(&acme[0]);
    for (at, text) in PRINTING.iter().enumerate() {
        desk.say(&format!("printing-{at}"), text).await;
    }
    desk.set_token(&acme[1]);
    let wave = desk.wave("printer_fault", |_| true).await;
    assert_eq!(desk.list(WaveState::Unspecified).await.len(), 1);
    desk.set_token(&other[1]);
    assert_eq!(desk.list(WaveState::Unspecified).await, []);
    let (foreign, unknown) =
        (desk.get(&wave.id).await, desk.get("wav_00000000000000000000000000000000").await);
    let (foreign, unknown) = (foreign.unwrap_err(), unknown.unwrap_err());
    assert_eq!((foreign.code(), foreign.message()), (Code::NotFound, unknown.message()));
    desk.set_token(&acme[0]);
    assert_eq!(desk.get(&wave.id).await.unwrap_err().code(), Code::PermissionDenied);
    assert_eq!(desk.accept(&wave.id, "").await.unwrap_err().code(), Code::PermissionDenied);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wave_is_over_when_it_is_resolved_and_the_rate_is_back() {
    if Part::Faketime.is_missing() {
        return;
    }
    let desk = Desk::start(acting().clock());
    desk.app.set_clock("2026-03-03T10:00:00Z");
    desk.storm("vpn", &VPN).await;
    let wave = desk.wave("vpn_fault", |it| it.members.iter().any(|it| !it.ticket.is_empty())).await;
    desk.storm("printing", &PRINTING).await;
    desk.wave("printer_fault", |_| true).await;
    let parent = desk.accept(&wave.number, "").await.unwrap().parent.unwrap();
    desk.move_to(&parent.number, TicketState::InProgress).await;
    desk.app.set_clock("2026-03-03T10:40:00Z");
    // Nobody decided about that one while it lasted.
    desk.wave("printer_fault", |it| it.state() == WaveState::Over).await;
    assert_eq!(desk.get(&wave.id).await.unwrap().state(), WaveState::Running, "it is not resolved");
    desk.move_to(&parent.number, TicketState::Resolved).await;
    desk.wave("vpn_fault", |it| it.state() == WaveState::Over).await;
    // Who comes later is asked nothing.
    let later = desk.say("later", VPN[0]).await;
    assert!(!later.text.contains("Is it the same"), "{}", later.text);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_with_a_request_is_told_at_once() {
    let desk = Desk::start(Settings::default());
    let bad = v1::CloseWaveRequest { wave: "INC-1".into(), reason: "x".repeat(501), ..Default::default() };
    let refused = desk.waves().close_wave(bad).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    for field in ["request_id", "wave", "reason"] {
        assert!(refused.message().contains(&format!("{field}: ")), "{refused:?}");
    }
}
