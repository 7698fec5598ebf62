//! What the desk makes of its directory: who is turned away, who takes work, what is known without asking, who may ask
//! for whom.

use ticket_dispatch::proto::v1::{self, AgentDuty, because::Reason, event::Fact};
use tonic::Code;

use super::stage::{Desk, person, settings_of_both, tokens};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_left_is_turned_away_and_what_they_asked_for_is_marked_and_still_worked_on() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings, "");
        desk.put(person("emp", "Sales")).await.unwrap();
        let ticket = desk.open("emp", None).await.unwrap();
        assert_eq!(ticket.requester.as_ref().unwrap().display_name, "emp", "the directory's name");
        desk.remove("emp").await.unwrap();

        let marked = desk.history(&ticket.number).await.into_iter().find_map(|it| match it.fact {
            Some(Fact::TicketCommented(it)) => Some(it),
            _ => None,
        });
        let marked = marked.expect("the desk is told");
        assert!(
            marked.internal && marked.author == "people" && marked.text.contains("emp has left"),
            "{marked:?}"
        );
        let after = desk.ticket(&ticket.number).await;
        assert_eq!((after.state, &after.agent), (ticket.state, &ticket.agent), "it is still worked on");

        let refused = desk.open("emp", None).await.unwrap_err();
        assert_eq!(refused.code(), Code::FailedPrecondition);
        assert!(refused.message().contains("people.leavers"), "{refused}");
        let answer = desk.say("emp", "my vpn drops all the time").await;
        assert!(answer.text.contains("left the company") && answer.ticket.is_none(), "{answer:?}");
        let answer = desk.say("emp", "我的电脑开不了机").await;
        assert!(answer.text.contains("离职"), "{answer:?}");
        assert!(!desk.say("stranger", "my vpn drops all the time").await.text.contains("left the company"));

        // A mistake is mended.
        desk.update("emp", v1::Profile::default(), &["inactive"]).await.unwrap();
        assert!(desk.open("emp", None).await.is_ok());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn leavers_are_served_if_the_catalogue_says_so() {
    let desk = Desk::start(Default::default(), "people: { leavers: serve }\n");
    desk.put(v1::Profile { inactive: true, ..person("emp", "") }).await.unwrap();
    assert!(desk.open("emp", None).await.is_ok());
    assert!(!desk.say("emp", "my vpn drops all the time").await.text.contains("left the company"));
}

