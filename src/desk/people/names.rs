//! Whom a whole list of names stands for.

use super::{Directory, import::Known};
use crate::{
    desk::fault::Fault,
    domain::{id::ProfileId, profile::user_key},
};

/// Whose user names and addresses are whose, of all people who were not taken out.
#[derive(Debug, Default)]
pub struct Names(Known);

impl Directory {
    /// All names of the directory.
    pub async fn names(&self) -> Result<Names, Fault> {
        Known::read(&self.store, &self.tenant).await.map(Names)
    }
}

impl Names {
    /// Who has a user name or an e-mail address; else why nobody is meant by it.
    pub fn find(&self, name: &str) -> Result<ProfileId, String> {
        let key = user_key(name);
        if let Some(found) = self.0.by_name.get(&key) {
            return Ok(*found);
        }
        match self.0.by_email.get(&key) {
            Some(Some(found)) => Ok(*found),
            Some(None) => Err(format!("several people have the address `{name}`; name the user name")),
            None => Err(format!("nobody in the directory has the user name or the address `{name}`")),
        }
    }
}
