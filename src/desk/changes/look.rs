//! What is seen of the calendar before a decision, and whether it is still so inside of it.
//!
//! Collisions are looked for before the transaction, since what hangs on what lies outside of it. The transaction goes
//! through only if the register of assets is as it was, no change has come into the time meanwhile that could have to do with
//! the assets, and none of those that collide has gone; else a look is taken again. What has nothing to do with them is in nobody's way.

use std::{
    collections::{BTreeMap, HashSet},
    time::Duration,
};

use super::Changes;
use crate::{
    clock,
    desk::fault::Fault,
    domain::{
        change::Span,
        id::{AssetId, TicketId},
        ticket::Ticket,
        time::Timestamp,
    },
    proto::v1,
    store::Unit,
};

/// How often a look is taken again because somebody else was faster: each of them has got a place then.
const TRIES: u32 = 24;
/// What is stale then, for `Fault::Stale`.
const CALENDAR: &str = "calendar of changes";
/// Longest pause before the second look, in milliseconds; it grows with each.
const PAUSE: u64 = 8;
/// It grows to so many times that.
const GROWTH: u64 = 16;

/// What was seen of the calendar.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Look {
    /// The time that was looked at.
    pub(super) span: Span,
    about: Vec<AssetId>,
    /// When the register of assets had last changed before.
    register: u64,
    /// The assets, and all that could fail with them or take them along.
    related: HashSet<AssetId>,
    /// Changes in the calendar at that time, with their assets.
    calendar: BTreeMap<TicketId, Vec<AssetId>>,
    /// Those that collide, with their numbers.
    collisions: BTreeMap<TicketId, String>,
}

impl Look {
    /// Takes a look at who else has a place in the calendar while a change is carried out. Whoever asks has seen the register
    /// of assets as it was by then.
    pub(super) async fn take(
        changes: &Changes,
        change: &Ticket,
        (span, register): (Span, u64),
    ) -> Result<Self, Fault> {
        let about = change.about();
        let related = changes.register.related(&about).await?;
        let others = changes.in_calendar(&span, change.id).await?;
        let calendar = others.iter().map(|it| (it.id, it.about())).collect();
        let near = others.into_iter().filter(|it| it.about().iter().any(|it| related.contains(it))).collect();
        let found = changes.colliding(change, near).await?;
        let collisions = found.into_iter().map(|(it, _)| (it.id, it.number)).collect();
        Ok(Self { span, about, register, related, calendar, collisions })
    }

    /// Numbers of the changes that collide and that nobody has accepted, by these lists.
    pub(super) fn open(&self, accepted: &[&[String]]) -> Vec<String> {
        let is_open = |it: &&String| !accepted.iter().any(|all| all.contains(it));
        self.collisions.values().filter(is_open).cloned().collect()
    }

    /// Numbers of the changes that collide.
    pub(super) fn all(&self) -> Vec<String> {
        self.collisions.values().cloned().collect()
    }

    /// Whether the calendar is as it was looked at, and the change as well.
    pub(super) fn is_current(&self, unit: &Unit<'_>, change: &Ticket, now: Timestamp) -> Result<(), Fault> {
        let meets =
            |it: &&Ticket| it.id != change.id && it.occupied(now).is_some_and(|time| time.meets(&self.span));
        let there: BTreeMap<_, _> = unit.in_calendar().filter(meets).map(|it| (it.id, it.about())).collect();
        let is_known = |(id, about): (&TicketId, &Vec<AssetId>)| {
            self.calendar.get(id) == Some(about) || about.iter().all(|it| !self.related.contains(it))
        };
        let is_current = change.about() == self.about
            && (self.about.is_empty() || unit.register() == self.register)
            && there.iter().all(is_known)
            && self.collisions.keys().all(|it| there.contains_key(it));
        if is_current {
            return Ok(());
        }
        Err(stale(change))
    }
}

/// The calendar, or the change, is another one than was looked at.
pub(super) fn stale(change: &Ticket) -> Fault {
    Fault::Stale { what: CALENDAR, expected: 0, current: change.version }
}

/// Looks and decides, again as long as somebody else was faster.
pub(super) async fn until_current<F>(once: impl Fn() -> F) -> Result<v1::Ticket, Fault>
where
    F: Future<Output = Result<v1::Ticket, Fault>>,
{
    for tries in 0..TRIES {
        pause(tries).await;
        match once().await {
            Err(Fault::Stale { what: CALENDAR, .. }) => {}
            settled => return settled,
        }
    }
    Err(Fault::Busy)
}

/// Waits a little before the next look, longer each time and each for another time: of many who look at once, some come
/// through.
async fn pause(tries: u32) {
    let most = PAUSE * u64::from(tries).clamp(1, GROWTH);
    let part = u64::from(clock::new_bytes()[15]);
    tokio::time::sleep(Duration::from_millis(most * part / 255)).await;
}
