//! What a message means, small enough that a hundred thousand of them can be kept: the model's vector in whole numbers.

/// A meaning: a direction, a byte for each of its numbers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Meaning {
    cells: Box<[i8]>,
    /// One over its length; 0 for what means nothing.
    scale: f32,
}

impl Meaning {
    /// The meaning of a vector; nothing if it is all zero.
    pub fn of(vector: &[f32]) -> Self {
        let most = vector.iter().fold(0.0_f32, |most, it| most.max(it.abs()));
        let factor = if 0.0 < most { 127.0 / most } else { 0.0 };
        Self::from_cells(vector.iter().map(|it| (it * factor).round() as i8).collect())
    }

    /// From its numbers.
    pub fn from_cells(cells: Box<[i8]>) -> Self {
        let square: i32 = cells.iter().map(|it| i32::from(*it) * i32::from(*it)).sum();
        let scale = if 0 < square { 1.0 / (square as f32).sqrt() } else { 0.0 };
        Self { cells, scale }
    }

    /// Its numbers.
    pub fn cells(&self) -> &[i8] {
        &self.cells
    }

    /// How near two are: the cosine; 0 if either means nothing.
    pub fn likeness(&self, other: &Self) -> f32 {
        let products = self.cells.iter().zip(&other.cells).map(|(a, b)| i32::from(*a) * i32::from(*b));
        products.sum::<i32>() as f32 * self.scale * other.scale
    }

    /// The direction in the middle of some.
    pub fn middle<'a>(all: impl Iterator<Item = &'a Self>) -> Self {
        let mut sums: Vec<f32> = vec![];
        for it in all {
            sums.resize(sums.len().max(it.cells.len()), 0.0);
            sums.iter_mut().zip(&it.cells).for_each(|(sum, cell)| *sum += f32::from(*cell) * it.scale);
        }
        Self::of(&sums)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_byte_a_number_is_enough(
            pairs in proptest::collection::vec((-1.0..1.0_f32, -1.0..1.0_f32), 16..256),
        ) {
            let (a, b): (Vec<f32>, Vec<f32>) = pairs.into_iter().unzip();
            let inner = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
            let exact = inner(&a, &b) / (inner(&a, &a) * inner(&b, &b)).sqrt();
            prop_assert!((Meaning::of(&a).likeness(&Meaning::of(&b)) - exact).abs() < 0.02);
        }
    }

    #[test]
    fn nothing_is_near_nothing() {
        let (nothing, some) = (Meaning::of(&[0.0; 4]), Meaning::of(&[1.0, 0.0, 0.0, 0.0]));
        assert_eq!((nothing.likeness(&some), nothing.likeness(&nothing)), (0.0, 0.0));
        assert_eq!(Meaning::middle(std::iter::empty()).likeness(&some), 0.0);
        assert_eq!(Meaning::middle([&some, &some].into_iter()).likeness(&some), 1.0);
    }
}
