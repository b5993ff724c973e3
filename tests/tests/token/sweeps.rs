//! Wrong accounts in the places of what came with IOSD: each place, each kind of wrong account.

use iog_client::pda;
use iog_client::token::accounts::PriceSource;
use iog_client::token::instructions::{
    ApplyMinterCap, ApplyPriceSource, BurnIoForIosd, BurnIosd, DropMinter, DropPriceSource,
    InitializeExisting, MintNetEmission, RefundIosd, RemoveMinter, RestoreMinter, SetMinterCap,
    SetPriceSource,
};
use iog_client::token::{PriceSourceArgs, TokenError, ID};
use iog_tests::sweep::{self, Wrong};
use iog_tests::world::{
    iosd_ata, source_args, PubkeyOf, RIGHT_EMISSION, TOKEN_2022, TOKEN_PROGRAM,
};
use iog_tests::{swaps, Code, World};
use solana_instruction::error::InstructionError;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

use crate::setup::{
    burn_iosd, create_iosd, holder, initialize_existing, mint_net_emission, refund_iosd,
    settle_iosd, DAY, IO, LEAST_CAP,
};

const ANY_IO: &str = "any IO account of the owner's";
const ANY_IOSD: &str = "any IOSD account, which only its owner can spend from";

struct Stage {
    world: World,
    /// A minter with every right.
    key: Keypair,
    /// Has IO and 249.5 IOSD.
    owner: Keypair,
    wallet: Pubkey,
}

/// Two days in: there is an allowance, IOSD to spend, and some to refund.
fn stage() -> Stage {
    let mut world = World::ready();
    let (key, _) = world.plain_minter(7, LEAST_CAP);
    let owner = holder(&mut world, 10 * IO);
    world.burn_for_iosd(&owner, 1_000 * IO);
    let wallet = owner.pubkey_of();
    world.must(burn_iosd(&key, &wallet, 100).instruction(), &[&key, &owner]);
    world.advance(2 * DAY);
    world.post_price(25_000_000);
    Stage {
        world,
        key,
        owner,
        wallet,
    }
}

#[test]
fn burning_for_iosd_takes_no_wrong_account() {
    let Stage {
        mut world,
        owner,
        wallet,
        ..
    } = stage();
    let burn = world.burn_for_iosd_ix(&wallet, IO, 0).instruction();
    sweep::refused(
        &world,
        &burn,
        &[&owner],
        &[
            (BurnIoForIosd::PRICE, Wrong::Copy, "any of the receiver's"),
            (BurnIoForIosd::FROM, Wrong::Copy, ANY_IO),
            (BurnIoForIosd::TO, Wrong::Copy, ANY_IOSD),
        ],
    );
    // Once one account is pinned, no other of the receiver's serves.
    let pinned = world.price;
    world.edit::<PriceSource>(&pda::token::price_source(), |source| {
        source.account = pinned
    });
    sweep::refused(
        &world,
        &burn,
        &[&owner],
        &[
            (BurnIoForIosd::FROM, Wrong::Copy, ANY_IO),
            (BurnIoForIosd::TO, Wrong::Copy, ANY_IOSD),
        ],
    );
}

#[test]
fn spending_refunding_and_settling_take_no_wrong_account() {
    let Stage {
        world,
        key,
        owner,
        wallet,
    } = stage();
    sweep::refused(
        &world,
        &burn_iosd(&key, &wallet, 1).instruction(),
        &[&key, &owner],
        &[(BurnIosd::FROM, Wrong::Copy, ANY_IOSD)],
    );
    sweep::refused(
        &world,
        &refund_iosd(&key, &wallet, 1).instruction(),
        &[&key],
        &[(RefundIosd::TO, Wrong::Copy, ANY_IOSD)],
    );
    let settle = settle_iosd(&key, 1).instruction();
    sweep::refused(&world, &settle, &[&key], &[]);
    sweep::refused(
        &world,
        &mint_net_emission(&world, &key, 1).instruction(),
        &[&key],
        &[(MintNetEmission::DESTINATION, Wrong::Copy, ANY_IO)],
    );
}

#[test]
fn what_the_authority_does_takes_no_wrong_account() {
    let Stage { mut world, key, .. } = stage();
    let authority = world.authority.insecure_clone();
    let minter = pda::token::minter(&key.pubkey_of());
    let set = SetPriceSource {
        authority: authority.pubkey_of(),
        source: PriceSourceArgs {
            account: world.price,
            ..source_args()
        },
    };
    sweep::refused(&world, &set.instruction(), &[&authority], &[]);
    let raise = SetMinterCap {
        authority: authority.pubkey_of(),
        minter,
        cap_per_hour: 2 * LEAST_CAP,
    };
    sweep::refused(&world, &raise.instruction(), &[&authority], &[]);
    let remove = RemoveMinter {
        authority: authority.pubkey_of(),
        minter,
    };
    sweep::refused(&world, &remove.instruction(), &[&authority], &[]);
    world.govern(set.instruction());
    world.govern(raise.instruction());
    world.advance(DAY);
    let apply = ApplyPriceSource {}.instruction();
    sweep::refused(&world, &apply, &[], &[]);
    let apply = ApplyMinterCap { minter }.instruction();
    sweep::refused(&world, &apply, &[], &[]);

    let mut world = World::new();
    world.init_token();
    sweep::refused(
        &world,
        &create_iosd(&world).instruction(),
        &[&authority],
        &[],
    );
}

