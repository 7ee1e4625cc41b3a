use std::{sync::Arc, time::Duration};

use tokio::{task::spawn_blocking, time::timeout};

use super::*;

const LIMIT: Duration = Duration::from_secs(20);

fn content(size: usize) -> Vec<u8> {
    (0..size).map(|at| (at * 31 % 251) as u8).collect()
}

/// Delivers whatever is asked for until the medium is gone.
async fn supply(supply: Supply, content: Arc<Vec<u8>>) {
    while let Some(Request {
        number,
        offset,
        length,
    }) = supply.next().await
    {
        let part = &content[offset as usize..][..length as usize];
        supply.deliver(number, part).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_of_a_medium_is_read_from_several_threads() {
    let content = Arc::new(content((3 << 20) + 777));
    let (remote, inlet) = open(content.len() as u64);
    let supplying = tokio::spawn(supply(inlet.attach(), content.clone()));
    let remote = Arc::new(remote);
    let mut readers = Vec::new();
    for part in [10_000, 131_072, 2 << 20] {
        let (remote, content) = (remote.clone(), content.clone());
        readers.push(spawn_blocking(move || {
            let mut read = vec![0; content.len()];
            for (place, part) in read.chunks_mut(part).scan(0, |at, part| {
                let place = *at;
                *at += part.len() as u64;
                Some((place, part))
            }) {
                remote.read_at(place, part).unwrap();
            }
            assert!(read == *content);
        }));
    }
    for reader in readers {
        timeout(LIMIT, reader).await.expect("in time").unwrap();
    }
    assert!(
        remote
            .read_at(content.len() as u64 - 1, &mut [0; 2])
            .is_err()
    );
    assert!(remote.read_at(u64::MAX, &mut [0; 2]).is_err());
    drop(remote);
    timeout(LIMIT, supplying)
        .await
        .expect("told that it is over")
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_goes_on_with_whoever_comes_next() {
    let content = Arc::new(content(1 << 20));
    let (remote, inlet) = open(content.len() as u64);
    let silent = inlet.attach();
    let reader = spawn_blocking(move || {
        let mut read = [0; 4096];
        remote.read_at(600_000, &mut read).map(|()| read)
    });
    assert!(
        timeout(LIMIT, silent.next())
            .await
            .expect("asked")
            .is_some()
    );
    let next = inlet.attach();
    assert_eq!(timeout(LIMIT, silent.next()).await.expect("told"), None);
    assert!(!silent.is_over());
    drop(silent);
    assert_eq!(inlet.reach(), Reach::Here);
    let supplying = tokio::spawn(supply(next, content.clone()));
    let read = timeout(LIMIT, reader)
        .await
        .expect("in time")
        .unwrap()
        .unwrap();
    assert_eq!(read, content[600_000..604_096]);
    timeout(LIMIT, supplying).await.expect("in time").unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_that_waits_ends_when_the_medium_is_taken_out() {
    let (remote, inlet) = open(1 << 20);
    let supply = inlet.attach();
    let remote = Arc::new(remote);
    let reading = remote.clone();
    let reader = spawn_blocking(move || reading.read_at(0, &mut [0; 4096]));
    assert!(
        timeout(LIMIT, supply.next())
            .await
            .expect("asked")
            .is_some()
    );
    remote.interrupt();
    let read = timeout(Duration::from_secs(3), reader)
        .await
        .expect("at once")
        .unwrap();
    assert_eq!(read.unwrap_err().to_string(), Unread::Gone.to_string());
    assert_eq!(timeout(LIMIT, supply.next()).await.expect("told"), None);
    assert!(supply.is_over());
}
