//! Organisations and who may act for them.

use harness::databases;
use proto::identity::v1::{
    AddMemberRequest, CreateOrganisationRequest, ListMembersRequest, RemoveMemberRequest, Role, SwitchOrganisationRequest, Tokens,
};
use tonic::Code;

use crate::setting::{PASSWORD, Setting, reason, with};

async fn person(setting: &Setting, email: &str) -> Tokens {
    setting.register(email, "").await.unwrap();
    setting.sign_in(email, PASSWORD).await.unwrap()
}

async fn act_for(setting: &Setting, tokens: &Tokens, organisation: &str) -> Result<Tokens, tonic::Status> {
    let request = SwitchOrganisationRequest {
        organisation_id: organisation.to_owned(),
    };
    setting
        .sessions()
        .switch_organisation(with(tokens, request))
        .await
        .map(tonic::Response::into_inner)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_may_what_their_role_says_and_strangers_see_nothing() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        let (owner, clerk, stranger) = (
            person(&setting, "owner@example.com").await,
            person(&setting, "clerk@example.com").await,
            person(&setting, "else@example.com").await,
        );
        let request = CreateOrganisationRequest {
            request_id: "o".to_owned(),
            name: "Pearl River Parts".to_owned(),
            country: "CN".to_owned(),
        };
        let company = setting
            .organisations()
            .create_organisation(with(&owner, request))
            .await
            .unwrap()
            .into_inner();
        let acting = act_for(&setting, &owner, &company.id).await.unwrap();
        let add = |role: Role| AddMemberRequest {
            request_id: String::new(),
            organisation_id: company.id.clone(),
            email: "clerk@example.com".to_owned(),
            role: role.into(),
        };
        let clerk_id = setting
            .organisations()
            .add_member(with(&acting, add(Role::Warehouse)))
            .await
            .unwrap()
            .into_inner()
            .account_id;
        assert_eq!(
            reason(
                &setting
                    .organisations()
                    .add_member(with(&acting, add(Role::Sales)))
                    .await
                    .unwrap_err()
            ),
            "ALREADY_MEMBER"
        );

        let clerk_acting = act_for(&setting, &clerk, &company.id).await.unwrap();
        assert!(clerk_acting.scope.contains("logistics.write") && !clerk_acting.scope.contains("payouts.write"));
        let denied = setting
            .organisations()
            .add_member(with(&clerk_acting, add(Role::Owner)))
            .await
            .unwrap_err();
        assert_eq!(denied.code(), Code::PermissionDenied);
        assert_eq!(
            act_for(&setting, &stranger, &company.id).await.unwrap_err().code(),
            Code::PermissionDenied
        );
        let list = ListMembersRequest {
            organisation_id: company.id.clone(),
            page_size: 1,
            page_token: String::new(),
        };
        let seen = setting
            .organisations()
            .list_members(with(&stranger, list.clone()))
            .await
            .unwrap_err();
        assert_eq!(seen.code(), Code::NotFound);
        let page = setting
            .organisations()
            .list_members(with(&acting, list))
            .await
            .unwrap()
            .into_inner();
        assert_eq!((page.members.len(), page.next_page_token.is_empty()), (1, false));

        let remove = |account_id: String| RemoveMemberRequest {
            request_id: String::new(),
            organisation_id: company.id.clone(),
            account_id,
        };
        setting
            .organisations()
            .remove_member(with(&acting, remove(clerk_id)))
            .await
            .unwrap();
        assert!(act_for(&setting, &clerk, &company.id).await.is_err());
        let last = setting
            .organisations()
            .remove_member(with(&acting, remove(owner.account_id.clone())))
            .await
            .unwrap_err();
        assert_eq!(reason(&last), "LAST_OWNER");
    }
}