/// audit: money M3, money L10: what gives rights back and what drops them asks for the same care.
#[test]
fn restoring_and_dropping_take_no_wrong_account() {
    let Stage { mut world, key, .. } = stage();
    let authority = world.authority.insecure_clone();
    let (signer, minter) = (authority.pubkey_of(), pda::token::minter(&key.pubkey_of()));
    let set = SetPriceSource {
        authority: signer,
        source: PriceSourceArgs {
            account: world.price,
            ..source_args()
        },
    };
    world.govern(set.instruction());
    let drop = DropPriceSource { signer }.instruction();
    sweep::refused(&world, &drop, &[&authority], &[]);
    let remove = RemoveMinter {
        authority: signer,
        minter,
    };
    world.govern(remove.instruction());
    let restore = RestoreMinter {
        authority: signer,
        minter,
        rights: 7,
        cap_per_hour: LEAST_CAP,
    };
    sweep::refused(&world, &restore.instruction(), &[&authority], &[]);
    world.govern(restore.instruction());
    let drop = DropMinter { signer, minter }.instruction();
    sweep::refused(&world, &drop, &[&authority], &[]);
}

#[test]
fn handing_a_mint_over_takes_no_wrong_account() {
    let mut world = World::new();
    let authority = world.authority.insecure_clone();
    world.io = world.mint(&authority, 8);
    sweep::refused(
        &world,
        &initialize_existing(&world).instruction(),
        &[&authority],
        &[(
            InitializeExisting::IO_MINT,
            Wrong::Copy,
            "any mint of the authority's",
        )],
    );
}

#[test]
fn wrong_accounts_end_in_their_own_codes() {
    let Stage {
        mut world,
        key,
        owner,
        wallet,
    } = stage();
    let seeds = Code::plain(ID, InstructionError::InvalidSeeds);
    let program = Code::plain(ID, InstructionError::IncorrectProgramId);
    let (other, _) = world.plain_minter(RIGHT_EMISSION, LEAST_CAP);
    let theirs = pda::token::minter(&other.pubkey_of());
    let copied = world.address();
    world.copy_account(&pda::token::net_emission(), &copied);
    use BurnIoForIosd as B;
    swaps::refused(
        &world,
        &world.burn_for_iosd_ix(&wallet, IO, 0).instruction(),
        &[&owner],
        &[
            (
                "a copy of the books",
                B::NET_EMISSION,
                copied,
                seeds.clone(),
            ),
            (
                "the wrong signer",
                B::IOSD_AUTHORITY,
                pda::token::mint_authority(),
                seeds.clone(),
            ),
            (
                "no mint for IOSD's",
                B::IOSD_MINT,
                pda::token::vesting(5),
                TokenError::WrongIosdMint.into(),
            ),
            (
                "the config as a price",
                B::PRICE,
                pda::token::vesting(5),
                TokenError::PriceNotPyth.into(),
            ),
            (
                "Token-2022 for SPL Token",
                B::TOKEN_PROGRAM,
                TOKEN_2022,
                program.clone(),
            ),
            (
                "SPL Token for Token-2022",
                B::TOKEN_2022_PROGRAM,
                TOKEN_PROGRAM,
                program.clone(),
            ),
        ],
    );
    swaps::refused(
        &world,
        &burn_iosd(&key, &wallet, 1).instruction(),
        &[&key, &owner],
        &[
            (
                "another's right",
                BurnIosd::MINTER,
                theirs,
                TokenError::NotMinter.into(),
            ),
            (
                "SPL Token for Token-2022",
                BurnIosd::TOKEN_2022_PROGRAM,
                TOKEN_PROGRAM,
                program.clone(),
            ),
        ],
    );
    use RefundIosd as R;
    swaps::refused(
        &world,
        &refund_iosd(&key, &wallet, 1).instruction(),
        &[&key],
        &[
            (
                "another's right",
                R::MINTER,
                theirs,
                TokenError::NotMinter.into(),
            ),
            (
                "the wrong signer",
                R::IOSD_AUTHORITY,
                pda::token::vesting_authority(),
                seeds,
            ),
            (
                "SPL Token for Token-2022",
                R::TOKEN_2022_PROGRAM,
                TOKEN_PROGRAM,
                program,
            ),
        ],
    );
    // The mint is no account for itself: one account cannot stand in two writable places.
    let twice = Code::anchor(ID, 2_040);
    let mut itself = refund_iosd(&key, &wallet, 1);
    itself.to = pda::token::iosd_mint();
    world.refuses(twice.clone(), itself.instruction(), &[&key]);
    let mut itself = burn_iosd(&key, &wallet, 1);
    itself.from = pda::token::config();
    world.refuses(twice, itself.instruction(), &[&key, &owner]);
    assert_eq!(world.balance(&iosd_ata(&wallet)), 249_499_900);
}
