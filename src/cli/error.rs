//! What went wrong, as a user reads it: `error:`, `caused by:`, `hint:`. One place maps every error to words and code.

use super::interrupt;
use crate::ingest::{nearest, nearest_first};
use crate::ledger::{LedgerError, Trouble};
use crate::report::plain;
use clap::error::{ContextKind, ContextValue};
use std::fmt::Display;

/// Names that a hint lists; of more it says where all are.
const LISTED: usize = 5;

/// An error for a user. The exit code is 2, or 1 where the answer is simply no, or 130 after an interrupt.
#[derive(Debug)]
pub(crate) struct CliError {
    pub what: String,
    pub causes: Vec<String>,
    pub hint: Option<String>,
    /// How the command is written, after a mistake of usage.
    pub usage: Option<String>,
    pub code: u8,
}

impl CliError {
    pub fn trouble(what: impl Into<String>) -> CliError {
        CliError { what: what.into(), causes: Vec::new(), hint: None, usage: None, code: 2 }
    }

    pub fn because(mut self, cause: impl Display) -> CliError {
        self.causes.push(cause.to_string());
        self
    }

    pub fn hint(mut self, hint: impl Into<String>) -> CliError {
        self.hint = Some(hint.into());
        self
    }

    /// The lines for stderr.
    pub fn text(&self) -> String {
        let mut text = format!("error: {}\n", plain(&self.what));
        for cause in &self.causes {
            text += &format!("caused by: {}\n", plain(cause));
        }
        if let Some(hint) = &self.hint {
            text += &format!("hint: {}\n", plain(hint));
        }
        if let Some(usage) = &self.usage {
            text += &format!("usage: {}\n", plain(usage));
        }
        text
    }
}

impl From<&clap::Error> for CliError {
    /// clap's paragraphs: what is wrong, tips, the usage, and where to read more.
    fn from(error: &clap::Error) -> CliError {
        let text = error.render().to_string();
        let mut paragraphs = text.split("\n\n").map(|p| p.split_whitespace().collect::<Vec<_>>().join(" "));
        let what = paragraphs.next().unwrap_or_default();
        let mut shown = CliError::trouble(what.strip_prefix("error: ").unwrap_or(&what));
        for paragraph in paragraphs {
            if let Some(usage) = paragraph.strip_prefix("Usage: ") {
                shown.usage = Some(usage.to_owned());
            } else if let Some(tip) = paragraph.strip_prefix("tip: ").filter(|tip| !tip.starts_with("to pass ")) {
                shown.hint = Some(tip.to_owned());
            }
        }
        shown.hint = likeliest(error).or(shown.hint);
        if let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidSubcommand)
            && let Some(grouped) = in_groups(word)
        {
            shown.hint = Some(format!("did you mean {grouped}?"));
        }
        let words = shown.usage.iter().flat_map(|usage| usage.split(' '));
        let command = words.take_while(|word| word.bytes().all(|b| b.is_ascii_lowercase()));
        let help = command.map(|word| format!("{word} ")).collect::<String>() + "--help";
        let help = format!("`{help}` shows how, with examples");
        shown.hint.get_or_insert(help);
        shown
    }
}

/// The commands of that name that groups of commands have.
fn in_groups(word: &str) -> Option<String> {
    let all = super::help::plain();
    let groups = all.get_subcommands().filter(|group| group.find_subcommand(word).is_some());
    let commands: Vec<String> = groups.map(|group| format!("`deedbook {} {word}`", group.get_name())).collect();
    (!commands.is_empty()).then(|| commands.join(" or "))
}

/// Of several subcommands that clap finds similar, the one that is spelled most like what was typed.
fn likeliest(error: &clap::Error) -> Option<String> {
    let Some(ContextValue::String(typed)) = error.get(ContextKind::InvalidSubcommand) else { return None };
    let Some(ContextValue::Strings(similar)) = error.get(ContextKind::SuggestedSubcommand) else { return None };
    let near = nearest_first(typed, similar.iter().map(String::as_str));
    near.first().map(|name| format!("a similar subcommand exists: '{name}'"))
}

