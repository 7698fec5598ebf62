//! Assets on tickets: what hangs on a linked one comes and goes by itself, and with it what it gives to the impact.

use ticket_dispatch::proto::v1::{
    self, AssetRelationKind as Hangs, AssetState, Impact, Priority, TicketAssetOrigin as How, TicketState,
    event::Fact,
};
use tonic::{Code, Status};

use super::stage::{Desk, asset, relation, settings_of_both};
use v1::ticket_service_client::TicketServiceClient;

/// A switch, a server on it, an application on that, and a laptop.
pub(super) async fn stock(desk: &Desk) {
    desk.put(asset("SW-1", "switch")).await.unwrap();
    desk.put(v1::Asset {
        relations: vec![relation(Hangs::ConnectedTo, "SW-1")],
        ..asset("VM-1", "virtual_machine")
    })
    .await
    .unwrap();
    desk.put(v1::Asset { relations: vec![relation(Hangs::RunsOn, "VM-1")], ..asset("APP-1", "application") })
        .await
        .unwrap();
    desk.put(asset("NB-1", "laptop")).await.unwrap();
}

impl Desk {
    async fn open(&self) -> v1::Ticket {
        let request = v1::CreateTicketRequest {
            request_id: self.request(),
            template: "vpn_fault".into(),
            requester: Some(v1::Person {
                issuer: "chat".into(),
                subject: "emp".into(),
                ..Default::default()
            }),
            description: "It does not connect".into(),
            fields: vec![v1::FieldValue {
                field: "symptom".into(),
                value: Some(v1::field_value::Value::Choice("no_connection".into())),
            }],
            ..Default::default()
        };
        self.tickets().create_ticket(request).await.unwrap().into_inner().ticket.unwrap()
    }

    pub(super) fn tickets(&self) -> TicketServiceClient<tonic::transport::Channel> {
        TicketServiceClient::new(self.app.channel())
    }

    pub(super) async fn ticket(&self, id: &str) -> v1::Ticket {
        let request = v1::GetTicketRequest { ticket: id.to_owned() };
        self.tickets().get_ticket(request).await.unwrap().into_inner().ticket.unwrap()
    }

    pub(super) async fn link(&self, ticket: &str, asset: &str) -> Result<v1::Ticket, Status> {
        let (request_id, ticket, asset) = (self.request(), ticket.to_owned(), asset.to_owned());
        let request = v1::LinkAssetRequest { request_id, ticket, asset, expected_version: 0 };
        Ok(self.assets().link_asset(request).await?.into_inner().ticket.unwrap())
    }

    async fn unlink(&self, ticket: &str, asset: &str) -> Result<v1::Ticket, Status> {
        let (request_id, ticket, asset) = (self.request(), ticket.to_owned(), asset.to_owned());
        let request = v1::UnlinkAssetRequest { request_id, ticket, asset, expected_version: 0 };
        Ok(self.assets().unlink_asset(request).await?.into_inner().ticket.unwrap())
    }

    async fn veto(&self, ticket: &str, asset: &str) -> Result<v1::Ticket, Status> {
        let (request_id, ticket, asset) = (self.request(), ticket.to_owned(), asset.to_owned());
        let request = v1::VetoAssetRequest { request_id, ticket, asset, expected_version: 0 };
        Ok(self.assets().veto_asset(request).await?.into_inner().ticket.unwrap())
    }

    async fn say(&self, ticket: &str, impact: Impact) -> v1::Ticket {
        self.update(ticket, "impact", v1::TicketChange { impact: impact.into(), ..Default::default() }).await
    }

    /// Changes one thing of a ticket.
    pub(super) async fn update(&self, ticket: &str, path: &str, change: v1::TicketChange) -> v1::Ticket {
        let request = v1::UpdateTicketRequest {
            request_id: self.request(),
            ticket: ticket.to_owned(),
            change: Some(change),
            update_mask: Some(prost_types::FieldMask { paths: vec![path.to_owned()] }),
            expected_version: 0,
        };
        self.tickets().update_ticket(request).await.unwrap().into_inner().ticket.unwrap()
    }

