//! A ticket, a person and field values.

use super::{
    approval::{approval_from, approval_to},
    change::{read_change, write_change},
    clocks::{read_clocks, write_clocks},
    diagnosis::{diagnosis_from, diagnosis_to},
    event::Malformed,
    life::{read_course, read_ties, write_life},
    offers::{read_offers, write_offers},
    survey::{survey_from, survey_to},
    tasks::{task_from, tasks_to},
    ticket_assets::{read_assets, write_assets},
    time::{time_from, time_to},
    v1::{self, field_value::Value},
    words,
};
use crate::domain::{
    field::FieldValue,
    people::{Language, Person},
    sla::Due,
    template::Values,
    ticket::{Asked, Ticket},
};

/// In the contract's words.
pub fn ticket_to(it: &Ticket) -> v1::Ticket {
    let mut ticket = v1::Ticket {
        id: it.id.to_string(),
        number: it.number.clone(),
        kind: words::kind_to(it.kind),
        state: words::state_to(it.state),
        template: it.template.clone(),
        template_version: it.template_version,
        service: it.service.clone(),
        subject: it.subject.clone(),
        description: it.description.clone(),
        requester: Some(person_to(&it.requester)),
        fields: values_to(&it.fields),
        impact: words::impact_to(it.impact),
        urgency: words::urgency_to(it.urgency),
        priority: words::priority_to(it.priority),
        group: it.group.clone(),
        agent: it.agent.clone().unwrap_or_default(),
        hold_reason: it.hold.map_or(0, words::hold_to),
        resolution: it.resolution.clone(),
        open_time: Some(time_to(it.opened)),
        update_time: Some(time_to(it.updated)),
        response_due: it.due.response.map(time_to),
        resolution_due: it.due.resolution.map(time_to),
        response_time: it.responded.map(time_to),
        resolve_time: it.resolved.map(time_to),
        sla_policy: it.sla.clone(),
        version: it.version,
        conversation: it.conversation.map(|it| it.to_string()).unwrap_or_default(),
        comments: it.comments,
        language: words::language_to(it.language),
        next_response_due: it.due.next_response.map(time_to),
        next_look_time: it.due.look.map(time_to),
        tasks: tasks_to(it),
        update_due: it.due.update.map(time_to),
        ola_due: it.due.ola.map(time_to),
        contract_due: it.due.contract.map(time_to),
        approval: it.approval.as_deref().map(approval_to),
        diagnosis: it.diagnosis.as_deref().map(diagnosis_to),
        survey: it.survey.as_deref().map(survey_to),
        ..v1::Ticket::default()
    };
    write_clocks(&it.clocks, &mut ticket);
    write_offers(&it.offering, &mut ticket);
    write_asked(&it.asked, &mut ticket);
    write_life(&it.course, &it.ties, &mut ticket);
    write_assets(&it.assets, &mut ticket);
    write_change(it.change.as_deref(), &mut ticket);
    ticket
}

