//! Slices and the standard library's collections.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use crate::values::fold;
use crate::{Operands, Results};

#[inline(never)]
pub fn slices(operands: &mut Operands, results: &mut Results) {
    let length = operands.below(60) + 1;
    let mut words: Vec<u64> = (0..length).map(|_| operands.u64() >> 20).collect();
    let pivot = words[operands.below(length)];
    words.sort_unstable();
    results.u64(words.binary_search(&pivot).unwrap_or(99) as u64);
    results.u64(words.partition_point(|word| *word < pivot) as u64);
    words.sort_unstable_by_key(|word| (word.count_ones(), *word));
    words.rotate_left(operands.below(length));
    words.dedup_by_key(|word| *word % 17);
    results.u64(words.len() as u64);
    for chunk in words.chunks(7).take(8) {
        results.u64(chunk.iter().fold(1, |sum, word| sum ^ word.rotate_left(3)));
    }
    let steps: u64 = words.windows(2).map(|pair| pair[0].abs_diff(pair[1])).sum();
    results.u64(steps);
    let pairs: Vec<(usize, u64)> = words.iter().copied().enumerate().step_by(3).collect();
    let best = pairs
        .iter()
        .max_by_key(|(index, word)| (*word % 101, *index));
    results.u64(best.map_or(0, |(index, word)| *word ^ *index as u64));
    let (even, odd): (Vec<u64>, Vec<u64>) = words.iter().partition(|word| **word % 2 == 0);
    results.u64((even.len() * 1000 + odd.len()) as u64);
}

#[inline(never)]
pub fn maps(operands: &mut Operands, results: &mut Results) {
    let mut map = BTreeMap::new();
    let mut set = BTreeSet::new();
    let mut lookup = HashMap::new();
    let mut queue = VecDeque::new();
    for index in 0..40u32 {
        let key = operands.u8() % 64;
        match operands.u8() % 4 {
            0 => drop(map.remove(&key)),
            1 => *map.entry(key).or_insert(0) += index,
            _ => drop(map.insert(key, index)),
        }
        set.insert((key % 8, index % 3));
        lookup.insert(key, index);
        queue.push_back(key);
        if queue.len() > 10 {
            queue.pop_front();
        }
    }
    let low = operands.u8() % 32;
    let range: u32 = map.range(low..low + 20).map(|(_, value)| *value).sum();
    results.u64(u64::from(range));
    for (key, value) in map.iter().take(10) {
        results.bytes(&[*key, *value as u8]);
    }
    results.u64(set.iter().fold(0, |sum, (a, b)| {
        sum * 31 % 65_521 + u64::from(a * 3) + u64::from(*b)
    }));
    let found = (0..64u8).filter_map(|key| lookup.get(&key)).sum::<u32>();
    results.u64(u64::from(found));
    results.u64(fold(&queue.into_iter().collect::<Vec<u8>>()));
}
