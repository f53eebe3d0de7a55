//! A refusal changes nothing. A dry run changes nothing, and reports what the real run does.

use ledger_core::domain::command::{Allocate, Commit, LineAmount, OpenProgramme, Reverse};
use ledger_core::domain::position::Position;
use ledger_core::log::entry::Entry;
use ledger_core::log::read::line_at;
use ledger_core::writer::{Outcome, Preview, Refusal};
use ledger_tests::generate::parsed;
use ledger_tests::rounds;
use projections::AsAt;
use projections::budget::{BudgetQuery, BudgetRow};
use projections::scope::Scope;

use crate::live_book::LiveBook;
use crate::stream::{GENERATOR, Stream, TimedPosting};

/// Every line's present figures.
fn rows(book: &LiveBook) -> Vec<BudgetRow> {
    let models = book.models();
    let whole = models.within(Scope::everything());
    let moment = models.moment(AsAt::Now).unwrap();
    let years = whole.financial_years();
    let rows = years.flat_map(|year| {
        let (programme, body, class) = (None, None, None);
        let (through, rollup) = (None, None);
        let query = BudgetQuery { year, programme, body, class, moment, through, rollup };
        whole.budget(&query).unwrap()
    });
    rows.collect()
}

#[test]
fn a_refused_command_changes_nothing_and_does_not_use_its_key() {
    let mut reasons = std::collections::BTreeSet::new();
    for seed in 5000..5000 + rounds(100, 5) {
        let mut stream = Stream::new(seed);
        let mut book = LiveBook::of_stream(&mut stream, 60);
        for number in 0..60 {
            let (before, rows_before) = (book.contents(), rows(&book));
            let (sent, outcome) = book.post_next(&mut stream);
            let Err(refusal) = outcome else { continue };
            reasons.insert(refusal.code());
            assert_eq!(book.contents(), before, "{refusal}: {sent:?}");
            assert_eq!(rows(&book), rows_before, "{refusal}: {sent:?}");
            if matches!(refusal, Refusal::KeyReused { .. }) {
                continue;
            }
            let mut next = sent;
            let (code, name) = (parsed(&format!("OTHER{number}")), parsed("Another"));
            next.posting.command = OpenProgramme { code, name, parent: None }.into();
            next.posting.expected_versions.clear();
            book.post(&next).unwrap();
        }
    }
    assert!(reasons.len() > 20, "{reasons:?}");
}

/// A dry run and the real run after it agree on the posting or on the refusal.
fn check(
    book: &LiveBook,
    sent: &TimedPosting,
    preview: Result<Preview, Refusal>,
    outcome: &Outcome,
) {
    let what = format!("{sent:?}");
    match (preview, outcome) {
        (Err(previewed), Err(refused)) => assert_eq!(previewed, *refused, "{what}"),
        (Ok(preview), Ok(receipt)) => {
            let posted = receipt.replayed.then_some(receipt.position);
            assert_eq!(preview.posted.as_ref().map(|known| known.position), posted, "{what}");
            assert_eq!(preview.decision.warnings, receipt.warnings, "{what}");
            let line = line_at(&*book.store, receipt.position).unwrap().unwrap();
            let entry = Entry::from_line(&line).unwrap();
            assert_eq!(preview.decision.events, entry.events, "{what}");
            if receipt.position.get() % 6 != 0 {
                return;
            }
            let before = receipt.position.get() - 1;
            let (before, after) = (book.replayed(before).0, book.replayed(before + 1).0);
            for (key, from, to) in &preview.lines {
                let line = |state: &ledger_core::state::State| {
                    state.ledger.line(key).copied().unwrap_or_default()
                };
                assert_eq!((line(&before), line(&after)), (*from, *to), "{key}: {what}");
            }
            for (pot, from, to) in &preview.pots {
                let (from, to) = (*from, *to);
                assert_eq!(before.ledger.unallocated(*pot), from, "{pot}: {what}");
                assert_eq!(after.ledger.unallocated(*pot), to, "{pot}: {what}");
            }
            let lines = entry.events.iter().flat_map(|event| event.lines());
            for line in lines {
                let listed = preview.lines.iter().any(|(key, _, _)| *key == line);
                assert!(listed || receipt.replayed, "{line}: {what}");
            }
        }
        (preview, outcome) => panic!("{preview:?} and then {outcome:?}: {what}"),
    }
}

