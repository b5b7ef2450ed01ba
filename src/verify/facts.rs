//! What a verified proof establishes. Plain data: only [`super::Verified`] says that it was verified.

use crate::statement::dsse::DisputeClaim;
use crate::statement::terms::Standing;
use crate::statement::vocabulary::{Codes, Layer};
use crate::statement::{Date, Identifier, ReleaseName, Statement, Terms, Time};
use serde::Serialize;
use std::sync::Arc;

/// Everything that a proof file establishes, for the works that were asked.
#[derive(Debug, Clone)]
pub struct Facts {
    /// The log.
    pub origin: String,
    /// Size of the log at the checkpoint.
    pub log_size: u64,
    /// The release.
    pub release: ReleaseName,
    /// Its statement, with its log index.
    pub release_entry: (u64, crate::statement::Release),
    /// The dataset's declaration, with its log index.
    pub dataset_entry: (u64, crate::statement::Dataset),
    /// Log index and time of the state: what the register says is said as of it.
    pub state: (u64, Time),
    /// When the checkpoint was seen by the quorum of witnesses, if the policy asks for witnesses.
    pub witnessed_at: Option<Time>,
    /// Names and times of the policy's witnesses that signed the checkpoint.
    pub witnesses: Vec<(String, u64)>,
    /// The works asked, in the order asked.
    pub works: Vec<Work>,
    /// The grants that admissions of these works rely on, ascending in log index.
    pub grants: Vec<GrantFacts>,
    /// What the register has about the dataset, and that is not otherwise applied: later withdrawals, disputes,
    /// corrections.
    pub about_dataset: Vec<(u64, Statement)>,
    /// The disputes among all that is said about the dataset, these grants and the admissions of these works, ascending
    /// in log index.
    pub disputes: Vec<Disputed>,
    /// Whether the checkpoint meets a quorum of witnesses and every admission relied on has both ends of its bracket.
    pub witnessed: bool,
}

/// A grant, and what the register says of it.
#[derive(Debug, Clone)]
pub struct GrantFacts {
    /// Log index.
    pub index: u64,
    /// When it was logged, as the lab says.
    pub at: Time,
    /// Terms.
    pub terms: Terms,
    /// The licensor whose signature was checked, as the auditor's file names it.
    pub signed_by: Option<Identifier>,
    /// The earliest end.
    pub ended: Option<Date>,
    /// Everything that the register has about it.
    pub about: Vec<(u64, Statement)>,
    /// Whether an entry about it was erased: then it could be an end, and coverage is unknown.
    pub erased_about: bool,
}

/// A dispute: what a rightsholder says of an entry. It changes no coverage.
#[derive(Debug, Clone)]
pub struct Disputed {
    /// Log index.
    pub index: u64,
    /// When it was logged, as the lab says.
    pub at: Time,
    /// What it says, of which entry, and who says so.
    pub claim: DisputeClaim,
    /// Whether whom it names has signed it.
    pub attestation: Attestation,
}

/// Whether a dispute is signed by whom it names, as far as the auditor's keys tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attestation {
    /// By this party, whose key is listed.
    Signed(Identifier),
    /// Keys are listed for a party that it names, and it is signed by none of them that counts.
    NotSigned,
    /// No key is listed for any party that it names.
    Unchecked,
}

impl Attestation {
    /// Its spelling.
    pub const fn word(&self) -> &'static str {
        match self {
            Attestation::Signed(_) => "signed",
            Attestation::NotSigned => "not-signed",
            Attestation::Unchecked => "unchecked",
        }
    }
}

/// The answer about one work.
#[derive(Debug, Clone)]
pub struct Work {
    /// The identifiers asked.
    pub identifiers: Vec<Identifier>,
    /// Those of them that the release has.
    pub found_by: Vec<Identifier>,
    /// Its admissions, ascending in log index; none means absent.
    pub admissions: Vec<Admitted>,
    /// The lowest verdict over its admissions.
    pub verdict: Verdict,
    /// The lowest standing over its admissions; none where one of them has none.
    pub standing: Option<Standing>,
}

/// One admission of a work that was asked.
#[derive(Debug, Clone)]
pub struct Admitted {
    /// Log index.
    pub index: u64,
    /// What it says; nothing where it was erased.
    pub statement: Option<Arc<crate::statement::Admission>>,
    /// When it joined the witnessed log.
    pub bracket: Bracket,
    /// The day on which its grants were judged.
    pub day: Option<Date>,
    /// For each layer that the dataset requires: the grant, and the codes of the rules that say no.
    pub layers: Vec<LayerFinding>,
    /// The verdict.
    pub verdict: Verdict,
    /// The lowest standing of its grants; none where a required layer has no grant, or it was erased.
    pub standing: Option<Standing>,
    /// What the register has about it: disputes, corrections, an erasure.
    pub about: Arc<[(u64, Statement)]>,
    /// Whether an entry about it was erased: then it could be a dispute.
    pub erased_about: bool,
    /// Whether the answer rests on the lab's clock: the day judged lies after the start of the state's bracket.
    pub rests_on_clock: bool,
}

/// How one layer is covered.
#[derive(Debug, Clone, Copy)]
pub struct LayerFinding {
    /// The layer.
    pub layer: Layer,
    /// Log index of the grant named for it.
    pub grant: Option<u64>,
    /// Why it does not cover; none means that it does.
    pub codes: Codes,
    /// How well the grant is attested, for the identifiers asked.
    pub standing: Option<Standing>,
}

/// Between which witnessed times an entry joined the log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bracket {
    /// A quorum had seen the log without it at this time.
    pub start: Option<Time>,
    /// A quorum had seen the log with it at this time.
    pub end: Option<Time>,
}

/// What is established about a work or an admission; greater is worse, and the worst of several is the one that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Verdict {
    /// Not in the release.
    Absent,
    /// In it, and every layer that the dataset requires was covered on the day judged.
    Covered,
    /// The same, for a day before it was recorded, which only the lab vouches for.
    CoveredAsClaimed,
    /// A person let it in against the gate.
    Override,
    /// In it; what admitted it was erased.
    Erased,
    /// Nobody can say: what is needed lies after the register's state, or was erased.
    Unknown,
    /// In it, and some required layer was not covered.
    Gap,
}

impl Verdict {
    /// Its spelling.
    pub const fn word(self) -> &'static str {
        match self {
            Verdict::Absent => "absent",
            Verdict::Covered => "covered",
            Verdict::CoveredAsClaimed => "covered-as-claimed",
            Verdict::Override => "override",
            Verdict::Erased => "erased",
            Verdict::Unknown => "unknown",
            Verdict::Gap => "gap",
        }
    }
}

/// What no proof file proves: a word for programs, a sentence for people. Printed with every result.
pub const NOT_PROVEN: [(&str, &str); 7] = [
    ("records-complete", "that every work that was used was also recorded"),
    ("release-complete", "that the release lists every admission of its dataset (that takes the entries themselves)"),
    ("licensor-owned", "that the licensor owned the rights that it granted"),
    (
        "absent-from-training",
        "that an absent work is absent from training, from any other release or dataset, or present as another encoding",
    ),
    (
        "asserted-facts",
        "what the lab only asserts: membership in a subject (unless signed), counts, bytes, purposes, and times (unless witnessed)",
    ),
    ("lawful", "that any of it is lawful"),
    (
        "neighbours",
        "privacy of the neighbours: a look-up shows keys beside it and on the way to it, which whoever can guess their identifiers can recognise",
    ),
];
