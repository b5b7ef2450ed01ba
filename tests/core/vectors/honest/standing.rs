//! Who attests a grant.

use super::*;

pub fn north_press() -> SigningKey {
    key("north.example", 7)
}

/// Two works in the catalogue that North Press signed, a third that is not, and one with an identifier outside of it.
pub fn signed() -> (Lab, u64) {
    let mut lab = Lab::new("lab.example/deeds");
    let dataset = lab.dataset("songs");
    let grant = lab.signed_grant(&north_press(), terms("north"), &ids(&[FIRST, SECOND]));
    lab.admit(dataset, &ids(&[FIRST, FIRST_TOO]), grant);
    lab.admit(dataset, &ids(&[SECOND]), grant);
    lab.admit(dataset, &ids(&[THIRD]), grant);
    let release = lab.release(dataset, "1");
    lab.state();
    (lab, release)
}

pub fn standing() -> Vec<Vector> {
    let (lab, release) = signed();
    let asked = |work: &[&str]| Asked::of(&lab, "songs@1", &works(&[work])).licensor(&north(), &north_press());
    let with = |id: &str, comment: &str, asked: &Asked, standing: &str| {
        standing_is(honest(id, comment, &lab, release, asked, &["covered"]), standing).flag("trust")
    };
    let mut vectors = vec![
        with("signed-and-in-the-catalogue", "", &asked(&[FIRST]), "signed"),
        with(
            "signed-and-asked-with-an-absent-identifier",
            "What led to no admission is not asked of the catalogue.",
            &asked(&[FIRST, ABSENT]),
            "signed",
        ),
        with(
            "signed-by-an-identifier-outside-the-catalogue",
            "The lab wrote it into the admission.",
            &asked(&[FIRST_TOO]),
            "asserted",
        ),
        with(
            "signed-by-two-identifiers-of-which-one-is-outside",
            "The lowest counts.",
            &asked(&[FIRST, FIRST_TOO]),
            "asserted",
        ),
        with("signed-and-the-work-outside-the-catalogue", "", &asked(&[THIRD]), "asserted"),
        with("signed-and-no-licensors-file", "", &Asked { licensors: Vec::new(), ..asked(&[FIRST]) }, "asserted"),
    ];
    let other_key = Asked { licensors: Vec::new(), ..asked(&[FIRST]) }.licensor(&north(), &key("north.example", 8));
    vectors.push(with("signed-by-another-key-of-the-name", "", &other_key, "asserted"));
    let south =
        Asked { licensors: Vec::new(), ..asked(&[FIRST]) }.licensor(&id("id:example/south-press"), &north_press());
    vectors.push(with("signed-by-the-key-of-another-party", "", &south, "asserted"));

    let mut file = lab.plan(release, &works(&[&[FIRST]])).file(&lab);
    file.tables.retain(|t| lab.tables[&t.statement].0 != Kind::Catalogue);
    let mut bare = lab.clone();
    bare.tables.retain(|_, (kind, _)| *kind != Kind::Catalogue);
    let comment = "The look-up in the catalogue may be left out, to the prover's own loss.";
    let vector =
        planned("signed-and-the-catalogue-not-shown", comment, &bare, release, &asked(&[FIRST]), &file, &["covered"]);
    vectors.push(standing_is(vector, "asserted").flag("trust"));
    vectors.push(forged_envelope());
    vectors.extend(by_document());
    vectors
}

/// The lab puts wider terms under the licensor's signature: the grant is then its own word.
fn forged_envelope() -> Vector {
    let mut lab = Lab::new("lab.example/deeds");
    let dataset = lab.dataset("songs");
    let grant = lab.signed_grant(&north_press(), terms("north"), &ids(&[FIRST]));
    let Some(Statement::Grant(signed)) = lab.statement(grant) else { panic!("a grant") };
    let (payload, _) = deedbook::statement::dsse::to_sign(
        Terms { valid_to: None, ..signed.terms().unwrap() },
        deedbook::statement::dsse::GRANT_TYPE,
        "grant",
    );
    let mut envelope: Value = serde_json::from_str(signed.envelope.as_ref().unwrap()).unwrap();
    use base64::Engine;
    envelope["payload"] = base64::prelude::BASE64_STANDARD.encode(payload).into();
    lab.entries.truncate(grant as usize);
    lab.signers.clear();
    let (at, salt, envelope) = (signed.at, signed.salt, Some(envelope.to_string()));
    lab.push(Statement::Grant(Box::new(Grant { at, envelope, kind: Is, salt, terms: None, v: Default::default() })));
    lab.admit(dataset, &ids(&[FIRST]), grant);
    let release = lab.release(dataset, "1");
    lab.state();
    let asked = Asked::of(&lab, "songs@1", &works(&[&[FIRST]])).licensor(&north(), &north_press());
    let comment = "The envelope holds other terms than were signed: the lab's word, and no reason to refuse the file.";
    standing_is(honest("signature-over-other-terms", comment, &lab, release, &asked, &["covered"]), "asserted")
        .flag("lab")
}

fn by_document() -> [Vector; 2] {
    let digest = Identifier::sha256(&[1; 32]);
    let document = Evidence { by: None, captured_at: None, digest, what: Some("contract".into()) };
    let s = story_with(|lab, dataset, _| {
        let grant = lab.grant(Terms { evidence: vec![document], ..terms("documented") });
        lab.admit(dataset, &ids(&[ABSENT]), grant);
    });
    let alone = one("evidenced-by-a-document", "Still the lab's word.", &s, &[ABSENT], "covered");
    let beside = one("evidenced-beside-an-asserted-grant", "The lowest counts.", &s, &[ABSENT, FIRST], "covered");
    [standing_is(alone, "evidenced"), standing_is(beside, "asserted")]
}

pub fn standing_is(vector: Vector, wanted: &str) -> Vector {
    assert_eq!(vector.0["expected"]["works"][0]["standing"], wanted, "{}", vector.0["id"]);
    vector
}
