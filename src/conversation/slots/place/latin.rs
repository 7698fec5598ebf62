//! Places in English, word by word.

/// Of some of these there are many: which one takes a number, a letter or an ordinal.
const NOUNS: [&str; 13] = [
    "room",
    "floor",
    "building",
    "level",
    "office",
    "wing",
    "kitchen",
    "hall",
    "lab",
    "desk",
    "raum",
    "lobby",
    "warehouse",
];

const SPELLED: [&str; 10] = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];

/// Of these there is mostly one.
const KNOWN: [&str; 16] = [
    "reception",
    "front desk",
    "canteen",
    "cafeteria",
    "warehouse",
    "basement",
    "server room",
    "parking garage",
    "parking lot",
    "car park",
    "lobby",
    "main entrance",
    "front entrance",
    "back entrance",
    "entrance",
    "roof",
];

/// The first place with a number, a letter, an ordinal or a name.
pub(super) fn find(words: &[&str]) -> Option<String> {
    (0..words.len()).find_map(|at| {
        let start = unit(words, at).or_else(|| {
            let end = lone(words, at)?;
            unit(words, joined(words, end)?)
        })?;
        let mut end = start;
        while let Some(more) = joined(words, end).and_then(|it| unit(words, it)) {
            end = more;
        }
        // "2nd floor kitchen"
        let more = words.get(end).filter(|_| is_open(words[end - 1])).and_then(|_| lone(words, end));
        Some(written(&words[at..more.unwrap_or(end)]))
    })
}

fn written(words: &[&str]) -> String {
    let place = words.join(" ");
    let place = place.trim_matches(|it: char| !it.is_alphanumeric());
    place.strip_suffix("'s").unwrap_or(place).to_owned()
}

pub(super) fn bare(word: &str) -> String {
    word.trim_matches(|it: char| !it.is_alphanumeric()).to_lowercase()
}

fn bare_at(words: &[&str], at: usize) -> String {
    words.get(at).map_or_else(String::new, |it| bare(it))
}

/// Whether nothing separates a word from the next.
fn is_open(word: &str) -> bool {
    word.ends_with(char::is_alphanumeric)
}

/// Where the next part of a place may start: "room 204 on the 3rd floor", "2nd floor, building A".
fn joined(words: &[&str], end: usize) -> Option<usize> {
    let last = words.get(end.checked_sub(1)?)?;
    let open = is_open(last) || last.ends_with(',');
    let linked = matches!(bare_at(words, end).as_str(), "on" | "in" | "of" | "at");
    let at = end + usize::from(linked);
    let at = at + usize::from(linked && bare_at(words, at) == "the");
    (open && words.get(at).is_some_and(|it| !it.starts_with('('))).then_some(at)
}

/// The end of one part of a place that starts here.
fn unit(words: &[&str], at: usize) -> Option<usize> {
    let led = at > 0 && matches!(bare(words[at - 1]).as_str(), "on" | "at" | "in");
    let storey = (led || words[at].contains('F'))
        && bare_at(words, at).strip_suffix('f').is_some_and(|it| it.len() <= 2 && is_number(it));
    if storey {
        return Some(at + 1);
    }
    if NOUNS.contains(&bare_at(words, at + 1).as_str()) && is_open(words[at]) && is_which(words, at) {
        return Some(at + 2);
    }
    let noun = noun(words, at)?;
    // "Room no. 204", "Room: 204"
    let labelled = matches!(bare_at(words, noun + 1).as_str(), "no" | "nr" | "number");
    let which = noun + 1 + usize::from(labelled);
    let next = words.get(which).filter(|_| is_open(words[noun].trim_end_matches(':')))?;
    let spelled =
        matches!(bare(words[noun]).as_str(), "floor" | "level") && SPELLED.contains(&bare(next).as_str());
    if (spelled || (is_designation(next) && !is_ordinal(&bare(next)))) && !is_other(words, at, noun) {
        return Some(which + 1);
    }
    (bare(words[noun]) == "room").then(|| named(words, noun)).flatten()
}

/// Where the noun of a place stands that starts here: "meeting room".
fn noun(words: &[&str], at: usize) -> Option<usize> {
    let kinds = ["meeting", "conference", "server", "training"];
    let kind = kinds.contains(&bare_at(words, at).as_str()) && bare_at(words, at + 1) == "room";
    let at = at + usize::from(kind);
    NOUNS.contains(&bare_at(words, at).as_str()).then_some(at)
}

