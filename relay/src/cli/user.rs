//! `armchair user`: works on the store, also while the relay runs.

use std::process::ExitCode;

use anyhow::{Result, bail};

use super::{UserAct, terminal};
use crate::{
    audit::{self, Event},
    auth::{password, users},
    config::{Config, ConfigError},
    store::Store,
};

pub(super) fn run(config: &Config, act: UserAct) -> Result<ExitCode> {
    let store = Store::open(&config.state)?;
    match act {
        UserAct::Add { name, role } => {
            let name = users::valid_name(&name)
                .map_err(|problem| ConfigError::argument("NAME", problem))?;
            let hash = password::hash(&new_password()?);
            let added = store.blocking(|connection| users::add(connection, &name, &hash, role))?;
            if added.is_none() {
                bail!("there is a user {name} already");
            }
            let user = name.clone();
            record(&store, &Event::UserAdded { user, role })?;
            println!("Added {name} as {role}");
        }
        UserAct::List => {
            for user in store.blocking(|connection| users::list(connection))? {
                println!("{}\t{}", user.name, user.role);
            }
        }
        UserAct::Remove { name } => {
            if !store.blocking(|connection| users::remove(connection, name.trim()))? {
                bail!("there is no user {name}");
            }
            let user = name.trim().to_owned();
            record(&store, &Event::UserRemoved { user })?;
            println!("Removed {name}");
        }
        UserAct::Password { name } => {
            if store
                .blocking(|connection| users::find(connection, name.trim()))?
                .is_none()
            {
                bail!("there is no user {name}");
            }
            let hash = password::hash(&new_password()?);
            if !store.blocking(|connection| users::set_password(connection, name.trim(), &hash))? {
                bail!("there is no user {name}");
            }
            let user = name.trim().to_owned();
            record(&store, &Event::PasswordChanged { user })?;
            println!("Changed the password of {name}");
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Who sits at the command line is not known to the relay.
fn record(store: &Store, event: &Event) -> Result<()> {
    Ok(store.blocking(|connection| audit::add(connection, "", event))?)
}

fn new_password() -> Result<String> {
    let password = terminal::read_secret("New password: ")?;
    users::valid_password(&password)
        .map_err(|problem| ConfigError::argument("password", problem))?;
    Ok(password)
}
