//! Matching an order's devices: the renter's own client ranks in the first seconds, so that the quickest supplier does not choose itself.

use super::{
    candidates::{self, Choice, Listed},
    cover,
    currency::Pay,
    order::{self, find, state, waits, ACTIVE},
};
use crate::{
    context::Context,
    error::{CliError, Result},
    pack::pack,
};
use iog_client::{
    market::{accounts::Order, instructions::MatchDevice},
    pda,
};
use iog_tx::TxError;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use std::collections::BTreeSet;

/// Devices that others took meanwhile are replaced so often.
const ROUNDS: usize = 3;

/// What came of it.
#[derive(Debug, Default)]
pub struct Outcome {
    pub devices: Vec<Pubkey>,
    /// GPUs that nobody was found for.
    pub missing: u32,
    /// Why devices do not fit, for people.
    pub unfit: Vec<String>,
}

impl Outcome {
    /// What was found, or why not enough was.
    pub fn words(&self) -> String {
        let why = match self.unfit.is_empty() {
            true => "no device of its classes is listed".to_string(),
            false => self.unfit.join(", "),
        };
        match (self.devices.len(), self.missing) {
            (0, 0) => "nothing is missing".to_string(),
            (0, missing) => format!("no devices make it up now, {missing} GPUs are missing: {why}"),
            (count, 0) => format!("{count} devices are matched"),
            (count, missing) => format!("{count} devices are matched, {missing} GPUs are missing"),
        }
    }
}

fn found(choice: &Choice, refused: usize) -> Outcome {
    let unfit = choice.unfit.iter();
    let mut unfit: Vec<String> = unfit.map(|(why, count)| format!("{count} {why}")).collect();
    if refused > 0 {
        unfit.push(format!("{refused} refused by the chain"));
    }
    Outcome {
        devices: Vec::new(),
        missing: choice.missing,
        unfit,
    }
}

/// Gives the best devices to the order, as `signer`, who pays the leases' rent and gets it back.
pub async fn run(context: &Context, signer: &Keypair, address: &Pubkey) -> Result<Outcome> {
    let (mut refused, mut outcome) = (BTreeSet::new(), Outcome::default());
    look_at_cover(context, signer, address).await?;
    for _ in 0..ROUNDS {
        let booked = find(context, address).await?;
        require_open(address, &booked)?;
        if order::gpus(&booked) == order::matched_gpus(&booked) {
            outcome.missing = 0;
            return Ok(outcome);
        }
        let stock = candidates::read(context, address, &booked).await?;
        let choice = stock.choose(&booked, &refused)?;
        let devices = std::mem::take(&mut outcome.devices);
        outcome = Outcome {
            devices,
            ..found(&choice, refused.len())
        };
        if choice.chosen.is_empty() {
            break;
        }
        let before = refused.len();
        send(
            context,
            signer,
            address,
            &booked,
            &choice,
            &mut refused,
            &mut outcome,
        )
        .await?;
        if refused.len() == before || context.dry_run {
            break;
        }
    }
    Ok(outcome)
}

/// Devices whose owners ask for a price take IOSD only where it is known what IOSD is worth: who matches says it anew, if nobody has lately.
async fn look_at_cover(context: &Context, signer: &Keypair, address: &Pubkey) -> Result<()> {
    if find(context, address).await?.currency != Pay::Iosd.number() || context.dry_run {
        return Ok(());
    }
    let line = cover::line(context).await?;
    if cover::known(&line, context.time().await?.now).is_some() {
        return Ok(());
    }
    if let Err(error) = cover::update(context, signer, None).await {
        context.note(&format!(
            "what IOSD is worth is not known, and only devices without a floor take it: {}",
            error.line()
        ));
    }
    Ok(())
}

fn require_open(address: &Pubkey, order: &Order) -> Result<()> {
    if waits(order) || order.state == ACTIVE {
        return Ok(());
    }
    Err(CliError::Refused(format!(
        "order {address} is {} and takes no devices",
        state(order.state)
    )))
}

/// Sends the matches, as many in a transaction as it holds; where one is refused each by itself, so that the others stand.
async fn send(
    context: &Context,
    signer: &Keypair,
    address: &Pubkey,
    order: &Order,
    choice: &Choice<'_>,
    refused: &mut BTreeSet<Pubkey>,
    outcome: &mut Outcome,
) -> Result<()> {
    let keeper = signer.pubkey();
    let matches = choice.chosen.iter();
    let matches = matches.map(|(part, device)| instruction(keeper, address, order, *part, device));
    let batches = pack(matches.collect(), &keeper);
    let mut devices = choice.chosen.iter().map(|(_, device)| device.address);
    for batch in batches {
        let named: Vec<Pubkey> = devices.by_ref().take(batch.len()).collect();
        match context.submit(&batch, signer, &[]).await {
            Ok(_) => outcome.devices.extend(named),
            Err(error) if !is_rejection(&error) => return Err(error),
            Err(_) => {
                for (single, device) in batch.into_iter().zip(named) {
                    match context.submit(&[single], signer, &[]).await {
                        Ok(_) => outcome.devices.push(device),
                        Err(error) if !is_rejection(&error) => return Err(error),
                        Err(error) => {
                            context.note(&format!("device {device}: {}", error.line()));
                            refused.insert(device);
                        }
                    }
                }
            }
        }
        // Each batch builds on the one before, so that only the first can be simulated.
        if context.dry_run {
            break;
        }
    }
    Ok(())
}

fn is_rejection(error: &CliError) -> bool {
    matches!(error, CliError::Tx(error) if TxError::rejection(error).is_some())
}

fn instruction(
    keeper: Pubkey,
    address: &Pubkey,
    order: &Order,
    part: u8,
    listed: &Listed,
) -> Instruction {
    let (device, held) = (&listed.device, listed.held);
    MatchDevice {
        keeper,
        order: *address,
        device: listed.address,
        class: device.class,
        book: pda::market::price_book(device.class_id),
        stake: pda::staking::stake(&listed.address),
        occupancy: pda::market::occupancy(&listed.address),
        earnings: pda::market::earnings(&order.mint, &device.owner),
        lease: pda::market::lease(address, &listed.address),
        held_lease: held.map(|held| held.lease),
        held_order: held.map(|held| held.order),
        held_payer: held.map(|held| held.payer),
        // What IOSD is worth, for who asks for a price.
        line: (order.currency == Pay::Iosd.number()).then(pda::market::credit_line),
        part,
    }
    .instruction()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_of_it_is_told() {
        let mut outcome = Outcome {
            missing: 2,
            ..Outcome::default()
        };
        let told = outcome.words();
        assert!(
            told.ends_with("no device of its classes is listed"),
            "{told}"
        );
        outcome.unfit = vec!["3 in a lease".into(), "1 rests".into()];
        let told = outcome.words();
        assert!(told.ends_with("missing: 3 in a lease, 1 rests"), "{told}");
        outcome.devices = vec![Pubkey::default()];
        outcome.missing = 0;
        assert_eq!(outcome.words(), "1 devices are matched");
    }
}
