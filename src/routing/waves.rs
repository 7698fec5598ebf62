//! Incident waves: many people write about one thing at once. Found in the stream of messages, before there are tickets.
//!
//! Streams are watched: one for each template, each service and each asset that is named. In each, people are counted and
//! not messages (who writes ten times within an hour is one), against the rate that is usual at that hour of the week
//! ([`rates`]), by a sum that alarms when the rate has risen ([`arl`]). One threshold serves all streams. It is set so
//! that, once the rates are learned, all streams together give an alarm for nothing once in [`FALSE_ALARM_DAYS`] days on
//! average. An alarm is a wave only if at least [`LEAST`] people said nearly the same, so waves for nothing are rarer
//! still.
//!
//! What belongs to a wave is near its middle in meaning ([`meaning`]). Streams that alarm for the same messages are one
//! wave. A wave is over when for half an hour no more people say it than usually write in its stream.
//!
//! Memory is bounded: an hour, and [`window::MOST`] messages of it; [`STREAMS`] streams; [`RECENT`] messages looked at
//! when a stream alarms.

pub mod arl;
mod meaning;
pub mod rates;
mod watched;
pub mod window;

use std::collections::{HashMap, HashSet};

pub use self::{meaning::Meaning, rates::Rates};
use self::{
    watched::Watched,
    window::{Entry, Window},
};
use crate::domain::{id::ConversationId, time::Timestamp};

/// Days until an alarm for nothing, on average.
pub const FALSE_ALARM_DAYS: f64 = 30.0;
/// People that a wave has at least.
pub const LEAST: usize = 3;
/// Streams that are watched at once.
pub const STREAMS: usize = 4096;
/// Messages of a stream that are looked at when it alarms, the latest.
pub const RECENT: usize = 128;
/// A rate that is so many times the usual one is found soonest.
const RATIO: f64 = 5.0;
/// No fewer people than these are usual in a month of all streams: a threshold must hold for a beginning as well.
const QUIET_MONTH: f64 = 5_000.0;
/// How near the middle of a wave in meaning its messages are, at least.
pub const NEAR: f32 = 0.4;
/// The same where they name the same asset, which says much by itself.
pub const NEAR_WITH_ASSET: f32 = 0.2;
/// Messages of which one is taken to begin with, when it is looked for what is nearly the same.
const SEEDS: usize = 8;
/// How often the middle is taken anew.
const ROUNDS: usize = 2;
/// A wave is over when nobody more than usual has written for so long, in milliseconds.
const CALM: i64 = 1_800_000;

/// What messages have in common.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stream {
    /// Id of the template that they are about.
    Template(String),
    /// Id of its service.
    Service(String),
    /// The tag of an asset that they name.
    Asset(String),
}

/// A message, as far as it matters here.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// When.
    pub at: Timestamp,
    /// A hash of who wrote it.
    pub requester: u64,
    /// Where.
    pub conversation: ConversationId,
    /// What it is about.
    pub streams: Vec<Stream>,
    /// What it means.
    pub meaning: Meaning,
}

/// A wave that begins.
#[derive(Debug, Clone, PartialEq)]
pub struct Begun {
    /// Its number here.
    pub wave: u64,
    /// The stream that alarmed.
    pub stream: Stream,
    /// The conversations of its messages, the earliest first; each once.
    pub members: Vec<ConversationId>,
    /// When the first of its messages was written.
    pub first: Timestamp,
    /// People who wrote them.
    pub people: usize,
    /// People who usually write in its stream in as much time.
    pub expected: f64,
    /// What its messages mean.
    pub meaning: Meaning,
}

/// What a message makes known.
#[derive(Debug, Clone, PartialEq)]
pub enum Finding {
    /// A wave begins.
    Begun(Begun),
    /// It belongs to a wave.
    Joined {
        /// Number of the wave.
        wave: u64,
        /// Whether its writer counts: they have not written about it within the hour.
        counts: bool,
    },
    /// A wave shows in another stream as well.
    Widened {
        /// Number of the wave.
        wave: u64,
        /// Which.
        stream: Stream,
    },
}

/// A wave under way.
#[derive(Debug)]
struct Active {
    number: u64,
    streams: Vec<usize>,
    meaning: Meaning,
    near: f32,
    /// Conversations that it began with.
    members: HashSet<ConversationId>,
    /// When people joined it that count, within the time of calm.
    joined: Vec<Timestamp>,
}

/// Watches the messages of one tenant.
#[derive(Debug)]
pub struct Detector {
    rates: Rates,
    window: Window,
    places: HashMap<Stream, usize>,
    watched: Vec<Watched>,
    active: Vec<Active>,
    waves: u64,
    drift: f64,
    threshold: f64,
    /// People in a month for which the threshold was set.
    month: f64,
    /// The start of the hour that is under way.
    hour: Timestamp,
}

