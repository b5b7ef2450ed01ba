//! Vocabularies: what a document lists is all that there is.

use super::{quoted, read, root, section, table_rows, walk};
use deedbook::statement::vocabulary::{
    Basis, Code, EncodingRole, Layer, Obligation, OnEnd, Purpose, Role, Use, WorkType,
};
use deedbook::statement::{Identifier, Kind, Scheme};
use deedbook::verify::NOT_PROVEN;
use std::collections::BTreeSet;

#[test]
fn the_glossary_has_every_member_of_a_grants_terms() {
    let source = read("src/statement/terms.rs");
    let body = source.split_once("pub struct Terms {").unwrap().1.split_once("\n}").unwrap().0;
    let members = body.lines().filter_map(|l| Some(l.trim().strip_prefix("pub ")?.split_once(':')?.0));
    let members: BTreeSet<&str> = members.collect();
    assert!(members.len() >= 19, "{members:?}");
    for page in ["docs/glossary.md", "docs/formats/grant-terms.md"] {
        let text = read(page);
        let heading = if page.contains("glossary") { "## Terms of a grant" } else { "## Terms" };
        let rows = table_rows(section(&text, heading));
        let listed: BTreeSet<&str> = rows.iter().flat_map(|row| quoted(&row[0])).collect();
        assert_eq!(listed, members, "{page}");
    }
}

#[test]
fn the_glossary_has_every_word_of_the_vocabularies() {
    let glossary = read("docs/glossary.md");
    let words: BTreeSet<&str> = quoted(&glossary).into_iter().collect();
    let wanted = [
        Basis::ALL.iter().map(|w| w.word()).collect::<Vec<_>>(),
        EncodingRole::ALL.iter().map(|w| w.word()).collect(),
        Layer::ALL.iter().map(|w| w.word()).collect(),
        Obligation::ALL.iter().map(|w| w.word()).collect(),
        OnEnd::ALL.iter().map(|w| w.word()).collect(),
        Purpose::ALL.iter().map(|w| w.word()).collect(),
        Role::ALL.iter().map(|w| w.word()).collect(),
        Use::ALL.iter().map(|w| w.word()).collect(),
        WorkType::ALL.iter().map(|w| w.word()).collect(),
    ];
    for word in wanted.into_iter().flatten() {
        assert!(words.contains(word), "docs/glossary.md lacks {word}");
    }
    let rows = table_rows(section(&glossary, "## Codes"));
    let codes: Vec<&str> = rows.iter().map(|row| quoted(&row[0])[0]).collect();
    assert_eq!(codes, Code::ALL.iter().map(|c| c.word()).collect::<Vec<_>>(), "in the order of the rules");
}

#[test]
fn the_formats_list_every_scheme_kind_and_thing_never_proven() {
    let common = read("docs/formats/README.md");
    let rows = table_rows(section(&common, "### Identifiers"));
    let schemes: Vec<&str> = rows.iter().filter(|row| row.len() == 4).flat_map(|row| quoted(&row[0])).collect();
    assert_eq!(schemes, Scheme::ALL.map(Scheme::name).to_vec());

    let statements = read("docs/formats/statements.md");
    let rows = table_rows(section(&statements, "## Members of every statement"));
    let listed: BTreeSet<&str> = rows.iter().filter(|row| row.len() == 4).map(|row| quoted(&row[0])[0]).collect();
    assert_eq!(listed, Kind::ALL.map(Kind::name).into_iter().collect::<BTreeSet<_>>());
    for kind in Kind::ALL {
        section(&statements, &format!("## {kind}"));
    }

    let proof = read("docs/formats/proof.md");
    let rows = table_rows(section(&proof, "## Never proven"));
    let listed: Vec<(&str, &str)> = rows.iter().map(|row| (quoted(&row[0])[0], row[1].as_str())).collect();
    assert_eq!(listed, NOT_PROVEN.to_vec());
}

#[test]
fn the_identifiers_shown_as_right_are_and_the_others_are_not() {
    let common = read("docs/formats/README.md");
    let rows = table_rows(section(&common, "### Identifiers"));
    let shown: Vec<_> = rows.iter().filter(|row| row.len() == 2 && row[0].contains(':')).collect();
    assert!(shown.len() >= 8, "{shown:?}");
    for row in shown {
        let id = quoted(&row[0])[0];
        assert_eq!(Identifier::parse(id).is_ok(), row[1] == "right", "{id}");
    }
}

#[test]
fn json_output_is_listed_as_its_schemas_have_it() {
    let page = read("docs/formats/json.md");
    let mut listed = BTreeSet::new();
    for row in table_rows(&page).iter().filter(|row| row.len() == 3) {
        let file = quoted(&row[1])[0];
        listed.insert(file.to_owned());
        let members: BTreeSet<&str> = quoted(&row[2]).into_iter().collect();
        let schema = read(file);
        assert_eq!(members, properties(&schema), "{file}");
    }
    let mut files = Vec::new();
    walk(&root().join("schemas/json"), &mut files);
    let there = files.iter().map(|f| f.strip_prefix(root()).unwrap().to_str().unwrap().replace('\\', "/"));
    assert_eq!(listed, there.collect::<BTreeSet<_>>());
}

/// Members of the object that a schema is about: schemas are printed with two spaces a level.
fn properties(schema: &str) -> BTreeSet<&str> {
    let after = schema.split_once("\n  \"properties\": {\n").expect("a schema of an object").1;
    let body = after.split_once("\n  }").expect("an end").0;
    let names = body.lines().filter(|l| l.starts_with("    \"") && !l.starts_with("     "));
    names.filter_map(|l| l.trim().strip_prefix('"')?.split_once('"').map(|(name, _)| name)).collect()
}
