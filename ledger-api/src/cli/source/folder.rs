//! A data folder as a source. Reading takes no lock; posting opens the book to write.

mod analyses;
mod funds;
mod supposing;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ledger_core::domain::calendar::FinancialYear;
use ledger_core::domain::line::LineKey;
use ledger_core::domain::position::Position;
use ledger_core::domain::posting::Posting;
use ledger_core::domain::text::ActorId;
use ledger_core::log::read::line_at;
use ledger_core::log::segments::SegmentsStore;
use ledger_core::log::store::Store;
use projections::budget::{BudgetQuery, BudgetRow, Restated};
use projections::monthly::MonthFigures;
use projections::proposals::Delegation;
use projections::scope::{Scope, Within};
use projections::sign_off_times::By;
use projections::year::Adjustment;
use projections::{AsAt, Moment, QueryError, ReadModels};

use super::answer::{
    Answer, Behind, BodyRow, Change, DelegationRow, FundRow, PolicyRow, Posted, Previewed,
    ProgrammeRow, ProposalRow, SignOffTimeRow, Supposed, SystemRow, Underspend, UnderspendReason,
};
use super::outcome::{posted, previewed};
use super::question::{EntryQuestion, Question};
use super::seen::{Seen, note_partial, visit_wanted};
use super::supposing::Supposing;
use super::{Source, read_entry};
use crate::access::delegated::has_lapsed;
use crate::access::gate::{self, Denied};
use crate::access::keyring::Keyring;
use crate::access::principal::Principal;
use crate::book::{Book, BookError, BookView, DataFolder};
use crate::cli::door;
use crate::cli::exit::CliError;
use crate::cli::{progress, write};
use crate::clock::system_clock;
use funds::funds;
use supposing::if_all_were_posted;

/// Postings sent to the writer at a time.
const AT_ONCE: usize = 8189;

/// A data folder that holds a book.
pub(in crate::cli) struct Folder {
    pub(super) path: PathBuf,
    /// Who has signed in, where the folder has keys.
    pub(super) principal: Option<Arc<Principal>>,
    /// What is supposed to have been posted.
    supposing: Option<Supposing>,
}

impl Folder {
    /// The folder at a path, where there is a book in it, entered by what signs in.
    pub(in crate::cli) fn existing(path: &Path, token: Option<&str>) -> Result<Self, CliError> {
        if DataFolder::has_book(path) {
            let principal = door::enter(path, token)?;
            return Ok(Folder { path: path.to_owned(), principal, supposing: None });
        }
        let path = path.display();
        Err(CliError::usage(format!(
            "there is no book in {path}: make one with `budget-ledger init --data {path}`, or name another folder"
        )))
    }

    /// Where it is.
    pub(in crate::cli) fn path(&self) -> &Path {
        &self.path
    }

    /// The book with its figures, to read.
    pub(in crate::cli) fn view(&self) -> Result<BookView, CliError> {
        self.supposes_nothing()?;
        self.read()
    }

    /// The book as it is, whatever is supposed.
    pub(super) fn read(&self) -> Result<BookView, CliError> {
        self.may_read()?;
        let folder = DataFolder::read_only(&self.path);
        Ok(progress::while_reading(|progress| BookView::open(&folder, progress))?)
    }

    /// The log alone, to read.
    pub(in crate::cli) fn store(&self) -> Result<SegmentsStore, CliError> {
        self.supposes_nothing()?;
        self.may_read()?;
        let folder = DataFolder::read_only(&self.path);
        Ok(SegmentsStore::read_only(folder.book).map_err(BookError::from)?)
    }

    /// Opens the book to write, does something, and closes it in any case.
    fn with_book<T>(&self, work: impl FnOnce(&Book) -> Result<T, CliError>) -> Result<T, CliError> {
        self.supposes_nothing()?;
        let folder = DataFolder::writable(&self.path)?;
        let book =
            progress::while_reading(|progress| Book::open(folder, system_clock(), progress))?;
        if let Some(torn) = book.torn() {
            write::note(&format!(
                "a block that was never acknowledged, from entry {} on, was set aside in {}",
                torn.first, torn.kept_in
            ));
        }
        let done = work(&book);
        let closed = book.close();
        let done = done?;
        closed?;
        Ok(done)
    }

