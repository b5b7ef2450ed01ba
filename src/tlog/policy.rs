//! Trust policies (C2SP tlog-policy): which logs are trusted, and how many witnesses must have cosigned.
//!
//! ```text
//! log <verifier key> [<url>]
//! witness <name> <verifier key> [<url>]
//! group <name> all|any|<k> <name>...      k of these witnesses and groups
//! quorum <name>|none                      exactly once
//! ```
//!
//! Not here: fetching anything; URLs are read over.
//!
//! Invariants: a group names only what stands above it, so there are no circles, and each name is a member at
//! most once, so no witness counts twice. One public key stands once in a policy, whatever its name or role.
//! Stricter than the specification: the file is UTF-8, and a key of an unsupported type is an error, because a
//! quorum over witnesses that cannot be checked would be misread.

use super::checkpoint::{VerifiedCheckpoint, parse_decimal};
use super::cosignature;
use super::key::{KeyError, KeyKind, VerifierKey};
use super::note::{NoteError, expect_kind};

/// Most logs, and most witnesses and groups together. The specification asks for at least 32 of each.
pub const MAX_ITEMS: usize = 100;

/// Most lines: twenty of comment for each that says something.
pub const MAX_LINES: usize = 4_000;

/// The quorum that asks for no witness.
const NONE: &str = "none";

/// What is wrong with a policy, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the policy: {fault}")]
pub struct PolicyError {
    /// Line number from 1.
    pub line: usize,
    /// What is wrong with the line.
    pub fault: PolicyFault,
}

/// What is wrong with a line of a policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the message of a variant says what it and its fields are")]
pub enum PolicyFault {
    #[error("not a log, witness, group or quorum line")]
    Malformed,
    #[error("a control character")]
    ControlCharacter,
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error("the key has not the type of its role, {0:?}")]
    WrongKind(KeyKind),
    #[error("the public key is already in the policy")]
    DuplicateKey,
    #[error("the name {0:?} is taken")]
    NameTaken(String),
    #[error("the name {0:?} is not defined above")]
    UnknownName(String),
    #[error("{0:?} is already a member of a group")]
    MemberTwice(String),
    #[error("a threshold is between 1 and the number of members, not {0:?}")]
    BadThreshold(String),
    #[error("there is a quorum already")]
    SecondQuorum,
    #[error("more than {MAX_ITEMS} logs, {MAX_ITEMS} witnesses and groups, or {MAX_LINES} lines")]
    TooMany,
    #[error("the policy ends without a quorum")]
    NoQuorum,
}

/// Which logs are trusted and what quorum of witnesses a checkpoint needs.
#[derive(Debug, Clone)]
pub struct Policy {
    logs: Vec<VerifierKey>,
    /// Witnesses and groups in the order of their lines: a group's members stand before it.
    parties: Vec<Party>,
    /// Position in `parties`, or `None` where no cosignature is required.
    quorum: Option<usize>,
}

#[derive(Debug, Clone)]
struct Party {
    name: String,
    rule: Rule,
    /// Whether it is a member of a group: no party counts twice.
    is_member: bool,
}

#[derive(Debug, Clone)]
enum Rule {
    Witness(VerifierKey),
    Group { threshold: usize, members: Vec<usize> },
}

/// A known witness that cosigned a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cosigner {
    /// Name of the witness's key.
    pub name: String,
    /// Time of its earliest cosignature, in seconds since 1970.
    pub time: u64,
}

/// A checkpoint that meets a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessedCheckpoint {
    checkpoint: VerifiedCheckpoint,
    time: Option<u64>,
    witnesses: Vec<Cosigner>,
}

impl WitnessedCheckpoint {
    /// The checkpoint, signed by a log of the policy.
    pub fn checkpoint(&self) -> &VerifiedCheckpoint {
        &self.checkpoint
    }

    /// The least time, in seconds since 1970, by which the quorum had cosigned; `None` where the policy asks
    /// for no witness, for then no time is proven.
    pub fn time(&self) -> Option<u64> {
        self.time
    }

    /// The known witnesses that cosigned, whether the quorum needed them or not, in the policy's order.
    pub fn witnesses(&self) -> &[Cosigner] {
        &self.witnesses
    }
}

impl Policy {
    /// The policy that trusts one log and asks for no witness.
    pub fn from_log(log: VerifierKey) -> Result<Policy, NoteError> {
        expect_kind(&log, KeyKind::Ed25519)?;
        Ok(Policy { logs: vec![log], parties: Vec::new(), quorum: None })
    }

    /// Reads a policy file.
    pub fn parse(text: &str) -> Result<Policy, PolicyError> {
        let mut policy = Policy { logs: Vec::new(), parties: Vec::new(), quorum: None };
        let mut has_quorum = false;
        let mut last = 1;
        for (text, line) in text.split('\n').zip(1..) {
            policy.line(text, line, &mut has_quorum).map_err(|fault| PolicyError { line, fault })?;
            last = line;
        }
        if has_quorum { Ok(policy) } else { Err(PolicyError { line: last, fault: PolicyFault::NoQuorum }) }
    }

