//! The rules for open licences: which conditions a licence has, and what each condition means for each purpose and use.
//!
//! A data file (`rules.toml`, or one that a lab puts in its place) whose digest every screening and every grant made
//! from it names. Not a second judge: the rules become [`Terms`], which `statement::terms::cover` judges like any
//! contract; beyond that they only say which cells a person must look at.
//!
//! Each flag has at most one *product* of purposes and uses per decision. A licence admits the intersection of what its
//! flags admit, which is a product again, so that terms (a set of uses, a set of purposes) say exactly that.
//!
//! Invariants, kept by [`Rules::parse`]:
//! - Total: every flag x purpose x use has a decision, *hold* where nothing is named. A licence's decision is the
//!   strictest of its flags'; a licence that is not listed is held.
//! - An admitted use is admitted with all uses that it contains. So what the judge reads from the wider use is never
//!   more than the table says: `decide` admits exactly where `cover` finds nothing against the terms.

use std::collections::BTreeMap;

use super::error::{Fault, FileError};
use super::expression::{Understood, understand};
use super::reader::{self, Item};
use crate::rows::blake3;
use crate::statement::terms::{Facts, Licensee, Licensor, Need, Subject, cover};
use crate::statement::vocabulary::{Basis, Obligation, Territory};
use crate::statement::{Code, Codes, Date, Identifier, Layer, Name, Purpose, Set, Terms, Use};

/// The longest rules file, in bytes: a hundred times the default one.
pub const MAX_RULES_LEN: usize = 1 << 20;

const DEFAULT: &[u8] = include_bytes!("rules.toml");

/// A condition that licences have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Flag {
    /// No rights left, or waived.
    PublicDomain,
    /// Attribution.
    By,
    /// A code licence that asks for attribution only.
    Permissive,
    /// Share-alike.
    Sa,
    /// A code licence whose derived works stay under it.
    Copyleft,
    /// No derivatives.
    Nd,
    /// Non-commercial.
    Nc,
}

/// What a cell of the table says; the strictest is the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Decision {
    /// The terms cover it.
    Admit,
    /// A person must look.
    Hold,
    /// The terms do not cover it.
    Refuse,
}

/// What the rules say of a licence and a need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleDecision {
    /// [`Rules::open_grant`]'s terms cover the need.
    Admit,
    /// A person must look: `licence-unknown` or `needs-review`.
    Hold(Codes),
    /// Some condition excludes the need; the judge's codes for the terms of that condition alone.
    Refuse(Codes),
}

/// A rules file, read.
#[derive(Debug, Clone)]
pub struct Rules {
    bytes: Vec<u8>,
    digest: Identifier,
    flags: BTreeMap<Flag, FlagRules>,
    licences: BTreeMap<String, Set<Flag>>,
    valid_from: Date,
}

#[derive(Debug, Clone, Default)]
struct FlagRules {
    admit: Product,
    refuse: Product,
    obligations: Set<Obligation>,
}

/// Each of the purposes with each of the uses.
#[derive(Debug, Clone, Default)]
struct Product {
    purposes: Set<Purpose>,
    uses: Set<Use>,
}

impl Flag {
    /// All of them.
    #[rustfmt::skip]
    pub const ALL: [Flag; 7] =
        [Flag::PublicDomain, Flag::By, Flag::Permissive, Flag::Sa, Flag::Copyleft, Flag::Nd, Flag::Nc];

    /// Its spelling in a rules file.
    pub const fn word(self) -> &'static str {
        match self {
            Flag::PublicDomain => "public-domain",
            Flag::By => "by",
            Flag::Permissive => "permissive",
            Flag::Sa => "sa",
            Flag::Copyleft => "copyleft",
            Flag::Nd => "nd",
            Flag::Nc => "nc",
        }
    }
}

impl Rules {
    /// The rules that ship with the program.
    ///
    /// # Panics
    /// Never: a test reads the file.
    pub fn default_rules() -> Rules {
        Rules::parse(DEFAULT).expect("the rules that ship with the program are well-formed")
    }

