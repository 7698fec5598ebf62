//! Requests about the catalogue, from the contract's words to the desk's.

use std::collections::HashSet;

use crate::{
    api::parse::{Checks, words::LANGUAGE},
    catalog,
    desk::{fault::Fault, trial::Question},
    proto::v1,
};

/// Messages of one talk.
const MESSAGES: usize = 50;

/// Names and contents of files.
type Files = Vec<(String, String)>;

/// The id of what is asked for; `noun` is its field.
pub(super) fn id(noun: &str, raw: String) -> Result<String, Fault> {
    let mut checks = Checks::default();
    let id = checks.id(noun, raw);
    checks.done(id)
}

/// Behind which id, and how many.
pub(super) fn list(token: &str, size: i32) -> Result<(String, u32), Fault> {
    let mut checks = Checks::default();
    let page = (checks.after_name(token), checks.page_size(size));
    checks.done(page)
}

pub(super) fn check(raw: v1::CheckCatalogRequest) -> Result<Files, Fault> {
    let mut checks = Checks::default();
    let files = files(&mut checks, raw.files);
    checks.done(files)
}

pub(super) fn apply(raw: v1::ApplyCatalogRequest) -> Result<(String, Files), Fault> {
    let mut checks = Checks::default();
    let catalog = (checks.id("request_id", raw.request_id), files(&mut checks, raw.files));
    checks.done(catalog)
}

/// The files, if any, and what is to be tried out.
pub(super) fn tried(raw: v1::TryTemplateRequest) -> Result<(Files, Question), Fault> {
    let mut checks = Checks::default();
    if raw.messages.len() > MESSAGES {
        checks
            .wrong("messages", format!("has {} messages; at most {MESSAGES} are taken", raw.messages.len()));
    }
    let messages = raw.messages.into_iter().take(MESSAGES).enumerate();
    let question = Question {
        template: checks.id("template", raw.template),
        language: checks.optional_word("language", raw.language, &LANGUAGE).unwrap_or_default(),
        messages: messages.map(|(at, it)| checks.text(&format!("messages[{at}]"), it)).collect(),
    };
    let files = if raw.files.is_empty() { vec![] } else { files(&mut checks, raw.files) };
    checks.done((files, question))
}

/// The request's id, the definition, and the version of the catalogue that it is meant for.
pub(super) fn put(raw: v1::PutTemplateRequest) -> Result<(String, String, Option<u64>), Fault> {
    let mut checks = Checks::default();
    let request = checks.id("request_id", raw.request_id);
    if raw.definition.trim().is_empty() {
        checks.wrong("definition", "is required: one template as YAML");
    }
    checks.done((request, raw.definition, expected(raw.expected_version)))
}

/// The request's id, the template, and the version of the catalogue that it is meant for.
pub(super) fn remove(raw: v1::RemoveTemplateRequest) -> Result<(String, String, Option<u64>), Fault> {
    let mut checks = Checks::default();
    let (request, template) = (checks.id("request_id", raw.request_id), checks.id("template", raw.template));
    checks.done((request, template, expected(raw.expected_version)))
}

fn expected(version: u64) -> Option<u64> {
    Some(version).filter(|it| *it > 0)
}

fn files(checks: &mut Checks, raw: Vec<v1::CatalogFile>) -> Files {
    if !(1..=catalog::FILES).contains(&raw.len()) {
        checks.wrong("files", format!("has {} files; a catalogue has 1 to {}", raw.len(), catalog::FILES));
        return vec![];
    }
    let mut seen = HashSet::new();
    let mut files = Files::new();
    for (index, it) in raw.into_iter().enumerate() {
        let path = format!("files[{index}].name");
        if !seen.insert(it.name.clone()) {
            checks.wrong(&path, "was given before; give each file once");
        }
        files.push((checks.id(&path, it.name), it.content));
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_have_names_and_each_comes_once() {
        let file = |name: &str| v1::CatalogFile { name: name.to_owned(), content: String::new() };
        let of = |files| match check(v1::CheckCatalogRequest { files }) {
            Err(Fault::Malformed(it)) => it.into_iter().map(|it| it.field).collect(),
            Ok(_) | Err(_) => vec![],
        };
        assert_eq!(of(vec![file("a.yaml"), file(""), file("a.yaml")]), ["files[1].name", "files[2].name"]);
        assert_eq!(of(vec![]), ["files"]);
        let many = |count| (0..count).map(|it| file(&format!("{it}.yaml"))).collect();
        assert_eq!(of(many(catalog::FILES)), [""; 0]);
        assert_eq!(of(many(catalog::FILES + 1)), ["files"]);
        assert_eq!(of(vec![file("a.yaml")]), [""; 0]);
    }
}
