//! A slow, obvious calendar that looks at the clock on the wall minute by minute, and the real one next to it.
//!
//! A test run tries a few hundred cases; `PROPTEST_CASES=100000 cargo test --lib calendar::tests::slow`
//! tries more.

use jiff::civil::DateTime;
use proptest::prelude::*;

use super::*;

/// Zones whose clocks do what clocks should not.
const ZONES: [&str; 12] = [
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
    "Pacific/Apia",
];

/// Stretches of a day, in minutes from midnight.
type Day = Vec<(u32, u32)>;

#[derive(Debug)]
struct Slow {
    zone: TimeZone,
    week: Vec<Day>,
    special: Vec<(Date, Day)>,
}

impl Slow {
    fn fast(&self) -> Calendar {
        let hours = |day: &Day| -> Vec<Hours> {
            day.iter().map(|&(from, to)| Hours { from: from * 60, to: to * 60 }).collect()
        };
        let special =
            |(date, day): &(Date, Day)| (*date, Special { why: "special".to_owned(), hours: hours(day) });
        let week = std::array::from_fn(|day| hours(&self.week[day]));
        Calendar::new("c", self.zone.iana_name().unwrap(), week, self.special.iter().map(special).collect())
            .unwrap()
    }

    /// What the clock shows.
    fn shows(&self, second: i64) -> DateTime {
        self.zone.to_datetime(jiff::Timestamp::from_second(second).unwrap())
    }

    fn is_open(&self, shown: DateTime) -> bool {
        let weekday = usize::try_from(shown.date().weekday().to_monday_zero_offset()).unwrap();
        let special = self.special.iter().rev().find(|(date, _)| *date == shown.date());
        let day = special.map_or(&self.week[weekday], |(_, day)| day);
        let minute = u32::from(shown.hour().unsigned_abs()) * 60 + u32::from(shown.minute().unsigned_abs());
        day.iter().any(|&(from, to)| (from..to).contains(&minute))
    }

    /// The minutes from the one of `start` on, and whether each is open. The clock is never set back: it
    /// stands still until time has caught up.
    fn minutes(&self, start: i64) -> impl Iterator<Item = (i64, bool)> {
        let first = start.div_euclid(60) * 60;
        let mut shown = DateTime::MIN;
        (first - 180 * 60..).step_by(60).filter_map(move |minute| {
            shown = shown.max(self.shows(minute));
            (minute >= first).then(|| (minute, self.is_open(shown)))
        })
    }

    fn due(&self, start: i64, goal: i64) -> i64 {
        self.due_around(start, goal, &[])
    }

    /// The same where nothing counts in some stretches of whole minutes.
    fn due_around(&self, start: i64, goal: i64, breaks: &[Break]) -> i64 {
        let mut left = goal;
        for (minute, open) in self.minutes(start) {
            let from = minute.max(start);
            let stands = breaks.iter().any(|it| it.from.second() <= minute && minute < it.to.second());
            let counts = open && !stands;
            if counts && left <= minute + 60 - from {
                return from + left;
            }
            left -= if counts { minute + 60 - from } else { 0 };
        }
        unreachable!()
    }

    fn working_between(&self, from: i64, to: i64) -> i64 {
        let minutes = self.minutes(from).take_while(|(minute, _)| *minute < to);
        minutes.filter(|it| it.1).map(|(minute, _)| (minute + 60).min(to) - minute.max(from)).sum()
    }
}

/// Pauses of whole minutes, in order, the first of which may have begun before the start.
fn breaks(start: i64, lengths: &[(i64, i64)]) -> Vec<Break> {
    let mut at = start.div_euclid(60) * 60 - 7_200;
    let mut all = vec![];
    for (gap, length) in lengths {
        let from = at + gap * 60;
        at = from + length * 60;
        all.push(Break { from: Timestamp::from_second(from), to: Timestamp::from_second(at), why: "x" });
    }
    all
}

/// Up to three stretches, with edges where clocks are changed, at midnight, and anywhere.
fn day() -> impl Strategy<Value = Day> {
    let edge = prop_oneof![
        3 => prop::sample::select(vec![0, 1, 30, 60, 90, 120, 150, 180, 240, 1380, 1410, 1439, 1440]),
        2 => 0..=1440_u32,
    ];
    prop::collection::btree_set(edge, 0..=6).prop_map(|edges| {
        let edges: Vec<_> = edges.into_iter().collect();
        edges.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect()
    })
}

