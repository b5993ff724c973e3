//! Prices, orders, escrow and leases. A renter's total is held in one vault for each currency and booked order by order; each
//! hour that a device proved is paid, each that it did not is refunded:
//! `deposited == paid to suppliers + refunded + fees + still escrowed`, per order and per currency, always.
//!
//! Settling books; paying is done by other instructions, one recipient at a time, so that nobody's token account can stop
//! anybody else's money.

use anchor_lang::prelude::*;
use iog_sbf_abi as _;

pub mod constants;
pub mod errors;
pub mod events;
pub mod instructions;
pub mod state;

pub use errors::{MarketError, PriceError};
pub use instructions::GovernanceError;
use instructions::*;
pub use state::*;

declare_id!("DZK1oGuU3DJzN3AK4jivLjwKfZTTjZHFR5fzbh5kS25L");

// Anchor 2.0.0-rc.2 exports every dispatcher that has no entrypoint under one unmangled name, so two programs that a third
// one calls could not be linked into it. Callers need the interface only.
#[cfg_attr(feature = "cpi", program(interface, program_id = ID))]
#[cfg_attr(not(feature = "cpi"), program)]
pub mod iog_market {
    use super::*;

    /// Creates the config. Only the program's upgrade authority may.
    pub fn initialize(ctx: &mut Context<Initialize>, args: ConfigArgs) -> Result<()> {
        instructions::initialize(ctx, args)
    }

    /// Opens the escrow of a currency: 0 IO, 1 a US dollar token.
    pub fn add_escrow(ctx: &mut Context<AddEscrow>, currency: u8) -> Result<()> {
        instructions::add_escrow(ctx, currency)
    }

    /// Opens the books of orders paid in IOSD, and the line of suppliers that wait for IO.
    pub fn add_credit_escrow(ctx: &mut Context<AddCreditEscrow>) -> Result<()> {
        instructions::add_credit_escrow(ctx)
    }

    /// Names who decides disputes, 24 hours ahead; zeros remove the one there is at once, and send its open disputes to the rule.
    pub fn set_resolver(ctx: &mut Context<Govern>, resolver: Address) -> Result<()> {
        instructions::set_resolver(ctx, resolver)
    }

    /// Gives the role to who was named to decide disputes. Anyone.
    pub fn apply_resolver(ctx: &mut Context<ApplyParameter>) -> Result<()> {
        instructions::apply_resolver(ctx)
    }

    /// Forgets who was named to decide disputes. The guardian or the authority may.
    pub fn drop_resolver(ctx: &mut Context<GovernAs>) -> Result<()> {
        instructions::drop_resolver(ctx)
    }

    /// Offers a class: its price factors and counters.
    pub fn add_price_book(ctx: &mut Context<AddPriceBook>, args: PriceBookArgs) -> Result<()> {
        instructions::add_price_book(ctx, args)
    }

    /// Moves the factors of a class's price, within bounds, by a step a day.
    pub fn set_price_book(ctx: &mut Context<SetPriceBook>, args: PriceBookArgs) -> Result<()> {
        instructions::set_price_book(ctx, args)
    }

    /// Says what an order would cost now, as return data. Changes nothing.
    pub fn quote(ctx: &mut Context<GetQuote>, args: QuoteArgs) -> Result<Quote> {
        instructions::quote(ctx, args)
    }

    /// Opens a renter's statistics, which orders are counted in. Anyone, for any renter.
    pub fn open_renter(ctx: &mut Context<OpenRenter>) -> Result<()> {
        instructions::open_renter(ctx)
    }

    /// Opens a supplier's earnings of a currency: from now on its devices take orders in it.
    pub fn open_earnings(ctx: &mut Context<OpenEarnings>) -> Result<()> {
        instructions::open_earnings(ctx)
    }

    /// Lists a staked device: it takes orders in these currencies that pay at least the floor for a GPU-hour. Again, to change either.
    pub fn list_device(ctx: &mut Context<ListDevice>, args: ListingArgs) -> Result<()> {
        instructions::list_device(ctx, args)
    }

