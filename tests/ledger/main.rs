//! What makes and keeps a ledger: licences and catalogues in, the gate, releases, repair.
#![cfg(feature = "ledger")]

mod ingest;
mod licence;
