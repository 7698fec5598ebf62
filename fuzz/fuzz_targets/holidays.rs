//! Any text as an iCalendar file: a calendar that finds its way past those days, or faults with their places.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ticket_dispatch::{
    catalog::{Source, parse},
    domain::time::Timestamp,
};

const FILE: &str = "holidays.ics";
/// The least that a catalogue has.
const REST: &str = r#"
groups:
  - { id: servicedesk, name: { en: Service desk, zh: 服务台 }, description: First line }
services:
  - { id: office, name: Office, owner: servicedesk }
agents: []
calendars:
  - id: open
    zone: Europe/Berlin
    hours: { mon-fri: ["08:00-12:00", "13:00-17:00"] }
    holidays_from: [{ file: holidays.ics, with_free: true }]
sla_policies:
  - id: standard
    calendar: open
    targets:
      P1: { response: 15m, resolution: 4h }
      P2: { response: 15m, resolution: 4h }
      P3: { response: 15m, resolution: 4h }
      P4: { response: 15m, resolution: 4h }
matrix:
  person: { low: P4, medium: P4, high: P3 }
  team: { low: P4, medium: P3, high: P2 }
  site: { low: P3, medium: P2, high: P1 }
templates:
  - id: other
    kind: request
    label: { en: Something else, zh: 其他 }
    service: office
    group: servicedesk
    impact: person
    urgency: low
    sla: standard
"#;

fuzz_target!(|file: &str| {
    let source = |name: &str, content: &str| Source { name: name.into(), content: content.into() };
    match parse(&[source("catalog.yaml", REST), source(FILE, file)], 1, None) {
        Ok(catalog) => {
            let calendar = &catalog.calendars[0];
            let from = Timestamp::parse("2026-12-23T09:30:00Z").unwrap();
            for seconds in [0, 900, 400 * 3600] {
                assert!(calendar.due(from, seconds).is_none_or(|due| from <= due));
            }
        }
        Err(faults) => {
            // The rest has none; one of a file as a whole has no line.
            assert!(!faults.is_empty());
            for fault in faults {
                assert!(fault.file == FILE || fault.field.contains("holidays_from"), "{fault}");
                assert!(fault.line as usize <= 2 + file.lines().count().max(REST.lines().count()), "{fault}");
            }
        }
    }
});
