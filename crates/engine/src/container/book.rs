use crate::{
    engine::{RunSpec, RunStatus},
    supervise::First,
};
use serde::{Deserialize, Serialize};

/// What the engine keeps of a run: everything else it asks the container engine.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Book {
    pub run: RunSpec,
    /// The job was let go.
    #[serde(default)]
    pub started: bool,
    /// Its first process.
    #[serde(default)]
    pub first: Option<First>,
    /// What the container engine calls it.
    #[serde(default)]
    pub container: Option<String>,
    /// Of the machine, when it was started.
    #[serde(default)]
    pub boot: String,
    /// How it ended; for good.
    #[serde(default)]
    pub over: Option<RunStatus>,
}
