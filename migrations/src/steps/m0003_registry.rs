use super::{Context, Part, Step};
use crate::plan::{Class, PlanError};
use iog_client::{pda, registry};

pub fn steps(context: &Context<'_>) -> Result<Vec<Step>, PlanError> {
    let (measurers, quorum) = context.plan.measurers_and_quorum()?;
    let initialize = registry::instructions::Initialize {
        authority: context.authority,
        program_data: pda::program_data(&registry::ID),
        attestor: context.plan.attestor_or(context.authority)?,
        window_spread_secs: context.plan.window_spread_secs,
        quorum: quorum.into(),
    };
    let mut instructions = vec![initialize.instruction()];
    // Named with the registry itself, while the network is set up: later each waits 24 hours.
    instructions.extend((0u8..).zip(measurers).map(|(index, key)| {
        let set = registry::instructions::SetMeasurer {
            authority: context.authority,
            index,
            key,
        };
        set.instruction()
    }));
    let registry = Part {
        creates: pda::registry::config(),
        instructions,
    };
    let mut steps = vec![Step::batch("registry", vec![registry])];
    for class in &context.plan.classes {
        let label = format!("hardware class {}", class.name);
        steps.push(Step::batch(label, vec![add_class(context, class)?]));
    }
    Ok(steps)
}

pub(super) fn add_class(context: &Context<'_>, class: &Class) -> Result<Part, PlanError> {
    let address = pda::registry::class(class.id);
    let add = registry::instructions::AddClass {
        authority: context.authority,
        class: address,
        args: class.args()?,
    };
    Ok(Part {
        creates: address,
        instructions: vec![add.instruction()],
    })
}
