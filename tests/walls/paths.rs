//! The paths that a source names: those it imports, each branch of a group for itself, and those in its code.

use std::collections::{BTreeMap, BTreeSet};

use super::source::Source;
use super::tokens::Token;

/// A path as it is written, and as it reads with the file's own imports put in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) written: Vec<String>,
    pub(crate) resolved: Vec<String>,
    /// Where it begins, in the source's tokens.
    pub(crate) token: usize,
    pub(crate) is_import: bool,
}

/// All paths of a source, in the order in which they stand.
pub(crate) fn named(source: &Source) -> Vec<Named> {
    let imports = imports(&source.tokens);
    let aliases: BTreeMap<&str, &[String]> =
        imports.iter().map(|it| (it.alias.as_str(), it.path.as_slice())).collect();
    let modules = own_modules(&source.tokens);
    let inline = inline(&source.tokens, &imports).into_iter().map(|(token, written)| {
        let resolved = match aliases.get(written[0].as_str()) {
            Some(path) => path.iter().chain(&written[1..]).cloned().collect(),
            None => from_here(&modules, written.clone()),
        };
        Named { written, resolved, token, is_import: false }
    });
    let imported = imports.iter().map(|it| Named {
        written: it.path.clone(),
        resolved: from_here(&modules, it.path.clone()),
        token: it.token,
        is_import: true,
    });
    let mut all: Vec<Named> = inline.chain(imported).collect();
    all.sort_by_key(|it| it.token);
    all
}

/// `redis::Sink` beside `mod redis;` is a module of ours and not the crate of that name.
fn from_here(modules: &BTreeSet<&str>, mut path: Vec<String>) -> Vec<String> {
    if modules.contains(path[0].as_str()) {
        path.insert(0, "self".to_owned());
    }
    path
}

fn own_modules(tokens: &[Token]) -> BTreeSet<&str> {
    tokens.windows(2).filter(|it| it[0].is("mod") && it[1].is_word()).map(|it| it[1].text.as_str()).collect()
}

struct Import {
    path: Vec<String>,
    /// What the path is called in this file.
    alias: String,
    token: usize,
    /// The tokens of the whole `use`, which hold no paths besides.
    end: usize,
}

fn imports(tokens: &[Token]) -> Vec<Import> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let begins = tokens[at].is("use") && tokens.get(at + 1).is_some_and(|next| !next.is("<"));
        at += 1;
        if begins {
            let first = found.len();
            at = branch(tokens, at, &[], &mut found);
            found[first..].iter_mut().for_each(|import| import.end = at);
        }
    }
    found
}

/// Reads one branch of an import's tree and gives the token behind it.
fn branch(tokens: &[Token], begin: usize, stem: &[String], found: &mut Vec<Import>) -> usize {
    let mut path = stem.to_vec();
    let mut at = begin;
    while let Some(token) = tokens.get(at) {
        match token.text.as_str() {
            "::" => {}
            "{" => return group(tokens, at + 1, &path, found),
            "*" => path.push("*".to_owned()),
            "as" => {
                let alias = tokens.get(at + 1).map(|it| it.text.clone()).unwrap_or_default();
                found.push(Import { path, alias, token: begin, end: 0 });
                return at + 2;
            }
            // `a::{self}` imports `a`, but `self::a` is a path of its own.
            "self" if !path.is_empty() => {}
            _ if token.is_word() => path.push(token.text.clone()),
            _ => break,
        }
        at += 1;
    }
    if let Some(alias) = path.last().cloned() {
        found.push(Import { path, alias, token: begin, end: 0 });
    }
    at
}

fn group(tokens: &[Token], begin: usize, stem: &[String], found: &mut Vec<Import>) -> usize {
    let mut at = begin;
    while let Some(token) = tokens.get(at) {
        at = match token.text.as_str() {
            "}" => return at + 1,
            "," => at + 1,
            _ => branch(tokens, at, stem, found).max(at + 1),
        };
    }
    at
}

/// The paths in code. A lone word is one too: it may be the name of an import.
fn inline(tokens: &[Token], imports: &[Import]) -> Vec<(usize, Vec<String>)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if let Some(import) = imports.iter().find(|import| import.token <= at && at < import.end) {
            at = import.end;
            continue;
        }
        let begin = at;
        at += 1;
        if !tokens[begin].is_word() || goes_on(&tokens[..begin]) {
            continue;
        }
        let mut path = vec![tokens[begin].text.clone()];
        while tokens.get(at).is_some_and(|it| it.is("::")) && tokens.get(at + 1).is_some_and(Token::is_word) {
            path.push(tokens[at + 1].text.clone());
            at += 2;
        }
        found.push((begin, path));
    }
    found
}

/// Whether what comes next belongs to what stands before: a method or a field, or the rest of a type's path.
fn goes_on(before: &[Token]) -> bool {
    match before {
        [.., dot] if dot.is(".") => true,
        [.., of, colons] if colons.is("::") => of.is_word() || of.is(">"),
        _ => false,
    }
}
