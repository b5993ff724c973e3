use super::*;

/// The text of the kernels for one architecture.
fn ptx(target: Target) -> String {
    compile(target)
        .unwrap_or_else(|error| panic!("{target:?}: {error}"))
        .to_src()
}

#[test]
fn nvrtc_compiles_the_kernels_for_every_architecture() {
    for target in Target::ALL {
        let text = ptx(target);
        for kernel in [
            "fill",
            "load_state",
            "walk",
            "reduce",
            "finish",
            "scan",
            "gather",
        ] {
            let entry = format!(".visible .entry {kernel}(");
            assert!(text.contains(&entry), "{target:?}: {kernel}");
        }
        assert!(text.contains(&format!(".target sm_{}", target.architecture)));
        let used = |instruction: &str| text.contains(instruction);
        let instructions = [
            used("dp4a.u32.u32"),
            used("mma.sync.aligned.m8n8k16.row.col.s32.u8.u8.s32"),
            used("mma.sync.aligned.m16n8k32.row.col.s32.u8.u8.s32"),
        ];
        let mut expected = [false; 3];
        expected[target.math as usize] = true;
        assert_eq!(instructions, expected, "{target:?}");
    }
}

#[test]
fn the_kernels_stay_within_the_shared_memory_that_every_card_gives() {
    for target in Target::ALL {
        // Declared as `.shared .align 16 .b8 name[bytes];`
        let text = ptx(target);
        let declared = text
            .lines()
            .filter(|line| line.trim_start().starts_with(".shared"));
        let sizes = declared.map(|line| {
            let size = line
                .split('[')
                .nth(1)
                .and_then(|rest| rest.split(']').next());
            size.unwrap().parse::<u32>().unwrap()
        });
        let bytes: u32 = sizes.sum();
        assert!((8_000..=48 << 10).contains(&bytes), "{target:?}: {bytes}");
    }
}

/// What ptxas says of each kernel, compiled for a card instead of an architecture.
#[allow(unsafe_code)]
fn ptxas(target: Target) -> String {
    use cudarc::nvrtc::result;
    compile(target).unwrap();
    let source = std::ffi::CString::new(SOURCE).unwrap();
    let program = result::create_program(&source, None).unwrap();
    let options = [
        format!("--gpu-architecture=sm_{}", target.architecture),
        format!("-DIOG_MATH={}", target.math as u32),
        "--std=c++17".into(),
        "--ptxas-options=-v".into(),
    ];
    // SAFETY: the program was made above, is destroyed below, and its source outlives it.
    let log = unsafe {
        result::compile_program(program, &options).unwrap();
        let log = result::get_program_log(program).unwrap();
        result::destroy_program(program).unwrap();
        log
    };
    let bytes = log.iter().map(|byte| byte.to_ne_bytes()[0]);
    String::from_utf8_lossy(&bytes.collect::<Vec<_>>()).into_owned()
}

/// A kernel that spills reads and writes memory for nothing, and nobody would see it but for the time.
#[test]
fn no_kernel_spills_its_registers() {
    for target in Target::ALL {
        let said = ptxas(target);
        let spills = said.matches("bytes spill stores").count();
        assert_eq!(spills, 7, "{target:?}: {said}");
        assert_eq!(
            said.matches(" 0 bytes spill stores, 0 bytes spill loads")
                .count(),
            7,
            "{target:?}: {said}"
        );
    }
}
