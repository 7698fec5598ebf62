//! Lists of assets, by the shipped program beside a running one and over gRPC.

use std::{fmt::Write as _, fs, process::Output};

use ticket_dispatch::proto::v1::{self, AssetCriticality, AssetRelationKind, AssetState, field_value::Value};

use super::stage::{Desk, settings_of_both};
use crate::app::{complaint, said};

/// Writes a file beside the data, and imports it.
fn import(desk: &Desk, text: &str, more: &[&str]) -> Output {
    let file = desk.app.data().parent().unwrap().join("stock.txt");
    fs::write(&file, text).unwrap();
    desk.command(&[&["assets", "import", "stock.txt"], more].concat())
}

const STOCK: &str = "\u{feff}sep=;\r\n\
Inventarnummer;Typ;Bezeichnung;Seriennummer;Besitzer;Zustand;RAM GB;Kaufdatum;runs on;part of;needs part_of;Schuhgröße\r\n\
srv-1;Server;Host one;S1;;in use;;1.3.2026;;farm;;38\r\n\
srv-2;server;Host two;S2;;In Betrieb;;2026-03-02;;farm;;\r\n\
farm;service;Farm;;;in_use;;;;;1;\r\n\
vm-1;VM;Machine;;;in use;;;SRV-1;;;\r\n\
nb-1;Notebook;\"Ada's\r\nlaptop\";N1;ada@example.com;aktiv?;;;;;;\r\n;;;;;;;;;;;\r\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_is_tried_imported_and_changed() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings);
        desk.person("ada").await;
        // One wrong word, and nothing of the list comes in.
        let refused = complaint(&import(&desk, STOCK, &[]));
        assert!(refused.contains("line 7: state: `aktiv?` is no state; known: ordered"), "{refused}");
        assert!(desk.list(v1::AssetFilter::default()).await.is_empty());

        let stock = STOCK.replace("aktiv?", "active").replace(";active;;", ";active;16;");
        let dry = said(&import(&desk, &stock, &["--dry-run"]));
        assert_eq!(dry, "Nothing was written. 5 new, 0 changed, 0 unchanged, 0 removed.\n");
        assert!(desk.list(v1::AssetFilter::default()).await.is_empty());
        let done = import(&desk, &stock, &[]);
        assert_eq!(said(&done), "5 new, 0 changed, 0 unchanged, 0 removed.\n");
        assert!(String::from_utf8_lossy(&done.stderr).contains("\"Schuhgröße\" is not known"), "{done:?}");
        assert_eq!(said(&import(&desk, &stock, &[])), "0 new, 0 changed, 5 unchanged, 0 removed.\n");

        let laptop = desk.get("NB-1").await.unwrap();
        assert_eq!((laptop.r#type.as_str(), laptop.name.as_str()), ("laptop", "Ada's laptop"));
        assert!(laptop.owner.starts_with("ppl_"), "{laptop:?}");
        assert_eq!(laptop.fields[0].value, Some(Value::Number(16.0)));
        let server = desk.get("SRV-1").await.unwrap();
        assert_eq!((server.purchased.as_str(), server.relations.len()), ("2026-03-01", 1));
        assert_eq!(desk.impact(&["SRV-1"], &[]).await.unwrap(), ["VM-1"], "the farm has another one");
        let mut all = desk.impact(&["SRV-1", "SRV-2"], &[]).await.unwrap();
        all.sort();
        assert_eq!(all, ["FARM", "VM-1"]);

        // A column that is not there changes nothing; one that is empty does. By its serial number an asset is
        // known under another tag.
        let json = "{\"serial\": \"n1\", \"tag\": \"NB-77\", \"owner\": null, \"criticality\": \"high\"}\n\
            {\"tag\": \"VM-1\", \"state\": \"retired\", \"runs_on\": []}\n";
        assert_eq!(said(&import(&desk, json, &[])), "0 new, 2 changed, 0 unchanged, 0 removed.\n");
        let renamed = desk.get("NB-77").await.unwrap();
        assert_eq!((renamed.id.as_str(), renamed.owner.as_str()), (laptop.id.as_str(), ""));
        assert_eq!((renamed.name.as_str(), renamed.criticality()), ("Ada's laptop", AssetCriticality::High));
        let machine = desk.get("VM-1").await.unwrap();
        assert_eq!((machine.state(), machine.relations.len()), (AssetState::Retired, 0));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_wrong_row_is_named_and_nothing_is_written() {
    let desk = Desk::start(Default::default());
    said(&import(&desk, "tag,type,serial\nOLD-1,server,X\nOLD-2,server,X\n", &[]));
    let list = "tag,type,serial,state,owner,ordered,warranty_until,runs_on,needs.runs_on,ram_gb\n\
        A-1,server,,in_use,,2026-05-02,2026-05-01,,,\n\
        A-2,serverr,,,,,,,,\n\
        A-3,laptop,,,nobody,,,,,lots\n\
        a-3,laptop,,,,,,,,\n\
        ,server,X,,,,,,,\n\
        A-4,server,,,,3/1/2026,,A-9,none,\n\
        A-5,server,,,,,,A-6,,\n\
        A-6,server,,,,,,A-5,,\n\
        A-7,server\n\
        A-8,server,,,,,,,,16\n";
    let refused = complaint(&import(&desk, list, &[]));
    for fault in [
        "line 2: warranty_until: is 2026-05-01, which is before ordered (2026-05-02)",
        "line 3: type: there is no asset type `serverr`; did you mean `server`?",
        "line 4: owner: nobody in the directory has the user name or the address `nobody`",
        "line 4: fields.ram_gb: `lots` does not fit a field of type number",
        "line 5: tag: `A-3` stands in line 4 already",
        "line 6: tag: is missing, and no asset alone has the serial number `X`",
        "line 7: ordered: `3/1/2026` is no day; write it like 2026-03-01",
        "line 7: runs_on: there is no asset `A-9`, neither here nor in the register",
        "line 7: needs.runs_on: `none` is no whole number from 1",
        "line 8: runs_on: goes in a circle: A-5 -> A-6 -> A-5",
        "line 10: has 2 cells; the header has 10",
        "line 11: fields.ram_gb: assets of type `server` have no such field",
    ] {
        assert!(refused.contains(fault), "{fault}\n{refused}");
    }
    assert_eq!(desk.list(v1::AssetFilter::default()).await, ["OLD-1", "OLD-2"]);
    let json = import(&desk, "tag,type\nA-1,laptop\nA-2,loptop\n", &["--json", "--dry-run"]);
    let told: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(
        (json.status.code(), &told["created"], &told["faults"][0]["line"]),
        (Some(1), &2.into(), &3.into())
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_that_would_take_out_much_is_refused_unless_it_is_meant() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings);
        let list = |count: usize| {
            let mut text = "tag,type\n".to_owned();
            (1..=count).for_each(|it| writeln!(text, "NB-{it},laptop").unwrap());
            text
        };
        said(&import(&desk, &list(20), &[]));
        // Two of twenty are a tenth; three are more.
        assert_eq!(
            said(&import(&desk, &list(18), &["--remove-missing"])),
            "0 new, 0 changed, 18 unchanged, 2 removed.\n"
        );
        let refused = complaint(&import(&desk, &list(10), &["--remove-missing"]));
        assert!(
            refused.contains("8 of 18 assets would be taken out, and at most 10 in a hundred"),
            "{refused}"
        );
        let none = complaint(&import(&desk, "tag,type\n", &["--remove-missing", "--allow-removals", "100"]));
        assert!(none.contains("the list is empty"), "{none}");
        let none = complaint(&import(&desk, &list(10), &["--remove-missing", "--allow-removals", "0"]));
        assert!(none.contains("at most 0 in a hundred"), "{none}");
        assert_eq!(desk.list(v1::AssetFilter::default()).await.len(), 18);
        assert_eq!(said(&import(&desk, &list(10), &[])), "0 new, 0 changed, 10 unchanged, 0 removed.\n");

        let request = |dry_run, allow_removals_percent| v1::ImportAssetsRequest {
            request_id: desk.request(),
            list: list(10).into_bytes(),
            dry_run,
            remove_missing: true,
            allow_removals_percent,
        };
        let call = async |request| desk.assets().import_assets(request).await.unwrap().into_inner();
        let refused = call(request(false, 0)).await;
        assert_eq!((refused.faults.len(), refused.removed, refused.faults[0].line), (1, 8, 0));
        let dry = call(request(true, 50)).await;
        assert_eq!((dry.removed, dry.unchanged, dry.faults.len()), (8, 10, 0));
        assert_eq!(desk.list(v1::AssetFilter::default()).await.len(), 18);
        assert_eq!(call(request(false, 50)).await.removed, 8);
        assert_eq!(desk.list(v1::AssetFilter::default()).await.len(), 10);
    }
}

/// Thousands of rows that hang on each other, and a running program that sees them at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_list_comes_in_whole() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings);
        assert_eq!(desk.list(v1::AssetFilter::default()).await, [""; 0]);
        let mut text = "tag,type,depends_on\nA-0,switch,\n".to_owned();
        (1..4_000).for_each(|it| writeln!(text, "A-{it},server,A-{}", it / 2).unwrap());
        assert_eq!(said(&import(&desk, &text, &[])), "4000 new, 0 changed, 0 unchanged, 0 removed.\n");
        let told = desk.assess(&["A-0"], &[]).await.unwrap();
        assert_eq!((told.count, told.assets.len()), (3_999, 1_000));
        let first = desk.get("A-1").await.unwrap();
        assert_eq!(first.relations[0].kind(), AssetRelationKind::DependsOn);
        assert_eq!(desk.history(&first.id).await.len(), 1);
        let again = said(&import(&desk, &text.replace("A-7,server", "A-7,storage"), &[]));
        assert_eq!(again, "0 new, 1 changed, 3999 unchanged, 0 removed.\n");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_line_shows_lists_and_assesses() {
    let desk = Desk::start(Default::default());
    said(&import(&desk, "tag,type,connected_to,name\nSW-1,switch,,Core\nSRV-1,server,SW-1,One\n", &[]));
    let shown = said(&desk.command(&["assets", "show", "srv-1"]));
    for line in ["connected_to     SW-1", "state            in_use", "assets import: entered"] {
        assert!(shown.contains(line), "{line}\n{shown}");
    }
    let json: serde_json::Value =
        serde_json::from_str(&said(&desk.command(&["assets", "show", "SRV-1", "--json"]))).unwrap();
    assert_eq!((&json["type"], &json["connected_to"][0]), (&"server".into(), &"SW-1".into()));
    said(&import(&desk, "tag,state,connected_to\nSRV-1,in_repair,\n", &[]));
    let shown = said(&desk.command(&["assets", "show", "SRV-1"]));
    let change = "assets import: connected_to from SW-1 to nothing; state from in_use to in_repair";
    assert!(shown.contains(change), "{shown}");
    let json: serde_json::Value =
        serde_json::from_str(&said(&desk.command(&["assets", "show", "SRV-1", "--json"]))).unwrap();
    assert_eq!(json["history"][1]["fields"]["state"]["to"], "in_repair");
    said(&import(&desk, "tag,state,connected_to\nSRV-1,in_use,SW-1\n", &[]));
    let listed = said(&desk.command(&["assets", "list", "--type", "switch"]));
    assert!(listed.contains("SW-1") && !listed.contains("SRV-1"), "{listed}");
    let impact = said(&desk.command(&["assets", "impact", "SW-1"]));
    assert!(impact.starts_with("1 impacted; criticality high, so impact site\n"), "{impact}");
    assert!(impact.contains("SW-1 > SRV-1"), "{impact}");
    let none = said(&desk.command(&["assets", "impact", "SW-1", "--not-impacted", "SRV-1", "--json"]));
    assert_eq!(serde_json::from_str::<serde_json::Value>(&none).unwrap()["count"], 0);
    for args in [["assets", "show", "NOWHERE"], ["assets", "impact", "NOWHERE"]] {
        let unknown = desk.command(&args);
        assert_eq!(unknown.status.code(), Some(64), "{unknown:?}");
        assert!(String::from_utf8_lossy(&unknown.stderr).contains("no asset `NOWHERE`"), "{unknown:?}");
    }
}
