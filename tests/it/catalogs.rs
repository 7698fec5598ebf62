//! Catalogues over the life of a desk: from a folder, through restarts, and beside another replica.

use std::{collections::HashMap, fs, path::Path, time::Duration};

use futures_util::StreamExt as _;
use sqlx::{Connection as _, SqliteConnection};
use ticket_dispatch::{catalog, client::Client, proto::v1};

use crate::{
    app::{App, Settings},
    parts::{installed::Part, postgres::Postgres, server::within},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_is_what_get_catalog_gives_and_its_versions_rise_with_what_changed() {
    let folder = tempfile::tempdir().unwrap();
    let mut files: Vec<_> = catalog::starter().into_iter().map(|it| (it.name, it.content)).collect();
    edit(&mut files, "Locked out or password trouble", "Locked out");
    write(folder.path(), &files);
    let settings = Settings::default().env("DISPATCH_CATALOG_DIR", folder.path().to_str().unwrap());
    let mut app = App::start(settings);
    let (first, stored) = catalog_of(&app).await;
    assert_eq!((first, &stored), (1, &files), "the folder's files, and not the starter's");
    let versions = templates(&app).await;

    edit(&mut files, "Locked out", "Password trouble");
    write(folder.path(), &files);
    app.stop();
    app.restart();
    assert_eq!(catalog_of(&app).await, (2, files.clone()));
    let edited = templates(&app).await;
    for (id, version) in &versions {
        assert_eq!(edited[id] > *version, id == "account_locked", "{id}: {version}, then {}", edited[id]);
    }

    app.stop();
    app.restart();
    assert_eq!(catalog_of(&app).await, (2, files.clone()));
    assert_eq!(templates(&app).await, edited);

    // What calls change stays while nobody edits the folder; then the folder counts again.
    let mut other = files.clone();
    edit(&mut other, "Password trouble", "Locked out");
    apply(&app.client(None), "c-1", &other).await;
    let applied = templates(&app).await;
    app.kill();
    app.restart();
    assert_eq!(catalog_of(&app).await, (3, other));
    assert_eq!(templates(&app).await, applied);
    edit(&mut files, "Password trouble", "Trouble with a password");
    write(folder.path(), &files);
    app.stop();
    app.restart();
    assert!(app.log().contains("they replace what calls have changed"), "{}", app.log());
    assert_eq!(catalog_of(&app).await, (4, files));
    let last = templates(&app).await["account_locked"];
    assert!(edited["account_locked"] < applied["account_locked"] && applied["account_locked"] < last);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn holidays_of_an_icalendar_file_are_kept_with_the_catalogue_that_named_it() {
    let mut app = App::start(Settings::default());
    let mut files: Vec<_> = catalog::starter().into_iter().map(|it| (it.name, it.content)).collect();
    edit(&mut files, "    exceptions:\n", "    holidays_from: plant.ics\n    exceptions:\n");
    let event = "BEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Stocktaking\r\nDTSTART;VALUE=DATE:20260701\r\n\
                 DTEND;VALUE=DATE:20260703\r\nEND:VEVENT\r\n";
    files.push(("plant.ics".into(), format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{event}END:VCALENDAR\r\n")));
    apply(&app.client(None), "c-1", &files).await;
    for _ in 0..2 {
        let request = v1::GetCalendarRequest { calendar: "office".into() };
        let office =
            app.client(None).catalog().get_calendar(request).await.unwrap().into_inner().calendar.unwrap();
        for day in ["2026-07-01", "2026-07-02", "2026-12-25"] {
            assert!(office.holidays.iter().any(|it| it == day), "{office:?}");
        }
        assert_eq!(office.exceptions, ["2026-12-24 08:00-14:00"]);
        app.kill();
        app.restart();
    }
    let (version, mut kept) = catalog_of(&app).await;
    kept.sort();
    files.sort();
    assert_eq!((version, kept), (1, files));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn template_versions_are_the_same_after_a_restart() {
    let mut app = App::start(Settings::default());
    let mut files: Vec<_> = catalog::starter().into_iter().map(|it| (it.name, it.content)).collect();
    let client = app.client(None);
    for (turn, label) in ["Locked out", "Password trouble"].into_iter().enumerate() {
        edit(&mut files, ["Locked out or password trouble", "Locked out"][turn], label);
        apply(&client, &format!("c-{turn}"), &files).await;
    }
    let before = templates(&app).await;
    assert!(before["printer_fault"] < before["account_locked"], "{before:?}");
    app.kill();
    app.restart();
    assert_eq!(templates(&app).await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_reads_the_latest_catalogue_and_what_open_tickets_were_opened_from() {
    let mut app = App::start(Settings::default());
    let client = app.client(None);
    let mut files: Vec<_> = catalog::starter().into_iter().map(|it| (it.name, it.content)).collect();
    let mut label = "Locked out or password trouble";
    let mut tickets = vec![];
    for (turn, next) in ["Trouble A", "Trouble B", "Trouble C", "Trouble D"].into_iter().enumerate() {
        edit(&mut files, label, next);
        apply(&client, &format!("c-{turn}"), &files).await;
        tickets.push(open(&client, &format!("t-{turn}"), "ada").await);
        label = next;
    }
    let before = templates(&app).await;
    let cancel = v1::TransitionTicketRequest {
        request_id: "cancel".into(),
        ticket: tickets[1].clone(),
        to: v1::TicketState::Cancelled.into(),
        cancel_reason: v1::CancelReason::Withdrawn.into(),
        ..Default::default()
    };
    client.tickets().transition_ticket(cancel).await.unwrap();
    app.stop();
    let url = format!("sqlite:{}", app.data().join("dispatch.db").display());
    let mut base = SqliteConnection::connect(&url).await.unwrap();
    let stored: Vec<(i64, i64)> =
        sqlx::query_as("select version, count(*) from catalog_files where content <> '' group by version")
            .fetch_all(&mut base)
            .await
            .unwrap();
    assert_eq!(stored[1..], [(2, 1), (3, 1), (4, 1)], "only what changed");
    // Nobody needs the second any more, so nobody finds out.
    let spoil = "update catalog_files set content = 'templates: [' where version = 2 and content <> ''";
    sqlx::query(spoil).execute(&mut base).await.unwrap();
    base.close().await.unwrap();
    app.restart();
    assert_eq!(templates(&app).await, before);
    assert!(!app.log().contains("cannot be read"), "{}", app.log());
    let at = async |version| {
        let request = v1::GetTemplateRequest { template: "account_locked".into(), version };
        client.catalog().get_template(request).await.map(|it| it.into_inner().template.unwrap().label_en)
    };
    let now = before["account_locked"];
    let (first, second, third, last) =
        (at(now - 3).await, at(now - 2).await, at(now - 1).await, at(now).await);
    assert_eq!([first.unwrap(), third.unwrap(), last.unwrap()], ["Trouble A", "Trouble C", "Trouble D"]);
    assert_eq!(second.unwrap_err().code(), tonic::Code::NotFound);
    assert_eq!(at(1).await.unwrap(), "Locked out or password trouble", "what is built in");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_opened_from_the_built_in_catalogue_keeps_to_it_when_an_own_one_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("desk.db").display());
    let settings = || Settings::default().env("DISPATCH_STORE_URL", &url);
    let mut first = App::start(settings());
    open(&first.client(None), "t-1", "ada").await;
    first.stop();
    let mut files: Vec<_> = catalog::starter().into_iter().map(|it| (it.name, it.content)).collect();
    edit(&mut files, "Locked out or password trouble", "Our own trouble");
    let own = folder.path().join("catalog");
    fs::create_dir(&own).unwrap();
    write(&own, &files);
    let mut app = App::start(settings().env("DISPATCH_CATALOG_DIR", own.to_str().unwrap()));
    for _ in 0..2 {
        let at = async |version| {
            let request = v1::GetTemplateRequest { template: "account_locked".into(), version };
            app.client(None)
                .catalog()
                .get_template(request)
                .await
                .unwrap()
                .into_inner()
                .template
                .unwrap()
                .label_en
        };
        assert_eq!(
            (at(0).await, at(1).await),
            ("Our own trouble".into(), "Locked out or password trouble".into())
        );
        app.stop();
        app.restart();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_decides_with_what_the_other_applied_and_watchers_miss_nothing_of_it() {
    if Part::Postgres.is_missing() {
        return;
    }
    let postgres = Postgres::start();
    let settings = || Settings::default().env("DISPATCH_STORE_URL", &postgres.url());
    let (a, b) = (App::start(settings()), App::start(settings()));
    let (one, two) = (a.client(None), b.client(None));

    let mut files: Vec<_> = catalog::starter().into_iter().map(|it| (it.name, it.content)).collect();
    edit(&mut files, "Locked out or password trouble", "Locked out");
    apply(&one, "c-1", &files).await;
    let runtime = tokio::runtime::Handle::current();
    let seen = || tokio::task::block_in_place(|| runtime.block_on(label(&two))) == "Locked out";
    assert!(within(Duration::from_secs(5), seen), "the other replica uses it within seconds");
    assert_eq!(templates(&a).await, templates(&b).await);

    let watch = v1::WatchTicketsRequest::default();
    let mut watched = two.tickets().watch_tickets(watch).await.unwrap().into_inner();
    let mut opened = vec![];
    for turn in 0..40 {
        let desk = if turn % 3 == 2 { &two } else { &one };
        opened.push(open(desk, &format!("r-{turn}"), &format!("u{}", turn % 4)).await);
    }
    let mut seen: Vec<v1::Event> = vec![];
    while seen.len() < opened.len() {
        let next = tokio::time::timeout(Duration::from_secs(10), watched.next()).await;
        seen.push(next.expect("an event is missing").unwrap().unwrap().event.unwrap());
    }
    let mut subjects: Vec<_> = seen.iter().map(|it| it.subject.clone()).collect();
    subjects.sort();
    opened.sort();
    assert_eq!(subjects, opened, "each once");
    let mut told: HashMap<u32, u64> = HashMap::new();
    for event in seen {
        let before = told.insert(event.partition, event.position);
        assert!(before < Some(event.position), "in order");
    }
}

fn edit(files: &mut [(String, String)], from: &str, to: &str) {
    files.iter_mut().for_each(|(_, content)| *content = content.replace(from, to));
}

fn write(folder: &Path, files: &[(String, String)]) {
    files.iter().for_each(|(name, content)| fs::write(folder.join(name), content).unwrap());
}

async fn catalog_of(app: &App) -> (u64, Vec<(String, String)>) {
    let answer = app.client(None).catalog().get_catalog(v1::GetCatalogRequest {}).await.unwrap().into_inner();
    (answer.version, answer.files.into_iter().map(|it| (it.name, it.content)).collect())
}

async fn apply(client: &Client, request: &str, files: &[(String, String)]) {
    let files = files.iter().cloned().map(|(name, content)| v1::CatalogFile { name, content }).collect();
    let request = v1::ApplyCatalogRequest { request_id: request.into(), files };
    client.catalog().apply_catalog(request).await.unwrap();
}

/// The version of every template.
async fn templates(app: &App) -> HashMap<String, u32> {
    let request = v1::ListTemplatesRequest { page_size: 100, ..Default::default() };
    let answer = app.client(None).catalog().list_templates(request).await.unwrap().into_inner();
    answer.templates.into_iter().map(|it| (it.id, it.version)).collect()
}

async fn label(client: &Client) -> String {
    let request = v1::GetTemplateRequest { template: "account_locked".into(), version: 0 };
    let answer = client.catalog().get_template(request).await.unwrap().into_inner();
    answer.template.unwrap().label_en
}

async fn open(client: &Client, request: &str, who: &str) -> String {
    let request = v1::CreateTicketRequest {
        request_id: request.into(),
        template: "account_locked".into(),
        requester: Some(v1::Person { issuer: "chat".into(), subject: who.into(), ..Default::default() }),
        description: "locked out".into(),
        fields: vec![v1::FieldValue {
            field: "account".into(),
            value: Some(v1::field_value::Value::Choice("windows".into())),
        }],
        ..Default::default()
    };
    client.tickets().create_ticket(request).await.unwrap().into_inner().ticket.unwrap().id
}
