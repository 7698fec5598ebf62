//! Sparse rows that linfa accepts as the records of a dataset.

use linfa::dataset::Records;
use sprs::CsMat;

/// Messages as rows, n-grams as columns, nearly all of them zero.
///
/// linfa's own estimators are dense (150 intents would need gigabytes), and `Records` cannot be
/// implemented on a foreign matrix: hence the newtype.
#[derive(Debug, Clone, PartialEq)]
pub struct SparseRecords(pub CsMat<f32>);

impl SparseRecords {
    /// The columns and values of a row.
    pub fn row(&self, row: usize) -> (&[usize], &[f32]) {
        let range = self.0.indptr().outer_inds_sz(row);
        (&self.0.indices()[range.clone()], &self.0.data()[range])
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
