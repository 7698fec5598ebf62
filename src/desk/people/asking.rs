//! Who asks for whom: what the directory says of the requester of a new ticket, and whether its opener may open it.

use super::{above, profile_id};
use crate::{
    desk::{Desk, command::NewTicket, fault::Fault},
    domain::{
        approval::Plan,
        catalog::Catalog,
        people::{Caller, Person, Role},
        profile::{Asker, Leavers, MayAsk, Profile, user_key},
        ticket::Asked,
    },
};

/// What the directory says of a new ticket's requester, and what follows.
#[derive(Debug, Clone, Default)]
pub(in crate::desk) struct Asking {
    /// The requester's entry.
    pub(in crate::desk) profile: Option<Profile>,
    /// What the ticket keeps of it.
    pub(in crate::desk) asked: Asked,
    /// Why it may not be opened.
    pub(in crate::desk) refusal: Option<Fault>,
}

impl Desk {
    /// The entry of a requester.
    pub(in crate::desk) async fn profile_of(
        &self,
        caller: &Caller,
        who: &Person,
    ) -> Result<Option<Profile>, Fault> {
        Ok(self.store.profile(&caller.tenant, profile_id(&caller.tenant, who)).await?)
    }

    /// Looks up who asks for whom.
    pub(in crate::desk) async fn asking(
        &self,
        caller: &Caller,
        catalog: &Catalog,
        new: &NewTicket,
    ) -> Result<Asking, Fault> {
        let profile = self.profile_of(caller, &new.requester).await?;
        let (asker, opener) = self.opener(caller, catalog, new).await?;
        let is_self = opener == new.requester;
        let mut refusal = left(catalog, profile.as_ref());
        if !is_self && refusal.is_none() {
            let name = asker.as_ref().map_or(opener.subject.as_str(), |it| it.details.user_name.as_str());
            let asker = Asker {
                name,
                profile: asker.as_ref(),
                is_agent: new.opened_by.is_none() && caller.has(&[Role::Agent]),
                is_manager: self.is_above(caller, catalog, asker.as_ref(), profile.as_ref()).await?,
            };
            let may = catalog.people.may_ask(&asker, profile.as_ref(), &new.requester.subject);
            refusal = may.err().map(Fault::Forbidden);
        }
        let by = Some(opener).filter(|_| !is_self);
        let asked = self.asked(caller, catalog, profile.as_ref()).await?;
        let asked = Asked { by, ..asked };
        Ok(Asking { profile, asked, refusal })
    }

    /// What a ticket notes of its requester.
    pub(in crate::desk) async fn asked(
        &self,
        caller: &Caller,
        catalog: &Catalog,
        profile: Option<&Profile>,
    ) -> Result<Asked, Fault> {
        let Some(profile) = profile else { return Ok(Asked::default()) };
        let mut plans = catalog.templates.iter().filter_map(|it| it.approval.as_ref());
        if plans.any(Plan::asks_managers) {
            let managers = above(&self.store, &caller.tenant, profile.details.manager).await?;
            let manager = managers.iter().find(|it| it.is_here()).map(Profile::person);
            return Ok(Asked { manager, ..profile.asked() });
        }
        Ok(profile.asked())
    }

    /// Who opens a ticket, and their entry: whom a program speaks for, else the caller themselves.
    async fn opener(
        &self,
        caller: &Caller,
        catalog: &Catalog,
        new: &NewTicket,
    ) -> Result<(Option<Profile>, Person), Fault> {
        if let Some(who) = &new.opened_by {
            return Ok((self.profile_of(caller, who).await?, who.clone()));
        }
        let agent = catalog.agent(&caller.subject);
        let name = agent.map_or_else(|| user_key(&caller.subject), |it| it.user_key());
        let found = self.store.profiles_by_name(&caller.tenant, &[name]).await?.into_iter().next();
        let own = || Person { subject: caller.subject.clone(), ..Person::default() };
        let who = found.as_ref().map_or_else(own, Profile::person);
        Ok((found, who))
    }

    /// Whether somebody is above another, if that matters.
    async fn is_above(
        &self,
        caller: &Caller,
        catalog: &Catalog,
        asker: Option<&Profile>,
        requester: Option<&Profile>,
    ) -> Result<bool, Fault> {
        let matters = catalog.people.on_behalf.contains(&MayAsk::Manager);
        let Some(asker) = asker.filter(|_| matters) else { return Ok(false) };
        let first = requester.and_then(|it| it.details.manager);
        let managers = above(&self.store, &caller.tenant, first).await?;
        Ok(managers.iter().any(|it| it.id == asker.id))
    }
}

/// Why nothing is opened for somebody who has left.
fn left(catalog: &Catalog, requester: Option<&Profile>) -> Option<Fault> {
    let gone = requester.filter(|it| !it.is_here() && catalog.people.leavers == Leavers::Refuse)?;
    let name = &gone.details.user_name;
    Some(Fault::Left(format!("`{name}` has left, and people.leavers of the catalogue turns leavers away")))
}
