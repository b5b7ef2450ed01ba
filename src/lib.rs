#![forbid(unsafe_code)]
#![warn(missing_docs)]
//! Deedbook (manual to come)
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
