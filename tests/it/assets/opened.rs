//! Tickets that are opened with assets: linked, weighed and routed in one decision, and kept as their fields say.

use ticket_dispatch::proto::v1::{
    self, AssetCriticality, Impact, Priority, TicketState,
    conversation_service_client::ConversationServiceClient, event::Fact, field_value::Value,
    routing_service_client::RoutingServiceClient,
};
use tonic::Status;

use super::{
    on_tickets::{linked, stock},
    stage::{Desk, acting, asset, settings_of_both},
};
use crate::app::Settings;

fn field(id: &str, value: Value) -> v1::FieldValue {
    v1::FieldValue { field: id.into(), value: Some(value) }
}

fn ada() -> Option<v1::Person> {
    Some(v1::Person { issuer: "chat".into(), subject: "ada".into(), ..Default::default() })
}

impl Desk {
    /// A broken device with this tag in its field.
    async fn open_with(&self, tag: &str) -> Result<v1::Ticket, Status> {
        let request = v1::CreateTicketRequest {
            request_id: self.request(),
            template: "hardware_fault".into(),
            requester: ada(),
            description: "It does not start".into(),
            fields: vec![
                field("device", Value::Choice("laptop".into())),
                field("asset", Value::Asset(tag.into())),
            ],
            ..Default::default()
        };
        Ok(self.tickets().create_ticket(request).await?.into_inner().ticket.unwrap())
    }

    async fn set_asset(&self, ticket: &str, tag: &str) -> v1::Ticket {
        let fields = vec![field("asset", Value::Asset(tag.into()))];
        self.update(ticket, "fields", v1::TicketChange { fields, ..Default::default() }).await
    }

    async fn hear(&self, text: &str) -> v1::SendMessageResponse {
        let request = v1::SendMessageRequest {
            message_id: self.request(),
            conversation: "main".into(),
            requester: ada(),
            text: text.to_owned(),
            language: 0,
        };
        ConversationServiceClient::new(self.app.channel()).send_message(request).await.unwrap().into_inner()
    }

    async fn suggested_group(&self, text: &str) -> String {
        let request = v1::SuggestRequest { text: text.into(), ..Default::default() };
        let answer = RoutingServiceClient::new(self.app.channel()).suggest(request).await.unwrap();
        answer.into_inner().suggestion.unwrap().group
    }

    async fn events(&self, ticket: &str) -> Vec<v1::Event> {
        let request =
            v1::ListTicketEventsRequest { ticket: ticket.into(), page_size: 200, ..Default::default() };
        self.tickets().list_ticket_events(request).await.unwrap().into_inner().events
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_field_names_is_linked_weighed_and_kept_as_the_field_says() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings);
        stock(&desk).await;
        let opened = desk.open_with("vm-1").await.unwrap();
        assert_eq!(
            (linked(&opened), opened.impact()),
            (vec!["VM-1".into(), "APP-1 < VM-1".into()], Impact::Team)
        );
        // In the decision that opened it, and not after it.
        let events = desk.events(&opened.id).await;
        let Some(Fact::TicketOpened(first)) = &events[0].fact else { panic!("{events:?}") };
        let ticket = first.ticket.as_ref().unwrap();
        assert_eq!((linked(ticket), ticket.impact()), (linked(&opened), Impact::Team));
        assert!(!events.iter().any(|it| matches!(it.fact, Some(Fact::TicketAssetsChanged(_)))), "{events:?}");

        let corrected = desk.set_asset(&opened.id, "nb-1").await;
        assert_eq!((linked(&corrected), corrected.impact()), (vec!["NB-1".to_owned()], Impact::Person));
        let unknown = desk.set_asset(&opened.id, "NB-77").await;
        assert_eq!(linked(&unknown), [""; 0]);
        let back = desk.set_asset(&opened.id, "VM-1").await;
        assert_eq!((linked(&back), back.impact()), (linked(&opened), Impact::Team));

