//! Reading a reply clause by clause: what it answers, and what else it says. "Yes, and it is on the third
//! floor" agrees and tells a place; "right, but please don't open it yet" does not agree.

use super::{
    lexicon::{Answer, behind, lower, plain, trimmed},
    phrases::Phrases,
};
use crate::text::token::is_cjk;

/// A reply to a question of yes or no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading<'a> {
    /// `Cancel` if any clause says so; else the last clause that is a `Yes` or a `No`.
    pub answer: Option<Answer>,
    /// The clauses, or parts of them, that say something else.
    pub rest: Vec<&'a str>,
}

impl<'a> Reading<'a> {
    /// Reads a reply.
    pub fn of(phrases: &Phrases, text: &'a str) -> Self {
        let mut reading = Self { answer: None, rest: vec![] };
        for clause in clauses(text) {
            let (answer, rest) = clause_of(phrases, clause);
            if reading.answer != Some(Answer::Cancel) {
                reading.answer = answer.or(reading.answer);
            }
            reading.rest.extend(Some(rest).filter(|it| !it.is_empty()));
        }
        reading
    }

    /// Whether it says nothing beside its answer.
    pub fn is_bare(&self) -> bool {
        self.rest.is_empty()
    }
}

/// Whether a text is a no and nothing more; "no thanks" wants nothing instead.
pub fn is_plain_no(phrases: &Phrases, text: &str) -> bool {
    let polite = |said: &str| said.contains("thank") || said.contains('谢');
    phrases.is(Answer::No, text) && !polite(&lower(text))
}

/// Whether some clause of a text begins everything again.
pub fn starts_over(phrases: &Phrases, text: &str) -> bool {
    /// A longer clause tells something else.
    const SHORT: usize = 30;
    let said = |clause: &str| {
        let clause = filled_out(phrases, clause);
        let lower = lower(clause);
        // "Restart" among other words is what somebody did to a computer.
        let within = |it: &&String| *it == "start over" || (!it.is_ascii() && it.chars().count() > 2);
        let mut phrase = phrases.words(Answer::StartOver).filter(within);
        clause.chars().count() <= SHORT && phrase.any(|it| lower.contains(it.as_str()))
    };
    phrases.is(Answer::StartOver, text) || clauses(text).any(said)
}

/// Whether some clause of a text drops what is under way.
pub fn cancels(phrases: &Phrases, text: &str) -> bool {
    Reading::of(phrases, text).answer == Some(Answer::Cancel)
}

/// Whether a text asks something back; "room 5?" is an unsure answer and no question.
pub fn asks(phrases: &Phrases, text: &str) -> bool {
    let bare = trimmed(text);
    let marked = text.trim_end().ends_with(['?', '？']) || bare.ends_with(['吗', '嗎', '呢']);
    let (words, letters) = (bare.split_whitespace().count(), bare.chars().count());
    let long = if bare.is_ascii() { words >= 4 } else { letters >= 5 };
    begins(phrases, Answer::Asking, filled_out(phrases, bare)).is_some() || (marked && long)
}

/// Whether a text begins as something beside what was said before, or ends like it. "Also it is loud" goes
/// on about the same thing.
pub fn adds(phrases: &Phrases, text: &str) -> bool {
    let text = trimmed(text);
    let ends = |word: &String| {
        let before = plain(text);
        before.strip_suffix(word.as_str()).is_some_and(|it| !word.is_ascii() || it.ends_with(' '))
    };
    match begins(phrases, Answer::Also, filled_out(phrases, text)) {
        Some(rest) => begins(phrases, Answer::Same, trimmed(rest)).is_none(),
        None => phrases.words(Answer::Too).any(ends),
    }
}

/// Whether a text begins as an addition to a ticket that stands.
pub fn adds_to_ticket(phrases: &Phrases, text: &str) -> bool {
    let text = filled_out(phrases, text);
    [Answer::Addition, Answer::Regarding].into_iter().any(|it| begins(phrases, it, text).is_some())
}

/// The two halves of a text that names two things in one breath: "my laptop is dead and also the printer
/// jams".
pub fn halves<'a>(phrases: &Phrases, between: Answer, text: &'a str) -> Option<(&'a str, &'a str)> {
    let lower = lower(text);
    let between = phrases.words(between).filter_map(|it| lower.find(it.as_str()));
    let starts = clauses(text).map(|it| (it, it.as_ptr().addr() - text.as_ptr().addr()));
    let another = starts.filter(|(it, at)| *at > 0 && adds(phrases, it)).map(|(_, at)| at);
    let (one, other) = text.split_at_checked(between.chain(another).min()?)?;
    let (one, other) = (trimmed(one), filled_out(phrases, other));
    (!one.is_empty() && !other.is_empty()).then_some((one, other))
}

