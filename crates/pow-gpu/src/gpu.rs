//! The engine that CUDA and wgpu share: a table in shards, waves that are queued, dispatches of bounded length.

use crate::{
    kernels::{nodes, words, Fault, Kernels, Outcome, State, Work, MOST_WAVES},
    pace::Pace,
    shards::Shards,
};
use iog_pow::{card_seed, Chain, Engine, Node, ProverError, Shape};
use std::time::Instant;

/// Rows of a dispatch at first, and at most: 64 MiB.
const FIRST_ROWS: u32 = 2_048;
const MOST_ROWS: u32 = 1 << 17;
/// Groups that are walked before the device is waited for the first time.
const FIRST_GROUPS: u32 = 16;
/// Panels that are gathered at first, and at most: 64 MiB and 64 GiB.
const FIRST_PANELS: u32 = 1 << 12;
const MOST_PANELS: u32 = 1 << 22;
const PANEL_BYTES: u64 = 16_384;

/// One card's engine over its kernels.
pub(crate) struct Gpu<K: Kernels> {
    /// `None` once it hung.
    kernels: Option<K>,
    seed: [u8; 32],
    card: u16,
    shape: Shape,
    shards: Shards,
    work: Work,
    allocated: bool,
    filled: bool,
    rows: Pace,
    groups: Pace,
    panels: Pace,
    /// Panels gathered so far: the next ones are others.
    gathered: u32,
}

impl<K: Kernels> Gpu<K> {
    /// The engine of card `card` of a walk that begins with `seed` (`seed0`). `shard_bytes` lowers the device's limit of a buffer,
    /// for tests.
    pub(crate) fn new(
        kernels: K,
        seed: [u8; 32],
        card: u16,
        shape: Shape,
        shard_bytes: Option<u64>,
    ) -> Result<Self, ProverError> {
        let most = kernels.most_bytes().min(shard_bytes.unwrap_or(u64::MAX));
        let shards = Shards::new(&shape, most).ok_or_else(|| {
            ProverError::Unavailable(format!(
                "its buffers hold {most} bytes, a panel takes {PANEL_BYTES}"
            ))
        })?;
        let work = Work::of(card, &shape);
        Ok(Self {
            kernels: Some(kernels),
            seed,
            card,
            shape,
            shards,
            work,
            allocated: false,
            filled: false,
            rows: Pace::new(FIRST_ROWS, MOST_ROWS),
            groups: Pace::new(FIRST_GROUPS, work.groups.saturating_mul(MOST_WAVES)),
            panels: Pace::new(FIRST_PANELS, MOST_PANELS),
            gathered: 0,
        })
    }

    /// Asks the kernels for something. A device that hangs is let go without freeing anything on it: that might hang too.
    fn ask<T>(&mut self, what: impl FnOnce(&mut K) -> Outcome<T>) -> Result<T, ProverError> {
        let kernels = self.kernels.as_mut().ok_or_else(|| {
            ProverError::Device("it hung before; restart the machine's driver".into())
        })?;
        match what(kernels) {
            Ok(value) => Ok(value),
            Err(Fault::Failed(error)) => Err(error),
            Err(Fault::Hung(patience)) => {
                std::mem::forget(self.kernels.take());
                Err(ProverError::Device(format!(
                    "no answer within {} s; see the system's log for what the driver says",
                    patience.as_secs()
                )))
            }
        }
    }

    fn in_order(&self) -> Result<(), ProverError> {
        if self.filled {
            Ok(())
        } else {
            Err(ProverError::Order)
        }
    }

    fn fill_shard(
        &mut self,
        shard: u32,
        done: &mut dyn FnMut(u32) -> Result<(), ProverError>,
    ) -> Result<(), ProverError> {
        let seed = words(&card_seed(&self.seed, self.card));
        let (start, rows) = (self.shards.first_row(shard), self.shards.rows(shard));
        let mut at = 0_u32;
        while at < rows {
            let count = self.rows.next(rows.saturating_sub(at));
            let first = start.saturating_add(at);
            let began = Instant::now();
            self.ask(|kernels| kernels.fill(shard, &seed, first, at, count))?;
            self.rows.took(count, began.elapsed());
            at = at.saturating_add(count);
            done(first.saturating_add(count))?;
        }
        Ok(())
    }

