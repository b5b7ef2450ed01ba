//! A copy of a whole ledger, checked by the auditor's keys.

use super::{Args, Require};
use crate::cli::context::{Context, now};
use crate::cli::error::CliError;
use crate::cli::output::{Answer, write_file};
use crate::cli::progress::Watch;
use crate::ledger::LedgerError;
use crate::ledger::fsck::audit;
use crate::ledger::lie;
use crate::report::audit::Report;
use crate::statement::terms::Standing;
use crate::verify::{Trust, Verdict};
use std::path::Path;

/// A copy of a whole ledger.
pub(super) fn copy(context: &Context, args: &Args, trust: &Trust) -> Result<Answer, CliError> {
    if args.release.is_some()
        || args.at.is_some()
        || !args.works.is_empty()
        || !args.sources.is_empty()
        || args.report.is_some()
        || args.against.is_some()
    {
        return Err(CliError::trouble(format!("{} is a folder, whose whole ledger is checked", args.proof))
            .hint("a work is asked of a proof file: `deedbook prove D@V --work ID -o FILE --ledger DIR` makes one"));
    }
    let watch = Watch::start(context, "checking");
    let audit = match audit(Path::new(&args.proof), trust, now()?) {
        Err(LedgerError::NoLedger { .. }) => {
            return Err(CliError::trouble(format!("{} is a folder without a ledger", args.proof))
                .hint("give a proof file, or a folder that has `log/checkpoint` and what belongs to it"));
        }
        audit => audit?,
    };
    drop(watch);
    let mut report = Report::new(&audit);
    if let Some(file) = &args.evidence
        && let Some(evidence) = lie::of_copy(Path::new(&args.proof), &audit.log_key, &audit.report.hidden)?
    {
        write_file(file, &evidence.print())?;
        report.evidence = Some(file.clone());
    }
    let mut text = report.text();
    let mut met = true;
    for require in &args.require {
        let only = |verdict| report.verdicts.keys().all(|v| *v == verdict);
        let admissions: u64 = report.verdicts.values().sum();
        let (holds, what) = match require {
            Require::Covered => (only(Verdict::Covered), "every admission covered"),
            Require::Signed => {
                let signed = report.standings.get(&Standing::Signed).copied().unwrap_or(0);
                (signed == admissions, "every admission under signed grants")
            }
            Require::Witnessed => {
                let bracketed = report.witnessed_at.is_some() && report.bracketed == admissions;
                (bracketed, "the checkpoint and every admission witnessed")
            }
            Require::Present | Require::Absent => {
                return Err(CliError::trouble("of a whole ledger, no work is asked that could be present or absent"));
            }
        };
        if !holds {
            met = false;
            text += &format!("\nNOT MET: {what}\n");
        }
    }
    Ok(Answer::new(&report, text).no(!report.valid || !met))
}
