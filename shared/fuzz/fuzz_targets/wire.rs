//! Any bytes are a message or a refusal; a message that was taken is given back byte for byte in meaning.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shared::{
    held::{decode_from_holder, decode_to_holder, encode_from_holder, encode_to_holder},
    wire::{decode_to_browser, decode_to_relay, encode_to_browser, encode_to_relay},
};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(message) = decode_to_relay(bytes) {
        assert_eq!(decode_to_relay(&encode_to_relay(&message)), Ok(message));
    }
    if let Ok((message, tail)) = decode_to_browser(bytes) {
        let again = encode_to_browser(&message, tail);
        assert_eq!(decode_to_browser(&again), Ok((message, tail)));
    }
    if let Ok((message, tail)) = decode_from_holder(bytes) {
        let again = encode_from_holder(&message, tail);
        assert_eq!(decode_from_holder(&again), Ok((message, tail)));
    }
    if let Ok(message) = decode_to_holder(bytes) {
        assert_eq!(decode_to_holder(&encode_to_holder(&message)), Ok(message));
    }
});
