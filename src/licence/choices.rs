//! What an SPDX expression leaves to the licensee: the ways to satisfy it, each a set of licences that must all be kept.
//!
//! SPDX 2.3, Annex D: `OR` is the licensee's choice, `AND` asks for both sides, `WITH` adds an exception to one licence,
//! `+` is a choice between a version and later ones. Not here: what the conditions of a licence mean (`rules`), and which
//! choice is taken for a need.
//!
//! An expression of n licences can leave 2^n choices. Only their conditions matter, so of all choices with the same
//! conditions one is kept, and none whose conditions include another's: at most 70 are left, as many as there are sets of
//! four out of eight. Invariants: the order of operands and needless parentheses change nothing (the expression is
//! canonical); some choice is as good, for every need, as each that was left out.

use std::collections::BTreeMap;

use spdx::expression::{ExprNode, Operator};
use spdx::{AdditionItem, Expression, LicenseReq};

use super::expression::MODE;
use super::rules::Flag;

/// Licences in one expression; real ones have some dozens at most.
pub const MAX_LICENCES_OF_EXPRESSION: usize = 64;

/// Exceptions of the SPDX list that take something away. All others only permit more than the licence does: who keeps the
/// licence keeps them. This one forbids to publish measurements.
const RESTRICTING: [&str; 1] = ["freertos-exception-2.0"];

/// The condition of a licence that nobody has looked at.
const UNLISTED: Conditions = 1 << Flag::ALL.len();

/// A bit for each flag, by its place in [`Flag::ALL`], and [`UNLISTED`].
type Conditions = u8;

/// A bit for each licence of the expression, by its place in alphabetical order.
type Licences = u64;

/// The ways to satisfy an expression: of each, what it asks for and which licences it keeps.
type Ways = BTreeMap<Conditions, Licences>;

/// One way to satisfy an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Choice {
    /// The licences that are kept, as a canonical expression without `OR`.
    pub(super) licence: String,
    /// The conditions of all of them, in the order of [`Flag::ALL`].
    pub(super) flags: Vec<Flag>,
    /// Whether all of them are listed; the flags are not all there is otherwise.
    pub(super) listed: bool,
}

/// The choices that a canonical expression leaves; `flags` are those of a listed licence. `None` for what is no expression,
/// or one of more than [`MAX_LICENCES_OF_EXPRESSION`] licences.
pub(super) fn choices<'a>(expression: &str, flags: impl Fn(&str) -> Option<&'a [Flag]>) -> Option<Vec<Choice>> {
    let parsed = Expression::parse_mode(expression, MODE).ok()?;
    let mut leaves: Vec<String> = parsed.requirements().map(|leaf| leaf.req.to_string()).collect();
    leaves.sort_unstable();
    leaves.dedup();
    if leaves.len() > MAX_LICENCES_OF_EXPRESSION {
        return None;
    }
    let mut stack: Vec<Ways> = Vec::new();
    for node in parsed.iter() {
        let ways = match node {
            ExprNode::Req(leaf) => {
                let place = leaves.binary_search(&leaf.req.to_string()).ok()?;
                of_leaf(&leaf.req, 1 << place, &flags)
            }
            ExprNode::Op(op) => {
                let (right, left) = (stack.pop()?, stack.pop()?);
                match op {
                    Operator::Or => either(left, right),
                    Operator::And => both(&left, &right),
                }
            }
        };
        stack.push(ways);
    }
    let choice = |(conditions, licences): (Conditions, Licences)| {
        let kept = leaves.iter().enumerate().filter(|(place, _)| licences >> place & 1 == 1).map(|(_, leaf)| &**leaf);
        let has = |(place, _): &(usize, Flag)| conditions >> place & 1 == 1;
        Choice {
            licence: kept.collect::<Vec<_>>().join(" AND "),
            flags: Flag::ALL.into_iter().enumerate().filter(has).map(|(_, flag)| flag).collect(),
            listed: conditions & UNLISTED == 0,
        }
    };
    Some(stack.pop()?.into_iter().map(choice).collect())
}

/// The ways to keep one licence, with its exception and later versions.
fn of_leaf<'a>(leaf: &LicenseReq, place: Licences, flags: &impl Fn(&str) -> Option<&'a [Flag]>) -> Ways {
    let permits_more = match &leaf.addition {
        None => true,
        Some(AdditionItem::Spdx(exception)) => !RESTRICTING.contains(&exception.name),
        Some(AdditionItem::Other(_)) => false,
    };
    let licence = leaf.license.to_string();
    let (alone, or_later) = licence.strip_suffix('+').map_or((&*licence, false), |alone| (alone, true));
    // A lab may list a licence with its exception; that counts before the licence alone.
    let listed = flags(&leaf.to_string()).or_else(|| if permits_more { flags(alone) } else { None });
    let bit = |(place, flag): (usize, Flag)| Conditions::from(listed.is_some_and(|l| l.contains(&flag))) << place;
    let conditions = if listed.is_some() { Flag::ALL.into_iter().enumerate().map(bit).sum() } else { UNLISTED };
    let mut ways = Ways::from([(conditions, place)]);
    if or_later {
        // What a later version asks for, nobody has looked at.
        put(&mut ways, UNLISTED, place);
    }
    ways
}

fn either(mut left: Ways, right: Ways) -> Ways {
    for (conditions, licences) in right {
        put(&mut left, conditions, licences);
    }
    left
}

fn both(left: &Ways, right: &Ways) -> Ways {
    let mut ways = Ways::new();
    for (ours, our_licences) in left {
        for (theirs, their_licences) in right {
            put(&mut ways, ours | theirs, our_licences | their_licences);
        }
    }
    ways
}

/// Adds a way, unless one is there that asks for no more; takes out those that ask for more.
fn put(ways: &mut Ways, conditions: Conditions, licences: Licences) {
    // The fewest licences, then the first ones by name.
    let rank = |l: Licences| (l.count_ones(), std::cmp::Reverse(l.reverse_bits()));
    let includes = |whole: Conditions, part: Conditions| whole & part == part;
    if ways.keys().any(|other| *other != conditions && includes(conditions, *other)) {
        return;
    }
    ways.retain(|other, _| *other == conditions || !includes(*other, conditions));
    let kept = ways.entry(conditions).or_insert(licences);
    if rank(licences) < rank(*kept) {
        *kept = licences;
    }
}
