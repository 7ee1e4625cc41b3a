//! Drives, images and what is on its way into the library.

use gloo_net::http::{Method, Request, RequestBuilder};
use serde::{Deserialize, Serialize};
use shared::media::{Files, Library, Transfer, TransferPhase};
use wasm_bindgen::JsValue;
use web_sys::{AbortSignal, Blob};

use super::{Problem, Refusal, send};

const IMAGES: &str = "/api/v1/images";
const TRANSFERS: &str = "/api/v1/transfers";
const UPLOADS: &str = "/api/v1/uploads";

/// The tus protocol's version (tus.io/protocols/resumable-upload, 1.0.x).
const TUS: (&str, &str) = ("Tus-Resumable", "1.0.0");

/// An image that the relay is to fetch.
#[derive(Serialize)]
pub struct Fetch<'a> {
    /// Where it is: http or https.
    pub url: &'a str,
    /// The checksum that it must have, in hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<&'a str>,
}

/// A disk that the relay is to make.
#[derive(Serialize)]
struct Blank<'a> {
    name: &'a str,
    size: u64,
    format: &'a str,
}

#[derive(Deserialize)]
struct Begun {
    id: u32,
}

/// Which image is to be inserted.
#[derive(Serialize)]
struct Insert {
    image: u32,
    writable: bool,
}

/// An image that stays on its server.
#[derive(Serialize)]
struct InsertInPlace<'a> {
    url: &'a str,
}

/// Which file of this computer is.
#[derive(Serialize)]
struct InsertHeld {
    held: u32,
}

#[derive(Serialize)]
struct Eject {
    force: bool,
}

#[derive(Serialize)]
struct Rename<'a> {
    name: &'a str,
}

impl Problem {
    /// Whether the machine has locked the disc in the drive.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.kind.ends_with("locked")
    }
}

/// The images on the relay.
///
/// # Errors
/// [`Refusal`].
pub async fn library() -> Result<Library, Refusal> {
    let response = send(Request::get(IMAGES).build()).await?;
    response.json().await.map_err(|_| Refusal::Unreachable)
}

/// Where an image is downloaded from.
#[must_use]
pub fn image_content(id: u32) -> String {
    format!("{IMAGES}/{id}/content")
}

/// Gives an image another name.
///
/// # Errors
/// [`Refusal`].
pub async fn rename_image(id: u32, name: &str) -> Result<(), Refusal> {
    send(Request::patch(&format!("{IMAGES}/{id}")).json(&Rename { name })).await?;
    Ok(())
}

/// Deletes an image.
///
/// # Errors
/// [`Refusal`].
pub async fn delete_image(id: u32) -> Result<(), Refusal> {
    send(Request::delete(&format!("{IMAGES}/{id}")).build()).await?;
    Ok(())
}

/// Has the relay fetch an image. Says how far it is over the link.
///
/// # Errors
/// [`Refusal`]; then nothing is fetched.
pub async fn fetch_image(fetch: &Fetch<'_>) -> Result<(), Refusal> {
    send(Request::post(IMAGES).json(fetch)).await?;
    Ok(())
}

/// Has the relay make a blank disk, and gives the number of the transfer.
///
/// # Errors
/// [`Refusal`]; then nothing is made.
pub async fn make_blank(name: &str, size: u64, format: &str) -> Result<u32, Refusal> {
    let blank = Blank { name, size, format };
    let response = send(Request::post(IMAGES).json(&blank)).await?;
    let begun: Begun = response.json().await.map_err(|_| Refusal::Unreachable)?;
    Ok(begun.id)
}

/// Whether the relay still has a transfer of this number.
///
/// # Errors
/// [`Refusal`].
pub async fn is_on_its_way(id: u32) -> Result<bool, Refusal> {
    let response = send(Request::get(TRANSFERS).build()).await?;
    let transfers: Vec<Transfer> = response.json().await.map_err(|_| Refusal::Unreachable)?;
    Ok(transfers
        .iter()
        .any(|transfer| transfer.id == id && !matches!(transfer.phase, TransferPhase::Failed(_))))
}

/// What is in a folder of an image.
///
/// # Errors
/// [`Refusal`].
pub async fn files(image: u32, folder: &[String]) -> Result<Files, Refusal> {
    let address = in_image(image, "files", folder);
    let response = send(Request::get(&address).build()).await?;
    response.json().await.map_err(|_| Refusal::Unreachable)
}

/// Where a file of an image is downloaded from.
#[must_use]
pub fn file_content(image: u32, path: &[String]) -> String {
    in_image(image, "files/content", path)
}

