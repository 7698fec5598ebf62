//! What clients may ask of the service itself (RFC 7643, 5 to 7): what it can do, and what it knows.

use serde_json::{Value, json};

use super::{
    fault::Fault,
    schema::{Attribute, GROUPS, Kind, Mutability, Resource, SCHEMAS, Schema, USERS},
};

/// Most resources in one answer.
pub(super) const MOST: u64 = 200;

/// What the service can do.
pub(super) fn config(base: &str) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": { "supported": true },
        "bulk": { "supported": false, "maxOperations": 0, "maxPayloadSize": 0 },
        "filter": { "supported": true, "maxResults": MOST },
        "changePassword": { "supported": false },
        "sort": { "supported": false },
        "etag": { "supported": true },
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "Bearer token",
            "description": "An API token of the role directory, from `ticket-dispatch token create`.",
            "primary": true,
        }],
        "meta": {
            "resourceType": "ServiceProviderConfig",
            "location": format!("{base}/ServiceProviderConfig"),
        },
    })
}

/// The kinds of resources.
pub(super) fn resource_types(base: &str) -> Vec<Value> {
    vec![
        resource_type("User", "/Users", "Somebody who asks the desk, or works at it.", USERS, base),
        resource_type("Group", "/Groups", "A group of agents; read-only.", GROUPS, base),
    ]
}

fn resource_type(name: &str, endpoint: &str, about: &str, resource: Resource, base: &str) -> Value {
    let extension = |it: &&Schema| json!({ "schema": it.id, "required": false });
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
        "id": name,
        "name": name,
        "endpoint": endpoint,
        "description": about,
        "schema": resource.core.id,
        "schemaExtensions": resource.extensions.iter().map(extension).collect::<Vec<_>>(),
        "meta": { "resourceType": "ResourceType", "location": format!("{base}/ResourceTypes/{name}") },
    })
}

/// The schemas.
pub(super) fn schemas(base: &str) -> Vec<Value> {
    SCHEMAS.iter().map(|it| schema(it, base)).collect()
}

fn schema(it: &Schema, base: &str) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
        "id": it.id,
        "name": it.name,
        "description": it.about,
        "attributes": it.attributes.iter().map(attribute).collect::<Vec<_>>(),
        "meta": { "resourceType": "Schema", "location": format!("{base}/Schemas/{}", it.id) },
    })
}

fn attribute(it: &Attribute) -> Value {
    let kind = match it.kind {
        Kind::Text => "string",
        Kind::Flag => "boolean",
        Kind::Reference => "reference",
        Kind::Time => "dateTime",
        Kind::Complex(_) => "complex",
    };
    let mut all = json!({
        "name": it.name,
        "type": kind,
        "multiValued": it.multi,
        "description": it.about,
        "required": it.required,
        "mutability": match it.mutability {
            Mutability::ReadWrite => "readWrite",
            Mutability::ReadOnly => "readOnly",
        },
        "returned": "default",
        "uniqueness": if it.unique { "server" } else { "none" },
    });
    match it.kind {
        Kind::Complex(parts) => all["subAttributes"] = parts.iter().map(attribute).collect(),
        Kind::Reference => all["referenceTypes"] = json!(["User"]),
        Kind::Text => all["caseExact"] = json!(it.exact),
        Kind::Flag | Kind::Time => {}
    }
    if !it.canonical.is_empty() {
        all["canonicalValues"] = json!(it.canonical);
    }
    all
}

/// One of some, by its id.
pub(super) fn one(all: Vec<Value>, id: &str) -> Result<Value, Fault> {
    let is_it = |it: &Value| it["id"].as_str().is_some_and(|it| it.eq_ignore_ascii_case(id));
    all.into_iter().find(is_it).ok_or_else(Fault::not_found)
}
