//! What an order is made of: GPUs of several classes, each with its own count.

use super::{Order, OrderState, Seat};
use crate::MarketError;
use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};

/// GPUs of one class in an order; without any GPUs a class that will do for the part before it.
#[derive(Clone, Copy, Pod, Zeroable, PartialEq, Eq, Debug, IdlType)]
#[repr(C)]
pub struct Part {
    /// 0 for none.
    pub class_id: u16,
    /// Exactly so many GPUs on each machine; 0 for any.
    pub per_machine: u16,
    pub gpus: u32,
    /// GPUs of leases that are matched or run.
    pub matched: u32,
    /// GPUs of leases that have accepted.
    pub accepted: u32,
}

impl Part {
    pub const NONE: Self = Self {
        class_id: 0,
        per_machine: 0,
        gpus: 0,
        matched: 0,
        accepted: 0,
    };

    /// Whether a machine of `gpus` fits.
    pub fn fits(&self, gpus: u32) -> bool {
        self.per_machine == 0 || u32::from(self.per_machine) == gpus
    }

    /// A class that will do for the part before it. A part that was given back whole keeps a machine's size and so is none.
    fn is_alternative(&self) -> bool {
        self.class_id != 0 && self.gpus == 0 && self.per_machine == 0
    }

    /// GPUs that no device is matched to.
    pub fn vacant(&self) -> u32 {
        self.gpus.saturating_sub(self.matched)
    }
}

fn moved(count: &mut u32, gpus: u32, up: bool) -> Result<()> {
    let next = if up {
        count.checked_add(gpus)
    } else {
        count.checked_sub(gpus)
    };
    *count = next.ok_or(MarketError::MathOverflow)?;
    Ok(())
}

impl Order {
    pub fn part(&self, index: u8) -> Result<&Part> {
        self.parts
            .get(usize::from(index))
            .filter(|part| part.gpus > 0)
            .ok_or_else(|| MarketError::WrongClass.into())
    }

    fn part_mut(&mut self, index: u8) -> Result<&mut Part> {
        self.parts
            .get_mut(usize::from(index))
            .filter(|part| part.class_id != 0)
            .ok_or_else(|| MarketError::WrongClass.into())
    }

    /// Whether `class_id` will do for a part: its own class, or one of the alternatives behind it.
    pub fn takes_class(&self, index: u8, class_id: u16) -> bool {
        let from = usize::from(index);
        let alternatives = self
            .parts
            .iter()
            .skip(from.saturating_add(1))
            .take_while(|part| part.is_alternative());
        let own = self.parts.iter().skip(from).take(1);
        class_id != 0
            && own
                .chain(alternatives)
                .any(|part| part.class_id == class_id)
    }

    pub fn gpus(&self) -> u32 {
        self.sum(|part| part.gpus)
    }

    pub fn accepted_gpus(&self) -> u32 {
        self.sum(|part| part.accepted)
    }

    fn sum(&self, of: impl Fn(&Part) -> u32) -> u32 {
        self.parts.iter().map(of).fold(0, u32::saturating_add)
    }

    fn is_whole(&self) -> bool {
        self.parts.iter().all(|part| part.matched == part.gpus)
    }

    /// Every place has accepted.
    pub(super) fn is_accepted(&self) -> bool {
        self.parts.iter().all(|part| part.accepted == part.gpus)
    }

    /// Adds a machine of `gpus`; with the last one the order is whole, and its devices are asked. Returns what it takes.
    pub fn add_lease(&mut self, index: u8, gpus: u32, now: i64) -> Result<Seat> {
        self.require_vacant(now)?;
        let part = self.part_mut(index)?;
        require!(part.fits(gpus), MarketError::WrongMachine);
        require!(gpus <= part.vacant(), MarketError::TooManyGpus);
        moved(&mut part.matched, gpus, true)?;
        self.leases = self
            .leases
            .checked_add(1)
            .ok_or(MarketError::MathOverflow)?;
        if self.is(OrderState::Open) && self.is_whole() {
            self.state = OrderState::Matched as u8;
            self.whole_since_ts = now;
        }
        Ok(Seat {
            part: index,
            gpus,
            place: self.take_place(),
        })
    }

    /// A lease account is closed.
    pub fn forget_lease(&mut self) -> Result<()> {
        self.leases = self
            .leases
            .checked_sub(1)
            .ok_or(MarketError::MathOverflow)?;
        Ok(())
    }

    /// A matched device goes before it accepted. If the order was whole, that kept it from starting.
    pub fn unmatch(&mut self, seat: &Seat, now: i64) -> Result<()> {
        moved(&mut self.part_mut(seat.part)?.matched, seat.gpus, false)?;
        self.free_place(seat.place);
        if self.is(OrderState::Matched) {
            self.spoil(now);
            self.state = OrderState::Open as u8;
        }
        Ok(())
    }

    pub(super) fn count_accepted(&mut self, index: u8, gpus: u32, up: bool) -> Result<()> {
        moved(&mut self.part_mut(index)?.accepted, gpus, up)
    }

    /// A device that had accepted leaves its place.
    pub fn vacate(&mut self, seat: &Seat, from_ts: i64) -> Result<()> {
        let part = self.part_mut(seat.part)?;
        moved(&mut part.matched, seat.gpus, false)?;
        moved(&mut part.accepted, seat.gpus, false)?;
        self.free_place(seat.place);
        self.vacant_from_ts = self.vacant_from_ts.max(from_ts);
        Ok(())
    }

    /// Gives vacant GPUs back for good.
    pub fn give_back(&mut self, index: u8, gpus: u32) -> Result<()> {
        let part = self.part_mut(index)?;
        require!(
            gpus > 0 && gpus <= part.vacant() && part.fits_multiple(gpus),
            MarketError::NotVacant
        );
        moved(&mut part.gpus, gpus, false)?;
        part.per_machine = part.per_machine.max(u16::from(part.gpus == 0));
        require!(self.gpus() > 0, MarketError::NotVacant);
        Ok(())
    }
}

impl Part {
    /// Whether `gpus` are whole machines.
    fn fits_multiple(&self, gpus: u32) -> bool {
        self.per_machine == 0 || gpus.checked_rem(u32::from(self.per_machine)) == Some(0)
    }
}
