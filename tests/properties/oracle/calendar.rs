//! The oracle's calendar: months by their text, and UK local time.

/// The number of a month such as `M7`.
pub(crate) fn number_of(month: &str) -> u8 {
    month.strip_prefix('M').unwrap().parse().unwrap()
}

/// The month of a year at a moment in UK local time: none before the year, M12 after it.
pub(crate) fn month_of(year: &str, time: &str) -> Option<u8> {
    let (calendar_year, month) = local(time);
    let start: i64 = year[..4].parse().unwrap();
    let months = (calendar_year - start) * 12 + month - 4;
    (months >= 0).then(|| months.min(11) as u8 + 1)
}

/// Calendar year and month of a moment such as `2018-03-31T23:30:00.000000Z`, in UK local time.
fn local(time: &str) -> (i64, i64) {
    let number = |range: std::ops::Range<usize>| -> i64 { time[range].parse().unwrap() };
    let (year, month, day, hour) = (number(0..4), number(5..7), number(8..10), number(11..13));
    // Summer time begins and ends at 01:00 UTC of the last Sunday of March and of October.
    let moment = (month, day, hour);
    let summer = moment >= (3, last_sunday(year, 3), 1) && moment < (10, last_sunday(year, 10), 1);
    let rolls_over = summer && hour == 23 && day == days_in(month);
    if rolls_over { (year, month + 1) } else { (year, month) }
}

/// Days of the months in which summer time can move a moment into the next month.
fn days_in(month: i64) -> i64 {
    if [4, 6, 9].contains(&month) { 30 } else { 31 }
}

/// The last Sunday of a month of 31 days.
fn last_sunday(year: i64, month: i64) -> i64 {
    31 - day_of_week(year, month, 31)
}

/// Sakamoto's rule; 0 is a Sunday.
fn day_of_week(year: i64, month: i64, day: i64) -> i64 {
    let offsets = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4];
    let year = if month < 3 { year - 1 } else { year };
    (year + year / 4 - year / 100 + year / 400 + offsets[month as usize - 1] + day) % 7
}

#[test]
fn the_oracle_knows_uk_local_time() {
    let table = [
        ("2018-03-24T23:30:00.000000Z", Some(12)),
        ("2018-03-31T22:59:59.999999Z", Some(12)),
        ("2018-03-31T23:00:00.000000Z", Some(12)),
        ("2017-03-31T22:59:59.999999Z", None),
        ("2017-03-31T23:00:00.000000Z", Some(1)),
        ("2017-10-31T23:30:00.000000Z", Some(7)),
        ("2017-09-30T23:30:00.000000Z", Some(7)),
        ("2018-02-01T00:00:00.000000Z", Some(11)),
    ];
    for (time, month) in table {
        assert_eq!(month_of("2017-18", time), month, "{time}");
    }
}
