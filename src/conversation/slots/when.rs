//! Points in time as people write them: `yesterday at 3pm`, `2026-03-01 14:00`, `今天下午3点`.

mod clock;
mod date;
mod day;
mod distance;
mod words;

use jiff::{civil, tz::TimeZone};

use super::{super::lexicon::lower, plausible};
use crate::domain::time::Timestamp;

use distance::Distance;
use words::Text;

/// The point in time that a text names, read on the clocks of `zone`; a day without a time is its noon.
pub fn find(text: &str, now: Timestamp, zone: &str) -> Option<Timestamp> {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let today = jiff::Timestamp::from_second(now.second()).ok()?.to_zoned(zone.clone()).date();
    let text = lower(text);
    let text = Text::of(&text);
    if let Some(Distance::Minutes(minutes)) = distance::find(&text) {
        let at = Timestamp::from_second(now.second().checked_add(minutes.checked_mul(60)?)?);
        return plausible(at, now).then_some(at);
    }
    let (day, time) = (day::find(&text, today), clock::find(&text));
    // "Every day at 5pm" is no point in time.
    let time = time.filter(|_| day.is_some() || !recurs(&text));
    if day.is_none() && time.is_none() {
        return text.says_any(&["just now", "刚才", "刚刚", "剛才", "剛剛"]).then_some(now);
    }
    let day = day.unwrap_or(today);
    let time = time.unwrap_or(civil::time(12, 0, 0, 0));
    let at = Timestamp::from_second(day.to_datetime(time).to_zoned(zone).ok()?.timestamp().as_second());
    plausible(at, now).then_some(at)
}

