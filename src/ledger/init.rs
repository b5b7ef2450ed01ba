//! A new ledger: folder, key, settings, entry 0 and an empty register.

use super::view::{SETTINGS, Settings};
use super::writer::{self, KEY_FILE};
use super::{LedgerError, Now};
use crate::statement::{Is, Ledger, Salt, Statement, V1};
use crate::storage::{Disk, Mode};
use crate::tlog::{SigningKey, VerifiedCheckpoint};
use std::path::Path;

/// Makes a ledger in a folder that does not exist or is empty. The key's name is the log's origin.
///
/// # Errors
/// The folder holds something, or the disk refuses. A crash leaves no ledger or a whole one.
pub fn init(
    dir: &Path,
    signing: SigningKey,
    title: Option<String>,
    now: Now,
) -> Result<VerifiedCheckpoint, LedgerError> {
    let disk = Disk::create_root(dir)?;
    if disk.exists(KEY_FILE)? && !disk.exists(SETTINGS)? {
        return Err(LedgerError::Unfinished { path: dir.display().to_string() });
    }
    if !disk.list("")?.is_empty() {
        return Err(LedgerError::NotEmpty { path: dir.display().to_string() });
    }
    init_on(&disk, signing, title, now)
}

/// As [`init`], in a folder that is open and empty.
///
/// # Errors
/// As [`init`].
pub fn init_on(
    disk: &Disk,
    signing: SigningKey,
    title: Option<String>,
    now: Now,
) -> Result<VerifiedCheckpoint, LedgerError> {
    let origin = signing.verifier().name().to_owned();
    let settings = Settings { format: 1, origin: origin.clone(), verifier_key: signing.verifier().to_string() };
    disk.write_durable_atomic(KEY_FILE, format!("{}\n", signing.print_private()).as_bytes(), Mode::Private)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let private = disk.full_path("private")?;
        let owner_only = std::fs::Permissions::from_mode(0o700);
        let fail = |error| LedgerError::Io { path: private.display().to_string(), error };
        std::fs::set_permissions(&private, owner_only).map_err(fail)?;
    }
    let salt = Salt(crate::rows::salt(&now.seed, 0));
    let ledger = Ledger { at: now.at, kind: Is, origin, salt, title, v: V1 };
    let checkpoint = writer::first_commit(disk, signing, Statement::Ledger(ledger), now)?;
    // The settings come last: a folder without them is not a ledger yet.
    let text = toml::to_string(&settings).map_err(|e| LedgerError::Settings { what: e.to_string() })?;
    disk.write_durable_atomic(SETTINGS, text.as_bytes(), Mode::Public)?;
    Ok(checkpoint)
}
