//! Who gets which ticket on the real program: capacity, shifts, leave, presence, offers, and what waits.

mod preview;
mod stage;

use futures_util::future::join_all;
use ticket_dispatch::proto::v1::{self, AgentDuty, TicketState, because::Reason};

use crate::{
    app::Settings,
    parts::{installed::Part, postgres::Postgres},
};
use stage::Desk;

/// A group of two with room for two tickets each.
const TWO: &str = "
  - { id: ada, name: Ada, groups: [network], capacity: 2 }
  - { id: bo, name: Bo, groups: [network], capacity: 2 }
";

/// A limit is set, and one agent still gets more; a newer ticket is given out while an older one waits.
/// chatwoot#1198, #11034 (a limit that did not hold), #10376, #10685 (a newer ticket went before the one that waited).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_gets_more_than_they_may_have_and_what_waits_is_given_out_in_order() {
    let mut desk = Desk::start(Settings::default(), TWO, "least_loaded").await;
    let mut numbers = vec![];
    for _ in 0..7 {
        numbers.push(desk.open().await.number);
    }
    assert_eq!(desk.loads().await, [("ada".to_owned(), 2), ("bo".to_owned(), 2)]);
    assert_eq!(desk.backlog().await, numbers[4..], "the first of them came first");
    let waits = desk.ticket(&numbers[4]).await;
    assert_eq!((waits.agent.as_str(), waits.group.as_str()), ("", "network"));

    // One frees up: the oldest that waits is theirs, and not the one that comes at the same moment.
    let agent = desk.ticket(&numbers[0]).await.agent;
    desk.go(&numbers[0], TicketState::Resolved).await;
    let newest = desk.open().await.number;
    desk.until(|| async { desk.ticket(&numbers[4]).await.agent == agent }).await;
    assert_eq!(desk.backlog().await, [&numbers[5..], &[newest]].concat());
    // A ticket on hold is no work, and comes back to whoever has it, beyond the limit if need be.
    desk.hold(&numbers[1]).await;
    desk.until(|| async { !desk.ticket(&numbers[5]).await.agent.is_empty() }).await;
    assert!(desk.loads().await.iter().all(|(_, open)| *open == 2), "{:?}", desk.loads().await);
}

/// chatwoot#4158, #9587: work for people who were offline.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_away_gets_nothing_until_they_are_back() {
    let mut desk = Desk::start(Settings::default(), TWO, "round_robin").await;
    desk.away("ada", true).await;
    desk.away("bo", true).await;
    let ticket = desk.open().await;
    assert_eq!(ticket.agent, "");
    let preview = desk.preview(&ticket.number).await;
    assert!(matches!(preview.because.unwrap().reason, Some(Reason::NobodyPresent(_))));
    assert!(
        preview.candidates.iter().all(|it| !it.fits && it.why_not == "away" && it.duty() == AgentDuty::Away)
    );
    desk.away("bo", false).await;
    desk.until(|| async { desk.ticket(&ticket.number).await.agent == "bo" }).await;
    assert_eq!(desk.open().await.agent, "bo", "ada is away");
    assert_eq!(desk.agent("ada").await.duty(), AgentDuty::Away);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_speaks_for_themselves_only() {
    let desk =
        Desk::start(Settings::default().env("DISPATCH_AUTH_MODE", "tokens"), TWO, "least_loaded").await;
    let (ada, boss) = (desk.token("ada", "agent"), desk.token("boss", "manager"));
    assert!(desk.presence_as(&ada, "").await.is_ok());
    assert!(desk.presence_as(&boss, "bo").await.is_ok());
    let refused = desk.presence_as(&ada, "bo").await.unwrap_err();
    assert_eq!(refused.code(), tonic::Code::PermissionDenied, "{refused}");
    let unknown = desk.presence_as(&boss, "nobody").await.unwrap_err();
    assert_eq!(unknown.code(), tonic::Code::InvalidArgument);
}

