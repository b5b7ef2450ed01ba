//! The published vectors of `tests/vectors/`: made again, compared byte for byte, and run.
//!
//! Each file of that folder is made here from fixed seeds and times, by the lab of [`crate::lab`] and by hand, with the
//! answer that is *wanted*: it is stated beside the vector or follows from the log ([`crate::verify::truth`]), never
//! taken from the verifier. Then the file is read as a stranger would read it, and the crate must give that answer.
//! `UPDATE_VECTORS=1` writes the files anew.

mod evidence;
mod forged;
mod honest;
mod identifiers;
mod log;
mod notes;
mod proofs;
mod rows;
mod statements;

use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::path::Path;

/// One vector.
pub struct Vector(Map<String, Value>);

/// Vectors that belong together.
pub struct Group {
    pub name: &'static str,
    pub about: &'static str,
    pub vectors: Vec<Vector>,
}

impl Vector {
    /// What must be accepted.
    pub fn valid(id: &str, comment: &str) -> Vector {
        let head = json!({ "comment": comment, "flags": [], "id": id, "result": "valid" });
        Vector(head.as_object().unwrap().clone())
    }

    /// What must be refused.
    pub fn invalid(id: &str, comment: &str) -> Vector {
        Vector::valid(id, comment).with("result", "invalid")
    }

    /// With a member more, or another value of one.
    pub fn with(mut self, member: &str, value: impl Into<Value>) -> Vector {
        self.0.insert(member.to_owned(), value.into());
        self
    }

    pub fn flag(mut self, flag: &str) -> Vector {
        let Some(Value::Array(flags)) = self.0.get_mut("flags") else { panic!("flags") };
        flags.push(flag.into());
        self
    }
}

/// Gives the wanted answer, or says what is given instead.
pub type Run = fn(&Value) -> Result<(), String>;

/// Makes a file, compares it with the one that is there, and runs every vector of that.
pub fn publish(file: &str, about: &str, flags: &[(&str, &str)], groups: Vec<Group>, run: Run) {
    let text = print(about, flags, &groups);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(file);
    if std::env::var_os("UPDATE_VECTORS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let there = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let file: Value = serde_json::from_str(&there).unwrap();
    let (mut ids, mut wrong) = (BTreeSet::new(), Vec::new());
    for vector in file["groups"].as_array().unwrap().iter().flat_map(|g| g["tests"].as_array().unwrap()) {
        let id = vector["id"].as_str().unwrap();
        assert!(ids.insert(id), "{id} is there twice");
        for flag in vector["flags"].as_array().unwrap() {
            assert!(file["flags"].get(flag.as_str().unwrap()).is_some(), "{id}: {flag} is not explained");
        }
        wrong.extend(run(vector).err().map(|what| format!("{id}: {what}")));
    }
    assert!(wrong.is_empty(), "{} vectors of {}:\n{}", wrong.len(), path.display(), wrong.join("\n"));
    let same = text.lines().zip(there.lines()).take_while(|(a, b)| a == b).count();
    assert!(text == there, "{} differs from line {}: UPDATE_VECTORS=1 writes it anew", path.display(), same + 1);
}

/// A vector a line, so that one can be found and compared by tools that know lines.
fn print(about: &str, flags: &[(&str, &str)], groups: &[Group]) -> String {
    let flags: Map<String, Value> = flags.iter().map(|(flag, what)| ((*flag).to_owned(), (*what).into())).collect();
    let groups = groups.iter().map(|group| {
        let tests = group.vectors.iter().map(|v| Value::from(v.0.clone()).to_string()).collect::<Vec<_>>();
        let head = format!("{{\"about\":{},\"name\":{},\"tests\":[\n", json!(group.about), json!(group.name));
        format!("{head}{}\n]}}", tests.join(",\n"))
    });
    format!(
        "{{\"about\":{},\n\"flags\":{},\n\"format\":\"deedbook-vectors/v1\",\n\"groups\":[\n{}\n]}}\n",
        json!(about),
        Value::from(flags),
        groups.collect::<Vec<_>>().join(",\n")
    )
}

/// A text member of a vector.
pub fn text<'v>(vector: &'v Value, member: &str) -> &'v str {
    vector[member].as_str().unwrap_or_else(|| panic!("{}: no {member}", vector["id"]))
}

/// Compares an answer with the result that is wanted.
pub fn judge<T, E: std::fmt::Display>(vector: &Value, answer: &Result<T, E>) -> Result<(), String> {
    match (text(vector, "result"), answer) {
        ("valid", Ok(_)) | ("invalid", Err(_)) => Ok(()),
        ("valid", Err(error)) => Err(format!("refused: {error}")),
        ("invalid", Ok(_)) => Err("accepted".to_owned()),
        (other, _) => Err(format!("the result {other}")),
    }
}

/// Compares what is given with what is wanted, as JSON.
pub fn same(vector: &Value, member: &str, given: impl Into<Value>) -> Result<(), String> {
    let (wanted, given) = (&vector[member], given.into());
    if *wanted == given { Ok(()) } else { Err(format!("{member} is {given} instead of {wanted}")) }
}
