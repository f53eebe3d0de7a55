//! A torn tail was never acknowledged and is set aside; damage is refused.

use std::ops::Range;
use std::sync::Arc;

use ledger_core::log::segments::{OpenError, SegmentsStore};
use ledger_tests::rounds;

use crate::kept_book::{BookFiles, Line, OpenResult, first_of, lines, segment};

const SECTOR: usize = 512;

/// The opening and three blocks, with the place and the entries of the last block.
struct Subject {
    book: BookFiles,
    before: Range<usize>,
    last: Range<usize>,
    entries: Range<u64>,
}

fn subject() -> Subject {
    let book = BookFiles::with_blocks(&[2, 3, 5]);
    let lines = lines(&book.0[0].1);
    let seals: Vec<_> = lines.iter().filter(|line| line.entry.is_none()).collect();
    let [.., second_last, before, last] = seals.as_slice() else { panic!("too few blocks") };
    Subject {
        before: second_last.place.end + 1..before.place.end + 1,
        last: before.place.end + 1..last.place.end + 1,
        entries: last.block.clone(),
        book,
    }
}

impl Subject {
    fn kept(&self) -> u64 {
        self.entries.start - 1
    }

    fn head(&self) -> u64 {
        self.entries.end - 1
    }

    fn with(&self, change: impl FnOnce(&mut Vec<u8>)) -> OpenResult {
        let mut book = self.book.clone();
        change(book.last());
        book.found()
    }
}

#[test]
fn a_last_block_cut_at_any_byte_is_torn_whatever_the_fill_after_it() {
    let subject = subject();
    let (start, end) = (subject.last.start, subject.last.end);
    let step = usize::try_from(rounds(1, 29)).unwrap();
    let lines = lines(&subject.book.0[0].1);
    let interesting = |cut: &usize| {
        let near = |place: usize| cut.abs_diff(place) < 4;
        let near_line = |line: &Line| near(line.place.start + 6) || near(line.place.end);
        cut.is_multiple_of(step)
            || near(cut.next_multiple_of(SECTOR))
            || lines.iter().any(near_line)
    };
    for fill in [None, Some(b'\n'), Some(0)] {
        for cut in (start..=end).filter(interesting) {
            let found = subject.with(|bytes| {
                bytes.truncate(cut);
                bytes.extend(fill.iter().flat_map(|fill| [*fill; 2000]));
            });
            let expected = match cut {
                _ if cut == start => OpenResult::Whole(subject.kept()),
                _ if cut == end || cut == end - 1 && fill == Some(b'\n') => {
                    OpenResult::Whole(subject.head())
                }
                _ => OpenResult::Torn(subject.kept()),
            };
            assert_eq!(found, expected, "cut at {} of {}, fill {fill:?}", cut - start, end - start);
        }
    }
}

#[test]
fn a_last_block_without_some_of_its_sectors_is_torn() {
    let subject = subject();
    let first = subject.last.start / SECTOR;
    let sectors = (subject.last.end - 1) / SECTOR - first + 1;
    assert!((4..12).contains(&sectors), "{sectors}");
    for fill in [b'\n', 0] {
        for kept in 0..1_u32 << sectors {
            let found = subject.with(|bytes| {
                for sector in (0..sectors).filter(|sector| kept & 1 << sector == 0) {
                    let place = (first + sector) * SECTOR..(first + sector + 1) * SECTOR;
                    let from = place.start.max(subject.last.start);
                    let until = place.end.min(subject.last.end);
                    bytes[from..until].fill(fill);
                }
            });
            let expected = match kept {
                0 => OpenResult::Whole(subject.kept()),
                _ if kept + 1 == 1 << sectors => OpenResult::Whole(subject.head()),
                _ => OpenResult::Torn(subject.kept()),
            };
            assert_eq!(found, expected, "kept {kept:b}, fill {fill}");
        }
    }
}

