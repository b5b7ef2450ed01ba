//! What a lab may do, act by act, and a lab that does it: works with several identifiers, grants of every kind, ends,
//! withdrawals, erasures, disputes, and several releases.
//!
//! Which acts, the caller chooses: proptest in [`super::property`], a fuzzer in `fuzz/`. Every number is a choice among
//! what is there, so that any acts make an honest log.

use crate::lab::*;
use deedbook::statement::admission::Override;
use deedbook::statement::terms::{Evidence, Subject};
use deedbook::statement::vocabulary::{Codes, Territory};
use deedbook::statement::*;

/// The identifiers of the world: works, a group, digests.
pub const WORLD: [&str; 7] = [
    "isbn:9780306406157",
    "id:example/1",
    "id:example/2",
    "id:example/3",
    "upc:00012345678905",
    "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "id:example/4",
];

/// What a lab does; numbers choose among what is there.
#[derive(Debug, Clone)]
pub enum Act {
    Admit { work: u8, grants: [usize; 2], used_from: Option<u8>, is_override: bool },
    Grant(GrantChoice),
    End { grant: usize, day: u8 },
    Withdraw { first: u64, count: u64 },
    Erase { entry: usize },
    Dispute { entry: u64 },
    Correct { entry: u64 },
    Screen,
    Run,
    Seal,
    Sleep { days: u8 },
}

#[derive(Debug, Clone)]
pub struct GrantChoice {
    /// 0 asserted, 1 with a document, 2 signed by North Press, 3 signed by another key.
    pub attested: u8,
    pub from: u8,
    pub days: Option<u8>,
    pub wide: bool,
    pub prohibits: bool,
    pub research_only: bool,
    pub subject: u8,
    pub catalogue: u8,
    pub layers: u8,
    pub elsewhere: bool,
}

/// A day of the story, from 2026-01-01 on.
pub fn day(n: u8) -> Date {
    Time::from_unix(date("2026-01-01").start().unix() + i64::from(n) * 86_400).unwrap().date()
}

/// The identifiers that a bit set chooses.
pub fn chosen(bits: u8) -> Vec<Identifier> {
    (0..WORLD.len()).filter(|i| bits >> i & 1 == 1).map(|i| id(WORLD[i])).collect()
}

pub struct World {
    pub lab: Lab,
    pub dataset: u64,
    pub grants: Vec<u64>,
    pub releases: Vec<u64>,
}

impl World {
    pub fn new(layers: u8) -> World {
        let mut lab = Lab::new("lab.example/deeds");
        let dataset = lab.dataset_with("songs", |d| d.layers = some_layers(layers).into());
        let grants = vec![lab.grant(terms("north"))];
        World { lab, dataset, grants, releases: Vec::new() }
    }

    pub fn act(&mut self, act: &Act) {
        let pick = |n: usize| self.grants[n % self.grants.len()];
        let entry = |n: u64| n % self.lab.size();
        match act {
            Act::Admit { work, grants, used_from, is_override } => {
                let grants = [(Layer::Text, grants[0]), (Layer::Translation, grants[1])];
                let under = grants.iter().filter(|(_, n)| n % 7 != 0).map(|(layer, n)| (*layer, pick(*n))).collect();
                self.lab.admit_with(self.dataset, &chosen(*work), 0, |a| {
                    a.grants = under;
                    a.used_from = used_from.map(|n| day(n).min(a.at.date()));
                    let by_hand = Override { because: "asked".into(), by: "A. Person".into(), codes: Codes::NONE };
                    a.override_ = is_override.then_some(by_hand);
                    if work % 5 == 0 {
                        a.parties.clear();
                    }
                });
            }
            Act::Grant(choice) => {
                let grant = self.grant(choice);
                self.grants.push(grant);
            }
            Act::End { grant, day: n } => {
                let grant = pick(*grant);
                self.lab.end(grant, &day(*n).to_string());
            }
            Act::Withdraw { first, count } => {
                let first = entry(*first);
                let count = (*count).min(self.lab.size() - first);
                self.lab.withdraw(self.dataset, first, count);
            }
            Act::Erase { entry } => {
                let may_go = |i: &u64| {
                    let kind = self.lab.statement(*i);
                    let is_kind = matches!(kind, Some(Statement::Admission(_) | Statement::Dispute(_)));
                    is_kind && !self.lab.entries[*i as usize].is_erased
                };
                let all: Vec<u64> = (0..self.lab.size()).filter(may_go).collect();
                if !all.is_empty() {
                    self.lab.erase(all[entry % all.len()]);
                }
            }
            Act::Dispute { entry: n } => {
                let named = entry(*n);
                self.lab.dispute(named);
            }
            Act::Correct { entry: n } => {
                let named = entry(*n);
                self.lab.correct(named);
            }
            Act::Screen => {
                self.lab.screen(self.dataset, self.lab.size());
            }
            Act::Run => {
                if let Some(release) = self.releases.last() {
                    self.lab.run(*release);
                }
            }
            Act::Seal => {
                let version = self.releases.len().to_string();
                let release = self.lab.release(self.dataset, &version);
                self.releases.push(release);
            }
            Act::Sleep { days } => {
                self.lab.now = Time::from_unix(self.lab.now.unix() + i64::from(*days) * 86_400).unwrap();
            }
        }
    }

    fn grant(&mut self, choice: &GrantChoice) -> u64 {
        let n = self.grants.len();
        let to = choice.days.map(|days| day(choice.from.saturating_add(1).saturating_add(days)));
        let evidence = Evidence { by: None, captured_at: None, digest: Identifier::sha256(&[1; 32]), what: None };
        let terms = Terms {
            evidence: if choice.attested == 1 { vec![evidence] } else { Vec::new() },
            layers: some_layers(choice.layers).into(),
            not_uses: if choice.prohibits { vec![Use::AiTraining].into() } else { vec![Use::Redistribution].into() },
            purposes: vec![if choice.research_only { Purpose::Research } else { Purpose::Commercial }].into(),
            subject: match choice.subject % 4 {
                0 => Subject::Licence("CC-BY-4.0".into()),
                1 => Subject::Licence("LicenseRef-north".into()),
                2 => Subject::Party(north().to_string()),
                _ => Subject::Party("North Press".into()),
            },
            territories: vec![if choice.elsewhere { Territory::parse("DE").unwrap() } else { Territory::Worldwide }]
                .into(),
            uses: vec![if choice.wide { Use::Tdm } else { Use::GenerativeTraining }].into(),
            valid_from: day(choice.from),
            valid_to: to,
            ..terms(&format!("grant-{n}"))
        };
        match choice.attested {
            0 | 1 => self.lab.grant(terms),
            2 => self.lab.signed_grant(&licensor(), terms, &chosen(choice.catalogue)),
            _ => self.lab.signed_grant(&key("south.example", 8), terms, &chosen(choice.catalogue)),
        }
    }
}

pub fn licensor() -> deedbook::tlog::SigningKey {
    key("north.example", 7)
}

fn some_layers(bits: u8) -> Vec<Layer> {
    [Layer::Text, Layer::Translation].into_iter().zip(0..).filter(|(_, i)| bits >> i & 1 == 1).map(|(l, _)| l).collect()
}
