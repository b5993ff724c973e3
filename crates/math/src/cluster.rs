//! Ranks of a cluster. An order's machines have places, the lowest that is free at each match, and what is told of them must not change when
//! one drops out and is replaced.

/// What counts of a part of an order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Machines {
    /// That were booked, and not given back.
    pub gpus: u32,
    /// Of these, matched.
    pub matched: u32,
    /// Exactly so many GPUs on each machine; 0 for any.
    pub per_machine: u32,
}

/// Machines of a running order as it was booked: `places` are those that are taken, a bit each, the lowest first.
///
/// A vacant place counts. Where a part names the GPUs of a machine its vacant GPUs tell how many machines are missing; where any machine will
/// do, one is taken to be missing, or as many as there are free places below a taken one. That is exact unless two of the highest places are
/// vacant at once.
pub fn world_size(places: &[u8], parts: &[Machines]) -> u32 {
    let taken = places
        .iter()
        .map(|byte| byte.count_ones())
        .fold(0, u32::saturating_add);
    let fixed = parts.iter().filter(|part| part.per_machine > 0);
    let fixed = fixed
        .map(|part| machines(vacant(part), part.per_machine))
        .fold(0, u32::saturating_add);
    let any = parts
        .iter()
        .any(|part| part.per_machine == 0 && vacant(part) > 0);
    taken
        .saturating_add(fixed)
        .saturating_add(u32::from(any))
        .max(end(places))
}

/// How many ranks an order may ever need: what the order that joins behind it leaves free. Any machine may be of one GPU.
pub fn rank_span(places: &[u8], parts: &[Machines]) -> u32 {
    let most = parts
        .iter()
        .map(|part| machines(part.gpus, part.per_machine.max(1)))
        .fold(0, u32::saturating_add);
    // Beyond those that are counted a machine has no place, and no rank.
    let counted = u32::try_from(places.len().saturating_mul(8)).unwrap_or(u32::MAX);
    most.min(counted).max(end(places))
}

fn vacant(part: &Machines) -> u32 {
    part.gpus.saturating_sub(part.matched)
}

// floor: GPUs are whole machines
fn machines(gpus: u32, per_machine: u32) -> u32 {
    gpus.checked_div(per_machine).unwrap_or(0)
}

/// One more than the highest place that is taken.
fn end(places: &[u8]) -> u32 {
    let ends = (0u32..).step_by(8).zip(places);
    let taken = ends.filter(|(_, byte)| **byte > 0);
    let ends =
        taken.map(|(first, byte)| first.saturating_add(8).saturating_sub(byte.leading_zeros()));
    ends.max().unwrap_or(0)
}
