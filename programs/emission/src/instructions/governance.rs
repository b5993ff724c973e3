//! The suite's governance, instantiated for this program.

use crate::{
    constants::pause,
    state::{Config, ParameterId},
    EmissionError,
};
use anchor_lang::prelude::*;

iog_common::governance!(Config, EmissionError, pause::ALL);
iog_common::parameters!(Config, ParameterId);
