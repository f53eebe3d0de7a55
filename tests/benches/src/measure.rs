//! Measuring: times, percentiles, memory, and results as a table and as JSON.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::fs;
use std::time::{Duration, Instant};

/// Times something.
pub fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let began = Instant::now();
    let done = work();
    (done, began.elapsed())
}

/// The duration at a share, in percent, of the sorted durations.
pub fn percentile(durations: &mut [Duration], share: usize) -> Duration {
    durations.sort_unstable();
    let index = (durations.len() * share / 100).min(durations.len().saturating_sub(1));
    durations.get(index).copied().unwrap_or_default()
}

/// Bytes of memory of a process, now and at the peak, by its number or `self`; 0 for an ended
/// process.
pub fn memory(process: impl Display) -> (u64, u64) {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let of = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or(0) << 10
    };
    (of("VmRSS:"), of("VmHWM:"))
}

/// Processor time of each kind of thread of this process, by the thread's name.
pub fn cpu_by_thread() -> BTreeMap<String, Duration> {
    let mut times = BTreeMap::new();
    let Ok(threads) = fs::read_dir("/proc/self/task") else { return times };
    for thread in threads.flatten() {
        let read = |file: &str| fs::read_to_string(thread.path().join(file)).unwrap_or_default();
        let name = read("comm").trim().trim_end_matches(|c: char| c.is_ascii_digit()).to_owned();
        let ran = read("schedstat").split(' ').next().and_then(|ran| ran.parse().ok());
        *times.entry(name).or_default() += Duration::from_nanos(ran.unwrap_or(0));
    }
    times
}

/// Each kind of thread's processor time since `before`, divided by `count`: `write 900 ns, commit
/// 700 ns`.
pub fn cpu_since(before: &BTreeMap<String, Duration>, count: u64) -> String {
    let mut parts = Vec::new();
    for (name, time) in cpu_by_thread() {
        let ran = time.saturating_sub(before.get(&name).copied().unwrap_or_default());
        let each = ran.as_nanos() / u128::from(count.max(1));
        if each > 20 {
            parts.push(format!("{name} {each} ns"));
        }
    }
    parts.join(", ")
}

/// A measured figure.
#[derive(Debug)]
pub struct Measurement {
    /// Its name.
    pub what: String,
    /// The unit of the figures.
    pub unit: &'static str,
    /// The figure of the same run it is compared with, and its name.
    pub baseline: Option<(f64, String)>,
    /// The figure.
    pub figure: f64,
    /// The target, and whether more is better.
    pub goal: Option<(f64, bool)>,
    /// A note.
    pub note: String,
}

/// Prints measurements as a table, then as one line of JSON.
#[expect(clippy::print_stdout, clippy::float_arithmetic, reason = "benchmarks print their results")]
pub fn report(title: &str, measurements: &[Measurement]) {
    println!("\n{title}");
    println!(
        "{:<52} {:>14} {:>14} {:>8} {:>14}  note",
        "measured", "figure", "baseline", "ratio", "goal"
    );
    let mut json = Vec::new();
    for m in measurements {
        let (baseline, of) =
            m.baseline.clone().map_or((None, String::new()), |(b, of)| (Some(b), of));
        let ratio = baseline.map(|baseline| m.figure / baseline);
        let goal = m.goal.map_or_else(String::new, |(goal, more)| {
            let met = if more { m.figure >= goal } else { m.figure <= goal };
            format!("{}{}", if more { "≥" } else { "≤" }, show(goal))
                + if met { " met" } else { " NOT" }
        });
        println!(
            "{:<52} {:>14} {:>14} {:>8} {:>14}  {}",
            format!("{} ({})", m.what, m.unit),
            show(m.figure),
            baseline.map_or_else(String::new, show),
            ratio.map_or_else(String::new, |ratio| format!("{ratio:.2}")),
            goal,
            [of.as_str(), m.note.as_str()].join(" ").trim(),
        );
        json.push(serde_json::json!({
            "measured": m.what, "unit": m.unit, "figure": m.figure, "baseline": baseline,
            "baselineIs": of, "ratio": ratio, "goal": m.goal.map(|(goal, _)| goal), "note": m.note,
        }));
    }
    println!("{}", serde_json::json!({ "benchmark": title, "measurements": json }));
}

fn show(value: f64) -> String {
    if value >= 100.0 {
        let whole = format!("{value:.0}");
        let mut text = String::new();
        for (index, digit) in whole.char_indices() {
            if index > 0 && (whole.len() - index).is_multiple_of(3) {
                text.push(',');
            }
            text.push(digit);
        }
        text
    } else if value >= 1.0 {
        format!("{value:.2}")
    } else {
        format!("{value:.4}").trim_end_matches("00").to_owned()
            + if value == 0.0 { "0" } else { "" }
    }
}
