//! What becomes part of a wave, and what does not: a no is a no, answers are no news, and all tickets of it are in it.

use ticket_dispatch::proto::v1::{LinkRelation, TicketState, WaveState};

use super::stage::{Desk, PRINTING, VPN, acting, linked, settings_of_both, sorted, with_tickets};
use crate::{app::Settings, parts::installed::Part};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_says_no_keeps_a_ticket_of_their_own() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings);
        let (wave, parent) = desk.accepted().await;
        // Ada says no; Mei says yes, and has something else later.
        let asked = desk.say("ada", "the vpn does not connect, error 809").await;
        assert!(asked.text.contains("Is it the same?"), "{}", asked.text);
        let own = desk.opens("ada", "no, that is something else").await;
        desk.say("mei", "the vpn does not connect, error 809").await;
        let added = desk.say("mei", "yes").await;
        assert!(added.text.contains("added you"), "{}", added.text);
        let other = desk.opens("mei", "the vpn fails with error 809 on my second laptop").await;
        // Nor in another conversation: they were asked.
        let again = desk.say_in("elsewhere", "ada", "the vpn does not connect, error 809").await;
        assert!(!again.text.contains("Is it the same?"), "{}", again.text);

        desk.listened().await;
        desk.move_to(&parent, TicketState::InProgress).await;
        desk.move_to(&parent, TicketState::Resolved).await;
        let children = linked(&desk.ticket(&parent).await, LinkRelation::Child);
        assert_eq!(children.len(), VPN.len() - 1);
        for child in &children {
            desk.until(child, |it| it.state() == TicketState::Resolved).await;
        }
        for number in [own, other] {
            let ticket = desk.ticket(&number).await;
            assert_ne!(ticket.state(), TicketState::Resolved, "{ticket:?}");
            assert_eq!(linked(&ticket, LinkRelation::Parent), [""; 0]);
        }
        assert_eq!(with_tickets(&desk.get(&wave.number).await.unwrap()), VPN.len());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_ticket_of_a_wave_becomes_part_of_it() {
    // Everybody has to agree to a summary, so tickets come behind the messages.
    for settings in [Settings::default(), acting()] {
        let desk = Desk::start(settings);
        let mut numbers = desk.storm("vpn", &VPN).await;
        desk.wave("vpn_fault", |_| true).await;
        // Between proposal and acceptance.
        numbers.extend(desk.storm("more", &VPN).await);
        let wave = desk.wave("vpn_fault", |it| with_tickets(it) >= 2 * VPN.len()).await;
        let parent = desk.accept(&wave.number, "").await.unwrap().parent.unwrap().number;
        numbers.retain(|it| *it != parent);
        let all = sorted(&numbers);
        desk.until(&parent, |it| linked(it, LinkRelation::Child) == all).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_requests_and_what_concerns_people_are_no_wave() {
    let desk = Desk::start(Settings::default());
    for at in 0..8 {
        let who = format!("asked-{at}");
        desk.say(&who, ["I need a new keyboard please", "please order a new monitor for me"][at % 2]).await;
        desk.say(&who, ["no", "1", "yes", "it solved it"][at % 4]).await;
        desk.say(&who, "no").await;
        let phished = [
            "I got a phishing mail and clicked the link",
            "I clicked a phishing link in an email",
            "phishing mail, I entered my password",
        ];
        desk.say(&format!("phished-{at}"), phished[at % 3]).await;
    }
    // Nor that it works again.
    for at in 0..8 {
        let thanks = ["thanks, the vpn works again", "the vpn works again, thank you"];
        desk.say(&format!("thanks-{at}"), thanks[at % 2]).await;
    }
    // Twice as many people as the others, so that these stand out all the same.
    desk.storm("printing", &PRINTING).await;
    desk.storm("more", &PRINTING).await;
    desk.wave("printer_fault", |_| true).await;
    let all = desk.list(WaveState::Unspecified).await;
    assert_eq!(all.len(), 1, "{all:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_is_set_back_hides_no_wave() {
    if Part::Faketime.is_missing() {
        return;
    }
    let desk = Desk::start(acting().clock());
    desk.app.set_clock("2026-03-03T10:00:00Z");
    desk.say("somebody", PRINTING[0]).await;
    desk.app.set_clock("2026-03-04T10:00:00Z");
    desk.say("another", PRINTING[1]).await;
    desk.app.set_clock("2026-03-03T10:01:00Z");
    desk.storm("vpn", &VPN).await;
    desk.wave("vpn_fault", |it| with_tickets(it) == VPN.len()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_dismissed_stays_so_over_a_restart() {
    if Part::Faketime.is_missing() {
        return;
    }
    let mut desk = Desk::start(acting().clock());
    desk.app.set_clock("2026-03-03T10:00:00Z");
    desk.storm("vpn", &VPN).await;
    let wave = desk.wave("vpn_fault", |it| with_tickets(it) == VPN.len()).await;
    desk.dismiss(&wave.number).await;
    for minute in (10..80).step_by(10) {
        desk.app.set_clock(&format!("2026-03-03T{}:{:02}:00Z", 10 + minute / 60, minute % 60));
        for (at, text) in VPN[..2].iter().enumerate() {
            desk.say(&format!("{minute}-{at}"), text).await;
        }
        // That it goes on is noted once a second.
        tokio::time::sleep(std::time::Duration::from_millis(1500)).await;
    }
    tokio::task::block_in_place(|| desk.app.kill());
    tokio::task::block_in_place(|| desk.app.restart());
    desk.storm("again", &VPN).await;
    desk.listened().await;
    let all = desk.list(WaveState::Unspecified).await;
    let vpn: Vec<_> = all.iter().filter(|it| it.template == "vpn_fault").collect();
    assert_eq!(vpn.len(), 1, "{all:?}");
    assert_eq!(vpn[0].state(), WaveState::Dismissed);
}
