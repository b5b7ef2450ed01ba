#![forbid(unsafe_code)]
#![warn(missing_docs)]
//! Deedbook: the append-only, signed register of which licensed work entered which AI training dataset, under which
//! grant, on which day, for which use, and which model was trained on it.
//!
//! Three layers, and imports run down only:
//!
//! - The **core** is pure: bytes in, typed facts out. It is what an auditor reads, and what others embed; it builds
//!   alone with `--no-default-features`. In reading order: [`tlog`] (the log's tree and signatures), [`rows`] (sorted
//!   tables that answer look-ups completely), [`statement`] (what an entry says, and the one judge of grants),
//!   [`verify`] (a proof file and an auditor's trust in, verified facts or one failure out).
//! - The **ledger** makes and keeps those bytes: `storage`, `log`, `index`, `licence`, `ingest`, and `ledger`, whose
//!   files are the use-cases.
//! - The **shell** presents: `report`, `cli`.
//!
//! # Verifying a proof
//!
//! ```
//! use deedbook::{Question, Trust, VerifierKey, verify_proof};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let file = include_bytes!("../docs/formats/example.proof");
//! let key = VerifierKey::parse("lab.example/deeds+2aa245e7+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c")?;
//! let trust = Trust::log(key)?;
//! let facts = verify_proof(file, &trust, &Question::default())?;
//! for work in &facts.works {
//!     println!("{:?}: {}", work.identifiers, work.verdict.word());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! `examples/verify_offline.rs` is a whole verifier on the core alone. The formats are described, exactly enough for a
//! second implementation, in `docs/formats/`.

#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "ledger")]
pub mod index;
#[cfg(feature = "ledger")]
pub mod ingest;
#[cfg(feature = "ledger")]
pub mod ledger;
#[cfg(feature = "ledger")]
pub mod licence;
#[cfg(feature = "ledger")]
pub mod log;
#[cfg(feature = "ledger")]
pub mod report;
pub mod rows;
pub mod statement;
#[cfg(feature = "ledger")]
pub mod storage;
pub mod tlog;
pub mod verify;

pub use statement::{Identifier, ReleaseName, Statement};
pub use tlog::{Policy, VerifierKey};
pub use verify::{
    Facts, Licensors, NOT_PROVEN, Question, Trust, Verdict, Verified, VerifyError, verify as verify_proof,
};
