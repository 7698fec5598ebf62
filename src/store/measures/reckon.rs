//! Goes on from where it is reckoned to.

use std::collections::{BTreeMap, HashMap, HashSet, hash_map::Entry};

use prost::Message as _;
use sqlx::{AnyConnection, Row as _, any::AnyRow};

use super::{Grain, Key, Place, Reckoned, at, cell, goal, hold, id, in_order, tenant};
use crate::{
    domain::{
        measure::{About, Cell, Change, Goal, Life, Measure, Names, changes, month_of},
        people::Tenant,
        ticket::TicketKind,
    },
    proto::{
        event::Malformed,
        measure::{changes_of, life_from, moment_of},
        v1,
    },
    store::{Store, bulk::Query, fault::Unavailable},
};

/// Events of one transaction at most.
const PAGE: u32 = 512;

/// What was measured of one thing before, and after some events.
pub(super) struct Held {
    pub(super) tenant: Tenant,
    pub(super) before: Option<Life>,
    pub(super) now: Option<Life>,
}

/// The lives that some events are about.
pub(super) type Touched = HashMap<Key, Held>;

impl Store {
    /// Reckons some of what is not reckoned yet. Says whether there was anything.
    pub async fn reckon(&self) -> Result<bool, Unavailable> {
        if !self.is_behind().await? {
            return Ok(false);
        }
        let mut transaction = self.inner.pools.write.begin().await?;
        let generation = hold(&mut transaction).await?;
        let mut reckoned = self.reckoned(&mut transaction, generation).await?;
        let events = page(&mut transaction, &mut reckoned).await?;
        if events.is_empty() {
            transaction.rollback().await?;
            return Ok(false);
        }
        self.reckon_in(&mut transaction, generation, &events).await?;
        self.put_reckoned(&mut transaction, generation, &reckoned).await?;
        transaction.commit().await?;
        Ok(true)
    }

    async fn is_behind(&self) -> Result<bool, Unavailable> {
        let row = sqlx::query(
            "select count(*) from partitions p left join reckoned r on r.partition = p.id \
             and r.generation = (select generation from reckoning where id = 0) \
             where p.head > coalesce(r.position, 0)",
        )
        .fetch_one(&self.inner.pools.read)
        .await?;
        Ok(row.try_get::<i64, _>(0)? > 0)
    }

    async fn reckon_in(
        &self,
        connection: &mut AnyConnection,
        generation: i64,
        events: &[v1::Event],
    ) -> Result<(), Unavailable> {
        let (mut touched, mut names) = (Touched::new(), Names::default());
        self.go_on(connection, generation, events, (&mut touched, &mut names)).await?;
        self.end_goals(connection, &mut touched, &mut names).await?;
        touched.retain(|_, it| it.now != it.before);
        let lives = touched.iter().filter_map(|(key, it)| Some((&it.tenant, key, it.now.as_ref()?)));
        self.put_lives(connection, generation, lives).await?;
        self.change_cells(connection, generation, &changed(touched.values())).await
    }

    /// Takes in what happened, and reads the lives that it is about, but those that were touched already.
    pub(super) async fn go_on(
        &self,
        connection: &mut AnyConnection,
        generation: i64,
        events: &[v1::Event],
        (touched, names): (&mut Touched, &mut Names),
    ) -> Result<(), Unavailable> {
        let mut new = vec![];
        for event in events {
            let Some(tenant) = Tenant::parse(&event.tenant) else { continue };
            for (key, _) in changes_of(event)?.into_iter().flatten() {
                if let Entry::Vacant(it) = touched.entry(key) {
                    it.insert(Held { tenant: tenant.clone(), before: None, now: None });
                    new.push(key);
                }
            }
        }
        let bind = |it: Query, key: &Key| it.bind(generation).bind(key.to_vec());
        for row in self.inner.statements.find_lives.find(connection, &new, bind).await? {
            let life = v1::MeasuredLife::decode(row.try_get::<Vec<u8>, _>(2)?.as_slice())?;
            let life = life_from(&life, names)?;
            // Behind its tenant's wall.
            let owner = tenant(&row, 1)?;
            if let Some(it) = touched.get_mut(&id(&row, 0)?).filter(|it| it.tenant == owner) {
                it.before = Some(life.clone());
                it.now = Some(life);
            }
        }
        for event in events {
            let Some(when) = moment_of(event) else { continue };
            for (key, step) in changes_of(event)?.into_iter().flatten() {
                let held = touched.get_mut(&key).filter(|it| it.tenant.as_str() == event.tenant);
                let Some(it) = held else { continue };
                it.now = Life::after(it.now.take(), &step, when, names);
            }
        }
        Ok(())
    }

