//! Gives a medium the bytes that it asks for, for as long as it is in a drive.

use std::time::Duration;

use futures_util::future::select_all;
use shared::media::Ejected;
use tokio::time::{Instant, sleep_until};
use tracing::warn;

use super::{Line, Lost, Place, host_of};
use crate::media::{
    Reach,
    remote::{Inlet, Supply},
};

/// How many parts are asked for at a time.
const LINES: usize = 4;

/// The longest time after which a server that is away is asked again.
const PAUSE_MAX: Duration = Duration::from_secs(4);

/// Until the medium is gone. A server that is away is asked again and again; while it is, the medium is out of reach.
pub(super) async fn supply(place: Place, inlet: Inlet) {
    let host = host_of(&place.url);
    loop {
        let supply = inlet.attach();
        let lines = (0..LINES).map(|_| Box::pin(give(&place, &supply)));
        let (ended, ..) = select_all(lines).await;
        match ended {
            Ok(()) => return,
            Err(Lost::Changed) => {
                warn!(%host, "an image has changed on its server, or is gone");
                return supply.give_up(Ejected::SourceChanged);
            }
            Err(Lost::Away(why)) => warn!(%host, why, "the server of an image is away"),
        }
        drop(supply);
        match asked_again(&place, &inlet).await {
            Again::Here => {}
            Again::Changed => return inlet.attach().give_up(Ejected::SourceChanged),
            Again::NotWanted => return,
        }
    }
}

/// Gives one part after the other, until the medium is gone.
async fn give(place: &Place, supply: &Supply) -> Result<(), Lost> {
    let mut line = Line::new(place);
    while let Some(request) = supply.next().await {
        let end = request.offset + u64::from(request.length);
        let bytes = line.part(request.offset..end).await?;
        let _nobody_waits_for_it = supply.deliver(request.number, &bytes);
    }
    Ok(())
}

/// What has become of a server that was away.
enum Again {
    /// It gives the file again.
    Here,
    /// It has another one now, or none.
    Changed,
    /// The medium is gone.
    NotWanted,
}

/// Asks a server that is away again and again.
async fn asked_again(place: &Place, inlet: &Inlet) -> Again {
    let mut line = Line::new(place);
    let mut pause = Duration::from_millis(250);
    while !matches!(inlet.reach(), Reach::Gone(_)) {
        let next = Instant::now() + pause;
        match line.part(0..1).await {
            Ok(_) => return Again::Here,
            Err(Lost::Changed) => return Again::Changed,
            Err(Lost::Away(_)) => {}
        }
        sleep_until(next).await;
        pause = (pause * 2).min(PAUSE_MAX);
    }
    Again::NotWanted
}
