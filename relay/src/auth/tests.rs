use serde_json::{Value, json};

use super::*;

const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
const ELSEWHERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));
const PASSWORD: &str = "correct horse";

struct Fixture {
    auth: Auth,
    audit: Audit,
    store: Store,
    folder: tempfile::TempDir,
}

fn fixture() -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let audit = Audit::start(store.clone()).unwrap();
    Fixture {
        auth: Auth::new(store.clone(), audit.clone()),
        audit,
        store,
        folder,
    }
}

async fn claimed() -> Fixture {
    let fixture = fixture();
    let code = fixture.auth.setup_code().to_string();
    fixture
        .auth
        .claim(&code, "ada", PASSWORD.into(), HOME)
        .await
        .unwrap();
    fixture
}

#[tokio::test]
async fn the_first_claim_makes_an_administrator_who_is_signed_in() {
    let auth = fixture().auth;
    assert!(!auth.is_claimed().await.unwrap());
    let code = auth.setup_code().to_string();
    let (token, session) = auth
        .claim(&code, " ada ", PASSWORD.into(), HOME)
        .await
        .unwrap();
    assert_eq!(
        (session.user.name.as_str(), session.user.role),
        ("ada", Role::Admin)
    );
    assert_eq!(auth.session(&token).await.unwrap(), Some(session));
    assert!(auth.is_claimed().await.unwrap());
}

#[tokio::test]
async fn it_is_written_down_who_came_and_who_was_refused() {
    let Fixture { auth, audit, .. } = fixture();
    let wrong = auth.claim("wrong", "eve", PASSWORD.into(), ELSEWHERE).await;
    assert!(matches!(wrong, Err(AuthError::Refused)));
    let code = auth.setup_code().to_string();
    let (_, session) = auth
        .claim(&code, "ada", PASSWORD.into(), HOME)
        .await
        .unwrap();
    let wrong = auth.sign_in("ADA", "a guess".into(), ELSEWHERE).await;
    assert!(matches!(wrong, Err(AuthError::Refused)));
    auth.sign_out(&session).await.unwrap();
    let written = audit.read(None, 9).await.unwrap().into_iter().rev();
    let written: Vec<_> = written.map(|entry| Value::Object(entry.act)).collect();
    let (home, elsewhere) = ("192.0.2.1", "192.0.2.2");
    assert_eq!(
        written,
        [
            json!({ "by": "", "what": "claim-refused", "from": elsewhere }),
            json!({ "by": "ada", "what": "claimed", "from": home }),
            json!({ "by": "ada", "what": "signed-in", "from": home }),
            json!({ "by": "", "what": "sign-in-refused", "user": "ada", "from": elsewhere }),
            json!({ "by": "ada", "what": "signed-out" }),
        ]
    );
}

#[tokio::test]
async fn a_relay_is_claimed_once() {
    let auth = claimed().await.auth;
    let code = auth.setup_code().to_string();
    let again = auth.claim(&code, "eve", PASSWORD.into(), HOME).await;
    assert!(matches!(again, Err(AuthError::Claimed)));
}

