//! A fast reader for entries in the exact form that this program writes. A start reads every entry,
//! and a general JSON reader takes three times as long.
//!
//! Lines in any other form are left to the general reader, which also names their errors. Both
//! readers give equal results.

use std::borrow::Cow;
use std::str::FromStr;

use smallvec::SmallVec;

use super::{Entry, Text, VERSION};
use crate::canonical::is_plain;
use crate::domain::calendar::{FinancialYear, Month, Timestamp};
use crate::domain::event::{
    Accrual, Actual, Discharge, Event, Events, Forecast, Obligation, ObligationKind, Series,
};
use crate::domain::line::{BudgetClass, LineKey};
use crate::domain::money::Pence;
use crate::domain::movement::{Account, Leg, Legs, Movement, Outside, Pot};
use crate::domain::position::Position;

/// Reads the entry of a line. `None` where the line is not in the usual form.
pub(super) fn read(line: &[u8]) -> Option<Entry<'_>> {
    let mut scan = Scan(std::str::from_utf8(line).ok()?);
    scan.literal("{\"position\":")?;
    let position = Position::new(scan.number()?);
    scan.literal(",\"v\":1,\"recorded\":")?;
    let recorded = Timestamp::from_fixed(scan.text()?)?;
    scan.literal(",\"policy\":")?;
    let policy = Position::new(scan.number()?);
    scan.literal(",\"actor\":")?;
    let actor = Cow::Borrowed(scan.text()?);
    scan.literal(",\"key\":")?;
    let key = Cow::Borrowed(scan.text()?);
    scan.literal(",\"command\":")?;
    let command = scan.parsed()?;
    scan.literal(",\"reason\":")?;
    let reason = Cow::Borrowed(scan.text()?);
    let authority = scan.optional(",\"authority\":", Scan::citation)?;
    let evidence = scan.optional(",\"evidence\":", |scan| scan.list(Scan::citation))?;
    let inferred = scan.optional(",\"inferred\":", Scan::citation)?;
    scan.literal(",\"events\":")?;
    let events: Events = scan.list(event)?;
    scan.literal("}")?;
    scan.0.is_empty().then_some(Entry {
        position,
        version: VERSION,
        recorded,
        policy,
        actor,
        key,
        command,
        reason,
        authority,
        evidence: evidence.unwrap_or_default(),
        inferred,
        warnings: Vec::new(),
        events,
    })
}

fn event(scan: &mut Scan<'_>) -> Option<Event> {
    scan.literal("{")?;
    let kind = scan.text()?;
    scan.literal(":")?;
    let event = match kind {
        "allocated" => Event::Allocated(movement(scan)?),
        "cut" => Event::Cut(movement(scan)?),
        "reallocated" => Event::Reallocated(movement(scan)?),
        "withdrawn" => Event::Withdrawn(movement(scan)?),
        "lineSplit" => Event::LineSplit(movement(scan)?),
        "budgetExchanged" => Event::BudgetExchanged(movement(scan)?),
        "committed" => Event::Committed(obligation(scan)?),
        "commitmentReleased" => Event::CommitmentReleased(obligation(scan)?),
        "accrued" => Event::Accrued(accrual(scan)?),
        "accrualReleased" => Event::AccrualReleased(obligation(scan)?),
        "actualRecorded" => Event::ActualRecorded(actual(scan)?),
        "forecastRevised" => Event::ForecastRevised(forecast(scan)?),
        _ => return None,
    };
    scan.literal("}")?;
    Some(event)
}

fn movement(scan: &mut Scan<'_>) -> Option<Movement> {
    scan.literal("{\"month\":")?;
    let month = scan.parsed()?;
    let concerns = scan.concerns()?;
    scan.literal(",\"legs\":")?;
    let legs: Legs = scan.list(leg)?;
    scan.literal("}")?;
    Some(Movement { month, concerns, legs })
}

