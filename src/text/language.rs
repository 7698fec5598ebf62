//! Which of the desk's two languages a message is written in.

use std::fmt;

use crate::text::token::{Kind, is_cjk, tokens};

/// A language that the desk answers in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Language {
    /// English, and whatever else is written with letters.
    En,
    /// Chinese.
    Zh,
}

impl Language {
    /// The language of a message: Chinese as soon as its characters are a third of the tokens.
    ///
    /// Chinese messages of a desk are full of Latin names (VPN, Outlook, asset tags), English ones
    /// hold next to no Chinese characters; hence not the half.
    pub fn of(text: &str) -> Self {
        let (mut cjk, mut words) = (0_usize, 0_usize);
        for token in tokens(text) {
            match token.kind {
                Kind::Cjk => cjk += 1,
                Kind::Word => words += 1,
                Kind::Mark => {}
            }
        }
        if 0 < cjk && cjk + words <= 3 * cjk { Self::Zh } else { Self::En }
    }

    /// The language of a message, or `fallback` where the message shows none, as "12345" or "??".
    pub fn of_or(text: &str, fallback: Self) -> Self {
        let shown = text.chars().any(|c| is_cjk(c) || c.is_alphabetic());
        if shown { Self::of(text) } else { fallback }
    }

    /// The language with this two-letter code; a region after it is passed over ("zh-CN").
    pub fn from_code(code: &str) -> Option<Self> {
        let primary = code.split(['-', '_']).next().unwrap_or_default();
        match primary.to_ascii_lowercase().as_str() {
            "en" => Some(Self::En),
            "zh" => Some(Self::Zh),
            _ => None,
        }
    }

    /// The two-letter code.
    pub fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh",
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chinese_message_with_latin_names_is_chinese() {
        assert_eq!(Language::of("vpn连不上了"), Language::Zh);
        assert_eq!(Language::of("Outlook 打不开, error 0x80070005"), Language::Zh);
        assert_eq!(Language::of("cannot open the file 报告 from the share on fs02"), Language::En);
        assert_eq!(Language::of(""), Language::En);
    }

    #[test]
    fn a_message_without_letters_takes_the_fallback() {
        assert_eq!(Language::of_or("12345?", Language::Zh), Language::Zh);
        assert_eq!(Language::of_or("ok", Language::Zh), Language::En);
    }

    #[test]
    fn codes_are_read_back() {
        assert_eq!(Language::from_code("zh-CN"), Some(Language::Zh));
        assert_eq!(Language::from_code("de"), None);
    }
}
