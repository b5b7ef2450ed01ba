//! The command as its users meet it: every refusal they can see, what it leaves behind, and whole stories.
//!
//! Messages are golden files in `golden/`, named by the situation; `UPDATE_GOLDEN=1` writes them anew. What varies
//! between runs (folders, times, roots, salts) stands there as a name in brackets.

mod bad_input;
mod colour;
mod consistency;
mod copy;
mod coverage;
mod damage;
/// A lab in memory that can lie.
#[allow(dead_code)]
#[path = "../core/lab.rs"]
mod dishonest;
mod disk;
mod exit_code;
mod export;
mod find;
mod folder;
mod gate;
mod grant;
mod help;
mod input;
mod interrupt;
mod json;
mod keys;
mod lie;
mod life;
mod names;
mod output;
mod proof;
mod respond;
mod shell;
mod story;
mod support;
mod terminal;
mod terms;
mod usage;
mod witness;
mod works;
mod writer;
