//! What one row says of an asset.

use jiff::civil::{Date, date};

use super::{columns::Column, read::Row};
use crate::{
    desk::table::RowFault,
    domain::{
        asset::{AssetState, AssetType, Criticality, Details, Need, RelationKind},
        catalog::Catalog,
    },
    text::nearest::nearest,
};

/// Other words for states, without case and marks.
const STATES: [(AssetState, &[&str]); 6] = [
    (AssetState::Ordered, &["onorder", "bestellt", "已订购"]),
    (AssetState::InStock, &["instock", "stock", "storage", "available", "lager", "aufLager", "库存", "在库"]),
    (
        AssetState::InUse,
        &["inuse", "used", "deployed", "active", "production", "inbetrieb", "在用", "使用中"],
    ),
    (AssetState::InRepair, &["inrepair", "repair", "maintenance", "reparatur", "维修中"]),
    (AssetState::Lost, &["stolen", "missing", "verloren", "丢失"]),
    (AssetState::Retired, &["disposed", "scrapped", "recycled", "ausgemustert", "报废", "已报废"]),
];

impl Row {
    /// Sets what the row has a column for, but the owner and the relations. Gives what cannot be read.
    pub(super) fn apply(&self, to: &mut Details, catalog: &Catalog) -> Vec<RowFault> {
        let mut faults = vec![];
        let mut fields = vec![];
        for (column, value) in &self.cells {
            let read = match column {
                Column::Field(id) => {
                    fields.push((id, value));
                    Ok(())
                }
                Column::Need(kind) => need(to, *kind, value),
                Column::Tag
                | Column::Type
                | Column::Name
                | Column::Host
                | Column::Serial
                | Column::State
                | Column::Owner
                | Column::Location
                | Column::Department
                | Column::Criticality
                | Column::Supplier
                | Column::Ordered
                | Column::Purchased
                | Column::WarrantyUntil
                | Column::ContractUntil
                | Column::Relation(_) => set(to, column, value, catalog),
            };
            if let Err(problem) = read {
                faults.push(RowFault::new(self.line, &column.name(), problem));
            }
        }
        // Which fields there are depends on the type, whichever column comes first.
        let kind = catalog.asset_type(&to.kind);
        for (id, value) in fields {
            if let Err(problem) = field(to, kind, id, value) {
                faults.push(RowFault::new(self.line, &format!("fields.{id}"), problem));
            }
        }
        faults
    }

    /// What it is to other assets, by their tags; for each column whether it is there at all.
    pub(super) fn relations(&self) -> Vec<(RelationKind, Vec<&str>)> {
        let mut all = vec![];
        for (column, value) in &self.cells {
            if let Column::Relation(kind) = column {
                all.push((
                    *kind,
                    value.split([';', ',']).map(str::trim).filter(|it| !it.is_empty()).collect(),
                ));
            }
        }
        all
    }
}

fn set(to: &mut Details, column: &Column, value: &str, catalog: &Catalog) -> Result<(), String> {
    let text = || value.to_owned();
    match column {
        // An asset always has both.
        Column::Tag | Column::State if value.is_empty() => {}
        Column::Tag => to.tag = text(),
        Column::Type => to.kind = kind(value, catalog),
        Column::Name => to.name = text(),
        Column::Host => to.host = text(),
        Column::Serial => to.serial = text(),
        Column::State => to.state = state(value)?,
        Column::Location => to.location = text(),
        Column::Department => to.department = text(),
        Column::Criticality if value.is_empty() => to.criticality = None,
        Column::Criticality => {
            let read = Criticality::parse(&value.to_lowercase());
            to.criticality = Some(read.ok_or_else(|| format!("`{value}` is not one of low, medium, high"))?);
        }
        Column::Supplier => to.supplier = text(),
        Column::Ordered => to.ordered = day(value)?,
        Column::Purchased => to.purchased = day(value)?,
        Column::WarrantyUntil => to.warranty_until = day(value)?,
        Column::ContractUntil => to.contract_until = day(value)?,
        Column::Owner | Column::Relation(_) | Column::Need(_) | Column::Field(_) => {}
    }
    Ok(())
}

/// The id of a type by its id, its name or another word for it; what was written if there is none.
fn kind(value: &str, catalog: &Catalog) -> String {
    let word = value.to_lowercase();
    let is_it = |it: &&AssetType| {
        it.id == word
            || it.label.en.to_lowercase() == word
            || it.label.zh == word
            || it.synonyms.contains(&word)
    };
    catalog.asset_types.iter().find(is_it).map_or_else(|| value.to_owned(), |it| it.id.clone())
}

