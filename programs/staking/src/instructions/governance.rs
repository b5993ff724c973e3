//! The suite's governance, instantiated for this program.

use crate::{
    constants::pause,
    state::{Config, ParameterId},
    StakingError,
};
use anchor_lang::prelude::*;

iog_common::governance!(Config, StakingError, pause::ALL);
iog_common::parameters!(Config, ParameterId);
