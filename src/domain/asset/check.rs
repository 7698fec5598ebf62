//! What an entry of the register may hold.

use super::{AssetType, Details};
use crate::domain::id::AssetId;

/// Longest text, in characters.
const TEXT: usize = 256;
/// Longest tag, in characters.
const TAG: usize = 64;
/// Relations of one asset.
const RELATIONS: usize = 500;
/// No asset hangs on more in one way.
const MANY: u32 = 10_000;

impl Details {
    /// Everything that is wrong with the entry of an asset, each with its name. `kind` is its type, if the catalogue
    /// has it.
    pub fn faults(&self, id: AssetId, kind: Option<&AssetType>) -> Vec<(String, String)> {
        let mut faults = vec![];
        let mut add = |name: &str, problem: String| faults.push((name.to_owned(), problem));
        if self.tag.trim().is_empty() {
            add("tag", "is required".to_owned());
        }
        for (name, text) in self.texts() {
            if let Some(problem) = problem(text, if name == "tag" { TAG } else { TEXT }) {
                add(name, problem);
            }
        }
        self.days_in_order(&mut add);
        if let Some(kind) = kind {
            self.fields_of(kind, &mut add);
        }
        self.hanging(id, &mut add);
        faults
    }

    /// Nothing is bought before it is ordered, and no warranty ends before that.
    fn days_in_order(&self, add: &mut impl FnMut(&str, String)) {
        let days = self.days();
        for (at, (name, day)) in days.iter().enumerate() {
            // The ends of warranty and contract have no order between them.
            let before = days[..at.min(2)].iter().rev();
            let later =
                before.filter_map(|(other, is)| Some((other, (*is)?))).find(|(_, is)| *day < Some(*is));
            if let (Some(day), Some((other, is))) = (day, later) {
                add(name, format!("is {day}, which is before {other} ({is}); swap them or mend one"));
            }
        }
    }

    fn fields_of(&self, kind: &AssetType, add: &mut impl FnMut(&str, String)) {
        for (place, (id, value)) in self.fields.iter().enumerate() {
            let name = format!("fields.{id}");
            if self.fields[..place].iter().any(|it| it.0 == *id) {
                add(&name, "is given twice; give it once".to_owned());
                continue;
            }
            let Some(field) = kind.fields.iter().find(|it| it.id == *id) else {
                let known: Vec<_> = kind.fields.iter().map(|it| it.id.as_str()).collect();
                let known = if known.is_empty() { "no fields".to_owned() } else { known.join(", ") };
                add(&name, format!("assets of type `{}` have no such field; they have {known}", kind.id));
                continue;
            };
            if let Err(problem) = field.kind.check(value.clone()) {
                add(&name, problem.to_string());
            }
        }
    }

    fn hanging(&self, id: AssetId, add: &mut impl FnMut(&str, String)) {
        if RELATIONS < self.relations.len() {
            add("relations", format!("has more than {RELATIONS} entries"));
        }
        if let Some(it) = self.relations.iter().find(|it| it.to == id) {
            add(it.kind.as_str(), "names the asset itself; name another one".to_owned());
        }
        for (place, need) in self.needs.iter().enumerate() {
            let name = format!("needs.{}", need.kind.as_str());
            if self.needs[..place].iter().any(|it| it.kind == need.kind) {
                add(&name, "is given twice; give it once".to_owned());
            }
            if !(1..=MANY).contains(&need.at_least) {
                add(&name, format!("is {}; at least 1 to {MANY} may be needed", need.at_least));
            }
        }
    }
}

/// What is wrong with a line.
fn problem(text: &str, most: usize) -> Option<String> {
    if most < text.len() && most < text.chars().count() {
        return Some(format!("is longer than {most} characters"));
    }
    let bad = text.chars().find(|it| it.is_control())?;
    Some(format!("has the control character U+{:04X}", u32::from(bad)))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::domain::{
        asset::{Need, Relation, RelationKind},
        field::FieldValue,
    };

    #[test]
    fn everything_that_is_wrong_is_named_at_once() {
        let id = AssetId::from_bytes([1; 16]);
        let need = Need { kind: RelationKind::RunsOn, at_least: 0 };
        let details = Details {
            location: "a\u{7}b".into(),
            host: "x".repeat(257),
            ordered: Some(date(2026, 5, 2)),
            purchased: Some(date(2026, 5, 1)),
            warranty_until: Some(date(2025, 1, 1)),
            contract_until: Some(date(2026, 5, 2)),
            relations: vec![Relation { kind: RelationKind::PartOf, to: id }],
            needs: vec![need, need],
            fields: vec![("ram".into(), FieldValue::Number(16.0))],
            ..Details::default()
        };
        let kind = AssetType { id: "laptop".into(), ..AssetType::default() };
        let faults = details.faults(id, Some(&kind));
        let names: Vec<_> = faults.iter().map(|it| it.0.as_str()).collect();
        assert_eq!(
            names,
            [
                "tag",
                "host",
                "location",
                "purchased",
                "warranty_until",
                "fields.ram",
                "part_of",
                "needs.runs_on",
                "needs.runs_on",
                "needs.runs_on"
            ]
        );
        let day = faults.iter().find(|it| it.0 == "warranty_until").unwrap();
        assert_eq!(day.1, "is 2025-01-01, which is before purchased (2026-05-01); swap them or mend one");
    }

    #[test]
    fn days_may_be_the_same_and_some_may_be_unknown() {
        let day = Some(date(2026, 5, 2));
        let details = Details {
            tag: "NB-1".into(),
            ordered: day,
            warranty_until: day,
            contract_until: day,
            ..Details::default()
        };
        assert_eq!(details.faults(AssetId::from_bytes([1; 16]), None), []);
    }
}
