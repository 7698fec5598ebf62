//! All that is wrong with a list of people, found before anything is written.

use std::collections::{HashMap, HashSet};

use super::{
    Column, Row,
    known::{self, Known},
};
use crate::{
    desk::{
        people::{Directory, circular},
        table::RowFault,
    },
    domain::{
        id::ProfileId,
        people::Person,
        profile::{Details, circle, user_key},
    },
};

/// Faults that are told; whoever has more is helped by these already.
const MOST: usize = 1_000;

/// A list that was checked.
#[derive(Debug, Default)]
pub struct Plan {
    known: Known,
    /// Managers of those in the list who have one.
    pub(super) managers: HashMap<ProfileId, ProfileId>,
    /// Those who are in the directory and not in the list.
    pub(super) leavers: Vec<ProfileId>,
    /// How many the list has.
    people: u64,
}

/// Whom a row is about.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub(super) id: ProfileId,
    /// Who they are, if they are new.
    pub(super) who: Person,
}

impl Plan {
    /// How many there are in the list, and how many have left.
    pub fn size(&self) -> (u64, u64) {
        (self.people, self.leavers.len() as u64)
    }

    /// How many of the directory are here.
    pub fn here(&self) -> u64 {
        self.known.active.len() as u64
    }

    /// The version of an entry that the list was checked against; none if there was no entry.
    pub(super) fn version(&self, id: ProfileId) -> Option<u64> {
        self.known.versions.get(&id).copied()
    }

    /// Whom a row is about; it was found in order before.
    pub(super) fn target(&self, directory: &Directory, row: &Row) -> Option<Target> {
        let mut details = Details::default();
        row.apply(&mut details);
        target(directory, &self.known, row, &details).ok()
    }
}

/// Checks a list.
pub(super) fn plan(
    directory: &Directory,
    known: Known,
    rows: impl Iterator<Item = Result<Row, RowFault>>,
    leavers: bool,
) -> Result<Plan, Vec<RowFault>> {
    let mut list = List::default();
    for row in rows {
        match row {
            Ok(row) => list.add(directory, &known, &row),
            Err(fault) => list.faults.push(fault),
        }
        if MOST <= list.faults.len() {
            break;
        }
    }
    let managers = list.managers(&known);
    list.circles(&known, &managers);
    if leavers && list.lines.is_empty() && list.faults.is_empty() {
        let problem = "the list is empty, and everybody would leave".to_owned();
        list.faults.push(RowFault { line: 0, column: String::new(), problem });
    }
    if !list.faults.is_empty() {
        list.faults.sort_by_key(|it| it.line);
        return Err(list.faults);
    }
    let gone = known.active.iter().copied().filter(|id| !list.lines.contains_key(id));
    let leavers = if leavers { gone.collect() } else { vec![] };
    Ok(Plan { managers, leavers, people: list.lines.len() as u64, known })
}

/// What is kept of a list while it is checked.
#[derive(Default)]
struct List {
    /// The line of everybody.
    lines: HashMap<ProfileId, usize>,
    by_name: HashMap<String, (ProfileId, usize)>,
    by_email: HashMap<String, Option<ProfileId>>,
    /// The manager as written, of those who have the column.
    written: Vec<(ProfileId, usize, String)>,
    faults: Vec<RowFault>,
}

impl List {
    fn fault(&mut self, line: usize, column: Column, problem: String) {
        self.faults.push(RowFault { line, column: column.as_str().to_owned(), problem });
    }

    fn add(&mut self, directory: &Directory, known: &Known, row: &Row) {
        let faults = row.faults();
        if !faults.is_empty() {
            self.faults.extend(faults);
            return;
        }
        let mut details = Details::default();
        row.apply(&mut details);
        let key = details.user_key();
        let target = match target(directory, known, row, &details) {
            Ok(target) => target,
            Err((column, problem)) => return self.fault(row.line, column, problem),
        };
        if let Some((_, line)) = self.by_name.get(&key) {
            let problem = format!("`{}` stands in line {line} already", details.user_name);
            return self.fault(row.line, Column::UserName, problem);
        }
        if let Some(line) = self.lines.get(&target.id) {
            let problem = format!("is the same person as in line {line}; keep one");
            return self.fault(row.line, Column::Subject, problem);
        }
        self.lines.insert(target.id, row.line);
        self.by_name.insert(key, (target.id, row.line));
        known::add(&mut self.by_email, details.email().to_lowercase(), target.id);
        if row.names_manager() {
            let manager = row.said(Column::Manager).unwrap_or_default().to_owned();
            self.written.push((target.id, row.line, manager));
        }
    }

