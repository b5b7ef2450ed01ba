//! Rounds over all peers, interleaved, and the table of what came out.
//!
//! A round runs every peer once, in the order of the table, each as a process of its own with a new, empty folder; the
//! disk is synced before each, so that none waits for what another wrote. No folder is removed before the last run has
//! ended: ext4 is slow to make files where many were removed a minute ago. A time without what the peer leaves out
//! says nothing, so every row has that list, and no ratio is printed.

use crate::Outcome;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Who found the first root of the tree of RFC 6962 over all entries.
const LEDGER: &str = "the checkpoint of Deedbook";

/// A program that a peer is run by.
#[derive(Clone, Copy)]
enum Program {
    /// This one, with the peer's name.
    Rust,
    /// This one, with the peer's name and the path of the command `deedbook`.
    Deedbook,
    /// A script beside `Cargo.toml`.
    Python,
    /// A script beside `Cargo.toml`.
    Node,
}

/// A tree that several peers have: over the same entries they must find the same root.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Tree {
    /// RFC 6962, RFC 9162.
    Rfc6962,
    /// Hashes of pairs without prefixes, a last one without a pair carried up.
    Plain,
    /// Its own, or none.
    Other(&'static str),
}

struct Peer {
    /// As `peers::one` knows it, or the script's name.
    name: &'static str,
    title: &'static str,
    /// How it is used, where it can be used in several ways.
    way: &'static str,
    program: Program,
    tree: Tree,
    /// At most so many works, where more take too long.
    works: u64,
    does: &'static str,
    leaves_out: &'static str,
}

const ANY: u64 = u64::MAX;

const PEERS: &[Peer] = &[
    Peer {
        name: "deedbook-admit=",
        title: "Deedbook",
        way: ", `admit` alone",
        program: Program::Deedbook,
        tree: Tree::Other("deedbook"),
        works: ANY,
        does: "catalogue parsed, gate, duplicates, both identifiers looked up and indexed, synced, checkpoint signed; two cores",
        leaves_out: "proof and absence (next row), witnesses",
    },
    Peer {
        name: "deedbook=",
        title: "Deedbook",
        way: ", the whole job",
        program: Program::Deedbook,
        tree: Tree::Other("deedbook"),
        works: ANY,
        does: "the same, then `seal`, `prove` of one present and one absent work, `verify`, `admit` of a duplicate: five commands",
        leaves_out: "witnesses",
    },
    Peer {
        name: "tlog_tiles-files",
        title: "tlog_tiles",
        way: ", in files, synced once by its user",
        program: Program::Rust,
        tree: Tree::Rfc6962,
        works: ANY,
        does: "durable, root, inclusion",
        leaves_out: "signature, order of writes for a crash, gate, identifiers, duplicates, absence, catalogue parsing",
    },
    Peer {
        name: "tlog_tiles",
        title: "tlog_tiles",
        way: ", in memory",
        program: Program::Rust,
        tree: Tree::Rfc6962,
        works: ANY,
        does: "root, inclusion",
        leaves_out: "durability, signature, gate, identifiers, duplicates, absence, catalogue parsing",
    },
    Peer {
        name: "ct-merkle",
        title: "ct-merkle",
        way: ", in memory",
        program: Program::Rust,
        tree: Tree::Rfc6962,
        works: ANY,
        does: "root, inclusion",
        leaves_out: "durability, signature, gate, identifiers, duplicates, absence, catalogue parsing",
    },
    Peer {
        name: "rs_merkle",
        title: "rs_merkle",
        way: ", in memory, built in one go",
        program: Program::Rust,
        tree: Tree::Plain,
        works: ANY,
        does: "root, inclusion",
        leaves_out: "durability, signature, leaves told from nodes, consistency, gate, identifiers, duplicates, absence, \
                     catalogue parsing",
    },
    Peer {
        name: "akd",
        title: "akd",
        way: ", in memory, one epoch",
        program: Program::Rust,
        tree: Tree::Other("akd"),
        works: 100_000,
        does: "root, look-up proven, both identifiers as labels that tell nothing (VRF); two cores",
        leaves_out: "durability, signature of the root, entries (digests alone), gate, duplicates (a new version), \
                     absence (an error, no proof), catalogue parsing",
    },
    Peer {
        name: "sqlite",
        title: "SQLite",
        way: ", one transaction",
        program: Program::Rust,
        tree: Tree::Other("sqlite"),
        works: ANY,
        does: "durable, both identifiers unique, duplicates refused, absence by a query that proves nothing",
        leaves_out: "tree and proofs of any kind, signature, append-only history, gate, catalogue parsing",
    },
    Peer {
        name: "sqlite-each",
        title: "SQLite",
        way: ", one transaction a work",
        program: Program::Rust,
        tree: Tree::Other("sqlite-each"),
        works: 2_000,
        does: "the same, each work durable before the next",
        leaves_out: "tree and proofs of any kind, signature, append-only history, gate, catalogue parsing",
    },
    Peer {
        name: "aics.py",
        title: "aics-tlog",
        way: ", Python, in files, each synced",
        program: Program::Python,
        tree: Tree::Rfc6962,
        works: 100_000,
        does: "durable, root, checkpoint signed, inclusion",
        leaves_out: "gate, identifiers, duplicates, absence, catalogue parsing",
    },
    Peer {
        name: "pymerkle_peer.py",
        title: "pymerkle",
        way: ", Python, in memory",
        program: Program::Python,
        tree: Tree::Rfc6962,
        works: 100_000,
        does: "root, inclusion",
        leaves_out: "durability, signature, gate, identifiers, duplicates, absence, catalogue parsing",
    },
    Peer {
        name: "merkletreejs.mjs",
        title: "merkletreejs",
        way: ", Node, in memory",
        program: Program::Node,
        tree: Tree::Plain,
        works: 100_000,
        does: "root, inclusion",
        leaves_out: "durability, signature, leaves told from nodes, consistency, gate, identifiers, duplicates, absence, \
                     catalogue parsing",
    },
];

