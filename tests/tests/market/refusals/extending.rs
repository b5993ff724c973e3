//! Refusals of extensions.

use iog_client::market::MarketError as E;
use iog_client::pda;
use iog_tests::world::{class_args, order_args, Currency, PubkeyOf, CLASS_COMMUNITY, CLASS_TEST};
use iog_tests::{refusal, Case};

use super::stage;

/// An hour of a dollar in IO with its fee.
const TOTAL: u64 = 401_803_609;

pub fn cases() -> Vec<Case> {
    vec![
        refusal("extended by no hour", E::InvalidHours, |world| {
            let (supplier, renter) = stage(world);
            let order = world.running(&renter, 1, 1, &[&supplier]);
            let extend = world.extend_ix(&order, 0, u64::MAX).instruction();
            world.send(&[extend], &[&renter.wallet])
        }),
        refusal("extended beyond ten years", E::InvalidHours, |world| {
            let (supplier, renter) = stage(world);
            let order = world.running_in(Currency::Usd, &renter, 1, 1, &[&supplier]);
            let mut class = class_args(CLASS_TEST);
            class.base_price_usd6 = 1;
            world.update_class(class);
            let extend = world.extend_ix(&order, 87_600, u64::MAX).instruction();
            world.send(&[extend], &[&renter.wallet])
        }),
        refusal("extended beyond 672 hours of IO", E::TooLongInIo, |world| {
            let (supplier, renter) = stage(world);
            let order = world.running(&renter, 1, 1, &[&supplier]);
            let extend = world.extend_ix(&order, 672, 400_000_000_000);
            world.send(&[extend.instruction()], &[&renter.wallet])
        }),
        refusal("extended before it is priced", E::StepWaits, |world| {
            let (supplier, renter) = stage(world);
            let mut args = order_args(1, 1, 200);
            args.max_total = 100_000_000_000;
            let order = world.book(&renter, CLASS_TEST, args);
            world.fill(&order, &[&supplier]);
            let extend = world.extend_ix(&order, 1, u64::MAX).instruction();
            world.send(&[extend], &[&renter.wallet])
        }),
        refusal("extended above the limit", E::TotalAboveLimit, |world| {
            let (supplier, renter) = stage(world);
            let order = world.running(&renter, 1, 1, &[&supplier]);
            let extend = world.extend_ix(&order, 1, TOTAL - 1).instruction();
            world.send(&[extend], &[&renter.wallet])
        }),
        refusal("extended before the start", E::OrderNotActive, |world| {
            let (_, renter) = stage(world);
            let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
            let extend = world.extend_ix(&order, 1, u64::MAX).instruction();
            world.send(&[extend], &[&renter.wallet])
        }),
        refusal("extended at its end", E::OrderNotActive, |world| {
            let (supplier, renter) = stage(world);
            let order = world.running(&renter, 1, 1, &[&supplier]);
            world.serve_hour(&[&supplier], 6);
            world.post_price(25_000_000);
            let extend = world.extend_ix(&order, 1, u64::MAX).instruction();
            world.send(&[extend], &[&renter.wallet])
        }),
        refusal("extended by another renter", E::NotRenter, |world| {
            let (supplier, renter) = stage(world);
            let other = world.renter();
            let order = world.running(&renter, 1, 1, &[&supplier]);
            let mut extend = world.extend_ix(&order, 1, u64::MAX);
            extend.renter = other.wallet.pubkey_of();
            extend.renter_token = other.token;
            world.send(&[extend.instruction()], &[&other.wallet])
        }),
        refusal(
            "extended at another class's price",
            E::WrongClass,
            |world| {
                let (supplier, renter) = stage(world);
                let order = world.running(&renter, 1, 1, &[&supplier]);
                let mut extend = world.extend_ix(&order, 1, u64::MAX);
                extend.class = pda::registry::class(CLASS_COMMUNITY);
                extend.book = pda::market::price_book(CLASS_COMMUNITY);
                world.send(&[extend.instruction()], &[&renter.wallet])
            },
        ),
        refusal("a fourth price of an extension", E::TooManyRates, |world| {
            let (supplier, renter) = stage(world);
            let order = world.running_in(Currency::Usd, &renter, 1, 1, &[&supplier]);
            for base_price_usd6 in [1_100_000, 1_200_000, 1_300_000] {
                let mut class = class_args(CLASS_TEST);
                class.base_price_usd6 = base_price_usd6;
                world.update_class(class);
                world.extend(&order, &renter, 1);
            }
            world.extend(&order, &renter, 1);
            world.update_class(class_args(CLASS_TEST));
            let extend = world.extend_ix(&order, 1, u64::MAX).instruction();
            world.send(&[extend], &[&renter.wallet])
        }),
    ]
}
