//! Changes of a part of a resource (RFC 7644, 3.5.2), also as Entra ID and Okta spell them: operations in any case,
//! without a path, with paths as keys of the value, and flags as texts.

use serde_json::{Map, Value, json};

use super::{
    fault::Fault,
    filter::{self, Filter, parse_within, split},
    resource::{normal, one},
    schema::{Attribute, Mutability, Resource, Schema, named},
};

/// Values of one attribute while it is changed; adding compares each with each.
const VALUES: usize = 200;

/// Operations of one request.
const MOST: usize = 1_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Op {
    Add,
    Replace,
    Remove,
}

/// What a path names.
enum Path {
    Extension(&'static Schema),
    Attribute(Target),
}

struct Target {
    extension: Option<&'static Schema>,
    attribute: &'static Attribute,
    filter: Option<Filter>,
    part: Option<&'static Attribute>,
}

/// A resource after the operations of a request.
pub(super) fn patched(
    mut to: Map<String, Value>,
    body: &Value,
    resource: Resource,
) -> Result<Map<String, Value>, Fault> {
    let key = |it: &Value, name: &str| {
        let object = it.as_object()?;
        object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, it)| it.clone())
    };
    let Some(Value::Array(operations)) = key(body, "Operations") else {
        return Err(Fault::syntax("`Operations` must be a list"));
    };
    if MOST < operations.len() {
        return Err(Fault::bad("tooMany", format!("has more than {MOST} operations")));
    }
    for it in &operations {
        let op = match key(it, "op").as_ref().and_then(Value::as_str).map(str::to_ascii_lowercase).as_deref()
        {
            Some("add") => Op::Add,
            Some("replace") => Op::Replace,
            Some("remove") => Op::Remove,
            Some(_) | None => return Err(Fault::syntax("`op` must be add, replace or remove")),
        };
        let path = key(it, "path");
        let path = path.as_ref().and_then(Value::as_str).map(str::trim).filter(|it| !it.is_empty());
        apply(&mut to, op, path, key(it, "value"), resource)?;
    }
    Ok(to)
}

fn apply(
    to: &mut Map<String, Value>,
    op: Op,
    path: Option<&str>,
    value: Option<Value>,
    resource: Resource,
) -> Result<(), Fault> {
    match (path, value) {
        (None, _) if op == Op::Remove => Err(Fault::bad("noTarget", "`remove` needs a path")),
        (None, Some(Value::Object(values))) => {
            for (key, value) in values {
                // What is not known, or not to be written, is passed over as in a whole resource.
                match read(&key, resource) {
                    Ok(Path::Attribute(it)) if it.attribute.mutability == Mutability::ReadOnly => {}
                    Ok(path) => at(to, op, path, Some(value))?,
                    Err(_) => {}
                }
            }
            Ok(())
        }
        (None, _) => Err(Fault::value("without a path, `value` must be an object")),
        (Some(path), value) => at(to, op, read(path, resource)?, value),
    }
}

fn at(to: &mut Map<String, Value>, op: Op, path: Path, value: Option<Value>) -> Result<(), Fault> {
    let target = match path {
        Path::Attribute(it) => it,
        Path::Extension(schema) => return extension(to, op, schema, value),
    };
    let own = target.part.unwrap_or(target.attribute);
    if [own, target.attribute].iter().any(|it| it.mutability == Mutability::ReadOnly) {
        return Err(Fault::bad("mutability", format!("`{}` is read-only", own.name)));
    }
    if op != Op::Remove && value.is_none() {
        return Err(Fault::value(format!("`value` is missing for `{}`", own.name)));
    }
    let value = value.unwrap_or_default();
    let holder = match target.extension {
        None => to,
        Some(schema) => {
            let inner = to.entry(schema.id).or_insert_with(|| json!({}));
            inner.as_object_mut().ok_or_else(|| Fault::path(format!("`{}` is no extension", schema.id)))?
        }
    };
    match (&target.filter, target.part) {
        (Some(filter), part) => among(holder, op, target.attribute, filter, part, &value),
        (None, None) => whole(holder, op, target.attribute, &value),
        (None, Some(part)) => part_of(holder, op, target.attribute, part, &value),
    }
}

