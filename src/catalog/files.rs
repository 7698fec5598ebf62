//! The files of a catalogue: what may be one, what a folder holds, and those inside the binary.

use std::{collections::BTreeSet, fs, io, path::Path};

use super::{
    Fault, Source,
    fault::{Faults, quoted},
    ics::Holidays,
    yaml::{self, Node},
};

/// Most files of a catalogue.
pub const FILES: usize = 200;
/// Most bytes of one.
const BYTES: usize = 1 << 20;
/// Longest name of one, in characters.
const NAME: usize = 128;
/// How the name of a YAML file ends.
const YAML: [&str; 2] = ["yaml", "yml"];
/// How the name of a file of holidays ends.
const ICALENDAR: [&str; 1] = ["ics"];

/// The starter catalogue, as it lies in `deploy/catalog`.
const STARTER: [(&str, &str); 19] = [
    ("approvals.yaml", include_str!("../../deploy/catalog/approvals.yaml")),
    ("assets.yaml", include_str!("../../deploy/catalog/assets.yaml")),
    ("changes.yaml", include_str!("../../deploy/catalog/changes.yaml")),
    ("people.yaml", include_str!("../../deploy/catalog/people.yaml")),
    ("routing.yaml", include_str!("../../deploy/catalog/routing.yaml")),
    ("services.yaml", include_str!("../../deploy/catalog/services.yaml")),
    ("sla.yaml", include_str!("../../deploy/catalog/sla.yaml")),
    ("templates-accounts.yaml", include_str!("../../deploy/catalog/templates-accounts.yaml")),
    ("templates-business.yaml", include_str!("../../deploy/catalog/templates-business.yaml")),
    ("templates-changes.yaml", include_str!("../../deploy/catalog/templates-changes.yaml")),
    ("templates-company.yaml", include_str!("../../deploy/catalog/templates-company.yaml")),
    ("templates-infrastructure.yaml", include_str!("../../deploy/catalog/templates-infrastructure.yaml")),
    ("templates-people.yaml", include_str!("../../deploy/catalog/templates-people.yaml")),
    ("templates-problems.yaml", include_str!("../../deploy/catalog/templates-problems.yaml")),
    ("templates-security.yaml", include_str!("../../deploy/catalog/templates-security.yaml")),
    ("templates-services.yaml", include_str!("../../deploy/catalog/templates-services.yaml")),
    ("templates-site.yaml", include_str!("../../deploy/catalog/templates-site.yaml")),
    ("templates-telecom.yaml", include_str!("../../deploy/catalog/templates-telecom.yaml")),
    ("templates-workplace.yaml", include_str!("../../deploy/catalog/templates-workplace.yaml")),
];

/// What the files of a catalogue say.
#[derive(Debug, Default)]
pub(super) struct Read<'a> {
    /// The YAML files.
    pub(super) trees: Vec<Tree<'a>>,
    /// The iCalendar files.
    pub(super) holidays: Holidays<'a>,
    /// Whether every YAML file could be read.
    pub(super) whole: bool,
}

/// A file as a tree.
#[derive(Debug)]
pub(super) struct Tree<'a> {
    pub(super) name: &'a str,
    pub(super) root: Node,
}

/// Reads all files, as far as they can be read.
pub(super) fn read<'a>(sources: &'a [Source], faults: &Faults) -> Read<'a> {
    if sources.len() > FILES {
        let problem = format!("{} files are too many; at most {FILES} are allowed", sources.len());
        faults.add(Fault { file: String::new(), line: 0, field: String::new(), problem });
        return Read::default();
    }
    let mut names = BTreeSet::new();
    let mut all = Read { whole: true, ..Read::default() };
    for source in sources {
        let name = source.name.as_str();
        let read = may_be_read(source, &mut names).map_err(|problem| (0, problem));
        let fault = match read {
            Ok(()) if has_ending(Path::new(name), &ICALENDAR) => {
                all.holidays.add(source, faults);
                continue;
            }
            Ok(()) => yaml::read(&source.content).map_err(|bad| (bad.line, bad.problem)),
            Err(bad) => Err(bad),
        };
        match fault {
            Ok(root) => all.trees.push(Tree { name, root }),
            Err((line, problem)) => {
                all.whole = false;
                let file = quoted(name).trim_matches('`').to_owned();
                faults.add(Fault { file, line, field: String::new(), problem });
            }
        }
    }
    all
}

fn may_be_read<'a>(source: &'a Source, names: &mut BTreeSet<&'a str>) -> Result<(), String> {
    let name = source.name.as_str();
    if name.is_empty() || name.chars().count() > NAME || name.chars().any(char::is_control) {
        return Err(format!("a file needs a name of 1 to {NAME} printable characters"));
    }
    if !names.insert(name) {
        return Err("there are two files of this name".to_owned());
    }
    if source.content.len() > BYTES {
        let length = source.content.len();
        return Err(format!(
            "has {length} bytes; at most {BYTES} are allowed, so split it into several files"
        ));
    }
    Ok(())
}

/// The starter catalogue.
pub(super) fn starter() -> Vec<Source> {
    let source = |(name, content): (&str, &str)| Source { name: name.into(), content: content.into() };
    STARTER.into_iter().map(source).collect()
}

/// The YAML and iCalendar files of a folder, by name.
pub(super) fn read_dir(path: &Path) -> io::Result<Vec<Source>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(path).map_err(|error| named(path, &error))? {
        let path = entry?.path();
        let hidden = path.file_name().is_none_or(|it| it.to_string_lossy().starts_with('.'));
        if !hidden && (has_ending(&path, &YAML) || has_ending(&path, &ICALENDAR)) && path.is_file() {
            paths.push(path);
        }
    }
    paths.sort();
    paths.truncate(FILES + 1);
    paths.iter().map(|path| read_file(path)).collect()
}

/// Reads one file. One that is far too large is not read into memory to find that out.
pub(super) fn read_file(path: &Path) -> io::Result<Source> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let length = fs::metadata(path).map_err(|error| named(path, &error))?.len();
    if length > BYTES as u64 {
        let problem = format!("{}: has {length} bytes; at most {BYTES} are allowed", path.display());
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, problem));
    }
    let content = fs::read_to_string(path).map_err(|error| named(path, &error))?;
    Ok(Source { name, content })
}

fn has_ending(path: &Path, endings: &[&str]) -> bool {
    path.extension().is_some_and(|it| endings.iter().any(|ending| it == *ending))
}

fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}
