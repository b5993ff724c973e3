//! The suite's governance, instantiated for this program.

use crate::{
    constants::pause,
    state::{Config, ParameterId},
    RegistryError,
};
use anchor_lang::prelude::*;

iog_common::governance!(Config, RegistryError, pause::ALL);
iog_common::parameters!(Config, ParameterId);
