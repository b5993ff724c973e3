//! Reading the programs' accounts.

use crate::{
    context::Context,
    error::{CliError, Result},
};
use iog_client::{decode, pda, registry, token, AccountData};
use iog_math::emission::hour_at;
use solana_account::Account;
use solana_account_decoder_client_types::UiAccountEncoding;
use solana_client::{
    rpc_config::{RpcAccountInfoConfig, RpcProgramAccountsConfig},
    rpc_filter::{Memcmp, RpcFilterType},
};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;
use spl_associated_token_account_interface::instruction::create_associated_token_account_idempotent;

/// SPL Token, which owns the IO mint.
pub const TOKEN_PROGRAM: Pubkey =
    Pubkey::from_str_const("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA");
/// Token-2022, which owns the IOSD mint.
pub const TOKEN_2022_PROGRAM: Pubkey =
    Pubkey::from_str_const("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb");
const CLOCK: Pubkey = Pubkey::from_str_const("SysvarC1ock11111111111111111111111111111111");
/// Where both token programs keep a mint's supply and a token account's amount, eight bytes each.
const SUPPLY_AT: usize = 36;
const AMOUNT_AT: usize = 64;
/// Accounts that a node returns in one answer.
const READ_AT_ONCE: usize = 100;
/// The clock sysvar: slot first, unix time last.
const CLOCK_TIME_AT: usize = 32;

/// The chain's time, which alone counts.
#[derive(Clone, Copy, Debug)]
pub struct ChainTime {
    pub slot: u64,
    pub now: i64,
}

/// Where `wallet` holds IO, or another token of SPL Token.
pub fn token_account(wallet: &Pubkey, mint: &Pubkey) -> Pubkey {
    pda::token_account(wallet, mint, &TOKEN_PROGRAM)
}

/// Where `wallet` holds IOSD.
pub fn iosd_account(wallet: &Pubkey) -> Pubkey {
    pda::token_account(wallet, &pda::token::iosd_mint(), &TOKEN_2022_PROGRAM)
}

/// Makes sure that `wallet` can be paid; `payer` pays the rent if the account is new.
pub fn open_token_account(payer: &Pubkey, wallet: &Pubkey, mint: &Pubkey) -> Instruction {
    create_associated_token_account_idempotent(payer, wallet, mint, &TOKEN_PROGRAM)
}

/// Makes sure that `wallet` can get IOSD; it pays the rent if the account is new.
pub fn open_iosd_account(wallet: &Pubkey) -> Instruction {
    let mint = pda::token::iosd_mint();
    create_associated_token_account_idempotent(wallet, wallet, &mint, &TOKEN_2022_PROGRAM)
}

/// The supply that a mint's data states.
pub fn mint_supply(account: &Account) -> Option<u64> {
    number_at(account, SUPPLY_AT).filter(|_| is_token(account))
}

/// The amount in a token account.
pub fn token_amount(account: &Account) -> Option<u64> {
    number_at(account, AMOUNT_AT).filter(|_| is_token(account))
}

fn is_token(account: &Account) -> bool {
    account.owner == TOKEN_PROGRAM || account.owner == TOKEN_2022_PROGRAM
}

fn number_at(account: &Account, offset: usize) -> Option<u64> {
    let bytes = account.data.get(offset..)?.first_chunk::<8>()?;
    Some(u64::from_le_bytes(*bytes))
}

/// Reads an account that was fetched; `None` unless it exists, belongs to the program, and is of the kind.
fn read<T: AccountData>(account: Option<&Account>) -> Option<T> {
    let account = account.filter(|account| account.owner == T::OWNER)?;
    decode(&account.data).ok()
}

impl Context {
    /// Accounts of one moment.
    pub async fn accounts(&self, addresses: &[Pubkey]) -> Result<Vec<Option<Account>>> {
        let rpc = self.sender.rpc();
        rpc.get_multiple_accounts(addresses)
            .await
            .map_err(|error| CliError::rpc("reading accounts", &error))
    }

    /// The account, or `None` where there is none of this kind.
    pub async fn find<T: AccountData>(&self, address: &Pubkey) -> Result<Option<T>> {
        let accounts = self.accounts(&[*address]).await?;
        Ok(read(accounts.first().and_then(Option::as_ref)))
    }

    /// Accounts of one kind, however many, each `None` where there is none.
    pub async fn find_all<T: AccountData>(&self, addresses: &[Pubkey]) -> Result<Vec<Option<T>>> {
        let mut found = Vec::with_capacity(addresses.len());
        for some in addresses.chunks(READ_AT_ONCE) {
            let accounts = self.accounts(some).await?;
            found.extend(accounts.iter().map(|account| read(account.as_ref())));
        }
        Ok(found)
    }

