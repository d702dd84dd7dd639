//! Products to search where no files of any are at hand, of words of our own: as many as Icecat's, and as alike.

use std::{fs::File, io::Write};

use anyhow::Result;
use rand::{Rng, SeedableRng, rngs::StdRng};
use serde_json::json;

/// How many there are.
const COUNT: usize = 19_406;

const MAKERS: &str = "Aldervik Borealis Cinderford Dunmore Estrela Fjordline Granlund Halcyon Ironbridge Juniper Kestrel Lumen Marlow Northgate Orient Pinnacle";
const KINDS: &str = "notebook monitor keyboard printer router switch camera projector scanner headset speaker charger cable adapter drive memory \
                     case cooler tablet phone watch lamp drill kettle";
const TRAITS: &str = "wireless compact professional silent rugged slim portable industrial modular saving fast gaming business outdoor smart \
                      rechargeable stackable dual waterproof ergonomic";
const COLOURS: &str = "black white silver graphite blue red green sand";

/// Writes them as lines of Icecat's format.
pub(super) fn write(file: &mut File) -> Result<()> {
    let mut chance = StdRng::seed_from_u64(COUNT as u64);
    for id in 0..COUNT {
        let mut one_of = |words: &'static str| {
            let words: Vec<&str> = words.split(' ').filter(|word| !word.is_empty()).collect();
            words[chance.random_range(0..words.len())]
        };
        let (maker, kind, colour, one, other) = (one_of(MAKERS), one_of(KINDS), one_of(COLOURS), one_of(TRAITS), one_of(TRAITS));
        let model = chance.random_range(100..10_000);
        let product = json!({
            "id": id.to_string(),
            "title": format!("{maker} {one} {kind} {}{model} {colour}", kind[..2].to_uppercase()),
            "short_description": format!("A {other} {kind} by {maker}, model {model}, {one}, in {colour}."),
            "supplier": maker,
            "price": chance.random_range(500..500_000),
            "attr_t_colour": colour,
            "attr_n_weight": f64::from(chance.random_range(1..400)) / 10.0,
            "attr_b_new": model > 5_000,
        });
        writeln!(file, "{product}")?;
    }
    Ok(())
}
