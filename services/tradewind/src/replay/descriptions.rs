//! What the files tell of customers, sellers and products. None of these files has to be there, and none has to be whole.

use std::{collections::HashMap, path::Path};

use anyhow::Result;

use super::rows::{self, CustomerRow, ProductRow, Row, SellerRow, TranslationRow};

/// Where somebody is in Brazil, as far as the files know.
#[derive(Clone, Default)]
pub(crate) struct Locality {
    pub(crate) city: String,
    pub(crate) state: String,
    pub(crate) zip: String,
}

/// What the files tell of a product.
#[derive(Clone, Default)]
pub(crate) struct Described {
    /// In English where it is translated; empty when it is in none.
    pub(crate) category: String,
    pub(crate) weight_mg: Option<i64>,
}

/// Whom and what the files describe.
pub(super) struct Descriptions {
    customers: HashMap<String, (String, Locality)>,
    sellers: HashMap<String, Locality>,
    products: HashMap<String, Described>,
}

impl Descriptions {
    pub(super) fn read(folder: &Path) -> Result<Self> {
        let customers = described_by::<CustomerRow>(folder)?.map(|row| {
            let locality = Locality {
                city: row.city,
                state: row.state,
                zip: row.zip,
            };
            let person = row.customer_unique_id.unwrap_or_else(|| row.customer_id.clone());
            (row.customer_id, (person, locality))
        });
        let sellers = described_by::<SellerRow>(folder)?.map(|row| {
            let locality = Locality {
                city: row.city,
                state: row.state,
                zip: row.zip,
            };
            (row.seller_id, locality)
        });
        let english: HashMap<String, String> = described_by::<TranslationRow>(folder)?
            .map(|row| (row.category, row.english))
            .collect();
        let mut products = HashMap::new();
        for row in described_by::<ProductRow>(folder)? {
            let category = english.get(&row.category).unwrap_or(&row.category);
            // A product in two categories is in the first.
            products.entry(row.product_id).or_insert_with(|| Described {
                category: category.replace('_', " "),
                weight_mg: row.weight_mg,
            });
        }
        Ok(Self {
            customers: customers.collect(),
            sellers: sellers.collect(),
            products,
        })
    }

    /// The person that a customer is, and where; the customer's own id for one whom no file describes.
    pub(super) fn customer(&self, id: &str) -> (String, Locality) {
        let known = self.customers.get(id).cloned();
        known.unwrap_or_else(|| (id.to_owned(), Locality::default()))
    }

    pub(super) fn has_seller(&self, id: &str) -> bool {
        self.sellers.contains_key(id)
    }

    pub(super) fn has_product(&self, id: &str) -> bool {
        self.products.contains_key(id)
    }

    /// Where a seller is.
    pub(super) fn locality(&self, seller: &str) -> Locality {
        self.sellers.get(seller).cloned().unwrap_or_default()
    }

    /// What a product is.
    pub(super) fn described(&self, product: &str) -> Described {
        self.products.get(product).cloned().unwrap_or_default()
    }
}

/// What a file that may be missing describes. A row that cannot be read describes nothing.
fn described_by<R: Row>(folder: &Path) -> Result<impl Iterator<Item = R>> {
    let lines = rows::read_if_there::<R>(folder)?.unwrap_or_default();
    Ok(lines.into_iter().filter_map(|line| line.row.ok()))
}
