//! What looks wrong and is not, or is refused in other words than the field's name: each with its reason.

mod values;

use reqwest::StatusCode;

use self::values::{
    VALUES, Value,
    Why::{self, Counted, Refused, Taken},
};

/// Whether what is wrong here is said of the one thing that it is in, in an answer
/// that takes the others in: a carrier's bad event keeps no good one out.
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

/// Exceptions that no case needs any more.
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
