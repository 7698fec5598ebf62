//! Places as people write them: `3rd floor`, `room 2.14`, `building C`, `三楼会议室`.

/// The first place that a text names, with what belongs to it on either side.
pub fn find(text: &str) -> Option<String> {
    latin(text).or_else(|| chinese(text))
}

/// Whether a whole answer names no place that anyone could walk to.
pub fn is_vague(text: &str) -> bool {
    const VAGUE: [&str; 8] =
        ["here", "at my desk", "my desk", "everywhere", "就在工位上", "工位", "这里", "办公室"];
    VAGUE.contains(&text.trim().to_lowercase().as_str())
}

const NOUNS: [&str; 12] = [
    "room", "floor", "building", "level", "office", "wing", "kitchen", "lobby", "hall", "lab", "desk",
    "meeting",
];

const ORDINALS: [&str; 7] = ["ground", "first", "second", "third", "fourth", "fifth", "top"];

fn latin(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    (0..words.len()).filter(|at| is_noun(words[*at])).find_map(|at| around(&words, at))
}

/// The place round a noun. A lone noun says nothing: which room?
fn around(words: &[&str], at: usize) -> Option<String> {
    let start = words[..at].iter().rposition(|it| !belongs(it)).map_or(0, |it| it + 1);
    let end = words[at..].iter().position(|it| !belongs(it)).map_or(words.len(), |it| at + it);
    let place = words[start..end].join(" ");
    let place = place.trim_matches(|c: char| !c.is_alphanumeric());
    words[start..end].iter().any(|it| is_designation(it)).then(|| place.to_owned())
}

fn bare(word: &str) -> String {
    word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase()
}

fn is_noun(word: &str) -> bool {
    NOUNS.contains(&bare(word).as_str())
}

/// A number or a letter that tells one room, floor or building from the others.
fn is_designation(word: &str) -> bool {
    let bare = bare(word);
    // "Building A" is one; "a building" and "I" are not.
    let written = word.trim_matches(|c: char| !c.is_alphanumeric());
    let letter = bare.len() == 1 && written != "a" && bare != "i";
    letter || ORDINALS.contains(&bare.as_str()) || bare.chars().any(|c| c.is_ascii_digit())
}

fn belongs(word: &&str) -> bool {
    is_noun(word) || is_designation(word)
}

fn chinese(text: &str) -> Option<String> {
    let chars: Vec<char> = text.chars().collect();
    let counts =
        |it: &char| it.is_ascii_alphanumeric() || "一二三四五六七八九十零百号东南西北中".contains(*it);
    let ends = |at: usize| match chars[at] {
        '楼' | '栋' | '层' => Some(at + 1),
        '会' if chars[at..].starts_with(&['会', '议', '室']) => Some(at + 3),
        '房' if chars[at..].starts_with(&['房', '间']) => Some(at + 2),
        _ => None,
    };
    let (at, mut end) =
        (0..chars.len()).find_map(|at| Some((at, ends(at)?)).filter(|_| at > 0 && counts(&chars[at - 1])))?;
    let start = chars[..at].iter().rposition(|it| !counts(it)).map_or(0, |it| it + 1);
    while end < chars.len() {
        let more = chars[end..].iter().take_while(|it| counts(it)).count();
        let Some(next) = chars.get(end + more).and_then(|_| ends(end + more)) else {
            // A room's number: "三楼302".
            end += if more >= 2 { more } else { 0 };
            break;
        };
        end = next;
    }
    Some(chars[start..end].iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_found_as_written() {
        for (text, place) in [
            ("water drips from the ceiling in room 2.14 since noon", Some("room 2.14")),
            ("it is freezing on the 3rd floor, please help", Some("3rd floor")),
            ("Building C floor 2 has no light", Some("Building C floor 2")),
            ("second floor, next to the kitchen", Some("second floor")),
            ("the light in my office is broken", None),
            ("三楼会议室的灯坏了", Some("三楼会议室")),
            ("B栋5楼很冷", Some("B栋5楼")),
            ("三楼302", Some("三楼302")),
            ("2nd floor, building A", Some("2nd floor, building A")),
            ("is there a building", None),
            ("很冷", None),
        ] {
            assert_eq!(find(text).as_deref(), place, "{text}");
        }
    }
}
