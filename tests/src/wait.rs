//! Waiting on state.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// How long a story waits for something that should come soon, on a machine that is busy with other stories, too.
pub const DEADLINE: Duration = Duration::from_secs(20);

/// Between two looks.
const INTERVAL: Duration = Duration::from_millis(10);

/// Asks again and again until there is an answer, and gives it.
///
/// # Errors
/// Where asking fails, or where there is none within [`DEADLINE`]; `what` names it.
pub async fn wait_for<T>(what: &str, ask: impl AsyncFnMut() -> Result<Option<T>>) -> Result<T> {
    wait_within(DEADLINE, what, ask).await
}

/// As [`wait_for`], for what may take longer, or must come sooner.
///
/// # Errors
/// Where asking fails, or where there is no answer within the limit.
pub async fn wait_within<T>(
    limit: Duration,
    what: &str,
    mut ask: impl AsyncFnMut() -> Result<Option<T>>,
) -> Result<T> {
    let start = Instant::now();
    loop {
        if let Some(answer) = ask().await? {
            return Ok(answer);
        }
        if start.elapsed() > limit {
            bail!("after {limit:?} still not: {what}");
        }
        tokio::time::sleep(INTERVAL).await;
    }
}

/// Waits until a condition holds.
///
/// # Errors
/// As [`wait_for`].
pub async fn wait_until(
    what: &str,
    mut condition: impl AsyncFnMut() -> Result<bool>,
) -> Result<()> {
    wait_for(what, async || Ok(condition().await?.then_some(()))).await
}
