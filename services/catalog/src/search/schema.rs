//! The fields of the index.

use tantivy::{
    schema::{FAST, Field, INDEXED, IndexRecordOption, JsonObjectOptions, STRING, Schema, TextFieldIndexing, TextOptions},
    tokenizer::{AsciiFoldingFilter, Language, LowerCaser, RemoveLongFilter, SimpleTokenizer, Stemmer, TextAnalyzer},
};

/// The name of the analyzer of texts.
const ENGLISH: &str = "english";

/// Longer tokens are no words.
const LONGEST_TOKEN: usize = 60;

/// The fields of one document, which is one product in its latest version.
#[derive(Clone)]
pub(crate) struct Fields {
    /// The product's id, to replace its document.
    pub(super) id: Field,
    /// The upper and the lower half of the id, to read it back; ids sort by time.
    pub(super) id_high: Field,
    pub(super) id_low: Field,
    pub(super) version: Field,
    /// Whether it is on the market; the document of a product that is not has nothing more.
    pub(super) live: Field,
    /// Title and description.
    pub(super) text: Field,
    /// What attributes and options say.
    pub(super) attributes: Field,
    /// Brand and article numbers.
    pub(super) names: Field,
    pub(super) store: Field,
    pub(super) brand: Field,
    /// The category and all above it.
    pub(super) category: Field,
    /// Attributes by name, each as one text.
    pub(super) facets: Field,
    pub(super) currency: Field,
    /// Thousandths of minor units for one piece.
    pub(super) price: Field,
}

impl Fields {
    /// The schema and its fields. An index with another schema is made anew.
    pub(super) fn new() -> (Schema, Self) {
        let mut schema = Schema::builder();
        let indexing = TextFieldIndexing::default()
            .set_tokenizer(ENGLISH)
            .set_index_option(IndexRecordOption::WithFreqs);
        let english = TextOptions::default().set_indexing_options(indexing);
        let raw = TextFieldIndexing::default()
            .set_tokenizer("raw")
            .set_index_option(IndexRecordOption::Basic);
        let facets = JsonObjectOptions::default().set_indexing_options(raw).set_fast("raw");
        let fields = Self {
            id: schema.add_bytes_field("id", INDEXED),
            id_high: schema.add_u64_field("id_high", FAST),
            id_low: schema.add_u64_field("id_low", FAST),
            version: schema.add_i64_field("version", FAST),
            live: schema.add_bool_field("live", INDEXED),
            text: schema.add_text_field("text", english.clone()),
            attributes: schema.add_text_field("attributes", english.clone()),
            names: schema.add_text_field("names", english),
            store: schema.add_text_field("store", STRING),
            brand: schema.add_text_field("brand", STRING | FAST),
            category: schema.add_text_field("category", STRING | FAST),
            facets: schema.add_json_field("facets", facets),
            currency: schema.add_text_field("currency", STRING),
            price: schema.add_i64_field("price", FAST),
        };
        (schema.build(), fields)
    }

    /// Where words are looked for, and how much each place counts.
    pub(super) fn weights(&self) -> [(Field, f32); 3] {
        [(self.text, 1.0), (self.attributes, 0.1), (self.names, 0.1)]
    }
}

/// Teaches an index our analyzer.
pub(super) fn register(index: &tantivy::Index) {
    index.tokenizers().register(ENGLISH, analyzer());
}

/// Words as the index has them: lower case, without accents, reduced to their English stems.
pub(super) fn analyzer() -> TextAnalyzer {
    TextAnalyzer::builder(SimpleTokenizer::default())
        .filter(RemoveLongFilter::limit(LONGEST_TOKEN))
        .filter(LowerCaser)
        .filter(AsciiFoldingFilter)
        .filter(Stemmer::new(Language::English))
        .build()
}
