//! What a model and the catalogue do not know of each other.

use std::sync::Arc;

use crate::domain::catalog::{Catalog, FALLBACK, INTENTS};

/// What a model and the catalogue do not know of each other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Strangers {
    /// Templates that employees may ask for, and that the model never suggests.
    pub(super) templates: Vec<String>,
    /// Labels of the model that lead nowhere.
    pub(super) labels: Vec<String>,
}

impl Strangers {
    /// Compares a model's labels with a catalogue.
    pub(super) fn of(labels: &[Arc<str>], catalog: &Catalog) -> Self {
        let suggested = |id: &str| id == FALLBACK || labels.iter().any(|it| **it == *id);
        let offered = catalog.templates.iter().filter(|it| catalog.is_offered(it));
        let templates = offered.filter(|it| !suggested(&it.id));
        let labels = labels.iter().filter(|it| !is_known(catalog, it)).map(|it| it.to_string());
        Self { templates: templates.map(|it| it.id.clone()).collect(), labels: labels.collect() }
    }

    /// Tells the log, if there are any.
    pub(super) fn tell(&self) {
        if !(self.templates.is_empty() && self.labels.is_empty()) {
            tracing::warn!(
                templates = self.templates.join(", "),
                labels = self.labels.join(", "),
                "the model knows no messages for these templates, and these labels of it are no templates"
            );
        }
    }
}

/// Whether a label means something: a template, or an intent that is no ticket.
pub(super) fn is_known(catalog: &Catalog, label: &str) -> bool {
    INTENTS.contains(&label) || catalog.template(label).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{catalog, model::corpora};

    #[test]
    fn the_starter_model_and_the_starter_catalogue_know_each_other() {
        let catalog = catalog::parse(&catalog::starter(), 0, None).unwrap();
        let mut labels: Vec<Arc<str>> = corpora::TRAIN.iter().map(|(label, _)| (*label).into()).collect();
        assert_eq!(Strangers::of(&labels, &catalog), Strangers::default());
        labels.retain(|it| **it != *"printer_fault");
        labels.push("coffee_machine".into());
        let expected =
            Strangers { templates: vec!["printer_fault".into()], labels: vec!["coffee_machine".into()] };
        assert_eq!(Strangers::of(&labels, &catalog), expected);
    }
}
