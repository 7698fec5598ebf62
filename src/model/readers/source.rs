//! The bytes of a file as lines of UTF-8, never more than one line in memory.

use std::{
    cell::RefCell,
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
/// is never closed would make one row of the rest of a file. It gives plain line ends, since only these
/// are counted right. And it watches the quotes, which the reader takes as they come: one that was left open
/// would swallow rows up to the next one.
pub(super) struct Rows<R> {
    pub(super) source: R,
    pub(super) watch: Watch,
}

/// What is known of the bytes that went by.
#[derive(Clone)]
pub(super) struct Watch(Rc<RefCell<Seen>>);

struct Seen {
    /// How many bytes may still be read; whoever got a row whole renews it.
    left: u64,
    quotes: Quotes,
}

impl Watch {
    pub(super) fn new(separator: u8) -> Self {
        Self(Rc::new(RefCell::new(Seen { left: LONGEST_LINE, quotes: Quotes::of(separator) })))
    }

    pub(super) fn renew(&self) {
        self.0.borrow_mut().left = LONGEST_LINE;
    }

    pub(super) fn is_used_up(&self) -> bool {
        self.0.borrow().left == 0
    }

    /// The line in which a quote was opened that closes nowhere, or in the middle of a text.
    pub(super) fn open_quote(&self) -> Option<usize> {
        self.0.borrow().quotes.open
    }
}

/// Follows the quotes of fields, which begin and end where a field does (RFC 4180).
struct Quotes {
    separator: u8,
    place: Place,
    line: usize,
    /// Where the field began that is in quotes.
    began: usize,
    open: Option<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    FieldStart,
    Plain,
    Quoted,
    /// Behind a quote within quotes: the field ends, or the quote is doubled.
    Closing,
}

impl Quotes {
    fn of(separator: u8) -> Self {
        Self { separator, place: Place::FieldStart, line: 1, began: 0, open: None }
    }

    fn follow(&mut self, bytes: &[u8]) {
        for byte in bytes {
            let ends = *byte == self.separator || *byte == b'\n';
            self.place = match (self.place, *byte) {
                (Place::FieldStart, b'"') => {
                    self.began = self.line;
                    Place::Quoted
                }
                (Place::Quoted, b'"') => Place::Closing,
                (Place::Closing, b'"') | (Place::Quoted, _) => Place::Quoted,
                (Place::FieldStart | Place::Plain, _) if ends => Place::FieldStart,
                (Place::FieldStart | Place::Plain, _) => Place::Plain,
                (Place::Closing, _) if ends => Place::FieldStart,
                (Place::Closing, _) => {
                    self.open.get_or_insert(self.began);
                    Place::Plain
                }
            };
            self.line += usize::from(*byte == b'\n');
        }
    }

    fn end(&mut self) {
        if self.place == Place::Quoted {
            self.open.get_or_insert(self.began);
        }
    }
}

impl<R: Read> Read for Rows<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if self.watch.is_used_up() {
                return Err(io::Error::other("a row without an end"));
            }
            let read = self.source.read(buffer)?;
            let kept = without_returns(&mut buffer[..read]);
            let mut seen = self.watch.0.borrow_mut();
            seen.left = seen.left.saturating_sub(read as u64);
            seen.quotes.follow(&buffer[..kept]);
            if read == 0 {
                seen.quotes.end();
            }
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
