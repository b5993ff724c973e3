use iog_sbf_abi as _;
use pinocchio::{AccountView, Address, ProgramResult};
pinocchio::entrypoint!(process);
fn process(_p: &Address, _a: &mut [AccountView], data: &[u8]) -> ProgramResult {
    if data.len() > 200 { panic!("too long {}", data.len()); }
    Ok(())
}