#[test]
fn a_dry_run_changes_nothing_and_reports_what_the_real_run_does() {
    for seed in 6000..6000 + rounds(100, 6) {
        let mut stream = Stream::new(seed);
        let mut book = LiveBook::of_stream(&mut stream, 20);
        for number in 0..120 {
            let sent = stream.next();
            let before = (number % 10 == 0).then(|| (book.contents(), rows(&book)));
            let preview = book.preview(&sent);
            if let Some((contents, rows_before)) = before {
                assert_eq!(book.contents(), contents, "{sent:?}");
                assert_eq!(rows(&book), rows_before, "{sent:?}");
            }
            let outcome = book.post(&sent);
            if let Ok(receipt) = &outcome {
                stream.head = receipt.position.get().max(stream.head);
            }
            check(&book, &sent, preview, &outcome);
        }
    }
}

#[test]
fn a_dry_run_of_several_judges_each_as_if_the_earlier_ones_were_posted() {
    for seed in 6500..6500 + rounds(100, 10) {
        let mut stream = Stream::new(seed);
        let book = LiveBook::of_stream(&mut stream, 20);
        let all: Vec<TimedPosting> = (0..40).map(|_| stream.next()).collect();
        let last = all[all.len() - 1].at;
        // At one moment, like the real run.
        let all: Vec<TimedPosting> =
            all.into_iter().map(|sent| TimedPosting { at: last, by: GENERATOR, ..sent }).collect();
        let postings: Vec<_> = all.iter().map(|sent| sent.posting.clone()).collect();
        let head = book.head();
        let previews = book.preview_all(last, &postings);
        assert_eq!(book.head(), head);
        assert_eq!(previews.len(), all.len());
        for (sent, preview) in all.iter().zip(previews) {
            let outcome = book.post(sent);
            check(&book, sent, preview, &outcome);
        }
    }
}

#[test]
fn a_later_dry_run_command_can_cite_what_an_earlier_one_would_post() {
    let mut stream = Stream::new(1);
    let book = LiveBook::of_stream(&mut stream, 0);
    let open = |stream: &mut Stream, code: &str| {
        let (code, name) = (parsed(code), parsed("Opened"));
        stream.send_plainly(OpenProgramme { code, name, parent: None }.into())
    };
    let first = open(&mut stream, "FIRST");
    let mut other = open(&mut stream, "OTHER");
    other.posting.key = first.posting.key.clone();
    let line = "LONE/QICB/2016-17/capital".parse().unwrap();
    let (amount, month) = (ledger_core::domain::money::Pence::new(7), parsed("M4"));
    let reference = parsed("PO-7");
    let commit = stream.send_plainly(Commit { line, month, amount, reference }.into());
    // The third of the batch, after `first` and `commit`.
    let entry = Position::new(book.head() + 2);
    let reverse = stream.send_plainly(Reverse { entry }.into());
    let to = (0..2000).map(|_| LineAmount { line, amount });
    let (fund, class, to) = (parsed("P2020"), None, to.collect());
    let long = stream.send_plainly(Allocate { fund, class, month, to, concerns: None }.into());
    let at = long.at;
    let run = [&first, &other, &first, &commit, &reverse, &long]
        .map(|sent| TimedPosting { at, ..sent.clone() });
    let postings: Vec<_> = run.iter().map(|sent| sent.posting.clone()).collect();
    let previews = book.preview_all(at, &postings);
    let outcomes: Vec<Outcome> = run.iter().map(|sent| book.post(sent)).collect();
    let codes = outcomes.iter().map(|outcome| match outcome {
        Ok(receipt) if receipt.replayed => "replayed",
        Ok(_) => "posted",
        Err(refusal) => refusal.code(),
    });
    let expected =
        ["posted", "IDEMPOTENCY_KEY_REUSED", "replayed", "posted", "posted", "ENTRY_TOO_LARGE"];
    assert_eq!(codes.collect::<Vec<_>>(), expected);
    for ((sent, preview), outcome) in run.iter().zip(previews).zip(&outcomes) {
        check(&book, sent, preview, outcome);
    }
}

#[test]
fn expected_versions_refuse_a_posting_whose_lines_have_changed() {
    for seed in 7000..7000 + rounds(50, 4) {
        let mut stream = Stream::new(seed);
        let book = LiveBook::of_stream(&mut stream, 60);
        let (state, _) = book.replayed(book.head());
        for key in state.ledger.line_keys().into_iter().take(10) {
            let seen = state.ledger.version(&key);
            for (version, holds) in [(seen, true), (Position::new(seen.get() + 1), false)] {
                let mut sent = stream.send_plainly(
                    OpenProgramme {
                        code: parsed(&format!("V{}", stream.count)),
                        name: parsed("Held"),
                        parent: None,
                    }
                    .into(),
                );
                let expected = ledger_core::domain::posting::ExpectedVersion { line: key, version };
                sent.posting.expected_versions.push(expected);
                assert_eq!(book.post(&sent).is_ok(), holds, "{key} at {version}, seen {seen}");
            }
        }
    }
}
