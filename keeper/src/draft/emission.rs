//! The hour's emission, and the fees.

use super::{Draft, Writer};
use crate::{action::Action, snapshot::token_account};
use iog_client::{
    emission::{self, instructions as emit},
    pda,
    treasury::instructions as treasury_ix,
};
use solana_pubkey::Pubkey;

impl Writer<'_> {
    pub(super) fn emission(&self, action: &Action) -> Option<Draft> {
        let io_mint = self.snapshot.emission.io_mint;
        match action {
            Action::OpenRewards { device } => {
                let rewards = pda::emission::rewards(device);
                let open = emit::OpenRewards {
                    payer: *self.payer,
                    device: *device,
                    rewards,
                };
                Some(Draft::of(open.instruction()).creating(emission::DeviceRewards::SIZE))
            }
            Action::CheckIn {
                device,
                hour,
                previous_page,
            } => self.check_in(device, *hour, *previous_page),
            Action::OpenPage { index } => {
                let page = pda::emission::page(*index);
                let open = emit::OpenPage {
                    payer: *self.payer,
                    page,
                    index: *index,
                };
                Some(Draft::of(open.instruction()).creating(emission::LedgerPage::SIZE))
            }
            Action::CloseHour { first, count } => {
                let close = emit::CloseHour {
                    page: pda::emission::page(crate::rules::page_of(*first)),
                    max_hours: *count,
                };
                Some(Draft::of(close.instruction()))
            }
            Action::MintDue { .. } => {
                let mint = emit::MintDue {
                    minter: pda::token::minter(&pda::emission::minter_authority()),
                    token_config: pda::token::config(),
                    io_mint,
                    mint_authority: pda::token::mint_authority(),
                };
                Some(Draft::of(mint.instruction()))
            }
            Action::SettleRewards {
                device,
                page,
                second_page,
                ..
            } => {
                let settle = emit::Settle {
                    rewards: pda::emission::rewards(device),
                    page: pda::emission::page(*page),
                    previous_page: second_page.map(pda::emission::page),
                };
                Some(Draft::of(settle.instruction()))
            }
            Action::Claim { device, .. } => {
                let owner = self.view(device)?.rewards.as_ref()?.owner;
                let rewards = pda::emission::rewards(device);
                let owner_token = token_account(&owner, &io_mint);
                let claim = emit::Claim {
                    signer: *self.payer,
                    rewards,
                    owner_token,
                    associated: owner_token,
                    io_mint,
                };
                Some(self.paying(claim.instruction(), &io_mint, &[owner]))
            }
            Action::ClaimCo {
                device, co_staker, ..
            } => {
                let associated = token_account(co_staker, &io_mint);
                let claim = emit::ClaimCo {
                    signer: *self.payer,
                    rewards: pda::emission::rewards(device),
                    co_staker_token: associated,
                    associated,
                    io_mint,
                };
                Some(self.paying(claim.instruction(), &io_mint, &[*co_staker]))
            }
            _ => self.treasury(action),
        }
    }

    fn treasury(&self, action: &Action) -> Option<Draft> {
        match action {
            Action::BurnFees { .. } => {
                let io_mint = self.snapshot.emission.io_mint;
                let burn = treasury_ix::BurnIoFees {
                    fees: pda::treasury::fees(&io_mint),
                    vault: pda::treasury::vault(&io_mint),
                    io_mint,
                    token_config: pda::token::config(),
                };
                Some(Draft::of(burn.instruction()))
            }
            Action::OpenAuction { mint, .. } => {
                let open = treasury_ix::OpenAuction {
                    fees: pda::treasury::fees(mint),
                    auction: pda::treasury::auction(mint),
                };
                Some(Draft::of(open.instruction()))
            }
            _ => None,
        }
    }

    pub(super) fn check_in(
        &self,
        device: &Pubkey,
        hour: u32,
        previous_page: Option<u32>,
    ) -> Option<Draft> {
        let view = self.view(device)?;
        let check_in = emit::CheckIn {
            page: pda::emission::page(crate::rules::page_of(hour)),
            previous_page: previous_page.map(pda::emission::page),
            rewards: pda::emission::rewards(device),
            device: *device,
            class: view.device.class,
            stake: pda::staking::stake(device),
            occupancy: pda::market::occupancy(device),
            lease: view.lease(),
            order: view
                .lease()
                .and_then(|lease| self.snapshot.lease(&lease))
                .map(|(lease, _)| lease.order),
        };
        Some(Draft::of(check_in.instruction()))
    }
}
