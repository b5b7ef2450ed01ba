//! `deedbook dataset`

use super::context::Context;
use super::error::CliError;
use super::output::Answer;
use crate::ledger::dataset::{self, NewDataset};
use crate::licence;
use crate::report::dataset::{Declared, List};
use crate::statement::{Layer, Model, Name, Purpose, Set, Statement, Use};

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Declare a dataset and what its works are needed for
    New(New),
    /// List the datasets
    List,
    /// Show one
    Show {
        /// Its name
        id: String,
    },
}

#[derive(clap::Args)]
#[command(after_help = "Example:
  deedbook dataset new books --use generative-training --purpose commercial --layer text")]
pub(crate) struct New {
    /// Its name: a-z 0-9 . _ -
    id: String,
    /// What is done with the works: tdm, ai-training, generative-training, evaluation, retrieval, synthetic-generation, redistribution
    #[arg(long = "use", value_name = "USE", required = true)]
    uses: Vec<String>,
    /// To what end: commercial, non-commercial, research, education, personal
    #[arg(long)]
    purpose: String,
    /// A layer of rights that must be covered: composition, master, text, translation, performance, image, code, database, metadata
    #[arg(long = "layer", value_name = "LAYER", required = true)]
    layers: Vec<String>,
    /// A country (ISO 3166-1); worldwide if there is none
    #[arg(long = "territory", value_name = "CC")]
    territories: Vec<String>,
    /// A model that it is for: NAME@VERSION
    #[arg(long = "model", value_name = "MODEL")]
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
            let all = view.registered()?.into_iter().filter_map(|(index, s)| match s {
                Statement::Dataset(dataset) => Some((index, dataset)),
                _ => None,
            });
            let list = List::new(all);
            Ok(Answer::new(&list, list.text()))
        }
        Command::Show { id } => {
            let (index, dataset) = context.view()?.dataset(&name(&id)?)?;
            let declared = Declared::new(index, &dataset);
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

fn model(text: &str) -> Result<Model, CliError> {
    Model::parse(text).map_err(|error| CliError::trouble(format!("{text:?} {error}")))
}

fn territory(text: &str) -> Result<crate::statement::vocabulary::Territory, CliError> {
    licence::territory(text).map_err(|error| CliError::trouble(format!("{text:?} {error}")))
}

/// A word of a vocabulary, or what words there are.
pub(crate) fn word<T: Copy>(text: &str, what: &str, all: &[T], spelled: fn(T) -> &'static str) -> Result<T, CliError> {
    let found = all.iter().copied().find(|w| spelled(*w) == text);
    found.ok_or_else(|| {
        let words: Vec<&str> = all.iter().map(|w| spelled(*w)).collect();
        CliError::trouble(format!("{text:?} is not a {what}")).hint(format!("there are {}", words.join(", ")))
    })
}

fn words<T: Copy + Ord>(
    texts: &[String],
    what: &str,
    all: &[T],
    spelled: fn(T) -> &'static str,
) -> Result<Set<T>, CliError> {
    texts.iter().map(|text| word(text, what, all, spelled)).collect()
}
