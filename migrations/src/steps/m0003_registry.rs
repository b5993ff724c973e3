use super::{Context, Step};
use crate::plan::PlanError;
use iog_client::{pda, registry};

pub fn steps(context: &Context<'_>) -> Result<Vec<Step>, PlanError> {
    let initialize = registry::instructions::Initialize {
        authority: context.authority,
        program_data: pda::program_data(&registry::ID),
        attestor: context.plan.attestor_or(context.authority)?,
    };
    let mut steps = vec![Step::new(
        "registry",
        pda::registry::config(),
        initialize.instruction(),
    )];
    for class in &context.plan.classes {
        let add = registry::instructions::AddClass {
            authority: context.authority,
            class: pda::registry::class(class.id),
            args: class.args()?,
        };
        steps.push(Step::new(
            format!("hardware class {}", class.name),
            pda::registry::class(class.id),
            add.instruction(),
        ));
    }
    Ok(steps)
}
