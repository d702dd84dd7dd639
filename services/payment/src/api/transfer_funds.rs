//! Sends money to another organisation's wallet. Before the first money comes
//! into a wallet, identity is asked whether there is such an organisation.

use kernel::{OrganisationId, TransferId};
use proto::payment::v1::{Transfer as TransferMessage, TransferFundsRequest};
use runtime::{Violations, auth::principal, money, timestamp};
use store::{Cause, Error, Keys};
use tonic::{Request, Status};

use super::{Api, payable};
use crate::{
    books,
    domain::{
        Refusal,
        account::{Account, AccountKey},
        transfer::{Code, Mode, Transfer},
    },
};

pub(super) async fn handle(api: &Api, request: &Request<TransferFundsRequest>) -> Result<TransferMessage, Status> {
    let principal = principal(request)?;
    let request = request.get_ref();
    let mut check = Violations::new();
    let recipient = check.id::<OrganisationId>("recipient_id", &request.recipient_id);
    check.require(recipient != Some(principal.organisation), "recipient_id", "is the sender itself");
    let amount = payable(&mut check, request.amount.as_ref());
    let (recipient, amount) = check.finish((recipient, amount))?;

    let now = api.now();
    let id = TransferId::at(now);
    let transfer = Transfer {
        id,
        mode: Mode::Single,
        debit: AccountKey::wallet(principal.organisation, amount.currency()),
        credit: AccountKey::wallet(recipient, amount.currency()),
        amount: amount.minor_units(),
        code: Code::Transfer,
        reference: id.uuid(),
    };
    let cause = Cause::request(principal.organisation, "TransferFunds", &request.request_id, request);
    let keys = books::keys(Keys::new(), [transfer.debit, transfer.credit]);
    let send = |vouched_for: bool| {
        api.store
            .execute::<TransferMessage, Refusal, _>(cause.clone(), keys.clone(), move |work| {
                let recipients = work.get::<Account>(transfer.credit.id);
                if !vouched_for && recipients.is_none() {
                    return Err(Refusal::UnknownRecipient);
                }
                let full = recipients.is_some_and(|wallet| wallet.is_full(0));
                match books::post(work, &transfer, now) {
                    // Said only to those who have the money.
                    Ok(()) | Err(Refusal::Overflow) if full => return Err(Refusal::RecipientFull),
                    posted => posted?,
                }
                Ok(TransferMessage {
                    id: id.to_string(),
                    recipient_id: recipient.to_string(),
                    amount: Some(money(amount)),
                    create_time: Some(timestamp(now)),
                })
            })
    };
    match send(false).await {
        // Nobody has paid into this wallet yet, so its owner may be a slip of the pen.
        Err(Error::Refused(Refusal::UnknownRecipient)) => {
            api.organisations.must_exist("recipient_id", recipient).await?;
            Ok(send(true).await?)
        }
        sent => Ok(sent?),
    }
}
