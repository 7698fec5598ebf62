//! Places in Chinese, character by character.

use crate::text::token::is_cjk;

/// What a number, a letter or a direction tells one of from the others.
const NOUNS: [&str; 22] = [
    "会议室",
    "會議室",
    "办公室",
    "辦公室",
    "房间",
    "房間",
    "楼",
    "樓",
    "栋",
    "棟",
    "幢",
    "层",
    "層",
    "座",
    "室",
    "厅",
    "區",
    "区",
    "工位",
    "教室",
    "实验室",
    "房",
];

/// Of these there is mostly one.
const KNOWN: [&str; 20] = [
    "地下车库",
    "地下停车场",
    "前台",
    "食堂",
    "餐厅",
    "餐廳",
    "大堂",
    "大厅",
    "大廳",
    "仓库",
    "倉庫",
    "车库",
    "車庫",
    "停车场",
    "停車場",
    "地下室",
    "机房",
    "機房",
    "茶水间",
    "茶水間",
];

/// What may stand behind a floor: 三楼洗手间.
const BEHIND: [&str; 10] =
    ["洗手间", "卫生间", "厕所", "走廊", "电梯口", "会议室", "會議室", "办公室", "辦公室", "打印室"];

const NUMERALS: &str = "一二三四五六七八九十零百";
const DIRECTIONS: &str = "东南西北东東中";

fn counts(it: char) -> bool {
    it.is_ascii_alphanumeric() || "-.号號第".contains(it) || NUMERALS.contains(it) || DIRECTIONS.contains(it)
}

/// The first place with a number, a letter or a direction: `B栋5楼`, `三楼东侧`, `1002会议室`.
pub(super) fn find(text: &str) -> Option<String> {
    let (start, mut end) = text.char_indices().find_map(|(at, _)| first(text, at))?;
    while let Some(more) = next(text, end) {
        end = more;
    }
    Some(text[start..end].to_owned())
}

/// The first part of a place, whose noun stands at this byte.
fn first(text: &str, at: usize) -> Option<(usize, usize)> {
    let noun = noun_at(text, at)?;
    let before = &text[..at];
    // "在 3 楼", but not "Windows 11 楼上".
    let spaced = before.strip_suffix(' ').filter(|it| it.ends_with(|it: char| it.is_ascii_digit()));
    let before = spaced.unwrap_or(before);
    let run = before.trim_end_matches(counts);
    let which = &before[run.len()..];
    // 周三会议室 is a room on Wednesday.
    let weekday = run.ends_with(['周', '週', '期', '拜']);
    let which = trimmed(if weekday { which.trim_start_matches(|it| NUMERALS.contains(it)) } else { which });
    let worded = spaced.is_some() && run.trim_end().ends_with(|it: char| it.is_ascii_alphanumeric());
    let start = before.len() - which.len();
    // 台北办公室 is in a city.
    let city = which.chars().all(|it| DIRECTIONS.contains(it))
        && text[..start].ends_with(|it: char| is_cjk(it) && !"在到是的从從去和跟".contains(it));
    if tells(which, noun) && !worded && !city && !is_other(&text[at..], noun) {
        let below = ["地下", "负", "負"].iter().find(|it| text[..start].ends_with(**it));
        return Some((start - below.map_or(0, |it| it.len()), at + noun.len()));
    }
    // 会议室A
    let behind = &text[at + noun.len()..];
    let gap = usize::from(behind.starts_with(' '));
    let behind = &behind[gap..];
    // "工位7C-019"
    let end = behind.find(|it: char| !(it.is_ascii_alphanumeric() || it == '-')).unwrap_or(behind.len());
    let code = behind[..end].trim_end_matches('-');
    let is_whole = code.split('-').all(|it| !it.is_empty() && it.len() <= 4);
    let coded = matches!(noun, "会议室" | "會議室" | "工位")
        && code.split('-').next().is_some_and(is_code)
        && is_whole
        && !is_amount(&behind[code.len()..]);
    coded.then(|| (at, at + noun.len() + gap + code.len()))
}

fn noun_at(text: &str, at: usize) -> Option<&'static str> {
    NOUNS.iter().find(|it| text[at..].starts_with(**it)).copied()
}

/// Without what cannot start a number: the 中 of "其中3楼".
fn trimmed(which: &str) -> &str {
    let which = which.trim_start_matches(['-', '.', '号', '號']);
    let behind = which.trim_start_matches('中');
    if behind.is_empty() { which } else { behind }
}

