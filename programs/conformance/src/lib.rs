//! Runs one case of `crates/conformance`: instruction data is an op-code and operands, return data is the results. A
//! case that panics logs its message and fails.

use iog_sbf_abi as _;
use pinocchio::error::ProgramError;
use pinocchio::{AccountView, Address, ProgramResult};

#[cfg(target_os = "solana")]
mod chain;

pinocchio::program_entrypoint!(process, 1);
pinocchio::default_allocator!();

fn process(_: &Address, _: &mut [AccountView], data: &[u8]) -> ProgramResult {
    let (op, operands) = data
        .split_first()
        .ok_or(ProgramError::InvalidInstructionData)?;
    let results =
        iog_conformance_cases::run(*op, operands).ok_or(ProgramError::InvalidInstructionData)?;
    #[cfg(target_os = "solana")]
    chain::set_return_data(&results);
    #[cfg(not(target_os = "solana"))]
    let _ = results;
    Ok(())
}
