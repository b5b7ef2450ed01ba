//! Admitting few works at a time, from many threads of one process: requests that come while a commit is under way are
//! served together by the next one, which costs as many syncs as one of them alone while they fill no bundle.
//!
//! ```text
//! threads:  read, key ─┐                               ┌─> the outcome, once it is durable
//! threads:  read, key ─┴─> queue, in order of arrival ─┴─< clerk: gate, append ... one commit
//! ```
//!
//! What is in the log afterwards is what the requests, one after another, would have made of it: each has its own
//! screening, and only the checkpoints in between are not there. A request that needs the grant of an open licence to be
//! recorded is the last of its commit, so that the state that follows is where it would have been.
//!
//! Rules and deny and reserve lists are the desk's, for all its datasets. A list is read, keyed and stored once, when it
//! is set ([`Desk::set_lists`]); then it stays open, and each request that comes is looked up in it by its keys and names
//! it in its screening, as under `admit --deny`. What becomes of the list's file later changes nothing: set the lists anew.
//! Requests that came before are held against the lists of before, and what was admitted stays so until it is withdrawn.
//!
//! Not here: folders, overrides and dry runs, which are `admit`'s; requests of other processes, which the writer's lock
//! keeps out.
//!
//! The index follows at some distance: a commit leaves it behind, and every [`MAX_BEHIND`] entries, and at the end, what
//! was admitted since becomes a run of it. After a crash the next writer reads so many entries from the log. Meanwhile the
//! duplicate check has them in memory.
//!
//! Invariants:
//! - An outcome is handed out once its commit is durable, never before.
//! - A request that fails, for what it asks or for a file that it needs, leaves no trace, and the others of its commit are
//!   served. Where the disk refuses a commit, all fail that wait and all that come: open the ledger again.
//! - Requests are served in order of arrival. As many wait as there are threads that ask.

use super::admit::Outcome;
use super::admit::lists::OpenLists;
pub use super::admit::request::MAX_REQUEST_WORKS;
use super::admit::request::{OpenGate, Request};
use super::source::Input;
use super::view::open_folder;
use super::{LedgerError, Now, Writer};
use crate::licence::Rules;
use crate::statement::Name;
use crate::statement::screening::ListKind;
use crate::storage::{Disk, Lock};
use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::JoinHandle;

/// Requests that one commit serves.
pub const MAX_COMMIT_REQUESTS: usize = 1024;

/// Works that one commit serves, unless its first request alone has more: as many as a batch of `admit`.
pub const MAX_COMMIT_WORKS: usize = 1 << 16;

/// Entries by which the index may be behind the log: after a crash they are read again in some tens of milliseconds.
pub const MAX_BEHIND: u64 = 8192;

/// Datasets whose gates and runs are kept open.
const MAX_OPEN: usize = 16;

/// Where any number of threads admit works; clones are of the same desk. When the last one is dropped, the index is
/// brought up to date and the ledger closed.
#[derive(Clone)]
pub struct Desk {
    open: Arc<Open>,
}

struct Open {
    queue: Arc<Queue>,
    clerk: Option<JoinHandle<()>>,
    disk: Disk,
    /// The writer's, as long as there is one.
    lock: Weak<Lock>,
    /// Lists are read by one thread at a time: a file under way has a name.
    reading: Mutex<()>,
}

impl Desk {
    /// Opens a desk on a ledger, as [`Writer::open`]: works are admitted by these rules for open licences, and `now` is
    /// asked to begin with, and once for each commit, when its requests are known. It has no lists yet:
    /// [`Desk::set_lists`].
    ///
    /// # Errors
    /// As [`Writer::open`].
    pub fn open(
        dir: &Path,
        rules: Rules,
        now: impl FnMut() -> Now + Send + 'static,
        wait: bool,
    ) -> Result<Desk, LedgerError> {
        Desk::on(&open_folder(dir)?.0, rules, now, wait)
    }

    /// As [`Desk::open`], in a folder that is open.
    ///
    /// # Errors
    /// As [`Writer::open`].
    pub fn on(
        disk: &Disk,
        rules: Rules,
        mut now: impl FnMut() -> Now + Send + 'static,
        wait: bool,
    ) -> Result<Desk, LedgerError> {
        let writer = Writer::on(disk, now(), wait)?;
        let (queue, lock) = (Arc::new(Queue::default()), Arc::downgrade(writer.lock()));
        let behind_from = writer.next();
        let clerk = Clerk { writer, rules, now: Box::new(now), gates: BTreeMap::new(), behind_from };
        let taken = Taken(Arc::clone(&queue));
        let clerk = std::thread::spawn(move || clerk.serve(&taken));
        let (clerk, disk, reading) = (Some(clerk), disk.clone(), Mutex::default());
        Ok(Desk { open: Arc::new(Open { queue, clerk, disk, lock, reading }) })
    }

