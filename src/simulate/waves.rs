//! Incident waves over the traffic of a desk: how soon they are found, how often for nothing, what joins them.
//!
//! Background traffic is drawn from the corpora: as many people an hour as a week of work has, each about something of
//! its own. Waves are written by hand ([`outages`]): another person each time, within some minutes.

mod outages;

use std::collections::{HashMap, HashSet};

use super::chance::Chance;
use crate::{
    domain::{id::ConversationId, time::Timestamp},
    model::{examples::Example, table::TokenTable},
    routing::waves::{Detector, Finding, Meaning, Message, Rates, Stream, Week},
};
pub use outages::OUTAGES;

const HOUR: i64 = 3_600_000;
/// People of the company.
const PEOPLE: u64 = 20_000;
/// From when a wave is proposed, so long it takes until somebody accepts it.
const ACCEPT: i64 = 5 * 60_000;
/// A wave that is not found so long after its last message is missed.
const LATE: i64 = HOUR;

/// What is tried.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// What chance follows from.
    pub seed: u64,
    /// Messages on an average weekday.
    pub daily: f64,
    /// Weeks in which nothing is looked at, and the rates are learned.
    pub learned: u32,
    /// Weeks that are looked at.
    pub weeks: u32,
    /// Waves in each of them.
    pub weekly: u32,
    /// People in a wave.
    pub size: u32,
    /// Minutes in which they write, evenly.
    pub minutes: f64,
    /// Assets of which each other message names one.
    pub assets: usize,
}

/// What came of it.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// Waves that were injected.
    pub injected: usize,
    /// Of those, found.
    pub found: usize,
    /// Messages of each found wave until it was found, in order of size.
    pub messages: Vec<usize>,
    /// Minutes from its first message until it was found, in order of size.
    pub minutes: Vec<f64>,
    /// Waves found where none was.
    pub false_alarms: usize,
    /// Days that were looked at.
    pub days: f64,
    /// Messages that joined a wave rightly, and wrongly, and those that should have and did not.
    pub joins: (usize, usize, usize),
    /// Messages of waves, and those that came to an accepted wave and joined: no ticket is made of them.
    pub saved: (usize, usize),
    /// The sum at which a stream alarmed in the end.
    pub threshold: f64,
}

/// A message that will be heard, and the injected wave that it belongs to.
struct Coming {
    at: i64,
    who: u64,
    text: usize,
    wave: Option<usize>,
    asset: Option<usize>,
}

/// What a message is about: its template, the service of that, and the asset that it names.
fn streams(label: &str, asset: Option<usize>) -> Vec<Stream> {
    /// Services of the company.
    const SERVICES: u64 = 20;
    let service = label.bytes().map(u64::from).sum::<u64>() % SERVICES;
    let always = [Stream::Template(label.to_owned()), Stream::Service(format!("service-{service}"))];
    always.into_iter().chain(asset.map(|it| Stream::Asset(format!("HW-{it}")))).collect()
}

/// Texts with what they mean and are about.
struct Texts {
    all: Vec<(String, Meaning)>,
    /// Where those of each label begin and end, and how often it is written about.
    labels: Vec<(std::ops::Range<usize>, f64)>,
    /// Where those of each outage begin.
    outages: Vec<usize>,
}

/// The share of a weekday's messages in each hour of the week, in UTC.
fn share(hour: usize) -> f64 {
    const DAY: [f64; 24] = [
        0.1, 0.1, 0.1, 0.1, 0.2, 0.5, 2.0, 6.0, 12.0, 13.0, 11.0, 8.0, 6.0, 9.0, 10.0, 9.0, 6.0, 3.0, 1.5,
        0.8, 0.5, 0.4, 0.4, 0.3,
    ];
    let weekday = match hour / 24 {
        0 => 1.25,
        1..=4 => 1.0,
        _ => 0.05,
    };
    weekday * DAY[hour % 24] / 100.0
}

