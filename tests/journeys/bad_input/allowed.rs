//! What looks wrong and is not, or is refused in other words than the field's name: each with its reason.

use reqwest::StatusCode;

use self::Why::{Counted, Refused, Taken};

/// How a value is answered that looks wrong.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Why {
    /// It may be taken.
    Taken,
    /// It is refused, but not by naming this field alone.
    Refused,
    /// It is refused, and that is written down.
    Counted,
}

/// A value is known by its operation, the field, and what looks wrong with it. A star stands for whatever follows.
type Value = (&'static str, &'static str, &'static str, Why, &'static str);

const VALUES: &[Value] = &[
    (
        "CartService.SetCartLine",
        "variant_id",
        "an id of*",
        Taken,
        "the cart says of each line why it cannot be sold",
    ),
    (
        "CategoryService.*",
        "parentId",
        "an id of somebody else's",
        Taken,
        "all categories are the operators'",
    ),
    (
        "CategoryService.*",
        "category_id",
        "an id of somebody else's",
        Taken,
        "all categories are the operators'",
    ),
    (
        "CheckoutService.CreateCheckout",
        "lines[0].variantId",
        "an id of somebody else's",
        Taken,
        "the market is there to be bought from",
    ),
    (
        "ConversationService.OpenConversation",
        "organisationId",
        "an id of*",
        Refused,
        "it is no party of the order or the product that is named",
    ),
    (
        "ConversationService.OpenConversation",
        "context.orderId",
        "an id of*",
        Refused,
        "an order may not be known yet",
    ),
    (
        "ConversationService.SendMessage",
        "quotationId",
        "an id of*",
        Taken,
        "a message may speak of anything; who may read a quotation is order's to say",
    ),
    (
        "ImportService.AddImportRows",
        "firstRow",
        "the largest number",
        Refused,
        "the next row is another one",
    ),
    (
        "ImportService.AddImportRows",
        "rows[0].*",
        "*",
        Taken,
        "what is wrong with a row is told in the import's report",
    ),
    (
        "OperationsService.*",
        "event*",
        "an id of somebody else's",
        Taken,
        "operators look after everybody's letters",
    ),
    (
        "OperationsService.RepublishEvents",
        "since",
        "*",
        Taken,
        "since ever is everything, and since a later time nothing",
    ),
    (
        "PayoutService.CreatePayout",
        "amount.minorUnits",
        "the largest number",
        Refused,
        "the wallet does not hold enough",
    ),
    (
        "ProductService.*",
        "categoryId",
        "an id of somebody else's",
        Taken,
        "all categories are the operators'",
    ),
    (
        "ProductService.*",
        "attributes[0].number",
        "*",
        Taken,
        "an attribute may be any number",
    ),
    (
        "ProductService.*",
        "variants[0].priceTiers[0].price.minorUnits",
        "the largest number",
        Taken,
        "what costs too much to be paid is refused when it is bought",
    ),
    (
        "ProductService.ListProducts.2",
        "store_id",
        "an id of nothing",
        Taken,
        "what nobody has is an empty list",
    ),
    (
        "QuotationService.CreateQuotation",
        "buyerId",
        "an id of somebody else's",
        Taken,
        "anybody may be offered something",
    ),
    (
        "QuotationService.CreateQuotation",
        "freight.minorUnits",
        "the largest number",
        Refused,
        "the sum is too large, not one of its parts",
    ),
    (
        "QuotationService.CreateQuotation",
        "lines[0].price.minorUnits",
        "the largest number",
        Refused,
        "the product is too large, not one of its factors",
    ),
    (
        "QuotationService.CreateQuotation",
        "lines[0].unitQuantity",
        "the largest number",
        Refused,
        "the quotient is too small, not one of its parts",
    ),
    (
        "ReviewService.CreateReview",
        "orderId",
        "an id of*",
        Refused,
        "no completed order of theirs has this line",
    ),
    (
        "ReviewService.CreateReview",
        "variantId",
        "an id of*",
        Refused,
        "no completed order of theirs has this line",
    ),
    (
        "ReviewService.CreateBuyerReview",
        "orderId",
        "an id of*",
        Refused,
        "no completed order of theirs is meant",
    ),
    (
        "ReviewService.GetSellerRating",
        "seller_id",
        "an id of nothing",
        Taken,
        "who never sold has no stars",
    ),
    (
        "ReviewService.GetBuyerRating",
        "buyer_id",
        "an id of nothing",
        Taken,
        "who never bought has no stars",
    ),
    (
        "ReviewService.ListBuyerReviews",
        "buyer_id",
        "an id of nothing",
        Taken,
        "what nobody has is an empty list",
    ),
    (
        "ReviewService.ListReviews",
        "product_id",
        "an id of nothing",
        Taken,
        "what nobody has is an empty list",
    ),
    (
        "SessionService.SignIn",
        "email",
        "*",
        Refused,
        "whoever signs in hears no more than that they cannot",
    ),
    (
        "SessionService.SignIn",
        "password",
        "*",
        Counted,
        "whoever signs in hears no more than that they cannot, and wrong passwords are counted",
    ),
    (
        "SessionService.Refresh",
        "refreshToken",
        "*",
        Refused,
        "a token that is not valid is 401, whatever it looks like",
    ),
    (
        "SessionService.SwitchOrganisation",
        "refreshToken",
        "*",
        Refused,
        "a token that is not valid is 401, whatever it looks like",
    ),
    (
        "SessionService.SignOut",
        "refreshToken",
        "*",
        Taken,
        "whoever has no session is signed out (RFC 7009, section 2.2)",
    ),
    ("StockService.AdjustStock", "change", "minus one", Taken, "a change is signed"),
    (
        "StockService.*Stock",
        "variantId",
        "an id of*",
        Taken,
        "stock is counted before it is listed",
    ),
    (
        "StockService.GetStock",
        "variant_id",
        "an id of nothing",
        Taken,
        "of what nobody has there is none",
    ),
    (
        "StockService.ListMovements",
        "variant_id",
        "an id of nothing",
        Taken,
        "what nobody has is an empty list",
    ),
    (
        "StockService.GetAvailability",
        "*",
        "an id of nothing",
        Taken,
        "of what nobody has there is none",
    ),
    (
        "WalletService.TransferFunds",
        "recipientId",
        "an id of somebody else's",
        Taken,
        "anybody may be given money",
    ),
    (
        "WalletService.TransferFunds",
        "amount.minorUnits",
        "the largest number",
        Refused,
        "the wallet does not hold so much",
    ),
    (
        "WarehouseService.*",
        "freightRates[0].*",
        "the largest number",
        Taken,
        "what costs too much to be paid is refused when it is bought",
    ),
    (
        "CarrierService.ReceiveCarrierEvents",
        "*",
        "an unknown field",
        Taken,
        "carriers tell more than we read",
    ),
    (
        "ProviderService.ReceiveProviderEvent",
        "payment_id",
        "an id of somebody else's",
        Taken,
        "a provider may speak of every payment",
    ),
    (
        "ProviderService.ReceiveProviderEvent",
        "minor_units",
        "*",
        Taken,
        "what a provider took is a fact, and the payer's wallet has it",
    ),
];

