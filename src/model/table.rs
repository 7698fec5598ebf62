//! The token table: what pieces of words mean, as vectors distilled once from sentence transformers.
//!
//! `models/table/distil.py` makes it and says how; its card says from what. No transformer runs
//! here: a message's meaning is the sum of the vectors of its pieces, scaled to length one.

use std::sync::{Arc, LazyLock};

use safetensors::SafeTensors;

use crate::{
    model::{
        artifact::{ArtifactError, check::invalid, tensors, version},
        ranks::Ranks,
        rows::{Rows, Term},
    },
    text::{
        grams::Tokenised,
        normalise::Normalised,
        pieces::{Piece, each_piece, hash},
    },
};

/// Vectors of pieces, and how to find them.
#[derive(Debug, Clone, PartialEq)]
pub struct TokenTable {
    ranks: Ranks,
    /// The row of each rank.
    rows: Vec<u32>,
    vectors: Rows,
    version: Arc<str>,
}

const VECTORS: [&str; 2] = ["vectors", "scales"];

/// Far above any table, far below what would exhaust memory.
const WIDEST: usize = 4_096;

/// The table that ships with the product.
static SHIPPED: &[u8] = include_bytes!("../../models/table/table.safetensors");

/// Read once a process: it never changes, and every model points to it.
static TABLE: LazyLock<Result<Arc<TokenTable>, String>> =
    LazyLock::new(|| TokenTable::from_bytes(SHIPPED).map(Arc::new).map_err(|fault| fault.to_string()));

impl TokenTable {
    /// The table that ships with the product.
    pub fn shipped() -> Result<Arc<Self>, ArtifactError> {
        TABLE.clone().map_err(|fault| invalid("token table", fault))
    }

    /// Reads a table.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ArtifactError> {
        let file = SafeTensors::deserialize(bytes)?;
        let pieces = std::str::from_utf8(file.tensor("pieces")?.data());
        let pieces = pieces.map_err(|fault| invalid("pieces", fault.to_string()))?;
        let mut hashed: Vec<(u64, u32)> = pieces.lines().map(hash).zip(0..).collect();
        hashed.sort_unstable();
        let (hashes, rows): (Vec<u64>, Vec<u32>) = hashed.into_iter().unzip();
        let ranks = Ranks::of_rising(hashes).ok_or_else(|| invalid("pieces", "one stands there twice"))?;
        let width = file.tensor(VECTORS[0])?.shape().get(1).copied().unwrap_or_default();
        if !(1..=WIDEST).contains(&width) {
            return Err(invalid("vectors", format!("they have {width} numbers; 1 to {WIDEST} are read")));
        }
        let vectors = tensors::rows(&file, VECTORS, (rows.len(), width))?;
        Ok(Self { ranks, rows, vectors, version: version(bytes) })
    }

    /// Content hash of its file.
    pub fn version(&self) -> &Arc<str> {
        &self.version
    }

    /// How many numbers a vector has.
    pub fn width(&self) -> usize {
        self.vectors.width()
    }

    /// The known pieces of a normalised text.
    pub fn pieces(&self, text: &str, tokenised: &Tokenised) -> Vec<Piece> {
        let mut pieces = Vec::with_capacity(2 * tokenised.tokens.len());
        let row = |hash| self.ranks.rank(hash).map(|rank| self.rows[rank as usize]);
        each_piece(text, tokenised, row, |piece| pieces.push(piece));
        pieces
    }

    /// What a message of these pieces means: the sum of their vectors, scaled to length one, and the
    /// factor that scaled it. All zero where nothing is known.
    pub fn meaning(&self, pieces: &[Piece]) -> (Vec<f32>, f32) {
        let terms: Vec<Term> = pieces.iter().map(|piece| (piece.row, 1.0)).collect();
        let mut sums = self.vectors.sums();
        self.vectors.add(&terms, &mut sums);
        sums.truncate(self.width());
        let square: f32 = sums.iter().map(|number| number * number).sum();
        let factor = if 0.0 < square { 1.0 / square.sqrt() } else { 0.0 };
        sums.iter_mut().for_each(|number| *number *= factor);
        (sums, factor)
    }

    /// What a text as somebody typed it means, of length one; `None` if no word of it is known.
    pub fn meaning_of(&self, raw: &str) -> Option<Vec<f32>> {
        let text = Normalised::of(raw);
        let (meaning, factor) = self.meaning(&self.pieces(text.text(), &Tokenised::of(text.text())));
        (factor > 0.0).then_some(meaning)
    }

    /// The inner products of pieces' vectors with `direction`.
    pub fn along(&self, pieces: &[Piece], direction: &[f32]) -> Vec<f32> {
        self.vectors.along(pieces.iter().map(|piece| piece.row), direction)
    }
}

#[cfg(test)]
mod tests {
    use safetensors::tensor::{Dtype, TensorView};

    use super::*;

    fn meaning(text: &str) -> Vec<f32> {
        let table = TokenTable::shipped().unwrap();
        table.meaning(&table.pieces(text, &Tokenised::of(text))).0
    }

    fn likeness(a: &str, b: &str) -> f32 {
        meaning(a).iter().zip(meaning(b)).map(|(a, b)| a * b).sum()
    }

    #[test]
    fn words_of_one_meaning_lie_closer_than_others() {
        assert!(likeness("salary", "wages") > 0.2 + likeness("salary", "printer"));
        assert!(
            likeness("my laptop is broken", "notebook damaged")
                > likeness("my laptop is broken", "annual leave")
        );
        assert!(likeness("打印机", "printer") > 0.1 + likeness("打印机", "salary"));
        assert!(likeness("工资", "salary") > 0.1 + likeness("工资", "printer"));
    }

    #[test]
    fn what_no_piece_is_known_of_means_nothing() {
        assert!(meaning("").iter().all(|number| *number == 0.0));
    }

    /// What is said of a table of these pieces whose cells are all zero.
    fn said(pieces: &str, width: usize, scales: &[f32]) -> String {
        let cells = vec![0; scales.len() * width];
        let scales_of = vec![scales.len()];
        let scales: Vec<u8> = scales.iter().flat_map(|scale| scale.to_le_bytes()).collect();
        let view = |dtype, shape, data| TensorView::new(dtype, shape, data).unwrap();
        let tensors = [
            ("pieces", view(Dtype::U8, vec![pieces.len()], pieces.as_bytes())),
            ("scales", view(Dtype::F32, scales_of.clone(), &scales)),
            ("vectors", view(Dtype::I8, vec![scales_of[0], width], &cells)),
        ];
        let read = TokenTable::from_bytes(&safetensors::serialize(tensors, None).unwrap());
        read.map_or_else(|refused| refused.to_string(), |table| format!("{} numbers", table.width()))
    }

    #[test]
    fn a_broken_table_is_refused_with_the_part() {
        assert!(TokenTable::from_bytes(b"nonsense").is_err());
        assert!(TokenTable::from_bytes(&SHIPPED[..SHIPPED.len() - 1]).is_err());
        assert_eq!(said("vpn\ndown", 3, &[1.0, 0.5]), "3 numbers");
        let endless = said("vpn\ndown", 3, &[1.0, f32::NAN]);
        assert_eq!(endless, "scales: number 1 is NaN; all must lie within ±1000000");
        // Without a piece the width costs no byte of the file, but a sum needs room for it.
        let wide = said("", 1 << 40, &[]);
        assert_eq!(wide, "vectors: they have 1099511627776 numbers; 1 to 4096 are read");
    }
}
