//! The register of assets on the real program: keeping it over gRPC and from lists, and what suffers when assets fail. On
//! both databases.

mod in_chat;
mod list;
mod on_tickets;
mod opened;
mod stage;

use ticket_dispatch::proto::v1::{
    self, AssetCriticality, AssetRelationKind as Hangs, AssetState, event::Fact, field_value::Value,
};
use tonic::Code;

use crate::assets::stage::{Desk, asset, need, relation, settings_of_both};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_asset_is_put_changed_removed_and_its_history_says_who_did_it() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings);
        desk.person("ada").await;
        let new = v1::Asset {
            serial: "sn 1".into(),
            host: "NB01.Example.com".into(),
            owner: "ADA".into(),
            purchased: "2026-03-01".into(),
            warranty_until: "2029-03-01".into(),
            fields: vec![v1::FieldValue { field: "ram_gb".into(), value: Some(Value::Number(32.0)) }],
            ..asset("nb-1", "laptop")
        };
        let put = desk.put(new.clone()).await.unwrap();
        assert!(put.id.starts_with("ast_") && put.version == 1, "{put:?}");
        assert_eq!(
            (put.tag.as_str(), put.serial.as_str(), put.host.as_str()),
            ("NB-1", "SN 1", "nb01.example.com")
        );
        assert_eq!(put.state(), AssetState::InUse);
        assert!(put.owner.starts_with("ppl_"), "{put:?}");
        assert_eq!(desk.get("nb-1").await.unwrap(), put);
        assert_eq!(desk.get(&put.id).await.unwrap(), put);
        assert_eq!(desk.put(new.clone()).await.unwrap().version, 1, "nothing changed");

        let filters = [
            v1::AssetFilter { r#type: "laptop".into(), ..Default::default() },
            v1::AssetFilter { owner: "ada".into(), ..Default::default() },
            v1::AssetFilter { host: "nb01.EXAMPLE.com".into(), ..Default::default() },
            v1::AssetFilter { serial: "SN 1".into(), ..Default::default() },
            v1::AssetFilter { state: AssetState::InUse.into(), ..Default::default() },
        ];
        desk.put(v1::Asset { state: AssetState::InStock.into(), ..asset("PR-1", "printer") }).await.unwrap();
        for filter in filters {
            assert_eq!(desk.list(filter.clone()).await, ["NB-1"], "{filter:?}");
        }
        assert_eq!(desk.list(v1::AssetFilter::default()).await, ["NB-1", "PR-1"]);

        // Its tag changes; it stays the same asset.
        let renamed = v1::Asset { id: put.id.clone(), tag: "NB-9".into(), ..new };
        assert_eq!(desk.put(renamed).await.unwrap().id, put.id);
        assert_eq!(desk.get("NB-1").await.unwrap_err().code(), Code::NotFound);
        let removed = desk.remove("nb-9").await.unwrap();
        assert!(removed.removed && removed.version == 3, "{removed:?}");
        assert_eq!(desk.get("NB-9").await.unwrap_err().code(), Code::NotFound);
        assert_eq!(desk.remove("nb-9").await.unwrap_err().code(), Code::NotFound);
        // The tag is free again, for another one.
        let next = desk.put(asset("NB-9", "laptop")).await.unwrap();
        assert_ne!(next.id, put.id);

        let events = desk.history(&put.id).await;
        let changes: Vec<_> = events
            .iter()
            .map(|it| match &it.fact {
                Some(Fact::AssetChanged(fact)) => (it.actor.as_str(), fact.changed.join(" ")),
                _ => panic!("{it:?}"),
            })
            .collect();
        let open = |it: &str| ("open", it.to_owned());
        assert_eq!(changes, [open(""), open("tag"), open("removed")]);
        let Some(Fact::AssetChanged(last)) = &events[2].fact else { panic!("{events:?}") };
        assert_eq!(last.asset.as_ref(), Some(&removed));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_request_has_one_effect() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings);
        let put = |name: &str| v1::PutAssetRequest {
            request_id: "put-1".into(),
            asset: Some(v1::Asset { name: name.into(), ..asset("NB-1", "laptop") }),
            expected_version: 0,
        };
        let first = desk.assets().put_asset(put("one")).await.unwrap().into_inner();
        desk.put(v1::Asset { name: "two".into(), ..asset("NB-1", "laptop") }).await.unwrap();
        assert_eq!(desk.assets().put_asset(put("one")).await.unwrap().into_inner(), first);
        assert_eq!(desk.assets().put_asset(put("three")).await.unwrap_err().code(), Code::AlreadyExists);
        assert_eq!(desk.get("NB-1").await.unwrap().name, "two");

        let remove = || v1::RemoveAssetRequest {
            request_id: "remove-1".into(),
            asset: "NB-1".into(),
            expected_version: 2,
        };
        let first = desk.assets().remove_asset(remove()).await.unwrap().into_inner();
        assert_eq!(desk.assets().remove_asset(remove()).await.unwrap().into_inner(), first);

        let import = |list: &str| v1::ImportAssetsRequest {
            request_id: "import-1".into(),
            list: list.as_bytes().to_vec(),
            ..Default::default()
        };
        let list = "tag,type\nA-1,laptop\nA-2,laptop\n";
        let first = desk.assets().import_assets(import(list)).await.unwrap().into_inner();
        assert_eq!(first.created, 2);
        assert_eq!(desk.assets().import_assets(import(list)).await.unwrap().into_inner(), first);
        let other = desk.assets().import_assets(import("tag,type\nA-3,laptop\n")).await.unwrap_err();
        assert_eq!(other.code(), Code::AlreadyExists);
        assert!(desk.get("A-3").await.is_err());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_that_is_wrong_is_named_at_once() {
    let desk = Desk::start(Default::default());
    let wrong = v1::Asset {
        owner: "nobody".into(),
        supplier: "acme".into(),
        ordered: "yesterday".into(),
        state: 77,
        fields: vec![v1::FieldValue { field: "rams".into(), value: None }],
        relations: vec![relation(Hangs::Unspecified, "")],
        ..asset("", "laptop")
    };
    let refused = desk.put(wrong).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    for field in [
        "asset.ordered",
        "asset.state",
        "asset.fields[0]",
        "asset.relations[0].kind",
        "asset.relations[0].to",
    ] {
        assert!(refused.message().contains(field), "{field}: {refused}");
    }
    let wrong = v1::Asset {
        owner: "nobody".into(),
        supplier: "acme".into(),
        ordered: "2026-05-02".into(),
        purchased: "2026-05-01".into(),
        contract_until: "2020-01-01".into(),
        fields: vec![v1::FieldValue { field: "rams".into(), value: Some(Value::Number(1.0)) }],
        relations: vec![relation(Hangs::RunsOn, "NOWHERE")],
        needs: vec![need(Hangs::RunsOn, 0)],
        ..asset("", "laptop")
    };
    let refused = desk.put(wrong).await.unwrap_err();
    for (field, problem) in [
        ("asset.tag", "is required"),
        ("asset.owner", "no such person"),
        ("asset.supplier", "there is no supplier `acme`"),
        ("asset.purchased", "is 2026-05-01, which is before ordered (2026-05-02)"),
        ("asset.contract_until", "before purchased"),
        ("asset.fields.rams", "they have ram_gb, operating_system"),
        ("asset.relations[0].to", "there is no asset `NOWHERE`"),
        ("asset.needs.runs_on", "at least 1"),
    ] {
        let named = format!("{field}: ");
        assert!(
            refused.message().contains(&named) && refused.message().contains(problem),
            "{field}: {refused}"
        );
    }
    let refused = desk.put(asset("NB-1", "leptop")).await.unwrap_err();
    assert!(
        refused.message().contains("there is no asset type `leptop`; did you mean `laptop`?"),
        "{refused}"
    );
    assert!(desk.list(v1::AssetFilter::default()).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_holds_for_the_whole_register_is_checked() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings);
        let on = |tag: &str, kind: Hangs, to: &str| v1::Asset {
            relations: vec![relation(kind, to)],
            ..asset(tag, "server")
        };
        let one = desk.put(asset("S-1", "server")).await.unwrap();
        desk.put(on("S-2", Hangs::RunsOn, "s-1")).await.unwrap();
        desk.put(on("S-3", Hangs::RunsOn, "S-2")).await.unwrap();
        let circle = desk.put(on("S-1", Hangs::RunsOn, "S-3")).await.unwrap_err();
        assert_eq!(circle.code(), Code::InvalidArgument);
        assert!(circle.message().contains("runs_on: goes in a circle: S-1 -> S-3 -> S-2 -> S-1"), "{circle}");
        let itself = desk.put(on("S-1", Hangs::DependsOn, "S-1")).await.unwrap_err();
        assert!(itself.message().contains("names the asset itself"), "{itself}");
        // Services may well depend on each other.
        desk.put(on("S-1", Hangs::DependsOn, "S-3")).await.unwrap();

        let taken = desk.put(v1::Asset { id: one.id.clone(), ..asset("S-2", "server") }).await.unwrap_err();
        assert_eq!(taken.code(), Code::AlreadyExists, "{taken}");
        let unknown =
            v1::Asset { id: "ast_00000000000000000000000000000000".into(), ..asset("S-7", "server") };
        assert_eq!(desk.put(unknown).await.unwrap_err().code(), Code::NotFound);
        let stale = v1::PutAssetRequest {
            request_id: desk.request(),
            asset: Some(asset("S-1", "server")),
            expected_version: 1,
        };
        assert_eq!(desk.assets().put_asset(stale).await.unwrap_err().code(), Code::Aborted);

        let state = |state: AssetState| v1::Asset { state: state.into(), ..asset("S-1", "server") };
        desk.put(state(AssetState::Retired)).await.unwrap();
        let refused = desk.put(state(AssetState::InUse)).await.unwrap_err();
        assert!(
            refused
                .message()
                .contains("does not go from retired to in_use; from retired it goes to in_stock"),
            "{refused}"
        );
        desk.put(state(AssetState::InStock)).await.unwrap();
        desk.put(state(AssetState::InUse)).await.unwrap();
    }
}

