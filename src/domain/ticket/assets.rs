//! The assets that a ticket is about: those that somebody linked, those that hang on them, and those of which somebody
//! has said that they are not impacted (iTop's three-valued link). What hangs on them raises the ticket's impact, and no
//! longer than it does.

use super::Ticket;
use crate::domain::{
    asset::Criticality,
    id::AssetId,
    priority::{Impact, Matrix, Priority, Urgency},
    template::Values,
};

/// Computed links that are kept; of the others the number is.
pub const KEPT: usize = 200;
/// Links and vetoes that people make on one ticket.
const BY_HAND: usize = 100;

/// The assets of a ticket.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TicketAssets {
    /// Links by hand, then vetoes, then the first of what hangs on the linked ones.
    pub links: Vec<AssetLink>,
    /// How many hang on the linked ones.
    pub computed: u32,
    /// How many people have any of all these.
    pub people: u32,
    /// The impact that all of them give.
    pub impact: Option<Impact>,
    /// The impact that they give without those that were merely named.
    pub agreed: Option<Impact>,
    /// What was said, where the assets give more.
    pub said: Option<Said>,
}

/// How pressing a ticket is without its assets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Said {
    /// The impact that was said.
    pub impact: Impact,
    /// The urgency that it had then.
    pub urgency: Urgency,
    /// The priority that it had then. It need not be the matrix's: a text alone makes no ticket critical, and what is
    /// unlinked leaves the text alone again.
    pub priority: Priority,
}

impl Ticket {
    /// How pressing it is without its assets.
    pub fn said(&self) -> Said {
        let (impact, urgency, priority) = (self.impact, self.urgency, self.priority);
        self.assets.said.unwrap_or(Said { impact, urgency, priority })
    }
}

/// An asset, and what it has to do with a ticket.
#[derive(Debug, Clone, PartialEq)]
pub struct AssetLink {
    /// Which.
    pub asset: AssetId,
    /// Its tag when the link was made or last computed.
    pub tag: String,
    /// How it came.
    pub how: LinkedHow,
    /// Of a computed one: tag of the one with which it fails. Of one that a field of the ticket names: id of the field, with
    /// which it goes.
    pub because: String,
    /// What rules may ask of a linked one, as it was then; of the others nothing.
    pub facts: AssetFacts,
}

/// What rules may ask of an asset that a ticket is about.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AssetFacts {
    /// Id of its type.
    pub kind: String,
    /// How much hangs on it.
    pub criticality: Criticality,
    /// Where it is.
    pub location: String,
    /// Values of its type's fields.
    pub fields: Values,
}

/// How an asset came to a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LinkedHow {
    /// Somebody linked it: it is what the ticket is about.
    Manual,
    /// It hangs on a linked one.
    Computed,
    /// Somebody has said that it is not impacted.
    NotImpacted,
    /// The requester named it, and nobody has agreed to it yet.
    Named,
}

impl LinkedHow {
    /// Whether the ticket is about such an asset.
    pub fn is_about(self) -> bool {
        match self {
            Self::Manual | Self::Named => true,
            Self::Computed | Self::NotImpacted => false,
        }
    }
}

/// What is to become of the link between a ticket and an asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AssetAct {
    /// The ticket is about it.
    Link,
    /// Nobody says anything of it any more.
    Unlink,
    /// It is not impacted.
    Veto,
}

/// Why a link cannot be changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AssetKnot {
    /// It is so already.
    #[error("`{0}` is there like that already")]
    AlreadySo(String),
    /// Nobody linked or vetoed it.
    #[error(
        "nobody has linked `{0}` or said that it is not impacted; what is computed goes with its reason, or is vetoed"
    )]
    NotByHand(String),
    /// It has too many.
    #[error("a ticket has at most {BY_HAND} assets that are linked or vetoed by hand")]
    TooMany,
}

