//! What a choice costs: among ten thousand agents of a desk, in groups of different sizes, beside a bare walk over the
//! members of the group that only adds up their loads.
//!
//! `cargo bench --bench dispatch`

#![expect(clippy::print_stdout, reason = "what a bench is for")]

use std::{collections::HashMap, hint::black_box, time::Instant};

use ticket_dispatch::{
    domain::{
        assignment::{Agent, Group, Load, Policy, Skill},
        catalog::Catalog,
        priority::Priority,
        time::Timestamp,
    },
    routing::{Team, dispatch::Work},
};

const AGENTS: usize = 10_000;
/// A Monday morning.
const NOW: Timestamp = Timestamp(1_780_308_000_000);

fn main() {
    for members in [10, 100, 1_000, 10_000] {
        let catalog = catalog(members);
        let loads: HashMap<String, Load> =
            catalog.agents.iter().enumerate().map(|(it, agent)| (agent.id.clone(), load(it))).collect();
        let load = |it: &str| loads.get(it).copied().unwrap_or_default();
        let skills = [Skill { id: "s3".into(), level: 2 }];
        let work = Work {
            skills: &skills,
            priority: Priority::P3,
            opened: NOW,
            due: Some(Timestamp(NOW.0 + 86_400_000)),
            handling: 1800,
            declined: &[],
        };
        let group = &catalog.groups[0];
        let rounds = (400_000 / members).clamp(100, 4_000);
        let time = |what: &dyn Fn()| {
            let begun = Instant::now();
            (0..rounds).for_each(|_| what());
            begun.elapsed().as_secs_f64() * 1e6 / rounds as f64
        };
        let of_group: Vec<&Agent> = catalog.members(&group.id).collect();
        // In turn, so that a busy machine is as unfair to both.
        let (mut bare, mut whole, mut again) = (f64::MAX, f64::MAX, f64::MAX);
        for _ in 0..5 {
            bare = bare.min(time(&|| {
                black_box(of_group.iter().map(|it| load(&it.id).open).sum::<u32>());
            }));
            whole = whole.min(time(&|| {
                black_box(Team::of(&catalog, group, load, black_box(NOW)).assign(&work));
            }));
            let team = Team::of(&catalog, group, load, NOW);
            again = again.min(time(&|| {
                black_box(team.assign(black_box(&work)));
            }));
        }
        println!(
            "{members:6} of {AGENTS} agents: {whole:8.2} µs gathered and chosen, {:4.1} times a bare walk ({bare:.2} µs); \
             {again:8.2} µs where the team is gathered already",
            whole / bare
        );
    }
}

fn catalog(members: usize) -> Catalog {
    let group = |it: usize| Group { id: format!("group-{it}"), policy: Policy::SlaAware, ..Group::default() };
    let agent = |it: usize| Agent {
        id: format!("agent-{it}"),
        groups: vec![format!("group-{}", it / members)],
        present: true,
        skills: vec![Skill { id: format!("s{}", it % 5), level: 1 + (it % 4) as u8 }],
        capacity: Some(5),
        ..Agent::default()
    };
    Catalog {
        groups: (0..AGENTS / members).map(group).collect(),
        agents: (0..AGENTS).map(agent).collect(),
        ..Catalog::default()
    }
}

fn load(it: usize) -> Load {
    Load { open: (it * 7 % 5) as u32, last: Timestamp(it as i64), ..Load::default() }
}
