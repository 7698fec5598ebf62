//! Entries of the directory of people.

use super::{
    event::Malformed,
    time::{time_from, time_to},
    v1,
};
use crate::domain::profile::{Contact, Details, Profile};

/// In the contract's words.
pub fn profile_to(it: &Profile) -> v1::Profile {
    v1::Profile {
        id: it.id.to_string(),
        issuer: it.issuer.clone(),
        subject: it.subject.clone(),
        removed: it.removed,
        create_time: Some(time_to(it.created)),
        update_time: Some(time_to(it.updated)),
        version: it.version,
        ..details_to(&it.details)
    }
}

/// What is known of somebody, without who they are.
pub fn details_to(it: &Details) -> v1::Profile {
    v1::Profile {
        user_name: it.user_name.clone(),
        external_id: it.external_id.clone(),
        display_name: it.display_name.clone(),
        formatted_name: it.formatted_name.clone(),
        given_name: it.given_name.clone(),
        family_name: it.family_name.clone(),
        title: it.title.clone(),
        emails: it.emails.iter().map(contact_to).collect(),
        phones: it.phones.iter().map(contact_to).collect(),
        employee_number: it.employee_number.clone(),
        department: it.department.clone(),
        cost_centre: it.cost_centre.clone(),
        location: it.location.clone(),
        language: it.language.clone(),
        time_zone: it.time_zone.clone(),
        manager: it.manager.map(|it| it.to_string()).unwrap_or_default(),
        assets: it.assets.clone(),
        vip: it.vip,
        inactive: !it.active,
        ..v1::Profile::default()
    }
}

/// From the contract's words, as this program wrote them.
pub fn profile_from(it: &v1::Profile) -> Result<Profile, Malformed> {
    let manager = Some(&it.manager).filter(|it| !it.is_empty());
    let manager = manager.map(|it| it.parse().map_err(|_| Malformed("person.manager"))).transpose()?;
    Ok(Profile {
        id: it.id.parse().map_err(|_| Malformed("person.id"))?,
        issuer: it.issuer.clone(),
        subject: it.subject.clone(),
        details: Details { manager, ..details_from(it) },
        removed: it.removed,
        created: it.create_time.as_ref().map(time_from).ok_or(Malformed("person.create_time"))?,
        updated: it.update_time.as_ref().map(time_from).ok_or(Malformed("person.update_time"))?,
        version: it.version,
    })
}

/// What is known of somebody but for their manager, who may be named in more than one way.
pub fn details_from(it: &v1::Profile) -> Details {
    Details {
        user_name: it.user_name.clone(),
        external_id: it.external_id.clone(),
        display_name: it.display_name.clone(),
        formatted_name: it.formatted_name.clone(),
        given_name: it.given_name.clone(),
        family_name: it.family_name.clone(),
        title: it.title.clone(),
        emails: it.emails.iter().map(contact_from).collect(),
        phones: it.phones.iter().map(contact_from).collect(),
        employee_number: it.employee_number.clone(),
        department: it.department.clone(),
        cost_centre: it.cost_centre.clone(),
        location: it.location.clone(),
        language: it.language.clone(),
        time_zone: it.time_zone.clone(),
        manager: None,
        assets: it.assets.clone(),
        vip: it.vip,
        active: !it.inactive,
    }
}

fn contact_to(it: &Contact) -> v1::Contact {
    v1::Contact { value: it.value.clone(), r#type: it.kind.clone(), primary: it.primary }
}

fn contact_from(it: &v1::Contact) -> Contact {
    Contact { value: it.value.clone(), kind: it.r#type.clone(), primary: it.primary }
}
