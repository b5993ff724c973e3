//! IOSD, through the real Token-2022 program, and minters that a test can sign for.

use iog_client::pda;
use iog_client::token::accounts::Config;
use iog_client::token::instructions::BurnIoForIosd;
use iog_localnet::pyth::PriceAccount;
use solana_account::Account;
use solana_instruction::{AccountMeta, Instruction};
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

use super::token::{ASSOCIATED_TOKEN, SYSTEM};
use super::{Meta, PubkeyOf, World, TOKEN_2022};

const MINT_LEN: usize = 82;

/// The wallet's account for IOSD.
pub fn iosd_ata(wallet: &Pubkey) -> Pubkey {
    pda::token_account(wallet, &pda::token::iosd_mint(), &TOKEN_2022)
}

/// Token-2022's instructions that the tests need, as its interface defines them.
pub mod spl_2022 {
    use super::*;

    fn instruction(accounts: Vec<AccountMeta>, data: Vec<u8>) -> Instruction {
        Instruction {
            program_id: TOKEN_2022,
            accounts,
            data,
        }
    }

    /// TransferChecked of a mint with 6 decimals.
    pub fn transfer(
        from: &Pubkey,
        mint: &Pubkey,
        to: &Pubkey,
        owner: &Pubkey,
        amount: u64,
    ) -> Instruction {
        let accounts = vec![
            AccountMeta::new(*from, false),
            AccountMeta::new_readonly(*mint, false),
            AccountMeta::new(*to, false),
            AccountMeta::new_readonly(*owner, true),
        ];
        let mut data = vec![12];
        data.extend_from_slice(&amount.to_le_bytes());
        data.push(6);
        instruction(accounts, data)
    }

    pub fn burn(from: &Pubkey, mint: &Pubkey, owner: &Pubkey, amount: u64) -> Instruction {
        let accounts = vec![
            AccountMeta::new(*from, false),
            AccountMeta::new(*mint, false),
            AccountMeta::new_readonly(*owner, true),
        ];
        let mut data = vec![8];
        data.extend_from_slice(&amount.to_le_bytes());
        instruction(accounts, data)
    }

    /// Approve: `delegate` may burn up to `amount`.
    pub fn approve(
        account: &Pubkey,
        delegate: &Pubkey,
        owner: &Pubkey,
        amount: u64,
    ) -> Instruction {
        let accounts = vec![
            AccountMeta::new(*account, false),
            AccountMeta::new_readonly(*delegate, false),
            AccountMeta::new_readonly(*owner, true),
        ];
        let mut data = vec![4];
        data.extend_from_slice(&amount.to_le_bytes());
        instruction(accounts, data)
    }

    /// SetAuthority of a token account's owner.
    pub fn set_owner(account: &Pubkey, owner: &Pubkey, new: &Pubkey) -> Instruction {
        let accounts = vec![
            AccountMeta::new(*account, false),
            AccountMeta::new_readonly(*owner, true),
        ];
        let mut data = vec![6, 2, 1];
        data.extend_from_slice(new.as_ref());
        instruction(accounts, data)
    }

    /// InitializeMint2 without freeze authority.
    pub fn initialize_mint(mint: &Pubkey, authority: &Pubkey, decimals: u8) -> Instruction {
        let mut data = vec![20, decimals];
        data.extend_from_slice(authority.as_ref());
        data.push(0);
        instruction(vec![AccountMeta::new(*mint, false)], data)
    }

    /// The idempotent creation of an associated token account.
    pub fn create_ata(payer: &Pubkey, wallet: &Pubkey, mint: &Pubkey) -> Instruction {
        let address = pda::token_account(wallet, mint, &TOKEN_2022);
        Instruction {
            program_id: ASSOCIATED_TOKEN,
            accounts: vec![
                AccountMeta::new(*payer, true),
                AccountMeta::new(address, false),
                AccountMeta::new_readonly(*wallet, false),
                AccountMeta::new_readonly(*mint, false),
                AccountMeta::new_readonly(SYSTEM, false),
                AccountMeta::new_readonly(TOKEN_2022, false),
            ],
            data: vec![1],
        }
    }
}

impl World {
    /// The wallet's account for IOSD, created if need be.
    pub fn iosd_account(&mut self, wallet: &Pubkey) -> Pubkey {
        self.account_2022(wallet, &pda::token::iosd_mint())
    }

    /// The wallet's associated account under Token-2022, created if need be.
    pub fn account_2022(&mut self, wallet: &Pubkey, mint: &Pubkey) -> Pubkey {
        let payer = self.authority.insecure_clone();
        let create = spl_2022::create_ata(&payer.pubkey_of(), wallet, mint);
        self.must(create, &[&payer]);
        pda::token_account(wallet, mint, &TOKEN_2022)
    }

    /// A mint of `authority`'s under Token-2022, without extensions.
    pub fn mint_2022(&mut self, authority: &Keypair, decimals: u8) -> Pubkey {
        let mint = self.address();
        let empty = Account {
            lamports: self.rent(MINT_LEN),
            data: vec![0; MINT_LEN],
            owner: TOKEN_2022,
            ..Account::default()
        };
        self.set_account(&mint, empty);
        let initialize = spl_2022::initialize_mint(&mint, &authority.pubkey_of(), decimals);
        self.must(initialize, &[authority]);
        mint
    }

    /// A burn of at most `amount` of the owner's IO for at least `min_out` IOSD, between its associated accounts.
    pub fn burn_for_iosd_ix(&self, owner: &Pubkey, amount: u64, min_out: u64) -> BurnIoForIosd {
        BurnIoForIosd {
            owner: *owner,
            price: self.price,
            io_mint: self.io,
            from: super::ata(owner, &self.io),
            iosd_mint: pda::token::iosd_mint(),
            to: iosd_ata(owner),
            amount,
            min_out,
        }
    }

    /// Gives `io` to the owner, who burns it all for IOSD at the price that is posted.
    pub fn burn_for_iosd(&mut self, owner: &Keypair, io: u64) -> Meta {
        let wallet = owner.pubkey_of();
        self.give_io(&wallet, io);
        self.iosd_account(&wallet);
        self.make_seen();
        let burn = self.burn_for_iosd_ix(&wallet, io, 0);
        self.must(burn.instruction(), &[owner])
    }

    /// A fresh IO price in units of 10^-8 USD without uncertainty, to be spoilt.
    pub fn fresh_price(&self, usd8: i64) -> PriceAccount {
        PriceAccount::io_usd(usd8, 0, self.now(), self.slot())
    }

    /// Makes a plain key a minter, so that a test can call for it; returns the key and the minter.
    pub fn plain_minter(&mut self, rights: u8, cap_per_hour: u64) -> (Keypair, Pubkey) {
        let key = self.wallet();
        let minter = self.register_minter(&key.pubkey_of(), rights, cap_per_hour);
        (key, minter)
    }

    /// The token program's books.
    pub fn token_config(&self) -> Config {
        self.read(&pda::token::config())
    }

    /// Panics unless the supply of IOSD is what the token's books say.
    pub fn check_iosd_supply(&self) {
        let books = self.token_config();
        let expected = books.iosd_minted_units + books.iosd_refunded_units - books.iosd_spent_units;
        let supply = self.supply(&pda::token::iosd_mint());
        assert_eq!(supply, expected, "supply of IOSD");
    }
}
