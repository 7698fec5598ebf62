//! The preview chooses as the decision does.

use ticket_dispatch::proto::v1::{self, because::Reason};

use super::stage::Desk;

fn why(preview: &v1::PreviewDispatchResponse) -> Vec<(&str, &str)> {
    preview.candidates.iter().map(|it| (it.agent.as_str(), it.why_not.as_str())).collect()
}

/// Work that a person gave to a group without the skill is given out, so its skill is in nobody's way.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_skill_that_nobody_of_the_group_has_is_in_nobodys_way() {
    let agents = "
  - { id: ada, name: Ada, groups: [network], skills: { vpn: 3 } }
  - { id: bo, name: Bo, groups: [reception], skills: { vpn: 1 }, capacity: 1 }
";
    let mut desk = Desk::needing("{ vpn: 3 }", agents, "least_loaded").await;
    let ticket = desk.open().await;
    let preview = desk.preview_with(&ticket.number, "security").await;
    assert!(preview.candidates.iter().all(|it| it.fits && it.why_not.is_empty()), "{:?}", why(&preview));
    let given = desk.assign_ticket(&ticket.number, "security", "").await.unwrap();
    assert_eq!(given.agent, preview.agent, "the preview's choice is the decision");
    assert!(!given.agent.is_empty());
}

/// Who did not answer is asked again once everybody was: then only the answers count.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_the_second_round_of_offers_only_who_declined_is_passed_over() {
    let agents = "
  - { id: ada, name: Ada, groups: [network], capacity: 1 }
  - { id: bo, name: Bo, groups: [network], capacity: 1 }
";
    let Some(mut desk) = Desk::with_clock(agents, "round_robin, offer: 10m").await else { return };
    desk.at("2027-03-01T10:00:00Z");
    let first = desk.open().await;
    assert_eq!(first.offer.unwrap().agent, "ada");
    desk.at("2027-03-01T10:11:00Z");
    let offered_to = |ticket: v1::Ticket| ticket.offer.map(|it| it.agent);
    desk.until(|| async { offered_to(desk.ticket(&first.number).await).as_deref() == Some("bo") }).await;
    let second = desk.open().await;
    assert_eq!(second.offer.unwrap().agent, "ada", "she is free again");
    desk.decline(&first.number, "bo").await;
    let preview = desk.preview(&first.number).await;
    let expected =
        [("ada", "has 1 tickets already, and may have no more"), ("bo", "declined it, or did not answer")];
    let mut found = why(&preview);
    found.sort_unstable();
    assert_eq!(found, expected);
    assert_eq!(preview.agent, "");
}

/// What is kept free is said to be.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn by_the_time_that_is_left_an_agent_has_one_ticket_at_a_time_and_the_most_pressing_goes_first() {
    let agents = "
  - { id: ada, name: Ada, groups: [network] }
  - { id: bo, name: Bo, groups: [network], skills: { vpn: 3 } }
";
    let mut desk = Desk::start(crate::app::Settings::default(), agents, "sla_aware").await;
    let first = desk.open().await;
    assert_eq!(first.agent, "ada", "the expert is left free");
    let second = desk.open().await;
    assert_eq!(second.agent, "", "it can wait for ada");
    let preview = desk.preview(&second.number).await;
    let expected = [
        ("ada", "has 1 tickets already, and may have no more"),
        ("bo", "kept free for what is more pressing: this can wait"),
    ];
    let mut found = why(&preview);
    found.sort_unstable();
    assert_eq!(found, expected);
    assert!(matches!(preview.because.unwrap().reason, Some(Reason::NobodyFits(_))));
    let urgent = desk.open_urgent().await;
    desk.until(|| async { desk.ticket(&urgent.number).await.agent == "bo" }).await;
    assert_eq!(desk.backlog().await, std::slice::from_ref(&second.number));
    desk.go(&first.number, v1::TicketState::Resolved).await;
    desk.until(|| async { desk.ticket(&second.number).await.agent == "ada" }).await;
}
