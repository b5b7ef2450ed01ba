//! The command with catalogues in Parquet.

use crate::support::{NORTH_PRESS, Scene};
use crate::written::{How, Row, table};

fn books() -> Vec<u8> {
    let row = |isbn: &str, title: &str| Row { isbn: Some(isbn.to_owned()), title: title.to_owned(), ..Row::default() };
    let rows = [row("9780306406157", "One"), row("9781861972712", "Two"), row("9783161484109", "Three")];
    table(&rows, How::default())
}

#[test]
fn books_are_admitted_from_parquet() {
    let scene = Scene::books();
    assert!(NORTH_PRESS.contains("9780306406157"));
    scene.write("books.parquet", books());
    scene.golden("admit-parquet", &scene.run("admit books books.parquet --map jamendo=ignore --report report.jsonl"));
    scene.ok("seal books 1");
    scene.golden("check-parquet", &scene.run("check books@1 books.parquet --map jamendo=ignore"));
    scene.sound();
}

#[test]
fn what_cannot_be_read_as_parquet_is_refused() {
    let scene = Scene::books();
    scene.write("books.parquet", "isbn,title\n9780306406157,One\n");
    scene.refused("parquet-that-is-none", "admit books books.parquet");
    scene.write("books.parquet", &books()[..600]);
    scene.refused("parquet-cut-off", "admit books books.parquet");
    scene.write("books.parquet", books());
    scene.refused("parquet-column-of-another-type", "admit books books.parquet --map price=prourl");
    scene.refused("parquet-as-a-deny-list", "admit books books.parquet --deny books.parquet");
    scene.refused_with("parquet-from-stdin", "admit books - --format parquet", books());
}
