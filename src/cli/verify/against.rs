//! Two proof files of one log held against each other.

use super::{Args, invalid};
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::output::{Answer, refuse_input, write_file};
use crate::cli::source::read_input;
use crate::report::lie::Against;
use crate::report::verify::Report;
use crate::verify::against::compare;
use crate::verify::{self, MAX_PROOF_LEN, ProofFile, Question, Trust, VerifyError};

/// What came of holding two proof files against each other.
pub(super) enum Compared {
    /// Nothing contradicts.
    Clear(Box<Against>),
    /// The other file is invalid, or the two contradict: that is the answer.
    Not(Answer),
}

/// Verifies the other file and compares; writes the evidence of a contradiction where it was asked for.
pub(super) fn against(
    context: &Context,
    args: &Args,
    bytes: &[u8],
    other: &str,
    trust: &Trust,
) -> Result<Compared, CliError> {
    if let Some(evidence) = &args.evidence {
        refuse_input(evidence, &[args.proof.clone(), other.to_owned()])?;
    }
    let others = read_input(other, MAX_PROOF_LEN)?;
    if let Err(error) = verify::verify(&others, trust, &Question::default()) {
        let mut report = Report::invalid(&error);
        report.reason = report.reason.map(|reason| format!("{other}: {reason}"));
        return Ok(Compared::Not(invalid(report)));
    }
    let parse = |bytes: &[u8]| ProofFile::parse(bytes).map_err(VerifyError::Json);
    let found = parse(bytes).and_then(|own| compare(&own, &parse(&others)?, trust.policy.logs()));
    let found = found
        .map_err(|error| CliError::trouble(format!("{} and {other} cannot be compared", args.proof)).because(error))?;
    let Some(evidence) = found else { return Ok(Compared::Clear(Box::new(Against::new(other, None, None)))) };
    let written = args.evidence.as_deref();
    if let Some(file) = written {
        write_file(file, &evidence.print())?;
    }
    let against = Against::new(other, Some(&evidence), written);
    let text = against.text();
    if written == Some("-") {
        context.remark_lines(&text);
        return Ok(Compared::Not(Answer::nothing().no(true)));
    }
    Ok(Compared::Not(Answer::new(&Report::contradicted(against), text).no(true)))
}
