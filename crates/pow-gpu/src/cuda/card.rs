//! One card: its memory and its stream.

use super::{nvrtc, Target};
use crate::{
    gpu::{Fault, Kernels, Outcome, Words, PATIENCE},
    shards::Shards,
};
use cudarc::driver::{
    sys, CudaContext, CudaFunction, CudaSlice, CudaStream, DriverError, LaunchConfig, PushKernelArg,
};
use iog_pow::ProverError;
use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

/// Threads of a block, and lanes of one; as in `walk.cu`.
const THREADS: u32 = 128;
const LANES: u32 = 8;
/// Words of a node.
const NODE: usize = 5;
/// A shard: large enough to be few, small enough that a fragmented card has them.
const SHARD_BYTES: u64 = 4 << 30;
/// Most blocks that read a shard: some for each multiprocessor of the largest card.
const SCAN_BLOCKS: u64 = 4_096;
/// How long a wait looks again at once, before it sleeps between two looks.
const BUSY: Duration = Duration::from_micros(500);
const PAUSE: Duration = Duration::from_micros(200);

pub(crate) struct Card {
    stream: Arc<CudaStream>,
    fill: CudaFunction,
    walk: CudaFunction,
    reduce: CudaFunction,
    scan: CudaFunction,
    memory: Option<Memory>,
}

/// What is on the card.
struct Memory {
    shards: Vec<CudaSlice<u32>>,
    /// Addresses of the shards, for the kernel.
    table: CudaSlice<u64>,
    nodes: [CudaSlice<u32>; 2],
    panels: u32,
    shift: u32,
}

/// The card of this number, with the kernels that suit it.
pub(crate) fn open(device: usize) -> Result<Card, ProverError> {
    #[allow(unsafe_code)]
    // SAFETY: it loads the driver by its names. The bindings end the process where it is missing, so it is asked first.
    let present = unsafe { sys::is_culib_present() };
    if !present {
        return Err(ProverError::Unavailable(
            "NVIDIA's driver (libcuda.so.1) is not installed; install it, or choose another backend".into(),
        ));
    }
    let context = CudaContext::new(device).map_err(|error| {
        let seen = CudaContext::device_count().unwrap_or(0);
        ProverError::Unavailable(format!(
            "CUDA device {device} of {seen}: {error}; `nvidia-smi -L` lists the devices"
        ))
    })?;
    let capability = context.compute_capability().map_err(failed)?;
    let target = Target::for_card(capability).ok_or_else(|| {
        let (major, minor) = capability;
        ProverError::Unavailable(format!(
            "the card's compute capability is {major}.{minor}; the kernels need 6.1"
        ))
    })?;
    let module = context
        .load_module(nvrtc::compile(target)?)
        .map_err(|error| {
            ProverError::Device(format!(
                "loading the kernels: {error}; NVRTC must not be newer than the driver"
            ))
        })?;
    let function = |name: &str| module.load_function(name).map_err(failed);
    Ok(Card {
        stream: context.default_stream(),
        fill: function("fill")?,
        walk: function("walk")?,
        reduce: function("reduce")?,
        scan: function("scan")?,
        memory: None,
    })
}

fn failed(error: DriverError) -> ProverError {
    ProverError::Device(format!("CUDA: {error}"))
}

impl Memory {
    fn new(stream: &Arc<CudaStream>, layout: &Shards, lanes: u32) -> Result<Self, DriverError> {
        // SAFETY: fill writes every row of every shard before the engine lets anything read them.
        #[allow(unsafe_code)]
        let words = |bytes: u64| unsafe {
            stream.alloc::<u32>(usize::try_from(bytes >> 2).unwrap_or(usize::MAX))
        };
        let numbers = 0..layout.count();
        let shards: Result<Vec<_>, _> = numbers.map(|shard| words(layout.bytes(shard))).collect();
        let shards = shards?;
        let addresses: Vec<u64> = shards.iter().map(|shard| address(shard, stream)).collect();
        let nodes = usize::try_from(lanes)
            .unwrap_or(usize::MAX)
            .saturating_mul(NODE);
        Ok(Self {
            table: stream.clone_htod(&addresses)?,
            nodes: [stream.alloc_zeros(nodes)?, stream.alloc_zeros(nodes)?],
            shards,
            panels: layout.panels(),
            shift: layout.shift(),
        })
    }

    /// Below and above.
    fn levels(&mut self, level: u32) -> (&CudaSlice<u32>, &mut CudaSlice<u32>) {
        let [even, odd] = &mut self.nodes;
        if level & 1 == 0 {
            (even, odd)
        } else {
            (odd, even)
        }
    }
}

fn address(shard: &CudaSlice<u32>, stream: &CudaStream) -> u64 {
    use cudarc::driver::DevicePtr;
    shard.device_ptr(stream).0
}

