//! The attributes that are known, as tables (RFC 7643). They say what is taken, what is published under `/Schemas`, and
//! what a path or a filter may name.

/// Users as the standard has them.
pub(super) const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// What companies know of their staff.
pub(super) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
/// Groups as the standard has them.
pub(super) const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

/// What an attribute holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Flag,
    Reference,
    Time,
    Complex(&'static [Attribute]),
}

/// Whether clients may write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mutability {
    ReadWrite,
    ReadOnly,
}

/// One attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Attribute {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) kind: Kind,
    pub(super) multi: bool,
    pub(super) required: bool,
    pub(super) exact: bool,
    pub(super) unique: bool,
    pub(super) mutability: Mutability,
    pub(super) canonical: &'static [&'static str],
}

/// A schema: its attributes beside the common ones.
#[derive(Debug, Clone, Copy)]
pub(super) struct Schema {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) attributes: &'static [Attribute],
}

const fn attribute(name: &'static str, kind: Kind, about: &'static str) -> Attribute {
    Attribute {
        name,
        about,
        kind,
        multi: false,
        required: false,
        exact: false,
        unique: false,
        mutability: Mutability::ReadWrite,
        canonical: &[],
    }
}

const fn text(name: &'static str, about: &'static str) -> Attribute {
    attribute(name, Kind::Text, about)
}

const fn flag(name: &'static str, about: &'static str) -> Attribute {
    attribute(name, Kind::Flag, about)
}

const fn read_only(it: Attribute) -> Attribute {
    Attribute { mutability: Mutability::ReadOnly, ..it }
}

const fn many(it: Attribute) -> Attribute {
    Attribute { multi: true, ..it }
}

const NAME: &[Attribute] = &[
    text("formatted", "The whole name as it is written on letters."),
    text("familyName", "Family name."),
    text("givenName", "Given name."),
];

const EMAIL: &[Attribute] = &[
    text("value", "The address."),
    Attribute { canonical: &["work", "home", "other"], ..text("type", "What it is used for.") },
    flag("primary", "The one to use first."),
];

const PHONE: &[Attribute] = &[
    text("value", "The number."),
    Attribute { canonical: &["work", "home", "mobile", "other"], ..text("type", "What it is used for.") },
    flag("primary", "The one to use first."),
];

const ADDRESS: &[Attribute] = &[
    text("formatted", "Site or office, as people write it."),
    Attribute { canonical: &["work"], ..text("type", "Only the one at work is kept.") },
];

const MANAGER: &[Attribute] = &[
    Attribute { exact: true, ..text("value", "Id of the manager.") },
    attribute("$ref", Kind::Reference, "Where the manager's entry is."),
    read_only(text("displayName", "Name of the manager.")),
];

const MEMBER: &[Attribute] = &[
    read_only(Attribute { exact: true, ..text("value", "Id of the member.") }),
    read_only(attribute("$ref", Kind::Reference, "Where the member's entry is.")),
    read_only(text("display", "Name of the member.")),
];

const META: &[Attribute] = &[
    read_only(text("resourceType", "What it is.")),
    read_only(attribute("created", Kind::Time, "When it was entered.")),
    read_only(attribute("lastModified", Kind::Time, "When it last changed.")),
    read_only(attribute("location", Kind::Reference, "Where it is.")),
    read_only(Attribute { exact: true, ..text("version", "Its version, an entity tag.") }),
];

/// What every resource has.
pub(super) const COMMON: &[Attribute] = &[
    read_only(Attribute { exact: true, ..text("id", "Its identity.") }),
    Attribute { exact: true, ..text("externalId", "Id of the system that keeps the directory.") },
    read_only(attribute("meta", Kind::Complex(META), "Of the entry itself.")),
];

const USER_SCHEMA: Schema = Schema {
    id: USER,
    name: "User",
    about: "Somebody who asks the desk, or works at it.",
    attributes: &[
        Attribute {
            required: true,
            unique: true,
            ..text("userName", "What they log in with; nobody else has it, in whatever case.")
        },
        attribute("name", Kind::Complex(NAME), "Parts of the name."),
        text("displayName", "Name to show."),
        text("title", "Title, such as Head of Sales."),
        text("preferredLanguage", "Language tag such as zh-CN."),
        text("timezone", "Time zone such as Asia/Shanghai."),
        // Always there; a client that leaves it out is still understood.
        Attribute { required: true, ..flag("active", "They are still here.") },
        many(attribute("emails", Kind::Complex(EMAIL), "E-mail addresses.")),
        many(attribute("phoneNumbers", Kind::Complex(PHONE), "Telephone numbers.")),
        many(attribute("addresses", Kind::Complex(ADDRESS), "Where they work.")),
    ],
};

const ENTERPRISE_SCHEMA: Schema = Schema {
    id: ENTERPRISE,
    name: "EnterpriseUser",
    about: "What companies know of their staff.",
    attributes: &[
        text("employeeNumber", "Number among the staff."),
        text("costCenter", "Cost centre."),
        text("department", "Department."),
        attribute("manager", Kind::Complex(MANAGER), "Their manager."),
    ],
};

const GROUP_SCHEMA: Schema = Schema {
    id: GROUP,
    name: "Group",
    about: "A group of agents, as the catalogue has it.",
    attributes: &[
        read_only(text("displayName", "Its name.")),
        read_only(many(attribute(
            "members",
            Kind::Complex(MEMBER),
            "Its agents who stand in the directory.",
        ))),
    ],
};

/// All schemas.
pub(super) const SCHEMAS: [&Schema; 3] = [&USER_SCHEMA, &ENTERPRISE_SCHEMA, &GROUP_SCHEMA];

/// A kind of resource: the schema of its own attributes, and those that extend it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Resource {
    pub(super) core: &'static Schema,
    pub(super) extensions: &'static [&'static Schema],
}

/// Users.
pub(super) const USERS: Resource = Resource { core: &USER_SCHEMA, extensions: &[&ENTERPRISE_SCHEMA] };
/// Groups.
pub(super) const GROUPS: Resource = Resource { core: &GROUP_SCHEMA, extensions: &[] };

impl Resource {
    /// Attributes at the top of a resource.
    pub(super) fn top(self) -> impl Iterator<Item = &'static Attribute> {
        COMMON.iter().chain(self.core.attributes)
    }

    /// An extension by its name, in whatever case.
    pub(super) fn extension(self, urn: &str) -> Option<&'static Schema> {
        self.extensions.iter().copied().find(|it| it.id.eq_ignore_ascii_case(urn))
    }
}

/// An attribute among some, in whatever case.
pub(super) fn named<'a>(mut all: impl Iterator<Item = &'a Attribute>, name: &str) -> Option<&'a Attribute> {
    all.find(|it| it.name.eq_ignore_ascii_case(name))
}

impl Attribute {
    /// Its parts, if it has any.
    pub(super) fn parts(&self) -> &'static [Self] {
        match self.kind {
            Kind::Complex(parts) => parts,
            Kind::Text | Kind::Flag | Kind::Reference | Kind::Time => &[],
        }
    }
}
