//! What a quote and an order ask for alike.

use crate::{
    args,
    context::Context,
    error::{CliError, Result},
    market::{currency::Payment, offer::Offer, owners, parts::Shape, quote::Wanted},
};
use clap::{Args, ValueEnum};
use iog_client::market::types::{OrderArgs, PartArgs};
use iog_math::matching::{Defaults, Kind};
use solana_pubkey::Pubkey;

/// An order takes its countries in eight places.
const MAX_COUNTRIES: usize = 8;

/// What the GPUs are for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Work {
    /// Anything: no tier, no reputation
    #[default]
    General,
    /// Tier 3 (High), reputation 5000
    Train,
    /// Tier 2 (Medium), reputation 6000
    Inference,
}

#[derive(Args, Debug)]
pub struct Booking {
    #[command(flatten)]
    pub shape: Shape,
    /// Hours, 1 to 87600; 672 at most where they are paid in IO
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=87_600))]
    pub hours: u32,
    #[command(flatten)]
    pub payment: Payment,
    /// Kind of work, which says what is asked of the devices where nothing else does
    #[arg(long, value_enum, default_value_t)]
    pub kind: Work,
    /// Least connectivity tier of the devices, 0 to 4 [default: the kind's]; every device has 1
    #[arg(long, value_parser = clap::value_parser!(u8).range(0..=4))]
    min_tier: Option<u8>,
    /// Countries that the devices may stand in, up to 8 [default: all]
    #[arg(long, value_name = "CC", num_args = 1.., value_delimiter = ',', value_parser = args::country)]
    country: Vec<[u8; 2]>,
    /// Only devices of this owner, those that replace others too: one supplier for the whole order
    #[arg(long, value_name = "PUBKEY", value_parser = args::pubkey)]
    pub owner: Option<Pubkey>,
    /// The same with the owner that can fill the order at once, and costs the least
    #[arg(long, conflicts_with = "owner")]
    pub one_owner: bool,
    /// Pyth price account of IO/USD [default: the network's, else the newest found]
    #[arg(long, value_name = "PUBKEY", value_parser = args::pubkey)]
    pub price_account: Option<Pubkey>,
}

impl Work {
    fn kind(self) -> Kind {
        match self {
            Self::General => Kind::General,
            Self::Train => Kind::Train,
            Self::Inference => Kind::Inference,
        }
    }

    pub fn number(self) -> u8 {
        self.kind() as u8
    }

    pub fn defaults(self) -> Defaults {
        self.kind().defaults()
    }

    /// The kind of an order that exists.
    pub fn name(number: u8) -> &'static str {
        match Kind::try_from(number) {
            Ok(Kind::General) => "general",
            Ok(Kind::Train) => "train",
            Ok(Kind::Inference) => "inference",
            Err(_) => "unknown",
        }
    }
}

impl Booking {
    pub fn min_tier(&self) -> u8 {
        self.min_tier.unwrap_or(self.kind.defaults().min_tier)
    }

    /// What an order of it asks for, without keys, job and limit.
    pub fn args(&self, parts: [PartArgs; 4]) -> Result<OrderArgs> {
        let none = Pubkey::default();
        Ok(OrderArgs {
            id: 0,
            parts,
            hours: self.hours,
            max_total: 0,
            kind: self.kind.number(),
            min_tier: self.min_tier(),
            min_reputation_bps: self.kind.defaults().min_reputation_bps,
            secure_only: false,
            countries: self.countries()?,
            engineer_key: none,
            receipt_key: none,
            owner: self.owner.unwrap_or(none),
            platform: 0,
            image_hash: [0; 32],
            command_hash: [0; 32],
        })
    }

    /// Names the owner that is to serve it, where one is wanted and none is named.
    pub async fn choose_owner(
        &self,
        context: &Context,
        offer: &Offer,
        args: &mut OrderArgs,
    ) -> Result<()> {
        if self.one_owner {
            args.owner = owners::pick(context, offer, args).await?;
        }
        Ok(())
    }

    pub fn wanted(&self) -> Wanted<'_> {
        Wanted {
            hours: self.hours,
            min_tier: self.min_tier(),
            countries: &self.country,
        }
    }

    pub fn countries(&self) -> Result<[[u8; 2]; MAX_COUNTRIES]> {
        padded(&self.country, "--country takes at most 8 countries")
    }
}

fn padded<T: Copy + Default, const N: usize>(given: &[T], refusal: &str) -> Result<[T; N]> {
    let mut places = [T::default(); N];
    places
        .get_mut(..given.len())
        .ok_or_else(|| CliError::usage(refusal))?
        .copy_from_slice(given);
    Ok(places)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_states_the_kinds_defaults() {
        let asked = |work: Work| {
            let Defaults {
                min_tier,
                min_reputation_bps,
            } = work.defaults();
            (work.number(), min_tier, min_reputation_bps)
        };
        assert_eq!(asked(Work::General), (0, 0, 0));
        assert_eq!(asked(Work::Train), (1, 3, 5_000));
        assert_eq!(asked(Work::Inference), (2, 2, 6_000));
        assert_eq!(Work::name(1), "train");
    }

    #[test]
    fn lists_have_their_length() {
        let padded = |list: &[u16]| padded::<u16, 4>(list, "too many");
        assert_eq!(padded(&[3, 1]).unwrap(), [3, 1, 0, 0]);
        assert_eq!(padded(&[1, 2, 3, 4, 5]).unwrap_err().exit_code(), 2);
    }
}
