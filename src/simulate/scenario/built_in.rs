//! The built-in scenarios.

use super::{
    Scenario, Source,
    parts::{AROUND, MORNING, OFFICE, Week, agents, group, hours, policy, template},
};
use crate::{
    domain::{assignment::Agent, catalog::Catalog, priority::Priority, sla::SlaPolicy, template::Template},
    simulate::demand::{Demand, Flood, Kind},
};

/// What `sla_aware` was tuned on.
pub const TUNED: [&str; 4] = ["office", "experts", "floods", "two-shifts"];
/// Written before it was tuned, and looked at when that was done.
pub const HELD_OUT: [&str; 4] = ["bank", "plant", "campus", "small"];

/// A built-in scenario by its name.
pub fn built_in(name: &str) -> Option<Scenario> {
    Some(match name {
        "office" => office(),
        "experts" => experts(),
        "floods" => floods(),
        "two-shifts" => two_shifts(),
        "bank" => bank(),
        "plant" => plant(),
        "campus" => campus(),
        "small" => small(),
        _ => return None,
    })
}

/// What a scenario is made of; one group, unless the templates name more.
struct Parts<'a> {
    name: &'a str,
    about: &'a str,
    agents: Vec<Agent>,
    policies: Vec<SlaPolicy>,
    week: Week,
    spread: f64,
    /// Template, how many of it come, and their priorities.
    kinds: Vec<(Template, f64, [f64; 4])>,
    floods: Vec<Flood>,
}

fn made(parts: Parts<'_>) -> Scenario {
    let Parts { name, about, agents, policies, week, spread, kinds, floods } = parts;
    let mut groups: Vec<&str> = kinds.iter().map(|(it, ..)| it.group.as_str()).collect();
    groups.sort_unstable();
    groups.dedup();
    let groups = groups.into_iter().map(group).collect();
    let kind = |(template, (_, weight, priorities)): (usize, &(Template, f64, [f64; 4]))| Kind {
        template,
        weight: *weight,
        priorities: *priorities,
    };
    let demand = Demand {
        hours: week.into_hours(),
        kinds: kinds.iter().enumerate().map(kind).collect(),
        spread,
        floods,
    };
    let calendars = [
        hours("day", 5, 8, 18),
        hours("early", 5, 6, 14),
        hours("late", 5, 12, 20),
        hours("always", 7, 0, 24),
        hours("morning", 7, 6, 14),
        hours("evening", 7, 14, 22),
        hours("night", 7, 22, 24),
    ];
    let catalog = Catalog {
        groups,
        agents,
        policies,
        templates: kinds.into_iter().map(|(it, ..)| it).collect(),
        calendars: calendars.into_iter().flatten().collect(),
        ..Catalog::default()
    };
    Scenario {
        name: name.to_owned(),
        about: about.to_owned(),
        catalog,
        source: Source::Demand(Box::new(demand)),
    }
}

const STANDARD: [(u32, u32); 4] = [(15, 240), (30, 480), (120, 1440), (240, 2400)];
const BRISK: [(u32, u32); 4] = [(15, 90), (30, 180), (120, 480), (240, 1200)];

fn office() -> Scenario {
    made(Parts {
        name: "office",
        about: "ten agents who can all do everything, and short promises",
        agents: agents("desk", "agent", 10, "day", &[]),
        policies: vec![policy("brisk", "day", BRISK)],
        week: OFFICE,
        spread: 0.7,
        kinds: vec![
            (template("quick", "desk", "brisk", 15, &[]), 6.0, [0.03, 0.12, 0.45, 0.4]),
            (template("usual", "desk", "brisk", 35, &[]), 4.0, [0.05, 0.2, 0.45, 0.3]),
            (template("long", "desk", "brisk", 90, &[]), 1.0, [0.02, 0.1, 0.38, 0.5]),
        ],
        floods: vec![],
    })
}

