//! Everything that the authority of a program may do besides governing, as instructions.

use iog_client::market::accounts::PriceBook;
use iog_client::registry::instructions::{AddClass, SetMeasurer, SetRole};
use iog_client::registry::RegistryRole;
use iog_client::token::accounts::Minter;
use iog_client::token::instructions::{
    CreatePriceFeed, CreateVesting, RegisterMinter, RemoveMinter, RestoreMinter, SetMinterCap,
    SetPriceQuorum, SetPriceSource, SetReporter,
};
use iog_client::token::VestingArgs;
use iog_client::{emission, market, pda, registry, staking, token, treasury};
use iog_tests::world::{
    class_args, price_book_args, source_args, Currency, PubkeyOf, CLASS_TEST, RIGHT_EMISSION,
    RIGHT_IOSD, RIGHT_REFUND,
};
use iog_tests::World;
use solana_account::Account;
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

/// A class without a price book.
const NEW_CLASS: u16 = 76;
/// The least that may be minted of the emission in an hour: twice the schedule's first, 9,132.42009132 IO.
const LEAST_CAP: u64 = 913_242_009_132;

/// What the instructions are about.
pub struct Stage {
    pub world: World,
    /// A currency of US dollars without vaults, and one with.
    new: Pubkey,
    added: Pubkey,
    minter_authority: Pubkey,
    minter: Pubkey,
    /// One that was removed while IOSD is outstanding.
    removed: Pubkey,
}

pub fn stage() -> Stage {
    let mut world = World::ready();
    let authority = world.authority.insecure_clone();
    let [new, added] = [(); 2].map(|()| world.mint(&authority, 6));
    world.add_fee_vault(&added);
    // The market as it is before it takes IOSD, a class that it does not offer yet, and a price that stands for a day.
    let credit = [
        world.escrow_of(Currency::Iosd),
        pda::market::credit_line(),
        pda::market::credit_vault(),
    ];
    for address in credit {
        world.set_account(&address, Account::default());
    }
    world.add_class(class_args(NEW_CLASS));
    world.edit::<PriceBook>(&pda::market::price_book(CLASS_TEST), |book| {
        book.changed_ts -= 86_400;
    });
    let minter_authority = world.address();
    let minter = world.register_minter(&minter_authority, RIGHT_EMISSION, 2 * LEAST_CAP);
    let removed_authority = world.address();
    let removed = world.register_minter(&removed_authority, RIGHT_IOSD, 0);
    world.edit::<Minter>(&removed, |minter| minter.rights = RIGHT_REFUND);
    let feed = CreatePriceFeed {
        authority: authority.pubkey_of(),
        quorum: 3,
    };
    world.govern(feed.instruction());
    Stage {
        world,
        new,
        added,
        minter_authority,
        minter,
        removed,
    }
}

/// Every power with its program, as `authority` would use it.
pub fn powers(stage: &Stage, authority: Pubkey) -> Vec<(&'static str, Instruction)> {
    let (new, added) = (stage.new, stage.added);
    let add_fee_vault = treasury::instructions::AddFeeVault {
        authority,
        mint: new,
        fees: pda::treasury::fees(&new),
        vault: pda::treasury::vault(&new),
    };
    let add_auction = treasury::instructions::AddAuction {
        authority,
        fees: pda::treasury::fees(&added),
        auction: pda::treasury::auction(&added),
    };
    let set_share = treasury::instructions::SetParameter {
        authority,
        id: treasury::ParameterId::KeptShareBps,
        value: 1,
    };
    let add_escrow = market::instructions::AddEscrow {
        authority,
        mint: new,
        escrow: pda::market::escrow(&new),
        vault: pda::market::vault(&new),
        currency: 1,
    };
    let set_fee = market::instructions::SetParameter {
        authority,
        id: market::ParameterId::NetworkFeeBps,
        value: 1,
    };
    let set_age = emission::instructions::SetParameter {
        authority,
        id: emission::ParameterId::MinAgeSecs,
        value: 1,
    };
    let set_limit = token::instructions::SetParameter {
        authority,
        id: token::ParameterId::IosdLimit,
        value: 1,
    };
    let set_case_cap = staking::instructions::SetParameter {
        authority,
        id: staking::ParameterId::CaseCapBps,
        value: 1,
    };
    let set_slasher = staking::instructions::SetSlasher {
        authority,
        key: Pubkey::new_from_array([78; 32]),
    };
    let set_appeal_authority = staking::instructions::SetAppealAuthority {
        authority,
        key: Pubkey::new_from_array([79; 32]),
    };
    let mut all = vec![
        ("treasury", add_fee_vault.instruction()),
        ("treasury", add_auction.instruction()),
        ("treasury", set_share.instruction()),
        ("market", add_escrow.instruction()),
        ("market", set_fee.instruction()),
        ("emission", set_age.instruction()),
        ("token", set_limit.instruction()),
        ("staking", set_case_cap.instruction()),
        ("staking", set_slasher.instruction()),
        ("staking", set_appeal_authority.instruction()),
    ];
    all.extend(market_powers(stage, authority));
    all.extend(registry_powers(authority));
    all.extend(token_powers(stage, authority));
    all
}

