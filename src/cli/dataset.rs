//! `deedbook dataset`

use super::context::Context;
use super::error::CliError;
use super::output::Answer;
use super::words::Words;
use crate::ingest::nearest;
use crate::ledger::dataset::{self, NewDataset};
use crate::licence;
use crate::report::dataset::{Declared, List};
use crate::statement::{Layer, Model, Name, Purpose, Set, Use};

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Declare a dataset and what its works are needed for
    New(New),
    /// List the datasets
    #[command(after_help = "Example:\n  deedbook dataset list")]
    List,
    /// Show a dataset and its releases
    #[command(after_help = "Example:\n  deedbook dataset show books")]
    Show {
        /// The dataset's name
        id: String,
    },
}

#[derive(clap::Args)]
#[command(after_help = "Examples:
  deedbook dataset new books --layer text \\
      --use generative-training --purpose commercial
  deedbook dataset new songs --layer composition --layer master --use tdm \\
      --purpose research --territory DE --title 'Songs, for research'")]
pub(crate) struct New {
    /// Its name, of a-z 0-9 . _ -
    id: String,
    /// What is done with the works; may be given again
    #[arg(long = "use", value_name = "USE", required = true, value_parser = Words::of(Use::ALL, Use::word))]
    uses: Vec<String>,
    /// To what end
    #[arg(long, value_parser = Words::of(Purpose::ALL, Purpose::word))]
    purpose: String,
    /// A layer of rights that must be covered; may be given again
    #[arg(long = "layer", value_name = "LAYER", required = true, value_parser = Words::of(Layer::ALL, Layer::word))]
    layers: Vec<String>,
    /// A country (ISO 3166-1), worldwide without; may be given again
    #[arg(long = "territory", value_name = "CC")]
    territories: Vec<String>,
    /// A model that it is for; may be given again
    #[arg(long = "model", value_name = "NAME@VERSION")]
    models: Vec<String>,
    /// A title for people
    #[arg(long)]
    title: Option<String>,
}

pub(crate) fn run(context: &Context, command: Command) -> Result<Answer, CliError> {
    match command {
        Command::New(args) => new(context, args),
        Command::List => {
            let view = context.view()?;
            let all = view.datasets()?.into_iter();
            let list =
                List::new(all.map(|(index, d, releases)| Declared::new(index, &d).with_releases(&releases)).collect());
            Ok(Answer::new(&list, list.text()))
        }
        Command::Show { id } => {
            let (view, id) = (context.view()?, name(&id)?);
            let (index, dataset) = view.dataset(&id)?;
            let declared = Declared::new(index, &dataset).with_releases(&view.releases(&id)?);
            Ok(Answer::new(&declared, declared.text()))
        }
    }
}

fn new(context: &Context, args: New) -> Result<Answer, CliError> {
    let new = NewDataset {
        id: name(&args.id)?,
        uses: words(&args.uses, "use", Use::ALL, Use::word)?,
        purpose: word(&args.purpose, "purpose", Purpose::ALL, Purpose::word)?,
        layers: words(&args.layers, "layer", Layer::ALL, Layer::word)?,
        territories: args.territories.iter().map(|t| territory(t)).collect::<Result<_, _>>()?,
        models: args.models.iter().map(|m| model(m)).collect::<Result<_, _>>()?,
        title: args.title,
    };
    let (index, _) = dataset::new(context.writer()?, new.clone())?;
    let (_, dataset) = context.view()?.dataset(&new.id)?;
    let declared = Declared::new(index, &dataset);
    Ok(Answer::new(&declared, declared.text()))
}

/// A name, or why it is none.
pub(crate) fn name(text: &str) -> Result<Name, CliError> {
    Name::parse(text).map_err(|error| CliError::trouble(format!("{text:?} {error}")))
}

/// A model, or why it is none.
pub(crate) fn model(text: &str) -> Result<Model, CliError> {
    Model::parse(text).map_err(|error| CliError::trouble(format!("{text:?} {error}")))
}

/// A territory, or why it is none.
pub(crate) fn territory(text: &str) -> Result<crate::statement::vocabulary::Territory, CliError> {
    licence::territory(text).map_err(|error| CliError::trouble(format!("{text:?} {error}")))
}

/// A word of a vocabulary, or what words there are.
pub(crate) fn word<T: Copy>(text: &str, what: &str, all: &[T], spelled: fn(T) -> &'static str) -> Result<T, CliError> {
    let found = all.iter().copied().find(|w| spelled(*w) == text);
    found.ok_or_else(|| {
        let words: Vec<&str> = all.iter().map(|w| spelled(*w)).collect();
        CliError::trouble(format!("{text:?} is not a {what}")).hint(match nearest(text, words.iter().copied()) {
            Some(near) => format!("did you mean {near}? There are {}", words.join(", ")),
            None => format!("there are {}", words.join(", ")),
        })
    })
}

/// Words of a vocabulary.
pub(crate) fn words<T: Copy + Ord>(
    texts: &[String],
    what: &str,
    all: &[T],
    spelled: fn(T) -> &'static str,
) -> Result<Set<T>, CliError> {
    texts.iter().map(|text| word(text, what, all, spelled)).collect()
}