    /// Walks all groups of a wave, in pieces that the device is waited for.
    fn wave(&mut self) -> Result<(), ProverError> {
        let groups = self.work.groups;
        let mut first = 0_u32;
        while first < groups {
            let count = self.groups.next(groups.saturating_sub(first));
            let began = Instant::now();
            self.ask(|kernels| {
                kernels.walk(first, count)?;
                kernels.wait()
            })?;
            self.groups.took(count, began.elapsed());
            first = first.saturating_add(count);
        }
        Ok(())
    }

    /// Loads a state and walks on from it: as many waves as the pace allows, at least one and at most `most`. Their roots.
    fn walk(&mut self, state: &State, most: u32) -> Result<Vec<Node>, ProverError> {
        let groups = self.work.groups;
        self.ask(|kernels| kernels.load(state))?;
        // A power of two.
        let fitting = self.groups.next(u32::MAX) >> groups.trailing_zeros();
        if fitting == 0 {
            self.wave()?;
            let words = self.ask(|kernels| {
                kernels.join()?;
                kernels.roots(1)
            })?;
            return Ok(nodes(&words));
        }
        let waves = fitting.min(most).min(MOST_WAVES);
        let began = Instant::now();
        let words = self.ask(|kernels| {
            for _ in 0..waves {
                kernels.walk(0, groups)?;
                kernels.join()?;
            }
            kernels.roots(waves)
        })?;
        self.groups
            .took(waves.saturating_mul(groups), began.elapsed());
        Ok(nodes(&words))
    }
}

impl<K: Kernels> Engine for Gpu<K> {
    fn fill(
        &mut self,
        done: &mut dyn FnMut(u32) -> Result<(), ProverError>,
    ) -> Result<(), ProverError> {
        self.filled = false;
        if !self.allocated {
            let (shards, work) = (self.shards, self.work);
            self.ask(|kernels| kernels.allocate(&shards, &work))?;
            self.allocated = true;
        }
        for shard in 0..self.shards.count() {
            self.fill_shard(shard, done)?;
        }
        self.filled = true;
        Ok(())
    }

    fn groups(&mut self, key: &[u8; 32]) -> Result<Vec<Node>, ProverError> {
        self.in_order()?;
        self.ask(|kernels| kernels.load(&State::key(key)))?;
        self.wave()?;
        let words = self.ask(|kernels| kernels.groups())?;
        Ok(nodes(&words))
    }

    fn root(&mut self, key: &[u8; 32]) -> Result<Node, ProverError> {
        self.in_order()?;
        let roots = self.walk(&State::key(key), 1)?;
        roots.first().copied().ok_or_else(too_few)
    }

    fn roots(&mut self, chain: &mut Chain, count: u32) -> Result<Vec<Node>, ProverError> {
        self.in_order()?;
        let mut roots = Vec::new();
        let mut left = count;
        while left > 0 {
            let some = self.walk(&State::chain(&self.seed, chain), left)?;
            let waves = u32::try_from(some.len()).unwrap_or(u32::MAX);
            if waves == 0 || waves > left {
                return Err(too_few());
            }
            for root in &some {
                chain.push(*root);
            }
            roots.extend(some);
            left = left.saturating_sub(waves);
        }
        Ok(roots)
    }

    fn read(&mut self) -> Result<u64, ProverError> {
        self.in_order()?;
        for shard in 0..self.shards.count() {
            self.ask(|kernels| kernels.scan(shard))?;
        }
        Ok(self.shape.table_len())
    }

    fn gather(&mut self, panels: u32) -> Result<u64, ProverError> {
        self.in_order()?;
        let mut left = panels;
        while left > 0 {
            let (first, count) = (self.gathered, self.panels.next(left));
            let began = Instant::now();
            self.ask(|kernels| kernels.gather(first, count))?;
            self.panels.took(count, began.elapsed());
            self.gathered = first.wrapping_add(count);
            left = left.saturating_sub(count);
        }
        Ok(u64::from(panels).saturating_mul(PANEL_BYTES))
    }
}

fn too_few() -> ProverError {
    ProverError::Device("it gave another number of roots than it was asked for".into())
}

#[cfg(test)]
mod tests;
