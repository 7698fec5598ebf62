//! Who is there: what agents say of themselves, how they stand, and who would get a ticket.

use prost::Message as _;

use super::{
    Desk, backlog,
    catalogs::InUse,
    digest, dispatch,
    fault::{Fault, undone},
};
use crate::{
    clock,
    domain::{
        assignment::{Agent, Because, Group, Load},
        catalog::Catalog,
        condition::Known,
        duty::{Away, Duty},
        id::Slot,
        lookup::TicketRef,
        people::{Caller, Role},
        priority::Priority,
        template::{Template, Values},
        ticket::Asked,
        time::Timestamp,
    },
    proto::{ticket::ticket_to, time::time_to, understanding::because_to, v1, words},
    routing::{
        self, Candidate, Chosen, Team,
        dispatch::{Unfit, Work},
    },
    store::{Unit, Wants},
};

/// Whose dispatch is asked after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// That of a ticket that stands.
    Ticket(TicketRef),
    /// That of a ticket from this template, if it were opened now.
    Template(String),
}

/// The agent whom a caller speaks for: themselves, or, for managers, whom they name.
pub fn spoken_for(caller: &Caller, agent: Option<String>) -> Result<String, Fault> {
    match agent {
        None => Ok(caller.subject.clone()),
        Some(agent) if agent == caller.subject || caller.has(&[Role::Manager, Role::Admin]) => Ok(agent),
        Some(agent) => {
            let only = "agents speak for themselves only; a manager may speak for others";
            Err(Fault::Forbidden(format!("you are `{}` and not `{agent}`: {only}", caller.subject)))
        }
    }
}

impl Desk {
    /// Notes that an agent is away, or back.
    pub async fn set_presence(
        &self,
        caller: &Caller,
        request: String,
        agent: String,
        away: Away,
    ) -> Result<v1::SetPresenceResponse, Fault> {
        let InUse { catalog, .. } = self.in_use(caller);
        if catalog.agent(&agent).is_none() {
            return Err(Fault::field("agent", format!("no agent `{agent}` in the catalogue")));
        }
        let now = clock::now();
        let until = (away != Away::OPEN && away.at(now)).then(|| time_to(away.0));
        let answer = v1::SetPresenceResponse { agent: agent.clone(), away: away.at(now), until_time: until };
        let reply = answer.encode_to_vec();
        let content = digest(&["presence".as_bytes(), agent.as_bytes(), &away.0.0.to_be_bytes()]);
        let work = crate::store::Work {
            tenant: caller.tenant.clone(),
            request: request.clone(),
            content,
            actor: caller.subject.clone(),
            at: now,
            slot: Slot(digest(&[caller.tenant.as_str(), &agent])[0]),
            wants: Wants { agents: [agent.clone()].into(), ..Wants::default() },
        };
        let decide = move |unit: &mut Unit<'_>| {
            unit.set_away(&agent, away);
            Ok::<_, Fault>(reply.clone())
        };
        let reply = self.store.execute(work, decide).await.map_err(|it| undone(it, &request))?;
        v1::SetPresenceResponse::decode(reply.as_slice()).map_err(|_| Fault::Unavailable)
    }

    /// How agents stand, and whether they take work now.
    pub async fn standing(&self, caller: &Caller) -> Result<impl Fn(&Agent) -> (Load, Duty) + use<>, Fault> {
        let loads = self.store.loads(&caller.tenant).await?;
        let (catalog, now) = (self.catalog(caller), clock::now());
        Ok(move |agent: &Agent| {
            let load = loads.get(&agent.id).copied().unwrap_or_default();
            (load, duty(&catalog, agent, load, now))
        })
    }

    /// Who would get a ticket now, and why the others would not.
    pub async fn preview(
        &self,
        caller: &Caller,
        which: Which,
        group: Option<String>,
    ) -> Result<v1::PreviewDispatchResponse, Fault> {
        let (catalog, now) = (self.catalog(caller), clock::now());
        let loads = self.store.loads(&caller.tenant).await?;
        match which {
            Which::Ticket(which) => {
                let ticket = self.find(caller, &which).await?;
                let group = known(&catalog, group.as_deref().unwrap_or(&ticket.group))?;
                let team = backlog::team(&catalog, group, &loads, now);
                let is_there = ticket.group == group.id;
                // Another group has asked nobody yet.
                let passed = if is_there { dispatch::next(&catalog, &team, &ticket).1 } else { vec![] };
                let work = dispatch::work(&catalog, &ticket, &passed);
                let comes_last = !(is_there && ticket.waits());
                Ok(previewed(
                    group,
                    &team,
                    &work,
                    comes_last && routing::has_line(group, backlog::waiting(group, &loads)),
                ))
            }
            Which::Template(id) => {
                let unknown = || Fault::field("template", format!("no template `{id}` in the catalogue"));
                let template = catalog.template(&id).ok_or_else(unknown)?;
                let group = known(&catalog, group.as_deref().unwrap_or(&template.group))?;
                let work = opened_now(&catalog, template, now);
                let team = backlog::team(&catalog, group, &loads, now);
                Ok(previewed(group, &team, &work, routing::has_line(group, backlog::waiting(group, &loads))))
            }
        }
    }

    /// The tickets that wait with a group, the next one first, and how many there are.
    pub async fn backlog(
        &self,
        caller: &Caller,
        group: &str,
        limit: u32,
    ) -> Result<v1::ListBacklogResponse, Fault> {
        let (catalog, now) = (self.catalog(caller), clock::now());
        let group = catalog.group(group).ok_or(Fault::NotFound("group"))?;
        let line = self.line(&caller.tenant, &catalog, group, now).await?;
        let loads = self.store.loads(&caller.tenant).await?;
        let waiting = backlog::waiting(group, &loads);
        Ok(v1::ListBacklogResponse {
            tickets: line.iter().take(limit as usize).map(ticket_to).collect(),
            waiting,
        })
    }
}

