//! Ticket templates: what kind of work it is, what must be known, and who gets it.

use super::{
    approval::Plan,
    assignment::Skill,
    change::Practice,
    field::{BadValue, Choice, Field, FieldValue, Required},
    money::Prices,
    people::Bilingual,
    priority::{Impact, Urgency},
    task::Step,
    ticket::TicketKind,
};

/// A ticket template. A ticket keeps the version that it was opened from.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    /// Its id; the text model's label for it.
    pub id: String,
    /// Rises with every change.
    pub version: u32,
    /// Which practice its tickets belong to.
    pub kind: TicketKind,
    /// Its name.
    pub label: Bilingual,
    /// Id of the service concerned.
    pub service: String,
    /// Id of the group that gets its tickets unless a rule says otherwise.
    pub group: String,
    /// When nothing is known of it.
    pub impact: Impact,
    /// When nothing is known of it.
    pub urgency: Urgency,
    /// Id of the SLA policy.
    pub sla: String,
    /// What an agent must be able to do.
    pub skills: Vec<Skill>,
    /// How many seconds of work it takes as a rule.
    pub handling: u32,
    /// What must be known, in the order of asking.
    pub fields: Vec<Field>,
    /// Who may ask for it.
    pub audience: Audience,
    /// What is to be done.
    pub steps: Vec<Step>,
    /// Who must agree before the work begins.
    pub approval: Option<Plan>,
    /// How its changes are planned and agreed to, of a template for changes.
    pub change: Option<Practice>,
    /// Whether the bot may offer an article before it opens one.
    pub knowledge: Knowledge,
    /// What it costs whoever asks for it.
    pub prices: Prices,
    /// Whether many who write about it may be an incident wave.
    pub waves: Waves,
}

/// Whether many who write about a template at once may be an incident wave. Only incidents are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Waves {
    /// They may.
    #[default]
    Watch,
    /// Never: it is about people, or nobody else shall hear of it.
    Never,
}

impl Waves {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Watch, Self::Never];

    /// As catalogues write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Watch => "watch",
            Self::Never => "never",
        }
    }
}

/// Whether the bot may offer an article of the knowledge before it opens a ticket of a template.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Knowledge {
    /// It may, if one is about it.
    #[default]
    Offer,
    /// Never: the desk must hear of it in any case.
    Never,
}

impl Knowledge {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Offer, Self::Never];

    /// As catalogues write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Offer => "offer",
            Self::Never => "never",
        }
    }
}

/// Who may ask for what a template offers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Audience {
    /// Everybody: the bot offers it.
    #[default]
    Everyone,
    /// Only the desk opens it; in a chat it is not there.
    Desk,
}

impl Audience {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Everyone, Self::Desk];

    /// As catalogues write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Everyone => "everyone",
            Self::Desk => "desk",
        }
    }
}

/// Field ids and values that fit them.
pub type Values = Vec<(String, FieldValue)>;

impl Template {
    /// Whether many who write about it may be an incident wave.
    pub fn is_watched(&self) -> bool {
        self.kind == TicketKind::Incident && self.waves == Waves::Watch
    }

    /// A field by its id.
    pub fn field(&self, id: &str) -> Option<&Field> {
        self.fields.iter().find(|it| it.id == id)
    }

    /// The options that the values name, each with its field, in the order of the fields.
    pub fn chosen<'a>(
        &'a self,
        values: &'a [(String, FieldValue)],
    ) -> impl Iterator<Item = (&'a Field, &'a Choice)> {
        let value = |field: &Field| values.iter().find(|(id, _)| *id == field.id).map(|(_, it)| it);
        self.fields.iter().filter_map(move |field| Some((field, field.option(value(field)?)?)))
    }

    /// The impact and the urgency that the chosen options ask for at least.
    pub fn least(&self, values: &[(String, FieldValue)]) -> (Option<Impact>, Option<Urgency>) {
        let more = |(impact, urgency): (Option<_>, Option<_>), (_, it): (&Field, &Choice)| {
            (it.impact.max(impact), it.urgency.max(urgency))
        };
        self.chosen(values).fold((None, None), more)
    }

    /// Impact and urgency as the catalogue's owner wrote them: the template's, or more by the chosen options.
    pub fn stated(&self, values: &[(String, FieldValue)]) -> (Impact, Urgency) {
        let (impact, urgency) = self.least(values);
        (
            impact.map_or(self.impact, |it| it.max(self.impact)),
            urgency.map_or(self.urgency, |it| it.max(self.urgency)),
        )
    }

    /// The options of all its fields.
    pub fn options(&self) -> impl Iterator<Item = &Choice> + Clone {
        self.fields.iter().flat_map(Field::options)
    }

    /// The values, and the defaults of the fields that have none.
    pub fn completed(&self, mut values: Values) -> Values {
        for field in &self.fields {
            let is_there = values.iter().any(|(id, _)| *id == field.id);
            if let Some(default) = field.default.as_ref().filter(|_| !is_there) {
                values.push((field.id.clone(), default.clone()));
            }
        }
        values
    }

    /// The first field that is needed, not there yet, and not among the skipped ones.
    pub fn missing(&self, values: &[(String, FieldValue)], skipped: &[String]) -> Option<&Field> {
        let values = self.completed(values.to_vec());
        let is_there = |it: &Field| values.iter().any(|(id, _)| *id == it.id) || skipped.contains(&it.id);
        self.fields.iter().find(|it| is_needed(it, &values) && !is_there(it))
    }

    /// Checks all values, each against its field, and that none is missing; fields without a value get their
    /// defaults. Names every fault.
    pub fn check(&self, values: Values) -> Result<Values, Vec<(String, BadValue)>> {
        let mut good = Values::new();
        let mut bad = Vec::new();
        for (id, value) in values {
            match self.check_one(&id, value) {
                Ok(value) => {
                    good.retain(|(it, _)| *it != id);
                    good.push((id, value));
                }
                Err(why) => bad.push((id, why)),
            }
        }
        good = self.completed(good);
        let absent = |it: &&Field| {
            is_needed(it, &good)
                && !good.iter().any(|(id, _)| *id == it.id)
                && !bad.iter().any(|(id, _)| *id == it.id)
        };
        let missing: Vec<_> =
            self.fields.iter().filter(absent).map(|it| (it.id.clone(), BadValue::Missing)).collect();
        bad.extend(missing);
        if bad.is_empty() { Ok(good) } else { Err(bad) }
    }

    /// Checks one value against its field.
    pub fn check_one(&self, id: &str, value: FieldValue) -> Result<FieldValue, BadValue> {
        let known = || self.fields.iter().map(|it| it.id.as_str()).collect::<Vec<_>>().join(", ");
        self.field(id).ok_or_else(|| BadValue::Unknown(id.to_owned(), known()))?.kind.check(value)
    }
}

/// Sets a value, in place of an earlier one.
pub fn set(values: &mut Values, id: &str, value: FieldValue) {
    match values.iter_mut().find(|(it, _)| it == id) {
        Some((_, old)) => *old = value,
        None => values.push((id.to_owned(), value)),
    }
}

fn is_needed(field: &Field, values: &[(String, FieldValue)]) -> bool {
    match &field.required {
        Required::No => false,
        Required::Yes => true,
        Required::When(when) => when.holds(values),
    }
}
