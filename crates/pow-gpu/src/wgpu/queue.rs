//! What is queued on a card, waiting for it, reading back.

use super::{
    buffers::{Buffers, CALL_BYTES},
    card::Card,
    pipelines::{Bound, Pipelines},
};
use crate::kernels::{Fault, Outcome, Words};
use iog_pow::ProverError;
use wgpu::{
    Buffer, CommandEncoder, CommandEncoderDescriptor, ComputePassDescriptor, MapMode, PollError,
    PollType, SubmissionIndex,
};

/// Workgroups that are launched side by side at most: no card allows fewer than 65,535, and more stand one row below the other.
pub(super) const MOST_ABREAST: u32 = 1 << 15;
/// Most workgroups that read; a row at most.
const READERS: u32 = 1 << 13;

/// A dispatch that is not submitted yet.
pub(super) struct Step {
    bound: fn(&Pipelines) -> &Bound,
    set: u32,
    groups: u32,
}

/// The numbers of the shader's `Call`.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Call {
    pub(super) hash: Words,
    pub(super) first: u32,
    pub(super) count: u32,
    pub(super) at: u32,
}

impl Card {
    /// Queues a dispatch.
    pub(super) fn step(&mut self, bound: fn(&Pipelines) -> &Bound, set: u32, groups: u32) {
        self.queued.push(Step { bound, set, groups });
    }

    /// Sets the numbers of what is queued next. What is queued already goes off first, with its own.
    pub(super) fn call(&mut self, call: Call) -> Result<(), ProverError> {
        if call != self.call {
            self.flush()?;
            let numbers = [call.first, call.count, call.at, 0];
            let bytes = bytes(call.hash.iter().chain(&numbers));
            self.queue.write_buffer(&self.buffers()?.call, 0, &bytes);
            self.call = call;
        }
        Ok(())
    }

    /// Writes all that is queued down, in order. wgpu sees to it that a dispatch finds what the one before wrote.
    fn record(&mut self, encoder: &mut CommandEncoder) -> Result<(), ProverError> {
        let steps = std::mem::take(&mut self.queued);
        let pipelines = &self.ready()?.pipelines;
        let mut pass = encoder.begin_compute_pass(&ComputePassDescriptor::default());
        for step in steps {
            let bound = (step.bound)(pipelines);
            let set = bound.sets.get(number(step.set));
            pass.set_pipeline(&bound.pipeline);
            pass.set_bind_group(0, set.ok_or(ProverError::OutOfRange)?, &[]);
            let abreast = step.groups.min(self.abreast);
            pass.dispatch_workgroups(abreast, step.groups.div_ceil(self.abreast), 1);
        }
        Ok(())
    }

    fn encoder(&self) -> CommandEncoder {
        self.device
            .create_command_encoder(&CommandEncoderDescriptor::default())
    }

    /// Sends off what is queued, if anything is: what is written to a buffer now is meant for what follows.
    pub(super) fn flush(&mut self) -> Result<(), ProverError> {
        if !self.queued.is_empty() {
            self.submit()?;
        }
        Ok(())
    }

    /// Submits all that is queued and written, in one go.
    pub(super) fn submit(&mut self) -> Result<SubmissionIndex, ProverError> {
        let mut encoder = self.encoder();
        self.record(&mut encoder)?;
        Ok(self.queue.submit([encoder.finish()]))
    }

    pub(super) fn wait_for(&self, submitted: SubmissionIndex) -> Outcome<()> {
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

    /// The first `bytes` bytes of a buffer as words, after all that is queued.
    pub(super) fn read(&mut self, from: fn(&Buffers) -> &Buffer, bytes: u64) -> Outcome<Vec<u32>> {
        let mut encoder = self.encoder();
        self.record(&mut encoder)?;
        let buffers = self.buffers()?;
        encoder.copy_buffer_to_buffer(from(buffers), 0, &buffers.read, 0, bytes);
        let submitted = self.queue.submit([encoder.finish()]);
        let slice = buffers.read.slice(..bytes);
        let trouble = self.trouble.clone();
        slice.map_async(MapMode::Read, move |mapped| {
            if let Err(error) = mapped {
                trouble.hear(error.to_string());
            }
        });
        self.wait_for(submitted)?;
        let view = slice
            .get_mapped_range()
            .map_err(|error| ProverError::Device(error.to_string()))?;
        let words = view.chunks_exact(4).map(|word| {
            let word = word.first_chunk().copied().unwrap_or_default();
            u32::from_le_bytes(word)
        });
        let words = words.collect();
        drop(view);
        buffers.read.unmap();
        Ok(words)
    }

    /// Launches a kernel that reads, and returns what it saw.
    pub(super) fn seen(
        &mut self,
        bound: fn(&Pipelines) -> &Bound,
        set: u32,
        groups: u32,
    ) -> Outcome<u32> {
        self.flush()?;
        self.queue.write_buffer(&self.buffers()?.seen, 0, &[0; 4]);
        self.step(bound, set, groups.min(READERS));
        let words = self.read(|buffers| &buffers.seen, 4)?;
        Ok(words.first().copied().unwrap_or(0))
    }
}

fn number(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Words as the card keeps them.
pub(super) fn bytes<'a>(words: impl IntoIterator<Item = &'a u32>) -> Vec<u8> {
    words
        .into_iter()
        .flat_map(|word| word.to_le_bytes())
        .collect()
}

const _: () = assert!(CALL_BYTES == 4 * (8 + 4), "`call` writes all of it");
