//! The vectoriser as linfa has its estimators: parameters, their check, a fit on texts, a
//! transformation of texts.
//!
//! ```
//! use linfa::prelude::*;
//! use ndarray::{Array1, array};
//! use ticket_dispatch::model::{
//!     features::{FeatureSettings, Read, params::VocabularyParams},
//!     svc::SvcParams,
//!     table::TokenTable,
//! };
//!
//! let texts = array!["vpn down", "the vpn drops again", "printer jam", "打印机卡纸了"];
//! let texts = DatasetBase::new(texts, Array1::from(vec![0_usize, 0, 1, 1]));
//!
//! let params = VocabularyParams::new(FeatureSettings::for_examples(4), TokenTable::shipped()?);
//! let vocabulary = params.fit(&texts)?;
//! let read: Read = vocabulary.transform(&texts.records);
//! let dataset = DatasetBase::new(read.grams, texts.targets);
//!
//! let predicted: Array1<usize> = SvcParams::default().fit(&dataset)?.predict(&dataset);
//! assert_eq!(predicted.confusion_matrix(&dataset.targets)?.accuracy(), 1.0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::sync::Arc;

use linfa::{
    DatasetBase, ParamGuard,
    traits::{Fit, Transformer},
};
use ndarray::{ArrayBase, Data, Ix1};

use crate::{
    model::{
        features::{FeatureSettings, Read, Vocabulary, normal},
        fit::{FitError, require},
        ranks::Ranks,
        table::TokenTable,
    },
    text::grams::Tokenised,
};

/// Parameters as somebody gave them.
#[derive(Debug, Clone, PartialEq)]
pub struct VocabularyParams(VocabularyValidParams);

/// Parameters that make sense.
#[derive(Debug, Clone, PartialEq)]
pub struct VocabularyValidParams {
    settings: FeatureSettings,
    table: Arc<TokenTable>,
}

impl VocabularyParams {
    /// How messages become vectors, and the table that gives them their meaning.
    pub fn new(settings: FeatureSettings, table: Arc<TokenTable>) -> Self {
        Self(VocabularyValidParams { settings, table })
    }
}

impl ParamGuard for VocabularyParams {
    type Checked = VocabularyValidParams;
    type Error = FitError;

    fn check_ref(&self) -> Result<&Self::Checked, Self::Error> {
        self.0.settings.check()?;
        Ok(&self.0)
    }

    fn check(self) -> Result<Self::Checked, Self::Error> {
        self.check_ref()?;
        Ok(self.0)
    }
}

impl FeatureSettings {
    /// Whether messages can become vectors so.
    pub fn check(&self) -> Result<(), FitError> {
        let Self { min_messages, letters_weight } = *self;
        require(0 < min_messages, "min_messages", min_messages, "1 or more")?;
        let right = 0.0 < letters_weight && letters_weight <= 100.0;
        require(right, "letters_weight", letters_weight, "a number above 0 and not above 100")
    }
}

impl VocabularyValidParams {
    /// Learns the vocabulary of normalised messages.
    pub fn learn<'a>(&self, messages: impl Iterator<Item = &'a str>) -> Vocabulary {
        let mut all = Vec::new();
        let mut one = Vec::new();
        for message in messages {
            one.clear();
            Tokenised::of(message).each_gram(message, |gram| one.push(gram.hash));
            one.sort_unstable();
            one.dedup();
            all.extend_from_slice(&one);
        }
        all.sort_unstable();
        let runs = all.chunk_by(|a, b| a == b);
        let often = runs.filter(|run| self.settings.min_messages as usize <= run.len());
        let ranks = Ranks::of_sorted(often.map(|run| run[0]).collect());
        Vocabulary { settings: self.settings, ranks, table: Arc::clone(&self.table) }
    }
}

impl<S, D, T> Fit<ArrayBase<D, Ix1>, T, FitError> for VocabularyValidParams
where
    S: AsRef<str>,
    D: Data<Elem = S>,
{
    type Object = Vocabulary;

    /// Learns from texts as people type them; targets and weights do not matter.
    fn fit(&self, dataset: &DatasetBase<ArrayBase<D, Ix1>, T>) -> Result<Vocabulary, FitError> {
        let messages = normalised(&dataset.records);
        Ok(self.learn(messages.iter().map(String::as_str)))
    }
}

impl<S, D> Transformer<&ArrayBase<D, Ix1>, Read> for Vocabulary
where
    S: AsRef<str>,
    D: Data<Elem = S>,
{
    /// Texts as people type them become rows: of n-grams for the classifier
    /// [`svc`](crate::model::svc), of meanings for the network
    /// [`train::net`](crate::model::train::net). A row does not depend on the other texts.
    fn transform(&self, texts: &ArrayBase<D, Ix1>) -> Read {
        self.read(normalised(texts).iter().map(String::as_str))
    }
}

fn normalised<S: AsRef<str>, D: Data<Elem = S>>(texts: &ArrayBase<D, Ix1>) -> Vec<String> {
    texts.iter().map(|text| normal(text.as_ref())).collect()
}

#[cfg(test)]
mod tests {
    use linfa::dataset::Records;
    use ndarray::{Array1, array};

    use super::*;

    fn fit(settings: FeatureSettings, texts: Array1<&str>) -> Result<Vocabulary, FitError> {
        let params = VocabularyParams::new(settings, TokenTable::shipped().unwrap());
        params.fit(&DatasetBase::from(texts))
    }

    #[test]
    fn texts_become_the_rows_that_the_product_reads() {
        let vocabulary =
            fit(FeatureSettings::for_examples(2), array!["The VPN is down", "打印机卡纸"]).unwrap();
        let texts = array!["vpn ＤＯＷＮ", "", "打印机"];
        let read: Read = vocabulary.transform(&texts);
        assert_eq!((read.grams.nsamples(), read.meanings.nrows()), (3, 3));
        for (row, text) in texts.iter().enumerate() {
            let text = normal(text);
            let vector = vocabulary.vector(&text, &Tokenised::of(&text));
            assert_eq!(read.meanings.row(row).to_vec(), vector.meaning);
            assert_eq!(read.grams.row(row).columns.len(), vector.terms.len());
        }
        assert!(0.0 < read.known[0] && read.known[1] == 0.0 && 0.0 < read.known[2]);
    }

    #[test]
    fn a_setting_out_of_range_is_named() {
        let check = |min_messages, letters_weight, expected: &str| {
            let refused = fit(FeatureSettings { min_messages, letters_weight }, array!["vpn"]).unwrap_err();
            assert_eq!(refused.to_string(), expected);
        };
        check(0, 1.0, "min_messages is 0; it must be 1 or more");
        check(1, f32::NAN, "letters_weight is NaN; it must be a number above 0 and not above 100");
        check(1, 101.0, "letters_weight is 101; it must be a number above 0 and not above 100");
    }
}
