//! Typed fields of a template, and the values that fit them.

mod pattern;

pub use self::pattern::{BadPattern, Pattern};
use super::{
    money::Money,
    number,
    people::{Bilingual, Language},
    priority::{Impact, Urgency},
    profile::Known,
    time::Timestamp,
};

/// One thing that a template wants to know.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Its id within the template.
    pub id: String,
    /// What it may hold.
    pub kind: FieldKind,
    /// Its name, for summaries.
    pub label: Bilingual,
    /// The question that asks for it.
    pub ask: Bilingual,
    /// Whether a ticket can do without.
    pub required: Required,
    /// What it has if nothing else is said; then nobody is asked.
    pub default: Option<FieldValue>,
    /// Words, in lower case, behind which people say its value without being asked: "access to", "申请".
    pub cues: Vec<String>,
    /// What it takes from the requester's entry in the directory, if nobody says it.
    pub from: Option<Known>,
}

/// Whether a field must be filled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Required {
    /// Taken when said, never asked for.
    No,
    /// Always.
    Yes,
    /// Only when another field has one of some values.
    When(When),
}

/// Holds if another field has one of these values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct When {
    /// Id of the other field.
    pub field: String,
    /// Its values, as text.
    pub any: Vec<String>,
}

impl When {
    /// Whether it holds for these values.
    pub fn holds(&self, values: &[(String, FieldValue)]) -> bool {
        values.iter().any(|(id, value)| *id == self.field && self.any.contains(&value.plain()))
    }
}

/// What a field may hold.
#[derive(Debug, Clone, PartialEq)]
pub enum FieldKind {
    /// Free text of a bounded length in characters.
    Text {
        /// At least this many.
        min: usize,
        /// At most this many.
        max: usize,
        /// What it must look like.
        pattern: Option<Pattern>,
    },
    /// One of some options.
    Choice(Vec<Choice>),
    /// A number within bounds.
    Number {
        /// At least.
        min: f64,
        /// At most.
        max: f64,
    },
    /// A point in time.
    DateTime,
    /// Tag of an asset.
    Asset {
        /// Ids of the types that are asked for; any if there are none.
        of: Vec<String>,
    },
    /// Somebody, as written.
    Person,
    /// A place, as written.
    Location,
}

/// One option of a choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Its id.
    pub id: String,
    /// Its name.
    pub label: Bilingual,
    /// Other words for it, in any language.
    pub synonyms: Vec<String>,
    /// A ticket with it has at least this urgency.
    pub urgency: Option<Urgency>,
    /// A ticket with it has at least this impact.
    pub impact: Option<Impact>,
    /// What the employee should do before anybody comes.
    pub advice: Option<Bilingual>,
    /// What it adds to the price.
    pub price: Option<Money>,
    /// All that people may call it, in lower case.
    names: Vec<String>,
}

impl Choice {
    /// An option by its id, its name, and other words for it.
    pub fn new(id: String, label: Bilingual, synonyms: Vec<String>) -> Self {
        let spoken = id.replace(['_', '-'], " ");
        let all = [&spoken, &label.en, &label.zh].into_iter().chain(&synonyms);
        let names = all.filter(|it| !it.is_empty()).map(|it| it.to_lowercase()).collect();
        Self { id, label, synonyms, urgency: None, impact: None, advice: None, price: None, names }
    }

    /// All that people may call it, in lower case: its id in words, its name in both languages, and
    /// the other words for it.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// How grave it is: by urgency, then by impact; an option that asks for neither is the least.
    pub fn gravity(&self) -> (Option<Urgency>, Option<Impact>) {
        (self.urgency, self.impact)
    }
}

/// A value that fits its field.
#[derive(Debug, Clone, PartialEq)]
pub enum FieldValue {
    /// Free text.
    Text(String),
    /// Id of an option.
    Choice(String),
    /// A number.
    Number(f64),
    /// A point in time.
    DateTime(Timestamp),
    /// Tag of an asset, upper case.
    Asset(String),
    /// Somebody, as written.
    Person(String),
    /// A place, as written.
    Location(String),
}

/// Why a value does not fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadValue {
    /// The template has no such field.
    #[error("the template has no field `{0}`; it has {1}")]
    Unknown(String, String),
    /// Of another type.
    #[error("expected {0}")]
    Type(&'static str),
    /// Too short or too long.
    #[error("must have {min} to {max} characters")]
    Length {
        /// At least.
        min: usize,
        /// At most.
        max: usize,
    },
    /// It does not look like the field's texts.
    #[error("must look like `{0}`")]
    Pattern(String),
    /// Not among the options.
    #[error("must be one of {0}")]
    Option(String),
    /// Out of bounds.
    #[error("must be a number from {min} to {max}")]
    Bounds {
        /// At least, as text.
        min: String,
        /// At most, as text.
        max: String,
    },
    /// Needed and not there.
    #[error("is required")]
    Missing,
}

/// Longest place or person as written, in characters.
const NAME: usize = 120;

