//! Compares a source with the tables; each rule gives a line for each place that breaks it.

use super::paths::{Named, named};
use super::source::Source;
use super::tables::{
    Imports, LINES, MAY_IMPORT, MAY_SAY, NOT_A_PURE_WORD, NOT_IN_PURE, NOT_PURE, PURE, SAYS_NOTHING,
};

/// A room imports only the rooms that the table gives it.
pub(crate) fn imports(source: &Source) -> Vec<String> {
    let room = source.room();
    let Some((_, may)) = MAY_IMPORT.iter().find(|(name, _)| *name == room) else {
        return vec![format!("src/{}: the room `{room}` is not in the table of imports", source.path)];
    };
    let Imports::Only(neighbours) = may else {
        return Vec::new();
    };
    // A room's own tests may set up what the room stands on.
    let strangers = named(source).into_iter().filter(|path| !source.is_test(path.token)).filter_map(|path| {
        let other = entered(source, &path)?;
        (other != room && !neighbours.contains(&other.as_str())).then_some((path, other))
    });
    strangers
        .map(|(path, other)| {
            at(source, path.token, &format!("`{room}` may not import `{other}`, only {neighbours:?}"))
        })
        .collect()
}

/// The room that a path enters from the crate's root; `*` or `crate` if it takes in the whole root.
fn entered(source: &Source, path: &Named) -> Option<String> {
    let ups = path.written.iter().take_while(|it| *it == "super").count();
    let first = match path.written[0].as_str() {
        "crate" | "ticket_dispatch" => 1,
        "super" if ups >= source.depth(path.token) => ups,
        _ => return None,
    };
    match path.written.get(first) {
        Some(room) => Some(room.clone()),
        // `pub(crate)` names the root without entering it.
        None => path.is_import.then(|| "crate".to_owned()),
    }
}

/// A name from outside is said only at home.
pub(crate) fn sayings(source: &Source) -> Vec<String> {
    let mut broken = Vec::new();
    for path in named(source) {
        let strange =
            MAY_SAY.iter().find(|(name, homes)| !homes.contains(&source.room()) && says(&path, name));
        if let Some((name, homes)) = strange {
            broken.push(at(source, path.token, &format!("`{name}` is said only in {homes:?}")));
        }
    }
    broken
}

/// A pure room neither waits nor looks at the world; its tests may.
pub(crate) fn purity(source: &Source) -> Vec<String> {
    let module = source.module();
    let is_excepted = |name: &&str| module == **name || module.starts_with(&format!("{name}/"));
    if !PURE.contains(&source.room()) || NOT_PURE.iter().any(is_excepted) {
        return Vec::new();
    }
    let complain = |token, name: &str| at(source, token, &format!("a pure room does not say `{name}`"));
    let words = source.tokens.iter().enumerate().filter(|(token, _)| !source.is_test(*token)).filter_map(
        |(token, word)| NOT_A_PURE_WORD.iter().find(|name| word.is(name)).map(|name| complain(token, name)),
    );
    let paths = named(source).into_iter().filter(|path| !source.is_test(path.token)).filter_map(|path| {
        NOT_IN_PURE.iter().find(|name| says(&path, name)).map(|name| complain(path.token, name))
    });
    words.chain(paths).collect()
}

/// Whether a path contains a name. A crate's name counts only at the head of a path.
fn says(path: &Named, name: &str) -> bool {
    let name: Vec<&str> = name.split("::").collect();
    let is_crate = name.len() == 1 && name[0].starts_with(char::is_lowercase);
    let starts = if is_crate { 1 } else { path.resolved.len() };
    // A lone word in code may be a variable that is called as a crate is.
    let is_lone = path.resolved.len() == 1 && !path.is_import;
    !(is_crate && is_lone) && (0..starts).any(|start| begins_with(&path.resolved[start..], &name))
}

/// A star at the end of a path may stand for anything, so it takes in whatever the name goes on with.
fn begins_with(path: &[String], name: &[&str]) -> bool {
    for (place, word) in name.iter().enumerate() {
        match path.get(place).map(String::as_str) {
            Some("*") if place > 0 => return true,
            Some(said) if said == *word => {}
            _ => return false,
        }
    }
    true
}

/// A file is not too long, and no module's name says nothing.
pub(crate) fn shape(source: &Source) -> Vec<String> {
    let mut broken = Vec::new();
    let lines = source.text.lines().count();
    if lines > LINES {
        broken.push(format!("src/{}: {lines} lines, {LINES} at most", source.path));
    }
    let module = source.module();
    let names: Vec<&str> = module.split('/').collect();
    if names.last() == Some(&"mod") {
        broken.push(format!("src/{}: `foo.rs` beside `foo/`, no `mod.rs`", source.path));
    }
    let inner = source.tokens.windows(2).filter(|it| it[0].is("mod")).map(|it| it[1].text.as_str());
    let empty = names.iter().copied().chain(inner).filter(|name| SAYS_NOTHING.contains(name));
    broken.extend(empty.map(|name| format!("src/{}: a module called `{name}` says nothing", source.path)));
    broken
}

/// A file opens with what it owns.
pub(crate) fn opening(source: &Source) -> Vec<String> {
    let opens = source.text.starts_with("//!");
    (!opens).then(|| format!("src/{}: opens with no `//!`", source.path)).into_iter().collect()
}

fn at(source: &Source, token: usize, complaint: &str) -> String {
    format!("src/{}:{}: {complaint}", source.path, source.tokens[token].line)
}