impl Texts {
    /// Every third label is written about ten times as often as the others.
    fn of(examples: &[Example], table: &TokenTable) -> Self {
        let meaning = |text: &str| Meaning::of(&table.meaning_of(text).unwrap_or_default());
        let (mut all, mut labels) = (vec![], vec![]);
        for (at, group) in examples.chunk_by(|a, b| a.label == b.label).enumerate() {
            let begin = all.len();
            all.extend(group.iter().map(|it| (it.label.clone(), meaning(&it.text))));
            labels.push((begin..all.len(), if at % 3 == 0 { 10.0 } else { 1.0 }));
        }
        let mut outages = vec![];
        for (label, texts) in OUTAGES {
            outages.push(all.len());
            all.extend(texts.iter().map(|it| (label.to_owned(), meaning(it))));
        }
        Self { all, labels, outages }
    }

    fn coming(&self, plan: &Plan) -> Vec<Coming> {
        let mut chance = Chance::seeded(plan.seed, 1);
        let mut coming = vec![];
        let weights: Vec<f64> = self.labels.iter().map(|it| it.1).collect();
        for hour in 0..i64::from(plan.learned + plan.weeks) * 168 {
            let at = hour * HOUR;
            for _ in 0..chance.count(plan.daily * share(Week::default().hour(Timestamp(at)))) {
                let texts = &self.labels[chance.pick(&weights)].0;
                let text = texts.start + chance.below(texts.len());
                let at = at + (chance.share() * HOUR as f64) as i64;
                let asset = (plan.assets > 0 && chance.share() < 0.5).then(|| chance.below(plan.assets));
                coming.push(Coming {
                    at,
                    who: chance.below(PEOPLE as usize) as u64,
                    text,
                    wave: None,
                    asset,
                });
            }
        }
        let mut chance = Chance::seeded(plan.seed, 2);
        let hours: Vec<f64> = (0..168).map(|it| share(Week::default().hour(Timestamp(it * HOUR)))).collect();
        for wave in 0..(plan.weeks * plan.weekly) as usize {
            let outage = wave % self.outages.len();
            let week = i64::from(plan.learned) + wave as i64 / i64::from(plan.weekly);
            let begin = (week * 168 + chance.pick(&hours) as i64) * HOUR + chance.below(3_600_000) as i64;
            for person in 0..plan.size {
                let text = self.outages[outage] + chance.below(OUTAGES[outage].1.len());
                let at = begin + (chance.share() * plan.minutes * 60_000.0) as i64;
                let who = PEOPLE * (1 + wave as u64) + u64::from(person);
                coming.push(Coming { at, who, text, wave: Some(wave), asset: None });
            }
        }
        coming.sort_by_key(|it| it.at);
        coming
    }
}

/// Lets waves come over background traffic, and says what was found.
pub fn run(plan: &Plan, examples: &[Example], table: &TokenTable) -> Found {
    let texts = Texts::of(examples, table);
    let coming = texts.coming(plan);
    let mut detector = Detector::new(Rates::default(), Week::default(), Timestamp(0));
    let mut tally = Tally::of(plan, &coming);
    for (number, it) in coming.iter().enumerate() {
        let (label, meaning) = &texts.all[it.text];
        let at = Timestamp(it.at);
        for wave in detector.over(at) {
            tally.under_way.remove(&wave);
        }
        let message = Message {
            at,
            requester: it.who,
            conversation: conversation(number),
            streams: streams(label, it.asset),
            meaning: meaning.clone(),
        };
        let found = detector.take(message);
        tally.hear(number, it, &coming, &found);
    }
    let mut found = tally.found;
    found.threshold = detector.threshold();
    found.messages.sort_unstable();
    found.minutes.sort_unstable_by(f64::total_cmp);
    found
}

/// What is counted while messages come.
struct Tally {
    found: Found,
    /// From when on it is looked at.
    from: i64,
    /// Where the messages of each injected wave are.
    injected: Vec<Vec<usize>>,
    /// What the detector found: which injected wave it is, and when.
    under_way: HashMap<u64, (Option<usize>, i64)>,
    known: HashSet<usize>,
    /// Messages that have joined, each counted once.
    joined: HashSet<usize>,
    /// Messages of which no ticket is made.
    saved: HashSet<usize>,
}