fn leg(scan: &mut Scan<'_>) -> Option<Leg> {
    scan.literal("{")?;
    let kind = scan.text()?;
    scan.literal(":")?;
    let account = match kind {
        "line" => Account::Line(scan.line()?),
        "fund" => Account::Fund(scan.parsed::<Pot>()?),
        "outside" => Account::Outside(match scan.text()? {
            "treasury" => Outside::Treasury,
            "existingBudgets" => Outside::ExistingBudgets,
            _ => return None,
        }),
        _ => return None,
    };
    let pence = scan.pence()?;
    scan.literal("}")?;
    Some(Leg { account, pence })
}

fn obligation(scan: &mut Scan<'_>) -> Option<Obligation> {
    let (line, month) = scan.line_and_month()?;
    scan.literal(",\"reference\":")?;
    let reference = scan.parsed()?;
    let pence = scan.pence()?;
    scan.literal("}")?;
    Some(Obligation { line, month, reference, pence })
}

fn accrual(scan: &mut Scan<'_>) -> Option<Accrual> {
    let (line, month) = scan.line_and_month()?;
    scan.literal(",\"reference\":")?;
    let reference = scan.parsed()?;
    let pence = scan.pence()?;
    let discharges = scan.optional(",\"discharges\":", discharge)?;
    let concerns = scan.concerns()?;
    scan.literal("}")?;
    Some(Accrual { line, month, reference, pence, discharges, concerns })
}

fn actual(scan: &mut Scan<'_>) -> Option<Actual> {
    let (line, month) = scan.line_and_month()?;
    let pence = scan.pence()?;
    let transaction = scan.optional(",\"transaction\":", Scan::parsed)?;
    let accounting_class: Option<BudgetClass> =
        scan.optional(",\"accountingClass\":", Scan::parsed)?;
    let discharges = scan.optional(",\"discharges\":", discharge)?;
    let concerns = scan.concerns()?;
    scan.literal("}")?;
    Some(Actual { line, month, pence, transaction, accounting_class, discharges, concerns })
}

fn discharge(scan: &mut Scan<'_>) -> Option<Discharge> {
    scan.literal("{\"kind\":")?;
    let kind = match scan.text()? {
        "commitment" => ObligationKind::Commitment,
        "accrual" => ObligationKind::Accrual,
        _ => return None,
    };
    scan.literal(",\"reference\":")?;
    let reference = scan.parsed()?;
    let pence = scan.pence()?;
    scan.literal("}")?;
    Some(Discharge { kind, reference, pence, year: None })
}

fn forecast(scan: &mut Scan<'_>) -> Option<Forecast> {
    let (line, month) = scan.line_and_month()?;
    scan.literal(",\"series\":")?;
    let series = match scan.text()? {
        "reported" => Series::Reported,
        "internal" => Series::Internal,
        _ => return None,
    };
    let pence = scan.pence()?;
    scan.literal("}")?;
    Some(Forecast { line, month, series, pence, phasing: None })
}

/// The part of a line not read yet.
struct Scan<'a>(&'a str);

impl<'a> Scan<'a> {
    fn literal(&mut self, text: &str) -> Option<()> {
        self.0 = self.0.strip_prefix(text)?;
        Some(())
    }

    /// Reads a member's value, where the member is present.
    #[expect(clippy::option_option, reason = "absent is not the same as malformed")]
    fn optional<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Option<Option<T>> {
        match self.literal(name) {
            Some(()) => read(self).map(Some),
            None => Some(None),
        }
    }

    /// Reads an unsigned JSON number of at most 18 digits.
    fn number(&mut self) -> Option<u64> {
        let digits = self.0.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = self.0.split_at_checked(digits)?;
        if digits == 0 || digits > 18 || (digits > 1 && number.starts_with('0')) {
            return None;
        }
        self.0 = rest;
        Some(number.bytes().fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0')))
    }

    /// Reads the member `pence`.
    fn pence(&mut self) -> Option<Pence> {
        self.literal(",\"pence\":")?;
        let negative = self.literal("-").is_some();
        let pence = i64::try_from(self.number()?).ok()?;
        match (negative, pence) {
            (true, 0) => None,
            (true, _) => Some(Pence::new(-pence)),
            (false, _) => Some(Pence::new(pence)),
        }
    }

    /// Reads a text without escapes.
    fn text(&mut self) -> Option<&'a str> {
        self.literal("\"")?;
        let end = memchr::memchr(b'"', self.0.as_bytes())?;
        let (text, rest) = self.0.split_at_checked(end)?;
        if !is_plain(text.as_bytes()) {
            return None;
        }
        self.0 = rest;
        self.literal("\"")?;
        Some(text)
    }

