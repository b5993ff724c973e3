//! What lies in a card's memory.

use crate::{
    kernels::{Work, MOST_WAVES, NODE_WORDS, STATE_WORDS},
    shards::Shards,
};
use cudarc::driver::{CudaSlice, CudaStream, DevicePtr, DriverError};
use iog_pow::ProverError;
use std::sync::Arc;

/// Nodes that a block of `reduce` joins, and most that `finish` takes; as in `walk.cu`.
pub(super) const JOINED: u32 = 256;

/// What is on the card.
pub(super) struct Memory {
    pub(super) shards: Vec<CudaSlice<u32>>,
    /// Addresses of the shards, for the kernels.
    pub(super) table: CudaSlice<u64>,
    pub(super) state: CudaSlice<u32>,
    /// Of all groups; of what `reduce` makes of them; of the waves since the state was loaded.
    pub(super) groups: CudaSlice<u32>,
    pub(super) reduced: CudaSlice<u32>,
    pub(super) roots: CudaSlice<u32>,
    /// Of what is read.
    pub(super) sum: CudaSlice<u32>,
    pub(super) panels: u32,
    pub(super) shift: u32,
    pub(super) work: Work,
}

impl Memory {
    pub(super) fn new(
        stream: &Arc<CudaStream>,
        layout: &Shards,
        work: &Work,
    ) -> Result<Self, DriverError> {
        // SAFETY: fill writes every row of every shard before the engine lets anything read them.
        #[allow(unsafe_code)]
        let words = |bytes: u64| unsafe {
            stream.alloc::<u32>(usize::try_from(bytes >> 2).unwrap_or(usize::MAX))
        };
        let numbers = 0..layout.count();
        let shards: Result<Vec<_>, _> = numbers.map(|shard| words(layout.bytes(shard))).collect();
        let shards = shards?;
        let addresses: Vec<u64> = shards
            .iter()
            .map(|shard| shard.device_ptr(stream).0)
            .collect();
        let nodes = |count: u32| stream.alloc_zeros(length(count));
        Ok(Self {
            table: stream.clone_htod(&addresses)?,
            state: stream.alloc_zeros(STATE_WORDS)?,
            groups: nodes(work.groups)?,
            reduced: nodes(work.groups.div_ceil(JOINED))?,
            roots: nodes(MOST_WAVES)?,
            sum: stream.alloc_zeros(1)?,
            shards,
            panels: layout.panels(),
            shift: layout.shift(),
            work: *work,
        })
    }

    pub(super) fn shard(&mut self, number: u32) -> Result<&mut CudaSlice<u32>, ProverError> {
        let number = usize::try_from(number).ok();
        number
            .and_then(|number| self.shards.get_mut(number))
            .ok_or(ProverError::OutOfRange)
    }
}

/// Words of so many nodes.
pub(super) fn length(nodes: u32) -> usize {
    let nodes = usize::try_from(nodes).unwrap_or(usize::MAX);
    nodes.saturating_mul(NODE_WORDS)
}
