//! The walk beside the rule as it is written, and what the rule means for a farm, a circle and a veto.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

fn id(at: u8) -> AssetId {
    let mut bytes = [0; 16];
    bytes[14] = at;
    AssetId::from_bytes(bytes)
}

/// An asset of a small world, owned.
#[derive(Debug, Clone)]
struct Thing {
    standing: Standing,
    relations: Vec<Relation>,
    needs: Vec<Need>,
}

fn graph(all: &[Thing]) -> Graph {
    Graph::new((0..).zip(all).map(|(at, it)| Node {
        id: id(at),
        standing: it.standing,
        weight: Criticality::Low,
        relations: &it.relations,
        needs: &it.needs,
    }))
}

/// The rule as it is written: again and again, until nothing more falls.
fn slowly(all: &[Thing], down: &[u8], vetoed: &[u8]) -> BTreeSet<AssetId> {
    let alive = |at: u8| all[at as usize].standing != Standing::Gone;
    let count = u8::try_from(all.len()).unwrap();
    // Who hangs on whom, in which way.
    let mut hangs = vec![];
    for (at, it) in (0..count).zip(all) {
        for relation in &it.relations {
            let other = relation.to.bytes()[14];
            let (on, who) = if relation.kind.hangs_on_target() { (other, at) } else { (at, other) };
            if other < count && on != who && alive(on) && alive(who) {
                hangs.push((who, on, relation.kind));
            }
        }
    }
    let mut fallen: BTreeSet<u8> = down.iter().copied().filter(|it| !vetoed.contains(it)).collect();
    loop {
        let falls = |who: u8| {
            RelationKind::ALL.into_iter().any(|kind| {
                let on: Vec<u8> =
                    hangs.iter().filter(|it| it.0 == who && it.2 == kind).map(|it| it.1).collect();
                let up = |it: &&u8| all[**it as usize].standing == Standing::Up && !fallen.contains(*it);
                let enough = all[who as usize].needs.iter().find(|it| it.kind == kind);
                let up = u32::try_from(on.iter().filter(up).count()).unwrap();
                on.iter().any(|it| fallen.contains(it)) && enough.is_none_or(|it| up < it.at_least)
            })
        };
        let more: Vec<u8> =
            (0..count).filter(|it| !fallen.contains(it) && !vetoed.contains(it) && falls(*it)).collect();
        if more.is_empty() {
            break;
        }
        fallen.extend(more);
    }
    fallen.into_iter().filter(|it| !down.contains(it)).map(id).collect()
}

fn things() -> impl Strategy<Value = Vec<Thing>> {
    let relation =
        (0..5_usize, 0..14_u8).prop_map(|(kind, to)| Relation { kind: RelationKind::ALL[kind], to: id(to) });
    let need =
        (0..5_usize, 1..4_u32).prop_map(|(kind, at_least)| Need { kind: RelationKind::ALL[kind], at_least });
    let standing =
        prop_oneof![6 => Just(Standing::Up), 1 => Just(Standing::Spare), 1 => Just(Standing::Gone)];
    let thing = (standing, prop::collection::vec(relation, 0..4), prop::collection::vec(need, 0..3));
    let thing = thing.prop_map(|(standing, mut relations, mut needs)| {
        relations.sort_unstable();
        relations.dedup();
        needs.sort_unstable();
        needs.dedup_by_key(|it| it.kind);
        Thing { standing, relations, needs }
    });
    prop::collection::vec(thing, 1..12)
}

proptest! {
    #[test]
    fn the_walk_finds_what_the_rule_says(
        all in things(),
        down in prop::collection::vec(0..12_u8, 0..3),
        vetoed in prop::collection::vec(0..12_u8, 0..2),
    ) {
        let within = |it: Vec<u8>| -> Vec<u8> { it.into_iter().filter(|it| usize::from(*it) < all.len()).collect() };
        let (down, vetoed) = (within(down), within(vetoed));
        let ids: Vec<_> = down.iter().map(|it| id(*it)).collect();
        let no: HashSet<_> = vetoed.iter().map(|it| id(*it)).collect();
        let graph = graph(&all);
        let reach = graph.assess(&ids, &no);
        let found: Vec<_> = reach.impacted().collect();
        prop_assert_eq!(found.len(), reach.count());
        let set: BTreeSet<_> = found.iter().map(|it| it.id).collect();
        prop_assert_eq!(set.len(), found.len());
        prop_assert_eq!(&set, &slowly(&all, &down, &vetoed));
        // Whoever asks why is led to what is down.
        for (place, it) in found.iter().enumerate() {
            let before = found[..place].iter().any(|other| other.id == it.by);
            prop_assert!(before || ids.contains(&it.by), "{:?}", it);
        }
    }
}

