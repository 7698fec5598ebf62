//! What a choice costs: among ten thousand agents of a desk, in groups of different sizes, by every policy, beside a
//! bare walk over the members of the group that only adds up their loads.
//!
//! Agents work in three shifts, of which one is open, some are on leave, some are full, and levels of skills and loads
//! are mixed well. The loads lie in a row, as they do in the store between two decisions.
//!
//! `cargo bench --bench dispatch`

#![expect(clippy::print_stdout, reason = "what a bench is for")]

use std::{collections::BTreeMap, hint::black_box, time::Instant};

use ticket_dispatch::{
    domain::{
        assignment::{Agent, Group, Load, Policy, Skill},
        calendar::{Calendar, Hours},
        catalog::Catalog,
        duty::Leave,
        priority::Priority,
        time::Timestamp,
    },
    routing::{Team, dispatch::Work},
};

const AGENTS: usize = 10_000;
/// A Monday morning.
const NOW: Timestamp = Timestamp(1_780_308_000_000);
const POLICIES: [Policy; 4] =
    [Policy::RoundRobin, Policy::LeastLoaded, Policy::MostCapacity, Policy::SlaAware];

fn main() {
    for members in [10, 100, 1_000, 10_000] {
        for policy in POLICIES {
            measure(members, policy);
        }
    }
}

fn measure(members: usize, policy: Policy) {
    let catalog = catalog(members, policy);
    let loads: Vec<Load> = (0..AGENTS).map(load).collect();
    let skills = [Skill { id: "s3".into(), level: 2 }];
    let work = |hours: i64| Work {
        skills: &skills,
        priority: Priority::P3,
        opened: NOW,
        due: Some(Timestamp(NOW.0 + hours * 3_600_000)),
        handling: 1800,
        declined: &[],
    };
    // What is due in a day can wait, so it is asked who is kept free; what is due soon cannot.
    let (patient, pressed) = (work(24), work(1));
    let group = &catalog.groups[0];
    let of_group = catalog.roster().members(&group.id);
    let gathered = || Team::of(&catalog, group, 1, |it| loads[it], black_box(NOW));
    let rounds = (100_000 / members).clamp(10, 1_000);
    let time = |what: &dyn Fn()| {
        let begun = Instant::now();
        (0..rounds).for_each(|_| what());
        begun.elapsed().as_secs_f64() * 1e6 / rounds as f64
    };
    let team = gathered();
    let chosen = team.assign(&patient).agent;
    let mut best = [f64::MAX; 4];
    // In turn, so that a busy machine is as unfair to all.
    for _ in 0..60 {
        let rounds: [&dyn Fn(); 4] = [
            &|| {
                black_box(of_group.iter().map(|it| loads[*it as usize].open).sum::<u32>());
            },
            &|| drop(black_box(gathered().assign(&pressed))),
            &|| drop(black_box(gathered().assign(&patient))),
            &|| drop(black_box(team.assign(black_box(&patient)))),
        ];
        for (best, what) in best.iter_mut().zip(rounds) {
            *best = best.min(time(what));
        }
    }
    let [bare, pressed, patient, again] = best;
    println!(
        "{members:6} of {AGENTS} agents, {:13}: {pressed:6.2} µs gathered and chosen, {patient:6.2} µs if it can wait \
         ({:5.1} times a bare walk of {bare:.2} µs); {again:6.2} µs where the team is gathered already; {}",
        policy.as_str(),
        patient / bare,
        chosen.as_deref().unwrap_or("nobody"),
    );
}

fn catalog(members: usize, policy: Policy) -> Catalog {
    let group = |it: usize| Group { id: format!("group-{it}"), policy, ..Group::default() };
    let agent = |it: usize| Agent {
        id: format!("agent-{it}"),
        groups: vec![format!("group-{}", it / members)],
        present: true,
        skills: vec![Skill { id: format!("s{}", mixed(it, 1) % 5), level: 1 + (mixed(it, 2) % 4) as u8 }],
        capacity: Some(3 + (mixed(it, 3) % 4) as u32),
        shift: [None, Some("day"), Some("night"), Some("day")][mixed(it, 4) % 4].map(Into::into),
        // Of each group somebody stays, and stands in for the others.
        substitute: (!it.is_multiple_of(members)).then(|| format!("agent-{}", it / members * members)),
        leave: if !it.is_multiple_of(members) && mixed(it, 5).is_multiple_of(20) {
            vec![Leave { from: NOW.date(), to: NOW.date() }]
        } else {
            vec![]
        },
        ..Agent::default()
    };
    let shift = |id: &str, from: u32, to: u32| {
        let week = std::array::from_fn(|_| vec![Hours { from: from * 3600, to: to * 3600 }]);
        Calendar::new(id, "UTC", week, BTreeMap::new())
    };
    Catalog {
        calendars: [shift("day", 6, 20), shift("night", 20, 24)].into_iter().flatten().collect(),
        groups: (0..AGENTS / members).map(group).collect(),
        agents: (0..AGENTS).map(agent).collect(),
        ..Catalog::default()
    }
}

fn load(it: usize) -> Load {
    Load { open: (mixed(it, 6) % 5) as u32, last: Timestamp(NOW.0 - mixed(it, 7) as i64), ..Load::default() }
}

/// A number without a pattern.
fn mixed(it: usize, what: usize) -> usize {
    let mut bits = (it as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)
        ^ (what as u64).wrapping_mul(0xd1b5_4a32_d192_ed03);
    bits = (bits ^ (bits >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    ((bits ^ (bits >> 32)) % 1_000_003) as usize
}
