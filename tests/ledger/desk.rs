//! Small appends: what one costs, that many share commits, and that sharing changes nothing but the checkpoints between.

use super::crash::{crashes, reopen};
use super::lab::*;
use super::lists::list;
use super::replay::Model;
use deedbook::ledger::admit::{Options, Outcome};
use deedbook::ledger::desk::{MAX_BEHIND, MAX_REQUEST_WORKS};
use deedbook::ledger::source::Input;
use deedbook::ledger::writer::MAX_SCREENINGS;
use deedbook::ledger::{Desk, LedgerError, Now, Writer};
use deedbook::licence::Rules;
use deedbook::statement::limit::MAX_ITEMS;
use deedbook::statement::screening::ListKind;
use deedbook::statement::{Code, Layer, Purpose, Statement, Use};
use deedbook::storage::{Disk, Op, StorageError};
use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::sync::mpsc::{Receiver, Sender, channel};

/// A clock that stands, and gives another seed each time.
fn clock(lab: &Lab) -> impl FnMut() -> Now + Send + 'static {
    let (at, mut seed) = (lab.now().at, [200; 32]);
    move || {
        seed = deedbook::rows::blake3(&seed);
        Now { at, seed }
    }
}

fn desk(lab: &Lab) -> Desk {
    Desk::on(&lab.disk, Rules::default_rules(), clock(lab), false).unwrap()
}

/// A desk whose commits begin when the test says so.
struct Held {
    desk: Desk,
    begun: Receiver<()>,
    go: Sender<()>,
}

impl Held {
    fn new(lab: &Lab) -> Held {
        let ((begins, begun), (go, may)) = (channel(), channel());
        let (mut clock, mut is_open) = (clock(lab), false);
        let now = move || {
            // The first time is the opening's.
            if std::mem::replace(&mut is_open, true) {
                begins.send(()).unwrap();
                may.recv().unwrap();
            }
            clock()
        };
        Held { desk: Desk::on(&lab.disk, Rules::default_rules(), now, false).unwrap(), begun, go }
    }

    /// Makes the first request, and all others while its commit is under way, in this order; then lets `between` happen
    /// and all commits go on. Gives the outcomes, and how many commits began.
    fn share(&self, requests: &[(&str, String)], between: impl FnOnce()) -> (Vec<Result<Outcome, LedgerError>>, usize) {
        std::thread::scope(|scope| {
            let mut threads = Vec::new();
            for (at, (dataset, text)) in requests.iter().enumerate() {
                let desk = self.desk.clone();
                threads.push(scope.spawn(move || desk.admit(&name(dataset), csv(text))));
                if at == 0 {
                    self.begun.recv().unwrap();
                } else {
                    while self.desk.waiting() < at {
                        std::thread::yield_now();
                    }
                }
            }
            between();
            let mut commits = 1;
            self.go.send(()).unwrap();
            while !threads.iter().all(std::thread::ScopedJoinHandle::is_finished) {
                match self.begun.try_recv() {
                    Ok(()) => {
                        commits += 1;
                        self.go.send(()).unwrap();
                    }
                    Err(_) => std::thread::yield_now(),
                }
            }
            (threads.into_iter().map(|thread| thread.join().unwrap()).collect(), commits)
        })
    }
}

/// A ledger with works under an open licence, so that its grant is there, on a recording disk.
fn recording() -> (Lab, deedbook::storage::Trace) {
    let dir = folder();
    let (disk, trace) = Disk::recording(dir.path()).unwrap();
    let lab = Lab::on(dir, disk);
    lab.books();
    lab.admit("books", &books(1..10));
    (lab, trace)
}

fn book(n: u64) -> (&'static str, String) {
    ("books", books(n..n + 1))
}

/// Published checkpoints: commits so far.
fn commits(lab: &Lab) -> usize {
    fs::read_dir(lab.path().join("log/history")).unwrap().count()
}

/// All entries without their times and salts, and what the reports say.
fn book_of(lab: &Lab) -> Vec<serde_json::Value> {
    let view = lab.view();
    let blank = |index| {
        let mut json: serde_json::Value = serde_json::from_str(&view.statement(index).unwrap().print()).unwrap();
        json.as_object_mut().unwrap().retain(|member, _| !["at", "salt"].contains(&member.as_str()));
        json
    };
    (0..view.log().size()).map(blank).collect()
}

