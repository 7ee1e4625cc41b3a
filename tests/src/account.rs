//! Somebody who has signed in over HTTP.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result, ensure};
use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::{
    Method, StatusCode, Url,
    header::{CONTENT_TYPE, COOKIE, LOCATION, ORIGIN, SET_COOKIE},
};
use rustls::{
    ClientConfig, DigitallySignedStruct, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use serde_json::{Value, json};
use shared::power::PowerAction;

use crate::wait::wait_until;

/// How long an answer may take: a password is hashed slowly, and in the kernel lab by an emulated processor.
const LIMIT: Duration = Duration::from_secs(60);

/// A session at a relay.
#[derive(Clone)]
pub struct Account {
    /// Where the relay is.
    pub base: Url,
    /// The session's cookie, `name=value`.
    pub cookie: String,
    http: reqwest::Client,
}

/// What a relay answered to a request.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The body; `null` where it is not JSON.
    pub body: Value,
    /// The session's cookie, where the answer sets one.
    pub cookie: Option<String>,
    /// What the answer made, or where to look instead.
    pub location: Option<String>,
}

impl Account {
    /// Claims a relay with its one-time code and signs in as its first user.
    ///
    /// # Errors
    /// Where the relay refuses.
    pub async fn claim(base: &Url, code: &str, name: &str, password: &str) -> Result<Self> {
        let body = json!({ "code": code, "name": name, "password": password });
        Self::from_answer(base, post(base, "api/v1/claim", &body).await?)
    }

    /// Signs in.
    ///
    /// # Errors
    /// Where the relay refuses.
    pub async fn sign_in(base: &Url, name: &str, password: &str) -> Result<Self> {
        let body = json!({ "name": name, "password": password });
        Self::from_answer(base, post(base, "api/v1/session", &body).await?)
    }

    /// Signs in by the one-time link of `armchair demo`.
    ///
    /// # Errors
    /// Where the relay refuses.
    pub async fn open(link: &Url) -> Result<Self> {
        let response = http_client()?.get(link.clone()).send().await?;
        let base = link.join("/")?;
        Self::from_answer(&base, answer(response).await?)
    }

    /// A request of this account's.
    ///
    /// # Errors
    /// Where the relay cannot be reached.
    pub async fn request(&self, method: Method, path: &str) -> Result<Answer> {
        answer(self.asks(method, path)?.send().await?).await
    }

    /// A request of this account's, to be sent with [`answer`].
    pub(crate) fn asks(&self, method: Method, path: &str) -> Result<reqwest::RequestBuilder> {
        Ok(self
            .http
            .request(method, self.base.join(path)?)
            .header(ORIGIN, origin(&self.base))
            .header(COOKIE, &self.cookie))
    }

