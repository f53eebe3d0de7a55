//! Amounts as people type them, and the exact parse that is echoed.

use super::program::{CYBER, Desk};

#[test]
fn what_is_typed_is_echoed_exactly_and_posted_so() {
    let desk = Desk::small();
    for (typed, echoed, posted) in [
        ("£1.2m", "£1,200,000.00", "1200000.00"),
        ("1,200,000", "£1,200,000.00", "1200000.00"),
        ("(500.00)", "-£500.00", "-500.00"),
        ("-£3.50", "-£3.50", "-3.50"),
        ("£4.2bn", "£4,200,000,000.00", "4200000000.00"),
        ("50k", "£50,000.00", "50000.00"),
        ("0.01", "£0.01", "0.01"),
        ("9,999,999,999,999.99", "£9,999,999,999,999.99", "9999999999999.99"),
    ] {
        let answer = desk.does(&format!(
            "actual {CYBER} '{typed}' --month M1 --reason r --dry-run --format csv"
        ));
        assert!(answer.err.starts_with(&format!("read as {echoed}\n")), "{typed}: {answer:?}");
        let row = format!("{CYBER},actual,0.00,{posted},true");
        assert!(answer.out.lines().any(|line| line == row), "{typed}: {answer:?}");
    }
    let answer = desk.does(&format!(
        "reallocate --from {CYBER}=1k --to WIFI/RRV/2017-18/revenue=£1,000.00 --month M1 --reason r"
    ));
    assert_eq!(answer.err, "read as £1,000.00, £1,000.00\n");
}

#[test]
fn what_could_be_misread_is_a_usage_error_and_posts_nothing() {
    let desk = Desk::small();
    let before = desk.entries();
    for typed in [
        "1.005",
        "1e6",
        "12,00",
        "1200,000",
        "10000000000000",
        "9999999999999999999999bn",
        "1.2.3",
        "twelve",
        "",
        "£",
        "0x10",
        "NaN",
        "1_000",
        "(5",
        "--5",
    ] {
        let arguments = format!("actual {CYBER} '{typed}' --month M1 --reason r --format json");
        let answer = desk.run(&arguments);
        assert_eq!(answer.code, 2, "{typed}: {answer:?}");
        assert_eq!(answer.error()["code"], "USAGE", "{typed}");
        assert_eq!(answer.out, "", "{typed}");
    }
    assert_eq!(desk.entries(), before);
}
