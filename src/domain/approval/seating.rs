//! Who is asked: from what a step says to people who are there now. Delegates and substitutes take the places of those
//! who are not, however long the chain; the requester takes none, nor does whoever planned a change, as long as anybody else
//! can be found; nobody takes two; what nobody can take goes to the fallback.

use super::{
    plan::{Approver, OwnRequest, Quorum, StepPlan, Who},
    state::{Asked, Seat, Step},
};
use crate::domain::{
    assignment::Agent,
    catalog::{Catalog, FALLBACK},
    duty::Shift,
    people::{Language, Person},
    profile::{SubjectFrom, user_key},
    ticket::Ticket,
    time::Timestamp,
};

/// Who vouches for the agents of the desk where the catalogue does not say how the bot knows them.
pub const DESK: &str = "desk";

/// The requester's manager: whoever the catalogue says, else the one above them in the directory of people.
fn manager_of(matter: Matter<'_>) -> Option<Person> {
    let said = matter.catalog.approvers.iter().find(|it| it.manages.contains(matter.requester));
    said.map(|it| it.person.clone()).or_else(|| matter.manager.cloned())
}

/// An agent as a person: as the bot knows them, if the catalogue says so, by an approver of theirs or by the user name
/// that is the subject in the directory of people. Else whoever asks as an employee and decides as an agent were two.
pub fn agent_person(catalog: &Catalog, agent: &str) -> Person {
    if let Some(own) = catalog.approvers.iter().find(|it| it.agent.as_deref() == Some(agent)) {
        return own.person.clone();
    }
    let known = catalog.agent(agent);
    let name = known.map_or_else(String::new, |it| it.name.clone());
    let is_subject = catalog.people.subject == SubjectFrom::UserName;
    match known.and_then(|it| it.user.as_deref()).filter(|_| is_subject) {
        Some(user) => Person { issuer: catalog.people.issuer.clone(), subject: user.trim().to_owned(), name },
        None => Person { issuer: DESK.to_owned(), subject: agent.to_owned(), name },
    }
}

/// The approver that a person is, if the catalogue names them.
pub fn approver_of<'a>(catalog: &'a Catalog, who: &Person) -> Option<&'a Approver> {
    catalog.approvers.iter().find(|it| it.person == *who)
}

/// Somebody by the id of an approver or of an agent.
pub fn named(catalog: &Catalog, id: &str) -> Option<Person> {
    let approver = catalog.approver(id).map(|it| it.person.clone());
    approver.or_else(|| catalog.agent(id).map(|it| agent_person(catalog, &it.id)))
}

/// Whether somebody can be asked: the catalogue knows them, and they are neither on leave nor gone.
pub fn is_available(catalog: &Catalog, who: &Person, now: Timestamp) -> bool {
    match (approver_of(catalog, who), agent_of(catalog, who)) {
        (Some(it), agent) => {
            let today = now.date();
            let leave = it.leave.iter().any(|it| (it.from..=it.to).contains(&today));
            let gone = it.agent.is_some() && agent.is_none_or(|it| is_gone(catalog, it, now));
            !leave && !gone
        }
        (None, Some(agent)) => !is_gone(catalog, agent, now),
        (None, None) => false,
    }
}

/// The agent of the desk that a person is: named so by an approver, by the desk itself, or by the directory of people,
/// where the subject there is the user name, in which capitals do not count.
pub fn agent_of<'a>(catalog: &'a Catalog, who: &Person) -> Option<&'a Agent> {
    if let Some(approver) = approver_of(catalog, who) {
        return catalog.agent(approver.agent.as_deref()?);
    }
    let found = if who.issuer == DESK { catalog.agent(&who.subject) } else { None };
    let is_known = who.issuer == catalog.people.issuer && catalog.people.subject == SubjectFrom::UserName;
    found.or_else(|| if is_known { catalog.agent_of_user(&user_key(&who.subject)) } else { None })
}

