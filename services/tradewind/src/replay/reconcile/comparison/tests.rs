//! Whatever differs is found, and told by name.

use super::*;
use crate::replay::files::tests::files;

const FEE: FeeRate = FeeRate::of(250);

/// One order of each kind that money moves for.
fn marketplace() -> Files {
    files(
        &["done,c1,delivered,2017-10-04", "held,c2,approved,", "unpaid,c3,created,"],
        &[
            "done,p1,s1,58.90,1.10",
            "done,p2,s2,10.00,0.00",
            "held,p1,s1,30.00,2.00",
            "unpaid,p1,s1,7.00,0.00",
        ],
        &["done,voucher,70.00", "held,boleto,32.00", "unpaid,voucher,7.00"],
    )
}

/// A system that did what the files say, at a fee of its own.
fn system(files: &Files, fee: FeeRate) -> Found<'_> {
    let seen = |order: &FileOrder| Seen {
        figures: expected::order(order, fee).unwrap(),
        fees: order.items.iter().map(|item| (item.goods, fee.on(item.goods).unwrap())).collect(),
        lapsed: BTreeSet::new(),
    };
    let earned = fee.on(5_890).unwrap() + fee.on(1_000).unwrap();
    Found {
        orders: files.orders.iter().map(|order| (order.id.as_str(), seen(order))).collect(),
        stock: expected::stock(files, &BTreeSet::new()),
        books: Books {
            wallet: 7_000 - earned,
            escrow: 3_200,
            fees: earned,
            provider: -10_200,
        },
        ..Found::default()
    }
}

fn compared(files: &Files, found: &Found<'_>) -> (bool, String) {
    let comparison = Comparison::of(files, FEE, found).unwrap();
    (comparison.agrees(), comparison.to_string())
}

/// What is told of a figure: files, system, and a mark where they differ.
fn row<'t>(told: &'t str, name: &str) -> Vec<&'t str> {
    let row = told.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix("  "));
    let cells = row.into_iter().flat_map(|row| row.split("  ")).map(str::trim);
    cells.filter(|cell| !cell.is_empty()).collect()
}

#[test]
fn a_system_that_did_what_the_files_say_agrees() {
    let files = marketplace();
    let (agrees, told) = compared(&files, &system(&files, FEE));
    assert!(
        agrees && told.ends_with("files and system agree") && !told.contains("differs"),
        "{told}"
    );
}

#[test]
fn a_fee_that_every_line_and_the_ledger_have_alike_differs_where_it_is_not_the_platforms() {
    let files = marketplace();
    let (agrees, told) = compared(&files, &system(&files, FeeRate::of(300)));
    assert!(!agrees, "{told}");
    assert_eq!(row(&told, "orders unlike files"), ["0", "1", "<- differs"]);
    assert_eq!(row(&told, "fees at 2.50 %"), ["BRL 1.72", "BRL 2.07", "<- differs"]);
    assert_eq!(row(&told, "lines at another fee"), ["0", "4", "<- differs"]);
    assert!(told.contains("about 3.00 %, and 2.50 % was expected"), "{told}");
    let named = "order done: fees BRL 1.72 in the files, BRL 2.07 in the system";
    assert!(told.contains(named), "{told}");
}

#[test]
fn orders_that_differ_are_named_although_their_totals_agree() {
    let files = marketplace();
    let mut found = system(&files, FEE);
    for (order, more) in [("done", 5), ("held", -5)] {
        *found.orders.get_mut(order).unwrap().figures.get_mut(&Figure::Freight).unwrap() += more;
    }
    let (agrees, told) = compared(&files, &found);
    assert!(!agrees, "{told}");
    assert!(
        told.contains("order done: freight BRL 1.10 in the files, BRL 1.15 in the system"),
        "{told}"
    );
    assert!(
        told.contains("order held: freight BRL 2.00 in the files, BRL 1.95 in the system"),
        "{told}"
    );
}

#[test]
fn what_could_not_be_looked_at_is_as_good_as_not_there() {
    let files = marketplace();
    let mut found = system(&files, FEE);
    found.stock.remove(&("s2", "p2"));
    let (agrees, told) = compared(&files, &found);
    assert!(!agrees, "{told}");
    assert_eq!(row(&told, "stock unlike files"), ["0", "1", "<- differs"]);

    let mut found = system(&files, FEE);
    found.orders.remove("held");
    found.unseen.push("order held: 503".to_owned());
    let (agrees, told) = compared(&files, &found);
    assert!(!agrees && told.contains("\norder held: 503\n"), "{told}");
    assert_eq!(row(&told, "orders PAID"), ["1", "0", "<- differs"]);
}

#[test]
fn what_came_from_no_file_is_named() {
    let files = marketplace();
    let mut found = system(&files, FEE);
    found.strays.push("ord_twice".to_owned());
    let (agrees, told) = compared(&files, &found);
    assert!(!agrees && told.contains("ord_twice is in the system and in no file"), "{told}");
}

#[test]
fn a_ledger_that_alone_differs_says_that_others_have_a_part_in_it() {
    let files = marketplace();
    let note = "the ledger's lines are of everything in their currency";
    let mut found = system(&files, FEE);
    found.books.wallet += 1;
    let (agrees, told) = compared(&files, &found);
    assert!(!agrees && told.contains(note), "{told}");

    let mut found = system(&files, FEE);
    found.books.wallet += 1;
    found.dead_letters += 1;
    let (agrees, told) = compared(&files, &found);
    assert!(!agrees && !told.contains(note), "{told}");
}

#[test]
fn an_unpaid_order_that_was_closed_reserves_nothing_and_is_as_the_files_say() {
    let files = marketplace();
    let mut found = system(&files, FEE);
    found.orders.get_mut("unpaid").unwrap().lapsed.insert("s1".to_owned());
    found.stock.get_mut(&("s1", "p1")).unwrap().reserved -= 1;
    let (agrees, told) = compared(&files, &found);
    assert!(agrees && told.contains("1 of the orders PLACED were closed by now"), "{told}");
}
