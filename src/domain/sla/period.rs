//! Periods of reports: days, weeks from Monday, and months, as the clocks of a zone show them.

use jiff::{
    ToSpan as _,
    civil::{Date, Weekday},
    tz::TimeZone,
};

use super::Timestamp;

/// How long periods are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Length {
    /// A day.
    Day,
    /// From Monday to Sunday.
    Week,
    /// A month.
    Month,
    /// Three months, from January, April, July or October.
    Quarter,
}

/// A period; the first and the last of a report are cut off where it begins and ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// Its first day.
    pub first: Date,
    /// Its last day.
    pub last: Date,
    /// Its first moment.
    pub from: Timestamp,
    /// The moment behind its last.
    pub to: Timestamp,
}

impl Length {
    /// The first and the last day of the period that a day is in.
    pub fn around(self, day: Date) -> (Date, Date) {
        match self {
            Self::Day => (day, day),
            Self::Week => {
                let first = day.saturating_sub(i64::from(day.weekday().since(Weekday::Monday)).days());
                (first, first.saturating_add(6.days()))
            }
            Self::Month => (day.first_of_month(), day.last_of_month()),
            Self::Quarter => {
                let first = day.first_of_month().saturating_sub(i64::from((day.month() - 1) % 3).months());
                (first, first.saturating_add(2.months()).last_of_month())
            }
        }
    }
}

/// The periods from one day to another, both included, in order and without a gap; `None` if there are more than
/// `most`.
pub fn periods(from: Date, to: Date, length: Length, zone: &TimeZone, most: usize) -> Option<Vec<Period>> {
    let mut all = Vec::new();
    let mut day = from;
    while day <= to {
        if all.len() == most {
            return None;
        }
        let last = length.around(day).1.min(to);
        let next = last.saturating_add(1.day());
        all.push(Period { first: day, last, from: begins(day, zone), to: begins(next, zone) });
        if next <= last {
            break;
        }
        day = next;
    }
    Some(all)
}

/// When a day begins in a zone; where the clock skips midnight, when it goes on.
/// When a day begins in a zone.
pub fn begins(day: Date, zone: &TimeZone) -> Timestamp {
    let at = day.to_zoned(zone.clone()).map_or(i64::MAX / 1000, |it| it.timestamp().as_second());
    Timestamp::from_second(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(from: &str, to: &str, length: Length) -> Vec<(String, String, i64)> {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let all = periods(from.parse().unwrap(), to.parse().unwrap(), length, &zone, 40).unwrap();
        assert!(all.windows(2).all(|pair| pair[0].to == pair[1].from), "{all:?}");
        let hours = |it: &Period| (it.to.second() - it.from.second()) / 3600;
        all.iter().map(|it| (it.first.to_string(), it.last.to_string(), hours(it))).collect()
    }

    #[test]
    fn days_are_as_long_as_the_clocks_of_the_zone_say() {
        let days: Vec<i64> = of("2027-03-27", "2027-03-29", Length::Day).iter().map(|it| it.2).collect();
        assert_eq!(days, [24, 23, 24]);
    }

    #[test]
    fn weeks_begin_on_monday_and_the_first_and_the_last_are_cut_off() {
        let weeks = of("2027-03-03", "2027-03-16", Length::Week);
        let days: Vec<_> = weeks.iter().map(|it| (it.0.as_str(), it.1.as_str())).collect();
        assert_eq!(
            days,
            [("2027-03-03", "2027-03-07"), ("2027-03-08", "2027-03-14"), ("2027-03-15", "2027-03-16")]
        );
    }

    #[test]
    fn months_have_their_own_lengths() {
        let months: Vec<i64> = of("2028-02-01", "2028-03-31", Length::Month).iter().map(|it| it.2).collect();
        assert_eq!(months, [29 * 24, 31 * 24 - 1]);
        assert_eq!(Length::Month.around(Date::constant(2028, 2, 9)).1.day(), 29);
        let quarter = (Date::constant(2028, 4, 1), Date::constant(2028, 6, 30));
        for month in 4..=6 {
            assert_eq!(Length::Quarter.around(Date::constant(2028, month, 30)), quarter);
        }
    }

    proptest::proptest! {
        /// In whatever zone: a moment is in the period in which its day is, by the calendar on a wall there, and in no
        /// other one.
        #[test]
        fn a_moment_is_in_the_period_of_its_day(
            zone in proptest::sample::select(&super::super::tests::ZONES[..]),
            length in proptest::sample::select(vec![Length::Day, Length::Week, Length::Month, Length::Quarter]),
            (begin, days, at) in (1_330_000_000_i64..2_080_000_000, 0_i64..60, -86_400_i64..86_400 * 62),
        ) {
            let zone = TimeZone::get(zone).unwrap();
            let day = |second| jiff::Timestamp::from_second(second).unwrap().to_zoned(zone.clone()).date();
            let (from, to) = (day(begin), day(begin).saturating_add(days.days()));
            let all = periods(from, to, length, &zone, 100).unwrap();
            let at = begin + at;
            let of: Vec<_> =
                all.iter().filter(|it| (it.from.second()..it.to.second()).contains(&at)).collect();
            let today = day(at);
            proptest::prop_assert_eq!(of.len(), usize::from(from <= today && today <= to));
            for it in of {
                let (first, last) = length.around(today);
                proptest::prop_assert_eq!((it.first, it.last), (first.max(from), last.min(to)));
            }
        }
    }

    #[test]
    fn too_many_are_refused_and_the_end_of_all_days_is_no_circle() {
        let zone = TimeZone::UTC;
        assert_eq!(
            periods(Date::constant(2027, 1, 1), Date::constant(2028, 1, 1), Length::Day, &zone, 365),
            None
        );
        assert_eq!(periods(Date::MAX, Date::MAX, Length::Day, &zone, 5).map(|it| it.len()), Some(1));
        assert_eq!(periods(Date::MAX, Date::MIN, Length::Day, &zone, 5), Some(vec![]));
    }
}
