//! Looks at the bytes of a file as they come: whether they are of the type that was declared, and no program.

use super::MediaType;

/// What is wrong with the bytes of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Lie {
    /// There are none.
    #[error("is empty")]
    Empty,
    /// It is a program, or brings one along.
    #[error("is a program, or has one in it ({0}); programs are not taken")]
    Program(&'static str),
    /// It is of another type.
    #[error("is not of the type that content_type says: it {0}")]
    Mismatch(&'static str),
}

/// So many of the first bytes tell the type.
const HEAD: usize = 64;
/// What the macros of an office document stand in.
const MACROS: &[u8] = b"vbaProject.bin";

/// How the files of a type begin, and at which byte.
type Mark = (usize, &'static [u8]);

/// Looks at the bytes of one file.
#[derive(Debug, Clone)]
pub struct Inspector {
    declared: MediaType,
    head: Vec<u8>,
    size: u64,
    /// What may be the beginning of something that goes on in the next bytes.
    rest: Vec<u8>,
    lie: Option<Lie>,
}

impl Inspector {
    /// Of a file that is said to be of this type.
    pub fn new(declared: MediaType) -> Self {
        Self { declared, head: Vec::new(), size: 0, rest: Vec::new(), lie: None }
    }

    /// Looks at the next bytes. What is wrong is wrong for good.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.size += bytes.len() as u64;
        let missing = HEAD.saturating_sub(self.head.len()).min(bytes.len());
        self.head.extend_from_slice(&bytes[..missing]);
        let found = if self.declared.is_text() { self.text(bytes) } else { self.macros(bytes) };
        self.lie = self.lie.or(found);
    }

    /// How many bytes there were.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// What is wrong with all of them.
    pub fn finish(self) -> Result<(), Lie> {
        if self.size == 0 {
            return Err(Lie::Empty);
        }
        if let Some(program) = program(&self.head) {
            return Err(Lie::Program(program));
        }
        if let Some(lie) = self.lie {
            return Err(lie);
        }
        if !self.rest.is_empty() && self.declared.is_text() {
            return Err(Lie::Mismatch("ends in the middle of a character"));
        }
        let begins = |(at, mark): &Mark| self.head.get(*at..).is_some_and(|it| it.starts_with(mark));
        let ways = beginnings(self.declared);
        let fits = ways.is_empty() || ways.iter().any(|way| way.iter().all(begins));
        if fits { Ok(()) } else { Err(Lie::Mismatch("begins otherwise")) }
    }

    /// Text is UTF-8 with no characters that steer a terminal.
    fn text(&mut self, bytes: &[u8]) -> Option<Lie> {
        let mut all = std::mem::take(&mut self.rest);
        all.extend_from_slice(bytes);
        let whole = match std::str::from_utf8(&all) {
            Ok(text) => text,
            Err(error) if error.error_len().is_some() => return Some(Lie::Mismatch("is no text in UTF-8")),
            Err(error) => {
                self.rest = all[error.valid_up_to()..].to_vec();
                std::str::from_utf8(&all[..error.valid_up_to()]).unwrap_or_default()
            }
        };
        let steers = |it: char| it.is_control() && !matches!(it, '\t' | '\n' | '\r' | '\u{c}' | '\u{85}');
        whole.chars().any(steers).then_some(Lie::Mismatch("has control characters"))
    }

    /// The names of what an archive holds stand in it as they are.
    fn macros(&mut self, bytes: &[u8]) -> Option<Lie> {
        let mut all = std::mem::take(&mut self.rest);
        all.extend_from_slice(bytes);
        let found = all.windows(MACROS.len()).any(|it| it == MACROS);
        self.rest = all.split_off(all.len().saturating_sub(MACROS.len() - 1));
        found.then_some(Lie::Program("macros"))
    }
}

/// How files of a type may begin; any way for none.
fn beginnings(media: MediaType) -> &'static [&'static [Mark]] {
    // The parts of an office document may stand in any order, but these are the first with all known writers.
    const OFFICE: &[&[Mark]] = &[
        &[(0, b"PK\x03\x04"), (30, b"[Content_Types].xml")],
        &[(0, b"PK\x03\x04"), (30, b"_rels/")],
        &[(0, b"PK\x03\x04"), (30, b"docProps/")],
        &[(0, b"PK\x03\x04"), (30, b"word/")],
        &[(0, b"PK\x03\x04"), (30, b"xl/")],
        &[(0, b"PK\x03\x04"), (30, b"ppt/")],
    ];
    match media {
        MediaType::Text | MediaType::Csv | MediaType::Json => &[],
        MediaType::Png => &[&[(0, b"\x89PNG\r\n\x1a\n")]],
        MediaType::Jpeg => &[&[(0, b"\xff\xd8\xff")]],
        MediaType::Gif => &[&[(0, b"GIF87a")], &[(0, b"GIF89a")]],
        MediaType::Webp => &[&[(0, b"RIFF"), (8, b"WEBP")]],
        MediaType::Pdf => &[&[(0, b"%PDF-")]],
        MediaType::Docx | MediaType::Xlsx | MediaType::Pptx => OFFICE,
    }
}

