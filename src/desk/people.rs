//! The directory of people: entering and finding them, what the desk does when they leave, and who may ask for whom.

mod asking;
mod enter;
pub mod import;
mod leaving;
mod names;

use std::{collections::HashMap, sync::Arc};

pub use self::{
    enter::{Entry, Guard, Outcome},
    names::Names,
};
use super::{Desk, digest, fault::Fault, slot};
use crate::{
    clock,
    domain::{
        catalog::Catalog,
        id::{ProfileId, Slot},
        people::{Caller, Person, Tenant},
        profile::{Details, Profile, SubjectFrom, circle, user_key},
        time::Timestamp,
    },
    proto::v1,
    store::{PeopleFilter, Store, Work},
};

/// Managers of managers that are followed; no company has as many ranks.
const RANKS: usize = 64;
/// How often a change is decided again because somebody was faster.
const TRIES: usize = 5;

/// A tenant's directory of people, on whose behalf it is worked on, and how the catalogue uses it.
#[derive(Clone)]
pub struct Directory {
    store: Store,
    catalog: Arc<Catalog>,
    tenant: Tenant,
    actor: String,
    /// Ids of agents by the user name that the directory knows them by.
    agents: Arc<HashMap<String, Vec<String>>>,
}

/// The request behind a change: the same again has one effect, and gets the first answer.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Its id.
    pub request: &'a str,
    /// All that it asks for, in whatever form.
    pub content: &'a [u8],
}

/// How callers point at somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PersonRef {
    /// By the identity of the entry.
    Id(ProfileId),
    /// By the user name, in lower case.
    UserName(String),
}

impl PersonRef {
    /// Reads `ppl_…` or a user name.
    pub fn parse(raw: &str) -> Self {
        raw.trim().parse().map_or_else(|_| Self::UserName(user_key(raw)), Self::Id)
    }
}

/// Which people are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Which {
    /// The primary e-mail address.
    pub email: Option<String>,
    /// The department.
    pub department: Option<String>,
    /// The manager.
    pub manager: Option<PersonRef>,
    /// Whether they are here.
    pub active: Option<bool>,
    /// Id of the system that keeps the directory.
    pub external_id: Option<String>,
}

/// Somebody to be entered: who they are where that is said, and what is known of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewPerson {
    /// Who vouches for the subject; the catalogue's issuer if not said.
    pub issuer: Option<String>,
    /// Stable id there; what the catalogue takes for it if not said.
    pub subject: Option<String>,
    /// What is known, but for the manager.
    pub details: Details,
    /// Their manager.
    pub manager: Option<PersonRef>,
}

impl Desk {
    /// The directory of the caller's tenant.
    pub fn directory(&self, caller: &Caller) -> Directory {
        Directory::new(
            self.store.clone(),
            self.catalog(caller),
            caller.tenant.clone(),
            caller.subject.clone(),
        )
    }
}

/// An id for a request that brings none.
pub fn new_request() -> String {
    format!("people-{}", clock::new_id())
}

/// Identity of somebody's entry, from who they are: it can be told without looking.
pub(super) fn profile_id(tenant: &Tenant, who: &Person) -> ProfileId {
    let hash = digest(&["person", tenant.as_str(), &who.key()]);
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    ProfileId::new(bytes, slot(tenant, who))
}

impl Directory {
    /// The directory of a tenant as a catalogue uses it; `actor` stands in the history for whoever works on it.
    pub fn new(store: Store, catalog: Arc<Catalog>, tenant: Tenant, actor: String) -> Self {
        let mut agents: HashMap<String, Vec<String>> = HashMap::new();
        for it in &catalog.agents {
            agents.entry(it.user_key()).or_default().push(it.id.clone());
        }
        Self { store, catalog, tenant, actor, agents: Arc::new(agents) }
    }

    /// Identity of the entry of somebody.
    pub fn id(&self, who: &Person) -> ProfileId {
        profile_id(&self.tenant, who)
    }

    /// One entry that was not taken out.
    pub async fn get(&self, which: &PersonRef) -> Result<Profile, Fault> {
        let found = self.find(which).await?.filter(|it| !it.removed);
        found.ok_or(Fault::NotFound("person"))
    }

    /// One entry, also one that was taken out if it is asked for by id.
    pub async fn find(&self, which: &PersonRef) -> Result<Option<Profile>, Fault> {
        match which {
            PersonRef::Id(id) => Ok(self.store.profile(&self.tenant, *id).await?),
            PersonRef::UserName(name) => {
                let found = self.store.profiles_by_name(&self.tenant, std::slice::from_ref(name)).await?;
                Ok(found.into_iter().next())
            }
        }
    }