impl Detector {
    /// A detector that knows what is usual, from a point in time on.
    pub fn new(rates: Rates, now: Timestamp) -> Self {
        let mut detector = Self {
            rates,
            window: Window::default(),
            places: HashMap::new(),
            watched: vec![],
            active: vec![],
            waves: 0,
            drift: arl::drift(RATIO),
            threshold: 0.0,
            month: 0.0,
            hour: watched::hour_start(now),
        };
        detector.set_threshold();
        detector
    }

    /// What is usual, as it was learned.
    pub fn rates(&self) -> &Rates {
        &self.rates
    }

    /// The sum at which a stream alarms, in people.
    pub fn threshold(&self) -> f64 {
        self.threshold
    }

    /// Messages that are remembered, and streams that are watched.
    pub fn size(&self) -> (usize, usize) {
        (self.window.size().0, self.watched.len())
    }

    /// Takes a message in and says what it makes known. Messages come in the order of time; one that is a little late is
    /// taken for one of now.
    pub fn take(&mut self, message: Message) -> Vec<Finding> {
        self.advance(message.at);
        let (at, requester) = (message.at, message.requester);
        let about: Vec<usize> = message.streams.iter().filter_map(|it| self.place(it)).collect();
        let number = self.window.push(Entry::new(message, about.clone()));
        let counted: Vec<usize> =
            about.iter().copied().filter(|it| self.window.counts(*it, requester, at)).collect();
        let mut found = self.joined(number, &about, &counted);
        for stream in about {
            let counts = counted.contains(&stream);
            let watched = &mut self.watched[stream];
            watched.hear(number, at, counts, self.drift);
            if counts && watched.sum >= self.threshold && !self.active.iter().any(|it| it.has(stream)) {
                found.extend(self.alarm(stream));
            }
        }
        found
    }

    /// Lets time pass; whoever hears nothing for long calls it, so that quiet hours are learned.
    pub fn advance(&mut self, now: Timestamp) {
        self.window.advance(now);
        while self.hour.0 + watched::HOUR <= now.0 {
            self.end_hour();
        }
    }

    /// The waves that are over by now; they are forgotten here.
    pub fn over(&mut self, now: Timestamp) -> Vec<u64> {
        let (mut over, mut ended) = (vec![], vec![]);
        let watched = &self.watched;
        self.active.retain_mut(|wave| {
            wave.joined.retain(|it| now.0 < it.0 + CALM);
            let usual: f64 =
                wave.streams.iter().map(|it| watched[*it].rate * CALM as f64).fold(0.0, f64::max);
            let goes_on = wave.joined.len() as f64 > usual + 2.0 * usual.sqrt();
            if !goes_on {
                over.push(wave.number);
                ended.extend(wave.streams.iter().copied());
            }
            goes_on
        });
        for stream in ended {
            self.watched[stream].sum = 0.0;
        }
        over
    }

    /// The waves that a message belongs to.
    fn joined(&mut self, number: u64, about: &[usize], counted: &[usize]) -> Vec<Finding> {
        let Some(entry) = self.window.get(number) else { return vec![] };
        let mut found = vec![];
        for wave in &mut self.active {
            let shares = about.iter().any(|it| wave.has(*it));
            if shares && entry.meaning.likeness(&wave.meaning) >= wave.near {
                let counts = counted.iter().any(|it| wave.has(*it));
                if counts && wave.joined.len() < window::MOST {
                    wave.joined.push(entry.at);
                }
                found.push(Finding::Joined { wave: wave.number, counts });
            }
        }
        found
    }

    /// A stream has alarmed: the wave, if enough people say nearly the same.
    fn alarm(&mut self, stream: usize) -> Option<Finding> {
        let watched = &self.watched[stream];
        let near = match watched.stream {
            Stream::Template(_) | Stream::Service(_) => NEAR,
            Stream::Asset(_) => NEAR_WITH_ASSET,
        };
        let recent: Vec<&Entry> = watched.recent().filter_map(|it| self.window.get(it)).collect();
        let (all, meaning) = alike(&recent, near);
        let people: HashSet<u64> = all.iter().map(|it| it.requester).collect();
        if people.len() < LEAST {
            return None;
        }
        let mut seen = HashSet::new();
        let members: Vec<ConversationId> =
            all.iter().map(|it| it.conversation).filter(|it| seen.insert(*it)).collect();
        let stream_of = watched.stream.clone();
        if let Some(wave) = self.active.iter_mut().find(|it| it.has_most_of(&members)) {
            wave.streams.push(stream);
            return Some(Finding::Widened { wave: wave.number, stream: stream_of });
        }
        let times = all.iter().map(|it| it.at);
        let (first, last) = (times.clone().min()?, times.clone().max()?);
        let expected = watched.rate * (last.0 - first.0) as f64;
        let joined = times.collect();
        self.waves += 1;
        let begun = Begun {
            wave: self.waves,
            stream: stream_of,
            members,
            first,
            people: people.len(),
            expected,
            meaning: meaning.clone(),
        };
        let (number, streams) = (self.waves, vec![stream]);
        self.active.push(Active { number, streams, meaning, near, members: seen, joined });
        Some(Finding::Begun(begun))
    }

