//! One change of a file's parts.

use arbitrary::Arbitrary;

use crate::{File, json::Replacement};

/// What becomes other than it was; a number that counts parts is taken modulo how many there are.
#[derive(Debug, Arbitrary)]
pub enum Change {
    /// A byte of a tensor.
    Byte { tensor: u8, at: u16, byte: u8 },
    /// A number of a tensor whose numbers are `f32`.
    Number { tensor: u8, at: u16, number: f32 },
    /// The shape of a tensor; its data is repeated or cut to fit it, if that is wanted and small.
    Shape { tensor: u8, shape: Vec<Length>, fit: bool },
    /// The type of a tensor's numbers.
    Type { tensor: u8, like: Type },
    /// Two tensors exchange their names.
    Names { tensor: u8, other: u8 },
    /// A tensor is missing.
    Missing { tensor: u8 },
    /// A value in the metadata, counted through all levels.
    Value { at: u8, by: Replacement },
    /// A member or an item of the metadata is there once more, under another name if it needs one.
    Twice { at: u8, name: u8 },
}

/// A dimension: one that fits something, or one that must not.
#[derive(Debug, Arbitrary)]
pub enum Length {
    Small(u8),
    Any(u64),
}

/// The types that the files know, and some that they do not.
#[derive(Debug, Arbitrary)]
pub enum Type {
    U8,
    I8,
    F32,
    U64,
    F16,
    F4,
    None,
}

/// No tensor is made larger than this.
const LARGEST: u64 = 1 << 16;

impl Change {
    /// Changes a file.
    pub fn apply(self, file: &mut File) {
        let count = file.tensors.len();
        let place = |tensor: u8| usize::from(tensor) % count.max(1);
        match self {
            Self::Byte { tensor, at, byte } => write(file, place(tensor), at.into(), &[byte]),
            Self::Number { tensor, at, number } => {
                write(file, place(tensor), 4 * usize::from(at), &number.to_le_bytes());
            }
            Self::Shape { tensor, shape, fit } => reshape(file, place(tensor), &shape, fit),
            Self::Type { tensor, like } => {
                if let Some(tensor) = file.tensors.get_mut(place(tensor)) {
                    tensor.dtype = format!("{like:?}");
                }
            }
            Self::Names { tensor, other } if 0 < count => {
                let (one, other) = (place(tensor), place(other));
                let name = file.tensors[one].name.clone();
                file.tensors[one].name = std::mem::replace(&mut file.tensors[other].name, name);
            }
            Self::Missing { tensor } if 0 < count => drop(file.tensors.remove(place(tensor))),
            Self::Names { .. } | Self::Missing { .. } => {}
            Self::Value { at, by } => by.put(file, at.into()),
            Self::Twice { at, name } => crate::json::double(file, at.into(), name),
        }
    }
}

fn write(file: &mut File, tensor: usize, at: usize, bytes: &[u8]) {
    let Some(tensor) = file.tensors.get_mut(tensor) else { return };
    let at = at % tensor.data.len().max(1);
    tensor.data[at..].iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
}

fn reshape(file: &mut File, tensor: usize, shape: &[Length], fit: bool) {
    let Some(tensor) = file.tensors.get_mut(tensor) else { return };
    let length = |length: &Length| match length {
        Length::Small(length) => u64::from(*length),
        Length::Any(length) => *length,
    };
    tensor.shape = shape.iter().map(length).collect();
    let width = match tensor.dtype.as_str() {
        "F32" => 4,
        "U64" => 8,
        _ => 1,
    };
    let size = tensor.shape.iter().try_fold(width, |size: u64, length| size.checked_mul(*length));
    if let Some(size) = size.filter(|size| fit && *size <= LARGEST && !tensor.data.is_empty()) {
        tensor.data = tensor.data.iter().copied().cycle().take(size as usize).collect();
    }
}
