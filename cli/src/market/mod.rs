//! What the verbs of the market share: currencies, prices, and what is done with orders and their leases.

pub mod candidates;
pub mod cover;
pub mod currency;
pub mod lease;
pub mod matching;
pub mod offer;
pub mod order;
pub mod owners;
pub mod parts;
pub mod quote;
pub mod rules;

use crate::{
    context::Context,
    error::{CliError, Result},
    nouns::text,
};
use iog_client::{pda, registry::accounts::HardwareClass};

/// A class by its number, or by its name whatever the case.
pub async fn class(context: &Context, given: &str) -> Result<HardwareClass> {
    if let Ok(id) = given.parse() {
        return context.class(&pda::registry::class(id)).await;
    }
    let classes = context.list::<HardwareClass>(&[]).await?;
    let mut named = classes
        .into_iter()
        .map(|(_, class)| class)
        .filter(|class| text(&class.name).eq_ignore_ascii_case(given));
    match (named.next(), named.next()) {
        (Some(class), None) => Ok(class),
        (Some(_), Some(_)) => Err(CliError::usage(format!(
            "several classes are named '{given}': pass the number that iog class list shows"
        ))),
        (None, _) => Err(CliError::usage(format!(
            "there is no class '{given}': see iog class list"
        ))),
    }
}

/// The classes by number or name, in the order given.
pub async fn classes(context: &Context, given: &[String]) -> Result<Vec<HardwareClass>> {
    let mut found: Vec<HardwareClass> = Vec::new();
    for name in given {
        let class = class(context, name).await?;
        if found.iter().any(|known| known.id == class.id) {
            return Err(CliError::usage(format!("class {name} is named twice")));
        }
        found.push(class);
    }
    Ok(found)
}

/// An account whose every field is zero.
#[cfg(test)]
pub fn blank<T: iog_client::AccountData>() -> T {
    let mut data = T::DISCRIMINATOR.to_vec();
    data.resize(2_048, 0);
    match iog_client::decode(&data) {
        Ok(account) => account,
        Err(error) => panic!("{error}"),
    }
}
