//! What goes wrong after a change of what it hangs on.

use ticket_dispatch::proto::v1::{self, ChangeOutcome, LinkRelation, TicketState};

use super::stage::{BROKEN, Desk, reason};
use crate::{
    app::Settings,
    parts::{installed::Part, postgres::settings_of_both},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_incident_on_what_was_changed_is_told_of_the_change_once() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::with(settings, &[BROKEN]);
        desk.asset("HOST-1", "server", &[]).await;
        desk.asset("VM-1", "server", &["HOST-1"]).await;
        desk.asset("HOST-2", "server", &[]).await;
        let before = desk.incident("ada", "VM-1").await;
        let change = desk.under_way(&["HOST-1"]).await;
        assert!(desk.aftermath(&change.number).await.incidents.is_empty());
        let during = desk.incident("mei", "HOST-1").await;
        desk.go(&change.id, TicketState::Resolved).await.unwrap();
        desk.review(&change.id, ChangeOutcome::Successful, "").await.unwrap();
        // On what hangs on it, and on something else.
        let behind = desk.incident("bo", "VM-1").await;
        let elsewhere = desk.incident("eve", "HOST-2").await;

        desk.until(&behind.id, |it| it.comments == 1).await;
        let notes = desk.notes(&behind.id).await;
        let told = format!("{} changed what VM-1 hangs on, 0 minutes ago: New firmware", change.number);
        assert_eq!(notes, [format!("A change may be behind it.\n{told}")]);
        desk.until(&during.id, |it| it.comments == 1).await;
        assert!(desk.notes(&during.id).await[0].contains("is changing HOST-1, begun 0 minutes ago"));
        let found = desk.recent(&behind.number).await.changes;
        assert_eq!(found.iter().map(|it| it.number.as_str()).collect::<Vec<_>>(), [change.number.as_str()]);
        assert_eq!(found[0].assets, ["VM-1"]);
        assert!(desk.recent(&elsewhere.number).await.changes.is_empty());
        assert!(
            desk.recent(&before.number).await.changes.is_empty(),
            "what was there before is not its doing"
        );

        desk.link(&behind.number, LinkRelation::CausedBy, &change.number).await.unwrap();
        desk.until(&change.id, |it| !it.links.is_empty()).await;
        let after = desk.aftermath(&change.number).await.incidents;
        let shown: Vec<_> = after.iter().map(|it| (it.number.as_str(), it.caused)).collect();
        assert_eq!(shown, [(during.number.as_str(), false), (behind.number.as_str(), true)]);
        assert_eq!(
            (desk.ticket(&elsewhere.id).await.comments, desk.ticket(&before.id).await.comments),
            (0, 0)
        );
        assert_eq!(desk.ticket(&behind.id).await.comments, 1, "once");
        let none = v1::ListAftermathRequest { change: behind.number };
        assert_eq!(reason(&desk.changes().list_aftermath(none).await.unwrap_err()), "NO_CHANGE");
        desk.is_what_its_events_give().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_is_pointed_out_for_as_long_as_the_catalogue_says() {
    if Part::Faketime.is_missing() {
        return;
    }
    let rules = "changes: { look_back: 2h }\nfreezes: []\nmaintenance_windows: []\n";
    let desk = Desk::with(Settings::default().clock(), &[BROKEN, ("changes.yaml", rules)]);
    desk.asset("HOST-1", "server", &[]).await;
    let change = desk.under_way(&["HOST-1"]).await;
    let resolved = desk.go(&change.id, TicketState::Resolved).await.unwrap();
    let done = resolved.resolve_time.unwrap().seconds;
    let at = |seconds: i64| ticket_dispatch::domain::time::Timestamp::from_second(seconds).rfc3339();
    desk.app.set_clock(&at(done + 2 * 3600 - 60));
    let soon = desk.incident("ada", "HOST-1").await;
    assert_eq!(desk.recent(&soon.id).await.changes.len(), 1);
    desk.until(&soon.id, |it| it.comments == 1).await;
    assert!(desk.notes(&soon.id).await[0].contains("119 minutes ago"), "{:?}", desk.notes(&soon.id).await);
    desk.app.set_clock(&at(done + 2 * 3600 + 60));
    let late = desk.incident("mei", "HOST-1").await;
    assert!(desk.recent(&late.id).await.changes.is_empty());
    let after: Vec<_> = desk.aftermath(&change.id).await.incidents.into_iter().map(|it| it.number).collect();
    assert_eq!(after, [soon.number]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_note_says_what_was_done_and_what_was_not() {
    let desk = Desk::with(Settings::default(), &[BROKEN]);
    let outcomes = [
        (ChangeOutcome::WithProblems, "changed HOST-0, "),
        (ChangeOutcome::BackedOut, "changed HOST-1 and took it back, "),
        (ChangeOutcome::NotDone, "was to change HOST-2 and did not, "),
    ];
    for (at, (outcome, words)) in outcomes.into_iter().enumerate() {
        let tag = format!("HOST-{at}");
        desk.asset(&tag, "server", &[]).await;
        let change = desk.under_way(&[&tag]).await;
        desk.go(&change.id, TicketState::Resolved).await.unwrap();
        desk.review(&change.id, outcome, "So it went").await.unwrap();
        let incident = desk.incident("ada", &tag).await;
        desk.until(&incident.id, |it| it.comments == 1).await;
        let note = desk.notes(&incident.id).await.remove(0);
        assert!(note.contains(&format!("{} {words}", change.number)), "{note}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_somebody_says_that_a_change_caused_is_its_aftermath_whenever_it_was() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::with(settings, &[BROKEN]);
        desk.asset("HOST-1", "server", &[]).await;
        let before = desk.incident("ada", "").await;
        let change = desk.under_way(&["HOST-1"]).await;
        let during = desk.incident("mei", "HOST-1").await;
        desk.link(&before.number, LinkRelation::CausedBy, &change.number).await.unwrap();
        desk.until(&change.id, |it| !it.links.is_empty()).await;
        let after = desk.aftermath(&change.number).await.incidents;
        let shown: Vec<_> = after.iter().map(|it| (it.number.as_str(), it.caused)).collect();
        assert_eq!(shown, [(before.number.as_str(), true), (during.number.as_str(), false)]);
        assert!(after[0].assets.is_empty(), "{after:?}");
    }
}
