//! `check`: what is wrong with a catalogue, before anybody applies it.

use std::{
    collections::BTreeSet,
    io::{self, Write, stdout},
    path::{Path, PathBuf},
    process::ExitCode,
};

use serde::Serialize;

mod due;
mod trial;

use self::due::{Answer, Question};
use super::{
    failed,
    paint::{Paint, in_style},
};
use crate::{
    catalog::{self, Fault, Source},
    domain::catalog::Catalog,
};

/// Say what is wrong with a catalogue, with file, line and field of each fault.
///
/// Without a path it checks the starter catalogue inside the program. The exit code is 0 when
/// everything is in order, 1 when it is not. With --due it tries out a catalogue that is in order: by
/// when work must be answered and resolved, which hours count on the way there, and why the others do not. With
/// --try it tries out a template: what the bot would ask, and what would be opened.
#[derive(Debug, Default, clap::Args)]
#[command(after_help = "\
Examples:
  ticket-dispatch check deploy/catalog
  ticket-dispatch check --due 2026-12-23T15:00+01:00 --policy standard --priority P2
  ticket-dispatch check deploy/catalog --try printer_fault --say 'the printer jams' --say 'on floor 3'")]
pub struct Args {
    /// A folder of YAML files, or one file that is a whole catalogue
    #[arg(value_name = "DIR|FILE")]
    pub path: Option<PathBuf>,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    question: Question,
    #[command(flatten)]
    trial: trial::Talk,
}

/// What the command answers with `--json`.
#[derive(Debug, Serialize)]
struct Report {
    ok: bool,
    /// What the catalogue holds, when it is in order.
    holds: Option<Holdings>,
    faults: Vec<Fault>,
    /// The due times that were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<Answer>,
    /// What came of trying a template out.
    #[serde(rename = "try", skip_serializing_if = "Option::is_none")]
    trial: Option<crate::proto::v1::TryTemplateResponse>,
}

/// How many of each the catalogue holds.
#[derive(Debug, Serialize)]
struct Holdings {
    templates: usize,
    groups: usize,
    agents: usize,
    services: usize,
    calendars: usize,
    sla_policies: usize,
    rules: usize,
}

/// Runs the command.
pub fn run(args: &Args) -> ExitCode {
    let paint = Paint::of(&stdout());
    match check(args, paint, &mut stdout().lock()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        // Whoever reads only the first lines, as `head` does, has seen what there is to see.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::FAILURE,
        Err(error) => failed(format_args!("check: {error}")),
    }
}

/// Prints what is wrong, and says whether nothing is.
fn check(args: &Args, paint: Paint, out: &mut impl Write) -> io::Result<bool> {
    let sources = args.path.as_deref().map_or_else(|| Ok(catalog::starter()), read)?;
    let report = match catalog::parse(&sources, 0, None) {
        Ok(catalog) => {
            let (due, trial) = (args.question.answer(&catalog)?, args.trial.answer(&catalog)?);
            Report { ok: true, holds: Some(Holdings::of(&catalog)), faults: Vec::new(), due, trial }
        }
        Err(faults) => Report { ok: false, holds: None, faults, due: None, trial: None },
    };
    if args.json {
        serde_json::to_writer(&mut *out, &report)?;
        writeln!(out)?;
    } else {
        let name = args.path.as_ref().map(|it| it.display().to_string());
        print(&report, name.as_deref().unwrap_or("the starter catalogue"), paint, out)?;
        report.due.as_ref().map_or(Ok(()), |it| due::print(it, paint, out))?;
        report.trial.as_ref().map_or(Ok(()), |it| trial::print(it, paint, out))?;
    }
    Ok(report.ok)
}

fn read(path: &Path) -> io::Result<Vec<Source>> {
    if path.is_file() {
        return Ok(vec![catalog::read_file(path)?]);
    }
    let sources = catalog::read_dir(path)?;
    if sources.is_empty() {
        let problem = format!("{}: there is no .yaml or .yml file in it", path.display());
        return Err(io::Error::new(io::ErrorKind::NotFound, problem));
    }
    Ok(sources)
}

fn print(report: &Report, name: &str, paint: Paint, out: &mut impl Write) -> io::Result<()> {
    for Fault { file, line, field, problem } in &report.faults {
        let mut place = file.clone();
        if *line > 0 {
            place = format!("{place}:{line}");
        }
        let parts = [in_style(paint.strong, place), in_style(paint.key, field), problem.clone()];
        let shown = [!file.is_empty(), !field.is_empty(), true];
        let parts: Vec<_> =
            parts.into_iter().zip(shown).filter_map(|(part, it)| it.then_some(part)).collect();
        writeln!(out, "{}", parts.join(": "))?;
    }
    match &report.holds {
        Some(holds) => writeln!(out, "{name}: {holds}; all in order"),
        None => writeln!(out, "{name}: {}", in_style(paint.wrong, sum(&report.faults))),
    }
}

fn sum(faults: &[Fault]) -> String {
    let files: BTreeSet<_> = faults.iter().map(|it| &it.file).filter(|it| !it.is_empty()).collect();
    match files.len() {
        0 => counted(faults.len(), "fault"),
        count => format!("{} in {}", counted(faults.len(), "fault"), counted(count, "file")),
    }
}

impl Holdings {
    fn of(catalog: &Catalog) -> Self {
        Self {
            templates: catalog.templates.len(),
            groups: catalog.groups.len(),
            agents: catalog.agents.len(),
            services: catalog.services.len(),
            calendars: catalog.calendars.len(),
            sla_policies: catalog.policies.len(),
            rules: catalog.rules.len(),
        }
    }
}

