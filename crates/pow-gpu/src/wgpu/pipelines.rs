//! The shader's entry points with what they are bound to.

use super::{
    buffers::{buffer, Buffers},
    plan::Plan,
    shader,
};
use crate::shards::Shards;
use iog_pow::ProverError;
use wgpu::{
    BindGroup, BindGroupDescriptor, BindGroupEntry, Buffer, BufferUsages, ComputePipeline,
    ComputePipelineDescriptor, Device, ErrorFilter, PipelineCompilationOptions, ShaderModule,
    ShaderModuleDescriptor, ShaderSource,
};

/// An entry point, and one set of buffers or several that it may be launched with.
pub(super) struct Bound {
    pub(super) pipeline: ComputePipeline,
    pub(super) sets: Vec<BindGroup>,
}

/// Everything that can be launched.
pub(super) struct Pipelines {
    /// A set for each shard.
    pub(super) fill: Bound,
    pub(super) scan: Bound,
    pub(super) walk: Bound,
    pub(super) reduce: Bound,
    pub(super) join: Bound,
    pub(super) gather: Bound,
}

/// Bindings by their numbers in `hash.wgsl`.
type Set<'a> = Vec<(u32, &'a Buffer)>;

impl Pipelines {
    /// Allocates and compiles.
    pub(super) fn new(
        device: &Device,
        shards: &Shards,
        plan: &Plan,
    ) -> Result<(Self, Buffers), ProverError> {
        let memory = device.push_error_scope(ErrorFilter::OutOfMemory);
        let table: Vec<Buffer> = (0..shards.count())
            .map(|shard| buffer(device, shards.bytes(shard), BufferUsages::STORAGE))
            .collect();
        let buffers = Buffers::new(device, plan);
        if pollster::block_on(memory.pop()).is_some() {
            let bytes = (0..shards.count()).map(|shard| shards.bytes(shard)).sum();
            return Err(ProverError::Memory { bytes });
        }

        let internal = device.push_error_scope(ErrorFilter::Internal);
        let invalid = device.push_error_scope(ErrorFilter::Validation);
        let module = device.create_shader_module(ShaderModuleDescriptor {
            label: Some("the walk"),
            source: ShaderSource::Wgsl(shader::text(plan, shards).into()),
        });
        let pipelines = Self::bind(device, &module, plan, &buffers, &table);
        let invalid = pollster::block_on(invalid.pop());
        let internal = pollster::block_on(internal.pop());
        match invalid.or(internal) {
            Some(error) => Err(ProverError::Device(format!("the shader: {error}"))),
            None => Ok((pipelines, buffers)),
        }
    }

    fn bind(
        device: &Device,
        module: &ShaderModule,
        plan: &Plan,
        buffers: &Buffers,
        table: &[Buffer],
    ) -> Self {
        let bind = |entry: &str, sets: &[Set<'_>]| bind(device, module, entry, sets);
        let call = (0, &buffers.call);
        let state = (1, &buffers.state);
        let seen = (6, &buffers.seen);
        let whole = || (shader::TABLE..).zip(table);
        let fills: Vec<Set<'_>> = table.iter().map(|part| vec![call, (5, part)]).collect();
        let scans: Vec<Set<'_>> = fills
            .iter()
            .map(|set| set.iter().copied().chain([seen]).collect())
            .collect();
        let last = if plan.reduces() {
            &buffers.reduced
        } else {
            &buffers.groups
        };
        let walk = [call, state, (2, &buffers.groups)];
        let reduce = vec![state, (2, &buffers.reduced), (3, &buffers.groups)];
        let join = vec![state, (3, last), (4, &buffers.roots)];
        Self {
            fill: bind("fill", &fills),
            scan: bind("scan", &scans),
            walk: bind("walk", &[walk.into_iter().chain(whole()).collect()]),
            reduce: bind("reduce", &[reduce]),
            join: bind("join", &[join]),
            gather: bind(
                "gather",
                &[[call, seen].into_iter().chain(whole()).collect()],
            ),
        }
    }
}

fn bind(device: &Device, module: &ShaderModule, entry: &str, sets: &[Set<'_>]) -> Bound {
    let pipeline = device.create_compute_pipeline(&ComputePipelineDescriptor {
        label: Some(entry),
        layout: None,
        module,
        entry_point: Some(entry),
        compilation_options: PipelineCompilationOptions {
            // Each kernel writes what it reads.
            zero_initialize_workgroup_memory: false,
            ..PipelineCompilationOptions::default()
        },
        cache: None,
    });
    let layout = pipeline.get_bind_group_layout(0);
    let sets = sets.iter().map(|set| {
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
        sets: sets.collect(),
        pipeline,
    }
}
