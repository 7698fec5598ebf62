//! The columns of a list of assets, by the names that others give them.

use crate::{
    desk::table::plain,
    domain::{asset::RelationKind, catalog::Catalog},
};

/// A column of a list of assets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Column {
    Tag,
    Type,
    Name,
    Host,
    Serial,
    State,
    /// User name or e-mail address.
    Owner,
    Location,
    Department,
    Criticality,
    Supplier,
    Ordered,
    Purchased,
    WarrantyUntil,
    ContractUntil,
    /// Tags of other assets.
    Relation(RelationKind),
    /// How many of those that it hangs on must be up.
    Need(RelationKind),
    /// A field of its type.
    Field(String),
}

use Column::{
    ContractUntil, Criticality, Department, Host, Location, Name, Ordered, Owner, Purchased, Serial, State,
    Supplier, Tag, Type, WarrantyUntil,
};

/// Each column by its own name, and by those that others give it: without case, spaces and marks.
const NAMES: [(Column, &[&str]); 15] = [
    (
        Tag,
        &[
            "tag",
            "assettag",
            "assetnumber",
            "assetid",
            "inventorynumber",
            "inventarnummer",
            "资产编号",
            "资产标签",
        ],
    ),
    (Type, &["type", "assettype", "category", "class", "typ", "kategorie", "类型", "资产类型"]),
    (Name, &["name", "displayname", "assetname", "bezeichnung", "名称"]),
    (Host, &["host", "hostname", "computername", "fqdn", "dnsname", "rechnername", "主机名"]),
    (Serial, &["serial", "serialnumber", "serialno", "sn", "seriennummer", "序列号"]),
    (State, &["state", "status", "lifecycle", "zustand", "状态"]),
    (
        Owner,
        &["owner", "user", "assignedto", "usedbyperson", "email", "besitzer", "benutzer", "使用人", "责任人"],
    ),
    (Location, &["location", "site", "room", "rack", "standort", "ort", "raum", "地点", "位置"]),
    (Department, &["department", "dept", "abteilung", "部门"]),
    (Criticality, &["criticality", "businesscriticality", "kritikalität", "重要性"]),
    (Supplier, &["supplier", "contract", "vendor", "lieferant", "供应商"]),
    (Ordered, &["ordered", "orderdate", "ordereddate", "bestelldatum", "订购日期"]),
    (Purchased, &["purchased", "purchasedate", "kaufdatum", "购买日期"]),
    (WarrantyUntil, &["warranty_until", "warrantyend", "warrantyexpires", "garantiebis", "保修到期"]),
    (ContractUntil, &["contract_until", "contractend", "contractexpires", "vertragbis", "合同到期"]),
];

impl Column {
    /// As the contract and exports call it.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Relation(kind) => kind.as_str().to_owned(),
            Self::Need(kind) => format!("needs.{}", kind.as_str()),
            Self::Field(id) => format!("fields.{id}"),
            Tag | Type | Name | Host | Serial | State | Owner | Location | Department | Criticality
            | Supplier | Ordered | Purchased | WarrantyUntil | ContractUntil => {
                let own = NAMES.iter().find(|it| it.0 == *self).and_then(|it| it.1.first());
                own.copied().unwrap_or_default().to_owned()
            }
        }
    }

    /// The column of a header: a fixed one, a relation, or a field of some type of the catalogue.
    pub(super) fn parse(header: &str, catalog: &Catalog) -> Option<Self> {
        let name = plain(header);
        if let Some((column, _)) = NAMES.iter().find(|it| it.1.iter().any(|it| plain(it) == name)) {
            return Some(column.clone());
        }
        for kind in RelationKind::ALL {
            let own = plain(kind.as_str());
            if name == own {
                return Some(Self::Relation(kind));
            }
            if name.strip_prefix("needs") == Some(&own) {
                return Some(Self::Need(kind));
            }
        }
        let mut fields = catalog.asset_types.iter().flat_map(|it| &it.fields);
        let field = name.strip_prefix("fields").unwrap_or(&name);
        fields
            .find(|it| [&name, field].iter().any(|name| plain(&it.id) == **name))
            .map(|it| Self::Field(it.id.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        asset::{AssetField, AssetType},
        field::FieldKind,
        people::Bilingual,
    };

    #[test]
    fn columns_go_by_the_names_that_others_give_them() {
        let field =
            AssetField { id: "ram_gb".into(), label: Bilingual::default(), kind: FieldKind::Location };
        let kind = AssetType { fields: vec![field], ..AssetType::default() };
        let catalog = Catalog { asset_types: vec![kind], ..Catalog::default() };
        for (header, column) in [
            ("Asset Tag", Tag),
            ("Serial No.", Serial),
            ("Seriennummer", Serial),
            ("主机名", Host),
            ("Runs on", Column::Relation(RelationKind::RunsOn)),
            ("used_by", Column::Relation(RelationKind::UsedBy)),
            ("needs.part_of", Column::Need(RelationKind::PartOf)),
            ("RAM GB", Column::Field("ram_gb".into())),
            ("fields.ram_gb", Column::Field("ram_gb".into())),
            ("Warranty until", WarrantyUntil),
        ] {
            assert_eq!(Column::parse(header, &catalog), Some(column), "{header}");
        }
        assert_eq!(Column::parse("shoe size", &catalog), None);
    }

    #[test]
    fn no_name_stands_for_two_columns_and_each_reads_its_own() {
        for (column, names) in NAMES {
            for name in names {
                assert_eq!(Column::parse(name, &Catalog::default()).as_ref(), Some(&column), "{name}");
            }
            assert_eq!(Column::parse(&column.name(), &Catalog::default()), Some(column));
        }
    }
}