    /// How the goals of touched tickets ended, as it stands now. It may be ahead of the events: those that come touch the
    /// same tickets, and find it so.
    pub(super) async fn end_goals(
        &self,
        connection: &mut AnyConnection,
        touched: &mut Touched,
        names: &mut Names,
    ) -> Result<(), Unavailable> {
        let keys: Vec<_> = touched.iter().map(|(key, it)| (it.tenant.clone(), *key)).collect();
        let bind =
            |it: Query, (tenant, key): &(Tenant, Key)| it.bind(tenant.as_str().to_owned()).bind(key.to_vec());
        let (mut goals, mut seen) = (HashMap::<_, Vec<Goal>>::new(), HashSet::new());
        for row in self.inner.statements.find_goals.find(connection, &keys, bind).await? {
            let Some((key, goal)) = goal(&row, names)? else { continue };
            // The last key may have been asked for more than once.
            if seen.insert((key, goal.goal, row.try_get::<i64, _>(5)?)) {
                goals.entry(key).or_default().push(goal);
            }
        }
        for (key, it) in touched {
            if let Some(Life::Ticket(life)) = &mut it.now {
                life.goals = goals.remove(key).unwrap_or_default();
                in_order(&mut life.goals);
            }
        }
        Ok(())
    }

    async fn change_cells(
        &self,
        connection: &mut AnyConnection,
        generation: i64,
        changes: &BTreeMap<Place, Change>,
    ) -> Result<(), Unavailable> {
        let places: Vec<_> = changes.keys().collect();
        let bind = |it: Query, place: &&Place| at(it, generation, place);
        let mut cells = HashMap::new();
        for row in self.inner.statements.find_cells.find(connection, &places, bind).await? {
            cells.insert(place(&row)?, cell(&row, 8)?);
        }
        let (mut put, mut drop) = (vec![], vec![]);
        for (place, change) in changes {
            let cell = cells.get(place).unwrap_or(&Cell::default()).changed(change);
            if cell.is_empty() {
                drop.push(place);
            } else {
                put.push((place, cell.bytes()));
            }
        }
        self.put_cells(connection, generation, &put).await?;
        for place in drop {
            let sql = "delete from measure_cells where generation = $1 and tenant = $2 and measure = $3 \
                       and grain = $4 and day = $5 and service = $6 and group_id = $7 and template = $8 \
                       and kind = $9";
            at(sqlx::query(sql), generation, place).execute(&mut *connection).await?;
        }
        Ok(())
    }
}

/// What comes next in each partition, and up to where that is.
pub(super) async fn page(
    connection: &mut AnyConnection,
    reckoned: &mut Reckoned,
) -> Result<Vec<v1::Event>, Unavailable> {
    let mut events = vec![];
    for (partition, position) in reckoned {
        let room = PAGE.saturating_sub(u32::try_from(events.len()).unwrap_or(PAGE));
        if room == 0 {
            break;
        }
        let rows = sqlx::query(
            "select payload, position from events where partition = $1 and position > $2 order by position limit $3",
        )
        .bind(i64::from(*partition))
        .bind(position.cast_signed())
        .bind(i64::from(room))
        .fetch_all(&mut *connection)
        .await?;
        for row in rows {
            events.push(v1::Event::decode(row.try_get::<&[u8], _>(0)?)?);
            *position = row.try_get::<i64, _>(1)?.cast_unsigned();
        }
    }
    Ok(events)
}

/// How cells of both grains change with lives.
pub(super) fn changed<'a>(held: impl Iterator<Item = &'a Held>) -> BTreeMap<Place, Change> {
    let mut all: BTreeMap<Place, Change> = BTreeMap::new();
    for it in held {
        for (about, change) in changes(&it.before, &it.now) {
            for place in places(&it.tenant, about) {
                let sum = all.entry(place).or_default();
                for (value, more) in &change {
                    *sum.entry(*value).or_default() += more;
                }
            }
        }
    }
    for change in all.values_mut() {
        change.retain(|_, more| *more != 0);
    }
    all.retain(|_, change| !change.is_empty());
    all
}

/// The cells that a value is in: that of its day, and that of its month.
pub(super) fn places(tenant: &Tenant, about: About) -> [Place; 2] {
    let month = About { day: month_of(about.day), ..about.clone() };
    [(tenant.clone(), Grain::Day, about), (tenant.clone(), Grain::Month, month)]
}

/// Where a row of cells is.
pub(super) fn place(row: &AnyRow) -> Result<Place, Unavailable> {
    let text = |place: usize| row.try_get::<String, _>(place);
    let kind = text(7)?;
    let about = About {
        measure: Measure::parse(&text(1)?).ok_or(Malformed("measure_cells.measure"))?,
        day: super::number(row, 3)?,
        service: text(4)?.into(),
        group: text(5)?.into(),
        template: text(6)?.into(),
        kind: TicketKind::ALL.into_iter().find(|it| it.as_str() == kind),
    };
    let grain = if row.try_get::<i64, _>(2)? == 0 { Grain::Day } else { Grain::Month };
    Ok((tenant(row, 0)?, grain, about))
}
