//! Starts the policy of a book of several people: what one may not do alone, another signs.

use std::sync::Arc;

use ledger_core::domain::actor::Actor;
use ledger_core::domain::command::AdoptPolicy;
use ledger_core::domain::posting::Posting;
use ledger_core::domain::text::{ActorId, TextError};
use ledger_core::writer::Refusal;
use projections::AsAt;
use projections::book::Book;

/// Why the policy was not adopted.
#[derive(Debug, thiserror::Error)]
pub enum SecondPersonError {
    /// A fixed text has a wrong form.
    #[error(transparent)]
    Text(#[from] TextError),
    /// The book refused the policy.
    #[error("the policy that asks for a second person was not adopted: {0}")]
    Refused(#[from] Refusal),
}

/// Adopts the book's policy with a second person, unless it has one. The policy is an entry of its
/// own, in effect at once.
///
/// # Errors
///
/// [`SecondPersonError`]; nothing is posted then.
pub fn ask_for_second_person(
    book: &Book,
    administrator: &ActorId,
) -> Result<(), SecondPersonError> {
    let (policy, effective) = {
        let models = book.models();
        let Ok(moment) = models.moment(AsAt::Now) else { return Ok(()) };
        let Some(adopted) = models.policy(moment) else { return Ok(()) };
        if !adopted.policy.sign_off.chains.always.is_empty() {
            return Ok(());
        }
        (adopted.policy.clone(), moment.time)
    };
    let posting = Posting {
        key: "policy-of-several-people".parse()?,
        command: AdoptPolicy { policy: Box::new(policy.with_second_person()), effective }.into(),
        reason: "Several people use this book: what one may not do alone, another signs."
            .parse()?,
        authority: None,
        evidence: smallvec::SmallVec::new(),
        inferred: None,
        expected_versions: Vec::new(),
    };
    let actor = Arc::new(Actor {
        id: administrator.clone(),
        capacities: Vec::new(),
        administers: true,
        lapsed: Vec::new(),
        reads: Arc::default(),
    });
    let outcome = book.writer().post_all_blocking(actor, vec![posting]).pop();
    outcome.transpose()?;
    Ok(())
}
