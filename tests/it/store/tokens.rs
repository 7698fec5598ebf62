//! Tokens are found by their hash until they are revoked.

use ticket_dispatch::{
    domain::{people::Role, time::Timestamp},
    store::Token,
};

use super::stage::{Stage, tenant};

on_both!(a_revoked_token_opens_nothing);

async fn a_revoked_token_opens_nothing(stage: Stage) {
    let store = &stage.store;
    let token = Token {
        id: "t-1".to_owned(),
        tenant: tenant("acme"),
        subject: "helpdesk-bot".to_owned(),
        roles: vec![Role::Bot, Role::Service],
        hash: [5; 32],
        created: Timestamp(1000),
        revoked: None,
    };
    store.add_token(&token).await.unwrap();
    assert!(store.add_token(&token).await.is_err());
    assert_eq!(store.token_by_hash(&[5; 32]).await.unwrap(), Some(token.clone()));
    assert_eq!(store.token_by_hash(&[6; 32]).await.unwrap(), None);
    assert_eq!(store.tokens(&tenant("globex")).await.unwrap(), []);
    assert!(!store.revoke_token(&tenant("globex"), "t-1", Timestamp(2000)).await.unwrap());
    assert!(store.revoke_token(&tenant("acme"), "t-1", Timestamp(2000)).await.unwrap());
    assert!(!store.revoke_token(&tenant("acme"), "t-1", Timestamp(3000)).await.unwrap());
    assert_eq!(store.token_by_hash(&[5; 32]).await.unwrap(), None);
    let revoked = Token { revoked: Some(Timestamp(2000)), ..token };
    assert_eq!(store.tokens(&tenant("acme")).await.unwrap(), [revoked]);
}
