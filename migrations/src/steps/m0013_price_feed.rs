use super::{Context, Part, Step};
use crate::plan::PlanError;
use iog_client::{
    pda,
    token::instructions::{CreatePriceFeed, SetReporter},
};

/// The network's own price, where the plan has one. Reporters are named with the feed itself, while the network is set up: later each waits
/// 24 hours.
pub fn steps(context: &Context<'_>) -> Result<Vec<Step>, PlanError> {
    let Some((quorum, reporters)) = context.plan.price.quorum()? else {
        return Ok(Vec::new());
    };
    let authority = context.authority;
    let create = CreatePriceFeed {
        authority,
        quorum: quorum.into(),
    };
    let named = (0u8..).zip(reporters).map(|(index, key)| {
        let set = SetReporter {
            authority,
            index,
            key,
        };
        set.instruction()
    });
    let feed = Part {
        creates: pda::token::price_feed(),
        instructions: std::iter::once(create.instruction()).chain(named).collect(),
    };
    Ok(vec![Step::batch(
        "price feed and its reporters",
        vec![feed],
    )])
}
