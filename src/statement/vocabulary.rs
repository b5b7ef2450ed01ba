//! The closed vocabularies of the field, spelled as the ledger spells them (kebab-case; codes of countries apart).
//!
//! Variants stand in the order of their spelling, so that sorted values are sorted texts. The exception is [`Code`],
//! which has the order of the gate's rules.

use super::text::stands_as_text;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// Declares a vocabulary: an enum whose variants are words. (A macro, since each needs the same four impls.)
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $word)] $variant),* }

        impl $name {
            /// All of them, in order.
            pub const ALL: &'static [$name] = &[$($name::$variant),*];

            /// Its spelling.
            pub const fn word(self) -> &'static str {
                match self { $($name::$variant => $word),* }
            }

            /// The one of this spelling.
            pub fn parse(word: &str) -> Option<$name> {
                $name::ALL.iter().copied().find(|w| w.word() == word)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.word())
            }
        }
    };
}

words! {
    /// What kind of work it is.
    WorkType {
        /// An article in a periodical.
        Article = "article",
        /// A spoken book.
        Audiobook = "audiobook",
        /// Film and video.
        Audiovisual = "audiovisual",
        /// A book.
        Book = "book",
        /// A dataset.
        Dataset = "dataset",
        /// A picture.
        Image = "image",
        /// The words of a song.
        Lyrics = "lyrics",
        /// A composition.
        MusicalWork = "musical-work",
        /// Anything else.
        Other = "other",
        /// Programs.
        Software = "software",
        /// A recorded performance.
        SoundRecording = "sound-recording",
    }
}

words! {
    /// One of the rights in a work, which may have different holders.
    Layer {
        /// Source code.
        Code = "code",
        /// The composition of a song: notes and words.
        Composition = "composition",
        /// The sui generis right in a database.
        Database = "database",
        /// A picture.
        Image = "image",
        /// The recording of a song.
        Master = "master",
        /// Descriptive data.
        Metadata = "metadata",
        /// A performance.
        Performance = "performance",
        /// Text.
        Text = "text",
        /// A translation.
        Translation = "translation",
    }
}

words! {
    /// What is done with works. `tdm` contains `ai-training`, which contains `generative-training`; the others stand alone.
    Use {
        /// Training of any model.
        AiTraining = "ai-training",
        /// Measuring a model.
        Evaluation = "evaluation",
        /// Training of a generative model.
        GenerativeTraining = "generative-training",
        /// Passing copies on.
        Redistribution = "redistribution",
        /// Looking works up when a model answers.
        Retrieval = "retrieval",
        /// Making training data from works.
        SyntheticGeneration = "synthetic-generation",
        /// Text and data mining, the widest.
        Tdm = "tdm",
    }
}

words! {
    /// To what end. Purposes are disjoint; `research` means non-commercial research.
    Purpose {
        /// For profit.
        Commercial = "commercial",
        /// Teaching.
        Education = "education",
        /// Without profit.
        NonCommercial = "non-commercial",
        /// Private.
        Personal = "personal",
        /// Non-commercial research.
        Research = "research",
    }
}

words! {
    /// What a grant rests on.
    Basis {
        /// An agreement.
        Contract = "contract",
        /// A public licence.
        OpenLicence = "open-licence",
        /// The lab's own works.
        OwnWork = "own-work",
        /// No rights left, or waived.
        PublicDomain = "public-domain",
        /// An exception in law.
        StatutoryException = "statutory-exception",
    }
}

words! {
    /// What the end of a grant asks for.
    OnEnd {
        /// Existing models may stay.
        RetainModel = "retain-model",
        /// Models must be trained anew without the works.
        Retrain = "retrain",
        /// No further training.
        StopTraining = "stop-training",
    }
}

