//! What employees point at in the register of assets: by its tag, by its name in the network, or as "my laptop". Where
//! the words fit several that are theirs, they are asked which one they mean.

mod owning;

use super::{
    draft::{is_correction, is_sentence},
    heard::Heard,
    lexicon::{Answer, plain, trimmed},
    phrases::Phrases,
    reading::{Reading, adds, begins, cancels, is_asked},
    slots::{choice, latest, ordinal},
    state::{Draft, Phase},
    turn::Turn,
};
use crate::domain::{
    catalog::Catalog,
    field::{Field, FieldKind, FieldValue, Required},
    id::AssetId,
    people::Language,
    template::{self, Template, Values},
    ticket::{AssetLink, LinkedHow, Ticket, TicketKind},
};
pub use owning::says_own;

/// Assets that one ticket takes from what was said.
const MOST: usize = 20;
/// Assets that are shown to choose from.
pub const SHOWN: usize = 10;

/// An asset as a conversation knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pointed {
    /// Its identity.
    pub asset: AssetId,
    /// Its tag.
    pub tag: String,
    /// Id of its type.
    pub kind: String,
    /// Its name; empty if it is somebody else's.
    pub name: String,
}

/// Words that point at assets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pointer {
    /// The words, as they were typed: a tag, a host, "my laptop".
    pub said: String,
    /// The assets that they fit.
    pub assets: Vec<Pointed>,
    /// Whether the employee has seen what is meant and agrees.
    pub agreed: bool,
}

/// What of the register one message may point at.
#[derive(Debug, Clone, Copy, Default)]
pub struct Stock<'a> {
    /// Assets that it names by tag or host, each with the words.
    pub named: &'a [(String, Pointed)],
    /// Assets of the requester that they have in their hands.
    pub own: &'a [Pointed],
}

impl Pointed {
    /// As people read it.
    pub fn shown(&self) -> String {
        if self.name.is_empty() { self.tag.clone() } else { format!("{} {}", self.tag, self.name) }
    }

    /// Whether a field for these types is for it.
    fn fits(&self, types: &[String]) -> bool {
        types.is_empty() || types.contains(&self.kind)
    }
}

impl Pointer {
    fn of((said, assets): (String, Vec<Pointed>)) -> Self {
        Self { said, assets, agreed: false }
    }

    /// The asset, if it is clear which one is meant.
    pub fn clear(&self) -> Option<&Pointed> {
        self.assets.first().filter(|_| self.assets.len() == 1)
    }
}

impl<'a> Stock<'a> {
    /// What a text names as what it is about, each with the words.
    pub fn told(self, phrases: &Phrases, text: &str) -> impl Iterator<Item = &'a (String, Pointed)> {
        self.named.iter().filter(move |(said, _)| choice::is_told(phrases, text, said))
    }

    /// The requester's own that a field for these types is for.
    pub fn own_of(&self, types: &[String]) -> Vec<Pointed> {
        self.own.iter().filter(|it| it.fits(types)).take(SHOWN).cloned().collect()
    }
}

/// What a message points at.
pub(super) fn pointers(heard: &Heard<'_>) -> Vec<Pointer> {
    let text = latest(heard);
    let named = heard.stock.told(heard.phrases, text).map(|(said, it)| (said.clone(), vec![it.clone()]));
    let mut all: Vec<_> = named.collect();
    // Whoever names a tag that the register does not have means none of those that it has.
    if heard.assets.iter().any(|tag| heard.stock.named.iter().all(|(_, it)| it.tag != *tag)) {
        return all.into_iter().map(Pointer::of).collect();
    }
    for (said, types) in owning::owned(heard, text) {
        let of_type = |it: &&Pointed| types.contains(&it.kind.as_str());
        // "My laptop LT-20417" is that one, whoever else's it is in the register.
        if all.iter().flat_map(|(_, assets)| assets).any(|it| of_type(&it)) {
            continue;
        }
        let assets: Vec<_> = heard.stock.own.iter().filter(of_type).take(SHOWN).cloned().collect();
        if !assets.is_empty() {
            all.push((said, assets));
        }
    }
    all.into_iter().map(Pointer::of).collect()
}

/// The assets of a ticket, for one that goes on from it.
pub(super) fn of_ticket(ticket: &Ticket) -> Vec<Pointer> {
    let linked = ticket.assets.links.iter().filter(|it| it.how.is_about()).take(MOST);
    let pointed = |it: &AssetLink| Pointed {
        asset: it.asset,
        tag: it.tag.clone(),
        kind: it.facts.kind.clone(),
        name: String::new(),
    };
    let pointer = |it: &AssetLink| Pointer {
        said: it.tag.clone(),
        assets: vec![pointed(it)],
        agreed: it.how == LinkedHow::Manual,
    };
    linked.map(pointer).collect()
}

