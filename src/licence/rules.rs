//! The rules for open licences: which conditions a licence has, and what each condition means for each purpose and use.
//!
//! A data file (`rules.toml`, or one that a lab puts in its place) whose digest every screening and every grant made
//! from it names. Not a second judge: the rules become [`Terms`], which `statement::terms::cover` judges like any
//! contract; beyond that they only say which cells a person must look at.
//!
//! Each flag has at most one *product* of purposes and uses per decision. A licence admits the intersection of what its
//! flags admit, which is a product again, so that terms (a set of uses, a set of purposes) say exactly that. So do
//! several licences that are kept together (`AND`). Where an expression leaves a choice (`OR`), the terms are those of
//! the choice that is taken, and name it: their subject is the work's whole expression, their licence the choice.
//!
//! Invariants, kept by [`Rules::parse`]:
//! - Total: every flag x purpose x use has a decision, *hold* where nothing is named. A licence's decision is the
//!   strictest of its flags'; a licence that is not listed is held. `AND` is as strict as its strictest side, `OR` as
//!   lenient as its most lenient.
//! - An admitted use is admitted with all uses that it contains. So what the judge reads from the wider use is never
//!   more than the table says: `decide` admits exactly where `cover` finds nothing against the terms.

use std::collections::BTreeMap;

use super::choices::{Choice, choices};
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RuleDecision {
    /// These terms cover the need: of all choices that do, those with the fewest duties.
    Admit(Box<Terms>),
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

    /// Whether the file lists this licence.
    pub fn lists(&self, expression: &str) -> bool {
        self.licences.contains_key(expression)
    }

    /// What the rules say of a work whose own licence is this canonical expression, `None` where it is not understood.
    /// Costs some allocations: ask once per expression and need, not once per work.
    pub fn decide(&self, expression: Option<&str>, need: &Need) -> RuleDecision {
        let choices = expression.and_then(|e| self.choices(e)).unwrap_or_default();
        let decided = choices.iter().map(|choice| self.of_choice(expression.unwrap_or_default(), choice, need));
        let best = decided.min_by(|one, other| one.rank().cmp(&other.rank()));
        match best {
            Some(best @ (RuleDecision::Admit(_) | RuleDecision::Refuse(_))) => best,
            // A reference that is not listed says nothing about what it stands for.
            Some(RuleDecision::Hold(_)) if expression.is_some_and(|e| self.lists(e)) => {
                RuleDecision::Hold(Code::NeedsReview.into())
            }
            Some(RuleDecision::Hold(_)) | None => {
                let is_known = expression.is_some_and(|e| matches!(understand(e), Understood::Licence(_)));
                RuleDecision::Hold(if is_known { Code::NeedsReview } else { Code::LicenceUnknown }.into())
            }
        }
    }

    fn choices(&self, expression: &str) -> Option<Vec<Choice>> {
        choices(expression, |licence| self.licences.get(licence).map(|flags| &**flags))
    }

    /// The strictest decision of a choice's flags.
    fn of_choice(&self, expression: &str, choice: &Choice, need: &Need) -> RuleDecision {
        let of_flag = |flag: &Flag| need.uses.iter().map(|u| self.cell(*flag, need.purpose, *u)).max();
        let strictest = choice.flags.iter().filter_map(of_flag).max();
        match strictest {
            Some(Decision::Refuse) => {
                let refusing = choice.flags.iter().filter(|f| of_flag(f) == Some(Decision::Refuse));
                RuleDecision::Refuse(refusing.map(|f| self.against(need, *f)).fold(Codes::NONE, Codes::union))
            }
            Some(Decision::Admit) if choice.listed => RuleDecision::Admit(Box::new(self.terms(expression, choice))),
            Some(Decision::Admit | Decision::Hold) | None => RuleDecision::Hold(Code::NeedsReview.into()),
        }
    }

    /// The judge's codes against a need where this flag is the only condition.
    fn against(&self, need: &Need, flag: Flag) -> Codes {
        let alone = Choice { licence: flag.word().to_owned(), flags: vec![flag], listed: true };
        let terms = self.terms(flag.word(), &alone);
        let facts = Facts { in_subject: true, ..Facts::default() };
        // Any layer, and a day on which the rules hold: the terms are for all layers and have no end.
        cover(need, Layer::Text, &terms, facts, self.valid_from)
    }

    /// The terms of the grants that a licence is by itself, one for each choice that it leaves: none where the file does not
    /// list it, or admits nothing under it.
    pub fn open_grants(&self, expression: &str) -> Vec<Terms> {
        let choices = self.choices(expression).unwrap_or_default();
        let terms = choices.iter().filter(|choice| choice.listed).map(|choice| self.terms(expression, choice));
        terms.filter(|terms| !terms.purposes.is_empty() && !terms.uses.is_empty()).collect()
    }

    fn terms(&self, expression: &str, choice: &Choice) -> Terms {
        let Choice { licence, flags, .. } = choice;
        let rules: Vec<&FlagRules> = flags.iter().filter_map(|f| self.flags.get(f)).collect();
        let all_purpose = |p: &Purpose| rules.iter().all(|r| r.admit.purposes.contains(p));
        let all_use = |u: &Use| rules.iter().all(|r| r.admit.uses.contains(u));
        Terms {
            basis: if **flags == [Flag::PublicDomain] { Basis::PublicDomain } else { Basis::OpenLicence },
            evidence: Vec::new(),
            id: self.grant_name(expression, licence),
            layers: Layer::ALL.iter().copied().collect(),
            licence: licence.clone(),
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
    /// place of the default gives other names; references, unlike SPDX identifiers, differ by case; and of an expression
    /// with a choice the name says which was taken.
    fn grant_name(&self, expression: &str, licence: &str) -> Name {
        const MAX_PLAIN_LEN: usize = 40;
        let is_plain = licence == expression
            && licence.len() <= MAX_PLAIN_LEN
            && !licence.ends_with('+')
            && spdx::license_id(licence).is_some();
        let joined = |c: char| if c.is_ascii_alphanumeric() || c == '.' { c.to_ascii_lowercase() } else { '-' };
        let mut name = "open-".to_owned();
        name.extend(licence.chars().take(MAX_PLAIN_LEN).map(joined));
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

impl RuleDecision {
    /// The best for the licensee first: admit, hold, refuse; of several, the fewest duties or codes; then any order that
    /// is always the same.
    fn rank(&self) -> (Decision, u32, &str, Codes) {
        match self {
            RuleDecision::Admit(terms) => {
                (Decision::Admit, terms.obligations.len() as u32, &terms.licence, Codes::NONE)
            }
            RuleDecision::Hold(codes) => (Decision::Hold, codes.count(), "", *codes),
            RuleDecision::Refuse(codes) => (Decision::Refuse, codes.count(), "", *codes),
        }
    }
}

/// An SPDX identifier or a reference, alone or with an exception, spelled canonically: then no licence can be listed twice.
fn check_listed(expression: &str) -> Result<(), String> {
    match understand(expression).expression() {
        None => Err("is neither an SPDX identifier nor LicenseRef-...".to_owned()),
        Some(canonical) if canonical != expression => Err(format!("is spelled {canonical}")),
        Some(_) if expression.replacen(" WITH ", "", 1).contains([' ', '+', ':']) => {
            Err("is not a single licence".to_owned())
        }
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
