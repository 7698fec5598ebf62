//! The bytes of a file as lines of UTF-8, never more than one line in memory.

use std::{
    cell::Cell,
    ffi::OsStr,
    io::{self, BufRead, Read},
    path::Path,
    rc::Rc,
};

use super::fault::Fault;

/// The two forms of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// An object a line.
    JsonLines,
    /// A header, then a row a line.
    Csv,
}

/// A longer line is no message but a mistake, and would fill the memory.
pub(super) const LONGEST_LINE: u64 = 1 << 20;

impl Format {
    /// The format of a file: by its name, else by its first character.
    pub(super) fn of(path: &Path, source: &mut impl BufRead) -> io::Result<Self> {
        let extension = path.extension().and_then(OsStr::to_str).map(str::to_ascii_lowercase);
        match extension.as_deref() {
            Some("csv" | "tsv") => Ok(Self::Csv),
            Some("jsonl" | "json" | "ndjson") => Ok(Self::JsonLines),
            Some(_) | None => {
                let first = source.fill_buf()?.iter().find(|byte| !byte.is_ascii_whitespace());
                Ok(if matches!(first, Some(b'{' | b'[')) { Self::JsonLines } else { Self::Csv })
            }
        }
    }
}

/// Refuses UTF-16 and lines without line feeds, and passes over the mark that some programs put before UTF-8.
pub(super) fn begin(source: &mut impl BufRead) -> Result<(), Fault> {
    let start = source.fill_buf()?;
    let marked = start.starts_with(&[0xff, 0xfe]) || start.starts_with(&[0xfe, 0xff]);
    if marked || start.iter().take(4).any(|byte| *byte == 0) {
        return Err(Fault::Utf16);
    }
    if start.trim_ascii_end().contains(&b'\r') && !start.contains(&b'\n') {
        return Err(Fault::Returns);
    }
    if start.starts_with(b"\xef\xbb\xbf") {
        source.consume(3);
    }
    Ok(())
}

/// Bytes as text.
pub(super) fn utf8(bytes: &[u8]) -> Result<&str, Fault> {
    std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        Fault::Encoding { at: at + 1, byte: bytes.get(at).copied().unwrap_or_default() }
    })
}

/// Lines, one at a time.
pub(super) struct Lines<R> {
    source: R,
    line: Vec<u8>,
    /// The line read last, from 1.
    pub(super) number: usize,
    /// How many bytes were read.
    pub(super) bytes: u64,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn of(source: R) -> Self {
        Self { source, line: Vec::new(), number: 0, bytes: 0 }
    }

    /// The next line, with its end.
    pub(super) fn next(&mut self) -> Result<Option<&str>, Fault> {
        self.line.clear();
        self.number += 1;
        let mut bounded = (&mut self.source).take(LONGEST_LINE);
        let read = bounded.read_until(b'\n', &mut self.line)? as u64;
        self.bytes += read;
        if read == LONGEST_LINE && !self.line.ends_with(b"\n") {
            return Err(Fault::Endless);
        }
        if read == 0 { Ok(None) } else { utf8(&self.line).map(Some) }
    }
}

/// A source for a reader of CSV. It ends with an error when it gave too much at a stretch: a quote that
/// is never closed would make one row of the rest of a file. And it gives plain line ends, since only these
/// are counted right.
pub(super) struct Rows<R> {
    pub(super) source: R,
    pub(super) allowance: Allowance,
}

/// How many bytes may still be read; whoever got a row whole renews it.
#[derive(Clone)]
pub(super) struct Allowance {
    left: Rc<Cell<u64>>,
    /// Whether more was wanted than there is.
    exhausted: Rc<Cell<bool>>,
}

impl Allowance {
    pub(super) fn new() -> Self {
        Self { left: Rc::new(Cell::new(LONGEST_LINE)), exhausted: Rc::default() }
    }

    pub(super) fn renew(&self) {
        self.left.set(LONGEST_LINE);
    }

    pub(super) fn is_used_up(&self) -> bool {
        self.left.get() == 0
    }

    /// Whether the source has come to its end.
    pub(super) fn has_ended(&self) -> bool {
        self.exhausted.get()
    }
}

impl<R: Read> Read for Rows<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if self.allowance.is_used_up() {
                return Err(io::Error::other("a row without an end"));
            }
            let read = self.source.read(buffer)?;
            self.allowance.left.set(self.allowance.left.get().saturating_sub(read as u64));
            self.allowance.exhausted.set(read == 0);
            let kept = without_returns(&mut buffer[..read]);
            if 0 < kept || read == 0 {
                return Ok(kept);
            }
        }
    }
}

/// Moves all bytes but carriage returns to the front; says how many these are.
fn without_returns(bytes: &mut [u8]) -> usize {
    let mut kept = 0;
    for at in 0..bytes.len() {
        if bytes[at] != b'\r' {
            bytes[kept] = bytes[at];
            kept += 1;
        }
    }
    kept
}
