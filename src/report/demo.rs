//! `demo`.

use serde::Serialize;

/// What the demo came to.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Report {
    /// Works that the proof shows to be absent.
    pub absent: u64,
    /// Works admitted.
    pub admitted: u64,
    /// Forged proofs that were refused, of those tried.
    pub forgeries_refused: u64,
    /// Forged proofs that were tried.
    pub forgeries_tried: u64,
    /// Works held.
    pub held: u64,
    /// The folder of the ledger, if it was kept.
    pub ledger: Option<String>,
    /// Works that the proof shows to be present.
    pub present: u64,
    /// Works refused.
    pub refused: u64,
}