/// Somebody as they are asked and counted: whoever is an agent too is one person, whichever way they come.
pub fn as_asked(catalog: &Catalog, who: &Person) -> Person {
    agent_of(catalog, who).map_or_else(|| who.clone(), |it| agent_person(catalog, &it.id))
}

/// Whether an agent is away for days: on leave, or the catalogue says so.
fn is_gone(catalog: &Catalog, agent: &Agent, now: Timestamp) -> bool {
    let shift = agent.shift.as_deref().and_then(|it| catalog.hours(it)).map(|it| Shift::of(it, now));
    agent.off(shift.map_or_else(|| now.date(), |it| it.today)).is_some()
}

/// Somebody, or whoever decides in their place now.
fn stand_in(matter: Matter<'_>, who: &Person) -> Option<Asked> {
    let catalog = matter.catalog;
    let (mut at, mut seen) = (who.clone(), vec![]);
    while !matter.can_ask(&at) {
        let delegate = approver_of(catalog, &at).and_then(|it| it.delegate.as_deref());
        let delegate = delegate.and_then(|it| catalog.approver(it)).map(|it| it.person.clone());
        let substitute = || agent_of(catalog, &at).and_then(|it| it.substitute.as_deref());
        let above = matter.departed.above.filter(|_| matter.manager == Some(&at));
        let above = || above.map(|it| as_asked(catalog, it));
        let substitute = || substitute().map(|it| agent_person(catalog, it));
        let next = delegate.or_else(substitute).or_else(above)?;
        seen.push(at);
        // The catalogue has no circles, but delegates and substitutes together might.
        if seen.contains(&next) {
            return None;
        }
        at = next;
    }
    let stands_for = (at != *who).then(|| who.clone());
    Some(Asked { language: language(catalog, &at), person: at, stands_for })
}

fn language(catalog: &Catalog, who: &Person) -> Language {
    approver_of(catalog, who).map_or_else(Language::default, |it| it.language)
}

/// Whose request is decided, and where: what the places of a step depend on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Matter<'a> {
    pub(super) catalog: &'a Catalog,
    pub(super) requester: &'a Person,
    /// Who has planned the change that it is about, or submitted it.
    pub(super) authors: &'a [Person],
    /// Who is above the requester, as the directory of people said when the ticket was opened.
    pub(super) manager: Option<&'a Person>,
    pub(super) service: &'a str,
    pub(super) departed: Departed<'a>,
    pub(super) now: Timestamp,
}

/// What the directory of people says of those who have left.
#[derive(Debug, Clone, Copy, Default)]
pub struct Departed<'a> {
    /// Who has, of those who may be asked.
    pub people: &'a [Person],
    /// Who is above the requester's manager, if that one has.
    pub above: Option<&'a Person>,
}

impl Matter<'_> {
    /// Whether somebody can be asked now. A manager whom only the directory of people knows can.
    fn can_ask(&self, who: &Person) -> bool {
        self.is_there(who, || [self.manager, self.departed.above].contains(&Some(who)))
    }

    /// Whether somebody who was asked is still there. Whoever is above the manager has the manager's place, also when
    /// nobody asks the directory.
    fn can_stay(&self, asked: &Asked) -> bool {
        let is_above = || self.manager.is_some() && self.manager == asked.stands_for.as_ref();
        self.can_ask(&asked.person) || self.is_there(&asked.person, is_above)
    }

    fn is_there(&self, who: &Person, is_manager: impl Fn() -> bool) -> bool {
        let is_unknown = || approver_of(self.catalog, who).is_none() && agent_of(self.catalog, who).is_none();
        let is_known = is_available(self.catalog, who, self.now);
        !self.departed.people.contains(who) && (is_known || (is_manager() && is_unknown()))
    }

    /// In whose place others are asked when somebody is not there any more: the manager's goes to whoever is above.
    fn place_of(&self, asked: Asked) -> Person {
        match asked.stands_for {
            Some(whom) if self.manager == Some(&whom) => whom,
            Some(_) | None => asked.person,
        }
    }
}

