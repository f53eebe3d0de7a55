//! Recorded time never goes back from one entry to the next, whatever the clock does.

use ledger_core::domain::calendar::Timestamp;
use ledger_core::domain::position::Position;
use ledger_tests::generate::Random;
use ledger_tests::rounds;
use projections::AsAt;

use crate::live_book::LiveBook;
use crate::stream::Stream;

#[test]
fn recorded_time_never_goes_back_whatever_the_clock_does() {
    for seed in 900..900 + rounds(200, 15) {
        let mut stream = Stream::new(seed);
        let mut random = Random(seed);
        let mut book = LiveBook::of_stream(&mut stream, 0);
        let first = stream.next().at.micros();
        let mut latest = 0;
        let mut kept_back = 0;
        for number in 0..200 {
            let mut sent = stream.next();
            // The clock moves forward, back by years, before 1970, or not at all.
            sent.at = Timestamp::from_micros(match random.below(6) {
                0 => -1,
                1 => random.below(first as u64) as i64,
                2 => latest,
                _ => first + number * 20_000_000_000 + random.below(40_000_000_000) as i64,
            });
            let known = stream.references.len();
            let outcome = book.post(&sent);
            stream.record_outcome(&sent, &outcome, known);
            if number % 40 == 39 {
                // After a restart only the last entry's time is known.
                let (state, _) = book.replayed(book.head());
                let live = book.inspect(|state, _| state.ledger.recorded());
                assert_eq!(state.ledger.recorded(), live);
            }
            let Ok(receipt) = outcome else { continue };
            if receipt.replayed {
                continue;
            }
            let recorded = receipt.recorded.micros();
            assert!(recorded >= latest, "seed {seed}: {recorded} after {latest}");
            if latest > 0 {
                assert_eq!(
                    recorded,
                    latest.max(sent.at.micros()),
                    "seed {seed}: the later of the two times"
                );
            }
            kept_back += u64::from(recorded > sent.at.micros());
            latest = recorded;
        }
        assert!(kept_back > 5, "seed {seed}: the clock went back only {kept_back} times");
        let times: Vec<String> =
            book.oracle().entries.iter().map(|entry| entry.0.clone()).collect();
        assert!(times.is_sorted(), "seed {seed}: times in the lines");
        let models = book.models();
        for number in 1..=book.head() {
            let at = Position::new(number);
            let moment = models.moment(AsAt::Position(at)).unwrap();
            assert_eq!(moment.time.to_string(), times[number as usize - 1], "seed {seed}");
            // As known at an entry's time: the entry and all entries of the same time.
            let known = models.moment(AsAt::Recorded(moment.time)).unwrap().position;
            let last = times.iter().rposition(|time| *time == times[number as usize - 1]);
            assert_eq!(known.get(), last.unwrap() as u64 + 1, "seed {seed}, entry {number}");
        }
    }
}
