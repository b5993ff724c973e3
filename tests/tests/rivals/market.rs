//! The same weaknesses and findings where the market is concerned: foreign books, vaults in a customer's place, wrong amounts.

use iog_client::market::MarketError as E;
use iog_client::{market, pda};
use iog_tests::world::{order_args, Currency, PubkeyOf, CLASS_COMMUNITY, CLASS_TEST, CURRENCIES};
use iog_tests::{Code, World};

/// Two instances of one account type in one instruction.
fn twice() -> Code {
    Code::anchor(market::ID, 2040)
}

/// The rival's clean-up took any market for the job's own. Ours takes the books of the order and nothing else: another currency's, another
/// supplier's, another order's, another class's are refused, and nothing moves.
#[test]
fn foreign_books_close_and_pay_nothing() {
    let mut world = World::ready();
    let anyone = world.authority.insecure_clone();
    let renter = world.renter();
    let [one, two] = [(); 2].map(|()| world.supplier(CLASS_TEST));
    let other = world.supplier(CLASS_COMMUNITY);
    let order = world.running(&renter, 1, 2, &[&one]);
    let dollars = world.running_in(Currency::Usd, &renter, 2, 2, &[&two]);
    world.serve_hour(&[&one, &two], 6);
    let before = CURRENCIES.map(|currency| world.escrow(currency));

    let mut settle = world.settle_lease_ix(&order, &one);
    settle.escrow = world.escrow_of(Currency::Usd);
    world.refuses(E::WrongMint, settle.instruction(), &[&anyone]);
    let mut settle = world.settle_lease_ix(&order, &one);
    settle.earnings = world.earnings_of(&two, Currency::Io);
    world.refuses(E::WrongRecipient, settle.instruction(), &[&anyone]);
    let mut settle = world.settle_lease_ix(&order, &one);
    settle.earnings = world.earnings_of(&one, Currency::Usd);
    world.refuses(E::WrongMint, settle.instruction(), &[&anyone]);
    let mut settle = world.settle_lease_ix(&order, &one);
    settle.order = dollars;
    world.refuses(E::WrongOrder, settle.instruction(), &[&anyone]);
    let mut settle = world.settle_lease_ix(&order, &one);
    settle.book = other.price_book();
    world.refuses(E::WrongClass, settle.instruction(), &[&anyone]);
    let mut settle = world.settle_lease_ix(&order, &one);
    settle.device = two.device;
    world.refuses(E::WrongDevice, settle.instruction(), &[&anyone]);

    world.end_early(&order, &renter);
    let mut refund = world.token_refund_ix(&order);
    refund.escrow = world.escrow_of(Currency::Usd);
    world.refuses(E::WrongMint, refund.instruction(), &[&anyone]);
    let mut refund = world.token_refund_ix(&order);
    refund.vault = pda::market::vault(&world.usd);
    world.refuses(E::WrongCurrency, refund.instruction(), &[&anyone]);
    world.settle_lease(&order, &one);
    let mut close = world.close_lease_ix(&order, &one);
    close.order = dollars;
    world.refuses(E::WrongOrder, close.instruction(), &[&anyone]);
    let mut close = world.close_lease_ix(&order, &one);
    close.occupancy = two.occupancy;
    world.refuses(E::WrongDevice, close.instruction(), &[&anyone]);

    // Of dollars nothing moved: the only ones of its books that changed are those of IO.
    let after = CURRENCIES.map(|currency| world.escrow(currency));
    assert_eq!(before[1..], after[1..]);
    world.wind_up(&order, &[&one]);
    world.check_escrows();
}