    pub(super) fn ask<T>(
        &self,
        question: &Question,
        answer: impl FnOnce(&Within<'_>, &BudgetQuery) -> Result<Vec<T>, QueryError>,
    ) -> Result<Answer<T>, CliError> {
        let look = self.look()?;
        let models = look.models();
        let &Question { year, programme, body, class, through, as_at, rollup } = question;
        let moment = models.moment(as_at)?;
        let query = BudgetQuery { year, programme, body, class, moment, through, rollup };
        let scope = self.scope(models);
        note_partial(!scope.is_everything());
        Ok(Answer { position: moment.position, rows: answer(&models.within(&scope), &query)? })
    }

    pub(super) fn list<T>(
        &self,
        as_at: AsAt,
        list: impl FnOnce(&ReadModels, &Scope, Position) -> Vec<T>,
    ) -> Result<Answer<T>, CliError> {
        let look = self.look()?;
        let models = look.models();
        let position = models.moment(as_at)?.position;
        let scope = self.scope(models);
        note_partial(!scope.is_everything());
        Ok(Answer { position, rows: list(models, &scope, position) })
    }
}

impl Source for Folder {
    fn budget(&self, question: &Question) -> Result<Answer<BudgetRow>, CliError> {
        self.ask(question, |within, query| within.budget(query))
    }

    fn behind(&self, question: &Question) -> Result<Answer<Behind>, CliError> {
        self.ask(question, |within, query| {
            let behind = within.behind(query)?.into_iter().map(|contribution| Behind {
                contribution,
                recorded: within.recorded(contribution.position),
            });
            Ok(behind.collect())
        })
    }

    fn underspends(&self, question: &Question) -> Result<Answer<Underspend>, CliError> {
        self.ask(question, |within, query| {
            let told = within.underspends(query)?.into_iter().map(|told| Underspend {
                line: told.line,
                underspend: told.underspend,
                reasons: told
                    .explained
                    .iter()
                    .map(|explained| UnderspendReason {
                        cause: explained.cause,
                        pence: explained.pence,
                        position: explained.position,
                    })
                    .collect(),
                unexplained: told.unexplained,
            });
            Ok(told.collect())
        })
    }

    fn adjustments(&self, question: &Question) -> Result<Answer<Adjustment>, CliError> {
        self.ask(question, |within, query| within.adjustments(query))
    }

    fn restated(&self, question: &Question) -> Result<Answer<Restated>, CliError> {
        self.ask(question, |within, query| within.restated(query))
    }

    fn months(
        &self,
        line: &LineKey,
        as_at: AsAt,
    ) -> Result<Option<Answer<MonthFigures>>, CliError> {
        let look = self.look()?;
        let models = look.models();
        let moment: Moment = models.moment(as_at)?;
        let readable = self.scope(models).admits(line);
        let months = readable.then(|| models.months(line, moment)).flatten();
        Ok(months.map(|rows| Answer { position: moment.position, rows }))
    }

    fn funds(&self, as_at: AsAt) -> Result<Answer<FundRow>, CliError> {
        self.may_read_all()?;
        self.list(as_at, |models, _, at| funds(models, at))
    }

    fn programmes(&self, as_at: AsAt) -> Result<Answer<ProgrammeRow>, CliError> {
        self.list(as_at, |models, scope, at| {
            let known = models.register.programmes(at).filter(|(code, _)| scope.knows(*code));
            let rows = known.map(|(code, programme)| ProgrammeRow {
                code,
                name: programme.name.at(at).map(ToString::to_string),
                parent: programme.parent,
                status: programme.status.at(at).copied(),
            });
            rows.collect()
        })
    }

    fn bodies(&self, as_at: AsAt) -> Result<Answer<BodyRow>, CliError> {
        self.list(as_at, |models, _, at| {
            let rows = models.register.bodies(at).map(|(code, body)| {
                let closed_on = body.closed_on.as_ref().and_then(|history| history.at(at)).copied();
                BodyRow {
                    code,
                    name: body.name.to_string(),
                    kind: body.kind,
                    parent: body.parent,
                    opened_on: body.opened_on,
                    closed_on,
                    successor: closed_on.and(body.successor),
                }
            });
            rows.collect()
        })
    }

    fn proposals(&self, as_at: AsAt) -> Result<Answer<ProposalRow>, CliError> {
        self.list(as_at, |models, scope, at| {
            let readable = models.proposals.all(at);
            let readable = readable.filter(|found| scope.admits_effects(found.effects));
            readable.map(|found| ProposalRow::of(&found, models)).collect()
        })
    }

    fn if_all_were_posted(&self, as_at: AsAt) -> Result<Answer<Change>, CliError> {
        self.list(as_at, |models, scope, at| if_all_were_posted(models, at, scope))
    }

    fn sign_off_times(&self, by: By, as_at: AsAt) -> Result<Answer<SignOffTimeRow>, CliError> {
        self.list(as_at, |models, scope, at| {
            let times = models.proposals.sign_off_times(by, at, scope);
            times.iter().map(SignOffTimeRow::from).collect()
        })
    }

