//! Tokens: the credentials of programs. Only the SHA-256 of a secret is kept.

use sqlx::{Row as _, any::AnyRow};

use super::{Store, fault::Unavailable};
use crate::{
    domain::{
        people::{Role, Tenant},
        time::Timestamp,
    },
    proto::event::Malformed,
};

/// A program's credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its identity, for listing and revoking.
    pub id: String,
    /// Whose desk it opens.
    pub tenant: Tenant,
    /// Who holds it, for the history.
    pub subject: String,
    /// What its holder may do.
    pub roles: Vec<Role>,
    /// SHA-256 of the secret.
    pub hash: [u8; 32],
    /// When it was made.
    pub created: Timestamp,
    /// When it was revoked.
    pub revoked: Option<Timestamp>,
}

impl Store {
    /// Keeps a new token.
    pub async fn add_token(&self, token: &Token) -> Result<(), Unavailable> {
        let roles: Vec<_> = token.roles.iter().map(|it| it.as_str()).collect();
        sqlx::query(
            "insert into tokens (id, tenant, subject, roles, hash, created) values ($1, $2, $3, $4, $5, $6)",
        )
        .bind(&token.id)
        .bind(token.tenant.as_str())
        .bind(&token.subject)
        .bind(roles.join(","))
        .bind(token.hash.to_vec())
        .bind(token.created.0)
        .execute(&self.inner.pools.write)
        .await?;
        Ok(())
    }

    /// The token with this hash, unless it was revoked.
    pub async fn token_by_hash(&self, hash: &[u8; 32]) -> Result<Option<Token>, Unavailable> {
        let row = sqlx::query(
            "select id, tenant, subject, roles, hash, created, revoked from tokens \
             where hash = $1 and revoked is null",
        )
        .bind(hash.to_vec())
        .fetch_optional(&self.inner.pools.read)
        .await?;
        row.as_ref().map(token_of).transpose()
    }

    /// All tokens of a tenant, the oldest first, revoked ones too.
    pub async fn tokens(&self, tenant: &Tenant) -> Result<Vec<Token>, Unavailable> {
        let rows = sqlx::query(
            "select id, tenant, subject, roles, hash, created, revoked from tokens \
             where tenant = $1 order by created, id",
        )
        .bind(tenant.as_str())
        .fetch_all(&self.inner.pools.read)
        .await?;
        rows.iter().map(token_of).collect()
    }

    /// Revokes a token for good. Says whether there was one that was not revoked yet.
    pub async fn revoke_token(&self, tenant: &Tenant, id: &str, at: Timestamp) -> Result<bool, Unavailable> {
        let done =
            sqlx::query("update tokens set revoked = $3 where tenant = $1 and id = $2 and revoked is null")
                .bind(tenant.as_str())
                .bind(id)
                .bind(at.0)
                .execute(&self.inner.pools.write)
                .await?;
        Ok(done.rows_affected() > 0)
    }
}

fn token_of(row: &AnyRow) -> Result<Token, Unavailable> {
    let roles: String = row.try_get(3)?;
    let roles = roles.split(',').filter(|it| !it.is_empty());
    Ok(Token {
        id: row.try_get(0)?,
        tenant: Tenant::parse(&row.try_get::<String, _>(1)?).ok_or(Malformed("token.tenant"))?,
        subject: row.try_get(2)?,
        roles: roles.map(Role::parse).collect::<Option<_>>().ok_or(Malformed("token.roles"))?,
        hash: row.try_get::<Vec<u8>, _>(4)?.try_into().map_err(|_| Malformed("token.hash"))?,
        created: Timestamp(row.try_get(5)?),
        revoked: row.try_get::<Option<i64>, _>(6)?.map(Timestamp),
    })
}
