//! How many files come at once.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use crate::{desk::fault::Fault, domain::people::Tenant};

/// So many files of one tenant may be coming at once: each holds an open file and a call for up to ten minutes, and
/// what one tenant holds the others lack. A bot that sends screenshots has one or two under way.
pub(super) const AT_ONCE: usize = 32;

/// Files that come now, by tenant.
#[derive(Debug, Clone, Default)]
pub struct Places(Arc<Mutex<HashMap<Tenant, usize>>>);

/// The place of one file that comes; given back when this goes.
#[derive(Debug)]
pub(super) struct Place {
    places: Places,
    tenant: Tenant,
}

impl Places {
    /// A place for one more file, if there is one.
    pub(super) fn take(&self, tenant: &Tenant) -> Result<Place, Fault> {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = taken.entry(tenant.clone()).or_default();
        if *count >= AT_ONCE {
            return Err(Fault::Uploads { most: AT_ONCE });
        }
        *count += 1;
        Ok(Place { places: self.clone(), tenant: tenant.clone() })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(&self.tenant) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.tenant);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_has_so_many_places_and_takes_none_of_anothers() {
        let (places, acme) = (Places::default(), Tenant::parse("acme").unwrap());
        let mut held: Vec<_> = (0..AT_ONCE).map(|_| places.take(&acme).unwrap()).collect();
        assert_eq!(places.take(&acme).unwrap_err(), Fault::Uploads { most: AT_ONCE });
        let other = places.take(&Tenant::parse("globex").unwrap()).unwrap();
        held.pop();
        held.push(places.take(&acme).unwrap());
        drop((held, other));
        assert!(places.0.lock().unwrap().is_empty());
    }
}
