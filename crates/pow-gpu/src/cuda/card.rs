//! One card: its memory and its stream.

use super::memory::{length, Memory, JOINED};
use crate::{
    kernels::{Fault, Kernels, Outcome, State, Words, Work, MOST_WAVES, PATIENCE},
    shards::Shards,
};
use cudarc::driver::{
    sys, CudaFunction, CudaModule, CudaSlice, CudaStream, DriverError, LaunchConfig, PushKernelArg,
};
use iog_pow::ProverError;
use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

/// Threads of a block; as in `sha256.cu`.
const THREADS: u32 = 128;
/// A shard: large enough to be few, small enough that a fragmented card has them.
const SHARD_BYTES: u64 = 4 << 30;
/// Most blocks that read: some for each multiprocessor of the largest card.
const READ_BLOCKS: u32 = 4_096;
/// How long a wait looks again at once, before it sleeps between two looks: longer than a wave, because cards that walk together wait for each
/// of them, and a sleep would cost as much as several per cent of one.
const BUSY: Duration = Duration::from_millis(20);
const PAUSE: Duration = Duration::from_micros(200);

pub(crate) struct Card {
    stream: Arc<CudaStream>,
    kernels: Launchable,
    memory: Option<Memory>,
}

/// The kernels by their names.
struct Launchable {
    fill: CudaFunction,
    load_state: CudaFunction,
    walk: CudaFunction,
    reduce: CudaFunction,
    finish: CudaFunction,
    scan: CudaFunction,
    gather: CudaFunction,
}

pub(super) fn failed(error: DriverError) -> ProverError {
    ProverError::Device(format!("CUDA: {error}"))
}

impl Card {
    /// A card with the kernels that suit it, and nothing in its memory yet.
    pub(super) fn new(
        stream: Arc<CudaStream>,
        module: &Arc<CudaModule>,
    ) -> Result<Self, ProverError> {
        let function = |name: &str| module.load_function(name).map_err(failed);
        Ok(Self {
            stream,
            kernels: Launchable {
                fill: function("fill")?,
                load_state: function("load_state")?,
                walk: function("walk")?,
                reduce: function("reduce")?,
                finish: function("finish")?,
                scan: function("scan")?,
                gather: function("gather")?,
            },
            memory: None,
        })
    }

    /// Waits for everything that was launched.
    fn done(&self) -> Outcome<()> {
        let event = self.stream.record_event(None).map_err(failed)?;
        let began = Instant::now();
        while !event.try_is_complete().map_err(failed)? {
            let waited = began.elapsed();
            if waited > PATIENCE {
                return Err(Fault::Hung(PATIENCE));
            }
            if waited < BUSY {
                thread::yield_now();
            } else {
                thread::sleep(PAUSE);
            }
        }
        Ok(())
    }

    fn parts(&mut self) -> Result<(&Arc<CudaStream>, &Launchable, &mut Memory), ProverError> {
        let memory = self.memory.as_mut().ok_or(ProverError::Order)?;
        Ok((&self.stream, &self.kernels, memory))
    }

    /// The first `count` words of something. The copy has no time-out of its own, so nothing may be left to wait for when it begins.
    fn copy(
        &mut self,
        count: usize,
        from: impl Fn(&Memory) -> &CudaSlice<u32>,
    ) -> Outcome<Vec<u32>> {
        self.done()?;
        let (stream, _, memory) = self.parts()?;
        let view = from(memory)
            .try_slice(..count)
            .ok_or(ProverError::OutOfRange)?;
        Ok(stream.clone_dtoh(&view).map_err(failed)?)
    }

    /// What was read last.
    fn sum(&mut self) -> Outcome<u32> {
        let words = self.copy(1, |memory| &memory.sum)?;
        Ok(words.first().copied().unwrap_or_default())
    }
}

fn grid(blocks: u32) -> LaunchConfig {
    LaunchConfig {
        grid_dim: (blocks, 1, 1),
        block_dim: (THREADS, 1, 1),
        shared_mem_bytes: 0,
    }
}

// SAFETY of the launches below: arguments are those of the kernel's signature, in order and width; the slices outlive the launch, because the
// engine waits before it lets go of them, and kernels write only within the counts given, which the engine keeps within what it allocated.
#[allow(unsafe_code)]
impl Kernels for Card {
    fn most_bytes(&self) -> u64 {
        SHARD_BYTES
    }

    fn allocate(&mut self, shards: &Shards, work: &Work) -> Outcome<()> {
        let table: u64 = (0..shards.count()).map(|shard| shards.bytes(shard)).sum();
        let nodes = work.groups.saturating_add(work.groups.div_ceil(JOINED));
        let bytes = table.saturating_add(u64::from(nodes.saturating_add(MOST_WAVES)) << 4);
        let (free, _) = self.stream.context().mem_get_info().map_err(failed)?;
        if u64::try_from(free).unwrap_or(u64::MAX) < bytes {
            return Err(ProverError::Memory { bytes }.into());
        }
        let memory = Memory::new(&self.stream, shards, work).map_err(|error| match error {
            DriverError(sys::CUresult::CUDA_ERROR_OUT_OF_MEMORY) => ProverError::Memory { bytes },
            other => failed(other),
        })?;
        self.memory = Some(memory);
        self.done()
    }