fn experts() -> Scenario {
    let mut all = agents("apps", "general", 5, "day", &[("office", 2)]);
    all.extend(agents("apps", "erp", 2, "day", &[("office", 2), ("erp", 4)]));
    all.extend(agents("apps", "database", 1, "day", &[("office", 2), ("erp", 2), ("database", 5)]));
    all.extend(agents("apps", "crm", 2, "day", &[("office", 2), ("crm", 3)]));
    made(Parts {
        name: "experts",
        about: "most work is anybody's, the rest is for the few who can do it",
        agents: all,
        policies: vec![policy("standard", "day", STANDARD), policy("brisk", "day", BRISK)],
        week: OFFICE,
        spread: 0.8,
        kinds: vec![
            (template("word", "apps", "standard", 25, &[("office", 1)]), 8.0, [0.02, 0.13, 0.45, 0.4]),
            (template("order", "apps", "brisk", 50, &[("erp", 3)]), 1.6, [0.1, 0.3, 0.4, 0.2]),
            (template("query", "apps", "brisk", 60, &[("database", 3)]), 0.6, [0.15, 0.35, 0.3, 0.2]),
            (template("lead", "apps", "standard", 40, &[("crm", 2)]), 1.6, [0.05, 0.25, 0.4, 0.3]),
        ],
        floods: vec![],
    })
}

fn floods() -> Scenario {
    made(Parts {
        name: "floods",
        about: "now and then everybody calls about the same outage",
        agents: agents("desk", "agent", 8, "day", &[]),
        policies: vec![policy("standard", "day", STANDARD), policy("brisk", "day", BRISK)],
        week: OFFICE,
        spread: 0.6,
        kinds: vec![
            (template("outage", "desk", "brisk", 20, &[]), 1.0, [0.1, 0.4, 0.4, 0.1]),
            (template("usual", "desk", "standard", 30, &[]), 6.0, [0.03, 0.15, 0.5, 0.32]),
            (template("wish", "desk", "standard", 60, &[]), 1.5, [0.0, 0.05, 0.35, 0.6]),
        ],
        floods: vec![
            Flood { kind: 0, weekly: 1.5, tickets: 40, priority: Priority::P2 },
            Flood { kind: 0, weekly: 0.5, tickets: 30, priority: Priority::P1 },
        ],
    })
}

fn two_shifts() -> Scenario {
    let mut all = agents("network", "early", 4, "early", &[("lan", 2)]);
    all.extend(agents("network", "early-firewall", 1, "early", &[("lan", 3), ("firewall", 4)]));
    all.extend(agents("network", "late", 3, "late", &[("lan", 2)]));
    all.extend(agents("network", "late-firewall", 1, "late", &[("lan", 3), ("firewall", 4)]));
    made(Parts {
        name: "two-shifts",
        about: "two shifts, one expert in each, and promises by different clocks",
        agents: all,
        policies: vec![
            policy("standard", "day", STANDARD),
            policy("line", "day", [(15, 120), (30, 240), (60, 600), (240, 1800)]),
        ],
        week: OFFICE,
        spread: 0.9,
        kinds: vec![
            (template("cable", "network", "standard", 30, &[("lan", 1)]), 5.0, [0.02, 0.13, 0.5, 0.35]),
            (template("line_down", "network", "line", 45, &[("lan", 2)]), 3.0, [0.15, 0.4, 0.35, 0.1]),
            (template("rule", "network", "line", 40, &[("firewall", 3)]), 1.0, [0.1, 0.3, 0.4, 0.2]),
        ],
        floods: vec![],
    })
}

