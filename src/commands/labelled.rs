//! Labelled messages for the commands that learn from them or measure on them, and what is odd about them.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::{
    bar::Bar,
    failure::Failure,
    warnings::{Kind, Warnings},
};
use crate::{
    catalog,
    domain::catalog::{Catalog, INTENTS},
    model::{
        artifact::{ArtifactError, file},
        classifier::Classifier,
        evaluation::judge,
        examples::{Example, Warning, inspect},
        readers::{Corpus, Oddity, ReadError},
        verdict::Verdict,
    },
};

/// Reads files one behind another; what is odd about the files goes into the warnings.
pub(super) fn read(files: &[PathBuf], warnings: &mut Warnings) -> Result<Corpus, ReadError> {
    let mut corpus = Corpus::default();
    for file in files {
        add(&mut corpus, file, None, warnings)?;
    }
    Ok(corpus)
}

/// Adds a file, all its messages with `label` if one is given.
pub(super) fn add(
    corpus: &mut Corpus,
    file: &Path,
    label: Option<&str>,
    warnings: &mut Warnings,
) -> Result<(), ReadError> {
    let (bar, before) = (Bar::new(), corpus.oddities.len());
    let read = corpus.add(file, label, &mut |done, size| bar.step("reading files", done, size));
    bar.clear();
    for oddity in &corpus.oddities[before..] {
        let kind = match oddity {
            Oddity::UnknownColumns { .. } => Kind::UnknownColumns,
            Oddity::Long { .. } => Kind::LongMessages,
        };
        warnings.add(kind, || oddity.told(&corpus.places));
    }
    read
}

/// Notes what is odd about examples to learn from.
pub(super) fn note(corpus: &Corpus, warning: &Warning, warnings: &mut Warnings) {
    let kind = match warning {
        Warning::Duplicate { .. } => Kind::Duplicates,
        Warning::Contradiction { .. } => Kind::Contradictions,
        Warning::Lonely { .. } => Kind::LonelyLabels,
        Warning::Capitals { .. } => Kind::LabelsAlike,
    };
    warnings.add(kind, || warning.told(|row| corpus.places.of(row)));
}

/// Notes all that is odd about examples to learn from.
pub(super) fn note_all(corpus: &Corpus, warnings: &mut Warnings) {
    inspect(&corpus.examples).1.iter().for_each(|warning| note(corpus, warning, warnings));
}

/// Notes labels that a model does not know: it cannot get their messages right.
pub(super) fn note_unknown_to(model: &Classifier, data: &[Example], warnings: &mut Warnings) {
    for (label, count) in labels(data) {
        if !model.knows(label) {
            let is_outside = ["oos", "ood", "out-of-scope", "out of scope"].contains(&&*label.to_lowercase());
            let hint =
                if is_outside { "; what is nothing the desk does belongs in --out-of-scope" } else { "" };
            warnings.add(Kind::UnknownLabels, || {
                format!(
                    "the model does not know the label '{label}', so its messages ({count}) count as wrong{hint}"
                )
            });
        }
    }
}

/// Notes labels that are no template of the catalogue and no intent: their messages would lead nowhere.
///
/// Without a folder the starter catalogue is asked, but only where it has most of the labels: data of another
/// catalogue is not compared with it.
pub(super) fn note_unknown_to_catalogue(
    folder: Option<&Path>,
    data: &[Example],
    warnings: &mut Warnings,
) -> Result<(), Failure> {
    let (name, catalog) = match folder {
        Some(folder) => (folder.display().to_string(), Some(catalogue(folder)?)),
        None => ("the starter catalogue".to_owned(), catalog::parse(&catalog::starter(), 0, None).ok()),
    };
    let Some(catalog) = catalog else { return Ok(()) };
    let labels = labels(data);
    let means = |label: &str| INTENTS.contains(&label) || catalog.template(label).is_some();
    let (known, strange): (Vec<_>, Vec<_>) = labels.into_iter().partition(|(label, _)| means(label));
    if folder.is_none() && known.len() <= strange.len() {
        return Ok(());
    }
    for (label, count) in strange {
        warnings.add(Kind::UnknownLabels, || {
            format!(
                "{name} has no template '{label}', so its {count} messages would lead to no ticket; add the \
                 template, correct the label, or give your own catalogue with --catalog"
            )
        });
    }
    Ok(())
}

fn catalogue(folder: &Path) -> Result<Catalog, Failure> {
    let sources = catalog::read_dir(folder).map_err(|error| Failure::Catalog(error.to_string()))?;
    let place = || Failure::Catalog(folder.display().to_string());
    if sources.is_empty() { Err(place()) } else { catalog::parse(&sources, 0, None).map_err(|_| place()) }
}

fn labels(data: &[Example]) -> BTreeMap<&str, usize> {
    data.iter().fold(BTreeMap::new(), |mut labels, example| {
        *labels.entry(example.label.as_str()).or_default() += 1;
        labels
    })
}

/// Loads a model; a fault names the file.
pub(super) fn load(path: &Path) -> Result<Classifier, Failure> {
    file::load(path).map_err(|source| {
        // What the file system says names its file itself.
        let is_named = matches!(source, ArtifactError::Io { .. });
        if is_named { Failure::File(source) } else { Failure::Model { path: path.to_owned(), source } }
    })
}

/// The verdict on each message, with a bar.
pub(super) fn judged(model: &Classifier, data: &[Example]) -> Vec<Verdict> {
    let bar = Bar::new();
    let verdicts =
        judge(model, data, &mut |done| bar.step("judging messages", done as u64, data.len() as u64));
    bar.clear();
    verdicts
}