#[tokio::test]
async fn wrong_setup_codes_lead_to_a_pause_that_holds_for_the_right_one_too() {
    let auth = fixture().auth;
    for _ in 0..3 {
        let answer = auth.claim("0000-0000", "eve", PASSWORD.into(), HOME).await;
        assert!(matches!(answer, Err(AuthError::Refused)));
    }
    let code = auth.setup_code().to_string();
    let answer = auth.claim(&code, "ada", PASSWORD.into(), HOME).await;
    assert!(matches!(answer, Err(AuthError::TooMany { .. })));
    assert!(
        auth.claim(&code, "ada", PASSWORD.into(), ELSEWHERE)
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn what_nobody_can_have_is_said_before_the_code_is_looked_at() {
    let auth = fixture().auth;
    let short = auth.claim("0000-0000", "ada", "1234567".into(), HOME).await;
    assert!(matches!(short, Err(AuthError::Invalid(_))));
    let nameless = auth.claim("0000-0000", "", PASSWORD.into(), HOME).await;
    assert!(matches!(nameless, Err(AuthError::Invalid(_))));
}

#[tokio::test]
async fn name_and_password_sign_in() {
    let auth = claimed().await.auth;
    let (token, session) = auth.sign_in("Ada", PASSWORD.into(), HOME).await.unwrap();
    assert_eq!(auth.session(&token).await.unwrap(), Some(session));
}

#[tokio::test]
async fn wrong_name_and_wrong_password_are_the_same() {
    let auth = claimed().await.auth;
    for (name, password) in [
        ("ada", "wrong horse"),
        ("eve", PASSWORD),
        ("", PASSWORD),
        ("ada", &"x".repeat(5000)),
    ] {
        let answer = auth.sign_in(name, password.into(), HOME).await;
        assert!(matches!(answer, Err(AuthError::Refused)), "{name}");
    }
}

#[tokio::test]
async fn guessing_makes_the_guesser_wait_and_nobody_else() {
    let auth = claimed().await.auth;
    for _ in 0..3 {
        let answer = auth.sign_in("ada", "wrong horse".into(), HOME).await;
        assert!(matches!(answer, Err(AuthError::Refused)));
    }
    let answer = auth.sign_in("ADA", PASSWORD.into(), HOME).await;
    assert!(matches!(answer, Err(AuthError::TooMany { .. })));
    assert!(
        auth.sign_in("ada", PASSWORD.into(), ELSEWHERE)
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn signing_out_ends_the_session_and_tells_its_links() {
    let auth = claimed().await.auth;
    let (token, session) = auth.sign_in("ada", PASSWORD.into(), HOME).await.unwrap();
    let mut changes = auth.changes();
    auth.sign_out(&session).await.unwrap();
    assert!(changes.has_changed().unwrap());
    changes.mark_unchanged();
    assert_eq!(auth.session(&token).await.unwrap(), None);
    assert_eq!(auth.renew(session.id).await.unwrap(), None);
}

/// A change each time: SQLite does not write a row that stays as it is.
const TOGGLE_ROLE: &str = "UPDATE users SET role = iif(role = 'viewer', 'operator', 'viewer')";

#[tokio::test]
async fn another_process_that_changes_a_user_tells_their_links() {
    let fixture = claimed().await;
    let auth = fixture.auth.clone();
    let follower = auth.clone();
    let follower = tokio::spawn(async move { follower.follow_store().await });
    let mut changes = auth.changes();
    let other = Store::open(fixture.folder.path()).unwrap();
    let removed = async {
        loop {
            other
                .call(|connection| connection.execute(TOGGLE_ROLE, []))
                .await
                .unwrap();
            if tokio::time::timeout(Duration::from_millis(600), changes.changed())
                .await
                .is_ok()
            {
                break;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), removed)
        .await
        .unwrap();
    follower.abort();
}

#[tokio::test]
async fn tokens_are_not_in_the_store() {
    let fixture = claimed().await;
    let (token, session) = fixture
        .auth
        .sign_in("ada", PASSWORD.into(), HOME)
        .await
        .unwrap();
    let stored: Vec<u8> = fixture
        .store
        .call(move |connection| {
            connection.query_row(
                "SELECT token FROM sessions WHERE id = ?1",
                [session.id],
                |row| row.get(0),
            )
        })
        .await
        .unwrap();
    assert_eq!(stored, token.hash());
    assert_ne!(
        token
            .hash()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>(),
        token.to_hex()
    );
}

#[test]
fn ipv6_guessers_are_counted_by_network() {
    let first: IpAddr = "2001:db8:1:2:3::4".parse().unwrap();
    let second: IpAddr = "2001:db8:1:2:ffff::1".parse().unwrap();
    let other: IpAddr = "2001:db8:1:3::4".parse().unwrap();
    assert_eq!(network(first), network(second));
    assert_ne!(network(first), network(other));
    assert_eq!(network("::ffff:192.0.2.1".parse().unwrap()), HOME);
}