/// Offline people get work, and the replacement of a replacement is lost.
/// frappe/helpdesk#1528, osTicket#6213, #852.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn shifts_leave_and_substitutes_decide_who_is_there() {
    let agents = "
  - { id: ada, name: Ada, groups: [network], shift: early, substitute: bo, leave: [{ from: 2027-03-02, to: 2027-03-05 }] }
  - { id: bo, name: Bo, groups: [identity], shift: early, substitute: cy, leave: [{ from: 2027-03-03, to: 2027-03-03 }] }
  - { id: cy, name: Cy, groups: [identity], shift: early }
";
    let Some(mut desk) = Desk::with_clock(agents, "least_loaded").await else { return };
    desk.at("2027-03-01T10:00:00Z");
    assert_eq!(desk.open().await.agent, "ada");
    desk.at("2027-03-01T20:00:00Z");
    let evening = desk.open().await;
    assert_eq!(evening.agent, "", "the shift is over");
    desk.at("2027-03-02T07:00:00Z");
    desk.until(|| async { desk.ticket(&evening.number).await.agent == "bo" }).await;
    desk.at("2027-03-03T10:00:00Z");
    assert_eq!(desk.open().await.agent, "cy", "both are on leave");
    let given = desk.assign_ticket(&evening.number, "network", "ada").await.unwrap();
    assert_eq!(given.agent, "cy");
    assert!(
        desk.reasons(&given.number)
            .await
            .iter()
            .any(|it| matches!(it, Reason::StandsIn(it) if it.agent == "cy" && it.stands_for == "ada"))
    );
}

/// A reopened ticket goes to the old agent, who has long gone home.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_comes_back_goes_to_its_agent_if_they_are_there_and_else_to_another() {
    let mut desk = Desk::start(Settings::default(), TWO, "least_loaded").await;
    let ticket = desk.open().await;
    let other = if ticket.agent == "ada" { "bo" } else { "ada" };
    desk.go(&ticket.number, TicketState::Resolved).await;
    assert_eq!(desk.go(&ticket.number, TicketState::Assigned).await.agent, ticket.agent);
    desk.go(&ticket.number, TicketState::Resolved).await;
    desk.away(&ticket.agent, true).await;
    assert_eq!(desk.go(&ticket.number, TicketState::Assigned).await.agent, other);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_offer_goes_on_when_it_is_declined_or_nobody_answers() {
    let agents = "
  - { id: ada, name: Ada, groups: [network], capacity: 1 }
  - { id: bo, name: Bo, groups: [network], capacity: 1 }
";
    let Some(mut desk) = Desk::with_clock(agents, "round_robin, offer: 10m").await else { return };
    desk.at("2027-03-01T10:00:00Z");
    let ticket = desk.open().await;
    let offer = ticket.offer.clone().unwrap();
    assert_eq!((ticket.agent.as_str(), offer.agent.as_str()), ("", "ada"));
    assert_eq!(desk.loads().await[0].1, 1, "what is offered counts");
    let refused = desk.accept(&ticket.number, "bo").await.unwrap_err();
    assert_eq!(refused.code(), tonic::Code::FailedPrecondition, "{refused}");

    let declined = desk.decline(&ticket.number, "ada").await;
    assert_eq!(declined.offer.unwrap().agent, "bo");
    desk.at("2027-03-01T10:11:00Z");
    // Nobody is left but who did not answer: they are asked again.
    desk.until(|| async { desk.ticket(&ticket.number).await.passed_offers.len() == 2 }).await;
    let again = desk.ticket(&ticket.number).await;
    assert_eq!(again.offer.unwrap().agent, "bo");
    let taken = desk.accept(&ticket.number, "bo").await.unwrap();
    assert_eq!((taken.agent.as_str(), taken.offer, taken.passed_offers.len()), ("bo", None, 0));
    assert_eq!(desk.accept(&ticket.number, "bo").await.unwrap_err().code(), tonic::Code::FailedPrecondition);
}

