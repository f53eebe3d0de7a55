//! `budget-ledger init`

use clap::Args;
use ledger_core::domain::code::BodyCode;
use ledger_core::domain::policy::Policy;
use ledger_core::domain::text::{ActorId, BookId, Name};
use ledger_core::log::store::Store;
use ledger_core::state::Genesis;

use super::exit::{CliError, Exit};
use super::output::{Cell, Format, Rows};
use super::place::BookArgs;
use super::write;
use crate::book::{Book, DataFolder};
use crate::clock::{now, system_clock};
use crate::sample::{self, SampleClock};

/// Make a new book: empty, or with the sample of public figures.
#[derive(Args)]
pub(super) struct Init {
    #[command(flatten)]
    book: BookArgs,
    /// Fill it with the sample book: public figures of NHS technology money with their sources.
    #[arg(long, conflicts_with_all = ["department", "name"])]
    sample: bool,
    /// The ODS code of the department at the top, which holds suspense.
    #[arg(long, value_name = "CODE", default_value = sample::DEPARTMENT)]
    department: BodyCode,
    /// What the department is called.
    #[arg(long, value_name = "NAME", default_value = "Department of Health and Social Care")]
    name: Name,
    /// Who opens the book, by opaque id.
    #[arg(long, value_name = "ID", env = "BUDGET_LEDGER_ACTOR", default_value = "local")]
    actor: ActorId,
    /// How to write the answer.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Init {
    pub(super) fn run(self) -> Result<(), CliError> {
        let path = self.book.folder("init")?;
        let folder = DataFolder::writable(path).map_err(|error| {
            let path = path.display();
            let message = format!("{path} cannot be a data folder ({error}): name another");
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
            write::note(
                "The sample book is a reconstruction from public sources; what they do not state is marked as inferred.",
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
        let mut rows = Rows::new(caption, &["entries", "root"]);
        rows.push(vec![Cell::Number(head.position.get()), Cell::text(head.root)]);
        Ok(rows.print(self.format)?)
    }
}
