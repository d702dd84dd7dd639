//! Sourcing against a brute force over every set of warehouses.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::domain::{
    FreightRate, FreightTable,
    samples::{country, site, usd, variant, warehouse},
};

type Have = BTreeMap<(VariantId, WarehouseId), i64>;

fn demand(number: u128, quantity: i64) -> Demand {
    Demand {
        variant: variant(number),
        quantity,
        weight_mg: 600_000,
    }
}

fn to_germany() -> Terms {
    Terms::Quote {
        to: country("DE"),
        currency: usd(),
    }
}

fn have(counts: &[(u128, u128, i64)]) -> Have {
    counts
        .iter()
        .map(|(what, place, count)| ((variant(*what), warehouse(*place)), *count))
        .collect()
}

fn run(demands: &[Demand], sites: &[Site], terms: Terms, have: &Have) -> Result<Plan, Vec<Shortage>> {
    source(demands, sites, terms, |variant, warehouse| {
        have.get(&(variant, warehouse)).copied().unwrap_or(0)
    })
}

fn places(plan: &Plan) -> BTreeSet<WarehouseId> {
    plan.picks.iter().map(|pick| pick.warehouse).collect()
}

#[test]
fn one_parcel_is_better_than_two_cheap_ones() {
    let sites = [site(1, "DE", 0, 0), site(2, "DE", 0, 0), site(3, "CN", 9_000, 0)];
    let have = have(&[(1, 1, 5), (2, 2, 5), (1, 3, 5), (2, 3, 5)]);
    let plan = run(&[demand(1, 5), demand(2, 5)], &sites, to_germany(), &have).unwrap();
    assert_eq!(places(&plan), BTreeSet::from([warehouse(3)]));
    assert_eq!(plan.freight, Some(Money::new(9_000, usd())));
}

#[test]
fn the_cheapest_of_equals_ships_and_then_the_nearest() {
    let have = have(&[(1, 1, 5), (1, 2, 5), (1, 3, 5)]);
    let sites = [site(1, "CN", 200, 0), site(2, "CN", 100, 0), site(3, "DE", 100, 0)];
    let plan = run(&[demand(1, 5)], &sites, to_germany(), &have).unwrap();
    assert_eq!(places(&plan), BTreeSet::from([warehouse(3)]));
}

#[test]
fn each_parcel_is_weighed_by_itself() {
    let sites = [site(1, "DE", 100, 10), site(2, "DE", 100, 10)];
    let have = have(&[(1, 1, 1), (1, 2, 1)]);
    let plan = run(&[demand(1, 2)], &sites, to_germany(), &have).unwrap();
    // 0.6 kg each is one kilogram begun each, where 1.2 kg together would be two as well.
    assert_eq!(plan.freight, Some(Money::new(220, usd())));
}

#[test]
fn what_cannot_be_shipped_there_says_why() {
    let france_only = FreightRate::new(vec![country("FR")], Money::new(1, usd()), Money::new(0, usd())).unwrap();
    let mut to_france = site(1, "FR", 0, 0);
    to_france.freight = FreightTable::new(vec![france_only]);
    let euro = "EUR".parse().unwrap();
    let mut in_euro = site(2, "DE", 0, 0);
    in_euro.freight = FreightTable::new(vec![FreightRate::new(vec![], Money::zero(euro), Money::zero(euro)).unwrap()]);
    let sites = [to_france, in_euro];
    let have = have(&[(1, 1, 5), (2, 2, 5), (3, 1, 1)]);
    let shortages = run(&[demand(1, 5), demand(2, 5), demand(3, 5)], &sites, to_germany(), &have).unwrap_err();
    let reasons: Vec<Reason> = shortages.iter().map(|shortage| shortage.reason).collect();
    assert_eq!(reasons, [Reason::NoFreightRate, Reason::FreightCurrency, Reason::OutOfStock]);
    let agreed = Terms::Agreed { to: None };
    let plan = run(&[demand(1, 5), demand(2, 5)], &sites, agreed, &have).unwrap();
    assert_eq!(plan.freight, None);
}

#[test]
fn many_small_warehouses_are_emptied_one_after_another() {
    let sites: Vec<Site> = (0..100).map(|number| site(number, "DE", 1, 0)).collect();
    let have: Have = (0..100).map(|number| ((variant(1), warehouse(number)), 1)).collect();
    let plan = run(&[demand(1, 100)], &sites, to_germany(), &have).unwrap();
    assert_eq!(places(&plan).len(), 100);
    assert_eq!(plan.freight, Some(Money::new(100, usd())));
}

/// Each has a rate for every country, and no two or three of them have everything.
#[test]
fn hundreds_of_warehouses_with_long_tables_keep_nobody_waiting() {
    let countries = ["AD", "BR", "CN"].repeat(80).into_iter().map(country).chain([country("DE")]);
    let rate = |country| FreightRate::new(vec![country], Money::zero(usd()), Money::new(1, usd())).unwrap();
    let table = FreightTable::new(countries.map(rate).collect());
    let sites = (0..200).map(|number| Site {
        freight: table.clone(),
        ..site(number, "DE", 0, 0)
    });
    let sites: Vec<Site> = sites.collect();
    let demands: Vec<Demand> = (0..200).map(|number| demand(number, 4)).collect();
    let plan = source(&demands, &sites, to_germany(), |_, _| 1).unwrap();
    assert_eq!(places(&plan).len(), 4);
}

