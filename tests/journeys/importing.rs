//! Products from files: listed once, changed where the files say something else by now, and found
//! by what they are. Rows that cannot be listed are told by their lines.

use std::{
    fs,
    path::{Path, PathBuf},
};

use flate2::{Compression, write::GzEncoder};
use harness::until;
use serde_json::{Value, json};
use tests::{Database, Ecosystem};

fn lantern(price: i64) -> Value {
    json!({
        "id": "101",
        "title": "Harbour lantern with a brass cage",
        "supplier": "Kestrel",
        "short_description": "Hangs on deck and burns in any weather",
        "price": price,
        "ean": ["4006381333931"],
        "attr_t_material": "brass",
        "attr_n_height": 310,
        "attr_b_foldable": false,
    })
}

/// Goods, and rows that are none.
fn rows(price: i64) -> Vec<String> {
    vec![
        lantern(price).to_string(),
        json!({ "id": 102, "title": "Folding canvas bucket", "price": 1_250.0 }).to_string(),
        "a bucket, but no JSON".to_owned(),
        String::new(),
        json!({ "id": "103", "price": 5 }).to_string(),
        json!({ "id": "106", "title": "Lantern without a price" }).to_string(),
        json!({ "id": "101", "title": "Harbour lantern, again", "price": 1 }).to_string(),
        json!({ "id": "104", "title": "Lantern that one is paid to take", "price": -1 }).to_string(),
    ]
}

fn write(file: PathBuf, rows: &[String]) -> PathBuf {
    let mut packed = GzEncoder::new(fs::File::create(&file).unwrap(), Compression::fast());
    std::io::Write::write_all(&mut packed, rows.join("\n").as_bytes()).unwrap();
    packed.finish().unwrap();
    file
}

async fn import(ecosystem: &Ecosystem, files: &[&Path]) -> String {
    let files = files.iter().map(|file| file.to_str().unwrap());
    let arguments: Vec<&str> = ["import", "products"].into_iter().chain(files).collect();
    let (listed, said) = ecosystem.run(&arguments).await;
    assert!(listed, "{said}");
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn products_from_files_are_listed_once_and_what_cannot_be_is_told() {
    for database in Database::at_hand() {
        let ecosystem = Ecosystem::start(database).await;
        let folder = tempfile::tempdir().unwrap();
        let goods = write(folder.path().join("goods.jsonl.gz"), &rows(4_995));
        let more = folder.path().join("more.jsonl");
        fs::write(&more, json!({ "id": "105", "title": "Brass polish", "price": 899 }).to_string()).unwrap();

        let said = import(&ecosystem, &[&goods, &more]).await;
        for told in [
            "3 products were listed, 0 changed, 0 were the same already; 5 rows were rejected",
            "goods.jsonl.gz, line 3 is no JSON object",
            "goods.jsonl.gz, line 5: INVALID_FIELDS title must have 1 to 500 characters",
            "goods.jsonl.gz, line 6 has no price",
            "goods.jsonl.gz, line 7 has the id 101, as ",
            "goods.jsonl.gz, line 8: INVALID_FIELDS variants[0].priceTiers[0].price.minorUnits",
        ] {
            assert!(said.contains(told), "{told} is missing in\n{said}");
        }
        let said = import(&ecosystem, &[&goods, &more]).await;
        assert!(
            said.contains("0 products were listed, 0 changed, 3 were the same already"),
            "{said}"
        );

        let garbage = folder.path().join("garbage.jsonl");
        for (rows, told) in [
            ("a bucket, but no JSON", "tradewind: nothing was imported: every row was rejected"),
            ("", "tradewind: nothing was imported: there is no row in the files"),
        ] {
            fs::write(&garbage, rows).unwrap();
            let (imported, said) = ecosystem.run(&["import", "products", garbage.to_str().unwrap()]).await;
            assert!(!imported && said.contains(told), "{said}");
        }

        let said = import(&ecosystem, &[&write(goods, &rows(4_590)), &more]).await;
        assert!(
            said.contains("0 products were listed, 1 changed, 2 were the same already"),
            "{said}"
        );
        let client = ecosystem.gateway();
        until("the lantern is found at its new price", || async {
            let found = client.get("/v1/products:search?query=brass%20lanterns").await.unwrap();
            found["products"][0]["fromPrice"] == json!({ "minorUnits": "4590", "currency": "USD" })
        })
        .await;
        ecosystem.is_well().await;
    }
}
