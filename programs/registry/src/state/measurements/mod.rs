//! What the measurers found of one device's connection, and the tier that follows.

use super::{Config, Device};
use crate::{
    constants::{MAX_SPEED_TEST_AGE_SECS, MEASUREMENT_SECS, MEASURERS},
    RegistryError,
};
use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};
use iog_math::score;

/// A measurer's newest speed test of the device.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Pod, Zeroable, IdlType)]
#[repr(C)]
pub struct Measurement {
    /// Unix seconds; 0 for none.
    pub measured_ts: i64,
    /// MB/s.
    pub download_mbps: u32,
    pub upload_mbps: u32,
}

/// The speed tests of one device, one for each measurer, by its place in the config.
#[account]
pub struct Measurements {
    pub device: Address,
    pub entries: [Measurement; MEASURERS],
    pub version: u8,
    pub bump: u8,
    pub reserved: [u8; 62],
}

/// A measurement of a device's connection.
#[derive(Clone, Copy, AnchorSerialize, AnchorDeserialize, IdlType)]
pub struct SpeedTest {
    /// MB/s.
    pub download_mbps: u32,
    pub upload_mbps: u32,
    /// Unix seconds.
    pub measured_ts: i64,
    /// SHA-256 of the report, which the measurer keeps.
    pub report_hash: [u8; 32],
}

impl Measurements {
    /// Takes over a speed test in place `index`: fresh, and newer than the measurer's last, so that none counts twice.
    pub fn take(&mut self, index: usize, test: &SpeedTest, now: i64) -> Result<()> {
        let entry = self
            .entries
            .get_mut(index)
            .ok_or(RegistryError::MathOverflow)?;
        require!(test.measured_ts <= now, RegistryError::SpeedTestInFuture);
        require!(
            now.saturating_sub(test.measured_ts) <= MAX_SPEED_TEST_AGE_SECS,
            RegistryError::SpeedTestTooOld
        );
        require!(
            test.measured_ts > entry.measured_ts,
            RegistryError::SpeedTestReplayed
        );
        *entry = Measurement {
            measured_ts: test.measured_ts,
            download_mbps: test.download_mbps,
            upload_mbps: test.upload_mbps,
        };
        Ok(())
    }

    /// The measurements that count: at most 30 days old, by who is named and measured already when it made them.
    fn fresh<'a>(
        &'a self,
        config: &'a Config,
        now: i64,
    ) -> impl Iterator<Item = &'a Measurement> + 'a {
        self.entries
            .iter()
            .zip(&config.measurers)
            .filter(move |(entry, measurer)| {
                entry.measured_ts > 0
                    && now.saturating_sub(entry.measured_ts) <= MEASUREMENT_SECS
                    && measurer.measures_at(entry.measured_ts)
            })
            .map(|(entry, _)| entry)
    }

    /// Gives `device` the tier of the medians of download and upload over all that is fresh; with fewer than a quorum the
    /// last tier stands. Fewer than half of the fresh move nothing beyond what an honest one found. Returns how many are fresh.
    pub fn give_tier(&self, device: &mut Device, config: &Config, now: i64) -> Result<u8> {
        let (mut downloads, mut uploads) = ([0u32; MEASURERS], [0u32; MEASURERS]);
        let mut times = [0i64; MEASURERS];
        let mut count = 0usize;
        let places = downloads.iter_mut().zip(&mut uploads).zip(&mut times);
        for (entry, ((download, upload), time)) in self.fresh(config, now).zip(places) {
            *download = entry.download_mbps;
            *upload = entry.upload_mbps;
            *time = entry.measured_ts;
            count = count.saturating_add(1);
        }
        let quorum =
            usize::try_from(config.quorum.value).map_err(|_| RegistryError::MathOverflow)?;
        if count >= quorum {
            let medians = downloads
                .get_mut(..count)
                .and_then(score::lower_median)
                .zip(uploads.get_mut(..count).and_then(score::lower_median));
            // The tier is as old as the measurement that made the quorum: asking anew does not make it younger.
            times.sort_unstable_by(|a, b| b.cmp(a));
            let given_ts = quorum.checked_sub(1).and_then(|last| times.get(last));
            let ((download_mbps, upload_mbps), given_ts) =
                medians.zip(given_ts).ok_or(RegistryError::MathOverflow)?;
            device.tier = score::tier(download_mbps, upload_mbps).max(1);
            device.tier_ts = *given_ts;
        }
        u8::try_from(count).map_err(|_| RegistryError::MathOverflow.into())
    }
}

#[cfg(test)]
mod tests;
