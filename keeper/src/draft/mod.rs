//! From an action to the instructions that do it.

mod emission;
mod lease;
mod market;
mod money;
mod price;

use crate::{
    action::Action,
    snapshot::{token_account, DeviceView, Snapshot, TOKEN_PROGRAM},
};
use iog_client::{pda, registry::instructions as registry_ix};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;
use spl_associated_token_account_interface::instruction::create_associated_token_account_idempotent;

/// Lamports that make a byte exempt from rent, and the bytes that every account is charged besides its data.
const LAMPORTS_PER_BYTE: u64 = 6_960;
const ACCOUNT_OVERHEAD: u64 = 128;
/// Bytes of an SPL token account.
const TOKEN_ACCOUNT_LEN: usize = 165;

/// A transaction before it is simulated.
#[derive(Clone, Debug)]
pub struct Draft {
    pub instructions: Vec<Instruction>,
    /// The device whose key signs besides the fee payer.
    pub device: Option<Pubkey>,
    /// What new accounts cost at most.
    pub rent_lamports: u64,
    /// Signatures that the Ed25519 program checks, each of which costs as much as the transaction's own.
    pub checked_signatures: u64,
}

impl Draft {
    fn of(instruction: Instruction) -> Self {
        Self {
            instructions: vec![instruction],
            device: None,
            rent_lamports: 0,
            checked_signatures: 0,
        }
    }

    /// Of several instructions; `None` for none.
    fn all(instructions: Vec<Instruction>) -> Option<Self> {
        (!instructions.is_empty()).then_some(Self {
            instructions,
            device: None,
            rent_lamports: 0,
            checked_signatures: 0,
        })
    }

    fn signed_by(mut self, device: &Pubkey) -> Self {
        self.device = Some(*device);
        self
    }

    fn creating(mut self, len: usize) -> Self {
        self.rent_lamports = self.rent_lamports.saturating_add(rent(len));
        self
    }
}

fn rent(len: usize) -> u64 {
    let bytes = u64::try_from(len)
        .unwrap_or(u64::MAX)
        .saturating_add(ACCOUNT_OVERHEAD);
    bytes.saturating_mul(LAMPORTS_PER_BYTE)
}

/// The draft of an action; `None` for work without a transaction, and when the snapshot lacks what it needs. `opening` is for
/// [`Action::Reveal`].
pub fn draft(
    action: &Action,
    snapshot: &Snapshot,
    payer: &Pubkey,
    opening: Option<Vec<u8>>,
) -> Option<Draft> {
    let writer = Writer { snapshot, payer };
    match action {
        Action::Prove { .. } | Action::Open { .. } => None,
        Action::Commit { .. }
        | Action::RecordChallenge { .. }
        | Action::Reveal { .. }
        | Action::Finalize { .. }
        | Action::Heartbeat { .. } => writer.registry(action, opening),
        Action::Finish { .. } => writer.finish(action),
        // One instruction does both: what is missing, it does.
        Action::AnchorWindow { .. } | Action::OpenWindow { .. } => {
            Some(Draft::of(registry_ix::OpenWindow {}.instruction()))
        }
        Action::ApplyClass { class, .. } => {
            let apply = registry_ix::ApplyClass { class: *class };
            Some(Draft::of(apply.instruction()))
        }
        Action::RefreshTier { device, .. } => {
            let refresh = registry_ix::RefreshTier {
                device: *device,
                measurements: pda::registry::measurements(device),
            };
            Some(Draft::of(refresh.instruction()))
        }
        Action::Accept { lease, .. }
        | Action::Decline { lease, .. }
        | Action::LeaveLease { lease, .. }
        | Action::SkipDevice { lease, .. }
        | Action::SettleLease { lease, .. }
        | Action::ReportTimeout { lease, .. }
        | Action::AnswerDispute { lease, .. }
        | Action::ResolveByRule { lease, .. }
        | Action::CloseLease { lease, .. } => writer.of_lease(action, lease),
        Action::Match { .. }
        | Action::Relist { .. }
        | Action::Delist { .. }
        | Action::SettleLeases { .. }
        | Action::ExpireOrder { .. }
        | Action::PriceAnew { .. }
        | Action::CloseVerdict { .. }
        | Action::CloseOrder { .. } => writer.market(action),
        Action::Refund { .. }
        | Action::WithdrawEarnings { .. }
        | Action::CollectFees { .. }
        | Action::FundCredit { .. }
        | Action::FundFromTreasury { .. }
        | Action::UpdateCover { .. }
        | Action::ReleaseKept { .. }
        | Action::PayCredit { .. } => writer.money(action),
        Action::ObservePrice { .. }
        | Action::ReportPrice { .. }
        | Action::StageVaa { .. }
        | Action::PostPyth { .. }
        | Action::DropVaa { .. } => writer.price(action),
        _ => writer.emission(action),
    }
}

struct Writer<'a> {
    snapshot: &'a Snapshot,
    payer: &'a Pubkey,
}

impl Writer<'_> {
    fn view(&self, device: &Pubkey) -> Option<&DeviceView> {
        self.snapshot.devices.get(device)
    }

    fn registry(&self, action: &Action, opening: Option<Vec<u8>>) -> Option<Draft> {
        let (Action::Commit { device, .. }
        | Action::RecordChallenge { device, .. }
        | Action::Reveal { device, .. }
        | Action::Finalize { device, .. }
        | Action::Finish { device, .. }
        | Action::Heartbeat { device, .. }) = action
        else {
            return None;
        };
        let view = self.view(device)?;
        let (class, device_key) = (view.device.class, view.device.device_key);
        let attestation = pda::registry::attestation(device);
        let device = *device;
        Some(match action {
            Action::Commit { root, .. } => Draft::of(
                registry_ix::Commit {
                    device_key,
                    class,
                    device,
                    attestation,
                    root: *root,
                }
                .instruction(),
            )
            .signed_by(&device),
            Action::RecordChallenge { .. } => {
                Draft::of(registry_ix::RecordChallenge { attestation }.instruction())
            }
            Action::Reveal { n, .. } => Draft::of(
                registry_ix::Reveal {
                    attestation,
                    n: *n,
                    opening: opening?,
                }
                .instruction(),
            ),
            Action::Finalize { .. } | Action::Finish { .. } => Draft::of(
                registry_ix::Finalize {
                    class,
                    device,
                    attestation,
                }
                .instruction(),
            ),
            _ => Draft::of(registry_ix::Heartbeat { device_key, device }.instruction())
                .signed_by(&device),
        })
    }

    /// The end of a proof, and the check-in that asks for it.
    fn finish(&self, action: &Action) -> Option<Draft> {
        let Action::Finish {
            device,
            hour,
            previous_page,
            ..
        } = action
        else {
            return None;
        };
        let mut draft = self.registry(action, None)?;
        let check_in = self.check_in(device, *hour, *previous_page)?;
        draft.instructions.extend(check_in.instructions);
        Some(draft)
    }

    /// Puts the recipients' token accounts in place before an instruction that pays them.
    fn paying(&self, instruction: Instruction, mint: &Pubkey, wallets: &[Pubkey]) -> Draft {
        let mut draft = Draft::of(instruction);
        for wallet in wallets {
            let missing = !self
                .snapshot
                .token_accounts
                .contains(&token_account(wallet, mint));
            if missing {
                let create = create_associated_token_account_idempotent(
                    self.payer,
                    wallet,
                    mint,
                    &TOKEN_PROGRAM,
                );
                draft.instructions.insert(0, create);
                draft = draft.creating(TOKEN_ACCOUNT_LEN);
            }
        }
        draft
    }
}
