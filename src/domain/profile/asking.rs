//! How a desk uses its directory: whom entries of other systems stand for, what becomes of leavers, and who may ask
//! for whom.

use super::Profile;

/// How a desk uses its directory of people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directory {
    /// Who vouches for people whose entry names nobody: the issuer that the bot gives for them.
    pub issuer: String,
    /// What of an entry is the subject that the bot gives.
    pub subject: SubjectFrom,
    /// What becomes of the messages and new tickets of those who have left.
    pub leavers: Leavers,
    /// Who may open tickets for others: any of these.
    pub on_behalf: Vec<MayAsk>,
}

/// What of an entry is the subject, where the entry does not name one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SubjectFrom {
    /// What they log in with.
    #[default]
    UserName,
    /// Id of the system that keeps the directory.
    ExternalId,
    /// Their e-mail address.
    Email,
}

impl SubjectFrom {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::UserName, Self::ExternalId, Self::Email];

    /// As catalogues write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UserName => "user_name",
            Self::ExternalId => "external_id",
            Self::Email => "email",
        }
    }
}

/// What becomes of the messages and new tickets of those who have left.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Leavers {
    /// They are turned away politely.
    #[default]
    Refuse,
    /// They are served as before.
    Serve,
}

impl Leavers {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Refuse, Self::Serve];

    /// As catalogues write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Refuse => "refuse",
            Self::Serve => "serve",
        }
    }
}

/// Who may open tickets for others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MayAsk {
    /// Everybody.
    Anybody,
    /// Agents of the desk.
    Agents,
    /// Who is in the same department.
    SameDepartment,
    /// Who is their manager, or a manager of that one.
    Manager,
    /// Who is named.
    Delegate(Delegate),
}

/// Somebody who may open tickets for some others, by user names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delegate {
    /// Who.
    pub delegate: String,
    /// For whom; for everybody if empty.
    pub of: Vec<String>,
}

/// Who asks for somebody else, and what is known of them.
#[derive(Debug, Clone, Copy)]
pub struct Asker<'a> {
    /// As refusals name them.
    pub name: &'a str,
    /// Their entry.
    pub profile: Option<&'a Profile>,
    /// They are the caller, and work at the desk.
    pub is_agent: bool,
    /// They are above the requester.
    pub is_manager: bool,
}

impl Default for Directory {
    fn default() -> Self {
        Self {
            issuer: "chat".to_owned(),
            subject: SubjectFrom::default(),
            leavers: Leavers::default(),
            on_behalf: vec![MayAsk::Anybody],
        }
    }
}

impl MayAsk {
    /// In a sentence.
    fn words(&self) -> String {
        match self {
            Self::Anybody => "anybody".to_owned(),
            Self::Agents => "agents".to_owned(),
            Self::SameDepartment => "same_department".to_owned(),
            Self::Manager => "manager".to_owned(),
            Self::Delegate(it) => format!("delegate {}", it.delegate),
        }
    }

    fn allows(&self, asker: &Asker<'_>, requester: Option<&Profile>) -> bool {
        match self {
            Self::Anybody => true,
            Self::Agents => asker.is_agent,
            Self::Manager => asker.is_manager,
            Self::SameDepartment => asker.profile.zip(requester).is_some_and(|(a, b)| {
                let (a, b) = (&a.details.department, &b.details.department);
                !a.is_empty() && a.to_lowercase() == b.to_lowercase()
            }),
            Self::Delegate(it) => {
                let is = |name: &str, who: &Profile| super::user_key(name) == who.details.user_key();
                let is_them = asker.profile.is_some_and(|who| is(&it.delegate, who));
                let for_them = || requester.is_some_and(|who| it.of.iter().any(|name| is(name, who)));
                is_them && (it.of.is_empty() || for_them())
            }
        }
    }
}

impl Directory {
    /// Whether somebody may open a ticket for another; if not, which rules there are.
    pub fn may_ask(
        &self,
        asker: &Asker<'_>,
        requester: Option<&Profile>,
        requester_name: &str,
    ) -> Result<(), String> {
        if asker.profile.is_some_and(|it| !it.is_here()) {
            return Err(format!("`{}` has left and asks for nobody", asker.name));
        }
        if self.on_behalf.iter().any(|it| it.allows(asker, requester)) {
            return Ok(());
        }
        let rules: Vec<_> = self.on_behalf.iter().map(MayAsk::words).collect();
        let rules = if rules.is_empty() { "nobody".to_owned() } else { rules.join(", ") };
        Err(format!(
            "`{}` may not open tickets for `{requester_name}`: people.on_behalf of the catalogue lets {rules} do so",
            asker.name
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::{super::Details, *};
    use crate::domain::{
        id::{ProfileId, Slot},
        time::Timestamp,
    };

    fn profile(name: &str, department: &str) -> Profile {
        let details = Details { user_name: name.into(), department: department.into(), ..Details::default() };
        Profile {
            id: ProfileId::new([1; 16], Slot(0)),
            issuer: "chat".into(),
            subject: name.into(),
            details,
            removed: false,
            created: Timestamp(0),
            updated: Timestamp(0),
            version: 1,
        }
    }

    fn may(rules: Vec<MayAsk>, asker: &Profile, requester: &Profile) -> Result<(), String> {
        let asker = Asker {
            name: &asker.details.user_name,
            profile: Some(asker),
            is_agent: false,
            is_manager: false,
        };
        Directory { on_behalf: rules, ..Directory::default() }.may_ask(&asker, Some(requester), "bo")
    }

    #[test]
    fn a_refusal_names_the_rules() {
        let (ada, bo) = (profile("ada", "Sales"), profile("bo", "HR"));
        let refused = may(vec![MayAsk::SameDepartment, MayAsk::Manager], &ada, &bo).unwrap_err();
        assert!(refused.contains("same_department, manager") && refused.contains("`ada`"), "{refused}");
        assert!(may(vec![], &ada, &bo).unwrap_err().contains("lets nobody"));
    }

    #[test]
    fn a_department_without_a_name_is_nobodys() {
        let (ada, bo) = (profile("ada", ""), profile("bo", ""));
        assert!(may(vec![MayAsk::SameDepartment], &ada, &bo).is_err());
        let (ada, bo) = (profile("ada", "sales"), profile("bo", "Sales"));
        assert!(may(vec![MayAsk::SameDepartment], &ada, &bo).is_ok());
    }

    #[test]
    fn a_delegate_asks_for_those_who_are_named() {
        let (ada, bo) = (profile("Ada", ""), profile("bo", ""));
        let delegate = |of: &[&str]| {
            let of = of.iter().map(|it| (*it).to_owned()).collect();
            vec![MayAsk::Delegate(Delegate { delegate: "ada".into(), of })]
        };
        assert!(may(delegate(&["BO"]), &ada, &bo).is_ok());
        assert!(may(delegate(&["cy"]), &ada, &bo).is_err());
        assert!(may(delegate(&[]), &ada, &bo).is_ok());
        assert!(may(delegate(&[]), &bo, &ada).is_err());
    }

    #[test]
    fn whoever_has_left_asks_for_nobody() {
        let (mut ada, bo) = (profile("ada", ""), profile("bo", ""));
        ada.details.active = false;
        assert!(may(vec![MayAsk::Anybody], &ada, &bo).unwrap_err().contains("has left"));
    }
}