impl std::fmt::Display for Holdings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let parts = [
            counted(self.templates, "template"),
            counted(self.groups, "group"),
            counted(self.agents, "agent"),
            counted(self.services, "service"),
            counted(self.calendars, "calendar"),
            // English has no other plural here that ends in -ies.
            match self.sla_policies {
                1 => "1 SLA policy".to_owned(),
                count => format!("{count} SLA policies"),
            },
            counted(self.rules, "rule"),
        ];
        f.write_str(&parts.join(", "))
    }
}

fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(path: Option<&Path>, json: bool) -> (bool, String) {
        let mut out = Vec::new();
        let args = Args { path: path.map(Path::to_owned), json, ..Args::default() };
        let ok = check(&args, Paint::default(), &mut out).unwrap();
        (ok, String::from_utf8(out).unwrap())
    }

    #[test]
    fn the_starter_catalogue_is_in_order() {
        let (ok, text) = answer(None, false);
        assert!(ok && text.starts_with("the starter catalogue: 56 templates, 21 groups, "), "{text}");
        let (ok, json) = answer(None, true);
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert!(ok && json["ok"] == true && json["holds"]["groups"] == 21, "{json}");
    }

    #[test]
    fn every_fault_is_one_line_with_file_line_and_field() {
        let folder = tempfile::tempdir().unwrap();
        for Source { name, content } in catalog::starter() {
            let content = content.replace("owner: network", "owner: netwrok").replace("calendar: always", "");
            std::fs::write(folder.path().join(name), content).unwrap();
        }
        let (ok, text) = answer(Some(folder.path()), false);
        let lines: Vec<_> = text.lines().collect();
        assert!(!ok && lines.len() == 5, "{text}");
        assert!(
            lines[0].starts_with("services.yaml:") && lines[0].contains("did you mean `network`?"),
            "{text}"
        );
        assert!(lines[3].contains(": sla_policies[1].calendar: is missing"), "{text}");
        assert!(lines[4].ends_with("4 faults in 2 files"), "{text}");
        let (_, json) = answer(Some(folder.path()), true);
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(
            (json["faults"][0]["file"].as_str(), json["ok"].as_bool()),
            (Some("services.yaml"), Some(false))
        );
    }

    #[derive(Debug, clap::Parser)]
    struct Line {
        #[command(flatten)]
        args: Args,
    }

    fn asked(line: &str) -> Result<String, String> {
        let line = std::iter::once("check").chain(line.split(' '));
        let args = <Line as clap::Parser>::try_parse_from(line).map_err(|it| it.to_string())?.args;
        let mut out = Vec::new();
        check(&args, Paint::default(), &mut out).map_err(|it| it.to_string())?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn a_due_time_is_explained() {
        let question = "--due 2026-12-23T17:00+01:00 --policy standard --priority P2";
        let text = asked(question).unwrap();
        let expected = "\
P2 of policy standard, in the hours of calendar office (Europe/Berlin):
answered by Wed 2026-12-23 17:30, after 30m of working time
  Wed 2026-12-23 17:00 to Wed 2026-12-23 17:30  working hours: 30m
resolved by Mon 2026-12-28 09:00, after 8h of working time
  Wed 2026-12-23 17:00 to Wed 2026-12-23 18:00  working hours: 1h
  Wed 2026-12-23 18:00 to Thu 2026-12-24 08:00  outside hours
  Thu 2026-12-24 08:00 to Thu 2026-12-24 14:00  working hours: 6h
  Thu 2026-12-24 14:00 to Fri 2026-12-25 00:00  exception
  Fri 2026-12-25 00:00 to Sat 2026-12-26 00:00  Christmas
  Sat 2026-12-26 00:00 to Mon 2026-12-28 00:00  nobody works on such a weekday
  Mon 2026-12-28 00:00 to Mon 2026-12-28 08:00  outside hours
  Mon 2026-12-28 08:00 to Mon 2026-12-28 09:00  working hours: 1h
";
        assert_eq!(text.split_once("all in order\n").unwrap().1, expected);
        let json: serde_json::Value =
            serde_json::from_str(&asked(&format!("{question} --json")).unwrap()).unwrap();
        assert_eq!(json["due"]["resolution"]["due"], "2026-12-28T08:00:00Z");
        assert_eq!(json["due"]["response"]["stretches"][0]["counts"], true);
        assert_eq!(json["due"]["resolution"]["stretches"][4]["why"], "Christmas");
    }

    #[test]
    fn a_question_must_be_one() {
        for (line, part) in [
            ("--due 2026-12-23T17:00+01:00", "--policy"),
            ("--policy standard", "--due"),
            ("--due tomorrow --policy standard --priority P2", "such as 2026-12-23T15:00+01:00"),
            ("--due 2026-12-23T17:00Z --policy standard --priority urgent", "one of P1, P2, P3, P4"),
            ("--due 2026-12-23T17:00Z --policy gold --priority P1", "known: standard, security"),
        ] {
            let problem = asked(line).unwrap_err();
            assert!(problem.contains(part), "{line}: {problem}");
        }
    }

    #[test]
    fn a_path_without_a_catalogue_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let args = |path: PathBuf| Args { path: Some(path), ..Args::default() };
        let empty = check(&args(folder.path().to_owned()), Paint::default(), &mut Vec::new()).unwrap_err();
        assert!(empty.to_string().contains("no .yaml"), "{empty}");
        assert!(check(&args(folder.path().join("nowhere")), Paint::default(), &mut Vec::new()).is_err());
    }
}
