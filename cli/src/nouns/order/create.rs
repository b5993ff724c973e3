use super::{
    booking::Booking,
    job::Job,
    limit::{require_funds, Limit},
    terms::Terms as Promise,
    wait::{self, Patience},
    work::Work,
};
use crate::{
    agent::client::Client,
    confirm,
    context::Context,
    error::{CliError, Result},
    market::{
        currency::{self, Amount, Pay},
        offer::Offer,
        order::{self, MAX_IO_HOURS},
        parts::{self, Part},
    },
    output::Record,
    waiting::somebody,
};
use clap::Args;
use iog_client::{
    market::{
        accounts::{Order, RenterStats},
        types::{OrderArgs, PartArgs},
    },
    pda,
};
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use std::time::{SystemTime, UNIX_EPOCH};

#[derive(Args, Debug)]
pub struct Terms {
    #[command(flatten)]
    pub what: What,
    #[command(flatten)]
    pub patience: Patience,
}

/// What is booked, by whichever verb.
#[derive(Args, Debug)]
pub struct What {
    #[command(flatten)]
    pub booking: Booking,
    /// Least reputation of the devices in basis points, 0 to 10000 [default: the kind's]
    #[arg(long, value_name = "BPS", value_parser = clap::value_parser!(u16).range(0..=10_000))]
    min_reputation: Option<u16>,
    /// Only devices that the attestor calls secure
    #[arg(long)]
    secure: bool,
    #[command(flatten)]
    limit: Limit,
    #[command(flatten)]
    pub work: Work,
    /// Number of the order; the same number never books twice [default: from the clock]
    #[arg(long, value_name = "N")]
    pub id: Option<u64>,
}

/// An order that was booked.
pub struct Made {
    pub address: Pubkey,
    /// None where the order's key is elsewhere, and of a dry run.
    pub client: Option<Client>,
    pub record: Record,
    pub receipt: Record,
}

/// What was offered, and what of it was agreed to.
struct Booked {
    offer: Offer,
    parts: Vec<Part>,
    limit: Amount,
}

impl Booked {
    fn promise(&self) -> Promise<'_> {
        let deposits_limit = self.offer.deposits_limit();
        Promise {
            quote: &self.offer.quote,
            dispute_secs: u32::try_from(self.offer.config.dispute_secs.value).unwrap_or(u32::MAX),
            deposit: match deposits_limit {
                true => self.limit,
                false => self.offer.quote.total(),
            },
            deposits_limit,
        }
    }
}

pub async fn run(context: &Context, terms: Terms) -> Result<()> {
    let job = Job::of(context, &terms.what.work)?;
    let made = book(context, &terms.what, &job, |_| Ok(())).await?;
    let (wait, patience) = (terms.patience.wait, &terms.patience);
    let client = made.client.as_ref();
    if let Some(client) = client.filter(|_| wait || job.has_file()) {
        client.wake().await?;
    }
    if wait && !context.dry_run {
        let signer = context.signer()?;
        let work = client.map(|client| (client, job.kind()));
        let running = wait::run(context, &made.address, patience, Some(&signer), work).await?;
        context.out.one(&running.extend(made.receipt));
        return Ok(());
    }
    context.out.one(&made.record.extend(made.receipt));
    Ok(())
}

/// Quotes, asks and sends. `before` is told the order's address when all is agreed to and nothing is sent.
pub async fn book(
    context: &Context,
    what: &What,
    job: &Job,
    before: impl FnOnce(&Pubkey) -> Result<()>,
) -> Result<Made> {
    confirm::allowed(context, "an order")?;
    what.check()?;
    job.warnings()
        .iter()
        .for_each(|warning| context.note(&format!("warning: {warning}")));
    let signer = context.signer()?;
    let renter = signer.pubkey();
    let booked = offered(context, what, &renter).await?;
    let mut args = what.args(renter, parts::entries(&booked.parts)?, booked.limit)?;
    job.put(&mut args)?;
    what.booking
        .choose_owner(context, &booked.offer, &mut args)
        .await?;
    agreed(context, what, &booked, &args)?;
    if !context.dry_run {
        before(&pda::market::order(&renter, args.id))?;
    }
    send(context, &signer, &booked, (job, args)).await
}

