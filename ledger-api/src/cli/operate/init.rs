//! `budget-ledger init`

use clap::Args;
use ledger_core::domain::code::BodyCode;
use ledger_core::domain::policy::Policy;
use ledger_core::domain::text::{ActorId, BookId, Name};
use ledger_core::log::store::Store;
use ledger_core::state::Genesis;

use crate::cli::ask::place::FolderArgs;
use crate::cli::exit::{CliError, Exit};
use crate::cli::format::Format;
use crate::cli::output::{Cell, Rows};
use crate::cli::post::write;
use crate::clock::{now, system_clock};
use crate::sample::{self, SampleClock};
use projections::book::{Book, DataFolder};

/// Make a new book, empty or with a sample of public figures.
#[derive(Args)]
pub(crate) struct Init {
    #[command(flatten)]
    folder: FolderArgs,
    /// Fill it with public figures of NHS technology money and their sources, to try things out.
    #[arg(long, conflicts_with_all = ["department", "name"])]
    sample: bool,
    /// The ODS code of the department at the top.
    #[arg(long, value_name = "CODE", default_value = sample::DEPARTMENT)]
    department: BodyCode,
    /// The name of the department.
    #[arg(long, value_name = "NAME", default_value = "Department of Health and Social Care")]
    name: Name,
    /// The id of the person who opens the book.
    #[arg(long, value_name = "ID", env = "BUDGET_LEDGER_ACTOR", default_value = "local")]
    actor: ActorId,
    #[command(flatten)]
    format: Format,
}

impl Init {
    pub(crate) fn run(self) -> Result<(), CliError> {
        let path = &self.folder.data;
        let folder = DataFolder::writable(path).map_err(|error| {
            let path = path.display();
            let message =
                format!("{path} cannot be a data folder ({error}): name another with --data");
            CliError::new(Exit::Failure, "IO", message)
        })?;
        let book = if self.sample {
            let clock = SampleClock::default();
            let book = Book::create(folder, &sample::genesis()?, clock.clock())?;
            let loaded = sample::load(&book.writer(), &clock);
            if let Err(error) = loaded {
                book.close()?;
                return Err(error.into());
            }
            // Its entries have dates of their own.
            book.accept_clock("the book is a sample with dates of its own", self.actor.as_str())?;
            write::note(
                "The sample book is reconstructed from public sources. Figures that they do not state are marked as inferred.",
            );
            book
        } else {
            let genesis = Genesis {
                book: BookId::new(write::random()?),
                department: self.department,
                name: self.name,
                policy: Policy::default(),
                recorded: now(),
                actor: self.actor,
            };
            Book::create(folder, &genesis, system_clock())?
        };
        let head = book.store().head();
        book.close()?;
        let caption = format!("A book in {}.", path.display());
        let mut rows = Rows::new(caption, ["entries", "root"]);
        rows.push(vec![Cell::Number(head.position.get()), Cell::text(head.root)]);
        Ok(rows.print(self.format)?)
    }
}