impl TicketAssets {
    /// The assets that came in this way.
    pub fn of(&self, how: LinkedHow) -> impl Iterator<Item = &AssetLink> {
        self.links.iter().filter(move |it| it.how == how)
    }

    /// Links and vetoes as they are after an act. Whoever acts has seen what was named, and agrees to it. What follows of
    /// them is not computed yet.
    pub fn after(&self, act: AssetAct, asset: AssetId, tag: &str) -> Result<Vec<AssetLink>, AssetKnot> {
        let mut by_hand: Vec<_> =
            self.links.iter().filter(|it| it.how != LinkedHow::Computed).cloned().collect();
        let place = by_hand.iter().position(|it| it.asset == asset);
        let how = match act {
            AssetAct::Link => LinkedHow::Manual,
            AssetAct::Veto => LinkedHow::NotImpacted,
            AssetAct::Unlink => {
                let place = place.ok_or_else(|| AssetKnot::NotByHand(tag.to_owned()))?;
                by_hand.remove(place);
                agree(&mut by_hand);
                return Ok(by_hand);
            }
        };
        // What a field names may be linked by hand as well: then it stays when the field names another one.
        if place.is_some_and(|it| by_hand[it].how == how && by_hand[it].because.is_empty()) {
            return Err(AssetKnot::AlreadySo(tag.to_owned()));
        }
        agree(&mut by_hand);
        by_hand.retain(|it| it.asset != asset);
        if BY_HAND <= by_hand.len() {
            return Err(AssetKnot::TooMany);
        }
        by_hand.push(AssetLink::new(asset, tag, how));
        by_hand.sort_by_key(|it| it.how == LinkedHow::NotImpacted);
        Ok(by_hand)
    }

    /// The impact of a ticket of which `said` was said.
    pub fn at_least(&self, said: Impact) -> Impact {
        self.impact.map_or(said, |it| it.max(said))
    }

    /// The impact and the priority of a ticket of which this was said, and which is so urgent now. What was merely named
    /// in a text makes no ticket critical, as little as the text itself.
    pub fn pressing(&self, said: &Said, urgency: Urgency, matrix: &Matrix) -> (Impact, Priority) {
        let impact = self.at_least(said.impact);
        let agreed = self.agreed.map_or(said.impact, |it| it.max(said.impact));
        // What was said need not be the matrix's: a text alone was no critical ticket.
        let sure = if (agreed, urgency) == (said.impact, said.urgency) {
            said.priority
        } else {
            matrix.priority(agreed, urgency)
        };
        let priority =
            if impact > agreed { sure.min(matrix.priority_from_text(impact, urgency)) } else { sure };
        (impact, priority)
    }

    /// The same assets, with what was said kept where they give more.
    #[must_use]
    pub fn saying(self, said: Said) -> Self {
        let raised = self.at_least(said.impact) != said.impact;
        Self { said: raised.then_some(said), ..self }
    }
}

impl AssetLink {
    /// A link of which only this is known.
    pub fn new(asset: AssetId, tag: &str, how: LinkedHow) -> Self {
        Self { asset, tag: tag.to_owned(), how, because: String::new(), facts: AssetFacts::default() }
    }
}

