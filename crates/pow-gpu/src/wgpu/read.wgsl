// Reading the table and nothing else: what the walk's speed is compared with.

var<workgroup> saw_all: atomic<u32>;

// Adds what the workgroup's threads saw.
fn tell(t: u32, saw: vec4<u32>) {
    if (t == 0u) {
        atomicStore(&saw_all, 0u);
    }
    workgroupBarrier();
    atomicXor(&saw_all, saw.x ^ saw.y ^ saw.z ^ saw.w);
    workgroupBarrier();
    if (t == 0u) {
        atomicXor(&seen, atomicLoad(&saw_all));
    }
}

// Reads `count` vec4s of a shard, one after another.
@compute @workgroup_size(64)
fn scan(@builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) grid: vec3<u32>, @builtin(local_invocation_index) t: u32) {
    var saw = vec4(0u);
    for (var i = id.x * 64u + t; i < call.count; i += grid.x * 64u) {
        saw ^= shard[i];
    }
    tell(t, saw);
}

// Reads `count` panels anywhere in the table, a workgroup a panel.
@compute @workgroup_size(64)
fn gather(@builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) grid: vec3<u32>, @builtin(local_invocation_index) t: u32) {
    var saw = vec4(0u);
    for (var n = id.x; n < call.count; n += grid.x) {
        let panel = gathered(call.first + n);
        for (var i = t; i < 1024u; i += 64u) {
            saw ^= load(panel, i);
        }
    }
    tell(t, saw);
}

// As in kernels.rs.
fn gathered(number: u32) -> u32 {
    var x = number;
    x = (x ^ (x >> 16u)) * 0x7feb352du;
    x = (x ^ (x >> 15u)) * 0x846ca68bu;
    x ^= x >> 16u;
    return multiply_high(x, PANELS);
}
