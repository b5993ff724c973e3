//! Whether a device is hired, read from the market's account by offset. Staking must know it, and the market must know
//! stakes, so one of the two cannot link the other; the market asserts these constants against its own struct.

use anchor_lang::prelude::*;

/// The market program, whose accounts these are.
pub const MARKET: Address = anchor_lang::address!("DZK1oGuU3DJzN3AK4jivLjwKfZTTjZHFR5fzbh5kS25L");
pub const SEED: &[u8] = b"occupancy";
/// First eight bytes of sha256("account:Occupancy").
pub const DISCRIMINATOR: [u8; 8] = [0xdc, 0x69, 0xad, 0x04, 0xa6, 0x31, 0x93, 0xfa];
/// Where the current lease's address stands, counted from the start of the account; all zero when the device is idle.
pub const LEASE: core::ops::Range<usize> = 40..72;

/// `Some(hired)` for the occupancy account of `device`, `None` for any other account. A device is hired from the match on.
pub fn is_hired(account: &AccountView, device: &Address) -> Option<bool> {
    lease(account, device).map(|lease| lease.is_some())
}

/// The lease that a device is in, `None` inside when it is idle; `None` for any account but the device's occupancy. A device
/// that was never hired has no account at that address yet: idle.
pub fn lease(account: &AccountView, device: &Address) -> Option<Option<Address>> {
    let (expected, _) = anchor_lang::find_program_address(&[SEED, device.as_ref()], &MARKET);
    if *account.address() != expected {
        return None;
    }
    if account.data_len() == 0 {
        return Some(None);
    }
    if !account.owned_by(&MARKET) {
        return None;
    }
    let data = account.try_borrow().ok()?;
    if data.get(..8) != Some(&DISCRIMINATOR[..]) {
        return None;
    }
    let lease = data.get(LEASE)?.first_chunk::<32>()?;
    Some((*lease != [0; 32]).then_some(Address::new_from_array(*lease)))
}
