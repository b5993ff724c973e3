use super::{m0003_registry::add_class, Context, Step};
use crate::plan::{catalog, PlanError};

/// Classes of one transaction: each takes 128 of its 1,232 bytes, beside 330 for all.
const AT_ONCE: usize = 6;

pub fn steps(context: &Context<'_>) -> Result<Vec<Step>, PlanError> {
    if !context.plan.catalog {
        return Ok(Vec::new());
    }
    let classes = catalog()?;
    let batches = classes.chunks(AT_ONCE).map(|batch| {
        let names: Vec<&str> = batch.iter().map(|class| class.name.as_str()).collect();
        let parts = batch.iter().map(|class| add_class(context, class));
        let parts: Result<Vec<_>, _> = parts.collect();
        Ok(Step::batch(
            format!("hardware classes {}", names.join(", ")),
            parts?,
        ))
    });
    batches.collect()
}
