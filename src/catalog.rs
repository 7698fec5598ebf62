//! The catalogue as YAML: what the desk offers, who does the work and by when, in files that their
//! owners edit.
//!
//! It owns the way from texts to a checked [`Catalog`], in which every id that something names exists.
//! Holidays may come from iCalendar files beside the YAML; they are files of the catalogue like any other,
//! so a stored version of it has them too. It reports all faults of all files at once, each with file,
//! line, field and what would be right, and takes nothing of a catalogue that has one. Any bytes are
//! answered, none panics.
//!
//! The way: `yaml` makes a tree with lines and `ics` learns when places are closed, `sections` gathers the
//! top-level keys of all files, `outline` learns every id, then one reader for each kind of item checks it
//! against the outline.

use std::{fmt, io, path::Path};

use crate::domain::{catalog::Catalog, members::Members};

mod agreements;
mod approvals;
mod approvers;
mod asset_conditions;
mod asset_types;
mod calendars;
mod changes;
mod directory;
mod duties;
pub mod edit;
mod fault;
mod fields;
mod files;
mod ics;
mod item;
mod nearest;
mod outline;
mod people;
mod policies;
mod reach;
mod rules;
mod sections;
mod services;
mod sla_rules;
mod special;
mod steps;
mod templates;
mod written;
mod yaml;

pub use files::FILES;

/// A file of a catalogue: name and content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Such as `people.yaml`, or `germany.ics` for holidays.
    pub name: String,
    /// YAML; iCalendar, if the name ends in `.ics`.
    pub content: String,
}

/// Something wrong in a catalogue.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Fault {
    /// Name of the file; empty when the catalogue as a whole is meant.
    pub file: String,
    /// Line, from 1; 0 when unknown.
    pub line: u32,
    /// Path of the field within its file, such as `templates[3].fields[0].type`.
    pub field: String,
    /// What is wrong, and what would be right.
    pub problem: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.file.is_empty() {
            write!(f, "{}:", self.file)?;
            if self.line > 0 {
                write!(f, "{}:", self.line)?;
            }
            f.write_str(" ")?;
        }
        if !self.field.is_empty() {
            write!(f, "{}: ", self.field)?;
        }
        f.write_str(&self.problem)
    }
}

/// Reads and checks a catalogue. A template that is as in `previous` keeps its version; any other gets
/// one that follows from the catalogue's, so that no number ever stands for two contents, not even
/// when the previous catalogue is not at hand.
pub fn parse(sources: &[Source], version: u64, previous: Option<&Catalog>) -> Result<Catalog, Vec<Fault>> {
    let faults = fault::Faults::default();
    let files = files::read(sources, &faults);
    let sections = sections::Sections::of(&files.trees, &faults);
    // A file that could not be read may define what the others name: no fault is made of that.
    let outline = outline::Outline::of(&sections, files.whole, &faults);
    let services = services::services(&sections, &outline);
    let templates = templates::templates(&sections, &outline, &services, (version, previous));
    let catalog = Catalog {
        version,
        earlier: templates::earlier(&templates, previous),
        services,
        groups: people::groups(&sections, &outline),
        agents: people::agents(&sections, &outline),
        templates,
        calendars: calendars::calendars(&sections, &files.holidays),
        policies: policies::policies(&sections, &outline),
        sla_rules: sla_rules::sla_rules(&sections, &outline),
        suppliers: agreements::suppliers(&sections, &outline),
        rules: rules::rules(&sections, &outline),
        matrix: policies::matrix(&sections),
        people: directory::directory(&sections),
        members: Members::default(),
        approvers: approvers::approvers(&sections, &outline),
        asset_types: asset_types::asset_types(&sections, &outline),
        changes: changes::changes(&sections, &outline),
    };
    approvals::together(&sections, &catalog.agents, &catalog.templates);
    duties::together(&sections, &catalog.agents, &catalog.groups, &catalog.templates);
    // What could not be read makes rules look as if they could not hold.
    if files.whole && faults.is_empty() {
        reach::check(&sections, &catalog);
    }
    agreements::together(&sections, &catalog.groups, &catalog.suppliers);
    services::together(&sections, &catalog.services, &catalog.templates);
    faults.none_or_all().map(|()| catalog)
}

/// One YAML file as a source.
pub fn read_file(path: &Path) -> io::Result<Source> {
    files::read_file(path)
}

/// The starter catalogue inside the binary.
pub fn starter() -> Vec<Source> {
    files::starter()
}

/// The YAML and iCalendar files of a folder, by name; folders within it and hidden files are left alone.
pub fn read_dir(path: &Path) -> io::Result<Vec<Source>> {
    files::read_dir(path)
}

#[cfg(test)]
mod tests;