// --- what an append costs ---

/// What is made durable, in order.
fn syncs(ops: &[Op]) -> String {
    let line = |op: &Op| match op {
        Op::SyncFile(path) => Some(path.clone()),
        Op::SyncDir(dir) => Some(format!("{dir}/")),
        Op::SyncAll => Some("everything".to_owned()),
        _ => None,
    };
    ops.iter().filter_map(line).collect::<Vec<_>>().join("\n")
}

/// Opening the ledger, then the commit: the files that it names, the folders that name them and all above (another process
/// may have made them), the mark, the checkpoint. A path that ends in `/` is the names in a folder.
const SINGLE: &str = "\
/
log/
index/run/2/16-18
index/fact/2/16-18
entries/000.p/18
log/tile/0/000.p/18
/
entries/
entries/000.p/
index/
index/fact/
index/fact/2/
index/run/
index/run/2/
log/
log/tile/
log/tile/0/
log/tile/0/000.p/
private/signed.tmp
private/
log/checkpoint.tmp
log/
log/history/18.tmp";

#[test]
fn a_single_append_syncs_these() {
    let (lab, _) = recording();
    let (disk, trace) = Disk::recording(lab.path()).unwrap();
    let writer = Writer::on(&disk, now(40), false).unwrap();
    deedbook::ledger::admit::admit(writer, &name("books"), vec![csv(&books(50..51)).into()], options()).unwrap();
    assert_eq!(syncs(&trace.ops()), SINGLE);
}

/// The same at a desk whose folders are known, however many requests share it. What comes last is durable with the next
/// commit: opening the ledger makes it again.
const SHARED: &str = "\
entries/000.p/{size}
log/tile/0/000.p/{size}
entries/000.p/
log/history/
log/tile/0/000.p/
private/signed.tmp
private/
log/checkpoint.tmp
log/
log/history/{size}.tmp";

#[test]
fn a_commit_syncs_as_much_for_many_requests_as_for_one() {
    let (lab, trace) = recording();
    let held = Held::new(&lab);
    for requests in [1, 2, 9] {
        let before = trace.count();
        let requests: Vec<_> = (0..requests).map(|n| book(100 * requests + n)).collect();
        let (outcomes, _) = held.share(&requests, || ());
        let last = outcomes.last().unwrap().as_ref().unwrap().log_size;
        let first = outcomes[0].as_ref().unwrap().log_size;
        let sizes = BTreeSet::from([first, last]);
        let expected: Vec<String> = sizes.iter().map(|size| SHARED.replace("{size}", &size.to_string())).collect();
        assert_eq!(syncs(&trace.ops()[before..]), expected.join("\n"));
    }
}

// --- sharing ---

#[test]
fn threads_that_wait_share_a_commit() {
    const THREADS: u64 = 12;
    const ROUNDS: u64 = 5;
    let (lab, _) = recording();
    let held = Held::new(&lab);
    let before = commits(&lab);
    let mut outcomes = Vec::new();
    for round in 0..ROUNDS {
        let requests: Vec<_> = (0..THREADS).map(|n| book(1000 + round * THREADS + n)).collect();
        let (answers, began) = held.share(&requests, || ());
        assert_eq!(began, 2);
        outcomes.extend(answers.into_iter().map(Result::unwrap));
    }
    assert_eq!(commits(&lab) - before, 2 * ROUNDS as usize);
    // In order of arrival, each once, each with its own screening after it.
    for (n, outcome) in outcomes.iter().enumerate() {
        assert_eq!((outcome.tally.admitted, outcome.tally.considered), (1, 1));
        assert_eq!(outcome.first_entry, outcomes[0].first_entry + 2 * n as u64);
        assert_eq!(outcome.screening, Some(outcome.first_entry + 1));
        let Statement::Admission(admission) = lab.view().statement(outcome.first_entry).unwrap() else { panic!() };
        assert_eq!(admission.title.as_deref(), Some(format!("Book {}", 1000 + n).as_str()));
        assert_eq!(outcome.checkpoint.as_ref().unwrap().size(), outcome.log_size);
    }
    drop(held);
    assert_eq!(lab.seal("books@v1").works, 9 + THREADS * ROUNDS);
    assert_eq!(lab.fsck(), Vec::<String>::new());
}

