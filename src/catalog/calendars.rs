//! Calendars: a zone, the hours of a week, and the dates that are not like other days.

use super::{
    ics::Holidays,
    item::{Item, Map},
    sections::{Noun, Sections},
    special::special,
};
use crate::domain::calendar::{BadCalendar, Calendar, DAYS, Hours};

/// The hours of each day, Monday first.
pub(super) type Week = [Vec<Hours>; 7];

/// Stretches of one day.
pub(super) const STRETCHES: usize = 24;
/// Longest name of a zone, in characters.
const ZONE: usize = 64;

pub(super) fn calendars(sections: &Sections<'_>, files: &Holidays<'_>) -> Vec<Calendar> {
    sections.items(Noun::Calendar).iter().filter_map(|it| calendar(it, files)).collect()
}

fn calendar(item: &Item<'_>, files: &Holidays<'_>) -> Option<Calendar> {
    let map = item.map(&["id", "zone", "hours", "holidays_from", "holidays", "exceptions"])?;
    let id = map.need("id").and_then(|it| it.id());
    let zone = map.need("zone");
    let zone = zone.as_ref().and_then(|it| Some((it, it.text(ZONE)?)));
    let hours = map.need("hours");
    let week = hours.as_ref().and_then(Item::open_map).and_then(|it| week(&it));
    let good_week = week.is_some();
    // Any week will do to learn what else is wrong; the faults of this one are told already.
    let week = week.unwrap_or_else(|| std::array::from_fn(|_| vec![Hours { from: 0, to: 86_400 }]));
    let special = special(&map, files, &week, zone.as_ref().map(|(_, name)| name.as_str()));

    let (zone, zone_name) = zone?;
    match Calendar::new(&id?, &zone_name, week, special?) {
        Ok(calendar) => good_week.then_some(calendar),
        Err(bad) => {
            match bad {
                BadCalendar::Zone(_) => zone.fault(bad.to_string()),
                BadCalendar::NeverOpen | BadCalendar::Backwards | BadCalendar::Overlap => {
                    item.fault(bad.to_string());
                }
            }
            None
        }
    }
}

fn week(map: &Map<'_>) -> Option<Week> {
    let mut week: [Vec<(Hours, Item<'_>)>; 7] = Default::default();
    let mut good = true;
    for (key, item) in map.each() {
        let (Some(days), Some(stretches)) = (days(key, &item), item.one_or_list(STRETCHES)) else {
            good = false;
            continue;
        };
        for stretch in stretches {
            let hours = stretch.hours();
            good &= hours.is_some();
            let days = &mut week[days.clone()];
            days.iter_mut().for_each(|day| day.extend(hours.map(|it| (it, stretch.clone()))));
        }
    }
    good &= !overlap(&mut week);
    if good && week.iter().all(Vec::is_empty) {
        map.item().fault(BadCalendar::NeverOpen.to_string());
        good = false;
    }
    good.then(|| week.map(|day| day.into_iter().map(|(hours, _)| hours).collect()))
}

/// A day such as `mon`, or several such as `mon-fri`.
fn days(key: &str, item: &Item<'_>) -> Option<std::ops::RangeInclusive<usize>> {
    let (first, last) = key.split_once('-').unwrap_or((key, key));
    let day = |name: &str| {
        let found = DAYS.iter().position(|it| *it == name.trim());
        if found.is_none() {
            item.unknown("there is no day", name, DAYS.into_iter());
        }
        found
    };
    let (first, last) = (day(first)?, day(last)?);
    if first > last {
        item.fault(format!("{} comes after {}; days run from mon to sun", DAYS[first], DAYS[last]));
        return None;
    }
    Some(first..=last)
}

/// Reports the first day of which two stretches share time.
fn overlap(week: &mut [Vec<(Hours, Item<'_>)>; 7]) -> bool {
    week.iter_mut().zip(DAYS).any(|(day, name)| shares_time(day, name))
}

/// Reports the first stretch of a day that shares time with another.
pub(super) fn shares_time(day: &mut [(Hours, Item<'_>)], name: &str) -> bool {
    day.sort_by_key(|(hours, _)| *hours);
    let pair = day.windows(2).find(|pair| pair[1].0.from < pair[0].0.to);
    if let Some([(_, first), (_, second)]) = pair {
        let (file, line) = first.place();
        second.fault(format!("shares time with other hours of {name} ({file}:{line})"));
    }
    pair.is_some()
}
