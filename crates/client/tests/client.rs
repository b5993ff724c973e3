//! The generated code against facts that do not come from the generator.

use iog_client::{decode, encode, errors, pda, registry, token, AccountData, DecodeError};
use sha2::{Digest, Sha256};
use solana_instruction::AccountMeta;
use solana_pubkey::{pubkey, Pubkey};

/// Anchor's rule for discriminators.
fn discriminator(of: &str) -> [u8; 8] {
    let hash: [u8; 32] = Sha256::digest(of).into();
    *hash.first_chunk().unwrap()
}

#[test]
fn discriminators_follow_anchors_rule() {
    assert_eq!(
        token::Config::DISCRIMINATOR,
        discriminator("account:Config")
    );
    assert_eq!(
        registry::Windows::DISCRIMINATOR,
        discriminator("account:Windows")
    );
    assert_eq!(
        token::events::IoBurned::DISCRIMINATOR,
        discriminator("event:IoBurned")
    );
    assert_eq!(
        token::instructions::BurnIo::DISCRIMINATOR,
        discriminator("global:burn_io")
    );
}

#[test]
fn an_instruction_names_accounts_in_the_programs_order() {
    let [owner, io_mint, from] = [(); 3].map(|()| Pubkey::new_unique());
    let burn = token::instructions::BurnIo {
        owner,
        io_mint,
        from,
        amount: 0x0102_0304,
    };
    let instruction = burn.instruction();
    assert_eq!(
        instruction.program_id,
        pubkey!("BzKJcuSJPUbYJfBh2A1MLfaLv5a8drNLL6whSyno8vZe")
    );
    assert_eq!(
        instruction.accounts,
        [
            AccountMeta::new_readonly(owner, true),
            AccountMeta::new(pda::token::config(), false),
            AccountMeta::new(io_mint, false),
            AccountMeta::new(from, false),
            AccountMeta::new_readonly(
                pubkey!("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA"),
                false
            ),
        ]
    );
    let position = token::instructions::BurnIo::FROM;
    assert_eq!(instruction.accounts[position].pubkey, from);
    assert_eq!(instruction.data[..8], discriminator("global:burn_io"));
    assert_eq!(instruction.data[8..], [4, 3, 2, 1, 0, 0, 0, 0]);
}

#[test]
fn arrays_and_lists_are_encoded_as_the_program_reads_them() {
    let keys = [(); 4].map(|()| Pubkey::new_unique());
    let commit = registry::instructions::Commit {
        device_key: keys[0],
        class: keys[1],
        device: keys[2],
        attestation: keys[3],
        root: [7; 16],
    };
    let data = commit.data();
    assert_eq!(data[8..], [7; 16]);
    let reveal = registry::instructions::Reveal {
        attestation: keys[3],
        n: 5,
        opening: vec![9; 768],
    };
    let data = reveal.data();
    assert_eq!(data[8..13], [5, 0, 3, 0, 0]);
    assert_eq!(data[13..], [9; 768]);
}

#[test]
fn an_absent_account_is_the_program_itself() {
    let page = Pubkey::new_unique();
    let mut check_in = iog_client::emission::instructions::CheckIn {
        page,
        previous_page: None,
        rewards: page,
        device: page,
        class: page,
        stake: page,
        occupancy: page,
        lease: None,
        order: None,
    };
    let position = iog_client::emission::instructions::CheckIn::PREVIOUS_PAGE;
    let absent = AccountMeta::new_readonly(iog_client::emission::ID, false);
    assert_eq!(check_in.accounts()[position], absent);
    check_in.previous_page = Some(page);
    assert_eq!(check_in.accounts()[position].pubkey, page);
}

#[test]
fn reads_a_ring_of_structs_from_bytes() {
    let mut data = vec![0; registry::Windows::SIZE];
    data[..8].copy_from_slice(&discriminator("account:Windows"));
    // Window 2 of 24, 56 bytes each: epoch, opening time, slot, slot hash.
    data[8 + 2 * 56] = 26;
    data[8 + 2 * 56 + 8] = 9;
    data[8 + 2 * 56 + 16] = 77;
    data[8 + 2 * 56 + 24..8 + 3 * 56].fill(5);
    data[registry::Windows::BUMP_AT] = 254;
    let windows: registry::Windows = decode(&data).unwrap();
    let expected = registry::Window {
        epoch: 26,
        opens_ts: 9,
        slot: 77,
        slot_hash: [5; 32],
    };
    assert_eq!(windows.ring[2], expected);
    assert_eq!((windows.ring[3].epoch, windows.bump), (0, 254));
    assert_eq!(encode(&windows), data);
}

#[test]
fn refuses_other_accounts_and_short_data() {
    let other = decode::<registry::Device>(&encode_config());
    assert!(matches!(
        other,
        Err(DecodeError::Discriminator { expected: "Device" })
    ));
    let short = decode::<token::Config>(&encode_config()[..100]);
    assert!(matches!(
        short,
        Err(DecodeError::Malformed {
            account: "Config",
            ..
        })
    ));
}

fn encode_config() -> Vec<u8> {
    let mut data = vec![0; token::Config::SIZE];
    data[..8].copy_from_slice(&token::Config::DISCRIMINATOR);
    data
}

#[test]
fn explains_errors_by_program() {
    let (name, message) = errors::explain(&token::ID, 6009).unwrap();
    assert_eq!(name, "MinterCapReached");
    assert_eq!(message, token::TokenError::MinterCapReached.to_string());
    assert_eq!(
        errors::explain(&registry::ID, 6009).unwrap().0,
        "InvalidTier"
    );
    assert_eq!(
        errors::explain(&token::ID, 2012).unwrap().0,
        "ConstraintAddress"
    );
    assert_eq!(errors::explain(&token::ID, 9999), None);
    assert_eq!(errors::explain(&Pubkey::new_unique(), 6009), None);
}
