//! `/sim/host`: what the PC's USB host does by itself.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Control, Problem};
use crate::target::sim::drive::{
    Drive,
    medium::{Medium, Sense, TRANSFER_MAX},
};

/// One thing to do; which one is told by the names.
#[derive(Deserialize)]
#[serde(untagged)]
enum Request {
    Leds(Leds),
    Eject(Eject),
    Lock(Lock),
    Read(Read),
    Write(Write),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Leds {
    led_echo: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Eject {
    eject: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lock {
    lock: String,
    on: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    read: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Write {
    write: String,
    block: u64,
    hex: String,
}

/// `POST /sim/host`
pub(super) async fn act(State(control): State<Control>, body: Bytes) -> Result<Response, Problem> {
    let request = serde_json::from_slice(&body).map_err(|_| {
        Problem::bad_request(
            r#"one of {"led_echo": bool}, {"eject": slot}, {"lock": slot, "on": bool}, {"read": slot}, {"write": slot, "block": N, "hex": digits}"#,
        )
    })?;
    match request {
        Request::Leds(Leds { led_echo }) => {
            let live = control.live();
            let mut access = live.access();
            access.pc().led_echo = led_echo;
            access.stir();
        }
        Request::Eject(Eject { eject: slot }) => at(&control, &slot, Drive::eject_by_host)?
            .map_err(|sense| Problem::conflict(format!("{slot}: {sense}")))?,
        Request::Lock(Lock { lock: slot, on }) => at(&control, &slot, |drive| drive.lock(on))?,
        Request::Read(Read { read: slot }) => {
            return Ok(Json(read(&control, &slot).await?).into_response());
        }
        Request::Write(Write {
            write: slot,
            block,
            hex,
        }) => {
            let bytes =
                bytes(&hex).ok_or_else(|| Problem::bad_request("hex has two digits a byte"))?;
            return Ok(Json(write(&control, &slot, block, bytes).await?).into_response());
        }
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn at<T>(control: &Control, slot: &str, act: impl FnOnce(&mut Drive) -> T) -> Result<T, Problem> {
    let live = control.live();
    let mut access = live.access();
    let mut drives = access.pc().drives.iter_mut();
    let Some(drive) = drives.find(|drive| drive.name() == slot) else {
        return Err(Problem::conflict(format!(
            "the machine sees no drive {slot:?}"
        )));
    };
    let done = act(drive);
    access.stir();
    Ok(done)
}

/// Reads a whole medium without holding the PC up; a command that fails is an answer, too.
async fn read(control: &Control, slot: &str) -> Result<Value, Problem> {
    let medium = medium(control, slot)?;
    let read = medium.clone();
    let (bytes, end) = blocking(move || read_all(&read)).await?;
    Ok(match end {
        Ok(sha256) => {
            at(control, slot, |drive| drive.has_read(&medium, &sha256))?;
            json!({ "bytes": bytes, "sha256": sha256 })
        }
        Err(sense) => json!({ "bytes": bytes, "error": sense }),
    })
}

fn read_all(medium: &Medium) -> (u64, Result<String, Sense>) {
    let mut hash = Sha256::new();
    let a_time = (TRANSFER_MAX / medium.block_size()) as u64;
    let mut buffer = vec![0; TRANSFER_MAX];
    let mut block = 0;
    while block < medium.blocks() {
        let count = a_time.min(medium.blocks() - block);
        let part = &mut buffer[..count as usize * medium.block_size()];
        if let Err(sense) = medium.read(block, part) {
            return (block * medium.block_size() as u64, Err(sense));
        }
        hash.update(part);
        block += count;
    }
    let digits = hash
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    (block * medium.block_size() as u64, Ok(digits))
}

async fn write(
    control: &Control,
    slot: &str,
    block: u64,
    bytes: Vec<u8>,
) -> Result<Value, Problem> {
    let medium = medium(control, slot)?;
    let written = blocking(move || {
        medium.write(block, &bytes)?;
        medium.synchronize()
    });
    Ok(match written.await? {
        Ok(()) => json!({}),
        Err(sense) => json!({ "error": sense }),
    })
}

fn medium(control: &Control, slot: &str) -> Result<Arc<Medium>, Problem> {
    let medium = at(control, slot, |drive| drive.medium().cloned())?;
    medium.ok_or_else(|| Problem::conflict(format!("{slot}: {}", Sense::NotPresent)))
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Problem::conflict(error.to_string()))
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = hex
        .chars()
        .map(|digit| {
            digit
                .to_digit(16)
                .and_then(|digit| u8::try_from(digit).ok())
        })
        .collect::<Option<_>>()?;
    digits.len().is_multiple_of(2).then(|| {
        digits
            .chunks_exact(2)
            .map(|pair| pair[0] << 4 | pair[1])
            .collect()
    })
}
