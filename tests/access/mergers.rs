//! Merged bodies: people with the books of a body keep them, and people with its successor read
//! them too. A merger lets nobody post who could not before it.

use crate::desk::Desk;

/// Each trust with its region and its budget for cyber security in 2018-19, in millions.
const TRUSTS: [(&str, &str, u32); 3] = [("RXX", "Y01", 5), ("RXY", "Y02", 3), ("RXZ", "Y03", 2)];

/// A desk with three trusts, each below its own region, and a practice below the first trust.
fn with_trusts() -> (Desk, String) {
    let mut postings = vec![
        "fund establish TRUSTS Trusts".to_owned(),
        "settle TRUSTS --class unsplit --from 2018-19 --to 2018-19 --new 20m --reannounced 0"
            .to_owned(),
    ];
    for (trust, region, budget) in TRUSTS {
        postings.extend([
            format!("body register {region} Region --kind region --parent XDH"),
            format!("body register {trust} Trust --kind trust --parent {region}"),
            format!("allocate TRUSTS CYBER/{trust}/2018-19/unsplit={budget}m --month M1"),
        ]);
    }
    postings.push("body register GPX Practice --kind gp-practice --parent RXX".to_owned());
    postings.push("allocate TRUSTS CYBER/GPX/2018-19/unsplit=1m --month M1".to_owned());
    let desk = Desk::after(&postings);
    let preparer = desk.key("pat", "--role preparer").token;
    (desk, preparer)
}

/// Merges bodies, which the department signs.
fn merge(desk: &Desk, preparer: &str, bodies: &str) {
    let asked = format!("body merge {bodies} --on 2019-03-31 --reason test --format json");
    let waits = desk.does(&asked, preparer);
    let signer = desk.key("dee", "--role approver:department:XDH").token;
    desk.does(&format!("sign-off {}@1 --reason test", waits[0]["proposal"]), &signer);
}

/// The year's budget that a token reads, in millions.
fn read(desk: &Desk, token: &str) -> u32 {
    let rows = desk.does("budget --year 2018-19 --rollup year --format json", token);
    let revised = rows[0]["revised"].as_str().unwrap_or("0");
    let (millions, rest) = revised.split_at(revised.len().saturating_sub(9));
    assert!(rest == "000000.00" || revised == "0", "{rows}");
    millions.parse().unwrap_or(0)
}

#[test]
fn after_a_merger_every_successor_reads_the_books_and_nobody_loses_them() {
    let (desk, preparer) = with_trusts();
    let bodies = ["RXX", "RXY", "RXZ", "Y01", "Y02", "Y03", "GPX"];
    let keys = bodies.map(|body| desk.key(body, &format!("--role viewer --body {body}")).token);
    let reads = || keys.each_ref().map(|token| read(&desk, token));
    assert_eq!(reads(), [6, 3, 2, 6, 3, 2, 1]);
    merge(&desk, &preparer, "--into RXY RXX");
    assert_eq!(reads(), [6, 9, 2, 6, 9, 2, 1], "RXY and its region read RXX and what is below it");
    merge(&desk, &preparer, "--into RXZ RXY");
    assert_eq!(reads(), [6, 9, 11, 6, 9, 11, 1], "RXZ and its region read all three");
}

#[test]
fn a_merger_lets_nobody_post_who_could_not_before() {
    let (desk, preparer) = with_trusts();
    let [old, new] = ["RXX", "RXY"].map(|body| {
        desk.key(&body.to_lowercase(), &format!("--role preparer --body {body}")).token
    });
    let spend =
        |body: &str| format!("actual CYBER/{body}/2018-19/unsplit 1.00 --month M2 --reason test");
    merge(&desk, &preparer, "--into RXY RXX");
    for (token, body) in [(&old, "RXX"), (&old, "GPX"), (&new, "RXY")] {
        desk.does(&spend(body), token);
    }
    for (token, body) in [(&old, "RXY"), (&new, "RXX"), (&new, "GPX")] {
        assert_eq!(desk.refuses(&spend(body), token), (4, "FORBIDDEN_SCOPE".to_owned()), "{body}");
    }
}