/// What kind of program begins like this.
fn program(head: &[u8]) -> Option<&'static str> {
    const PROGRAMS: [(&[u8], &str); 9] = [
        (b"MZ", "Windows"),
        (b"\x7fELF", "Linux"),
        (b"\xfe\xed\xfa\xce", "macOS"),
        (b"\xfe\xed\xfa\xcf", "macOS"),
        (b"\xce\xfa\xed\xfe", "macOS"),
        (b"\xcf\xfa\xed\xfe", "macOS"),
        (b"\xca\xfe\xba\xbe", "Java or macOS"),
        (b"\0asm", "WebAssembly"),
        (b"#!", "script"),
    ];
    PROGRAMS.into_iter().find(|(mark, _)| head.starts_with(mark)).map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    fn of(declared: MediaType, bytes: &[u8]) -> Result<(), Lie> {
        let mut inspector = Inspector::new(declared);
        inspector.feed(bytes);
        inspector.finish()
    }

    #[test]
    fn what_is_said_of_a_file_must_be_so() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
        assert_eq!(of(MediaType::Png, png), Ok(()));
        assert_eq!(of(MediaType::Pdf, png), Err(Lie::Mismatch("begins otherwise")));
        assert_eq!(of(MediaType::Text, png), Err(Lie::Mismatch("is no text in UTF-8")));
        assert_eq!(of(MediaType::Png, b""), Err(Lie::Empty));
        assert_eq!(of(MediaType::Png, b"\x89PN"), Err(Lie::Mismatch("begins otherwise")));
        assert_eq!(of(MediaType::Text, "打印机坏了\n".as_bytes()), Ok(()));
        assert_eq!(of(MediaType::Text, b"a\x1b[2J"), Err(Lie::Mismatch("has control characters")));
        assert_eq!(of(MediaType::Text, b"caf\xc3"), Err(Lie::Mismatch("ends in the middle of a character")));
    }

    #[test]
    fn a_program_is_one_whatever_it_is_called() {
        assert_eq!(of(MediaType::Png, b"MZ\x90\0"), Err(Lie::Program("Windows")));
        assert_eq!(of(MediaType::Text, b"#!/bin/sh\nrm x"), Err(Lie::Program("script")));
        assert_eq!(of(MediaType::Pdf, b"\x7fELF\x02"), Err(Lie::Program("Linux")));
        let mut document = b"PK\x03\x04".to_vec();
        document.extend([0; 26]);
        document.extend(b"[Content_Types].xml");
        assert_eq!(of(MediaType::Docx, &document), Ok(()));
        document.extend(b"word/vbaProject.bin");
        assert_eq!(of(MediaType::Docx, &document), Err(Lie::Program("macros")));
    }

    proptest! {
        #[test]
        fn how_the_bytes_are_cut_does_not_matter(
            bytes in prop_oneof![
                vec(any::<u8>(), 0..200),
                ".{0,60}".prop_map(String::into_bytes),
                vec(any::<u8>(), 0..40).prop_map(|mut it| { it.extend(MACROS); it }),
            ],
            cuts in vec(1_usize..9, 1..20),
            media in 0..MediaType::ALL.len(),
        ) {
            let declared = MediaType::ALL[media];
            let mut cut = Inspector::new(declared);
            let (mut rest, mut sizes) = (bytes.as_slice(), cuts.iter().cycle());
            while !rest.is_empty() {
                let size = sizes.next().copied().unwrap_or(1).min(rest.len());
                let (now, later) = rest.split_at(size);
                cut.feed(now);
                rest = later;
            }
            prop_assert_eq!(cut.size(), bytes.len() as u64);
            // Which of two lies is found first may differ; that there is one may not.
            prop_assert_eq!(cut.finish().is_ok(), of(declared, &bytes).is_ok());
        }
    }
}