/// A place without a number, which takes its floor from what follows: "kitchen on floor 2".
fn lone(words: &[&str], at: usize) -> Option<usize> {
    let known = || KNOWN.iter().find_map(|it| starts_with(words, at, it));
    let noun = || noun(words, at).filter(|it| !matches!(bare(words[*it]).as_str(), "level" | "floor"));
    known().or_else(|| noun().map(|it| it + 1))
}

fn starts_with(words: &[&str], at: usize, phrase: &str) -> Option<usize> {
    let end = at + phrase.split(' ').count();
    let here = words.get(at..end)?;
    here.iter().map(|it| bare(it)).eq(phrase.split(' ')).then_some(end)
}

/// Whether a word tells which one the noun behind it is: "3rd floor", "north wing", "302 room".
fn is_which(words: &[&str], at: usize) -> bool {
    const ORDINALS: [&str; 10] =
        ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"];
    let (word, noun) = (bare(words[at]), bare_at(words, at + 1));
    // "On 4 floor", as many say it whose language does.
    let led = at > 0 && matches!(bare(words[at - 1]).as_str(), "on" | "in" | "at" | "to");
    if noun == "floor" && led && word.len() <= 2 && is_number(&word) {
        return true;
    }
    if noun == "level" && is_rank(words, at + 1) {
        return false;
    }
    match word.as_str() {
        "ground" => matches!(noun.as_str(), "floor" | "level"),
        "top" => noun == "floor",
        "north" | "east" | "south" | "west" => matches!(noun.as_str(), "wing" | "building" | "hall"),
        // "B wing", but not "A wing" or "I building".
        _ if word.len() == 1 && !matches!(word.as_str(), "a" | "i") => {
            words[at].starts_with(|it: char| it.is_ascii_uppercase())
                && matches!(noun.as_str(), "wing" | "building")
        }
        // "My second office app"
        _ if is_ordinal(&word) || ORDINALS.contains(&word.as_str()) => {
            !matches!(noun.as_str(), "office" | "desk")
        }
        _ => noun == "room" && word.len() >= 3 && is_designation(words[at]),
    }
}

/// `3rd`
fn is_ordinal(word: &str) -> bool {
    let digits = word.trim_end_matches(|it: char| it.is_ascii_alphabetic());
    is_number(digits) && matches!(&word[digits.len()..], "st" | "nd" | "rd" | "th")
}

fn is_number(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|it| it.is_ascii_digit())
}

/// A number, a code or a letter that tells one room, floor or building from the others: `2.14`, `A-204`, `C`.
/// A time, a percentage and an asset tag do not.
fn is_designation(word: &str) -> bool {
    let bare = bare(word);
    if bare.chars().count() == 1 && !is_number(&bare) {
        // "Building A" is one; "a building" and "I" are not.
        let small = word.starts_with(char::is_lowercase);
        return bare.is_ascii() && bare != "i" && !(small && "aurwx".contains(&bare));
    }
    let letters = bare.chars().filter(|it| it.is_alphabetic()).count();
    let runs = bare.split(|it: char| !it.is_ascii_digit()).map(str::len);
    let legal = bare.chars().all(|it| it.is_ascii_alphanumeric() || ".-/".contains(it));
    let clock = bare.ends_with("am") || bare.ends_with("pm") || word.contains(['%', '$', '€']);
    let digits: usize = runs.clone().sum();
    legal && !clock && letters <= 2 && (1..=6).contains(&digits) && runs.max() <= Some(4)
}

