//! Weaknesses seen in a rival's code, and findings of a public audit of a settlement program in this field, each as a test of
//! ours. Where another file covers one, its test is named here and not repeated.
//!
//! Weaknesses of the rival:
//! 1. What comes in while nobody takes part is lost, and the first to join divides by zero; large stakes overflow the rate:
//!    `emission`: `works::empty_hours_and_dust_are_carried_to_the_pools_next_hours`,
//!    `outage::the_largest_score_takes_the_largest_amount_whole`, `outage::one_point_of_score_beside_a_million_million`.
//! 2. Withdrawals are computed from the vault's balance: `weaknesses::a_donation_changes_no_amount_on_the_way_out`, and `market`:
//!    `attacks::donations_change_nothing`, `treasury`: `books::io_fees_are_burned_as_booked_whatever_was_donated`.
//! 3. A market that is not the job's own: `market::foreign_books_close_and_pay_nothing`; `market`: `refusals`, `sweep`; `emission`: `refusals`, `sweeps`.
//! 4. One key slashes any amount, at once and without evidence, and settings change in one step: `slashing`: `roles`, `caps`,
//!    `appeals`, `burning::a_case_without_appeal_burns_after_thirty_days`; `governance`: `authority`, `parameters`.
//! 5. A queue that fills up and is searched one by one: `weaknesses::the_four_hundredth_device_costs_what_the_first_did`. A fee of zero
//!    that divides by itself: `weaknesses::an_order_without_any_fee_is_settled_whole`. No events:
//!    `weaknesses::every_movement_of_tokens_is_an_event`.
//! 6. Sizes taken from the memory's layout: `weaknesses::accounts_are_as_long_as_what_they_hold`.
//!
//! Findings of the audit:
//! - Anyone initialises first: `start::a_stranger_initialises_nothing`.
//! - An append-only registry fills up: `weaknesses::the_four_hundredth_device_costs_what_the_first_did`.
//! - An epoch's limit is not enforced: `token`: `minters::it_mints_up_to_its_cap_in_each_hour`; `emission`:
//!   `eligibility` (twice in an hour); `staking`: `offers::a_third_acceptance_waits_for_a_departure`.
//! - Finalised before all was settled: `market`: `states` (an order with leases unsettled is not closed); `emission`:
//!   `books::an_hour_is_closed_minted_and_paid_exactly_once`; `slashing`: `exits::no_exit_escapes_a_case`.
//! - A wrong amount eats the slot: `findings::a_refused_attempt_uses_nothing_up`, `market::a_wrong_amount_takes_no_place`.
//! - A registry required when validation is off: `findings::what_is_not_asked_for_need_not_be_given`; `market`:
//!   `attacks::no_exit_needs_a_price`.
//! - A transfer to oneself is recorded and moves nothing: `findings::a_vault_is_nobodys_own_account`,
//!   `market::the_markets_vaults_are_nobodys_own_account`.
//! - Burns are not checked: `token`: `burning`, `works::nobody_burns_anothers_io`; `slashing`: `burning`.
//! - A changed setting hits what is in flight: `findings::a_changed_class_leaves_the_hours_check_ins_alone`; `registry`:
//!   `under_way::a_class_that_changes_touches_no_proof_under_way`; `governance`: `fees`.
//! - Rent is never recovered: `staking`: `works::an_unstake_pays_all_and_the_rent_after_exactly_fourteen_days`; `market`: `life`;
//!   `slashing`: `burning`. Ledger pages and devices are kept on purpose.
//! - Addresses not checked to be token accounts: the `sweeps` of every program.
//! - Two signers that may be one: `slashing`: `roles::the_authority_names_two_different_keys`; `governance`:
//!   `guardian::the_guardian_is_neither_the_authority_nor_its_successor`; `staking`: `own`.
//! - Wallets that reach past the program: `findings::no_key_reaches_a_vault_past_its_program`.

mod findings;
mod market;
mod weaknesses;

use iog_client::registry::accounts::Device;
use iog_tests::world::GENESIS_TS;
use iog_tests::{Supplier, World};

const IO: u64 = 100_000_000;

fn aged(world: &mut World, class: u16) -> Supplier {
    let supplier = world.supplier(class);
    age(world, &supplier);
    supplier
}

/// Old enough for its first check-in.
fn age(world: &mut World, supplier: &Supplier) {
    world.edit::<Device>(&supplier.device, |device| {
        device.registered_ts = GENESIS_TS - 43_200;
    });
}