    /// The place of a stream, which is watched from now on if it can be.
    fn place(&mut self, stream: &Stream) -> Option<usize> {
        if let Some(place) = self.places.get(stream) {
            return Some(*place);
        }
        if self.watched.len() >= STREAMS {
            return None;
        }
        let place = self.watched.len();
        let rate = self.rates.usual(stream, rates::hour_of_week(self.hour)) / watched::HOUR as f64;
        self.watched.push(Watched::new(stream.clone(), rate, self.hour));
        self.places.insert(stream.clone(), place);
        Some(place)
    }

    /// An hour has passed: what was heard in it is learned, but for streams with a wave.
    fn end_hour(&mut self) {
        let ended = Timestamp(self.hour.0 + watched::HOUR);
        if self.rates.until() < ended {
            let in_waves: HashSet<usize> =
                self.active.iter().flat_map(|it| it.streams.iter().copied()).collect();
            let calm = self.watched.iter().enumerate().filter(|(at, _)| !in_waves.contains(at));
            self.rates.learn(ended, calm.map(|(_, it)| (&it.stream, it.people)).filter(|it| it.1 > 0));
        }
        self.hour = ended;
        let hour = rates::hour_of_week(ended);
        for it in &mut self.watched {
            it.begin_hour(ended, self.rates.usual(&it.stream, hour) / watched::HOUR as f64, self.drift);
        }
        if self.watched.len() >= STREAMS {
            self.forget_idle();
        }
        self.set_threshold();
    }

    /// Makes room for other streams. Places change, so the window starts anew as far as it counts people.
    fn forget_idle(&mut self) {
        let in_waves: HashSet<usize> = self.active.iter().flat_map(|it| it.streams.iter().copied()).collect();
        let mut moved = HashMap::new();
        let old = std::mem::take(&mut self.watched);
        for (at, it) in old.into_iter().enumerate() {
            if it.sum > 0.0 || in_waves.contains(&at) {
                moved.insert(at, self.watched.len());
                self.watched.push(it);
            }
        }
        self.places = self.watched.iter().enumerate().map(|(at, it)| (it.stream.clone(), at)).collect();
        for wave in &mut self.active {
            wave.streams = wave.streams.iter().filter_map(|it| moved.get(it).copied()).collect();
        }
        self.window.rename(&moved);
    }

    /// The run length is counted in people: as many as all streams have in the days until an alarm for nothing.
    fn set_threshold(&mut self) {
        let month = self.rates.month().max(QUIET_MONTH) * FALSE_ALARM_DAYS / 30.0;
        if (month / self.month - 1.0).abs() > 0.1 || self.month == 0.0 {
            self.month = month;
            self.threshold = arl::threshold(month, self.drift);
        }
    }
}

impl Active {
    fn has(&self, stream: usize) -> bool {
        self.streams.contains(&stream)
    }

    fn has_most_of(&self, members: &[ConversationId]) -> bool {
        2 * members.iter().filter(|it| self.members.contains(it)).count() >= members.len()
    }
}

/// The messages that are nearly the same, and their middle: those around the one, of the latest few, that has most of
/// them around it.
fn alike<'a>(recent: &[&'a Entry], near: f32) -> (Vec<&'a Entry>, Meaning) {
    let around = |middle: &Meaning| -> Vec<&'a Entry> {
        recent.iter().copied().filter(|it| it.meaning.likeness(middle) >= near).collect()
    };
    // Whoever has just written belongs to it, or the next one will: a stream that alarms for nothing costs little.
    if recent.last().is_none_or(|it| around(&it.meaning).len() < LEAST) {
        return (vec![], Meaning::default());
    }
    let seeds = recent.iter().rev().take(SEEDS).map(|it| around(&it.meaning));
    let mut all = seeds.max_by_key(Vec::len).unwrap_or_default();
    let mut meaning = Meaning::default();
    for _ in 0..ROUNDS {
        meaning = Meaning::middle(all.iter().map(|it| &it.meaning));
        all = around(&meaning);
    }
    (all, meaning)
}

#[cfg(test)]
mod tests;
