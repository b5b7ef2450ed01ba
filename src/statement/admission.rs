//! `admission`: a work entered a dataset, under these grants.

use super::identifier::{Class, Identifier};
use super::kind::{Is, Kind, Salt, V1};
use super::limit::{self, Invalid};
use super::terms::Subject;
use super::text::Set;
use super::time::{Date, Time};
use super::vocabulary::{Codes, DigestBy, EncodingRole, Layer, Obligation, Role, WorkType};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A work in a dataset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Admission {
    /// When, as the lab says; it never decreases along the log.
    pub at: Time,
    /// Log index of the dataset.
    pub dataset: u64,
    /// The work's bytes, in one or more forms.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub embodiments: Vec<Embodiment>,
    /// Log index of the grant that covers each layer.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub grants: BTreeMap<Layer, u64>,
    /// Identifiers of the work, and of groups and parties that it belongs to.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub identifiers: Set<Identifier>,
    /// `admission`.
    pub kind: Is<{ Kind::Admission as u8 }>,
    /// The layers that the work has, where the catalogue says.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub layers: Set<Layer>,
    /// The work's own licence, as found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub licence: Option<Licence>,
    /// Duties from the grants.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub obligations: Set<Obligation>,
    /// Who let it in against the gate, and why.
    #[serde(rename = "override", skip_serializing_if = "Option::is_none")]
    pub override_: Option<Override>,
    /// Who has a part in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parties: Vec<Party>,
    /// See [`Salt`].
    pub salt: Salt,
    /// Log index of the first admission of the same work in this dataset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub same_as: Option<u64>,
    /// Title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The day of first use, where it was used before it was recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used_from: Option<Date>,
    /// 1.
    pub v: V1,
    /// What kind of work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub work_type: Option<WorkType>,
}

/// The work in one form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Embodiment {
    /// Size in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Digest of what it was made from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub derived_from: Option<Identifier>,
    /// Who computed the digests, where there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest_by: Option<DigestBy>,
    /// Digests of its bytes.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub digests: Set<Identifier>,
    /// Media type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// Where the lab keeps it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Its relation to the work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<EncodingRole>,
}

/// A licence as found, and as understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Licence {
    /// As it stood.
    pub raw: String,
    /// Where it stood.
    pub source: String,
    /// The SPDX expression that it was understood as.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spdx: Option<String>,
}

/// Someone with a part in a work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Party {
    /// Party identifiers.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub ids: Set<Identifier>,
    /// Name.
    pub name: String,
    /// Part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
}

/// A person's decision against the gate's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Override {
    /// Why.
    pub because: String,
    /// Who.
    pub by: String,
    /// What the gate said.
    pub codes: Codes,
}

impl Admission {
    /// What the work is looked up by in a release: its work and group identifiers, and the digests of its embodiments.
    pub fn looked_up_by(&self) -> impl Iterator<Item = &Identifier> {
        let named = self.identifiers.iter().filter(|id| id.scheme().class(self.work_type) != Class::Party);
        named.chain(self.embodiments.iter().flat_map(|e| &e.digests))
    }

    /// Whether the subject of a grant contains the work, as far as the lab's own words about it decide that: a licence
    /// or a party. `None` for a catalogue, which has rows.
    pub fn matches(&self, subject: &Subject) -> Option<bool> {
        match subject {
            Subject::Catalogue(_) => None,
            Subject::Licence(spdx) => Some(self.licence.as_ref().and_then(|l| l.spdx.as_ref()) == Some(spdx)),
            Subject::Party(party) => Some(named_parties(&self.parties, &self.identifiers).any(|name| name == party)),
        }
    }

    /// The log indices that it names, and the kinds that may stand there.
    pub fn names(&self) -> Vec<(u64, &'static [Kind])> {
        let dataset = [(self.dataset, &[Kind::Dataset] as &[Kind])];
        let grants = self.grants.values().map(|g| (*g, &[Kind::Grant] as &[Kind]));
        let same_as = self.same_as.map(|a| (a, &[Kind::Admission] as &[Kind]));
        dataset.into_iter().chain(grants).chain(same_as).collect()
    }

    /// The day on which its grants are judged.
    pub fn day_judged(&self) -> Date {
        self.used_from.unwrap_or(self.at.date())
    }

    /// The bytes of its embodiments, where known.
    pub fn bytes(&self) -> u64 {
        self.embodiments.iter().filter_map(|e| e.bytes).fold(0, u64::saturating_add)
    }

    /// Checks the rules that types alone do not keep.
    ///
    /// # Errors
    /// The member that breaks one.
    pub fn check(&self) -> Result<(), Invalid> {
        limit::count("identifiers", self.identifiers.len(), limit::MAX_IDENTIFIERS)?;
        limit::count("embodiments", self.embodiments.len(), limit::MAX_EMBODIMENTS)?;
        limit::count("parties", self.parties.len(), limit::MAX_PARTIES)?;
        limit::optional_text("title", &self.title, limit::MAX_TITLE_LEN)?;
        if self.identifiers.iter().any(|id| id.scheme().is_digest()) {
            return Err(Invalid::new("identifiers", "hold a digest, which belongs to an embodiment"));
        }
        self.embodiments.iter().try_for_each(Embodiment::check)?;
        for party in &self.parties {
            limit::text("parties.name", &party.name, limit::MAX_TEXT_LEN)?;
            limit::count("parties.ids", party.ids.len(), limit::MAX_IDENTIFIERS)?;
        }
        if let Some(licence) = &self.licence {
            limit::text("licence.raw", &licence.raw, limit::MAX_TEXT_LEN)?;
            limit::text("licence.source", &licence.source, limit::MAX_TEXT_LEN)?;
            limit::optional_text("licence.spdx", &licence.spdx, limit::MAX_TEXT_LEN)?;
        }
        if let Some(o) = &self.override_ {
            limit::text("override.by", &o.by, limit::MAX_TEXT_LEN)?;
            limit::text("override.because", &o.because, limit::MAX_TEXT_LEN)?;
        }
        if self.used_from.is_some_and(|day| day > self.at.date()) {
            return Err(Invalid::new("used_from", "lies after at"));
        }
        Ok(())
    }
}

/// What the parties of a work are called, by name and identifier, as far as a grant of theirs can cover it: nobody is
/// a rightsholder by distributing, aggregating or curating alone.
pub fn named_parties<'a>(parties: &'a [Party], identifiers: &'a [Identifier]) -> impl Iterator<Item = &'a str> {
    let may_hold = |p: &&Party| !matches!(p.role, Some(Role::Aggregator | Role::Curator | Role::Distributor));
    let names = |p: &'a Party| std::iter::once(p.name.as_str()).chain(p.ids.iter().map(Identifier::as_str));
    let own = identifiers.iter().filter(|id| id.scheme().class(None) == Class::Party).map(Identifier::as_str);
    parties.iter().filter(may_hold).flat_map(names).chain(own)
}

impl Embodiment {
    fn check(&self) -> Result<(), Invalid> {
        limit::count("embodiments.digests", self.digests.len(), limit::MAX_IDENTIFIERS)?;
        if self.digests.is_empty() != self.digest_by.is_none() {
            return Err(Invalid::new("embodiments.digest_by", "belongs to digests, and only there"));
        }
        for id in self.digests.iter().chain(&self.derived_from) {
            limit::digest("embodiments.digests", id)?;
        }
        limit::optional_text("embodiments.path", &self.path, limit::MAX_TEXT_LEN)?;
        limit::optional_text("embodiments.media_type", &self.media_type, limit::MAX_TEXT_LEN)
    }
}
