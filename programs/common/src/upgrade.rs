//! Who may initialise: only the key that may upgrade the program, so that nobody can get there first.

use anchor_lang::prelude::*;

const LOADER: Address = anchor_lang::address!("BPFLoaderUpgradeab1e11111111111111111111111");

/// `UpgradeableLoaderState::ProgramData` as bincode writes it: u32 tag 3, u64 slot, u8 option tag, 32-byte authority.
const PROGRAM_DATA_TAG: [u8; 4] = 3u32.to_le_bytes();
const AUTHORITY_TAG_OFFSET: usize = 12;
const AUTHORITY: core::ops::Range<usize> = 13..45;

/// True when `program_data` is the ProgramData account of `program_id` and names `signer` as its upgrade authority.
/// A program made immutable has none, and then nobody passes.
pub fn is_upgrade_authority(
    program_data: &AccountView,
    program_id: &Address,
    signer: &Address,
) -> bool {
    let (expected, _) = anchor_lang::find_program_address(&[program_id.as_ref()], &LOADER);
    if *program_data.address() != expected || !program_data.owned_by(&LOADER) {
        return false;
    }
    let Ok(data) = program_data.try_borrow() else {
        return false;
    };
    data.get(..4) == Some(&PROGRAM_DATA_TAG[..])
        && data.get(AUTHORITY_TAG_OFFSET) == Some(&1)
        && data.get(AUTHORITY) == Some(signer.as_ref())
}
