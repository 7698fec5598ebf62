//! All that is wrong with a list of assets, and all that would come of it, before anything is written.

use std::collections::{HashMap, HashSet};

use super::{
    Change, Counts, Missing,
    columns::Column,
    known::Known,
    read::{List, Row},
};
use crate::{
    desk::{
        assets::{Register, picture::circular},
        people::Names,
        table::RowFault,
    },
    domain::{
        asset::{Details, Relation, tag_key},
        id::AssetId,
    },
};

/// Faults that are told; whoever has more is helped by these already.
const MOST: usize = 1_000;
/// So many of a hundred assets may go at once, unless more is allowed.
const USUAL: u32 = 10;

/// A list that was checked.
#[derive(Debug)]
pub struct Plan {
    pub(super) changes: Vec<Change>,
    /// When the register last changed, as it was seen.
    pub(super) seen: u64,
    /// What would come of it.
    pub counts: Counts,
    /// What is wrong, by line; nothing may be written if there is anything.
    pub faults: Vec<RowFault>,
    /// Columns that mean nothing here.
    pub passed_over: Vec<String>,
}

/// A row, the asset that it is about, and how that one is to be.
struct Entry<'a> {
    row: &'a Row,
    id: AssetId,
    details: Details,
}

/// Checks a list.
pub(super) fn plan(register: &Register, known: Known, people: &Names, list: List, missing: Missing) -> Plan {
    let List { rows, mut faults, passed_over, .. } = list;
    let is_whole = faults.is_empty();
    let mut entries = entries(register, &known, &rows, &mut faults);
    relations(&known, &mut entries, &mut faults);
    for entry in &mut entries {
        owner(people, entry, &mut faults);
        check(register, &known, entry, &mut faults);
    }
    circles(&known, &entries, &mut faults);
    let listed: HashSet<_> = entries.iter().map(|it| it.id).collect();
    let mut gone: Vec<_> =
        known.assets.keys().filter(|it| missing.remove && !listed.contains(it)).copied().collect();
    gone.sort_unstable();
    if missing.remove && is_whole {
        removals(&known, &rows, gone.len(), missing, &mut faults);
    }
    let (seen, mut counts) = (known.seen, Counts::default());
    let mut assets = known.assets;
    let mut changes = vec![];
    for Entry { id, details, .. } in entries {
        let before = assets.remove(&id);
        match &before {
            None => counts.created += 1,
            Some(it) if it.details == details => counts.unchanged += 1,
            Some(_) => counts.changed += 1,
        }
        if before.as_ref().is_none_or(|it| it.details != details) {
            changes.push(Change { id, before, details, removed: false });
        }
    }
    for id in gone {
        let Some(before) = assets.remove(&id) else { continue };
        let details = before.details.clone();
        changes.push(Change { id, before: Some(before), details, removed: true });
        counts.removed += 1;
    }
    faults.sort_by_key(|it| it.line);
    faults.truncate(MOST);
    Plan { changes, seen, counts, faults, passed_over }
}

/// Finds for each row the asset that it is about: by its tag, then by its serial number; else it is a new one.
fn entries<'a>(
    register: &Register,
    known: &Known,
    rows: &'a [Row],
    faults: &mut Vec<RowFault>,
) -> Vec<Entry<'a>> {
    let mut lines: HashMap<AssetId, usize> = HashMap::new();
    let mut tags: HashMap<String, usize> = HashMap::new();
    let mut entries = vec![];
    for row in rows {
        let key = |column| row.cell(&column).map(tag_key).filter(|it| !it.is_empty());
        let (tag, serial) = (key(Column::Tag), key(Column::Serial));
        let by_tag = tag.as_ref().and_then(|it| known.tags.get(it)).copied();
        let by_serial = || match serial.as_ref().and_then(|it| known.serials.get(it)) {
            Some(Some(id)) => Some(*id),
            Some(None) | None => None,
        };
        let Some(found) = by_tag.or_else(by_serial).or_else(|| tag.as_ref().map(|_| register.new_id()))
        else {
            let problem = match &serial {
                Some(it) => format!("is missing, and no asset alone has the serial number `{it}`"),
                None => "is required".to_owned(),
            };
            faults.push(RowFault::new(row.line, "tag", problem));
            continue;
        };
        if let Some(line) = tag.as_ref().and_then(|it| tags.insert(it.clone(), row.line)) {
            let tag = tag.unwrap_or_default();
            faults.push(RowFault::new(row.line, "tag", format!("`{tag}` stands in line {line} already")));
            continue;
        }
        if let Some(line) = lines.insert(found, row.line) {
            let problem = format!("is the same asset as in line {line}, by its serial number; keep one");
            faults.push(RowFault::new(row.line, "serial", problem));
            continue;
        }
        let mut details = known.assets.get(&found).map(|it| it.details.clone()).unwrap_or_default();
        faults.extend(row.apply(&mut details, &register.catalog));
        entries.push(Entry { row, id: found, details });
    }
    entries
}

