//! Numbers of tickets and articles, by their prefix, taken from the database in blocks. Gaps are allowed, repeats never: a block whose
//! transaction did not surely commit is forgotten.

use std::{collections::HashMap, ops::Range};

use sqlx::{AnyConnection, Row as _};

use crate::domain::people::Tenant;

/// Numbers taken at once.
const BLOCK: u64 = 64;

/// Numbers that one writer has taken and not given out.
#[derive(Default)]
pub(super) struct Numbers {
    free: HashMap<(Tenant, &'static str), Vec<Range<u64>>>,
}

impl Numbers {
    /// The number after the next `skip` ones; `None` if another block is needed.
    pub(super) fn peek(&self, tenant: &Tenant, prefix: &'static str, skip: u64) -> Option<u64> {
        let blocks = self.free.get(&(tenant.clone(), prefix))?;
        let mut left = skip;
        for block in blocks {
            let size = block.end - block.start;
            if left < size {
                return Some(block.start + left);
            }
            left -= size;
        }
        None
    }

    /// Gives the next `count` numbers away.
    pub(super) fn take(&mut self, tenant: &Tenant, prefix: &'static str, count: u64) {
        let Some(blocks) = self.free.get_mut(&(tenant.clone(), prefix)) else { return };
        let mut left = count;
        for block in blocks.iter_mut() {
            let taken = left.min(block.end - block.start);
            block.start += taken;
            left -= taken;
        }
        blocks.retain(|it| !it.is_empty());
    }

    /// Takes another block within a transaction.
    pub(super) async fn reserve(
        &mut self,
        connection: &mut AnyConnection,
        tenant: &Tenant,
        prefix: &'static str,
    ) -> Result<(), sqlx::Error> {
        let row = sqlx::query(
            "insert into numbers (tenant, prefix, next) values ($1, $2, $3) \
             on conflict (tenant, prefix) do update set next = numbers.next + $4 returning next",
        )
        .bind(tenant.as_str())
        .bind(prefix)
        .bind(1 + BLOCK.cast_signed())
        .bind(BLOCK.cast_signed())
        .fetch_one(connection)
        .await?;
        let end = row.try_get::<i64, _>(0)?.cast_unsigned();
        self.free.entry((tenant.clone(), prefix)).or_default().push(end - BLOCK..end);
        Ok(())
    }

    /// Forgets everything: the transaction that took some of it may not have committed.
    pub(super) fn forget(&mut self) {
        self.free.clear();
    }
}