/// The people that a word of a step stands for, those who are not there included; a list is one place.
fn places(matter: Matter<'_>, who: &Who) -> Vec<Vec<Person>> {
    let catalog = matter.catalog;
    let members =
        |group: &str| catalog.members(group).map(|it| agent_person(catalog, &it.id)).collect::<Vec<_>>();
    match who {
        Who::Approver(id) => vec![catalog.approver(id).map(|it| it.person.clone()).into_iter().collect()],
        Who::Agent(id) => vec![vec![agent_person(catalog, id)]],
        Who::Group { id, each: false } => vec![members(id)],
        Who::Group { id, each: true } => members(id).into_iter().map(|it| vec![it]).collect(),
        Who::Manager => {
            vec![manager_of(matter).into_iter().collect()]
        }
        Who::Owner => {
            let service = catalog.services.iter().find(|it| it.id == matter.service);
            vec![service.map_or_else(Vec::new, |it| members(&it.owner))]
        }
    }
}

/// Who has planned a change, or submitted it, as they are asked and counted.
pub fn authors(catalog: &Catalog, ticket: &Ticket) -> Vec<Person> {
    let authors = ticket.change.iter().flat_map(|it| &it.plan.authors);
    authors.map(|it| as_asked(catalog, &agent_person(catalog, it))).collect()
}

/// Those of some people who can be asked, or who decides in their place; nobody who is taken, nobody twice.
fn askable(matter: Matter<'_>, people: &[Person], taken: &[Person]) -> Vec<Asked> {
    let mut asked: Vec<Asked> = vec![];
    // Nor does whoever stands in for the requester decide in their place.
    let is_own = |it: &Person| it == matter.requester || matter.authors.contains(it);
    let others = people.iter().filter(|it| !is_own(it));
    for it in others.filter_map(|it| stand_in(matter, it)) {
        let free = !is_own(&it.person) && !taken.contains(&it.person);
        if free && !asked.iter().any(|one| one.person == it.person) {
            asked.push(it);
        }
    }
    asked
}

/// The places of a step, with whoever can be asked for them.
pub(super) fn seats(matter: Matter<'_>, plan: &StepPlan) -> Vec<Seat> {
    let mut all: Vec<(usize, Vec<Person>, bool)> = vec![];
    for who in &plan.who {
        let each = matches!(who, Who::Group { each: true, .. });
        all.extend(places(matter, who).into_iter().map(|people| (0, people, each)));
    }
    // Whoever is named comes first: a group has others.
    for (at, place) in all.iter_mut().enumerate() {
        place.0 = at;
    }
    let mut order: Vec<&(usize, Vec<Person>, bool)> = all.iter().collect();
    order.sort_by_key(|(at, people, _)| (1 < people.len(), *at));
    let (mut seats, mut taken) = (vec![], vec![]);
    let mut own_places = 0;
    for (at, people, each) in order {
        let own = people.as_slice() == [matter.requester.clone()];
        own_places += usize::from(own);
        let asked = askable(matter, people, &taken);
        let left_out = asked.is_empty() && ((own && plan.own == OwnRequest::Skip) || (*each && !own));
        if !left_out {
            taken.extend(asked.iter().map(|it| it.person.clone()));
            seats.push((*at, Seat::of(asked)));
        }
    }
    seats.sort_by_key(|(at, _)| *at);
    let mut seats: Vec<Seat> = seats.into_iter().map(|(_, it)| it).collect();
    // Members of a group who are not there leave no place, but as many must agree: others take theirs. Nor is a step
    // ever satisfied by nobody.
    let wanted = match (plan.quorum, plan.own) {
        (Quorum::Count(count), OwnRequest::Refuse) => count as usize,
        (Quorum::Count(count), OwnRequest::Skip) => {
            (count as usize).min(all.len().saturating_sub(own_places))
        }
        (Quorum::Percent(_), _) => 1,
    };
    seats.resize(seats.len().max(wanted).max(1), Seat::default());
    fill(matter, plan, &mut seats);
    seats
}

