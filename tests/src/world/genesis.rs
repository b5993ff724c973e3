//! The network's first transactions.

use iog_client::market::ConfigArgs;
use iog_client::registry::accounts::HardwareClass;
use iog_client::registry::ClassArgs;
use iog_client::token::VestingArgs;
use iog_client::{emission, market, pda, registry, staking, token, treasury};
use iog_pow::Shape;
use solana_pubkey::Pubkey;

use super::limits::{
    emission_args, limit_args, market_args, source_args, treasury_args, RIGHT_EMISSION, RIGHT_IOSD,
    RIGHT_NET_EMISSION,
};
use super::{price_book_args, Currency, PubkeyOf, World};

/// Start of hour 1: 2026-01-01T00:00:00Z, like every hour a multiple of 3,600 seconds.
pub const GENESIS_TS: i64 = 1_767_225_600;
/// Twelve hours from registration to the first check-in.
pub const MIN_AGE_SECS: i64 = 43_200;
/// Most of a stake that one slash case takes, and the cases of 30 days together.
pub const CASE_CAP_BPS: u16 = 1_000;
pub const MONTH_CAP_BPS: u16 = 2_500;
/// Class of the Enterprise pool with multiplier 1.
pub const CLASS_TEST: u16 = 1;
/// Class of the Community pool with multiplier 2.5.
pub const CLASS_COMMUNITY: u16 = 2;
/// What emission may mint in one hour: 250,000 IO, more than 48 hours of the schedule.
const MINT_CAP: u64 = 25_000_000_000_000;
/// What the market may mint for suppliers of IOSD orders in one hour: 100,000 IO.
const CREDIT_CAP: u64 = 10_000_000_000_000;
/// Vesting ids of what is liquid at once, and their totals: 80,000,000 IO and 20,000,000 IO.
const COMMUNITY: (u8, u64, u16) = (5, 8_000_000_000_000_000, 4_500);
const LAUNCH_POOL: (u8, u64, u16) = (6, 2_000_000_000_000_000, 10_000);

/// Class of machines that prove nothing and earn nothing but rent, one device for all the GPUs of a machine; one dollar a GPU-hour.
pub const CLASS_UNPROVED: u16 = 3;

/// A class with the smallest proof, of up to eight cards.
pub fn class_args(id: u16) -> ClassArgs {
    let mut name = [0; 32];
    name[..4].copy_from_slice(b"test");
    ClassArgs {
        id,
        name,
        pool: 0,
        vram_gb: 24,
        base_price_usd6: 1_000_000,
        enabled: true,
        multiplier_x100: 100,
        proof_valid_hours: 3,
        rows: Shape::TEST.rows(),
        tiles: Shape::TEST.tiles(),
        waves: Shape::TEST.waves(),
        commit_slots: 750,
        reveal_slots: 300,
        max_cards: 8,
    }
}

impl World {
    /// Initialises all programs: the bank holds 56,000,000 IO, three classes exist (Enterprise, Community and one without proofs) with
    /// neutral price books, emission may mint, the market takes IO, US dollars and IOSD, page 0 is open, and IO costs 0.25 USD. The clock
    /// stands at the first second of hour 1.
    pub fn bootstrap(&mut self) {
        self.bootstrap_with(market_args(&self.resolver.pubkey_of()));
    }

    pub(super) fn bootstrap_with(&mut self, args: ConfigArgs) {
        self.init_token();
        self.create_iosd();
        self.release_genesis();
        self.init_registry();
        self.init_staking();
        self.init_treasury();
        self.init_market(args);
        self.init_emission();
        self.post_price(25_000_000);
    }

    /// Creates the IO mint with the genesis supply in the vesting vault, in the first second of hour 1.
    pub fn init_token(&mut self) {
        self.warp_to(GENESIS_TS);
        let (authority, program_data) = self.initializer(&token::ID);
        let instruction = token::instructions::Initialize {
            authority,
            program_data,
            genesis_ts: GENESIS_TS,
            limits: limit_args(),
        };
        self.govern(instruction.instruction());
    }