/// Whether these characters tell which of its kind is meant.
fn tells(which: &str, noun: &str) -> bool {
    let numbered = which.chars().any(|it| it.is_ascii_digit() || NUMERALS.contains(it));
    let letters = which.chars().filter(|it| it.is_ascii_alphabetic()).count();
    let directed = which.chars().any(|it| DIRECTIONS.contains(it));
    match noun {
        "工位" | "房" => is_code(which),
        "座" | "厅" | "区" | "區" => {
            is_code(which) || (noun != "厅" && directed && which.chars().count() == 1)
        }
        "层" | "層" | "室" => numbered && letters <= 2,
        _ => (numbered && letters <= 2) || letters == 1 || (directed && letters == 0),
    }
}

/// `302`, `A`, `B12`; no word such as `wifi`.
fn is_code(word: &str) -> bool {
    let digits = word.chars().filter(|it| it.is_ascii_digit()).count();
    let letters = word.chars().filter(|it| it.is_ascii_alphabetic()).count();
    let plain = word.chars().all(|it| it.is_ascii_alphanumeric());
    plain && (letters == 1 && digits <= 4 || letters <= 2 && (1..=4).contains(&digits))
}

/// 座机 is a telephone, 座位 a seat, 三层楼 are three floors and 三层交换机 is a switch.
fn is_other(here: &str, noun: &str) -> bool {
    let behind = &here[noun.len()..];
    let floors =
        matches!(noun, "层" | "層") && behind.starts_with(['楼', '樓', '交', '负', '网', '协', '架']);
    floors
        || (noun == "座" && behind.starts_with(['机', '機', '位', '椅']))
        || (noun == "室" && behind.starts_with(['内', '外', '温']))
}

/// The end of what belongs to a place that ends here so far.
fn next(text: &str, end: usize) -> Option<usize> {
    let rest = &text[end..];
    let gap = rest.len() - rest.strip_prefix(' ').unwrap_or(rest).len();
    let rest = &rest[gap..];
    let named = KNOWN.iter().chain(&BEHIND).find(|it| rest.starts_with(**it)).map(|it| it.len());
    let run = &rest[..rest.find(|it| !counts(it)).unwrap_or(rest.len())];
    let behind = &rest[run.len()..];
    let part = || {
        let noun = noun_at(text, end + gap + run.len())?;
        (tells(run, noun) && !is_other(behind, noun)).then_some(run.len() + noun.len())
    };
    let side = || {
        let directed = !run.is_empty() && run.chars().all(|it| DIRECTIONS.contains(it));
        let sided = directed && behind.starts_with(['侧', '側', '边', '邊', '面', '角', '翼']);
        sided.then(|| run.len() + behind.chars().next().map_or(0, char::len_utf8))
    };
    // A room's number: 三楼302, but not 三楼12个人.
    let number = || {
        let room = run.trim_end_matches(['.', '-']);
        (room.len() >= 2
            && is_code(room)
            && !is_paper(room)
            && room.contains(|it: char| it.is_ascii_digit())
            && !is_amount(behind))
        .then_some(room.len())
    };
    named.or_else(part).or_else(side).or_else(number).map(|it| end + gap + it)
}

fn is_paper(code: &str) -> bool {
    matches!(code, "A3" | "A4" | "a3" | "a4")
}

fn is_amount(behind: &str) -> bool {
    behind.trim_start().starts_with([
        '个', '個', '人', '台', '名', '位', '点', '點', '分', '月', '天', '年', '度', '%', '兆', '次', '小',
        ':', '：',
    ])
}

/// A place that there is one of.
pub(super) fn known(text: &str) -> Option<String> {
    const PROGRAMS: [&str; 7] = ["程序", "页面", "系统", "界面", "软件", "运行", "代码"];
    const STORES: [&str; 5] = ["代码", "码", "git", "镜像", "数据"];
    let place = |name: &&str| {
        let at = text.find(*name)?;
        let behind = &text[at + name.len()..];
        let before = text[..at].to_lowercase();
        let program = PROGRAMS.iter().any(|it| behind.starts_with(it));
        let store = STORES.iter().any(|it| before.trim_end().ends_with(it));
        (!program && !store).then_some(at)
    };
    let named = KNOWN.iter().filter_map(|it| Some((place(it)?, it))).min_by_key(|(at, _)| *at);
    let home = text.contains("在家") || matches!(text.trim(), "家" | "家里" | "家裡");
    named.map(|(_, it)| (*it).to_owned()).or_else(|| home.then(|| "家里".to_owned()))
}
