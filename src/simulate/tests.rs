//! That the simulated desk is one: nothing is lost, nobody does two things at once, luck follows from the seed, and a
//! queue is as long as theory says.

use super::{
    chance::Chance,
    demand::Job,
    estimate::Estimate,
    findings::Findings,
    run::{Fate, run},
    scenario::{HELD_OUT, TUNED, built_in},
    study::{AtLoad, Contender, Plan, Row, SUMMER, study},
};
use crate::domain::{
    assignment::{Agent, Group, Policy},
    catalog::Catalog,
    priority::Priority,
    template::Template,
    time::Timestamp,
};

const WEEK: i64 = 7 * 86_400_000;

fn plan() -> Plan {
    Plan { loads: vec![0.9], runs: 2, weeks: 1, seed: 7 }
}

/// Runs a scenario for two weeks under a policy.
fn two_weeks(name: &str, policy: Policy, check: impl Fn(&Catalog, &[Job<'_>], &[Fate])) {
    let scenario = built_in(name).unwrap();
    let mut catalog = scenario.catalog.clone();
    catalog.groups.iter_mut().for_each(|it| it.policy = policy);
    let jobs = scenario.source.jobs(&catalog, SUMMER, 2, 1.0, &mut Chance::seeded(3, 0));
    check(&catalog, &jobs, &run(&catalog, &jobs, Timestamp(SUMMER.0 + 2 * WEEK)));
}

#[test]
fn every_ticket_is_done_or_waits_and_nobody_does_two_things_at_once() {
    for name in TUNED.into_iter().chain(HELD_OUT) {
        for policy in [Policy::SlaAware, Policy::RoundRobin] {
            two_weeks(name, policy, |catalog, jobs, fates| {
                assert!(100 < jobs.len() && jobs.len() == fates.len());
                let mut spans: Vec<Vec<(Timestamp, Timestamp)>> = vec![vec![]; catalog.agents.len()];
                for (job, fate) in jobs.iter().zip(fates) {
                    let Fate { agent, begun, done } = *fate;
                    assert!(
                        begun.is_none() || agent.is_some() && begun >= Some(job.opened),
                        "{name}: {fate:?}"
                    );
                    assert!(done.is_none() || begun.is_some() && begun < done, "{name}: {fate:?}");
                    if let (Some(agent), Some(begun), Some(done)) = (agent, begun, done) {
                        // Calendars count whole seconds, from that in which work begins.
                        assert!(i64::from(job.takes - 1) * 1000 < done.0 - begun.0, "{name}: done too soon");
                        spans[agent].push((begun, done));
                    }
                }
                for spans in &mut spans {
                    spans.sort_unstable();
                    assert!(spans.windows(2).all(|it| it[0].1 <= it[1].0), "{name}: two at once");
                }
                let done = fates.iter().filter(|it| it.done.is_some()).count();
                assert!(done * 2 > jobs.len(), "{name}: {done} of {} done", jobs.len());
            });
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_figures_and_another_one_others() {
    let scenario = built_in("small").unwrap();
    let figures = |seed| {
        let plan = Plan { seed, ..plan() };
        let found = study(&scenario, &plan, &mut || {});
        serde_json::to_string(&Findings::of(&scenario, &plan, &found))
            .unwrap()
            .replace(&format!("\"seed\":{seed}"), "")
    };
    assert_eq!(figures(1), figures(1));
    assert_ne!(figures(1), figures(2));
}

#[test]
fn where_there_is_one_agent_it_does_not_matter_whom_a_policy_prefers() {
    let mut scenario = built_in("office").unwrap();
    scenario.catalog.agents.truncate(1);
    let [at]: [AtLoad; 1] = study(&scenario, &plan(), &mut || {}).try_into().unwrap();
    let by = |it: Contender| {
        let place = Contender::ALL.iter().position(|other| *other == it).unwrap();
        &at.counts[place]
    };
    for policy in [Policy::RoundRobin, Policy::LeastLoaded, Policy::MostCapacity] {
        assert_eq!(by(Contender::Policy(policy)), by(Contender::PriorityFirst), "{policy:?}");
    }
    assert!(0.0 < at.tickets(Row::All));
}

/// A desk with so many agents who never go home, and tickets of one priority.
fn queue(agents: usize) -> (Catalog, Template) {
    let agent = |it: usize| Agent {
        id: format!("agent-{it}"),
        groups: vec!["desk".into()],
        present: true,
        capacity: Some(1),
        ..Agent::default()
    };
    let catalog = Catalog {
        groups: vec![Group { id: "desk".into(), ..Group::default() }],
        agents: (0..agents).map(agent).collect(),
        ..Catalog::default()
    };
    let template = built_in("office").unwrap().catalog.templates[0].clone();
    (catalog, template)
}

/// Waiting times of a queue with random arrivals and lengths, in mean lengths; a figure a run.
fn waits(agents: usize, load: f64) -> Vec<(f64, f64)> {
    const LENGTH: f64 = 1_000.0;
    const TICKETS: usize = 8_000;
    let (catalog, template) = queue(agents);
    let one = |turn: u64| {
        let (mut chance, mut at) = (Chance::seeded(5, turn), 0.0);
        let jobs: Vec<Job<'_>> = (0..TICKETS)
            .map(|_| {
                at += chance.pause() * LENGTH / (load * agents as f64);
                let takes = (chance.pause() * LENGTH).ceil() as u32;
                let opened = Timestamp(SUMMER.0 + (at * 1000.0) as i64);
                let (respond_by, resolve_by, is_hopeless) = (None, None, false);
                let (group, priority) = ("desk", Priority::P3);
                Job {
                    template: &template,
                    group,
                    priority,
                    opened,
                    respond_by,
                    resolve_by,
                    takes,
                    is_hopeless,
                }
            })
            .collect();
        let fates = run(&catalog, &jobs, Timestamp(i64::MAX));
        // The queue begins empty; the first quarter fills it.
        let counted = jobs.iter().zip(&fates).skip(TICKETS / 4);
        let wait =
            |(job, fate): (&Job<'_>, &Fate)| (fate.begun.unwrap().0 - job.opened.0) as f64 / 1000.0 / LENGTH;
        let waits: Vec<f64> = counted.map(wait).collect();
        (waits.iter().sum::<f64>(), waits.len() as f64)
    };
    (0..30).map(one).collect()
}

/// Mean waiting times in queues of the kinds M/M/1 and M/M/3: the load over what it leaves, and Erlang's C formula
/// (Erlang, 1917).
#[test]
fn a_queue_is_as_long_as_theory_says() {
    for (agents, load, theory) in [(1, 0.7, 0.7 / 0.3), (3, 0.8, 0.647_2 / (3.0 * 0.2))] {
        let found = Estimate::mean(&waits(agents, load)).unwrap();
        assert!(found.low < theory && theory < found.high, "{agents} agents: {found:?}, theory {theory}");
        assert!(found.high - found.low < 0.5 * theory, "{found:?} says nothing");
    }
}

#[test]
fn the_load_is_what_was_asked_for() {
    for name in ["office", "bank", "floods"] {
        let scenario = built_in(name).unwrap();
        let jobs = scenario.source.jobs(&scenario.catalog, SUMMER, 52, 0.9, &mut Chance::seeded(1, 1));
        let work: f64 = jobs.iter().map(|it| f64::from(it.takes)).sum();
        let agents = scenario.catalog.agents.len() as f64;
        let load = work / (52.0 * 5.0 * 10.0 * 3600.0 * agents);
        assert!((load - 0.9).abs() < 0.05, "{name}: {load}");
    }
}
