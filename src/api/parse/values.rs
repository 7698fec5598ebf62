//! Values of a template's fields, as programs send them. Whether they fit the template is the desk's
//! to say; here they must only be values at all.

use std::collections::HashSet;

use super::{Checks, text_problem};
use crate::{
    domain::{template::Values, time::Timestamp},
    proto::{
        ticket::values_from,
        time::time_from,
        v1::{self, field_value::Value},
    },
};

/// No template has more fields.
const MOST: usize = 100;
/// Years 1 to 9999, which is what RFC 3339 can write.
const SECONDS: std::ops::RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;

impl Checks {
    /// A point in time.
    pub(in crate::api) fn time(&mut self, field: &str, raw: &pbjson_types::Timestamp) -> Timestamp {
        self.note(field, time_problem(raw));
        time_from(raw)
    }

    /// Values of fields, each field at most once.
    pub(in crate::api) fn values(&mut self, field: &str, raw: &[v1::FieldValue]) -> Values {
        if raw.len() > MOST {
            self.wrong(field, format!("has {} values; at most {MOST} are taken", raw.len()));
            return Values::new();
        }
        let mut seen = HashSet::new();
        for (index, it) in raw.iter().enumerate() {
            let path = format!("{field}[{index}]");
            self.id(&format!("{path}.field"), it.field.clone());
            if !seen.insert(&it.field) {
                self.wrong(format!("{path}.field"), "was given before; give each field once");
            }
            match &it.value {
                None => self.wrong(path, "needs a value, such as `text` or `choice`"),
                Some(value) => self.note(&path, value_problem(value)),
            }
        }
        values_from(raw)
    }
}

fn value_problem(value: &Value) -> Option<String> {
    match value {
        Value::Text(it) | Value::Choice(it) | Value::Asset(it) | Value::Person(it) | Value::Location(it) => {
            text_problem(it)
        }
        Value::Number(it) => (!it.is_finite()).then(|| "must be a finite number".to_owned()),
        Value::DateTime(at) => time_problem(at),
    }
}

fn time_problem(at: &pbjson_types::Timestamp) -> Option<String> {
    (!SECONDS.contains(&at.seconds) || !(0..1_000_000_000).contains(&at.nanos))
        .then(|| "must be a time in the years 1 to 9999".to_owned())
}
