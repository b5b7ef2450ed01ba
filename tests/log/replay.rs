//! A model of a disk that keeps only what was synced, for replaying the trace of a real run.
//!
//! A file's bytes and its name are separate: each has a durable and a volatile state. A crash may keep or lose
//! every unsynced change on its own, in any combination; real disks lose less.

use std::collections::BTreeMap;
use std::path::Path;

use deedbook::storage::Op;

use super::support::Random;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Node {
    Dir,
    File(usize),
}

#[derive(Clone, Debug, Default)]
struct Inode {
    durable: Vec<u8>,
    volatile: Vec<u8>,
}

/// What a crash leaves of what was not synced.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Crash {
    /// Nothing.
    AllLost,
    /// Everything: the process died, the machine lived.
    AllKept,
    /// The names, without the bytes: files of length zero or of an older length.
    NamesKept,
    /// The bytes, without the new names.
    BytesKept,
    /// Any mixture, torn files included.
    Mixed(u64),
}

/// The disk after some operations.
#[derive(Clone, Debug, Default)]
pub struct Model {
    inodes: Vec<Inode>,
    /// What each name stood for since it was last durable: the durable state first, the volatile one last.
    names: BTreeMap<String, Vec<Option<Node>>>,
}

impl Model {
    /// A disk on which everything that a crash left is durable.
    pub fn after(files: &BTreeMap<String, Vec<u8>>) -> Model {
        let mut model = Model::default();
        for (path, bytes) in files {
            for (at, _) in path.match_indices('/') {
                model.names.insert(path[..at].to_owned(), vec![Some(Node::Dir)]);
            }
            model.inodes.push(Inode { durable: bytes.clone(), volatile: bytes.clone() });
            model.names.insert(path.clone(), vec![Some(Node::File(model.inodes.len() - 1))]);
        }
        model
    }

    pub fn apply(&mut self, op: &Op) {
        match op {
            Op::CreateDir(path) => self.set(path, Some(Node::Dir)),
            Op::Create(path) => match self.get(path) {
                Some(Node::File(inode)) => self.inodes[inode].volatile.clear(),
                _ => {
                    self.inodes.push(Inode::default());
                    self.set(path, Some(Node::File(self.inodes.len() - 1)));
                }
            },
            Op::Write { path, offset, bytes } => {
                let Some(Node::File(inode)) = self.get(path) else { panic!("{path} is written before it is made") };
                let (file, begin) = (&mut self.inodes[inode].volatile, *offset as usize);
                file.resize(file.len().max(begin + bytes.len()), 0);
                file[begin..begin + bytes.len()].copy_from_slice(bytes);
            }
            Op::SyncFile(path) => {
                if let Some(Node::File(inode)) = self.get(path) {
                    self.inodes[inode].durable = self.inodes[inode].volatile.clone();
                }
            }
            Op::SyncDir(dir) => self.settle(|path| parent(path) == dir),
            Op::SyncAll => {
                self.settle(|_| true);
                for inode in &mut self.inodes {
                    inode.durable = inode.volatile.clone();
                }
            }
            Op::Rename { from, to } => {
                let node = self.get(from);
                self.set(to, node);
                self.set(from, None);
            }
            Op::Remove(path) | Op::RemoveDir(path) => self.set(path, None),
        }
    }

    /// The files that a crash leaves.
    pub fn crash(&self, crash: Crash) -> BTreeMap<String, Vec<u8>> {
        let mut random = Random(match crash {
            Crash::Mixed(seed) => 2 * seed + 1,
            _ => 1,
        });
        let contents: Vec<Vec<u8>> = self.inodes.iter().map(|inode| inode.left(crash, &mut random)).collect();
        let mut left: BTreeMap<&str, Node> = BTreeMap::new();
        for (path, states) in &self.names {
            let kept = match crash {
                Crash::AllLost | Crash::BytesKept => 0,
                Crash::AllKept | Crash::NamesKept => states.len() - 1,
                Crash::Mixed(_) => random.below(states.len() as u64) as usize,
            };
            let reachable = parent(path).is_empty() || left.get(parent(path)) == Some(&Node::Dir);
            if let (Some(node), true) = (states[kept], reachable) {
                left.insert(path, node);
            }
        }
        let file = |(path, node): (&str, Node)| match node {
            Node::Dir => None,
            Node::File(inode) => Some((path.to_owned(), contents[inode].clone())),
        };
        left.into_iter().filter_map(file).collect()
    }

