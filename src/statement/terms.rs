//! The terms of a grant, and the judge: [`cover`] is the only place that decides whether terms cover a need.
//!
//! The gate, a run, coverage and the verifier all ask it, so they cannot disagree. Whether a work is in a catalogue or
//! on a list, and when a grant ended, are inputs; the judge sees no file and no other grant.

use super::identifier::Identifier;
use super::limit::{self, Invalid};
use super::name::{Model, Name};
use super::text::Set;
use super::time::{Date, Time};
use super::vocabulary::{Basis, Code, Codes, Layer, Obligation, OnEnd, Purpose, Role, Territory, Use};
use crate::rows::Root;
use serde::{Deserialize, Serialize};

/// Digest of the rules file that ships with the program, which a verifier names where a grant rests on another one.
pub const DEFAULT_RULES: &str = "blake3:ac8f70e17e92a2db91fdbf8e53b272314ae14b8b60de7711e19bf3d8e2e3b351";

/// Rows committed by their root: how many, and the root.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RowsRef {
    /// Number of rows.
    pub count: u64,
    /// Their root.
    pub root: Root,
}

/// Whoever grants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Licensor {
    /// Party identifiers.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub ids: Set<Identifier>,
    /// Verifier key (C2SP signed-note form), where it signs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Name.
    pub name: String,
    /// Its part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
}

/// Whoever is granted to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Licensee {
    /// Party identifiers.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub ids: Set<Identifier>,
    /// `origin+hex8`: the one log that a signed grant is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<String>,
    /// Name.
    pub name: String,
}

/// Which works a grant is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Subject {
    /// Those whose identifiers are rows of this catalogue.
    Catalogue(RowsRef),
    /// Those whose own licence is this SPDX expression, as the lab says.
    Licence(String),
    /// Those of the party of this identifier or exact name, as the lab says.
    Party(String),
}

/// For which models.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Models {
    /// Names, without versions; none means any.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub names: Set<String>,
    /// How many versions; absent means any number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub versions: Option<u64>,
}

/// A document behind a grant, by its digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Evidence {
    /// Who captured it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub captured_at: Option<Time>,
    /// Digest of the document.
    pub digest: Identifier,
    /// What it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub what: Option<String>,
}

/// What a grant grants. Absent `layers`, `purposes`, `territories` or `uses` grant *nothing*.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[allow(missing_docs)] // the fields are those of the grant table in docs/glossary.md
pub struct Terms {
    pub basis: Basis,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
    pub id: Name,
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub layers: Set<Layer>,
    /// SPDX expression, or `LicenseRef-...`.
    pub licence: String,
    pub licensee: Licensee,
    pub licensor: Licensor,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub models: Option<Models>,
    /// Territories left out of `territories`.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub not_territories: Set<Territory>,
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub not_uses: Set<Use>,
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub obligations: Set<Obligation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_end: Option<OnEnd>,
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub purposes: Set<Purpose>,
    /// Digest of the rules file that the terms were read from, for an open licence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rules: Option<Identifier>,
    pub subject: Subject,
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub territories: Set<Territory>,
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub uses: Set<Use>,
    /// The first day.
    pub valid_from: Date,
    /// The first day after; absent means perpetual.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<Date>,
}

/// What is needed of a grant: a dataset's declaration, or a run's.
#[derive(Debug, Clone, Copy)]
pub struct Need<'a> {
    /// All must be covered.
    pub uses: &'a [Use],
    /// The one purpose.
    pub purpose: Purpose,
    /// All must be covered; none means worldwide.
    pub territories: &'a [Territory],
    /// The models, if known. A grant for other models does not cover; with none known, a run asks again.
    pub models: &'a [Model],
}

/// What the judge is told about a grant and a work, and cannot see in the terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Facts {
    /// The subject contains the work.
    pub in_subject: bool,
    /// The earliest day on which an end of the grant takes effect.
    pub ended: Option<Date>,
    /// How many versions of models are, or would be, trained under it.
    pub versions: u64,
}

