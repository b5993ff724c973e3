//! What lies on the card beside the table.

use super::plan::Plan;
use crate::kernels::{MOST_WAVES, NODE_WORDS, STATE_WORDS};
use wgpu::{Buffer, BufferDescriptor, BufferUsages, Device};

/// Bytes of the shader's `Call`.
pub(super) const CALL_BYTES: u64 = 48;

/// Bytes of this many words.
fn words(words: usize) -> u64 {
    u64::try_from(words).map_or(u64::MAX, |words| words.saturating_mul(4))
}

/// Bytes of this many nodes.
pub(super) fn nodes(nodes: u32) -> u64 {
    u64::from(nodes).saturating_mul(words(NODE_WORDS))
}

pub(super) struct Buffers {
    pub(super) call: Buffer,
    pub(super) state: Buffer,
    /// Nodes of the groups.
    pub(super) groups: Buffer,
    /// What `reduce` leaves of them.
    pub(super) reduced: Buffer,
    pub(super) roots: Buffer,
    /// Exclusive or of the words that were read.
    pub(super) seen: Buffer,
    /// Where results are copied to, to be read.
    pub(super) read: Buffer,
}

impl Buffers {
    pub(super) fn new(device: &Device, plan: &Plan) -> Self {
        const TO: BufferUsages = BufferUsages::COPY_DST;
        const FROM: BufferUsages = BufferUsages::COPY_SRC;
        let storage = |bytes, other| buffer(device, bytes, BufferUsages::STORAGE | other);
        let (groups, roots) = (nodes(plan.groups), nodes(MOST_WAVES));
        Self {
            call: buffer(device, CALL_BYTES, BufferUsages::UNIFORM | TO),
            state: storage(words(STATE_WORDS), TO),
            groups: storage(groups, FROM),
            reduced: storage(nodes(plan.last), BufferUsages::empty()),
            roots: storage(roots, FROM),
            seen: storage(words(1), FROM | TO),
            read: buffer(device, groups.max(roots), BufferUsages::MAP_READ | TO),
        }
    }
}

pub(super) fn buffer(device: &Device, size: u64, usage: BufferUsages) -> Buffer {
    device.create_buffer(&BufferDescriptor {
        label: None,
        size,
        usage,
        mapped_at_creation: false,
    })
}
