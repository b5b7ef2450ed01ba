//! How far a long run is, drawn in one line on stderr while it runs.
//!
//! The run counts (`ingest::Progress`); a thread reads the counters ten times a second. Nothing is drawn for a run of
//! less than a tenth of a second, where stderr is no terminal, and under `--quiet` or `--json`. The line is gone before
//! anything else is printed: a [`Watch`] is dropped before the command's answer or error is.

use super::context::Context;
use super::interrupt::Interrupt;
use crate::ingest::{Progress, Seen};
use crate::report::{counted, grouped};
use indicatif::{BinaryBytes, ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Between two looks at the counters.
const REDRAW: Duration = Duration::from_millis(100);
/// Lines drawn a second at most.
const REDRAWS_A_SECOND: u8 = 10;

/// A run being watched, for as long as this lives; Ctrl-C meanwhile sets the stop flag of its [`Progress`].
pub(crate) struct Watch {
    progress: Progress,
    // Dropping the sender ends the thread.
    drawing: Option<(Sender<()>, JoinHandle<()>)>,
    _interrupt: Interrupt,
}

impl Watch {
    /// Begins to watch; `what` is done, in one word, such as `admitting`.
    pub fn start(context: &Context, what: &'static str) -> Watch {
        let mut watch = Watch::unseen();
        if is_drawn(context.talks(), std::io::stderr().is_terminal()) {
            let (sender, ended) = channel();
            let progress = watch.progress.clone();
            let thread = std::thread::spawn(move || {
                let mut line = Line::new(ProgressDrawTarget::stderr_with_hz(REDRAWS_A_SECOND), what);
                let started = Instant::now();
                while let Err(RecvTimeoutError::Timeout) = ended.recv_timeout(REDRAW) {
                    line.draw(progress.seen(), started.elapsed());
                }
                line.clear();
            });
            watch.drawing = Some((sender, thread));
        }
        watch
    }

    /// Watches a run whose lines go to stdout: nothing is drawn between them.
    pub fn unseen() -> Watch {
        let interrupt = Interrupt::start();
        Watch { progress: Progress::stopped_by(interrupt.stop()), drawing: None, _interrupt: interrupt }
    }

    /// What the run counts with and is stopped by.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let Some((sender, thread)) = self.drawing.take() {
            drop(sender);
            let _ = thread.join();
        }
    }
}

/// Whether the line is drawn at all.
fn is_drawn(talks: bool, terminal: bool) -> bool {
    talks && terminal
}

/// The line on the terminal. Its bar fills with bytes where their number is expected, else with works; while nothing is
/// expected, it turns a spinner. A run may learn only on its way how much there is.
struct Line {
    bar: ProgressBar,
    spins: bool,
}

impl Line {
    fn new(target: ProgressDrawTarget, what: &'static str) -> Line {
        let bar = ProgressBar::with_draw_target(None, target)
            .with_prefix(what)
            .with_style(style("{spinner} {prefix}  {wide_msg}"));
        Line { bar, spins: true }
    }

    /// Draws what was seen after this time.
    fn draw(&mut self, seen: Seen, after: Duration) {
        let (done, expected) = match seen.expected_bytes {
            0 => (seen.works, seen.expected_works),
            bytes => (seen.bytes, bytes),
        };
        if self.spins && expected > 0 {
            self.spins = false;
            self.bar.set_style(style("{prefix} [{bar:8}] {wide_msg}"));
        }
        self.bar.set_message(words(seen, after));
        if self.spins {
            self.bar.tick();
        } else {
            self.bar.update(|state| {
                state.set_len(expected.max(done));
                state.set_pos(done);
            });
        }
    }

    fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

fn style(template: &str) -> ProgressStyle {
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    style.progress_chars("=> ").tick_chars("|/-\\ ")
}

/// The numbers, those that matter most first: what does not fit the terminal is cut.
fn words(seen: Seen, after: Duration) -> String {
    let Seen { works, expected_works, bytes, expected_bytes } = seen;
    let a_second = |done: u64| done as f64 / after.as_secs_f64().max(0.001);
    let mut words = Vec::new();
    let left = if expected_bytes > 0 {
        let all = expected_bytes.max(bytes);
        words.push(format!("{}/{}", BinaryBytes(bytes), BinaryBytes(all)));
        words.push(format!("{}/s", BinaryBytes(a_second(bytes) as u64)));
        (all - bytes) as f64 / a_second(bytes)
    } else {
        let all = expected_works.max(works);
        let of = if expected_works > 0 { format!("/{}", grouped(all)) } else { String::new() };
        words.push(format!("{}{of} works", grouped(works)));
        if bytes > 0 && expected_works == 0 {
            words.push(BinaryBytes(bytes).to_string());
        }
        words.push(format!("{}/s", grouped(a_second(works) as u64)));
        (all - works) as f64 / a_second(works)
    };
    if expected_works == 0 && expected_bytes == 0 {
        words.push(time(after.as_secs()));
    } else if left.is_finite() {
        words.push(format!("{} left", time(left.ceil() as u64)));
    }
    if expected_bytes > 0 {
        words.push(counted(works, "work", "works"));
    }
    words.join("  ")
}

fn time(seconds: u64) -> String {
    match seconds {
        0..=59 => format!("{seconds}s"),
        60..=3599 => format!("{}m {:02}s", seconds / 60, seconds % 60),
        _ => format!("{}h {:02}m", grouped(seconds / 3600), seconds / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use indicatif::InMemoryTerm;

    /// What stands on a terminal of 80 columns after each of these, and when the line is gone.
    fn drawn(all: &[(Seen, u64)]) -> Vec<String> {
        let terminal = InMemoryTerm::new(10, 80);
        let mut line = Line::new(ProgressDrawTarget::term_like(Box::new(terminal.clone())), "admitting");
        let mut shown = Vec::new();
        for (seen, seconds) in all {
            line.draw(*seen, Duration::from_secs(*seconds));
            shown.push(terminal.contents());
        }
        line.clear();
        assert_eq!(terminal.contents(), "", "the line is gone at the end");
        shown
    }

    fn seen(works: u64, expected_works: u64, bytes: u64, expected_bytes: u64) -> Seen {
        Seen { works, expected_works, bytes, expected_bytes }
    }

    #[test]
    fn drawn_for_people_at_a_terminal_only() {
        assert!(is_drawn(true, true));
        assert!(!is_drawn(false, true), "--quiet or --json");
        assert!(!is_drawn(true, false), "a pipe");
    }

    #[test]
    fn without_an_expectation_it_counts() {
        let shown = drawn(&[(seen(0, 0, 0, 0), 0), (seen(12_345, 0, 3 << 20, 0), 10)]);
        assert!(shown[0].ends_with(" admitting  0 works  0/s  0s"), "{shown:?}");
        assert!(shown[1].ends_with(" admitting  12,345 works  3.00 MiB  1,234/s  10s"), "{shown:?}");
    }

    #[test]
    fn works_of_an_expected_number() {
        let shown = drawn(&[(seen(0, 0, 0, 0), 0), (seen(25_000, 100_000, 0, 0), 50)]);
        assert_eq!(shown[1], "admitting [==>     ] 25,000/100,000 works  500/s  2m 30s left");
    }

    #[test]
    fn bytes_of_an_expected_number() {
        let shown = drawn(&[(seen(0, 16, 0, 4 << 30), 1), (seen(4, 16, 1 << 30, 4 << 30), 2)]);
        assert_eq!(shown[0], "admitting [        ] 0 B/4.00 GiB  0 B/s  0 works");
        assert_eq!(shown[1], "admitting [==>     ] 1.00 GiB/4.00 GiB  512.00 MiB/s  6s left  4 works");
    }

    /// More than was announced is no reason to show more than all.
    #[test]
    fn an_expectation_that_was_too_low() {
        let shown = drawn(&[(seen(12, 10, 0, 0), 1)]);
        assert_eq!(shown, ["admitting [========] 12/12 works  12/s  0s left"]);
    }

    #[test]
    fn long_numbers_stay_on_one_line() {
        let works = (seen(9_999_999, 10_000_000, 1023 << 30, 0), 1);
        let bytes = (seen(9_999_999, 10_000_000, 1022 << 30, 1023 << 30), 36_000);
        for line in drawn(&[works, bytes]) {
            assert!(line.contains(" left") && line.contains("/s  ") && !line.contains('\n'), "{line}");
        }
    }
}