/// Other licences, refusals, duplicates of the past, of the same commit and of the same request, two datasets.
fn mixed() -> Vec<(&'static str, String)> {
    let head = "title,isbn,licence\n";
    let line = |n: u64, licence: &str| format!("Book {n},{},{licence}\n", &isbn(n)[5..]);
    vec![
        book(100),
        ("books", books([101, 1, 101])),
        ("films", books([100, 102])),
        ("books", format!("{head}{}{}", line(103, "CC0-1.0"), line(104, "CC-BY-NC-4.0"))),
        ("films", format!("{head}{}{}", line(105, "CC0-1.0"), line(106, "who knows"))),
        ("books", books([100, 103, 107])),
        ("books", head.to_owned()),
        ("books", books(1..4)),
        ("films", books([107, 102, 108])),
    ]
}

type Lists = Vec<(ListKind, Input)>;

/// Of `mixed`: new works, works that are there, one without a known licence, and one on both lists.
fn some_lists() -> Lists {
    let ids = |numbers: &[u64]| numbers.iter().map(|n| isbn(*n) + "\n").collect::<String>();
    vec![
        (ListKind::Deny, list("deny.txt", &ids(&[101, 104, 106]))),
        (ListKind::Reserve, list("opted-out.txt", &ids(&[1, 102, 104]))),
    ]
}

#[test]
fn what_shares_commits_is_what_one_by_one_would_be() {
    shared_is_as_one_by_one(Lists::new);
}

#[test]
fn under_lists_too_it_is_what_one_by_one_would_be() {
    let log = shared_is_as_one_by_one(some_lists);
    let asked = |entry: &serde_json::Value| entry["lists"].as_array().map_or(0, Vec::len);
    assert_eq!(log.iter().map(asked).sum::<usize>(), 2 * mixed().len());
}

/// Admits `mixed` at a desk that has these lists and in commits of their own; gives what the log says.
fn shared_is_as_one_by_one(lists: fn() -> Lists) -> Vec<serde_json::Value> {
    let both = [recording().0, recording().0];
    for lab in &both {
        lab.dataset("films", Purpose::Commercial, &[Use::GenerativeTraining], &[Layer::Text]);
    }
    let [shared, single] = both;
    let held = Held::new(&shared);
    held.desk.set_lists(lists()).unwrap();
    let (outcomes, began) = held.share(&mixed(), || ());
    // The first alone; then two are the last of their commits, since the register grows, and the rest.
    assert_eq!(began, 3);
    drop(held);
    for (outcome, (dataset, text)) in outcomes.into_iter().map(Result::unwrap).zip(mixed()) {
        let alone = single.try_admit(dataset, &text, Options { lists: lists(), ..options() }).unwrap();
        assert_eq!((outcome.tally, outcome.first_entry), (alone.tally, alone.first_entry));
        assert_eq!((outcome.report, outcome.open_grants), (alone.report, alone.open_grants));
        assert_eq!((outcome.screening, outcome.examples), (alone.screening, alone.examples));
    }
    assert_eq!(book_of(&shared), book_of(&single));
    for lab in [&shared, &single] {
        lab.seal("books@v1");
        lab.seal("films@v1");
        assert_eq!(lab.fsck(), Vec::<String>::new());
    }
    let rows = |lab: &Lab| fs::read(lab.path().join("release/books/v1")).unwrap();
    assert_eq!(rows(&shared), rows(&single));
    book_of(&shared)
}

/// Of many datasets' gates only some stay open, and what they admitted is not forgotten with them.
#[test]
fn many_datasets_are_served() {
    let lab = Lab::new();
    lab.books();
    lab.admit("books", &books(1..2));
    let names: Vec<String> = (0..20).map(|n| format!("set-{n}")).collect();
    for name in &names {
        lab.dataset(name, Purpose::Commercial, &[Use::GenerativeTraining], &[Layer::Text]);
    }
    let desk = desk(&lab);
    for times in 0..2 {
        for dataset in &names {
            let tally = desk.admit(&name(dataset), csv(&books(1..4))).unwrap().tally;
            assert_eq!((tally.admitted, tally.duplicates), if times == 0 { (3, 0) } else { (0, 3) });
        }
    }
    drop(desk);
    assert_eq!(lab.fsck(), Vec::<String>::new());
}

// --- lists ---

