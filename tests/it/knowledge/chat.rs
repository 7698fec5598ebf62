//! Articles offered in a chat: scripts in `tests/cases/knowledge`, and what is counted of it.

use std::path::Path;

use ticket_dispatch::proto::v1::{self, ArticleUse, event::Fact};

use super::stage::{Desk, jam, settings_of_both, vpn};
use crate::{
    app::{Settings, get},
    cases::{Failures, scripts, stage::Stage},
};

/// Starts a desk with the articles that ship with the product, and one for the desk alone.
fn shipped(settings: Settings) -> Desk {
    let desk = Desk::start(settings);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/knowledge");
    let done = desk.command(&["knowledge", "import", folder.to_str().unwrap(), "--publish"]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    desk
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_scripted_offer_ends_as_its_script_says() {
    let desk = shipped(Settings::default());
    let mut failures = Failures::default();
    for (name, script) in scripts("knowledge", 13) {
        failures.note(&name, Stage::new(&desk.app, &name).play(&script).await);
    }
    failures.none();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ticket_less_counts_only_when_the_employee_says_so() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings);
        let jam = desk.published(jam()).await;
        let vpn = desk.published(vpn()).await;
        for (who, answer) in
            [("ada", "yes"), ("mei", "no"), ("bo", "it is the one in room 4.11"), ("eve", "solved, thanks")]
        {
            let offered = desk.say(who, "the printer has a paper jam").await;
            assert!(offered.text.contains("Did it solve it?"), "{}", offered.text);
            desk.say(who, answer).await;
        }
        // Silence counts for nothing.
        let offered = desk.say("max", "the printer has a paper jam").await;
        assert_eq!(offered.expecting(), v1::Expecting::Confirmation);

        let counts = desk.get(&jam, 0).await.unwrap().counts.unwrap();
        assert_eq!((counts.shown, counts.helped, counts.not_helped), (5, 2, 1));
        assert_eq!(desk.get(&vpn, 0).await.unwrap().counts.unwrap().shown, 0);
        let id = desk.get(&jam, 0).await.unwrap().id;
        let facts = desk.facts().await;
        let uses: Vec<_> = facts
            .iter()
            .filter(|it| it.subject == id)
            .filter_map(|it| match &it.fact {
                Some(Fact::ArticleUsed(it)) => Some((it.reader.clone(), it.r#use())),
                _ => None,
            })
            .collect();
        assert_eq!(uses.iter().filter(|it| it.1 == ArticleUse::Shown).count(), 5);
        assert!(uses.iter().all(|it| it.0.starts_with("cnv_")), "{uses:?}");
        let (_, metrics) = get(desk.app.http(), "/metrics").unwrap();
        assert!(metrics.contains("dispatch_articles_offered_total 5"), "{metrics}");
        assert!(metrics.contains("dispatch_articles_solved_total 2"), "{metrics}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_machine_opens_by_itself_waits_for_no_article() {
    let settings = Settings::default().env("DISPATCH_GATE_UNCERTIFIED", "auto");
    let desk = shipped(settings.env("DISPATCH_GATE_AUTO", "0.6").env("DISPATCH_GATE_SURE", "0.6"));
    let opened = desk.say("ada", "the printer in room 4.11 has a paper jam").await;
    assert!(opened.ticket.is_some(), "{}", opened.text);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_retired_or_for_the_desk_is_offered_to_nobody() {
    let desk = Desk::start(Settings::default());
    let hidden = desk.published(super::stage::for_desk(jam())).await;
    let gone = desk.published(jam()).await;
    desk.retire(&gone).await.unwrap();
    let answer = desk.say("ada", "the printer has a paper jam").await;
    assert!(!answer.text.contains("Did it solve it?"), "{hidden}: {}", answer.text);
}