    /// Creates the IOSD mint, the books of net emission and the source of prices.
    pub fn create_iosd(&mut self) {
        let instruction = token::instructions::CreateIosd {
            authority: self.authority.pubkey_of(),
            source: source_args(),
        };
        self.govern(instruction.instruction());
    }

    /// Vests community and launch pool to the bank and pays what is due at the start.
    fn release_genesis(&mut self) {
        let bank = self.bank.pubkey_of();
        for (id, total, at_start_bps) in [COMMUNITY, LAUNCH_POOL] {
            let linear = at_start_bps < 10_000;
            self.create_vesting(VestingArgs {
                id,
                beneficiary: bank,
                total,
                at_start_bps,
                first_release_secs: 0,
                periods: if linear { 41 } else { 0 },
                period_secs: if linear { 2_629_800 } else { 0 },
                per_second: linear,
            });
        }
        self.warp_to(GENESIS_TS);
        let io = self.io;
        let beneficiary_token = self.token_account(&bank, &io);
        for (id, _, _) in [COMMUNITY, LAUNCH_POOL] {
            let release = token::instructions::ReleaseVested {
                signer: self.authority.pubkey_of(),
                vesting: pda::token::vesting(id),
                io_mint: io,
                beneficiary_token,
                associated: beneficiary_token,
            };
            self.govern(release.instruction());
        }
    }

    pub fn create_vesting(&mut self, args: VestingArgs) -> Pubkey {
        let vesting = pda::token::vesting(args.id);
        let instruction = token::instructions::CreateVesting {
            authority: self.authority.pubkey_of(),
            vesting,
            args,
        };
        self.govern(instruction.instruction());
        vesting
    }

    /// Gives `minter_authority` rights to mint, at once within 24 hours of the initialisation and else after 24 hours.
    pub fn register_minter(
        &mut self,
        minter_authority: &Pubkey,
        rights: u8,
        cap_per_hour: u64,
    ) -> Pubkey {
        let minter = pda::token::minter(minter_authority);
        let instruction = token::instructions::RegisterMinter {
            authority: self.authority.pubkey_of(),
            minter_authority: *minter_authority,
            minter,
            rights,
            cap_per_hour,
        };
        self.govern(instruction.instruction());
        minter
    }

    pub fn init_registry(&mut self) {
        let (authority, program_data) = self.initializer(&registry::ID);
        let instruction = registry::instructions::Initialize {
            authority,
            program_data,
            attestor: self.attestor.pubkey_of(),
            quorum: 3,
            window_spread_secs: 0,
        };
        self.govern(instruction.instruction());
        self.add_class(class_args(CLASS_TEST));
        self.add_class(ClassArgs {
            pool: 1,
            multiplier_x100: 250,
            base_price_usd6: 400_000,
            ..class_args(CLASS_COMMUNITY)
        });
        self.add_class(ClassArgs {
            multiplier_x100: 0,
            proof_valid_hours: 0,
            ..class_args(CLASS_UNPROVED)
        });
    }

    pub fn add_class(&mut self, args: ClassArgs) -> Pubkey {
        let class = pda::registry::class(args.id);
        let instruction = registry::instructions::AddClass {
            authority: self.authority.pubkey_of(),
            class,
            args,
        };
        self.govern(instruction.instruction());
        class
    }

    /// Changes a class behind the program's back: for tests of what its numbers do. How far the program lets them move, and
    /// when, has tests of its own.
    pub fn update_class(&mut self, args: ClassArgs) {
        self.edit::<HardwareClass>(&pda::registry::class(args.id), |class| {
            class.name = args.name;
            class.pool = args.pool;
            class.multiplier_x100 = args.multiplier_x100;
            class.stake_multiplier_x100 = args.multiplier_x100;
            class.proof_valid_hours = args.proof_valid_hours;
            class.base_price_usd6 = args.base_price_usd6;
            class.vram_gb = args.vram_gb;
            class.rows = args.rows;
            class.tiles = args.tiles;
            class.waves = args.waves;
            class.commit_slots = args.commit_slots;
            class.reveal_slots = args.reveal_slots;
            class.max_cards = args.max_cards;
            class.enabled = u8::from(args.enabled);
        });
    }

