//! A search for a way past reach: people whose roles are limited make random moves.
//!
//! A game is played in two books that differ only in what its player may not read. The player's
//! answers must be equal, refusals and previews included, and what is accepted must stay within
//! the player's reach. A failure names the seed: `ADVERSARY_SEED=n` plays that game alone.

mod laws;
mod moves;

use std::collections::BTreeSet;

use ledger_api::access::identity::principal::Principal;
use ledger_benches::rounds;
use ledger_tests::generate::Random;
use serde_json::{Value, json};

use crate::small_book::{DRAFT, OF_RA1, OF_RB1, SmallBook, everywhere, limited, person};
use crate::two_books::QUESTIONS;

/// The number of moves of a game.
const MOVES: u64 = 120;

/// A player, and what the player reaches.
struct Player {
    principal: Principal,
    /// The bodies that a limited role covers; none for a role on the whole book.
    bodies: Option<&'static [&'static str]>,
    /// The funds that the grant names.
    funds: &'static [&'static str],
    /// The lines the player may not read.
    hidden: &'static [&'static str],
    /// Pounds on the hidden lines in the two books: of another body, of a restricted programme.
    amounts: [(u32, u32); 2],
    /// The proposals that the player has made when the game begins.
    made: &'static [u64],
}

const LINE_OF_RB1: &str = "P1/RB1/2018-19/revenue";
const SECRET: &str = "SECRET/RA1/2018-19/revenue";

impl Player {
    fn new(seed: u64) -> Self {
        let preparer = |id, bodies, funds| person(id, vec![limited("preparer", bodies, funds)]);
        let approver = |bodies| limited("approver:department:XDH", bodies, &[]);
        let (all, secret) = (&[LINE_OF_RB1, SECRET][..], &[SECRET][..]);
        let (principal, bodies, funds): (_, _, &[&str]) = match seed % 5 {
            0 => (preparer("lim", &["RA1"], &[]), Some(&["RA1"][..]), &[]),
            1 => (preparer("pru", &["RA1", "QA1"], &["H"]), Some(&["RA1", "QA1"][..]), &["H"]),
            2 => (person("pat", vec![everywhere("preparer")]), None, &[]),
            3 => {
                let both = vec![limited("preparer", &["RA1"], &[]), approver(&["RA1"])];
                (person("ida", both), Some(&["RA1"][..]), &[])
            }
            _ => {
                let both = vec![everywhere("preparer"), everywhere("approver:department:XDH")];
                (person("bob", both), None, &[])
            }
        };
        let (hidden, amounts) = match bodies {
            Some(_) => (all, [(200, 200), (3000, 3000)]),
            None => (secret, [(200, 200), (200, 3000)]),
        };
        let made: &[u64] = match principal.id.as_str() {
            "lim" => &[OF_RA1, DRAFT],
            "pat" => &[OF_RB1],
            _ => &[],
        };
        Player { principal, bodies, funds, hidden, amounts, made }
    }
}

/// A game in progress.
struct Game {
    player: Player,
    random: Random,
    books: [SmallBook; 2],
    /// The proposals that the player made.
    made: BTreeSet<u64>,
    /// Whether a rule over the whole book has refused in one book alone.
    parted: bool,
    /// The number of postings, for their keys and references.
    count: u64,
}

impl Game {
    fn new(seed: u64) -> Self {
        let player = Player::new(seed);
        let books = player.amounts.map(|(other, secret)| SmallBook::new(other, secret));
        let random = Random(seed.wrapping_mul(0x9E37_79B9));
        let made = player.made.iter().copied().collect();
        Game { player, random, books, made, parted: false, count: 0 }
    }

    /// Plays, and says what the player learnt or changed.
    fn play(mut self) -> Result<(), String> {
        for number in 0..MOVES {
            let tell = |what: String| format!("move {number}, {what}");
            match self.random.below(12) {
                0 => self.hidden_move(),
                1 => self.visible_move(),
                2 => self.ask().map_err(tell)?,
                _ => self.attack().map_err(tell)?,
            }
            if self.parted {
                break;
            }
        }
        Ok(())
    }

    /// Somebody spends or forecasts what the player may not see, differently in the two books.
    fn hidden_move(&mut self) {
        let line = self.random.pick(self.player.hidden);
        let amounts = [self.random.below(900), self.random.below(90_000)];
        let field = self.random.pick(&["recordActual", "reviseForecast"]);
        self.elsewhere("mo", |book| {
            let amount = format!("{}.00", amounts[book]);
            let mut input = json!({ "line": line, "month": "M2", "amount": amount });
            if field == "reviseForecast" {
                input["series"] = json!("reported");
            }
            json!({ field: input })
        });
    }