/// Whether what is wrong here is said of the one thing that it is in, in an answer that takes the others in: a carrier's bad event keeps no good one out.
pub(super) fn one_by_one(operation: &str, place: &str, what: &str) -> bool {
    operation == "CarrierService.ReceiveCarrierEvents" && (place.starts_with("events[0]") || what == "a null in it")
}

/// How an operation is answered that is sent again under another key, where that is no conflict.
const AGAIN: &[(&str, u16, &str)] = &[
    ("SessionService.SignIn", 200, "there may be many sessions"),
    ("SessionService.Refresh", 401, "a token is used once"),
    ("SessionService.SwitchOrganisation", 200, "it is as it was asked for"),
    ("SessionService.SignOut", 200, "it is as it was asked for"),
    ("OrganisationService.CreateOrganisation", 200, "there may be many of one name"),
    ("OrganisationService.ChangeMemberRole", 200, "it is as it was asked for"),
    ("OrganisationService.RemoveMember", 404, "there is no such member any more"),
    ("StoreService.CreateStore", 200, "there may be many of one name"),
    ("StoreService.UpdateStore", 200, "it is as it was asked for"),
    ("ProductService.UpdateProduct", 200, "it is as it was asked for"),
    ("CategoryService.CreateCategory", 200, "there may be many of one name"),
    ("CategoryService.UpdateCategory", 200, "it is as it was asked for"),
    ("ImportService.CreateImport", 200, "there may be many"),
    ("ImportService.AddImportRows", 200, "the same rows are known"),
    ("ImportService.CompleteImport", 200, "it is as it was asked for"),
    ("CartService.SetCartLine", 200, "it is as it was asked for"),
    ("QuotationService.CreateQuotation", 200, "there may be many"),
    ("OrderService.CancelOrder", 200, "it is as it was asked for"),
    ("WalletService.TopUpWallet", 200, "there may be many"),
    ("WalletService.TransferFunds", 200, "there may be many"),
    ("PayoutService.CreatePayout", 200, "there may be many"),
    ("ProviderService.ReceiveProviderEvent", 200, "what is known is heard again"),
    ("WarehouseService.CreateWarehouse", 200, "there may be many of one name"),
    ("WarehouseService.SetFreightRates", 200, "it is as it was asked for"),
    ("StockService.ReceiveStock", 200, "there may be many deliveries"),
    ("StockService.AdjustStock", 200, "there may be many corrections"),
    ("CarrierService.ReceiveCarrierEvents", 200, "what is known is heard again"),
    ("ConversationService.OpenConversation", 200, "it is found again"),
    ("ConversationService.SendMessage", 200, "there may be many of the same words"),
    ("ConversationService.MarkRead", 200, "it is as it was asked for"),
    ("NotificationService.MarkNotificationRead", 200, "it is as it was asked for"),
    ("OperationsService.RedriveDeadLetters", 404, "there is no such letter any more"),
    ("OperationsService.PurgeDeadLetter", 200, "it is as it was asked for"),
    ("OperationsService.RepublishEvents", 200, "it is done again"),
];