/// Quotes what is wanted, and refuses what the wallet cannot pay.
async fn offered(context: &Context, terms: &What, renter: &Pubkey) -> Result<Booked> {
    let booking = &terms.booking;
    let parts = parts::find(context, &booking.shape.named()?).await?;
    let currency = currency::find(context, &booking.payment).await?;
    let (price, wanted) = (booking.price_account, booking.wanted());
    let offer = Offer::ask(context, &parts, currency, price, &wanted).await?;
    let offer = offer.open()?.usable()?;
    let limit = terms.limit.of(&offer)?;
    let booked = Booked {
        offer,
        parts,
        limit,
    };
    require_funds(context, &currency, renter, booked.promise().deposit).await?;
    Ok(booked)
}

/// Says everything that is agreed to, and asks.
fn agreed(context: &Context, terms: &What, booked: &Booked, args: &OrderArgs) -> Result<()> {
    let parts: Vec<String> = booked.parts.iter().map(Part::words).collect();
    context.note(&booked.promise().words()?);
    let stock = booked.offer.stock();
    stock.iter().for_each(|line| context.note(line));
    if let Some(owner) = somebody(args.owner) {
        context.note(&format!("only devices of {owner} serve it"));
    }
    confirm::ask(
        context,
        &format!(
            "Escrow {}, at most {}, for {}, {} hours?",
            booked.offer.quote.words(),
            booked.limit,
            parts.join(" and "),
            terms.booking.hours
        ),
    )
}

async fn send(
    context: &Context,
    signer: &Keypair,
    booked: &Booked,
    (job, args): (&Job, OrderArgs),
) -> Result<Made> {
    let renter = signer.pubkey();
    let address = pda::market::order(&renter, args.id);
    context.note(&format!("order {address} (id {})", args.id));
    let mut instructions = Vec::new();
    let stats = pda::market::renter(&renter);
    if context.find::<RenterStats>(&stats).await?.is_none() {
        instructions.push(order::open_renter(renter, renter));
    }
    instructions.push(order::create(&booked.offer, renter, args));
    // The keys first: an order must never name a key that nobody has.
    let client = match context.dry_run {
        true => None,
        false => job.keep(context, &address).await?,
    };
    let sent = context.submit(&instructions, signer, &[]).await;
    if let (Err(error), Some(client)) = (&sent, &client) {
        job.forget(client, error);
    }
    let receipt = sent?;
    let made: Option<Order> = context.find(&address).await?;
    let currency = &booked.offer.currency;
    let deposited = made.map(|made| currency.amount(made.deposited_units));
    let keys = client.as_ref();
    let keys = keys.map(|client| client.folder.path().display().to_string());
    let record = Record::new()
        .put("order", address)
        .put("id", args.id.to_string())
        .put("owner", somebody(args.owner))
        .extend(job.record(&args))
        .put("keys", keys)
        .extend(booked.offer.record())
        .put("max_total", booked.limit)
        .put("deposited", deposited)
        .extend(booked.promise().record()?);
    Ok(Made {
        address,
        client,
        record,
        receipt,
    })
}

impl What {
    /// What can be refused without asking the chain.
    fn check(&self) -> Result<()> {
        let pay = self.booking.payment.pay;
        self.booking.countries()?;
        self.booking.shape.named()?;
        self.limit.check(pay)?;
        if pay == Pay::Io && self.booking.hours > MAX_IO_HOURS {
            return Err(CliError::usage(format!(
                "an order in IO lasts {MAX_IO_HOURS} hours at most, at four prices of 168: book fewer hours, or pay with --pay usdc or iosd"
            )));
        }
        Ok(())
    }

    fn args(&self, renter: Pubkey, parts: [PartArgs; 4], limit: Amount) -> Result<OrderArgs> {
        let asked = self.booking.args(parts)?;
        Ok(OrderArgs {
            id: self.id.unwrap_or_else(id_of_now),
            max_total: limit.units,
            min_reputation_bps: self.min_reputation.unwrap_or(asked.min_reputation_bps),
            secure_only: self.secure,
            // See [`Job::put`].
            engineer_key: renter,
            ..asked
        })
    }
}

/// Milliseconds: unique enough for one renter, and a collision is refused by the chain.
fn id_of_now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|since| u64::try_from(since.as_millis()).ok())
        .unwrap_or(0)
}
