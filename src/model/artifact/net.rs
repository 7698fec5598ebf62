//! The network's part of an artifact.

use safetensors::{
    SafeTensors,
    tensor::{Dtype, TensorView},
};

use crate::model::{
    artifact::{ArtifactError, cells, check::invalid, numbers},
    net::Net,
    rows::Rows,
};

/// A tensor on its way into a file: name, type, shape, bytes.
type Tensor = (&'static str, Dtype, Vec<usize>, Vec<u8>);

/// The tensors of a network.
pub(super) fn tensors(net: &Net) -> [Tensor; 6] {
    let numbers = |name, numbers: &[f32]| -> Tensor {
        (name, Dtype::F32, vec![numbers.len()], numbers.iter().flat_map(|it| it.to_le_bytes()).collect())
    };
    let cells = |name, rows: &Rows| -> Tensor {
        let bytes = rows.cells().flatten().flat_map(|cell| cell.to_le_bytes()).collect();
        (name, Dtype::I8, vec![rows.len(), rows.width()], bytes)
    };
    [
        cells("net.first", &net.first),
        numbers("net.first.scales", net.first.scales()),
        numbers("net.first.bias", &net.first_bias),
        cells("net.second", &net.second),
        numbers("net.second.scales", net.second.scales()),
        numbers("net.second.bias", &net.second_bias),
    ]
}

/// The same as the container wants them.
pub(super) fn views(tensors: &[Tensor]) -> Result<Vec<(&'static str, TensorView<'_>)>, ArtifactError> {
    let mut views = Vec::with_capacity(tensors.len());
    for (name, dtype, shape, bytes) in tensors {
        views.push((*name, TensorView::new(*dtype, shape.clone(), bytes)?));
    }
    Ok(views)
}

/// Reads a network from `numbers` numbers to `labels` scores.
pub(super) fn read(file: &SafeTensors<'_>, inputs: usize, labels: usize) -> Result<Net, ArtifactError> {
    let units = file.tensor("net.first.bias")?.shape().first().copied().unwrap_or_default();
    let layer = |cells_of: &'static str, scales_of: &'static str, rows: usize, width: usize| {
        let scales = numbers(file, scales_of, &[rows])?;
        let layer = Rows::of_cells(&cells(file, cells_of, &[rows, width])?, scales, width);
        layer.ok_or_else(|| invalid(cells_of, "its parts disagree"))
    };
    Ok(Net {
        first: layer("net.first", "net.first.scales", inputs, units)?,
        first_bias: numbers(file, "net.first.bias", &[units])?,
        second: layer("net.second", "net.second.scales", units, labels)?,
        second_bias: numbers(file, "net.second.bias", &[labels])?,
    })
}
