//! Programmes: open, rename, close, cancel.

use async_graphql::{Context, InputObject, Object, OneofObject, Result};
use ledger_core::domain::command::{self, Command};
use ledger_core::domain::event;

use super::budget::OutOfBook;
use super::input::{CommandInput, MutationInput, mutation_input};
use crate::graphql::kit::scalars::{Fund, Programme, YearMonth};
use crate::graphql::mutation::posting::{FieldError, PostingPayload, submit};

/// Open a programme.
#[derive(InputObject)]
pub(crate) struct OpenProgramme {
    /// The code.
    code: Programme,
    /// The name: 1 to 200 characters.
    name: String,
    /// The programme directly above.
    parent: Option<Programme>,
}

impl CommandInput for OpenProgramme {
    fn command(self) -> Result<Command, FieldError> {
        let OpenProgramme { code, name, parent } = self;
        let name = name.parse().map_err(|error| FieldError::new("name", &error))?;
        let (code, parent) = (code.0, parent.map(Into::into));
        Ok(command::OpenProgramme { code, name, parent }.into())
    }
}

mutation_input!(
    /// The programme to open, and the posting fields.
    OpenProgrammeInput(OpenProgramme)
);

/// Rename a programme; its code stays.
#[derive(InputObject)]
pub(crate) struct RenameProgramme {
    /// The code.
    code: Programme,
    /// The new name: 1 to 200 characters.
    name: String,
}

impl CommandInput for RenameProgramme {
    fn command(self) -> Result<Command, FieldError> {
        let name = self.name.parse().map_err(|error| FieldError::new("name", &error))?;
        Ok(command::RenameProgramme { code: self.code.0, name }.into())
    }
}

mutation_input!(
    /// The programme's new name, and the posting fields.
    RenameProgrammeInput(RenameProgramme)
);

/// Close a programme that holds no money.
#[derive(InputObject)]
pub(crate) struct CloseProgramme {
    /// The code.
    code: Programme,
}

impl CommandInput for CloseProgramme {
    fn command(self) -> Result<Command, FieldError> {
        Ok(command::CloseProgramme { code: self.code.0 }.into())
    }
}

mutation_input!(
    /// The programme to close, and the posting fields.
    CloseProgrammeInput(CloseProgramme)
);

/// The destination of a cancelled programme's money: give exactly one.
#[derive(OneofObject)]
pub(crate) enum Destination {
    /// Out of the book.
    OutOfBook(OutOfBook),
    /// Back to this fund, in the class of the line.
    Fund(Fund),
    /// To the line of this programme with the same body, year, class and ring-fence; for
    /// `SUSPENSE`, to the department's suspense line.
    Programme(Programme),
}

/// Cancel a programme and those below it, and move what is available to a destination.
#[derive(InputObject)]
pub(crate) struct CancelProgramme {
    /// The programme.
    programme: Programme,
    /// The destination of its money, now and as more is freed.
    to: Destination,
    /// The effective month in the current year. Later years take effect in M1, earlier open years
    /// in their last open month.
    month: YearMonth,
}

impl CommandInput for CancelProgramme {
    fn command(self) -> Result<Command, FieldError> {
        let CancelProgramme { programme, to, month } = self;
        let to = match to {
            Destination::OutOfBook(OutOfBook::Treasury) => event::Destination::Treasury,
            Destination::Fund(fund) => event::Destination::Fund(fund.0),
            Destination::Programme(programme) => event::Destination::Programme(programme.0),
        };
        Ok(command::CancelProgramme { programme: programme.0, to, month: month.0 }.into())
    }
}

mutation_input!(
    /// The programme to cancel, and the posting fields.
    CancelProgrammeInput(CancelProgramme)
);

#[derive(Debug, Default)]
pub(crate) struct ProgrammeMutation;

#[Object]
impl ProgrammeMutation {
    /// Open a programme.
    async fn open_programme(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to open, and why.")] input: OpenProgrammeInput,
    ) -> Result<PostingPayload> {
        let (fields, posting) = input.parts();
        submit(context, fields.command(), posting).await
    }

    /// Rename a programme; its code stays.
    async fn rename_programme(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to rename, and why.")] input: RenameProgrammeInput,
    ) -> Result<PostingPayload> {
        let (fields, posting) = input.parts();
        submit(context, fields.command(), posting).await
    }

    /// Close a programme that holds no money.
    async fn close_programme(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to close, and why.")] input: CloseProgrammeInput,
    ) -> Result<PostingPayload> {
        let (fields, posting) = input.parts();
        submit(context, fields.command(), posting).await
    }

    /// Cancel a programme and those below it. What is available moves to a destination; afterwards
    /// the programme accepts only payments and releases of its commitments.
    async fn cancel_programme(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to cancel, and why.")] input: CancelProgrammeInput,
    ) -> Result<PostingPayload> {
        let (fields, posting) = input.parts();
        submit(context, fields.command(), posting).await
    }
}
