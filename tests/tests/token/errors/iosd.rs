//! Refusals around IOSD, net emission and the source of prices.

use iog_client::pda;
use iog_client::token::instructions::{
    ApplyPriceSource, RegisterMinter, RestoreMinter, SetPriceSource,
};
use iog_client::token::{PriceSourceArgs, TokenError};
use iog_tests::world::{iosd_ata, source_args, PubkeyOf, RIGHT_IOSD, RIGHT_NET_EMISSION};
use iog_tests::{refusal, Case};
use solana_pubkey::Pubkey;

use crate::setup::{holder, mint_net_emission, minter, refund_iosd, seen, DAY, IO};

/// IO burned for IOSD, IOSD spent, and IO minted again.
pub fn cases() -> Vec<Case> {
    use TokenError as E;
    vec![
        refusal("a minter of nothing", E::InvalidRights, |world| {
            let (authority, key) = (world.authority.insecure_clone(), world.address());
            let register = RegisterMinter {
                authority: authority.pubkey_of(),
                minter_authority: key,
                minter: pda::token::minter(&key),
                rights: 0,
                cap_per_hour: 1,
            };
            world.send(&[register.instruction()], &[&authority])
        }),
        refusal(
            "net emission by a minter of emission",
            E::MissingRight,
            |world| {
                let (_, key) = minter(world);
                let mint = mint_net_emission(world, &key, 1).instruction();
                world.send(&[mint], &[&key])
            },
        ),
        refusal("a minter on its first day", E::MinterNotActive, |world| {
            world.advance(DAY);
            let (mint, key) = minter(world);
            world.send(&[mint.instruction()], &[&key])
        }),
        refusal("rights for who has some", E::MinterHasRights, |world| {
            let (_, minter) = world.plain_minter(RIGHT_IOSD, 0);
            let authority = world.authority.insecure_clone();
            let restore = RestoreMinter {
                authority: authority.pubkey_of(),
                minter,
                rights: RIGHT_IOSD,
                cap_per_hour: 0,
            };
            world.send(&[restore.instruction()], &[&authority])
        }),
        refusal("IO for another credit", E::WrongIosdMint, |world| {
            let owner = holder(world, IO);
            let mut burn = world.burn_for_iosd_ix(&owner.pubkey_of(), IO, 0);
            burn.iosd_mint = world.mint_2022(&owner, 6);
            world.send(&[burn.instruction()], &[&owner])
        }),
        refusal("IOSD for somebody else", E::NotOwner, |world| {
            let (owner, other) = (holder(world, IO), holder(world, IO));
            let mut burn = world.burn_for_iosd_ix(&owner.pubkey_of(), IO, 0);
            burn.to = iosd_ata(&other.pubkey_of());
            world.send(&[burn.instruction()], &[&owner])
        }),
        refusal("a price of the first hour", E::PriceNotSeen, |world| {
            let owner = holder(world, IO);
            seen(world, 250_000_000_000);
            world.set_time(world.now() - 1);
            let burn = world.burn_for_iosd_ix(&owner.pubkey_of(), IO, 0);
            world.send(&[burn.instruction()], &[&owner])
        }),
        refusal("less than a unit of IOSD", E::AmountTooSmall, |world| {
            let owner = holder(world, IO);
            let burn = world.burn_for_iosd_ix(&owner.pubkey_of(), 400, 0);
            world.send(&[burn.instruction()], &[&owner])
        }),
        refusal("less IOSD than asked for", E::OutputBelowLimit, |world| {
            let owner = holder(world, IO);
            let burn = world.burn_for_iosd_ix(&owner.pubkey_of(), IO, 250_000);
            world.send(&[burn.instruction()], &[&owner])
        }),
        refusal(
            "a refund of nothing spent",
            E::RefundExceedsSpent,
            |world| {
                let (key, _) = world.plain_minter(RIGHT_IOSD, 0);
                let owner = holder(world, 0);
                let refund = refund_iosd(&key, &owner.pubkey_of(), 1).instruction();
                world.send(&[refund], &[&key])
            },
        ),
        refusal(
            "net emission without a burn",
            E::AllowanceExhausted,
            |world| {
                let (key, _) = world.plain_minter(RIGHT_NET_EMISSION, 0);
                let mint = mint_net_emission(world, &key, 1).instruction();
                world.send(&[mint], &[&key])
            },
        ),
        refusal(
            "net emission above the hour's cap",
            E::NetEmissionCapReached,
            |world| {
                let (key, _) = world.plain_minter(RIGHT_NET_EMISSION, 0);
                // one unit above 100,000 IO
                let mint = mint_net_emission(world, &key, 10_000_000_000_001).instruction();
                world.send(&[mint], &[&key])
            },
        ),
        refusal("more than a day's IOSD", E::BreakerTripped, |world| {
            // 100,000.1 IOSD
            let owner = holder(world, 500_000 * IO);
            let burn = world.burn_for_iosd_ix(&owner.pubkey_of(), 40_080_201_000_000, 0);
            world.send(&[burn.instruction()], &[&owner])
        }),
        refusal(
            "a source on its first day",
            E::PriceSourceTooEarly,
            |world| {
                let authority = world.authority.insecure_clone();
                let set = SetPriceSource {
                    authority: authority.pubkey_of(),
                    source: PriceSourceArgs {
                        account: world.price,
                        ..source_args()
                    },
                };
                world.govern(set.instruction());
                world.send(&[ApplyPriceSource {}.instruction()], &[&authority])
            },
        ),
        refusal("a source of last week", E::PriceSourceLapsed, |world| {
            let bank = world.bank.insecure_clone();
            let set = SetPriceSource {
                authority: world.authority.pubkey_of(),
                source: PriceSourceArgs {
                    account: world.price,
                    ..source_args()
                },
            };
            world.govern(set.instruction());
            world.advance(8 * DAY + 1);
            world.send(&[ApplyPriceSource {}.instruction()], &[&bank])
        }),
        refusal("no source that waits", E::NoPriceSourceScheduled, |world| {
            let bank = world.bank.insecure_clone();
            world.send(&[ApplyPriceSource {}.instruction()], &[&bank])
        }),
        refusal(
            "a source of the system program's",
            E::InvalidReceiver,
            |world| {
                let authority = world.authority.insecure_clone();
                let set = SetPriceSource {
                    authority: authority.pubkey_of(),
                    source: PriceSourceArgs {
                        receiver: Pubkey::default(),
                        ..source_args()
                    },
                };
                world.send(&[set.instruction()], &[&authority])
            },
        ),
    ]
}