proptest! {
    /// What is not related can neither fail with an asset nor take it along, whatever else is down or vetoed.
    #[test]
    fn what_is_related_is_all_that_could_fall_together(
        all in things(),
        of in 0..12_u8,
        down in prop::collection::vec(0..12_u8, 0..4),
        vetoed in prop::collection::vec(0..12_u8, 0..2),
    ) {
        let of = of.min(u8::try_from(all.len() - 1).unwrap());
        let related = graph(&all).related(&[id(of)]);
        prop_assert!(related.contains(&id(of)));
        let down: Vec<u8> = down.into_iter().filter(|it| usize::from(*it) < all.len()).collect();
        let unrelated: Vec<u8> = down.iter().copied().filter(|it| !related.contains(&id(*it))).collect();
        prop_assert!(!falls(&all, &unrelated, &vetoed).contains(&id(of)), "it hangs on none of them");
        prop_assert!(falls(&all, &[of], &vetoed).iter().all(|it| related.contains(it)));
    }
}

#[test]
fn redundancy_makes_nobody_unrelated() {
    let related = graph(&farm()).related(&[id(0)]);
    assert_eq!(related, HashSet::from([id(0), id(2), id(3)]), "and not the other server");
    assert_eq!(graph(&farm()).related(&[id(3)]), HashSet::from([0, 1, 2, 3].map(id)));
    assert_eq!(
        graph(&farm()).related(&[id(9)]),
        HashSet::from([id(9)]),
        "one that the register does not have"
    );
}

fn on(kind: RelationKind, to: &[u8]) -> Vec<Relation> {
    to.iter().map(|it| Relation { kind, to: id(*it) }).collect()
}

fn thing(relations: Vec<Relation>, needs: Vec<Need>) -> Thing {
    Thing { standing: Standing::Up, relations, needs }
}

fn falls(all: &[Thing], down: &[u8], vetoed: &[u8]) -> Vec<AssetId> {
    let ids: Vec<_> = down.iter().map(|it| id(*it)).collect();
    let no = vetoed.iter().map(|it| id(*it)).collect();
    graph(all).assess(&ids, &no).impacted().map(|it| it.id).collect()
}

/// A farm (2) of two servers that needs one, and an application (3) on it.
fn farm() -> Vec<Thing> {
    let need = Need { kind: RelationKind::PartOf, at_least: 1 };
    vec![
        thing(on(RelationKind::PartOf, &[2]), vec![]),
        thing(on(RelationKind::PartOf, &[2]), vec![]),
        thing(vec![], vec![need]),
        thing(on(RelationKind::RunsOn, &[2]), vec![]),
    ]
}

#[test]
fn one_of_two_is_enough_and_none_is_not() {
    assert_eq!(falls(&farm(), &[0], &[]), []);
    assert_eq!(falls(&farm(), &[0, 1], &[]), [id(2), id(3)]);
    let mut spare = farm();
    spare[1].standing = Standing::Spare;
    assert_eq!(falls(&spare, &[0], &[]), [id(2), id(3)], "one on the shelf runs nothing");
}

#[test]
fn a_vetoed_asset_passes_nothing_on() {
    assert_eq!(falls(&farm(), &[0, 1], &[2]), []);
    assert_eq!(falls(&farm(), &[0, 1], &[3]), [id(2)]);
}

#[test]
fn a_circle_comes_to_an_end() {
    let ring = |next| thing(on(RelationKind::DependsOn, &[next]), vec![]);
    assert_eq!(falls(&[ring(1), ring(2), ring(0)], &[0], &[]), [id(2), id(1)]);
}

#[test]
fn nothing_hangs_on_what_is_gone() {
    let mut all = farm();
    all[2].standing = Standing::Gone;
    assert_eq!(falls(&all, &[0, 1], &[]), []);
}