    /// Whose managers are whom.
    fn managers(&mut self, known: &Known) -> HashMap<ProfileId, ProfileId> {
        let mut managers = HashMap::new();
        for (id, line, manager) in std::mem::take(&mut self.written) {
            if manager.is_empty() {
                self.written.push((id, line, manager));
                continue;
            }
            match self.named(known, &manager) {
                Ok(found) => {
                    managers.insert(id, found);
                }
                Err(problem) => self.fault(line, Column::Manager, problem),
            }
            self.written.push((id, line, manager));
        }
        managers
    }

    fn named(&self, known: &Known, name: &str) -> Result<ProfileId, String> {
        let key = user_key(name);
        let by_name = self.by_name.get(&key).map(|it| it.0).or_else(|| known.by_name.get(&key).copied());
        if let Some(found) = by_name {
            return Ok(found);
        }
        match self.by_email.get(&key).or_else(|| known.by_email.get(&key)) {
            Some(Some(found)) => Ok(*found),
            Some(None) => Err(format!("several people have the address `{name}`; name the user name")),
            None => Err(format!(
                "nobody has the user name or the address `{name}`, neither here nor in the directory"
            )),
        }
    }

    /// Names every circle of managers once, at its first line.
    fn circles(&mut self, known: &Known, managers: &HashMap<ProfileId, ProfileId>) {
        let says: HashSet<ProfileId> = self.written.iter().map(|it| it.0).collect();
        let above = |id: ProfileId| {
            let said = managers.get(&id).copied();
            if says.contains(&id) { said } else { known.managers.get(&id).copied() }
        };
        let names: HashMap<ProfileId, &str> =
            self.by_name.iter().map(|(name, (id, _))| (*id, name.as_str())).collect();
        let mut told = HashSet::new();
        let mut found = vec![];
        for (id, line, _) in &self.written {
            let Some(round) = circle(*id, above).filter(|_| !told.contains(id)) else { continue };
            told.extend(round.iter().copied());
            let name = |id: &ProfileId| {
                let here = names.get(id).map(|it| (*it).to_owned());
                here.or_else(|| known.names.get(id).cloned()).unwrap_or_else(|| id.to_string())
            };
            found.push((*line, circular(&round.iter().map(name).collect::<Vec<_>>())));
        }
        for (line, problem) in found {
            self.fault(line, Column::Manager, problem);
        }
    }
}

/// Whom a row is about: whom its subject names, else whom its user name stands for already, else somebody new.
fn target(
    directory: &Directory,
    known: &Known,
    row: &Row,
    details: &Details,
) -> Result<Target, (Column, String)> {
    let name = &details.user_name;
    let owner = known.by_name.get(&details.user_key()).copied();
    let (issuer, subject) = (row.said(Column::Issuer), row.said(Column::Subject));
    if let (Some(id), None, None) = (owner, issuer, subject) {
        return Ok(Target { id, who: Person::default() });
    }
    let own = |it: &str| it.to_owned();
    let identity = directory.identity(issuer.map(own), subject.map(own), details);
    let (issuer, by) = identity.map_err(|(field, problem)| {
        let column = if field == "external_id" { Column::ExternalId } else { Column::Email };
        (column, problem)
    })?;
    let who = Person { issuer, subject: by, name: String::new() };
    let id = directory.id(&who);
    if owner.is_some_and(|it| it != id) {
        return Err((Column::UserName, format!("`{name}` is somebody else's in the directory already")));
    }
    match known.names.get(&id).filter(|it| subject.is_none() && **it != details.user_key()) {
        Some(other) => Err((
            Column::UserName,
            format!(
                "`{name}` would be the subject of `{other}`, who stands in the directory; name the subject"
            ),
        )),
        None => Ok(Target { id, who }),
    }
}