impl From<LedgerError> for CliError {
    fn from(error: LedgerError) -> CliError {
        let hint = hint(&error);
        let mut shown = CliError::trouble(error.to_string());
        let mut source = std::error::Error::source(&error);
        while let Some(cause) = source {
            let words = cause.to_string();
            // Errors that only pass another one on say the same again.
            if !shown.what.contains(&words) && !shown.causes.contains(&words) {
                shown.causes.push(words);
            }
            source = cause.source();
        }
        shown.hint = hint;
        if matches!(error, LedgerError::Interrupted) {
            shown.code = interrupt::EXIT_CODE;
        }
        shown
    }
}

fn hint(error: &LedgerError) -> Option<String> {
    use LedgerError as E;
    let hint = match error {
        E::Ingest(e) => return Some(e.hint()),
        E::NoLedger { .. } => "name it with --ledger DIR, or make one with `deedbook init DIR --origin NAME`",
        E::NoKey { .. } => "it can be read, not written: write where private/ is, or restore it",
        E::Unfinished { .. } => "nothing was recorded in it: remove the folder, and run init again",
        E::NotEmpty { .. } => "choose a new folder",
        E::InLedger { .. } => "choose a folder elsewhere: what is in a ledger's own folder is the ledger's",
        E::KeyExposed { .. } => {
            "take the others' rights away with `chmod 600`; if anyone may have read it, make a new key"
        }
        E::BackwardRun { .. } => "give the first moment after it as --end",
        E::ForeignKey { .. } => "put this ledger's own key into private/key",
        E::ClockBehind { .. } => "set the clock right; entries are never dated backwards",
        E::Taken { what: "grant", .. } => "a grant is never changed: end it, and add another under a new name",
        E::Taken { .. } => "choose another name: what is recorded stays",
        E::Unknown { what, name, known } => return Some(unknown(what, name, known)),
        E::NoCatalogue { .. } => "give its file with --catalogue FILE",
        E::NotACatalogue { .. } => "leave --catalogue out",
        E::AlreadyEnded { .. } => "an end is final and the earliest counts: only an earlier day would change anything",
        E::AlreadyOver { .. } => "only an earlier day would change anything",
        E::NothingAsked => "the sources have no works",
        E::NotIn { .. } => "nothing was written; `deedbook show SCHEME:VALUE` tells where a work was admitted",
        E::NoneIn { .. } => "nothing was written; works are found by their own identifiers, and by the bytes of files",
        E::NoBatch { dataset, known, .. } => return Some(batches(dataset.as_str(), known)),
        E::BatchGone { .. } => "all of it was withdrawn or erased before; nothing was written",
        E::OtherOrigin { .. } => "it is for the lab whose log it names; a dispute of this log's entry names this one",
        E::OtherEntry { .. } => "the number is part of what was signed: record it for that entry, or ask for another",
        E::OtherLeaf { .. } => {
            "the signer saw another log, or a mistake was made: compare the proof that it was made from"
        }
        E::SameDispute { .. } => "`deedbook show` shows what was said of an entry",
        E::Proof(_) => "`deedbook verify` explains a proof; ask the lab for one that verifies",
        E::NotDisclosed { .. } => "`deedbook verify` names the entries of the works and grants that the proof shows",
        E::WitnessSigns => "`deedbook key new NAME -o FILE` makes a key that signs",
        E::OtherLog { .. } => "ask the licensor to sign terms whose licensee.log is this log",
        E::NoLog { .. } => {
            "ask the lab which log it keeps (`deedbook log status` shows it), and write: licensee = { log = \"ORIGIN+KEYID\", ... }"
        }
        E::NoLicensorKey { .. } => {
            "ask the licensor to sign with `deedbook grant sign`, which names its key in the terms"
        }
        E::Envelope(_) => "give the envelope as it was signed, unaltered",
        E::NotByLicensor { .. } => {
            "ask the licensor for the envelope again: it was altered, or signed with another key"
        }
        E::OtherLicensorKey { .. } => "sign with the key that the terms name, or leave licensor.key out",
        E::NoLicensorId { .. } => {
            "auditors' files name a licensor by one: write licensor = { ids = [\"isni:...\"], ... }, or ipi, orcid, id"
        }
        E::OtherCatalogue { .. } => "give the file as the licensor has it: the same works in the same order",
        E::NotPublished { .. } => "the files of log/history/ are named by the sizes that there are",
        E::OtherCheckpoint { .. } => "if this log's key signed both, they are evidence of a fork: keep the note",
        E::OtherPolicy { .. } => "write this log's key, and no other, into the policy's `log` line",
        E::NoWitness { .. } => "name the witness and its key in the policy",
        E::FutureCosignature { .. } => "compare the clocks",
        E::Note(_) => "a line for an older checkpoint needs its size: --size",
        E::BadIdentifier { .. } => "correct the line; nothing was written",
        E::Unfit { .. } => "correct or remove it; nothing was written",
        E::Settings { .. } => "restore ledger.toml from a copy of this ledger",
        E::BadKey { .. } => {
            "a private key file is one line that begins with PRIVATE+KEY; `deedbook key new NAME -o FILE` makes one"
        }
        E::Io { error, .. } if error.kind() == std::io::ErrorKind::NotFound => {
            "check the name, and the folder that you are in"
        }
        other => return of_trouble(other.trouble()),
    };
    Some(hint.to_owned())
}