    fn get(&self, path: &str) -> Option<Node> {
        *self.names.get(path)?.last()?
    }

    fn set(&mut self, path: &str, node: Option<Node>) {
        self.names.entry(path.to_owned()).or_insert_with(|| vec![None]).push(node);
    }

    fn settle(&mut self, durable: impl Fn(&str) -> bool) {
        for (_, states) in self.names.iter_mut().filter(|(path, _)| durable(path)) {
            states.drain(..states.len() - 1);
        }
    }
}

impl Inode {
    fn left(&self, crash: Crash, random: &mut Random) -> Vec<u8> {
        let Inode { durable, volatile } = self;
        match crash {
            Crash::AllLost | Crash::NamesKept => durable.clone(),
            Crash::AllKept | Crash::BytesKept => volatile.clone(),
            Crash::Mixed(_) if durable == volatile => volatile.clone(),
            Crash::Mixed(_) => match random.below(5) {
                0 => durable.clone(),
                1 => volatile.clone(),
                2 => volatile[..random.below(volatile.len() as u64 + 1) as usize].to_vec(),
                3 => vec![0; volatile.len()],
                _ => {
                    // Block by block the new bytes, the old ones, or zeros.
                    let mut bytes = volatile.clone();
                    for (at, block) in bytes.chunks_mut(64).enumerate() {
                        if random.below(2) == 0 {
                            let old = durable.iter().skip(at * 64).chain(std::iter::repeat(&0));
                            block.iter_mut().zip(old).for_each(|(new, old)| *new = *old);
                        }
                    }
                    bytes
                }
            },
        }
    }
}

/// Puts files into an empty folder.
pub fn materialise(files: &BTreeMap<String, Vec<u8>>, root: &Path) {
    for (path, bytes) in files {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(dir, _)| dir)
}

#[test]
fn the_model_loses_a_file_whose_folder_was_not_synced() {
    let mut model = Model::default();
    let ops = [
        Op::CreateDir("d".to_owned()),
        Op::Create("d/f".to_owned()),
        Op::Write { path: "d/f".to_owned(), offset: 0, bytes: b"x".to_vec() },
        Op::SyncFile("d/f".to_owned()),
        Op::SyncDir("d".to_owned()),
    ];
    ops.iter().for_each(|op| model.apply(op));
    assert!(model.crash(Crash::AllLost).is_empty(), "the name of d itself is volatile");
    model.apply(&Op::SyncDir(String::new()));
    assert_eq!(model.crash(Crash::AllLost).get("d/f").unwrap(), b"x");
}

#[test]
fn the_model_loses_bytes_that_were_renamed_before_they_were_synced() {
    let mut model = Model::after(&BTreeMap::from([("f".to_owned(), b"old".to_vec())]));
    let ops = [
        Op::Create("f.tmp".to_owned()),
        Op::Write { path: "f.tmp".to_owned(), offset: 0, bytes: b"new".to_vec() },
        Op::Rename { from: "f.tmp".to_owned(), to: "f".to_owned() },
    ];
    ops.iter().for_each(|op| model.apply(op));
    assert_eq!(model.crash(Crash::AllLost).get("f").unwrap(), b"old");
    assert_eq!(model.crash(Crash::NamesKept).get("f").unwrap(), b"");
    assert_eq!(model.crash(Crash::AllKept).get("f").unwrap(), b"new");
}
