//! Answers that name no place.

use super::latin::bare;

pub(super) fn is_vague(text: &str) -> bool {
    latin(text) || chinese(text)
}

fn latin(text: &str) -> bool {
    const NOWHERE: [&str; 13] = [
        "here",
        "desk",
        "office",
        "work",
        "workplace",
        "workstation",
        "building",
        "seat",
        "everywhere",
        "anywhere",
        "room",
        "company",
        "place",
    ];
    const FILLERS: [&str; 18] = [
        "i", "i'm", "im", "am", "it", "it's", "is", "we", "are", "just", "right", "over", "at", "in", "on",
        "my", "the", "our",
    ];
    let words: Vec<String> =
        text.split_whitespace().map(bare).filter(|it| !it.is_empty() && it != "please").collect();
    let named = |it: &&String| NOWHERE.contains(&it.as_str());
    words.iter().any(|it| named(&it)) && words.iter().all(|it| named(&it) || FILLERS.contains(&it.as_str()))
}

fn chinese(text: &str) -> bool {
    const NOWHERE: [&str; 17] = [
        "这",
        "這",
        "这边",
        "這邊",
        "工位",
        "座位",
        "位子",
        "位置",
        "办公室",
        "辦公室",
        "公司",
        "单位",
        "單位",
        "大楼",
        "桌子",
        "办公桌",
        "到处",
    ];
    let core = text.trim_matches(|it: char| !it.is_alphanumeric());
    let core = core.trim_start_matches(['就', '在', '我', '们', '們', '的', '是', '自', '己']);
    let core = core.trim_end_matches(['上', '里', '裡', '儿', '呢', '吧', '啊', '了']);
    NOWHERE.contains(&core)
}
