//! A desk on which nothing runs, for commands that change what a server reads when it starts.

use super::{Folder, StartError, beginning, files, model, policy};
use crate::{
    config::Config,
    conversation::phrases::Phrases,
    desk::{Beginning, Desk, fault::Fault, models::Models},
    domain::people::Tenant,
    model::train::Progress,
    store::Store,
};

/// The desk of a data folder, with the catalogue and the models of a tenant; the folder stays taken for
/// as long as it is held. Nothing that needs the store's writers can be done with it.
pub async fn idle_desk(
    config: &Config,
    tenant: &Tenant,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<(Desk, Folder), StartError> {
    let folder = Folder::take(&config.data)?;
    // The owner's files become a version when the server starts; until then they only say what there is.
    let beginning = Beginning { is_own: false, ..beginning(config)? };
    let phrases = Phrases::built_in().map_err(|error| StartError::Phrases(Box::new(error)))?;
    let store = Store::open(&config.store).await?;
    let models = Models::new(&config.data, model::load(config, progress)?);
    let desk = Desk::new(store, models, beginning, phrases, policy(config), files(config));
    let unloaded =
        |what, fault: Fault| StartError::Tenant { tenant: tenant.clone(), what, problem: fault.to_string() };
    desk.welcome(tenant).await.map_err(|it| unloaded("catalogue", it))?;
    desk.take_models(tenant).await.map_err(|it| unloaded("models", it))?;
    Ok((desk, folder))
}
