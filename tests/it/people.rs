//! The directory of people on the real program: keeping it over gRPC, from CSV and by SCIM, and what the desk makes of
//! it. On both databases where they matter.

mod desk;
mod list;
mod overtaken;
mod scim;
mod stage;

use ticket_dispatch::proto::v1::{self, event::Fact};
use tonic::Code;

use stage::{Desk, person, settings_of_both};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_entry_is_put_changed_listed_and_its_history_says_who_did_it() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings, "");
        let ada = desk.put(person("ada", "Sales")).await.unwrap();
        assert!(ada.id.starts_with("ppl_") && ada.version == 1, "{ada:?}");
        assert_eq!((ada.issuer.as_str(), ada.subject.as_str()), ("chat", "ada"));
        let bo = desk.put(v1::Profile { manager: "ADA".into(), ..person("bo", "Sales") }).await.unwrap();
        assert_eq!(bo.manager, ada.id);

        assert_eq!(desk.get("Ada").await.unwrap().id, ada.id);
        assert_eq!(desk.get(&bo.id).await.unwrap().user_name, "bo");
        let found = desk.list(v1::PeopleFilter { manager: "ada".into(), ..Default::default() }).await;
        assert_eq!(found, ["bo"]);
        let found = desk.list(v1::PeopleFilter { department: "sales".into(), ..Default::default() }).await;
        assert_eq!(found.len(), 2);

        let change = v1::Profile { department: "HR".into(), vip: true, ..Default::default() };
        let changed = desk.update("bo", change, &["department", "vip"]).await.unwrap();
        assert_eq!((changed.department.as_str(), changed.vip, changed.version), ("HR", true, 2));
        assert_eq!(changed.manager, ada.id, "what the mask does not name stays");
        let same = desk.put(v1::Profile { manager: ada.id.clone(), vip: true, ..person("bo", "HR") }).await;
        assert_eq!(same.unwrap().version, 2, "nothing changed");

        let left = desk.remove("bo").await.unwrap();
        assert!(left.inactive && !left.removed);
        assert_eq!(desk.list(v1::PeopleFilter { active: Some(false), ..Default::default() }).await, ["bo"]);
        let facts = desk.facts().await;
        let of_bo: Vec<_> = facts
            .iter()
            .filter_map(|it| match &it.fact {
                Some(Fact::PersonChanged(fact)) if it.subject == bo.id => Some((it.actor.as_str(), fact)),
                _ => None,
            })
            .collect();
        let changes: Vec<Vec<&str>> =
            of_bo.iter().map(|(_, it)| it.changed.iter().map(String::as_str).collect()).collect();
        assert_eq!(changes, [vec![], vec!["department", "vip"], vec!["active"]]);
        assert!(of_bo.iter().all(|(actor, _)| *actor == "open"));
        // The last fact is the row.
        assert_eq!(of_bo.last().unwrap().1.person.as_ref(), Some(&desk.get("bo").await.unwrap()));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_request_has_one_effect() {
    let desk = Desk::start(Default::default(), "");
    let request = v1::PutPersonRequest {
        request_id: "put-1".into(),
        person: Some(person("ada", "Sales")),
        expected_version: 0,
    };
    let first = desk.people().put_person(request.clone()).await.unwrap().into_inner();
    desk.update("ada", v1::Profile { title: "Boss".into(), ..Default::default() }, &["title"]).await.unwrap();
    let again = desk.people().put_person(request.clone()).await.unwrap().into_inner();
    assert_eq!(again, first, "the first answer again");
    let other = v1::PutPersonRequest { person: Some(person("ada", "HR")), ..request };
    assert_eq!(desk.people().put_person(other).await.unwrap_err().code(), Code::AlreadyExists);
    let update = |title: &str| v1::UpdatePersonRequest {
        request_id: "update-1".into(),
        person: "ada".into(),
        change: Some(v1::Profile { title: title.into(), ..Default::default() }),
        update_mask: Some(prost_types::FieldMask { paths: vec!["title".into()] }),
        expected_version: 0,
    };
    let first = desk.people().update_person(update("CEO")).await.unwrap().into_inner();
    let again = desk.people().update_person(update("CEO")).await.unwrap().into_inner();
    assert_eq!(again, first);
    assert_eq!(first.person.unwrap().title, "CEO");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_says_why() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings, "");
        for (who, manager) in [("ada", ""), ("bo", "ada"), ("cy", "bo")] {
            desk.put(v1::Profile { manager: manager.into(), ..person(who, "Sales") }).await.unwrap();
        }
        let change = v1::Profile { manager: "cy".into(), ..Default::default() };
        let circle = desk.update("ada", change, &["manager"]).await.unwrap_err();
        assert_eq!(circle.code(), Code::InvalidArgument);
        assert!(circle.message().contains("ada -> cy -> bo -> ada"), "{circle}");
        let unknown =
            desk.put(v1::Profile { manager: "nobody".into(), ..person("di", "") }).await.unwrap_err();
        assert!(unknown.message().contains("manager: no such person"), "{unknown}");

        let other = v1::Profile { subject: "U7".into(), ..person("ADA", "") };
        let taken = desk.put(other).await.unwrap_err();
        assert_eq!(taken.code(), Code::AlreadyExists, "{taken}");
        assert!(taken.message().contains("`ADA` is somebody else's"), "{taken}");
        let change = v1::Profile { user_name: "Bo".into(), ..Default::default() };
        let taken = desk.update("ada", change, &["user_name"]).await.unwrap_err();
        assert_eq!(taken.code(), Code::AlreadyExists, "{taken}");

        let wrong = v1::Profile {
            emails: vec![v1::Contact { value: "nobody".into(), ..Default::default() }],
            title: "x".repeat(300),
            ..person("", "")
        };
        let wrong = desk.put(wrong).await.unwrap_err();
        for field in ["person.user_name", "person.title", "person.emails[0].value"] {
            assert!(wrong.message().contains(field), "{field}: {wrong}");
        }
        let request =
            v1::RemovePersonRequest { request_id: "stale".into(), person: "ada".into(), expected_version: 7 };
        assert_eq!(desk.people().remove_person(request).await.unwrap_err().code(), Code::Aborted);
        assert_eq!(desk.get("nobody").await.unwrap_err().code(), Code::NotFound);
        assert!(!desk.get("ada").await.unwrap().inactive);
    }
}

