//! One run: the tickets come, the real policies give them to agents, and the agents work on them one at a time.
//!
//! An agent works on what they have, the most pressing first and among equals the oldest, as soon as they are there;
//! what is begun is not put down for something else, and what is not done when the shift ends goes on with the next one.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap},
};

use super::demand::Job;
use crate::{
    domain::{
        assignment::{Agent, Load},
        catalog::Catalog,
        duty::Duty,
        time::Timestamp,
    },
    routing::{
        Team,
        dispatch::{Work, rank},
        duty,
    },
};

/// From look to look at what no event tells, such as a shift that begins, in milliseconds.
const LOOK: i64 = 300_000;

/// What became of a ticket.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Fate {
    /// Where its agent stands in the catalogue.
    pub agent: Option<usize>,
    /// When they began.
    pub begun: Option<Timestamp>,
    /// When it was done.
    pub done: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    Done { agent: usize, job: usize },
    Comes { job: usize },
    Look,
}

#[derive(Debug, Clone, Default)]
struct Desk {
    load: Load,
    works: bool,
    queue: Vec<usize>,
}

struct Run<'a> {
    catalog: &'a Catalog,
    jobs: &'a [Job<'a>],
    places: HashMap<&'a str, usize>,
    /// Where the groups of each agent stand in the catalogue.
    groups: Vec<Vec<usize>>,
    desks: Vec<Desk>,
    fates: Vec<Fate>,
    waiting: Vec<Vec<usize>>,
    events: BinaryHeap<Reverse<(Timestamp, What)>>,
    looks: bool,
}

/// What becomes of tickets, in order of time, until a moment. What is not done by then waits, or is being worked on.
pub fn run<'a>(catalog: &'a Catalog, jobs: &'a [Job<'a>], until: Timestamp) -> Vec<Fate> {
    let comes = jobs.iter().enumerate().map(|(job, it)| Reverse((it.opened, What::Comes { job })));
    let mut run = Run {
        catalog,
        jobs,
        places: catalog.agents.iter().enumerate().map(|(place, it)| (it.id.as_str(), place)).collect(),
        groups: catalog.agents.iter().map(|it| places_of(catalog, it)).collect(),
        desks: vec![Desk::default(); catalog.agents.len()],
        fates: vec![Fate::default(); jobs.len()],
        waiting: vec![vec![]; catalog.groups.len()],
        events: comes.collect(),
        looks: false,
    };
    while let Some(Reverse((now, what))) = run.events.pop().filter(|Reverse((at, _))| *at <= until) {
        run.happens(what, now);
    }
    run.fates
}

impl<'a> Run<'a> {
    fn happens(&mut self, what: What, now: Timestamp) {
        match what {
            What::Comes { job } => {
                let Some(group) = self.catalog.groups.iter().position(|it| it.id == self.jobs[job].group)
                else {
                    return;
                };
                self.waiting[group].push(job);
                self.give_out(group, now);
            }
            What::Done { agent, job } => {
                self.fates[job].done = Some(now);
                self.desks[agent].works = false;
                self.desks[agent].load.open -= 1;
                self.go_on(agent, now);
                // Where they stand in for somebody, the next look finds them.
                for place in 0..self.groups[agent].len() {
                    self.give_out(self.groups[agent][place], now);
                }
            }
            What::Look => {
                self.looks = false;
                (0..self.desks.len()).for_each(|agent| self.go_on(agent, now));
                (0..self.waiting.len()).for_each(|group| self.give_out(group, now));
            }
        }
        let is_left = self.waiting.iter().any(|it| !it.is_empty())
            || self.desks.iter().any(|it| !it.works && !it.queue.is_empty());
        if is_left && !self.looks {
            self.looks = true;
            self.events.push(Reverse((Timestamp((now.0 / LOOK + 1) * LOOK), What::Look)));
        }
    }

    /// Gives out what waits with a group, as the desk does.
    fn give_out(&mut self, place: usize, now: Timestamp) {
        if self.waiting[place].is_empty() {
            return;
        }
        let (catalog, jobs) = (self.catalog, self.jobs);
        let group = &catalog.groups[place];
        let waiting = u32::try_from(self.waiting[place].len()).unwrap_or(u32::MAX);
        let mut team = Team::of(catalog, group, waiting, |it| self.desks[it].load, now);
        if !team.has_room() {
            return;
        }
        let mut line = std::mem::take(&mut self.waiting[place]);
        line.sort_by_cached_key(|it| (rank(group.policy, &work(&jobs[*it]), now), *it));
        let mut left = vec![];
        for job in line {
            let chosen = if team.has_room() { team.assign(&work(&jobs[job])).agent } else { None };
            let Some(agent) = chosen else {
                left.push(job);
                continue;
            };
            team.took(&agent);
            if let Some(agent) = self.places.get(agent.as_str()).copied() {
                let desk = &mut self.desks[agent];
                desk.load = Load { open: desk.load.open + 1, last: now, ..desk.load };
                desk.queue.push(job);
                self.fates[job].agent = Some(agent);
                self.go_on(agent, now);
            }
        }
        self.waiting[place] = left;
    }

    /// An agent who has nothing in hand begins the next of what they have, if they are there.
    fn go_on(&mut self, place: usize, now: Timestamp) {
        let (jobs, desk) = (self.jobs, &mut self.desks[place]);
        if desk.works || desk.queue.is_empty() {
            return;
        }
        let agent = &self.catalog.agents[place];
        let duty = on_duty(self.catalog, agent, now);
        if !duty.takes_work() {
            return;
        }
        let next = (0..desk.queue.len()).min_by_key(|it| (jobs[desk.queue[*it]].priority, desk.queue[*it]));
        let Some(next) = next else { return };
        let job = desk.queue.remove(next);
        desk.works = true;
        self.fates[job].begun = Some(now);
        let shift = agent.shift.as_deref().filter(|_| duty != Duty::OnCall);
        let straight = Timestamp(now.0 + i64::from(jobs[job].takes) * 1000);
        let done = shift
            .and_then(|it| self.catalog.hours(it))
            .map_or(Some(straight), |it| it.due(now, jobs[job].takes));
        self.events.extend(done.map(|at| Reverse((at, What::Done { agent: place, job }))));
    }
}

fn places_of(catalog: &Catalog, agent: &Agent) -> Vec<usize> {
    let is_theirs = |it: &usize| agent.groups.contains(&catalog.groups[*it].id);
    (0..catalog.groups.len()).filter(is_theirs).collect()
}

/// What the policies know of a ticket.
fn work<'a>(job: &Job<'a>) -> Work<'a> {
    Work {
        skills: &job.template.skills,
        priority: job.priority,
        opened: job.opened,
        due: job.resolve_by,
        handling: job.template.handling,
        declined: &[],
    }
}

/// How an agent stands for the group of theirs that has most use for them.
fn on_duty(catalog: &Catalog, agent: &Agent, now: Timestamp) -> Duty {
    let of = |group: &String| Some(duty(catalog, catalog.group(group)?, agent, Load::default(), now));
    let mut duties = agent.groups.iter().filter_map(of);
    let first = duties.next().unwrap_or(Duty::Absent);
    if first.takes_work() { first } else { duties.find(|it| it.takes_work()).unwrap_or(first) }
}
