//! From n-grams to numbers: the vocabulary and the vector of a message.
//!
//! A vectoriser of our own, since linfa's cannot serve: its inverse document frequencies are those
//! of the batch being transformed (so one message alone gets other numbers than the same message
//! in a batch), it is not `Sync`, and its columns come in random order.
//!
//! Counts are damped by a logarithm and each family of n-grams is scaled to length one; there is
//! no inverse document frequency, because function words carry intent. Beside the n-grams stands the
//! meaning that the token table gives.

pub mod params;

use std::sync::Arc;

use ndarray::Array2;
use sprs::CsMatI;

use crate::{
    model::{ranks::Ranks, records::SparseRecords, rows::Term, table::TokenTable},
    text::{
        grams::{Block, Tokenised},
        normalise::Normalised,
        pieces::Piece,
    },
};

/// How messages become vectors; part of the artifact.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeatureSettings {
    /// In how many training messages an n-gram must occur.
    pub min_messages: u32,
    /// The length of the letters' part of a vector, where the words' part has length one.
    pub letters_weight: f32,
}

impl FeatureSettings {
    /// What suits a number of examples; chosen on validation data.
    ///
    /// With few examples every n-gram helps a little; with many, those seen once only double the
    /// model.
    pub fn for_examples(count: usize) -> Self {
        let min_messages = if count < 5_000 { 1 } else { 2 };
        Self { min_messages, letters_weight: 1.4 }
    }
}

/// A message as the machine sees it: its n-grams, and its meaning.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Vector {
    /// The columns of its n-grams, rising within each family, and their values.
    pub terms: Vec<Term>,
    /// Its meaning, of length one; all zero where the token table knows nothing of it.
    pub meaning: Vec<f32>,
    /// What the sum of its pieces' vectors was multiplied with to have that length.
    pub meaning_scale: f32,
    /// Which share of the message's n-grams the vocabulary knows, 0 to 1.
    pub known: f32,
}

/// An n-gram of a message that has a column, and the tokens that it covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occurrence {
    /// Its family, and below it its column; one number, since a message has hundreds to be sorted.
    place: u64,
    /// The first of the tokens that it covers, as an index.
    pub first: u32,
    /// How many tokens it covers.
    pub tokens: u32,
}

impl Occurrence {
    /// Its column.
    pub fn column(&self) -> u32 {
        self.place as u32
    }

    fn block(&self) -> Block {
        if self.place >> 32 == 0 { Block::Words } else { Block::Letters }
    }
}

/// The n-grams of one message that have a column: in the order of its vector, those of one column
/// beside each other.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Occurrences {
    all: Vec<Occurrence>,
    /// How many n-grams the message has, known or not.
    grams: usize,
    pieces: Vec<Piece>,
}

impl Occurrences {
    /// Those of each column, in the order of the vector's columns.
    pub fn by_column(&self) -> impl Iterator<Item = &[Occurrence]> {
        self.all.chunk_by(|a, b| a.place == b.place)
    }

    /// The pieces behind the message's meaning.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }
}

/// Which n-grams have a column, and the table behind the meaning.
#[derive(Debug, Clone, PartialEq)]
pub struct Vocabulary {
    settings: FeatureSettings,
    ranks: Ranks,
    table: Arc<TokenTable>,
}

impl Vocabulary {
    /// A vocabulary of these hashes, or none if they do not rise strictly.
    pub fn of_hashes(hashes: Vec<u64>, settings: FeatureSettings, table: Arc<TokenTable>) -> Option<Self> {
        Some(Self { settings, ranks: Ranks::of_rising(hashes)?, table })
    }

    /// The hashes of n-grams in column order.
    pub fn hashes(&self) -> &[u64] {
        self.ranks.hashes()
    }

    /// The table that gives a message its meaning.
    pub fn table(&self) -> &TokenTable {
        &self.table
    }

    /// How messages become vectors.
    pub fn settings(&self) -> FeatureSettings {
        self.settings
    }

    /// The vector of a normalised and tokenised message.
    pub fn vector(&self, text: &str, tokenised: &Tokenised) -> Vector {
        let mut words = Vec::with_capacity(2 * tokenised.tokens.len());
        let mut letters = Vec::with_capacity(4 * text.len());
        let mut grams = 0_usize;
        tokenised.each_gram(text, |gram| {
            grams += 1;
            if let Some(column) = self.ranks.rank(gram.hash) {
                match gram.block {
                    Block::Words => words.push(column),
                    Block::Letters => letters.push(column),
                }
            }
        });
        let mut vector = self.meant(&self.table.pieces(text, tokenised), grams, words.len() + letters.len());
        vector.add_block(counted(&mut words), 1.0);
        vector.add_block(counted(&mut letters), self.settings.letters_weight);
        vector
    }

    /// The n-grams of a message with their places, for whoever must say why.
    pub fn occurrences(&self, text: &str, tokenised: &Tokenised) -> Occurrences {
        let mut grams = 0_usize;
        let mut all = Vec::with_capacity(4 * text.len());
        tokenised.each_gram(text, |gram| {
            grams += 1;
            if let Some(column) = self.ranks.rank(gram.hash) {
                let family = u64::from(gram.block == Block::Letters);
                let place = family << 32 | u64::from(column);
                all.push(Occurrence { place, first: gram.first, tokens: gram.tokens });
            }
        });
        all.sort_unstable_by_key(|it| it.place);
        Occurrences { all, grams, pieces: self.table.pieces(text, tokenised) }
    }

