//! Who is who: tenants, the people that identity providers vouch for, and callers.

use std::fmt;

/// A tenant's short name: the wall that every row, call and metric stays behind.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tenant(String);

impl Tenant {
    /// Lower-case letters, digits and hyphens, 1 to 32 of them.
    pub fn parse(raw: &str) -> Option<Self> {
        let legal = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-';
        ((1..=32).contains(&raw.len()) && raw.bytes().all(legal)).then(|| Self(raw.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Somebody, as an identity provider knows them. Two people are one if issuer and subject agree;
/// the name is for showing.
#[derive(Debug, Clone, Default)]
pub struct Person {
    /// Who vouches for the subject.
    pub issuer: String,
    /// Stable id there.
    pub subject: String,
    /// Name to show; may be empty.
    pub name: String,
}

impl PartialEq for Person {
    fn eq(&self, other: &Self) -> bool {
        (&self.issuer, &self.subject) == (&other.issuer, &other.subject)
    }
}

impl Eq for Person {}

impl Person {
    /// One text for (issuer, subject), unlike for unlike people: the issuer's length goes first, so
    /// no choice of separators in either part can make two people look alike.
    pub fn key(&self) -> String {
        format!("{}:{}:{}", self.issuer.len(), self.issuer, self.subject)
    }
}

/// What a caller may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Speaks for employees, and says who they are.
    Bot,
    /// Another program that asks for routing suggestions.
    Service,
    /// Works on tickets.
    Agent,
    /// Owns the catalogue.
    Manager,
    /// Trains and promotes models.
    MlEngineer,
    /// Keeps the directory of people, and nothing else: an identity provider.
    Directory,
    /// Makes tokens and tenants.
    Admin,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 7] = [
        Self::Bot,
        Self::Service,
        Self::Agent,
        Self::Manager,
        Self::MlEngineer,
        Self::Directory,
        Self::Admin,
    ];

    /// As written in settings and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bot => "bot",
            Self::Service => "service",
            Self::Agent => "agent",
            Self::Manager => "manager",
            Self::MlEngineer => "ml_engineer",
            Self::Directory => "directory",
            Self::Admin => "admin",
        }
    }

    /// Reads what `as_str` writes.
    pub fn parse(raw: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == raw)
    }
}

/// On whose behalf a command runs. Only the entries make one: from a credential, or as a part of the
/// system with its own name in the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Whose desk.
    pub tenant: Tenant,
    /// Who, for the history.
    pub subject: String,
    /// What they may do.
    pub roles: Vec<Role>,
}

impl Caller {
    /// A part of the system.
    pub fn system(tenant: Tenant, name: &'static str) -> Self {
        Self { tenant, subject: format!("system:{name}"), roles: Role::ALL.to_vec() }
    }

    /// Whether any of the roles is held.
    pub fn has(&self, any: &[Role]) -> bool {
        any.iter().any(|role| self.roles.contains(role))
    }
}

/// Language that somebody is answered in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Chinese, simplified.
    Zh,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::En, Self::Zh];

    /// Its code in ISO 639.
    pub fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh",
        }
    }

    /// Reads what `code` gives.
    pub fn parse(raw: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.code() == raw)
    }
}

/// A text in both languages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bilingual {
    /// English.
    pub en: String,
    /// Chinese.
    pub zh: String,
}

impl Bilingual {
    /// The text in a language.
    pub fn get(&self, language: Language) -> &str {
        match language {
            Language::En => &self.en,
            Language::Zh => &self.zh,
        }
    }
}
