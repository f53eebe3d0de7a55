//! The commands that many cases give, in the form of posting files.

use ledger_core::domain::policy::Policy;

/// Lines of the small book with their budgets: £1,000, £500 and £2,000.
pub(crate) const WIFI: &str = "WIFI/RA/2017-18/revenue";
pub(crate) const CYBER: &str = "CYBER/RA/2017-18/revenue";
pub(crate) const CAPITAL: &str = "WIFI/RA/2017-18/capital";

pub(crate) fn allocate(line: &str, amount: &str) -> String {
    format!(
        r#"{{"allocate":{{"fund":"F","month":"M7","to":[{{"line":"{line}","amount":"{amount}"}}]}}}}"#
    )
}

pub(crate) fn reallocate(from: &str, to: &str, amount: &str) -> String {
    format!(
        r#"{{"reallocate":{{"month":"M7","from":[{{"line":"{from}","amount":"{amount}"}}],"to":[{{"line":"{to}","amount":"{amount}"}}]}}}}"#
    )
}

pub(crate) fn commit(line: &str, amount: &str, reference: &str) -> String {
    format!(
        r#"{{"commit":{{"line":"{line}","month":"M7","amount":"{amount}","reference":"{reference}"}}}}"#
    )
}

pub(crate) fn accrue(line: &str, amount: &str, reference: &str) -> String {
    format!(
        r#"{{"accrue":{{"line":"{line}","month":"M7","amount":"{amount}","reference":"{reference}"}}}}"#
    )
}

pub(crate) fn spend(line: &str, amount: &str) -> String {
    format!(r#"{{"recordActual":{{"line":"{line}","month":"M7","amount":"{amount}"}}}}"#)
}

pub(crate) fn forecast(line: &str, amount: &str) -> String {
    format!(
        r#"{{"reviseForecast":{{"line":"{line}","month":"M7","series":"reported","amount":"{amount}"}}}}"#
    )
}

pub(crate) fn close_body(code: &str, on: &str) -> String {
    format!(r#"{{"closeBody":{{"code":"{code}","on":"{on}"}}}}"#)
}

pub(crate) fn close_programme(code: &str) -> String {
    format!(r#"{{"closeProgramme":{{"code":"{code}"}}}}"#)
}

pub(crate) fn open_programme(code: &str) -> String {
    format!(r#"{{"openProgramme":{{"code":"{code}","name":"A programme"}}}}"#)
}

pub(crate) fn cancel_to(programme: &str, to: &str) -> String {
    format!(
        r#"{{"cancelProgramme":{{"programme":"{programme}","to":{{"programme":"{to}"}},"month":"M7"}}}}"#
    )
}

pub(crate) fn close_hard(year: &str) -> String {
    format!(r#"{{"closePeriod":{{"year":"{year}","close":"hard"}}}}"#)
}

pub(crate) fn close_soft(year: &str, month: &str) -> String {
    format!(r#"{{"closePeriod":{{"year":"{year}","month":"{month}","close":"soft"}}}}"#)
}

pub(crate) fn reverse(entry: u64) -> String {
    format!(r#"{{"reverse":{{"entry":{entry}}}}}"#)
}

/// The command as a prior-period adjustment.
pub(crate) fn concerning(posting: &str, year: &str) -> String {
    let inner = posting.strip_suffix("}}").expect("a command");
    format!(r#"{inner},"concerns":"{year}"}}}}"#)
}

/// The posting under an authority.
pub(crate) fn authorised(posting: &str) -> String {
    beside(posting, r#""authority":"HMT letter of 1 June 2017""#)
}

/// The posting with evidence.
pub(crate) fn evidenced(posting: &str) -> String {
    beside(posting, r#""evidence":["doc:minutes"]"#)
}

/// The posting with a member beside its command.
pub(crate) fn beside(posting: &str, member: &str) -> String {
    let open = posting.strip_suffix('}').expect("an object");
    format!("{open},{member}}}")
}

/// Several commands as one.
pub(crate) fn batch(commands: &[String]) -> String {
    format!(r#"{{"batch":[{}]}}"#, commands.join(","))
}

/// Asks for a second person, as the policy of a book of several people does.
pub(crate) fn ask_for_second_person() -> String {
    let policy = serde_json::to_string(&Policy::default().with_second_person()).expect("JSON");
    format!(
        r#"ada administers {{"adoptPolicy":{{"policy":{policy},"effective":"2017-10-01T00:00:00Z"}}}}"#
    )
}
