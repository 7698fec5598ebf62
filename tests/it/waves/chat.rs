//! Later callers are asked whether theirs is the same: scripts in `tests/cases/waves`, and what comes of it.

use ticket_dispatch::proto::v1::{self, Expecting, WaveState};

use super::stage::{Desk, VPN, acting, settings_of_both};
use crate::{
    app::Settings,
    cases::{Failures, scripts, stage::Stage},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_scripted_wave_ends_as_its_script_says() {
    let mut failures = Failures::default();
    for auto in [false, true] {
        let desk = Desk::start(if auto { acting() } else { Settings::default() });
        desk.accepted().await;
        for (name, script) in scripts("waves", 11) {
            if script.auto == auto {
                failures.note(&name, Stage::new(&desk.app, &name).play(&script).await);
            }
        }
    }
    failures.none();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_says_it_is_the_same_is_told_of_it_and_has_no_ticket() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings);
        let (wave, parent) = desk.accepted().await;
        let before = desk.count().await;
        for caller in ["ada", "mei"] {
            let asked = desk.say(caller, "vpn says error 809 and does not connect").await;
            assert!(asked.text.contains(&parent) && asked.text.contains("Is it the same?"), "{}", asked.text);
            assert_eq!(asked.expecting(), Expecting::Confirmation);
            let added = desk.say(caller, "yes please").await;
            assert!(added.text.contains("added you") && added.ticket.is_none(), "{}", added.text);
            // The same once more is no other matter.
            let again = desk.say(caller, "is the vpn back?").await;
            assert!(!again.text.contains("Is it the same?"), "{}", again.text);
        }
        assert_eq!(desk.joined(&wave.number).await, ["ada", "mei"]);
        assert_eq!(desk.get(&wave.number).await.unwrap().joined, 2);
        assert!(
            desk.ticket(&parent).await.watchers.is_empty(),
            "they are no watchers, of whom there are only 100"
        );
        assert_eq!(desk.count().await, before, "nobody has a ticket of their own");
        // Whose own ticket it is is not asked, nor is anybody once it has ended.
        let owner = desk.ticket(&parent).await.requester.unwrap().subject;
        let own = desk.say(&owner, "vpn error 809, still cannot connect").await;
        assert!(!own.text.contains("Is it the same?"), "{}", own.text);
        let close = v1::CloseWaveRequest {
            request_id: desk.request(),
            wave: wave.number.clone(),
            reason: "found the cause".into(),
            expected_version: 0,
        };
        let closed = desk.waves().close_wave(close).await.unwrap().into_inner().wave.unwrap();
        assert_eq!((closed.state(), closed.joined), (WaveState::Over, 2));
        let later = desk.say("later", VPN[0]).await;
        assert!(!later.text.contains("Is it the same?"), "{}", later.text);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wave_that_ended_between_question_and_answer_adds_nobody() {
    let desk = Desk::start(acting());
    let (wave, parent) = desk.accepted().await;
    let asked = desk.say("ada", "vpn says error 809 and does not connect").await;
    assert!(asked.text.contains("Is it the same?"), "{}", asked.text);
    let close =
        v1::CloseWaveRequest { request_id: desk.request(), wave: wave.number.clone(), ..Default::default() };
    desk.waves().close_wave(close).await.unwrap();
    let answer = desk.say("ada", "yes").await;
    assert!(answer.text.contains("over by now") && answer.ticket.is_some(), "{}", answer.text);
    assert_eq!(desk.joined(&wave.number).await, [""; 0]);
    assert!(
        desk.ticket(&parent)
            .await
            .links
            .iter()
            .all(|it| Some(&it.number) != answer.ticket.as_ref().map(|it| &it.number))
    );
}