fn extension(
    to: &mut Map<String, Value>,
    op: Op,
    schema: &'static Schema,
    value: Option<Value>,
) -> Result<(), Fault> {
    if op == Op::Remove {
        to.remove(schema.id);
        return Ok(());
    }
    let Some(Value::Object(values)) = value else {
        return Err(Fault::value(format!("`value` for {} must be an object", schema.id)));
    };
    for (key, value) in values {
        let Some(attribute) = named(schema.attributes.iter(), &key) else { continue };
        if attribute.mutability != Mutability::ReadOnly {
            let target = Target { extension: Some(schema), attribute, filter: None, part: None };
            at(to, op, Path::Attribute(target), Some(value))?;
        }
    }
    Ok(())
}

/// An attribute as a whole.
fn whole(to: &mut Map<String, Value>, op: Op, attribute: &Attribute, value: &Value) -> Result<(), Fault> {
    let new = normal(attribute, value)?;
    let old = to.get_mut(attribute.name);
    match (op, old, new) {
        (Op::Remove, Some(Value::Array(old)), Some(Value::Array(gone))) => {
            old.retain(|it| !gone.iter().any(|gone| is_like(it, gone)));
        }
        (Op::Remove, _, _) | (_, _, None) => {
            to.remove(attribute.name);
        }
        (Op::Add, Some(Value::Array(old)), Some(Value::Array(more))) if VALUES < old.len() + more.len() => {
            let count = old.len() + more.len();
            let problem = format!("{} would have {count} values; at most {VALUES} are taken", attribute.name);
            return Err(Fault::value(problem));
        }
        (Op::Add, Some(Value::Array(old)), Some(Value::Array(more))) => add(old, more),
        (_, Some(Value::Object(old)), Some(Value::Object(parts))) => old.extend(parts),
        (_, _, Some(new)) => {
            to.insert(attribute.name.to_owned(), new);
        }
    }
    Ok(())
}

/// Whether a value is what another says of it.
fn is_like(value: &Value, other: &Value) -> bool {
    match (value.as_object(), other.as_object()) {
        (Some(a), Some(b)) => b.iter().all(|(key, it)| a.get(key) == Some(it)),
        (_, _) => value == other,
    }
}

/// Adds values that are not there; a new primary one takes the place of the old.
fn add(old: &mut Vec<Value>, more: Vec<Value>) {
    for new in more {
        if new.get("primary") == Some(&json!(true)) {
            old.iter_mut().for_each(no_longer_primary);
        }
        match old.iter_mut().find(|it| is_like(it, &new) || (is_there(it, &new))) {
            Some(same) => *same = new,
            None => old.push(new),
        }
    }
}

/// Whether it is the same address of the same type.
fn is_there(old: &Value, new: &Value) -> bool {
    let same = |part: &str| old.get(part) == new.get(part);
    new.get("value").is_some() && same("value") && same("type")
}

fn no_longer_primary(it: &mut Value) {
    if let Some(flag) = it.get_mut("primary") {
        *flag = json!(false);
    }
}

