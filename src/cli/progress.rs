//! How far a long command is: a bar at a terminal, a line a step elsewhere.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// A bar over a known number of records.
pub fn records(title: &str, count: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg:24} {bar:32} {human_pos:>10}/{human_len} {per_sec:>14} {eta}");
    begun(ProgressBar::new(count), style, title)
}

/// A bar over a known number of bytes.
pub fn bytes(title: &str, count: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg:24} {bar:32} {bytes:>10}/{total_bytes} {eta}");
    begun(ProgressBar::new(count), style, title)
}

/// A sign of life for work whose end is not known.
pub fn waiting(title: &str) -> ProgressBar {
    let bar = begun(ProgressBar::new_spinner(), ProgressStyle::with_template("{msg:24} {spinner} {elapsed}"), title);
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

fn begun(bar: ProgressBar, style: Result<ProgressStyle, indicatif::style::TemplateError>, title: &str) -> ProgressBar {
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar.set_message(title.to_owned());
    bar
}

/// Ends a bar and leaves one line of what was done, which is all that shows where there is no terminal.
pub fn done(bar: &ProgressBar, line: &str) {
    bar.finish_and_clear();
    eprintln!("{line}");
}
