//! Medians and spreads.

/// The least, the median and the greatest of some figures.
pub(crate) fn spread(mut figures: Vec<f64>) -> (f64, f64, f64) {
    figures.sort_by(f64::total_cmp);
    (figures[0], figures[figures.len() / 2], figures[figures.len() - 1])
}

/// Prints one figure with its spread.
pub(crate) fn print(title: &str, unit: &str, figures: Vec<f64>) -> f64 {
    let rounds = figures.len();
    let (least, median, greatest) = spread(figures);
    println!("{title}: {median:.3} {unit} (median of {rounds}; {least:.3} to {greatest:.3})");
    median
}

/// Prints what a request costs without and what something adds to it, of pairs of the costs without and with it.
pub(crate) fn added(name: &str, what: &str, rounds: &[(f64, f64)]) {
    let without = rounds.iter().map(|round| round.0).collect();
    print(&format!("{name}: a request without"), "us of CPU", without);
    let added = rounds.iter().map(|round| round.1 - round.0).collect();
    print(&format!("{name}: {what}"), "us of CPU", added);
}

/// A quantile of latencies in microseconds.
pub(crate) fn quantile(sorted: &[u32], share: f64) -> f64 {
    let place = ((sorted.len() as f64 - 1.0) * share).round() as usize;
    f64::from(sorted[place])
}

/// `p50 / p99 / max` of latencies in microseconds, as text.
pub(crate) fn latencies(mut all: Vec<u32>) -> (f64, String) {
    all.sort_unstable();
    let p99 = quantile(&all, 0.99);
    let text = format!(
        "p50 {} us, p99 {p99} us, max {} us of {}",
        quantile(&all, 0.5),
        quantile(&all, 1.0),
        all.len()
    );
    (p99, text)
}