/// A part of an attribute, or of all its values.
fn part_of(
    to: &mut Map<String, Value>,
    op: Op,
    attribute: &Attribute,
    part: &Attribute,
    value: &Value,
) -> Result<(), Fault> {
    let new = if op == Op::Remove { None } else { one(part, value)? };
    let held =
        to.entry(attribute.name).or_insert_with(|| if attribute.multi { json!([]) } else { json!({}) });
    match held {
        Value::Object(object) => set(object, part, new),
        Value::Array(all) => {
            if all.is_empty() && new.is_some() {
                all.push(json!({}));
            }
            all.iter_mut().filter_map(Value::as_object_mut).for_each(|it| set(it, part, new.clone()));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    tidy(to, attribute);
    Ok(())
}

fn set(to: &mut Map<String, Value>, part: &Attribute, value: Option<Value>) {
    match value {
        Some(value) => to.insert(part.name.to_owned(), value),
        None => to.remove(part.name),
    };
}

/// Takes away what has become empty.
fn tidy(to: &mut Map<String, Value>, attribute: &Attribute) {
    let is_empty = |it: &Value| it.as_object().is_some_and(Map::is_empty);
    if let Some(Value::Array(all)) = to.get_mut(attribute.name) {
        all.retain(|it| !is_empty(it));
    }
    let held = to.get(attribute.name);
    if held.is_some_and(|it| is_empty(it) || it.as_array().is_some_and(Vec::is_empty)) {
        to.remove(attribute.name);
    }
}

/// Those values of an attribute that fit a filter, or a part of them.
fn among(
    to: &mut Map<String, Value>,
    op: Op,
    attribute: &Attribute,
    filter: &Filter,
    part: Option<&Attribute>,
    value: &Value,
) -> Result<(), Fault> {
    let held = to.entry(attribute.name).or_insert_with(|| json!([]));
    let Value::Array(all) = held else {
        return Err(Fault::path(format!("`{}` has one value", attribute.name)));
    };
    if op == Op::Remove {
        match part {
            None => all.retain(|it| !filter.fits(it)),
            Some(part) => {
                let fitting = all.iter_mut().filter(|it| filter.fits(it));
                fitting.filter_map(Value::as_object_mut).for_each(|it| set(it, part, None));
            }
        }
        tidy(to, attribute);
        return Ok(());
    }
    if !all.iter().any(|it| filter.fits(it)) {
        all.push(Value::Object(begun(attribute, filter)?));
    }
    let new = match part {
        Some(part) => {
            let value = one(part, value)?;
            Map::from_iter([(part.name.to_owned(), value.unwrap_or_default())])
        }
        None => one(attribute, value)?.as_ref().and_then(Value::as_object).cloned().unwrap_or_default(),
    };
    let becomes_primary = new.get("primary") == Some(&json!(true));
    for it in all.iter_mut() {
        match it.as_object_mut() {
            Some(object) if filter.fits(&Value::Object(object.clone())) => {
                object.extend(new.clone());
                object.retain(|_, it| !it.is_null());
            }
            Some(_) | None if becomes_primary => no_longer_primary(it),
            Some(_) | None => {}
        }
    }
    tidy(to, attribute);
    Ok(())
}

/// A new value that fits a filter, if the filter says all of it: `emails[type eq "work"]`.
fn begun(attribute: &Attribute, filter: &Filter) -> Result<Map<String, Value>, Fault> {
    let none = || Fault::bad("noTarget", format!("no value of `{}` fits the filter", attribute.name));
    let said = filter.equalities().ok_or_else(none)?;
    let value = |it: &filter::Value| match it {
        filter::Value::Text(it) => json!(it),
        filter::Value::Flag(it) => json!(it),
        filter::Value::Number(it) => json!(it),
        filter::Value::Nothing => Value::Null,
    };
    Ok(said.into_iter().map(|(part, it)| (part.name.to_owned(), value(it))).collect())
}

/// Reads a path such as `emails[type eq "work"].value`.
fn read(path: &str, resource: Resource) -> Result<Path, Fault> {
    if let Some(schema) = resource.extension(path) {
        return Ok(Path::Extension(schema));
    }
    let unknown = || Fault::path(format!("`{path}` names no attribute"));
    let (_, name) = split(path, resource);
    let Some(open) = name.find('[') else {
        let found = filter::attribute(path, resource).ok_or_else(unknown)?;
        let filter::Attr { extension, attribute, part } = found;
        return Ok(Path::Attribute(Target { extension, attribute, filter: None, part }));
    };
    let before = &path[..path.len() - name.len() + open];
    let filter::Attr { extension, attribute, part: None } =
        filter::attribute(before, resource).ok_or_else(unknown)?
    else {
        return Err(unknown());
    };
    let inside = &name[open + 1..];
    let close = inside.rfind(']').ok_or_else(|| Fault::path(format!("a `]` is missing in `{path}`")))?;
    let bad = |fault: Fault| Fault::path(format!("`{path}`: {}", fault.detail));
    let filter = parse_within(&inside[..close], attribute.parts()).map_err(bad)?;
    let part = match inside[close + 1..].strip_prefix('.') {
        Some(part) => Some(named(attribute.parts().iter(), part).ok_or_else(unknown)?),
        None if inside[close + 1..].is_empty() => None,
        None => return Err(unknown()),
    };
    Ok(Path::Attribute(Target { extension, attribute, filter: Some(filter), part }))
}

#[cfg(test)]
mod tests;