/// The judge: the codes of every rule that says no. None: the terms cover the need, for the layer, on the day.
pub fn cover(need: &Need, layer: Layer, terms: &Terms, facts: Facts, day: Date) -> Codes {
    let granted = |u: &Use| terms.uses.iter().any(|g| g.contains(*u));
    let prohibited = |u: &Use| terms.not_uses.iter().any(|p| p.contains(*u) || u.contains(*p));
    let exhausted = |models: &Models| {
        let named = |m: &Model| models.names.is_empty() || models.names.iter().any(|n| n == m.name());
        !need.models.iter().all(named) || models.versions.is_some_and(|most| facts.versions > most)
    };
    Codes::NONE
        .with_if(!facts.in_subject, Code::NotInSubject)
        .with_if(!terms.layers.contains(&layer), Code::LayerNotCovered)
        .with_if(need.uses.is_empty() || !need.uses.iter().all(granted), Code::UseNotGranted)
        .with_if(need.uses.iter().any(prohibited), Code::UseProhibited)
        .with_if(!terms.purposes.contains(&need.purpose), Code::PurposeNotCovered)
        .with_if(!territories_covered(need.territories, terms), Code::TerritoryNotCovered)
        .with_if(day < terms.valid_from, Code::NotYetValid)
        .with_if(terms.valid_to.is_some_and(|to| day >= to), Code::Expired)
        .with_if(facts.ended.is_some_and(|end| day >= end), Code::Ended)
        .with_if(terms.models.as_ref().is_some_and(exhausted), Code::ModelsExhausted)
}

fn territories_covered(need: &[Territory], terms: &Terms) -> bool {
    let world = terms.territories.contains(&Territory::Worldwide);
    let excepted =
        |t: &Territory| terms.not_territories.contains(t) || terms.not_territories.contains(&Territory::Worldwide);
    let covered = |t: &Territory| match t {
        Territory::Worldwide => world && terms.not_territories.is_empty(),
        Territory::Country(_) => (world || terms.territories.contains(t)) && !excepted(t),
    };
    if need.is_empty() { covered(&Territory::Worldwide) } else { need.iter().all(covered) }
}

/// How well a grant is attested, apart from a licensor's signature, which only an auditor's file can give weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Standing {
    /// The lab says so.
    Asserted,
    /// The lab names a document's digest.
    Evidenced,
    /// The licensor signed a catalogue that holds the asked identifier.
    Signed,
}

impl Standing {
    /// Its spelling.
    pub const fn word(self) -> &'static str {
        match self {
            Standing::Asserted => "asserted",
            Standing::Evidenced => "evidenced",
            Standing::Signed => "signed",
        }
    }
}

impl Terms {
    /// The standing that the lab's own words give.
    pub fn stated_standing(&self) -> Standing {
        if self.evidence.is_empty() { Standing::Asserted } else { Standing::Evidenced }
    }

    /// Of several grants that cover, the one to name: highest standing, then latest end, then lowest log index. The
    /// greatest of these ranks.
    pub fn rank(&self, standing: Standing, index: u64) -> (Standing, Date, std::cmp::Reverse<u64>) {
        (standing, self.valid_to.unwrap_or(Date::MAX), std::cmp::Reverse(index))
    }

    /// Checks the rules that types alone do not keep.
    ///
    /// # Errors
    /// The member that breaks one.
    pub fn check(&self) -> Result<(), Invalid> {
        limit::text("licence", &self.licence, limit::MAX_TEXT_LEN)?;
        limit::text("licensor.name", &self.licensor.name, limit::MAX_TEXT_LEN)?;
        limit::text("licensee.name", &self.licensee.name, limit::MAX_TEXT_LEN)?;
        limit::count("licensor.ids", self.licensor.ids.len(), limit::MAX_IDENTIFIERS)?;
        limit::count("licensee.ids", self.licensee.ids.len(), limit::MAX_IDENTIFIERS)?;
        limit::count("evidence", self.evidence.len(), limit::MAX_EVIDENCE)?;
        limit::optional_text("licensor.key", &self.licensor.key, limit::MAX_TEXT_LEN)?;
        limit::optional_text("licensee.log", &self.licensee.log, limit::MAX_TEXT_LEN)?;
        for e in &self.evidence {
            limit::digest("evidence.digest", &e.digest)?;
            limit::optional_text("evidence.by", &e.by, limit::MAX_TEXT_LEN)?;
            limit::optional_text("evidence.what", &e.what, limit::MAX_TEXT_LEN)?;
        }
        if let Some(rules) = &self.rules {
            limit::digest("rules", rules)?;
        }
        match &self.subject {
            Subject::Catalogue(rows) => limit::rows("subject.catalogue", rows)?,
            Subject::Licence(text) => limit::text("subject.licence", text, limit::MAX_TEXT_LEN)?,
            Subject::Party(text) => limit::text("subject.party", text, limit::MAX_TEXT_LEN)?,
        }
        if let Some(models) = &self.models {
            limit::count("models.names", models.names.len(), limit::MAX_MODELS)?;
            models.names.iter().try_for_each(|name| limit::text("models.names", name, limit::MAX_TEXT_LEN))?;
        }
        if self.valid_to.is_some_and(|to| to <= self.valid_from) {
            return Err(Invalid::new("valid_to", "is not after valid_from"));
        }
        Ok(())
    }
}
