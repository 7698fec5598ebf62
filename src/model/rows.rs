//! A matrix of small integers: eight bits a cell and one scale a row.
//!
//! All that a message meets lies in such matrices: the vectors of word pieces, the weights of
//! n-grams, the layers of the network. A sum of some of their rows is the one loop that decides how
//! fast a message is read, so it runs on the widest registers that the processor has; which these
//! are is found out while the program runs (`pulp`).

use pulp::Arch;

/// Rows of equal width. A cell's value is its integer times the scale of its row.
#[derive(Debug, Clone, PartialEq)]
pub struct Rows {
    cells: Vec<i8>,
    scales: Vec<f32>,
    width: usize,
    /// The width with its padding, so that each row is a whole number of [`LANES`].
    stride: usize,
}

/// How many sums are kept in registers at once.
const LANES: usize = 64;

/// The largest cell; the lowest one is its negative, so that signs can be turned.
const LARGEST: f32 = 127.0;

/// A row, and what its cells are multiplied with on their way into a sum.
pub type Term = (u32, f32);

impl Rows {
    /// The nearest rows to these numbers, `width` of them a row.
    pub fn nearest(numbers: &[f32], width: usize) -> Self {
        let mut cells = Vec::with_capacity(numbers.len());
        let mut scales = Vec::with_capacity(numbers.len() / width.max(1));
        for row in numbers.chunks_exact(width.max(1)) {
            let largest = row.iter().fold(0.0_f32, |largest, number| largest.max(number.abs()));
            let scale = largest / LARGEST;
            let cell = |number: &f32| if 0.0 < scale { (number / scale).round() as i8 } else { 0 };
            cells.extend(row.iter().map(cell));
            scales.push(scale);
        }
        Self::padded(&cells, scales, width)
    }

    /// Rows of these cells, `width` of them and one scale a row, or none if their numbers disagree.
    pub fn of_cells(cells: &[i8], scales: Vec<f32>, width: usize) -> Option<Self> {
        (cells.len() == scales.len().checked_mul(width)?).then(|| Self::padded(cells, scales, width))
    }

    fn padded(cells: &[i8], scales: Vec<f32>, width: usize) -> Self {
        let stride = width.next_multiple_of(LANES);
        let mut padded = vec![0; scales.len() * stride];
        let rows = padded.chunks_exact_mut(stride.max(1)).zip(cells.chunks_exact(width.max(1)));
        rows.for_each(|(to, from)| to[..width].copy_from_slice(from));
        Self { cells: padded, scales, width, stride }
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.scales.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.scales.is_empty()
    }

    /// How many numbers stand in a row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The scale of each row.
    pub fn scales(&self) -> &[f32] {
        &self.scales
    }

    /// The cells of all rows, without the padding.
    pub fn cells(&self) -> impl Iterator<Item = &[i8]> {
        self.cells.chunks_exact(self.stride.max(1)).map(|row| &row[..self.width])
    }

    /// The number in a row's column.
    pub fn at(&self, row: u32, column: usize) -> f32 {
        let row = row as usize;
        self.scales[row] * f32::from(self.cells[row * self.stride + column])
    }

    /// The inner products of some rows with `direction`, one number for each column.
    pub fn along(&self, rows: impl ExactSizeIterator<Item = u32>, direction: &[f32]) -> Vec<f32> {
        let mut padded = self.sums();
        padded.iter_mut().zip(direction).for_each(|(to, from)| *to = *from);
        Arch::new().dispatch(|| {
            let mut products = Vec::with_capacity(rows.len());
            for row in rows {
                let row = row as usize;
                let cells = &self.cells[row * self.stride..(row + 1) * self.stride];
                let (blocks, _) = cells.as_chunks::<LANES>();
                let (numbers, _) = padded.as_chunks::<LANES>();
                let mut sums = [0.0; LANES];
                for (cells, numbers) in blocks.iter().zip(numbers) {
                    for lane in 0..LANES {
                        sums[lane] += f32::from(cells[lane]) * numbers[lane];
                    }
                }
                products.push(self.scales[row] * sums.iter().sum::<f32>());
            }
            products
        })
    }

    /// A sum for each column, all of them zero, with room for the padding.
    pub fn sums(&self) -> Vec<f32> {
        vec![0.0; self.stride]
    }

    /// Adds rows to `sums`, which [`Rows::sums`] made.
    pub fn add(&self, terms: &[Term], sums: &mut [f32]) {
        Arch::new().dispatch(|| {
            let (lanes, _) = sums.as_chunks_mut::<LANES>();
            for (block, sums) in lanes.iter_mut().enumerate() {
                self.add_block(terms, block * LANES, sums);
            }
        });
    }

    #[inline(always)]
    fn add_block(&self, terms: &[Term], column: usize, sums: &mut [f32; LANES]) {
        let mut kept = *sums;
        for (row, factor) in terms {
            let row = *row as usize;
            let factor = factor * self.scales[row];
            let from = row * self.stride + column;
            let Some(cells) = self.cells[from..].first_chunk::<LANES>() else { continue };
            for lane in 0..LANES {
                kept[lane] += factor * f32::from(cells[lane]);
            }
        }
        *sums = kept;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_number_is_at_most_half_a_step_from_its_cell() {
        let numbers = [0.5, -1.0, 0.25, 0.0, 0.0, 0.0];
        let rows = Rows::nearest(&numbers, 3);
        for (at, number) in numbers.iter().enumerate() {
            let found = rows.at((at / 3) as u32, at % 3);
            assert!((found - number).abs() <= 0.5 / 127.0, "{found} for {number}");
        }
        assert_eq!(Rows::of_cells(&[1, 2, 3], vec![1.0], 2), None);
    }

    proptest! {
        #[test]
        fn a_sum_of_rows_is_what_its_cells_add_up_to(
            width in 1_usize..200,
            terms in proptest::collection::vec((0_u32..5, -2.0_f32..2.0), 0..20),
        ) {
            let numbers: Vec<f32> = (0..5 * width).map(|n| ((n * 37 % 101) as f32 - 50.0) / 25.0).collect();
            let rows = Rows::nearest(&numbers, width);
            let mut sums = rows.sums();
            rows.add(&terms, &mut sums);
            for (column, sum) in sums.iter().take(width).enumerate() {
                let expected: f32 = terms.iter().map(|(row, factor)| factor * rows.at(*row, column)).sum();
                prop_assert!((sum - expected).abs() < 1e-3, "{sum} is not {expected}");
            }
            let direction: Vec<f32> = (0..width).map(|n| (n * 7 % 11) as f32 / 5.0 - 1.0).collect();
            for (product, row) in rows.along([1, 2, 3].into_iter(), &direction).into_iter().zip(1..) {
                let expected: f32 = direction.iter().enumerate().map(|(n, it)| it * rows.at(row, n)).sum();
                prop_assert!((product - expected).abs() < 1e-2, "{product} is not {expected}");
            }
        }
    }
}
