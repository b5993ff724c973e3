//! The shader's entry points with what they are bound to.

use super::shader;
use crate::shards::Shards;
use iog_pow::ProverError;
use wgpu::{
    BindGroup, BindGroupDescriptor, BindGroupEntry, Buffer, BufferDescriptor, BufferUsages,
    ComputePipeline, ComputePipelineDescriptor, Device, ErrorFilter, ShaderModule,
    ShaderModuleDescriptor, ShaderSource,
};

/// Bytes of the shader's `Call`.
pub(super) const CALL_BYTES: u64 = 48;
/// Bytes of a node.
pub(super) const NODE_BYTES: u64 = 20;

/// An entry point, and one set of buffers or several that it may be launched with.
pub(super) struct Bound {
    pub(super) pipeline: ComputePipeline,
    pub(super) groups: Vec<BindGroup>,
}

/// Everything on the card.
pub(super) struct Pipelines {
    pub(super) call: Buffer,
    /// Even and odd levels.
    pub(super) nodes: [Buffer; 2],
    /// Where nodes are copied to, to be read.
    pub(super) read: Buffer,
    /// A set of buffers for each shard.
    pub(super) fill: Bound,
    pub(super) scan: Bound,
    pub(super) walk: Bound,
    /// From even to odd, from odd to even.
    pub(super) reduce: Bound,
}

impl Pipelines {
    /// Allocates and compiles.
    pub(super) fn new(device: &Device, shards: &Shards, lanes: u32) -> Result<Self, ProverError> {
        let table_bytes: u64 = (0..shards.count()).map(|shard| shards.bytes(shard)).sum();
        let memory = device.push_error_scope(ErrorFilter::OutOfMemory);
        let table: Vec<Buffer> = (0..shards.count())
            .map(|shard| buffer(device, shards.bytes(shard), BufferUsages::STORAGE))
            .collect();
        let node_bytes = u64::from(lanes).saturating_mul(NODE_BYTES);
        let node_usage = BufferUsages::STORAGE | BufferUsages::COPY_SRC;
        let nodes = [(); 2].map(|()| buffer(device, node_bytes, node_usage));
        let read_usage = BufferUsages::MAP_READ | BufferUsages::COPY_DST;
        let read = buffer(device, node_bytes, read_usage);
        let call_usage = BufferUsages::UNIFORM | BufferUsages::COPY_DST;
        let call = buffer(device, CALL_BYTES, call_usage);
        if pollster::block_on(memory.pop()).is_some() {
            let bytes = table_bytes.saturating_add(node_bytes.saturating_mul(3));
            return Err(ProverError::Memory { bytes });
        }

        let internal = device.push_error_scope(ErrorFilter::Internal);
        let invalid = device.push_error_scope(ErrorFilter::Validation);
        let module = device.create_shader_module(ShaderModuleDescriptor {
            label: Some("walk.wgsl"),
            source: ShaderSource::Wgsl(shader::text(shards).into()),
        });
        let bind =
            |entry: &str, sets: Vec<Vec<(u32, &Buffer)>>| bind(device, &module, entry, &sets);
        let [even, odd] = &nodes;
        let fill_sets = table.iter().map(|shard| vec![(0, &call), (2, shard)]);
        let scan_sets = table
            .iter()
            .map(|shard| vec![(0, &call), (1, even), (2, shard)]);
        let whole = (shader::TABLE..).zip(&table);
        let walk_set = [(0, &call), (1, even)].into_iter().chain(whole).collect();
        let pipelines = Self {
            fill: bind("fill", fill_sets.collect()),
            scan: bind("scan", scan_sets.collect()),
            walk: bind("walk", vec![walk_set]),
            reduce: bind(
                "reduce",
                vec![
                    vec![(0, &call), (1, odd), (3, even)],
                    vec![(0, &call), (1, even), (3, odd)],
                ],
            ),
            call,
            nodes,
            read,
        };
        let invalid = pollster::block_on(invalid.pop());
        let internal = pollster::block_on(internal.pop());
        match invalid.or(internal) {
            Some(error) => Err(ProverError::Device(format!("the shader: {error}"))),
            None => Ok(pipelines),
        }
    }
}

fn buffer(device: &Device, size: u64, usage: BufferUsages) -> Buffer {
    device.create_buffer(&BufferDescriptor {
        label: None,
        size,
        usage,
        mapped_at_creation: false,
    })
}

fn bind(
    device: &Device,
    module: &ShaderModule,
    entry: &str,
    sets: &[Vec<(u32, &Buffer)>],
) -> Bound {
    let pipeline = device.create_compute_pipeline(&ComputePipelineDescriptor {
        label: Some(entry),
        layout: None,
        module,
        entry_point: Some(entry),
        compilation_options: wgpu::PipelineCompilationOptions::default(),
        cache: None,
    });
    let layout = pipeline.get_bind_group_layout(0);
    let groups = sets.iter().map(|set| {
        let entries: Vec<BindGroupEntry> = set
            .iter()
            .map(|(binding, buffer)| BindGroupEntry {
                binding: *binding,
                resource: buffer.as_entire_binding(),
            })
            .collect();
        device.create_bind_group(&BindGroupDescriptor {
            label: Some(entry),
            layout: &layout,
            entries: &entries,
        })
    });
    Bound {
        groups: groups.collect(),
        pipeline,
    }
}
