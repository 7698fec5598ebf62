//! Which parts this machine has, and where their programs lie.

use std::path::{Path, PathBuf};
use std::{env, fs};

/// A server or a client library that tests need and `tests/run` installs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Redis,
    Postgres,
    RequestTracker,
    PythonGrpc,
    PythonScim,
    Mlflow,
    Faketime,
}

impl Part {
    /// True, after saying so, where this part is not installed. Under CI a missing part fails the test instead.
    pub(crate) fn is_missing(self) -> bool {
        let Some(message) = self.complaint() else {
            return false;
        };
        assert!(env::var_os("CI").is_none(), "{message}; under CI every test runs");
        eprintln!("{message}");
        true
    }

    /// Why tests that need this part cannot run here, or nothing if they can.
    fn complaint(self) -> Option<String> {
        let lacking: Vec<&str> =
            self.needs().iter().copied().filter(|program| find(program).is_none()).collect();
        (!lacking.is_empty()).then(|| format!("not run: needs {}", lacking.join(", ")))
    }

    fn needs(self) -> &'static [&'static str] {
        match self {
            Part::Redis => &["redis-server"],
            Part::Postgres => &["initdb", "postgres"],
            Part::RequestTracker => &["rt-setup-database-5", "plackup", "rt-server"],
            Part::PythonGrpc => &["python-with-grpc"],
            Part::PythonScim => &["python-with-scim"],
            Part::Mlflow => &["mlflow"],
            Part::Faketime => &["libfaketime"],
        }
    }
}

/// The path of a part's program.
pub(crate) fn program(name: &str) -> PathBuf {
    find(name)
        .unwrap_or_else(|| panic!("{name} is not installed: ask `Part::is_missing` first, or run tests/run"))
}

/// The build's own folder, where `tests/run` puts what it installs and where templates are kept.
pub(crate) fn target() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("cargo's folder for tests lies in target")
}

fn find(name: &str) -> Option<PathBuf> {
    match name {
        "python-with-grpc" => Some(target().join("python/bin/python")).filter(|python| python.is_file()),
        "python-with-scim" => {
            let python = target().join("python");
            let is_there = |it: fs::DirEntry| it.path().join("site-packages/scim2_tester").is_dir();
            let mut versions = python.join("lib").read_dir().ok()?.flatten();
            versions.any(is_there).then(|| python.join("bin/python"))
        }
        "mlflow" => Some(target().join("python/bin/mlflow")).filter(|program| program.is_file()),
        "libfaketime" => Path::new("/usr/lib").read_dir().ok()?.flatten().find_map(|architecture| {
            Some(architecture.path().join("faketime/libfaketimeMT.so.1")).filter(|it| it.is_file())
        }),
        "rt-server" => {
            Some(PathBuf::from("/usr/share/request-tracker5/libexec/rt-server")).filter(|it| it.is_file())
        }
        name => folders().into_iter().map(|folder| folder.join(name)).find(|path| path.is_file()),
    }
}

/// PATH, and where Debian keeps what it leaves off an ordinary user's PATH; the newest PostgreSQL first.
fn folders() -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut folders = postgres_releases();
    folders.extend(env::split_paths(&path));
    folders.push(PathBuf::from("/usr/sbin"));
    folders
}

fn postgres_releases() -> Vec<PathBuf> {
    let Ok(releases) = Path::new("/usr/lib/postgresql").read_dir() else {
        return Vec::new();
    };
    let mut numbers: Vec<u32> =
        releases.flatten().filter_map(|release| release.file_name().to_str()?.parse().ok()).collect();
    numbers.sort_unstable();
    numbers.iter().rev().map(|number| PathBuf::from(format!("/usr/lib/postgresql/{number}/bin"))).collect()
}
