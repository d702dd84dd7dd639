//! Who gets in where: every kind of rule against every kind of caller.

use harness::Authority;
use kernel::OrganisationId;
use proto::{
    identity::v1::{GetJwksRequest, key_service_client::KeyServiceClient},
    payment::v1::{
        CreatePayoutRequest, GetTrialBalanceRequest, OpenIntentRequest, ReceiveProviderEventRequest,
        intent_service_client::IntentServiceClient, ledger_service_client::LedgerServiceClient, payout_service_client::PayoutServiceClient,
        provider_service_client::ProviderServiceClient,
    },
};
use tonic::{Code, Request, Status};
use uuid::Uuid;

use crate::stub::{Setting, Stub};

#[derive(Clone, Copy, Debug)]
enum Caller {
    Nobody,
    /// Whoever signs in as HTTP did before there were tokens.
    Basic,
    Forger,
    WithoutScope,
    WithScope,
    Operator,
    Order,
    Catalog,
    /// Order's token for another service.
    OrderElsewhere,
}

const CALLERS: [Caller; 9] = [
    Caller::Nobody,
    Caller::Basic,
    Caller::Forger,
    Caller::WithoutScope,
    Caller::WithScope,
    Caller::Operator,
    Caller::Order,
    Caller::Catalog,
    Caller::OrderElsewhere,
];

impl Caller {
    fn sends<T>(self, authority: &Authority, message: T) -> Request<T> {
        let organisation = OrganisationId::from_uuid(Uuid::from_u128(1));
        match self {
            Self::Nobody => Request::new(message),
            Self::Basic => {
                let mut request = Request::new(message);
                request
                    .metadata_mut()
                    .insert("authorization", "Basic YWRhOmh1c2g=".parse().unwrap());
                request
            }
            Self::Forger => Authority::new().operator(organisation, message),
            Self::WithoutScope => authority.person_with(organisation, "orders.read", &[], message),
            Self::WithScope => authority.person_with(organisation, "payouts.write", &[], message),
            Self::Operator => authority.person_with(organisation, "", &["operator"], message),
            Self::Order => authority.service("order", "payment", message),
            Self::Catalog => authority.service("catalog", "payment", message),
            Self::OrderElsewhere => authority.service("order", "logistics", message),
        }
    }
}

fn code<T>(outcome: Result<tonic::Response<T>, Status>) -> Code {
    outcome.map_or_else(|status| status.code(), |_| Code::Ok)
}

#[tokio::test]
async fn every_kind_of_rule_lets_in_whom_it_names_and_nobody_else() {
    use Code::{Ok, PermissionDenied as Denied, Unauthenticated as Unknown};
    let setting = Setting::new(Stub::default()).await;
    let (authority, channel) = (&setting.authority, setting.channel());
    // In the order of CALLERS. A token that proves nothing is refused also where
    // none is needed, but for a provider's, which may be no token at all.
    let wanted = [
        ("public", [Ok, Unknown, Unknown, Ok, Ok, Ok, Ok, Ok, Unknown]),
        ("provider_signature", [Ok; 9]),
        (
            "signed_in with a scope",
            [Unknown, Unknown, Unknown, Denied, Ok, Denied, Unknown, Unknown, Unknown],
        ),
        (
            "signed_in with a role",
            [Unknown, Unknown, Unknown, Denied, Denied, Ok, Unknown, Unknown, Unknown],
        ),
        ("internal", [Denied, Unknown, Unknown, Denied, Denied, Denied, Ok, Denied, Unknown]),
    ];
    for (place, caller) in CALLERS.into_iter().enumerate() {
        let codes = [
            code(
                KeyServiceClient::new(channel.clone())
                    .get_jwks(caller.sends(authority, GetJwksRequest::default()))
                    .await,
            ),
            code(
                ProviderServiceClient::new(channel.clone())
                    .receive_provider_event(caller.sends(authority, ReceiveProviderEventRequest::default()))
                    .await,
            ),
            code(
                PayoutServiceClient::new(channel.clone())
                    .create_payout(caller.sends(authority, CreatePayoutRequest::default()))
                    .await,
            ),
            code(
                LedgerServiceClient::new(channel.clone())
                    .get_trial_balance(caller.sends(authority, GetTrialBalanceRequest::default()))
                    .await,
            ),
            code(
                IntentServiceClient::new(channel.clone())
                    .open_intent(caller.sends(authority, OpenIntentRequest::default()))
                    .await,
            ),
        ];
        for ((rule, allowed), code) in wanted.iter().zip(codes) {
            assert_eq!(code, allowed[place], "{caller:?} before {rule}");
        }
    }
    let let_in: usize = wanted
        .iter()
        .map(|(_, codes)| codes.iter().filter(|code| **code == Ok).count())
        .sum();
    assert_eq!(setting.stub.called() as usize, let_in, "nobody else reached the service");
}