/// Where all that is in a folder of an image is downloaded from, as a ZIP archive.
#[must_use]
pub fn archive(image: u32, folder: &[String]) -> String {
    in_image(image, "files.zip", folder)
}

fn in_image(image: u32, what: &str, path: &[String]) -> String {
    let path: String = js_sys::encode_uri_component(&path.join("/")).into();
    format!("{IMAGES}/{image}/{what}?path={path}")
}

/// Ends a transfer; what of it was here is gone.
///
/// # Errors
/// [`Refusal`].
pub async fn cancel_transfer(id: u32) -> Result<(), Refusal> {
    send(Request::delete(&format!("{TRANSFERS}/{id}")).build()).await?;
    Ok(())
}

/// Has the relay go on with a fetch that has failed.
///
/// # Errors
/// [`Refusal`].
pub async fn resume_fetch(id: u32) -> Result<(), Refusal> {
    send(Request::post(&format!("{TRANSFERS}/{id}/resume")).build()).await?;
    Ok(())
}

/// Puts an image into a drive, in the place of what is in it.
///
/// # Errors
/// [`Refusal`].
pub async fn insert(slot: &str, image: u32, writable: bool) -> Result<(), Refusal> {
    let request = Request::post(&format!("/api/v1/drives/{slot}/insert"));
    send(request.json(&Insert { image, writable })).await?;
    Ok(())
}

/// Puts an image into a drive that stays on its server.
///
/// # Errors
/// [`Refusal`].
pub async fn insert_in_place(slot: &str, url: &str) -> Result<(), Refusal> {
    let request = Request::post(&format!("/api/v1/drives/{slot}/insert"));
    send(request.json(&InsertInPlace { url })).await?;
    Ok(())
}

/// Puts a file of this computer into a drive, which the page holds under this number.
///
/// # Errors
/// [`Refusal`].
pub async fn insert_held(slot: &str, held: u32) -> Result<(), Refusal> {
    let request = Request::post(&format!("/api/v1/drives/{slot}/insert"));
    send(request.json(&InsertHeld { held })).await?;
    Ok(())
}

/// Empties a drive; `force` does it though the machine has locked it.
///
/// # Errors
/// [`Refusal`].
pub async fn eject(slot: &str, force: bool) -> Result<(), Refusal> {
    let request = Request::post(&format!("/api/v1/drives/{slot}/eject"));
    send(request.json(&Eject { force })).await?;
    Ok(())
}

/// Begins an upload, and gives its number. Where `whole` is the image's size, zeros follow on what is sent.
///
/// # Errors
/// [`Refusal`].
pub async fn create_upload(name: &str, bytes: f64, whole: Option<u64>) -> Result<u32, Refusal> {
    let name = base64(name);
    let metadata = match whole {
        Some(whole) => format!("filename {name},size {}", base64(&whole.to_string())),
        None => format!("filename {name}"),
    };
    let request = tus(Request::post(UPLOADS))
        .header("Upload-Length", &format!("{bytes:.0}"))
        .header("Upload-Metadata", &metadata);
    let response = send(request.build()).await?;
    let location = response.headers().get("Location").unwrap_or_default();
    let id = location.rsplit('/').next().unwrap_or_default();
    id.parse().map_err(|_| Refusal::Unreachable)
}

/// How many bytes of an upload are on the relay.
///
/// # Errors
/// [`Refusal`]; 404 and 410 where there is no such upload any more.
pub async fn upload_offset(id: u32) -> Result<f64, Refusal> {
    let request = tus(RequestBuilder::new(&format!("{UPLOADS}/{id}"))).method(Method::HEAD);
    let response = send(request.build()).await?;
    let offset = response.headers().get("Upload-Offset");
    offset
        .and_then(|offset| offset.parse().ok())
        .ok_or(Refusal::Unreachable)
}

/// Sends the part of an upload that stands at `offset`.
///
/// # Errors
/// [`Refusal`]; what had arrived until then is kept.
pub async fn send_part(
    id: u32,
    offset: f64,
    part: &Blob,
    abort: &AbortSignal,
) -> Result<(), Refusal> {
    let request = tus(Request::patch(&format!("{UPLOADS}/{id}")))
        .header("Upload-Offset", &format!("{offset:.0}"))
        .header("Content-Type", "application/offset+octet-stream")
        .abort_signal(Some(abort));
    send(request.body(JsValue::from(part))).await?;
    Ok(())
}

fn tus(request: RequestBuilder) -> RequestBuilder {
    request.header(TUS.0, TUS.1)
}

/// Of the text's UTF-8.
fn base64(text: &str) -> String {
    let bytes: String = text.bytes().map(char::from).collect();
    crate::browser::window().btoa(&bytes).unwrap_or_default()
}