/// What one run printed.
struct Ran {
    seconds: f64,
    root: String,
    version: String,
}

/// Where everything is.
pub struct Setting {
    works: u64,
    rounds: usize,
    /// Has `books.csv`, `entries.tsv` and `root`; every run gets a folder in it.
    folder: PathBuf,
    deedbook: String,
    python: String,
    /// Has `node_modules` in it.
    modules: String,
}

impl Setting {
    /// From the arguments of the command `table`.
    pub fn new(
        works: &str,
        rounds: &str,
        folder: &str,
        deedbook: &str,
        python: &str,
        modules: &str,
    ) -> Outcome<Setting> {
        Ok(Setting {
            works: works.parse()?,
            rounds: rounds.parse()?,
            folder: PathBuf::from(folder),
            deedbook: deedbook.to_owned(),
            python: python.to_owned(),
            modules: modules.to_owned(),
        })
    }

    /// Runs all rounds, compares the roots, and prints the table on stdout.
    pub fn print(&self) -> Outcome<()> {
        let mut roots =
            BTreeMap::from([((Tree::Rfc6962, self.works), (LEDGER, fs::read_to_string(self.folder.join("root"))?))]);
        let mut rows: Vec<(Vec<f64>, String)> = PEERS.iter().map(|_| Default::default()).collect();
        for round in 1..=self.rounds {
            for (peer, (seconds, version)) in PEERS.iter().zip(&mut rows) {
                let ran = self.run(peer, round).map_err(|error| format!("{}: {error}", peer.title))?;
                eprintln!("round {round}: {:.3} s  {}{}", ran.seconds, peer.title, peer.way);
                let tree = (peer.tree, peer.works.min(self.works));
                let (first, root) = roots.entry(tree).or_insert_with(|| (peer.title, ran.root.clone()));
                if *root != ran.root {
                    return Err(format!("{} found the root {}, {first} {root}", peer.title, ran.root).into());
                }
                seconds.push(ran.seconds);
                *version = ran.version;
            }
        }
        println!("| what | works | seconds, median of {} (least to most) | works/s | does | leaves out |", self.rounds);
        println!("|---|---|---|---|---|---|");
        for (peer, (seconds, version)) in PEERS.iter().zip(&mut rows) {
            self.print_row(peer, seconds, version);
        }
        Ok(())
    }

    fn print_row(&self, peer: &Peer, seconds: &mut [f64], version: &str) {
        seconds.sort_by(f64::total_cmp);
        let (least, most) = (seconds[0], seconds[seconds.len() - 1]);
        let middle = (seconds[(seconds.len() - 1) / 2] + seconds[seconds.len() / 2]) / 2.0;
        let works = peer.works.min(self.works);
        println!(
            "| {} {version}{} | {} | {middle:.3} ({least:.3} to {most:.3}) | {} | {} | {} |",
            peer.title,
            peer.way,
            grouped(works),
            rounded(works as f64 / middle),
            peer.does,
            peer.leaves_out
        );
    }

    fn run(&self, peer: &Peer, round: usize) -> Outcome<Ran> {
        let own = self.folder.join(format!("{round}-{}", peer.name.trim_end_matches('=')));
        fs::create_dir(&own)?;
        rustix::fs::sync();
        let ran = self.command(peer, &own)?.output()?;
        if !ran.status.success() {
            return Err(String::from_utf8_lossy(&ran.stderr).into());
        }
        let said = String::from_utf8(ran.stdout)?;
        match said.split_whitespace().collect::<Vec<_>>().as_slice() {
            [seconds, root, version] => {
                Ok(Ran { seconds: seconds.parse()?, root: (*root).to_owned(), version: (*version).to_owned() })
            }
            _ => Err(format!("printed {said:?}").into()),
        }
    }

    fn command(&self, peer: &Peer, own: &Path) -> Outcome<Command> {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/").to_owned() + peer.name;
        let works = peer.works.min(self.works).to_string();
        let mut command = match peer.program {
            Program::Rust | Program::Deedbook => Command::new(std::env::current_exe()?),
            Program::Python => Command::new(&self.python),
            Program::Node => Command::new("node"),
        };
        match peer.program {
            Program::Rust => command.args(["one", peer.name]),
            Program::Deedbook => command.args(["one", &format!("{}{}", peer.name, self.deedbook)]),
            Program::Python | Program::Node => command.arg(script),
        };
        command.arg(&self.folder).arg(own).arg(works);
        match peer.program {
            Program::Node => command.arg(&self.modules),
            Program::Rust | Program::Deedbook | Program::Python => &mut command,
        };
        Ok(command)
    }
}

/// 1234567 as 1,234,567.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// To two digits that count, as the spread allows no more.
fn rounded(rate: f64) -> String {
    let unit = 10f64.powf(rate.log10().floor() - 1.0).max(1.0);
    grouped(((rate / unit).round() * unit) as u64)
}
