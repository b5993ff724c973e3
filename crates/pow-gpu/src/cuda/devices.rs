//! Which cards there are, and making one ready.

use super::{
    card::{failed, Card},
    nvrtc, Target,
};
use crate::cards::CardInfo;
use cudarc::driver::{
    result::{self, device},
    sys, CudaContext, DriverError,
};
use iog_pow::ProverError;

/// The cards that the driver shows, in its order.
pub(crate) fn cards() -> Result<Vec<CardInfo>, ProverError> {
    driver()?;
    result::init().map_err(none_at_all)?;
    let count = device::get_count().map_err(failed)?;
    (0..count)
        .map(|number| info(number).map_err(failed))
        .collect()
}

/// A driver without a card refuses to begin.
fn none_at_all(error: DriverError) -> ProverError {
    match error {
        DriverError(sys::CUresult::CUDA_ERROR_NO_DEVICE) => ProverError::Unavailable(
            "NVIDIA's driver sees no card; `nvidia-smi -L` lists them".into(),
        ),
        other => failed(other),
    }
}

fn info(number: i32) -> Result<CardInfo, DriverError> {
    use sys::CUdevice_attribute as Attribute;
    let card = device::get(number)?;
    // SAFETY: the device was asked for a line above.
    #[allow(unsafe_code)]
    let attribute = |which| unsafe { device::get_attribute(card, which) };
    #[allow(unsafe_code)]
    // SAFETY: as above.
    let memory = unsafe { device::total_mem(card) }?;
    let domain = attribute(Attribute::CU_DEVICE_ATTRIBUTE_PCI_DOMAIN_ID)?;
    let bus = attribute(Attribute::CU_DEVICE_ATTRIBUTE_PCI_BUS_ID)?;
    let slot = attribute(Attribute::CU_DEVICE_ATTRIBUTE_PCI_DEVICE_ID)?;
    Ok(CardInfo {
        number: usize::try_from(number).unwrap_or(usize::MAX),
        uuid: Some(uuid(&device::get_uuid(card)?)),
        bus: Some(format!("{domain:04x}:{bus:02x}:{slot:02x}.0")),
        name: device::get_name(card)?,
        memory_bytes: u64::try_from(memory).ok(),
        driver: version()?,
    })
}

/// As `nvidia-smi -L` prints it: sixteen bytes in groups of 4, 2, 2, 2 and 6.
fn uuid(id: &sys::CUuuid) -> String {
    let mut text = String::from("GPU");
    for (number, byte) in id.bytes.iter().enumerate() {
        if matches!(number, 0 | 4 | 6 | 8 | 10) {
            text.push('-');
        }
        let [byte] = byte.to_ne_bytes();
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

/// The newest CUDA that the driver runs.
fn version() -> Result<String, DriverError> {
    let mut version = 0_i32;
    // SAFETY: it writes an int.
    #[allow(unsafe_code)]
    unsafe { sys::cuDriverGetVersion(&mut version) }.result()?;
    let major = version.checked_div(1000).unwrap_or(0);
    let minor = version
        .checked_rem(1000)
        .and_then(|rest| rest.checked_div(10));
    Ok(format!("CUDA {major}.{}", minor.unwrap_or(0)))
}

/// The bindings end the process where the driver is missing, so it is asked for first.
fn driver() -> Result<(), ProverError> {
    #[allow(unsafe_code)]
    // SAFETY: it loads the driver by its names.
    let present = unsafe { sys::is_culib_present() };
    if present {
        return Ok(());
    }
    Err(ProverError::Unavailable(
        "NVIDIA's driver (libcuda.so.1) is not installed; install it, or choose another backend"
            .into(),
    ))
}

/// The card of this number, with the kernels that suit it.
pub(crate) fn open(number: usize) -> Result<Card, ProverError> {
    driver()?;
    let context = CudaContext::new(number).map_err(|error| {
        let seen = CudaContext::device_count().unwrap_or(0);
        ProverError::Unavailable(format!(
            "CUDA device {number} of {seen}: {error}; `nvidia-smi -L` lists the devices"
        ))
    })?;
    let capability = context.compute_capability().map_err(failed)?;
    let target = Target::for_card(capability).ok_or_else(|| {
        let (major, minor) = capability;
        ProverError::Unavailable(format!(
            "the card's compute capability is {major}.{minor}; the kernels need 6.1"
        ))
    })?;
    let module = context
        .load_module(nvrtc::kernels(target)?)
        .map_err(|error| {
            ProverError::Device(format!(
                "loading the kernels: {error}; NVRTC must not be newer than the driver"
            ))
        })?;
    Card::new(context.default_stream(), &module)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_is_printed_as_nvidia_smi_does() {
        let bytes = [
            0x2d, 0x4a, 0x9b, 0x31, 0, 1, 2, 3, 0xf0, 0xff, 4, 5, 6, 7, 8, 9,
        ];
        let id = sys::CUuuid {
            bytes: bytes.map(|byte: u8| std::ffi::c_char::from_ne_bytes([byte])),
        };
        assert_eq!(uuid(&id), "GPU-2d4a9b31-0001-0203-f0ff-040506070809");
    }
}
