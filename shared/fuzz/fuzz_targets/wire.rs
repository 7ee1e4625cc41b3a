//! Any bytes are a message or a refusal; a message that was taken is given back byte for byte in meaning.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shared::wire::{decode_to_browser, decode_to_relay, encode_to_browser, encode_to_relay};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(message) = decode_to_relay(bytes) {
        assert_eq!(decode_to_relay(&encode_to_relay(&message)), Ok(message));
    }
    if let Ok((message, tail)) = decode_to_browser(bytes) {
        let again = encode_to_browser(&message, tail);
        assert_eq!(decode_to_browser(&again), Ok((message, tail)));
    }
});
