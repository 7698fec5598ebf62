//! Asked and answered in chat: scripts of who said what, and that a word in chat counts once whatever happens.

use sqlx::{AnyConnection, Connection as _};

use super::stage::{Desk, person, reason};
use crate::{
    app::Settings,
    cases::{Failures, scripts, stage::Stage},
    parts::{installed::Part, postgres::Postgres},
};

/// Each `tests/cases/approval/*.chat` is played on a desk of its own; `@as` says who speaks.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_scripted_approval_ends_as_its_script_says() {
    let mut failures = Failures::default();
    for (name, script) in scripts("approval", 15) {
        let desk = Desk::start(Settings::default());
        failures.note(&name, Stage::among(&desk.app, "chat").play(&script).await);
    }
    failures.none();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_message_is_one_vote_on_sqlite() {
    is_one_vote(Desk::start(Settings::default())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_message_is_one_vote_on_postgres() {
    if Part::Postgres.is_missing() {
        return;
    }
    let postgres = Postgres::start();
    is_one_vote(Desk::start(Settings::default().env("DISPATCH_STORE_URL", &postgres.url()))).await;
}

async fn is_one_vote(desk: Desk) {
    let number = desk.open("ada", 8.0).await.number;
    let text = format!("approve {number}");
    // Many at once, as a bot does that has lost its answers.
    let send = || desk.write("m-1", "boss", &text);
    let answers = tokio::join!(send(), send(), send(), send());
    let answers = [answers.0, answers.1, answers.2, answers.3].map(Result::unwrap);
    assert!(answers.iter().all(|it| *it == answers[0]), "{answers:?}");
    assert!(answers[0].text.contains("You have approved"), "{}", answers[0].text);
    assert_eq!(desk.course(&number).await.iter().filter(|it| *it == "boss yes").count(), 1);
    let edited = desk.write("m-1", "boss", &format!("reject {number}: no money")).await.unwrap_err();
    assert_eq!(reason(&edited), "REQUEST_REUSED");
    assert_eq!(desk.course(&number).await.iter().filter(|it| it.starts_with("boss")).count(), 1);
}

/// The process ends between the word on the request and the turn that tells of it: whoever sends the message again hears
/// what came of it, and the word counts once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_word_whose_turn_was_lost_is_told_and_counts_once() {
    let mut desk = Desk::start(Settings::default());
    let number = desk.open("ada", 1.0).await.number;
    let asked = desk.write("m-1", "boss", "what waits for my approval?").await.unwrap();
    assert!(asked.text.contains(&number), "{}", asked.text);
    let no = desk.write("m-2", "boss", "no").await.unwrap();
    assert_eq!(no.expecting(), ticket_dispatch::proto::v1::Expecting::Reason);
    let before = conversations(&desk, None).await;
    let text = "we have enough of them in the store room on the second floor";
    let first = desk.write("m-3", "boss", text).await.unwrap();
    assert!(first.text.contains("You have rejected"), "{}", first.text);
    desk.app.stop();
    conversations(&desk, Some(before)).await;
    desk.app.restart();

    let again = desk.write("m-3", "boss", text).await.unwrap();
    assert_eq!((&again.text, again.expecting), (&first.text, first.expecting));
    let course = desk.course(&number).await;
    assert_eq!(course, ["asked boss", "boss no", "step rejected", "ended rejected"]);
    let told = desk.told(&number, "ada").await;
    assert!(told[0].text.ends_with(text), "{}", told[0].text);
    // An answer to something else under the same id is refused, as ever.
    let other = desk.write("m-3", "boss", "something else").await.unwrap_err();
    assert_eq!(reason(&other), "REQUEST_REUSED");
}

/// The conversations as they lie in the database; or puts them back, without what was answered to the third message.
async fn conversations(desk: &Desk, back: Option<Vec<(Vec<u8>, Vec<u8>)>>) -> Vec<(Vec<u8>, Vec<u8>)> {
    sqlx::any::install_default_drivers();
    let mode = if back.is_some() { "rw" } else { "ro" };
    let url = format!("sqlite:{}?mode={mode}", desk.app.data().join("dispatch.db").display());
    let mut connection = AnyConnection::connect(&url).await.unwrap();
    for (id, body) in back.unwrap_or_default() {
        let update = sqlx::query("update conversations set body = $2 where id = $1").bind(id).bind(body);
        update.execute(&mut connection).await.unwrap();
        let gone =
            sqlx::query("delete from requests where request = 'm-3'").execute(&mut connection).await.unwrap();
        assert_eq!(gone.rows_affected(), 1);
    }
    sqlx::query_as("select id, body from conversations").fetch_all(&mut connection).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_for_others_is_never_somebodys_own_ticket() {
    let desk = Desk::start(Settings::default());
    let number = desk.open("ada", 1.0).await.number;
    desk.write("m-1", "boss", "what waits for my approval?").await.unwrap();
    // The boss is asked about it, and can neither close nor comment it.
    for (id, text) in [("m-2", format!("close {number}")), ("m-3", format!("please cancel {number}"))] {
        desk.write(id, "boss", &text).await.unwrap();
    }
    let ticket = desk.ticket(&number).await;
    assert_eq!((ticket.comments, ticket.approval.and_then(|it| it.ending)), (0, None));
    assert_eq!(ticket.requester.unwrap(), person("ada"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_has_its_answer_casts_no_vote_when_it_comes_again() {
    let desk = Desk::start(Settings::default());
    let number = desk.open("ada", 8.0).await.number;
    let text = format!("approve {number}");
    // The director is not asked before the manager has agreed.
    let early = desk.write("m-1", "cfo", &text).await.unwrap();
    desk.write("m-2", "cfo", "hello").await.unwrap();
    desk.approve(&number, "boss").await.unwrap();
    assert_eq!(desk.write("m-1", "cfo", &text).await.unwrap(), early);
    assert_eq!(desk.waiting("cfo").await, std::slice::from_ref(&number));
    let reused = desk.write("m-2", "cfo", &text).await.unwrap_err();
    assert_eq!(reused.code(), tonic::Code::AlreadyExists);
    assert_eq!(desk.waiting("cfo").await, [number]);
}

/// Whoever was shown one request does not agree to another: it is shown as it is now, and asked about again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_yes_to_what_has_changed_since_it_was_shown_does_not_count() {
    let desk = Desk::start(Settings::default());
    let number = desk.open("ada", 1.0).await.number;
    let asked = desk.write("m-1", "boss", "what waits for my approval?").await.unwrap();
    assert!(asked.text.contains("How many: 1"), "{}", asked.text);
    desk.set_quantity(&number, 5.0).await;
    let late = desk.write("m-2", "boss", "yes").await.unwrap();
    assert!(late.text.contains("changed since I asked you"), "{}", late.text);
    assert!(late.text.contains("How many: 5"), "{}", late.text);
    assert_eq!(late.expecting(), ticket_dispatch::proto::v1::Expecting::Confirmation);
    assert!(!desk.course(&number).await.iter().any(|it| it.starts_with("boss")), "nobody has decided");
    // By its number it is the same one that was shown.
    desk.set_quantity(&number, 4.0).await;
    let named = desk.write("m-3", "boss", &format!("approve {number}")).await.unwrap();
    assert!(named.text.contains("How many: 4"), "{}", named.text);
    // Nor does the button of a message that was sent before, nor a word where nothing was shown just now.
    desk.set_quantity(&number, 3.0).await;
    let pressed = desk.write("m-4", "boss", &format!("Approve {number} #3")).await.unwrap();
    assert!(pressed.text.contains("How many: 3"), "{}", pressed.text);
    desk.set_quantity(&number, 2.0).await;
    desk.write("m-5", "boss", "hello").await.unwrap();
    let blind = desk.write("m-6", "boss", "approve").await.unwrap();
    assert!(blind.text.contains("How many: 2"), "{}", blind.text);
    assert!(!desk.course(&number).await.iter().any(|it| it.starts_with("boss")), "nobody has decided");
    let seen = desk.write("m-7", "boss", "yes").await.unwrap();
    assert!(seen.text.contains("You have approved"), "{}", seen.text);
}
