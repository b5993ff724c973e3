//! The openings of a challenge, as they are kept until they are proved.

use iog_pow::{pick, verify, Node, Shape, K_OPENINGS};

/// First bytes of the file, and its version.
const MAGIC: &[u8; 16] = b"iog-openings-001";

/// What a walk answers to a challenge. Only checked ones exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Openings {
    pub asked: Asked,
    all: Vec<Vec<u8>>,
}

/// Which walk is asked, and for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    pub seed: [u8; 32],
    pub shape: Shape,
    pub commit: Node,
    pub challenge: [u8; 32],
}

impl Openings {
    /// Of all eight; nothing if the chain would refuse one of them.
    pub fn new(asked: Asked, all: Vec<Vec<u8>>) -> Option<Self> {
        let Asked {
            seed,
            shape,
            commit,
            challenge,
        } = asked;
        if u32::try_from(all.len()) != Ok(K_OPENINGS) {
            return None;
        }
        let right = |(n, opening): (u32, &Vec<u8>)| {
            let pick = pick(&challenge, n, &shape);
            verify(&seed, &shape, &commit, &pick, opening).is_ok()
        };
        (0..).zip(&all).all(right).then_some(Self { asked, all })
    }

    pub fn get(&self, n: u8) -> Option<&Vec<u8>> {
        self.all.get(usize::from(n))
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let Asked {
            seed,
            shape,
            commit,
            challenge,
        } = self.asked;
        let numbers = [shape.rows(), shape.tiles(), shape.waves(), shape.cards()];
        let mut bytes = MAGIC.to_vec();
        bytes.extend(seed);
        bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        bytes.extend(commit);
        bytes.extend(challenge);
        bytes.extend(self.all.iter().flatten());
        bytes
    }

    /// What [`Openings::to_bytes`] made; nothing if it is anything else, or if a byte has changed since.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (magic, rest) = bytes.split_first_chunk::<16>()?;
        let (seed, rest) = rest.split_first_chunk::<32>()?;
        let (numbers, rest) = rest.split_first_chunk::<16>()?;
        let (commit, rest) = rest.split_first_chunk::<16>()?;
        let (challenge, rest) = rest.split_first_chunk::<32>()?;
        let (numbers, _) = numbers.as_chunks::<4>();
        let [rows, tiles, waves, cards] = numbers else {
            return None;
        };
        let number = |bytes: &[u8; 4]| u32::from_le_bytes(*bytes);
        let shape = Shape::new(number(rows), number(tiles), number(waves), number(cards)).ok()?;
        let asked = Asked {
            seed: *seed,
            shape,
            commit: *commit,
            challenge: *challenge,
        };
        let all = rest.chunks(shape.opening_len()).map(<[u8]>::to_vec);
        (magic == MAGIC).then(|| Self::new(asked, all.collect()))?
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use iog_pow::CpuProver;

    #[test]
    fn a_changed_byte_is_noticed() {
        let (seed, challenge) = ([3; 32], [4; 32]);
        let shape = Shape::TEST.with_cards(2).unwrap();
        let mut prover = CpuProver::new(seed, shape, 1);
        let commit = prover.commit().unwrap();
        let picks = (0..K_OPENINGS).map(|n| pick(&challenge, n, &shape));
        let all: Vec<Vec<u8>> = picks.map(|pick| prover.open(&pick).unwrap()).collect();
        let asked = Asked {
            seed,
            shape,
            commit,
            challenge,
        };
        let openings = Openings::new(asked, all.clone()).unwrap();
        assert_eq!(openings.get(7), all.get(7));
        assert_eq!(openings.get(8), None);
        let bytes = openings.to_bytes();
        assert_eq!(Openings::from_bytes(&bytes), Some(openings));
        for at in (0..bytes.len()).step_by(97) {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert_eq!(Openings::from_bytes(&changed), None, "{at}");
        }
        assert_eq!(Openings::from_bytes(&bytes[..bytes.len() - 1]), None);
        assert_eq!(Openings::from_bytes(&[bytes, vec![0]].concat()), None);
        assert_eq!(Openings::new(asked, all[..7].to_vec()), None);
    }
}