    fn fill(&mut self, shard: u32, seed: &Words, first: u32, at: u32, count: u32) -> Outcome<()> {
        let (stream, kernels, memory) = self.parts()?;
        let mut launch = stream.launch_builder(&kernels.fill);
        launch
            .arg(memory.shard(shard)?)
            .arg(seed)
            .arg(&first)
            .arg(&at)
            .arg(&count);
        let blocks = count.saturating_mul(16).div_ceil(THREADS);
        unsafe { launch.launch(grid(blocks)) }.map_err(failed)?;
        self.done()
    }

    fn load(&mut self, state: &State) -> Outcome<()> {
        let (stream, kernels, memory) = self.parts()?;
        let mut launch = stream.launch_builder(&kernels.load_state);
        // By value: a copy from memory that is not pinned might wait, without a time-out.
        launch.arg(&mut memory.state).arg(&state.0);
        unsafe { launch.launch(grid(1)) }.map_err(failed)?;
        Ok(())
    }

    fn walk(&mut self, first: u32, count: u32) -> Outcome<()> {
        let (stream, kernels, memory) = self.parts()?;
        let mut launch = stream.launch_builder(&kernels.walk);
        launch
            .arg(&memory.table)
            .arg(&memory.shift)
            .arg(&memory.panels);
        launch
            .arg(&memory.work.card)
            .arg(&memory.work.tiles)
            .arg(&memory.state);
        launch.arg(&first).arg(&mut memory.groups);
        unsafe { launch.launch(grid(count)) }.map_err(failed)?;
        Ok(())
    }

    fn join(&mut self) -> Outcome<()> {
        let (stream, kernels, memory) = self.parts()?;
        let (mut below, mut count) = (&memory.groups, memory.work.groups);
        if count > JOINED {
            // Both are powers of two; a wave has at most 2^16 groups.
            count = count.div_ceil(JOINED);
            let mut launch = stream.launch_builder(&kernels.reduce);
            launch
                .arg(&memory.state)
                .arg(below)
                .arg(&mut memory.reduced);
            unsafe { launch.launch(grid(count)) }.map_err(failed)?;
            below = &memory.reduced;
        }
        let mut launch = stream.launch_builder(&kernels.finish);
        launch
            .arg(&mut memory.state)
            .arg(below)
            .arg(&count)
            .arg(&mut memory.roots);
        unsafe { launch.launch(grid(1)) }.map_err(failed)?;
        Ok(())
    }

    fn wait(&mut self) -> Outcome<()> {
        self.done()
    }

    fn groups(&mut self) -> Outcome<Vec<u32>> {
        let groups = self.parts()?.2.work.groups;
        self.copy(length(groups), |memory| &memory.groups)
    }

    fn roots(&mut self, count: u32) -> Outcome<Vec<u32>> {
        self.copy(length(count), |memory| &memory.roots)
    }

    fn scan(&mut self, shard: u32) -> Outcome<u32> {
        let (stream, kernels, memory) = self.parts()?;
        stream.memset_zeros(&mut memory.sum).map_err(failed)?;
        let shard = usize::try_from(shard)
            .ok()
            .and_then(|shard| memory.shards.get(shard));
        let shard = shard.ok_or(ProverError::OutOfRange)?;
        let vecs = u64::try_from(shard.len() >> 2).unwrap_or(0);
        let mut launch = stream.launch_builder(&kernels.scan);
        launch.arg(shard).arg(&vecs).arg(&mut memory.sum);
        let blocks = u32::try_from(vecs.div_ceil(u64::from(THREADS))).unwrap_or(u32::MAX);
        unsafe { launch.launch(grid(blocks.min(READ_BLOCKS))) }.map_err(failed)?;
        self.sum()
    }

    fn gather(&mut self, first: u32, count: u32) -> Outcome<u32> {
        let (stream, kernels, memory) = self.parts()?;
        stream.memset_zeros(&mut memory.sum).map_err(failed)?;
        let mut launch = stream.launch_builder(&kernels.gather);
        launch
            .arg(&memory.table)
            .arg(&memory.shift)
            .arg(&memory.panels);
        launch.arg(&first).arg(&count).arg(&mut memory.sum);
        // A warp reads a panel.
        let blocks = count.div_ceil(THREADS >> 5).min(READ_BLOCKS);
        unsafe { launch.launch(grid(blocks)) }.map_err(failed)?;
        self.sum()
    }
}
