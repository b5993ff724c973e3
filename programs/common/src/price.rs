//! The refusals of a price as errors of a program.

/// Instantiates the errors of [`pyth::Refusal`](crate::pyth::Refusal): the same codes in every program of the suite.
#[macro_export]
macro_rules! price_errors {
    () => {
        /// Refusals of a price: the same codes in every program of the suite.
        #[error_code(offset = 6950)]
        pub enum PriceError {
            #[msg("The price account is not a Pyth price update of the receiver that is set")]
            PriceNotPyth,
            #[msg("The price account is not the one that is set")]
            PriceWrongAccount,
            #[msg("The price account is of another feed")]
            PriceWrongFeed,
            #[msg("The price update is not fully verified")]
            PriceNotVerified,
            #[msg("The price is too old: post a fresh one and try again")]
            PriceStale,
            #[msg("The price is from the future")]
            PriceFromTheFuture,
            #[msg("The price is not positive")]
            PriceNotPositive,
            #[msg("The price is too uncertain: its confidence is above 2 percent")]
            PriceUncertain,
            #[msg(
                "The price is more than 20 percent off its average: try again when it has settled"
            )]
            PriceDeviates,
            #[msg("The price's exponent is out of range")]
            PriceExponent,
        }

        impl From<$crate::pyth::Refusal> for PriceError {
            fn from(refusal: $crate::pyth::Refusal) -> Self {
                use $crate::pyth::Refusal;
                match refusal {
                    Refusal::NotPyth => Self::PriceNotPyth,
                    Refusal::WrongAccount => Self::PriceWrongAccount,
                    Refusal::WrongFeed => Self::PriceWrongFeed,
                    Refusal::NotFullyVerified => Self::PriceNotVerified,
                    Refusal::Stale => Self::PriceStale,
                    Refusal::FromTheFuture => Self::PriceFromTheFuture,
                    Refusal::NotPositive => Self::PriceNotPositive,
                    Refusal::Uncertain => Self::PriceUncertain,
                    Refusal::Deviates => Self::PriceDeviates,
                    Refusal::ExponentOutOfRange => Self::PriceExponent,
                }
            }
        }
    };
}
