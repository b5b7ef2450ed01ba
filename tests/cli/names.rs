//! Names: taken, unknown, and malformed.

use crate::support::{NORTH_PRESS, Scene};

#[test]
fn taken() {
    let scene = Scene::sealed();
    let dataset = "dataset new books --use evaluation --purpose research --layer text";
    scene.refused("dataset-name-taken", dataset);
    scene.write("other.toml", NORTH_PRESS.replace("2020-01-01", "2021-01-01"));
    scene.refused("grant-name-taken", "grant add other.toml");
    scene.refused("release-name-taken", "seal books 1");
    scene.sound();
}

#[test]
fn unknown() {
    let scene = Scene::sealed();
    scene.refused("admit-to-an-unknown-dataset", "admit songs books.csv");
    scene.refused("seal-an-unknown-dataset", "seal songs 1");
    scene.refused("show-an-unknown-dataset", "dataset show songs");
    scene.refused("admit-under-an-unknown-grant", "admit books books.csv --grant south-press");
    scene.refused("show-an-unknown-grant", "grant show south-press");
    scene.refused("prove-of-an-unknown-release", "prove books@2 --work isbn:9780306406157 -o 2.proof");
    scene.refused("prove-of-an-unknown-dataset", "prove songs@1 --work isbn:9780306406157 -o 2.proof");
    scene.refused("check-of-an-unknown-release", "check books@2 books.csv");
    scene.refused("show-an-unknown-release", "show books@2");
    scene.refused("show-an-entry-beyond-the-log", "show 1000");
    scene.refused("show-an-unknown-name", "show songs");
    scene.refused("show-an-unknown-work", "show doi:10.1000/absent");
}

#[test]
fn malformed() {
    let scene = Scene::sealed();
    scene.refused("dataset-name-malformed", "dataset new Books --use tdm --purpose research --layer text");
    scene.refused("release-name-malformed", "seal books 2026/11");
    scene.refused("release-without-version", "prove books --work isbn:9780306406157 -o 2.proof");
    scene.refused("use-unknown", "dataset new b --use training --purpose research --layer text");
    scene.refused("purpose-unknown", "dataset new b --use tdm --purpose profit --layer text");
    scene.refused("layer-unknown", "dataset new b --use tdm --purpose research --layer words");
    scene.refused("territory-unknown", "dataset new b --use tdm --purpose research --layer text --territory UK");
    scene.refused("model-malformed", "dataset new b --use tdm --purpose research --layer text --model gpt");
    scene.refused("work-of-an-unknown-scheme", "prove books@1 --work ean:9780306406157 -o 2.proof");
    scene.refused("work-without-scheme", "prove books@1 --work 9780306406157 -o 2.proof");
    scene.refused("work-with-a-wrong-check-digit", "prove books@1 --work isbn:9780306406158 -o 2.proof");
    scene.refused("work-that-names-a-party", "prove books@1 --work isni:000000012146438X -o 2.proof");
    scene.refused("nothing-asked", "prove books@1 -o 2.proof");
    scene.refused("origin-malformed", "init other --origin lab+deeds");
}