    fn systems(&self, year: FinancialYear, as_at: AsAt) -> Result<Answer<SystemRow>, CliError> {
        let look = self.look()?;
        let models = look.models();
        let position = models.moment(as_at)?.position;
        let systems = models.systems(year, position, &self.scope(models));
        note_partial(systems.partial);
        let rows = systems.rows.iter();
        let rows = rows.flat_map(|(icb, standing)| SystemRow::of_standing(*icb, standing));
        Ok(Answer { position, rows: rows.collect() })
    }

    fn delegations(&self, as_at: AsAt) -> Result<Answer<DelegationRow>, CliError> {
        let look = self.look()?;
        let position = look.models().moment(as_at)?.position;
        let keys = self.principal.is_some().then(|| Keyring::open(&self.path)).transpose()?;
        let row = |Delegation { id, given, ended }| DelegationRow {
            lapsed: (as_at == AsAt::Now).then(|| has_lapsed(&given, keys.as_ref())),
            number: id,
            from: given.from,
            to: given.to,
            capacity: given.capacity,
            begins: given.begins,
            ends: given.ends,
            ended,
        };
        let rows = look.models().proposals.delegations(position).map(row).collect();
        Ok(Answer { position, rows })
    }

    fn policy(&self, as_at: AsAt) -> Result<Answer<PolicyRow>, CliError> {
        let look = self.look()?;
        let moment = look.models().moment(as_at)?;
        let rows = look.models().policy(moment).map(PolicyRow::from).into_iter().collect();
        Ok(Answer { position: moment.position, rows })
    }

    fn exporting(&self) -> Result<(), CliError> {
        let Some(principal) = &self.principal else { return Ok(()) };
        gate::may_export(principal)?;
        self.may_read_all()?;
        door::exported(&self.path, principal)
    }

    fn head(&self) -> Result<Position, CliError> {
        Ok(self.store()?.head().position)
    }

    fn entry(&self, position: Position) -> Result<Option<Vec<u8>>, CliError> {
        let Some(line) = line_at(&self.store()?, position)? else { return Ok(None) };
        if !self.entry_scope()?.admits_events(&read_entry(&line)?.events) {
            return Err(Denied::Unscoped.into());
        }
        Ok(Some(line))
    }

    fn entries(
        &self,
        question: &EntryQuestion,
        visit: &mut dyn FnMut(&[u8]) -> bool,
    ) -> Result<Position, CliError> {
        let EntryQuestion { from, as_at, filter, checked } = question;
        let scope = self.entry_scope()?;
        note_partial(!scope.is_everything());
        let seen = Seen { filter, scope: &scope };
        if *checked {
            let view = self.view()?;
            let last = view.models().moment(*as_at)?.position;
            visit_wanted(view.store(), *from, last, &seen, visit)?;
            return Ok(last);
        }
        let store = self.store()?;
        let head = store.head().position;
        let last = match *as_at {
            AsAt::Now => head,
            AsAt::Position(asked) if asked > head => {
                return Err(QueryError::BeyondHead { asked, head }.into());
            }
            AsAt::Position(position) => position,
            AsAt::Recorded(_) => self.view()?.models().moment(*as_at)?.position,
        };
        visit_wanted(&store, *from, last, &seen, visit)?;
        Ok(last)
    }

    fn post(
        &self,
        actor: Option<&ActorId>,
        postings: Vec<Posting>,
        told: &mut dyn FnMut(Result<Posted, CliError>) -> Result<(), CliError>,
    ) -> Result<Position, CliError> {
        let actor = self.named(actor)?;
        self.with_book(|book| {
            let actor = self.admit(actor, book, &postings)?;
            let before = book.models().times.head();
            let mut postings = postings.into_iter();
            loop {
                let some: Vec<Posting> = postings.by_ref().take(AT_ONCE).collect();
                if some.is_empty() {
                    return Ok(before);
                }
                for outcome in book.writer().post_all_blocking(Arc::clone(&actor), some) {
                    told(outcome.map(posted).map_err(CliError::from))?;
                }
            }
        })
    }

    fn what_if(&self, as_at: AsAt, postings: Vec<Posting>) -> Result<Supposed, CliError> {
        self.suppose(as_at, &postings)
    }

    fn preview(
        &self,
        actor: Option<&ActorId>,
        postings: Vec<Posting>,
    ) -> Result<(Position, Vec<Result<Previewed, CliError>>), CliError> {
        let actor = self.named(actor)?;
        self.with_book(|book| {
            let actor = self.admit(actor, book, &postings)?;
            let (head, scope) = {
                let models = book.models();
                (models.times.head(), self.scope(&models))
            };
            let previews = book.writer().preview_blocking(actor, postings).into_iter();
            let previews = previews.map(|judged| {
                judged.map(|preview| previewed(&preview, &scope)).map_err(CliError::from)
            });
            Ok((head, previews.collect()))
        })
    }
}
