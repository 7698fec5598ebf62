//! What the directory of people says of somebody: how to reach and to address them, where they belong, whether they
//! are still here. Attributes and their names follow SCIM (RFC 7643, 4.1 and 4.3).

mod asking;
mod check;
mod circle;

pub use self::{
    asking::{Asker, Delegate, Directory, Leavers, MayAsk, SubjectFrom},
    circle::circle,
};
use super::{
    id::ProfileId,
    people::{Language, Person},
    template::{Template, Values},
    ticket::Asked,
    time::Timestamp,
};

/// Somebody's entry in the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Its identity; follows from tenant, issuer and subject.
    pub id: ProfileId,
    /// Who vouches for the subject.
    pub issuer: String,
    /// Stable id there. Stays when the user name changes.
    pub subject: String,
    /// What is known of them.
    pub details: Details,
    /// Who keeps the directory has taken them out: the entry stays for what they have asked for, and may come back.
    pub removed: bool,
    /// When they were entered.
    pub created: Timestamp,
    /// When they last changed.
    pub updated: Timestamp,
    /// Counts the changes.
    pub version: u64,
}

/// What is known of somebody; empty where nothing is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Details {
    /// What they log in with; nobody else of the tenant has it, in whatever case.
    pub user_name: String,
    /// Id of the system that keeps the directory.
    pub external_id: String,
    /// Name to show.
    pub display_name: String,
    /// The whole name as it is written on letters.
    pub formatted_name: String,
    /// Given name.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
    /// Title, such as "Head of Sales".
    pub title: String,
    /// E-mail addresses.
    pub emails: Vec<Contact>,
    /// Telephone numbers.
    pub phones: Vec<Contact>,
    /// Number among the staff.
    pub employee_number: String,
    /// Department.
    pub department: String,
    /// Cost centre.
    pub cost_centre: String,
    /// Site or office, as people write it.
    pub location: String,
    /// Language tag such as `zh-CN` (RFC 5646).
    pub language: String,
    /// Name of a time zone such as `Asia/Shanghai`.
    pub time_zone: String,
    /// Their manager.
    pub manager: Option<ProfileId>,
    /// Tags of their assets, upper case.
    pub assets: Vec<String>,
    /// Somebody whose tickets the desk takes special care of.
    pub vip: bool,
    /// They are still here.
    pub active: bool,
}

/// An e-mail address or a telephone number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contact {
    /// Itself.
    pub value: String,
    /// `work`, `home`, `mobile` or `other`; may be empty.
    pub kind: String,
    /// The one to use first.
    pub primary: bool,
}

/// What a template's field may take from the requester's entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// Name to show.
    Name,
    /// E-mail address.
    Email,
    /// Telephone number.
    Phone,
    /// Department.
    Department,
    /// Site or office.
    Location,
    /// Cost centre.
    CostCentre,
    /// Title.
    Title,
    /// The asset, of those who have one only.
    Asset,
}

impl Known {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Name,
        Self::Email,
        Self::Phone,
        Self::Department,
        Self::Location,
        Self::CostCentre,
        Self::Title,
        Self::Asset,
    ];

    /// As catalogues write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Department => "department",
            Self::Location => "location",
            Self::CostCentre => "cost_centre",
            Self::Title => "title",
            Self::Asset => "asset",
        }
    }
}

impl Default for Details {
    fn default() -> Self {
        Self {
            user_name: String::new(),
            external_id: String::new(),
            display_name: String::new(),
            formatted_name: String::new(),
            given_name: String::new(),
            family_name: String::new(),
            title: String::new(),
            emails: vec![],
            phones: vec![],
            employee_number: String::new(),
            department: String::new(),
            cost_centre: String::new(),
            location: String::new(),
            language: String::new(),
            time_zone: String::new(),
            manager: None,
            assets: vec![],
            vip: false,
            active: true,
        }
    }
}

impl Details {
    /// The name to show: the one that was given for it, else the whole name, else what they log in with.
    pub fn name(&self) -> String {
        let parts = [self.given_name.as_str(), self.family_name.as_str()];
        let whole = parts.into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>().join(" ");
        let names = [&self.display_name, &self.formatted_name, &whole, &self.user_name];
        names.into_iter().find(|it| !it.is_empty()).cloned().unwrap_or_default()
    }

    /// The address to write to: the primary one, else the first.
    pub fn email(&self) -> &str {
        first(&self.emails)
    }

    /// The number to call: the primary one, else the first.
    pub fn phone(&self) -> &str {
        first(&self.phones)
    }

    /// The language that they are best answered in, if it is one that the bot speaks.
    pub fn speaks(&self) -> Option<Language> {
        let tag = self.language.to_lowercase();
        match tag.split(['-', '_']).next() {
            Some("zh") => Some(Language::Zh),
            Some("en") => Some(Language::En),
            Some(_) | None => None,
        }
    }

