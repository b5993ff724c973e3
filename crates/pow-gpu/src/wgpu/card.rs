//! One card: dispatching, waiting, reading back.

use super::{
    pipelines::{Bound, Pipelines, CALL_BYTES, NODE_BYTES},
    Trouble,
};
use crate::{
    gpu::{Fault, Kernels, Outcome, Words, PATIENCE},
    shards::Shards,
};
use iog_pow::ProverError;
use std::time::Duration;
use wgpu::{
    CommandEncoderDescriptor, ComputePassDescriptor, Device, MapMode, PollError, PollType, Queue,
    SubmissionIndex,
};

/// Threads of a workgroup, and lanes of one; as in `walk.wgsl`.
const THREADS: u32 = 64;
const LANES: u32 = 4;
/// Most workgroups that read a shard.
const SCAN_GROUPS: u32 = 4_096;
/// Storage buffers that the walk binds beside the table's.
const OTHER_BUFFERS: u32 = 1;

pub(crate) struct Card {
    device: Device,
    queue: Queue,
    trouble: Trouble,
    /// Its memory is the machine's.
    shared: bool,
    patience: Duration,
    panels: u32,
    /// vec4s of each shard.
    vecs: Vec<u32>,
    pipelines: Option<Pipelines>,
}

/// The numbers of the shader's `Call`.
#[derive(Default)]
struct Call {
    hash: Words,
    first: u32,
    count: u32,
    at: u32,
}

impl Card {
    pub(super) fn new(device: Device, queue: Queue, shared: bool) -> Self {
        Self {
            trouble: Trouble::listen(&device),
            device,
            queue,
            shared,
            patience: PATIENCE,
            panels: 0,
            vecs: Vec::new(),
            pipelines: None,
        }
    }

    fn pipelines(&self) -> Result<&Pipelines, ProverError> {
        self.pipelines.as_ref().ok_or(ProverError::Order)
    }

    /// Launches an entry point over one of its sets of buffers.
    fn dispatch(
        &self,
        bound: &Bound,
        set: usize,
        call: &Call,
        groups: u32,
    ) -> Result<SubmissionIndex, ProverError> {
        let pipelines = self.pipelines()?;
        let numbers = [self.panels, call.first, call.count, call.at];
        let mut bytes = Vec::with_capacity(usize::try_from(CALL_BYTES).unwrap_or(0));
        for word in call.hash.iter().chain(&numbers) {
            bytes.extend(word.to_le_bytes());
        }
        self.queue.write_buffer(&pipelines.call, 0, &bytes);
        let group = bound.groups.get(set).ok_or(ProverError::OutOfRange)?;
        let mut encoder = self
            .device
            .create_command_encoder(&CommandEncoderDescriptor::default());
        let mut pass = encoder.begin_compute_pass(&ComputePassDescriptor::default());
        pass.set_pipeline(&bound.pipeline);
        pass.set_bind_group(0, group, &[]);
        pass.dispatch_workgroups(groups, 1, 1);
        drop(pass);
        Ok(self.queue.submit([encoder.finish()]))
    }

    fn wait(&self, submitted: SubmissionIndex) -> Outcome<()> {
        let waited = self.device.poll(PollType::Wait {
            submission_index: Some(submitted),
            timeout: Some(self.patience),
        });
        self.trouble.check()?;
        match waited {
            Ok(_) => Ok(()),
            Err(PollError::Timeout) => Err(Fault::Hung(self.patience)),
            Err(error) => Err(ProverError::Device(error.to_string()).into()),
        }
    }

    /// The first `count` nodes of a level.
    fn copy(&self, level: u32, count: u32) -> Outcome<Vec<u32>> {
        let pipelines = self.pipelines()?;
        let [even, odd] = &pipelines.nodes;
        let from = if level & 1 == 0 { even } else { odd };
        let bytes = u64::from(count).saturating_mul(NODE_BYTES);
        let mut encoder = self
            .device
            .create_command_encoder(&CommandEncoderDescriptor::default());
        encoder.copy_buffer_to_buffer(from, 0, &pipelines.read, 0, bytes);
        let submitted = self.queue.submit([encoder.finish()]);
        let slice = pipelines.read.slice(..bytes);
        let trouble = self.trouble.clone();
        slice.map_async(MapMode::Read, move |mapped| {
            if let Err(error) = mapped {
                trouble.hear(error.to_string());
            }
        });
        self.wait(submitted)?;
        let view = slice
            .get_mapped_range()
            .map_err(|error| ProverError::Device(error.to_string()))?;
        let words = view.chunks_exact(4).map(|word| {
            let word = word.first_chunk().copied().unwrap_or_default();
            u32::from_le_bytes(word)
        });
        let words = words.collect();
        drop(view);
        pipelines.read.unmap();
        Ok(words)
    }
}