/// Whose it is.
fn owner(people: &Names, entry: &mut Entry<'_>, faults: &mut Vec<RowFault>) {
    let Some(name) = entry.row.cell(&Column::Owner) else { return };
    if name.is_empty() {
        entry.details.owner = None;
        return;
    }
    match people.find(name) {
        Ok(found) => entry.details.owner = Some(found),
        Err(problem) => faults.push(RowFault::new(entry.row.line, "owner", problem)),
    }
}

/// What it is to others, who may stand in the list or in the register.
fn relations(known: &Known, entries: &mut [Entry<'_>], faults: &mut Vec<RowFault>) {
    let listed: HashMap<String, AssetId> =
        entries.iter().map(|it| (tag_key(&it.details.tag), it.id)).collect();
    for entry in entries {
        for (kind, tags) in entry.row.relations() {
            entry.details.relations.retain(|it| it.kind != kind);
            for tag in tags {
                let key = tag_key(tag);
                match listed.get(&key).or_else(|| known.tags.get(&key)) {
                    Some(to) => entry.details.relations.push(Relation { kind, to: *to }),
                    None => {
                        let problem = format!("there is no asset `{tag}`, neither here nor in the register");
                        faults.push(RowFault::new(entry.row.line, kind.as_str(), problem));
                    }
                }
            }
        }
    }
}

fn check(register: &Register, known: &Known, entry: &mut Entry<'_>, faults: &mut Vec<RowFault>) {
    entry.details = std::mem::take(&mut entry.details).plain();
    let before = known.assets.get(&entry.id).map(|it| &it.details);
    // What could not be read was told already.
    let told = |column: &str| {
        faults.iter().rev().take_while(|it| it.line == entry.row.line).any(|it| it.column == column)
    };
    let found = register.faults(entry.id, before, &entry.details);
    let found: Vec<_> = found.into_iter().filter(|(column, _)| !told(column)).collect();
    faults.extend(found.into_iter().map(|(column, problem)| RowFault::new(entry.row.line, &column, problem)));
}

/// Names the first circle of what must be a tree.
fn circles(known: &Known, entries: &[Entry<'_>], faults: &mut Vec<RowFault>) {
    let by_id: HashMap<AssetId, &Entry<'_>> = entries.iter().map(|it| (it.id, it)).collect();
    let details = |id: AssetId| {
        let listed = by_id.get(&id).map(|it| &it.details);
        listed.or_else(|| known.assets.get(&id).map(|it| &it.details))
    };
    let of = |id| details(id).map_or(&[][..], |it| it.relations.as_slice());
    let name = |id| details(id).map_or_else(String::new, |it| it.tag.clone());
    // A circle that is not told yet and has none of the list in it was there before.
    if let Some((id, kind, problem)) = circular(entries.iter().map(|it| it.id), of, name) {
        let line = by_id.get(&id).map_or(0, |it| it.row.line);
        let is_told = faults.iter().any(|it| it.line == line && it.column == kind.as_str());
        if !is_told {
            faults.push(RowFault::new(line, kind.as_str(), problem));
        }
    }
}

/// Refuses to take out many that nobody meant.
fn removals(known: &Known, rows: &[Row], gone: usize, missing: Missing, faults: &mut Vec<RowFault>) {
    if rows.is_empty() {
        faults.push(RowFault::new(0, "", "the list is empty, and everything would be taken out"));
        return;
    }
    let (here, most) = (known.assets.len(), missing.most_percent.unwrap_or(USUAL));
    if here * (most as usize) < gone * 100 {
        let problem = format!(
            "{gone} of {here} assets would be taken out, and at most {most} in a hundred may go at once; if that is \
             meant, allow more (`--allow-removals PERCENT`, or `allow_removals_percent` of the request)"
        );
        faults.push(RowFault::new(0, "", problem));
    }
}