    /// What makes two user names the same, whatever their case (RFC 7643, 4.1.1).
    pub fn user_key(&self) -> String {
        user_key(&self.user_name)
    }

    /// What is known, if anything.
    pub fn known(&self, what: Known) -> Option<String> {
        let value = match what {
            Known::Name => self.name(),
            Known::Email => self.email().to_owned(),
            Known::Phone => self.phone().to_owned(),
            Known::Department => self.department.clone(),
            Known::Location => self.location.clone(),
            Known::CostCentre => self.cost_centre.clone(),
            Known::Title => self.title.clone(),
            Known::Asset => match self.assets.as_slice() {
                [only] => only.clone(),
                [] | [_, _, ..] => String::new(),
            },
        };
        Some(value).filter(|it| !it.is_empty())
    }

    /// The names of what differs.
    pub fn changes(&self, other: &Self) -> Vec<&'static str> {
        let pairs = self.texts().into_iter().zip(other.texts());
        let texts = pairs.filter(|((_, a), (_, b))| a != b).map(|((name, _), _)| name);
        let rest = [
            ("emails", self.emails != other.emails),
            ("phones", self.phones != other.phones),
            ("manager", self.manager != other.manager),
            ("assets", self.assets != other.assets),
            ("vip", self.vip != other.vip),
            ("active", self.active != other.active),
        ];
        texts.chain(rest.into_iter().filter(|it| it.1).map(|it| it.0)).collect()
    }

    /// What is one text, with its name.
    pub fn texts(&self) -> [(&'static str, &str); 13] {
        [
            ("user_name", &self.user_name),
            ("external_id", &self.external_id),
            ("display_name", &self.display_name),
            ("formatted_name", &self.formatted_name),
            ("given_name", &self.given_name),
            ("family_name", &self.family_name),
            ("title", &self.title),
            ("employee_number", &self.employee_number),
            ("department", &self.department),
            ("cost_centre", &self.cost_centre),
            ("location", &self.location),
            ("language", &self.language),
            ("time_zone", &self.time_zone),
        ]
    }
}

impl Profile {
    /// Who they are to conversations and tickets.
    pub fn person(&self) -> Person {
        Person { issuer: self.issuer.clone(), subject: self.subject.clone(), name: self.details.name() }
    }

    /// Whether they are here: neither left nor taken out.
    pub fn is_here(&self) -> bool {
        self.details.active && !self.removed
    }

    /// What a ticket notes of its requester.
    pub fn asked(&self) -> Asked {
        let Details { vip, department, location, .. } = &self.details;
        let (department, location) = (department.clone(), location.clone());
        Asked { by: None, vip: *vip, department, location, manager: None }
    }
}

/// What makes two user names the same.
pub fn user_key(name: &str) -> String {
    name.trim().to_lowercase()
}

fn first(all: &[Contact]) -> &str {
    all.iter().find(|it| it.primary).or(all.first()).map_or("", |it| &it.value)
}

/// Sets what a template takes from the requester's entry and nobody has said.
pub fn fill(template: &Template, details: &Details, values: &mut Values) {
    for field in &template.fields {
        let is_there = values.iter().any(|(id, _)| *id == field.id);
        let known = field.from.filter(|_| !is_there).and_then(|it| details.known(it));
        if let Some(value) = known.and_then(|it| field.kind.read(&it)) {
            values.push((field.id.clone(), value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_to_show_is_the_best_that_is_known() {
        let mut details = Details { user_name: "ada".into(), ..Details::default() };
        assert_eq!(details.name(), "ada");
        details.family_name = "Lovelace".into();
        assert_eq!(details.name(), "Lovelace");
        details.given_name = "Ada".into();
        assert_eq!(details.name(), "Ada Lovelace");
        details.display_name = "A. Lovelace".into();
        assert_eq!(details.name(), "A. Lovelace");
    }

    #[test]
    fn a_field_takes_an_asset_only_if_there_is_one_to_take() {
        let mut details = Details { assets: vec!["NB-1".into()], ..Details::default() };
        assert_eq!(details.known(Known::Asset).as_deref(), Some("NB-1"));
        details.assets.push("NB-2".into());
        assert_eq!(details.known(Known::Asset), None);
    }

    #[test]
    fn what_differs_is_named() {
        let one = Details { user_name: "ada".into(), ..Details::default() };
        assert!(one.changes(&one).is_empty());
        let other = Details { department: "Sales".into(), vip: true, active: false, ..one.clone() };
        assert_eq!(one.changes(&other), ["department", "vip", "active"]);
    }
}
