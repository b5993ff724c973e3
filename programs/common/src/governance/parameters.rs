//! Parameters as instructions.

/// Instantiates `set_parameter`, `apply_parameter` and `drop_parameter` for a program that has used [`governance!`](crate::governance!). The
/// config has a method `fn parameter(&mut self, id: $id) -> (&mut Parameter, Bounds)`.
#[macro_export]
macro_rules! parameters {
    ($config:ident, $id:ident) => {
        #[event]
        pub struct ParameterScheduled {
            pub parameter: u8,
            pub value: u64,
            pub pending: u64,
            pub effective_ts: i64,
        }

        #[event]
        pub struct ParameterChanged {
            pub parameter: u8,
            pub before: u64,
            pub after: u64,
        }

        #[event]
        pub struct ParameterDropped {
            pub by: Address,
            pub parameter: u8,
            pub dropped: u64,
        }

        /// Anyone may apply a change whose time has come.
        #[derive(Accounts)]
        pub struct ApplyParameter {
            #[account(mut, seeds = [b"config"], bump)]
            pub config: Account<$config>,
        }

        pub fn set_parameter(ctx: &mut Context<Govern>, id: $id, value: u64) -> Result<()> {
            use $crate::governance::Change;
            let now = Clock::get()?.unix_timestamp;
            let since = ctx.accounts.config.authority_since_ts;
            let (parameter, bounds) = ctx.accounts.config.parameter(id);
            match parameter
                .set(value, &bounds, now, since)
                .map_err(GovernanceError::from)?
            {
                Change::Applied { before } => emit!(ParameterChanged {
                    parameter: id as u8,
                    before,
                    after: value,
                }),
                Change::Scheduled { effective_ts } => emit!(ParameterScheduled {
                    parameter: id as u8,
                    value: parameter.value,
                    pending: value,
                    effective_ts,
                }),
            }
            Ok(())
        }

        pub fn apply_parameter(ctx: &mut Context<ApplyParameter>, id: $id) -> Result<()> {
            let now = Clock::get()?.unix_timestamp;
            let since = ctx.accounts.config.authority_since_ts;
            let (parameter, bounds) = ctx.accounts.config.parameter(id);
            let before = parameter
                .apply(&bounds, now, since)
                .map_err(GovernanceError::from)?;
            emit!(ParameterChanged {
                parameter: id as u8,
                before,
                after: parameter.value,
            });
            Ok(())
        }

        /// Drops a change that waits. The guardian or the authority may: a hostile change is seen for as long as it waits.
        pub fn drop_parameter(ctx: &mut Context<GovernAs>, id: $id) -> Result<()> {
            let by = *ctx.accounts.signer.address();
            let config = &mut ctx.accounts.config;
            config.require_guard(&by)?;
            let (parameter, _) = config.parameter(id);
            let dropped = parameter.drop_pending().map_err(GovernanceError::from)?;
            emit!(ParameterDropped {
                by,
                parameter: id as u8,
                dropped,
            });
            Ok(())
        }
    };
}
