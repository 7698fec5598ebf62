//! What an entry of the directory may hold.

use super::{Contact, Details};

/// Longest text, in characters.
const TEXT: usize = 256;
/// Longest tag of a language, in characters; the longest registered one has 35.
const MANY: usize = 50;

impl Details {
    /// Everything that is wrong, each with its name.
    pub fn faults(&self) -> Vec<(String, String)> {
        let mut faults = vec![];
        if self.user_name.trim().is_empty() {
            faults.push(("user_name".to_owned(), "is required".to_owned()));
        }
        for (name, text) in self.texts() {
            faults.extend(problem(text).map(|it| (name.to_owned(), it)));
        }
        contacts("emails", &self.emails, email, &mut faults);
        contacts("phones", &self.phones, |_| None, &mut faults);
        if MANY < self.assets.len() {
            faults.push(("assets".to_owned(), format!("has more than {MANY} entries")));
        }
        for (at, tag) in self.assets.iter().enumerate() {
            let missing = tag.trim().is_empty().then(|| "is empty".to_owned());
            faults.extend(missing.or_else(|| problem(tag)).map(|it| (format!("assets[{at}]"), it)));
        }
        faults
    }
}

fn contacts(
    name: &str,
    all: &[Contact],
    bad: impl Fn(&str) -> Option<String>,
    faults: &mut Vec<(String, String)>,
) {
    if MANY < all.len() {
        faults.push((name.to_owned(), format!("has more than {MANY} entries")));
        return;
    }
    for (at, it) in all.iter().enumerate() {
        let missing = it.value.trim().is_empty().then(|| "is empty".to_owned());
        let value = missing.or_else(|| problem(&it.value)).or_else(|| bad(&it.value));
        faults.extend(value.map(|it| (format!("{name}[{at}].value"), it)));
        faults.extend(problem(&it.kind).map(|it| (format!("{name}[{at}].type"), it)));
    }
    if 1 < all.iter().filter(|it| it.primary).count() {
        faults.push((name.to_owned(), "has more than one that is primary; keep one".to_owned()));
    }
}

/// What is wrong with a line.
fn problem(text: &str) -> Option<String> {
    if TEXT < text.chars().count() {
        return Some(format!("is longer than {TEXT} characters"));
    }
    let bad = text.chars().find(|it| it.is_control())?;
    Some(format!("has the control character U+{:04X}", u32::from(bad)))
}

/// Whether mail can be sent there is found out by sending one; this only finds what is none.
fn email(text: &str) -> Option<String> {
    let parts = text.rsplit_once('@').filter(|(name, host)| !name.is_empty() && !host.is_empty());
    let is_one = parts.is_some() && !text.contains(char::is_whitespace);
    (!is_one).then(|| "is no e-mail address; write it like ada@example.com".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_wrong_is_named_at_once() {
        let contact = |value: &str| Contact { value: value.into(), primary: true, ..Contact::default() };
        let details = Details {
            department: "a\u{7}b".into(),
            location: "x".repeat(257),
            emails: vec![contact("nobody"), contact("a@b")],
            assets: vec![String::new()],
            ..Details::default()
        };
        let names: Vec<_> = details.faults().into_iter().map(|it| it.0).collect();
        assert_eq!(names, ["user_name", "department", "location", "emails[0].value", "emails", "assets[0]"]);
    }

    #[test]
    fn a_plain_entry_is_in_order() {
        let details = Details { user_name: "李雷".into(), title: "工程师".into(), ..Details::default() };
        assert_eq!(details.faults(), []);
    }
}
