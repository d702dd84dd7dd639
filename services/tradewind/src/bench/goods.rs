//! Products to search where no files of any are at hand, of words of our own: as many as Icecat's, and as alike.

use std::{fs::File, io::Write};

use anyhow::Result;
use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use serde_json::json;

/// How many there are.
const COUNT: usize = 19_406;

const MAKERS: [&str; 16] = [
    "Aldervik",
    "Borealis",
    "Cinderford",
    "Dunmore",
    "Estrela",
    "Fjordline",
    "Granlund",
    "Halcyon",
    "Ironbridge",
    "Juniper",
    "Kestrel",
    "Lumen",
    "Marlow",
    "Northgate",
    "Orient",
    "Pinnacle",
];
const KINDS: [&str; 24] = [
    "notebook",
    "monitor",
    "keyboard",
    "printer",
    "router",
    "switch",
    "camera",
    "projector",
    "scanner",
    "headset",
    "speaker",
    "charger",
    "cable",
    "adapter",
    "drive",
    "memory",
    "case",
    "cooler",
    "tablet",
    "phone",
    "watch",
    "lamp",
    "drill",
    "kettle",
];
const TRAITS: [&str; 20] = [
    "wireless",
    "compact",
    "professional",
    "silent",
    "rugged",
    "slim",
    "portable",
    "industrial",
    "modular",
    "energy saving",
    "high speed",
    "gaming",
    "business",
    "outdoor",
    "smart",
    "rechargeable",
    "stackable",
    "dual band",
    "waterproof",
    "ergonomic",
];
const COLOURS: [&str; 8] = ["black", "white", "silver", "graphite", "blue", "red", "green", "sand"];

/// Writes them as lines of Icecat's format.
pub(super) fn write(file: &mut File) -> Result<()> {
    let mut chance = StdRng::seed_from_u64(COUNT as u64);
    let mut some = |words: &[&'static str]| *words.choose(&mut chance).expect("there are words");
    let mut series = StdRng::seed_from_u64(1);
    for id in 0..COUNT {
        let (maker, kind, colour) = (some(&MAKERS), some(&KINDS), some(&COLOURS));
        let (one, other) = (some(&TRAITS), some(&TRAITS));
        let model: u32 = series.random_range(100..10_000);
        let product = json!({
            "id": id.to_string(),
            "title": format!("{maker} {one} {kind} {}{model} {colour}", &kind[..2].to_uppercase()),
            "short_description": format!("A {other} {kind} by {maker}, model {model}, {one}, in {colour}."),
            "supplier": maker,
            "price": series.random_range(500..500_000),
            "attr_t_colour": colour,
            "attr_n_weight": f64::from(series.random_range(1..400_u32)) / 10.0,
            "attr_b_new": model % 2 == 0,
        });
        writeln!(file, "{product}")?;
    }
    Ok(())
}