fn bank() -> Scenario {
    let mut all = agents("desk", "first", 12, "day", &[("desktop", 3)]);
    all.extend(agents("desk", "trading", 3, "day", &[("desktop", 3), ("trading", 4)]));
    all.extend(agents("desk", "payments", 3, "day", &[("desktop", 2), ("payments", 4)]));
    all.extend(agents("desk", "senior", 2, "day", &[("desktop", 4), ("trading", 5), ("payments", 5)]));
    made(Parts {
        name: "bank",
        about: "twenty agents, trading and payments that must not stand still, and little patience",
        agents: all,
        policies: vec![
            policy("standard", "day", STANDARD),
            policy("floor", "day", [(5, 45), (10, 90), (60, 360), (240, 1200)]),
        ],
        week: OFFICE,
        spread: 0.7,
        kinds: vec![
            (template("desktop", "desk", "standard", 30, &[("desktop", 2)]), 10.0, [0.02, 0.1, 0.5, 0.38]),
            (template("trading", "desk", "floor", 25, &[("trading", 3)]), 3.0, [0.2, 0.4, 0.3, 0.1]),
            (template("payment", "desk", "floor", 30, &[("payments", 3)]), 3.0, [0.1, 0.4, 0.4, 0.1]),
        ],
        floods: vec![],
    })
}

fn plant() -> Scenario {
    let mut all = agents("plant", "morning", 4, "morning", &[("machine", 2)]);
    all.extend(agents("plant", "morning-control", 2, "morning", &[("machine", 3), ("control", 3)]));
    all.extend(agents("plant", "evening", 3, "evening", &[("machine", 2)]));
    all.extend(agents("plant", "evening-control", 1, "evening", &[("machine", 3), ("control", 3)]));
    all.extend(agents("plant", "round", 1, "always", &[("machine", 2), ("control", 2)]));
    made(Parts {
        name: "plant",
        about: "a plant that never stops, three kinds of shifts, and repairs of very unlike length",
        agents: all,
        policies: vec![policy("plant", "always", [(15, 150), (30, 360), (120, 1440), (480, 4320)])],
        week: AROUND,
        spread: 1.1,
        kinds: vec![
            (template("machine", "plant", "plant", 40, &[("machine", 1)]), 5.0, [0.08, 0.22, 0.4, 0.3]),
            (template("control", "plant", "plant", 55, &[("control", 2)]), 2.0, [0.15, 0.35, 0.3, 0.2]),
            (template("overhaul", "plant", "plant", 150, &[("machine", 2)]), 0.5, [0.0, 0.05, 0.35, 0.6]),
        ],
        floods: vec![],
    })
}

fn campus() -> Scenario {
    let mut all = agents("help", "student", 8, "day", &[]);
    all.extend(agents("help", "staff", 4, "day", &[("accounts", 3)]));
    all.extend(agents("help", "av", 2, "day", &[("lecture", 3)]));
    made(Parts {
        name: "campus",
        about: "most of it comes between eight and eleven, lectures cannot wait, and logins break for all at once",
        agents: all,
        policies: vec![
            policy("standard", "day", STANDARD),
            policy("lecture", "day", [(5, 40), (10, 80), (60, 480), (240, 1800)]),
        ],
        week: MORNING,
        spread: 0.6,
        kinds: vec![
            (template("question", "help", "standard", 20, &[]), 8.0, [0.01, 0.09, 0.45, 0.45]),
            (template("login", "help", "standard", 15, &[("accounts", 2)]), 3.0, [0.05, 0.3, 0.45, 0.2]),
            (template("lecture", "help", "lecture", 20, &[("lecture", 2)]), 1.5, [0.25, 0.45, 0.2, 0.1]),
        ],
        floods: vec![Flood { kind: 1, weekly: 1.0, tickets: 50, priority: Priority::P2 }],
    })
}

fn small() -> Scenario {
    let mut all = agents("it", "admin", 2, "day", &[("server", 3)]);
    all.extend(agents("it", "junior", 2, "day", &[]));
    made(Parts {
        name: "small",
        about: "four people who do everything, two of whom know the servers",
        agents: all,
        policies: vec![policy("standard", "day", STANDARD), policy("brisk", "day", BRISK)],
        week: OFFICE,
        spread: 0.9,
        kinds: vec![
            (template("pc", "it", "standard", 30, &[]), 5.0, [0.03, 0.15, 0.47, 0.35]),
            (template("server", "it", "brisk", 60, &[("server", 2)]), 1.2, [0.15, 0.35, 0.3, 0.2]),
        ],
        floods: vec![],
    })
}
