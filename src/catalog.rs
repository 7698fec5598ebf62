//! The catalogue as YAML (stand-in).

/// Something wrong in a catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Name of the file.
    pub file: String,
    /// Line, from 1; 0 when unknown.
    pub line: u32,
    /// Path of the field.
    pub field: String,
    /// What is wrong.
    pub problem: String,
}