    /// The trusted logs.
    pub fn logs(&self) -> &[VerifierKey] {
        &self.logs
    }

    /// The witnesses that it knows, in its order.
    pub fn witnesses(&self) -> impl Iterator<Item = &VerifierKey> {
        self.parties.iter().filter_map(|party| match &party.rule {
            Rule::Witness(key) => Some(key),
            Rule::Group { .. } => None,
        })
    }

    /// Reads a signed note and checks that a trusted log signed it and that the quorum cosigned it.
    ///
    /// A known log or witness whose signature is not valid rejects the note, even where the quorum is met
    /// without it.
    pub fn open(&self, note: &str) -> Result<WitnessedCheckpoint, NoteError> {
        let checkpoint = VerifiedCheckpoint::open_any(note, self.logs.iter())?;
        let mut witnesses = Vec::new();
        // For each party the least time by which it had witnessed; a group's members come before it.
        let mut times: Vec<Option<u64>> = Vec::with_capacity(self.parties.len());
        for party in &self.parties {
            times.push(match &party.rule {
                Rule::Witness(key) => {
                    let time = cosignature::verify(checkpoint.note(), key)?;
                    witnesses.extend(time.map(|time| Cosigner { name: key.name().to_owned(), time }));
                    time
                }
                Rule::Group { threshold, members } => {
                    let mut met: Vec<u64> = members.iter().filter_map(|&member| times[member]).collect();
                    met.sort_unstable();
                    met.get(threshold - 1).copied()
                }
            });
        }
        let not_met = NoteError::QuorumNotMet { witnesses: witnesses.len() };
        let time = self.quorum.map(|party| times[party].ok_or(not_met)).transpose()?;
        Ok(WitnessedCheckpoint { checkpoint, time, witnesses })
    }

    fn line(&mut self, text: &str, line: usize, has_quorum: &mut bool) -> Result<(), PolicyFault> {
        if line > MAX_LINES {
            return Err(PolicyFault::TooMany);
        }
        if text.contains(|c: char| c.is_ascii_control() && c != '\t') {
            return Err(PolicyFault::ControlCharacter);
        }
        let words: Vec<&str> = text.split([' ', '\t']).filter(|word| !word.is_empty()).collect();
        match words[..] {
            [] => Ok(()),
            [first, ..] if first.starts_with('#') => Ok(()),
            ["log", key] | ["log", key, _] => {
                let key = self.key(key, KeyKind::Ed25519)?;
                push(&mut self.logs, key)
            }
            ["witness", name, key] | ["witness", name, key, _] => {
                let key = self.key(key, KeyKind::CosignatureV1)?;
                self.define(name, Rule::Witness(key))
            }
            ["group", name, threshold, ref members @ ..] => {
                let group = self.group(threshold, members)?;
                self.define(name, group)
            }
            ["quorum", _] if *has_quorum => Err(PolicyFault::SecondQuorum),
            ["quorum", name] => {
                *has_quorum = true;
                self.quorum = if name == NONE { None } else { Some(self.position(name)?) };
                Ok(())
            }
            _ => Err(PolicyFault::Malformed),
        }
    }

    fn key(&self, text: &str, kind: KeyKind) -> Result<VerifierKey, PolicyFault> {
        let key = VerifierKey::parse(text)?;
        if key.kind() != kind {
            return Err(PolicyFault::WrongKind(kind));
        }
        if self.logs.iter().chain(self.witnesses()).any(|other| other.public_key() == key.public_key()) {
            return Err(PolicyFault::DuplicateKey);
        }
        Ok(key)
    }

    fn group(&mut self, threshold: &str, names: &[&str]) -> Result<Rule, PolicyFault> {
        let mut members = Vec::new();
        for &name in names {
            let member = self.position(name)?;
            if std::mem::replace(&mut self.parties[member].is_member, true) {
                return Err(PolicyFault::MemberTwice(name.to_owned()));
            }
            members.push(member);
        }
        let count = match threshold {
            "all" => members.len(),
            "any" => 1,
            number => parse_decimal(number).and_then(|k| usize::try_from(k).ok()).unwrap_or(0),
        };
        if count == 0 || count > members.len() {
            return Err(PolicyFault::BadThreshold(threshold.to_owned()));
        }
        Ok(Rule::Group { threshold: count, members })
    }

    fn define(&mut self, name: &str, rule: Rule) -> Result<(), PolicyFault> {
        if name == NONE || self.position(name).is_ok() {
            return Err(PolicyFault::NameTaken(name.to_owned()));
        }
        push(&mut self.parties, Party { name: name.to_owned(), rule, is_member: false })
    }

    fn position(&self, name: &str) -> Result<usize, PolicyFault> {
        let position = self.parties.iter().position(|party| party.name == name);
        position.ok_or_else(|| PolicyFault::UnknownName(name.to_owned()))
    }
}

fn push<T>(items: &mut Vec<T>, item: T) -> Result<(), PolicyFault> {
    if items.len() >= MAX_ITEMS {
        return Err(PolicyFault::TooMany);
    }
    items.push(item);
    Ok(())
}
