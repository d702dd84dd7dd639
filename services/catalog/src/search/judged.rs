//! How good the ranking is, by human judgement: 90 queries over 19,406 products, which are not part of this repository.

use std::{
    collections::{BTreeMap, HashMap},
    io::{BufRead, BufReader},
    path::Path,
};

use flate2::read::GzDecoder;
use kernel::{ProductId, uuid::Uuid};
use proto::{
    catalog::v1::{self, attribute::Value},
    money::v1::Money,
};

use tantivy::{
    Term,
    collector::TopDocs,
    query::{BooleanQuery, Occur, Query, TermQuery},
    schema::IndexRecordOption,
};

use super::{Index, Question, document::Entry, position::Position, schema::analyzer};

/// The folder of products and judgements, beside the workspace's own.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/products");

/// A product of the data set as a seller would list it.
fn product(line: &str) -> (u64, v1::Product) {
    let json: serde_json::Map<String, serde_json::Value> = serde_json::from_str(line).unwrap();
    let text = |name: &str| json.get(name).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
    let attribute = |(name, value): (&String, &serde_json::Value)| {
        let value = match value {
            serde_json::Value::String(text) => Value::Text(text.clone()),
            serde_json::Value::Number(number) => Value::Number(number.as_f64()?),
            serde_json::Value::Bool(flag) => Value::Flag(*flag),
            _ => return None,
        };
        let name = name
            .strip_prefix("attr_t_")
            .or(name.strip_prefix("attr_n_"))
            .or(name.strip_prefix("attr_b_"))?;
        let name = name.to_owned();
        Some(v1::Attribute {
            name,
            value: Some(value),
            unit: String::new(),
        })
    };
    let price = Money {
        minor_units: json.get("price").and_then(serde_json::Value::as_i64).unwrap_or(1),
        currency: "USD".to_owned(),
    };
    let tier = v1::PriceTier {
        min_quantity: 1,
        price: Some(price),
        unit_quantity: 1,
    };
    let variant = v1::Variant {
        sku: text("name"),
        price_tiers: vec![tier],
        ..v1::Variant::default()
    };
    let product = v1::Product {
        title: text("title"),
        description: text("short_description"),
        brand: text("supplier"),
        attributes: json.iter().filter_map(attribute).collect(),
        variants: vec![variant],
        state: v1::ProductState::Published.into(),
        ..v1::Product::default()
    };
    (text("id").parse().unwrap(), product)
}

fn index(folder: &Path) -> Index {
    let index = Index::open(None).unwrap();
    for part in 1..=4 {
        let file = std::fs::File::open(folder.join(format!("icecat_{part}.jsonl.gz"))).unwrap();
        let entry = |line: std::io::Result<String>| {
            let (id, product) = product(&line.unwrap());
            Entry {
                id: ProductId::from_uuid(Uuid::from_u128(id.into())),
                version: 1,
                product,
                path: Vec::new(),
            }
        };
        let entries: Vec<Entry> = BufReader::new(GzDecoder::new(file)).lines().map(entry).collect();
        index.put(&entries).unwrap();
    }
    index.commit(Position::default()).unwrap();
    index
}

/// Grades by query and product.
fn judgements(folder: &Path) -> BTreeMap<String, HashMap<ProductId, f64>> {
    let mut grades = BTreeMap::<String, HashMap<ProductId, f64>>::new();
    let mut rows = csv::Reader::from_path(folder.join("judgments.csv")).unwrap();
    for row in rows.deserialize::<(String, u64, f64)>() {
        let (query, product, grade) = row.unwrap();
        let product = ProductId::from_uuid(Uuid::from_u128(product.into()));
        grades.entry(query).or_default().insert(product, grade);
    }
    grades
}

/// Normalised discounted cumulative gain of the first ten, with linear gain; what nobody judged gains nothing.
fn ndcg(ranked: &[ProductId], grades: &HashMap<ProductId, f64>) -> f64 {
    let gain =
        |gains: &mut dyn Iterator<Item = f64>| -> f64 { gains.take(10).zip(2..).map(|(gain, place)| gain / f64::from(place).log2()).sum() };
    let mut best: Vec<f64> = grades.values().copied().collect();
    best.sort_by(|one, other| other.total_cmp(one));
    let ideal = gain(&mut best.into_iter());
    if ideal == 0.0 {
        return 0.0;
    }
    gain(&mut ranked.iter().map(|product| grades.get(product).copied().unwrap_or(0.0))) / ideal
}

fn search(index: &Index, text: &str) -> Vec<ProductId> {
    let question = Question {
        text: text.to_owned(),
        limit: 10,
        facets: vec!["brand".to_owned()],
        ..Question::default()
    };
    index.ask(&question).unwrap().products
}

#[test]
#[ignore = "needs ../shared/data/products; `make test` runs it where that is there"]
fn the_best_ten_are_at_least_as_good_as_those_of_plain_bm25() {
    let folder = Path::new(FOLDER);
    let index = index(folder);
    // A query for which nothing was judged relevant has no ideal order to be compared with.
    let mut judgements = judgements(folder);
    judgements.retain(|_, grades| grades.values().any(|grade| *grade > 0.0));
    let mean = |search: &dyn Fn(&str) -> Vec<ProductId>| {
        judgements.iter().map(|(query, grades)| ndcg(&search(query), grades)).sum::<f64>() / judgements.len() as f64
    };
    let plain = mean(&|text| plain_bm25(&index, text));
    let ours = mean(&|text| search(&index, text));
    eprintln!("nDCG@10 over {} queries: {ours:.4}, plain BM25 {plain:.4}", judgements.len());
    assert!(ours >= 0.785, "nDCG@10 is {ours:.4}");
    assert!(ours > plain, "nDCG@10 is {ours:.4}, that of plain BM25 {plain:.4}");
}

/// BM25 over title and description, any of the words.
fn plain_bm25(index: &Index, text: &str) -> Vec<ProductId> {
    let (view, mut analyzer) = (index.view(), analyzer());
    let (mut tokens, mut clauses) = (analyzer.token_stream(text), Vec::new());
    while let Some(token) = tokens.next() {
        let term = Term::from_field_text(index.fields().text, &token.text);
        let query: Box<dyn Query> = Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs));
        clauses.push((Occur::Should, query));
    }
    let best = view
        .searcher
        .search(&BooleanQuery::new(clauses), &TopDocs::with_limit(10).order_by_score())
        .unwrap();
    best.into_iter().map(|(_, address)| view.product(address)).collect()
}

#[test]
fn the_gain_is_discounted_by_place_and_what_nobody_judged_gains_nothing() {
    let product = |number: u128| ProductId::from_uuid(Uuid::from_u128(number));
    let grades = HashMap::from([(product(1), 3.0), (product(2), 1.0)]);
    assert_eq!(ndcg(&[product(1), product(2)], &grades), 1.0);
    assert_eq!(ndcg(&[product(9)], &grades), 0.0);
    let swapped = (1.0 + 3.0 / 3f64.log2()) / (3.0 + 1.0 / 3f64.log2());
    assert!((ndcg(&[product(2), product(1)], &grades) - swapped).abs() < 1e-12);
}
