//! `init`.

use super::plain;
use serde::Serialize;

/// A new ledger.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Report {
    /// Its folder.
    pub dir: String,
    /// Its log's origin.
    pub origin: String,
    /// The key that auditors verify with.
    pub verifier_key: String,
}

impl Report {
    /// For people.
    pub fn text(&self) -> String {
        let Report { dir, origin, verifier_key } = self;
        format!(
            "new ledger in {}\norigin        {}\nverifier key  {}\n\nGive the verifier key to whoever shall verify. Keep {}/private secret and backed up.\n",
            plain(dir),
            plain(origin),
            plain(verifier_key),
            plain(dir)
        )
    }
}