impl Draft {
    /// Takes what a message points at. Whether that changes anything.
    pub(super) fn point(&mut self, heard: &Heard<'_>) -> bool {
        let before = self.pointers.clone();
        let denied = |said: &str| choice::is_denied(heard.phrases, heard.text, said);
        self.pointers.retain(|it| !(denied(&it.said) || it.clear().is_some_and(|it| denied(&it.tag))));
        self.take_pointers(pointers(heard), is_correction(heard));
        self.pointers != before
    }

    /// Adds what is pointed at; a correction takes the place of what is of the same type.
    pub(super) fn take_pointers(&mut self, new: Vec<Pointer>, corrects: bool) {
        for it in new {
            let of = |other: &Pointer| other.assets.iter().any(|asset| it.assets.contains(asset));
            let alike = |other: &Pointer| {
                other.assets.iter().any(|one| it.assets.iter().any(|asset| asset.kind == one.kind))
            };
            match it.clear() {
                // A tag settles which laptop it is.
                Some(asset) => {
                    let same = |other: &Pointer| other.clear() == Some(asset);
                    if self.pointers.iter().any(same) {
                        continue;
                    }
                    self.pointers.retain(|other| !(of(other) || (corrects && alike(other))));
                }
                None if self.pointers.iter().any(of) => continue,
                None => {}
            }
            if self.pointers.len() < MOST {
                self.pointers.push(it);
            }
        }
    }

    /// The employee was asked for an asset, and this is its tag.
    pub(super) fn settle_on(&mut self, heard: &Heard<'_>, tag: &str) {
        let named = heard.stock.named.iter().map(|(_, it)| it);
        let known = named.chain(heard.stock.own).find(|it| it.tag == tag).cloned();
        let Some(asset) = known else { return };
        let pointer = Pointer { said: tag.to_owned(), assets: vec![asset], agreed: true };
        self.pointers.retain(|it| it.clear().is_none_or(|it| it.tag != tag));
        self.take_pointers(vec![pointer], true);
    }

    /// The assets that are meant, and whether the employee has agreed to each.
    pub fn meant(&self) -> impl Iterator<Item = (&Pointed, bool)> {
        self.pointers.iter().filter_map(|it| Some((it.clear()?, it.agreed)))
    }

    /// The assets that a summary shows beside the fields.
    pub(super) fn shown_assets(&self) -> impl Iterator<Item = &Pointed> {
        self.meant().map(|it| it.0).filter(|it| field_of(&self.fields, &it.tag).is_none())
    }

    /// The employee has seen which assets are meant.
    pub(super) fn agree_to_assets(&mut self) {
        for it in &mut self.pointers {
            it.agreed = true;
        }
    }

    /// The assets among which the employee must choose, if it matters to the template which one is meant: something is
    /// broken, or it asks for an asset.
    pub(super) fn in_question(&self, template: &Template) -> Option<&[Pointed]> {
        let asks = template.fields.iter().any(|it| matches!(it.kind, FieldKind::Asset { .. }));
        let matters = asks || template.kind == TicketKind::Incident;
        self.unclear().filter(|_| matters).map(|it| self.pointers[it].assets.as_slice())
    }

    /// The place of the first pointer that fits several assets.
    fn unclear(&self) -> Option<usize> {
        self.pointers.iter().position(|it| it.assets.len() > 1)
    }

    /// Puts the assets that are meant into the template's fields for assets.
    pub(super) fn fill_assets(&mut self, heard: &Heard<'_>, template: &Template) {
        for field in &template.fields {
            let FieldKind::Asset { of } = &field.kind else { continue };
            let known = self.fields.iter().find(|(id, _)| *id == field.id).map(|(_, it)| it.plain());
            let meant = self.meant().map(|it| it.0).find(|it| it.fits(of)).map(|it| it.tag.clone());
            match (known, meant) {
                (None, Some(tag)) => template::set(&mut self.fields, &field.id, FieldValue::Asset(tag)),
                // What the directory of people knows, nobody had to say.
                (Some(tag), _) => {
                    let own = heard.stock.own.iter().find(|it| it.tag == tag).cloned();
                    self.take_pointers(
                        own.into_iter().map(|it| Pointer::of((tag.clone(), vec![it]))).collect(),
                        false,
                    );
                }
                (None, None) => {}
            }
        }
    }
}

impl Turn {
    /// Asks which of several assets is meant.
    pub(super) fn ask_asset(mut self, key: &'static str, draft: Draft) -> Self {
        self.conversation.phase = Phase::Pointing { draft };
        self.plain(key)
    }