fn number(shard: u32) -> usize {
    usize::try_from(shard).unwrap_or(usize::MAX)
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

    fn allocate(&mut self, shards: &Shards, lanes: u32) -> Outcome<()> {
        let bindable = self.device.limits().max_storage_buffers_per_shader_stage;
        if shards.count().saturating_add(OTHER_BUFFERS) > bindable {
            return Err(ProverError::Unavailable(format!(
                "the table takes {} buffers of at most {} bytes, the card binds {bindable} at a time; choose another backend",
                shards.count(),
                self.most_bytes(),
            ))
            .into());
        }
        let bytes: u64 = (0..shards.count()).map(|shard| shards.bytes(shard)).sum();
        let free = iog_pow::available_memory().filter(|_| self.shared);
        if free.is_some_and(|free| free < bytes.saturating_add(bytes >> 4)) {
            return Err(ProverError::Memory { bytes }.into());
        }
        self.panels = shards.panels();
        self.vecs = (0..shards.count())
            .map(|shard| u32::try_from(shards.bytes(shard) >> 4).unwrap_or(u32::MAX))
            .collect();
        self.pipelines = Some(Pipelines::new(&self.device, shards, lanes)?);
        Ok(self.trouble.check()?)
    }

    fn fill(&mut self, shard: u32, seed: &Words, first: u32, at: u32, count: u32) -> Outcome<()> {
        let call = Call {
            hash: *seed,
            first,
            count,
            at,
        };
        let groups = count.saturating_mul(16).div_ceil(THREADS);
        let fill = &self.pipelines()?.fill;
        self.wait(self.dispatch(fill, number(shard), &call, groups)?)
    }

    fn walk(&mut self, key: &Words, first: u32, count: u32, at: u32) -> Outcome<()> {
        let call = Call {
            hash: *key,
            first,
            count,
            at,
        };
        let walk = &self.pipelines()?.walk;
        self.wait(self.dispatch(walk, 0, &call, count.div_ceil(LANES))?)
    }

    fn reduce(&mut self, level: u32, count: u32) -> Outcome<()> {
        let call = Call {
            count,
            ..Call::default()
        };
        let reduce = &self.pipelines()?.reduce;
        self.dispatch(reduce, number(level & 1), &call, count.div_ceil(THREADS))?;
        Ok(())
    }

    fn nodes(&mut self, level: u32, count: u32) -> Outcome<Vec<u32>> {
        self.copy(level, count)
    }

    fn scan(&mut self, shard: u32) -> Outcome<()> {
        let vecs = self.vecs.get(number(shard)).copied();
        let call = Call {
            count: vecs.ok_or(ProverError::OutOfRange)?,
            ..Call::default()
        };
        let groups = call.count.div_ceil(THREADS).min(SCAN_GROUPS);
        let scan = &self.pipelines()?.scan;
        self.wait(self.dispatch(scan, number(shard), &call, groups)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lavapipe, which the tests install with the machine's packages.
    fn lavapipe() -> Card {
        super::super::open(0, true).unwrap_or_else(|error| {
            panic!("{error}; the tests need Debian's mesa-vulkan-drivers (`cargo xtask setup`)")
        })
    }

    #[test]
    fn a_wait_that_is_too_long_is_told_as_such() {
        let mut card = lavapipe();
        let shape = iog_pow::Shape::new(2048, 64, 1).unwrap();
        let shards = Shards::new(&shape, 1 << 20).unwrap();
        card.allocate(&shards, 64).unwrap();
        card.patience = Duration::ZERO;
        let fault = card.fill(0, &[0; 8], 0, 0, 2048);
        assert!(
            matches!(fault, Err(Fault::Hung(Duration::ZERO))),
            "{fault:?}"
        );
    }

    #[test]
    fn too_many_shards_are_refused_with_both_numbers() {
        let mut card = lavapipe();
        let bindable = card.device.limits().max_storage_buffers_per_shader_stage;
        let shape = iog_pow::Shape::new(bindable.saturating_mul(32), 1, 1).unwrap();
        let shards = Shards::new(&shape, 16_384).unwrap();
        let Err(Fault::Failed(ProverError::Unavailable(text))) = card.allocate(&shards, 1) else {
            panic!("one buffer too many");
        };
        assert!(text.contains(&bindable.to_string()), "{text}");
    }

    #[test]
    fn a_table_that_memory_does_not_hold_is_refused_before_it_is_allocated() {
        let mut card = lavapipe();
        let shape = iog_pow::Shape::new(u32::MAX - 31, 1, 1).unwrap();
        // 2 TB in as few buffers as there can be.
        let shards = Shards::new(&shape, u64::MAX).unwrap();
        let refused = card.allocate(&shards, 1);
        let Err(Fault::Failed(ProverError::Memory { bytes })) = refused else {
            panic!("{refused:?}");
        };
        assert_eq!(bytes, shape.table_len());
    }
}
