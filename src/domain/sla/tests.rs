//! The rules in which the peers' users find faults, one test each; and all of them together next to a slow, obvious
//! clock that looks at every minute.
//!
//! A test run tries a few hundred cases, in twelve time zones; `PROPTEST_CASES=100000 cargo test --release --lib
//! domain::sla` tries more, in about a minute.

mod agreements;
mod outcomes;
mod reported;

use std::sync::OnceLock;

use proptest::prelude::*;

use super::*;
use crate::domain::{
    calendar::{Calendar, Hours},
    lifecycle::{HoldReason, State, Who},
    priority::{Priority, Urgency},
    ticket::{Command, Event, MoveTo, Moved, Ticket, Update, tests::ticket},
};

const HOUR: u32 = 3600;
/// A Monday, 00:00 in UTC.
const MONDAY: i64 = 1_772_409_600;

/// Monday to Friday from 8 to 12 and from 13 to 17.
fn office() -> Calendar {
    office_in("UTC")
}

fn office_in(zone: &str) -> Calendar {
    let day = vec![Hours { from: 8 * HOUR, to: 12 * HOUR }, Hours { from: 13 * HOUR, to: 17 * HOUR }];
    let week = std::array::from_fn(|it| if it < 5 { day.clone() } else { vec![] });
    Calendar::new("office", zone, week, Default::default()).unwrap()
}

fn policy() -> SlaPolicy {
    let target =
        Target { response: HOUR, next_response: Some(2 * HOUR), update: None, resolution: 10 * HOUR };
    SlaPolicy {
        id: "standard".into(),
        calendar: "office".into(),
        sites: None,
        targets: [Target { resolution: 4 * HOUR, ..target }, target, target, target],
        escalations: vec![Escalation {
            goal: Goal::Resolution,
            percent: 75,
            step: Step { notify: vec![Whom::Agent], ..Step::default() },
        }],
        close_after: Some(8 * HOUR),
    }
}

/// So many minutes after the Monday's midnight.
fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(MONDAY + 60 * minute)
}

const fn clock(day: i64, hour: i64) -> i64 {
    (day * 24 + hour) * 60
}

/// A ticket that was opened on Monday at nine.
fn opened() -> Ticket {
    Ticket { opened: at(clock(0, 9)), ..ticket() }
}

/// A move with all that any needs.
fn moving(to: State, hold: HoldReason) -> Command {
    let said = |it: bool| if it { "Restarted it".to_owned() } else { String::new() };
    Command::Move(Box::new(MoveTo {
        hold: Some(hold),
        resolution: said(to == State::Resolved),
        comment: said(to == State::Assigned || hold == HoldReason::Requester),
        ..MoveTo::new(to, Who::Manager)
    }))
}

fn go(it: Ticket, minute: i64, to: State) -> Ticket {
    let events = it.decide(moving(to, HoldReason::Vendor), "mei").unwrap();
    events.iter().fold(it, |it, event| it.apply(event, at(minute)))
}

fn say(it: Ticket, minute: i64, by_requester: bool) -> Ticket {
    let said = Event::Commented {
        author: "x".into(),
        text: "x".into(),
        internal: false,
        by_requester,
        carried: None,
    };
    it.apply(&said, at(minute))
}

/// What is agreed with the requester alone.
fn terms<'a>(policy: &'a SlaPolicy, office: &'a Calendar) -> Terms<'a> {
    Terms { policy: Some((policy, office)), ..Terms::default() }
}

fn due(it: &Ticket) -> Due {
    reckon(it, &terms(&policy(), &office()))
}

/// glpi#10594: a pause over a weekend counted too much.
#[test]
fn nothing_is_due_on_hold_and_what_was_left_is_left_after_it() {
    let held = go(opened(), clock(0, 10), State::OnHold);
    assert_eq!(due(&held).resolution, None);
    assert!(
        reached(&held, &terms(&policy(), &office()), at(clock(30, 0)))
            .iter()
            .all(|it| it.fired.goal == Goal::Response)
    );
    // Over a weekend only working hours were lost, and none of them counts.
    let resumed = go(held, clock(7, 10), State::InProgress);
    assert_eq!(due(&resumed).resolution, Some(at(clock(8, 11))));
}

