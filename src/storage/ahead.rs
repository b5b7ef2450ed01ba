//! Work on the pieces of something long, on every core, its results taken in order.
//!
//! Not here: what a piece is. Memory is bounded: each thread is at most [`AHEAD`] results ahead of what was taken. What
//! a thread made goes back to it to be dropped, because memory that one thread takes and another gives back makes both
//! wait.

use std::ops::ControlFlow;
use std::sync::mpsc::{channel, sync_channel};

/// Results that one thread may be ahead of what was taken: enough that none waits for the disk of another.
pub const AHEAD: usize = 4;

/// The most threads: with more, taking is what takes the time.
pub const MAX_THREADS: usize = 16;

/// Makes something of each item on every core, and hands the results on in the order of the items, until told to stop.
pub fn in_order<I: Send, T: Send, B>(
    items: impl Iterator<Item = I> + Clone + Send,
    make: impl Fn(I) -> T + Sync,
    mut each: impl FnMut(&mut T) -> ControlFlow<B>,
) -> ControlFlow<B> {
    let mut few = items.clone();
    match (few.next(), few.next()) {
        (None, _) => return ControlFlow::Continue(()),
        (Some(only), None) => return each(&mut make(only)),
        (Some(_), Some(_)) => {}
    }
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(MAX_THREADS);
    std::thread::scope(|scope| {
        let mut lanes = Vec::new();
        for first in 0..threads {
            let (send, receive) = sync_channel(AHEAD);
            let (give_back, taken_back) = channel::<T>();
            // Each thread takes every so-manieth item, so the next result is always the next thread's.
            let (own, make) = (items.clone().skip(first).step_by(threads), &make);
            scope.spawn(move || {
                for item in own {
                    taken_back.try_iter().for_each(drop);
                    // It fails once nobody wants any more.
                    if send.send(make(item)).is_err() {
                        return;
                    }
                }
            });
            lanes.push((receive, give_back));
        }
        for (receive, give_back) in lanes.iter().cycle() {
            let Ok(mut made) = receive.recv() else { break };
            each(&mut made)?;
            // A thread that is done drops nothing any more.
            drop(give_back.send(made));
        }
        ControlFlow::Continue(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order_and_end_when_nobody_wants_more() {
        for count in [0, 1, 2, 3, 100, 1_000] {
            let mut seen = Vec::new();
            let whole = in_order(
                0..count,
                |i: u64| i * i,
                |square| {
                    seen.push(*square);
                    ControlFlow::<()>::Continue(())
                },
            );
            assert!(whole.is_continue());
            assert_eq!(seen, (0..count).map(|i| i * i).collect::<Vec<_>>());
        }
        let mut seen = 0;
        let stopped = in_order(
            0..,
            |i: u64| i,
            |i| {
                seen += 1;
                if *i == 50 { ControlFlow::Break(*i) } else { ControlFlow::Continue(()) }
            },
        );
        assert_eq!((stopped, seen), (ControlFlow::Break(50), 51));
    }
}
