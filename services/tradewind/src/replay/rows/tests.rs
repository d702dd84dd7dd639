//! What is read of a row, however it is written, and what is said of one that cannot be read.

use std::{fs, io::Write};

use flate2::{Compression, write::GzEncoder};

use super::*;

#[test]
fn amounts_are_read_to_the_cent() {
    let cents = |text| decimal(text, 2);
    assert_eq!(
        ["58.9", "13.29", "7", "0.05", "7.", "8.900", "58,9"].map(|text| cents(text).unwrap()),
        [5_890, 1_329, 700, 5, 700, 890, 5_890]
    );
    for text in [
        "1.234",
        "1,234",
        "1,234.50",
        "x",
        "",
        ".",
        "-1",
        "-0.50",
        "+1",
        "1.+5",
        "1e3",
        "99999999999999999999",
    ] {
        assert_eq!(cents(text), None, "{text}");
    }
}

fn rows<R: Row>(name: &str, bytes: &[u8]) -> Result<Vec<Line<R>>> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(name), bytes).unwrap();
    read(folder.path())
}

fn items(bytes: &[u8]) -> Result<Vec<Line<ItemRow>>> {
    rows(ItemRow::FILE, bytes)
}

#[test]
fn how_a_file_is_written_makes_no_difference() {
    let written: [&[u8]; 6] = [
        b"order_id,product_id,seller_id,price,freight_value\no1,p1,s1,58.9,13.29\n",
        b"order_id,product_id,seller_id,price,freight_value\r\no1,p1,s1,58.9,13.29",
        b"\xef\xbb\xbf\"order_id\",\"product_id\",\"seller_id\",\"price\",\"freight_value\"\n\"o1\",\"p1\",\"s1\",58.90,13.29\n",
        b"price,more,freight_value,seller_id,order_id,product_id\n58.9,\"a, \"\"b\"\"\nc\",13.29,s1,o1, p1 \n",
        b"Order_ID;product_id;seller_id;price;freight_value\n;;;;\no1;p1;s1;58,9;13,29\n",
        b"order_id\tproduct_id\tseller_id\tprice\tfreight_value\no1\tp1\ts1\t58.9\t13.29\n",
    ];
    for bytes in written {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(bytes).unwrap();
        let gzip = gzip.finish().unwrap();
        for lines in [items(bytes), rows(&format!("{}.gz", ItemRow::FILE), &gzip)] {
            let lines = lines.unwrap();
            let row = lines[0].row.as_ref().unwrap();
            assert_eq!(
                (lines[0].order.as_str(), row.product_id.as_str(), row.seller_id.as_str()),
                ("o1", "p1", "s1")
            );
            assert_eq!((lines.len(), row.price, row.freight_value), (1, 5_890, 1_329));
        }
    }
}

#[test]
fn a_row_that_cannot_be_read_says_why_and_the_others_are_read() {
    let head = "order_id,product_id,seller_id,price,freight_value\no1,p1,s1,1,1\n\n";
    for (line, order, why) in [
        ("o2,p1,s1,-5.00,1", "o2", "`-5.00` is not an amount in cents"),
        ("o2,p1,s1,,1", "o2", "`` is not an amount in cents"),
        ("o2,p1,s1,1,NaN", "o2", "`NaN` is not an amount in cents"),
        ("o2,p 1,s1,1,1", "o2", "`p 1` is no id"),
        ("o2,p1", "o2", "has 2 columns and not 5"),
        (",p1,s1,1,1", "", "`` is no id"),
    ] {
        for end in ["\n", "\r\n"] {
            let text = format!("{head}{line}\no3,p1,s1,1,1\n").replace('\n', end);
            let lines = items(text.as_bytes()).unwrap();
            let told: Vec<_> = lines
                .iter()
                .map(|line| (line.number, line.order.as_str(), line.row.is_ok()))
                .collect();
            assert_eq!(told, [(2, "o1", true), (4, order, false), (5, "o3", true)], "{line}");
            assert_eq!(lines[1].row.as_ref().err().unwrap(), why);
        }
    }
}

#[test]
fn a_file_or_a_column_that_is_missing_is_named() {
    for (text, said) in [
        (b"".as_slice(), "names of columns are missing"),
        (
            b"order_id,product_id,price,freight_value\no1,p1,1,1\n",
            "there is no column seller_id",
        ),
    ] {
        let error = items(text).err().unwrap();
        assert!(format!("{error:#}").contains(said), "{error:#}");
    }
    let error = rows::<ItemRow>("items.csv", b"order_id\n").err().unwrap();
    assert!(error.to_string().contains(ItemRow::FILE), "{error}");
}

#[test]
fn texts_of_old_programs_are_read_as_they_were_meant() {
    let bytes = b"seller_id,seller_city\ns1,S\xe3o Paulo\ns2,S\xc3\xa3o Paulo\ns3\n";
    let lines: Vec<Line<SellerRow>> = rows(SellerRow::FILE, bytes).unwrap();
    let cities: Vec<_> = lines.into_iter().map(|line| line.row.unwrap().city).collect();
    assert_eq!(cities, ["São Paulo", "São Paulo", ""]);
}

#[test]
fn a_time_is_a_date_first_and_a_word_for_nothing_is_none() {
    let head = "order_id,customer_id,order_status,order_delivered_carrier_date\n";
    let handed_over = |date: &str| {
        let text = format!("{head}o1,c1,canceled,{date}\n");
        let lines: Vec<Line<OrderRow>> = rows(OrderRow::FILE, text.as_bytes()).unwrap();
        lines.into_iter().next().unwrap().row.map(|row| row.handed_over)
    };
    for date in ["2017-10-04 19:55:00", "2017-10-04T19:55:00Z", "10/4/2017 19:55", "2017-10-04"] {
        assert_eq!(handed_over(date), Ok(true), "{date}");
    }
    for date in ["", "NULL", "NaT", "\\N"] {
        assert_eq!(handed_over(date), Ok(false), "{date}");
    }
    assert_eq!(handed_over("soon"), Err("`soon` is not a time".to_owned()));
}

#[test]
fn a_weight_that_nobody_could_lift_is_none() {
    let bytes = b"product_id,product_weight_g\np1,225\np2,0\np3,light\np4,99999999999\n";
    let lines: Vec<Line<ProductRow>> = rows(ProductRow::FILE, bytes).unwrap();
    let weights: Vec<_> = lines.into_iter().map(|line| line.row.unwrap().weight_mg).collect();
    assert_eq!(weights, [Some(225_000), None, None, None]);
}
