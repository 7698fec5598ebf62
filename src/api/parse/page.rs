//! Pages of lists: how many, from where on, and the token of the next one. A token is hexadecimal and
//! means nothing outside; its first byte says which kind of list it belongs to.

use jiff::civil::Date;
use prost::Message;

use super::Checks;
use crate::domain::{
    id::{ArticleId, AssetId, ImprovementId, ProfileId, TicketId, WaveId},
    improvement::Place,
    lookup::TaskRef,
    time::Timestamp,
};

/// Most entries of a page, unless a method says otherwise.
const MOST: u32 = 200;
/// Entries of a page when the caller does not say.
const USUAL: u32 = 50;
/// Many clients refuse an answer of more than 4 MiB.
const ANSWER: usize = 3 * 1024 * 1024;

const TICKETS: u8 = b't';
const EVENTS: u8 = b'e';
const NAMES: u8 = b'n';
const TASKS: u8 = b'k';
const PEOPLE: u8 = b'p';
const ARTICLES: u8 = b'r';
const ASSETS: u8 = b'a';
const WAVES: u8 = b'w';
const CHANGES: u8 = b'c';
const IMPROVEMENTS: u8 = b'i';

impl Checks {
    /// How many entries to give at most: 1 to 200, and 50 if not said.
    pub(in crate::api) fn page_size(&mut self, raw: i32) -> u32 {
        self.size(raw, USUAL, MOST)
    }

    /// The same with other bounds.
    pub(in crate::api) fn size(&mut self, raw: i32, usual: u32, most: u32) -> u32 {
        match u32::try_from(raw) {
            Ok(0) => usual,
            Ok(it) if it <= most => it,
            Ok(_) | Err(_) => {
                self.wrong("page_size", format!("must be 1 to {most}, or 0 for {usual}"));
                usual
            }
        }
    }

    /// The ticket behind which a page starts.
    pub(in crate::api) fn after_ticket(&mut self, token: &str) -> Option<TicketId> {
        let bytes = self.token(token, TICKETS)?;
        let id = bytes.try_into().ok().map(TicketId::from_bytes);
        id.or_else(|| self.bad_token())
    }

    /// The entry of the directory behind which a page starts.
    pub(in crate::api) fn after_person(&mut self, token: &str) -> Option<ProfileId> {
        let bytes = self.token(token, PEOPLE)?;
        let id = bytes.try_into().ok().map(ProfileId::from_bytes);
        id.or_else(|| self.bad_token())
    }

    /// The article behind which a page starts.
    pub(in crate::api) fn after_article(&mut self, token: &str) -> Option<ArticleId> {
        let bytes = self.token(token, ARTICLES)?;
        let id = bytes.try_into().ok().map(ArticleId::from_bytes);
        id.or_else(|| self.bad_token())
    }

    /// The asset behind which a page starts.
    pub(in crate::api) fn after_asset(&mut self, token: &str) -> Option<AssetId> {
        let bytes = self.token(token, ASSETS)?;
        let id = bytes.try_into().ok().map(AssetId::from_bytes);
        id.or_else(|| self.bad_token())
    }

    /// The wave behind which a page starts.
    pub(in crate::api) fn after_wave(&mut self, token: &str) -> Option<WaveId> {
        let bytes = self.token(token, WAVES)?;
        let id = bytes.try_into().ok().map(WaveId::from_bytes);
        id.or_else(|| self.bad_token())
    }

    /// The change behind which a page of the calendar starts, with the beginning of its window.
    pub(in crate::api) fn after_change(&mut self, token: &str) -> Option<(Timestamp, TicketId)> {
        let bytes = self.token(token, CHANGES)?;
        let parts = bytes.split_first_chunk().map(|(at, id)| (i64::from_be_bytes(*at), id.to_vec()));
        let place =
            parts.and_then(|(at, id)| Some((Timestamp(at), TicketId::from_bytes(id.try_into().ok()?))));
        place.or_else(|| self.bad_token())
    }

