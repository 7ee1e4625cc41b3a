use serde_json::json;

use super::*;

const FROM: std::net::IpAddr = std::net::IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

fn store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    (folder, store)
}

fn count(store: &Store, what: &str) -> i64 {
    let count = "SELECT count(*) FROM audit WHERE what = ?1";
    store
        .blocking(|connection| connection.query_row(count, [what], |row| row.get(0)))
        .unwrap()
}

fn refused() -> Act {
    let event = Event::SignInRefused {
        user: None,
        from: FROM,
    };
    Act::new("", None, &event)
}

#[tokio::test]
async fn entries_come_newest_first_and_are_there_after_a_start() {
    let (folder, store) = store();
    let log = Audit::start(store).unwrap();
    let before = unix_us();
    log.record("ada", &Event::SignedIn { from: FROM });
    let mail = log.at(Some(Place {
        port: 1,
        machine: "Mail".to_owned(),
    }));
    mail.record("ada", &Event::TextTyped { characters: 12 });
    log.record("ada", &Event::SignedOut);
    log.flush().await;

    let log = Audit::start(Store::open(folder.path()).unwrap()).unwrap();
    let entries = log.read(None, 9).await.unwrap();
    let acts: Vec<_> = entries.iter().map(|entry| json!(entry.act)).collect();
    assert_eq!(
        acts,
        [
            json!({ "by": "ada", "what": "signed-out" }),
            json!({ "by": "ada", "what": "text-typed", "characters": 12, "port": 1, "machine": "Mail" }),
            json!({ "by": "ada", "what": "signed-in", "from": "192.0.2.1" }),
        ]
    );
    let after = unix_us();
    assert!(
        entries
            .iter()
            .all(|entry| (before..=after).contains(&entry.at_us))
    );
    let page = log.read(Some(entries[0].id), 1).await.unwrap();
    assert_eq!(page, entries[1..2]);
}

#[tokio::test]
async fn nothing_in_it_can_be_changed_or_deleted() {
    let (_folder, store) = store();
    let log = Audit::start(store.clone()).unwrap();
    log.record("ada", &Event::SignedOut);
    log.flush().await;
    for act in ["UPDATE audit SET at_us = 0", "DELETE FROM audit"] {
        let refused = store.blocking(|connection| connection.execute(act, []));
        assert!(refused.is_err(), "{act}");
    }
    assert_eq!(log.read(None, 9).await.unwrap().len(), 1);
}

#[test]
fn the_oldest_make_room_and_no_others() {
    let (_folder, store) = store();
    let add = |connection: &mut Connection| {
        insert(connection, &[Act::new("ada", None, &Event::SignedOut)])
    };
    for _ in 0..2 {
        store.blocking(add).unwrap();
    }
    let later = "UPDATE sqlite_sequence SET seq = ?1 WHERE name = 'audit'";
    store
        .blocking(|connection| connection.execute(later, [KEPT]))
        .unwrap();
    store.blocking(add).unwrap();
    let numbers = store
        .blocking(|connection| select(connection, None, 9))
        .unwrap();
    let numbers: Vec<_> = numbers.iter().map(|entry| entry.id).collect();
    assert_eq!(numbers, [KEPT + 1, 2]);
    let delete =
        |connection: &mut Connection| connection.execute("DELETE FROM audit WHERE id = 2", []);
    assert!(
        store.blocking(delete).is_err(),
        "one of those that are kept"
    );
}

#[test]
fn refused_sign_ins_push_out_nothing_but_themselves() {
    let (_folder, store) = store();
    let most = usize::try_from(REFUSALS_KEPT).unwrap();
    let mut acts = vec![Act::new("ada", None, &Event::SignedOut)];
    acts.extend((0..most + 7).map(|_| refused()));
    for batch in acts.chunks(BATCH_MAX) {
        store
            .blocking(|connection| insert(connection, batch))
            .unwrap();
    }
    assert_eq!(count(&store, "sign-in-refused"), REFUSALS_KEPT);
    assert_eq!(count(&store, "signed-out"), 1);
    let first = store
        .blocking(|connection| select(connection, Some(10), 9))
        .unwrap();
    let first: Vec<_> = first.iter().map(|entry| entry.id).collect();
    assert_eq!(first, [9, 1], "the oldest refusals are gone");
}

#[tokio::test]
async fn a_store_that_fails_stops_nobody() {
    let (_folder, store) = store();
    let log = Audit::start(store.clone()).unwrap();
    store
        .blocking(|connection| connection.execute_batch("ALTER TABLE audit RENAME TO away"))
        .unwrap();
    log.record("ada", &Event::SignedOut);
    log.flush().await;
    store
        .blocking(|connection| connection.execute_batch("ALTER TABLE away RENAME TO audit"))
        .unwrap();
    log.record("bob", &Event::SignedOut);
    let entries = log.read(None, 9).await.unwrap();
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].act["by"], "bob");
}

#[test]
fn a_batch_is_written_whole_or_not_at_all() {
    let (_folder, store) = store();
    let mut acts = vec![refused(), refused()];
    acts[1].text = "{}".to_owned();
    assert!(
        store
            .blocking(|connection| insert(connection, &acts))
            .is_err()
    );
    assert_eq!(count(&store, "sign-in-refused"), 0);
}