    /// The vector of a message whose n-grams are known already; as `vector` gives it.
    pub fn vector_of(&self, occurrences: &Occurrences) -> Vector {
        let all = &occurrences.all;
        let mut vector = self.meant(&occurrences.pieces, occurrences.grams, all.len());
        for (block, length) in [(Block::Words, 1.0), (Block::Letters, self.settings.letters_weight)] {
            let of_block = occurrences.by_column().filter(|run| run[0].block() == block);
            vector.add_block(of_block.map(|run| (run[0].column(), run.len())), length);
        }
        vector
    }

    /// A vector with the meaning of these pieces, and room for `known` of the message's `grams` n-grams.
    fn meant(&self, pieces: &[Piece], grams: usize, known: usize) -> Vector {
        let (meaning, meaning_scale) = self.table.meaning(pieces);
        let share = known as f32 / grams.max(1) as f32;
        Vector { terms: Vec::with_capacity(known), meaning, meaning_scale, known: share }
    }

    /// The vectors of messages as the rows of matrices.
    pub fn read<'a>(&self, messages: impl Iterator<Item = &'a str>) -> Read {
        let (mut pointers, mut columns, mut values) = (vec![0], Vec::new(), Vec::new());
        let (mut meanings, mut known) = (Vec::new(), Vec::new());
        for message in messages {
            let mut vector = self.vector(message, &Tokenised::of(message));
            known.push(vector.known);
            meanings.append(&mut vector.meaning);
            vector.terms.sort_unstable_by_key(|(column, _)| *column);
            columns.extend(vector.terms.iter().map(|(column, _)| *column));
            values.extend(vector.terms.iter().map(|(_, value)| *value));
            pointers.push(small(columns.len()));
        }
        let grams = CsMatI::new((known.len(), self.hashes().len()), pointers, columns, values);
        // The shape fits: every meaning is as long as the table is wide.
        let meanings =
            Array2::from_shape_vec((known.len(), self.table.width()), meanings).unwrap_or_default();
        Read { grams: SparseRecords(grams), meanings, known }
    }
}

/// Messages as rows of matrices.
#[derive(Debug, Clone, PartialEq)]
pub struct Read {
    /// Messages by n-grams.
    pub grams: SparseRecords,
    /// Messages by numbers of a meaning.
    pub meanings: Array2<f32>,
    /// Of each message, which share of its n-grams is known.
    pub known: Vec<f32>,
}

impl Vector {
    /// Adds a family from its columns and their counts: counts damped, then scaled to the family's
    /// length.
    fn add_block(&mut self, columns: impl Iterator<Item = (u32, usize)>, length: f32) {
        let from = self.terms.len();
        let mut square = 0.0;
        for (column, count) in columns {
            let value = damped(count);
            square += value * value;
            self.terms.push((column, value));
        }
        let scale = if 0.0 < square { length / square.sqrt() } else { 0.0 };
        self.terms[from..].iter_mut().for_each(|(_, value)| *value *= scale);
    }
}

/// Each column once, rising, and how often it stands there.
fn counted(columns: &mut [u32]) -> impl Iterator<Item = (u32, usize)> {
    columns.sort_unstable();
    columns.chunk_by(|a, b| a == b).map(|run| (run[0], run.len()))
}

fn damped(count: usize) -> f32 {
    if count == 1 { 1.0 } else { 1.0 + (count as f32).ln() }
}

/// Data with more n-grams than this was never seen; it would be refused when it is written.
fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// The normal form in which messages are learned from.
pub fn normal(text: &str) -> String {
    Normalised::of(text).text().to_owned()
}

#[cfg(test)]
mod tests {
    use linfa::ParamGuard;

    use super::{params::VocabularyParams, *};

    fn vocabulary(messages: &[&str], min_messages: u32) -> Vocabulary {
        let settings = FeatureSettings { min_messages, ..FeatureSettings::for_examples(1) };
        let params = VocabularyParams::new(settings, TokenTable::shipped().unwrap());
        params.check().unwrap().learn(messages.iter().copied())
    }

    #[test]
    fn rare_grams_have_no_column() {
        let vocabulary = vocabulary(&["vpn down", "vpn up"], 2);
        let vector = vocabulary.vector("code", &Tokenised::of("code"));
        assert_eq!((vector.terms.len(), vector.known), (0, 0.0));
    }

    #[test]
    fn each_family_has_its_length() {
        let vocabulary = vocabulary(&["vpn down again again"], 1);
        let text = "vpn again again";
        let vector = vocabulary.vector(text, &Tokenised::of(text));
        let square: f32 = vector.terms.iter().map(|(_, value)| value * value).sum();
        assert!((square - (1.0 + 1.4 * 1.4)).abs() < 1e-5);
        let square: f32 = vector.meaning.iter().map(|number| number * number).sum();
        assert!((square - 1.0).abs() < 1e-5);
    }

    #[test]
    fn with_or_without_places_the_vector_is_the_same() {
        let vocabulary = vocabulary(&["the vpn is down again", "outlook 打不开", "vpn down vpn"], 1);
        for text in ["vpn down vpn down outlook", "outlook 打不开 打不开!", "", "nothing known"] {
            let tokenised = Tokenised::of(text);
            let occurrences = vocabulary.occurrences(text, &tokenised);
            assert_eq!(vocabulary.vector_of(&occurrences), vocabulary.vector(text, &tokenised), "{text}");
        }
    }
}
