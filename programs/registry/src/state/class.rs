use crate::RegistryError;
use anchor_lang::prelude::*;
use iog_pow::Shape;

/// A kind of hardware: what it earns, what it costs, and how large its proof is.
#[account]
pub struct HardwareClass {
    /// Short name, UTF-8, zero-padded.
    pub name: [u8; 32],
    /// Base price of one GPU-hour in USD, 6 decimals.
    pub base_price_usd6: u64,
    /// Weight in the hour's emission, 100 = 1; 0 earns nothing.
    pub multiplier_x100: u32,
    /// Rows of the proof's table, 512 bytes each.
    pub rows: u32,
    pub lanes: u32,
    pub waves: u32,
    /// Slots from the window's slot in which the commit must land.
    pub commit_slots: u32,
    /// Slots from the challenge's slot in which all openings must land.
    pub reveal_slots: u32,
    /// One proof in this many is opened; 1 opens every one.
    pub audit_modulus: u32,
    pub devices: u32,
    pub id: u16,
    pub vram_gb: u16,
    /// 0 Enterprise, 1 Community.
    pub pool: u8,
    pub enabled: u8,
    pub version: u8,
    pub bump: u8,
    pub reserved: [u8; 48],
}

#[derive(Clone, Copy, AnchorSerialize, AnchorDeserialize, IdlType)]
pub struct ClassArgs {
    pub id: u16,
    pub name: [u8; 32],
    pub pool: u8,
    pub multiplier_x100: u32,
    pub base_price_usd6: u64,
    pub vram_gb: u16,
    pub rows: u32,
    pub lanes: u32,
    pub waves: u32,
    pub commit_slots: u32,
    pub reveal_slots: u32,
    pub audit_modulus: u32,
    pub enabled: bool,
}

impl HardwareClass {
    /// Takes over everything but the id, after checking bounds.
    pub fn set(&mut self, args: &ClassArgs) -> Result<()> {
        Shape::new(args.rows, args.lanes, args.waves).map_err(|_| RegistryError::InvalidClass)?;
        let bounded = args.pool <= 1
            && args.commit_slots > 0
            && args.reveal_slots > 0
            && args.audit_modulus > 0;
        require!(bounded, RegistryError::InvalidClass);
        self.name = args.name;
        self.base_price_usd6 = args.base_price_usd6;
        self.multiplier_x100 = args.multiplier_x100;
        self.rows = args.rows;
        self.lanes = args.lanes;
        self.waves = args.waves;
        self.commit_slots = args.commit_slots;
        self.reveal_slots = args.reveal_slots;
        self.audit_modulus = args.audit_modulus;
        self.vram_gb = args.vram_gb;
        self.pool = args.pool;
        self.enabled = u8::from(args.enabled);
        Ok(())
    }
}
