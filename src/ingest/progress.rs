//! How far a long run is, for whoever watches it, and whether it shall stop.
//!
//! Counters that any thread adds to and any thread reads; nothing here draws, and nothing here waits. A run that sees
//! [`Progress::stopped`] ends with an error before its commit, so that the old state stays.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// The counters of one run; clones share them.
#[derive(Debug, Clone, Default)]
pub struct Progress {
    inner: Arc<Inner>,
    stop: Arc<AtomicBool>,
}

#[derive(Debug, Default)]
struct Inner {
    works: AtomicU64,
    bytes: AtomicU64,
    expected_works: AtomicU64,
    expected_bytes: AtomicU64,
}

/// What the counters say at one moment. An expectation of 0 is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// Works (files, records) done.
    pub works: u64,
    /// Works that there are.
    pub expected_works: u64,
    /// Bytes done.
    pub bytes: u64,
    /// Bytes that there are.
    pub expected_bytes: u64,
}

impl Progress {
    /// A run that stops when somebody sets `stop`.
    pub fn stopped_by(stop: Arc<AtomicBool>) -> Progress {
        Progress { inner: Arc::default(), stop }
    }

    /// Whether the run shall end.
    pub fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Announces work to come.
    pub fn expect(&self, works: u64, bytes: u64) {
        self.inner.expected_works.fetch_add(works, Ordering::Relaxed);
        self.inner.expected_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Counts work done.
    pub fn add(&self, works: u64, bytes: u64) {
        self.inner.works.fetch_add(works, Ordering::Relaxed);
        self.inner.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// The counters now.
    pub fn seen(&self) -> Seen {
        let Inner { works, bytes, expected_works, expected_bytes } = &*self.inner;
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Seen {
            works: read(works),
            expected_works: read(expected_works),
            bytes: read(bytes),
            expected_bytes: read(expected_bytes),
        }
    }
}