    /// Lists a device again as its owner had, when somebody took it off the market. The device's key.
    pub fn relist_device(ctx: &mut Context<RelistDevice>) -> Result<()> {
        instructions::relist_device(ctx)
    }

    /// Takes a device off the market. Its owner; or anyone, when it is not active or not staked, or idle and rests, has shown no sign of life
    /// for 6 hours or passed no proof for 24. Its lease goes on.
    pub fn delist_device(ctx: &mut Context<DelistDevice>) -> Result<()> {
        instructions::delist_device(ctx)
    }

    /// Books GPU-hours and escrows their total in IO, at the oracle's price now, or in a US dollar token.
    pub fn create_order(ctx: &mut Context<CreateOrder>, args: OrderArgs) -> Result<()> {
        instructions::create_order(ctx, args)
    }

    /// Books GPU-hours for IOSD, which is burned.
    pub fn create_credit_order(
        ctx: &mut Context<CreateCreditOrder>,
        args: OrderArgs,
    ) -> Result<()> {
        instructions::create_credit_order(ctx, args)
    }

    /// Names another key that may open tunnels to the order's devices; zeros for none. The renter, until the order is over.
    pub fn set_engineer_key(
        ctx: &mut Context<SetEngineerKey>,
        engineer_key: Address,
    ) -> Result<()> {
        instructions::set_engineer_key(ctx, engineer_key)
    }

    /// Books further hours of a running order at the price of now.
    pub fn extend(ctx: &mut Context<Extend>, args: ExtendArgs) -> Result<()> {
        instructions::extend(ctx, args)
    }

    /// The same for an order paid in IOSD.
    pub fn extend_credit(ctx: &mut Context<ExtendCredit>, args: ExtendArgs) -> Result<()> {
        instructions::extend_credit(ctx, args)
    }

    /// Takes IO for a dollar anew for an order's further hours, when 168 hours of a price are over. Anyone.
    pub fn price_anew(ctx: &mut Context<PriceAnew>) -> Result<()> {
        instructions::price_anew(ctx)
    }

    /// Adds money to an order, for later prices in IO or the deposit of a dispute.
    pub fn add_funds(ctx: &mut Context<AddFunds>, amount: u64) -> Result<()> {
        instructions::add_funds(ctx, amount)
    }

    /// The same for an order paid in IOSD.
    pub fn add_funds_credit(ctx: &mut Context<AddFundsCredit>, amount: u64) -> Result<()> {
        instructions::add_funds_credit(ctx, amount)
    }

    /// Gives a listed device that meets the constraints to a part of the order. The renter; after 30 seconds anyone.
    pub fn match_device(ctx: &mut Context<MatchDevice>, part: u8) -> Result<()> {
        instructions::match_device(ctx, part)
    }

    /// The matched device refuses. Free until 30 seconds after it was asked; later it counts as no answer.
    pub fn decline(ctx: &mut Context<Unmatch>) -> Result<()> {
        instructions::decline(ctx)
    }

    /// The matched device takes the order, when every place of it is matched. With the last acceptance the order starts.
    pub fn accept(ctx: &mut Context<Accept>) -> Result<()> {
        instructions::accept(ctx)
    }

    /// Frees the place of a device that was asked and did not answer in time; it rests. Anyone.
    pub fn skip_device(ctx: &mut Context<Unmatch>) -> Result<()> {
        instructions::skip_device(ctx)
    }

    /// Judges hours whose last slot is over, up to 24 a call: proved slots are the supplier's, held for the dispute window, others are
    /// refunded; and releases hours whose window is over. Anyone.
    pub fn settle(ctx: &mut Context<Settle>) -> Result<()> {
        instructions::settle(ctx)
    }

    /// Ends the lease of a device that has fallen silent or hardly serves, so that another can take its place. Anyone.
    pub fn report_timeout(ctx: &mut Context<DropOut>) -> Result<()> {
        instructions::report_timeout(ctx)
    }

    /// The supplier leaves: an order that does not start, or was extended beyond what it agreed to; the owner any, for what is held.
    pub fn leave_lease(ctx: &mut Context<DropOut>) -> Result<()> {
        instructions::leave_lease(ctx)
    }

