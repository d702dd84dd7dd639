//! Packing: an order's pieces into so many parcels.

use kernel::VariantId;
use serde::{Deserialize, Serialize};

use super::Line;

/// Pieces in a parcel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ParcelLine {
    /// What.
    pub(crate) variant: VariantId,
    /// How many pieces; at least one.
    pub(crate) quantity: i64,
}

/// There are more parcels than pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{pieces} pieces do not fill so many parcels")]
pub(crate) struct TooManyParcels {
    /// How many pieces there are.
    pub(crate) pieces: i128,
}

/// Lays the pieces in a row, in the order of lines, and cuts it into parcels of as equal numbers as can be.
///
/// # Errors
/// More parcels than pieces.
pub(crate) fn pack(lines: &[Line], parcels: usize) -> Result<Vec<Vec<ParcelLine>>, TooManyParcels> {
    let pieces: i128 = lines.iter().map(|line| i128::from(line.quantity)).sum();
    let count = parcels as i128;
    if parcels == 0 || pieces < count {
        return Err(TooManyParcels { pieces });
    }
    Ok((0..count)
        .map(|place| between(lines, place * pieces / count, (place + 1) * pieces / count))
        .collect())
}

fn between(lines: &[Line], from: i128, to: i128) -> Vec<ParcelLine> {
    let mut start = 0;
    let mut inside = Vec::new();
    for line in lines {
        let end = start + i128::from(line.quantity);
        let quantity = to.min(end) - from.max(start);
        if quantity > 0 {
            let quantity = i64::try_from(quantity).expect("a part of a line is no more than the line");
            inside.push(ParcelLine {
                variant: line.variant,
                quantity,
            });
        }
        start = end;
    }
    inside
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::samples::variant;

    proptest! {
        #[test]
        fn every_piece_is_in_one_parcel_and_no_parcel_is_empty(quantities in prop::collection::vec(1i64..1_000_000, 1..6), parcels in 1usize..12) {
            let line = |(quantity, number): (&i64, u128)| Line { variant: variant(number), quantity: *quantity };
            let lines: Vec<Line> = quantities.iter().zip(0..).map(line).collect();
            let Ok(packed) = pack(&lines, parcels) else {
                return Ok(prop_assert!(quantities.iter().sum::<i64>() < parcels as i64));
            };
            prop_assert_eq!(packed.len(), parcels);
            for line in &lines {
                let inside: i64 = packed.iter().flatten().filter(|part| part.variant == line.variant).map(|part| part.quantity).sum();
                prop_assert_eq!(inside, line.quantity);
            }
            let sizes: Vec<i64> = packed.iter().map(|parcel| parcel.iter().map(|part| part.quantity).sum()).collect();
            prop_assert!(sizes.iter().all(|size| *size > 0 && sizes.iter().max().unwrap() - size <= 1));
        }
    }

    #[test]
    fn three_pieces_do_not_fill_four_parcels() {
        let line = Line {
            variant: variant(1),
            quantity: 3,
        };
        assert_eq!(pack(&[line], 4), Err(TooManyParcels { pieces: 3 }));
    }
}