#[test]
fn of_many_warehouses_the_cheapest_are_tried_together() {
    let sites: Vec<Site> = (0..300).map(|number| site(number, "DE", 300 - number as i64, 0)).collect();
    let full = |places: [u128; 4]| places.map(|place| (1, place, 5)).to_vec();
    // Of four that could give one half each, the two that are cheapest do.
    let plan = run(&[demand(1, 10)], &sites, to_germany(), &have(&full([7, 100, 298, 299]))).unwrap();
    assert_eq!(places(&plan), BTreeSet::from([warehouse(298), warehouse(299)]));
}

#[test]
fn a_price_beyond_what_can_be_paid_is_a_refusal() {
    let most = Money::MOST_PAYABLE;
    for sites in [
        vec![site(1, "DE", i64::MAX, 1)],
        vec![site(1, "DE", most, 1)],
        vec![site(1, "DE", most / 2 + 1, 0), site(2, "DE", most / 2, 0)],
    ] {
        let each = 10 / sites.len() as i64;
        let stock = have(&[(1, 1, each), (1, 2, each)]);
        let shortages = run(&[demand(1, 10)], &sites, to_germany(), &stock).unwrap_err();
        assert_eq!(shortages[0].reason, Reason::FreightTooMuch);
    }
}

prop_compose! {
    fn market()(
        quantities in prop::collection::vec(1i64..8, 1..4),
        prices in prop::collection::vec((0i64..50, 0i64..20, any::<bool>()), 1..6),
        counts in prop::collection::vec(0i64..6, 24),
    ) -> (Vec<Demand>, Vec<Site>, Have) {
        let demands: Vec<Demand> = quantities.iter().zip(0..).map(|(quantity, number)| demand(number, *quantity)).collect();
        let sites: Vec<Site> = prices.iter().zip(0..).map(|((base, per_kg, home), number)| {
            site(number, if *home { "DE" } else { "CN" }, *base, *per_kg)
        }).collect();
        let pairs = demands.iter().flat_map(|demand| sites.iter().map(move |site| (demand.variant, site.warehouse)));
        let have = pairs.zip(counts).collect();
        (demands, sites, have)
    }
}

proptest! {
    #[test]
    fn a_plan_is_whole_and_has_the_fewest_parcels((demands, sites, have) in market()) {
        let total = |set: &[usize], demand: &Demand| set.iter().map(|site| have[&(demand.variant, sites[*site].warehouse)]).sum::<i64>();
        let covers = |set: &[usize]| demands.iter().all(|demand| total(set, demand) >= demand.quantity);
        let all: Vec<usize> = (0..sites.len()).collect();
        let fewest = (1u32..1 << sites.len()).map(|bits| all.iter().copied().filter(|site| bits >> site & 1 == 1).collect::<Vec<_>>())
            .filter(|set| covers(set)).map(|set| set.len()).min();

        match run(&demands, &sites, to_germany(), &have) {
            Err(shortages) => {
                prop_assert_eq!(fewest, None);
                for shortage in shortages {
                    prop_assert!(shortage.available < shortage.wanted);
                    prop_assert_eq!(shortage.reason, Reason::OutOfStock);
                }
            }
            Ok(plan) => {
                let used = places(&plan);
                // Three at a time are tried out exhaustively; beyond that the fullest comes first.
                let fewest = fewest.unwrap();
                prop_assert!(used.len() == fewest || (used.len() > fewest && fewest > 3));
                for demand in &demands {
                    let picked: i64 = plan.picks.iter().filter(|pick| pick.variant == demand.variant).map(|pick| pick.quantity).sum();
                    prop_assert_eq!(picked, demand.quantity);
                }
                for pick in &plan.picks {
                    prop_assert!((1..=have[&(pick.variant, pick.warehouse)]).contains(&pick.quantity));
                }
                let parcels = sites.iter().filter(|site| used.contains(&site.warehouse)).map(|site| {
                    let pieces: i64 = plan.picks.iter().filter(|pick| pick.warehouse == site.warehouse).map(|pick| pick.quantity).sum();
                    site.freight.tariff(country("DE"), usd()).unwrap().price(i128::from(pieces) * 600_000).unwrap()
                });
                prop_assert_eq!(plan.freight, Some(Money::sum(usd(), parcels).unwrap()));
            }
        }
    }

    #[test]
    fn a_single_parcel_is_the_cheapest_single_parcel((demands, sites, have) in market()) {
        let weight: i128 = demands.iter().map(|demand| i128::from(demand.quantity) * 600_000).sum();
        let alone = sites.iter().filter(|site| demands.iter().all(|demand| have[&(demand.variant, site.warehouse)] >= demand.quantity));
        let cheapest = alone.map(|site| site.freight.tariff(country("DE"), usd()).unwrap().price(weight).unwrap().minor_units()).min();
        if let Some(cheapest) = cheapest {
            let plan = run(&demands, &sites, to_germany(), &have).unwrap();
            prop_assert_eq!(plan.freight.unwrap().minor_units(), cheapest);
        }
    }
}
