//! What callers are told of changes.

use crate::{
    desk::changes::{Check, Collision, Conflict, ConflictKind, Near},
    domain::change::{Freeze, Maintenance, Question},
    proto::{
        change::{risk_to, span_to},
        time::time_to,
        v1, words,
    },
};

pub(super) fn check(it: Check) -> v1::CheckChangeResponse {
    let freeze = |it: Freeze| v1::ChangeFreeze {
        id: it.id,
        label: it.label.en,
        span: Some(span_to(&it.span)),
        reason: it.reason,
    };
    let window =
        |it: Maintenance| v1::ChangeMaintenance { id: it.id, label: it.label.en, calendar: it.calendar };
    v1::CheckChangeResponse {
        missing: it.missing,
        risk: Some(risk_to(&it.risk)),
        questions: it.questions.iter().map(question).collect(),
        freezes: it.freezes.into_iter().map(freeze).collect(),
        windows: it.windows.into_iter().map(window).collect(),
        collisions: it.collisions.into_iter().map(collision).collect(),
        next_window: it.next.as_ref().map(span_to),
        conflicts: it.conflicts.into_iter().map(conflict).collect(),
    }
}

pub(super) fn conflict(it: Conflict) -> v1::ChangeConflict {
    let kind = match it.kind {
        ConflictKind::Overruns => v1::ChangeConflictKind::Overruns,
        ConflictKind::Missed => v1::ChangeConflictKind::Missed,
        ConflictKind::Freeze => v1::ChangeConflictKind::Freeze,
        ConflictKind::Maintenance => v1::ChangeConflictKind::Maintenance,
        ConflictKind::Collision => v1::ChangeConflictKind::Collision,
    };
    v1::ChangeConflict {
        change: it.change.to_string(),
        number: it.number,
        kind: kind.into(),
        with: it.with,
        text: it.text,
    }
}

fn question(it: &Question) -> v1::ChangeQuestion {
    let options = it.options.iter().map(|it| v1::ChangeOption {
        id: it.id.clone(),
        label: it.label.en.clone(),
        label_zh: it.label.zh.clone(),
        points: it.points,
    });
    v1::ChangeQuestion {
        id: it.id.clone(),
        ask: it.ask.en.clone(),
        ask_zh: it.ask.zh.clone(),
        options: options.collect(),
    }
}

fn collision(it: Collision) -> v1::ChangeCollision {
    v1::ChangeCollision {
        ticket: it.change.id.to_string(),
        number: it.change.number,
        subject: it.change.subject,
        state: words::state_to(it.change.state),
        window: Some(span_to(&it.window)),
        assets: it.assets,
        scheduled: it.scheduled,
        overrun_time: it.overruns.map(time_to),
    }
}

pub(super) fn recent(it: Near) -> v1::RecentChange {
    let Near { ticket, assets, caused: _ } = it;
    v1::RecentChange {
        change: ticket.id.to_string(),
        number: ticket.number,
        subject: ticket.subject,
        begin_time: ticket.change.and_then(|it| it.begun).map(time_to),
        end_time: ticket.resolved.map(time_to),
        assets,
    }
}

pub(super) fn after(it: Near) -> v1::Aftermath {
    let Near { ticket, assets, caused } = it;
    v1::Aftermath {
        ticket: ticket.id.to_string(),
        caused,
        number: ticket.number,
        subject: ticket.subject,
        open_time: Some(time_to(ticket.opened)),
        assets,
    }
}
