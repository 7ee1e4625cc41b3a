//! The encoder, by a picture that is really encoded.

use std::time::Instant;

use shared::message::VideoSettings;

use super::Check;
use crate::encode::{self, Options};

pub(super) fn trial() -> Check {
    let options = Options {
        width: 1920,
        height: 1080,
        settings: VideoSettings::default(),
    };
    let started = Instant::now();
    match encode::open(options) {
        Ok((codec, _)) => {
            let took = started.elapsed().as_millis();
            let found = format!("{codec:?}, opened with a picture of 1920x1080 in {took} ms");
            Check::ok("encoder", found)
        }
        Err(error) => Check::fail(
            "encoder",
            error.to_string(),
            "this build has no encoder that works here: build it on such a machine with `./justw build`",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::trial;
    use crate::doctor::Verdict;

    #[test]
    fn the_encoder_of_this_build_encodes() {
        assert_eq!(trial().verdict, Verdict::Ok);
    }
}