/// A catalogue has what it says, digests too: whatever names its works is asked about.
#[test]
fn works_on_the_lists_of_a_desk_are_refused() {
    let [a, b] = ["a", "b"].map(|digit| digit.repeat(64));
    let (lab, _) = recording();
    let desk = desk(&lab);
    let sums = list("SHA256SUMS", &format!("{a}  one.txt\n"));
    let both = (ListKind::Reserve, list("opted-out.txt", &format!("{}\nsha256:{a}\n", isbn(302))));
    desk.set_lists(vec![(ListKind::Deny, sums), both]).unwrap();
    let line = |n: u64, sha256: &str| format!("Book {n},{},CC-BY-4.0,{sha256}\n", &isbn(n)[5..]);
    let text = format!("title,isbn,licence,sha256\n{}{}{}", line(301, &a), line(302, ""), line(303, &b));
    let outcome = desk.admit(&name("books"), csv(&text)).unwrap();
    assert_eq!((outcome.tally.admitted, outcome.tally.refused), (1, 2));
    let reasons: Vec<_> = outcome.tally.reasons.into_iter().collect();
    assert_eq!(reasons, [(Code::Denied, 1), (Code::Reserved, 2)]);
    assert_eq!(outcome.examples[&Code::Denied][0].title.as_deref(), Some("Book 301"));
    let report = fs::read_to_string(lab.path().join(outcome.report.unwrap())).unwrap();
    let codes = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap()["codes"].clone();
    assert_eq!(
        report.lines().map(codes).collect::<Vec<_>>(),
        [serde_json::json!(["denied", "reserved"]), serde_json::json!(["reserved"])]
    );
    drop(desk);
    assert_eq!(lab.fsck(), Vec::<String>::new());
}

#[test]
fn a_list_is_read_and_stored_once_for_all_requests() {
    let (lab, trace) = recording();
    let desk = desk(&lab);
    desk.set_lists(some_lists()).unwrap();
    let stored = || fs::read_dir(lab.path().join("catalogue")).unwrap().count();
    let before = trace.count();
    for n in 300..310 {
        assert_eq!(desk.admit(&name("books"), csv(&books([n, 101]))).unwrap().tally.refused, 1);
    }
    let of_lists = |op: &&Op| matches!(op, Op::Create(path) if path.contains("catalogue"));
    assert_eq!((trace.ops()[before..].iter().filter(of_lists).count(), stored()), (0, 2));
    desk.set_lists(some_lists()).unwrap();
    assert_eq!(stored(), 2);
    drop(desk);
    assert_eq!(lab.fsck(), Vec::<String>::new());
    // What is wrong with it is said once, too.
    let list = fs::read_dir(lab.path().join("catalogue")).unwrap().next().unwrap().unwrap().path();
    let mut bytes = fs::read(&list).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&list, bytes).unwrap();
    assert_eq!(lab.fsck().len(), 1);
}

/// A list that changes is set anew: it is for the requests that come then, those that wait are served under the old one.
#[test]
fn other_lists_are_for_the_requests_that_come_after_them() {
    let (lab, _) = recording();
    let held = Held::new(&lab);
    let deny = |n: u64| vec![(ListKind::Deny, list("deny.txt", &isbn(n)))];
    held.desk.set_lists(deny(300)).unwrap();
    let requests = [("books", books([300])), ("books", books([300, 301]))];
    let (outcomes, _) = held.share(&requests, || held.desk.set_lists(deny(301)).unwrap());
    let counts = |outcome: Result<Outcome, LedgerError>| {
        let tally = outcome.unwrap().tally;
        (tally.admitted, tally.reasons.into_iter().collect::<Vec<_>>())
    };
    let denied = || vec![(Code::Denied, 1)];
    assert_eq!(outcomes.into_iter().map(counts).collect::<Vec<_>>(), [(0, denied()), (1, denied())]);
    // What went in before stays in; where lists cannot be read, those that there were stay.
    let bad = vec![(ListKind::Deny, list("deny.txt", "no identifier"))];
    assert!(matches!(held.desk.set_lists(bad), Err(LedgerError::BadIdentifier { .. })));
    let (outcomes, _) = held.share(&[("books", books([300, 301, 302]))], || ());
    assert_eq!(outcomes.into_iter().map(counts).collect::<Vec<_>>(), [(2, denied())]);
    held.desk.set_lists(Vec::new()).unwrap();
    let (outcomes, _) = held.share(&[("books", books([303]))], || ());
    let Statement::Screening(last) = lab.view().statement(outcomes[0].as_ref().unwrap().screening.unwrap()).unwrap()
    else {
        panic!()
    };
    assert_eq!(last.lists, []);
    drop(held);
    assert_eq!(lab.fsck(), Vec::<String>::new());
}