/// Whether it is a question by its marks: "approve REQ-000001?" is neither a yes nor a no, and "is it LT-20417?" chooses
/// nothing.
pub fn is_asked(text: &str) -> bool {
    text.contains(['?', '？', '吗'])
}

/// What stands behind the longest phrase of this kind at the beginning of a text.
pub fn begins<'a>(phrases: &Phrases, answer: Answer, text: &'a str) -> Option<&'a str> {
    phrases.words(answer).filter_map(|it| behind(text, it)).min_by_key(|it| it.len())
}

/// A text without the words at its beginning that say nothing, unless there are no others.
pub fn filled_out<'a>(phrases: &Phrases, text: &'a str) -> &'a str {
    let mut text = trimmed(text);
    while let Some(rest) = begins(phrases, Answer::Filler, text).map(trimmed).filter(|it| !it.is_empty()) {
        text = rest;
    }
    text
}

/// The clauses of a text, without the punctuation around them.
pub fn clauses(text: &str) -> impl Iterator<Item = &str> {
    let mut from = 0;
    let ends: Vec<usize> =
        text.char_indices().filter(|(at, it)| is_end(text, *at, *it)).map(|(at, _)| at).collect();
    let pieces = ends.into_iter().chain([text.len()]).map(move |to| {
        let piece = &text[from..to];
        from = to;
        trimmed(piece)
    });
    pieces.flat_map(|it| it.split(" but ")).map(trimmed).filter(|it| !it.is_empty())
}

fn is_end(text: &str, at: usize, it: char) -> bool {
    match it {
        // Who types Chinese in a hurry types blanks for commas.
        ' ' => text[..at].chars().next_back().is_some_and(is_cjk),
        ',' | ';' | '!' | '?' | '，' | '。' | '；' | '！' | '？' | '\n' => true,
        // "2.14" is one word.
        '.' => text[at + 1..].chars().next().is_none_or(char::is_whitespace),
        _ => false,
    }
}

fn clause_of<'a>(phrases: &Phrases, clause: &'a str) -> (Option<Answer>, &'a str) {
    let bare = filled_out(phrases, clause);
    if is_cancel(phrases, bare) {
        return (Some(Answer::Cancel), "");
    }
    // "ok" says nothing in front of more, and yes when it stands alone.
    for answer in [Answer::Yes, Answer::No] {
        if is_whole(phrases, answer, clause) || is_whole(phrases, answer, bare) {
            return (Some(answer), "");
        }
    }
    // "No, leave it" drops it.
    if let Some(rest) = begins(phrases, Answer::No, bare).map(trimmed).filter(|it| !it.is_empty())
        && is_cancel(phrases, rest)
    {
        return (Some(Answer::Cancel), "");
    }
    for (begin, answer) in [(Answer::YesAnd, Answer::Yes), (Answer::NoAnd, Answer::No)] {
        let rest = begins(phrases, begin, clause).or_else(|| begins(phrases, begin, bare));
        if let Some(rest) = rest {
            return (Some(answer), trimmed(rest));
        }
    }
    // Words that say nothing are no detail either.
    let empty = is_whole(phrases, Answer::Filler, bare) || is_whole(phrases, Answer::Softener, bare);
    (None, if empty { "" } else { clause })
}

/// A single word drops something only if it is the whole clause: "stop code 0x7B" does not.
fn is_cancel(phrases: &Phrases, bare: &str) -> bool {
    let phrase = |it: &&String| it.contains(' ') || !it.is_ascii();
    let begins = || phrases.words(Answer::Cancel).filter(phrase).any(|it| behind(bare, it).is_some());
    is_whole(phrases, Answer::Cancel, bare) || begins()
}

