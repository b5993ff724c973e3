//! Tokens through the real token programs: every call here is a signed transaction that the faucet pays for.

use crate::{error::LocalNetError, net::LocalNet, time::close_block};
use crossbeam_channel::bounded;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use solana_signature::Signature;
use solana_signer::Signer;
use solana_system_interface::instruction::create_account;
use solana_transaction::{versioned::VersionedTransaction, Transaction};
use spl_associated_token_account_interface::{
    address::get_associated_token_address_with_program_id,
    instruction::create_associated_token_account_idempotent,
};
use spl_token_2022_interface::instruction as token_instruction;
use std::time::Duration;
use surfpool_types::{SimnetCommand, TransactionStatusEvent};

/// A mint without extensions, in SPL Token and in Token-2022.
const MINT_LEN: usize = 82;
/// Where a token account keeps its amount, in both programs.
const AMOUNT: std::ops::Range<usize> = 64..72;
const EXECUTION_TIMEOUT: Duration = Duration::from_secs(30);

/// Where `owner` holds tokens of `mint`; `token_program` is the program that owns the mint.
pub fn associated_token_address(owner: &Pubkey, mint: &Pubkey, token_program: &Pubkey) -> Pubkey {
    get_associated_token_address_with_program_id(owner, mint, token_program)
}

impl LocalNet {
    /// Signs, runs and confirms one transaction paid for by the faucet, and closes its block. For setting a network up;
    /// keepers and the CLI have a sender of their own.
    ///
    /// # Errors
    /// [`LocalNetError::Transaction`] with the program's logs when it is refused.
    pub fn execute(
        &self,
        instructions: &[Instruction],
        signers: &[&Keypair],
    ) -> Result<Signature, LocalNetError> {
        let blockhash = self.worker.run(|svm| svm.latest_blockhash())?;
        let mut keys: Vec<&Keypair> = vec![&self.faucet];
        keys.extend(
            signers
                .iter()
                .filter(|key| key.pubkey() != self.faucet.pubkey()),
        );
        let mut transaction =
            Transaction::new_with_payer(instructions, Some(&self.faucet.pubkey()));
        transaction
            .try_sign(&keys, blockhash)
            .map_err(|error| LocalNetError::Instruction(error.to_string()))?;
        let transaction = VersionedTransaction::from(transaction);
        let signature = transaction.signatures.first().copied().unwrap_or_default();
        let (status_tx, status) = bounded(1);
        self.commands
            .send(SimnetCommand::ProcessTransaction(
                None,
                transaction,
                status_tx,
                false,
                None,
            ))
            .map_err(|_| LocalNetError::Stopped)?;
        match status.recv_timeout(EXECUTION_TIMEOUT) {
            Ok(TransactionStatusEvent::Success(_)) => {
                self.worker.run(close_block)?.map(|()| signature)
            }
            Ok(TransactionStatusEvent::SimulationFailure((error, meta)))
            | Ok(TransactionStatusEvent::ExecutionFailure((error, meta))) => {
                Err(LocalNetError::Transaction {
                    reason: error.to_string(),
                    logs: meta.logs,
                })
            }
            Ok(TransactionStatusEvent::VerificationFailure(reason)) => {
                Err(LocalNetError::Transaction {
                    reason,
                    logs: Vec::new(),
                })
            }
            Err(_) => Err(LocalNetError::Stopped),
        }
    }

    /// Creates a mint without extensions, such as a stand-in for USDC (6 decimals), under SPL Token or Token-2022.
    pub fn create_mint(
        &self,
        mint: &Keypair,
        decimals: u8,
        authority: &Pubkey,
        token_program: &Pubkey,
    ) -> Result<(), LocalNetError> {
        let lamports = self.rent()?.minimum_balance(MINT_LEN);
        let payer = self.faucet.pubkey();
        let create = create_account(
            &payer,
            &mint.pubkey(),
            lamports,
            MINT_LEN as u64,
            token_program,
        );
        let initialize = token_instruction::initialize_mint2(
            token_program,
            &mint.pubkey(),
            authority,
            None,
            decimals,
        )
        .map_err(|error| LocalNetError::Instruction(error.to_string()))?;
        self.execute(&[create, initialize], &[mint]).map(|_| ())
    }

    /// Creates `owner`'s associated token account where it is missing, and returns its address.
    pub fn token_account(&self, owner: &Pubkey, mint: &Pubkey) -> Result<Pubkey, LocalNetError> {
        let token_program = self.token_program_of(mint)?;
        let create = create_associated_token_account_idempotent(
            &self.faucet.pubkey(),
            owner,
            mint,
            &token_program,
        );
        self.execute(&[create], &[])?;
        Ok(associated_token_address(owner, mint, &token_program))
    }

    /// Mints `amount` base units into `owner`'s associated token account, which is created where it is missing and returned.
    pub fn mint_to(
        &self,
        mint: &Pubkey,
        authority: &Keypair,
        owner: &Pubkey,
        amount: u64,
    ) -> Result<Pubkey, LocalNetError> {
        let token_program = self.token_program_of(mint)?;
        let account = associated_token_address(owner, mint, &token_program);
        let create = create_associated_token_account_idempotent(
            &self.faucet.pubkey(),
            owner,
            mint,
            &token_program,
        );
        let mint_to = token_instruction::mint_to(
            &token_program,
            mint,
            &account,
            &authority.pubkey(),
            &[],
            amount,
        )
        .map_err(|error| LocalNetError::Instruction(error.to_string()))?;
        self.execute(&[create, mint_to], &[authority])?;
        Ok(account)
    }

    /// Base units in a token account of either token program.
    pub fn token_balance(&self, token_account: &Pubkey) -> Result<u64, LocalNetError> {
        let account = self.get_account(token_account)?;
        let amount = account
            .as_ref()
            .and_then(|account| account.data.get(AMOUNT)?.try_into().ok());
        amount
            .map(u64::from_le_bytes)
            .ok_or_else(|| LocalNetError::Account {
                address: *token_account,
                reason: "it is not a token account; create it with token_account()".into(),
            })
    }

    fn token_program_of(&self, mint: &Pubkey) -> Result<Pubkey, LocalNetError> {
        let account = self.get_account(mint)?;
        account
            .map(|account| account.owner)
            .ok_or_else(|| LocalNetError::Account {
                address: *mint,
                reason: "the mint does not exist; create it with create_mint()".into(),
            })
    }
}