    /// Entries in the order of their ids, behind one of them.
    pub async fn list(
        &self,
        which: Which,
        after: Option<ProfileId>,
        limit: u32,
    ) -> Result<Vec<Profile>, Fault> {
        let manager = match &which.manager {
            None => None,
            Some(PersonRef::Id(id)) => Some(*id),
            Some(named) => Some(self.get(named).await?.id),
        };
        let filter = PeopleFilter {
            email: which.email.map(|it| it.to_lowercase()),
            department: which.department.map(|it| it.to_lowercase()),
            external_id: which.external_id,
            active: which.active,
            manager,
            ..PeopleFilter::default()
        };
        Ok(self.store.people(&self.tenant, &filter, after, limit).await?)
    }

    /// Entries by their place in the order of ids.
    pub async fn page(&self, offset: u64, limit: u32) -> Result<Vec<Profile>, Fault> {
        Ok(self.store.people_from(&self.tenant, offset, limit).await?)
    }

    /// How many entries there are.
    pub async fn count(&self) -> Result<u64, Fault> {
        Ok(self.store.count_people(&self.tenant).await?)
    }

    /// What happened to an entry, oldest first.
    pub async fn history(&self, id: ProfileId, limit: u32) -> Result<Vec<v1::Event>, Fault> {
        Ok(self.store.profile_history(&self.tenant, id, 0, limit).await?)
    }

    /// The catalogue's groups with their agents, and whose entries these are.
    pub async fn groups(&self) -> Result<Vec<(String, String, Vec<Profile>)>, Fault> {
        let names: Vec<String> = self.agents.keys().cloned().collect();
        let people = self.store.profiles_by_name(&self.tenant, &names).await?;
        let by_name: HashMap<String, Profile> =
            people.into_iter().map(|it| (it.details.user_key(), it)).collect();
        let group = |it: &crate::domain::assignment::Group| {
            let members = self.catalog.members(&it.id).filter_map(|it| by_name.get(&it.user_key()).cloned());
            (it.id.clone(), it.name.en.clone(), members.collect())
        };
        Ok(self.catalog.groups.iter().map(group).collect())
    }

    /// Enters somebody, or replaces what is known of them.
    pub async fn put(&self, asked: Asked<'_>, new: NewPerson, guard: Guard) -> Result<Profile, Fault> {
        let named = self.store.profiles_by_name(&self.tenant, &[new.details.user_key()]).await?;
        let entry = self.entry(new, named.first()).await?;
        self.enter(asked, entry, guard).await
    }

    /// Replaces what is known of somebody who stands in the directory.
    pub async fn replace(
        &self,
        asked: Asked<'_>,
        who: &Profile,
        details: Details,
        guard: Guard,
    ) -> Result<Profile, Fault> {
        let entry = Entry {
            id: who.id,
            issuer: who.issuer.clone(),
            subject: who.subject.clone(),
            details,
            removed: false,
        };
        self.enter(asked, entry, guard).await
    }

    /// Changes what is known of somebody who stands in the directory. Without a version it is decided again if they
    /// changed meanwhile.
    pub async fn change(
        &self,
        asked: Asked<'_>,
        who: &PersonRef,
        change: impl Fn(&mut Details),
        manager: Option<PersonRef>,
        guard: Guard,
    ) -> Result<Profile, Fault> {
        let manager = match &manager {
            None => None,
            Some(which) => {
                let unknown = || Fault::field("change.manager", "no such person in the directory");
                Some(self.find(which).await?.ok_or_else(unknown)?.id)
            }
        };
        for _ in 1..TRIES {
            match self.change_once(asked, who, &change, manager, guard).await {
                Err(Fault::Stale { .. }) if guard == Guard::Any => {}
                settled => return settled,
            }
        }
        self.change_once(asked, who, &change, manager, guard).await
    }

    async fn change_once(
        &self,
        asked: Asked<'_>,
        who: &PersonRef,
        change: &impl Fn(&mut Details),
        manager: Option<ProfileId>,
        guard: Guard,
    ) -> Result<Profile, Fault> {
        let before = self.get(who).await?;
        let mut details = before.details.clone();
        change(&mut details);
        details.manager = manager.or(details.manager);
        let at = if guard == Guard::Any { Guard::Version(before.version) } else { guard };
        self.replace(asked, &before, details, at).await
    }

    /// Notes that somebody has left; they may be taken out of the directory as well.
    pub async fn leave(
        &self,
        asked: Asked<'_>,
        who: &Profile,
        removed: bool,
        guard: Guard,
    ) -> Result<Profile, Fault> {
        let entry = Entry {
            id: who.id,
            issuer: who.issuer.clone(),
            subject: who.subject.clone(),
            details: Details { active: false, ..who.details.clone() },
            removed,
        };
        self.enter(asked, entry, guard).await
    }

