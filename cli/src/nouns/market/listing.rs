//! Putting devices on the market and taking them off.

use super::devices::after;
use crate::{
    args, confirm,
    context::Context,
    error::{CliError, Result},
    market::currency::{Currencies, Pay},
    nouns::{
        device::Named,
        lease::{decline, DeviceKey},
    },
    output::Record,
};
use clap::Args;
use iog_client::{
    market::{
        accounts::{CreditLine, Earnings, Escrow, Occupancy},
        instructions,
        types::ListingArgs,
    },
    pda,
};
use iog_math::units::Usd6;
use iog_tx::{read_keypair_file, AnySigner};
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use solana_signer::Signer;

const TERMINATED: u8 = 2;

#[derive(Args, Debug)]
pub struct Listing {
    #[command(flatten)]
    device: Named,
    /// Least USD for a GPU-hour that it serves for; 0 for the market's price
    #[arg(long, value_name = "USD", default_value = "0", value_parser = args::dollars)]
    floor: Usd6,
    /// Currencies that it takes orders in
    #[arg(long, value_enum, num_args = 1.., value_delimiter = ',', default_values_t = Pay::ALL)]
    pay: Vec<Pay>,
}

/// A device, and the file of its key.
#[derive(Args, Debug)]
pub struct ByKey {
    #[command(flatten)]
    pub device: Named,
    #[command(flatten)]
    pub key: DeviceKey,
}

pub async fn list(context: &Context, listing: &Listing) -> Result<()> {
    let signer = context.signer()?;
    let owner = signer.pubkey();
    let (address, device) = context.device(&listing.device.device).await?;
    let currencies = Currencies::of(&listing.pay);
    let list = instructions::ListDevice {
        owner,
        device: address,
        class: device.class,
        stake: pda::staking::stake(&address),
        book: pda::market::price_book(device.class_id),
        occupancy: pda::market::occupancy(&address),
        args: ListingArgs {
            floor_usd6: listing.floor.0,
            currencies: currencies.0,
        },
    };
    let receipt = context.submit(&[list.instruction()], &signer, &[]).await?;
    tell_missing(context, &owner, &listing.pay).await?;
    tell_cover(context, &listing.pay).await?;
    after(context, &address, &device, receipt).await
}

/// A device takes an order only where its owner has an account to be paid in.
async fn tell_missing(context: &Context, owner: &Pubkey, taken: &[Pay]) -> Result<()> {
    let earnings = [(Earnings::OWNER_AT, owner.as_ref())];
    let opened = context.list::<Earnings>(&earnings).await?;
    let escrows = context.list::<Escrow>(&[]).await?;
    let has = |pay: Pay| {
        escrows.iter().any(|(_, escrow)| {
            escrow.currency == pay.number()
                && opened.iter().any(|(_, held)| held.mint == escrow.mint)
        })
    };
    let missing: Vec<String> = taken
        .iter()
        .filter(|pay| !has(**pay))
        .map(|pay| pay.unit().to_lowercase())
        .collect();
    if !missing.is_empty() {
        context.note(&format!(
            "no orders in {} come yet: open accounts to be paid in with iog market open-earnings --pay {}",
            missing.join(", "),
            missing.join(" or ")
        ));
    }
    Ok(())
}

/// A dollar of IOSD may be worth less than one: the floor is compared with what is covered.
async fn tell_cover(context: &Context, taken: &[Pay]) -> Result<()> {
    let line: Option<CreditLine> = context.find(&pda::market::credit_line()).await?;
    if let Some(line) = line.filter(|_| taken.contains(&Pay::Iosd)) {
        let dollar = Usd6(u64::from(line.cover_bps).saturating_mul(100));
        context.note(&format!(
            "a dollar of IOSD is worth {dollar} USD to suppliers now, and a floor is compared with that (iog market show; --pay io,usdc leaves IOSD out)"
        ));
    }
    Ok(())
}

/// The device's own key puts it back as its owner had it.
pub async fn relist(context: &Context, given: &ByKey) -> Result<()> {
    let signer = context.signer()?;
    let read = given.key.device_key.as_deref().map(read_keypair_file);
    let device_key: Option<Keypair> = read.transpose()?;
    let (address, device) = context.device(&given.device.device).await?;
    let relist = instructions::RelistDevice {
        device_key: device_key.as_ref().unwrap_or(&signer).pubkey(),
        device: address,
        class: device.class,
        stake: pda::staking::stake(&address),
        book: pda::market::price_book(device.class_id),
        occupancy: pda::market::occupancy(&address),
    };
    let others: Vec<&AnySigner> = device_key.iter().map(|key| -> &AnySigner { key }).collect();
    let receipt = context
        .submit(&[relist.instruction()], &signer, &others)
        .await?;
    after(context, &address, &device, receipt).await
}

pub async fn delist(context: &Context, named: &Named) -> Result<()> {
    let signer = context.signer()?;
    let (address, device) = context.device(&named.device).await?;
    let delist = instructions::DelistDevice {
        signer: signer.pubkey(),
        device: address,
        class: device.class,
        stake: pda::staking::stake(&address),
        book: pda::market::price_book(device.class_id),
        occupancy: pda::market::occupancy(&address),
    };
    let receipt = context
        .submit(&[delist.instruction()], &signer, &[])
        .await?;
    after(context, &address, &device, receipt).await
}

/// Refuses the match that the device is in.
pub async fn decline_match(context: &Context, given: &ByKey) -> Result<()> {
    let (address, _) = context.device(&given.device.device).await?;
    let place: Occupancy = context
        .get(
            &pda::market::occupancy(&address),
            "the device was never listed",
        )
        .await?;
    if place.lease == Pubkey::default() {
        return Err(CliError::Refused(format!(
            "device {address} is in no match: see iog market devices"
        )));
    }
    decline(context, &place.lease, &given.key).await
}

/// The rent of a terminated device's place goes back to its owner.
pub async fn close_occupancy(context: &Context, named: &Named) -> Result<()> {
    confirm::allowed(context, "closing a place")?;
    let signer = context.signer()?;
    let (address, device) = context.device(&named.device).await?;
    let occupancy = pda::market::occupancy(&address);
    let place: Occupancy = context
        .get(&occupancy, "the device was never listed")
        .await?;
    let free = place.listed_gpus == 0 && place.lease == Pubkey::default();
    if device.state != TERMINATED || !free || place.open_leases > 0 {
        return Err(CliError::Refused(format!(
            "the place of device {address} is kept until it is terminated, off the market and every lease of it is closed ({} are open)",
            place.open_leases
        )));
    }
    let accounts = context.accounts(&[occupancy]).await?;
    let lamports = accounts.iter().flatten().map(|account| account.lamports);
    confirm::ask(
        context,
        &format!("Close the place of device {address}, and its record with it?"),
    )?;
    let close = instructions::CloseOccupancy {
        owner: signer.pubkey(),
        device: address,
        occupancy,
    };
    let receipt = context.submit(&[close.instruction()], &signer, &[]).await?;
    let record = Record::new()
        .put("device", address)
        .put("rent_lamports", lamports.sum::<u64>());
    context.out.one(&record.extend(receipt));
    Ok(())
}
