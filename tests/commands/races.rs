//! Raced sign-offs: many sign, revise and withdraw the same proposals at once.

use std::collections::BTreeMap;
use std::thread;

use ledger_core::domain::event::{Event, ProposalEvent};
use ledger_core::domain::ledger::ProposalStatus;
use ledger_core::domain::position::Position;
use ledger_tests::generate::{Random, acting};

use crate::book::{Book, NOW, given, posting_of};
use crate::proposals::{propose, sign};
use crate::words::{CYBER, WIFI, reallocate};

const CLIENTS: u64 = 32;
const PROPOSALS: u64 = 6;
const ACTS: usize = 60;

/// What one client does: most sign what they take to be the version, some revise or withdraw.
fn act(random: &mut Random, client: u64) -> (String, String) {
    let proposal = given(1 + random.below(PROPOSALS));
    let version = 1 + random.below(4) as u32;
    let maker = format!("maker-{proposal}");
    match random.below(10) {
        0 => (maker, format!(r#"{{"withdrawProposal":{{"proposal":{proposal}}}}}"#)),
        1..=4 => {
            let command = reallocate(WIFI, CYBER, &format!("{}.00", 1 + random.below(9)));
            let revision = format!(
                r#"{{"reviseProposal":{{"proposal":{proposal},"version":{version},"command":{command}}}}}"#
            );
            (format!("{maker} department:XDH"), revision)
        }
        _ => (format!("signer-{client} department:XDH"), sign(proposal, version)),
    }
}

/// What the log says became of each proposal, event by event: an oracle that knows nothing of the
/// ledger. It fails where one is posted twice, over, or on a version that was superseded.
#[derive(Default)]
struct Serial {
    version: u32,
    over: Option<ProposalStatus>,
}

impl Serial {
    fn take_in(&mut self, at: Position, event: &ProposalEvent) {
        assert_eq!(self.over, None, "entry {at}: {event:?} comes after the end");
        match event {
            ProposalEvent::Submitted(submitted) => {
                assert_eq!(submitted.version, self.version + 1, "entry {at}");
                self.version = submitted.version;
            }
            ProposalEvent::Signed(signed) => {
                assert_eq!(signed.version, self.version, "entry {at} signs what was superseded");
                assert!(signed.by.as_str().starts_with("signer"), "entry {at}: {}", signed.by);
                self.over = Some(ProposalStatus::Posted(at));
            }
            ProposalEvent::Withdrawn(_) => self.over = Some(ProposalStatus::Withdrawn),
            other => panic!("entry {at}: {other:?}"),
        }
    }
}

#[test]
fn raced_signatures_revisions_and_withdrawals_leave_what_one_after_the_other_leaves() {
    for seed in 0..ledger_tests::rounds(20, 3) {
        let mut book = Book::open(|_| (), NOW);
        for number in 1..=PROPOSALS {
            let proposed = propose(&reallocate(WIFI, CYBER, "5.00"));
            book.given(&format!("maker-{} {proposed}", given(number))).expect("a proposal");
        }
        let writer = book.writer();
        thread::scope(|scope| {
            for client in 0..CLIENTS {
                let writer = writer.clone();
                scope.spawn(move || {
                    let mut random = Random(seed * CLIENTS + client + 1);
                    for turn in 0..ACTS {
                        let (who, command) = act(&mut random, client);
                        let mut posting = posting_of(&command, turn);
                        posting.key = ledger_tests::generate::parsed(&format!("{client}-{turn}"));
                        // Most are refused: somebody else was there before.
                        drop(writer.post_all_blocking(acting(&who), vec![posting]));
                    }
                });
            }
        });
        let mut serial: BTreeMap<Position, Serial> = BTreeMap::new();
        let mut posted = 0;
        for at in 1..=book.head().get() {
            let at = Position::new(at);
            let events = book.events(at);
            for event in &events {
                if let Event::Proposal(event) = event {
                    serial.entry(event.proposal().unwrap_or(at)).or_default().take_in(at, event);
                }
            }
            let signed = matches!(events.first(), Some(Event::Proposal(ProposalEvent::Signed(_))));
            posted += usize::from(signed);
            assert_eq!(
                signed,
                events.len() > 1,
                "entry {at}: a signature posts, nothing else does"
            );
        }
        let ended = serial.values().filter(|one| one.over.is_some()).count();
        assert!(posted > 0 && ended > 1, "seed {seed}: {posted} of {ended} posted");
        let book = book.close();
        for (id, expected) in serial {
            let found = book.state.ledger.proposal(id).expect("a proposal");
            assert_eq!(found.version, expected.version, "seed {seed}, proposal {id}");
            let status = expected.over.unwrap_or(ProposalStatus::Submitted);
            assert_eq!(found.status, status, "seed {seed}, proposal {id}");
            let read = book.models.proposals.get(id, Position::new(u64::MAX)).expect("a proposal");
            assert_eq!((read.version, read.status), (found.version, found.status));
        }
    }
}
