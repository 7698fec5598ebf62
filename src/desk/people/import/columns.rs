//! The columns of a list of people, by the names that exports of directories give them, and what a row says.

use crate::{
    desk::table::{RowFault, plain},
    domain::profile::{Contact, Details},
};

/// A column of a list of people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    /// Who vouches for the subject.
    Issuer,
    /// Stable id there.
    Subject,
    /// What they log in with.
    UserName,
    /// Id of the system that keeps the directory.
    ExternalId,
    /// Name to show.
    DisplayName,
    /// Given name.
    GivenName,
    /// Family name.
    FamilyName,
    /// Title.
    Title,
    /// E-mail addresses, the first is the primary one.
    Email,
    /// Telephone numbers, the first is the primary one.
    Phone,
    /// Number among the staff.
    EmployeeNumber,
    /// Department.
    Department,
    /// Cost centre.
    CostCentre,
    /// Site or office.
    Location,
    /// Language tag.
    Language,
    /// Name of a time zone.
    TimeZone,
    /// The manager, by user name or e-mail address.
    Manager,
    /// Tags of assets.
    Assets,
    /// Somebody to take special care of: yes or no.
    Vip,
    /// Still here: yes or no.
    Active,
}

use Column::{
    Active, Assets, CostCentre, Department, DisplayName, Email, EmployeeNumber, ExternalId, FamilyName,
    GivenName, Issuer, Language, Location, Manager, Phone, Subject, TimeZone, Title, UserName, Vip,
};

impl Column {
    /// All of them, in the order in which they are written.
    pub const ALL: [Self; 20] = [
        UserName,
        DisplayName,
        GivenName,
        FamilyName,
        Email,
        Phone,
        Title,
        Department,
        Location,
        CostCentre,
        EmployeeNumber,
        Manager,
        Language,
        TimeZone,
        Vip,
        Active,
        Assets,
        Issuer,
        Subject,
        ExternalId,
    ];

    /// As exports of this program call it, and what others do: without case, spaces and marks.
    fn names(self) -> &'static [&'static str] {
        match self {
            Issuer => &["issuer", "aussteller"],
            Subject => &["subject", "subjectid"],
            UserName => &[
                "user_name",
                "user",
                "login",
                "loginname",
                "logon",
                "account",
                "samaccountname",
                "userprincipalname",
                "upn",
                "userid",
                "benutzername",
                "benutzer",
                "anmeldename",
                "kennung",
                "用户名",
                "账号",
                "登录名",
            ],
            ExternalId => &["external_id", "objectid", "objectguid", "guid", "externeid"],
            DisplayName => &["display_name", "name", "fullname", "anzeigename", "姓名", "显示名"],
            GivenName => &["given_name", "firstname", "forename", "vorname", "名"],
            FamilyName => &["family_name", "lastname", "surname", "sn", "nachname", "familienname", "姓"],
            Title => &["title", "jobtitle", "position", "stelle", "funktion", "titel", "职位", "职务"],
            Email => &[
                "email",
                "mail",
                "emailaddress",
                "emails",
                "emailadresse",
                "mailadresse",
                "邮箱",
                "电子邮件",
            ],
            Phone => &[
                "phone",
                "telephone",
                "phonenumber",
                "telephonenumber",
                "phones",
                "telefon",
                "telefonnummer",
                "电话",
                "手机",
            ],
            EmployeeNumber => &[
                "employee_number",
                "employeeid",
                "staffnumber",
                "personalnummer",
                "mitarbeiternummer",
                "工号",
            ],
            Department => &["department", "dept", "division", "abteilung", "bereich", "部门"],
            CostCentre => &["cost_centre", "costcenter", "kostenstelle", "成本中心"],
            Location => &[
                "location",
                "site",
                "office",
                "physicaldeliveryofficename",
                "city",
                "standort",
                "ort",
                "büro",
                "地点",
                "办公地点",
            ],
            Language => &["language", "preferredlanguage", "lang", "locale", "sprache", "语言"],
            TimeZone => &["time_zone", "timezone", "zeitzone", "时区"],
            Manager => {
                &["manager", "supervisor", "boss", "vorgesetzter", "vorgesetzte", "leiter", "经理", "上级"]
            }
            Assets => &["assets", "asset", "assettag", "assettags", "inventarnummer", "资产"],
            Vip => &["vip"],
            Active => &["active", "enabled", "aktiv", "在职", "启用"],
        }
    }

    /// As exports of this program call it.
    pub fn as_str(self) -> &'static str {
        self.names().first().copied().unwrap_or_default()
    }

    /// The column of a header.
    pub fn parse(header: &str) -> Option<Self> {
        let header = plain(header);
        Self::ALL.into_iter().find(|it| it.names().iter().any(|name| plain(name) == header))
    }
}

/// Somebody in a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// The line that it begins in, from 1.
    pub line: usize,
    /// What stands in the columns that are known.
    pub cells: Vec<(Column, String)>,
}

impl Row {
    /// What stands in a column, if there is such a column.
    pub fn cell(&self, column: Column) -> Option<&str> {
        self.cells.iter().find(|(it, _)| *it == column).map(|(_, it)| it.as_str())
    }