words! {
    /// A duty that comes with a grant.
    Obligation {
        /// Name the author.
        Attribution = "attribution",
        /// Pay.
        Compensation = "compensation",
        /// Delete at the end.
        Deletion = "deletion",
        /// No adaptations.
        NoDerivatives = "no-derivatives",
        /// Report the use.
        Reporting = "reporting",
        /// Pass on under the same licence.
        ShareAlike = "share-alike",
    }
}

words! {
    /// A party's part in a work. A `distributor` is never a rightsholder by that role alone.
    Role {
        /// Collects works of others.
        Aggregator = "aggregator",
        /// Wrote it.
        Author = "author",
        /// A collecting society.
        Cmo = "cmo",
        /// Composed it.
        Composer = "composer",
        /// Chose and arranged.
        Curator = "curator",
        /// Passes copies on.
        Distributor = "distributor",
        /// Publishes the recording.
        Label = "label",
        /// Licenses for others.
        LicensorAgent = "licensor-agent",
        /// Performed it.
        Performer = "performer",
        /// Publishes the work.
        Publisher = "publisher",
        /// Publishes it in a territory.
        SubPublisher = "sub-publisher",
    }
}

words! {
    /// How an embodiment relates to the work.
    EncodingRole {
        /// A part of it.
        Excerpt = "excerpt",
        /// As its maker made it.
        Original = "original",
        /// As a model reads it.
        Tokenized = "tokenized",
        /// Encoded anew.
        Transcode = "transcode",
    }
}

words! {
    /// Who computed a digest.
    DigestBy {
        /// The catalogue says so.
        Catalogue = "catalogue",
        /// Deedbook read the bytes.
        Deedbook = "deedbook",
    }
}

words! {
    /// Why a work is not simply admitted, in the order of the gate's rules.
    Code {
        /// An identifier is malformed.
        BadIdentifier = "bad-identifier",
        /// No identifier of the work itself.
        NoIdentifier = "no-identifier",
        /// Over a limit of the format.
        TooLarge = "too-large",
        /// The file could not be read.
        Unreadable = "unreadable",
        /// The file changed meanwhile.
        ChangedWhileRead = "changed-while-read",
        /// All its identifiers are there already.
        Duplicate = "duplicate",
        /// On a deny list.
        Denied = "denied",
        /// On a list of opt-outs or reservations.
        Reserved = "reserved",
        /// Two sources say different things.
        ConflictingEvidence = "conflicting-evidence",
        /// There is no grant at all.
        NoGrant = "no-grant",
        /// No grant's subject contains it.
        NotInSubject = "not-in-subject",
        /// The grant does not cover the layer.
        LayerNotCovered = "layer-not-covered",
        /// The grant does not give the use.
        UseNotGranted = "use-not-granted",
        /// The grant forbids the use.
        UseProhibited = "use-prohibited",
        /// The grant is for other purposes.
        PurposeNotCovered = "purpose-not-covered",
        /// The grant is for other territories.
        TerritoryNotCovered = "territory-not-covered",
        /// The grant starts later.
        NotYetValid = "not-yet-valid",
        /// The grant's term is over.
        Expired = "expired",
        /// The grant was ended.
        Ended = "ended",
        /// The grant is for other models, or its versions are used up.
        ModelsExhausted = "models-exhausted",
        /// Nobody knows the licence.
        LicenceUnknown = "licence-unknown",
        /// The rules leave it to a person.
        NeedsReview = "needs-review",
    }
}

/// Several codes, in the order of the gate's rules.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Codes(u32);

impl Codes {
    /// No code.
    pub const NONE: Codes = Codes(0);

    /// With one more.
    pub const fn with(self, code: Code) -> Codes {
        Codes(self.0 | 1 << code as u32)
    }

    /// With the code, if the condition holds.
    pub const fn with_if(self, condition: bool, code: Code) -> Codes {
        if condition { self.with(code) } else { self }
    }

