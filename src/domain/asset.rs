//! The register of assets (ITIL 4, IT asset management and service configuration management): what the company has
//! and runs, in which state it is, whose it is, and what of it hangs on what.

mod check;
mod circle;
mod graph;
mod kind;
mod life;

pub use self::{
    circle::circle,
    graph::{Graph, Impacted, Node, Reach, Standing},
    kind::{AssetField, AssetType, Criticality},
    life::AssetState,
};
use super::{
    id::{AssetId, ProfileId},
    template::Values,
    time::Timestamp,
};
use jiff::civil::Date;

/// An entry of the register.
#[derive(Debug, Clone, PartialEq)]
pub struct Asset {
    /// Its identity; stays when the tag changes.
    pub id: AssetId,
    /// What is known of it.
    pub details: Details,
    /// It was taken out of the register; its history stays.
    pub removed: bool,
    /// When it was entered.
    pub created: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
    /// Counts the changes.
    pub version: u64,
}

/// What is known of an asset; empty where nothing is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Details {
    /// What stands on its label, upper case; no other asset of the tenant has it.
    pub tag: String,
    /// Id of its type in the catalogue.
    pub kind: String,
    /// Name to show.
    pub name: String,
    /// Name in the network, lower case.
    pub host: String,
    /// Serial number, upper case.
    pub serial: String,
    /// Where it is in its life.
    pub state: AssetState,
    /// Whose it is.
    pub owner: Option<ProfileId>,
    /// Site, room or rack, as people write it.
    pub location: String,
    /// Department that pays for it.
    pub department: String,
    /// How much hangs on it; what its type has if nothing is said.
    pub criticality: Option<Criticality>,
    /// Id of the supplier whose contract covers it.
    pub supplier: String,
    /// When it was ordered.
    pub ordered: Option<Date>,
    /// When it was bought.
    pub purchased: Option<Date>,
    /// The last day of its warranty.
    pub warranty_until: Option<Date>,
    /// The last day of the contract.
    pub contract_until: Option<Date>,
    /// Values of its type's fields.
    pub fields: Values,
    /// What it is to other assets.
    pub relations: Vec<Relation>,
    /// Where fewer than all of what it hangs on will do.
    pub needs: Vec<Need>,
}

/// What an asset is to another one. It is kept with the asset that it starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Relation {
    /// In what way.
    pub kind: RelationKind,
    /// The other one.
    pub to: AssetId,
}

/// How two assets hang together, read from the one that has the relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RelationKind {
    /// An application on a server, a virtual machine on its host.
    RunsOn,
    /// It does not work without the other.
    DependsOn,
    /// A cable goes to the other, which is nearer to the core of the network.
    ConnectedTo,
    /// The other is made of it and of more like it.
    PartOf,
    /// The other uses it.
    UsedBy,
}

impl RelationKind {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::RunsOn, Self::DependsOn, Self::ConnectedTo, Self::PartOf, Self::UsedBy];

    /// As files and commands write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RunsOn => "runs_on",
            Self::DependsOn => "depends_on",
            Self::ConnectedTo => "connected_to",
            Self::PartOf => "part_of",
            Self::UsedBy => "used_by",
        }
    }

    /// Whether it is the asset with the relation that suffers when the other fails; else it is the other way round.
    pub fn hangs_on_target(self) -> bool {
        match self {
            Self::RunsOn | Self::DependsOn | Self::ConnectedTo => true,
            Self::PartOf | Self::UsedBy => false,
        }
    }

    /// Whether a circle of them is a mistake: nothing runs on itself or is a part of itself. Services may well depend
    /// on each other, and networks are wired in rings.
    pub fn is_a_tree(self) -> bool {
        match self {
            Self::RunsOn | Self::PartOf => true,
            Self::DependsOn | Self::ConnectedTo | Self::UsedBy => false,
        }
    }
}

/// Redundancy: of all that an asset hangs on in one way, so many must be up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Need {
    /// In which way it hangs on them, whichever side keeps the relation.
    pub kind: RelationKind,
    /// At least so many; from 1.
    pub at_least: u32,
}

impl Details {
    /// What is one text, with its name.
    pub fn texts(&self) -> [(&'static str, &str); 8] {
        [
            ("tag", &self.tag),
            ("type", &self.kind),
            ("name", &self.name),
            ("host", &self.host),
            ("serial", &self.serial),
            ("location", &self.location),
            ("department", &self.department),
            ("supplier", &self.supplier),
        ]
    }

    /// The days that are known of it, with their names, in the order in which they come.
    pub fn days(&self) -> [(&'static str, Option<Date>); 4] {
        [
            ("ordered", self.ordered),
            ("purchased", self.purchased),
            ("warranty_until", self.warranty_until),
            ("contract_until", self.contract_until),
        ]
    }

    /// The names of what differs.
    pub fn changes(&self, other: &Self) -> Vec<&'static str> {
        let texts = self.texts().into_iter().zip(other.texts());
        let texts = texts.filter(|((_, a), (_, b))| a != b).map(|((name, _), _)| name);
        let days = self.days().into_iter().zip(other.days());
        let days = days.filter(|((_, a), (_, b))| a != b).map(|((name, _), _)| name);
        let rest = [
            ("state", self.state != other.state),
            ("owner", self.owner != other.owner),
            ("criticality", self.criticality != other.criticality),
            ("fields", self.fields != other.fields),
            ("relations", self.relations != other.relations),
            ("needs", self.needs != other.needs),
        ];
        texts.chain(days).chain(rest.into_iter().filter(|it| it.1).map(|it| it.0)).collect()
    }

    /// The same in the form that is compared: tags and serial numbers in upper case, hosts in lower case, lists in
    /// order and without doubles.
    #[must_use]
    pub fn plain(mut self) -> Self {
        self.tag = tag_key(&self.tag);
        self.serial = tag_key(&self.serial);
        self.host = self.host.trim().to_lowercase();
        self.relations.sort_unstable();
        self.relations.dedup();
        self.needs.sort_unstable();
        self.fields.sort_by(|a, b| a.0.cmp(&b.0));
        self
    }
}

/// How much hangs on an asset: what was said, else what its type has.
pub fn weight(said: Option<Criticality>, kind: &str, types: &[AssetType]) -> Criticality {
    let of_type = || types.iter().find(|it| it.id == kind).map(|it| it.criticality);
    said.or_else(of_type).unwrap_or_default()
}

/// What makes two tags the same.
pub fn tag_key(tag: &str) -> String {
    tag.trim().to_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_named() {
        let one = Details { tag: "NB-1".into(), ..Details::default() };
        assert!(one.changes(&one).is_empty());
        let other = Details {
            location: "Berlin".into(),
            warranty_until: Some(jiff::civil::date(2027, 1, 1)),
            state: AssetState::Lost,
            ..one.clone()
        };
        assert_eq!(one.changes(&other), ["location", "warranty_until", "state"]);
    }

    #[test]
    fn what_nobody_said_of_its_weight_is_that_of_its_type() {
        let types =
            [AssetType { id: "server".into(), criticality: Criticality::High, ..AssetType::default() }];
        assert_eq!(weight(None, "server", &types), Criticality::High);
        assert_eq!(weight(Some(Criticality::Low), "server", &types), Criticality::Low);
        assert_eq!(weight(None, "toaster", &types), Criticality::Low);
    }
}