    /// The position behind which a page starts; 0 for the first page.
    pub(in crate::api) fn after_event(&mut self, token: &str) -> u64 {
        let Some(bytes) = self.token(token, EVENTS) else { return 0 };
        bytes.try_into().ok().map(u64::from_be_bytes).or_else(|| self.bad_token()).unwrap_or(0)
    }

    /// The name behind which a page starts; empty for the first page.
    pub(in crate::api) fn after_name(&mut self, token: &str) -> String {
        let Some(bytes) = self.token(token, NAMES) else { return String::new() };
        String::from_utf8(bytes).ok().or_else(|| self.bad_token()).unwrap_or_default()
    }

    /// The task behind which a page starts, with its ticket.
    pub(in crate::api) fn after_task(&mut self, token: &str) -> Option<TaskRef> {
        let bytes = self.token(token, TASKS)?;
        let parts = bytes.split_first_chunk().map(|(id, task)| (TicketId::from_bytes(*id), task.to_vec()));
        let task = parts.and_then(|(id, task)| Some((id, String::from_utf8(task).ok()?)));
        task.or_else(|| self.bad_token())
    }

    /// The improvement behind which a page starts, and the day for which the first page was asked.
    pub(in crate::api) fn after_improvement(&mut self, token: &str) -> Option<(Date, Place)> {
        let bytes = self.token(token, IMPROVEMENTS)?;
        let read = || {
            let (id, days) = bytes.split_first_chunk::<16>()?;
            let (today, review) = std::str::from_utf8(days).ok()?.split_once(' ')?;
            let review = Some(review.to_owned()).filter(|it| it != "-");
            Some((today.parse().ok()?, Place { review, id: ImprovementId::from_bytes(*id) }))
        };
        read().or_else(|| self.bad_token())
    }

    fn token(&mut self, token: &str, kind: u8) -> Option<Vec<u8>> {
        if token.is_empty() {
            return None;
        }
        match unhex(token).as_deref() {
            Some([first, rest @ ..]) if *first == kind => Some(rest.to_vec()),
            Some(_) | None => self.bad_token(),
        }
    }

    fn bad_token<T>(&mut self) -> Option<T> {
        self.wrong("page_token", "must be the `next_page_token` of this list's page before, or empty");
        None
    }
}

/// Where the page behind a ticket starts.
pub(in crate::api) fn behind_ticket(id: &str) -> String {
    let id = id.parse::<TicketId>().map(|it| it.bytes().to_vec());
    hex(TICKETS, &id.unwrap_or_default())
}

/// Where the page behind an entry of the directory starts.
pub(in crate::api) fn behind_person(id: &str) -> String {
    let id = id.parse::<ProfileId>().map(|it| it.bytes().to_vec());
    hex(PEOPLE, &id.unwrap_or_default())
}

/// Where the page behind an improvement starts, of a list of that day.
pub(in crate::api) fn behind_improvement(today: Date, Place { review, id }: &Place) -> String {
    let days = format!("{today} {}", review.as_deref().unwrap_or("-"));
    hex(IMPROVEMENTS, &[id.bytes().as_slice(), days.as_bytes()].concat())
}

/// Where the page behind an article starts.
pub(in crate::api) fn behind_article(id: &str) -> String {
    let id = id.parse::<ArticleId>().map(|it| it.bytes().to_vec());
    hex(ARTICLES, &id.unwrap_or_default())
}

/// Where the page behind an asset starts.
pub(in crate::api) fn behind_asset(id: &str) -> String {
    let id = id.parse::<AssetId>().map(|it| it.bytes().to_vec());
    hex(ASSETS, &id.unwrap_or_default())
}

/// Where the page behind a wave starts.
pub(in crate::api) fn behind_wave(id: &str) -> String {
    let id = id.parse::<WaveId>().map(|it| it.bytes().to_vec());
    hex(WAVES, &id.unwrap_or_default())
}

/// Where the page behind a change of the calendar starts.
pub(in crate::api) fn behind_change((at, id): (Timestamp, TicketId)) -> String {
    let bytes: Vec<u8> = at.0.to_be_bytes().iter().chain(id.bytes()).copied().collect();
    hex(CHANGES, &bytes)
}