    /// Those of both.
    pub const fn union(self, other: Codes) -> Codes {
        Codes(self.0 | other.0)
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many there are.
    pub const fn count(self) -> u32 {
        self.0.count_ones()
    }

    /// Whether this one is there.
    pub const fn has(self, code: Code) -> bool {
        self.0 >> code as u32 & 1 == 1
    }

    /// They, in order.
    pub fn iter(self) -> impl Iterator<Item = Code> {
        Code::ALL.iter().copied().filter(move |c| self.has(*c))
    }

    /// Whether a person must look: some code, and every one of those that leave the answer open.
    pub const fn is_held(self) -> bool {
        const OPEN: Codes = Codes::NONE
            .with(Code::NoIdentifier)
            .with(Code::ConflictingEvidence)
            .with(Code::LicenceUnknown)
            .with(Code::NeedsReview);
        self.0 != 0 && self.0 & !OPEN.0 == 0
    }
}

impl From<Code> for Codes {
    fn from(code: Code) -> Codes {
        Codes::NONE.with(code)
    }
}

impl fmt::Debug for Codes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(Code::word)).finish()
    }
}

impl fmt::Display for Codes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, code) in self.iter().enumerate() {
            write!(f, "{}{code}", if i == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

/// In JSON, a list in the order of the rules.
impl Serialize for Codes {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for Codes {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        // Another order or a repetition prints differently, so the canonical reader refuses it.
        Ok(Vec::<Code>::deserialize(d)?.into_iter().fold(Codes::NONE, Codes::with))
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Codes {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Codes".into()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let items = generator.subschema_for::<Code>();
        schemars::json_schema!({"type": "array", "uniqueItems": true, "items": items})
    }
}

/// How many works each code was given to. In JSON the codes stand in the order of their spelling, as all maps do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CodeCounts(pub BTreeMap<Code, u64>);

impl Serialize for CodeCounts {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_map(self.0.iter().map(|(code, count)| (code.word(), count)).collect::<BTreeMap<_, _>>())
    }
}

impl<'de> Deserialize<'de> for CodeCounts {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        BTreeMap::deserialize(d).map(CodeCounts)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for CodeCounts {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "CodeCounts".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let codes: Vec<&str> = Code::ALL.iter().map(|c| c.word()).collect();
        schemars::json_schema!({
            "type": "object",
            "propertyNames": {"enum": codes},
            "additionalProperties": {"type": "integer", "minimum": 0}
        })
    }
}

/// A country (ISO 3166-1 alpha-2, upper case), or the whole world.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Territory {
    /// A country.
    Country([u8; 2]),
    /// Everywhere.
    Worldwide,
}

/// Why a text is not a territory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a territory: two upper-case letters (ISO 3166-1) or worldwide")]
pub struct TerritoryError;

impl Territory {
    /// Reads two upper-case letters or `worldwide`. Which codes are in use changes over the years; that is not asked here.
    ///
    /// # Errors
    /// Another shape.
    pub fn parse(text: &str) -> Result<Territory, TerritoryError> {
        match text.as_bytes() {
            b"worldwide" => Ok(Territory::Worldwide),
            [a @ b'A'..=b'Z', b @ b'A'..=b'Z'] => Ok(Territory::Country([*a, *b])),
            _ => Err(TerritoryError),
        }
    }
}

impl fmt::Display for Territory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Territory::Worldwide => f.write_str("worldwide"),
            Territory::Country([a, b]) => write!(f, "{}{}", char::from(*a), char::from(*b)),
        }
    }
}

stands_as_text!(Territory, "^([A-Z]{2}|worldwide)$");

impl Use {
    /// Whether this use contains the other: `tdm` contains `ai-training`, which contains `generative-training`.
    pub fn contains(self, other: Use) -> bool {
        use Use::{AiTraining, GenerativeTraining, Tdm};
        self == other
            || matches!((self, other), (Tdm, AiTraining | GenerativeTraining) | (AiTraining, GenerativeTraining))
    }
}
