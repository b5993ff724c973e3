//! Tokens, through the real SPL Token and Associated Token Account programs.

use iog_client::pda;
use solana_account::Account;
use solana_instruction::{AccountMeta, Instruction};
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

use super::{PubkeyOf, World};

/// SPL Token.
pub const TOKEN_PROGRAM: Pubkey =
    Pubkey::from_str_const("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA");
/// Token-2022.
pub const TOKEN_2022: Pubkey =
    Pubkey::from_str_const("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb");
pub(super) const ASSOCIATED_TOKEN: Pubkey =
    Pubkey::from_str_const("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL");
pub(super) const SYSTEM: Pubkey = Pubkey::new_from_array([0; 32]);
const MINT_LEN: usize = 82;
const AMOUNT_AT: usize = 64;
const SUPPLY_AT: usize = 36;

/// The associated token account of a wallet under SPL Token.
pub fn ata(wallet: &Pubkey, mint: &Pubkey) -> Pubkey {
    pda::token_account(wallet, mint, &TOKEN_PROGRAM)
}

/// SPL Token's instructions that the tests need, as its interface defines them.
pub mod spl {
    use super::*;

    fn instruction(accounts: Vec<AccountMeta>, data: Vec<u8>) -> Instruction {
        Instruction {
            program_id: TOKEN_PROGRAM,
            accounts,
            data,
        }
    }

    fn with_amount(tag: u8, amount: u64) -> Vec<u8> {
        let mut data = vec![tag];
        data.extend_from_slice(&amount.to_le_bytes());
        data
    }

    pub fn transfer(from: &Pubkey, to: &Pubkey, owner: &Pubkey, amount: u64) -> Instruction {
        let accounts = vec![
            AccountMeta::new(*from, false),
            AccountMeta::new(*to, false),
            AccountMeta::new_readonly(*owner, true),
        ];
        instruction(accounts, with_amount(3, amount))
    }

    pub fn mint_to(mint: &Pubkey, to: &Pubkey, authority: &Pubkey, amount: u64) -> Instruction {
        let accounts = vec![
            AccountMeta::new(*mint, false),
            AccountMeta::new(*to, false),
            AccountMeta::new_readonly(*authority, true),
        ];
        instruction(accounts, with_amount(7, amount))
    }

    pub fn burn(from: &Pubkey, mint: &Pubkey, owner: &Pubkey, amount: u64) -> Instruction {
        let accounts = vec![
            AccountMeta::new(*from, false),
            AccountMeta::new(*mint, false),
            AccountMeta::new_readonly(*owner, true),
        ];
        instruction(accounts, with_amount(8, amount))
    }

    /// SetAuthority: hands a token account to another owner.
    pub fn give_away(account: &Pubkey, owner: &Pubkey, to: &Pubkey) -> Instruction {
        let accounts = vec![
            AccountMeta::new(*account, false),
            AccountMeta::new_readonly(*owner, true),
        ];
        let mut data = vec![6, 2, 1];
        data.extend_from_slice(to.as_ref());
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
        Instruction {
            program_id: ASSOCIATED_TOKEN,
            accounts: vec![
                AccountMeta::new(*payer, true),
                AccountMeta::new(ata(wallet, mint), false),
                AccountMeta::new_readonly(*wallet, false),
                AccountMeta::new_readonly(*mint, false),
                AccountMeta::new_readonly(SYSTEM, false),
                AccountMeta::new_readonly(TOKEN_PROGRAM, false),
            ],
            data: vec![1],
        }
    }
}

impl World {
    /// A mint of `authority`'s, other than IO.
    pub fn mint(&mut self, authority: &Keypair, decimals: u8) -> Pubkey {
        let mint = self.address();
        self.create_mint(&mint, authority, decimals);
        mint
    }

    /// A mint of `authority`'s at this address.
    pub(super) fn create_mint(&mut self, mint: &Pubkey, authority: &Keypair, decimals: u8) {
        let empty = Account {
            lamports: self.rent(MINT_LEN),
            data: vec![0; MINT_LEN],
            owner: TOKEN_PROGRAM,
            ..Account::default()
        };
        self.set_account(mint, empty);
        let initialize = spl::initialize_mint(mint, &authority.pubkey_of(), decimals);
        self.must(initialize, &[authority]);
    }

    /// The wallet's associated token account, created if need be.
    pub fn token_account(&mut self, wallet: &Pubkey, mint: &Pubkey) -> Pubkey {
        let payer = self.authority.insecure_clone();
        let create = spl::create_ata(&payer.pubkey_of(), wallet, mint);
        self.must(create, &[&payer]);
        ata(wallet, mint)
    }

    /// An empty token account of the wallet's that is not its associated one: whoever pays the rent may open such.
    pub fn second_account(&mut self, wallet: &Pubkey, mint: &Pubkey) -> Pubkey {
        let like = self.token_account(wallet, mint);
        let second = self.address();
        self.copy_account(&like, &second);
        let mut account = self.account(&second);
        account.data[AMOUNT_AT..AMOUNT_AT + 8].fill(0);
        self.set_account(&second, account);
        second
    }

    /// Mints tokens of `authority`'s mint to the wallet's associated account.
    pub fn mint_to(
        &mut self,
        mint: &Pubkey,
        authority: &Keypair,
        wallet: &Pubkey,
        amount: u64,
    ) -> Pubkey {
        let to = self.token_account(wallet, mint);
        let mint_to = spl::mint_to(mint, &to, &authority.pubkey_of(), amount);
        self.must(mint_to, &[authority]);
        to
    }

    /// Sends IO from the bank to the wallet's associated account.
    pub fn give_io(&mut self, wallet: &Pubkey, amount: u64) -> Pubkey {
        let io = self.io;
        let to = self.token_account(wallet, &io);
        self.donate(&to, amount);
        to
    }

    /// Sends IO from the bank to any token account, a program's vault for instance.
    pub fn donate(&mut self, to: &Pubkey, amount: u64) {
        let bank = self.bank.insecure_clone();
        let owner = bank.pubkey_of();
        let transfer = spl::transfer(&ata(&owner, &self.io), to, &owner, amount);
        self.must(transfer, &[&bank]);
    }

    /// Tokens in a token account; 0 where there is none.
    pub fn balance(&self, token_account: &Pubkey) -> u64 {
        self.find(token_account)
            .map_or(0, |account| word(&account.data, AMOUNT_AT))
    }

    /// What is in circulation.
    pub fn supply(&self, mint: &Pubkey) -> u64 {
        word(&self.account(mint).data, SUPPLY_AT)
    }
}

fn word(data: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(data[at..at + 8].try_into().unwrap())
}