/// From the contract's words, as this program wrote them.
pub fn ticket_from(it: &v1::Ticket) -> Result<Ticket, Malformed> {
    let conversation = Some(&it.conversation).filter(|it| !it.is_empty());
    Ok(Ticket {
        id: it.id.parse().map_err(|_| Malformed("ticket.id"))?,
        number: it.number.clone(),
        kind: words::kind_from(it.kind).ok_or(Malformed("ticket.kind"))?,
        state: words::state_from(it.state).ok_or(Malformed("ticket.state"))?,
        template: it.template.clone(),
        template_version: it.template_version,
        service: it.service.clone(),
        subject: it.subject.clone(),
        description: it.description.clone(),
        requester: it.requester.as_ref().map(person_from).ok_or(Malformed("ticket.requester"))?,
        language: words::language_from(it.language).unwrap_or(Language::En),
        fields: values_from(&it.fields),
        impact: words::impact_from(it.impact).ok_or(Malformed("ticket.impact"))?,
        urgency: words::urgency_from(it.urgency).ok_or(Malformed("ticket.urgency"))?,
        priority: words::priority_from(it.priority).ok_or(Malformed("ticket.priority"))?,
        group: it.group.clone(),
        agent: Some(it.agent.clone()).filter(|it| !it.is_empty()),
        offering: read_offers(it)?,
        tasks: it.tasks.iter().map(task_from).collect(),
        hold: words::hold_from(it.hold_reason),
        resolution: it.resolution.clone(),
        opened: it.open_time.as_ref().map(time_from).ok_or(Malformed("ticket.open_time"))?,
        updated: it.update_time.as_ref().map(time_from).ok_or(Malformed("ticket.update_time"))?,
        sla: it.sla_policy.clone(),
        due: Due {
            response: it.response_due.as_ref().map(time_from),
            next_response: it.next_response_due.as_ref().map(time_from),
            resolution: it.resolution_due.as_ref().map(time_from),
            update: it.update_due.as_ref().map(time_from),
            ola: it.ola_due.as_ref().map(time_from),
            contract: it.contract_due.as_ref().map(time_from),
            look: it.next_look_time.as_ref().map(time_from),
        },
        clocks: read_clocks(it)?,
        responded: it.response_time.as_ref().map(time_from),
        resolved: it.resolve_time.as_ref().map(time_from),
        version: it.version,
        conversation: conversation
            .map(|it| it.parse().map_err(|_| Malformed("ticket.conversation")))
            .transpose()?,
        comments: it.comments,
        asked: read_asked(it),
        course: read_course(it),
        ties: read_ties(it)?,
        approval: it.approval.as_ref().map(approval_from).transpose()?.map(Box::new),
        assets: read_assets(it)?,
        diagnosis: it.diagnosis.as_ref().map(|it| Box::new(diagnosis_from(it))),
        change: read_change(it)?.map(Box::new),
        survey: it.survey.as_ref().map(survey_from).transpose()?.map(Box::new),
    })
}

fn write_asked(it: &Asked, ticket: &mut v1::Ticket) {
    ticket.opened_by = it.by.as_ref().map(person_to);
    ticket.requester_vip = it.vip;
    ticket.requester_department.clone_from(&it.department);
    ticket.requester_location.clone_from(&it.location);
    ticket.requester_manager = it.manager.as_ref().map(person_to);
}

fn read_asked(it: &v1::Ticket) -> Asked {
    Asked {
        by: it.opened_by.as_ref().map(person_from),
        vip: it.requester_vip,
        department: it.requester_department.clone(),
        location: it.requester_location.clone(),
        manager: it.requester_manager.as_ref().map(person_from),
    }
}

pub fn person_to(it: &Person) -> v1::Person {
    v1::Person { issuer: it.issuer.clone(), subject: it.subject.clone(), display_name: it.name.clone() }
}

/// From the contract's words.
pub fn person_from(it: &v1::Person) -> Person {
    Person { issuer: it.issuer.clone(), subject: it.subject.clone(), name: it.display_name.clone() }
}

pub fn values_to(values: &Values) -> Vec<v1::FieldValue> {
    values.iter().map(|(field, it)| value_to(field, it)).collect()
}

/// In the contract's words.
pub fn value_to(field: &str, it: &FieldValue) -> v1::FieldValue {
    let value = match it {
        FieldValue::Text(it) => Value::Text(it.clone()),
        FieldValue::Choice(it) => Value::Choice(it.clone()),
        FieldValue::Number(it) => Value::Number(*it),
        FieldValue::DateTime(at) => Value::DateTime(time_to(*at)),
        FieldValue::Asset(it) => Value::Asset(it.clone()),
        FieldValue::Person(it) => Value::Person(it.clone()),
        FieldValue::Location(it) => Value::Location(it.clone()),
    };
    v1::FieldValue { field: field.to_owned(), value: Some(value) }
}

/// From the contract's words; a field without a value is left out.
pub fn values_from(values: &[v1::FieldValue]) -> Values {
    let value = |it: &Value| match it {
        Value::Text(it) => FieldValue::Text(it.clone()),
        Value::Choice(it) => FieldValue::Choice(it.clone()),
        Value::Number(it) => FieldValue::Number(*it),
        Value::DateTime(at) => FieldValue::DateTime(time_from(at)),
        Value::Asset(it) => FieldValue::Asset(it.clone()),
        Value::Person(it) => FieldValue::Person(it.clone()),
        Value::Location(it) => FieldValue::Location(it.clone()),
    };
    values.iter().filter_map(|it| Some((it.field.clone(), value(it.value.as_ref()?)))).collect()
}
