//! The system calls, and what happens on a panic.

use core::fmt::Write;
use core::panic::PanicInfo;

use solana_define_syscall::definitions::{sol_log_, sol_set_return_data};

pub fn set_return_data(bytes: &[u8]) {
    // The runtime checks that the bytes are the program's own to read.
    unsafe { sol_set_return_data(bytes.as_ptr(), bytes.len() as u64) }
}

/// Text on the stack: the heap may be what failed.
struct Line {
    bytes: [u8; 256],
    length: usize,
}

impl Write for Line {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        for byte in text.bytes() {
            let Some(slot) = self.bytes.get_mut(self.length) else {
                return Err(core::fmt::Error);
            };
            *slot = byte;
            self.length += 1;
        }
        Ok(())
    }
}

#[no_mangle]
extern "C" fn custom_panic(info: &PanicInfo<'_>) {
    let mut line = Line {
        bytes: [0; 256],
        length: 0,
    };
    // A longer message is cut off.
    let _ = write!(line, "panicked: {}", info.message());
    unsafe { sol_log_(line.bytes.as_ptr(), line.length as u64) }
}