/// Offline people get work: a leaver takes none at once, and what they held goes to others with the reason.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_who_leaves_takes_no_work_and_what_they_had_goes_to_others() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings, "");
        desk.put(person("ADA", "IT")).await.unwrap();
        let mut tickets = vec![];
        for turn in 0..4 {
            tickets.push(desk.open(&format!("emp-{turn}"), None).await.unwrap());
        }
        let of_ada: Vec<_> =
            tickets.iter().filter(|it| it.agent == "ada").map(|it| it.number.clone()).collect();
        assert_eq!(of_ada.len(), 2, "two agents, four tickets");
        desk.hold(&of_ada[0]).await;

        desk.remove("ada").await.unwrap();
        assert_eq!(desk.agent("ada").await.duty(), AgentDuty::Left);
        // At once; it may have to wait behind what was handed back.
        let next = desk.open("emp-9", None).await.unwrap();
        assert_ne!(next.agent, "ada");
        desk.until(|| async { desk.ticket(&next.number).await.agent == "bo" }).await;
        desk.until(|| async { desk.ticket(&of_ada[1]).await.agent == "bo" }).await;
        desk.until(|| async { desk.ticket(&of_ada[0]).await.agent.is_empty() }).await;
        let reasons = desk.history(&of_ada[1]).await.into_iter().filter_map(|it| match it.fact {
            Some(Fact::TicketAssigned(it)) => Some((it.agent, it.because[0].reason.clone().unwrap())),
            _ => None,
        });
        let reasons: Vec<_> = reasons.collect();
        assert_eq!(reasons[0], (String::new(), Reason::Left("ada".into())), "{reasons:?}");
        let refused = desk.assign(&of_ada[1], "ada").await.unwrap_err();
        assert!(refused.message().contains("`ada` has left"), "{refused}");

        desk.update("ada", v1::Profile::default(), &["inactive"]).await.unwrap();
        assert_eq!(desk.agent("ada").await.duty(), AgentDuty::OnShift);
        assert_eq!(desk.open("emp-10", None).await.unwrap().agent, "ada");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_is_known_by_the_user_name_that_the_catalogue_gives() {
    let mut desk = Desk::start(Default::default(), "");
    desk.put(v1::Profile { inactive: true, ..person("bo@example.com", "IT") }).await.unwrap();
    assert_eq!(desk.agent("bo").await.duty(), AgentDuty::Left);
    desk.put(v1::Profile { inactive: true, ..person("ada", "IT") }).await.unwrap();
    let waits = desk.open("emp", None).await.unwrap();
    assert_eq!(waits.agent, "");
    desk.app.kill();
    desk.app.restart();
    assert_eq!(desk.agent("bo").await.duty(), AgentDuty::Left, "it is kept");
    // Another name brings nobody back who has left; being there again under the agent's name does.
    let change = v1::Profile { user_name: "bob".into(), ..Default::default() };
    desk.update("bo@example.com", change, &["user_name"]).await.unwrap();
    assert_eq!(desk.agent("bo").await.duty(), AgentDuty::Left, "under another name too");
    let back = v1::Profile { user_name: "bo@example.com".into(), ..Default::default() };
    desk.update("bob", back, &["user_name", "inactive"]).await.unwrap();
    desk.until(|| async { desk.ticket(&waits.number).await.agent == "bo" }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_directory_knows_is_not_asked_and_routes() {
    let rules = "rules:\n  - id: vip-first\n    when: { vip: true }\n    group: servicedesk\n  - id: sales\n    when: { department: [sales], location: Berlin }\n    group: applications\n";
    let desk = Desk::start(Default::default(), rules);
    let emp = v1::Profile {
        location: "Berlin".into(),
        language: "zh-CN".into(),
        display_name: "李雷".into(),
        ..person("emp", "Sales")
    };
    desk.put(emp.clone()).await.unwrap();
    let ticket = desk.open("emp", None).await.unwrap();
    assert_eq!(ticket.group, "applications");
    assert_eq!(
        (ticket.requester_department.as_str(), ticket.requester_location.as_str()),
        ("Sales", "Berlin")
    );
    assert_eq!((ticket.requester_vip, ticket.language()), (false, v1::Language::Zh));
    assert_eq!(ticket.requester.unwrap().display_name, "李雷");
    desk.put(v1::Profile { vip: true, ..emp }).await.unwrap();
    let ticket = desk.open("emp", None).await.unwrap();
    assert!(ticket.requester_vip && ticket.group == "servicedesk", "{ticket:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_place_that_the_directory_knows_is_filled_in_and_not_asked_for() {
    let desk = Desk::start(Default::default(), "");
    desk.put(v1::Profile { location: "Berlin, room 4.12".into(), ..person("emp", "") }).await.unwrap();
    let asked = desk.say("stranger", "the printer has a paper jam").await;
    let told = desk.say("emp", "the printer has a paper jam").await;
    assert_ne!(asked.expecting(), told.expecting(), "{asked:?}\n{told:?}");
    assert!(told.text.contains("Berlin, room 4.12"), "{told:?}");
    let number = desk.say("emp", "yes").await.ticket.expect("it is opened").number;
    let place = desk.ticket(&number).await.fields.into_iter().find_map(|it| match it.value {
        Some(v1::field_value::Value::Location(place)) => Some(place),
        _ => None,
    });
    assert_eq!(place.as_deref(), Some("Berlin, room 4.12"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_ask_for_whom_says_the_catalogue() {
    let rules = "people:\n  on_behalf: [agents, same_department, manager, { delegate: del, of: [emp] }]\n";
    let desk = Desk::start(tokens().env("DISPATCH_AUTH_MODE", "open"), rules);
    for (who, department, manager) in [
        ("top", "Board", ""),
        ("boss", "Sales", "top"),
        ("emp", "Research", "boss"),
        ("mate", "research", ""),
        ("del", "HR", ""),
    ] {
        desk.put(v1::Profile { manager: manager.into(), ..person(who, department) }).await.unwrap();
    }
    for (who, by) in
        [("emp", "boss"), ("emp", "top"), ("emp", "mate"), ("mate", "emp"), ("emp", "del"), ("del", "del")]
    {
        let ticket = desk.open(who, Some(by)).await.unwrap_or_else(|it| panic!("{by} for {who}: {it}"));
        let opened_by = ticket.opened_by.map(|it| it.subject);
        assert_eq!(opened_by.as_deref(), Some(by).filter(|it| *it != who), "{by} for {who}");
    }
    for (who, by) in [("boss", "emp"), ("mate", "del"), ("emp", "stranger"), ("stranger", "emp")] {
        let refused = desk.open(who, Some(by)).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied, "{by} for {who}");
        let rules = "lets agents, same_department, manager, delegate del do so";
        assert!(refused.message().contains(rules) && refused.message().contains(by), "{refused}");
    }
    // The caller is the desk itself.
    let ticket = desk.open("emp", None).await.unwrap();
    assert_eq!(ticket.opened_by.unwrap().subject, "open");
    desk.remove("boss").await.unwrap();
    assert!(desk.open("emp", Some("boss")).await.unwrap_err().message().contains("has left"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_is_under_the_rules_as_well() {
    let desk = Desk::start(tokens(), "people: { on_behalf: [same_department] }\n");
    let keeper = desk.app.token("default", "directory");
    let agent = desk.app.token("default", "agent");
    for (who, department) in [("default-agent", "IT"), ("emp", "IT"), ("other", "HR")] {
        desk.put_as(&keeper, person(who, department)).await.unwrap();
    }
    assert!(desk.open_as(&agent, "emp").await.is_ok());
    let own = desk.open_as(&agent, "default-agent").await.unwrap();
    assert_eq!(own.opened_by, None, "for themselves");
    let refused = desk.open_as(&agent, "other").await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
    assert!(refused.message().contains("`default-agent` may not open tickets for `other`"), "{refused}");
}
