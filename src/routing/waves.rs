//! Incident waves: many people write about one thing at once. Found in the stream of messages, before there are tickets.
//!
//! Streams are watched: one for each template, each service and each asset that is named. In each, people are counted and
//! not messages (who writes ten times within an hour is one), against the rate that is usual at that hour of the week in
//! the desk's zone ([`rates`]), by a sum that alarms when the rate has risen ([`arl`]). One threshold serves all streams.
//! It is set by what all of them together hear in a month, so that, once the rates are learned, all streams together give
//! an alarm for nothing once in [`FALSE_ALARM_DAYS`] days on average. An alarm is a wave only if at least [`LEAST`] people
//! said nearly the same, so waves for nothing are rarer still.
//!
//! In the first week the rates are not learned. Then a wave needs twice the people, and must stand out by other means: a
//! quarter of all who wrote within the hour, or three times as many as ever wrote about it in an hour.
//!
//! What belongs to a wave is near its middle in meaning ([`meaning`]). Streams that alarm for the same messages are one
//! wave. A wave is over when for half an hour no more people say it than usually write in its stream. What looks like a
//! wave for ten hours within a week is how it is now, and is learned.
//!
//! Memory is bounded: an hour, and [`window::MOST`] messages of it; [`STREAMS`] templates and services and [`ASSETS`]
//! assets, of which the calmest gives way to a new one; [`RECENT`] people looked at when a stream alarms.

pub mod arl;
mod meaning;
pub mod rates;
mod watched;
pub mod window;

use std::collections::{HashMap, HashSet};

pub use self::{
    meaning::Meaning,
    rates::{Rates, Week},
};
use self::{
    rates::Lesson,
    watched::Watched,
    window::{Entry, Window},
};
use crate::domain::{id::ConversationId, time::Timestamp};

/// Days until an alarm for nothing, on average.
pub const FALSE_ALARM_DAYS: f64 = 30.0;
/// People that a wave has at least.
pub const LEAST: usize = 3;
/// Templates and services that are watched at once.
pub const STREAMS: usize = 2048;
/// Assets that are watched at once.
pub const ASSETS: usize = 2048;
/// People of a stream whose latest messages are looked at when it alarms, the latest.
pub const RECENT: usize = 128;
/// Hours that must have been learned before waves are told as surely as they can be: a week.
const LEARNED: f32 = 167.5;
/// Hours from which on the busiest one says something.
const A_DAY: f32 = 24.0;
/// A gap of more than this, in milliseconds, teaches nothing: nobody listened.
const GAP: i64 = 48 * watched::HOUR;
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
pub const CALM: i64 = 1_800_000;

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
    /// The conversations of its messages, the earliest first; one of each person.
    pub members: Vec<ConversationId>,
    /// Hashes of these people, in the same order.
    pub requesters: Vec<u64>,
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
#[derive(Debug, Default)]
pub struct Detector {
    rates: Rates,
    week: Week,
    window: Window,
    places: HashMap<Stream, usize>,
    watched: Vec<Watched>,
    active: Vec<Active>,
    waves: u64,
    /// Streams that were ever watched.
    streams: u64,
    /// Assets that are watched.
    assets: usize,
    drift: f64,
    threshold: f64,
    /// People in a month for which the threshold was set.
    month: f64,
    /// The start of the hour that is under way.
    hour: Timestamp,
}

impl Detector {
    /// A detector that knows what is usual in the weeks of a zone, from a point in time on.
    pub fn new(rates: Rates, week: Week, now: Timestamp) -> Self {
        let mut detector =
            Self { rates, week, drift: arl::drift(RATIO), hour: watched::hour_start(now), ..Self::default() };
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
        let mut about = vec![];
        for stream in &message.streams {
            about.extend(self.place(stream, &about));
        }
        let numbers = about.iter().map(|it| self.watched[*it].number).collect();
        let number = self.window.push(Entry::new(message, numbers));
        let counts = |it: &usize| self.window.counts(self.watched[*it].number, requester, at);
        let counted: Vec<usize> = about.iter().copied().filter(counts).collect();
        let mut found = self.joined(number, &about, &counted);
        for stream in about {
            let counts = counted.contains(&stream);
            let watched = &mut self.watched[stream];
            watched.hear((number, requester), at, counts, self.drift);
            if counts && watched.sum >= self.threshold && !self.active.iter().any(|it| it.has(stream)) {
                found.extend(self.alarm(stream));
            }
        }
        found
    }

    /// Whether an hour has ended since it was told how late it is: then the next word of that is work.
    pub fn is_late(&self, now: Timestamp) -> bool {
        self.hour.0 + watched::HOUR <= now.0
    }