impl FieldKind {
    /// As the catalogue writes it.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Text { .. } => "text",
            Self::Choice(_) => "choice",
            Self::Number { .. } => "number",
            Self::DateTime => "date_time",
            Self::Asset { .. } => "asset",
            Self::Person => "person",
            Self::Location => "location",
        }
    }

    /// A value from text that some other system wrote; none if it does not fit.
    pub fn read(&self, text: &str) -> Option<FieldValue> {
        let text = text.trim().to_owned();
        let value = match self {
            Self::Text { .. } => FieldValue::Text(text),
            Self::Choice(options) => {
                let lower = text.to_lowercase();
                let is_it = |it: &&Choice| it.id == lower || it.names().contains(&lower);
                FieldValue::Choice(options.iter().find(is_it)?.id.clone())
            }
            Self::Number { .. } => FieldValue::Number(number::read(&text).ok()?),
            Self::DateTime => FieldValue::DateTime(Timestamp::parse(&text)?),
            Self::Asset { .. } => FieldValue::Asset(text),
            Self::Person => FieldValue::Person(text),
            Self::Location => FieldValue::Location(text),
        };
        self.check(value).ok()
    }

    /// Checks a typed value, as programs send it.
    pub fn check(&self, value: FieldValue) -> Result<FieldValue, BadValue> {
        match (self, value) {
            (Self::Text { min, max, pattern }, FieldValue::Text(text)) => {
                text_like(text_within(&text, *min, *max)?, pattern.as_ref()).map(FieldValue::Text)
            }
            (Self::Choice(options), FieldValue::Choice(id)) => match options.iter().find(|it| it.id == id) {
                Some(_) => Ok(FieldValue::Choice(id)),
                None => Err(BadValue::Option(ids(options))),
            },
            (Self::Number { min, max }, FieldValue::Number(it)) if (*min..=*max).contains(&it) => {
                Ok(FieldValue::Number(it))
            }
            (Self::Number { min, max }, FieldValue::Number(_)) => {
                Err(BadValue::Bounds { min: min.to_string(), max: max.to_string() })
            }
            (Self::DateTime, FieldValue::DateTime(at)) => Ok(FieldValue::DateTime(at)),
            (Self::Asset { .. }, FieldValue::Asset(tag)) => {
                text_within(&tag, 2, 64).map(|it| FieldValue::Asset(it.to_uppercase()))
            }
            (Self::Person, FieldValue::Person(it)) => text_within(&it, 1, NAME).map(FieldValue::Person),
            (Self::Location, FieldValue::Location(it)) => text_within(&it, 1, NAME).map(FieldValue::Location),
            (
                Self::Text { .. }
                | Self::Choice(_)
                | Self::Number { .. }
                | Self::DateTime
                | Self::Asset { .. }
                | Self::Person
                | Self::Location,
                _,
            ) => Err(BadValue::Type(self.as_str())),
        }
    }
}

impl FieldValue {
    /// The value as plain text, for rules and downstream stores.
    pub fn plain(&self) -> String {
        match self {
            Self::Text(it) | Self::Choice(it) | Self::Asset(it) | Self::Person(it) | Self::Location(it) => {
                it.clone()
            }
            Self::Number(it) => it.to_string(),
            Self::DateTime(at) => at.rfc3339(),
        }
    }
}

impl Field {
    /// Its options; none unless it is a choice.
    pub fn options(&self) -> &[Choice] {
        if let FieldKind::Choice(options) = &self.kind { options } else { &[] }
    }

    /// What its texts must look like.
    pub fn pattern(&self) -> Option<&Pattern> {
        match &self.kind {
            FieldKind::Text { pattern, .. } => pattern.as_ref(),
            FieldKind::Choice(_)
            | FieldKind::Number { .. }
            | FieldKind::DateTime
            | FieldKind::Asset { .. }
            | FieldKind::Person
            | FieldKind::Location => None,
        }
    }

    /// The option that a value names, if this is a choice that has it.
    pub fn option(&self, value: &FieldValue) -> Option<&Choice> {
        let FieldValue::Choice(id) = value else { return None };
        self.options().iter().find(|it| it.id == *id)
    }

    /// The value as an employee should read it.
    pub fn show(&self, value: &FieldValue, language: Language) -> String {
        self.option(value).map_or_else(|| value.plain(), |it| it.label.get(language).to_owned())
    }
}

fn text_within(text: &str, min: usize, max: usize) -> Result<String, BadValue> {
    let text = text.trim();
    if (min..=max).contains(&text.chars().count()) {
        Ok(text.to_owned())
    } else {
        Err(BadValue::Length { min, max })
    }
}

fn text_like(text: String, pattern: Option<&Pattern>) -> Result<String, BadValue> {
    match pattern {
        Some(it) if !it.matches(&text) => Err(BadValue::Pattern(it.example.clone())),
        Some(_) | None => Ok(text),
    }
}

fn ids(options: &[Choice]) -> String {
    options.iter().map(|it| it.id.as_str()).collect::<Vec<_>>().join(", ")
}
