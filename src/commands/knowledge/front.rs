//! One Markdown file of an article: lines of names and values between two lines `---`, and the text behind them.

use crate::domain::{
    article::{Audience, Content, Text},
    people::Language,
    time::Timestamp,
};

/// What a file may say before its text.
const KEYS: [&str; 7] = ["title", "summary", "templates", "services", "audience", "owner", "review"];

/// What is wrong with a file: the line, and what.
pub(super) type Wrong = (usize, String);

/// Reads one file into the article that it belongs to.
pub(super) fn read(raw: &str, language: Language, into: &mut Content) -> Vec<Wrong> {
    let mut wrong = vec![];
    let raw = raw.strip_prefix('\u{feff}').unwrap_or(raw);
    let mut lines = raw.split_inclusive('\n');
    if lines.next().map(str::trim_end) != Some("---") {
        return vec![(1, "must begin with a line `---`, and names and values behind it".to_owned())];
    }
    let mut text = Text { language, ..Text::default() };
    let (mut read, mut closed) = (raw.find('\n').map_or(raw.len(), |it| it + 1), false);
    for (at, line) in (2..).zip(lines) {
        read += line.len();
        let line = line.trim();
        if line == "---" {
            closed = true;
            break;
        }
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match line.split_once(':') {
            None => wrong.push((at, "must be like `title: A paper jam`".to_owned())),
            Some((key, value)) => {
                let problem = take(key.trim(), bare(value), &mut text, into);
                wrong.extend(problem.map(|it| (at, it)));
            }
        }
    }
    if !closed {
        wrong.push((1, "has no second line `---` before its text".to_owned()));
    }
    raw[read..].trim_start_matches(['\r', '\n']).clone_into(&mut text.body);
    into.texts.push(text);
    wrong
}

/// A value without the quotes that YAML may need.
fn bare(value: &str) -> &str {
    let value = value.trim();
    let quoted = |it| value.strip_prefix(it).and_then(|rest| rest.strip_suffix(it));
    quoted('"').or_else(|| quoted('\'')).unwrap_or(value)
}

fn take(key: &str, value: &str, text: &mut Text, into: &mut Content) -> Option<String> {
    match key {
        "title" => value.clone_into(&mut text.title),
        "summary" => value.clone_into(&mut text.summary),
        "templates" => add(&mut into.templates, value),
        "services" => add(&mut into.services, value),
        "owner" => value.clone_into(&mut into.owner),
        "audience" => match Audience::parse(value) {
            Some(it) => into.audience = it,
            None => return Some(format!("audience: `{value}` is not one of everyone, desk")),
        },
        "review" => match Timestamp::parse(&format!("{value}T00:00:00Z")) {
            Some(it) => into.review = Some(it),
            None => return Some(format!("review: `{value}` is no date; write it like 2026-12-31")),
        },
        other => return Some(format!("`{other}` is not known; known: {}", KEYS.join(", "))),
    }
    None
}

/// Adds the entries of a list like `[a, b]` or `a, b` that are not there yet.
fn add(all: &mut Vec<String>, value: &str) {
    let inside = value.strip_prefix('[').and_then(|it| it.strip_suffix(']')).unwrap_or(value);
    for it in inside.split(',').map(bare).filter(|it| !it.is_empty()) {
        if !all.iter().any(|known| known == it) {
            all.push(it.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_kept_as_it_is() {
        let mut content = Content::default();
        let raw = "---\r\ntitle: \"A jam: again\"\r\nsummary: Open it.\r\ntemplates: [printer_fault, vpn_fault]\r\n\
                   review: 2026-12-31\r\naudience: desk\r\n---\r\n\r\n# Jam\r\n<script>x</script>\r\n---\r\n";
        assert_eq!(read(raw, Language::En, &mut content), []);
        assert_eq!(content.texts[0].title, "A jam: again");
        assert_eq!(content.texts[0].body, "# Jam\r\n<script>x</script>\r\n---\r\n");
        assert_eq!(content.templates, ["printer_fault", "vpn_fault"]);
        assert_eq!(content.audience, Audience::Desk);
        assert_eq!(content.review.map(Timestamp::rfc3339).as_deref(), Some("2026-12-31T00:00:00Z"));
    }

    #[test]
    fn everything_that_is_wrong_is_named_with_its_line() {
        let mut content = Content::default();
        let raw = "---\ntitel: x\nnothing\naudience: all\nreview: soon\n";
        let lines: Vec<usize> = read(raw, Language::En, &mut content).into_iter().map(|it| it.0).collect();
        assert_eq!(lines, [2, 3, 4, 5, 1]);
        assert_eq!(read("# Jam\n", Language::En, &mut content).len(), 1);
        assert_eq!(read("", Language::En, &mut content).len(), 1);
    }
}
