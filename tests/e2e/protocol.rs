//! Whatever comes over a link harms nothing but that link.

use anyhow::{Context, Result};
use shared::{
    ToRelay,
    input::{Input, Usage},
    message::Closing,
    version::{SPOKEN, Versions},
    wire::{TO_RELAY_MAX, encode_to_relay},
};
use tests::{
    account::Account,
    native::{Client, Closed, Options, Refused, Upgrade},
    relay::Relay,
};

#[tokio::test]
async fn the_newest_common_version_is_spoken() -> Result<()> {
    let (_relay, account) = Relay::demo().await?;
    let versions = Versions {
        oldest: SPOKEN.oldest,
        newest: SPOKEN.newest + 7,
    };
    let mut viewer = Client::connect(&account, speaks(versions)).await?;
    assert_eq!(viewer.version().await?, SPOKEN.newest);
    Ok(())
}

#[tokio::test]
async fn a_page_of_another_version_is_told_to_reload() -> Result<()> {
    let (_relay, account) = Relay::demo().await?;
    let versions = Versions {
        oldest: SPOKEN.newest + 1,
        newest: SPOKEN.newest + 2,
    };
    let mut viewer = Client::connect(&account, speaks(versions)).await?;
    assert_eq!(viewer.closed().await?, for_reason(Closing::ReloadPage));
    Ok(())
}

fn speaks(versions: Versions) -> Options {
    Options {
        versions: Some(versions),
        ..Options::default()
    }
}

#[tokio::test]
async fn a_bad_message_closes_its_link_with_a_reason_and_no_other() -> Result<()> {
    let (_relay, account) = Relay::demo().await?;
    let mut bystander = Client::watch(&account).await?;
    let key = encode_to_relay(&ToRelay::Input(Input::Key {
        usage: Usage::Keyboard(4),
        down: true,
    }));
    let with_a_tail = [key.as_slice(), b"tail"].concat();
    for (what, bytes) in [
        ("cut off", key[..key.len() - 1].to_vec()),
        ("empty", Vec::new()),
        ("of an unknown variant", vec![0x7F]),
        ("of a variant past any", vec![0xFF; 12]),
        ("with a tail", with_a_tail),
        ("oversized", vec![0; TO_RELAY_MAX + 1]),
        ("huge", vec![0; 2 * 1024 * 1024]),
    ] {
        let mut viewer = Client::watch(&account).await?;
        viewer.send_bytes(bytes)?;
        let closed = viewer.closed().await?;
        assert_eq!(closed, for_reason(Closing::BadMessage), "{what}");
        bystander
            .ping()
            .await
            .with_context(|| format!("after one {what}"))?;
    }
    Ok(())
}

#[tokio::test]
async fn text_is_not_a_message() -> Result<()> {
    let (_relay, account) = Relay::demo().await?;
    let mut viewer = Client::watch(&account).await?;
    viewer.send_text("hello")?;
    assert_eq!(viewer.closed().await?, for_reason(Closing::BadMessage));
    Ok(())
}

#[tokio::test]
async fn what_does_not_begin_with_hello_is_closed() -> Result<()> {
    let (_relay, account) = Relay::demo().await?;
    let options = Options {
        versions: None,
        ..Options::default()
    };
    let mut viewer = Client::connect(&account, options).await?;
    viewer.send(&ToRelay::Ping { sent_us: 1 })?;
    assert_eq!(viewer.closed().await?, for_reason(Closing::BadMessage));
    Ok(())
}

#[tokio::test]
async fn a_key_that_was_pressed_before_a_bad_message_is_released() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    let mut viewer = Client::operate(&account).await?;
    viewer.key(Usage::Keyboard(0xE1), true)?;
    relay
        .sim
        .state_where("Shift is down", |state| state.keys_down == [0xE1])
        .await?;
    viewer.send_bytes(vec![0x7F])?;
    viewer.closed().await?;
    relay
        .sim
        .state_where("Shift is up", |state| state.keys_down.is_empty())
        .await?;
    Ok(())
}

fn for_reason(closing: Closing) -> Closed {
    Closed {
        closing: Some(closing),
        code: Some(closing.code()),
    }
}

#[tokio::test]
async fn the_link_is_for_the_relays_own_page_and_who_has_signed_in() -> Result<()> {
    let (_relay, account) = Relay::demo().await?;
    let whole = Upgrade::of(&account);
    let with_origin = |origin: &str| Upgrade {
        origin: Some(origin.to_owned()),
        ..whole.clone()
    };
    let with_cookie = |cookie: Option<String>| Upgrade {
        cookie,
        ..whole.clone()
    };
    let name = account.cookie.split('=').next().context("a name")?;
    for (what, upgrade, status) in [
        ("another origin", with_origin("https://example.org"), 403),
        ("a null origin", with_origin("null"), 403),
        ("no session", with_cookie(None), 401),
        (
            "a made-up session",
            with_cookie(Some(format!("{name}=0123456789abcdef"))),
            401,
        ),
    ] {
        assert_eq!(refusal(&upgrade).await?, status, "{what}");
    }
    let mut viewer = Client::upgrade(&whole, Options::default()).await?;
    viewer.state().await?;
    Ok(())
}

#[tokio::test]
async fn a_session_that_has_ended_opens_no_link() -> Result<()> {
    let (_relay, account) = Relay::demo().await?;
    let mut viewer = Client::watch(&account).await?;
    account.sign_out().await?;
    assert_eq!(viewer.closed().await?, for_reason(Closing::SignedOut));
    assert_eq!(refusal(&Upgrade::of(&account)).await?, 401);
    Ok(())
}

#[tokio::test]
async fn tls_carries_the_link_as_well() -> Result<()> {
    let mut relay = Relay::serve_on("0.0.0.0:0").await?;
    assert_eq!(relay.url.scheme(), "https");
    let account: Account = relay.claimed().await?;
    assert!(account.cookie.starts_with("__Host-"));
    let mut viewer = Client::watch(&account).await?;
    assert!(viewer.next_frame().await?.frame.key);
    Ok(())
}

async fn refusal(upgrade: &Upgrade) -> Result<u16> {
    let error = match Client::upgrade(upgrade, Options::default()).await {
        Ok(_) => anyhow::bail!("not refused"),
        Err(error) => error,
    };
    Ok(error.downcast::<Refused>()?.0)
}
