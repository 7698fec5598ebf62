//! The program is killed again and again while it works.

use std::thread;
use std::time::{Duration, Instant};

use super::chance::Chance;
use super::checker::{self, Effects};
use super::journal::Journal;
use super::load::{Load, Weather};
use crate::app::{App, Settings};
use crate::parts::installed::Part;
use crate::parts::redis::Redis;
use crate::parts::server::within;

/// What the kills did.
#[derive(Debug, Default)]
pub(super) struct Kills {
    /// From the start of the new process until it is ready.
    restarts: Vec<Duration>,
    /// Kills that cut at least one call.
    that_cut: usize,
}

/// Kills the program so many times at random instants, and starts it again each time.
pub(super) fn kill(app: &mut App, journal: &Journal, chance: &mut Chance, times: usize) -> Kills {
    let mut kills = Kills::default();
    for _ in 0..times {
        let before = journal.count();
        assert!(within(Duration::from_secs(30), || journal.count() > before), "nothing is acknowledged");
        // Any instant of the work is as good as any other; the wait is no wait for something.
        thread::sleep(Duration::from_micros(chance.below(150_000)));
        let cuts = journal.cuts();
        let in_flight = journal.in_flight();
        app.kill();
        let begin = Instant::now();
        app.restart();
        kills.restarts.push(begin.elapsed());
        kills.that_cut += usize::from(in_flight > 0 && journal.cuts() > cuts);
    }
    kills.restarts.sort_unstable();
    kills
}

/// Settings under which messages become tickets, and every event goes into this Redis. Many people write about few things
/// here: that would be waves, and their events nobody has asked for.
pub(super) fn settings(redis: &Redis) -> Settings {
    Settings::default()
        .env("DISPATCH_GATE_UNCERTIFIED", "auto")
        .env("DISPATCH_REDIS_URL", &redis.url())
        .env("DISPATCH_WAVES_FIND", "false")
        .env("DISPATCH_LOG_FILTER", "warn")
}

#[test]
fn every_acknowledged_message_has_exactly_one_effect_over_fifty_kills() {
    if Part::Redis.is_missing() {
        return;
    }
    let mut chance = Chance::new();
    let redis = Redis::start();
    let mut app = App::start(settings(&redis));
    let mut load = Load::start(&app, &chance, 24, Weather::Kills);
    let begin = Instant::now();
    let kills = kill(&mut app, &load.journal, &mut chance, 50);
    load.end();
    let (median, longest) = (kills.restarts[25], kills.restarts[49]);
    eprintln!(
        "{} calls acknowledged in {:.1?}, {} cut by {} of 50 kills; restarts: median {median:.1?}, longest {longest:.1?}",
        load.journal.count(),
        begin.elapsed(),
        load.journal.cuts(),
        kills.that_cut,
    );
    assert!(kills.that_cut >= 40, "only {} of 50 kills fell into a call", kills.that_cut);
    assert!(median < Duration::from_secs(3), "a restart takes {median:?}");
    assert!(app.is_settled_within(Duration::from_secs(30)), "not everything was published");
    let effects = Effects::read(&app, &load);
    let mut complaints = effects.complaints(&app, &load);
    complaints.extend(checker::stream(&redis, &effects.log));
    assert!(complaints.is_empty(), "{} complaints:\n{}", complaints.len(), checker::first(&complaints));
    eprintln!("{} events, {} tickets", effects.log.len(), effects.tickets.len());
}