/// More than a screening names are refused before a request could not be recorded for them.
#[test]
fn there_are_as_many_lists_as_a_screening_names() {
    let (lab, _) = recording();
    let desk = desk(&lab);
    let lists = |count: u64| (0..count).map(|n| (ListKind::Deny, list("deny.txt", &isbn(1000 + n)))).collect::<Lists>();
    let much = desk.set_lists(lists(MAX_ITEMS as u64 + 1)).unwrap_err();
    assert!(matches!(much, LedgerError::Invalid { .. }), "{much}");
    desk.set_lists(lists(MAX_ITEMS as u64)).unwrap();
    let tally = desk.admit(&name("books"), csv(&books([999, 1000, 999 + MAX_ITEMS as u64]))).unwrap().tally;
    assert_eq!((tally.admitted, tally.refused), (1, 2));
    drop(desk);
    assert_eq!(lab.fsck(), Vec::<String>::new());
}

/// Reading lists writes files of the ledger, so that no other writer begins meanwhile, even if this one has ended.
#[test]
fn while_lists_are_read_nobody_else_writes() {
    struct Paused(Sender<()>, Receiver<()>);
    impl Read for Paused {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            self.0.send(()).unwrap();
            self.1.recv().unwrap();
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
    }
    let (lab, _) = recording();
    let mut times = vec![now(59)];
    let desk = Desk::on(&lab.disk, Rules::default_rules(), move || times.pop().unwrap(), false).unwrap();
    let ((begins, begun), (go, may)) = (channel(), channel());
    std::thread::scope(|scope| {
        let reader = Box::new(Paused(begins, may));
        let paused = vec![(ListKind::Deny, Input { reader: reader.into(), ..list("deny.txt", "") })];
        let reading = scope.spawn(|| desk.set_lists(paused));
        begun.recv().unwrap();
        let (dataset, text) = book(300);
        assert!(matches!(desk.admit(&name(dataset), csv(&text)), Err(LedgerError::DeskEnded)));
        let other = Writer::on(&lab.disk, now(59), false);
        assert!(matches!(other, Err(LedgerError::Storage(StorageError::LockHeld { .. }))));
        go.send(()).unwrap();
        assert!(reading.join().unwrap().is_err());
    });
    assert!(matches!(desk.set_lists(some_lists()), Err(LedgerError::DeskEnded)));
    Writer::on(&lab.disk, now(59), true).unwrap();
}

// --- what fails ---

#[test]
fn a_request_that_fails_leaves_no_trace_and_the_others_are_served() {
    let (lab, _) = recording();
    let held = Held::new(&lab);
    let head = "title,isbn,licence,used_from\n";
    let line = |n: u64, licence: &str, day: &str| format!("Book {n},{},{licence},{day}\n", &isbn(n)[5..]);
    // The second work is what is wrong with it; the first would have been let in by a grant recorded for it.
    let wrong = format!("{head}{}{}", line(200, "CC0-1.0", ""), line(201, "CC0-1.0", "2099-01-01"));
    let right = format!("{head}{}{}", line(200, "CC0-1.0", ""), line(203, "CC-BY-4.0", ""));
    let requests = [book(204), book(205), ("books", wrong), ("none", books(1..2)), ("books", right), book(205)];
    let (outcomes, began) = held.share(&requests, || ());
    assert_eq!(began, 3);
    let [Ok(_), Ok(second), Err(in_future), Err(unknown), Ok(fifth), Ok(last)] = &outcomes[..] else {
        panic!("{outcomes:?}")
    };
    assert!(matches!(in_future, LedgerError::UsedInFuture { .. }), "{in_future}");
    assert!(matches!(unknown, LedgerError::Unknown { .. }), "{unknown}");
    assert_eq!((fifth.tally.admitted, fifth.open_grants.len()), (2, 1));
    assert_eq!(fifth.first_entry, second.screening.unwrap() + 1);
    assert_eq!(last.tally.duplicates, 1);
    // What cannot be read, or is too much, is not even asked.
    let desk = &held.desk;
    let torn = desk.admit(&name("books"), csv("title,isbn\nonly one field\n")).unwrap_err();
    assert!(matches!(torn, LedgerError::Ingest(_)), "{torn}");
    let much = desk.admit(&name("books"), csv(&books(0..MAX_REQUEST_WORKS as u64 + 1))).unwrap_err();
    assert!(matches!(much, LedgerError::LongRequest { most: MAX_REQUEST_WORKS, .. }), "{much}");
    drop(held);
    assert_eq!(lab.seal("books@v1").works, 9 + 4);
    assert_eq!(lab.fsck(), Vec::<String>::new());
}