    /// Reads lists of works to refuse, which take the place of those that the desk had, for every request that comes after
    /// this has returned. Requests that come while they are read are served under the lists of before.
    ///
    /// A list of digests finds works whose catalogue says theirs: there are no files here of which they could be taken.
    ///
    /// # Errors
    /// There are more lists than a screening names, or one of them cannot be read or has a record that names no work; or a
    /// commit failed. Then the desk has the lists of before.
    pub fn set_lists(&self, lists: Vec<(ListKind, Input)>) -> Result<(), LedgerError> {
        let _one_reads = self.open.reading.lock().unwrap_or_else(PoisonError::into_inner);
        // The writer may end meanwhile; another one must not begin before this is done.
        let Some(_lock) = self.open.lock.upgrade() else { return Err(self.open.queue.why_ended()) };
        let lists = OpenLists::read(&self.open.disk, lists, true)?;
        self.open.queue.set(Arc::new(lists))
    }

    /// Admits the works of a catalogue to a dataset, and returns once that is durable.
    ///
    /// # Errors
    /// The catalogue cannot be read or has more than [`MAX_REQUEST_WORKS`] works, there is no such dataset, or a file that
    /// its gate needs is damaged: then nothing of it was recorded. A commit failed, this one or an earlier one
    /// ([`LedgerError::DeskFailed`]): opening the ledger again shows whether this one was made.
    pub fn admit(&self, dataset: &Name, works: Input) -> Result<Outcome, LedgerError> {
        let request = Request::read(dataset, works)?;
        let (reply, answer) = channel();
        self.open.queue.push(request, reply)?;
        // Whoever ends the desk drops what waits.
        answer.recv().unwrap_or_else(|_| Err(self.open.queue.why_ended()))
    }

    /// How many requests wait for the commit after the one under way.
    pub fn waiting(&self) -> usize {
        self.open.queue.lock().waiting.len()
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.queue.lock().standing = Standing::Closing;
        self.queue.changed.notify_all();
        if let Some(clerk) = self.clerk.take() {
            // How it ended was said to whoever waited.
            let _ = clerk.join();
        }
    }
}

/// A request, the lists that there were when it came, and who waits for its outcome.
struct Waiting {
    request: Request,
    lists: Arc<OpenLists>,
    reply: Reply,
}

type Reply = Sender<Result<Outcome, LedgerError>>;

/// Tells whoever waits; nobody gives up waiting before.
fn answer(reply: &Reply, outcome: Result<Outcome, LedgerError>) {
    let _ = reply.send(outcome);
}

/// The requests that no commit has taken yet.
#[derive(Default)]
struct Queue {
    line: Mutex<Line>,
    changed: Condvar,
}

#[derive(Default)]
struct Line {
    waiting: VecDeque<Waiting>,
    lists: Arc<OpenLists>,
    standing: Standing,
}

#[derive(Default)]
enum Standing {
    #[default]
    Open,
    /// No handle of the desk is left, so nobody waits.
    Closing,
    /// A commit failed.
    Failed(Arc<LedgerError>),
    /// The clerk is gone.
    Ended,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Line> {
        // A panic elsewhere leaves the line whole: each change to it is one call.
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The line, unless nobody serves it any more.
    fn served(&self) -> Result<MutexGuard<'_, Line>, LedgerError> {
        let line = self.lock();
        if let Standing::Failed(_) | Standing::Ended = line.standing {
            drop(line);
            return Err(self.why_ended());
        }
        Ok(line)
    }

    fn push(&self, request: Request, reply: Reply) -> Result<(), LedgerError> {
        let mut line = self.served()?;
        let lists = Arc::clone(&line.lists);
        line.waiting.push_back(Waiting { request, lists, reply });
        self.changed.notify_all();
        Ok(())
    }

    fn set(&self, lists: Arc<OpenLists>) -> Result<(), LedgerError> {
        self.served()?.lists = lists;
        Ok(())
    }

    /// The requests of the next commit, once there are any; `None` when the desk is closed.
    fn take(&self) -> Option<VecDeque<Waiting>> {
        let mut line = self.lock();
        while line.waiting.is_empty() {
            if !matches!(line.standing, Standing::Open) {
                return None;
            }
            line = self.changed.wait(line).unwrap_or_else(PoisonError::into_inner);
        }
        let (mut count, mut works) = (0, 0);
        for waiting in line.waiting.iter().take(MAX_COMMIT_REQUESTS) {
            works += waiting.request.works();
            if count > 0 && works > MAX_COMMIT_WORKS {
                break;
            }
            count += 1;
        }
        Some(line.waiting.drain(..count).collect())
    }