fn agree(links: &mut [AssetLink]) {
    for it in links.iter_mut().filter(|it| it.how == LinkedHow::Named) {
        it.how = LinkedHow::Manual;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(at: u8) -> AssetId {
        AssetId::from_bytes([at; 16])
    }

    fn with(links: Vec<AssetLink>) -> TicketAssets {
        TicketAssets { links, ..TicketAssets::default() }
    }

    #[test]
    fn a_link_is_made_vetoed_and_taken_back() {
        let linked = TicketAssets::default().after(AssetAct::Link, id(1), "A").unwrap();
        assert_eq!(linked[0].how, LinkedHow::Manual);
        let again = with(linked.clone()).after(AssetAct::Link, id(1), "A");
        assert_eq!(again, Err(AssetKnot::AlreadySo("A".into())));
        let vetoed = with(linked).after(AssetAct::Veto, id(1), "A").unwrap();
        assert_eq!((vetoed.len(), vetoed[0].how), (1, LinkedHow::NotImpacted));
        let both = with(vetoed).after(AssetAct::Link, id(2), "B").unwrap();
        assert_eq!(both.iter().map(|it| it.tag.as_str()).collect::<Vec<_>>(), ["B", "A"]);
        assert_eq!(with(both).after(AssetAct::Unlink, id(1), "A").unwrap().len(), 1);
    }

    #[test]
    fn what_is_computed_is_not_taken_back_by_hand() {
        let how = LinkedHow::Computed;
        let computed = with(vec![AssetLink {
            asset: id(1),
            tag: "A".into(),
            how,
            because: "B".into(),
            facts: AssetFacts::default(),
        }]);
        assert_eq!(computed.after(AssetAct::Unlink, id(1), "A"), Err(AssetKnot::NotByHand("A".into())));
        assert_eq!(computed.after(AssetAct::Veto, id(1), "A").unwrap()[0].how, LinkedHow::NotImpacted);
    }

    #[test]
    fn who_changes_the_assets_agrees_to_those_that_were_named() {
        let named = with(vec![AssetLink::new(id(1), "A", LinkedHow::Named)]);
        for act in [AssetAct::Link, AssetAct::Veto] {
            let links = named.after(act, id(2), "B").unwrap();
            assert_eq!(links.iter().find(|it| it.tag == "A").unwrap().how, LinkedHow::Manual);
        }
        assert_eq!(named.after(AssetAct::Link, id(1), "A").unwrap()[0].how, LinkedHow::Manual);
        let two =
            with(named.links.into_iter().chain([AssetLink::new(id(2), "B", LinkedHow::Manual)]).collect());
        assert_eq!(two.after(AssetAct::Unlink, id(2), "B").unwrap()[0].how, LinkedHow::Manual);
    }

    #[test]
    fn what_was_named_alone_is_never_critical_but_what_was_stated_stays_so() {
        let site = Some(Impact::Site);
        let of = |how: LinkedHow| TicketAssets {
            impact: site,
            agreed: site.filter(|_| how == LinkedHow::Manual),
            ..with(vec![AssetLink::new(id(1), "A", how)])
        };
        let (matrix, urgency) = (Matrix::default(), Urgency::High);
        let said = Said { impact: Impact::Person, urgency, priority: Priority::P2 };
        let pressing = |how, said: &Said| of(how).pressing(said, urgency, &matrix);
        assert_eq!(pressing(LinkedHow::Manual, &said), (Impact::Site, Priority::P1));
        assert_eq!(pressing(LinkedHow::Named, &said), (Impact::Site, Priority::P2));
        let stated = Said { priority: Priority::P1, ..said };
        assert_eq!(pressing(LinkedHow::Named, &stated), (Impact::Site, Priority::P1));
        // However urgent somebody says it is, and whatever else is named beside what was agreed to.
        let calm = Said { urgency: Urgency::Medium, priority: Priority::P3, ..said };
        assert_eq!(pressing(LinkedHow::Named, &calm), (Impact::Site, Priority::P2));
        let both = TicketAssets { agreed: site, ..of(LinkedHow::Named) };
        assert_eq!(both.pressing(&said, urgency, &matrix), (Impact::Site, Priority::P1));
    }

    #[test]
    fn what_was_said_is_kept_for_as_long_as_the_assets_give_more() {
        let said = Said { impact: Impact::Team, urgency: Urgency::High, priority: Priority::P2 };
        let site = TicketAssets { impact: Some(Impact::Site), ..TicketAssets::default() }.saying(said);
        assert_eq!((site.said, site.at_least(Impact::Team)), (Some(said), Impact::Site));
        let person = TicketAssets { impact: Some(Impact::Person), ..site }.saying(said);
        assert_eq!((person.said, person.at_least(Impact::Team)), (None, Impact::Team));
    }
}
