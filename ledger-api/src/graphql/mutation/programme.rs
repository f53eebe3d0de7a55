//! Programmes: open, rename, close, cancel.

use async_graphql::{Context, InputObject, Object, OneofObject, Result};
use ledger_core::domain::command::{self, Command};
use ledger_core::domain::event;

use super::budget::OutOfBook;
use super::input::{CommandInput, MutationInput, mutation_input};
use crate::graphql::posting::{Malformed, PostingPayload, submit};
use crate::graphql::scalars::{Fund, Programme, YearMonth};

/// Open a programme.
#[derive(InputObject)]
pub(super) struct OpenProgramme {
    /// Its code.
    code: Programme,
    /// What it is called: 1 to 200 characters.
    name: String,
    /// The programme it is part of.
    parent: Option<Programme>,
}

impl CommandInput for OpenProgramme {
    fn command(self) -> Result<Command, Malformed> {
        let OpenProgramme { code, name, parent } = self;
        let name = name.parse().map_err(|error| Malformed::new("name", &error))?;
        let (code, parent) = (code.0, parent.map(Into::into));
        Ok(command::OpenProgramme { code, name, parent }.into())
    }
}

mutation_input!(
    /// A programme to open, and what the posting says about itself.
    OpenProgrammeInput(OpenProgramme)
);

/// Give a programme another name; its code stays.
#[derive(InputObject)]
pub(super) struct RenameProgramme {
    /// Its code.
    code: Programme,
    /// What it is called from now on: 1 to 200 characters.
    name: String,
}

impl CommandInput for RenameProgramme {
    fn command(self) -> Result<Command, Malformed> {
        let name = self.name.parse().map_err(|error| Malformed::new("name", &error))?;
        Ok(command::RenameProgramme { code: self.code.0, name }.into())
    }
}

mutation_input!(
    /// A programme's new name, and what the posting says about itself.
    RenameProgrammeInput(RenameProgramme)
);

/// Close a programme that holds no money.
#[derive(InputObject)]
pub(super) struct CloseProgramme {
    /// Its code.
    code: Programme,
}

impl CommandInput for CloseProgramme {
    fn command(self) -> Result<Command, Malformed> {
        Ok(command::CloseProgramme { code: self.code.0 }.into())
    }
}

mutation_input!(
    /// A programme to close, and what the posting says about itself.
    CloseProgrammeInput(CloseProgramme)
);

/// Where the money of a cancelled programme goes: give one.
#[derive(OneofObject)]
pub(super) enum Destination {
    /// Out of the book.
    OutOfBook(OutOfBook),
    /// Back to this fund, in the class of the line it leaves.
    Fund(Fund),
    /// To the line of this programme with the same body, year, class and ring-fence; for
    /// `SUSPENSE`, to the department's suspense line.
    Programme(Programme),
}

/// Cancel a programme and those below it, and move what is available to a destination.
#[derive(InputObject)]
pub(super) struct CancelProgramme {
    /// The programme.
    programme: Programme,
    /// Where its money goes, now and what it frees later.
    to: Destination,
    /// The effective month in the current year. Later years take effect in M1, earlier ones that
    /// are still open in their last open month.
    month: YearMonth,
}

impl CommandInput for CancelProgramme {
    fn command(self) -> Result<Command, Malformed> {
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
    /// A programme to cancel, and what the posting says about itself.
    CancelProgrammeInput(CancelProgramme)
);

#[derive(Debug, Default)]
pub(super) struct ProgrammeMutation;

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

    /// Give a programme another name; its code stays.
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

    /// Cancel a programme and those below it: what is available moves to a destination, and from
    /// then on the programme takes only what winds it down.
    async fn cancel_programme(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to cancel, and why.")] input: CancelProgrammeInput,
    ) -> Result<PostingPayload> {
        let (fields, posting) = input.parts();
        submit(context, fields.command(), posting).await
    }
}
