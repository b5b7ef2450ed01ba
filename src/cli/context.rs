//! What commands share: where the ledger is, the clock, randomness, and printing.

use super::Global;
use super::colour;
use super::error::CliError;
use super::output::{Answer, to_stdout};
use crate::ledger::{Now, View, Writer};
use crate::statement::{Name, ReleaseName, Time};
use serde::Serialize;
use std::path::PathBuf;
use std::process::ExitCode;

/// Releases that a hint lists.
const LISTED: usize = 5;

pub(crate) struct Context {
    global: Global,
}

#[derive(Serialize)]
struct JsonError<'a> {
    error: &'a str,
    caused_by: &'a [String],
    hint: Option<&'a str>,
}

impl Context {
    pub fn new(global: Global) -> Context {
        Context { global }
    }

    /// The ledger's folder.
    pub fn folder(&self) -> Result<PathBuf, CliError> {
        if let Some(dir) = &self.global.ledger {
            return Ok(dir.clone());
        }
        if let Some(dir) = std::env::var_os("DEEDBOOK_LEDGER").filter(|dir| !dir.is_empty()) {
            return Ok(dir.into());
        }
        let here = std::env::current_dir()
            .map_err(|error| CliError::trouble("the current folder cannot be found").because(error))?;
        let found = here.ancestors().find(|dir| dir.join("ledger.toml").is_file());
        found.map(PathBuf::from).ok_or_else(|| {
            CliError::trouble("there is no ledger here or in a folder above")
                .hint("name it with --ledger DIR, or make one with `deedbook init DIR --origin NAME`")
        })
    }

    pub fn view(&self) -> Result<View, CliError> {
        Ok(View::open(&self.folder()?)?)
    }

    pub fn writer(&self) -> Result<Writer, CliError> {
        Ok(Writer::open(&self.folder()?, now()?, self.global.wait)?)
    }

    /// Reads `DATASET@VERSION`; who names a dataset alone is told its releases.
    pub fn release(&self, text: &str) -> Result<ReleaseName, CliError> {
        super::seal::release(text).map_err(|error| {
            if std::path::Path::new(text).is_file() {
                return error.hint("the release comes first, as DATASET@VERSION; then what is asked about it");
            }
            let releases = Name::parse(text).ok().and_then(|dataset| self.view().ok()?.releases(&dataset).ok());
            match releases.as_deref() {
                None => error,
                Some([]) => error.hint(format!("it has no release yet: `deedbook seal {text} VERSION` makes one")),
                Some(all) => {
                    let newest: Vec<String> = all.iter().rev().take(LISTED).map(|r| r.name.to_string()).collect();
                    error.hint(format!("its releases, newest first: {}", newest.join(", ")))
                }
            }
        })
    }

    pub fn waits(&self) -> bool {
        self.global.wait
    }

    /// Whether words beside the data are wanted.
    pub fn talks(&self) -> bool {
        !self.global.quiet && !self.global.json
    }

    /// Whether answers are JSON.
    pub fn is_json(&self) -> bool {
        self.global.json
    }

    /// A remark on stderr.
    pub fn remark(&self, words: &str) {
        if !self.global.quiet {
            eprintln!("{}", crate::report::plain(words));
        }
    }

    /// Several lines on stderr.
    pub fn remark_lines(&self, text: &str) {
        if !self.global.quiet {
            let text = crate::report::printable(text);
            eprint!("{}", if colour::on_stderr() { colour::paint(&text) } else { text });
        }
    }

    pub fn print(&self, answer: Answer) -> Result<u8, CliError> {
        let Answer { json, text, no } = answer;
        if self.global.json {
            if !json.is_empty() {
                to_stdout(format!("{json}\n").as_bytes())?;
            }
        } else if !text.is_empty() {
            let text = crate::report::printable(&text);
            let text = if colour::on_stdout() { colour::paint(&text) } else { text };
            to_stdout(text.as_bytes())?;
        }
        Ok(u8::from(no))
    }

    pub fn fail(&self, error: &CliError) -> ExitCode {
        if self.global.json {
            let CliError { what, causes, hint, .. } = error;
            let object = JsonError { error: what, caused_by: causes, hint: hint.as_deref() };
            eprintln!("{}", crate::report::json(&object));
        } else {
            let text = error.text();
            eprint!("{}", if colour::on_stderr() { colour::paint(&text) } else { text });
        }
        ExitCode::from(error.code)
    }
}

/// The clock, and fresh randomness.
pub(crate) fn now() -> Result<Now, CliError> {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map(|d| d.as_secs());
    let at = since.ok().and_then(|s| i64::try_from(s).ok()).and_then(Time::from_unix);
    let at = at.ok_or_else(|| CliError::trouble("the clock shows a time outside the years 1970 to 9999"))?;
    Ok(Now { at, seed: random()? })
}

pub(crate) fn random() -> Result<[u8; 32], CliError> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|error| CliError::trouble("the system gives no randomness").because(error))?;
    Ok(seed)
}