    /// Whether the manager of an entry is there and not below them.
    async fn check_manager(&self, entry: &Entry) -> Result<(), Fault> {
        let Some(manager) = entry.details.manager else { return Ok(()) };
        let chain = above(&self.store, &self.tenant, Some(manager)).await?;
        if chain.is_empty() && manager != entry.id {
            return Err(Fault::field("manager", format!("no person `{manager}` in the directory")));
        }
        let managers: HashMap<_, _> = chain.iter().map(|it| (it.id, it.details.manager)).collect();
        let above = |id| if id == entry.id { Some(manager) } else { managers.get(&id).copied().flatten() };
        let Some(found) = circle(entry.id, above) else { return Ok(()) };
        let name = |id: &ProfileId| match chain.iter().find(|it| it.id == *id) {
            Some(it) if *id != entry.id => it.details.user_name.clone(),
            Some(_) | None => entry.details.user_name.clone(),
        };
        let names: Vec<_> = found.iter().map(name).collect();
        Err(Fault::field("manager", circular(&names)))
    }

    /// Who and what is to be entered: whom a user name stands for already, or else somebody new.
    async fn entry(&self, new: NewPerson, named: Option<&Profile>) -> Result<Entry, Fault> {
        let manager = match &new.manager {
            None => None,
            Some(which) => {
                let unknown = || Fault::field("manager", "no such person in the directory");
                Some(self.find(which).await?.ok_or_else(unknown)?.id)
            }
        };
        let details = Details { manager, ..new.details };
        let subject_follows = new.subject.is_none();
        let (issuer, subject) = match named {
            Some(it) if new.subject.is_none() && new.issuer.as_ref().is_none_or(|is| *is == it.issuer) => {
                (it.issuer.clone(), it.subject.clone())
            }
            Some(_) | None => self
                .identity(new.issuer, new.subject, &details)
                .map_err(|(field, problem)| Fault::field(field, problem))?,
        };
        let who = Person { issuer, subject, name: String::new() };
        let id = self.id(&who);
        // A subject that follows from a user name may be that of somebody who was called so before.
        if named.is_none()
            && subject_follows
            && let Some(other) = self.store.profile(&self.tenant, id).await?
            && !other.removed
        {
            let (subject, name) = (&who.subject, &other.details.user_name);
            return Err(Fault::Taken(format!(
                "`{subject}` is the subject of `{name}`; give this one a subject of their own"
            )));
        }
        Ok(Entry { id, issuer: who.issuer, subject: who.subject, details, removed: false })
    }

    /// Issuer and subject of somebody who is new.
    fn identity(
        &self,
        issuer: Option<String>,
        subject: Option<String>,
        details: &Details,
    ) -> Result<(String, String), (&'static str, String)> {
        let rules = &self.catalog.people;
        let (from, taken) = match rules.subject {
            SubjectFrom::UserName => ("user_name", details.user_name.trim()),
            SubjectFrom::ExternalId => ("external_id", details.external_id.trim()),
            SubjectFrom::Email => ("emails", details.email()),
        };
        let subject = subject.unwrap_or_else(|| taken.to_owned());
        if subject.is_empty() {
            return Err((
                from,
                format!("is what the catalogue takes for the subject ({from}), so it must be there"),
            ));
        }
        Ok((issuer.unwrap_or_else(|| rules.issuer.clone()), subject))
    }

    /// Work on the directory, with nothing wanted yet.
    fn work(&self, request: String, content: [u8; 32], slot: Slot, at: Timestamp) -> Work {
        Work {
            tenant: self.tenant.clone(),
            request,
            content,
            actor: self.actor.clone(),
            at,
            slot,
            wants: crate::store::Wants::default(),
        }
    }
}

/// What is wrong with managers in a circle.
fn circular(names: &[String]) -> String {
    format!("would make a circle of managers: {}", names.join(" -> "))
}

/// The managers above somebody, from the lowest on. Ends where a circle begins.
pub(super) async fn above(
    store: &Store,
    tenant: &Tenant,
    first: Option<ProfileId>,
) -> Result<Vec<Profile>, Fault> {
    let mut chain: Vec<Profile> = vec![];
    let mut next = first;
    while let Some(id) = next.filter(|id| chain.len() < RANKS && !chain.iter().any(|it| it.id == *id)) {
        let Some(manager) = store.profile(tenant, id).await? else { break };
        next = manager.details.manager;
        chain.push(manager);
    }
    Ok(chain)
}
