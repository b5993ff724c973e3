//! What programs on the chain see, and how programs get there.

use crate::TOKEN_2022;
use iog_localnet::{program_data_address, LocalNet, LocalNetError};
use solana_instruction::{AccountMeta, Instruction};
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use solana_sdk_ids::{address_lookup_table, bpf_loader_upgradeable, system_program};
use solana_signer::Signer;
use solana_system_interface::instruction::create_account;
use spl_token_2022_interface::{
    extension::{interest_bearing_mint, ExtensionType},
    instruction::initialize_mint2,
    state::Mint,
};

/// Address Lookup Table reads the SlotHashes and Clock sysvars, Token-2022 reads the Clock: what they store is what they saw.
pub fn see_the_new_clock_and_slot_hashes(net: &LocalNet) {
    let clock = net.clock().unwrap();
    for recent_slot in [clock.slot - 1, clock.slot - 500] {
        let table = create_lookup_table(net, recent_slot).unwrap();
        let now = net.clock().unwrap().slot;
        extend_lookup_table(net, &table);
        let data = net.get_account(&table).unwrap().unwrap().data;
        assert_eq!(data[12..20], now.to_le_bytes(), "last_extended_slot");
    }
    // A slot that time travel skipped has no hash, as a slot without a block has none on a cluster.
    let skipped = create_lookup_table(net, clock.slot - 1_000).unwrap_err();
    let LocalNetError::Transaction { logs, .. } = skipped else {
        panic!("{skipped}")
    };
    assert!(
        logs.iter()
            .any(|line| line.ends_with("is not a recent slot")),
        "{logs:?}"
    );

    let clock = net.advance_secs(86_400).unwrap();
    let stamp = interest_bearing_mint(net);
    assert_eq!(stamp, clock.unix_timestamp);
}

fn create_lookup_table(net: &LocalNet, recent_slot: u64) -> Result<Pubkey, LocalNetError> {
    let authority = net.faucet().pubkey();
    let seeds = [authority.as_ref(), &recent_slot.to_le_bytes()];
    let (table, bump) = Pubkey::find_program_address(&seeds, &address_lookup_table::ID);
    let data = [&0u32.to_le_bytes()[..], &recent_slot.to_le_bytes(), &[bump]].concat();
    let accounts = lookup_table_accounts(&table, authority);
    net.execute(
        &[Instruction {
            program_id: address_lookup_table::ID,
            accounts,
            data,
        }],
        &[],
    )?;
    Ok(table)
}

fn extend_lookup_table(net: &LocalNet, table: &Pubkey) {
    let addresses = [&1u64.to_le_bytes()[..], Pubkey::new_unique().as_ref()].concat();
    let data = [&2u32.to_le_bytes()[..], &addresses].concat();
    let accounts = lookup_table_accounts(table, net.faucet().pubkey());
    net.execute(
        &[Instruction {
            program_id: address_lookup_table::ID,
            accounts,
            data,
        }],
        &[],
    )
    .unwrap();
}

fn lookup_table_accounts(table: &Pubkey, authority: Pubkey) -> Vec<AccountMeta> {
    vec![
        AccountMeta::new(*table, false),
        AccountMeta::new_readonly(authority, true),
        AccountMeta::new(authority, true),
        AccountMeta::new_readonly(system_program::ID, false),
    ]
}

/// The time at which the mint's interest starts to run, as Token-2022 read it.
fn interest_bearing_mint(net: &LocalNet) -> i64 {
    let mint = Keypair::new();
    let payer = net.faucet().pubkey();
    let extensions = [ExtensionType::InterestBearingConfig];
    let len = ExtensionType::try_calculate_account_len::<Mint>(&extensions).unwrap();
    let lamports = net.rent().unwrap().minimum_balance(len);
    let instructions = [
        create_account(&payer, &mint.pubkey(), lamports, len as u64, &TOKEN_2022),
        interest_bearing_mint::instruction::initialize(&TOKEN_2022, &mint.pubkey(), None, 10)
            .unwrap(),
        initialize_mint2(&TOKEN_2022, &mint.pubkey(), &payer, None, 6).unwrap(),
    ];
    net.execute(&instructions, &[&mint]).unwrap();
    let data = net.get_account(&mint.pubkey()).unwrap().unwrap().data;
    // Base account padded to 165, account type, extension type and length, rate authority.
    i64::from_le_bytes(data[202..210].try_into().unwrap())
}

