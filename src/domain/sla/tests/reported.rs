//! What a report adds up, next to a slow, obvious desk that counts minutes: each goal of random histories ends as it
//! says, and counts once.

use std::collections::BTreeMap;

use super::{
    agreements::{All, befall},
    *,
};

/// How goals ended, by goal and start of their clocks; what is open again did not.
type Ends = BTreeMap<(Goal, Timestamp), (Ended, Option<Timestamp>)>;

/// The desk as it is: it takes the steps of the clocks, and keeps what is due and what ended.
struct Desk<'a> {
    all: &'a All,
    it: Ticket,
    ended: Vec<Outcome>,
}

impl Desk<'_> {
    fn record(&mut self, event: &Event, minute: i64) {
        let after = self.it.clone().apply(event, at(minute));
        self.ended.extend(outcomes(&self.it, event, &after, at(minute)));
        self.it = after;
    }

    /// What was late is told before anything else happens.
    fn look(&mut self, minute: i64) {
        for step in reached(&self.it, &self.all.terms(), at(minute)) {
            self.record(&Event::Escalated { fired: step.fired, at: step.at, notify: vec![] }, minute);
        }
        self.it.due = reckon(&self.it, &self.all.terms());
    }

    fn befall(&mut self, what: u8, minute: i64) {
        self.look(minute);
        let events = befall(&self.it, what);
        for event in &events {
            self.record(event, minute);
            self.it.due = reckon(&self.it, &self.all.terms());
        }
    }

    fn ends(&self) -> Ends {
        let last: BTreeMap<_, _> = self.ended.iter().map(|it| ((it.goal, it.started), it)).collect();
        let is_counted = |it: &&Outcome| it.result != Ended::Open && measured(it.goal);
        let of = |it: &Outcome| (it.result, Some(it.due).filter(|_| it.result == Ended::Missed));
        last.values().copied().filter(is_counted).map(|it| ((it.goal, it.started), of(it))).collect()
    }
}

/// What the slow desk counts.
fn measured(goal: Goal) -> bool {
    matches!(goal, Goal::Resolution | Goal::Ola)
}

/// Minutes of work that are left for the resolution, and for the group that has the ticket.
struct Slow {
    wall: &'static Wall,
    resolution: u32,
    ola: u32,
    ends: Ends,
}

impl Slow {
    fn look(&mut self, it: &Ticket, minutes: std::ops::Range<i64>) {
        if !matches!(it.state, State::New | State::Assigned | State::InProgress) {
            return;
        }
        for minute in minutes.filter(|it| self.wall.is_open(*it)) {
            let missed = (Ended::Missed, Some(at(minute + 1)));
            self.resolution = self.resolution.saturating_sub(60);
            if self.resolution == 0 {
                self.ends.entry((Goal::Resolution, it.opened)).or_insert(missed);
            }
            self.ola = self.ola.saturating_sub(60);
            if self.ola == 0 {
                self.ends.entry((Goal::Ola, it.with_group())).or_insert(missed);
            }
        }
    }

    /// What is reached without having been missed is met, until it is taken up again.
    fn turn(&mut self, before: &Ticket, after: &Ticket, ola: u32) {
        let keys = [(Goal::Resolution, before.opened), (Goal::Ola, before.with_group())];
        let is_done = |it: &Ticket| it.state == State::Resolved;
        for key in keys {
            if self.ends.get(&key).is_some_and(|it| it.0 == Ended::Missed) {
                continue;
            }
            if is_done(before) && !is_done(after) {
                self.ends.remove(&key);
            } else if is_done(after) || (key.0 == Goal::Ola && before.group != after.group) {
                self.ends.insert(key, (Ended::Met, None));
            }
        }
        if before.group != after.group {
            self.ola = ola;
        }
    }
}

proptest! {
    #[test]
    fn what_is_reported_is_what_a_desk_that_looks_at_every_minute_counts(
        happened in prop::collection::vec((1_i64..600, 0_u8..8), 0..14), start in 0_i64..10_000, zone in zone(),
    ) {
        let all = All::in_zone(zone);
        let it = Ticket { opened: at(start), priority: Priority::P3, ..ticket() };
        let ola = all.ola.targets[Priority::P3 as usize];
        let resolution = all.policy.targets[Priority::P3 as usize].resolution;
        let mut slow = Slow { wall: Wall::of(zone), resolution, ola, ends: Ends::new() };
        let mut desk = Desk { all: &all, it, ended: vec![] };
        let mut minute = start;
        for (wait, what) in happened {
            slow.look(&desk.it, minute..minute + wait);
            minute += wait;
            let before = desk.it.clone();
            desk.befall(what, minute);
            slow.turn(&before, &desk.it, ola);
        }
        slow.look(&desk.it, minute..minute + clock(8, 0));
        desk.look(minute + clock(8, 0));
        prop_assert_eq!(desk.ends(), slow.ends);
        // Whatever was taken up again: each goal is counted once, when it ended first.
        let mut counted = BTreeMap::<_, usize>::new();
        for it in desk.ended.iter().filter(|it| it.result != Ended::Open) {
            *counted.entry((it.goal, it.started)).or_default() += usize::from(!it.is_again);
        }
        prop_assert!(counted.values().all(|it| *it == 1), "{:?}", desk.ended);
    }
}