    /// The renter disputes what a lease holds and ends the lease, for a deposit of a twentieth.
    pub fn open_dispute(ctx: &mut Context<OpenDispute>, evidence_hash: [u8; 32]) -> Result<()> {
        instructions::open_dispute(ctx, evidence_hash)
    }

    /// Gives the supplier what of a dispute the renter's receipt acknowledges: one Ed25519 instruction with it stands right before this one.
    /// Anyone. A signature more and about 0.0015 USD, for 2 USD a slot of 8 H100.
    pub fn answer_dispute(ctx: &mut Context<AnswerDispute>) -> Result<()> {
        instructions::answer_dispute(ctx)
    }

    /// The resolver splits what is disputed, within 72 hours of the opening and not in the first 6 hours and 20 minutes. `disputed` is what it
    /// saw in dispute: refused where an answer has changed that.
    pub fn resolve_dispute(
        ctx: &mut Context<ResolveDispute>,
        to_supplier: u64,
        disputed: u64,
    ) -> Result<()> {
        instructions::resolve_dispute(ctx, to_supplier, disputed)
    }

    /// Pays what is disputed by the rule when the resolver has not decided: proved slots are the supplier's. Anyone.
    pub fn resolve_by_rule(ctx: &mut Context<ResolveByRule>) -> Result<()> {
        instructions::resolve_by_rule(ctx)
    }

    /// Closes the record of a decision that no slash case can name any more. Anyone.
    pub fn close_verdict(ctx: &mut Context<CloseVerdict>) -> Result<()> {
        instructions::close_verdict(ctx)
    }

    /// Gives vacant GPUs of a part back, with the money for the time that is left.
    pub fn reduce(ctx: &mut Context<EndOrder>, part: u8, gpus: u32) -> Result<()> {
        instructions::reduce(ctx, part, gpus)
    }

    /// Ends a running order early and refunds whole unused minutes with their fees; the first hour is kept, and used hours are billed at the
    /// discount of the length that was reached.
    pub fn end_early(ctx: &mut Context<EndOrder>) -> Result<()> {
        instructions::end_early(ctx)
    }

    /// Takes an order back before its start; what devices were held for is kept for them.
    pub fn cancel_order(ctx: &mut Context<EndOrder>) -> Result<()> {
        instructions::cancel_order(ctx)
    }

    /// Refunds an order that did not start in time, but what devices were held for. Anyone.
    pub fn expire_order(ctx: &mut Context<ExpireOrder>) -> Result<()> {
        instructions::expire_order(ctx)
    }

    /// Closes a lease that is settled or never started; rent goes back to who paid it. Anyone.
    pub fn close_lease(ctx: &mut Context<CloseLease>) -> Result<()> {
        instructions::close_lease(ctx)
    }

    /// Pays the renter what is refunded; of an order that is over, all that is left. Anyone.
    pub fn refund(ctx: &mut Context<Refund>) -> Result<()> {
        instructions::refund(ctx)
    }

    /// The same for an order paid in IOSD, which is minted again: at most `max_units`, in parts where the token program gives back less.
    pub fn refund_credit(ctx: &mut Context<RefundCredit>, max_units: u64) -> Result<()> {
        instructions::refund_credit(ctx, max_units)
    }

    /// Closes a renter's statistics, when none of its orders is open.
    pub fn close_renter(ctx: &mut Context<CloseRenter>) -> Result<()> {
        instructions::close_renter(ctx)
    }

    /// Closes a supplier's earnings of a currency, when nothing is due and no lease pays in.
    pub fn close_earnings(ctx: &mut Context<CloseEarnings>) -> Result<()> {
        instructions::close_earnings(ctx)
    }

    /// Closes the place in the market of a terminated device.
    pub fn close_occupancy(ctx: &mut Context<CloseOccupancy>) -> Result<()> {
        instructions::close_occupancy(ctx)
    }

    /// Closes an order that is over, without leases and paid out. Anyone.
    pub fn close_order(ctx: &mut Context<CloseOrder>) -> Result<()> {
        instructions::close_order(ctx)
    }

