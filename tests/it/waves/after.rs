//! After a yes: what callers are told of the major incident, and what those who work on it are told of them.

use ticket_dispatch::proto::v1::{self, TicketState, event::Fact};

use super::stage::{Desk, VPN, acting, person, settings_of_both};
use crate::app::get;

const DOWN: &str = "the vpn does not connect, error 809";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_are_asked_only_while_the_major_incident_is_open() {
    let desk = Desk::start(acting());
    let (_, parent) = desk.accepted().await;
    let reported = desk.say("ada", DOWN).await;
    assert!(reported.text.contains(&format!("{parent} (")), "{}", reported.text);
    assert!(reported.text.contains("was reported at"), "nobody works on it: {}", reported.text);
    desk.move_to(&parent, TicketState::InProgress).await;
    desk.wave("vpn_fault", |it| it.state() == v1::WaveState::Running).await;
    let running = desk.say("mei", DOWN).await;
    assert!(running.text.contains("is being worked on since"), "{}", running.text);
    // The subject is English, and is told to nobody who writes Chinese.
    let chinese = desk.say("li", "VPN连不上,错误809").await;
    assert!(chinese.text.contains(&parent) && !chinese.text.contains("（VPN"), "{}", chinese.text);

    desk.move_to(&parent, TicketState::Resolved).await;
    // Asked before it was resolved, answered behind that.
    let ended = desk.say("ada", "yes").await;
    assert!(ended.text.contains("over by now") && ended.ticket.is_some(), "{}", ended.text);
    assert_ne!(ended.ticket.unwrap().number, parent);
    let later = desk.say("later", DOWN).await;
    assert!(!later.text.contains("Is it the same?"), "{}", later.text);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_joined_hears_how_it_goes_and_may_leave() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings);
        let (wave, parent) = desk.accepted().await;
        desk.say("ada", DOWN).await;
        let added = desk.say("ada", "yes, my laptop is LT-20417 and I am at a customer").await;
        assert!(added.text.contains("added you"), "{}", added.text);
        // What they said stands there for those who work on it.
        let said = |it: &v1::Ticket| it.comments > 0;
        desk.until(&parent, said).await;
        let comments = desk.comments(&parent).await;
        let text = &comments[0].text;
        assert!(text.contains(DOWN) && text.contains("LT-20417") && text.contains("ada"), "{comments:?}");
        assert!(comments.iter().all(|it| it.internal));

        for question in [format!("has {parent} been fixed?"), "any news about my tickets?".to_owned()] {
            let told = desk.say_in("another", "ada", &question).await;
            assert!(told.text.contains(&format!("{parent} (")), "{question}: {}", told.text);
            assert!(!told.text.contains("LT-20417"), "{}", told.text);
        }
        // Who has not joined hears nothing of it.
        let other = desk.say("somebody", &format!("has {parent} been fixed?")).await;
        assert!(!other.text.contains("error 809"), "{}", other.text);
        desk.move_to(&parent, TicketState::InProgress).await;
        desk.move_to(&parent, TicketState::Resolved).await;
        let told = desk.say_in("another", "ada", "any news about my tickets?").await;
        assert!(told.text.contains("It works again."), "{}", told.text);

        assert_eq!(desk.joined(&wave.number).await, ["ada"]);
        let left = desk.say_in("another", "ada", &format!("remove me from {parent}")).await;
        assert!(left.text.contains(&format!("not told of {parent} any more")), "{}", left.text);
        assert_eq!(desk.joined(&wave.number).await, [""; 0]);
        let asked = desk.say_in("another", "ada", &format!("has {parent} been fixed?")).await;
        assert!(!asked.text.contains("error 809"), "{}", asked.text);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_join_and_each_counts_once() {
    let desk = Desk::start(acting());
    let (wave, parent) = desk.accepted().await;
    for at in 0..25 {
        let who = format!("caller-{at}");
        desk.say(&who, VPN[at % 6]).await;
        let added = desk.say(&who, "yes").await;
        assert!(added.text.contains("added you"), "{}", added.text);
    }
    let now = desk.get(&wave.number).await.unwrap();
    assert_eq!(now.joined, 25);
    // The first twenty are told to those who work on it, all of them are to be told.
    let end = std::time::Instant::now() + std::time::Duration::from_secs(60);
    let figures = || get(desk.app.http(), "/metrics").unwrap().1;
    while !figures().contains("dispatch_wave_joins_total 25") {
        assert!(std::time::Instant::now() < end, "{}", figures());
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert!(figures().contains("dispatch_waves_total{state=\"accepted\"} 1"), "{}", figures());
    assert_eq!(desk.ticket(&parent).await.comments, 20);
    assert_eq!(desk.joined(&wave.number).await.len(), 25);
    // Whose ticket is part of it is not asked.
    let child = desk.say_in("elsewhere", "vpn-3", DOWN).await;
    assert!(!child.text.contains("Is it the same?"), "{}", child.text);
    let watch = v1::AddWatcherRequest {
        request_id: desk.request(),
        ticket: parent.clone(),
        watcher: Some(person("boss")),
        expected_version: 0,
    };
    desk.tickets().add_watcher(watch).await.unwrap();
}

/// A comment on a ticket, as its history has it.
fn comment(event: v1::Event) -> Option<v1::TicketCommented> {
    if let Some(Fact::TicketCommented(it)) = event.fact { Some(it) } else { None }
}

impl Desk {
    async fn comments(&self, ticket: &str) -> Vec<v1::TicketCommented> {
        let request =
            v1::ListTicketEventsRequest { ticket: ticket.to_owned(), page_size: 200, ..Default::default() };
        let found = self.tickets().list_ticket_events(self.signed(request)).await.unwrap().into_inner();
        found.events.into_iter().filter_map(comment).collect()
    }
}
