//! How services did, for people and for spreadsheets.

use std::io::{self, Write};

use crate::{
    commands::paint::{Paint, in_style},
    domain::service::Stage,
    proto::{
        v1::{self, capacity_target::Bound},
        words,
    },
};

/// All of them, a line each. Colours go around whole cells at the end, so the columns stand with and without them.
pub(super) fn all(services: &[v1::ServiceReport], paint: Paint, out: &mut impl Write) -> io::Result<()> {
    let id = |it: &v1::ServiceReport| it.service.as_ref().map(|it| it.id.len()).unwrap_or_default();
    let owner = |it: &v1::ServiceReport| it.service.as_ref().map(|it| it.owner.len()).unwrap_or_default();
    let wide = services.iter().map(id).max().unwrap_or_default().max(7);
    let owners = services.iter().map(owner).max().unwrap_or_default().max(5);
    let head = format!(
        "{:wide$}  {:8}  {:owners$}  {:>6}  {:>8}  {:>7}  {:>7}  AVAILABLE",
        "SERVICE", "STAGE", "OWNER", "USERS", "FAILURES", "MTBF", "MTRS"
    );
    writeln!(out, "{}", in_style(paint.faint, head))?;
    for it in services {
        let service = it.service.clone().unwrap_or_default();
        let available = it.availability.unwrap_or_default();
        let failures = it.availability.map_or("-".to_owned(), |it| it.failures.to_string());
        writeln!(
            out,
            "{:wide$}  {:8}  {:owners$}  {:>6}  {failures:>8}  {:>7}  {:>7}  {}",
            service.id,
            words::stage_from(service.stage).map_or("", Stage::as_str),
            service.owner,
            it.users,
            length(available.mtbf_seconds),
            length(available.mtrs_seconds),
            share(it, paint)
        )?;
    }
    Ok(())
}

/// One, with all that the catalogue says of it.
pub(super) fn one(it: &v1::ServiceReport, paint: Paint, out: &mut impl Write) -> io::Result<()> {
    let service = it.service.clone().unwrap_or_default();
    let stage = words::stage_from(service.stage).map_or("", Stage::as_str);
    writeln!(out, "{} ({}), {stage}", in_style(paint.strong, &service.name), service.id)?;
    let who = if service.users.is_empty() { "everybody".to_owned() } else { service.users.join(", ") };
    let facts = [
        ("value", service.value.clone()),
        ("owner", service.owner.clone()),
        ("users", format!("{} ({who})", it.users)),
        ("cost centre", service.cost_centre.clone()),
        ("tickets", tickets(it, &service)),
        ("SLA", service.sla_policy.clone()),
        ("needs", service.needs.join(", ")),
        ("templates", it.templates.join(", ")),
    ];
    for (name, value) in facts.iter().filter(|(_, value)| !value.is_empty()) {
        writeln!(out, "  {name:12}{value}")?;
    }
    if let Some(available) = it.availability {
        let v1::Availability { failures, down_seconds, own_down_seconds, .. } = available;
        writeln!(out, "  {:12}{}", "available", share(it, paint))?;
        let down = length(Some(down_seconds));
        let own = length(Some(own_down_seconds));
        writeln!(
            out,
            "  {:12}{failures}, {down} in its hours, {own} of it by its own incidents",
            "failures"
        )?;
        if 0 < available.planned_seconds {
            let planned = length(Some(available.planned_seconds));
            writeln!(out, "  {:12}{planned} in its hours, by changes, which is no failure", "planned")?;
        }
        let (mtbf, mtrs) = (length(available.mtbf_seconds), length(available.mtrs_seconds));
        writeln!(out, "  {:12}{mtbf} between failures, {mtrs} to restore it", "on average")?;
    }
    for it in &it.capacity {
        let target = it.target.clone().unwrap_or_default();
        let style = if it.kept { paint.fine } else { paint.wrong };
        let count = in_style(style, format_args!("{} of {}", it.count, bound(&target)));
        writeln!(out, "  {:12}{}: {count}", "capacity", target.label_en)?;
    }
    Ok(())
}

/// A line each for a spreadsheet. Ids have no commas, quotes or breaks; amounts and numbers have none either.
pub(super) fn csv(services: &[v1::ServiceReport], out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "service,stage,owner,users,tickets,ticket_cost,cost,target_percent,percent,kept,failures,agreed_seconds,\
         planned_seconds,down_seconds,mtbf_seconds,mtrs_seconds"
    )?;
    let number = |it: Option<u64>| it.map(|it| it.to_string()).unwrap_or_default();
    for it in services {
        let service = it.service.clone().unwrap_or_default();
        let target = service.availability.as_ref().map(|it| it.percent.to_string()).unwrap_or_default();
        let stage = words::stage_from(service.stage).map_or("", Stage::as_str);
        let costs = format!("{},{},{}", it.tickets, service.ticket_cost, it.cost);
        let known = format!("{},{stage},{},{},{costs},{target}", service.id, service.owner, it.users);
        let Some(told) = it.availability else {
            writeln!(out, "{known},,,,,,,,")?;
            continue;
        };
        let percent = told.percent.map(|it| format!("{it:.3}")).unwrap_or_default();
        let v1::Availability { kept, failures, agreed_seconds, planned_seconds, down_seconds, .. } = told;
        let (mtbf, mtrs) = (number(told.mtbf_seconds), number(told.mtrs_seconds));
        let seconds = format!("{agreed_seconds},{planned_seconds},{down_seconds},{mtbf},{mtrs}");
        writeln!(out, "{known},{percent},{kept},{failures},{seconds}")?;
    }
    Ok(())
}

/// How many were opened, and what they cost.
fn tickets(it: &v1::ServiceReport, service: &v1::Service) -> String {
    match it.cost.as_str() {
        "" => it.tickets.to_string(),
        cost => format!("{}, which cost {cost} at {} each", it.tickets, service.ticket_cost),
    }
}

/// The share of its hours in which a service worked, and what is promised.
fn share(it: &v1::ServiceReport, paint: Paint) -> String {
    let target = it.service.as_ref().and_then(|it| it.availability.as_ref()).map(|it| it.percent);
    let (Some(told), Some(target)) = (it.availability, target) else {
        return in_style(paint.faint, "nothing is promised");
    };
    let now = if told.down_now { ", down now" } else { "" };
    let Some(percent) = told.percent else { return in_style(paint.faint, "no hours in these days") };
    let style = if told.kept { paint.fine } else { paint.wrong };
    // Rounded down: what is missed must not look kept.
    let percent = (percent * 100.0).floor() / 100.0;
    let missed = if told.kept { "" } else { ", missed" };
    in_style(style, format_args!("{percent:.2} % of {target} %{missed}{now}"))
}

/// A bound as the catalogue has it.
pub(super) fn bound(it: &v1::CapacityTarget) -> String {
    match it.bound {
        Some(Bound::AtLeast(least)) => format!("at least {least}"),
        Some(Bound::AtMost(most)) => format!("at most {most}"),
        None => String::new(),
    }
}

/// A length of time in its two greatest units.
fn length(seconds: Option<u64>) -> String {
    let Some(seconds) = seconds else { return "-".to_owned() };
    match (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60) {
        (0, 0, minutes) => format!("{minutes}m"),
        (0, hours, minutes) => format!("{hours}h{minutes:02}m"),
        (days, hours, _) => format!("{days}d{hours:02}h"),
    }
}