/// A vault in a customer's place, where a transfer would move nothing: refused, and nothing is booked.
#[test]
fn the_markets_vaults_are_nobodys_own_account() {
    let mut world = World::ready();
    let anyone = world.authority.insecure_clone();
    let (supplier, renter) = (world.supplier(CLASS_TEST), world.renter());
    let (io, vault) = (world.io, pda::market::vault(&world.io));
    let mut create = world.create_order_ix(&renter, CLASS_TEST, order_args(9, 1, 1));
    create.renter_token = vault;
    world.refuses(twice(), create.instruction(), &[&renter.wallet]);
    let order = world.running(&renter, 1, 2, &[&supplier]);
    let mut extend = world.extend_ix(&order, 1, u64::MAX);
    extend.renter_token = vault;
    world.refuses(twice(), extend.instruction(), &[&renter.wallet]);
    world.serve_hour(&[&supplier], 6);
    world.settle_lease(&order, &supplier);
    world.end_early(&order, &renter);
    let before = (world.escrow(Currency::Io), world.order(&order));

    let mut refund = world.token_refund_ix(&order);
    refund.renter_token = vault;
    world.refuses(twice(), refund.instruction(), &[&anyone]);
    let mut withdraw = world.withdraw_earnings_ix(&supplier, Currency::Io);
    withdraw.destination = vault;
    world.refuses(twice(), withdraw.instruction(), &[&anyone]);
    let mut collect = world.collect_fees_ix(Currency::Io);
    collect.fee_vault = vault;
    world.refuses(twice(), collect.instruction(), &[&anyone]);
    // Nor is any other vault of the network: each belongs to its program and to no customer.
    for other in [
        pda::market::credit_vault(),
        pda::treasury::vault(&io),
        pda::staking::vault(),
    ] {
        let mut refund = world.token_refund_ix(&order);
        refund.renter_token = other;
        world.refuses(E::WrongRecipient, refund.instruction(), &[&anyone]);
        let mut withdraw = world.withdraw_earnings_ix(&supplier, Currency::Io);
        withdraw.destination = other;
        world.refuses(E::WrongRecipient, withdraw.instruction(), &[&anyone]);
    }
    assert_eq!(before, (world.escrow(Currency::Io), world.order(&order)));
    world.check_escrow(Currency::Io);
}

/// A wrong amount is refused and uses nothing up: neither the order's number, nor the extension, nor the dispute, nor the claim.
#[test]
fn a_wrong_amount_takes_no_place() {
    let mut world = World::with_disputes(3_600);
    let (supplier, renter) = (world.supplier(CLASS_TEST), world.renter());
    world.give_iosd(&renter, 2_000_000_000_000);
    let wallet = renter.wallet.insecure_clone();
    let total = 1_000_000 + 2_500;
    for (limit, fits) in [(total - 1, false), (total, true)] {
        let mut args = order_args(1, 1, 1);
        args.max_total = limit;
        let create = world
            .credit_order_ix(&renter, CLASS_TEST, args)
            .instruction();
        match fits {
            true => drop(world.must(create, &[&wallet])),
            false => world.refuses(E::TotalAboveLimit, create, &[&wallet]),
        }
    }
    let order = pda::market::order(&wallet.pubkey_of(), 1);
    world.match_device(&order, &supplier);
    world.accept(&order, &supplier);
    let extend = world.extend_credit_ix(&order, 1, total - 1).instruction();
    world.refuses(E::TotalAboveLimit, extend, &[&wallet]);
    let extend = world.extend_credit_ix(&order, 1, total).instruction();
    world.must(extend, &[&wallet]);

    world.serve_hour(&[&supplier], 6);
    world.settle_lease(&order, &supplier);
    let dispute = world.dispute_ix(&order, &supplier).instruction();
    world.refuses(E::DepositMissing, dispute, &[&wallet]);
    world.dispute(&order, &renter, &supplier);
    // The hour that was served: one dollar.
    let disputed = 1_000_000;
    let resolver = world.resolver.insecure_clone();
    world.pass_answers(&order, &supplier);
    let resolve = world.resolve_dispute_ix(&order, &supplier, disputed + 1);
    world.refuses(E::BeyondDispute, resolve.instruction(), &[&resolver]);
    world.resolve_dispute(&order, &supplier, disputed);

    world.post_price(25_000_000);
    let due = world.earnings(&supplier, Currency::Iosd).due_units;
    // Of a thousandth the price is uncertain, which counts twice against who is paid.
    let io = u64::try_from(u128::from(due) * 10_000_000_000 / 25_050_000).unwrap();
    let claim = world.claim_credit_ix(&supplier, io + 1).instruction();
    world.refuses(E::BelowMinimum, claim, &[&supplier.owner]);
    let claim = world.claim_credit_ix(&supplier, io).instruction();
    world.must(claim, &[&supplier.owner]);
    assert_eq!(world.credit_line().claimed_units, io);
    world.check_escrows();
}

/// Whoever is paid in a currency cannot be made to wait by an order in another, nor by one whose account is closed: what is booked is
/// each one's own, and settling needs no token account at all.
#[test]
fn a_settlement_names_no_token_account() {
    let mut world = World::ready();
    let (supplier, renter) = (world.supplier(CLASS_TEST), world.renter());
    let order = world.running(&renter, 1, 1, &[&supplier]);
    let settle = world.settle_lease_ix(&order, &supplier).instruction();
    for meta in &settle.accounts {
        let owner = world.find(&meta.pubkey).map(|account| account.owner);
        assert_ne!(owner, Some(iog_tests::world::TOKEN_PROGRAM));
        assert!(!meta.is_signer, "anyone settles");
    }
}