/// Operations that anybody may carry out, whosever ids are in the path.
const RIVALS: &[(&str, &str)] = &[
    ("CartService.SetCartLine", "the market is there to be bought from"),
    ("ReviewService.GetBuyerRating", "sellers look at buyers before they sell"),
    ("ReviewService.ListBuyerReviews", "sellers look at buyers before they sell"),
    (
        "StockService.GetStock",
        "it is their own stock of the same variant, of which there is none",
    ),
    (
        "StockService.ListMovements",
        "it is their own stock of the same variant, of which there is none",
    ),
];

/// The status of an operation that is carried out once more.
pub(super) fn again(operation: &str) -> StatusCode {
    let known = AGAIN.iter().find(|(known, ..)| *known == operation);
    known.map_or(StatusCode::CONFLICT, |(_, status, _)| StatusCode::from_u16(*status).unwrap())
}

/// Whether a value may be taken, or leaves something written in another way.
pub(super) fn is_written(operation: &str, place: &str, what: &str) -> bool {
    matches!(why(operation, place, what), Some(Taken | Counted))
}

/// Whether a value is refused in other words.
pub(super) fn otherwise(operation: &str, place: &str, what: &str) -> bool {
    matches!(why(operation, place, what), Some(Refused | Counted))
}

/// Whether anybody may carry an operation out.
pub(super) fn rival(operation: &str) -> bool {
    RIVALS.iter().any(|(known, _)| *known == operation)
}

/// What is allowed for nothing that is tried, and may go.
pub(super) fn idle(tried: &[(&str, String, &str)]) -> Vec<String> {
    let used = |(of, field, wrong, ..): &&Value| {
        let fit = |(operation, place, what): &(&str, String, &str)| fits(of, operation) && fits(field, place) && fits(wrong, what);
        tried.iter().any(fit)
    };
    let known = |operation: &str| tried.iter().any(|(tried, ..)| *tried == operation);
    let values = VALUES
        .iter()
        .filter(|value| !used(value))
        .map(|(of, field, wrong, ..)| format!("{of} {field} {wrong}"));
    let again = AGAIN.iter().map(|(operation, ..)| *operation);
    let operations = again.chain(RIVALS.iter().map(|(operation, _)| *operation));
    values
        .chain(operations.filter(|operation| !known(operation)).map(str::to_owned))
        .collect()
}

fn why(operation: &str, place: &str, what: &str) -> Option<Why> {
    let known = VALUES
        .iter()
        .find(|(of, field, wrong, ..)| fits(of, operation) && fits(field, place) && fits(wrong, what));
    known.map(|(_, _, _, why, _)| *why)
}

/// Whether a text has what stands before and behind the star.
fn fits(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        Some((start, end)) => text.strip_prefix(start).is_some_and(|rest| rest.ends_with(end)),
        None => pattern == text,
    }
}