        // A tag that the register does not have is a text.
        let stranger = desk.open_with("NB-99").await.unwrap();
        assert_eq!((linked(&stranger), stranger.impact()), (vec![], Impact::Person));
        let verify = v1::VerifyTicketClocksRequest::default();
        let verified = desk.tickets().verify_ticket_clocks(verify).await.unwrap().into_inner();
        assert_eq!((verified.differences.len(), verified.checked), (0, 2));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_merely_named_counts_in_full_once_an_agent_has_seen_it() {
    let desk = Desk::start(acting());
    let server = v1::Asset { criticality: AssetCriticality::High.into(), ..asset("SRV-01", "server") };
    desk.put(server).await.unwrap();
    desk.put(asset("NB-1", "laptop")).await.unwrap();
    let answer = desk.hear("the server srv-01 is down and nobody can work, this is urgent!").await;
    let id = answer.ticket.unwrap().id;
    let named = desk.ticket(&id).await;
    assert_eq!((linked(&named), named.impact()), (vec!["named SRV-01".to_owned()], Impact::Site));
    assert_eq!(named.priority(), Priority::P2, "a text alone makes no ticket critical");
    let seen = desk.link(&id, "SRV-01").await.unwrap();
    assert_eq!((linked(&seen), seen.priority()), (vec!["SRV-01".to_owned()], Priority::P1));

    // Whoever links another one has seen what was named as well.
    let answer =
        desk.hear("another thing: the server srv-01 is down and nobody can work, this is urgent!").await;
    let other = answer.ticket.filter(|it| it.id != id).expect("another ticket").id;
    assert_eq!(linked(&desk.ticket(&other).await), ["named SRV-01"]);
    let seen = desk.link(&other, "NB-1").await.unwrap();
    assert_eq!((linked(&seen), seen.priority()), (vec!["SRV-01".into(), "NB-1".into()], Priority::P1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ticket_is_routed_by_its_assets_and_a_suggestion_says_so() {
    let rules = "rules:\n  - { id: servers, when: { asset_type: server }, group: network }\n";
    let desk = Desk::with_rules(rules);
    desk.put(asset("SRV-01", "server")).await.unwrap();
    desk.put(asset("NB-1", "laptop")).await.unwrap();
    assert_eq!(desk.open_with("SRV-01").await.unwrap().group, "network");
    let usual = desk.open_with("NB-1").await.unwrap().group;
    assert_ne!(usual, "network");
    let text = |tag: &str| format!("my laptop {tag} does not start any more, the screen stays black");
    assert_eq!(desk.suggested_group(&text("srv-01")).await, "network");
    assert_eq!(desk.suggested_group(&text("nb-1")).await, usual);
}

/// What is opened from another ticket is about the same assets, as far as it is about the same matter.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_follow_up_and_a_split_keep_the_assets_that_they_are_about() {
    let desk = Desk::start(Settings::default());
    stock(&desk).await;
    let old = desk.open_with("VM-1").await.unwrap();
    desk.link(&old.id, "NB-1").await.unwrap();
    let split = v1::SplitTicketRequest {
        request_id: desk.request(),
        ticket: old.id.clone(),
        text: "And the other one is slow".into(),
        ..Default::default()
    };
    let split = desk.tickets().split_ticket(split).await.unwrap().into_inner().ticket.unwrap();
    assert_eq!(linked(&split), ["VM-1", "APP-1 < VM-1"], "what stands in its field");
    for to in [TicketState::InProgress, TicketState::Resolved, TicketState::Closed] {
        let request = v1::TransitionTicketRequest {
            request_id: desk.request(),
            ticket: old.id.clone(),
            to: to.into(),
            resolution: if to == TicketState::Resolved { "Restarted".into() } else { String::new() },
            ..Default::default()
        };
        desk.tickets().transition_ticket(request).await.unwrap();
    }
    let follow = v1::FollowUpTicketRequest {
        request_id: desk.request(),
        ticket: old.id.clone(),
        text: "It is down again".into(),
    };
    let first = desk.tickets().follow_up_ticket(follow.clone()).await.unwrap().into_inner().ticket.unwrap();
    assert_eq!(
        (linked(&first), first.impact()),
        (vec!["VM-1".into(), "NB-1".into(), "APP-1 < VM-1".into()], Impact::Team)
    );
    // The same request again has the same answer, also when the register has changed.
    desk.remove("APP-1").await.unwrap();
    let again = desk.tickets().follow_up_ticket(follow).await.unwrap().into_inner().ticket.unwrap();
    assert_eq!(again, first);
    desk.until_linked(&first.id, &["VM-1", "NB-1"]).await;
}

/// A template that must have an asset offers the employee their own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_must_name_an_asset_chooses_among_their_own() {
    let folder = tempfile::tempdir().unwrap();
    for source in ticket_dispatch::catalog::starter() {
        let asked = "        type: asset\n        asset_types: [laptop, desktop]\n        required: true\n";
        let content = match source.name.as_str() {
            "templates-workplace.yaml" => source.content.replacen("        type: asset\n", asked, 1),
            _ => source.content,
        };
        std::fs::write(folder.path().join(source.name), content).unwrap();
    }
    let settings = Settings::default().env("DISPATCH_CATALOG_DIR", folder.path().to_str().unwrap());
    let desk = Desk::start(settings);
    super::in_chat::stock(&desk).await;
    let monitor = v1::Asset { owner: "ada".into(), ..asset("MO-1", "monitor") };
    desk.put(monitor).await.unwrap();
    let asked = desk.hear("the touchpad of the notebook is broken").await;
    assert_eq!(asked.expecting(), v1::Expecting::Field, "{asked:?}");
    let choices: Vec<_> = asked.choices.iter().map(|it| it.label.as_str()).collect();
    assert_eq!(choices, ["LT-1001 ThinkPad X1", "LT-1002 MacBook Pro"]);
    let opened = desk.hear("the macbook").await;
    let ticket = desk.ticket(&opened.ticket.unwrap().id).await;
    assert_eq!(linked(&ticket), ["LT-1002"]);
    assert!(ticket.fields.iter().any(|it| it.value == Some(Value::Asset("LT-1002".into()))), "{ticket:?}");
}

impl Desk {
    async fn urgency(&self, ticket: &str, urgency: v1::Urgency) -> v1::Ticket {
        let change = v1::TicketChange { urgency: urgency.into(), ..Default::default() };
        self.update(ticket, "urgency", change).await
    }

    async fn split(&self, ticket: &str) -> v1::Ticket {
        let request = v1::SplitTicketRequest {
            request_id: self.request(),
            ticket: ticket.to_owned(),
            text: "The coffee machine is dirty as well".into(),
            ..Default::default()
        };
        self.tickets().split_ticket(request).await.unwrap().into_inner().ticket.unwrap()
    }
}

/// Neither a person who says how urgent it is, nor what comes of the ticket, makes more of a name than it is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_merely_named_makes_nothing_critical_by_a_roundabout_way() {
    let desk = Desk::start(acting());
    let server = v1::Asset { criticality: AssetCriticality::High.into(), ..asset("SRV-01", "server") };
    desk.put(server).await.unwrap();
    let answer = desk.hear("the server srv-01 is down and nobody can work, this is urgent!").await;
    let named = desk.ticket(&answer.ticket.unwrap().id).await;
    assert_eq!((linked(&named), named.priority()), (vec!["named SRV-01".to_owned()], Priority::P2));
    let part = desk.split(&named.id).await;
    assert!(part.priority() > Priority::P1 && part.assets.is_empty(), "{part:?}");
    let calm = desk.urgency(&named.id, v1::Urgency::Low).await;
    assert!(calm.priority() > Priority::P1, "{calm:?}");
    let urgent = desk.urgency(&named.id, v1::Urgency::High).await;
    assert_eq!((urgent.impact(), urgent.priority()), (Impact::Site, Priority::P2));
    // What else comes into the register changes nothing of that.
    let hangs = vec![super::stage::relation(v1::AssetRelationKind::RunsOn, "SRV-01")];
    desk.put(v1::Asset { relations: hangs, ..asset("APP-9", "application") }).await.unwrap();
    let known = desk.until_linked(&named.id, &["named SRV-01", "APP-9 < SRV-01"]).await;
    assert_eq!(known.priority(), Priority::P2);
}

/// While many tickets get the asset of a field, the register changes: each has what hangs on it in the end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_field_that_changes_beside_the_register_leaves_nothing_out() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings);
        desk.put(asset("SRV-01", "server")).await.unwrap();
        let mut tickets = vec![];
        for _ in 0..6 {
            tickets.push(desk.open_with("NB-99").await.unwrap().id);
        }
        for round in 0..3 {
            let tag = format!("APP-{round}");
            let hangs = vec![super::stage::relation(v1::AssetRelationKind::RunsOn, "SRV-01")];
            let application = desk.put(v1::Asset { relations: hangs, ..asset(&tag, "application") });
            let changes =
                futures_util::future::join_all(tickets.iter().map(|it| desk.set_asset(it, "SRV-01")));
            let (put, _) = tokio::join!(application, changes);
            put.unwrap();
            for id in &tickets {
                let all: Vec<_> = (0..=round).map(|it| format!("APP-{it} < SRV-01")).collect();
                let mut expected = vec!["SRV-01"];
                expected.extend(all.iter().map(String::as_str));
                desk.until_linked(id, &expected).await;
                desk.set_asset(id, "NB-99").await;
            }
        }
    }
}

