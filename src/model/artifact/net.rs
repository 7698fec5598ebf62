//! The network's part of an artifact.

use safetensors::SafeTensors;

use crate::model::{
    artifact::{
        ArtifactError,
        tensors::{Tensor, numbers, rows},
    },
    net::Net,
};

const FIRST: [&str; 2] = ["net.first", "net.first.scales"];
const FIRST_BIAS: &str = "net.first.bias";
const SECOND: [&str; 2] = ["net.second", "net.second.scales"];
const SECOND_BIAS: &str = "net.second.bias";

/// The tensors of a network.
pub(super) fn tensors(net: &Net) -> impl Iterator<Item = Tensor> {
    let biases =
        [Tensor::of_numbers(FIRST_BIAS, &net.first_bias), Tensor::of_numbers(SECOND_BIAS, &net.second_bias)];
    Tensor::of_rows(FIRST, &net.first).into_iter().chain(Tensor::of_rows(SECOND, &net.second)).chain(biases)
}

/// Reads a network from `inputs` numbers to `labels` scores.
pub(super) fn read(file: &SafeTensors<'_>, inputs: usize, labels: usize) -> Result<Net, ArtifactError> {
    let units = file.tensor(FIRST_BIAS)?.shape().first().copied().unwrap_or_default();
    Ok(Net {
        first: rows(file, FIRST, (inputs, units))?,
        first_bias: numbers(file, FIRST_BIAS, units)?,
        second: rows(file, SECOND, (units, labels))?,
        second_bias: numbers(file, SECOND_BIAS, labels)?,
    })
}
