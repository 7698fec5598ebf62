//! `changes list`, `show` and `check`: changes, read. Times are UTC.

use std::io::{BufWriter, Write, stderr, stdout};

use serde_json::{Value, json};

use super::{ListArgs, OneArgs};
use crate::{
    clock,
    commands::database::Failure,
    desk::changes::{Changes, Check, Conflict, Shown},
    domain::{
        change::{Freeze, Record, Risk, Span},
        ticket::{Relation, Ticket},
        time::Timestamp,
    },
};

/// In one day of the calendar.
const DAY: i64 = 86_400;
/// Changes that are read at once.
const PAGE: usize = 500;

pub(super) async fn list(changes: &Changes, args: &ListArgs) -> Result<(), Failure> {
    let shown = Shown { from: Some(args.from.unwrap_or_else(clock::now)), to: args.to, ..Shown::default() };
    let (mut found, mut conflicts, mut after) = (vec![], vec![], None);
    loop {
        let page = changes.list(&shown, after, PAGE).await?;
        found.extend(page.changes);
        conflicts.extend(page.conflicts);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let mut out = BufWriter::new(stdout().lock());
    if args.json {
        for it in &found {
            let mut all = object(it);
            all["conflicts"] = conflicts.iter().filter(|one| one.change == it.id).map(against).collect();
            writeln!(out, "{all}")?;
        }
    } else if found.is_empty() {
        writeln!(stderr(), "No changes.")?;
    } else if args.calendar {
        calendar(&mut out, &found)?;
    } else {
        table(&mut out, &found)?;
    }
    if !args.json {
        for it in &conflicts {
            writeln!(out, "{} {}: {}", it.number, it.kind.as_str(), it.text)?;
        }
    }
    out.flush()?;
    Ok(())
}

fn table(out: &mut impl Write, found: &[Ticket]) -> Result<(), Failure> {
    writeln!(
        out,
        "{:10}  {:16}  {:9}  {:8}  {:16}  {:16}  SUBJECT",
        "NUMBER", "STATE", "TYPE", "RISK", "FROM", "TO"
    )?;
    for it in found {
        let (record, window) = (record(it), window(it));
        let [from, to] = [window.map(|it| it.start), window.map(|it| it.end)].map(minute);
        let (kind, level) = (record.plan.kind.as_str(), record.plan.risk.level.as_str());
        let (number, state, subject) = (&it.number, it.state.as_str(), &it.subject);
        writeln!(out, "{number:10}  {state:16}  {kind:9}  {level:8}  {from:16}  {to:16}  {subject}")?;
    }
    Ok(())
}

/// Each day on which something is changed, with what and when.
fn calendar(out: &mut impl Write, found: &[Ticket]) -> Result<(), Failure> {
    let mut lines: Vec<(i64, Span, &Ticket)> = vec![];
    for it in found {
        let Some(window) = window(it) else { continue };
        let (first, last) = (window.start.second(), (window.end.0 - 1).div_euclid(1000));
        lines.extend((first.div_euclid(DAY)..=last.div_euclid(DAY)).map(|day| (day, window, it)));
    }
    lines.sort_by_key(|(day, window, it)| (*day, window.start, it.id));
    let mut before = None;
    for (day, window, it) in lines {
        let midnight = Timestamp::from_second(day * DAY);
        if before != Some(day) {
            writeln!(out, "{}", midnight.date().strftime("%Y-%m-%d %a"))?;
            before = Some(day);
        }
        let clock = |at: Timestamp| minute(Some(at))[11..].to_owned();
        let from = if window.start < midnight { "00:00".to_owned() } else { clock(window.start) };
        let ends_later = window.end.second() >= (day + 1) * DAY;
        let to = if ends_later { "24:00".to_owned() } else { clock(window.end) };
        writeln!(out, "  {from}-{to}  {}  {}  {}", it.number, it.state.as_str(), it.subject)?;
    }
    Ok(())
}

pub(super) async fn show(changes: &Changes, args: &OneArgs) -> Result<(), Failure> {
    let check = changes.check(&args.change).await?;
    let (after, more) = changes.aftermath(&args.change).await?;
    let (it, record) = (&check.change, record(&check.change));
    let mut out = BufWriter::new(stdout().lock());
    if args.json {
        let mut all = object(it);
        all["incidents_after"] = after.iter().map(|it| json!(it.ticket.number)).collect();
        all["incidents_left_out"] = json!(more);
        all["conflicts"] = check.conflicts.iter().map(against).collect();
        writeln!(out, "{all}")?;
        out.flush()?;
        return Ok(());
    }
    let (kind, state) = (record.plan.kind.as_str(), it.state.as_str());
    writeln!(out, "{} is {state}: {}", it.number, it.subject)?;
    writeln!(out, "  type       {kind}")?;
    writeln!(out, "  window     {}", window(it).map_or_else(|| "none yet".to_owned(), |it| span(&it)))?;
    risk(&mut out, &record.plan.risk)?;
    for link in it.assets.links.iter().filter(|it| it.how.is_about()) {
        writeln!(out, "  asset      {}", link.tag)?;
    }
    for link in it.ties.related(Relation::Settles) {
        writeln!(out, "  settles    {}", link.number)?;
    }
    carried_out(&mut out, it, &record)?;
    course(&mut out, &record)?;
    standing(&mut out, &check)?;
    for it in &after {
        let how = if it.caused { "caused" } else { "after it" };
        writeln!(out, "  {how:9}  {}  {}", it.ticket.number, it.ticket.subject)?;
    }
    out.flush()?;
    Ok(())
}

/// When a change was carried out, and how long beyond its window.
fn carried_out(out: &mut impl Write, it: &Ticket, record: &Record) -> Result<(), Failure> {
    let Some(begun) = record.begun else { return Ok(()) };
    let ended = it.resolved.filter(|_| !it.state.is_open());
    let until = ended.map_or_else(|| "now".to_owned(), |it| minute(Some(it)));
    let window = record.scheduled.as_ref().map(|it| it.window);
    let beyond = window.zip(ended).map_or(0, |(window, ended)| ended.second() - window.end.second());
    let beyond = match beyond {
        ..=0 => String::new(),
        1..60 => format!(", {beyond} s beyond its window"),
        60.. => format!(", {} min beyond its window", beyond / 60),
    };
    writeln!(out, "  carried out {} to {until} UTC{beyond}", minute(Some(begun)))?;
    Ok(())
}

/// What is planned of a change, and what came of it.
fn course(out: &mut impl Write, record: &Record) -> Result<(), Failure> {
    if let Some(place) = &record.scheduled {
        let against: Vec<&str> = place.freezes.iter().chain(&place.windows).map(String::as_str).collect();
        if !against.is_empty() {
            writeln!(out, "  in spite of {}: {}", against.join(", "), place.reason)?;
        }
        for number in &place.accepted {
            writeln!(out, "  accepted   {number}")?;
        }
    }
    let texts = [
        ("implementation", &record.plan.implementation),
        ("test", &record.plan.test),
        ("back out", &record.plan.back_out),
    ];
    for (name, text) in texts.iter().filter(|(_, text)| !text.is_empty()) {
        writeln!(out, "  {name}: {}", text.replace('\n', "\n    "))?;
    }
    if let Some(review) = &record.review {
        writeln!(out, "  review     {} {}", review.outcome.as_str(), review.text)?;
    }
    Ok(())
}

pub(super) async fn check(changes: &Changes, args: &OneArgs) -> Result<(), Failure> {
    let it = changes.check(&args.change).await?;
    let mut out = BufWriter::new(stdout().lock());
    if args.json {
        writeln!(out, "{}", checked(&it))?;
        out.flush()?;
        return Ok(());
    }
    let window = window(&it.change).map_or_else(|| "without a window".to_owned(), |it| span(&it));
    writeln!(out, "{} {window}", it.change.number)?;
    if !it.missing.is_empty() {
        writeln!(out, "  missing    {}", it.missing.join(", "))?;
    }
    risk(&mut out, &it.risk)?;
    for it in &it.freezes {
        writeln!(out, "  freeze     {} ({}) {}: {}", it.id, it.label.en, span(&it.span), it.reason)?;
    }
    for it in &it.windows {
        writeln!(out, "  outside    {} ({}), the hours of {}", it.id, it.label.en, it.calendar)?;
    }
    standing(&mut out, &it)?;
    for it in &it.collisions {
        let weight = if it.scheduled { "collides" } else { "may meet" };
        let (number, at) = (&it.change.number, span(&it.window));
        writeln!(out, "  {weight:9}  {number} {at} on {}", it.assets.join(", "))?;
    }
    let next = it.next.map_or_else(|| "none within a year".to_owned(), |it| span(&it));
    writeln!(out, "  next free  {next}")?;
    out.flush()?;
    Ok(())
}

/// What stands now against the place in the calendar that it has.
fn standing(out: &mut impl Write, it: &Check) -> Result<(), Failure> {
    for it in &it.conflicts {
        writeln!(out, "  {:11}{}", it.kind.as_str(), it.text)?;
    }
    Ok(())
}

fn against(it: &Conflict) -> Value {
    json!({ "kind": it.kind.as_str(), "with": it.with, "text": it.text })
}

fn risk(out: &mut impl Write, it: &Risk) -> Result<(), Failure> {
    writeln!(out, "  risk       {} ({} points)", it.level.as_str(), it.points)?;
    for against in &it.against {
        writeln!(out, "    +{}  {}", against.points, against.what)?;
    }
    Ok(())
}

fn record(it: &Ticket) -> Record {
    it.change.as_deref().cloned().unwrap_or_default()
}

fn window(it: &Ticket) -> Option<Span> {
    it.change.as_ref()?.plan.window
}

fn minute(at: Option<Timestamp>) -> String {
    at.map(|it| it.rfc3339().replace('T', " ")).map(|it| it.chars().take(16).collect()).unwrap_or_default()
}

fn span(it: &Span) -> String {
    format!("{} to {} UTC", minute(Some(it.start)), minute(Some(it.end)))
}

fn times(it: &Span) -> Value {
    json!({ "start_time": it.start.rfc3339(), "end_time": it.end.rfc3339() })
}

fn rated(it: &Risk) -> Value {
    let reasons: Vec<_> =
        it.against.iter().map(|it| json!({ "what": it.what, "points": it.points })).collect();
    json!({ "level": it.level.as_str(), "points": it.points, "reasons": reasons })
}

fn object(it: &Ticket) -> Value {
    let record = record(it);
    let plan = &record.plan;
    json!({
        "number": it.number, "id": it.id.to_string(), "version": it.version, "state": it.state.as_str(),
        "subject": it.subject, "service": it.service, "type": plan.kind.as_str(),
        "window": plan.window.as_ref().map(times), "risk": rated(&plan.risk),
        "implementation": plan.implementation, "test": plan.test, "back_out": plan.back_out,
        "assets": it.assets.links.iter().filter(|it| it.how.is_about()).map(|it| &it.tag).collect::<Vec<_>>(),
        "settles": it.ties.related(Relation::Settles).map(|it| &it.number).collect::<Vec<_>>(),
        "scheduled": record.scheduled.as_ref().map(|it| json!({
            "window": times(&it.window), "author": it.by, "reason": it.reason, "freezes": it.freezes,
            "maintenance_windows": it.windows, "accepted_collisions": it.accepted,
        })),
        "begin_time": record.begun.map(Timestamp::rfc3339),
        "review": record.review.as_ref().map(|it| json!({
            "outcome": it.outcome.as_str(), "text": it.text, "author": it.by,
        })),
    })
}

fn checked(it: &Check) -> Value {
    let freeze = |it: &Freeze| json!({ "id": it.id, "label": it.label.en, "span": times(&it.span), "reason": it.reason });
    let collisions = it.collisions.iter().map(|it| {
        json!({
            "number": it.change.number, "window": times(&it.window), "assets": it.assets,
            "scheduled": it.scheduled,
        })
    });
    json!({
        "number": it.change.number, "missing": it.missing, "risk": rated(&it.risk),
        "freezes": it.freezes.iter().map(freeze).collect::<Vec<_>>(),
        "maintenance_windows": it.windows.iter().map(|it| &it.id).collect::<Vec<_>>(),
        "collisions": collisions.collect::<Vec<_>>(),
        "next_window": it.next.as_ref().map(times),
        "conflicts": it.conflicts.iter().map(against).collect::<Vec<_>>(),
    })
}
