use anchor_lang::prelude::*;

/// Append only: clients know errors by number.
#[error_code]
pub enum StakingError {
    #[msg("Only the program's upgrade authority may initialise it")]
    NotUpgradeAuthority,
    #[msg("Only the device's owner may do this")]
    NotOwner,
    #[msg("The account is not this device's class")]
    WrongClass,
    #[msg("The accounts do not belong to the same device")]
    WrongDevice,
    #[msg("The mint is not the IO mint")]
    WrongMint,
    #[msg("The amount must be greater than zero")]
    ZeroAmount,
    #[msg("The stake is below the minimum: 200 IO * max(1, multiplier) * quantity")]
    BelowMinimum,
    #[msg("The device is terminated: it cannot be staked")]
    DeviceTerminated,
    #[msg("The device is hired: unstake when its lease has ended")]
    DeviceHired,
    #[msg("The stake is cooling down already")]
    CoolingDown,
    #[msg("Request to unstake first")]
    NotRequested,
    #[msg("The cool-down of 14 days has not passed")]
    CoolDownNotOver,
    #[msg("A number is out of range")]
    MathOverflow,
    #[msg("Only the config's authority may do this")]
    NotAuthority,
}
