//! What is promoted and rolled back, over restarts and among broken files.

use std::fs;

use tempfile::TempDir;

use super::{journal::Order, *};
use crate::model::train::{Settings, tests::small_examples, train};

/// A model with a version of its own.
fn model(seed: u64) -> Classifier {
    train(&small_examples(), &Settings { seed, ..Settings::default() }, &mut |_| {}).unwrap()
}

fn order(request: &str) -> Order {
    Order { request: request.into(), content: request.into(), by: "me".into(), at: 7 }
}

/// A folder whose base has seed 1, and the versions of seeds 2 and 3.
fn stage() -> (TempDir, Arc<Classifier>, [String; 2]) {
    let folder = tempfile::tempdir().unwrap();
    let base = Arc::new(model(1));
    let Opened { mut registry, .. } = Registry::open(folder.path(), Arc::clone(&base)).unwrap();
    let versions = [2, 3].map(|seed| {
        let model = model(seed);
        registry.trained(&model, order(&format!("train-{seed}"))).unwrap();
        model.version().to_string()
    });
    (folder, base, versions)
}

fn open(folder: &TempDir, base: &Arc<Classifier>) -> Opened {
    Registry::open(folder.path(), Arc::clone(base)).unwrap()
}

/// Golden messages of the product do not count here.
fn promote(registry: &mut Registry, version: &str, request: &str) -> Result<Changed, RegistryError> {
    registry.promote(version, order(request), &|_| false)
}

fn roll_back(registry: &mut Registry, request: &str) -> Result<Option<String>, RegistryError> {
    registry.roll_back(order(request), &mut Vec::new()).map(|it| it.version)
}

#[test]
fn what_is_promoted_is_in_use_after_a_restart_until_it_is_rolled_back() {
    let (folder, base, [one, two]) = stage();
    let mut registry = open(&folder, &base).registry;
    assert_eq!(**promote(&mut registry, &one, "1").unwrap().model.unwrap().version(), *one);
    promote(&mut registry, &two, "2").unwrap();
    let Opened { mut registry, current, notes, .. } = open(&folder, &base);
    assert_eq!((&**current.version(), notes.len()), (two.as_str(), 0));
    assert_eq!(roll_back(&mut registry, "3").unwrap(), Some(one.clone()));
    assert_eq!(**open(&folder, &base).current.version(), *one);
    assert_eq!(roll_back(&mut registry, "4").unwrap().as_deref(), Some(&**base.version()));
    assert!(matches!(roll_back(&mut registry, "5"), Err(RegistryError::NothingBefore)));
    let Opened { registry, current, .. } = open(&folder, &base);
    assert_eq!(current.version(), base.version());
    let done: Vec<_> = registry.history().iter().map(|it| it.what.as_str()).collect();
    assert_eq!(done, ["trained", "trained", "promoted", "promoted", "rolled_back", "rolled_back"]);
    assert_eq!((registry.history()[5].order.by.as_str(), registry.history()[5].order.at), ("me", 7));
}

#[test]
fn a_request_counts_once() {
    let (folder, base, [one, two]) = stage();
    let mut registry = open(&folder, &base).registry;
    promote(&mut registry, &one, "r").unwrap();
    promote(&mut registry, &two, "s").unwrap();
    let mut registry = open(&folder, &base).registry;
    let again = promote(&mut registry, &one, "r").unwrap();
    assert_eq!((again.version, again.model.is_none()), (Some(one), true));
    assert_eq!(**open(&folder, &base).current.version(), *two);
    let other = Order { content: "other".into(), ..order("r") };
    let refused = registry.roll_back(other, &mut Vec::new()).unwrap_err();
    assert!(matches!(refused, RegistryError::RequestReused(it) if it == "r"));
}

#[test]
fn a_version_that_is_broken_is_passed_over_and_never_promoted() {
    let (folder, base, [one, two]) = stage();
    let mut registry = open(&folder, &base).registry;
    promote(&mut registry, &one, "1").unwrap();
    promote(&mut registry, &two, "2").unwrap();
    fs::write(folder.path().join(format!("{two}.safetensors")), b"broken").unwrap();
    let Opened { mut registry, current, notes, .. } = open(&folder, &base);
    assert_eq!(**current.version(), *one);
    assert!(notes[0].contains(&two) && notes[0].contains("not a safetensors file"), "{notes:?}");
    let refused = promote(&mut registry, &two, "3").unwrap_err();
    assert!(matches!(refused, RegistryError::Unusable { .. }), "{refused}");
    // Trained again, it is whole again.
    import(folder.path(), &model(3)).unwrap();
    promote(&mut registry, &two, "4").unwrap();
    assert_eq!(**open(&folder, &base).current.version(), *two);

    fs::write(folder.path().join("registry.json"), b"{\"current\": 7}").unwrap();
    let Opened { current, notes, .. } = open(&folder, &base);
    assert_eq!(current.version(), base.version());
    assert!(notes[0].contains("registry.json.broken"), "{notes:?}");
    assert!(folder.path().join("registry.json.broken").exists());
}

