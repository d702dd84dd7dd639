//! The tour, as a newcomer takes it.

use std::process::Output;

use futures::future::join;
use tests::{Database, Ecosystem, program};
use tokio::process::Command;

/// What the chapters are about, in their order.
const STORY: [&str; 11] = [
    "1  A manufacturer in Guangzhou opens shop",
    "2  A buyer in Recife asks for a better price",
    "3  One checkout, two sellers, one payment",
    "4  The sellers ship, the buyer follows",
    "5  The sellers are paid",
    "6  Buyer and sellers rate each other",
    "7  A card is declined",
    "8  An order is cancelled before it is shipped",
    "9  A payment is never made",
    "10  Two buyers want the last pieces",
    "What became of the money",
];

async fn tour(arguments: &[&str]) -> Output {
    let tour = Command::new(program()).arg("tour").args(arguments).kill_on_drop(true).output();
    tour.await.expect("the program starts")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tour_tells_the_whole_story_to_everybody_who_comes() {
    for database in Database::at_hand() {
        let ecosystem = Ecosystem::start(database).await;
        let (url, data) = (ecosystem.url(), ecosystem.data().display().to_string());
        let arguments = ["--gateway", &url, "--data", &data];
        // Two parties at once: everybody in each story is new.
        let (one, other) = join(tour(&arguments), tour(&arguments)).await;
        for told in [one, other] {
            let text = String::from_utf8(told.stdout).unwrap();
            let error = String::from_utf8_lossy(&told.stderr);
            assert!(
                told.status.success(),
                "{error}\nafter\n{}",
                &text[text.len().saturating_sub(3_000)..]
            );
            let mut rest = text.as_str();
            for chapter in STORY {
                let (_, after) = rest.split_once(chapter).unwrap_or_else(|| panic!("{chapter} is missing"));
                rest = after;
            }
            // To the cent: paid, to the sellers, fees, refunded, still in escrow.
            let together = rest.lines().find(|line| line.trim().starts_with("together")).unwrap();
            let amounts: Vec<&str> = together.split("USD ").skip(1).map(str::trim).collect();
            assert_eq!(amounts, ["836.50", "506.04", "11.96", "83.00", "235.50"]);
            assert!(!text.contains('\x1b'), "colours are for terminals");
        }
        ecosystem.is_well().await;
    }
}

#[tokio::test]
async fn without_an_ecosystem_the_tour_says_what_is_missing() {
    let nowhere = tempfile::tempdir().unwrap();
    let told = tour(&["--data", &nowhere.path().display().to_string()]).await;
    assert!(!told.status.success());
    let error = String::from_utf8(told.stderr).unwrap();
    assert!(error.contains("`make run` starts one"), "{error}");
}
