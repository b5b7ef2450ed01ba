//! Whom the auditor trusts: keys, policies and licensors as she gives them.

use super::Args;
use crate::cli::error::CliError;
use crate::cli::key::MAX_KEY_LEN;
use crate::cli::source::read_file;
use crate::tlog::{Policy, VerifierKey};
use crate::verify::trust::MAX_LICENSORS_LEN;
use crate::verify::{Licensors, Trust};
use std::path::Path;

/// The longest policy file that is read: one of the most lines and keys that a policy can have is smaller.
const MAX_POLICY_LEN: usize = 1 << 20;

pub(super) fn trust(args: &Args) -> Result<Trust, CliError> {
    let policy = match (&args.policy, &args.key) {
        (Some(file), _) => policy(file)?,
        (None, Some(key)) => {
            let key = verifier_key(key)?;
            Policy::from_log(key).map_err(|error| CliError::trouble("--key is not a log's").because(error))?
        }
        (None, None) => return Err(CliError::trouble("a key or a policy is needed")),
    };
    Ok(Trust { policy, licensors: licensors(args.licensors.as_deref())? })
}

/// Reads a licensors file; of none, nobody's keys are known.
pub(crate) fn licensors(file: Option<&str>) -> Result<Licensors, CliError> {
    let Some(file) = file else { return Ok(Licensors::default()) };
    Licensors::parse(&text(file, MAX_LICENSORS_LEN)?).map_err(|error| CliError::trouble(format!("{file}: {error}")))
}

/// Reads a policy file.
pub(crate) fn policy(file: &str) -> Result<Policy, CliError> {
    let text = text(file, MAX_POLICY_LEN)?;
    Policy::parse(&text).map_err(|error| {
        let refused = CliError::trouble(format!("{file}: {error}"));
        // What C2SP tlog-policy leaves no room for, and an editor does not show.
        if text.starts_with('\u{feff}') {
            refused.hint("save it without a byte order mark")
        } else if text.contains('\r') {
            refused.hint("save it with Unix line ends")
        } else {
            refused
        }
    })
}

fn text(path: &str, most: usize) -> Result<String, CliError> {
    let bytes = read_file(path, most as u64)?;
    String::from_utf8(bytes).map_err(|_| CliError::trouble(format!("{path} is not UTF-8")))
}

/// A verifier key, or a file that holds one.
pub(crate) fn verifier_key(text: &str) -> Result<VerifierKey, CliError> {
    match VerifierKey::parse(text) {
        Ok(key) => Ok(key),
        Err(_) if Path::new(text).is_file() => {
            let bytes = read_file(text, MAX_KEY_LEN)?;
            let inside = String::from_utf8_lossy(&bytes);
            VerifierKey::parse(inside.trim())
                .map_err(|error| CliError::trouble(format!("{text} does not hold a verifier key")).because(error))
        }
        Err(error) => Err(CliError::trouble("--key is neither a verifier key nor a file that holds one")
            .because(error)
            .hint("a verifier key looks like NAME+HASH+KEY; `deedbook log status` prints a ledger's")),
    }
}