#[test]
fn the_base_that_was_promoted_stays_when_the_product_brings_another() {
    let (folder, base, [one, _]) = stage();
    let mut registry = open(&folder, &base).registry;
    promote(&mut registry, &one, "1").unwrap();
    promote(&mut registry, base.version(), "2").unwrap();
    let other = Arc::new(model(9));
    assert_eq!(open(&folder, &other).current.version(), base.version());
}

#[test]
fn hostile_files_are_listed_apart_with_the_reason() {
    let (folder, base, [one, two]) = stage();
    let put = |name: &str, content: &[u8]| fs::write(folder.path().join(name), content).unwrap();
    put("evil.safetensors", b"");
    put("0123456789abcdef.safetensors", b"\xff\xff\xff\xff\xff\xff\xff\xff{}");
    let theirs = fs::read(folder.path().join(format!("{one}.safetensors"))).unwrap();
    put("fedcba9876543210.safetensors", &theirs);
    put("notes.txt", b"not a model, and does not say so");
    let mut registry = open(&folder, &base).registry;
    for _ in 0..2 {
        let listing = registry.list().unwrap();
        let mut expected = vec![base.version().to_string(), one.clone(), two.clone()];
        expected.sort();
        assert_eq!(listing.models.iter().map(|it| it.version.clone()).collect::<Vec<_>>(), expected);
        let skipped: Vec<_> =
            listing.skipped.iter().map(|it| (it.file.as_str(), it.problem.as_str())).collect();
        let [(foreign, container), (evil, name), (copy, other)] = skipped[..] else { panic!("{skipped:?}") };
        assert_eq!(foreign, "0123456789abcdef.safetensors");
        assert!(container.contains("not a safetensors file"), "{container}");
        assert_eq!(copy, "fedcba9876543210.safetensors");
        assert!(other.ends_with(&format!("its content is that of version {one}")), "{other}");
        assert!(evil == "evil.safetensors" && name.contains("16 hexadecimal digits"), "{name}");
    }
    for name in ["../evil", "", "0123456789ABCDEF", "0123456789abcde/"] {
        assert!(matches!(registry.load(name), Err(RegistryError::Unknown(_))), "{name}");
    }
}

#[test]
fn a_version_that_breaks_a_golden_message_is_not_promoted() {
    let (folder, base, [one, _]) = stage();
    let golden = folder.path().join("golden.jsonl");
    let line = |text: &str, label: &str| serde_json::json!({ "text": text, "label": label }).to_string();
    fs::write(&golden, line("the vpn is down", "vpn_fault") + "\n" + &line("paper jam", "vpn_fault"))
        .unwrap();
    let mut registry = open(&folder, &base).registry;
    let refused = promote(&mut registry, &one, "1").unwrap_err().to_string();
    let expected = format!(
        "model {one} has 1 of 2 golden messages wrong: 'paper jam' must be vpn_fault, but is printer_fault"
    );
    assert!(refused.starts_with(&expected), "{refused}");
    fs::write(&golden, "nonsense").unwrap();
    let refused = promote(&mut registry, &one, "1").unwrap_err().to_string();
    assert!(refused.contains("golden.jsonl:1"), "{refused}");
    fs::write(&golden, line("the vpn is down", "vpn_fault")).unwrap();
    // The product's own count only where the catalogue knows what they must be.
    let refused = registry.promote(&one, order("1"), &|label| label == "email_fault").unwrap_err();
    assert!(matches!(refused, RegistryError::Golden { broken, of: 3, .. } if broken.len() == 2));
    promote(&mut registry, &one, "1").unwrap();
}

#[test]
fn a_shadow_is_set_ended_and_gone_when_it_is_promoted() {
    let (folder, base, [one, two]) = stage();
    let mut registry = open(&folder, &base).registry;
    let shadow = |model: &str| Some(Shadow { model: model.to_owned(), percent: 50 });
    assert!(matches!(registry.set_shadow(None, order("0")), Err(RegistryError::NoShadow)));
    registry.set_shadow(shadow(&one), order("1")).unwrap();
    let (model, percent) = open(&folder, &base).shadow.unwrap();
    assert_eq!((&**model.version(), percent), (one.as_str(), 50));
    registry.set_shadow(None, order("2")).unwrap();
    assert!(open(&folder, &base).shadow.is_none());
    registry.set_shadow(shadow(&two), order("3")).unwrap();
    let refused = registry.set_shadow(shadow(base.version()), order("4")).unwrap_err();
    assert!(matches!(refused, RegistryError::AlreadyThere(_)));
    promote(&mut registry, &two, "5").unwrap();
    assert!(open(&folder, &base).shadow.is_none());
}

#[test]
fn a_change_that_cannot_be_written_has_not_happened() {
    let (folder, base, [one, _]) = stage();
    let mut registry = open(&folder, &base).registry;
    // A folder in the place of the file cannot be replaced by one.
    fs::remove_file(folder.path().join("registry.json")).unwrap();
    fs::create_dir_all(folder.path().join("registry.json/x")).unwrap();
    assert!(matches!(promote(&mut registry, &one, "1"), Err(RegistryError::Io { .. })));
    assert_eq!(registry.history().len(), 2);
    fs::remove_dir_all(folder.path().join("registry.json")).unwrap();
    promote(&mut registry, &one, "1").unwrap();
}
