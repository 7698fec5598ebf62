//! From n-grams to numbers: the vocabulary and the vector of a message.
//!
//! A vectoriser of our own, since linfa's cannot serve: its inverse document frequencies are those
//! of the batch being transformed (so one message alone gets other numbers than the same message
//! in a batch), it is not `Sync`, and its columns come in random order.
//!
//! Counts are damped by a logarithm and each family of n-grams is scaled to length one; there is
//! no inverse document frequency, because function words carry intent. A further family (a token
//! table for meaning) would be one more block after the letters.

use sprs::CsMat;

use crate::{
    model::records::SparseRecords,
    text::{
        grams::{Block, Tokenised},
        normalise::Normalised,
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

/// A message as a sparse vector: columns rising, values beside them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Vector {
    /// The columns, rising within each family.
    pub columns: Vec<u32>,
    /// Their values.
    pub values: Vec<f32>,
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
}

impl Occurrences {
    /// Those of each column, in the order of the vector's columns.
    pub fn by_column(&self) -> impl Iterator<Item = &[Occurrence]> {
        self.all.chunk_by(|a, b| a.place == b.place)
    }
}

/// The n-grams that have a column, and how to find it.
#[derive(Debug, Clone, PartialEq)]
pub struct Vocabulary {
    settings: FeatureSettings,
    /// Rising, so that the column of an n-gram is its rank.
    hashes: Vec<u64>,
    /// Where the hashes with given leading bits start.
    starts: Vec<u32>,
    shift: u32,
}

impl Vocabulary {
    /// Learns the vocabulary of normalised messages.
    pub fn learn<'a>(messages: impl Iterator<Item = &'a str>, settings: FeatureSettings) -> Self {
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
        let often = runs.filter(|run| settings.min_messages as usize <= run.len());
        Self::indexed(often.map(|run| run[0]).collect(), settings)
    }

    /// A vocabulary of these hashes, or none if they do not rise strictly.
    pub fn of_hashes(hashes: Vec<u64>, settings: FeatureSettings) -> Option<Self> {
        let rising = hashes.is_sorted_by(|a, b| a < b);
        (rising && u32::try_from(hashes.len()).is_ok()).then(|| Self::indexed(hashes, settings))
    }

    fn indexed(hashes: Vec<u64>, settings: FeatureSettings) -> Self {
        let bits = (usize::BITS - hashes.len().leading_zeros()).clamp(1, 31);
        let shift = u64::BITS - bits;
        let mut starts = Vec::with_capacity((1 << bits) + 1);
        let mut column = 0_u32;
        for bucket in 0..=(1_u64 << bits) {
            let below = |hash: &u64| (hash >> shift) < bucket;
            while hashes.get(column as usize).is_some_and(below) {
                column += 1;
            }
            starts.push(column);
        }
        Self { settings, hashes, starts, shift }
    }

    /// The hashes in column order.
    pub fn hashes(&self) -> &[u64] {
        &self.hashes
    }

    /// How messages become vectors.
    pub fn settings(&self) -> FeatureSettings {
        self.settings
    }

    /// The column of an n-gram.
    pub fn column(&self, hash: u64) -> Option<u32> {
        let bucket = usize::try_from(hash >> self.shift).ok()?;
        let (from, to) = (*self.starts.get(bucket)?, *self.starts.get(bucket + 1)?);
        let within = self.hashes.get(from as usize..to as usize)?;
        let rank = within.iter().position(|known| *known == hash)?;
        Some(from + u32::try_from(rank).ok()?)
    }

    /// The vector of a normalised and tokenised message.
    pub fn vector(&self, text: &str, tokenised: &Tokenised) -> Vector {
        let mut words = Vec::with_capacity(2 * tokenised.tokens.len());
        let mut letters = Vec::with_capacity(4 * text.len());
        let mut grams = 0_usize;
        tokenised.each_gram(text, |gram| {
            grams += 1;
            if let Some(column) = self.column(gram.hash) {
                match gram.block {
                    Block::Words => words.push(column),
                    Block::Letters => letters.push(column),
                }
            }
        });
        let mut vector = Vector::with_room(words.len() + letters.len(), grams);
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
            if let Some(column) = self.column(gram.hash) {
                let family = u64::from(gram.block == Block::Letters);
                let place = family << 32 | u64::from(column);
                all.push(Occurrence { place, first: gram.first, tokens: gram.tokens });
            }
        });
        all.sort_unstable_by_key(|it| it.place);
        Occurrences { all, grams }
    }

    /// The vector of a message whose n-grams are known already; as `vector` gives it.
    pub fn vector_of(&self, occurrences: &Occurrences) -> Vector {
        let all = &occurrences.all;
        let mut vector = Vector::with_room(all.len(), occurrences.grams);
        for (block, length) in [(Block::Words, 1.0), (Block::Letters, self.settings.letters_weight)] {
            let of_block = occurrences.by_column().filter(|run| run[0].block() == block);
            vector.add_block(of_block.map(|run| (run[0].column(), run.len())), length);
        }
        vector
    }

    /// The vectors of messages as the rows of a matrix, and each one's known share.
    pub fn records<'a>(&self, messages: impl Iterator<Item = &'a str>) -> (SparseRecords, Vec<f32>) {
        let (mut pointers, mut columns, mut values) = (vec![0], Vec::new(), Vec::new());
        let mut known = Vec::new();
        for message in messages {
            let vector = self.vector(message, &Tokenised::of(message));
            known.push(vector.known);
            let mut cells: Vec<(u32, f32)> = vector.columns.into_iter().zip(vector.values).collect();
            cells.sort_unstable_by_key(|(column, _)| *column);
            columns.extend(cells.iter().map(|(column, _)| *column as usize));
            values.extend(cells.iter().map(|(_, value)| *value));
            pointers.push(columns.len());
        }
        let shape = (pointers.len() - 1, self.hashes.len());
        (SparseRecords(CsMat::new(shape, pointers, columns, values)), known)
    }
}

