//! Organisations and who may act for them.

use harness::{Database, databases};
use proto::identity::v1::{
    AddMemberRequest, ChangeMemberRoleRequest, CreateOrganisationRequest, ListMembersRequest, RemoveMemberRequest, Role, Tokens,
};
use tonic::Code;

use crate::setting::{PASSWORD, Setting, reason, with};

async fn person(setting: &Setting, email: &str) -> Tokens {
    setting.register(email, "").await.unwrap();
    setting.sign_in(email, PASSWORD).await.unwrap()
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
        let company = setting.found(&owner, "Pearl River Parts").await;
        let acting = setting.act_for(&owner, &company.id).await.unwrap();
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

        let clerk_acting = setting.act_for(&clerk, &company.id).await.unwrap();
        assert!(clerk_acting.scope.contains("logistics.write") && !clerk_acting.scope.contains("payouts.write"));
        let denied = setting
            .organisations()
            .add_member(with(&clerk_acting, add(Role::Owner)))
            .await
            .unwrap_err();
        assert_eq!(denied.code(), Code::PermissionDenied);
        assert_eq!(
            setting.act_for(&stranger, &company.id).await.unwrap_err().code(),
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
        let stranger = setting.act_for(&clerk, &company.id).await.unwrap_err();
        assert_eq!(stranger.code(), Code::PermissionDenied);
        let last = setting
            .organisations()
            .remove_member(with(&acting, remove(owner.account_id.clone())))
            .await
            .unwrap_err();
        assert_eq!(reason(&last), "LAST_OWNER");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_leaves_and_sends_nobody_else_away() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        let (owner, clerk) = (
            person(&setting, "owner@example.com").await,
            person(&setting, "clerk@example.com").await,
        );
        let company = setting.found(&owner, "Pearl River Parts").await.id;
        let acting = setting.act_for(&owner, &company).await.unwrap();
        let add = AddMemberRequest {
            request_id: String::new(),
            organisation_id: company.clone(),
            email: "clerk@example.com".to_owned(),
            role: Role::Viewer.into(),
        };
        setting.organisations().add_member(with(&acting, add)).await.unwrap();
        let clerk_acting = setting.act_for(&clerk, &company).await.unwrap();
        let remove = async |account_id: &str| {
            let request = RemoveMemberRequest {
                request_id: String::new(),
                organisation_id: company.clone(),
                account_id: account_id.to_owned(),
            };
            setting.organisations().remove_member(with(&clerk_acting, request)).await
        };
        assert_eq!(remove(&owner.account_id).await.unwrap_err().code(), Code::PermissionDenied);
        remove(&clerk.account_id).await.unwrap();
        assert_eq!(setting.me(&clerk).await.unwrap().memberships.len(), 1);
    }
}

#[tokio::test]
async fn the_name_of_an_organisation_is_one_line() {
    let setting = Setting::on(Database::sqlite()).await;
    let founder = person(&setting, "li@example.com").await;
    let request = CreateOrganisationRequest {
        request_id: String::new(),
        name: "Pearl River\nParts".to_owned(),
        country: "CN".to_owned(),
    };
    let refused = setting.organisations().create_organisation(with(&founder, request)).await;
    assert_eq!(refused.unwrap_err().message(), "name: must be on one line, without tabs");
}

#[tokio::test]
async fn others_do_not_take_all_places_of_somebody() {
    let setting = Setting::on(Database::sqlite()).await;
    let (busy, other) = (
        person(&setting, "busy@example.com").await,
        person(&setting, "other@example.com").await,
    );
    let found = async |request_id: String| {
        let request = CreateOrganisationRequest {
            request_id,
            name: "One of many".to_owned(),
            country: "CN".to_owned(),
        };
        setting.organisations().create_organisation(with(&busy, request)).await
    };
    // The personal organisation is one.
    for number in 1..100 {
        found(number.to_string()).await.unwrap();
    }
    let company = setting.found(&other, "Pearl River Parts").await.id;
    let acting = setting.act_for(&other, &company).await.unwrap();
    let add = AddMemberRequest {
        request_id: String::new(),
        organisation_id: company,
        email: "busy@example.com".to_owned(),
        role: Role::Viewer.into(),
    };
    let refused = setting.organisations().add_member(with(&acting, add)).await.unwrap_err();
    assert_eq!(reason(&refused), "TOO_MANY_ORGANISATIONS");
    for number in 100..200 {
        found(number.to_string()).await.unwrap();
    }
    assert_eq!(reason(&found("200".to_owned()).await.unwrap_err()), "TOO_MANY_ORGANISATIONS");
    let again = found("199".to_owned()).await;
    assert!(again.is_ok(), "what was done before is answered again");
    assert_eq!(setting.me(&busy).await.unwrap().memberships.len(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_refused_is_not_used_up() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        let (owner, clerk) = (
            person(&setting, "owner@example.com").await,
            person(&setting, "clerk@example.com").await,
        );
        let company = setting.found(&owner, "Pearl River Parts").await.id;
        let acting = setting.act_for(&owner, &company).await.unwrap();
        let add = AddMemberRequest {
            request_id: String::new(),
            organisation_id: company.clone(),
            email: "clerk@example.com".to_owned(),
            role: Role::Sales.into(),
        };
        setting.organisations().add_member(with(&acting, add.clone())).await.unwrap();
        let clerk_acting = setting.act_for(&clerk, &company).await.unwrap();
        let remove = RemoveMemberRequest {
            request_id: String::new(),
            organisation_id: company,
            account_id: clerk.account_id,
        };
        setting.organisations().remove_member(with(&acting, remove)).await.unwrap();
        let refused = setting.refresh(&clerk_acting).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied);
        setting.organisations().add_member(with(&acting, add)).await.unwrap();
        assert!(setting.refresh(&clerk_acting).await.is_ok());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_removed_or_is_no_owner_does_not_get_back_what_their_token_still_says() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        let (owner, admin) = (
            person(&setting, "owner@example.com").await,
            person(&setting, "admin@example.com").await,
        );
        let company = setting.found(&owner, "Pearl River Parts").await.id;
        let acting = setting.act_for(&owner, &company).await.unwrap();
        let add = |role: Role| AddMemberRequest {
            request_id: String::new(),
            organisation_id: company.clone(),
            email: "admin@example.com".to_owned(),
            role: role.into(),
        };
        setting.organisations().add_member(with(&acting, add(Role::Admin))).await.unwrap();
        let admin_acting = setting.act_for(&admin, &company).await.unwrap();
        let remove = |account_id: &str| RemoveMemberRequest {
            request_id: String::new(),
            organisation_id: company.clone(),
            account_id: account_id.to_owned(),
        };
        let promote = ChangeMemberRoleRequest {
            request_id: String::new(),
            organisation_id: company.clone(),
            account_id: admin.account_id.clone(),
            role: Role::Owner.into(),
        };
        let promoted = setting
            .organisations()
            .change_member_role(with(&admin_acting, promote))
            .await
            .unwrap_err();
        let deposed = setting
            .organisations()
            .remove_member(with(&admin_acting, remove(&owner.account_id)))
            .await
            .unwrap_err();
        assert_eq!([promoted.code(), deposed.code()], [Code::PermissionDenied; 2]);

        setting
            .organisations()
            .remove_member(with(&acting, remove(&admin.account_id)))
            .await
            .unwrap();
        for role in [Role::Viewer, Role::Admin] {
            let back = setting
                .organisations()
                .add_member(with(&admin_acting, add(role)))
                .await
                .unwrap_err();
            assert_eq!(back.code(), Code::PermissionDenied);
        }
    }
}