/// Looks at what waits come with every event and every second: one that finds nobody must not write.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_everybody_has_declined_waits_without_being_written_again_and_again() {
    let mut desk = Desk::start(Settings::default(), TWO, "round_robin, offer: 10m").await;
    let ticket = desk.open().await;
    desk.decline(&ticket.number, "ada").await;
    let declined = desk.decline(&ticket.number, "bo").await;
    assert_eq!((declined.offer, declined.passed_offers.len()), (None, 2));
    let before = desk.requests_kept().await;
    // Each of these is news of the backlog's, and one request.
    for away in [true, false, true, false] {
        desk.away("ada", away).await;
    }
    tokio::time::sleep(std::time::Duration::from_millis(2500)).await;
    assert_eq!(desk.requests_kept().await, before + 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pressing_work_goes_to_who_is_on_call_and_the_rest_waits_for_the_morning() {
    let agents = "
  - { id: ada, name: Ada, groups: [network], shift: early }
  - { id: bo, name: Bo, groups: [network], shift: early }
";
    let on_call = "least_loaded\non_call: [{ agent: bo, from: 2027-03-01, to: 2027-03-07 }]";
    let Some(mut desk) = Desk::with_clock(agents, on_call).await else { return };
    desk.at("2027-03-01T22:00:00Z");
    assert_eq!(desk.open().await.agent, "");
    let urgent = desk.open_urgent().await;
    desk.until(|| async { desk.ticket(&urgent.number).await.agent == "bo" }).await;
    assert_eq!(desk.backlog().await.len(), 1);
}

/// Decisions of two replicas at the same moment: nobody is given more than they may have, and nothing is lost.
/// zammad#3156: two within seconds, and the owner flipped.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_that_decide_at_the_same_moment_never_overbook_an_agent() {
    if Part::Postgres.is_missing() {
        return;
    }
    let postgres = Postgres::start();
    let settings = || Settings::default().env("DISPATCH_STORE_URL", &postgres.url());
    let agents = "
  - { id: ada, name: Ada, groups: [network], capacity: 7 }
  - { id: bo, name: Bo, groups: [network], capacity: 7 }
  - { id: cy, name: Cy, groups: [network], capacity: 7 }
";
    let one = Desk::start(settings(), agents, "least_loaded").await;
    let other = Desk::start(settings(), agents, "least_loaded").await;
    // As many as they may have, all at once, so that each choice is close to the limit.
    let desks = [&one, &other];
    let opened = join_all((0..60).map(|turn| async move {
        let desk = desks[turn % 2];
        desk.open_for(&format!("employee-{turn}")).await
    }));
    assert_eq!(opened.await.len(), 60);
    let full = [("ada".to_owned(), 7), ("bo".to_owned(), 7), ("cy".to_owned(), 7)];
    one.until(|| async { one.loads().await == full }).await;
    assert_eq!(one.backlog().await.len(), 60 - 21);
    assert_eq!(one.counted().await, full, "what the tickets themselves say");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_who_can_do_it_gets_it_and_the_preview_says_why() {
    let agents = "
  - { id: ada, name: Ada, groups: [network], skills: { vpn: 1 } }
  - { id: bo, name: Bo, groups: [network], skills: { vpn: 4 }, capacity: 1 }
";
    let mut desk = Desk::needing("{ vpn: 3 }", agents, "least_loaded").await;
    let first = desk.open().await;
    assert_eq!(first.agent, "bo");
    let second = desk.open().await;
    assert_eq!(second.agent, "");
    let candidates = desk.preview(&second.number).await.candidates;
    let why: Vec<_> = candidates.iter().map(|it| (it.agent.as_str(), it.why_not.as_str())).collect();
    assert_eq!(
        why,
        [("ada", "lacks `vpn` at level 3 or better"), ("bo", "has 1 tickets already, and may have no more")]
    );
}

/// zammad#4308: automatic assignment in groups that had not asked for it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_of_a_manual_group_take_their_tickets_themselves() {
    let mut desk = Desk::start(Settings::default(), TWO, "manual").await;
    let ticket = desk.open().await;
    assert_eq!(ticket.agent, "");
    let taken = desk.assign_ticket(&ticket.number, "network", "ada").await.unwrap();
    assert_eq!(taken.agent, "ada");
    let _: v1::Ticket = taken;
}