/// Where the page behind an event starts.
pub(in crate::api) fn behind_event(position: u64) -> String {
    hex(EVENTS, &position.to_be_bytes())
}

/// Where the page behind a name starts.
pub(in crate::api) fn behind_name(name: &str) -> String {
    hex(NAMES, name.as_bytes())
}

/// Where the page behind a task of a ticket starts.
pub(in crate::api) fn behind_task(ticket: &str, task: &str) -> String {
    let mut bytes = ticket.parse::<TicketId>().map(|it| it.bytes().to_vec()).unwrap_or_default();
    bytes.extend(task.as_bytes());
    hex(TASKS, &bytes)
}

/// Shortens a list to `size` entries and to what fits into one answer. Says whether any were cut; at
/// least one entry stays, so that the caller gets on.
pub(in crate::api) fn fit<T: Message>(entries: &mut Vec<T>, size: u32) -> bool {
    let most = usize::try_from(size).unwrap_or(usize::MAX);
    let mut bytes = 0;
    let fits = entries.iter().take(most).take_while(|it| {
        bytes += it.encoded_len();
        bytes <= ANSWER
    });
    let fits = fits.count().max(1);
    let cut = fits < entries.len();
    entries.truncate(fits);
    cut
}

fn hex(kind: u8, bytes: &[u8]) -> String {
    std::iter::once(&kind).chain(bytes).map(|it| format!("{it:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        text.chars().map(|it| it.to_digit(16).and_then(|it| u8::try_from(it).ok())).collect();
    let digits = digits.filter(|it| it.len() % 2 == 0)?;
    Some(digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        desk::fault::Fault,
        domain::id::Slot,
        proto::v1::{Event, Ticket},
    };

    #[test]
    fn a_token_reads_back_and_fits_only_its_own_kind_of_list() {
        let id = TicketId::new([7; 16], Slot(9));
        let token = behind_ticket(&id.to_string());
        let mut checks = Checks::default();
        assert_eq!(checks.after_ticket(&token), Some(id));
        assert_eq!(checks.after_event(&behind_event(u64::MAX)), u64::MAX);
        assert_eq!(checks.after_name(&behind_name("büro")), "büro");
        let task = behind_task(&id.to_string(), "call");
        assert_eq!(checks.after_task(&task), Some((id, "call".to_owned())));
        let place = (Timestamp(-7), id);
        assert_eq!(checks.after_change(&behind_change(place)), Some(place));
        assert_eq!(checks.after_ticket(""), None);
        assert_eq!(checks.done(()), Ok(()));
        for bad in [behind_event(1), behind_name("x"), "7".to_owned(), "zz".to_owned(), "ü".to_owned()] {
            let mut checks = Checks::default();
            checks.after_ticket(&bad);
            assert!(
                matches!(checks.done(()), Err(Fault::Malformed(it)) if it[0].field == "page_token"),
                "{bad}"
            );
        }
    }

    #[test]
    fn a_page_size_has_bounds() {
        let mut checks = Checks::default();
        assert_eq!((checks.page_size(0), checks.page_size(200), checks.size(500, 100, 500)), (50, 200, 500));
        assert_eq!(checks.done(()), Ok(()));
        for bad in [-1, 201, i32::MAX, i32::MIN] {
            let mut checks = Checks::default();
            checks.page_size(bad);
            assert!(checks.done(()).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_page_is_cut_by_number_and_by_bytes_but_never_to_nothing() {
        let mut few = vec![Event::default(); 3];
        assert!(!fit(&mut few, 3));
        assert!(fit(&mut few, 2));
        assert_eq!(few.len(), 2);
        let large = Ticket { description: "x".repeat(1024 * 1024), ..Ticket::default() };
        let mut many = vec![large; 5];
        assert!(fit(&mut many, 50));
        assert_eq!(many.len(), 2);
        let mut huge = vec![Ticket { description: "x".repeat(ANSWER), ..Ticket::default() }];
        assert!(!fit(&mut huge, 50));
        assert_eq!(huge.len(), 1);
        assert!(!fit(&mut Vec::<Ticket>::new(), 50));
    }
}
