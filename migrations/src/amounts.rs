//! Reading a plan's amounts and addresses.

use crate::PlanError;
use iog_math::units::{Io, Iosd, Usd6};
use solana_pubkey::Pubkey;

pub fn io(key: &str, text: &str) -> Result<u64, PlanError> {
    let amount =
        Io::parse(text).map_err(|_| value(key, "it must be an amount of IO such as \"500000\""))?;
    Ok(amount.0)
}

pub fn iosd(key: &str, text: &str) -> Result<u64, PlanError> {
    let amount = Iosd::parse(text)
        .map_err(|_| value(key, "it must be an amount of IOSD such as \"1000\""))?;
    Ok(amount.0)
}

pub fn usd(key: &str, text: &str) -> Result<u64, PlanError> {
    let amount =
        Usd6::parse(text).map_err(|_| value(key, "it must be dollars such as \"0.76\""))?;
    Ok(amount.0)
}

pub fn address(key: &str, text: Option<&str>, default: Pubkey) -> Result<Pubkey, PlanError> {
    text.map_or(Ok(default), |text| {
        text.parse().map_err(|_| value(key, "it is not an address"))
    })
}

pub fn value(key: &str, reason: &str) -> PlanError {
    PlanError::Value {
        key: key.into(),
        reason: reason.into(),
    }
}
