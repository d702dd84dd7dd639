//! Questions to the index and their answers.

use std::{collections::BTreeMap, ops::Bound};

use kernel::{CategoryId, Currency, ProductId, StoreId};
use tantivy::{
    Term,
    query::{BooleanQuery, ConstScoreQuery, Occur, Query, RangeQuery, TermQuery},
    schema::{Field, IndexRecordOption},
};

use super::{
    Index,
    facets::{Counter, attribute_column, escaped},
    rank::{self, Order},
    schema::Fields,
    words::Words,
};
use crate::domain::attribute::FACETS;

/// So many products with all the words make those with only some of them superfluous.
const ENOUGH: u64 = 10;

/// What somebody looks for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Question {
    /// Everything matches when it has no words.
    pub(crate) text: String,
    pub(crate) category: Option<CategoryId>,
    pub(crate) store: Option<StoreId>,
    /// Any of these, when there are any.
    pub(crate) brands: Vec<String>,
    /// Any of the values of each name.
    pub(crate) attributes: BTreeMap<String, Vec<String>>,
    pub(crate) currency: Option<Currency>,
    /// Bounds in minor units for one piece, both inclusive.
    pub(crate) min_price: Option<i64>,
    pub(crate) max_price: Option<i64>,
    pub(crate) order: Order,
    /// "brand", "category" or names of attributes.
    pub(crate) facets: Vec<String>,
    pub(crate) offset: usize,
    pub(crate) limit: usize,
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub(crate) struct Found {
    pub(crate) products: Vec<ProductId>,
    /// How many there are in all.
    pub(crate) total: u64,
    /// For each facet that was asked for, its most frequent values.
    pub(crate) facets: Vec<(String, Vec<(String, u64)>)>,
}

impl Index {
    /// Searches. It takes the processor for a fraction of a millisecond, or a few of them on large indexes.
    pub(crate) fn ask(&self, question: &Question) -> tantivy::Result<Found> {
        let (view, fields) = (self.view(), self.fields());
        let columns = question.facets.iter().map(|name| view.texts(self.columns(), &column(name)));
        let counter = Counter::new(columns.collect::<tantivy::Result<_>>()?);
        let words = Words::of(&view.searcher, fields, &question.text)?;
        let order = match question.order {
            Order::Relevance if words.is_none() => Order::Newest,
            order => order,
        };
        let choose = |words| {
            let query = narrowed(fields, question, words);
            rank::choose(&view.searcher, &*query, counter.clone(), order, question.offset + question.limit)
        };

        // Products with all the words, if they are enough; otherwise those with any of them.
        let all = words.as_ref().and_then(Words::all).map(|all| choose(Some(all))).transpose()?;
        let chosen = match all {
            Some(all) if all.counts.documents >= ENOUGH => all,
            all => {
                let any = choose(words.as_ref().map(Words::any))?;
                match all {
                    Some(all) if order == Order::Relevance => any.after(all),
                    _ => any,
                }
            }
        };
        let page = chosen.best.iter().skip(question.offset).take(question.limit);
        Ok(Found {
            products: page.map(|(_, address)| view.product(*address)).collect(),
            total: chosen.counts.documents,
            facets: question.facets.iter().cloned().zip(chosen.counts.columns).collect(),
        })
    }
}

/// The column that a facet counts.
fn column(facet: &str) -> String {
    if FACETS.contains(&facet) {
        facet.to_owned()
    } else {
        attribute_column(facet)
    }
}

/// Words and filters together. Words match only what is on the market; filters alone have to say so.
fn narrowed(fields: &Fields, question: &Question, words: Option<Box<dyn Query>>) -> Box<dyn Query> {
    let mut filters = filters(fields, question);
    match words {
        Some(words) => {
            // Filters choose, they do not rank.
            let silent = filters
                .into_iter()
                .map(|filter| -> Box<dyn Query> { Box::new(ConstScoreQuery::new(filter, 0.0)) });
            all(silent.chain([words]))
        }
        None => {
            filters.push(term_of(Term::from_field_bool(fields.live, true)));
            all(filters.into_iter())
        }
    }
}

fn filters(fields: &Fields, question: &Question) -> Vec<Box<dyn Query>> {
    let mut filters: Vec<Box<dyn Query>> = Vec::new();
    if let Some(category) = question.category {
        filters.push(term(fields.category, &category.to_string()));
    }
    if let Some(store) = question.store {
        filters.push(term(fields.store, &store.to_string()));
    }
    if !question.brands.is_empty() {
        filters.push(any(question.brands.iter().map(|brand| term(fields.brand, brand))));
    }
    for (name, values) in &question.attributes {
        filters.push(any(values.iter().map(|value| attribute(fields, name, value))));
    }
    if let Some(currency) = question.currency {
        filters.push(term(fields.currency, currency.code()));
    }
    if question.min_price.is_some() || question.max_price.is_some() {
        let bound = |price: Option<i64>| match price {
            Some(minor_units) => Bound::Included(Term::from_field_i64(fields.price, minor_units.saturating_mul(1_000))),
            None => Bound::Unbounded,
        };
        filters.push(Box::new(RangeQuery::new(bound(question.min_price), bound(question.max_price))));
    }
    filters
}

fn term(field: Field, text: &str) -> Box<dyn Query> {
    term_of(Term::from_field_text(field, text))
}

fn term_of(term: Term) -> Box<dyn Query> {
    Box::new(TermQuery::new(term, IndexRecordOption::Basic))
}

fn attribute(fields: &Fields, name: &str, value: &str) -> Box<dyn Query> {
    let mut term = Term::from_field_json_path(fields.facets, &escaped(name), false);
    term.append_type_and_str(value);
    term_of(term)
}

fn all(conditions: impl Iterator<Item = Box<dyn Query>>) -> Box<dyn Query> {
    Box::new(BooleanQuery::new(conditions.map(|one| (Occur::Must, one)).collect()))
}

fn any(alternatives: impl Iterator<Item = Box<dyn Query>>) -> Box<dyn Query> {
    Box::new(BooleanQuery::new(alternatives.map(|one| (Occur::Should, one)).collect()))
}
