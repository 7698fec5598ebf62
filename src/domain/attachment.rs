//! Files that belong to a ticket: what they may be called, of which types they may be, and whether what is in them is
//! what was said of them.

mod inspector;

pub use inspector::{Inspector, Lie};

use super::{id::AttachmentId, time::Timestamp};

/// A file of a ticket. What is in it is found by its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Its identity.
    pub id: AttachmentId,
    /// What it is called.
    pub name: String,
    /// Its type.
    pub media: MediaType,
    /// How many bytes it has.
    pub size: u64,
    /// SHA-256 of its bytes.
    pub hash: [u8; 32],
    /// Who brought it.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// The longest name, in characters.
const LONGEST: usize = 120;
/// Endings of names that a double click would run.
const RUN: [&str; 26] = [
    "app", "bat", "cmd", "com", "cpl", "dll", "dmg", "exe", "hta", "jar", "js", "jse", "lnk", "msi", "msp",
    "pif", "ps1", "py", "reg", "scr", "sh", "url", "vb", "vbe", "vbs", "wsf",
];

/// What is wrong with the name of a file.
pub fn name_problem(name: &str) -> Option<String> {
    let count = name.chars().count();
    if name.trim().is_empty() {
        return Some("is required".to_owned());
    }
    if count > LONGEST {
        return Some(format!("has {count} characters; at most {LONGEST} are taken"));
    }
    if name == "." || name == ".." || name.contains(['/', '\\']) {
        return Some("must be the name alone, without a path: no `/` and no `\\`".to_owned());
    }
    if let Some(bad) = name.chars().find(|it| it.is_control() || turns_text(*it)) {
        return Some(format!("has the control character U+{:04X}", u32::from(bad)));
    }
    let ending = name.trim_end_matches(['.', ' ']).rsplit_once('.').map(|(_, it)| it.to_ascii_lowercase());
    let runs = ending.filter(|it| RUN.contains(&it.as_str()));
    runs.map(|it| format!("ends with `.{it}`, which is a program; programs are not taken"))
}

/// Characters that show what follows in another direction, so that `gpj.exe` may look like `exe.jpg`.
fn turns_text(it: char) -> bool {
    matches!(it, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Types of files that are taken: none of them is run by whoever opens it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MediaType {
    /// Plain text in UTF-8.
    Text,
    /// A table as text.
    Csv,
    /// JSON.
    Json,
    /// A picture.
    Png,
    /// A picture.
    Jpeg,
    /// A picture.
    Gif,
    /// A picture.
    Webp,
    /// A document.
    Pdf,
    /// A text document of an office suite.
    Docx,
    /// A table of an office suite.
    Xlsx,
    /// Slides of an office suite.
    Pptx,
}

impl MediaType {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Text,
        Self::Csv,
        Self::Json,
        Self::Png,
        Self::Jpeg,
        Self::Gif,
        Self::Webp,
        Self::Pdf,
        Self::Docx,
        Self::Xlsx,
        Self::Pptx,
    ];

    /// As the registry of IANA has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text/plain",
            Self::Csv => "text/csv",
            Self::Json => "application/json",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Gif => "image/gif",
            Self::Webp => "image/webp",
            Self::Pdf => "application/pdf",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Pptx => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        }
    }

    /// Reads what `as_str` writes, in any case and whatever parameters stand behind it.
    pub fn parse(raw: &str) -> Option<Self> {
        let name = raw.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        Self::ALL.into_iter().find(|it| it.as_str() == name)
    }

    /// Whether it is read as text.
    fn is_text(self) -> bool {
        match self {
            Self::Text | Self::Csv | Self::Json => true,
            Self::Png
            | Self::Jpeg
            | Self::Gif
            | Self::Webp
            | Self::Pdf
            | Self::Docx
            | Self::Xlsx
            | Self::Pptx => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_could_lead_elsewhere_or_hide_what_they_are_have_a_problem() {
        for bad in [
            "",
            "  ",
            ".",
            "..",
            "../x.txt",
            "a/b.txt",
            "a\\b.txt",
            "C:\\x.txt",
            "a\0b.txt",
            "a\nb.txt",
            "photo\u{202e}gpj.exe",
            "setup.exe",
            "setup.EXE",
            "setup.exe.",
            "run.ps1 ",
            "x.js",
        ] {
            assert!(name_problem(bad).is_some(), "{bad:?}");
        }
        assert!(name_problem(&"x".repeat(121)).is_some());
        for good in ["screen.png", "打印机.jpg", "a b (1).pdf", "Makefile", ".profile", "exe", "a.exe.txt"]
        {
            assert_eq!(name_problem(good), None, "{good:?}");
        }
    }

    #[test]
    fn a_type_is_read_with_its_parameters() {
        assert_eq!(MediaType::parse("Text/Plain; charset=utf-8"), Some(MediaType::Text));
        assert_eq!(MediaType::parse("image/svg+xml"), None);
        assert!(MediaType::ALL.into_iter().all(|it| MediaType::parse(it.as_str()) == Some(it)));
    }
}
