//! Catalogues are versioned, and each tenant has its own.

use ticket_dispatch::{
    domain::id::Slot,
    proto::v1::event::Fact,
    store::{Store, Unit, Wants, Work},
};

use super::stage::{Reply, Stage, tenant, work};

on_both!(a_new_catalogue_gets_the_next_version, versions_of_templates_are_noted_once);

async fn apply(store: &Store, tenant: &str, request: &str, content: &'static str) -> u64 {
    let wants = Wants { catalog: true, ..Wants::default() };
    let work = Work { wants, ..work(tenant, request, Slot(0)) };
    let decide = move |unit: &mut Unit<'_>| -> Reply {
        let files =
            vec![("b.yaml".to_owned(), content.to_owned()), ("a.yaml".to_owned(), "the same".to_owned())];
        Ok(unit.apply_catalog(files, None).to_string().into_bytes())
    };
    let reply = store.execute(work, decide).await.unwrap();
    String::from_utf8(reply).unwrap().parse().unwrap()
}

async fn a_new_catalogue_gets_the_next_version(stage: Stage) {
    let store = &stage.store;
    assert_eq!(store.catalog(&tenant("acme")).await.unwrap(), None);
    assert_eq!(apply(store, "acme", "c-1", "one").await, 1);
    assert_eq!(apply(store, "acme", "c-2", "two").await, 2);
    assert_eq!(apply(store, "acme", "c-2", "two").await, 2);
    assert_eq!(apply(store, "globex", "c-1", "other").await, 1);
    let (version, files) = store.catalog(&tenant("acme")).await.unwrap().unwrap();
    assert_eq!(version, 2);
    assert_eq!(files[0], ("b.yaml".to_owned(), "two".to_owned()));
    assert_eq!(files[1], ("a.yaml".to_owned(), "the same".to_owned()));
    assert_eq!(apply(store, "acme", "c-3", "two").await, 3);
    assert_eq!(store.catalog_after(&tenant("acme"), 2).await.unwrap(), Some((3, files)));
    let (first, files) = store.catalog_after(&tenant("acme"), 0).await.unwrap().unwrap();
    assert_eq!((first, files[0].1.as_str(), files[1].1.as_str()), (1, "one", "the same"));
    let facts: Vec<_> = store.events_after(0, 0, 9).await.unwrap().into_iter().map(|it| it.fact).collect();
    assert!(matches!(&facts[1], Some(Fact::CatalogApplied(it)) if it.version == 2));
    assert_eq!(facts.len(), 4);
}

async fn versions_of_templates_are_noted_once(stage: Stage) {
    let (store, acme) = (&stage.store, tenant("acme"));
    apply(store, "acme", "c-1", "one").await;
    assert_eq!(store.template_versions(&acme, 1).await.unwrap(), None);
    store.note_template_versions(&acme, 1, [("vpn", 2), ("printer", 1)].into_iter()).await.unwrap();
    store.note_template_versions(&acme, 1, [("vpn", 9)].into_iter()).await.unwrap();
    let noted = store.template_versions(&acme, 1).await.unwrap().unwrap();
    assert_eq!(noted, [("vpn".to_owned(), 2), ("printer".to_owned(), 1)].into());
    assert_eq!(store.template_versions(&tenant("globex"), 1).await.unwrap(), None);
}
