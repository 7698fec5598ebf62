//! Amounts of money: a whole number of hundredths, and the currency.

use std::{fmt, ops::Add};

use super::field::FieldValue;

/// An amount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Money {
    /// In hundredths; never below 0.
    pub hundredths: u64,
    /// Three capital letters (ISO 4217), such as EUR.
    pub currency: String,
}

/// The greatest amount, in hundredths.
const MOST: u64 = 100_000_000_000_000;

impl Money {
    /// An amount as people write it, such as `1200 EUR` or `18.50 EUR`.
    pub fn parse(text: &str) -> Option<Self> {
        let (amount, currency) = text.split_once(' ')?;
        let is_currency = currency.len() == 3 && currency.bytes().all(|it| it.is_ascii_uppercase());
        let (whole, rest) = amount.split_once('.').unwrap_or((amount, "00"));
        let is_number = |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit());
        if !is_currency || !is_number(whole) || !is_number(rest) || rest.len() != 2 {
            return None;
        }
        let (whole, rest): (u64, u64) = (whole.parse().ok()?, rest.parse().ok()?);
        let hundredths = whole.checked_mul(100)?.checked_add(rest).filter(|it| *it <= MOST)?;
        Some(Self { hundredths, currency: currency.to_owned() })
    }

    /// So many times as much.
    pub fn times(&self, count: u64) -> Self {
        Self { hundredths: self.hundredths.saturating_mul(count), currency: self.currency.clone() }
    }

    /// So much of it, to the nearest hundredth: nothing of less than none.
    fn of_amount(&self, amount: f64) -> Self {
        Self { hundredths: (self.hundredths as f64 * amount).round() as u64, currency: self.currency.clone() }
    }
}

impl Add for Money {
    type Output = Self;

    /// The sum; the currency is the first one's.
    fn add(self, other: Self) -> Self {
        Self { hundredths: self.hundredths.saturating_add(other.hundredths), ..self }
    }
}

impl fmt::Display for Money {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.hundredths / 100, self.hundredths % 100);
        match rest {
            0 => write!(out, "{whole} {}", self.currency),
            _ => write!(out, "{whole}.{rest:02} {}", self.currency),
        }
    }
}

/// What a template's tickets cost whoever asks: a price of its own, and those of the options that are chosen, for each that is
/// asked for. All are in one currency.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Prices {
    /// Whatever is chosen.
    pub base: Option<Money>,
    /// Id of a field, id of one of its options, and what that adds.
    pub options: Vec<(String, String, Money)>,
    /// Id of the number field that says how many are asked for; one, where there is none or it says nothing.
    pub quantity: Option<String>,
}

impl Prices {
    /// What a ticket with these values costs; nothing if there is no price for it.
    pub fn of(&self, values: &[(String, FieldValue)]) -> Option<Money> {
        let is_chosen = |field: &str, option: &str| {
            values.iter().any(|(id, it)| id == field && matches!(it, FieldValue::Choice(it) if it == option))
        };
        let chosen = self.options.iter().filter(|(field, option, _)| is_chosen(field, option));
        let each = self.base.iter().chain(chosen.map(|(.., it)| it)).cloned().reduce(Money::add)?;
        let said = values.iter().find(|(id, _)| Some(id) == self.quantity.as_ref());
        let amount = said.and_then(|(_, it)| if let FieldValue::Number(it) = it { Some(*it) } else { None });
        Some(match amount {
            Some(amount) => each.of_amount(amount),
            None => each,
        })
    }

    /// Ids of the fields on which the price hangs.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.options.iter().map(|(field, ..)| field.as_str()).chain(self.quantity.as_deref())
    }

    /// Every price.
    pub fn all(&self) -> impl Iterator<Item = &Money> {
        self.base.iter().chain(self.options.iter().map(|(.., it)| it))
    }
}

#[cfg(test)]
mod tests {
    use proptest::{prop_assert_eq, proptest};

    use super::*;

    #[test]
    fn an_amount_is_read_as_it_is_written() {
        for text in ["0 EUR", "18.50 EUR", "1200 CNY", "0.05 USD"] {
            assert_eq!(Money::parse(text).unwrap().to_string(), text);
        }
        let wrong =
            ["", "12", "EUR", "12 eur", "12EUR", "1.5 EUR", "1.505 EUR", "-1 EUR", "1,50 EUR", "1e3 EUR"];
        let too_much = ["1000000000001 EUR", "99999999999999999999 EUR"];
        for text in wrong.into_iter().chain(too_much) {
            assert_eq!(Money::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_is_what_is_read(hundredths in 0..=MOST) {
            let it = Money { hundredths, currency: "EUR".to_owned() };
            prop_assert_eq!(Money::parse(&it.to_string()), Some(it));
        }
    }
}
