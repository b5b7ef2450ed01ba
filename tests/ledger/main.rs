//! What makes and keeps a ledger: licences and catalogues in, the gate, releases, crashes, damage, repair.
#![cfg(feature = "ledger")]

mod audit;
mod audit_runs;
mod coverage;
mod crash;
mod damage;
mod dep5;
mod desk;
mod export;
#[path = "../core/size.rs"]
mod files_size;
mod folder;
mod fork;
mod gate;
mod gate_laws;
mod golden;
mod index;
mod ingest;
mod jamendo;
mod join;
mod lab;
mod licence;
mod lie;
mod life;
mod lists;
mod media;
mod oracle;
mod overrides;
#[path = "../log/random.rs"]
mod random;
mod repair;
#[path = "../log/replay.rs"]
mod replay;
mod shards;
mod size;
mod witness;
mod works;

/// What the replay expects beside it.
mod support {
    pub use super::random::Random;
}
