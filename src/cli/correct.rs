//! `deedbook correct`

use super::context::Context;
use super::error::CliError;
use super::output::Answer;
use crate::ingest::nearest;
use crate::ledger::correct::{Right, correct};
use crate::report::correct::Report;
use crate::statement::Set;
use crate::statement::admission::Party;
use crate::statement::vocabulary::Role;

#[derive(clap::Args)]
#[command(after_help = "Examples:
  deedbook correct 17 --set 'title=A Short Book' --because misprint
  deedbook correct 17 --set 'author=A. Writer' --set 'publisher=North Press' \\
      --because 'the distributor stood as publisher'")]
pub(crate) struct Args {
    /// Log index of the admission
    entry: u64,
    /// What it should say: title=TEXT, party=NAME or a part in the work, such as author=NAME; may be given again
    #[arg(long, value_name = "FIELD=VALUE", required = true)]
    set: Vec<String>,
    /// Why, in words
    #[arg(long, value_name = "TEXT")]
    because: String,
}

pub(crate) fn run(context: &Context, args: Args) -> Result<Answer, CliError> {
    let mut right = Right::default();
    args.set.iter().try_for_each(|text| set(&mut right, text))?;
    let corrected = correct(context.writer()?, args.entry, right, args.because)?;
    let report = Report::new(&corrected);
    Ok(Answer::new(&report, report.text(&corrected)))
}

fn set(right: &mut Right, text: &str) -> Result<(), CliError> {
    let Some((field, value)) = text.split_once('=') else {
        return Err(CliError::trouble(format!("--set: {text:?} is not of the form FIELD=VALUE"))
            .hint("for example --set 'title=A Short Book'"));
    };
    let role = match field {
        "title" if right.title.is_some() => {
            return Err(CliError::trouble("--set: a second title").hint("a work has one title; give the right one"));
        }
        "title" => {
            right.title = Some(value.to_owned());
            return Ok(());
        }
        "party" => None,
        role => Some(Role::parse(role).ok_or_else(|| no_field(role))?),
    };
    right.parties.push(Party { ids: Set::new(), name: value.to_owned(), role });
    Ok(())
}

fn no_field(field: &str) -> CliError {
    let words = || ["title", "party"].into_iter().chain(Role::ALL.iter().map(|role| role.word()));
    let all = words().collect::<Vec<_>>().join(", ");
    CliError::trouble(format!("--set: {field:?} cannot be corrected")).hint(match nearest(field, words()) {
        Some(near) => format!("did you mean {near}? There are {all}"),
        None => format!("there are {all}; what else is wrong takes a withdrawal and a new admission"),
    })
}
