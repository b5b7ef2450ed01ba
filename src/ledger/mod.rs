//! The use-cases, one file each: the API of the command line, and of programs that embed a ledger.
//!
//! A [`Writer`] holds the lock, appends statements and commits them at once; a [`View`] reads one checkpoint and never
//! writes. Both are of one ledger folder, whose `ledger.toml` names origin and verifier key. Time, randomness and keys
//! are arguments.
//!
//! | file | use-case |
//! |---|---|
//! | [`init`] | a new ledger |
//! | [`view`], [`writer`] | reading a checkpoint; appending and committing |
//! | [`dataset`], [`grant`] | declarations; the end of a grant |
//! | [`sign`] | a licensor signs a grant, apart from any ledger |
//! | [`admit`], [`gate`], [`overrides`] | works at the gate, recorded or not; let in against it |
//! | [`desk`] | few works at a time, from many threads, in shared commits |
//! | [`source`], [`candidate`], [`files`] | catalogues, folders, both joined: works on their way |
//! | [`catalogue`] | catalogues of grants, and lists, as rows |
//! | [`seal`], [`relied`] | a release; what its works rely on |
//! | [`withdraw`], [`dispute`], [`correct`] | what is said of works that were admitted: later statements, nothing rewritten |
//! | [`prove`], [`anchors`], [`check`] | answers, with and without proof |
//! | [`run`], [`coverage`], [`exposure`] | models bound to releases; what was covered on a day; what gaps may cost |
//! | [`consistency`], [`cosign`] | two checkpoints compared; witnesses' signatures kept |
//! | [`lie`] | evidence that a state or a release hides an entry |
//! | [`export`], [`single`] | the log for other programs: a tree of tiles, the proof of one entry |
//! | [`show`], [`works`] | looking; the works of a release |
//! | [`fsck`], [`repair`] | damage found; what is derived rebuilt |

pub mod admit;
pub mod anchors;
mod bitmap;
pub mod candidate;
pub mod catalogue;
pub mod check;
pub mod consistency;
pub mod correct;
pub mod cosign;
pub mod coverage;
pub mod dataset;
pub mod desk;
pub mod dispute;
mod error;
pub mod export;
pub mod exposure;
pub mod files;
pub mod fsck;
pub mod gate;
pub mod grant;
pub mod init;
pub mod lie;
pub mod overrides;
pub mod prove;
mod reindex;
pub mod relied;
pub mod repair;
pub mod run;
pub mod seal;
pub mod show;
pub mod sign;
pub mod single;
pub mod source;
pub mod view;
pub mod withdraw;
pub mod works;
pub mod writer;

pub use desk::Desk;
pub use error::{LedgerError, Trouble};
pub use view::View;
pub use writer::Writer;

use crate::statement::Time;

/// Why something ends, or leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why {
    /// A code of the lab's.
    pub because: String,
    /// In words.
    pub note: Option<String>,
}

/// What a writer is given from outside: the clock and randomness.
#[derive(Clone, Copy)]
pub struct Now {
    /// The time of the statements.
    pub at: Time,
    /// The seed of their salts. It is used up and not kept: otherwise an erased entry could be guessed.
    pub seed: [u8; 32],
}