pub fn deploy_with_their_upgrade_authority(net: &LocalNet) {
    let (program_id, authority) = (Pubkey::new_unique(), Pubkey::new_unique());
    let call = Instruction {
        program_id,
        accounts: Vec::new(),
        data: Vec::new(),
    };
    assert!(net.execute(std::slice::from_ref(&call), &[]).is_err());

    let deployed_at = net.clock().unwrap().slot;
    net.deploy_program(&program_id, &sbpf_v3_returning(0), Some(&authority))
        .unwrap();
    let program = net.get_account(&program_id).unwrap().unwrap();
    let data_address = program_data_address(&program_id);
    assert!(program.executable && program.owner == bpf_loader_upgradeable::ID);
    assert_eq!(
        program.data,
        [&2u32.to_le_bytes()[..], data_address.as_ref()].concat()
    );
    let program_data = net.get_account(&data_address).unwrap().unwrap();
    let header = [
        &3u32.to_le_bytes()[..],
        &deployed_at.to_le_bytes(),
        &[1],
        authority.as_ref(),
    ]
    .concat();
    assert_eq!(program_data.data[..45], header);
    assert_eq!(program_data.data[45..], sbpf_v3_returning(0));
    assert_eq!(program_data.owner, bpf_loader_upgradeable::ID);
    net.execute(std::slice::from_ref(&call), &[]).unwrap();

    // An upgrade takes effect, and may give the authority up.
    net.deploy_program(&program_id, &sbpf_v3_returning(7), None)
        .unwrap();
    let program_data = net.get_account(&data_address).unwrap().unwrap();
    assert_eq!(program_data.data[12], 0);
    let refused = net.execute(&[call], &[]).unwrap_err();
    assert!(
        refused.to_string().contains("custom program error: 0x7"),
        "{refused}"
    );

    // SBPF v0 as well: Token-2022's own code under another address.
    let code = net
        .get_account(&program_data_address(&TOKEN_2022))
        .unwrap()
        .unwrap()
        .data
        .split_off(45);
    net.deploy_program(&Pubkey::new_unique(), &code, Some(&authority))
        .unwrap();
}

pub fn that_are_none_are_refused(net: &LocalNet) {
    let program_id = Pubkey::new_unique();
    for junk in [&b"#!/bin/sh"[..], b"\x7fELF and nothing more"] {
        let refused = net.deploy_program(&program_id, junk, None).unwrap_err();
        assert!(
            matches!(refused, LocalNetError::Deploy { program_id: named, .. } if named == program_id)
        );
        assert_eq!(net.get_account(&program_id).unwrap(), None);
        assert_eq!(
            net.get_account(&program_data_address(&program_id)).unwrap(),
            None
        );
    }
}

/// The smallest program of SBPF v3: read-only data, `mov64 r0, result`, `exit`.
fn sbpf_v3_returning(result: u32) -> Vec<u8> {
    const HEADERS: u64 = 64 + 2 * 56;
    let rodata = [0u8; 8];
    let mut code = vec![0xb7, 0, 0, 0];
    code.extend_from_slice(&result.to_le_bytes());
    code.extend_from_slice(&[0x95, 0, 0, 0, 0, 0, 0, 0]);
    let mut elf = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
    // Type DYN, machine BPF, version 1, entry at the start of the code, program headers at 64, no sections.
    elf.extend_from_slice(&[3, 0, 247, 0, 1, 0, 0, 0]);
    for word in [1u64 << 32, 64, 0] {
        elf.extend_from_slice(&word.to_le_bytes());
    }
    // Flags: SBPF version 3; then sizes and numbers of headers.
    elf.extend_from_slice(&3u32.to_le_bytes());
    for half in [64u16, 56, 2, 64, 0, 0] {
        elf.extend_from_slice(&half.to_le_bytes());
    }
    for (flags, offset, address, size) in [(4u32, HEADERS, 0, 8), (1, HEADERS + 8, 1u64 << 32, 16)]
    {
        elf.extend_from_slice(&1u32.to_le_bytes());
        elf.extend_from_slice(&flags.to_le_bytes());
        for word in [offset, address, address, size, size, 0] {
            elf.extend_from_slice(&word.to_le_bytes());
        }
    }
    elf.extend_from_slice(&rodata);
    elf.extend_from_slice(&code);
    elf
}
