//! What the impact of a failure costs: a walk over 100,000 assets and 300,000 relations, beside a plain breadth-first
//! walk over the same edges that knows no redundancy and no vetoes.
//!
//! `cargo bench --bench assets`

#![expect(clippy::print_stdout, reason = "what a bench is for")]

use std::{collections::HashSet, hint::black_box, time::Instant};

use ticket_dispatch::domain::{
    asset::{Criticality, Graph, Need, Node, Relation, RelationKind, Standing},
    id::AssetId,
};

const ASSETS: u32 = 100_000;
const RELATIONS: u32 = 3;
const ROUNDS: usize = 101;

fn main() {
    let (relations, needs) = register();
    let begun = Instant::now();
    let graph = graph(&relations, &needs);
    let (assets, edges) = graph.size();
    println!("{assets} assets, {edges} relations: built in {:.1} ms", ms(begun));
    // The first ones carry the most; a failure of all of them is the longest walk that there is.
    for down in [1_u32, 10, 100] {
        let ids: Vec<_> = (0..down).map(id).collect();
        let nobody = HashSet::new();
        let reached = graph.assess(&ids, &nobody).count();
        let (mut walks, mut plains) = (vec![], vec![]);
        let edges = plain_edges(&relations);
        // In turn, so that a busy machine is as unfair to both.
        for _ in 0..ROUNDS {
            let begun = Instant::now();
            black_box(graph.assess(black_box(&ids), &nobody).weight());
            walks.push(ms(begun));
            let begun = Instant::now();
            black_box(plain(black_box(&edges), down));
            plains.push(ms(begun));
        }
        let ((walk, best), (plain, _)) = (middle(&mut walks), middle(&mut plains));
        println!(
            "{down:3} down, {reached} impacted: {walk:.2} ms (at best {best:.2}), {:.1} times a plain walk ({plain:.2} ms)",
            walk / plain
        );
    }
}

/// Each asset hangs on three earlier ones; every tenth needs but one of them.
fn register() -> (Vec<Vec<Relation>>, Vec<Vec<Need>>) {
    let mut seed = 7_u64;
    let mut random = |below: u32| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from(seed >> 33).unwrap_or_default() % below.max(1)
    };
    let relations = (0..ASSETS).map(|at| {
        let mut all: Vec<_> = (0..RELATIONS)
            .map(|_| Relation { kind: RelationKind::DependsOn, to: id(random(at)) })
            .filter(|it| it.to != id(at))
            .collect();
        all.sort_unstable();
        all.dedup();
        all
    });
    let needs = (0..ASSETS).map(|at| {
        let need = Need { kind: RelationKind::DependsOn, at_least: 1 };
        if at % 10 == 0 { vec![need] } else { vec![] }
    });
    (relations.collect(), needs.collect())
}

fn graph(relations: &[Vec<Relation>], needs: &[Vec<Need>]) -> Graph {
    Graph::new((0..).zip(relations).zip(needs).map(|((at, relations), needs)| Node {
        id: id(at),
        standing: Standing::Up,
        weight: Criticality::Low,
        relations,
        needs,
    }))
}

/// Where the edges of each asset begin, and where they go.
fn plain_edges(relations: &[Vec<Relation>]) -> (Vec<usize>, Vec<u32>) {
    let mut by: Vec<Vec<u32>> = vec![vec![]; relations.len()];
    for (at, all) in (0..).zip(relations) {
        for it in all {
            by[number(it.to) as usize].push(at);
        }
    }
    let starts = by.iter().scan(0, |sum, it| Some(std::mem::replace(sum, *sum + it.len())));
    let starts: Vec<_> = starts.chain([by.iter().map(Vec::len).sum()]).collect();
    (starts, by.concat())
}

fn plain((starts, edges): &(Vec<usize>, Vec<u32>), down: u32) -> usize {
    let mut reached = vec![false; starts.len()];
    let mut list: Vec<u32> = (0..down).collect();
    reached[..down as usize].fill(true);
    let mut next = 0;
    while let Some(at) = list.get(next).map(|it| *it as usize) {
        next += 1;
        for to in &edges[starts[at]..starts[at + 1]] {
            if !std::mem::replace(&mut reached[*to as usize], true) {
                list.push(*to);
            }
        }
    }
    list.len()
}

fn id(at: u32) -> AssetId {
    let mut bytes = [0; 16];
    bytes[..4].copy_from_slice(&at.to_be_bytes());
    AssetId::from_bytes(bytes)
}

fn number(id: AssetId) -> u32 {
    let [a, b, c, d, ..] = *id.bytes();
    u32::from_be_bytes([a, b, c, d])
}

fn ms(begun: Instant) -> f64 {
    begun.elapsed().as_secs_f64() * 1e3
}

/// The middle one, and the smallest: what a busy machine disturbs least.
fn middle(all: &mut [f64]) -> (f64, f64) {
    all.sort_unstable_by(f64::total_cmp);
    let at = |it: usize| all.get(it).copied().unwrap_or_default();
    (at(all.len() / 2), at(0))
}