/// Many who want one tag at the same moment: one gets it, the others change it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_tag_is_one_assets_however_many_ask_at_once() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings);
        let ask = |turn: usize| desk.put(v1::Asset { name: format!("{turn}"), ..asset("NB-1", "laptop") });
        let asked = futures_util::future::join_all((0..6).map(ask)).await;
        let ids: std::collections::BTreeSet<_> = asked.into_iter().map(|it| it.unwrap().id).collect();
        assert_eq!(ids.len(), 1);
        assert_eq!(desk.get("NB-1").await.unwrap().version, 6);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_suffers_is_told_with_the_way_to_it() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings);
        // A service on a farm of two servers, of which one is enough; both hang on one switch.
        desk.put(asset("SW-1", "switch")).await.unwrap();
        let farm = v1::Asset { needs: vec![need(Hangs::PartOf, 1)], ..asset("FARM", "service") };
        desk.put(farm).await.unwrap();
        for tag in ["SRV-1", "SRV-2"] {
            let relations = vec![relation(Hangs::ConnectedTo, "SW-1"), relation(Hangs::PartOf, "FARM")];
            desk.put(v1::Asset { relations, ..asset(tag, "server") }).await.unwrap();
        }
        let shop =
            v1::Asset { relations: vec![relation(Hangs::RunsOn, "FARM")], ..asset("SHOP", "application") };
        desk.put(shop).await.unwrap();
        let print =
            v1::Asset { relations: vec![relation(Hangs::UsedBy, "SHOP")], ..asset("PRN-1", "printer") };
        desk.put(print).await.unwrap();

        assert_eq!(desk.impact(&["srv-1"], &[]).await.unwrap(), [""; 0]);
        let both = desk.assess(&["SRV-1", "SRV-2"], &[]).await.unwrap();
        let paths: Vec<_> = both.assets.iter().map(|it| it.path.join(" ")).collect();
        assert_eq!(paths, ["SRV-2 FARM", "SRV-2 FARM SHOP"]);
        assert_eq!((both.count, both.criticality()), (2, AssetCriticality::High));
        assert_eq!(both.assets[1].criticality(), AssetCriticality::Medium);
        assert_eq!(desk.impact(&["PRN-1"], &[]).await.unwrap(), ["SHOP"]);
        let switch = desk.impact(&["SW-1"], &[]).await.unwrap();
        assert_eq!(switch.len(), 4, "{switch:?}");
        assert_eq!(desk.impact(&["SW-1"], &["SRV-2"]).await.unwrap(), ["SRV-1"]);

        // One in repair is not up, and one that is gone carries nothing.
        let second = desk.get("SRV-2").await.unwrap();
        let state = |state: AssetState| v1::Asset { state: state.into(), ..second.clone() };
        desk.put(state(AssetState::InRepair)).await.unwrap();
        assert_eq!(desk.impact(&["SRV-1"], &[]).await.unwrap(), ["FARM", "SHOP"]);
        let gone = desk.get("FARM").await.unwrap();
        desk.put(v1::Asset { state: AssetState::Retired.into(), ..gone }).await.unwrap();
        assert_eq!(desk.impact(&["SRV-1"], &[]).await.unwrap(), [""; 0]);

        let wrong = desk.assess(&["SRV-1", "NOWHERE"], &["SRV-1"]).await.unwrap_err();
        assert_eq!(wrong.code(), Code::InvalidArgument);
        for part in ["down[1]: there is no asset `NOWHERE`", "down[0]: is among not_impacted"] {
            assert!(wrong.message().contains(part), "{wrong}");
        }
        assert_eq!(desk.assess(&[], &[]).await.unwrap_err().code(), Code::InvalidArgument);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_tenants_assets_are_not_there() {
    let desk = Desk::start(stage::tokens());
    let (own, other) = (desk.app.token("default", "admin"), desk.app.token("other", "admin"));
    let put = |token: &str| {
        let request = v1::PutAssetRequest {
            request_id: "put".into(),
            asset: Some(asset("NB-1", "laptop")),
            expected_version: 0,
        };
        stage::with(token, request)
    };
    let mine = desk.assets().put_asset(put(&own)).await.unwrap().into_inner().asset.unwrap();
    for which in ["NB-1", mine.id.as_str()] {
        let request = v1::GetAssetRequest { asset: which.to_owned() };
        let hidden = desk.assets().get_asset(stage::with(&other, request)).await.unwrap_err();
        assert_eq!((hidden.code(), hidden.message()), (Code::NotFound, "no such asset"));
    }
    let theirs = desk.assets().put_asset(put(&other)).await.unwrap().into_inner().asset.unwrap();
    assert_ne!(theirs.id, mine.id);
    let agent = desk.app.token("default", "agent");
    assert_eq!(desk.assets().put_asset(put(&agent)).await.unwrap_err().code(), Code::PermissionDenied);
}