#[test]
fn the_first_answer_is_due_on_hold_too_and_holding_is_none() {
    let held = go(opened(), clock(0, 9) + 30, State::OnHold);
    assert_eq!(held.responded, None);
    assert_eq!(due(&held).response, Some(at(clock(0, 10))));
}

#[test]
fn what_was_late_before_it_was_held_stays_late() {
    let held = go(opened(), clock(2, 9), State::OnHold);
    assert_eq!(due(&held).resolution, Some(at(clock(1, 11))));
}

/// glpi#6902, #15605: the pause was lost.
#[test]
fn another_priority_is_reckoned_from_the_start_with_every_pause() {
    let resumed = go(go(opened(), clock(0, 10), State::OnHold), clock(1, 10), State::InProgress);
    let raised = Ticket { priority: Priority::P1, ..resumed };
    assert_eq!(due(&raised).resolution, Some(at(clock(1, 14))), "one hour before the pause, three after it");
}

/// glpi#23359: solved time counted as a pause.
#[test]
fn a_reopened_ticket_goes_on_with_its_clock_and_does_not_escalate_at_once() {
    let done = go(go(opened(), clock(0, 10), State::InProgress), clock(0, 11), State::Resolved);
    let promised = due(&done).resolution;
    assert_eq!(promised, Some(at(clock(1, 11))), "what is done keeps its promise to be compared with");
    let reopened = go(Ticket { due: due(&done), ..done }, clock(3, 11), State::Assigned);
    assert_eq!(due(&reopened).resolution, Some(at(clock(4, 11))));
    assert!(reached(&reopened, &terms(&policy(), &office()), at(clock(3, 12))).is_empty());
}

#[test]
fn the_next_answer_waits_for_the_oldest_question_and_thanks_ask_none() {
    let answered = say(opened(), clock(0, 10), false);
    let asked = say(say(answered, clock(0, 11), true), clock(0, 14), true);
    assert_eq!(due(&asked).next_response, Some(at(clock(0, 14))));
    let answered = say(asked, clock(0, 15), false);
    assert_eq!(due(&answered).next_response, None);
    let done = go(answered, clock(0, 16), State::Resolved);
    assert_eq!(due(&say(done, clock(0, 16), true)).next_response, None);
}

#[test]
fn before_the_first_answer_only_that_one_is_due() {
    assert_eq!(due(&say(opened(), clock(0, 9) + 5, true)).next_response, None);
}

#[test]
fn every_step_is_reached_once_and_then_the_ticket_sleeps() {
    let (policy, office) = (policy(), office());
    let mut it = opened();
    let mut told = vec![];
    for minute in 0..clock(10, 0) {
        it.due = reckon(&it, &terms(&policy, &office));
        let is_due = it.due.look.is_some_and(|look| look <= at(minute));
        let steps = reached(&it, &terms(&policy, &office), at(minute));
        assert_eq!(is_due, !steps.is_empty());
        for step in steps {
            assert_eq!(step.at, at(minute));
            told.push((step.fired.goal, step.fired.percent));
            it = it.apply(&Event::Escalated { fired: step.fired, at: step.at, notify: vec![] }, at(minute));
        }
    }
    assert_eq!(told, [(Goal::Response, 100), (Goal::Resolution, 75), (Goal::Resolution, 100)]);
    assert!(it.clocks.is_missed(Goal::Resolution) && due(&it).look.is_none());
}

#[test]
fn what_stays_resolved_is_closed_after_its_working_time() {
    let done = go(go(opened(), clock(0, 10), State::InProgress), clock(0, 16), State::Resolved);
    let closes = at(clock(1, 16));
    assert_eq!(due(&done).look, Some(closes));
    assert!(!super::closes(&done, &terms(&policy(), &office()), Timestamp::from_second(closes.second() - 1)));
    assert!(super::closes(&done, &terms(&policy(), &office()), closes));
}

#[test]
fn what_the_desk_raises_by_itself_keeps_its_promise_until_a_person_rates_it() {
    let promised = Some(opened().promised());
    let raise = |promised| {
        let (urgency, priority) = (Some(Urgency::High), Some(Priority::P1));
        Event::Updated(Update { urgency, priority, promised, ..Update::default() })
    };
    let it = Ticket { priority: Priority::P3, urgency: Urgency::Low, ..opened() };
    let raised = it.clone().apply(&raise(Some(it.promised())), at(clock(1, 9)));
    assert_eq!((raised.priority, due(&raised).resolution), (Priority::P1, Some(at(clock(1, 11)))));
    assert_eq!(raised.known().priority, Priority::P3, "nor do rules choose another policy");
    let twice = raised.apply(&raise(promised), at(clock(1, 9)));
    let rated = twice.apply(&raise(None), at(clock(1, 9)));
    assert_eq!(due(&rated).resolution, Some(at(clock(0, 14))), "from the start, even if that is over");
}

