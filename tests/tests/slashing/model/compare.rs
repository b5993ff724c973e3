//! Every balance and book of the program against those of the reference.

use iog_client::pda;
use iog_client::staking::accounts::{DeviceStake, Offer, OwnerBook, Restitution, SlashCase};
use iog_tests::world::PubkeyOf;
use iog_tests::Supplier;
use solana_pubkey::Pubkey;

use super::machine::Machine;
use super::reference::{Action, WALLETS};
use super::state::{Caps, Record, State};
use crate::stage::WALLET;

fn kept(caps: iog_client::staking::Caps) -> Caps {
    (u64::from(caps.case_bps), u64::from(caps.month_bps))
}

impl Machine {
    pub(super) fn compare(&self, action: Action) {
        let mut paid: [u64; WALLETS] = self.model.burned;
        for (paid, taken) in paid.iter_mut().zip(self.model.restituted) {
            *paid += taken;
        }
        for (d, device) in self.devices.iter().enumerate() {
            self.compare_stake(d, device, action);
            if let Some(stake) = &self.model.stakes[d] {
                paid[d] += stake.own.units;
                if let Some(wallet) = stake.co_staker {
                    paid[wallet] += stake.co.units;
                }
            }
        }
        for (w, by) in self.wallets.iter().enumerate() {
            let balance = self.world.balance(&by.token);
            assert_eq!(balance, self.model.wallets[w], "wallet {w}, {action:?}");
            assert_eq!(balance + paid[w], WALLET, "nobody gains, {action:?}");
        }
        let burned: u64 = self.model.burned.iter().sum();
        let config = self.world.staking_config();
        assert_eq!(config.slashed_units, burned, "{action:?}");
        let taken: u64 = self.model.restituted.iter().sum();
        assert_eq!(config.restituted_units, taken, "{action:?}");
        let due = taken - self.model.fetched;
        assert_eq!(config.restitution_due_units, due, "{action:?}");
        let renter = self.world.balance(&self.renter.token);
        assert_eq!(renter, WALLET + self.model.fetched, "{action:?}");
        assert_eq!(self.supply - self.world.supply(&self.world.io), burned);
        let devices: Vec<&Supplier> = self.devices.iter().collect();
        self.world.check_stakes(&devices);
        self.compare_cases(action);
        for (of, verdict) in self.verdicts.iter().enumerate() {
            let address = pda::staking::restitution(verdict);
            let got = self.world.find(&address).map(|_| {
                let read = self.world.read::<Restitution>(&address);
                Record {
                    decided: read.decided_ts,
                    claimed: read.claimed_usd6,
                    due: read.due_units,
                    paid: read.paid_units,
                    open: read.open_cases,
                }
            });
            assert_eq!(got, self.model.records[of], "record {of}, {action:?}");
        }
    }

    fn compare_stake(&self, d: usize, device: &Supplier, action: Action) {
        let address = |wallet: Option<usize>| {
            wallet.map_or(Pubkey::default(), |w| self.wallets[w].wallet.pubkey_of())
        };
        let account = self.world.find(&device.stake);
        let got = account.map(|_| self.world.read::<DeviceStake>(&device.stake));
        let got = got.map(|got| {
            (
                [got.amount_units, got.held_units],
                [got.co_amount_units, got.co_held_units],
                [
                    got.unlock_ts,
                    got.co_leave_ts,
                    got.opened_ts,
                    got.co_since_ts,
                ],
                [kept(got.caps), kept(got.co_caps)],
                (got.co_staker, got.co_share_bps, got.open_cases),
            )
        });
        let expected = self.model.stakes[d].as_ref().map(|stake| {
            (
                [stake.own.units, stake.own.held],
                [stake.co.units, stake.co.held],
                [
                    stake.unlock.unwrap_or(0),
                    stake.leave.unwrap_or(0),
                    stake.opened,
                    stake.co_since,
                ],
                [stake.caps, stake.co_caps],
                (address(stake.co_staker), stake.share, stake.open),
            )
        });
        assert_eq!(got, expected, "stake {d}, {action:?}");
        let offer = pda::staking::offer(&device.device);
        let offer = self.world.find(&offer).map(|_| {
            let offer = self.world.read::<Offer>(&offer);
            let terms = (offer.amount_units, offer.co_share_bps);
            (terms, offer.co_staker, offer.stake_opened_ts)
        });
        let expected = self.model.offers[d].map(|offer| {
            let terms = (offer.amount, offer.share);
            (terms, address(offer.to), offer.opened)
        });
        assert_eq!(offer, expected, "offer {d}, {action:?}");
        let book = pda::staking::owner_book(&device.owner.pubkey_of());
        if self.world.find(&book).is_some() {
            let accepted = self.world.read::<OwnerBook>(&book).accepted;
            let taken = self.model.stakes[d].as_ref();
            let taken = taken.is_some_and(|stake| stake.co_staker.is_some());
            assert_eq!(accepted, u8::from(taken), "book {d}, {action:?}");
        }
    }

    fn compare_cases(&self, action: Action) {
        let count = self.world.staking_config().cases;
        assert_eq!(count, u64::try_from(self.model.cases.len()).unwrap());
        for (number, expected) in (0..).zip(&self.model.cases) {
            let address = pda::staking::slash_case(number);
            let account = self.world.find(&address);
            let got = account.map(|_| self.world.read::<SlashCase>(&address));
            let claim = expected.as_ref().and_then(|case| case.pays);
            let claim = claim.map_or(0, |(_, usd6)| usd6);
            if let (Some(got), Some(expected)) = (&got, expected) {
                assert_eq!(got.claim_usd6, claim, "case {number}, {action:?}");
                assert_eq!(got.offence_ts, expected.offence, "{number}, {action:?}");
            }
            let got = got.map(|got| {
                let moment = if got.state == 1 {
                    got.appealed_ts
                } else {
                    got.decided_ts
                };
                (got.owner_units, got.co_units, got.state, moment)
            });
            let expected = expected.as_ref().map(|case| {
                let (state, moment) = match case.state {
                    State::Open => (0, 0),
                    State::Appealed(at) => (1, at),
                    State::Upheld(at) => (2, at),
                    State::Rejected(at) => (3, at),
                    State::Withdrawn => (4, 0),
                };
                (case.own, case.co, state, moment)
            });
            assert_eq!(got, expected, "case {number}, {action:?}");
        }
    }
}
