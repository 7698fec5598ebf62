//! In how much of its hours a service worked (ITIL 4, availability management): the share, the mean time between failures
//! and the mean time to restore it.

use crate::domain::{calendar::Calendar, time::Timestamp};

/// A stretch in which it was down: `[from, to)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Down {
    /// Since when.
    pub from: Timestamp,
    /// Until when.
    pub to: Timestamp,
}

/// How available a service was in a period. Seconds are those of its own hours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Availability {
    /// Seconds in which it should have worked: those of its hours, but for what was planned.
    pub agreed: u64,
    /// Seconds of its hours in which it was down as planned.
    pub planned: u64,
    /// Seconds of these in which it did not.
    pub down: u64,
    /// How often it failed in its hours.
    pub failures: u64,
}

impl Availability {
    /// The share of its hours in which it worked, in percent; nothing if it had no hours.
    pub fn percent(&self) -> Option<f64> {
        (0 < self.agreed).then(|| 100.0 * (self.agreed - self.down) as f64 / self.agreed as f64)
    }

    /// Mean time between failures, in seconds: how long it worked, for each failure; nothing if it never failed.
    pub fn mtbf(&self) -> Option<u64> {
        (self.agreed - self.down).checked_div(self.failures)
    }

    /// Mean time to restore the service, in seconds; nothing if it never failed.
    pub fn mtrs(&self) -> Option<u64> {
        self.down.checked_div(self.failures)
    }

    /// Whether it was there for as much of its hours as promised, in hundredths of a percent.
    pub fn keeps(&self, target: u32) -> bool {
        let (agreed, worked) = (u128::from(self.agreed), u128::from(self.agreed - self.down));
        u128::from(target) * agreed <= worked * 10_000
    }
}

/// How available a service was in `[from, to)`: around the clock, or in the hours of a calendar. Stretches that overlap or
/// touch are one failure; what lies outside of its hours is none, and neither is what was planned.
pub fn availability(
    (from, to): (Timestamp, Timestamp),
    hours: Option<&Calendar>,
    downs: &[Down],
    planned: &[Down],
) -> Availability {
    let length = |from: Timestamp, to: Timestamp| match hours {
        Some(calendar) => calendar.working_between(from, to),
        None => u64::try_from(to.second() - from.second()).unwrap_or(0),
    };
    let within = |it: &Down, outer: &Down| {
        let (from, to) = (it.from.max(outer.from), it.to.min(outer.to));
        (from < to).then_some(Down { from, to })
    };
    let period = Down { from, to };
    let planned: Vec<_> = united(planned).iter().filter_map(|it| within(it, &period)).collect();
    let sum = |all: &[Down]| all.iter().map(|it| length(it.from, it.to)).sum::<u64>();
    let mut all = Availability { planned: sum(&planned), ..Availability::default() };
    all.agreed = length(from, to).saturating_sub(all.planned);
    for it in united(downs).iter().filter_map(|it| within(it, &period)) {
        let excused: Vec<_> = planned.iter().filter_map(|plan| within(plan, &it)).collect();
        let down = length(it.from, it.to).saturating_sub(sum(&excused));
        all.down += down;
        all.failures += u64::from(0 < down);
    }
    all
}

