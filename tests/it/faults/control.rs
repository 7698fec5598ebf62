//! Negative controls: with a promise broken on purpose the checks complain. A check that never complains
//! proves nothing. (The program takes such orders only in a debug build.)

use std::time::Duration;

use super::chance::Chance;
use super::checker::{self, Effects};
use super::kills::{kill, settings};
use super::load::{Load, Weather};
use crate::app::App;
use crate::parts::installed::Part;
use crate::parts::redis::Redis;
use crate::parts::server::within;

#[test]
fn a_program_that_answers_before_it_commits_is_caught() {
    if Part::Redis.is_missing() {
        return;
    }
    let mut chance = Chance::new();
    let redis = Redis::start();
    let mut app = App::start(settings(&redis).env("DISPATCH_FAULT", "reply_before_commit"));
    let mut load = Load::start(&app, &chance, 12, Weather::Kills);
    kill(&mut app, &load.journal, &mut chance, 8);
    load.end();
    let complaints = Effects::read(&app, &load).complaints(&app, &load);
    let lost = complaints.iter().filter(|it| it.contains("acknowledged once, and there are 0")).count();
    assert!(lost > 0, "nothing was missed: {}", checker::first(&complaints));
}

#[test]
fn a_relay_that_leaves_events_out_is_caught() {
    if Part::Redis.is_missing() {
        return;
    }
    let chance = Chance::new();
    let redis = Redis::start();
    let app = App::start(settings(&redis).env("DISPATCH_FAULT", "gap_in_stream"));
    let mut load = Load::start(&app, &chance, 4, Weather::Fair);
    assert!(within(Duration::from_secs(30), || load.journal.count() > 50));
    load.end();
    let effects = Effects::read(&app, &load);
    // Its own figures need not be right: the last entry is what there is to wait for.
    let last = effects.log.iter().map(|it| it.position).filter(|it| it % 10 != 0).max().unwrap();
    let newest = || redis.entries("dispatch:{0}").last().map(|it| it.id.clone());
    assert!(within(Duration::from_secs(30), || newest() == Some(format!("1-{last}"))));
    assert_eq!(effects.complaints(&app, &load), [""; 0]);
    assert_ne!(checker::stream(&redis, &effects.log), [""; 0]);
}
