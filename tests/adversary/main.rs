//! Players who hold keys try to break the rules of money, alone and together.
//!
//! A game is a random sequence of moves on a small book under the policy of several people. After
//! each accepted move the laws are checked by a model that reads only the entries' events and shares
//! no code with the rules. A failure names the seed: `ADVERSARY_SEED=n` plays that game alone.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failing helper fails its test"
)]

mod game;
mod laws;
mod model;
mod moves;
mod schemes;

use game::Game;
use ledger_benches::rounds;

/// The number of moves of a game.
const MOVES: u64 = 400;

#[test]
fn no_player_breaks_a_law() {
    let seed = std::env::var("ADVERSARY_SEED").ok().map(|seed| seed.parse().unwrap());
    let seeds = seed.map_or(0..rounds(250, 25), |seed| seed..seed + 1);
    let broken: Vec<String> = seeds.filter_map(|seed| Game::new(seed).play(MOVES).err()).collect();
    assert!(broken.is_empty(), "{} games:\n{}", broken.len(), broken.join("\n"));
}
