//! Redis fails in every way that it can, under load: nobody who opens a ticket notices, and afterwards the
//! stream is complete again.

use std::fs::{self, File};
use std::time::Duration;

use super::chance::Chance;
use super::checker::{self, Effects};
use super::journal::Journal;
use super::kills::settings;
use super::load::{Load, Weather};
use crate::app::App;
use crate::parts::installed::Part;
use crate::parts::redis::Redis;
use crate::parts::server::within;

/// What happens to Redis.
#[derive(Debug, Clone, Copy)]
enum Mishap {
    Stopped,
    Killed,
    Flushed,
    FlushedAndKilled,
    /// The end of its file is lost, as in a power cut.
    Robbed,
}

use Mishap::{Flushed, FlushedAndKilled, Killed, Robbed, Stopped};

const MISHAPS: [Mishap; 10] =
    [Stopped, Flushed, Killed, Robbed, FlushedAndKilled, Flushed, Robbed, Killed, Flushed, Robbed];

impl Mishap {
    fn befalls(self, redis: &mut Redis, journal: &Journal, chance: &mut Chance) {
        match self {
            Stopped => redis.stop(),
            Killed => redis.kill9(),
            Flushed => return redis.flushall(),
            FlushedAndKilled => {
                redis.flushall();
                redis.kill9();
            }
            Robbed => {
                redis.kill9();
                rob(redis, chance);
            }
        }
        // The desk works on while Redis is away.
        goes_on(journal, 50);
        redis.restart();
    }
}

/// Takes up to a third of the file away, from its end.
fn rob(redis: &Redis, chance: &mut Chance) {
    let mut files: Vec<_> =
        fs::read_dir(redis.folder().join("appendonlydir")).unwrap().map(|it| it.unwrap().path()).collect();
    files.retain(|it| it.to_string_lossy().ends_with(".incr.aof"));
    files.sort();
    let file = File::options().write(true).open(files.last().unwrap()).unwrap();
    let length = file.metadata().unwrap().len();
    file.set_len(length - chance.below(length / 3 + 1)).unwrap();
}

fn goes_on(journal: &Journal, calls: u64) {
    let before = journal.count();
    assert!(within(Duration::from_secs(30), || journal.count() >= before + calls), "calls wait for Redis");
}

/// The position that the stream ends at.
fn end(redis: &Redis) -> u64 {
    let newest: Vec<(String, Vec<String>)> = ::redis::cmd("XREVRANGE")
        .arg("dispatch:{0}")
        .arg(&["+", "-", "COUNT", "1"])
        .query(&mut redis.connection())
        .unwrap();
    newest.first().map_or(0, |(id, _)| id.split_once('-').unwrap().1.parse().unwrap())
}

#[test]
fn nobody_notices_what_befalls_redis_and_the_stream_is_complete_again() {
    if Part::Redis.is_missing() {
        return;
    }
    let mut chance = Chance::new();
    let mut redis = Redis::start();
    let app = App::start(settings(&redis));
    let mut load = Load::start(&app, &chance, 8, Weather::Fair);
    for mishap in MISHAPS {
        goes_on(&load.journal, 20 + chance.below(30));
        let before = end(&redis);
        mishap.befalls(&mut redis, &load.journal, &mut chance);
        let is_further = within(Duration::from_secs(30), || end(&redis) > before);
        assert!(is_further, "after {mishap:?} the stream does not get beyond {before}");
    }
    load.end();
    let effects = Effects::read(&app, &load);
    let all = effects.log.len() as u64;
    within(Duration::from_secs(30), || end(&redis) == all);
    let mut complaints = effects.complaints(&app, &load);
    complaints.extend(checker::stream(&redis, &effects.log));
    assert!(complaints.is_empty(), "{} complaints:\n{}", complaints.len(), checker::first(&complaints));
    assert!(app.is_settled_within(Duration::from_secs(5)), "{:?} events wait", app.backlog());
    eprintln!("{} calls acknowledged, {all} events", load.journal.count());
}