fn market_powers(stage: &Stage, authority: Pubkey) -> [(&'static str, Instruction); 4] {
    let world = &stage.world;
    let add_credit_escrow = market::instructions::AddCreditEscrow {
        authority,
        token_config: pda::token::config(),
        escrow: world.escrow_of(Currency::Iosd),
        io_mint: world.io,
    };
    let add_price_book = market::instructions::AddPriceBook {
        authority,
        ..world.add_price_book_ix(NEW_CLASS, price_book_args())
    };
    let set_price_book = market::instructions::SetPriceBook {
        authority,
        ..world.set_price_book_ix(CLASS_TEST, price_book_args())
    };
    let set_resolver = market::instructions::SetResolver {
        authority,
        resolver: Pubkey::new_from_array([80; 32]),
    };
    [
        ("market", add_credit_escrow.instruction()),
        ("market", add_price_book.instruction()),
        ("market", set_price_book.instruction()),
        ("market", set_resolver.instruction()),
    ]
}

fn registry_powers(authority: Pubkey) -> [(&'static str, Instruction); 5] {
    let add = AddClass {
        authority,
        class: pda::registry::class(77),
        args: class_args(77),
    };
    let set_role = SetRole {
        authority,
        role: RegistryRole::CatalogAuthority,
        key: Pubkey::new_from_array([79; 32]),
    };
    let set_spread = registry::instructions::SetParameter {
        authority,
        id: registry::ParameterId::WindowSpreadSecs,
        value: 1,
    };
    let set_measurer = SetMeasurer {
        authority,
        index: 8,
        key: Pubkey::new_from_array([81; 32]),
    };
    let set_quorum = registry::instructions::SetParameter {
        authority,
        id: registry::ParameterId::Quorum,
        value: 4,
    };
    [
        ("registry", add.instruction()),
        ("registry", set_role.instruction()),
        ("registry", set_measurer.instruction()),
        ("registry", set_quorum.instruction()),
        ("registry", set_spread.instruction()),
    ]
}

fn token_powers(stage: &Stage, authority: Pubkey) -> Vec<(&'static str, Instruction)> {
    let vest = CreateVesting {
        authority,
        vesting: pda::token::vesting(99),
        args: VestingArgs {
            id: 99,
            beneficiary: authority,
            total: 1,
            at_start_bps: 10_000,
            first_release_secs: 0,
            periods: 0,
            period_secs: 0,
            per_second: false,
        },
    };
    let another = Pubkey::new_from_array([77; 32]);
    let register = RegisterMinter {
        authority,
        minter_authority: another,
        minter: pda::token::minter(&another),
        rights: RIGHT_EMISSION,
        cap_per_hour: LEAST_CAP,
    };
    assert_ne!(another, stage.minter_authority);
    let minter = stage.minter;
    let set_cap = SetMinterCap {
        authority,
        minter,
        cap_per_hour: LEAST_CAP,
    };
    let restore = RestoreMinter {
        authority,
        minter: stage.removed,
        rights: RIGHT_IOSD,
        cap_per_hour: 0,
    };
    let reporter = SetReporter {
        authority,
        index: 0,
        key: Pubkey::new_from_array([82; 32]),
    };
    let quorum = SetPriceQuorum {
        authority,
        quorum: 5,
    };
    let source = source_args();
    vec![
        ("token", restore.instruction()),
        ("token", reporter.instruction()),
        ("token", quorum.instruction()),
        ("token", vest.instruction()),
        ("token", register.instruction()),
        ("token", set_cap.instruction()),
        ("token", RemoveMinter { authority, minter }.instruction()),
        ("token", SetPriceSource { authority, source }.instruction()),
    ]
}
