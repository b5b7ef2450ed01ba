//! A raw licence text to its canonical SPDX expression, or to *unknown*. Never a guess: "free", "Creative Commons" and
//! "Apache" name no licence.
//!
//! Canonical means one text for one meaning: identifiers in the list's own spelling, the old GNU forms (`GPL-2.0`,
//! `GPL-2.0+`) as `-only` and `-or-later`, operators in upper case, operands of AND and OR sorted without repetition,
//! no parentheses that precedence makes needless. `understand` of a canonical text gives it back.

use std::borrow::Cow;
use std::collections::BTreeSet;

use spdx::expression::{ExprNode, Operator};
use spdx::{AdditionItem, Expression, LicenseId, LicenseItem, LicenseReq, ParseMode, identifiers};

use super::creative_commons::CreativeCommons;
use super::debian;
use crate::statement::limit::MAX_TEXT_LEN;

/// SPDX as it is written, with identifiers that the list has retired: works keep the licence they were published under.
pub(super) const MODE: ParseMode = ParseMode { allow_deprecated: true, ..ParseMode::STRICT };

/// What a raw text names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Understood {
    /// A licence of the SPDX list, or an expression of several, in canonical form.
    Licence(String),
    /// `LicenseRef-...`: somebody's own text, such as a contract.
    Reference(String),
    /// Nothing that is known.
    Unknown,
}

impl Understood {
    /// The canonical expression, where there is one.
    pub fn expression(&self) -> Option<&str> {
        match self {
            Understood::Licence(text) | Understood::Reference(text) => Some(text),
            Understood::Unknown => None,
        }
    }
}

/// Reads a raw licence text: a Creative Commons URL, a notice that holds one or a title, an SPDX expression with identifiers
/// in any case, a licence line of a Debian copyright file, or a reference.
pub fn understand(raw: &str) -> Understood {
    if raw.len() > MAX_TEXT_LEN {
        return Understood::Unknown;
    }
    if let Some(licence) = CreativeCommons::parse(raw).or_else(|| CreativeCommons::of_notice(raw)) {
        return Understood::Licence(licence.spdx.to_owned());
    }
    let parse = |text: &str| Expression::parse_mode(&spell(text), MODE).ok();
    let Some(expression) = parse(raw).or_else(|| parse(&debian::to_spdx(raw)?)) else {
        let title = CreativeCommons::of_title(raw);
        return title.map_or(Understood::Unknown, |licence| Understood::Licence(licence.spdx.to_owned()));
    };
    let mut leaves = expression.requirements().map(|r| &r.req);
    match print(&expression) {
        Some(text) if leaves.all(names_something) => match text.split_once("Ref-") {
            Some(("License" | "Document", _)) if !text.contains(' ') => Understood::Reference(text),
            _ => Understood::Licence(text),
        },
        _ => Understood::Unknown,
    }
}

/// Each word in the spelling of the SPDX lists; the parser is strict about case.
fn spell(raw: &str) -> String {
    let delimits = |c: char| c == '(' || c == ')' || c.is_whitespace();
    let mut spelled = String::with_capacity(raw.len());
    for piece in raw.split_inclusive(delimits) {
        let word = piece.trim_end_matches(delimits);
        spelled.push_str(&spell_word(word));
        spelled.extend(piece.chars().skip(word.chars().count()));
    }
    spelled
}

fn spell_word(word: &str) -> Cow<'_, str> {
    let (name, plus) = word.strip_suffix('+').map_or((word, ""), |name| (name, "+"));
    if let Some(id) = licence_id(name) {
        let versioned = id.name.ends_with("-only") || id.name.ends_with("-or-later");
        return match spdx::gnu_license_id(id.name, plus == "+") {
            Some(gnu) if id.is_gnu() && !versioned => Cow::Borrowed(gnu.name),
            _ => Cow::Owned(format!("{}{plus}", id.name)),
        };
    }
    let exception = identifiers::EXCEPTIONS.iter().find(|e| e.name.eq_ignore_ascii_case(word));
    exception.map_or(Cow::Borrowed(word), |e| Cow::Borrowed(e.name))
}

/// An identifier of the list, in any case.
pub(super) fn licence_id(name: &str) -> Option<LicenseId> {
    if name.ends_with('+') {
        return None; // the list's look-up takes any number of them off
    }
    let listed = || identifiers::LICENSES.iter().find(|l| l.name.eq_ignore_ascii_case(name));
    spdx::license_id(name).or_else(|| spdx::license_id(listed()?.name))
}

/// The parser lets a reference without a name pass, and SPDX's word for an author who says nothing.
fn names_something(leaf: &LicenseReq) -> bool {
    let licence = match &leaf.license {
        LicenseItem::Spdx { id, .. } => id.name != "NOASSERTION",
        LicenseItem::Other(r) => !r.lic_ref.is_empty() && r.doc_ref.as_ref().is_none_or(|d| !d.is_empty()),
    };
    let addition = match &leaf.addition {
        None | Some(AdditionItem::Spdx(_)) => true,
        Some(AdditionItem::Other(r)) => !r.add_ref.is_empty() && r.doc_ref.as_ref().is_none_or(|d| !d.is_empty()),
    };
    licence && addition
}

/// Operands that one operator joins; a single licence has none.
type Joined = (Option<Operator>, BTreeSet<String>);

/// From the parser's postfix order. `None` never happens for what it accepted.
fn print(expression: &Expression) -> Option<String> {
    let mut stack: Vec<Joined> = Vec::new();
    for node in expression.iter() {
        match node {
            ExprNode::Req(leaf) => stack.push((None, BTreeSet::from([leaf.req.to_string()]))),
            ExprNode::Op(op) => {
                let (right, left) = (stack.pop()?, stack.pop()?);
                stack.push(if left == right { left } else { join(*op, left, right) });
            }
        }
    }
    stack.pop().map(flat)
}

fn join(op: Operator, left: Joined, right: Joined) -> Joined {
    let operands = |side: Joined| match side {
        (inner, operands) if inner.is_none_or(|inner| inner == op) => operands,
        (Some(Operator::Or), _) => BTreeSet::from([format!("({})", flat(side))]),
        _ => BTreeSet::from([flat(side)]),
    };
    let mut all = operands(left);
    all.extend(operands(right));
    (Some(op), all)
}

fn flat((op, operands): Joined) -> String {
    let separator = match op {
        Some(Operator::Or) => " OR ",
        Some(Operator::And) | None => " AND ",
    };
    operands.into_iter().collect::<Vec<_>>().join(separator)
}
