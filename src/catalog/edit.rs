//! Changes single templates within the text of a catalogue's files. All around them stays as it is written,
//! comments included.

use std::ops::Range;

use super::{
    Source,
    fault::Bad,
    yaml::{self, Node},
};

/// The file that new templates are added to.
const ADDED: &str = "templates-added.yaml";
/// The columns of a dash and of the keys behind it, from 0.
const COLUMNS: (usize, usize) = (2, 4);

/// Why a template cannot be edited.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Uneditable {
    /// The text that was given is no template.
    #[error("line {line}: {problem}")]
    Definition {
        /// Line, from 1.
        line: u32,
        /// What is wrong.
        problem: String,
    },
    /// It is not written a key a line.
    #[error("`{0}` is written within braces in {1}; write it a key a line there, then it can be edited")]
    Flow(String, String),
    /// A file cannot be read.
    #[error("{0} cannot be read; apply files that can be")]
    Broken(String),
    /// There is none with the id.
    #[error("no template `{0}`")]
    Unknown(String),
}

/// How a template is written: the name of its file, and one YAML map.
pub fn definition(sources: &[Source], id: &str) -> Option<(String, String)> {
    let (index, place) = find(sources, id).ok()??;
    let source = &sources[index];
    let lines: Vec<&str> = source.content.lines().collect();
    let (_, column) = place.columns;
    let cut = |line: &str| line.get(column..).unwrap_or_else(|| line.trim_start()).to_owned();
    let text: Vec<_> = lines.get(place.lines)?.iter().map(|it| cut(it)).collect();
    Some((source.name.clone(), text.join("\n") + "\n"))
}

/// The files with a template in place of the one with its id, or as a new one.
pub fn put(sources: &[Source], definition: &str) -> Result<Vec<Source>, Uneditable> {
    let id = id_of(definition)?;
    let mut sources = sources.to_vec();
    if let Some((index, place)) = find(&sources, &id)? {
        let source = &mut sources[index];
        source.content = spliced(&source.content, place.lines, &item(definition, place.columns));
        return Ok(sources);
    }
    let Some(source) = sources.iter_mut().find(|it| it.name == ADDED) else {
        let head = "# Templates that were added by programs and in the console.\n\ntemplates:\n";
        let content = head.to_owned() + &item(definition, COLUMNS);
        sources.push(Source { name: ADDED.to_owned(), content });
        return Ok(sources);
    };
    let root = node(source)?;
    let last = root.get("templates").and_then(|it| it.list().last()).map(|it| it.line);
    let Some(last) = last else {
        let content = source.content.trim_end();
        let content = content.strip_suffix("templates:").unwrap_or(content).trim_end();
        source.content =
            format!("{content}\ntemplates:\n{}", item(definition, COLUMNS)).trim_start().to_owned();
        return Ok(sources);
    };
    let place = place(&source.content, last);
    let place = place.ok_or_else(|| Uneditable::Flow("the last template".to_owned(), ADDED.to_owned()))?;
    let (end, text) = (place.lines.end, item(definition, place.columns));
    source.content = spliced(&source.content, end..end, &text);
    Ok(sources)
}

/// The files without a template.
pub fn remove(sources: &[Source], id: &str) -> Result<Vec<Source>, Uneditable> {
    let mut sources = sources.to_vec();
    let (index, place) = find(&sources, id)?.ok_or_else(|| Uneditable::Unknown(id.to_owned()))?;
    let source = &mut sources[index];
    source.content = spliced(&source.content, place.lines, "");
    Ok(sources)
}

/// Where a template is written: which lines, from 0, and the columns of its dash and of its keys.
struct Place {
    lines: Range<usize>,
    columns: (usize, usize),
}

/// The file of a template by its place among them, and where it is written there.
fn find(sources: &[Source], id: &str) -> Result<Option<(usize, Place)>, Uneditable> {
    for (index, source) in sources.iter().enumerate().filter(|(_, it)| !it.name.ends_with(".ics")) {
        let root = node(source)?;
        let list = root.get("templates").map_or(&[][..], Node::list);
        let is_it = |it: &&Node| it.get("id").and_then(Node::text) == Some(id);
        let Some(item) = list.iter().find(is_it) else { continue };
        let place = place(&source.content, item.line);
        let place = place.ok_or_else(|| Uneditable::Flow(id.to_owned(), source.name.clone()))?;
        return Ok(Some((index, place)));
    }
    Ok(None)
}