    /// The account, or what to do when there is none.
    pub async fn get<T: AccountData>(&self, address: &Pubkey, hint: &str) -> Result<T> {
        self.find(address)
            .await?
            .ok_or_else(|| missing(T::NAME, address, hint))
    }

    /// A program's config: without it there is no network at this endpoint.
    pub async fn config<T: AccountData>(&self, address: &Pubkey) -> Result<T> {
        self.find(address).await?.ok_or_else(|| {
            CliError::usage(format!(
                "there is no IOG network at {}: check --url, or start one with iog network up",
                crate::error::shown(&self.url)
            ))
        })
    }

    /// The IO mint: which one it is, the token program's config says.
    pub async fn io_mint(&self) -> Result<Pubkey> {
        let read = || async {
            let books: token::accounts::Config = self.config(&pda::token::config()).await?;
            Ok(books.io_mint)
        };
        self.io_mint.get_or_try_init(read).await.copied()
    }

    /// All accounts of a kind whose bytes at the offsets are these, by address.
    pub async fn list<T: AccountData>(
        &self,
        filters: &[(usize, &[u8])],
    ) -> Result<Vec<(Pubkey, T)>> {
        let kind: (usize, &[u8]) = (0, &T::DISCRIMINATOR);
        let found = self
            .program_accounts(&T::OWNER, std::iter::once(&kind).chain(filters))
            .await?;
        let mut accounts: Vec<(Pubkey, T)> = found
            .into_iter()
            .filter_map(|(address, data)| Some((address, decode(&data).ok()?)))
            .collect();
        accounts.sort_by_key(|(address, _)| *address);
        Ok(accounts)
    }

    /// Data of a program's accounts that match every filter.
    pub async fn program_accounts<'a>(
        &self,
        program: &Pubkey,
        filters: impl Iterator<Item = &'a (usize, &'a [u8])>,
    ) -> Result<Vec<(Pubkey, Vec<u8>)>> {
        let filters = filters
            .map(|(at, bytes)| RpcFilterType::Memcmp(Memcmp::new_base58_encoded(*at, bytes)))
            .collect();
        let config = RpcProgramAccountsConfig {
            filters: Some(filters),
            account_config: RpcAccountInfoConfig {
                encoding: Some(UiAccountEncoding::Base64),
                commitment: Some(self.sender.commitment()),
                ..Default::default()
            },
            ..Default::default()
        };
        let rpc = self.sender.rpc();
        let found = rpc
            .get_program_ui_accounts_with_config(program, config)
            .await
            .map_err(|error| CliError::rpc("listing accounts", &error))?;
        Ok(found
            .into_iter()
            .filter_map(|(address, account)| Some((address, account.data.decode()?)))
            .collect())
    }

    pub async fn time(&self) -> Result<ChainTime> {
        let accounts = self.accounts(&[CLOCK]).await?;
        let clock = accounts.into_iter().next().flatten();
        let read = clock.and_then(|clock| {
            Some(ChainTime {
                slot: number_at(&clock, 0)?,
                now: i64::from_ne_bytes(number_at(&clock, CLOCK_TIME_AT)?.to_ne_bytes()),
            })
        });
        read.ok_or_else(|| CliError::rpc("reading the chain's clock", &"the node has none"))
    }

    /// The network's hour, 1 for the first.
    pub async fn hour(&self, genesis_ts: i64) -> Result<u32> {
        let now = self.time().await?.now;
        hour_at(genesis_ts, now)
            .map_err(|_| CliError::Refused("the network has not started yet".into()))
    }

    /// A device by its account's address or by its key.
    pub async fn device(&self, given: &Pubkey) -> Result<(Pubkey, registry::accounts::Device)> {
        let derived = pda::registry::device(given);
        let accounts = self.accounts(&[*given, derived]).await?;
        for (address, account) in [*given, derived].into_iter().zip(&accounts) {
            if let Some(device) = read(account.as_ref()) {
                return Ok((address, device));
            }
        }
        Err(missing(
            "Device",
            given,
            "pass a device's address or key: see iog device list",
        ))
    }

    pub async fn class(&self, address: &Pubkey) -> Result<registry::accounts::HardwareClass> {
        self.get(address, "see iog class list").await
    }
}

pub fn missing(kind: &str, address: &Pubkey, hint: &str) -> CliError {
    CliError::usage(format!("there is no {kind} account at {address}: {hint}"))
}
