//! Tickets that came: from a file, or from a running desk.

use std::path::Path;

use serde::Deserialize;
use tokio::runtime::Runtime;

use crate::{
    client::{self, Client},
    domain::{catalog::Catalog, priority::Priority, time::Timestamp},
    proto::{time::time_from, v1, words},
    simulate::history::Past,
};

/// A row of a file. Columns that are not named here are passed over.
#[derive(Debug, Deserialize)]
struct Row {
    opened: String,
    template: String,
    #[serde(default)]
    priority: Option<String>,
    #[serde(default)]
    group: Option<String>,
    #[serde(default)]
    handling_minutes: Option<f64>,
}

/// Why a file cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum BadHistory {
    #[error("{0}")]
    Io(#[from] std::io::Error),
    #[error("line {line}: {problem}")]
    Row { line: usize, problem: String },
    #[error("there is no ticket in it")]
    Empty,
}

/// The tickets of a file.
pub(super) fn read(path: &Path, catalog: &Catalog) -> Result<Vec<Past>, BadHistory> {
    let text = std::fs::read_to_string(path)?;
    let text = text.trim_start_matches('\u{feff}');
    let rows = if text.trim_start().starts_with('{') { json_lines(text)? } else { csv(text)? };
    let past =
        |(line, row): (usize, Row)| past(&row, catalog).map_err(|problem| BadHistory::Row { line, problem });
    let tickets: Vec<Past> = rows.into_iter().map(past).collect::<Result<_, _>>()?;
    if tickets.is_empty() { Err(BadHistory::Empty) } else { Ok(tickets) }
}

fn json_lines(text: &str) -> Result<Vec<(usize, Row)>, BadHistory> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let row = |(place, line): (usize, &str)| {
        let bad = |it: serde_json::Error| BadHistory::Row { line: place + 1, problem: it.to_string() };
        Ok((place + 1, serde_json::from_str(line).map_err(bad)?))
    };
    lines.map(row).collect()
}

fn csv(text: &str) -> Result<Vec<(usize, Row)>, BadHistory> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let row = |(place, row): (usize, Result<Row, csv::Error>)| {
        let line = |it: &csv::Error| {
            it.position().map_or(place + 2, |at| usize::try_from(at.line()).unwrap_or(place + 2))
        };
        row.map(|it| (place + 2, it))
            .map_err(|it| BadHistory::Row { line: line(&it), problem: it.to_string() })
    };
    reader.deserialize().enumerate().map(row).collect()
}

fn past(row: &Row, catalog: &Catalog) -> Result<Past, String> {
    let opened = Timestamp::parse(&row.opened)
        .ok_or_else(|| format!("opened: `{}` is no time such as 2026-03-02T09:30:00Z", row.opened))?;
    let template = place(catalog.templates.iter().map(|it| &it.id), &row.template)
        .ok_or_else(|| format!("template: `{}` is not in the catalogue", row.template))?;
    let of = &catalog.templates[template];
    let group = row.group.as_deref().filter(|it| !it.is_empty()).unwrap_or(&of.group);
    let group = place(catalog.groups.iter().map(|it| &it.id), group)
        .ok_or_else(|| format!("group: `{group}` is not in the catalogue"))?;
    let priority = match row.priority.as_deref().filter(|it| !it.is_empty()) {
        Some(it) => {
            Priority::parse(it).ok_or_else(|| format!("priority: `{it}` is none of P1, P2, P3, P4"))?
        }
        None => catalog.matrix.priority(of.impact, of.urgency),
    };
    let took = match row.handling_minutes {
        Some(it) if 0.0 < it && it <= 100_000.0 => Some((it * 60.0).ceil() as u32),
        Some(it) => return Err(format!("handling_minutes: {it} is not between 0 and 100000")),
        None => None,
    };
    Ok(Past { opened, template, group, priority, took })
}

fn place<'a>(mut ids: impl Iterator<Item = &'a String>, id: &str) -> Option<usize> {
    ids.position(|it| it == id)
}

/// The tickets of a running desk whose template and group the catalogue knows, and how many it has in all. How long
/// they took nobody has written down.
pub(super) fn ask(
    runtime: &Runtime,
    address: &str,
    token: Option<&str>,
    catalog: &Catalog,
) -> Result<(Vec<Past>, usize), client::Fault> {
    runtime.block_on(async {
        let client = Client::new(&client::url(address), token)?;
        let (mut page_token, mut all, mut known) = (String::new(), 0, vec![]);
        loop {
            let request = v1::ListTicketsRequest { page_size: 200, page_token, filter: None };
            let page = client.tickets().list_tickets(request).await?.into_inner();
            all += page.tickets.len();
            known.extend(page.tickets.iter().filter_map(|it| of(it, catalog)));
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return Ok((known, all));
            }
        }
    })
}

fn of(ticket: &v1::Ticket, catalog: &Catalog) -> Option<Past> {
    let template = place(catalog.templates.iter().map(|it| &it.id), &ticket.template)?;
    Some(Past {
        opened: time_from(ticket.open_time.as_ref()?),
        template,
        group: place(catalog.groups.iter().map(|it| &it.id), &ticket.group)?,
        priority: words::priority_from(ticket.priority)?,
        took: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;

    fn read_text(text: &str) -> Result<Vec<Past>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history");
        std::fs::write(&path, text).unwrap();
        read(&path, &catalog::parse(&catalog::starter(), 0, None).unwrap()).map_err(|it| it.to_string())
    }

    #[test]
    fn csv_and_json_lines_say_the_same() {
        let csv = "\u{feff}template,opened,priority,who,handling_minutes\nvpn_fault,2026-03-02T09:00:00Z,P2,ada,12.5\n\
                   vpn_fault,2026-03-02T10:00:00+01:00,,mei,\n";
        let json = "{\"opened\":\"2026-03-02T09:00:00Z\",\"template\":\"vpn_fault\",\"priority\":\"P2\",\
                    \"handling_minutes\":12.5}\n\n{\"opened\":\"2026-03-02T09:00:00Z\",\"template\":\"vpn_fault\"}\n";
        let tickets = read_text(csv).unwrap();
        assert_eq!(tickets, read_text(json).unwrap());
        assert_eq!((tickets[0].priority, tickets[0].took, tickets[1].took), (Priority::P2, Some(750), None));
    }

    #[test]
    fn a_row_that_cannot_be_used_is_named_with_its_line_and_what_would_be_right() {
        for (row, says) in [
            ("yesterday,vpn_fault,P1,", "line 2: opened: `yesterday` is no time such as"),
            ("2026-03-02T09:00:00Z,vpn,P1,", "line 2: template: `vpn` is not in the catalogue"),
            ("2026-03-02T09:00:00Z,vpn_fault,high,", "line 2: priority: `high` is none of P1, P2, P3, P4"),
            ("2026-03-02T09:00:00Z,vpn_fault,P1,-3", "line 2: handling_minutes: -3 is not between"),
            ("2026-03-02T09:00:00Z,vpn_fault,P1,soon", "line 2:"),
        ] {
            let problem =
                read_text(&format!("opened,template,priority,handling_minutes\n{row}\n")).unwrap_err();
            assert!(problem.contains(says), "{row}: {problem}");
        }
        assert_eq!(read_text("opened,template\n").unwrap_err(), "there is no ticket in it");
    }
}