    pub fn init_staking(&mut self) {
        let (authority, program_data) = self.initializer(&staking::ID);
        let instruction = staking::instructions::Initialize {
            authority,
            program_data,
            io_mint: self.io,
            case_cap_bps: CASE_CAP_BPS,
            month_cap_bps: MONTH_CAP_BPS,
        };
        self.govern(instruction.instruction());
    }

    /// The treasury with a fee vault for IO.
    pub fn init_treasury(&mut self) {
        let (authority, program_data) = self.initializer(&treasury::ID);
        let instruction = treasury::instructions::Initialize {
            authority,
            program_data,
            args: treasury_args(),
        };
        self.govern(instruction.instruction());
        let io = self.io;
        self.add_fee_vault(&io);
    }

    pub fn add_fee_vault(&mut self, mint: &Pubkey) -> Pubkey {
        let fees = pda::treasury::fees(mint);
        let instruction = treasury::instructions::AddFeeVault {
            authority: self.authority.pubkey_of(),
            mint: *mint,
            fees,
            vault: pda::treasury::vault(mint),
        };
        self.govern(instruction.instruction());
        fees
    }

    /// The market with its currencies, its rights in the token program and a price book for each class.
    pub fn init_market(&mut self, args: ConfigArgs) {
        let (authority, program_data) = self.initializer(&market::ID);
        let instruction = market::instructions::Initialize {
            authority,
            program_data,
            args,
        };
        self.govern(instruction.instruction());
        let (io, usd, owner) = (self.io, self.usd, self.authority.insecure_clone());
        self.create_mint(&usd, &owner, 6);
        self.add_fee_vault(&usd);
        for currency in [Currency::Io, Currency::Usd] {
            let mint = self.mint_of(currency);
            let escrow = market::instructions::AddEscrow {
                authority,
                mint,
                escrow: pda::market::escrow(&mint),
                vault: pda::market::vault(&mint),
                currency: currency as u8,
            };
            self.govern(escrow.instruction());
        }
        let credit = market::instructions::AddCreditEscrow {
            authority,
            token_config: pda::token::config(),
            escrow: self.escrow_of(Currency::Iosd),
            io_mint: io,
        };
        self.govern(credit.instruction());
        let minter = pda::market::escrow_authority();
        self.register_minter(&minter, RIGHT_IOSD | RIGHT_NET_EMISSION, CREDIT_CAP);
        for class_id in [CLASS_TEST, CLASS_COMMUNITY, CLASS_UNPROVED] {
            self.add_price_book(class_id, price_book_args());
        }
    }

    /// The emission with its right to mint and page 0.
    pub fn init_emission(&mut self) {
        let (authority, program_data) = self.initializer(&emission::ID);
        let instruction = emission::instructions::Initialize {
            authority,
            program_data,
            io_mint: self.io,
            args: emission_args(),
        };
        self.govern(instruction.instruction());
        let minter = pda::emission::minter_authority();
        self.register_minter(&minter, RIGHT_EMISSION, MINT_CAP);
        self.open_page(0);
    }

    /// Opens a page of the emission's ledger.
    pub fn open_page(&mut self, index: u32) -> Pubkey {
        let page = pda::emission::page(index);
        let instruction = emission::instructions::OpenPage {
            payer: self.authority.pubkey_of(),
            page,
            index,
        };
        self.govern(instruction.instruction());
        page
    }

    fn initializer(&self, program: &Pubkey) -> (Pubkey, Pubkey) {
        (self.authority.pubkey_of(), pda::program_data(program))
    }
}
