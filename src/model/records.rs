//! Sparse rows that linfa accepts as the records of a dataset.

use linfa::dataset::Records;
use sprs::CsMatI;

/// Messages as rows, n-grams as columns, nearly all of them zero.
///
/// linfa's own estimators are dense (150 intents would need gigabytes), and `Records` cannot be
/// implemented on a foreign matrix: hence the newtype.
#[derive(Debug, Clone, PartialEq)]
pub struct SparseRecords(pub CsMatI<f32, u32>);

/// What is not zero in a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row<'a> {
    /// The columns, rising.
    pub columns: &'a [u32],
    /// Their values.
    pub values: &'a [f32],
}

impl SparseRecords {
    /// A row.
    pub fn row(&self, row: usize) -> Row<'_> {
        let range = self.0.indptr().outer_inds_sz(row);
        Row { columns: &self.0.indices()[range.clone()], values: &self.0.data()[range] }
    }
}

impl Records for SparseRecords {
    type Elem = f32;

    fn nsamples(&self) -> usize {
        self.0.rows()
    }

    fn nfeatures(&self) -> usize {
        self.0.cols()
    }
}