    /// Somebody else proposes, within everybody's sight.
    fn visible_move(&mut self) {
        let (draft, reference) = (self.random.one_in(2), self.reference());
        let commit =
            json!({ "line": moves::OWN, "month": "M2", "amount": "3.00", "reference": reference });
        let propose = json!({ "propose": { "draft": draft, "command": { "commit": commit } } });
        self.elsewhere("oli", |_| propose.clone());
    }

    /// Posts somebody else's command in each book.
    fn elsewhere(&mut self, who: &str, command: impl Fn(usize) -> Value) {
        let posted = [0, 1].map(|book| self.books[book].record(who, &command(book)).is_ok());
        self.parted |= posted[0] != posted[1];
    }

    fn ask(&mut self) -> Result<(), String> {
        let question = self.random.pick(QUESTIONS);
        let [first, second] =
            self.books.each_ref().map(|book| book.ask(&self.player.principal, question, json!({})));
        same(question, &first, &second)
    }

    /// The player posts.
    fn attack(&mut self) -> Result<(), String> {
        let (field, mut input) = self.posting();
        input["dryRun"] = json!(self.random.one_in(3));
        input["idempotencyKey"] = json!(format!("search-{}", self.count));
        if self.random.one_in(4) {
            input["authority"] = json!("A letter");
        }
        let who = &self.player.principal;
        let [first, second] = self.books.each_ref().map(|book| book.post(who, field, &input));
        let what = format!("{field} {input}");
        for error in first["errors"].as_array().into_iter().flatten() {
            assert!(error["extensions"]["code"].is_string(), "no move: {what}: {error}");
        }
        let passes = [outcome(&first, field), outcome(&second, field)];
        if passes[0] != passes[1] && [&first, &second].into_iter().any(is_by_the_whole_book) {
            self.parted = true;
            return Ok(());
        }
        same(&what, &first, &second)?;
        let payload = &first["data"][field];
        if let Some(position) =
            payload["position"].as_str().filter(|_| code(&first, field).is_none())
        {
            let position: u64 = position.parse().unwrap();
            let (actor, events) = self.books[0].events(position);
            // A dry run names the head, which somebody else may have posted.
            if input["dryRun"] == json!(false) && actor == who.id.as_str() {
                if events.iter().any(laws::is_proposed) {
                    self.made.insert(position);
                }
                laws::check(&self.player, &self.made, &events)
                    .map_err(|broken| format!("{what}: {broken}"))?;
            }
        }
        Ok(())
    }

    fn reference(&mut self) -> String {
        self.count += 1;
        format!("S-{}", self.count)
    }
}

/// Whether a rule over more than the player may read refused, warned or asked for a signature. It
/// may do so in one book and not in the other, without a figure.
fn is_by_the_whole_book(answer: &Value) -> bool {
    let told = answer.to_string();
    told.contains("by figures that you may not read") || told.contains("waits for icb QA1")
}

/// What became of a posting: refused, posted or waiting, and with which warnings.
fn outcome(answer: &Value, field: &str) -> [Value; 4] {
    let payload = &answer["data"][field];
    let warnings = payload["warnings"].as_array().into_iter().flatten();
    let warnings = warnings.map(|warning| warning["code"].clone()).collect();
    [
        json!(code(answer, field)),
        payload["outcome"].clone(),
        payload["preview"]["events"].clone(),
        Value::Array(warnings),
    ]
}

/// The code of a refusal.
fn code(answer: &Value, field: &str) -> Option<String> {
    let top = answer["errors"][0]["extensions"]["code"].as_str();
    let own = answer["data"][field]["userErrors"][0]["code"].as_str();
    top.or(own).map(str::to_owned)
}

fn same(what: &str, first: &Value, second: &Value) -> Result<(), String> {
    let (first, second) = (first.to_string(), second.to_string());
    if first == second {
        return Ok(());
    }
    Err(format!("{what} tells the books apart:\n    {first:.400}\n    {second:.400}"))
}

#[test]
fn nobody_gets_past_their_reach() {
    let seed = std::env::var("ADVERSARY_SEED").ok().map(|seed| seed.parse().unwrap());
    let seeds = seed.map_or(0..rounds(200, 15), |seed| seed..seed + 1);
    let play = |seed| Game::new(seed).play().map_err(|broken| format!("seed {seed}, {broken}"));
    let broken: Vec<String> = seeds.filter_map(|seed| play(seed).err()).collect();
    assert!(broken.is_empty(), "{} games:\n{}", broken.len(), broken.join("\n"));
}
