//! Assets of tickets that are opened: what a message may point at in the register, and what follows of what was meant.

use super::{Register, links::Weighed};
use crate::{
    conversation::{
        lexicon::Answer,
        phrases::Phrases,
        pointing::{Pointed, Stock, asks_for_assets, says_own},
    },
    desk::{Desk, fault::Fault},
    domain::{
        asset::{Asset, AssetState, tag_key},
        catalog::Catalog,
        id::ProfileId,
        people::Caller,
        profile::Profile,
        ticket::{AssetLink, LinkedHow, TicketAssets},
    },
    store::AssetFilter,
};

/// Words of a message that are looked up as tags and hosts.
const WORDS: usize = 20;
/// Lengths of tags and hosts in characters.
const LENGTH: std::ops::RangeInclusive<usize> = 3..=64;
/// A text with so few words may be an answer: a tag and nothing else.
const FEW: usize = 3;
/// So many digits may be a year or a number of something.
const YEAR: usize = 4;
/// Longer than "e-mail" and "wi-fi".
const PARTED: usize = 6;
/// Answers that name nothing.
const PLAIN: [Answer; 5] = [Answer::Yes, Answer::No, Answer::Cancel, Answer::Done, Answer::Hesitation];
/// Assets of one person that are looked at.
const OWN: u32 = 100;

/// What of the register one message may point at.
#[derive(Debug, Clone, Default)]
pub(in crate::desk) struct Shown {
    named: Vec<(String, Pointed)>,
    own: Vec<Pointed>,
}

impl Shown {
    pub(in crate::desk) fn stock(&self) -> Stock<'_> {
        Stock { named: &self.named, own: &self.own }
    }
}

impl Desk {
    /// What a message may point at. Most name nothing that looks like an asset, and cost nothing.
    pub(in crate::desk) async fn shown(
        &self,
        caller: &Caller,
        catalog: &Catalog,
        (text, hosts): (&str, &[String]),
        profile: Option<&Profile>,
    ) -> Result<Shown, Fault> {
        let mut shown = Shown::default();
        let register = self.register(caller);
        let me = profile.map(|it| it.id);
        // "Yes" is the shortest message of all, and names nothing.
        let is_word = PLAIN.into_iter().any(|it| self.phrases.is(it, text));
        let words = if is_word { vec![] } else { words(text) };
        if !(words.is_empty() && hosts.is_empty()) {
            for asset in register.named(&words, hosts).await? {
                let said = words.iter().chain(hosts).find(|it| is_named(&asset, it));
                shown.named.extend(said.map(|it| (it.clone(), pointed(&asset, me))));
            }
        }
        let Some(profile) = profile else { return Ok(shown) };
        if is_asked_for_own(&self.phrases, catalog, text) {
            let own = register.own(profile).await?;
            shown.own = own.iter().map(|it| pointed(it, me)).collect();
        }
        Ok(shown)
    }
}

impl Register {
    /// Assets by words of a text: tags, or names in the network.
    async fn named(&self, words: &[String], hosts: &[String]) -> Result<Vec<Asset>, Fault> {
        let tags: Vec<_> = words.iter().map(|it| tag_key(it)).collect();
        let mut found = self.store.assets_by_tag(&self.tenant, &tags).await?;
        let hosts: Vec<_> = words.iter().chain(hosts).map(|it| it.to_lowercase()).collect();
        let by_host = self.store.assets_by_host(&self.tenant, &hosts).await?;
        found.extend(by_host.into_iter().filter(|it| !it.removed));
        found.sort_by_key(|it| it.id);
        found.dedup_by_key(|it| it.id);
        Ok(found)
    }

    /// What somebody has in their hands: of what the register says is theirs, and of what the directory of people says.
    async fn own(&self, profile: &Profile) -> Result<Vec<Asset>, Fault> {
        let filter = AssetFilter { owner: Some(profile.id), ..AssetFilter::default() };
        let mut own = self.store.assets(&self.tenant, &filter, None, OWN).await?;
        let tags: Vec<_> = profile.details.assets.iter().map(|it| tag_key(it)).collect();
        if !tags.is_empty() {
            own.extend(self.store.assets_by_tag(&self.tenant, &tags).await?);
        }
        own.retain(|it| matches!(it.details.state, AssetState::InUse | AssetState::InRepair));
        own.sort_by(|a, b| a.details.tag.cmp(&b.details.tag));
        own.dedup_by_key(|it| it.id);
        Ok(own)
    }