/// Whether an agent takes work of any of their groups.
fn duty(catalog: &Catalog, agent: &Agent, load: Load, now: Timestamp) -> Duty {
    let of = |group: &Group| routing::duty(catalog, group, agent, load, now);
    let mut duties = agent.groups.iter().filter_map(|it| catalog.group(it)).map(of);
    let first = duties.next().unwrap_or(Duty::Absent);
    if first.takes_work() { first } else { duties.find(|it| it.takes_work()).unwrap_or(first) }
}

fn known<'a>(catalog: &'a Catalog, group: &str) -> Result<&'a Group, Fault> {
    let unknown = || Fault::field("group", format!("no group `{group}` in the catalogue"));
    catalog.group(group).ok_or_else(unknown)
}

/// What the policies would know of a ticket from a template.
fn opened_now<'a>(catalog: &Catalog, template: &'a Template, now: Timestamp) -> Work<'a> {
    let priority = catalog.matrix.priority(template.impact, template.urgency);
    let (fields, asked) = (template.completed(Values::new()), Asked::default());
    let chosen = catalog.choose_sla(&Known::of(template, priority, &fields, &asked), Some(template));
    let due = chosen
        .and_then(|it| catalog.sla(&it.policy))
        .and_then(|(policy, calendar)| calendar.due(now, policy.targets[priority as usize].resolution));
    Work { skills: &template.skills, priority, opened: now, due, handling: template.handling, declined: &[] }
}

fn previewed(group: &Group, team: &Team<'_>, work: &Work<'_>, is_last: bool) -> v1::PreviewDispatchResponse {
    let chosen = if is_last { Chosen::nobody(Because::InLine(group.id.clone())) } else { team.assign(work) };
    v1::PreviewDispatchResponse {
        group: group.id.clone(),
        agent: chosen.agent.unwrap_or_default(),
        because: Some(because_to(&chosen.because)),
        candidates: team.judged(work).iter().map(|(it, unfit)| candidate(it, *unfit)).collect(),
    }
}

fn candidate(it: &Candidate<'_>, unfit: Option<Unfit<'_>>) -> v1::DispatchCandidate {
    v1::DispatchCandidate {
        agent: it.agent.id.clone(),
        fits: unfit.is_none(),
        why_not: unfit.map(why_not).unwrap_or_default(),
        duty: words::duty_to(it.duty),
        open_tickets: it.load.open,
        capacity: it.agent.capacity,
    }
}

fn why_not(it: Unfit<'_>) -> String {
    match it {
        Unfit::NotThere(Duty::OnLeave) => "on leave".to_owned(),
        Unfit::NotThere(Duty::OffShift) => "outside their shift".to_owned(),
        Unfit::NotThere(Duty::Away(Away::OPEN)) => "away".to_owned(),
        Unfit::NotThere(Duty::Away(Away(until))) => format!("away until {}", until.rfc3339()),
        Unfit::NotThere(Duty::Absent) => "takes no work, says the catalogue".to_owned(),
        Unfit::NotThere(Duty::Left) => "has left, says the directory of people".to_owned(),
        Unfit::NotThere(Duty::OnShift(_) | Duty::OnCall) => String::new(),
        Unfit::CanWait => {
            format!(
                "on call outside their shift, for {} and {} only",
                Priority::P1.as_str(),
                Priority::P2.as_str()
            )
        }
        Unfit::Full(most) => format!("has {most} tickets already, and may have no more"),
        Unfit::Lacks(skill) => format!("lacks `{}` at level {} or better", skill.id, skill.level),
        Unfit::Kept => "kept free for what is more pressing: this can wait".to_owned(),
        Unfit::Declined => "declined it, or did not answer".to_owned(),
    }
}
