//! The catalogue's nouns in the contract's words.

use prost::Message;

use crate::{
    api::parse::page::{behind_name, fit},
    domain::{
        assignment::{Agent, Group, Load},
        calendar::{Calendar, DAYS, Hours},
        catalog::Catalog,
        duty::Duty,
        priority::Priority,
        sla::{Agreement, Escalation, Fired, SlaPolicy},
    },
    proto::{clocks::escalation_to, template::skill_to, v1, words},
};

/// The page of a list behind an id, in the order of ids, and the token of the next one.
pub(super) fn page<T, A: Message>(
    list: &[T],
    id: impl Fn(&T) -> &String,
    after: &str,
    size: u32,
    answer: impl Fn(&T) -> A,
) -> (Vec<A>, String) {
    let mut rest: Vec<&T> = list.iter().filter(|it| id(it).as_str() > after).collect();
    rest.sort_unstable_by(|one, other| id(one).cmp(id(other)));
    let most = usize::try_from(size).unwrap_or(usize::MAX).saturating_add(1);
    let mut answers: Vec<A> = rest.iter().take(most).map(|it| answer(it)).collect();
    let more = fit(&mut answers, size);
    let last = answers.len().checked_sub(1).and_then(|it| rest.get(it)).filter(|_| more);
    (answers, last.map(|it| behind_name(id(it))).unwrap_or_default())
}

pub(super) fn group(catalog: &Catalog, it: &Group) -> v1::Group {
    v1::Group {
        id: it.id.clone(),
        name: it.name.en.clone(),
        name_zh: it.name.zh.clone(),
        description: it.description.clone(),
        agents: catalog.members(&it.id).map(|it| it.id.clone()).collect(),
        dispatch: words::policy_to(it.policy),
        offer_seconds: it.offer.unwrap_or_default(),
        ola: it.ola.as_ref().map(ola),
    }
}

pub(super) fn agent(it: &Agent, (load, duty): (Load, Duty)) -> v1::Agent {
    v1::Agent {
        id: it.id.clone(),
        name: it.name.clone(),
        present: duty.takes_work(),
        open_tickets: load.open,
        groups: it.groups.clone(),
        skills: it.skills.iter().map(skill_to).collect(),
        capacity: it.capacity,
        shift: it.shift.clone().unwrap_or_default(),
        substitute: it.substitute.clone().unwrap_or_default(),
        duty: words::duty_to(duty),
    }
}

pub(super) fn policy(it: &SlaPolicy) -> v1::SlaPolicy {
    let target = |priority: Priority| {
        let target = it.targets[priority as usize];
        v1::SlaTarget {
            priority: words::priority_to(priority),
            response_seconds: target.response,
            resolution_seconds: target.resolution,
            next_response_seconds: target.next_response.unwrap_or_default(),
            update_seconds: target.update.unwrap_or_default(),
        }
    };
    v1::SlaPolicy {
        id: it.id.clone(),
        calendar: it.calendar.clone(),
        targets: Priority::ALL.into_iter().map(target).collect(),
        escalations: it.escalations.iter().map(escalation).collect(),
        close_after_seconds: it.close_after.unwrap_or_default(),
        site_field: it.sites.as_ref().map(|it| it.field.clone()).unwrap_or_default(),
        sites: it.sites.iter().flat_map(|it| &it.calendars).map(site).collect(),
    }
}

fn site((site, calendar): &(String, String)) -> v1::SiteCalendar {
    v1::SiteCalendar { site: site.clone(), calendar: calendar.clone() }
}

fn escalation(it: &Escalation) -> v1::SlaEscalation {
    v1::SlaEscalation {
        step: Some(escalation_to(Fired { goal: it.goal, percent: it.percent })),
        notify: it.step.notify.iter().map(|it| words::whom_to(*it)).collect(),
        group: it.step.group.clone().unwrap_or_default(),
        reassign: it.step.reassign,
        raise_urgency: it.step.raise_urgency,
        notes: it.step.notes.clone(),
    }
}

fn ola(it: &Agreement) -> v1::OperationalLevelAgreement {
    let target =
        |(priority, seconds)| v1::OperationalLevelTarget { priority: words::priority_to(priority), seconds };
    v1::OperationalLevelAgreement {
        calendar: it.calendar.clone(),
        targets: Priority::ALL.into_iter().zip(it.targets).map(target).collect(),
        escalations: it.escalations.iter().map(escalation).collect(),
    }
}

pub(super) fn calendar(it: &Calendar) -> v1::Calendar {
    let of_day = |(day, open): (&str, &Vec<Hours>)| open.iter().map(|it| hours(day, *it)).collect::<Vec<_>>();
    let off = it.special().iter().filter(|(_, it)| it.hours.is_empty());
    let open = it.special().iter().filter(|(_, it)| !it.hours.is_empty());
    v1::Calendar {
        id: it.id.clone(),
        zone: it.zone().to_owned(),
        hours: DAYS.into_iter().zip(it.week()).flat_map(of_day).collect(),
        holidays: off.map(|(date, _)| date.to_string()).collect(),
        exceptions: open.flat_map(|(date, it)| of_day((&date.to_string(), &it.hours))).collect(),
    }
}

fn hours(day: &str, it: Hours) -> String {
    let clock = |second: u32| {
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        if second == 0 {
            format!("{hour:02}:{minute:02}")
        } else {
            format!("{hour:02}:{minute:02}:{second:02}")
        }
    };
    format!("{day} {}-{}", clock(it.from), clock(it.to))
}

#[cfg(test)]
mod tests {
    use jiff::civil::Date;

    use super::*;
    use crate::{
        domain::{calendar::Special, service::Service},
        proto::service::service_to,
    };

    #[test]
    fn pages_follow_one_another_in_the_order_of_ids_without_gap_or_repeat() {
        let list: Vec<Service> = ["c", "a", "e", "b", "d"].map(|id| Service::new(id, "", "")).into();
        let mut after = String::new();
        let mut seen = vec![];
        loop {
            let (answers, next) = page(&list, |it| &it.id, &after, 2, service_to);
            seen.push(answers.iter().map(|it| it.id.as_str()).collect::<String>());
            if next.is_empty() {
                break;
            }
            after = crate::api::parse::Checks::default().after_name(&next);
        }
        assert_eq!(seen, ["ab", "cd", "e"]);
    }

    #[test]
    fn hours_are_written_as_the_catalogue_writes_them() {
        let day = || vec![Hours { from: 32_400, to: 45_000 }, Hours { from: 48_600, to: 86_400 }];
        let week = [day(), vec![], vec![], vec![], vec![], vec![], vec![]];
        let special = |hours| Special { why: String::new(), hours };
        let (eve, christmas) = (Date::constant(2026, 12, 24), Date::constant(2026, 12, 25));
        let dates = [(eve, special(week[0].clone())), (christmas, special(vec![]))];
        let it = calendar(&Calendar::new("office", "Europe/Berlin", week, dates.into()).unwrap());
        assert_eq!(it.hours, ["mon 09:00-12:30", "mon 13:30-24:00"]);
        assert_eq!(it.exceptions, ["2026-12-24 09:00-12:30", "2026-12-24 13:30-24:00"]);
        assert_eq!(it.holidays, ["2026-12-25"]);
        assert_eq!(it.zone, "Europe/Berlin");
    }
}