impl Tally {
    fn of(plan: &Plan, coming: &[Coming]) -> Self {
        let mut injected = vec![vec![]; (plan.weeks * plan.weekly) as usize];
        for (number, it) in coming.iter().enumerate() {
            if let Some(wave) = it.wave {
                injected[wave].push(number);
            }
        }
        let all = injected.iter().map(Vec::len).sum();
        let found = Found {
            injected: injected.len(),
            days: f64::from(plan.weeks) * 7.0,
            joins: (0, 0, all),
            saved: (all, 0),
            ..Found::default()
        };
        let from = i64::from(plan.learned) * 168 * HOUR;
        Self {
            found,
            from,
            injected,
            under_way: HashMap::new(),
            known: HashSet::new(),
            joined: HashSet::new(),
            saved: HashSet::new(),
        }
    }

    fn hear(&mut self, number: usize, it: &Coming, coming: &[Coming], found: &[Finding]) {
        for finding in found {
            match finding {
                Finding::Begun(begun) => {
                    let members: Vec<usize> = begun.members.iter().map(number_of).collect();
                    let wave = commonest(members.iter().filter_map(|it| coming[*it].wave));
                    self.begin(begun.wave, wave, it.at, coming);
                    members.iter().for_each(|it| self.join(begun.wave, *it, coming[*it].wave));
                }
                Finding::Joined { wave } => {
                    self.join(*wave, number, it.wave);
                    let (real, begun) = self.under_way.get(wave).copied().unwrap_or_default();
                    let is_offered = it.wave.is_some() && it.wave == real && begun + ACCEPT < it.at;
                    // It may belong to several waves, and is one ticket.
                    if is_offered && self.saved.insert(number) {
                        self.found.saved.1 += 1;
                    }
                }
                Finding::Widened { .. } => {}
            }
        }
    }

    fn begin(&mut self, number: u64, wave: Option<usize>, at: i64, coming: &[Coming]) {
        self.under_way.insert(number, (wave, at));
        if at < self.from {
            return;
        }
        match wave {
            None => self.found.false_alarms += 1,
            Some(wave) if self.known.insert(wave) => {
                let of_wave = &self.injected[wave];
                let heard = of_wave.iter().filter(|it| coming[**it].at <= at).count();
                let (first, last) = (coming[of_wave[0]].at, coming[of_wave[of_wave.len() - 1]].at);
                if at < last + LATE {
                    self.found.found += 1;
                    self.found.messages.push(heard);
                    self.found.minutes.push((at - first) as f64 / 60_000.0);
                }
            }
            Some(_) => {}
        }
    }

    fn join(&mut self, wave: u64, number: usize, of: Option<usize>) {
        let Some((Some(real), _)) = self.under_way.get(&wave) else { return };
        if !self.joined.insert(number) {
            return;
        }
        if of == Some(*real) {
            self.found.joins.0 += 1;
            self.found.joins.2 -= 1;
        } else {
            self.found.joins.1 += 1;
        }
    }
}

fn commonest(waves: impl Iterator<Item = usize>) -> Option<usize> {
    let mut counts: HashMap<usize, usize> = HashMap::new();
    waves.for_each(|it| *counts.entry(it).or_default() += 1);
    counts.into_iter().max_by_key(|(wave, count)| (*count, *wave)).map(|it| it.0)
}

fn conversation(number: usize) -> ConversationId {
    ConversationId::from_bytes((number as u128).to_be_bytes())
}

fn number_of(id: &ConversationId) -> usize {
    u128::from_be_bytes(*id.bytes()) as usize
}

impl Found {
    /// Waves for nothing in 30 days.
    pub fn false_alarms_a_month(&self) -> f64 {
        self.false_alarms as f64 * 30.0 / self.days
    }

    /// How many of those that joined belong there, and how many of those that belong there joined.
    pub fn precision_and_recall(&self) -> (f64, f64) {
        let (right, wrong, missed) = self.joins;
        let share = |of: usize| right as f64 / (right + of).max(1) as f64;
        (share(wrong), share(missed))
    }

    /// Messages of a wave until it was found: half of the waves needed no more.
    pub fn messages_needed(&self) -> usize {
        self.messages.get(self.messages.len() / 2).copied().unwrap_or_default()
    }

    /// Minutes from its first message until a wave was found: half of the waves needed no more.
    pub fn minutes_needed(&self) -> f64 {
        self.minutes.get(self.minutes.len() / 2).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