    /// Lets time pass; whoever hears nothing for long calls it, so that quiet hours are learned. Days in which nobody
    /// listened teach nothing.
    pub fn advance(&mut self, now: Timestamp) {
        self.window.advance(now);
        if self.hour.0 + GAP < now.0 {
            self.begin_hour(watched::hour_start(now));
        }
        while self.is_late(now) {
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
                found.push(Finding::Joined { wave: wave.number });
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
        // What would not do if all said the same is not compared, which a stream that goes on alarming would pay each time.
        if recent.len() < LEAST || !self.stands_out(watched, recent.len()) {
            return None;
        }
        let (all, meaning) = alike(&recent, near);
        if all.len() < LEAST || !self.stands_out(watched, all.len()) {
            return None;
        }
        let members: Vec<ConversationId> = all.iter().map(|it| it.conversation).collect();
        let requesters = all.iter().map(|it| it.requester).collect();
        let stream_of = watched.stream.clone();
        if let Some(wave) = self.active.iter_mut().find(|it| it.has_most_of(&members)) {
            wave.streams.push(stream);
            return Some(Finding::Widened { wave: wave.number, stream: stream_of });
        }
        let times = all.iter().map(|it| it.at);
        let seen = members.iter().copied().collect();
        let (first, last) = (times.clone().min()?, times.clone().max()?);
        let expected = watched.rate * (last.0 - first.0) as f64;
        let joined = times.collect();
        self.waves += 1;
        let begun = Begun {
            wave: self.waves,
            stream: stream_of,
            people: members.len(),
            members,
            requesters,
            first,
            expected,
            meaning: meaning.clone(),
        };
        let (number, streams) = (self.waves, vec![stream]);
        self.active.push(Active { number, streams, meaning, near, members: seen, joined });
        Some(Finding::Begun(begun))
    }

    /// Whether so many who say nearly the same are a wave by what is known; that is little in the first week.
    fn stands_out(&self, watched: &Watched, people: usize) -> bool {
        let hours = self.rates.hours();
        if LEARNED <= hours {
            return true;
        }
        let of_all = self.window.people() <= 4 * people;
        let busier = A_DAY <= hours && 3 * watched.busiest as usize <= people;
        2 * LEAST <= people && (of_all || busier)
    }

    /// The place of a stream, which is watched from now on if it can be.
    fn place(&mut self, stream: &Stream, taken: &[usize]) -> Option<usize> {
        if let Some(place) = self.places.get(stream) {
            return Some(*place);
        }
        let is_asset = matches!(stream, Stream::Asset(_));
        let others = self.watched.len() - self.assets;
        let free = if is_asset && ASSETS <= self.assets {
            Some(self.calmest_asset(taken)?)
        } else if !is_asset && STREAMS <= others {
            return None;
        } else {
            None
        };
        let rate = self.rates.usual(stream, self.week.hour(self.hour)) / watched::HOUR as f64;
        self.streams += 1;
        let watched = Watched::new((stream.clone(), self.streams), rate, self.hour);
        let place = free.unwrap_or(self.watched.len());
        if let Some(free) = free {
            self.places.remove(&self.watched[free].stream);
            self.watched[free] = watched;
        } else {
            self.assets += usize::from(is_asset);
            self.watched.push(watched);
        }
        self.places.insert(stream.clone(), place);
        Some(place)
    }

    /// The asset that is furthest from an alarm, of those without a wave: nobody learns of it what was heard in this hour.
    fn calmest_asset(&self, taken: &[usize]) -> Option<usize> {
        let is_free = |at: usize| {
            let is_asset = matches!(self.watched[at].stream, Stream::Asset(_));
            is_asset && !taken.contains(&at) && !self.active.iter().any(|it| it.has(at))
        };
        let latest = self.window.latest();
        let sum = |at: &usize| self.watched[*at].sum_at(latest, self.drift);
        (0..self.watched.len()).filter(|at| is_free(*at)).min_by(|a, b| sum(a).total_cmp(&sum(b)))
    }

    /// An hour has passed: what was heard in it is learned, but for streams with a wave, unless these have become usual.
    fn end_hour(&mut self) {
        let (began, ended) = (self.hour, Timestamp(self.hour.0 + watched::HOUR));
        let in_waves: HashSet<usize> = self.active.iter().flat_map(|it| it.streams.iter().copied()).collect();
        for (at, it) in self.watched.iter_mut().enumerate() {
            it.end_hour(in_waves.contains(&at));
        }
        if self.rates.until() < ended {
            let lesson = |(at, it): (usize, &'_ Watched)| {
                let (in_wave, lasting) = (in_waves.contains(&at), it.has_risen());
                let learns = it.people > 0 && (lasting || !in_wave);
                learns.then_some((at, Lesson { people: it.people, lasting: lasting && in_wave }))
            };
            let all: Vec<(usize, Lesson)> = self.watched.iter().enumerate().filter_map(lesson).collect();
            let lessons = all.into_iter().map(|(at, it)| (&self.watched[at].stream, it));
            self.rates.learn((ended, self.week.hour(began)), lessons);
        }
        self.begin_hour(ended);
    }

    fn begin_hour(&mut self, at: Timestamp) {
        self.hour = at;
        let hour = self.week.hour(at);
        for it in &mut self.watched {
            it.begin_hour(at, self.rates.usual(&it.stream, hour) / watched::HOUR as f64, self.drift);
        }
        self.set_threshold();
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