/// Two people who want one name at the same moment, on partitions that do not see each other: one gets it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_name_is_one_persons_however_many_ask_at_once() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings, "");
        let ask = |turn: usize| desk.put(v1::Profile { subject: format!("U{turn}"), ..person("ada", "") });
        let asked = futures_util::future::join_all((0..24).map(ask)).await;
        assert_eq!(asked.iter().filter(|it| it.is_ok()).count(), 1);
        let refused = asked.iter().filter_map(|it| it.as_ref().err());
        assert!(
            refused.clone().all(|it| it.code() == Code::AlreadyExists),
            "{:?}",
            refused.collect::<Vec<_>>()
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tenants_do_not_see_each_others_people_and_roles_say_who_keeps_them() {
    let desk = Desk::start(stage::tokens(), "");
    let (keeper, agent, other) = (
        desk.app.token("default", "directory"),
        desk.app.token("default", "agent"),
        desk.app.token("other", "directory"),
    );
    desk.put_as(&keeper, person("ada", "")).await.unwrap();
    desk.put_as(&other, person("ada", "")).await.unwrap();
    let refused = desk.put_as(&agent, person("bo", "")).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
    assert_eq!(desk.get_as(&agent, "ada").await.unwrap().user_name, "ada");
    assert_eq!(desk.get_as(&keeper, "ada").await.unwrap_err().code(), Code::PermissionDenied);
    let id = desk.get_as(&agent, "ada").await.unwrap().id;
    let agent = desk.app.token("other", "agent");
    assert_eq!(desk.get_as(&agent, &id).await.unwrap_err().code(), Code::NotFound);
}
