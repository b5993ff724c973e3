//! The suite's governance, instantiated for this program.

use crate::{
    constants::pause,
    state::{Config, ParameterId},
    MarketError,
};
use anchor_lang::prelude::*;

iog_common::governance!(Config, MarketError, pause::ALL);
iog_common::parameters!(Config, ParameterId);