/// Whether a noun with a number is something else: "Office 365", "level 3 support", "in the room 5 minutes ago".
fn is_other(words: &[&str], at: usize, noun: usize) -> bool {
    const PRODUCTS: [&str; 8] = ["365", "2007", "2010", "2013", "2016", "2019", "2021", "2024"];
    const LED: [&str; 10] = ["", "on", "at", "to", "from", "in", "of", "the", "garage", "basement"];
    let (kind, number) = (bare(words[noun]), bare_at(words, noun + 1));
    let before = at.checked_sub(1).map_or_else(String::new, |it| bare(words[it]));
    let people = matches!(bare_at(words, noun + 2).as_str(), "people" | "users" | "colleagues");
    let other = match kind.as_str() {
        "office" => PRODUCTS.contains(&number.as_str()) || matches!(before.as_str(), "microsoft" | "ms"),
        "desk" => matches!(before.as_str(), "help" | "service"),
        // Levels are also those of access, of batteries and of noise.
        "level" => {
            let placed = LED.contains(&before.as_str()) || is_designation(&before);
            is_rank(words, noun + 1) || !placed
        }
        _ => false,
    };
    let crowd = people && number.len() < 3 && !matches!(kind.as_str(), "floor" | "building" | "level");
    other || crowd || (is_open(words[noun + 1]) && is_counted(words, noun + 2))
}

/// Whether what follows on a number makes it an amount.
fn is_counted(words: &[&str], at: usize) -> bool {
    const COUNTED: [&str; 14] = [
        "hour", "hours", "minute", "minutes", "min", "day", "days", "week", "weeks", "times", "meters",
        "metres", "euros", "dollars",
    ];
    COUNTED.contains(&bare_at(words, at).as_str())
}

/// Whether a level is one of help or of rights: "level 3 support", "1st level support".
fn is_rank(words: &[&str], last: usize) -> bool {
    const RANKS: [&str; 11] = [
        "support",
        "access",
        "engineer",
        "engineers",
        "ticket",
        "tickets",
        "permissions",
        "permission",
        "issue",
        "helpdesk",
        "agent",
    ];
    is_open(words[last]) && RANKS.contains(&bare_at(words, last + 1).as_str())
}

/// The end of a room's name: "room Berlin". A heading ("Meeting Room Display Broken") names no room.
fn named(words: &[&str], noun: usize) -> Option<usize> {
    const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let is_name = |word: &&&str| {
        let bare = bare(word);
        let rest = word.chars().skip(1).filter(|it| it.is_alphabetic()).collect::<String>();
        let capital = word.starts_with(char::is_uppercase) && rest.chars().any(char::is_lowercase);
        capital && bare.len() > 2 && !DAYS.contains(&bare.as_str())
    };
    let names = words[noun + 1..].iter().take(2).take_while(is_name).count();
    let first_closed = names == 2 && !is_open(words[noun + 1]);
    let end = noun + 1 + if first_closed { 1 } else { names };
    let heading = words[noun].starts_with(char::is_uppercase) && is_open(words[end - 1]) && end < words.len();
    (names > 0 && !heading).then_some(end)
}

/// A place that there is one of, where a text says that it is there, or is nothing else.
pub(super) fn known(words: &[&str]) -> Option<String> {
    let there = |at: usize| {
        let before =
            words[..at].iter().rev().map(|it| bare(it)).find(|it| !matches!(it.as_str(), "the" | "our"));
        before.is_none_or(|it| matches!(it.as_str(), "in" | "at" | "on" | "near" | "from" | "by" | "outside"))
    };
    let place = |at: usize| {
        let end = KNOWN.iter().find_map(|it| starts_with(words, at, it))?;
        let whole =
            words[..at].iter().all(|it| matches!(bare(it).as_str(), "the" | "our")) && end == words.len();
        let led = at > 0 && words[..at].iter().any(|it| !matches!(bare(it).as_str(), "the" | "our"));
        (whole || (led && there(at))).then(|| written(&words[at..end]))
    };
    (0..words.len()).find_map(place).or_else(|| is_home(words).then(|| "home".to_owned()))
}

/// "Home" is also a drive, a page and an edition of Windows.
fn is_home(words: &[&str]) -> bool {
    const OTHER: [&str; 7] = ["drive", "folder", "directory", "page", "screen", "button", "edition"];
    let whole = matches!(words, [home] | ["my" | "My", home] if bare(home) == "home");
    let homes = (0..words.len()).filter(|it| bare(words[*it]) == "home");
    let mut spoken = homes.filter(|it| !OTHER.contains(&bare_at(words, it + 1).as_str()));
    whole
        || spoken.any(|it| {
            let led = it > 0 && matches!(bare(words[it - 1]).as_str(), "at" | "from");
            led || (is_open(words[it]) && bare_at(words, it + 1) == "office")
        })
}