    /// Reads a rules file.
    ///
    /// # Errors
    /// What is wrong, in which field, and where.
    pub fn parse(bytes: &[u8]) -> Result<Rules, FileError> {
        let mut file = reader::toml(bytes, MAX_RULES_LEN)?.members(&["flags", "licences", "valid_from"])?;
        let mut tables = file.required("flags")?.members(&Flag::ALL.map(Flag::word))?;
        let mut flags = BTreeMap::new();
        for flag in Flag::ALL {
            flags.insert(flag, FlagRules::read(tables.required(flag.word())?)?);
        }
        let mut licences = BTreeMap::new();
        for (expression, item) in file.required("licences")?.entries()? {
            if let Err(why) = check_listed(&expression) {
                return Err(item.place.fail(Fault::Text { text: expression, why }));
            }
            licences.insert(expression, item.words(&Flag::ALL, Flag::word)?);
        }
        let valid_from = file.required("valid_from")?.parse(Date::parse)?;
        Ok(Rules { bytes: bytes.to_vec(), digest: Identifier::blake3(&blake3(bytes)), flags, licences, valid_from })
    }

    /// The file, as it was read.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// BLAKE3 of the file.
    pub fn digest(&self) -> &Identifier {
        &self.digest
    }

    /// Whether these are the rules that ship with the program.
    pub fn is_default(&self) -> bool {
        self.bytes == DEFAULT
    }

    /// The licences that the file lists, and their flags.
    pub fn licences(&self) -> impl Iterator<Item = (&str, &[Flag])> {
        self.licences.iter().map(|(expression, flags)| (expression.as_str(), &**flags))
    }

    /// One cell of the table.
    pub fn cell(&self, flag: Flag, purpose: Purpose, use_: Use) -> Decision {
        match self.flags.get(&flag) {
            Some(rules) if rules.admit.has(purpose, use_) => Decision::Admit,
            Some(rules) if rules.refuse.has(purpose, use_) => Decision::Refuse,
            Some(_) | None => Decision::Hold,
        }
    }

    /// What the rules say of a work whose own licence is this canonical expression, `None` where it is not understood.
    /// Costs a few allocations where it refuses: ask once per expression and need, not once per work.
    pub fn decide(&self, expression: Option<&str>, need: &Need) -> RuleDecision {
        let Some(flags) = expression.and_then(|e| self.licences.get(e)) else {
            let is_known = expression.is_some_and(|e| matches!(understand(e), Understood::Licence(_)));
            return RuleDecision::Hold(if is_known { Code::NeedsReview } else { Code::LicenceUnknown }.into());
        };
        let of_flag = |flag: &Flag| need.uses.iter().map(|u| self.cell(*flag, need.purpose, *u)).max();
        match flags.iter().filter_map(of_flag).max() {
            Some(Decision::Admit) => RuleDecision::Admit,
            Some(Decision::Hold) | None => RuleDecision::Hold(Code::NeedsReview.into()),
            Some(Decision::Refuse) => {
                let refusing = flags.iter().filter(|f| of_flag(f) == Some(Decision::Refuse));
                let codes = refusing.map(|f| self.against(need, *f)).fold(Codes::NONE, Codes::union);
                RuleDecision::Refuse(codes)
            }
        }
    }

    /// The judge's codes against a need where this flag is the only condition.
    fn against(&self, need: &Need, flag: Flag) -> Codes {
        let terms = self.terms(flag.word(), &[flag]);
        let facts = Facts { in_subject: true, ..Facts::default() };
        // Any layer, and a day on which the rules hold: the terms are for all layers and have no end.
        cover(need, Layer::Text, &terms, facts, self.valid_from)
    }

    /// The terms of the grant that a licence is by itself: `None` where the file does not list the expression, or
    /// admits nothing under it.
    pub fn open_grant(&self, expression: &str) -> Option<Terms> {
        let terms = self.terms(expression, self.licences.get(expression)?);
        (!terms.purposes.is_empty() && !terms.uses.is_empty()).then_some(terms)
    }

    fn terms(&self, expression: &str, flags: &[Flag]) -> Terms {
        let rules: Vec<&FlagRules> = flags.iter().filter_map(|f| self.flags.get(f)).collect();
        let all_purpose = |p: &Purpose| rules.iter().all(|r| r.admit.purposes.contains(p));
        let all_use = |u: &Use| rules.iter().all(|r| r.admit.uses.contains(u));
        Terms {
            basis: if flags == [Flag::PublicDomain] { Basis::PublicDomain } else { Basis::OpenLicence },
            evidence: Vec::new(),
            id: self.grant_name(expression),
            layers: Layer::ALL.iter().copied().collect(),
            licence: expression.to_owned(),
            licensee: Licensee { ids: Set::new(), log: None, name: "anyone".to_owned() },
            licensor: Licensor {
                ids: Set::new(),
                key: None,
                name: format!("the licensors of {expression}"),
                role: None,
            },
            models: None,
            not_territories: Set::new(),
            not_uses: Set::new(),
            obligations: rules.iter().flat_map(|r| &r.obligations).copied().collect(),
            on_end: None,
            purposes: Purpose::ALL.iter().copied().filter(all_purpose).collect(),
            rules: Some(self.digest.clone()),
            subject: Subject::Licence(expression.to_owned()),
            territories: Set::from(vec![Territory::Worldwide]),
            uses: Use::ALL.iter().copied().filter(all_use).collect(),
            valid_from: self.valid_from,
            valid_to: None,
        }
    }

