//! Numbers as people and programs write them: `1200`, `1,200.50`, `1.200,50`, `1'200`. Half of the world takes the one
//! mark for what the other half takes the other for, so `1.200` is two numbers; nothing here guesses which.

/// Why a text gives no number.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Unclear {
    /// It has none.
    #[error("is no number")]
    Absent,
    /// Its mark may stand between thousands or before decimals.
    #[error("`{written}` may be {grouped} or {decimal}; write {} or {}", plainly(*grouped), plainly(*decimal))]
    Ambiguous {
        /// As it is written.
        written: String,
        /// If the mark stands between thousands.
        grouped: f64,
        /// If decimals stand behind it.
        decimal: f64,
    },
    /// It has several, as they are written.
    #[error("has several numbers: {}", .0.join(", "))]
    Several(Vec<String>),
    /// Something with digits, as it is written, that cannot be told.
    #[error("`{0}` is no number that can be told; write it in digits, such as 12.5")]
    Strange(String),
}

/// Figures that a number can have without losing any.
const FIGURES: usize = 15;

/// Blanks that stand between thousands and nowhere else.
pub const THIN: [char; 5] = ['\u{a0}', '\u{2006}', '\u{2007}', '\u{2009}', '\u{202f}'];

/// A whole text that is a number, as programs and spreadsheets write it.
///
/// # Errors
/// If it is none, or may be two.
pub fn read(text: &str) -> Result<f64, Unclear> {
    let text = text.trim();
    let unsigned = text.strip_prefix(['-', '\u{2212}']);
    let written = unsigned.or_else(|| text.strip_prefix('+')).unwrap_or(text);
    if !written.contains(|it: char| it.is_ascii_digit()) {
        return Err(Unclear::Absent);
    }
    let negative = unsigned.is_some();
    let signed = |it: f64| if negative { -it } else { it };
    // `1e-7`, as programs write it.
    let is_scientific = written.starts_with(|it: char| it.is_ascii_digit()) && written.contains(['e', 'E']);
    let scientific = written.parse().ok().filter(|it: &f64| is_scientific && it.is_finite());
    match scientific.map_or_else(|| figures(&written.replace(' ', "\u{a0}")).and_then(|it| it.times(0)), Ok) {
        Ok(it) => Ok(signed(it)),
        Err(Unclear::Ambiguous { grouped, decimal, .. }) => Err(Unclear::Ambiguous {
            written: text.to_owned(),
            grouped: signed(grouped),
            decimal: signed(decimal),
        }),
        Err(_) => Err(Unclear::Strange(text.to_owned())),
    }
}

/// A number in figures: as it is written without marks between thousands, and with a point before decimals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figures(String);

impl Figures {
    /// Its value times a power of ten, as exact as a number can be.
    ///
    /// # Errors
    /// If it has more figures than that.
    pub fn times(&self, power: u32) -> Result<f64, Unclear> {
        let counted = self.0.trim_start_matches(['0', '.']).bytes().filter(u8::is_ascii_digit).count();
        let value = format!("{}e{power}", self.0).parse().ok().filter(|it: &f64| it.is_finite());
        value.filter(|_| counted <= FIGURES).ok_or_else(|| Unclear::Strange(self.0.clone()))
    }

    /// Whether it has decimals.
    pub fn is_whole(&self) -> bool {
        !self.0.contains('.')
    }
}

/// A number as nobody reads another: with a nought behind three decimals.
pub fn plainly(value: f64) -> String {
    let written = value.to_string();
    let is_three = written.split_once('.').is_some_and(|(_, decimals)| decimals.len() == 3);
    if is_three { format!("{written}0") } else { written }
}

/// Reads figures with the marks between them.
///
/// # Errors
/// If the marks make no sense, or two.
pub fn figures(written: &str) -> Result<Figures, Unclear> {
    let strange = || Unclear::Strange(written.to_owned());
    if !written.chars().all(|it| it.is_ascii_digit() || is_mark(it)) {
        return Err(strange());
    }
    let mut marks: Vec<char> = written.chars().filter(|it| is_mark(*it)).collect();
    let Some(last) = marks.pop() else { return Ok(Figures(written.to_owned())) };
    marks.dedup();
    let all_groups = || groups(written, last).ok_or_else(strange);
    match marks.as_slice() {
        // Whatever stands between thousands stands there each time, and is no other mark than the last.
        [] if last != '.' && last != ',' => all_groups().map(Figures),
        [] => one_mark(written, last),
        [mark] if *mark == last => all_groups().map(Figures),
        [mark] if last == '.' || last == ',' => {
            let (whole, decimals) = written.rsplit_once(last).ok_or_else(strange)?;
            let whole = groups(whole, *mark).filter(|_| is_figures(decimals)).ok_or_else(strange)?;
            Ok(Figures(format!("{whole}.{decimals}")))
        }
        _ => Err(strange()),
    }
}

/// Whether something may stand among figures.
fn is_mark(it: char) -> bool {
    matches!(it, '.' | ',' | '\'') || THIN.contains(&it)
}

fn is_figures(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit())
}

/// Figures with one point or comma.
fn one_mark(written: &str, mark: char) -> Result<Figures, Unclear> {
    let strange = || Unclear::Strange(written.to_owned());
    let (whole, decimals) = written.split_once(mark).ok_or_else(strange)?;
    if !is_figures(decimals) || !(whole.is_empty() && mark == '.' || is_figures(whole)) {
        return Err(strange());
    }
    let as_decimal = Figures(format!("{}.{decimals}", if whole.is_empty() { "0" } else { whole }));
    match groups(written, mark).filter(|_| !whole.starts_with('0')) {
        Some(grouped) => Err(Unclear::Ambiguous {
            written: written.to_owned(),
            grouped: Figures(grouped).times(0)?,
            decimal: as_decimal.times(0)?,
        }),
        // `12345,678` and `1,2345` are slips as likely as numbers.
        None if mark == ',' && decimals.len() >= 3 && whole != "0" => Err(strange()),
        None => Ok(as_decimal),
    }
}

/// Figures in groups of three without the mark between them.
fn groups(written: &str, mark: char) -> Option<String> {
    let mut groups = written.split(mark);
    let first = groups.next().filter(|it| is_figures(it) && it.len() <= 3)?;
    let mut all = first.to_owned();
    for group in groups {
        all.push_str(Some(group).filter(|it| is_figures(it) && it.len() == 3)?);
    }
    Some(all)
}

#[cfg(test)]
mod tests;
