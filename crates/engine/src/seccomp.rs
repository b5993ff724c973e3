//! System calls that no job needs and that have led out of sandboxes before: it has no rights to most of them anyway, this keeps it from
//! trying. The list follows Docker's default profile.

use crate::error::EngineError;
use seccompiler::{
    sock_filter, BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition,
    SeccompFilter, SeccompRule,
};
use std::collections::BTreeMap;

#[cfg(target_arch = "x86_64")]
const FORBIDDEN: &[i64] = &[
    101, // ptrace
    103, // syslog
    134, 136, 139, // uselib, ustat, sysfs
    153, 154, // vhangup, modify_ldt
    155, 159, 161, 163, 164, 165, 166, 167, 168,
    169, // pivot_root, adjtimex, chroot, acct, settimeofday, mount, umount2, swapon, swapoff, reboot
    172, 173, // iopl, ioperm
    174, 175, 176, 177, 178, 179, 180, // modules, quotactl, nfsservctl
    212, 227, 246, // lookup_dcookie, clock_settime, kexec_load
    248, 249, 250, // keys
    256, 272, 279, // migrate_pages, unshare, move_pages
    298, 300, 303, 304, 305,
    308, // perf_event_open, fanotify_init, name_to_handle_at, open_by_handle_at, clock_adjtime, setns
    312, 313, 320, 321, 323, // kcmp, finit_module, kexec_file_load, bpf, userfaultfd
    425, 426, 427, // io_uring
    428, 429, 430, 431, 432, 433, // open_tree, move_mount, fsopen, fsconfig, fsmount, fspick
    442, 443, // mount_setattr, quotactl_fd
];
#[cfg(target_arch = "x86_64")]
const CLONE: (i64, i64, i64, i64) = (56, 435, 41, 16);

#[cfg(target_arch = "aarch64")]
const FORBIDDEN: &[i64] = &[
    117, 116, 58, 41, 171, 51, 89, 170, 40, 39, 224, 225, 142, 105, 106, 60, 42, 18, 112, 104, 217,
    218, 219, 238, 97, 239, 241, 262, 264, 265, 266, 268, 272, 273, 294, 280, 282, 425, 426, 427,
    428, 429, 430, 431, 432, 433, 442, 443,
];
#[cfg(target_arch = "aarch64")]
const CLONE: (i64, i64, i64, i64) = (220, 435, 198, 29);

/// Flags of `clone` that make namespaces.
const NEW_NAMESPACES: u64 = 0x7e02_0000;
/// Not by network namespaces: reaches the hypervisor.
const AF_VSOCK: u64 = 40;
const AF_PACKET: u64 = 17;
/// Types into another's terminal.
const TIOCSTI: u64 = 0x5412;
const TIOCLINUX: u64 = 0x541c;
const EPERM: u32 = 1;
const ENOSYS: u32 = 38;

/// The filter as the kernel wants it.
pub fn program() -> Result<BpfProgram, EngineError> {
    let failed = |error: String| EngineError::Host {
        what: "engine",
        detail: format!("the filter of system calls: {error}"),
    };
    let (clone, clone3, socket, ioctl) = CLONE;
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = FORBIDDEN
        .iter()
        .map(|number| (*number, Vec::new()))
        .collect();
    let when = |index: u8, op: SeccompCmpOp, value: u64| {
        let condition = SeccompCondition::new(index, SeccompCmpArgLen::Dword, op, value);
        condition
            .and_then(|condition| SeccompRule::new(vec![condition]))
            .map_err(|error| failed(error.to_string()))
    };
    // `MaskedEq` wants all bits of the mask, so each is a rule of its own.
    let flags = (0..32)
        .map(|bit| 1_u64 << bit)
        .filter(|flag| NEW_NAMESPACES & flag != 0);
    let flags = flags
        .map(|flag| when(0, SeccompCmpOp::MaskedEq(flag), flag))
        .collect::<Result<_, _>>()?;
    rules.insert(clone, flags);
    let family = |family| when(0, SeccompCmpOp::Eq, family);
    rules.insert(socket, vec![family(AF_VSOCK)?, family(AF_PACKET)?]);
    let request = |request| when(1, SeccompCmpOp::Eq, request);
    rules.insert(ioctl, vec![request(TIOCSTI)?, request(TIOCLINUX)?]);
    let compile = |rules, action| -> Result<BpfProgram, EngineError> {
        let target = std::env::consts::ARCH
            .try_into()
            .map_err(|error| failed(format!("{error}")))?;
        let filter = SeccompFilter::new(
            rules,
            SeccompAction::Allow,
            SeccompAction::Errno(action),
            target,
        );
        let filter = filter.map_err(|error| failed(error.to_string()))?;
        filter
            .try_into()
            .map_err(|error: seccompiler::BackendError| failed(error.to_string()))
    };
    let mut program = head(clone3);
    program.extend(compile(rules, EPERM)?);
    Ok(program)
}

/// Before the list: `clone3` hides its flags from filters, so that programs must take `clone`; and on x86-64 the numbers of the x32 ABI,
/// under which all calls exist a second time.
fn head(clone3: i64) -> Vec<sock_filter> {
    const LOAD_WORD: u16 = 0x20;
    const JUMP_EQUAL: u16 = 0x15;
    const JUMP_AT_LEAST: u16 = 0x35;
    const RETURN: u16 = 0x06;
    const X32: u32 = 0x4000_0000;
    let op = |code, jt, jf, k| sock_filter { code, jt, jf, k };
    let refuse = op(RETURN, 0, 0, 0x0005_0000 | ENOSYS);
    vec![
        op(LOAD_WORD, 0, 0, 0),
        op(JUMP_EQUAL, 1, 0, u32::try_from(clone3).unwrap_or(u32::MAX)),
        op(JUMP_AT_LEAST, 0, 1, X32),
        refuse,
    ]
}

/// The filter as `bwrap --seccomp` reads it.
pub fn bytes() -> Result<Vec<u8>, EngineError> {
    let program = program()?;
    let ops = program.iter().flat_map(|op| {
        let [a, b] = op.code.to_ne_bytes();
        let [c, d, e, f] = op.k.to_ne_bytes();
        [a, b, op.jt, op.jf, c, d, e, f]
    });
    Ok(ops.collect())
}

/// Puts the filter on this process.
pub fn apply() -> Result<(), EngineError> {
    seccompiler::apply_filter(&program()?).map_err(|error| EngineError::Host {
        what: "engine",
        detail: format!("the filter of system calls: {error}"),
    })
}
