//! Which model runs: the owner's, or the starter. And what it and the catalogue do not know of each other.

use std::sync::Arc;

use super::StartError;
use crate::{
    config::Config,
    domain::catalog::{Catalog, FALLBACK, INTENTS},
    model::{artifact::file, classifier::Classifier, starter::starter, train::Progress},
};

/// Loads the model; the starter is trained if this is the first start.
pub(super) fn load(
    config: &Config,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<Classifier, StartError> {
    match &config.model {
        Some(path) => file::load(path).map_err(|source| StartError::OwnModel { path: path.clone(), source }),
        None => Ok(starter(&config.data, progress)?),
    }
}

/// Says which templates the model never suggests, and which of its labels lead nowhere.
pub(super) fn compare(labels: &[Arc<str>], catalog: &Catalog) {
    let (templates, labels) = strangers(labels, catalog);
    if !(templates.is_empty() && labels.is_empty()) {
        tracing::warn!(
            templates = templates.join(", "),
            labels = labels.join(", "),
            "the model knows no messages for these templates, and these labels of it are no templates"
        );
    }
}

fn strangers<'a>(labels: &'a [Arc<str>], catalog: &'a Catalog) -> (Vec<&'a str>, Vec<&'a str>) {
    let known = |id: &str| id == FALLBACK || labels.iter().any(|it| **it == *id);
    let meant = |label: &str| INTENTS.contains(&label) || catalog.template(label).is_some();
    let templates = catalog.templates.iter().map(|it| it.id.as_str()).filter(|it| !known(it));
    (templates.collect(), labels.iter().map(|it| &**it).filter(|it| !meant(it)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{catalog, model::corpora};

    #[test]
    fn the_starter_model_and_the_starter_catalogue_know_each_other() {
        let catalog = catalog::parse(&catalog::starter(), 0, None).unwrap();
        let mut labels: Vec<Arc<str>> = corpora::TRAIN.iter().map(|(label, _)| (*label).into()).collect();
        assert_eq!(strangers(&labels, &catalog), (vec![], vec![]));
        labels.retain(|it| **it != *"printer_fault");
        labels.push("coffee_machine".into());
        assert_eq!(strangers(&labels, &catalog), (vec!["printer_fault"], vec!["coffee_machine"]));
    }
}