    /// The same, if anything stands there.
    pub(super) fn said(&self, column: Column) -> Option<&str> {
        self.cell(column).filter(|it| !it.is_empty())
    }

    /// Whether it says who the manager is, or that there is none.
    pub(super) fn names_manager(&self) -> bool {
        self.cell(Manager).is_some()
    }

    /// Sets what the row has a column for, but the manager. Without a user name the e-mail address is one.
    pub(super) fn apply(&self, to: &mut Details) {
        for (column, value) in &self.cells {
            let text = value.clone();
            match column {
                Issuer | Subject | Manager => {}
                UserName => to.user_name = text,
                ExternalId => to.external_id = text,
                DisplayName => to.display_name = text,
                GivenName => to.given_name = text,
                FamilyName => to.family_name = text,
                Title => to.title = text,
                Email => to.emails = contacts(value, &to.emails),
                Phone => to.phones = contacts(value, &to.phones),
                EmployeeNumber => to.employee_number = text,
                Department => to.department = text,
                CostCentre => to.cost_centre = text,
                Location => to.location = text,
                Language => to.language = text,
                TimeZone => to.time_zone = text,
                Assets => to.assets = parts(value).map(str::to_uppercase).collect(),
                Vip => to.vip = flag(value).unwrap_or(false),
                Active => to.active = flag(value).unwrap_or(true),
            }
        }
        if let (None, Some(first)) = (self.cell(UserName), to.emails.first()) {
            to.user_name.clone_from(&first.value);
        }
    }

    /// What is wrong with what it says.
    pub(super) fn faults(&self) -> Vec<RowFault> {
        let fault =
            |column: &str, problem: String| RowFault { line: self.line, column: column.to_owned(), problem };
        let flags = [Vip, Active].into_iter().filter_map(|column| {
            let value = self.said(column).filter(|it| flag(it).is_none())?;
            Some(fault(column.as_str(), format!("`{value}` is neither yes nor no")))
        });
        let mut details = Details::default();
        self.apply(&mut details);
        let details = details.faults();
        let details = details.into_iter().map(|(field, problem)| fault(column_of(&field), problem));
        flags.chain(details).collect()
    }
}

/// The column that a field of an entry comes from.
fn column_of(field: &str) -> &str {
    let name = field.split(['[', '.']).next().unwrap_or(field);
    match name {
        "emails" => Email.as_str(),
        "phones" => Phone.as_str(),
        _ => name,
    }
}

/// What stands in one cell: several are separated by commas or semicolons.
fn parts(value: &str) -> impl Iterator<Item = &str> {
    value.split([';', ',']).map(str::trim).filter(|it| !it.is_empty())
}

/// What is known of one already stays.
fn contacts(value: &str, old: &[Contact]) -> Vec<Contact> {
    let contact = |(place, it): (usize, &str)| {
        let old = old.iter().find(|old| old.value == it);
        let kind = old.map_or_else(|| "work".to_owned(), |it| it.kind.clone());
        Contact { value: it.to_owned(), kind, primary: place == 0 }
    };
    parts(value).enumerate().map(contact).collect()
}

/// Yes or no, in the words of spreadsheets; nothing said is neither.
fn flag(value: &str) -> Option<bool> {
    match value.to_lowercase().as_str() {
        "true" | "yes" | "y" | "1" | "x" | "ja" | "wahr" | "是" => Some(true),
        "false" | "no" | "n" | "0" | "nein" | "falsch" | "否" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_go_by_the_names_that_others_give_them() {
        for (header, column) in [
            ("E-Mail", Email),
            ("Abteilung", Department),
            ("sAMAccountName", UserName),
            ("User Name", UserName),
            ("Cost Center", CostCentre),
            ("部门", Department),
            ("VORGESETZTER", Manager),
        ] {
            assert_eq!(Column::parse(header), Some(column), "{header}");
        }
        assert_eq!(Column::parse("shoe size"), None);
    }

    #[test]
    fn no_name_stands_for_two_columns() {
        for column in Column::ALL {
            for name in column.names() {
                assert_eq!(Column::parse(name), Some(column), "{name}");
            }
        }
    }

    #[test]
    fn a_row_says_what_is_wrong_with_it_by_column() {
        let cells =
            vec![(UserName, String::new()), (Email, "nobody".to_owned()), (Vip, "perhaps".to_owned())];
        let faults = Row { line: 7, cells }.faults();
        let columns: Vec<_> = faults.iter().map(|it| it.column.as_str()).collect();
        assert_eq!(columns, ["vip", "user_name", "email"]);
        assert_eq!(faults[0].to_string(), "line 7: vip: `perhaps` is neither yes nor no");
    }

    #[test]
    fn without_a_user_name_the_address_is_one() {
        let mut details = Details::default();
        Row { line: 2, cells: vec![(Email, "ada@example.com; a@example.com".to_owned())] }
            .apply(&mut details);
        assert_eq!(details.user_name, "ada@example.com");
        assert_eq!(details.emails.len(), 2);
        assert!(details.emails[0].primary && !details.emails[1].primary);
    }
}
