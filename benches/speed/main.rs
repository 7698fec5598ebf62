//! How fast the shipped program is: `cargo bench --bench speed [-- --quick] [--json FILE]`.
//!
//! What it prints are ratios taken in one run, side by side: to a bare tonic echo in a process of its
//! own (E), and to one sync of the disk in the same folder (F). The load runs on the same machine,
//! and every repetition measures all paths in turn, so a busy machine spoils both sides alike.

mod calls;
mod converse;
mod desk;
mod disk;
mod echo;
mod figures;
mod histogram;
mod load;
mod onward;
mod options;
mod process;
mod report;
mod rounds;
mod texts;
mod understanding;

use std::{
    error::Error,
    io::{Write, stderr, stdout},
    process::ExitCode,
};

use self::{options::Options, rounds::Measured};

/// What a measurement gives, or why there is none.
type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> ExitCode {
    match Options::read(std::env::args().skip(1)).and_then(|options| run(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // There is nowhere left to complain to.
            let _ = writeln!(stderr(), "speed: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Outcome<()> {
    // The same runtime as the program's own, for the echo and for the load alike.
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    if options.echo {
        return runtime.block_on(echo::serve());
    }
    let measured: Measured = runtime.block_on(rounds::measure(options))?;
    let lines = figures::lines(&measured);
    let mut out = stdout().lock();
    report::table(&mut out, &measured, &lines)?;
    if let Some(file) = &options.json {
        std::fs::write(file, serde_json::to_vec_pretty(&report::json(&measured, &lines))?)?;
    }
    Ok(())
}
