//! Ctrl-C: the first one asks a run to stop before its commit, a second one ends the process at once.
//!
//! SIGINT, SIGTERM and SIGHUP mean the same. Outside a run that can be stopped each of them ends the process with 130,
//! as does a second one within it. Only Unix: elsewhere the system's default stays.
//!
//! Invariant: a handler only sets flags or ends the process; nothing is written from it.

use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// What an interrupted command exits with.
pub(crate) const EXIT_CODE: u8 = 130;

/// The flags that the process's handlers set; handlers cannot be taken back, so there is one pair for good.
static FLAGS: OnceLock<Flags> = OnceLock::new();

#[derive(Default)]
struct Flags {
    /// The run shall stop.
    stop: Arc<AtomicBool>,
    /// The next signal ends the process.
    last: Arc<AtomicBool>,
}

/// While it lives, the first signal only sets [`Interrupt::stop`].
pub(crate) struct Interrupt(&'static Flags);

impl Interrupt {
    /// Begins a run that can be stopped.
    pub fn start() -> Interrupt {
        let flags = FLAGS.get_or_init(|| {
            let flags = Flags::default();
            register(&flags);
            flags
        });
        flags.stop.store(false, Ordering::Relaxed);
        flags.last.store(false, Ordering::Relaxed);
        Interrupt(flags)
    }

    /// Set once the run shall stop.
    pub fn stop(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0.stop)
    }
}

impl Drop for Interrupt {
    fn drop(&mut self) {
        self.0.last.store(true, Ordering::Relaxed);
    }
}

/// A signal that cannot be registered keeps the system's default, which ends the process too.
#[cfg(unix)]
fn register(flags: &Flags) {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::flag;
    for signal in [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|signal| !is_ignored(*signal)) {
        // In this order: a first signal finds `last` unset.
        let _ = flag::register_conditional_shutdown(signal, i32::from(EXIT_CODE), Arc::clone(&flags.last))
            .and_then(|_| flag::register(signal, Arc::clone(&flags.stop)))
            .and_then(|_| flag::register(signal, Arc::clone(&flags.last)));
    }
}

#[cfg(not(unix))]
fn register(_flags: &Flags) {}

/// Whether whoever started the process had it ignore this signal (`nohup`, a background job), which then stays so.
/// Known only where /proc is.
#[cfg(unix)]
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|hex| u64::from_str_radix(hex.trim(), 16).ok()).unwrap_or(0);
    // Bit 0 is signal 1.
    mask >> (signal - 1) & 1 == 1
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::low_level::raise;
    use std::process::Command;

    /// Signals are the process's: what they do is tried in one of its own.
    fn child(name: &str, env: &str) -> Option<i32> {
        let name = format!("cli::interrupt::tests::{name}");
        // Whoever runs the tests may have signals ignored; one that is caught here is the default's again in the child.
        for signal in [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|signal| is_ignored(*signal)) {
            signal_hook::flag::register(signal, Arc::default()).unwrap();
        }
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", &name, "--ignored", "--test-threads=1"]).env("DEEDBOOK_TEST_SIGNAL", env);
        command.output().unwrap().status.code()
    }

    fn wanted() -> i32 {
        std::env::var("DEEDBOOK_TEST_SIGNAL").unwrap_or_default().parse().unwrap_or(SIGINT)
    }

    #[test]
    fn the_first_signal_stops_the_run_and_the_second_the_process() {
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            assert_eq!(child("one_signal", &signal.to_string()), Some(0), "{signal}");
            assert_eq!(child("two_signals", &signal.to_string()), Some(130), "{signal}");
            assert_eq!(child("a_signal_between_runs", &signal.to_string()), Some(130), "{signal}");
        }
    }

    #[test]
    #[ignore = "runs in a process of its own"]
    fn one_signal() {
        let run = Interrupt::start();
        let stop = run.stop();
        assert!(!stop.load(Ordering::Relaxed));
        raise(wanted()).unwrap();
        assert!(stop.load(Ordering::Relaxed));
        // The next run begins anew.
        drop(run);
        assert!(!Interrupt::start().stop().load(Ordering::Relaxed));
    }

    #[test]
    #[ignore = "runs in a process of its own"]
    fn two_signals() {
        let _run = Interrupt::start();
        raise(wanted()).unwrap();
        raise(wanted()).unwrap();
    }

    #[test]
    #[ignore = "runs in a process of its own"]
    fn a_signal_between_runs() {
        drop(Interrupt::start());
        raise(wanted()).unwrap();
    }
}