    /// Waits until a ticket's assets are these.
    pub(super) async fn until_linked(&self, ticket: &str, expected: &[&str]) -> v1::Ticket {
        for _ in 0..600 {
            let now = self.ticket(ticket).await;
            if linked(&now) == expected {
                return now;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("it never came to be so: {:?}", self.ticket(ticket).await);
    }
}

/// The impact that was said, where the assets give more.
fn said(ticket: &v1::Ticket) -> Impact {
    ticket.said.as_ref().map_or(Impact::Unspecified, v1::TicketSaid::impact)
}

/// Each asset with how it came, and why.
pub(super) fn linked(ticket: &v1::Ticket) -> Vec<String> {
    let one = |it: &v1::TicketAsset| match it.how() {
        How::Manual => it.tag.clone(),
        How::Computed => format!("{} < {}", it.tag, it.because),
        How::NotImpacted => format!("not {}", it.tag),
        How::Named => format!("named {}", it.tag),
        How::Unspecified => "?".to_owned(),
    };
    ticket.assets.iter().map(one).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_hangs_on_a_linked_asset_raises_the_impact_for_as_long_as_it_is_linked() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings);
        stock(&desk).await;
        let ticket = desk.open().await;
        assert_eq!((ticket.impact(), ticket.assets.len()), (Impact::Person, 0));
        let (id, before, due) = (ticket.id.as_str(), ticket.priority(), ticket.resolution_due);

        let laptop = desk.link(id, "nb-1").await.unwrap();
        assert_eq!((linked(&laptop), laptop.impact()), (vec!["NB-1".to_owned()], Impact::Person));
        let machine = desk.link(&ticket.number, "VM-1").await.unwrap();
        assert_eq!(linked(&machine), ["NB-1", "VM-1", "APP-1 < VM-1"]);
        assert_eq!((machine.impact(), said(&machine)), (Impact::Team, Impact::Person));
        let switch = desk.link(id, "SW-1").await.unwrap();
        assert_eq!(linked(&switch), ["NB-1", "VM-1", "SW-1", "APP-1 < VM-1"]);
        assert_eq!((switch.impact(), switch.computed_assets_count), (Impact::Site, 1));
        assert!(switch.priority() < before && switch.resolution_due != due, "{switch:?}");

        // What is said holds beside it, and comes back when the assets give no more.
        assert_eq!(desk.say(id, Impact::Team).await.impact(), Impact::Site);
        let without = desk.unlink(id, "SW-1").await.unwrap();
        assert_eq!((without.impact(), said(&without)), (Impact::Team, Impact::Unspecified));
        assert_eq!(desk.say(id, Impact::Person).await.impact(), Impact::Team, "what the machine gives");
        let without = desk.unlink(id, "VM-1").await.unwrap();
        assert_eq!((linked(&without), without.impact()), (vec!["NB-1".to_owned()], Impact::Person));
        assert_eq!((without.priority(), without.resolution_due), (before, due));
        desk.unlink(id, "NB-1").await.unwrap();

        // Its history gives it, and says what came and went.
        let request = v1::ListTicketEventsRequest { ticket: id.into(), page_size: 200, ..Default::default() };
        let events = desk.tickets().list_ticket_events(request).await.unwrap().into_inner().events;
        let changes = events.iter().filter(|it| matches!(it.fact, Some(Fact::TicketAssetsChanged(_))));
        assert_eq!(changes.count(), 8);
        let verify = v1::VerifyTicketClocksRequest::default();
        let verified = desk.tickets().verify_ticket_clocks(verify).await.unwrap().into_inner();
        assert_eq!((verified.differences.len(), verified.checked), (0, 1));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_vetoed_asset_stays_out_and_passes_nothing_on() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings);
        stock(&desk).await;
        let ticket = desk.open().await;
        let id = ticket.id.as_str();
        desk.link(id, "SW-1").await.unwrap();
        let vetoed = desk.veto(id, "VM-1").await.unwrap();
        assert_eq!(linked(&vetoed), ["SW-1", "not VM-1"], "nor does the application suffer");
        // However the register changes.
        desk.put(v1::Asset { name: "Machine".into(), ..desk.get("VM-1").await.unwrap() }).await.unwrap();
        desk.put(v1::Asset {
            relations: vec![relation(Hangs::RunsOn, "SW-1")],
            ..asset("AP-1", "access_point")
        })
        .await
        .unwrap();
        desk.until_linked(id, &["SW-1", "not VM-1", "AP-1 < SW-1"]).await;
        let back = desk.unlink(id, "VM-1").await.unwrap();
        assert_eq!(linked(&back), ["SW-1", "VM-1 < SW-1", "AP-1 < SW-1", "APP-1 < VM-1"]);
        // A linked one may be vetoed as well: then nothing is down.
        let none = desk.veto(id, "SW-1").await.unwrap();
        assert_eq!((linked(&none), none.impact()), (vec!["not SW-1".to_owned()], Impact::Person));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn computed_links_go_when_their_reason_goes() {
    for (settings, _database) in settings_of_both() {
        let mut desk = Desk::start(settings);
        stock(&desk).await;
        let (ticket, other) = (desk.open().await, desk.open().await);
        let id = ticket.id.as_str();
        desk.link(id, "VM-1").await.unwrap();
        desk.link(&other.id, "APP-1").await.unwrap();
        // The application becomes more than a team's.
        let app = desk.get("APP-1").await.unwrap();
        let high = v1::Asset { criticality: v1::AssetCriticality::High.into(), ..app.clone() };
        desk.put(high.clone()).await.unwrap();
        for _ in 0..600 {
            if desk.ticket(id).await.impact() == Impact::Site
                && desk.ticket(&other.id).await.impact() == Impact::Site
            {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        let raised = desk.ticket(id).await;
        assert_eq!((raised.impact(), raised.priority()), (Impact::Site, Priority::P2), "{raised:?}");
        // It runs elsewhere.
        desk.put(v1::Asset { relations: vec![], ..high }).await.unwrap();
        let fallen = desk.until_linked(id, &["VM-1"]).await;
        assert_eq!((fallen.impact(), said(&fallen)), (Impact::Team, Impact::Person));
        let request = v1::ListTicketEventsRequest { ticket: id.into(), page_size: 200, ..Default::default() };
        let events = desk.tickets().list_ticket_events(request).await.unwrap().into_inner().events;
        assert_eq!(events.last().unwrap().actor, "system:assets");

        // A change that nobody heard of is seen after the next start.
        desk.app.stop();
        let list = "tag,type,runs_on\nAPP-2,application,VM-1\n";
        std::fs::write(desk.app.data().parent().unwrap().join("more.csv"), list).unwrap();
        let done = desk.command(&["assets", "import", "more.csv"]);
        assert!(done.status.success(), "{done:?}");
        desk.app.restart();
        desk.until_linked(id, &["VM-1", "APP-2 < VM-1"]).await;

        // What is over stays as it was.
        let cancel = v1::TransitionTicketRequest {
            request_id: desk.request(),
            ticket: id.into(),
            to: TicketState::Cancelled.into(),
            cancel_reason: v1::CancelReason::Duplicate.into(),
            ..Default::default()
        };
        desk.tickets().transition_ticket(cancel).await.unwrap();
        let machine = desk.get("VM-1").await.unwrap();
        desk.put(v1::Asset { state: AssetState::Retired.into(), ..machine }).await.unwrap();
        desk.put(v1::Asset { relations: vec![relation(Hangs::UsedBy, "APP-1")], ..asset("NB-2", "laptop") })
            .await
            .unwrap();
        desk.until_linked(&other.id, &["APP-1"]).await;
        assert_eq!(linked(&desk.ticket(id).await), ["VM-1", "APP-2 < VM-1"]);
        let over = desk.link(id, "NB-1").await.unwrap_err();
        assert_eq!(over.code(), Code::FailedPrecondition, "{over}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_linked_says_why_and_one_request_has_one_effect() {
    let desk = Desk::start(Default::default());
    stock(&desk).await;
    let ticket = desk.open().await;
    let id = ticket.id.as_str();
    assert_eq!(desk.link(id, "NOWHERE").await.unwrap_err().code(), Code::NotFound);
    assert_eq!(desk.link("INC-999999", "NB-1").await.unwrap_err().code(), Code::NotFound);
    let wrong = desk.link("nonsense", "").await.unwrap_err();
    for field in ["ticket: ", "asset: "] {
        assert!(wrong.message().contains(field), "{wrong}");
    }
    desk.link(id, "VM-1").await.unwrap();
    let again = desk.link(id, "vm-1").await.unwrap_err();
    assert_eq!(again.code(), Code::FailedPrecondition);
    assert!(again.message().contains("`VM-1` is there like that already"), "{again}");
    let computed = desk.unlink(id, "APP-1").await.unwrap_err();
    assert_eq!(computed.code(), Code::FailedPrecondition);
    assert!(computed.message().contains("goes with its reason, or is vetoed"), "{computed}");

    let request = |asset: &str, expected_version| v1::VetoAssetRequest {
        request_id: "veto-1".into(),
        ticket: id.into(),
        asset: asset.into(),
        expected_version,
    };
    let stale = desk.assets().veto_asset(request("APP-1", 1)).await.unwrap_err();
    assert_eq!(stale.code(), Code::Aborted, "{stale}");
    let first = desk.assets().veto_asset(request("APP-1", 0)).await.unwrap().into_inner();
    desk.unlink(id, "APP-1").await.unwrap();
    assert_eq!(desk.assets().veto_asset(request("APP-1", 0)).await.unwrap().into_inner(), first);
    let other = desk.assets().veto_asset(request("NB-1", 0)).await.unwrap_err();
    assert_eq!(other.code(), Code::AlreadyExists, "{other}");

    // One that was taken out of the register gives nothing any more, and its link can still be taken back.
    desk.remove("VM-1").await.unwrap();
    let left = desk.until_linked(id, &["VM-1"]).await;
    assert_eq!(left.impact(), Impact::Person);
    assert_eq!(linked(&desk.unlink(id, "VM-1").await.unwrap()), [""; 0]);
}

/// A rule that asks for the assets of a ticket holds for as long as they are linked.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_policy_of_a_ticket_follows_its_assets() {
    let rules = "sla_rules:\n\
        - { id: tight, when: { asset_type: server, asset: { operating_system: Debian 12 } }, policy: security }\n\
        - { id: core, when: { asset_criticality: high, asset_location: [rack 1] }, policy: security }\n";
    let desk = Desk::with_rules(rules);
    let system = v1::FieldValue {
        field: "operating_system".into(),
        value: Some(v1::field_value::Value::Text("debian 12".into())),
    };
    desk.put(v1::Asset { fields: vec![system], ..asset("SRV-1", "server") }).await.unwrap();
    desk.put(v1::Asset { location: "Rack 1".into(), ..asset("SW-1", "switch") }).await.unwrap();
    desk.put(v1::Asset { location: "Rack 1".into(), ..asset("NB-1", "laptop") }).await.unwrap();
    let ticket = desk.open().await;
    let (id, usual) = (ticket.id.as_str(), ticket.sla_policy.clone());
    let by = |it: &v1::Ticket| (it.sla_policy.clone(), it.sla_rule.clone());
    assert_eq!(by(&desk.link(id, "NB-1").await.unwrap()), (usual.clone(), String::new()));
    assert_eq!(by(&desk.link(id, "SRV-1").await.unwrap()), ("security".into(), "tight".into()));
    assert_eq!(by(&desk.link(id, "SW-1").await.unwrap()), ("security".into(), "tight".into()));
    assert_eq!(by(&desk.veto(id, "SRV-1").await.unwrap()), ("security".into(), "core".into()));
    assert_eq!(by(&desk.unlink(id, "SW-1").await.unwrap()), (usual.clone(), String::new()));
    // What a rule asks for comes to be so, and ends.
    let laptop = desk.get("NB-1").await.unwrap();
    desk.put(v1::Asset { criticality: v1::AssetCriticality::High.into(), ..laptop }).await.unwrap();
    for _ in 0..600 {
        if desk.ticket(id).await.sla_policy == "security" {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(by(&desk.ticket(id).await), ("security".into(), "core".into()));
}