    /// Why a clerk that drops requests, or has ended, does so: it says it a moment later.
    fn why_ended(&self) -> LedgerError {
        let mut line = self.lock();
        loop {
            match &line.standing {
                Standing::Failed(error) => return LedgerError::DeskFailed(Arc::clone(error)),
                Standing::Ended => return LedgerError::DeskEnded,
                Standing::Open | Standing::Closing => {
                    line = self.changed.wait(line).unwrap_or_else(PoisonError::into_inner);
                }
            }
        }
    }

    fn end(&self, standing: Standing) {
        let mut line = self.lock();
        if let Standing::Open | Standing::Closing = line.standing {
            line.standing = standing;
        }
        line.waiting.clear();
        self.changed.notify_all();
    }
}

/// The queue as the clerk has it: nobody waits for a clerk that is gone, whatever it died of.
struct Taken(Arc<Queue>);

impl Drop for Taken {
    fn drop(&mut self) {
        self.0.end(Standing::Ended);
    }
}

/// The thread that has the writer.
struct Clerk {
    writer: Writer,
    rules: Rules,
    now: Box<dyn FnMut() -> Now + Send>,
    gates: BTreeMap<Name, OpenGate>,
    /// The size of the log that the index is of.
    behind_from: u64,
}

impl Clerk {
    fn serve(mut self, queue: &Taken) {
        while let Some(mut requests) = queue.0.take() {
            while !requests.is_empty() {
                if let Err(error) = self.commit(&mut requests) {
                    return queue.0.end(Standing::Failed(Arc::new(error)));
                }
            }
        }
        // What the index lacks the next writer reads from the log.
        let _ = self.hand_over(true);
    }

    /// Serves the first of these requests, as many as can share a commit, and commits.
    fn commit(&mut self, requests: &mut VecDeque<Waiting>) -> Result<(), LedgerError> {
        let now = (self.now)();
        while let Err(error) = self.writer.renew(now) {
            let Some(waiting) = requests.pop_front() else { return Ok(()) };
            answer(&waiting.reply, Err(error));
        }
        let (mut served, mut register_grew) = (Vec::new(), false);
        while !register_grew && let Some(Waiting { request, lists, reply }) = requests.pop_front() {
            match self.admit(request, &lists)? {
                Ok(outcome) => {
                    register_grew = !outcome.open_grants.is_empty();
                    served.push((reply, outcome));
                }
                Err(error) => answer(&reply, Err(error)),
            }
        }
        if served.is_empty() {
            return Ok(());
        }
        let checkpoint = self.writer.publish(register_grew)?;
        for (reply, mut outcome) in served {
            outcome.log_size = checkpoint.size();
            outcome.checkpoint = Some(checkpoint.clone());
            answer(&reply, Ok(outcome));
        }
        if register_grew || self.writer.next() - self.behind_from >= MAX_BEHIND || self.gates.len() > MAX_OPEN {
            // Gates know the grants that there were when they were opened.
            self.hand_over(register_grew || self.gates.len() > MAX_OPEN)?;
        }
        Ok(())
    }

    /// Takes a request through its dataset's gate. The outer error ends the desk, the inner one is the request's.
    fn admit(&mut self, request: Request, lists: &OpenLists) -> Result<Result<Outcome, LedgerError>, LedgerError> {
        if !self.gates.contains_key(&request.dataset) {
            match OpenGate::open(&self.writer, &request.dataset, &self.rules) {
                Ok(gate) => drop(self.gates.insert(request.dataset.clone(), gate)),
                Err(error) => return Ok(Err(error)),
            }
        }
        match self.gates.get_mut(&request.dataset) {
            Some(gate) => gate.admit(&mut self.writer, request, lists, &self.rules),
            None => Err(LedgerError::DeskEnded),
        }
    }

    /// Brings the index up to the log; with `close`, gates are closed.
    fn hand_over(&mut self, close: bool) -> Result<(), LedgerError> {
        if self.writer.next() == self.behind_from {
            return Ok(());
        }
        let mut closed = Vec::new();
        for (name, gate) in std::mem::take(&mut self.gates) {
            closed.push((name, gate.finish(&mut self.writer)?));
        }
        self.writer.disk().sync()?;
        self.writer.hand_over()?;
        self.behind_from = self.writer.next();
        for (name, gate) in closed.into_iter().filter(|_| !close) {
            self.gates.insert(name, gate.open(&self.writer)?);
        }
        Ok(())
    }
}