#[test]
fn a_clock_that_goes_back_fails_a_commit_and_not_the_desk() {
    let (lab, _) = recording();
    let mut times = [58, 57, 59].into_iter();
    let clock = move || now(times.next().unwrap());
    let desk = Desk::on(&lab.disk, Rules::default_rules(), clock, false).unwrap();
    let (dataset, text) = book(300);
    let error = desk.admit(&name(dataset), csv(&text)).unwrap_err();
    assert!(matches!(error, LedgerError::ClockBehind { .. }), "{error}");
    assert_eq!(desk.admit(&name(dataset), csv(&text)).unwrap().tally.admitted, 1);
}

#[test]
fn where_the_disk_refuses_all_fail_and_the_ledger_is_as_it_was() {
    let (lab, _) = recording();
    let before = lab.view().log().size();
    let held = Held::new(&lab);
    let (private, away) = (lab.path().join("private"), lab.path().join("away"));
    let (outcomes, began) = held.share(&[book(400), book(401), book(402)], || fs::rename(&private, &away).unwrap());
    assert_eq!(began, 1);
    for outcome in outcomes {
        assert!(matches!(outcome, Err(LedgerError::DeskFailed(_))), "{outcome:?}");
    }
    fs::rename(&away, &private).unwrap();
    let (dataset, text) = book(403);
    assert!(matches!(held.desk.admit(&name(dataset), csv(&text)), Err(LedgerError::DeskFailed(_))));
    assert!(matches!(held.desk.set_lists(some_lists()), Err(LedgerError::DeskFailed(_))));
    drop(held);
    assert_eq!(lab.view().log().size(), before);
    assert_eq!(lab.admit("books", &books(400..404)).tally.admitted, 4);
    assert_eq!(lab.fsck(), Vec::<String>::new());
}

/// Nobody waits for a clerk that is gone.
#[test]
fn a_clock_that_panics_ends_the_desk() {
    let (lab, _) = recording();
    let mut times = vec![now(59)];
    let desk = Desk::on(&lab.disk, Rules::default_rules(), move || times.pop().unwrap(), false).unwrap();
    let (dataset, text) = book(300);
    for _ in 0..2 {
        assert!(matches!(desk.admit(&name(dataset), csv(&text)), Err(LedgerError::DeskEnded)));
    }
}

// --- crashes, and the index ---

#[test]
fn a_crash_leaves_a_shared_commit_whole_or_not_at_all() {
    let (lab, trace) = recording();
    let before = trace.count();
    let mut model = Model::default();
    trace.ops().iter().for_each(|op| model.apply(op));
    let mut sizes = vec![lab.view().log().size()];
    let held = Held::new(&lab);
    held.desk.set_lists(some_lists()).unwrap();
    // Over the end of a bundle, with a grant in between, and to the end of the desk.
    let mut requests: Vec<_> = (0..5).map(|n| ("books", books(500 + n * 60..560 + n * 60))).collect();
    requests.push(mixed().swap_remove(3));
    let (outcomes, began) = held.share(&requests, || ());
    assert_eq!(began, 2);
    sizes.extend(outcomes.into_iter().map(|outcome| outcome.unwrap().log_size));
    sizes.dedup();
    assert_eq!(sizes.len(), 3);
    drop(held);
    let ops = trace.ops().split_off(before);
    let mut cases = 0;
    for (at, op) in ops.iter().enumerate() {
        for crash in crashes(cases) {
            let outcome = reopen(&model.crash(crash), &sizes);
            outcome.unwrap_or_else(|broken| panic!("before operation {at} {op:?}, {crash:?}: {broken}"));
            cases += 1;
        }
        model.apply(op);
    }
    for crash in crashes(cases) {
        reopen(&model.crash(crash), &sizes[2..]).unwrap_or_else(|broken| panic!("at the end, {crash:?}: {broken}"));
    }
    assert!(cases > 200, "{cases}");
}