    /// What follows of links that a ticket shall have.
    pub(in crate::desk) async fn weigh(&self, links: Vec<AssetLink>) -> Result<Weighed, Fault> {
        if links.is_empty() {
            return Ok(Weighed::default());
        }
        let mut picture = self.picture().await?;
        // One may have been taken out since it was talked about.
        let is_there =
            |it: &AssetLink| it.how == LinkedHow::NotImpacted || picture.sketch(it.asset).is_some();
        let there = links.iter().filter(|it| is_there(it)).cloned().collect();
        let assets = self.computed(&mut picture, there);
        Ok(Weighed { links, assets, seen: Some(picture.changed()) })
    }
}

impl Weighed {
    /// The assets of a ticket that is opened with these links, if it is these that were weighed.
    pub(in crate::desk) fn of(&self, links: &[AssetLink]) -> Option<TicketAssets> {
        (self.links == links).then(|| self.assets.clone())
    }
}

fn is_asked_for_own(phrases: &Phrases, catalog: &Catalog, text: &str) -> bool {
    asks_for_assets(catalog) || says_own(phrases, catalog, text)
}

fn is_named(asset: &Asset, word: &str) -> bool {
    asset.details.tag == tag_key(word) || asset.details.host == word.to_lowercase()
}

/// An asset as the conversation of somebody shows it: what is not theirs by its tag alone.
fn pointed(asset: &Asset, me: Option<ProfileId>) -> Pointed {
    let is_own = asset.details.owner.is_some() && asset.details.owner == me;
    Pointed {
        asset: asset.id,
        tag: asset.details.tag.clone(),
        kind: asset.details.kind.clone(),
        name: if is_own { asset.details.name.clone() } else { String::new() },
    }
}

/// The words of a text that may be a tag or a name in the network: those with digits, but for small numbers and years,
/// those in capitals, those of several parts; and every word where there are few, as in an answer.
fn words(text: &str) -> Vec<String> {
    let within = |it: char| it.is_ascii_alphanumeric() || matches!(it, '-' | '_' | '.');
    let parts = text.split(|it: char| !within(it)).map(|it| it.trim_matches(['-', '_', '.']));
    let is_few = parts.clone().filter(|it| !it.is_empty()).count() <= FEW;
    let is_likely = |it: &&str| {
        let has = |what: fn(&u8) -> bool| it.bytes().any(|c| what(&c));
        let numbered = has(u8::is_ascii_digit) && (it.len() > YEAR || has(u8::is_ascii_alphabetic));
        let shouted = has(u8::is_ascii_uppercase) && !has(u8::is_ascii_lowercase);
        let parted = it.contains(['-', '_', '.']) && it.len() > PARTED;
        is_few || numbered || shouted || parted
    };
    let mut words: Vec<String> = vec![];
    for it in parts.filter(|it| LENGTH.contains(&it.len())).filter(is_likely) {
        if words.len() < WORDS && !words.iter().any(|known| known == it) {
            words.push(it.to_owned());
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_a_tag_or_a_host_is_looked_up() {
        assert_eq!(words("my laptop lt-20417, room 318: C02XK1."), ["lt-20417", "C02XK1"]);
        assert_eq!(words("显示器MO-0231坏了"), ["MO-0231"]);
        assert!(words("please call me at 3 pm or on 12.5. in 2026").is_empty());
        assert!(words("the vpn drops every ten minutes, e-mail too").is_empty());
        assert_eq!(words("the shares of FARM and file-server are down"), ["FARM", "file-server"]);
        assert_eq!(words("fileserver"), ["fileserver"]);
        assert_eq!(words(&"a1b2 ".repeat(50)).len(), 1);
        let many: String = (100..200).map(|it| format!("pc{it} ")).collect();
        assert_eq!(words(&many).len(), WORDS);
    }
}