fn state(value: &str) -> Result<AssetState, String> {
    let plain = |it: &str| -> String {
        it.chars().filter(|it| it.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let word = plain(value);
    let by_name = AssetState::ALL.into_iter().find(|it| plain(it.as_str()) == word);
    let by_word = || STATES.iter().find(|it| it.1.iter().any(|it| plain(it) == word)).map(|it| it.0);
    by_name.or_else(by_word).ok_or_else(|| {
        let all = AssetState::ALL.map(AssetState::as_str);
        match nearest(value, all) {
            Some(near) => format!("`{value}` is no state; did you mean `{near}`?"),
            None => format!("`{value}` is no state; known: {}", all.join(", ")),
        }
    })
}

/// A day as 2026-03-01, 2026/3/1, 1.3.2026 or 2026年3月1日. Which of 3/1/2026 is the month nobody can tell.
fn day(value: &str) -> Result<Option<Date>, String> {
    if value.is_empty() {
        return Ok(None);
    }
    // A time behind the day means nothing here.
    let text = value.split(['T', ' ']).next().unwrap_or(value).trim_end_matches('日');
    let numbers = |by: &[char]| -> Option<Vec<i16>> {
        let numbers: Option<Vec<i16>> = text.split(by).map(|it| it.parse().ok()).collect();
        numbers.filter(|it| it.len() == 3)
    };
    let parts = match numbers(&['-', '/', '年', '月']) {
        Some(parts) if 1000 <= parts[0] => Some((parts[0], parts[1], parts[2])),
        Some(_) | None => numbers(&['.']).filter(|it| 1000 <= it[2]).map(|it| (it[2], it[1], it[0])),
    };
    let small = |it: i16| i8::try_from(it).ok();
    let read = parts.and_then(|(year, month, day)| Date::new(year, small(month)?, small(day)?).ok());
    match read.filter(|it| *it >= date(1900, 1, 1)) {
        Some(day) => Ok(Some(day)),
        None => Err(format!("`{value}` is no day; write it like 2026-03-01")),
    }
}

fn need(to: &mut Details, kind: RelationKind, value: &str) -> Result<(), String> {
    to.needs.retain(|it| it.kind != kind);
    if !value.is_empty() {
        let at_least = value.parse().map_err(|_| format!("`{value}` is no whole number from 1"))?;
        to.needs.push(Need { kind, at_least });
    }
    Ok(())
}

fn field(to: &mut Details, kind: Option<&AssetType>, id: &str, value: &str) -> Result<(), String> {
    // Of a type that is not known nothing more is said.
    let Some(kind) = kind else { return Ok(()) };
    to.fields.retain(|it| it.0 != id);
    let field = kind.fields.iter().find(|it| it.id == id);
    let (Some(field), false) = (field, value.is_empty()) else {
        // A list has the columns of all types.
        let is_wrong = field.is_none() && !value.is_empty();
        return if is_wrong {
            Err(format!("assets of type `{}` have no such field", kind.id))
        } else {
            Ok(())
        };
    };
    let read = field.kind.read(value);
    let read =
        read.ok_or_else(|| format!("`{value}` does not fit a field of type {}", field.kind.as_str()))?;
    to.fields.push((id.to_owned(), read));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_as_they_are_written_and_never_guessed() {
        let first = Some(date(2026, 3, 1));
        for text in
            ["2026-03-01", "2026/3/1", "1.3.2026", "01.03.2026", "2026年3月1日", "2026-03-01T12:00:00Z"]
        {
            assert_eq!(day(text), Ok(first), "{text}");
        }
        for text in ["3/1/2026", "2026-02-30", "tomorrow", "20260301", "1.3.26", "0001-01-01"] {
            assert!(day(text).is_err(), "{text}");
        }
        assert_eq!(day(""), Ok(None));
    }

    #[test]
    fn states_go_by_many_words() {
        for (text, is) in [
            ("In Use", AssetState::InUse),
            ("in_repair", AssetState::InRepair),
            ("Auf Lager", AssetState::InStock),
            ("已报废", AssetState::Retired),
            ("stolen", AssetState::Lost),
        ] {
            assert_eq!(state(text), Ok(is), "{text}");
        }
        assert_eq!(state("retierd"), Err("`retierd` is no state; did you mean `retired`?".to_owned()));
    }
}
