//! What the fuzz targets check: one module for each target, one function of bytes in each, which panics on a finding.
//!
//! A finding is more than a crash: every target knows the right answer from somewhere else. Where the input is made of
//! choices (`proof`, `dishonest`, `rows`, `tree`, `quorum`), a naive model of the tests says what is true; where it is a
//! file (`text`, `statement`, `catalogue`, `licence`, `media`), what is accepted must print to the same bytes, or keep
//! what its documentation promises. Only the public API of `deedbook` is called. README.md beside this crate says how to
//! run them.
//!
//! [`lab`], [`truth`], [`world`] and [`make`] are the tests' own files.

pub mod catalogue;
pub mod corpus;
pub mod dishonest;
pub mod forge;
pub mod licence;
pub mod media;
pub mod proof;
pub mod quorum;
pub mod rows;
pub mod statement;
pub mod text;
pub mod tree;

#[path = "../../tests/core/lab.rs"]
pub mod lab;
#[path = "../../tests/ledger/media/make.rs"]
pub mod make;
#[path = "../../tests/core/verify/truth.rs"]
pub mod truth;
#[path = "../../tests/core/verify/world.rs"]
pub mod world;
