//! One card: what it does for the engine.

use super::{
    buffers::{self, Buffers},
    pipelines::Pipelines,
    plan::Plan,
    queue::{bytes, Call, Step, MOST_ABREAST},
    Trouble,
};
use crate::{
    kernels::{Kernels, Outcome, State, Words, Work, PATIENCE},
    shards::Shards,
};
use iog_pow::ProverError;
use std::time::Duration;
use wgpu::{Device, Queue};

/// Threads of a workgroup that fills or reads; as in the shader.
const THREADS: u32 = 64;
/// Storage buffers that the walk binds beside the table's: state and nodes.
const OTHER_BUFFERS: u32 = 2;

pub(crate) struct Card {
    pub(super) device: Device,
    pub(super) queue: Queue,
    pub(super) trouble: Trouble,
    /// Its memory is the machine's.
    shared: bool,
    pub(super) patience: Duration,
    pub(super) abreast: u32,
    ready: Option<Ready>,
    pub(super) queued: Vec<Step>,
    /// What lies in the shader's `Call`, for all that is queued.
    pub(super) call: Call,
}

/// What [`Kernels::allocate`] makes.
pub(super) struct Ready {
    plan: Plan,
    shards: Shards,
    pub(super) pipelines: Pipelines,
    pub(super) buffers: Buffers,
}

impl Card {
    pub(super) fn new(device: Device, queue: Queue, shared: bool) -> Self {
        Self {
            trouble: Trouble::listen(&device),
            device,
            queue,
            shared,
            patience: PATIENCE,
            abreast: MOST_ABREAST,
            ready: None,
            queued: Vec::new(),
            call: Call::default(),
        }
    }

    /// Most storage buffers that a kernel binds.
    pub(super) fn bindable(&self) -> u32 {
        self.device.limits().max_storage_buffers_per_shader_stage
    }

    pub(super) fn ready(&self) -> Result<&Ready, ProverError> {
        self.ready.as_ref().ok_or(ProverError::Order)
    }

    pub(super) fn buffers(&self) -> Result<&Buffers, ProverError> {
        Ok(&self.ready()?.buffers)
    }

    /// Refuses a table that cannot be bound, or that the machine's memory does not hold.
    fn check(&self, shards: &Shards) -> Result<(), ProverError> {
        let bindable = self.bindable();
        if shards.count().saturating_add(OTHER_BUFFERS) > bindable {
            return Err(ProverError::Unavailable(format!(
                "the table takes {} buffers of at most {} bytes, the card binds {bindable} at a time; choose another backend",
                shards.count(),
                self.most_bytes(),
            )));
        }
        let bytes: u64 = (0..shards.count()).map(|shard| shards.bytes(shard)).sum();
        let free = iog_pow::available_memory().filter(|_| self.shared);
        if free.is_some_and(|free| free < bytes.saturating_add(bytes >> 4)) {
            return Err(ProverError::Memory { bytes });
        }
        Ok(())
    }
}

impl Kernels for Card {
    fn most_bytes(&self) -> u64 {
        let limits = self.device.limits();
        // Indices of vec4s have 32 bits, and no driver of ours is trusted with more than 31 bits of bytes.
        let most = limits
            .max_storage_buffer_binding_size
            .min(limits.max_buffer_size);
        most.min(1 << 31)
    }

    fn allocate(&mut self, shards: &Shards, work: &Work) -> Outcome<()> {
        self.check(shards)?;
        let plan = Plan::new(work);
        let (pipelines, buffers) = Pipelines::new(&self.device, shards, &plan)?;
        self.ready = Some(Ready {
            plan,
            shards: *shards,
            pipelines,
            buffers,
        });
        // A new buffer holds zeros.
        self.call = Call::default();
        self.queued.clear();
        Ok(self.trouble.check()?)
    }

    fn fill(&mut self, shard: u32, seed: &Words, first: u32, at: u32, count: u32) -> Outcome<()> {
        self.call(Call {
            hash: *seed,
            first,
            count,
            at,
        })?;
        let groups = count.saturating_mul(16).div_ceil(THREADS);
        self.step(|pipelines| &pipelines.fill, shard, groups);
        self.wait()
    }

    fn load(&mut self, state: &State) -> Outcome<()> {
        self.flush()?;
        let to = &self.buffers()?.state;
        self.queue.write_buffer(to, 0, &bytes(&state.0));
        Ok(())
    }

    fn walk(&mut self, first: u32, count: u32) -> Outcome<()> {
        self.call(Call {
            first,
            count,
            ..Call::default()
        })?;
        self.step(|pipelines| &pipelines.walk, 0, count);
        Ok(())
    }

    fn join(&mut self) -> Outcome<()> {
        let plan = self.ready()?.plan;
        if plan.reduces() {
            self.step(|pipelines| &pipelines.reduce, 0, plan.last);
        }
        self.step(|pipelines| &pipelines.join, 0, 1);
        Ok(())
    }

    fn wait(&mut self) -> Outcome<()> {
        let submitted = self.submit()?;
        self.wait_for(submitted)
    }

    fn groups(&mut self) -> Outcome<Vec<u32>> {
        let bytes = buffers::nodes(self.ready()?.plan.groups);
        self.read(|buffers| &buffers.groups, bytes)
    }

    fn roots(&mut self, count: u32) -> Outcome<Vec<u32>> {
        self.read(|buffers| &buffers.roots, buffers::nodes(count))
    }

    fn scan(&mut self, shard: u32) -> Outcome<u32> {
        let vecs = self.ready()?.shards.bytes(shard) >> 4;
        let count = u32::try_from(vecs).map_err(|_| ProverError::OutOfRange)?;
        self.call(Call {
            count,
            ..Call::default()
        })?;
        self.seen(|pipelines| &pipelines.scan, shard, count.div_ceil(THREADS))
    }

    fn gather(&mut self, first: u32, count: u32) -> Outcome<u32> {
        self.call(Call {
            first,
            count,
            ..Call::default()
        })?;
        self.seen(|pipelines| &pipelines.gather, 0, count)
    }
}
