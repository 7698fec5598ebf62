//! What employees point at in the register of assets: by its tag, by its name in the network, or as "my laptop". Where
//! the words fit several that are theirs, they are asked which one they mean.

mod owning;

use super::{
    draft::{is_correction, is_sentence},
    heard::Heard,
    lexicon::{Answer, plain},
    reading::{Reading, begins, cancels},
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

impl Stock<'_> {
    /// The requester's own that a field for these types is for.
    pub fn own_of(&self, types: &[String]) -> Vec<Pointed> {
        self.own.iter().filter(|it| it.fits(types)).take(SHOWN).cloned().collect()
    }
}

/// What a message points at.
pub(super) fn pointers(heard: &Heard<'_>) -> Vec<Pointer> {
    let text = latest(heard);
    let upper = text.to_uppercase();
    let told = |said: &str| !choice::is_denied(heard.phrases, text, said);
    let named =
        heard.stock.named.iter().filter(|(said, _)| upper.contains(&said.to_uppercase()) && told(said));
    let named = named.map(|(said, it)| (said.clone(), vec![it.clone()]));
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
        self.pointers.retain(|it| !choice::is_denied(heard.phrases, heard.text, &it.said));
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
        self.meant().map(|it| it.0).filter(|it| !is_in_a_field(&self.fields, &it.tag))
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
    pub(super) fn fill_assets(&mut self, template: &Template) {
        for field in &template.fields {
            let FieldKind::Asset { of } = &field.kind else { continue };
            let is_known = self.fields.iter().any(|(id, _)| *id == field.id);
            let meant = self.meant().map(|it| it.0).find(|it| it.fits(of)).map(|it| it.tag.clone());
            if let Some(tag) = meant.filter(|_| !is_known) {
                template::set(&mut self.fields, &field.id, FieldValue::Asset(tag));
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
            draft.pointers[at] = Pointer { assets: vec![meant], agreed: true, ..draft.pointers[at].clone() };
            draft.confirmed = true;
            if is_sentence(heard.text) {
                draft.describe(heard);
            }
            return self.proceed(heard, draft, "ask");
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
                let settled = draft.point(heard);
                draft.describe(heard);
                if !settled {
                    draft.pointers.remove(at);
                }
                turn.proceed(heard, draft, "ask")
            }
        }
    }
}

/// Whether an asset stands in a field already.
pub(super) fn is_in_a_field(fields: &Values, tag: &str) -> bool {
    fields.iter().any(|(_, value)| matches!(value, FieldValue::Asset(it) if it == tag))
}

/// What stands for none of the assets shown.
pub(super) const OTHER: &str = "something_else";

/// The asset that an answer names among those shown: by tag, by its place in the list, or by a name that only it has.
pub(super) fn chosen<'a>(heard: &Heard<'_>, shown: &'a [Pointed]) -> Option<&'a Pointed> {
    let said = plain(heard.text);
    let tagged = shown.iter().find(|it| choice::mentions(&said, &it.tag.to_lowercase()).next().is_some());
    let placed = || shown.get(ordinal::place(heard.text)?.checked_sub(1)?);
    let named = || {
        let mut all = shown.iter().filter(|it| says_name(&said, &it.name));
        all.next().filter(|_| all.next().is_none())
    };
    tagged.or_else(placed).or_else(named)
}

/// The tag of what an answer to the question for an asset of these types points at.
pub(super) fn answered(heard: &Heard<'_>, types: &[String]) -> Option<String> {
    let pointers = pointers(heard);
    let pointed =
        pointers.iter().filter_map(Pointer::clear).find(|it| it.fits(types)).map(|it| it.tag.clone());
    pointed.or_else(|| chosen(heard, &heard.stock.own_of(types)).map(|it| it.tag.clone()))
}

/// Whether an answer in lower case says a name, or the name has all that is said: "the ThinkPad" of "ThinkPad X1".
fn says_name(said: &str, name: &str) -> bool {
    const WORD: usize = 3;
    let name = name.to_lowercase();
    let known: Vec<&str> = name.split_whitespace().collect();
    let words = said.split_whitespace().filter(|it| it.chars().count() >= WORD || known.contains(it));
    let words: Vec<&str> = words.filter(|it| !ARTICLES.contains(it)).collect();
    let whole = !name.is_empty() && choice::mentions(said, &name).next().is_some();
    whole || (!words.is_empty() && words.iter().all(|it| known.contains(it)))
}

/// Words that name nothing.
const ARTICLES: [&str; 4] = ["the", "this", "that", "one"];

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
        assert!(says_name("the thinkpad", "ThinkPad X1"));
        assert!(says_name("it is the thinkpad x1 over there", "ThinkPad X1"));
        assert!(!says_name("the macbook", "ThinkPad X1"));
        assert!(!says_name("the one", "ThinkPad X1"));
        assert!(!says_name("anything", ""));
    }
}
