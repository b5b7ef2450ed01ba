//! Members of an honest file, taken from another honest file.

use super::*;

/// Each member of the story's file, taken from an honest file over something else.
pub fn spliced() -> Vec<Vector> {
    let mut s = story();
    let next = s.lab.release(s.dataset, "2");
    s.lab.state();
    let grown = s.lab.clone();
    let other = s.lab.dataset("other");
    let grant = s.lab.grant(Terms { valid_to: None, ..terms("other") });
    s.lab.admit(other, &ids(&[FIRST]), grant);
    s.lab.admit(s.dataset, &ids(&[SECOND]), grant);
    let of_other = s.lab.release(other, "1");
    let under_other = s.lab.release(s.dataset, "3");
    s.lab.state();
    let mut namesake = s.lab.clone();
    namesake.seed ^= 1;
    let mut stranger = Lab::new("other.example/deeds");
    let dataset = stranger.dataset("songs");
    let strangers_grant = stranger.grant(terms("north"));
    stranger.admit(dataset, &ids(&[FIRST, FIRST_TOO]), strangers_grant);
    let strangers = stranger.release(dataset, "1");
    stranger.state();
    let work = works(&[&[FIRST]]);
    let read = |bytes: Vec<u8>| serde_json::from_slice::<Value>(&bytes).unwrap();
    let honest = read(s.lab.prove(s.release, &work));
    let donors = [
        ("another-release", read(s.lab.prove(next, &work))),
        ("a-smaller-size", read(grown.prove(s.release, &work))),
        ("another-log", read(stranger.prove(strangers, &work))),
        ("another-dataset", read(s.lab.prove(of_other, &work))),
        ("another-grant", read(s.lab.prove(under_other, &works(&[&[SECOND]])))),
        ("another-key", read(namesake.prove(s.release, &work))),
    ];
    let mut vectors = Vec::new();
    for (donor, file) in &donors {
        for member in ["checkpoint", "entries", "path", "tables"] {
            if file[member] == honest[member] {
                continue;
            }
            let mut spliced = honest.clone();
            spliced[member] = file[member].clone();
            let reason = match (*donor, member) {
                ("another-log" | "another-key", "checkpoint") => "checkpoint",
                (_, "tables") => "tables",
                _ => "entries",
            };
            let id = format!("{member}-of-{donor}");
            let bytes = format!("{spliced}\n");
            vectors.push(forged(&id, "", reason, &first(&s.lab), bytes.as_bytes()).flag("splice"));
        }
    }
    let mut spliced = honest.clone();
    (spliced["checkpoint"], spliced["path"]) = (donors[1].1["checkpoint"].clone(), donors[1].1["path"].clone());
    let bytes = format!("{spliced}\n");
    let comment = "The smaller size's checkpoint and path around the newest entries.";
    vectors.push(
        forged("checkpoint-and-path-of-a-smaller-size", comment, "entries", &first(&s.lab), bytes.as_bytes())
            .flag("splice"),
    );
    for (id, statement) in [("release-table-of-another-release", 0), ("register-table-of-a-smaller-size", 1)] {
        let mut spliced = honest.clone();
        let donor = &donors[statement].1["tables"];
        let mut table = donor.as_array().unwrap()[statement].clone();
        table["statement"] = honest["tables"][statement]["statement"].clone();
        spliced["tables"][statement] = table;
        if spliced != honest {
            let bytes = format!("{spliced}\n");
            vectors.push(
                forged(id, "Under this file's own statement.", "tables", &first(&s.lab), bytes.as_bytes())
                    .flag("splice"),
            );
        }
    }
    let signed: SigningKey = s.lab.key();
    let mut spliced = honest;
    let text = donors[1].1["checkpoint"].as_str().unwrap().split_once("\n\n").unwrap().0.to_owned() + "\n";
    spliced["anchors"] = serde_json::json!([{ "note": signed.sign_note(&text).unwrap().to_string(), "path": [] }]);
    let bytes = format!("{spliced}\n");
    vectors.push(
        forged("anchor-of-a-smaller-size-without-a-path", "", "anchors", &first(&s.lab), bytes.as_bytes())
            .flag("splice"),
    );
    assert!(matches!(s.lab.statement(s.release), Some(Statement::Release(_))));
    vectors
}