    /// `open-cc-by-4.0`. Names are unique in a register and terms follow from the file, so a file that a lab put in the
    /// place of the default gives other names; and references, unlike SPDX identifiers, differ by case.
    fn grant_name(&self, expression: &str) -> Name {
        const MAX_PLAIN_LEN: usize = 40;
        let is_plain = expression.len() <= MAX_PLAIN_LEN && spdx::license_id(expression).is_some();
        let mut name = format!("open-{}", expression.get(..MAX_PLAIN_LEN).unwrap_or(expression).to_ascii_lowercase());
        if !is_plain {
            let digest = Identifier::blake3(&blake3(expression.as_bytes()));
            name = format!("{name}-{}", digest.value().get(..8).unwrap_or_default());
        }
        if !self.is_default() {
            name = format!("{name}-{}", self.digest.value().get(..8).unwrap_or_default());
        }
        Name::parse(&name).expect("at most 5 + 40 + 9 + 9 letters, digits, dots and hyphens of SPDX, no dot at the end")
    }
}

/// An SPDX identifier or a reference, spelled canonically: then no licence can be listed twice.
fn check_listed(expression: &str) -> Result<(), String> {
    match understand(expression).expression() {
        None => Err("is neither an SPDX identifier nor LicenseRef-...".to_owned()),
        Some(canonical) if canonical != expression => Err(format!("is spelled {canonical}")),
        Some(_) if expression.contains([' ', '+', ':']) => Err("is not a single licence".to_owned()),
        Some(_) => Ok(()),
    }
}

impl FlagRules {
    fn read(item: Item) -> Result<FlagRules, FileError> {
        let place = item.place.clone();
        let mut members = item.members(&["admit", "hold", "refuse"])?;
        let mut rules = FlagRules::default();
        let mut named: Vec<Product> = Vec::new();
        for decision in [Decision::Admit, Decision::Hold, Decision::Refuse] {
            let (name, known): (_, &[_]) = match decision {
                Decision::Admit => ("admit", &["obligations", "purposes", "uses"]),
                Decision::Hold => ("hold", &["purposes", "uses"]),
                Decision::Refuse => ("refuse", &["purposes", "uses"]),
            };
            let Some(item) = members.optional(name) else { continue };
            let at = item.place.clone();
            let mut members = item.members(known)?;
            let purposes = members.required("purposes")?.words(Purpose::ALL, Purpose::word)?;
            let product = Product { purposes, uses: members.required("uses")?.words(Use::ALL, Use::word)? };
            if let Some((purpose, use_)) = named.iter().find_map(|other| product.first_shared(other)) {
                return Err(at.fail(Fault::DecidedTwice { purpose: purpose.word(), use_: use_.word() }));
            }
            named.push(product.clone());
            match decision {
                Decision::Admit => {
                    product.check_closed().map_err(|fault| at.fail(fault))?;
                    let duties = members.optional("obligations");
                    let duties = duties.map(|d| d.words(Obligation::ALL, Obligation::word)).transpose()?;
                    (rules.admit, rules.obligations) = (product, duties.unwrap_or_default());
                }
                Decision::Hold => {} // as what is not named; it stands in the file to be read
                Decision::Refuse => rules.refuse = product,
            }
        }
        if named.is_empty() { Err(place.fail(Fault::NoDecision)) } else { Ok(rules) }
    }
}

impl Product {
    fn has(&self, purpose: Purpose, use_: Use) -> bool {
        self.purposes.contains(&purpose) && self.uses.contains(&use_)
    }

    fn first_shared(&self, other: &Product) -> Option<(Purpose, Use)> {
        let purpose = self.purposes.iter().find(|p| other.purposes.contains(p))?;
        Some((*purpose, *self.uses.iter().find(|u| other.uses.contains(u))?))
    }

    fn check_closed(&self) -> Result<(), Fault> {
        for wide in &self.uses {
            let left_out = |narrow: &&Use| wide.contains(**narrow) && !self.uses.contains(narrow);
            if let Some(narrow) = Use::ALL.iter().find(left_out) {
                return Err(Fault::NotClosed { wide: wide.word(), narrow: narrow.word() });
            }
        }
        Ok(())
    }
}
