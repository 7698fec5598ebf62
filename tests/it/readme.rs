//! What the README shows is what the program does: the marked parts are compared with it, and written
//! anew by `UPDATE_README=1 cargo nextest run readme`.

mod assets;
mod changes;
mod knowledge;
mod levels;
mod measures;
mod problems;
mod services;
mod session;
mod waves;

use std::{
    env,
    fs::{self, File},
    path::PathBuf,
};

use ticket_dispatch::domain::{lifecycle::diagram, ticket::TicketKind};

/// The README as it stands.
#[derive(Debug)]
pub(crate) struct Readme(String);

impl Readme {
    pub(crate) fn read() -> Readme {
        Readme(fs::read_to_string(path()).unwrap())
    }

    pub(crate) fn text(&self) -> &str {
        &self.0
    }

    /// What stands between the markers of a part.
    pub(crate) fn part(&self, name: &str) -> &str {
        let (begin, end) = markers(name);
        let (_, rest) = self.0.split_once(&begin).unwrap_or_else(|| panic!("README.md has no {begin}"));
        rest.split_once(&end).unwrap_or_else(|| panic!("README.md has no {end}")).0
    }
}

#[test]
fn the_diagrams_of_the_readme_are_the_tables_of_the_life_cycles() {
    for kind in TicketKind::ALL {
        let made = format!("\n```mermaid\n{}```\n", diagram(kind));
        is_shown(kind.as_str(), &made, |it| it.to_owned());
    }
}

/// Fails unless a part of the README is this, as far as `mask` leaves it; writes it if asked to.
fn is_shown(part: &str, made: &str, mask: impl Fn(&str) -> String) {
    let shown = Readme::read();
    let shown = shown.part(part);
    if mask(shown) == mask(made) {
        return;
    }
    if env::var_os("UPDATE_README").is_none() {
        panic!(
            "the part `{part}` of README.md is not what the program does; \
             `UPDATE_README=1 cargo nextest run readme` writes it anew\nREADME.md:{shown}\nthe program:{made}"
        );
    }
    // Several tests may write at a time.
    let lock = File::open(path()).unwrap();
    lock.lock().unwrap();
    let readme = Readme::read();
    let (begin, end) = markers(part);
    let before = &readme.text()[..readme.text().find(&begin).unwrap() + begin.len()];
    let after = &readme.text()[readme.text().find(&end).unwrap()..];
    fs::write(path(), format!("{before}{made}{after}")).unwrap();
}

fn markers(part: &str) -> (String, String) {
    (format!("<!-- {part}: begin -->"), format!("<!-- {part}: end -->"))
}

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("README.md")
}
