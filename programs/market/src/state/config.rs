use crate::{constants::*, GovernanceError};
use anchor_lang::prelude::*;
use iog_common::governance::{Bounds, Parameter, Role, NOBODY};

/// The market's roles and fees. One per program.
#[account]
pub struct Config {
    pub authority: Address,
    pub pending_authority: Address,
    pub guardian: Address,
    pub io_mint: Address,
    /// The chain's, which no program can read: receipts name it, so that none of a test network counts here.
    pub genesis_hash: [u8; 32],
    /// Decides disputes, within what is in dispute; while it is nobody no dispute can be opened.
    pub resolver: Role,
    /// What was scheduled until then was a predecessor's and is void: unix seconds.
    pub authority_since_ts: i64,
    /// Start of hour 1, copied from the token's config: the time base of proofs.
    pub genesis_ts: i64,
    /// Until then the network is being set up, and a resolver is named at once.
    pub setup_until_ts: i64,
    /// From the renter, on top of the rent.
    pub reservation_fee_bps: Parameter,
    /// From the supplier, on payout.
    pub supplier_fee_bps: Parameter,
    /// From the renter, for burning.
    pub network_fee_bps: Parameter,
    /// What US dollar tokens pay further on each side.
    pub usd_extra_fee_bps: Parameter,
    /// How long a settled hour can be disputed, seconds.
    pub dispute_secs: Parameter,
    /// Loyalty points for one US dollar of rent.
    pub points_per_usd: Parameter,
    pub version: u8,
    pub bump: u8,
    pub escrow_authority_bump: u8,
    pub paused: u8,
    pub reserved: [u8; 36],
}

/// The parameters of the market. An order keeps the fees and the dispute window it was made with.
#[derive(Clone, Copy, AnchorSerialize, AnchorDeserialize, IdlType)]
pub enum ParameterId {
    ReservationFeeBps,
    SupplierFeeBps,
    NetworkFeeBps,
    UsdExtraFeeBps,
    DisputeSecs,
    PointsPerUsd,
}

/// The first values of the parameters, and who decides disputes.
#[derive(Clone, Copy, AnchorSerialize, AnchorDeserialize, IdlType)]
pub struct ConfigArgs {
    pub resolver: Address,
    /// Of the chain that the program lies on.
    pub genesis_hash: [u8; 32],
    pub reservation_fee_bps: u16,
    pub supplier_fee_bps: u16,
    pub network_fee_bps: u16,
    pub usd_extra_fee_bps: u16,
    pub dispute_secs: u32,
    pub points_per_usd: u16,
}

/// What a new order pays and keeps.
#[derive(Clone, Copy)]
pub struct Terms {
    pub renter_fee_bps: u16,
    pub network_fee_bps: u16,
    pub supplier_fee_bps: u16,
    pub dispute_secs: u32,
}

impl Config {
    pub fn parameter(&mut self, id: ParameterId) -> (&mut Parameter, Bounds) {
        let fee = Bounds::rises(0, MAX_FEE_BPS);
        match id {
            ParameterId::ReservationFeeBps => (&mut self.reservation_fee_bps, fee),
            ParameterId::SupplierFeeBps => (&mut self.supplier_fee_bps, fee),
            ParameterId::NetworkFeeBps => (&mut self.network_fee_bps, fee),
            ParameterId::UsdExtraFeeBps => (&mut self.usd_extra_fee_bps, fee),
            // Longer holds suppliers' money, shorter hurries renters: neither is the safe way.
            ParameterId::DisputeSecs => (&mut self.dispute_secs, Bounds::both(0, MAX_DISPUTE_SECS)),
            ParameterId::PointsPerUsd => (
                &mut self.points_per_usd,
                Bounds::both(0, MAX_POINTS_PER_USD),
            ),
        }
    }

    /// Sets all parameters, when the config is created.
    pub fn start(&mut self, args: &ConfigArgs) -> Result<()> {
        self.resolver.start(args.resolver);
        self.genesis_hash = args.genesis_hash;
        for (id, value) in [
            (
                ParameterId::ReservationFeeBps,
                u64::from(args.reservation_fee_bps),
            ),
            (ParameterId::SupplierFeeBps, args.supplier_fee_bps.into()),
            (ParameterId::NetworkFeeBps, args.network_fee_bps.into()),
            (ParameterId::UsdExtraFeeBps, args.usd_extra_fee_bps.into()),
            (ParameterId::DisputeSecs, args.dispute_secs.into()),
            (ParameterId::PointsPerUsd, args.points_per_usd.into()),
        ] {
            let (parameter, bounds) = self.parameter(id);
            parameter
                .start(value, &bounds)
                .map_err(GovernanceError::from)?;
        }
        Ok(())
    }

    /// The terms of an order in a currency made now.
    pub fn terms(&self, currency: u8) -> Terms {
        let extra = if currency == super::Currency::Usd as u8 {
            self.usd_extra_fee_bps.bps()
        } else {
            0
        };
        Terms {
            renter_fee_bps: self.reservation_fee_bps.bps().saturating_add(extra),
            network_fee_bps: self.network_fee_bps.bps(),
            supplier_fee_bps: self.supplier_fee_bps.bps().saturating_add(extra),
            dispute_secs: u32::try_from(self.dispute_secs.value).unwrap_or(u32::MAX),
        }
    }

    /// The hour of the network that `now` lies in: the epoch of proofs.
    pub fn epoch(&self, now: i64) -> Result<u64> {
        let hour =
            iog_math::emission::hour_at(self.genesis_ts, now).map_err(crate::MarketError::from)?;
        Ok(u64::from(hour))
    }

    /// Names the resolver, 24 hours ahead unless the network is being set up; zeros remove the one there is at once, and who was named
    /// with it. Returns who decided before.
    pub fn set_resolver(&mut self, key: Address, now: i64) -> Result<Address> {
        let before = self.resolver.key;
        if now < self.setup_until_ts && key != NOBODY {
            self.resolver.start(key);
        } else {
            self.resolver
                .set(key, now, self.authority_since_ts)
                .map_err(GovernanceError::from)?;
        }
        Ok(before)
    }
}