    fn parsed<T: FromStr>(&mut self) -> Option<T> {
        self.text()?.parse().ok()
    }

    fn citation(&mut self) -> Option<Text<'a>> {
        self.text().map(|text| Text(Cow::Borrowed(text)))
    }

    fn line(&mut self) -> Option<LineKey> {
        self.parsed()
    }

    fn line_and_month(&mut self) -> Option<(LineKey, Month)> {
        self.literal("{\"line\":")?;
        let line = self.line()?;
        self.literal(",\"month\":")?;
        Some((line, self.parsed()?))
    }

    #[expect(clippy::option_option, reason = "absent is not the same as malformed")]
    fn concerns(&mut self) -> Option<Option<FinancialYear>> {
        self.optional(",\"concerns\":", Scan::parsed)
    }

    fn list<A: smallvec::Array>(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Option<A::Item>,
    ) -> Option<SmallVec<A>> {
        let mut list = SmallVec::new();
        self.literal("[")?;
        if self.literal("]").is_some() {
            return Some(list);
        }
        loop {
            list.push(item(self)?);
            if self.literal("]").is_some() {
                return Some(list);
            }
            self.literal(",")?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = concat!(
        r#"{"position":7,"v":1,"recorded":"2018-01-31T12:00:00.000000Z","policy":1,"actor":"a","#,
        r#""key":"k","command":"00000000000000000000000000000000","reason":"r €","authority":"x","#,
        r#""evidence":["d","e"],"inferred":"i","events":["#,
        r#"{"reallocated":{"month":"M3","concerns":"2016-17","legs":["#,
        r#"{"line":"WIFI/XDH/2017-18/unsplit","pence":-100},{"fund":"P2020/unsplit","pence":60},"#,
        r#"{"outside":"treasury","pence":40}]}},"#,
        r#"{"actualRecorded":{"line":"WIFI/XDH/2017-18/unsplit","month":"M12","pence":5,"#,
        r#""transaction":"T1","accountingClass":"revenue","#,
        r#""discharges":{"kind":"accrual","reference":"A1","pence":-5}}},"#,
        r#"{"accrued":{"line":"WIFI/XDH/2017-18/unsplit","month":"M1","reference":"A","pence":0,"#,
        r#""discharges":{"kind":"commitment","reference":"C","pence":1},"concerns":"2016-17"}},"#,
        r#"{"committed":{"line":"WIFI/XDH/2017-18/capital/F","month":"M1","reference":"C","pence":9}},"#,
        r#"{"forecastRevised":{"line":"WIFI/XDH/2017-18/unsplit","month":"M1","series":"internal","#,
        r#""pence":12}}]}"#
    );

    #[test]
    fn an_entry_in_the_usual_form_is_what_the_general_reader_reads() {
        let general: Entry<'_> = serde_json::from_str(LINE).expect("an entry");
        assert_eq!(read(LINE.as_bytes()), Some(general));
    }

    /// Each byte is changed, left out and doubled in turn.
    #[test]
    fn nothing_is_read_that_the_general_reader_refuses_or_reads_otherwise() {
        let mut read_at_all = 0;
        let line = LINE.as_bytes();
        for place in 0..line.len() {
            for byte in [b'0', b'1', b'"', b'\\', b',', b' ', b'M', b'-', b'\n', b'}', 0, 0xFF] {
                let mut changed = line.to_vec();
                changed[place] = byte;
                read_at_all += check(&changed);
                let mut longer = line.to_vec();
                longer.insert(place, byte);
                read_at_all += check(&longer);
            }
            let mut shorter = line.to_vec();
            shorter.remove(place);
            read_at_all += check(&shorter);
        }
        assert!(read_at_all > 100, "{read_at_all}");
    }

    fn check(line: &[u8]) -> usize {
        let Some(read) = read(line) else { return 0 };
        let general: Entry<'_> = serde_json::from_slice(line).expect("the general reader reads it");
        assert_eq!(read, general);
        1
    }
}