#[test]
fn bytes_that_cannot_begin_a_block_are_damage() {
    let subject = subject();
    let seal = {
        let bytes = &subject.book.0[0].1;
        lines(bytes).last().unwrap().place.clone()
    };
    let (start, end) = (subject.last.start, subject.last.end);
    let (kept, head) = (subject.kept(), subject.head());
    let mut failures = Vec::new();
    let mut check = |what: &str, expected: OpenResult, change: &dyn Fn(&mut Vec<u8>)| {
        let found = subject.with(change);
        if found != expected {
            failures.push(format!("{what}: {found:?}, not {expected:?}"));
        }
    };
    let after = OpenResult::Damaged(head + 1);
    let in_last = OpenResult::Damaged(kept + 1);
    check("nothing changed", OpenResult::Whole(head), &|_| {});
    check("fill after the last seal", OpenResult::Whole(head), &|bytes| {
        bytes.extend([b'\n'; 5000]);
    });
    check("zeros after the last seal", OpenResult::Whole(head), &|bytes| bytes.extend([0; 5000]));
    check("garbage after the last seal", after.clone(), &|bytes| bytes.extend(b"garbage"));
    check("a line of garbage", after.clone(), &|bytes| bytes.extend(b"garbage\n"));
    check("one wrong byte after the last seal", after.clone(), &|bytes| bytes.push(0xff));
    check("a sector of garbage", after.clone(), &|bytes| bytes.extend([0xa5; 512]));
    check("a repeated last block", after, &|bytes| {
        let again = bytes[start..end].to_vec();
        bytes.extend(again);
    });
    check("a seal with a wrong last byte", in_last.clone(), &|bytes| bytes[end - 2] = b'|');
    check("a seal with a wrong first byte", in_last.clone(), &|bytes| bytes[seal.start] = b'[');
    check("a seal with a wrong root", in_last.clone(), &|bytes| bytes[seal.start + 60] = b'g');
    check("a seal without its middle", in_last.clone(), &|bytes| {
        bytes.drain(seal.start + 40..seal.start + 60);
    });
    check("a seal without its first half", in_last.clone(), &|bytes| {
        bytes.drain(seal.start..seal.start + 40);
    });
    check("a seal of other entries, cut short", in_last.clone(), &|bytes| {
        let count = bytes[seal.clone()].windows(8).position(|text| text == b"\"count\":").unwrap();
        bytes[seal.start + count + 8] = b'4';
        bytes.truncate(end - 10);
    });
    check("a last seal joined to the entry before it", in_last.clone(), &|bytes| {
        bytes[seal.start - 1] = b' ';
    });
    for cut in [10, end - seal.start + 30] {
        check("an entry missing from a block cut short", in_last.clone(), &|bytes| {
            let lines = lines(bytes);
            let second = lines.iter().find(|line| line.entry == Some(kept + 2)).unwrap();
            bytes.drain(second.place.start..second.place.end + 1);
            bytes.truncate(bytes.len() - cut);
        });
    }
    check("text after the end of an entry", in_last.clone(), &|bytes| {
        bytes.truncate(seal.start - 1);
        bytes.extend(b"}");
    });
    check("entries of two blocks with no seal between", in_last, &|bytes| {
        bytes.truncate(seal.start);
        bytes.extend(b"{\"seal\":{\"count\":9}}\n{\"position\":");
    });
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn damage_before_a_torn_block_or_a_whole_one_is_not_taken_for_torn() {
    let subject = subject();
    let before = subject.before.clone();
    let seal = {
        let bytes = &subject.book.0[0].1;
        let lines = lines(bytes);
        lines.into_iter().find(|line| line.place.end + 1 == before.end).unwrap()
    };
    let first = seal.block.start;
    let changes: [(&str, usize, u8); 4] = [
        ("its seal's first byte", seal.place.start, b'['),
        ("its seal's root", seal.place.start + 60, b'g'),
        ("its seal's last byte", seal.place.end - 1, b'|'),
        ("its last newline", seal.place.end, b' '),
    ];
    for (what, place, byte) in changes {
        for cut in [subject.last.end, subject.last.end - 1, subject.last.start + 700] {
            let found = subject.with(|bytes| {
                bytes[place] = byte;
                bytes.truncate(cut);
            });
            let OpenResult::Damaged(entry) = found else {
                panic!("{what}, cut at {cut}: {found:?}")
            };
            let named = first..seal.block.end + 1;
            assert!(named.contains(&entry), "{what}, cut at {cut}: entry {entry}, not {named:?}");
        }
        let found = subject.with(|bytes| {
            bytes[place] = byte;
            let gap = (subject.last.start / SECTOR + 2) * SECTOR;
            bytes[gap..gap + SECTOR].fill(0);
        });
        assert_eq!(found, OpenResult::Damaged(first), "{what}, and a gap in the last block");
    }
}

#[test]
fn a_missing_file_or_seal_is_damage() {
    let book = BookFiles::with_blocks(&[2, 3, 5]).in_segments();
    let firsts: Vec<u64> = book.0.iter().map(|(name, _)| first_of(name)).collect();
    let [.., third_last, second_last, last] = firsts.as_slice() else { panic!("too few") };
    let without = |first: u64| {
        let files = book.0.iter().filter(|(name, _)| *name != segment(first)).cloned();
        BookFiles(files.collect())
    };
    let head = last + 4;
    assert_eq!(book.found(), OpenResult::Whole(head));
    assert_eq!(without(1).found(), OpenResult::Damaged(1), "the first file");
    assert_eq!(
        without(*second_last).found(),
        OpenResult::Damaged(*second_last),
        "one in the middle"
    );

    // Only the note of a clean stop records that the last file existed.
    assert_eq!(without(*last).found(), OpenResult::Whole(last - 1), "the last file");
    let disk = book.disk();
    let store = SegmentsStore::open(Arc::new(disk.clone())).unwrap();
    store.close().unwrap();
    drop(store);
    let closed = BookFiles::of(&disk);
    assert_eq!(closed.found(), OpenResult::Whole(head));
    let files = closed.0.iter().filter(|(name, _)| *name != segment(*last)).cloned();
    assert_eq!(
        BookFiles(files.collect()).found(),
        OpenResult::Damaged(*last),
        "after a clean stop"
    );
    let note = closed.0.iter().filter(|(name, _)| name == "head").cloned();
    let note = BookFiles(note.collect());
    assert_eq!(note.found(), OpenResult::Damaged(1), "every file, after a clean stop");
    let mut emptied = note.clone();
    emptied.0.insert(0, (segment(1), Vec::new()));
    assert_eq!(emptied.found(), OpenResult::Damaged(1), "every file emptied");
    for taken in [note, emptied] {
        let begun_anew = SegmentsStore::create(Arc::new(taken.disk()));
        assert!(matches!(begun_anew, Err(OpenError::BookExists)), "{taken:?}");
    }

    let with = |first: u64, change: &dyn Fn(&mut Vec<u8>)| {
        let mut changed = book.clone();
        let file = changed.0.iter_mut().find(|(name, _)| *name == segment(first));
        change(&mut file.unwrap().1);
        changed.found()
    };
    let cut_seal = |bytes: &mut Vec<u8>| {
        let seal = lines(bytes).last().unwrap().place.clone();
        bytes.truncate(seal.start);
    };
    // A missing seal leaves the first bad entry unknown.
    let found = with(*third_last, &cut_seal);
    assert!(
        matches!(found, OpenResult::Damaged(entry) if (*third_last..second_last + 3).contains(&entry)),
        "{found:?}"
    );
    assert_eq!(with(*last, &cut_seal), OpenResult::Torn(last - 1), "the seal of the last block");
    let empty = with(*second_last, &|bytes| bytes.clear());
    assert_eq!(empty, OpenResult::Damaged(*second_last), "an emptied file in the middle");
    let begun = with(*last, &|bytes| bytes.clear());
    assert_eq!(begun, OpenResult::Whole(last - 1), "a new file without content");
}

#[test]
fn after_a_clean_stop_a_cut_block_is_damage() {
    let subject = subject();
    let disk = subject.book.disk();
    let store = SegmentsStore::open(Arc::new(disk.clone())).unwrap();
    store.close().unwrap();
    drop(store);
    let closed = BookFiles::of(&disk);
    assert_eq!(closed.found(), OpenResult::Whole(subject.head()));
    let step = usize::try_from(rounds(1, 17)).unwrap();
    for cut in (subject.last.start..subject.last.end).step_by(step).chain([subject.last.end - 1]) {
        let mut book = closed.clone();
        book.0.iter_mut().find(|(name, _)| *name == segment(1)).unwrap().1.truncate(cut);
        assert_eq!(book.found(), OpenResult::Damaged(subject.kept() + 1), "cut at {cut}");
    }
    for note in [&b""[..], b"{", b"{\"position\":1}", b"{\"position\":\"1\",\"root\":\"\"}"] {
        let mut book = closed.clone();
        book.0.iter_mut().find(|(name, _)| name == "head").unwrap().1 = note.to_vec();
        assert!(matches!(book.found(), OpenResult::Damaged(_)), "a changed note of the clean stop");
    }
}