/// The batches that a dataset has.
fn batches(dataset: &str, known: &[u64]) -> String {
    let listed = known.iter().take(LISTED).map(u64::to_string).collect::<Vec<_>>().join(", ");
    match known.len() {
        0 => format!("nothing was admitted to {dataset} yet"),
        1 => format!("its only batch is entry {listed}"),
        2..=LISTED => format!("its batches are entries {listed}, the newest first"),
        _ => format!("its newest batches are entries {listed}"),
    }
}

/// The names that there are, the one that may have been meant first.
fn unknown(what: &str, name: &str, known: &[String]) -> String {
    let (none, all) = match what {
        "dataset" => ("`deedbook dataset new` declares one", "`deedbook dataset list` shows all"),
        "grant" => ("`deedbook grant add` records one", "`deedbook grant list` shows all"),
        "release" => ("`deedbook seal DATASET VERSION` makes one", "`deedbook dataset show DATASET` shows all"),
        "model" => ("`deedbook run add` binds one to its releases", "`deedbook run list` shows all"),
        "work" => ("no admission has this identifier, in any dataset", ""),
        _ => ("nothing is declared yet", "`deedbook dataset list` and `deedbook grant list` show all"),
    };
    let names = || known.iter().map(String::as_str);
    match (known.len(), nearest(name, names())) {
        (0, _) => none.to_owned(),
        (1, _) => format!("the only {what} is {}", known[0]),
        (2..=LISTED, _) => format!("there are {}", nearest_first(name, names()).join(", ")),
        (_, Some(near)) => format!("did you mean {near}? {all}"),
        (_, None) => all.to_owned(),
    }
}

fn of_trouble(trouble: Trouble) -> Option<String> {
    let hint = match trouble {
        Trouble::Locked => "another deedbook is writing; add --wait to wait for it",
        Trouble::NotFound => "`deedbook log fsck` tells what is missing; `deedbook repair` rebuilds what can be",
        Trouble::DiskFull => "free some space and run it again; the ledger is as it was",
        Trouble::ReadOnly => "the ledger's folder cannot be written: check its owner and mount",
        Trouble::Derived => "`deedbook repair` makes everything again that follows from the log",
        Trouble::OlderCopy => "was an older copy put back? Restore the newest one: signing again could fork the log",
        Trouble::MarkMissing => "restore private/signed from the newest copy of the ledger",
        Trouble::ForeignCheckpoint => "this is not a checkpoint by the key in ledger.toml; restore log/checkpoint",
        Trouble::ForeignLog => {
            "log/checkpoint or private/signed is another key's: restore both from the newest copy of this ledger"
        }
        Trouble::NoEntry => "`deedbook log status` tells how many entries there are",
        Trouble::Damaged => "`deedbook log fsck` lists all that is damaged; restore those files from a copy",
        Trouble::Other => return None,
    };
    Some(hint.to_owned())
}
