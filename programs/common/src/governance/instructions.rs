//! Roles and pausing as instructions.

/// Instantiates the governance of a program's `Config`: accounts, handlers, events and errors. The config has the fields
/// `authority`, `authority_since_ts`, `pending_authority`, `guardian`, `paused` and the seeds `[b"config"]`; the error enum has
/// `NotAuthority`; the last argument is the union of the pause bits.
#[macro_export]
macro_rules! governance {
    ($config:ident, $error:ident, $actions:expr) => {
        /// Refusals of governance: the same codes in every program of the suite.
        #[error_code(offset = 6900)]
        pub enum GovernanceError {
            #[msg("Only the proposed authority may accept")]
            NotPendingAuthority,
            #[msg("No new authority is proposed")]
            NothingProposed,
            #[msg("Only the guardian or the authority may pause, or drop what waits")]
            NotGuardian,
            #[msg("A role may not be nobody here, and guardian, authority and successor must be different keys")]
            InvalidRole,
            #[msg("The bits name no action of this program that can be paused")]
            UnknownAction,
            #[msg("This action is paused: try again after it is resumed")]
            Paused,
            #[msg("The value is outside the parameter's bounds")]
            OutOfBounds,
            #[msg("No such change waits: none was scheduled, or a former authority did")]
            NothingScheduled,
            #[msg("The change still waits: it can be applied from its effective_ts on")]
            TooEarly,
            #[msg("A number of governance is out of range")]
            GovernanceOverflow,
            #[msg("The scheduled change has lapsed: it could be applied for 7 days. Set it again")]
            Lapsed,
        }

        impl From<$crate::governance::Refusal> for GovernanceError {
            fn from(refusal: $crate::governance::Refusal) -> Self {
                use $crate::governance::Refusal;
                match refusal {
                    Refusal::NotPendingAuthority => Self::NotPendingAuthority,
                    Refusal::NothingProposed => Self::NothingProposed,
                    Refusal::NotGuardian => Self::NotGuardian,
                    Refusal::InvalidRole => Self::InvalidRole,
                    Refusal::UnknownAction => Self::UnknownAction,
                    Refusal::Paused => Self::Paused,
                    Refusal::OutOfBounds => Self::OutOfBounds,
                    Refusal::NothingScheduled => Self::NothingScheduled,
                    Refusal::TooEarly => Self::TooEarly,
                    Refusal::Lapsed => Self::Lapsed,
                    Refusal::MathOverflow => Self::GovernanceOverflow,
                }
            }
        }

        #[event]
        pub struct AuthorityProposed {
            pub authority: Address,
            pub pending_authority: Address,
        }

        #[event]
        pub struct AuthorityProposalCancelled {
            pub authority: Address,
            pub pending_authority: Address,
        }

        #[event]
        pub struct AuthorityChanged {
            pub before: Address,
            pub after: Address,
        }

        #[event]
        pub struct GuardianChanged {
            pub before: Address,
            pub after: Address,
        }

        #[event]
        pub struct PauseChanged {
            pub by: Address,
            pub before: u8,
            pub after: u8,
        }

        impl $config {
            fn roles(&mut self) -> $crate::governance::Roles<'_> {
                $crate::governance::Roles {
                    authority: &mut self.authority,
                    authority_since_ts: &mut self.authority_since_ts,
                    pending_authority: &mut self.pending_authority,
                    guardian: &mut self.guardian,
                    paused: &mut self.paused,
                }
            }

            /// Refuses who is neither the guardian nor the authority.
            pub fn require_guard(&mut self, signer: &Address) -> Result<()> {
                Ok(self
                    .roles()
                    .require_guard(signer)
                    .map_err(GovernanceError::from)?)
            }

            /// Refuses while `action` is paused.
            pub fn require_running(&self, action: u8) -> Result<()> {
                require!(self.paused & action == 0, GovernanceError::Paused);
                Ok(())
            }
        }

        #[derive(Accounts)]
        pub struct Govern {
            #[account(address = config.authority @ $error::NotAuthority)]
            pub authority: Signer,
            #[account(mut, seeds = [b"config"], bump)]
            pub config: Account<$config>,
        }

        /// For those who are checked by the config's other roles.
        #[derive(Accounts)]
        pub struct GovernAs {
            pub signer: Signer,
            #[account(mut, seeds = [b"config"], bump)]
            pub config: Account<$config>,
        }

        pub fn propose_authority(ctx: &mut Context<Govern>, successor: Address) -> Result<()> {
            let config = &mut ctx.accounts.config;
            config.roles().propose(successor).map_err(GovernanceError::from)?;
            emit!(AuthorityProposed {
                authority: config.authority,
                pending_authority: successor,
            });
            Ok(())
        }

        pub fn cancel_authority(ctx: &mut Context<Govern>) -> Result<()> {
            let config = &mut ctx.accounts.config;
            let pending_authority = config.roles().cancel().map_err(GovernanceError::from)?;
            emit!(AuthorityProposalCancelled {
                authority: config.authority,
                pending_authority,
            });
            Ok(())
        }

        pub fn accept_authority(ctx: &mut Context<GovernAs>) -> Result<()> {
            let after = *ctx.accounts.signer.address();
            let now = Clock::get()?.unix_timestamp;
            let config = &mut ctx.accounts.config;
            let before = config.roles().accept(&after, now).map_err(GovernanceError::from)?;
            emit!(AuthorityChanged { before, after });
            Ok(())
        }

        pub fn set_guardian(ctx: &mut Context<Govern>, guardian: Address) -> Result<()> {
            let config = &mut ctx.accounts.config;
            let before = config.roles().set_guardian(guardian).map_err(GovernanceError::from)?;
            emit!(GuardianChanged {
                before,
                after: guardian,
            });
            Ok(())
        }

        pub fn pause(ctx: &mut Context<GovernAs>, actions: u8) -> Result<()> {
            let by = *ctx.accounts.signer.address();
            let config = &mut ctx.accounts.config;
            let before = config.roles().pause(&by, actions, $actions).map_err(GovernanceError::from)?;
            emit!(PauseChanged {
                by,
                before,
                after: config.paused,
            });
            Ok(())
        }

        pub fn resume(ctx: &mut Context<Govern>, actions: u8) -> Result<()> {
            let config = &mut ctx.accounts.config;
            let before = config.roles().resume(actions, $actions).map_err(GovernanceError::from)?;
            emit!(PauseChanged {
                by: config.authority,
                before,
                after: config.paused,
            });
            Ok(())
        }
    };
}
