//! Requests about people, from the contract's words to the desk's.

use std::mem;

use prost::Message;

use crate::{
    api::parse::Checks,
    desk::{
        fault::Fault,
        people::{Asked, Guard, NewPerson, PersonRef, Which},
    },
    domain::{id::ProfileId, profile::Details},
    proto::{profile::details_from, v1},
};

/// What the mask of an update may name.
const PATHS: [&str; 19] = [
    "user_name",
    "external_id",
    "display_name",
    "formatted_name",
    "given_name",
    "family_name",
    "title",
    "emails",
    "phones",
    "employee_number",
    "department",
    "cost_centre",
    "location",
    "language",
    "time_zone",
    "manager",
    "assets",
    "vip",
    "inactive",
];

pub(super) fn get(raw: v1::GetPersonRequest) -> Result<PersonRef, Fault> {
    let mut checks = Checks::default();
    let person = person(&mut checks, raw.person);
    checks.done(person)
}

/// Which people, behind whom, and how many.
pub(super) fn list(raw: v1::ListPeopleRequest) -> Result<(Which, Option<ProfileId>, u32), Fault> {
    let mut checks = Checks::default();
    let size = checks.page_size(raw.page_size);
    let after = checks.after_person(&raw.page_token);
    let filter = raw.filter.unwrap_or_default();
    let which = Which {
        email: checks.optional_id("filter.email", filter.email),
        department: checks.optional_id("filter.department", filter.department),
        manager: checks.optional_id("filter.manager", filter.manager).map(|it| PersonRef::parse(&it)),
        active: filter.active,
        external_id: None,
    };
    checks.done((which, after, size))
}

/// A request's id, and what it asks for: without the id, and so that it can be told from other calls.
pub(in crate::api) struct Same {
    request: String,
    content: Vec<u8>,
}

impl Same {
    pub(in crate::api) fn of<M: Message>(request: String, call: &str, rest: &M) -> Self {
        let content = [call.as_bytes(), &rest.encode_to_vec()].concat();
        Self { request, content }
    }

    /// As the desk wants it.
    pub(in crate::api) fn asked(&self) -> Asked<'_> {
        Asked { request: &self.request, content: &self.content }
    }
}

/// The request, who is entered, and in place of what.
pub(super) fn put(mut raw: v1::PutPersonRequest) -> Result<(Same, NewPerson, Guard), Fault> {
    let mut checks = Checks::default();
    let request = checks.id("request_id", mem::take(&mut raw.request_id));
    let request = Same::of(request, "put ", &raw);
    let person = raw.person.unwrap_or_else(|| {
        checks.wrong("person", "is required");
        v1::Profile::default()
    });
    let details = details_from(&person);
    note(&mut checks, "person", &details, |_| true);
    let new = NewPerson {
        issuer: checks.optional_id("person.issuer", person.issuer),
        subject: checks.optional_id("person.subject", person.subject),
        manager: checks.optional_id("person.manager", person.manager).map(|it| PersonRef::parse(&it)),
        details,
    };
    checks.done((request, new, guard(raw.expected_version)))
}

/// Some of what is known of somebody.
pub(super) struct Change {
    paths: Vec<String>,
    details: Details,
    manager: Option<PersonRef>,
}

impl Change {
    /// Sets what the mask names.
    pub(super) fn apply(&self, to: &mut Details) {
        let from = self.details.clone();
        for path in &self.paths {
            match path.as_str() {
                "user_name" => to.user_name.clone_from(&from.user_name),
                "external_id" => to.external_id.clone_from(&from.external_id),
                "display_name" => to.display_name.clone_from(&from.display_name),
                "formatted_name" => to.formatted_name.clone_from(&from.formatted_name),
                "given_name" => to.given_name.clone_from(&from.given_name),
                "family_name" => to.family_name.clone_from(&from.family_name),
                "title" => to.title.clone_from(&from.title),
                "emails" => to.emails.clone_from(&from.emails),
                "phones" => to.phones.clone_from(&from.phones),
                "employee_number" => to.employee_number.clone_from(&from.employee_number),
                "department" => to.department.clone_from(&from.department),
                "cost_centre" => to.cost_centre.clone_from(&from.cost_centre),
                "location" => to.location.clone_from(&from.location),
                "language" => to.language.clone_from(&from.language),
                "time_zone" => to.time_zone.clone_from(&from.time_zone),
                "manager" => to.manager = None,
                "assets" => to.assets.clone_from(&from.assets),
                "vip" => to.vip = from.vip,
                // `PATHS` has nothing else.
                _ => to.active = from.active,
            }
        }
    }

    /// The new manager, if one is named.
    pub(super) fn manager(&self) -> Option<PersonRef> {
        self.manager.clone()
    }
}

/// The request, of whom, what changes, and in place of what.
pub(super) fn update(mut raw: v1::UpdatePersonRequest) -> Result<(Same, PersonRef, Change, Guard), Fault> {
    let mut checks = Checks::default();
    let request = checks.id("request_id", mem::take(&mut raw.request_id));
    let request = Same::of(request, "update ", &raw);
    let paths = raw.update_mask.unwrap_or_default().paths;
    if paths.is_empty() || paths.len() > PATHS.len() || paths.iter().any(|it| !PATHS.contains(&it.as_str())) {
        checks.wrong("update_mask", format!("must name one or more of {}, each once", PATHS.join(", ")));
    }
    let who = person(&mut checks, raw.person);
    let change = raw.change.unwrap_or_default();
    let details = details_from(&change);
    note(&mut checks, "change", &details, |field| paths.iter().any(|it| field.starts_with(it.as_str())));
    let names_manager = paths.iter().any(|it| it == "manager");
    let manager = if names_manager { checks.optional_id("change.manager", change.manager) } else { None };
    let change = Change { paths, details, manager: manager.map(|it| PersonRef::parse(&it)) };
    checks.done((request, who, change, guard(raw.expected_version)))
}

/// The request, who has left, and in place of what.
pub(super) fn remove(mut raw: v1::RemovePersonRequest) -> Result<(Same, PersonRef, Guard), Fault> {
    let mut checks = Checks::default();
    let request = checks.id("request_id", mem::take(&mut raw.request_id));
    let request = Same::of(request, "remove ", &raw);
    let who = person(&mut checks, raw.person);
    checks.done((request, who, guard(raw.expected_version)))
}

fn person(checks: &mut Checks, raw: String) -> PersonRef {
    PersonRef::parse(&checks.id("person", raw))
}

fn note(checks: &mut Checks, within: &str, details: &Details, is_named: impl Fn(&str) -> bool) {
    for (field, problem) in details.faults().into_iter().filter(|(field, _)| is_named(field)) {
        checks.wrong(format!("{within}.{field}"), problem);
    }
}

fn guard(version: u64) -> Guard {
    if version == 0 { Guard::Any } else { Guard::Version(version) }
}