/// Stretches in order, those that overlap or touch as one.
pub fn united(downs: &[Down]) -> Vec<Down> {
    let mut sorted: Vec<_> = downs.iter().copied().filter(|it| it.from < it.to).collect();
    sorted.sort_unstable();
    let mut all: Vec<Down> = vec![];
    for it in sorted {
        match all.last_mut() {
            Some(last) if it.from <= last.to => last.to = last.to.max(it.to),
            Some(_) | None => all.push(it),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prop_assert, prop_assert_eq, proptest};

    use super::*;
    use crate::domain::calendar::Hours;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second)
    }

    fn down(from: i64, to: i64) -> Down {
        Down { from: at(from), to: at(to) }
    }

    #[test]
    fn overlapping_incidents_are_one_failure() {
        let downs = [down(100, 200), down(150, 300), down(300, 310), down(500, 600)];
        let it = availability((at(0), at(1000)), None, &downs, &[]);
        assert_eq!(it, Availability { agreed: 1000, planned: 0, down: 310, failures: 2 });
        assert_eq!((it.percent(), it.mtbf(), it.mtrs()), (Some(69.0), Some(345), Some(155)));
        assert!(it.keeps(6900) && !it.keeps(6901));
    }

    #[test]
    fn only_what_lies_in_the_period_and_in_the_hours_counts() {
        let it =
            availability((at(0), at(1000)), None, &[down(-500, 10), down(990, 5000), down(2000, 3000)], &[]);
        assert_eq!(it, Availability { agreed: 1000, planned: 0, down: 20, failures: 2 });
        // Thursday, 1 January 1970: from 9 to 17 there.
        let mut week = [const { Vec::new() }; 7];
        week[3] = vec![Hours { from: 9 * 3600, to: 17 * 3600 }];
        let hours = Calendar::new("thursdays", "UTC", week, Default::default()).unwrap();
        let night_and_an_hour = [down(0, 10 * 3600), down(20 * 3600, 22 * 3600)];
        let it = availability((at(0), at(86_400)), Some(&hours), &night_and_an_hour, &[]);
        assert_eq!(it, Availability { agreed: 8 * 3600, planned: 0, down: 3600, failures: 1 });
    }

    /// A change from 100 to 200 that overran by 50, an incident in the midst of it and one that outlived it.
    #[test]
    fn what_was_planned_is_no_failure_and_what_overruns_is_one() {
        let planned = [down(100, 200)];
        let it = availability((at(0), at(1000)), None, &[down(120, 180)], &planned);
        assert_eq!(it, Availability { agreed: 900, planned: 100, down: 0, failures: 0 });
        assert_eq!((it.percent(), it.keeps(10_000)), (Some(100.0), true));
        let it =
            availability((at(0), at(1000)), None, &[down(200, 250), down(50, 110), down(190, 300)], &planned);
        assert_eq!(it, Availability { agreed: 900, planned: 100, down: 150, failures: 2 });
        let all = availability((at(0), at(1000)), None, &[down(0, 900)], &[down(-50, 2000)]);
        assert_eq!((all.agreed, all.planned, all.percent()), (0, 1000, None));
    }

    #[test]
    fn what_never_failed_has_no_means() {
        let it = availability((at(0), at(10)), None, &[], &[]);
        assert_eq!((it.percent(), it.mtbf(), it.mtrs(), it.keeps(10_000)), (Some(100.0), None, None, true));
        let none = availability((at(10), at(10)), None, &[], &[]);
        assert_eq!((none.percent(), none.keeps(10_000)), (None, true));
    }

    proptest! {
        #[test]
        fn each_second_is_down_once_at_most(all in vec((0..500_i64, 0..200_i64), 0..20), plans in vec((0..500_i64, 0..200_i64), 0..5), from in 0..300_i64, more in 0..400_i64) {
            let of = |all: &[(i64, i64)]| all.iter().map(|(from, length)| down(*from, from + length)).collect::<Vec<_>>();
            let (downs, planned) = (of(&all), of(&plans));
            let it = availability((at(from), at(from + more)), None, &downs, &planned);
            let has = |all: &[Down], second: i64| all.iter().any(|it| it.from.second() <= second && second < it.to.second());
            let count = |is: &dyn Fn(i64) -> bool| (from..from + more).filter(|it| is(*it)).count() as u64;
            prop_assert_eq!(it.planned, count(&|it| has(&planned, it)));
            prop_assert_eq!(it.agreed, count(&|it| !has(&planned, it)));
            prop_assert_eq!(it.down, count(&|it| has(&downs, it) && !has(&planned, it)));
            prop_assert!(it.failures <= downs.len() as u64);
            // The order of the incidents says nothing.
            let mut turned = downs.clone();
            turned.reverse();
            prop_assert_eq!(availability((at(from), at(from + more)), None, &turned, &planned), it);
        }
    }
}
