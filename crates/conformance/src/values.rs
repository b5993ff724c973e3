//! Operands from bytes, results to bytes.

/// Reads little-endian numbers; starts over at the end, so that any input feeds any case.
pub struct Operands<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Operands<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    #[inline(never)]
    pub fn u8(&mut self) -> u8 {
        let byte = self.bytes.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        if self.at >= self.bytes.len() {
            self.at = 0;
        }
        byte
    }

    pub fn u16(&mut self) -> u16 {
        u16::from_le_bytes([self.u8(), self.u8()])
    }

    pub fn u32(&mut self) -> u32 {
        u32::from(self.u16()) | u32::from(self.u16()) << 16
    }

    #[inline(never)]
    pub fn u64(&mut self) -> u64 {
        u64::from(self.u32()) | u64::from(self.u32()) << 32
    }

    #[inline(never)]
    pub fn u128(&mut self) -> u128 {
        u128::from(self.u64()) | u128::from(self.u64()) << 64
    }

    /// A number below `limit`, which is not zero.
    pub fn below(&mut self, limit: usize) -> usize {
        usize::from(self.u16()) % limit
    }
}

#[derive(Default)]
pub struct Results {
    bytes: Vec<u8>,
}

impl Results {
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    pub fn u64(&mut self, value: u64) {
        self.bytes(&value.to_le_bytes());
    }

    pub fn i64(&mut self, value: i64) {
        self.bytes(&value.to_le_bytes());
    }

    pub fn u128(&mut self, value: u128) {
        self.bytes(&value.to_le_bytes());
    }

    pub fn i128(&mut self, value: i128) {
        self.bytes(&value.to_le_bytes());
    }

    /// An option as a flag and a value.
    pub fn option(&mut self, value: Option<u128>) {
        self.bytes(&[u8::from(value.is_some())]);
        self.u128(value.unwrap_or_default());
    }

    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// A fold of bytes (Fowler, Noll and Vo, FNV-1a), for results that do not fit into return data.
#[inline(never)]
pub fn fold(bytes: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, step)
}