/// Zones from far east to far west, whose clocks change on different days, at different hours, or not at all.
pub(super) const ZONES: [&str; 12] = [
    "UTC",
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "America/St_Johns",
    "America/Sao_Paulo",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Asia/Kathmandu",
    "Asia/Tehran",
    "Australia/Lord_Howe",
    "Pacific/Kiritimati",
];

/// Minutes that a random history spans at most.
const SPAN: i64 = 100_000;

/// The office's hours said once more, without a calendar: whether it is open in each minute after the Monday's
/// midnight, by the clock on a wall of its zone.
struct Wall(Vec<bool>);

impl Wall {
    fn of(zone: &str) -> &'static Self {
        static WALLS: [OnceLock<Wall>; ZONES.len()] = [const { OnceLock::new() }; ZONES.len()];
        let place = ZONES.iter().position(|it| *it == zone).unwrap();
        WALLS[place].get_or_init(|| {
            let tz = jiff::tz::TimeZone::get(zone).unwrap();
            let is_open = |minute: i64| {
                let wall = jiff::Timestamp::from_second(MONDAY + 60 * minute).unwrap().to_zoned(tz.clone());
                let is_weekday = wall.weekday().to_monday_zero_offset() < 5;
                is_weekday && ((8..12).contains(&wall.hour()) || (13..17).contains(&wall.hour()))
            };
            Self((0..SPAN).map(is_open).collect())
        })
    }

    fn is_open(&self, minute: i64) -> bool {
        self.0[usize::try_from(minute).unwrap()]
    }
}

/// Counts down what a goal has left, a minute at a time.
struct Slow {
    wall: &'static Wall,
    left: u32,
    due: Option<Timestamp>,
}

impl Slow {
    fn look(&mut self, it: &Ticket, minutes: std::ops::Range<i64>) {
        if !matches!(it.state, State::New | State::Assigned | State::InProgress) {
            return;
        }
        for minute in minutes.filter(|it| self.wall.is_open(*it)) {
            self.left = self.left.saturating_sub(60);
            if self.left == 0 {
                self.due.get_or_insert(at(minute + 1));
            }
        }
    }
}

fn zone() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&ZONES[..])
}

/// What may befall a ticket, at random.
fn happens() -> impl Strategy<Value = Vec<(i64, u8)>> {
    prop::collection::vec((0_i64..3_000, 0_u8..8), 0..14)
}

proptest! {
    /// Minute by minute: the clock of the resolution counts while the office is open and nobody waits.
    #[test]
    fn the_clocks_agree_with_one_that_looks_at_every_minute(
        happened in happens(), start in 0_i64..10_000, zone in zone(),
    ) {
        let (policy, office) = (policy(), office_in(zone));
        let mut it = Ticket { opened: at(start), ..ticket() };
        let mut minute = start;
        let left = policy.targets[it.priority as usize].resolution;
        let mut slow = Slow { wall: Wall::of(zone), left, due: None };
        for (wait, what) in happened {
            slow.look(&it, minute..minute + wait);
            minute += wait;
            let to = [State::OnHold, State::InProgress, State::Assigned, State::Resolved][usize::from(what % 4)];
            let command = match what {
                0..=3 => moving(to, HoldReason::Requester),
                4 => Command::Comment { text: "x".into(), internal: false, by_requester: true },
                5 => Command::Comment { text: "x".into(), internal: false, by_requester: false },
                _ => Command::Update(Update { subject: Some("x".into()), ..Update::default() }),
            };
            let events = it.decide(command, "mei").unwrap_or_default();
            it = events.iter().fold(it, |it, event| it.apply(event, at(minute)));
        }
        let fast = reckon(&it, &terms(&policy, &office)).resolution;
        slow.look(&it, minute..minute + clock(20, 0));
        // Work that is done keeps the time until which it had to be; no minute shows that.
        if slow.due.is_some() || it.state != State::Resolved {
            prop_assert_eq!(fast, slow.due);
        }
    }
}