/// A link by hand and a veto are somebody's word; what a field names goes with the field, whatever it is called by then.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_people_said_of_assets_outlives_what_a_field_says() {
    let desk = Desk::start(Settings::default());
    stock(&desk).await;
    let ticket = desk.open_with("NB-1").await.unwrap();
    let id = ticket.id.as_str();
    desk.link(id, "NB-1").await.unwrap();
    assert_eq!(linked(&desk.set_asset(id, "SW-1").await)[..2], ["NB-1".to_owned(), "SW-1".to_owned()]);
    let laptop = desk.get("SW-1").await.unwrap();
    desk.put(v1::Asset { tag: "SW-2".into(), ..laptop }).await.unwrap();
    assert_eq!(
        linked(&desk.set_asset(id, "NB-1").await),
        ["NB-1"],
        "it was renamed, and is the field's no more"
    );
    let veto = v1::VetoAssetRequest {
        request_id: desk.request(),
        ticket: id.into(),
        asset: "VM-1".into(),
        expected_version: 0,
    };
    desk.assets().veto_asset(veto).await.unwrap();
    assert_eq!(linked(&desk.set_asset(id, "VM-1").await), ["NB-1", "not VM-1"]);
}

/// What the directory of people says of somebody's asset is linked as what they say themselves.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_asset_that_the_directory_knows_is_linked() {
    let folder = tempfile::tempdir().unwrap();
    for source in ticket_dispatch::catalog::starter() {
        let content = match source.name.as_str() {
            "templates-workplace.yaml" => source.content.replacen(
                "        type: asset\n",
                "        type: asset\n        from: asset\n",
                1,
            ),
            _ => source.content,
        };
        std::fs::write(folder.path().join(source.name), content).unwrap();
    }
    let desk = Desk::start(acting().env("DISPATCH_CATALOG_DIR", folder.path().to_str().unwrap()));
    desk.put(asset("LT-1", "laptop")).await.unwrap();
    let person = v1::Profile {
        user_name: "ada".into(),
        emails: vec![v1::Contact { value: "ada@example.com".into(), ..Default::default() }],
        assets: vec!["LT-1".into()],
        ..Default::default()
    };
    let request =
        v1::PutPersonRequest { request_id: desk.request(), person: Some(person), expected_version: 0 };
    let mut people = v1::people_service_client::PeopleServiceClient::new(desk.app.channel());
    people.put_person(request).await.unwrap();
    let request = v1::CreateTicketRequest {
        request_id: desk.request(),
        template: "hardware_fault".into(),
        requester: ada(),
        description: "It does not start".into(),
        fields: vec![field("device", Value::Choice("laptop".into()))],
        ..Default::default()
    };
    let opened = desk.tickets().create_ticket(request).await.unwrap().into_inner().ticket.unwrap();
    assert_eq!(linked(&opened), ["LT-1"]);
    let answer = desk.hear("the touchpad of the notebook is broken").await;
    let ticket = desk.ticket(&answer.ticket.unwrap().id).await;
    assert_eq!(linked(&ticket), ["named LT-1"]);
}