impl Vector {
    /// An empty one for a message of so many n-grams, of which so many are known.
    fn with_room(known: usize, grams: usize) -> Self {
        let share = known as f32 / grams.max(1) as f32;
        Self { columns: Vec::with_capacity(known), values: Vec::with_capacity(known), known: share }
    }

    /// Adds a family from its columns and their counts: counts damped, then scaled to the family's
    /// length.
    fn add_block(&mut self, columns: impl Iterator<Item = (u32, usize)>, length: f32) {
        let from = self.values.len();
        let mut square = 0.0;
        for (column, count) in columns {
            let value = damped(count);
            square += value * value;
            self.columns.push(column);
            self.values.push(value);
        }
        let scale = if 0.0 < square { length / square.sqrt() } else { 0.0 };
        self.values[from..].iter_mut().for_each(|value| *value *= scale);
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

/// The normal form in which messages are learned from.
pub fn normal(text: &str) -> String {
    Normalised::of(text).text().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vocabulary(messages: &[&str], min_messages: u32) -> Vocabulary {
        let settings = FeatureSettings { min_messages, letters_weight: 1.4 };
        Vocabulary::learn(messages.iter().copied(), settings)
    }

    #[test]
    fn every_hash_is_found_at_its_rank_and_no_other() {
        let vocabulary = vocabulary(&["the vpn is down", "outlook 打不开", "printer jam"], 1);
        for (rank, hash) in vocabulary.hashes().iter().enumerate() {
            assert_eq!(vocabulary.column(*hash), Some(rank as u32));
            assert_eq!(vocabulary.column(hash ^ 1), None);
        }
    }

    #[test]
    fn rare_grams_have_no_column() {
        let vocabulary = vocabulary(&["vpn down", "vpn up"], 2);
        let vector = vocabulary.vector("code", &Tokenised::of("code"));
        assert!(vector.columns.is_empty());
        assert_eq!(vector.known, 0.0);
    }

    #[test]
    fn each_family_has_its_length() {
        let vocabulary = vocabulary(&["vpn down again again"], 1);
        let text = "vpn again again";
        let vector = vocabulary.vector(text, &Tokenised::of(text));
        let square: f32 = vector.values.iter().map(|value| value * value).sum();
        assert!((square - (1.0 + 1.4 * 1.4)).abs() < 1e-5);
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

    #[test]
    fn hashes_out_of_order_are_no_vocabulary() {
        assert_eq!(Vocabulary::of_hashes(vec![3, 2], FeatureSettings::for_examples(10)), None);
        assert!(Vocabulary::of_hashes(vec![], FeatureSettings::for_examples(10)).is_some());
    }
}