    /// Posts JSON with this account's session.
    ///
    /// # Errors
    /// Where the relay cannot be reached.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Answer> {
        self.post_bytes(path, body.to_string().into_bytes()).await
    }

    /// Has the relay type a line and Enter on a US keyboard, and waits until the machine has taken all of it.
    ///
    /// # Errors
    /// Where it is not typed.
    pub async fn types(&self, line: &str) -> Result<()> {
        let body = json!({ "text": format!("{line}\n"), "layout": "en-us" });
        let begun = self.post("api/v1/type", &body).await?;
        begun.done()?;
        wait_until("the end of the line", async || {
            let typing = self.request(Method::GET, "api/v1/type").await?.body;
            Ok(typing["id"] == begun.body["id"] && typing["phase"] == "done")
        })
        .await
    }

    /// Has something done to the machine's power, and gives its number.
    ///
    /// # Errors
    /// Where it does not begin.
    pub async fn begins(&self, action: PowerAction) -> Result<u32> {
        let body = json!({ "action": action });
        let begun = self.post("api/v1/power", &body).await?;
        ensure!(begun.status == StatusCode::ACCEPTED, "{}", begun.body);
        let id = begun.body["id"].as_u64().context("a number")?;
        Ok(u32::try_from(id)?)
    }

    /// Posts what is said to be JSON with this account's session.
    ///
    /// # Errors
    /// Where the relay cannot be reached.
    pub async fn post_bytes(&self, path: &str, body: Vec<u8>) -> Result<Answer> {
        let request = self
            .http
            .post(self.base.join(path)?)
            .header(ORIGIN, origin(&self.base))
            .header(COOKIE, &self.cookie)
            .header(CONTENT_TYPE, "application/json")
            .body(body);
        answer(request.send().await?).await
    }

    /// Announces an upload by tus.
    ///
    /// # Errors
    /// Where the relay cannot be reached.
    pub async fn announce(&self, name: &str, bytes: usize) -> Result<Answer> {
        let metadata = format!("filename {}", STANDARD.encode(name));
        self.announce_as(&metadata, bytes).await
    }

    /// Announces the bytes of an image by tus on which zeros follow, up to `size`.
    ///
    /// # Errors
    /// Where the relay cannot be reached.
    pub async fn announce_start(&self, name: &str, bytes: usize, size: u64) -> Result<Answer> {
        let (name, size) = (STANDARD.encode(name), STANDARD.encode(size.to_string()));
        self.announce_as(&format!("filename {name},size {size}"), bytes)
            .await
    }

    async fn announce_as(&self, metadata: &str, bytes: usize) -> Result<Answer> {
        let request = self
            .tus(Method::POST, "api/v1/uploads")?
            .header("Upload-Length", bytes)
            .header("Upload-Metadata", metadata);
        answer(request.send().await?).await
    }

    /// Sends bytes of an upload by tus.
    ///
    /// # Errors
    /// Where the relay cannot be reached.
    pub async fn send_chunk(&self, upload: &str, offset: u64, bytes: &[u8]) -> Result<Answer> {
        let request = self
            .tus(Method::PATCH, upload)?
            .header(CONTENT_TYPE, "application/offset+octet-stream")
            .header("Upload-Offset", offset)
            .body(bytes.to_vec());
        answer(request.send().await?).await
    }

    fn tus(&self, method: Method, path: &str) -> Result<reqwest::RequestBuilder> {
        Ok(self.asks(method, path)?.header("Tus-Resumable", "1.0.0"))
    }

    /// Ends the session.
    ///
    /// # Errors
    /// Where the relay cannot be reached.
    pub async fn sign_out(&self) -> Result<Answer> {
        self.request(Method::DELETE, "api/v1/session").await
    }

    fn from_answer(base: &Url, answer: Answer) -> Result<Self> {
        let cookie = answer
            .cookie
            .with_context(|| format!("no session: {} {}", answer.status, answer.body))?;
        Ok(Self {
            base: base.clone(),
            cookie,
            http: http_client()?,
        })
    }
}

/// Posts JSON from the relay's own origin, without a session.
///
/// # Errors
/// Where the relay cannot be reached.
pub async fn post(base: &Url, path: &str, body: &Value) -> Result<Answer> {
    let request = http_client()?
        .post(base.join(path)?)
        .header(ORIGIN, origin(base))
        .json(body);
    answer(request.send().await?).await
}

/// The origin of a URL as browsers write it.
#[must_use]
pub fn origin(base: &Url) -> String {
    base.origin().ascii_serialization()
}

pub(crate) async fn answer(response: reqwest::Response) -> Result<Answer> {
    let status = response.status();
    let cookie = response
        .headers()
        .get_all(SET_COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok()?.split(';').next())
        .find(|pair| !pair.ends_with('='))
        .map(str::to_owned);
    let location = response.headers().get(LOCATION);
    let location = location.and_then(|location| location.to_str().ok().map(str::to_owned));
    let body = response.bytes().await?;
    Ok(Answer {
        status,
        location,
        body: serde_json::from_slice(&body).unwrap_or_default(),
        cookie,
    })
}

/// A client that takes a relay's self-made certificate and follows no redirect.
///
/// # Errors
/// Where TLS cannot be set up.
pub fn http_client() -> Result<reqwest::Client> {
    Ok(reqwest::Client::builder()
        .use_preconfigured_tls(tls_config()?)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .timeout(LIMIT)
        .build()?)
}

/// TLS that takes whatever certificate the relay shows, as an operator does on first use.
///
/// # Errors
/// Where TLS cannot be set up.
pub fn tls_config() -> Result<ClientConfig> {
    let provider = Arc::new(ring::default_provider());
    Ok(ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(FirstUse(provider)))
        .with_no_client_auth())
}

#[derive(Debug)]
struct FirstUse(Arc<CryptoProvider>);

impl ServerCertVerifier for FirstUse {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
