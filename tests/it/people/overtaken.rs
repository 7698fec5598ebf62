//! An import, and what others do between its checks and its writing.

use ticket_dispatch::{
    catalog,
    desk::people::{
        Directory,
        import::{Column, Counts, Row, Run},
    },
    domain::people::Tenant,
    proto::v1,
    store::Store,
};
use tokio_util::sync::CancellationToken;

use crate::parts::postgres::Postgres;

use super::stage::{Desk, person, settings_of_both};

fn row((line, name, title): (usize, &str, &str)) -> Row {
    Row { line, cells: vec![(Column::UserName, name.to_owned()), (Column::Title, title.to_owned())] }
}

/// The same database as the command opens beside a running desk, and what ends its writers.
async fn beside(desk: &Desk, database: Option<&Postgres>) -> (Directory, CancellationToken) {
    let file = || format!("sqlite:{}", desk.app.data().join("dispatch.db").display());
    let store = Store::open(&database.map_or_else(file, Postgres::url)).await.unwrap();
    let stop = CancellationToken::new();
    for (_, writer) in store.writers(stop.clone()) {
        tokio::spawn(writer);
    }
    let catalog = catalog::parse(&catalog::starter(), 1, None).unwrap();
    let tenant = Tenant::parse("default").unwrap();
    (Directory::new(store, catalog.into(), tenant, "people import".into()), stop)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_name_that_somebody_takes_meanwhile_ends_no_import() {
    for (settings, database) in settings_of_both() {
        let desk = Desk::start(settings, "");
        desk.put(person("ada", "Sales")).await.unwrap();
        let (directory, stop) = beside(&desk, database.as_ref()).await;
        let list = [(2, "ada", "Engineer"), (3, "cy", "Engineer"), (4, "di", "Engineer")];
        let plan = directory.plan(list.into_iter().map(row).map(Ok), false).await.unwrap().unwrap();
        let other = v1::Profile { subject: "somebody-else".into(), ..person("cy", "Sales") };
        desk.put(other).await.unwrap();

        let counts =
            directory.import(&plan, list.into_iter().map(row), Run::Real, &mut |_| ()).await.unwrap();
        let done = Counts { new: 1, changed: 1, overtaken: vec!["cy".into()], ..Counts::default() };
        assert_eq!(counts, done);
        for name in ["ada", "di"] {
            assert_eq!(desk.get(name).await.unwrap().title, "Engineer");
        }
        let cy = desk.get("cy").await.unwrap();
        assert_eq!((cy.subject.as_str(), cy.title.as_str()), ("somebody-else", ""));
        stop.cancel();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_overwrites_nothing_that_others_do_meanwhile() {
    for (settings, database) in settings_of_both() {
        let desk = Desk::start(settings, "");
        for name in ["ada", "bo", "cy", "di", "ed", "fi"] {
            desk.put(person(name, "Sales")).await.unwrap();
        }
        let (directory, stop) = beside(&desk, database.as_ref()).await;
        let list = [
            (2, "ada", "Engineer"),
            (3, "bo", "Engineer"),
            (4, "cy", ""),
            (5, "ed", "Engineer"),
            (6, "new", ""),
        ];
        let plan = directory.plan(list.into_iter().map(row).map(Ok), true).await.unwrap().unwrap();

        let phone = vec![v1::Contact { value: "+49 30 1".into(), ..Default::default() }];
        desk.update("ada", v1::Profile { phones: phone, ..Default::default() }, &["phones"]).await.unwrap();
        desk.update("cy", v1::Profile { title: "Director".into(), ..Default::default() }, &["title"])
            .await
            .unwrap();
        desk.remove("ed").await.unwrap();
        desk.put(person("new", "Purchasing")).await.unwrap();
        desk.update("fi", v1::Profile { title: "Intern".into(), ..Default::default() }, &["title"])
            .await
            .unwrap();

        let counts =
            directory.import(&plan, list.into_iter().map(row), Run::Real, &mut |_| ()).await.unwrap();
        let mut overtaken = counts.overtaken.clone();
        overtaken.sort();
        assert_eq!(overtaken, ["ada", "cy", "ed", "fi"]);
        // "new" is as the list says already.
        let done = Counts { changed: 1, unchanged: 1, left: 1, overtaken: counts.overtaken.clone(), new: 0 };
        assert_eq!(counts, done);
        let ada = desk.get("ada").await.unwrap();
        assert_eq!((ada.phones.len(), ada.title.as_str()), (1, ""));
        assert_eq!(desk.get("bo").await.unwrap().title, "Engineer");
        assert_eq!(desk.get("cy").await.unwrap().title, "Director");
        let ed = desk.get("ed").await.unwrap();
        assert!(ed.inactive && ed.title.is_empty(), "{ed:?}");
        assert!(desk.get("di").await.unwrap().inactive);
        let fi = desk.get("fi").await.unwrap();
        assert!(!fi.inactive && fi.title == "Intern", "{fi:?}");
        assert_eq!(desk.get("new").await.unwrap().department, "Purchasing");

        // Run again, it does what the list says.
        let plan = directory.plan(list.into_iter().map(row).map(Ok), true).await.unwrap().unwrap();
        let counts =
            directory.import(&plan, list.into_iter().map(row), Run::Real, &mut |_| ()).await.unwrap();
        assert_eq!((counts.overtaken, counts.left), (vec![], 1));
        let ada = desk.get("ada").await.unwrap();
        assert_eq!((ada.phones.len(), ada.title.as_str()), (1, "Engineer"));
        stop.cancel();
    }
}
