//! Whose relay it is, and who may sit down.

use anyhow::{Context, Result};
use reqwest::{Method, StatusCode};
use serde_json::json;
use tests::{
    account::{Account, http_client, origin, post},
    chromium::Chromium,
    page::Page,
    relay::{PASSWORD, Relay},
};

#[tokio::test]
async fn an_owner_claims_a_new_relay_and_later_signs_in() -> Result<()> {
    let mut relay = Relay::serve().await?;
    let code = relay.setup_code().await?;
    let chromium = Chromium::start().await?;
    let page = Page::visit(&chromium, &relay).await?;
    page.tab.fill("Setup code", &code).await?;
    page.tab.fill("Name", "ada").await?;
    page.tab.fill("Password", PASSWORD).await?;
    page.tab.click("button", "Claim this relay").await?;
    page.shows_the_screen_of(&relay.sim).await?;

    page.tab
        .call("Network.clearBrowserCookies", json!({}))
        .await?;
    page.tab.go(&relay.url).await?;
    page.tab.fill("Name", "ada").await?;
    page.tab.fill("Password", "not the password").await?;
    page.tab.click("button", "Sign in").await?;
    assert!(!page.alert().await?.is_empty());
    page.tab.fill("Password", PASSWORD).await?;
    page.tab.click("button", "Sign in").await?;
    page.shows_the_screen_of(&relay.sim).await?;
    chromium.end().await
}

#[tokio::test]
async fn the_one_time_link_of_the_demo_opens_once() -> Result<()> {
    let relay = Relay::start_demo().await?;
    let link = relay.sign_in_link()?;
    let chromium = Chromium::start().await?;
    let page = Page {
        tab: chromium.tab().await?,
    };
    page.tab.go(&link).await?;
    page.shows_the_screen_of(&relay.sim).await?;
    let address = page.tab.evaluate("location.href").await?;
    assert_eq!(
        address,
        relay.url.as_str(),
        "no secret stays in the address"
    );
    assert!(Account::open(&link).await.is_err());
    chromium.end().await
}

#[tokio::test]
async fn a_wrong_setup_code_claims_nothing() -> Result<()> {
    let mut relay = Relay::serve().await?;
    let code = relay.setup_code().await?;
    let base = relay.url.clone();
    let refused = Account::claim(&base, "000000", "eve", PASSWORD).await;
    assert!(refused.is_err());
    Account::claim(&base, &code, "ada", PASSWORD).await?;
    let again = Account::claim(&base, &code, "eve", PASSWORD).await;
    assert!(again.is_err(), "a relay is claimed once");
    assert!(Account::sign_in(&base, "eve", PASSWORD).await.is_err());
    Ok(())
}

#[tokio::test]
async fn a_wrong_name_and_a_wrong_password_look_the_same() -> Result<()> {
    let mut relay = Relay::serve().await?;
    relay.claimed().await?;
    let sign_in = async |name: &str, password: &str| {
        let body = json!({ "name": name, "password": password });
        post(&relay.url, "api/v1/session", &body).await
    };
    let wrong_password = sign_in("ada", "not the password").await?;
    let wrong_name = sign_in("eve", PASSWORD).await?;
    assert_eq!(wrong_password.status, StatusCode::UNAUTHORIZED);
    assert_eq!(wrong_password, wrong_name);
    Ok(())
}

#[tokio::test]
async fn the_page_may_run_nothing_but_its_own_files() -> Result<()> {
    let relay = Relay::start_demo().await?;
    let response = http_client()?.get(relay.url.clone()).send().await?;
    let policy = response
        .headers()
        .get("content-security-policy")
        .context("a content security policy")?
        .to_str()?;
    assert!(policy.contains("default-src 'none'") || policy.contains("default-src 'self'"));
    assert!(!policy.contains("unsafe-inline"), "{policy}");
    assert!(!policy.contains("'unsafe-eval'"), "{policy}");
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    Ok(())
}

#[tokio::test]
async fn another_sites_request_changes_nothing() -> Result<()> {
    let mut relay = Relay::serve().await?;
    relay.claimed().await?;
    let body = json!({ "name": "ada", "password": PASSWORD });
    let request = http_client()?
        .request(Method::POST, relay.url.join("api/v1/session")?)
        .header("Origin", "https://example.org")
        .json(&body);
    let response = request.send().await?;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    assert!(response.headers().get("set-cookie").is_none());
    Ok(())
}

#[tokio::test]
async fn a_body_before_sign_in_is_bounded() -> Result<()> {
    let relay = Relay::serve().await?;
    let request = http_client()?
        .post(relay.url.join("api/v1/session")?)
        .header("Origin", origin(&relay.url))
        .header("Content-Type", "application/json")
        .body(vec![b' '; 8 * 1024 * 1024]);
    // The relay may answer and close before it has read all of it.
    if let Ok(response) = request.send().await {
        assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
    }
    let after = http_client()?.get(relay.url.clone()).send().await?;
    assert!(after.status().is_success());
    Ok(())
}