/// Gives vacant places to the fallback: a share to each.
fn fill(matter: Matter<'_>, plan: &StepPlan, seats: &mut [Seat]) {
    let vacant: Vec<usize> = (0..seats.len()).filter(|it| is_vacant(&seats[*it])).collect();
    if vacant.is_empty() {
        return;
    }
    let taken: Vec<Person> = seats.iter().flat_map(Step::people).cloned().collect();
    let mut pool = fallback(matter, &plan.fallback, &taken, vacant.len());
    if pool.is_empty() && !matter.authors.is_empty() {
        // Nobody else can.
        let whos: Vec<Who> = plan.who.iter().chain(&plan.fallback).cloned().collect();
        pool = fallback(Matter { authors: &[], ..matter }, &whos, &taken, vacant.len());
    }
    for (at, asked) in pool.into_iter().enumerate() {
        seats[vacant[at % vacant.len()]].asked.push(asked);
    }
}

fn is_vacant(seat: &Seat) -> bool {
    seat.asked.is_empty() && seat.vote.is_none()
}

/// At least so many people for vacant places, if there are so many: those that the step names, then those who own the
/// service, then the first line.
fn fallback(matter: Matter<'_>, named: &[Who], taken: &[Person], wanted: usize) -> Vec<Asked> {
    let first_line = matter.catalog.template(FALLBACK).map(|it| it.group.clone());
    let first_line: Vec<Who> = first_line.into_iter().map(|id| Who::Group { id, each: false }).collect();
    let mut pool: Vec<Asked> = vec![];
    for whos in [named, &[Who::Owner], &first_line] {
        if wanted <= pool.len() {
            break;
        }
        let people: Vec<Person> = whos.iter().flat_map(|it| places(matter, it)).flatten().collect();
        let known: Vec<Person> = taken.iter().chain(pool.iter().map(|it| &it.person)).cloned().collect();
        pool.extend(askable(matter, &people, &known));
    }
    pool
}

/// Those to whom an open step is escalated.
pub(super) fn escalated(matter: Matter<'_>, step: &Step) -> Vec<Asked> {
    let people: Vec<Person> =
        step.plan.escalate_to.iter().flat_map(|it| places(matter, it)).flatten().collect();
    askable(matter, &people, &[])
}

/// The places of an open step whose people are not there any more, with those who are asked instead, and who left.
pub(super) fn refilled(matter: Matter<'_>, step: &Step) -> Vec<(usize, Vec<Asked>, Vec<Person>)> {
    let gone = |it: &Asked| !matter.can_stay(it);
    let mut seats = step.seats.clone();
    for at in 0..seats.len() {
        if seats[at].vote.is_some() || !seats[at].asked.iter().any(gone) {
            continue;
        }
        let (left, mut kept): (Vec<Asked>, Vec<Asked>) = seats[at].asked.drain(..).partition(gone);
        let left: Vec<Person> = left.into_iter().map(|it| matter.place_of(it)).collect();
        let taken = seats.iter().flat_map(Step::people).chain(kept.iter().map(|it| &it.person));
        let taken: Vec<Person> = taken.cloned().collect();
        kept.extend(askable(matter, &left, &taken));
        seats[at].asked = kept;
    }
    fill(matter, &step.plan, &mut seats);
    let changed =
        seats.into_iter().zip(&step.seats).enumerate().filter(|(_, (new, old))| new.asked != old.asked);
    let left = |old: &Seat| old.asked.iter().filter(|it| gone(it)).map(|it| it.person.clone()).collect();
    changed.map(|(at, (new, old))| (at, new.asked, left(old))).collect()
}

impl Step {
    /// The people of a place: who are asked for it and who filled it.
    pub(super) fn people(seat: &Seat) -> impl Iterator<Item = &Person> {
        seat.asked.iter().map(|it| &it.person).chain(seat.vote.iter().map(|it| &it.by))
    }
}