fn recurs(text: &Text<'_>) -> bool {
    let often = |pair: &[&str]| {
        matches!(pair[0], "every" | "each")
            && (pair[1].ends_with("day") || matches!(pair[1], "morning" | "afternoon" | "evening" | "night"))
    };
    text.words.windows(2).any(often) || text.says_any(&["每天", "每周", "每晚", "每个"])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads(cases: &[(&str, &str)]) {
        let now = Timestamp::parse("2026-03-04T09:00:00Z").unwrap();
        for (text, at) in cases {
            let zone = TimeZone::get("Europe/Berlin").unwrap();
            let local = |it: Timestamp| {
                let it = jiff::Timestamp::from_second(it.second()).unwrap().to_zoned(zone.clone());
                it.strftime("%Y-%m-%d %H:%M").to_string()
            };
            assert_eq!(find(text, now, "Europe/Berlin").map(local).unwrap_or_default(), *at, "{text}");
        }
    }

    #[test]
    fn times_are_read_as_people_write_them() {
        reads(&[
            ("yesterday at 3pm on the train", "2026-03-03 15:00"),
            ("2026-03-01 14:30", "2026-03-01 14:30"),
            ("last friday", "2026-02-27 12:00"),
            ("friday 9 am", "2026-03-06 09:00"),
            ("今天下午3点半", "2026-03-04 15:30"),
            ("昨天", "2026-03-03 12:00"),
            ("I have a client call at 3", "2026-03-04 15:00"),
            ("tomorrow at 10, please", "2026-03-05 10:00"),
            ("the workshop is at three today", "2026-03-04 15:00"),
            ("at 3.30 p.m.", "2026-03-04 15:30"),
            ("at 3 pm", "2026-03-04 15:00"),
            ("half past three", "2026-03-04 15:30"),
            ("quarter to 10", "2026-03-04 09:45"),
            ("9 o'clock tomorrow", "2026-03-05 09:00"),
            ("tonight at 8", "2026-03-04 20:00"),
            ("at 5 in the morning", "2026-03-04 05:00"),
            ("at 10:30 this morning", "2026-03-04 10:30"),
            ("12 am", "2026-03-04 00:00"),
            ("晚上10点半", "2026-03-04 22:30"),
            ("昨晚8点", "2026-03-03 20:00"),
            ("下午 3 点", "2026-03-04 15:00"),
            ("明天上午9点", "2026-03-05 09:00"),
            ("3点一刻", "2026-03-04 15:15"),
            ("早上八点二十分", "2026-03-04 08:20"),
            ("昨天晚上 8：30", "2026-03-03 20:30"),
            ("昨天晚上大概8点", "2026-03-03 20:00"),
            ("flickers since this morning, I have a client call at 3", "2026-03-04 15:00"),
            ("yesterday evening, around 8", "2026-03-03 20:00"),
            ("6 in the evening", "2026-03-04 18:00"),
            ("a client call at 1:30", "2026-03-04 13:30"),
            ("三点", "2026-03-04 15:00"),
            ("last night at 2", "2026-03-03 20:00"),
            ("since about 9", "2026-03-04 09:00"),
            ("it broke at 10:30, I need it this evening", "2026-03-04 10:30"),
        ]);
    }

    #[test]
    fn a_part_of_the_day_stands_for_an_hour() {
        reads(&[
            ("it broke this morning", "2026-03-04 09:00"),
            ("since noon", "2026-03-04 12:00"),
            ("yesterday evening", "2026-03-03 20:00"),
            ("last night", "2026-03-03 20:00"),
            ("friday afternoon", "2026-03-06 15:00"),
            ("Good morning, it broke this afternoon", "2026-03-04 15:00"),
            ("昨天晚上", "2026-03-03 20:00"),
            ("昨晚断网了", "2026-03-03 20:00"),
            ("明早", "2026-03-05 09:00"),
            ("下午好，今天中午坏的", "2026-03-04 12:00"),
        ]);
    }

    #[test]
    fn dates_are_read_in_their_usual_forms() {
        reads(&[
            ("on 16.11.", "2025-11-16 12:00"),
            ("it was 16.11.2025", "2025-11-16 12:00"),
            ("since 16.11.25, 14:30", "2025-11-16 14:30"),
            ("2026/11/16 9am", "2026-11-16 09:00"),
            ("11月16日", "2025-11-16 12:00"),
            ("2026年3月16号下午两点", "2026-03-16 14:00"),
            ("16 Apr", "2026-04-16 12:00"),
            ("Apr 16, 2027 at 2pm", "2027-04-16 14:00"),
            ("November 16th", "2025-11-16 12:00"),
            ("16th of November 2026", "2026-11-16 12:00"),
            ("16. November", "2025-11-16 12:00"),
            ("on 3 May", "2026-05-03 12:00"),
            ("I need it by the 5th", "2026-03-05 12:00"),
            ("on the 28th.", "2026-02-28 12:00"),
        ]);
    }

    #[test]
    fn weekdays_are_the_coming_ones_unless_said_otherwise() {
        reads(&[
            ("on monday", "2026-03-09 12:00"),
            ("next friday", "2026-03-13 12:00"),
            ("monday next week", "2026-03-09 12:00"),
            ("since monday", "2026-03-02 12:00"),
            ("on monday it broke", "2026-03-02 12:00"),
            ("by fri 9 am", "2026-03-06 09:00"),
            ("Thu", "2026-03-05 12:00"),
            ("monday's meeting", "2026-03-09 12:00"),
            ("星期五下午", "2026-03-06 15:00"),
            ("礼拜天", "2026-03-08 12:00"),
            ("下周一", "2026-03-09 12:00"),
            ("上上周一", "2026-02-16 12:00"),
            ("thu 9:30", "2026-03-05 09:30"),
            ("上周一", "2026-02-23 12:00"),
            ("上个星期五", "2026-02-27 12:00"),
            ("从周一开始", "2026-03-02 12:00"),
            ("last week", "2026-02-25 12:00"),
            ("下周", "2026-03-11 12:00"),
        ]);
    }

    #[test]
    fn distances_are_counted_from_now() {
        reads(&[
            ("2 days ago at 3pm", "2026-03-02 15:00"),
            ("3天前", "2026-03-01 12:00"),
            ("an hour ago", "2026-03-04 09:00"),
            ("about half an hour ago", "2026-03-04 09:30"),
            ("20 minutes ago", "2026-03-04 09:40"),
            ("半小时前", "2026-03-04 09:30"),
            ("一个半小时前", "2026-03-04 08:30"),
            ("十五分钟前", "2026-03-04 09:45"),
            ("in 2 hours", "2026-03-04 12:00"),
            ("两小时后", "2026-03-04 12:00"),
            ("in three days", "2026-03-07 12:00"),
            ("two weeks ago", "2026-02-18 12:00"),
            ("大前天", "2026-03-01 12:00"),
            ("大后天", "2026-03-07 12:00"),
            ("the day after tomorrow", "2026-03-06 12:00"),
            ("it died just now", "2026-03-04 10:00"),
            ("刚才", "2026-03-04 10:00"),
        ]);
    }

    #[test]
    fn most_numbers_and_words_are_no_time() {
        let texts = [
            "12 people on floor 3",
            "at 99:99",
            "2031-01-01",
            "error 404 on page 2",
            "windows 11 update 23H2 fails",
            "printer 3 on level 2",
            "call me on 555-123-4567",
            "LT-20417 and INC-000123 are the same",
            "we are 3 at the office",
            "I installed version 16.11.2 and now outlook is gone",
            "updated to version 16.11.",
            "build 10.0.19045.3803 on the laptop",
            "cannot ping 10.1.2.3 nor 10.1.2.30:22",
            "the projector in room 2.10.",
            "it took 3.5 hours",
            "it crashed 3 times in 2 days",
            "at 3 places in the hall",
            "the cpu is stuck at 12",
            "we are around 5 in the team",
            "costs went up by 3 euros, at 5% tax",
            "room 12 may be too small and it may be broken",
            "I sat in the sun and we wed",
            "Good morning, my screen is black",
            "every monday the backup fails",
            "on the 5th floor",
            "the 2nd monitor flickers",
            "mac 00:1a:2b:30:45:11 and fe80::10:20",
            "report-2026-03-01-final.xlsx is locked",
            "there is no room, one by one they left",
        ];
        reads(&texts.map(|it| (it, "")));
    }

    #[test]
    fn most_chinese_texts_name_no_time() {
        let texts = [
            "早上好，电脑有点慢",
            "有三点问题，快一点",
            "有一点慢，第3点最急",
            "1 1/2 hours ago",
            "every friday at 3 and every day at 5pm",
            "每天早上9点都断网",
            "一周一次",
            "开机5分钟后死机",
            "三楼会议室有12个人",
            "",
        ];
        reads(&texts.map(|it| (it, "")));
    }
}
