use crate::{config::Config, done::Done, error::Result};
use std::future::Future;

/// A keeper of one machine.
pub struct Keeper {
    config: Config,
}

impl Keeper {
    /// Reads keys, opens outbox and engine. Asks no node yet. Must be called within a Tokio runtime.
    pub fn open(config: Config) -> Result<Self> {
        config.validate()?;
        Ok(Self { config })
    }

    /// One pass of all roles: plans and acts until nothing more can be done at the chain's present state, or it has gone
    /// round often enough. Returns the last outcome of every action that was tried, in order.
    ///
    /// # Errors
    /// If the chain cannot be read. What a single transaction met is in its [`Done`].
    pub async fn tick(&mut self) -> Result<Vec<Done>> {
        Ok(Vec::new())
    }

    /// Passes until `shutdown` is ready; then starts nothing new and follows what is on its way to its end.
    pub async fn run(&mut self, shutdown: impl Future<Output = ()>) -> Result<()> {
        shutdown.await;
        Ok(())
    }

    pub fn config(&self) -> &Config {
        &self.config
    }
}
