//! Tensors of a safetensors file: what is written, and what is believed of what is read.

use safetensors::{
    SafeTensors,
    tensor::{Dtype, TensorView},
};

use crate::model::{
    artifact::{
        ArtifactError,
        check::{bounded, invalid},
    },
    rows::Rows,
};

/// A tensor on its way into a file.
pub(super) struct Tensor {
    name: &'static str,
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

impl Tensor {
    /// One row of hashes.
    pub(super) fn of_hashes(name: &'static str, hashes: &[u64]) -> Self {
        let bytes = hashes.iter().flat_map(|it| it.to_le_bytes()).collect();
        Self { name, dtype: Dtype::U64, shape: vec![hashes.len()], bytes }
    }

    /// One row of numbers.
    pub(super) fn of_numbers(name: &'static str, numbers: &[f32]) -> Self {
        let bytes = numbers.iter().flat_map(|it| it.to_le_bytes()).collect();
        Self { name, dtype: Dtype::F32, shape: vec![numbers.len()], bytes }
    }

    /// Two tensors: the cells of rows, and their scales.
    pub(super) fn of_rows([cells, scales]: [&'static str; 2], rows: &Rows) -> [Self; 2] {
        let bytes = rows.cells().flatten().flat_map(|it| it.to_le_bytes()).collect();
        let shape = vec![rows.len(), rows.width()];
        let of_cells = Self { name: cells, dtype: Dtype::I8, shape, bytes };
        [of_cells, Self::of_numbers(scales, rows.scales())]
    }

    /// The same as the container wants it.
    pub(super) fn view(&self) -> Result<(&'static str, TensorView<'_>), ArtifactError> {
        Ok((self.name, TensorView::new(self.dtype, self.shape.clone(), &self.bytes)?))
    }
}

/// Reads one row of hashes.
pub(super) fn hashes(file: &SafeTensors<'_>, name: &'static str) -> Result<Vec<u64>, ArtifactError> {
    let tensor = file.tensor(name)?;
    if tensor.dtype() != Dtype::U64 || tensor.shape().len() != 1 {
        return Err(invalid(name, "it must be one row of 64-bit hashes"));
    }
    let (hashes, _) = tensor.data().as_chunks::<8>();
    Ok(hashes.iter().map(|bytes| u64::from_le_bytes(*bytes)).collect())
}

/// Reads one row of `count` numbers.
pub(super) fn numbers(
    file: &SafeTensors<'_>,
    name: &'static str,
    count: usize,
) -> Result<Vec<f32>, ArtifactError> {
    let (numbers, _) = data(file, name, Dtype::F32, &[count])?.as_chunks::<4>();
    let numbers: Vec<f32> = numbers.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    bounded(name, &numbers)?;
    Ok(numbers)
}

/// Reads rows from the tensors of their cells and of their scales.
pub(in crate::model) fn rows(
    file: &SafeTensors<'_>,
    [cells, scales]: [&'static str; 2],
    (count, width): (usize, usize),
) -> Result<Rows, ArtifactError> {
    let bytes = data(file, cells, Dtype::I8, &[count, width])?;
    let numbers: Vec<i8> = bytes.iter().map(|byte| i8::from_le_bytes([*byte])).collect();
    let rows = Rows::of_cells(&numbers, self::numbers(file, scales, count)?, width);
    rows.ok_or_else(|| invalid(cells, "its parts disagree"))
}

/// The bytes of a tensor that must have this type and shape.
fn data<'a>(
    file: &SafeTensors<'a>,
    name: &'static str,
    dtype: Dtype,
    shape: &[usize],
) -> Result<&'a [u8], ArtifactError> {
    let tensor = file.tensor(name)?;
    if tensor.dtype() == dtype && tensor.shape() == shape {
        return Ok(tensor.data());
    }
    let found = format!("{:?} of shape {:?}", tensor.dtype(), tensor.shape());
    Err(invalid(name, format!("it is {found}; it must be {dtype:?} of shape {shape:?}")))
}
