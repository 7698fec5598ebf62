//! Articles of the desk's knowledge: what somebody can do themselves, written down once. Each change is a revision that
//! stays; what readers see is the revision that was published last.

mod check;
mod life;
pub mod rank;

pub use self::life::{ARTICLE, Refused};
use super::{
    id::{ArticleId, TicketId},
    people::Language,
    time::Timestamp,
};

/// One revision of an article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Article {
    /// The article's identity.
    pub id: ArticleId,
    /// What people call it, as `KB0000001`.
    pub number: String,
    /// Counts the changes, from 1.
    pub revision: u64,
    /// Where this revision is in its life.
    pub state: ArticleState,
    /// The revision that readers see; none while nothing is published.
    pub published: Option<u64>,
    /// What it says and of what.
    pub content: Content,
    /// The resolved ticket that it was drafted from.
    pub ticket: Option<TicketId>,
    /// Who made this revision.
    pub author: String,
    /// When the article was created.
    pub created: Timestamp,
    /// When this revision was made.
    pub updated: Timestamp,
}

/// What an article says, of what, and to whom.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Content {
    /// Who may read it.
    pub audience: Audience,
    /// The texts, at most one a language.
    pub texts: Vec<Text>,
    /// Ids of templates whose tickets it may save.
    pub templates: Vec<String>,
    /// Ids of services that it is about.
    pub services: Vec<String>,
    /// Who answers for it: an agent, a group, an address.
    pub owner: String,
    /// When somebody is to look whether it is still true.
    pub review: Option<Timestamp>,
}

/// An article in one language. It is kept byte for byte as it came; whoever shows it as HTML has to escape it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text {
    /// The language.
    pub language: Language,
    /// One line.
    pub title: String,
    /// What to do in a few sentences of plain text: what the bot says.
    pub summary: String,
    /// All of it, in Markdown.
    pub body: String,
}

/// Where a revision is in its life.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ArticleState {
    /// Being written: readers do not see this revision.
    #[default]
    Draft,
    /// Readers see it.
    Published,
    /// Nobody shall see it any more.
    Retired,
}

/// Who may read an article.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Audience {
    /// Employees and the desk.
    #[default]
    Everyone,
    /// The desk alone.
    Desk,
}

/// What came of an article for one reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Use {
    /// It was shown, and they have said nothing.
    Shown,
    /// They say that it helped.
    Helped,
    /// They say that it did not.
    NotHelped,
}

/// How often an article was shown to somebody, and what they said. Nobody counts twice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Readers to whom it was shown.
    pub shown: u64,
    /// Those of them who say that it helped.
    pub helped: u64,
    /// Those who say that it did not.
    pub not_helped: u64,
}

impl ArticleState {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Draft, Self::Published, Self::Retired];

    /// As stored and as the command line writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Published => "published",
            Self::Retired => "retired",
        }
    }

    /// Reads what `as_str` writes.
    pub fn parse(raw: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == raw)
    }
}

impl Audience {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Everyone, Self::Desk];

    /// As files write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Everyone => "everyone",
            Self::Desk => "desk",
        }
    }

    /// Reads what `as_str` writes.
    pub fn parse(raw: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == raw)
    }
}

impl Use {
    /// In words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Shown => "shown",
            Self::Helped => "helped",
            Self::NotHelped => "did not help",
        }
    }
}

impl Counts {
    /// These and what changes when a reader goes from one use to another.
    #[must_use]
    pub fn after(self, before: Option<Use>, now: Use) -> Self {
        let without = |count: u64, was: Use| count.saturating_sub(u64::from(before == Some(was)));
        let with = |count: u64, is: Use| count + u64::from(now == is);
        Self {
            shown: self.shown + u64::from(before.is_none()),
            helped: with(without(self.helped, Use::Helped), Use::Helped),
            not_helped: with(without(self.not_helped, Use::NotHelped), Use::NotHelped),
        }
    }
}

impl Article {
    /// Its text in a language.
    pub fn text(&self, language: Language) -> Option<&Text> {
        self.content.texts.iter().find(|it| it.language == language)
    }

    /// Its text in a language, else in another.
    pub fn any_text(&self, language: Language) -> Option<&Text> {
        self.text(language).or(self.content.texts.first())
    }

    /// Whether readers see this very revision.
    pub fn is_in_sight(&self) -> bool {
        self.published == Some(self.revision)
    }

    /// Whether a look whether it is still true is overdue.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.state != ArticleState::Retired && self.content.review.is_some_and(|it| it <= now)
    }
}

/// An article's number from its count: `KB0000001`.
pub fn number(count: u64) -> String {
    format!("{PREFIX}{count:07}")
}

/// What the numbers of articles begin with.
pub const PREFIX: &str = "KB";

/// How callers point at an article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ArticleRef {
    /// By its identity.
    Id(ArticleId),
    /// By its number.
    Number(String),
}

impl ArticleRef {
    /// Reads `art_…` or a number in any case, with or without leading zeros.
    pub fn parse(raw: &str) -> Option<Self> {
        let raw = raw.trim();
        if let Ok(id) = raw.parse() {
            return Some(Self::Id(id));
        }
        let digits = raw.get(..2).filter(|it| it.eq_ignore_ascii_case(PREFIX)).and(raw.get(2..))?;
        let is_number = (1..=18).contains(&digits.len()) && digits.bytes().all(|it| it.is_ascii_digit());
        let count = digits.parse().ok().filter(|_| is_number)?;
        Some(Self::Number(number(count)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_found_however_it_is_typed() {
        let seven = Some(ArticleRef::Number("KB0000007".into()));
        assert_eq!(ArticleRef::parse("kb7"), seven);
        assert_eq!(ArticleRef::parse(" KB0000007 "), seven);
        for bad in ["", "KB", "KB-7", "7", "KBx", "KB99999999999999999999", "知识7", "art_7"] {
            assert_eq!(ArticleRef::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_reader_counts_once_whatever_they_say_in_the_end() {
        let steps = [Use::Shown, Use::Helped, Use::NotHelped, Use::NotHelped];
        let (mut counts, mut before) = (Counts::default(), None);
        for now in steps {
            counts = counts.after(before, now);
            before = Some(now);
        }
        assert_eq!(counts, Counts { shown: 1, helped: 0, not_helped: 1 });
    }
}
