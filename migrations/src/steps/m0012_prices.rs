use super::{Context, Part, Step};
use crate::plan::{catalog, Class, PlanError};
use iog_client::{market, pda};

/// Books of one transaction: each takes 145 of its 1,232 bytes, beside 310 for all.
const AT_ONCE: usize = 6;

/// Every class of the plan and of the catalogue is offered at its base price and the plan's factors.
pub fn steps(context: &Context<'_>) -> Result<Vec<Step>, PlanError> {
    let mut classes = context.plan.classes.clone();
    if context.plan.catalog {
        classes.extend(catalog()?);
    }
    let batches = classes.chunks(AT_ONCE).map(|batch| {
        let names: Vec<&str> = batch.iter().map(|class| class.name.as_str()).collect();
        let parts = batch.iter().map(|class| add_book(context, class));
        Step::batch(format!("prices of {}", names.join(", ")), parts.collect())
    });
    Ok(batches.collect())
}

fn add_book(context: &Context<'_>, class: &Class) -> Part {
    let add = market::instructions::AddPriceBook {
        authority: context.authority,
        class: pda::registry::class(class.id),
        book: pda::market::price_book(class.id),
        args: context.plan.prices.args(),
    };
    Part {
        creates: add.book,
        instructions: vec![add.instruction()],
    }
}