/// Whether a clause is this answer, less the words at its end that say nothing.
pub fn is_whole(phrases: &Phrases, answer: Answer, clause: &str) -> bool {
    let mut clause = plain(clause);
    loop {
        if phrases.is(answer, &clause) {
            return true;
        }
        let shorter = |word: &String| {
            let rest = clause.strip_suffix(word.as_str())?;
            (!rest.is_empty() && (!word.is_ascii() || rest.ends_with(' ')))
                .then(|| rest.trim_end().to_owned())
        };
        match phrases.words(Answer::Softener).filter_map(shorter).min_by_key(String::len) {
            Some(rest) => clause = rest,
            None => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Option<Answer>, Vec<&str>) {
        let reading = Reading::of(&Phrases::built_in().unwrap(), text);
        (reading.answer, reading.rest)
    }

    #[test]
    fn a_reply_is_read_clause_by_clause() {
        for (text, answer, rest) in [
            ("Yes, please!", Some(Answer::Yes), vec![]),
            ("Ok many thanks", Some(Answer::Yes), vec![]),
            ("obviously yes", Some(Answer::Yes), vec![]),
            ("ok thanks", Some(Answer::Yes), vec![]),
            ("yes it is in room 2.14", Some(Answer::Yes), vec!["it is in room 2.14"]),
            ("no problem, go ahead", Some(Answer::Yes), vec![]),
            ("no changes, please open it", Some(Answer::Yes), vec![]),
            ("不用改了，提交吧", Some(Answer::Yes), vec![]),
            ("没有问题", Some(Answer::Yes), vec![]),
            ("👍🏽", Some(Answer::Yes), vec![]),
            ("no, sorry, I meant the dock", Some(Answer::No), vec!["I meant the dock"]),
            ("no it's the keyboard", Some(Answer::No), vec!["the keyboard"]),
            ("不是，是打印机", Some(Answer::No), vec!["是打印机"]),
            ("no wifi in room 5", None, vec!["no wifi in room 5"]),
            ("right now I cannot print", None, vec!["right now I cannot print"]),
            ("好像又好了", None, vec!["好像又好了"]),
            ("对不起，我说错了，是显示器", None, vec!["我说错了", "是显示器"]),
            ("行吧 提交", Some(Answer::Yes), vec![]),
            ("好 就這樣送出", Some(Answer::Yes), vec!["送出"]),
            ("可以 麻煩了", Some(Answer::Yes), vec![]),
        ] {
            assert_eq!(read(text), (answer, rest), "{text}");
        }
    }

    #[test]
    fn whoever_takes_it_back_does_not_agree() {
        for text in [
            "ok, never mind then",
            "actually no leave it, a colleague just gave me his spare one",
            "right, but please don't open it yet",
            "forget it, my boss will do it",
            "oh never mind, it just went through",
            "要不算了吧",
            "行了，不用了",
            "可以先不提交吗",
            "啊等等 找到了！！在外套口袋 不用停用了",
            "不好意思 真的不用了 謝謝你",
        ] {
            assert_eq!(read(text).0, Some(Answer::Cancel), "{text}");
        }
        assert_eq!(read("stop code 0x7B on a blue screen").0, None);
    }

    #[test]
    fn beginning_again_may_stand_among_other_words() {
        let phrases = Phrases::built_in().unwrap();
        for text in ["start over", "no start over please, i'm in the wrong thing", "等等 我搞混了 重新来"]
        {
            assert!(starts_over(&phrases, text), "{text}");
        }
        for text in ["the laptop hangs, restart, then the same", "重新启动也没用", "reset my password"]
        {
            assert!(!starts_over(&phrases, text), "{text}");
        }
    }

    #[test]
    fn questions_and_additions_are_told_apart() {
        let phrases = Phrases::built_in().unwrap();
        for text in ["why do you need to know that?", "这个为什么要问", "is it going to take long?"] {
            assert!(asks(&phrases, text), "{text}");
        }
        for text in ["room 5?", "the second floor", "三楼？"] {
            assert!(!asks(&phrases, text), "{text}");
        }
        for text in ["also my mouse is broken", "my headset has no sound either", "另外我的鼠标也坏了"]
        {
            assert!(adds(&phrases, text), "{text}");
        }
        assert!(!adds(&phrases, "my mouse is broken"));
        assert!(!adds(&phrases, "also it makes a noise"));
    }

    #[test]
    fn two_things_in_one_breath_have_two_halves() {
        let phrases = Phrases::built_in().unwrap();
        for (text, parts) in [
            (
                "the wifi is down and also the coffee machine leaks",
                Some(("the wifi is down", "also the coffee machine leaks")),
            ),
            ("I cannot log in. Also, my badge is gone", Some(("I cannot log in", "Also, my badge is gone"))),
            ("我的显示器闪，另外会议室的投影也连不上", Some(("我的显示器闪", "另外会议室的投影也连不上"))),
            ("my laptop is slow. also it is loud", None),
            ("my laptop is slow", None),
        ] {
            assert_eq!(halves(&phrases, Answer::Between, text), parts, "{text}");
        }
    }

    proptest::proptest! {
        /// Some capitals have small forms of another length: no place in a text may come from elsewhere.
        #[test]
        fn any_text_can_be_read(text in "(also |and also |, |İ|ẞ|Å|Ⱥ|中文|不是|two things|no |yes |[a-zA-Z ]{1,4}|\\PC){0,12}") {
            let phrases = Phrases::built_in().unwrap();
            Reading::of(&phrases, &text);
            halves(&phrases, Answer::Between, &text);
            proptest::prop_assert!(clauses(&text).all(|it| text.contains(it)));
            adds(&phrases, &text);
            asks(&phrases, &text);
            starts_over(&phrases, &text);
        }
    }
}
