//! The files under `src`, and where in them a test module or an inner module begins and ends.

use std::fs;
use std::path::Path;

use super::tokens::{Token, tokens};

/// One file of the crate.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    /// From `src`, as in `domain/ticket.rs`.
    pub(crate) path: String,
    pub(crate) text: String,
    pub(crate) tokens: Vec<Token>,
    /// For each token: how many modules written out in this file it stands in, and whether it is test code.
    places: Vec<Place>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Place {
    inner_modules: usize,
    is_test: bool,
}

impl Source {
    /// Every file of the crate.
    pub(crate) fn all() -> Vec<Source> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut files = Vec::new();
        gather(&root, "", &mut files);
        assert!(!files.is_empty(), "no sources in {}", root.display());
        Source::of(files)
    }

    /// These paths and texts as the files of a crate.
    pub(crate) fn of(files: Vec<(String, String)>) -> Vec<Source> {
        let mut sources: Vec<Source> =
            files.into_iter().map(|(path, text)| Source::one(path, text)).collect();
        let test_modules: Vec<String> = sources.iter().flat_map(Source::declared_test_modules).collect();
        for source in &mut sources {
            let module = source.module();
            if test_modules.iter().any(|test| module == *test || module.starts_with(&format!("{test}/"))) {
                source.places.iter_mut().for_each(|place| place.is_test = true);
            }
        }
        sources
    }

    fn one(path: String, text: String) -> Source {
        let tokens = tokens(&text);
        let mut places = vec![Place::default(); tokens.len()];
        for (begin, _) in tokens.windows(3).enumerate().filter(|(_, it)| it[0].is("mod") && it[2].is("{")) {
            let end = end_of_item(&tokens, begin);
            places[begin + 3..end].iter_mut().for_each(|place| place.inner_modules += 1);
        }
        for begin in 0..tokens.len() {
            let end = if reads(&tokens[begin..], &["#", "[", "cfg", "(", "test", ")", "]"]) {
                end_of_item(&tokens, begin + 7)
            } else if reads(&tokens[begin..], &["#", "!", "[", "cfg", "(", "test", ")", "]"]) {
                tokens.len()
            } else {
                continue;
            };
            places[begin..end].iter_mut().for_each(|place| place.is_test = true);
        }
        Source { path, text, tokens, places }
    }

    /// The room that the file belongs to: its first folder, or its own name at the top.
    pub(crate) fn room(&self) -> &str {
        let first = self.path.split('/').next().unwrap_or_default();
        first.strip_suffix(".rs").unwrap_or(first)
    }

    /// The path without its ending, as in `domain/ticket`.
    pub(crate) fn module(&self) -> String {
        self.path.strip_suffix(".rs").unwrap_or(&self.path).to_owned()
    }

    pub(crate) fn is_test(&self, token: usize) -> bool {
        self.places[token].is_test
    }

    /// How many modules enclose the token, counted from the crate's root.
    pub(crate) fn depth(&self, token: usize) -> usize {
        let of_file = match self.path.as_str() {
            "lib.rs" | "main.rs" => 0,
            path => path.split('/').count(),
        };
        of_file + self.places[token].inner_modules
    }

    fn declared_test_modules(&self) -> Vec<String> {
        let folder = match self.path.as_str() {
            "lib.rs" | "main.rs" => String::new(),
            _ => format!("{}/", self.module()),
        };
        let declared = self.tokens.windows(3).enumerate();
        declared
            .filter(|(at, it)| it[0].is("mod") && it[2].is(";") && self.is_test(*at))
            .map(|(_, it)| format!("{folder}{}", it[1].text))
            .collect()
    }
}

/// The token behind the item that begins here: behind its body, or behind its semicolon.
fn end_of_item(tokens: &[Token], begin: usize) -> usize {
    let mut open = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(begin) {
        match token.text.as_str() {
            "{" | "(" | "[" => open += 1,
            "}" | ")" | "]" => {
                open = open.saturating_sub(1);
                if open == 0 && token.is("}") {
                    return at + 1;
                }
            }
            ";" if open == 0 => return at + 1,
            _ => {}
        }
    }
    tokens.len()
}

fn reads(tokens: &[Token], words: &[&str]) -> bool {
    tokens.len() >= words.len() && tokens.iter().zip(words).all(|(token, word)| token.is(word))
}

fn gather(folder: &Path, prefix: &str, files: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            gather(&entry.path(), &format!("{path}/"), files);
        } else if path.ends_with(".rs") {
            files.push((path, fs::read_to_string(entry.path()).unwrap()));
        }
    }
    files.sort();
}
