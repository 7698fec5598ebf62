//! What an article may hold.

use std::collections::BTreeSet;

use super::{Content, Text};

/// Longest title, in characters.
const TITLE: usize = 120;
/// Longest summary, in characters: a chat shows it whole.
const SUMMARY: usize = 600;
/// Longest body, in bytes.
const BODY: usize = 64 * 1024;
/// Longest owner, and id of a template or service, in characters.
const LINE: usize = 128;
/// Most templates, and services.
const MANY: usize = 50;

impl Content {
    /// Everything that is wrong, each with its name.
    pub fn faults(&self) -> Vec<(String, String)> {
        let mut faults = vec![];
        if self.texts.is_empty() {
            faults.push(("texts".to_owned(), "must have at least one text".to_owned()));
        }
        let mut languages = BTreeSet::new();
        for (at, text) in self.texts.iter().enumerate() {
            if !languages.insert(text.language as u8) {
                let problem = "stands there twice; give one text a language";
                faults.push((format!("texts[{at}].language"), problem.to_owned()));
            }
            faults.extend(of_text(text).into_iter().map(|(name, it)| (format!("texts[{at}].{name}"), it)));
        }
        for (name, ids) in [("templates", &self.templates), ("services", &self.services)] {
            if MANY < ids.len() {
                faults.push((name.to_owned(), format!("has more than {MANY} entries")));
            }
            for (at, id) in ids.iter().enumerate().take(MANY) {
                let twice = ids.iter().take(at).any(|it| it == id).then(|| "stands there twice".to_owned());
                faults.extend(required(id, LINE).or(twice).map(|it| (format!("{name}[{at}]"), it)));
            }
        }
        faults.extend(line(&self.owner, LINE).map(|it| ("owner".to_owned(), it)));
        faults
    }
}

fn of_text(text: &Text) -> Vec<(&'static str, String)> {
    let body = if BODY < text.body.len() {
        Some(format!("has {} bytes of UTF-8; at most {BODY} are taken", text.body.len()))
    } else if text.body.trim().is_empty() {
        Some("is required".to_owned())
    } else {
        control(&text.body, &['\t', '\n', '\r'])
    };
    let all =
        [("title", required(&text.title, TITLE)), ("summary", required_lines(&text.summary)), ("body", body)];
    all.into_iter().filter_map(|(name, it)| Some((name, it?))).collect()
}

fn required_lines(text: &str) -> Option<String> {
    if text.trim().is_empty() {
        return Some("is required: the bot says it, so write what to do in a few sentences".to_owned());
    }
    too_long(text, SUMMARY).or_else(|| control(text, &['\n', '\r']))
}

fn required(text: &str, most: usize) -> Option<String> {
    text.trim().is_empty().then(|| "is required".to_owned()).or_else(|| line(text, most))
}

fn line(text: &str, most: usize) -> Option<String> {
    too_long(text, most).or_else(|| control(text, &[]))
}

fn too_long(text: &str, most: usize) -> Option<String> {
    (most < text.chars().count()).then(|| format!("is longer than {most} characters"))
}

fn control(text: &str, but: &[char]) -> Option<String> {
    let (at, bad) = text.char_indices().find(|(_, it)| it.is_control() && !but.contains(it))?;
    Some(format!("has the control character U+{:04X} at byte {at}", u32::from(bad)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::people::Language;

    fn text() -> Text {
        Text {
            language: Language::En,
            title: "A jam".into(),
            summary: "Open the tray.".into(),
            body: "# A jam\n\n<script>alert(1)</script>".into(),
        }
    }

    #[test]
    fn a_script_tag_in_an_article_is_text_like_any_other() {
        let content = Content { texts: vec![text()], ..Content::default() };
        assert_eq!(content.faults(), []);
    }

    #[test]
    fn everything_that_is_wrong_is_named_at_once() {
        let bad = Text { title: "a\nb".into(), summary: String::new(), body: "\u{0}".into(), ..text() };
        let content = Content {
            texts: vec![bad, Text { body: "x".repeat(BODY + 1), ..text() }],
            templates: vec!["vpn_fault".into(), "vpn_fault".into(), String::new()],
            owner: "x".repeat(LINE + 1),
            ..Content::default()
        };
        let names: Vec<_> = content.faults().into_iter().map(|it| it.0).collect();
        let expected = [
            "texts[0].title",
            "texts[0].summary",
            "texts[0].body",
            "texts[1].language",
            "texts[1].body",
            "templates[1]",
            "templates[2]",
            "owner",
        ];
        assert_eq!(names, expected);
        assert_eq!(Content::default().faults()[0].0, "texts");
    }
}
