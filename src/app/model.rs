//! Which model a desk starts with: the owner's, or the starter.

use super::StartError;
use crate::{
    config::Config,
    model::{artifact::file, classifier::Classifier, starter::starter, train::Progress},
};

/// Loads the model; the starter is trained if this is the first start.
pub(super) fn load(
    config: &Config,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<Classifier, StartError> {
    match &config.model {
        Some(path) => file::load(path).map_err(|source| StartError::OwnModel { path: path.clone(), source }),
        None => Ok(starter(&config.data, progress)?),
    }
}
