//! Lists of people as CSV, in and out, by the shipped program beside a running one.

use std::{fs, process::Output};

use ticket_dispatch::proto::v1::{self, AgentDuty};

use super::stage::{Desk, person, settings_of_both};
use crate::app::{complaint, said};

/// Writes a file beside the data, and imports it.
fn import(desk: &Desk, text: &str, more: &[&str]) -> Output {
    let file = desk.app.data().parent().unwrap().join("staff.csv");
    fs::write(&file, text).unwrap();
    desk.command(&[&["people", "import", "staff.csv"], more].concat())
}

const STAFF: &str = "\u{feff}sep=;\r\nLogin;Anzeigename;E-Mail;Abteilung;Standort;Vorgesetzter;VIP;Schuhgröße\r\n\
boss;Die Chefin;boss@example.com;Vorstand;Berlin;;x;38\r\n\
ada;Ada;ada@example.com;\"Vertrieb\r\nNord\";Berlin;boss;;\r\n\
emp;李雷;emp@example.com;Vertrieb;上海;BOSS@example.com;nein;\r\n;;;;;;;\r\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_is_tried_imported_changed_and_told_who_left() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings, "");
        let staff = STAFF;
        let dry = said(&import(&desk, staff, &["--dry-run"]));
        assert_eq!(dry, "Nothing was written. 3 new, 0 changed, 0 unchanged, 0 left.\n");
        assert!(desk.get("ada").await.is_err());

        let done = import(&desk, staff, &[]);
        assert_eq!(said(&done), "3 new, 0 changed, 0 unchanged, 0 left.\n");
        assert!(String::from_utf8_lossy(&done.stderr).contains("\"Schuhgröße\" is not known"), "{done:?}");
        let boss = desk.get("boss").await.unwrap();
        let emp = desk.get("emp").await.unwrap();
        assert!(boss.vip && !emp.vip && emp.manager == boss.id, "{emp:?}");
        assert_eq!((emp.display_name.as_str(), emp.location.as_str()), ("李雷", "上海"));
        assert_eq!(said(&import(&desk, staff, &[])), "0 new, 0 changed, 3 unchanged, 0 left.\n");

        // A column that is not there changes nothing; one that is empty does.
        let changed = said(&import(&desk, "user_name,title,location\nemp,Engineer,\n", &[]));
        assert_eq!(changed, "0 new, 1 changed, 0 unchanged, 0 left.\n");
        let emp = desk.get("emp").await.unwrap();
        assert_eq!((emp.title.as_str(), emp.location.as_str(), emp.vip), ("Engineer", "", false));
        assert_eq!(emp.manager, boss.id);

        let ticket = desk.open("emp", None).await.unwrap();
        let few = "user_name\nboss\nada\n";
        let refused = complaint(&import(&desk, few, &["--leavers"]));
        assert!(refused.contains("1 of 3 people would leave"), "{refused}");
        // A trial says so as well, beside what would change.
        let tried = import(&desk, few, &["--leavers", "--dry-run"]);
        assert_eq!(complaint(&tried), refused);
        let counted = "Nothing was written. 0 new, 0 changed, 2 unchanged, 1 left.\n";
        assert_eq!(String::from_utf8_lossy(&tried.stdout), counted);
        assert_eq!(said(&import(&desk, few, &["--leavers", "--force", "--dry-run"])), counted);
        assert_eq!(
            said(&import(&desk, few, &["--leavers", "--force"])),
            "0 new, 0 changed, 2 unchanged, 1 left.\n"
        );
        assert!(desk.get("emp").await.unwrap().inactive);
        assert!(desk.open("emp", None).await.is_err());
        assert_eq!(desk.ticket(&ticket.number).await.comments, 1, "the desk is told");
        // An agent: the running desk sees it at once.
        said(&import(&desk, "user_name,active\nada,no\n", &[]));
        assert_eq!(desk.agent("ada").await.duty(), AgentDuty::Left);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_that_is_wrong_is_told_at_once_and_nothing_is_written() {
    let desk = Desk::start(Default::default(), "");
    desk.put(v1::Profile { subject: "U1".into(), ..person("old", "") }).await.unwrap();
    let list = "user_name,email,manager,vip\n\
        ada,ada@example.com,bo,\n\
        bo,bo@example.com,cy,\n\
        cy,cy@example.com,ada,\n\
        di,nobody,,perhaps\n\
        ADA,x@example.com,,\n\
        ed,twice@example.com,nobody,\n\
        fi,twice@example.com,,\n\
        gi,gi@example.com,twice@example.com,\n\
        hi,hi@example.com\n";
    let told = complaint(&import(&desk, list, &[]));
    for fault in [
        "line 2: manager: would make a circle of managers: ada -> bo -> cy -> ada",
        "line 5: email: is no e-mail address",
        "line 5: vip: `perhaps` is neither yes nor no",
        "line 6: user_name: `ADA` stands in line 2 already",
        "line 7: manager: nobody has the user name or the address `nobody`",
        "line 9: manager: several people have the address `twice@example.com`",
        "line 10: has 2 cells; the header has 4",
    ] {
        assert!(told.contains(fault), "{fault}\n{told}");
    }
    assert_eq!(told.lines().count(), 8, "a circle is told once:\n{told}");
    assert_eq!(desk.list(v1::PeopleFilter::default()).await, ["old"]);

    // A circle that the list closes with what stands there.
    said(&import(&desk, "user_name,manager\nada,\nbo,ada\n", &[]));
    let told = complaint(&import(&desk, "user_name,manager\nada,bo\n", &[]));
    assert!(told.contains("ada -> bo -> ada"), "{told}");
    let told = complaint(&import(&desk, "user_name,subject\nold,U2\nnew,U9\nnewer,U9\n", &[]));
    assert!(told.contains("line 2: user_name: `old` is somebody else's"), "{told}");
    assert!(told.contains("line 4: subject: is the same person as in line 3"), "{told}");
    let told = complaint(&import(&desk, "user_name\n", &["--leavers"]));
    assert!(told.contains("the list is empty"), "{told}");
    assert!(complaint(&import(&desk, "name,title\nx,y\n", &[])).contains("no column user_name or email"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_exported_is_imported_as_it_was() {
    let desk = Desk::start(Default::default(), "");
    said(&import(&desk, STAFF, &[]));
    let ada = desk.get("ada").await.unwrap();
    assert_eq!(ada.department, "Vertrieb Nord", "{ada:?}");
    let all = said(&desk.command(&["people", "export"]));
    assert!(all.starts_with("user_name,display_name,"), "{all}");
    assert_eq!(said(&import(&desk, &all, &["--leavers"])), "0 new, 0 changed, 3 unchanged, 0 left.\n");

    let other = Desk::start(Default::default(), "");
    assert_eq!(said(&import(&other, &all, &[])), "3 new, 0 changed, 0 unchanged, 0 left.\n");
    let sorted = |text: &str| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    assert_eq!(sorted(&said(&other.command(&["people", "export"]))), sorted(&all));

    let listed = said(&desk.command(&["people", "list", "--json", "--manager", "boss"]));
    assert_eq!(listed.lines().count(), 2);
    let shown = said(&desk.command(&["people", "show", "EMP", "--json"]));
    let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
    assert_eq!((&shown["manager"], &shown["history"][0]["actor"]), (&"boss".into(), &"people import".into()));
    let nobody = desk.command(&["people", "show", "nobody"]);
    assert_eq!(nobody.status.code(), Some(64));
}

/// Some thousand people, who report to each other ten ranks deep; one more pass changes nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_company_is_imported() {
    let desk = Desk::start(Default::default(), "");
    let mut list = "user_name,email,department,manager\n".to_owned();
    for it in 0..3_000_u32 {
        let manager = if it == 0 { String::new() } else { format!("p{}", it / 2) };
        list += &format!("p{it},p{it}@example.com,d{},{manager}\n", it % 40);
    }
    assert_eq!(said(&import(&desk, &list, &[])), "3000 new, 0 changed, 0 unchanged, 0 left.\n");
    assert_eq!(said(&import(&desk, &list, &[])), "0 new, 0 changed, 3000 unchanged, 0 left.\n");
    let found = desk.list(v1::PeopleFilter { department: "d7".into(), ..Default::default() }).await;
    assert_eq!(found.len(), 75);
}