    /// Takes the answer to which asset is meant. It is asked once: what is no answer leaves it open.
    pub(super) fn pointed(self, heard: &Heard<'_>, mut draft: Draft) -> Self {
        let Some(at) = draft.unclear() else { return self.proceed(heard, draft, "ask") };
        if cancels(heard.phrases, heard.text) {
            return self.drop_it(heard);
        }
        if let Some(meant) = chosen(heard, &draft.pointers[at].assets).cloned() {
            let tag = meant.tag.clone();
            draft.pointers[at] = Pointer { assets: vec![meant], agreed: true, ..draft.pointers[at].clone() };
            return self.pointed_and(heard, draft, &tag);
        }
        if is_asked(heard.text) {
            return match self.missed(heard, draft) {
                Ok((turn, draft)) => turn.ask_asset("which_asset", draft),
                Err(handed) => handed,
            };
        }
        let beyond = ordinal::place(heard.text) == Some(draft.pointers[at].assets.len() + 1);
        let unknown = heard.is_any(&[Answer::Unknown, Answer::Other, Answer::No, Answer::Hesitation])
            || begins(heard.phrases, Answer::Unknown, heard.text).is_some()
            || plain(heard.text) == OTHER;
        if beyond || unknown || Reading::of(heard.phrases, heard.text).is_bare() {
            draft.pointers.remove(at);
            return self.plain("skipped").proceed(heard, draft, "ask");
        }
        match self.digress(heard, draft) {
            Ok(turn) => turn,
            Err((turn, mut draft)) => {
                draft.describe(heard);
                // It is asked once; a tag may have settled it.
                let Some(at) = draft.unclear() else { return turn.proceed(heard, draft, "ask") };
                draft.pointers.remove(at);
                turn.plain("skipped").proceed(heard, draft, "ask")
            }
        }
    }

    /// "The MacBook, and also I cannot log in" names another problem beside it; what else is said is a detail.
    fn pointed_and(self, heard: &Heard<'_>, mut draft: Draft, tag: &str) -> Self {
        let is_tag = heard.text.get(..tag.len()).is_some_and(|it| it.eq_ignore_ascii_case(tag));
        let rest = if is_tag { trimmed(&heard.text[tag.len()..]) } else { heard.text };
        if !is_sentence(rest) {
            return self.proceed(heard, draft, "ask");
        }
        if !adds(heard.phrases, rest) {
            draft.describe(heard);
            return self.proceed(heard, draft, "ask");
        }
        let understanding = (heard.reader.0)(rest);
        match self.digress(&heard.of(rest, &understanding), draft) {
            Ok(turn) => turn,
            Err((turn, mut draft)) => {
                draft.describe(heard);
                turn.proceed(heard, draft, "ask")
            }
        }
    }
}

/// The field that names an asset.
pub fn field_of<'a>(fields: &'a Values, tag: &str) -> Option<&'a str> {
    let named = fields.iter().find(|(_, value)| matches!(value, FieldValue::Asset(it) if it == tag));
    named.map(|(id, _)| id.as_str())
}

/// What stands for none of the assets shown.
pub(super) const OTHER: &str = "something_else";

/// The asset that an answer names among those shown: by tag, by its place in the list, or by a name that only it has.
/// What is denied is not meant, and of two the other one is then.
pub(super) fn chosen<'a>(heard: &Heard<'_>, shown: &'a [Pointed]) -> Option<&'a Pointed> {
    let said = plain(heard.text);
    if is_asked(heard.text) {
        return None;
    }
    let placed = || shown.get(ordinal::place(heard.text)?.checked_sub(1)?);
    let names = |it: &Pointed| -> Vec<String> {
        let tagged = choice::mentions(&said, &it.tag.to_lowercase()).next().map(|_| it.tag.clone());
        tagged.into_iter().chain(said_of_name(&said, &it.name)).collect()
    };
    let named: Vec<(&Pointed, Vec<String>)> = shown.iter().map(|it| (it, names(it))).collect();
    let told = |names: &[String]| names.iter().any(|it| choice::is_told(heard.phrases, heard.text, it));
    let meant: Vec<_> = named.iter().filter(|(_, names)| told(names)).collect();
    let denied: Vec<_> = named.iter().filter(|(_, names)| !names.is_empty() && !told(names)).collect();
    match (meant.as_slice(), denied.as_slice()) {
        ([(it, _)], _) => Some(it),
        ([], [_]) if shown.len() == 2 => named.iter().find(|(_, names)| names.is_empty()).map(|(it, _)| *it),
        ([], []) => placed(),
        _ => None,
    }
}

/// The tag that a message names for a field for these types: not one that is known to be of another type.
pub(super) fn tag(heard: &Heard<'_>, types: &[String]) -> Option<String> {
    let text = latest(heard);
    let fits = |tag: &&String| {
        let known = heard.stock.named.iter().find(|(_, it)| it.tag == **tag);
        known.is_none_or(|(_, it)| it.fits(types))
    };
    let told = |tag: &&String| choice::is_told(heard.phrases, text, tag);
    heard.assets.iter().filter(told).find(fits).cloned()
}