    /// Pays a supplier what it has earned in a currency. Anyone.
    pub fn withdraw_earnings(ctx: &mut Context<WithdrawEarnings>) -> Result<()> {
        instructions::withdraw_earnings(ctx)
    }

    /// Hands the fees of a currency to the treasury. Anyone.
    pub fn collect_fees(ctx: &mut Context<CollectFees>) -> Result<()> {
        instructions::collect_fees(ctx)
    }

    /// Says in the token's books how much IOSD is earned and can no longer be refunded. Anyone.
    pub fn settle_credit(ctx: &mut Context<SettleCredit>) -> Result<()> {
        instructions::settle_credit(ctx)
    }

    /// Turns what a supplier earned in IOSD into a claim on IO at the price of now, as far as what was burned for IOSD covers it, and at
    /// least `min_io`.
    pub fn claim_credit(ctx: &mut Context<ClaimCredit>, min_io: u64) -> Result<()> {
        instructions::claim_credit(ctx, min_io)
    }

    /// Says what a dollar of IOSD is worth to suppliers at the price of now. Anyone.
    pub fn update_cover(ctx: &mut Context<UpdateCover>) -> Result<()> {
        instructions::update_cover(ctx)
    }

    /// Mints net emission for the suppliers that wait for IO, at most `max_units`. Anyone.
    pub fn fund_credit(ctx: &mut Context<FundCredit>, max_units: u64) -> Result<()> {
        instructions::fund_credit(ctx, max_units)
    }

    /// Pays those suppliers from the fees that the treasury keeps for them, at most `max_units`. Anyone.
    pub fn fund_from_treasury(ctx: &mut Context<FundFromTreasury>, max_units: u64) -> Result<()> {
        instructions::fund_from_treasury(ctx, max_units)
    }

    /// Gives what the treasury keeps back to be burned, while no supplier waits for it. Anyone.
    pub fn release_kept(ctx: &mut Context<ReleaseKept>) -> Result<()> {
        instructions::release_kept(ctx)
    }

    /// Pays a supplier what of its claim the line has come to. Anyone.
    pub fn pay_credit(ctx: &mut Context<PayCredit>) -> Result<()> {
        instructions::pay_credit(ctx)
    }

    /// Names a successor of the authority, who must accept.
    pub fn propose_authority(ctx: &mut Context<Govern>, successor: Address) -> Result<()> {
        instructions::propose_authority(ctx, successor)
    }

    /// Takes the proposal of a successor back.
    pub fn cancel_authority(ctx: &mut Context<Govern>) -> Result<()> {
        instructions::cancel_authority(ctx)
    }

    /// Makes the signer, the proposed successor, the authority.
    pub fn accept_authority(ctx: &mut Context<GovernAs>) -> Result<()> {
        instructions::accept_authority(ctx)
    }

    /// Names the guardian, who may pause and drop what waits; zeros for nobody.
    pub fn set_guardian(ctx: &mut Context<Govern>, guardian: Address) -> Result<()> {
        instructions::set_guardian(ctx, guardian)
    }

    /// Pauses actions, by their bits. The guardian or the authority may.
    pub fn pause(ctx: &mut Context<GovernAs>, actions: u8) -> Result<()> {
        instructions::pause(ctx, actions)
    }

    /// Resumes actions, by their bits.
    pub fn resume(ctx: &mut Context<Govern>, actions: u8) -> Result<()> {
        instructions::resume(ctx, actions)
    }

    /// Sets a parameter within its bounds, or schedules it where the change must wait 24 hours.
    pub fn set_parameter(ctx: &mut Context<Govern>, id: ParameterId, value: u64) -> Result<()> {
        instructions::set_parameter(ctx, id, value)
    }

    /// Applies a scheduled parameter. Anyone.
    pub fn apply_parameter(ctx: &mut Context<ApplyParameter>, id: ParameterId) -> Result<()> {
        instructions::apply_parameter(ctx, id)
    }

    /// Drops a parameter's change that waits. The guardian or the authority may.
    pub fn drop_parameter(ctx: &mut Context<GovernAs>, id: ParameterId) -> Result<()> {
        instructions::drop_parameter(ctx, id)
    }
}