/// Where the item is written whose map begins in a line, from 1; nothing if its keys do not have a line each.
fn place(content: &str, line: u32) -> Option<Place> {
    let lines: Vec<&str> = content.lines().collect();
    let start = start_of(&lines, line)?;
    let dash = indent(lines[start]);
    let keys = lines[start][dash + 1..].trim_start();
    if keys.starts_with(['{', '&', '*', '!']) {
        return None;
    }
    // "- id: vpn" has its keys behind the dash, a dash alone has them below.
    let below = || lines[start + 1..].iter().find(|it| !is_idle(it)).map_or(dash + 2, |it| indent(it));
    let column = if keys.is_empty() { below() } else { lines[start].len() - keys.len() };
    let next = (start + 1..lines.len()).find(|it| !is_idle(lines[*it]) && indent(lines[*it]) <= dash);
    // A comment that stands just before the next one is about that.
    let is_own = |it: &usize| {
        let line = lines[*it];
        !line.trim().is_empty() && (!is_idle(line) || indent(line) > dash)
    };
    let last = (start..next.unwrap_or(lines.len())).rev().find(is_own)?;
    Some(Place { lines: start..last + 1, columns: (dash, column) })
}

fn node(source: &Source) -> Result<Node, Uneditable> {
    yaml::read(&source.content).map_err(|_| Uneditable::Broken(source.name.clone()))
}

/// The line of the dash before an item whose map begins in this line, from 1.
fn start_of(lines: &[&str], line: u32) -> Option<usize> {
    let first = usize::try_from(line).ok()?.checked_sub(1)?;
    (0..=first).rev().find(|it| !is_idle(lines[*it])).filter(|it| is_item(lines[*it])).or_else(|| {
        // A dash alone stands in a line above.
        (0..first).rev().find(|it| !is_idle(lines[*it])).filter(|it| lines[*it].trim() == "-")
    })
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

fn is_item(line: &str) -> bool {
    let line = line.trim_start();
    line == "-" || line.starts_with("- ")
}

/// Nothing, or a comment.
fn is_idle(line: &str) -> bool {
    let line = line.trim_start();
    line.is_empty() || line.starts_with('#')
}

/// A definition as an item of a list.
fn item(definition: &str, (dash, column): (usize, usize)) -> String {
    let keys = " ".repeat(column);
    let first = format!("{}-{}", " ".repeat(dash), " ".repeat(column.saturating_sub(dash + 1).max(1)));
    let mut text = String::new();
    let mut has_begun = false;
    for line in definition.trim_end().lines() {
        let begins = !has_begun && !is_idle(line);
        has_begun |= begins;
        if !line.trim().is_empty() {
            text += if begins { &first } else { &keys };
            text += line;
        }
        text.push('\n');
    }
    text
}

/// A text with other lines in the place of some.
fn spliced(content: &str, lines: Range<usize>, text: &str) -> String {
    let all: Vec<&str> = content.split_inclusive('\n').collect();
    let before: String = all.iter().take(lines.start).copied().collect();
    let after: String = all.iter().skip(lines.end).copied().collect();
    let ended = if before.is_empty() || before.ends_with('\n') { before } else { before + "\n" };
    ended + text + &after
}

/// The id of a definition, which must be one YAML map.
fn id_of(definition: &str) -> Result<String, Uneditable> {
    let bad = |Bad { line, problem }: Bad| Uneditable::Definition { line, problem };
    let no = |problem: &str| Uneditable::Definition { line: 1, problem: problem.to_owned() };
    let root = yaml::read(definition).map_err(bad)?;
    if root.get("id").is_none() || definition.trim_start().starts_with(['{', '&', '!']) {
        return Err(no("write one template, a key a line, beginning with `id: …`"));
    }
    // The first key stands at the margin, and so all do.
    if definition.lines().find(|it| !is_idle(it)).is_some_and(|it| it.starts_with([' ', '\t'])) {
        return Err(no("begin in the first column"));
    }
    if definition.lines().any(|it| it.starts_with("---") || it.starts_with("...")) {
        return Err(no("write one template, without the marks of a document"));
    }
    root.get("id").and_then(Node::text).map(str::to_owned).ok_or_else(|| no("the id must be text"))
}

#[cfg(test)]
mod tests;