/// The tag of what an answer to the question for an asset of these types points at.
pub(super) fn answered(heard: &Heard<'_>, types: &[String]) -> Option<String> {
    let pointers = pointers(heard);
    let pointed =
        pointers.iter().filter_map(Pointer::clear).find(|it| it.fits(types)).map(|it| it.tag.clone());
    pointed.or_else(|| chosen(heard, &heard.stock.own_of(types)).map(|it| it.tag.clone()))
}

/// The words of an answer, in lower case, that say a name: all of it, or where nothing else is said the beginnings of its
/// words: "the thinkpad" of "ThinkPad X1", "it is the mac" of "MacBook Pro".
fn said_of_name(said: &str, name: &str) -> Option<String> {
    const WORD: usize = 3;
    let name = name.to_lowercase();
    if !name.is_empty() && choice::mentions(said, &name).next().is_some() {
        return Some(name);
    }
    let known: Vec<&str> = name.split_whitespace().collect();
    let is_word = |it: &&str| it.chars().count() >= WORD || known.contains(it);
    let words = said.split(|it: char| !it.is_alphanumeric()).filter(is_word);
    let words: Vec<&str> = words.filter(|it| !ARTICLES.contains(it)).collect();
    let says = |it: &&str| known.iter().any(|word| word.starts_with(it));
    let only = !words.is_empty() && words.iter().all(says);
    only.then(|| words.first().map(|it| (*it).to_owned())).flatten()
}

/// Words that name nothing.
const ARTICLES: [&str; 8] = ["the", "this", "that", "one", "it", "its", "is", "not"];

/// Whether any template asks for an asset, or takes it from the directory of people.
pub fn asks_for_assets(catalog: &Catalog) -> bool {
    let is_asset = |it: &&Field| matches!(it.kind, FieldKind::Asset { .. });
    let asked = |it: &Field| it.required != Required::No || it.from.is_some();
    catalog.templates.iter().any(|it| it.fields.iter().filter(is_asset).any(asked))
}

/// The name of a type.
pub(super) fn label<'a>(catalog: &'a Catalog, kind: &'a str, language: Language) -> &'a str {
    catalog.asset_type(kind).map_or(kind, |it| it.label.get(language))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asset(at: u8, tag: &str, kind: &str, name: &str) -> Pointed {
        let (tag, kind, name) = (tag.to_owned(), kind.to_owned(), name.to_owned());
        Pointed { asset: AssetId::from_bytes([at; 16]), tag, kind, name }
    }

    fn pointer(said: &str, assets: &[&Pointed]) -> Pointer {
        Pointer { said: said.into(), assets: assets.iter().map(|it| (*it).clone()).collect(), agreed: false }
    }

    fn tags(draft: &Draft) -> Vec<String> {
        let one = |it: &Pointer| it.assets.iter().map(|it| it.tag.as_str()).collect::<Vec<_>>().join("|");
        draft.pointers.iter().map(one).collect()
    }

    #[test]
    fn a_tag_settles_which_one_is_meant_and_a_correction_takes_its_place() {
        let (old, new) = (asset(1, "NB-1", "laptop", "Old"), asset(2, "NB-2", "laptop", "New"));
        let other = asset(3, "PR-1", "printer", "");
        let mut draft = Draft::default();
        draft.take_pointers(vec![pointer("my laptop", &[&old, &new])], false);
        assert_eq!(tags(&draft), ["NB-1|NB-2"]);
        draft.take_pointers(vec![pointer("nb-1", &[&old])], false);
        assert_eq!(tags(&draft), ["NB-1"]);
        // Said again, it is still known which.
        draft.take_pointers(vec![pointer("my laptop", &[&old, &new])], false);
        assert_eq!(tags(&draft), ["NB-1"]);
        draft.take_pointers(vec![pointer("pr-1", &[&other])], true);
        assert_eq!(tags(&draft), ["NB-1", "PR-1"]);
        draft.take_pointers(vec![pointer("nb-2", &[&new])], true);
        assert_eq!(tags(&draft), ["PR-1", "NB-2"]);
    }

    #[test]
    fn a_name_is_said_in_part_or_whole() {
        let says = |said: &str, name: &str| said_of_name(said, name);
        assert_eq!(says("the thinkpad", "ThinkPad X1").as_deref(), Some("thinkpad"));
        assert_eq!(says("it is the mac", "MacBook Pro").as_deref(), Some("mac"));
        assert_eq!(says("it is the thinkpad x1 over there", "ThinkPad X1").as_deref(), Some("thinkpad x1"));
        assert_eq!(says("the macbook", "ThinkPad X1"), None);
        assert_eq!(says("the one", "ThinkPad X1"), None);
        assert_eq!(says("anything", ""), None);
    }
}