/// What was acknowledged is found by the next writer, though the index had not been told.
#[test]
fn an_index_that_was_behind_is_caught_up() {
    let (lab, _) = recording();
    let desk = desk(&lab);
    for n in 600..620 {
        desk.admit(&name("books"), csv(&books(n..n + 1))).unwrap();
    }
    let runs = |path: &std::path::Path| fs::read_dir(path.join("index/run/2")).unwrap().count();
    assert_eq!(runs(lab.path()), 1);
    // As a killed process leaves it.
    let left = folder();
    for (path, bytes) in files(lab.path()) {
        fs::create_dir_all(left.path().join(&path).parent().unwrap()).unwrap();
        fs::write(left.path().join(&path), bytes).unwrap();
    }
    let only_owner = <fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o600);
    fs::set_permissions(left.path().join("private/key"), only_owner).unwrap();
    let writer = Writer::open(left.path(), now(59), false).unwrap();
    let works = vec![csv(&(books(600..620))).into()];
    let outcome = deedbook::ledger::admit::admit(writer, &name("books"), works, options()).unwrap();
    assert_eq!(outcome.tally.duplicates, 20);
    // And readers see them meanwhile.
    let what = deedbook::ledger::show::What::parse(&isbn(610)).unwrap();
    assert_eq!(deedbook::ledger::show::find(&lab.view(), &what).unwrap().len(), 1);
    drop(desk);
    assert_eq!(lab.admit("books", &books(600..620)).tally.duplicates, 20);
}

#[test]
fn the_index_is_told_now_and_then() {
    let (lab, _) = recording();
    let desk = desk(&lab);
    let mut next = 10_000;
    let runs = || fs::read_dir(lab.path().join("index/run/2")).unwrap().count();
    while next < 10_000 + MAX_BEHIND {
        assert_eq!(runs(), 1);
        desk.admit(&name("books"), csv(&books(next..next + MAX_REQUEST_WORKS as u64))).unwrap();
        next += MAX_REQUEST_WORKS as u64;
    }
    let tally = desk.admit(&name("books"), csv(&books(10_000..10_100))).unwrap().tally;
    assert_eq!((tally.duplicates, runs()), (100, 1));
    drop(desk);
    assert_eq!(lab.fsck(), Vec::<String>::new());
}

/// Whoever opens the ledger walks back over screenings only so far.
#[test]
fn a_state_comes_at_the_latest_after_so_many_screenings() {
    let (lab, _) = recording();
    let desk = desk(&lab);
    let state = lab.view().state().0;
    for _ in 0..MAX_SCREENINGS - 1 {
        desk.admit(&name("books"), csv("title,isbn,licence\n")).unwrap();
    }
    assert_eq!(lab.view().state().0, state);
    drop(desk);
    // Those before it was opened count, too.
    let last = lab.admit("books", &books(700..701));
    assert_eq!(lab.view().state().0, last.screening.unwrap() + 1);
    lab.admit("books", &books(701..702));
    assert_eq!(lab.view().state().0, last.screening.unwrap() + 1);
    assert_eq!(lab.fsck(), Vec::<String>::new());
}

#[test]
fn a_writer_commits_several_times() {
    let (lab, _) = recording();
    lab.admit("books", &books(10..11));
    let mut writer = lab.writer();
    let screening = |w: &Writer| {
        let Statement::Screening(last) = w.view().statement(w.view().log().size() - 1).unwrap() else { panic!() };
        let (first_entry, at, salt) = (w.next(), w.now(), w.salt());
        Statement::Screening(deedbook::statement::Screening {
            admitted: 0,
            considered: 0,
            first_entry,
            at,
            salt,
            report: None,
            ..last
        })
    };
    for step in 50..55 {
        writer.renew(now(step)).unwrap();
        let statement = screening(&writer);
        let index = writer.append(&statement).unwrap();
        assert_eq!(writer.view().log().size(), index);
        let checkpoint = writer.commit(false).unwrap();
        assert_eq!((writer.view().log().size(), writer.next()), (index + 1, checkpoint.size()));
        assert_eq!(writer.view().statement(index).unwrap(), statement);
    }
    assert!(matches!(writer.renew(now(1)), Err(LedgerError::ClockBehind { .. })));
    drop(writer);
    assert_eq!(lab.fsck(), Vec::<String>::new());
}