/// A second somewhere from 1990 to 2037: near a change of the zone's clock, within the hours around it,
/// or anywhere.
fn start(zone: &TimeZone, anywhere: i64, near: Option<i64>) -> i64 {
    let at = jiff::Timestamp::from_second(anywhere).unwrap();
    let change = zone.following(at).next().map(|it| it.timestamp().as_second());
    near.zip(change).map_or(anywhere, |(near, change)| change + near)
}

prop_compose! {
    fn slow_and_start()(
        zone in prop::sample::select(ZONES.to_vec()),
        week in prop::collection::vec(day(), 7),
        special in prop::collection::vec((-3_i64..8, day()), 0..4),
        anywhere in 631_152_000_i64..2_145_000_000,
        near in prop_oneof![
            2 => (-10_800_i64..10_800).prop_map(Some),
            2 => (-345_600_i64..172_800).prop_map(Some),
            1 => Just(None),
        ],
    ) -> (Slow, i64) {
        let zone = TimeZone::get(zone).unwrap();
        let start = start(&zone, anywhere, near);
        let mut slow = Slow { zone, week, special: vec![] };
        if slow.week.iter().all(Vec::is_empty) {
            slow.week[2] = vec![(0, 1440)];
        }
        let today = slow.shows(start).date();
        slow.special = special
            .into_iter()
            .map(|(days, day)| (today.checked_add(jiff::Span::new().days(days)).unwrap(), day))
            .collect();
        (slow, start)
    }
}

proptest! {
    #[test]
    fn the_calendar_agrees_with_the_clock_on_the_wall(
        (slow, start) in slow_and_start(),
        // In weeks of open time.
        goal in prop_oneof![Just(0.0), 0.0..0.3, 0.0..2.0],
        length in 0_i64..400_000,
    ) {
        let fast = slow.fast();
        let week: u32 = slow.week.iter().flatten().map(|(from, to)| (to - from) * 60).sum();
        let goal = (f64::from(week) * goal) as u32;
        let at = Timestamp::from_second;
        let due = fast.due(at(start), goal).unwrap().second();
        prop_assert_eq!(due, slow.due(start, i64::from(goal)));
        let between = fast.working_between(at(start), at(start + length));
        prop_assert_eq!(between, slow.working_between(start, start + length).unsigned_abs());

        let explained = fast.explain(at(start), goal).unwrap();
        prop_assert!(explained.due == at(due) && explained.whole);
        let mut end = at(start);
        for stretch in &explained.stretches {
            prop_assert!(stretch.from == end && stretch.to > end, "a gap in {:?}", explained);
            end = stretch.to;
            let (from, to) = (stretch.from.second(), stretch.to.second());
            let counted = if stretch.why == Why::Open { to - from } else { 0 };
            prop_assert_eq!(counted, slow.working_between(from, to), "{:?}", stretch);
        }
        prop_assert_eq!(end, at(due));
    }

    #[test]
    fn breaks_do_not_count(
        (slow, start) in slow_and_start(),
        goal in prop_oneof![Just(0.0), 0.0..0.3, 0.0..2.0],
        lengths in prop::collection::vec((0_i64..2_000, 1_i64..3_000), 0..6),
    ) {
        let fast = slow.fast();
        let week: u32 = slow.week.iter().flatten().map(|(from, to)| (to - from) * 60).sum();
        let goal = (f64::from(week) * goal) as u32;
        let breaks = breaks(start, &lengths);
        let at = Timestamp::from_second(start);
        let due = fast.due_around(at, goal, &breaks).unwrap();
        // A goal of nothing is reached at once, in a pause or not.
        if goal > 0 {
            prop_assert_eq!(due.second(), slow.due_around(start, i64::from(goal), &breaks));
        }
        prop_assert_eq!(fast.working_around(at, due, &breaks), u64::from(goal));
        let explained = fast.explain_around(at, goal, &breaks).unwrap();
        prop_assert!(explained.whole && explained.due == due);
        let counted = explained.stretches.iter().filter(|it| it.why == Why::Open);
        prop_assert_eq!(counted.map(|it| it.to.second() - it.from.second()).sum::<i64>(), i64::from(goal));
        let mut end = at;
        for stretch in &explained.stretches {
            prop_assert!(stretch.from == end && stretch.to > end, "a gap in {:?}", explained);
            end = stretch.to;
        }
        prop_assert_eq!(end, due);
    }
}
