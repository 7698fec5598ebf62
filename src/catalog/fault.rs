//! Faults as they are found, and values as they may be quoted in them.

use std::cell::RefCell;

use super::Fault;

/// Reported in full; nobody mends more in one sitting, and a hostile file could hold millions.
const MOST: usize = 200;
/// Characters of a value that a fault repeats.
const QUOTED: usize = 60;

/// Why a file cannot be read, and on which line; 0 is the whole of it, or an unknown one.
#[derive(Debug)]
pub(super) struct Bad {
    pub(super) line: u32,
    pub(super) problem: String,
}

/// The faults found so far. Readers share it, so it is added to through a shared reference.
#[derive(Debug, Default)]
pub(super) struct Faults {
    found: RefCell<Vec<Fault>>,
}

impl Faults {
    /// Notes a fault.
    pub(super) fn add(&self, fault: Fault) {
        let mut found = self.found.borrow_mut();
        if found.len() < MOST {
            found.push(fault);
        } else if found.len() == MOST {
            let problem = format!("more than {MOST} faults; mend these first");
            found.push(Fault { file: String::new(), line: 0, field: String::new(), problem });
        }
    }

    /// Whether there is none so far.
    pub(super) fn is_empty(&self) -> bool {
        self.found.borrow().is_empty()
    }

    /// Whether more of them will be dropped, so that a costly one need not be made.
    pub(super) fn full(&self) -> bool {
        self.found.borrow().len() > MOST
    }

    /// Nothing, or all faults in the order of files and lines.
    pub(super) fn none_or_all(self) -> Result<(), Vec<Fault>> {
        let mut found = self.found.into_inner();
        // Faults of the whole catalogue have no file; they come last.
        found.sort_by(|a, b| (a.file.is_empty(), &a.file, a.line).cmp(&(b.file.is_empty(), &b.file, b.line)));
        if found.is_empty() { Ok(()) } else { Err(found) }
    }
}

/// A text between back-ticks: shortened, and without characters that could play with a terminal.
pub(super) fn quoted(text: &str) -> String {
    let plain = |it: char| if it.is_control() { '\u{fffd}' } else { it };
    let mut short: String = text.chars().take(QUOTED).map(plain).collect();
    if text.chars().nth(QUOTED).is_some() {
        short.push('…');
    }
    format!("`{short}`")
}