impl Card {
    /// Waits for everything that was launched.
    fn wait(&self) -> Outcome<()> {
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

    fn memory(&mut self) -> Result<(&Arc<CudaStream>, &mut Memory), ProverError> {
        match &mut self.memory {
            Some(memory) => Ok((&self.stream, memory)),
            None => Err(ProverError::Order),
        }
    }
}

fn blocks(threads: u32) -> LaunchConfig {
    LaunchConfig {
        grid_dim: (threads.div_ceil(THREADS), 1, 1),
        block_dim: (THREADS, 1, 1),
        shared_mem_bytes: 0,
    }
}

/// A node's words from a position on.
fn position(at: u32) -> usize {
    usize::try_from(at)
        .unwrap_or(usize::MAX)
        .saturating_mul(NODE)
}

// SAFETY of the launches below: arguments are those of the kernel's signature in walk.cu, in order and width; the slices
// outlive the launch, because the engine waits before it lets go of them, and kernels write only within the counts given,
// which the engine keeps within what it allocated.
#[allow(unsafe_code)]
impl Kernels for Card {
    fn most_bytes(&self) -> u64 {
        SHARD_BYTES
    }

    fn allocate(&mut self, shards: &Shards, lanes: u32) -> Outcome<()> {
        let table: u64 = (0..shards.count()).map(|shard| shards.bytes(shard)).sum();
        let bytes = table.saturating_add(u64::from(lanes).saturating_mul(2 * 20));
        let (free, _) = self.stream.context().mem_get_info().map_err(failed)?;
        if u64::try_from(free).unwrap_or(u64::MAX) < bytes {
            return Err(ProverError::Memory { bytes }.into());
        }
        let memory = Memory::new(&self.stream, shards, lanes).map_err(|error| match error {
            DriverError(sys::CUresult::CUDA_ERROR_OUT_OF_MEMORY) => ProverError::Memory { bytes },
            other => failed(other),
        })?;
        self.memory = Some(memory);
        self.wait()
    }

    fn fill(&mut self, shard: u32, seed: &Words, first: u32, at: u32, count: u32) -> Outcome<()> {
        let kernel = self.fill.clone();
        let (stream, memory) = self.memory()?;
        let shard = usize::try_from(shard)
            .ok()
            .and_then(|shard| memory.shards.get_mut(shard))
            .ok_or(ProverError::OutOfRange)?;
        let mut launch = stream.launch_builder(&kernel);
        launch.arg(shard).arg(seed).arg(&first).arg(&at).arg(&count);
        unsafe { launch.launch(blocks(count.saturating_mul(16))) }.map_err(failed)?;
        self.wait()
    }

    fn walk(&mut self, key: &Words, first: u32, count: u32, at: u32) -> Outcome<()> {
        let kernel = self.walk.clone();
        let (stream, memory) = self.memory()?;
        let [nodes, _] = &mut memory.nodes;
        let mut nodes = nodes
            .try_slice_mut(position(at)..)
            .ok_or(ProverError::OutOfRange)?;
        let mut launch = stream.launch_builder(&kernel);
        launch
            .arg(&memory.table)
            .arg(&memory.shift)
            .arg(&memory.panels);
        launch.arg(key).arg(&first).arg(&count).arg(&mut nodes);
        let grid = blocks(count.div_ceil(LANES).saturating_mul(THREADS));
        unsafe { launch.launch(grid) }.map_err(failed)?;
        self.wait()
    }

    fn reduce(&mut self, level: u32, count: u32) -> Outcome<()> {
        let kernel = self.reduce.clone();
        let (stream, memory) = self.memory()?;
        let (below, above) = memory.levels(level);
        let mut launch = stream.launch_builder(&kernel);
        launch.arg(below).arg(above).arg(&count);
        unsafe { launch.launch(blocks(count)) }.map_err(failed)?;
        Ok(())
    }

    fn nodes(&mut self, level: u32, count: u32) -> Outcome<Vec<u32>> {
        // The copy has no time-out of its own, so there is nothing left to wait for when it begins.
        self.wait()?;
        let (stream, memory) = self.memory()?;
        let (nodes, _) = memory.levels(level);
        let view = nodes
            .try_slice(..position(count))
            .ok_or(ProverError::OutOfRange)?;
        Ok(stream.clone_dtoh(&view).map_err(failed)?)
    }

    fn scan(&mut self, shard: u32) -> Outcome<()> {
        let kernel = self.scan.clone();
        let (stream, memory) = self.memory()?;
        let shard = usize::try_from(shard)
            .ok()
            .and_then(|shard| memory.shards.get(shard))
            .ok_or(ProverError::OutOfRange)?;
        let vecs = u64::try_from(shard.len() >> 2).unwrap_or(0);
        let threads = vecs.min(SCAN_BLOCKS * u64::from(THREADS));
        let [out, _] = &mut memory.nodes;
        let mut launch = stream.launch_builder(&kernel);
        launch.arg(shard).arg(&vecs).arg(out);
        let grid = blocks(u32::try_from(threads).unwrap_or(u32::MAX));
        unsafe { launch.launch(grid) }.map_err(failed)?;
        self.wait()
    }
}
