//! Places as people write them: `3rd floor`, `room 2.14`, `building C`, `三楼会议室`.

mod chinese;
mod latin;
mod vague;

/// The first place that a text names, with what belongs to it on either side. A well-known place without a
/// number, such as the reception, counts where there is nothing better.
pub fn find(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let exact = latin::find(&words).or_else(|| chinese::find(text));
    exact.or_else(|| latin::known(&words)).or_else(|| chinese::known(text))
}

/// Whether a whole answer names no place that anyone could walk to: `at my desk`, `就在工位上`.
pub fn is_vague(text: &str) -> bool {
    let text = text.to_lowercase().replace('’', "'");
    vague::is_vague(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads(cases: &[(&str, &str)]) {
        for (text, place) in cases {
            assert_eq!(find(text).unwrap_or_default(), *place, "{text}");
        }
    }

    #[test]
    fn places_are_found_as_written() {
        reads(&[
            ("water drips from the ceiling in room 2.14 since noon", "room 2.14"),
            ("it is freezing on the 3rd floor, please help", "3rd floor"),
            ("Building C floor 2 has no light", "Building C floor 2"),
            ("second floor, next to the kitchen", "second floor"),
            ("2nd floor, building A", "2nd floor, building A"),
            ("12 people on floor 3", "floor 3"),
            ("printer 3 on level 2", "level 2"),
            ("Floor 3. 2 people are cold", "Floor 3"),
            ("the projector in room Berlin is dead", "room Berlin"),
            ("we sit in meeting room Aurora", "meeting room Aurora"),
            ("Conference Room New York", "Conference Room New York"),
            ("no sound in conference room Oslo, again", "conference room Oslo"),
            ("meeting room 4 is cold", "meeting room 4"),
            ("the copier on 3F", "3F"),
            ("Office 365 fails in office 204", "office 204"),
            ("office A-204", "office A-204"),
            ("desk B3.14, please", "desk B3.14"),
            ("Raum 2.14", "Raum 2.14"),
            ("the sink in the kitchen on floor 2 leaks", "kitchen on floor 2"),
            ("room 204 on the 3rd floor", "room 204 on the 3rd floor"),
            ("2nd floor kitchen", "2nd floor kitchen"),
            ("north wing", "north wing"),
            ("I sit in 302 room", "302 room"),
            ("kitchen 3rd floor", "kitchen 3rd floor"),
            ("our room on level 3, B wing", "room on level 3, B wing"),
            ("parking garage level 2", "parking garage level 2"),
            ("warehouse 3", "warehouse 3"),
            ("Room no. 204", "Room no. 204"),
            ("it is on floor three", "floor three"),
            ("the meeting room Aurora's TV", "meeting room Aurora"),
            ("building 7 (north)", "building 7"),
            ("3rd floor. Support is welcome", "3rd floor"),
            ("on floor 3 people are freezing", "floor 3"),
        ]);
    }

    #[test]
    fn chinese_places_come_back_whole() {
        reads(&[
            ("三楼会议室的灯坏了", "三楼会议室"),
            ("B栋5楼很冷", "B栋5楼"),
            ("三楼302", "三楼302"),
            ("三楼东侧没有网", "三楼东侧"),
            ("A座12层", "A座12层"),
            ("2号楼8层停电", "2号楼8层"),
            ("1002会议室投影坏了", "1002会议室"),
            ("在10楼1002会议室", "10楼1002会议室"),
            ("406房间", "406房间"),
            ("302室的空调", "302室"),
            ("在B栋", "B栋"),
            ("三樓會議室", "三樓會議室"),
            ("B棟5層", "B棟5層"),
            ("B栋 5楼 302室", "B栋 5楼 302室"),
            ("3楼12个人很冷", "3楼"),
            ("三楼wifi很慢", "三楼"),
            ("三楼茶水间漏水", "三楼茶水间"),
            ("其中3楼", "3楼"),
            ("第二会议室", "第二会议室"),
            ("会议室A", "会议室A"),
            ("12个人在五楼A区", "五楼A区"),
            ("我在 3 楼", "3 楼"),
            ("会议室 A", "会议室 A"),
            ("下周一3楼会议室", "3楼会议室"),
            ("地下一层", "地下一层"),
            ("A12工位", "A12工位"),
            ("三楼A4打印机", "三楼"),
            ("科技园B栋12楼1201", "B栋12楼1201"),
        ]);
    }

    #[test]
    fn well_known_places_need_no_number() {
        reads(&[
            ("the printer at the reception", "reception"),
            ("at reception", "reception"),
            ("the light in the parking garage is off", "parking garage"),
            ("it is hot in the server room", "server room"),
            ("the main entrance", "main entrance"),
            ("in the canteen, floor 2", "canteen, floor 2"),
            ("VPN fails from home", "home"),
            ("home office", "home"),
            ("Home", "home"),
            ("我在家办公", "家里"),
            ("前台的电话坏了", "前台"),
            ("地下室漏水", "地下室"),
            ("食堂很冷，三楼也冷", "三楼"),
        ]);
    }

    #[test]
    fn most_texts_name_no_place() {
        let texts = [
            "the light in my office is broken",
            "is there a building",
            "the kitchen sink is blocked",
            "the coffee machine next to the kitchen",
            "there is no room for it on the disk",
            "the level of detail is too low",
            "in the office 365 app",
            "Office 365 asks for a password",
            "install office 2019 for me",
            "Microsoft Office 16 crashes",
            "I need windows level 3 support",
            "1st level support did not call back",
            "the battery level 20% is too low",
            "just floor it",
            "we are 3 at the office",
            "the meeting 2 hours ago was cancelled",
            "my first meeting today",
            "I put it on my desk LT-20417",
            "book the room 14:30",
            "the meeting room TV is black",
            "Meeting Room Display is broken",
            "we were in the room Monday",
            "the wifi reception is bad",
            "I cannot open my home drive from home drive letter H",
            "call me on 555-123-4567",
            "error 404 on page 2",
            "windows 11 home",
            "in the room 5 minutes ago",
            "TOPdesk is down, top desk too",
        ];
        reads(&texts.map(|it| (it, "")));
    }

    #[test]
    fn most_chinese_texts_name_no_place() {
        let texts = [
            "很冷",
            "楼上很吵",
            "座机坏了，2座机",
            "中层领导",
            "代码仓库打不开",
            "前台程序崩溃",
            "大家都连不上WIFI楼层",
            "两层楼都停电",
            "三层楼都停电",
            "三层交换机坏了",
            "周三会议室预定",
            "it is 5f outside",
            "service desk 24",
            "装 Windows 11 楼上的电脑",
            "my second office app",
            "",
        ];
        reads(&texts.map(|it| (it, "")));
    }

    #[test]
    fn an_answer_that_leads_nowhere_is_vague() {
        for text in [
            "here",
            "Right here.",
            "at my desk",
            "my desk",
            "I'm at my desk",
            "in the office",
            "at work",
            "in my office",
            "everywhere",
            "in the building",
            "at my desk, please",
            "这里",
            "工位",
            "就在工位上",
            "我的工位",
            "办公室",
            "在公司",
            "公司",
            "位子上",
            "座位上。",
            "在我们办公室里",
            "就这儿吧",
        ] {
            assert!(is_vague(text), "{text}");
        }
    }

    #[test]
    fn an_answer_that_leads_somewhere_is_not_vague() {
        for text in [
            "the whole building",
            "whole office",
            "room 204",
            "my desk in room 204",
            "desk 14",
            "reception",
            "home",
            "building C",
            "Berlin",
            "整栋楼",
            "三楼办公室",
            "家里",
            "前台",
            "会议室A",
            "",
            "在",
            "no",
        ] {
            assert!(!is_vague(text), "{text}");
        }
    }
}
