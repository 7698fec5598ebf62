//! Safetensors files as parts that a fuzzer can change: bytes at random would never get past the
//! container's header, let alone past the manifest.

mod change;
mod json;

use arbitrary::Arbitrary;
use serde_json::{Map, Value, json};

use self::change::Change;

/// What every model and every table that loads must be able to read.
pub const MESSAGE: &str = "vpn down 打印机";

/// What befalls a file.
#[derive(Debug, Arbitrary)]
pub struct Damage {
    changes: Vec<Change>,
    /// Bytes of the finished file.
    bytes: Vec<(u16, u8)>,
    cut: Option<u16>,
}

impl Damage {
    /// Whether nothing befalls it.
    pub fn is_none(&self) -> bool {
        self.changes.is_empty() && self.bytes.is_empty() && self.cut.is_none()
    }

    /// The bytes of a file after it.
    pub fn apply(self, mut file: File) -> Vec<u8> {
        self.changes.into_iter().for_each(|change| change.apply(&mut file));
        let mut bytes = file.to_bytes();
        for (at, byte) in self.bytes {
            let at = usize::from(at) % bytes.len();
            bytes[at] = byte;
        }
        bytes.truncate(self.cut.map_or(bytes.len(), usize::from));
        bytes
    }
}

/// A file in its parts.
#[derive(Debug, Clone, Default)]
pub struct File {
    /// The text under each metadata key, as JSON where it is some.
    pub metadata: Vec<(String, Value)>,
    /// In the order of their data.
    pub tensors: Vec<Tensor>,
}

/// A tensor in its parts, which need not agree.
#[derive(Debug, Clone)]
pub struct Tensor {
    pub name: String,
    pub dtype: String,
    pub shape: Vec<u64>,
    pub data: Vec<u8>,
}

impl File {
    /// Takes a file apart; nothing if it is none.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let (length, rest) = bytes.split_first_chunk::<8>()?;
        let (header, data) = rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
        let header: Map<String, Value> = serde_json::from_slice(header).ok()?;
        let mut file = Self::default();
        for (name, part) in header {
            if name == "__metadata__" {
                let texts = part.as_object()?.iter();
                let text = |text: &Value| serde_json::from_str(text.as_str()?).ok();
                file.metadata =
                    texts.map(|(key, it)| Some((key.clone(), text(it)?))).collect::<Option<_>>()?;
            } else {
                file.tensors.push(Tensor::parse(name, &part, data)?);
            }
        }
        Some(file)
    }

    /// Puts the parts together. The offsets fit the data, whatever the shapes say.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut header = Map::new();
        if !self.metadata.is_empty() {
            let texts = self.metadata.iter().map(|(key, value)| (key.clone(), value.to_string().into()));
            header.insert("__metadata__".to_owned(), Value::Object(texts.collect()));
        }
        let mut data = Vec::new();
        for tensor in &self.tensors {
            let begin = data.len();
            data.extend_from_slice(&tensor.data);
            let offsets = [begin, data.len()];
            let part = json!({"dtype": tensor.dtype, "shape": tensor.shape, "data_offsets": offsets});
            header.insert(tensor.name.clone(), part);
        }
        let header = Value::Object(header).to_string();
        [&(header.len() as u64).to_le_bytes(), header.as_bytes(), &data].concat()
    }
}

impl Tensor {
    fn parse(name: String, part: &Value, data: &[u8]) -> Option<Self> {
        let numbers = |field: &str| -> Option<Vec<u64>> {
            part.get(field)?.as_array()?.iter().map(Value::as_u64).collect()
        };
        let &[begin, end] = numbers("data_offsets")?.as_slice() else { return None };
        let data = data.get(usize::try_from(begin).ok()?..usize::try_from(end).ok()?)?.to_vec();
        Some(Self { name, dtype: part.get("dtype")?.as_str()?.to_owned(), shape: numbers("shape")?, data })
    }
}
