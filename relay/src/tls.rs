//! The certificate: the owner's, or one that the relay makes on its first start and renews in time.

use std::{
    fs, io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyPair, SanType,
};
use rustls::{
    ServerConfig,
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use thiserror::Error;
use time::OffsetDateTime;
use tracing::{info, warn};

use crate::config::{Config, ConfigError};

/// How long a certificate that the relay makes is valid: the longest that browsers take.
const VALID_FOR: time::Duration = time::Duration::days(397);

/// How long before its end it is made anew.
const RENEWED_BEFORE: time::Duration = time::Duration::days(30);

/// How often its end is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(12 * 60 * 60);

/// Why there is no certificate.
#[derive(Debug, Error)]
pub enum TlsError {
    /// The owner's files cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A file of the relay's own cannot be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A certificate cannot be made.
    #[error("cannot make a certificate: {0}")]
    Make(#[from] rcgen::Error),
    /// TLS cannot be set up with it.
    #[error("cannot use the certificate: {0}")]
    Use(#[from] rustls::Error),
}

/// The certificate in use.
#[derive(Debug)]
pub struct Identity {
    current: RwLock<Arc<CertifiedKey>>,
    /// Where the relay keeps its own; `None` where the owner gave one.
    folder: Option<PathBuf>,
}

impl Identity {
    /// The owner's certificate where the settings name one, else the relay's own, made where there is none.
    ///
    /// # Errors
    /// Where files cannot be used.
    pub fn load(config: &Config) -> Result<Self, TlsError> {
        if let (Some(certificate), Some(key)) = (&config.tls.certificate, &config.tls.key) {
            return Ok(Self {
                current: RwLock::new(Arc::new(owners(config, certificate, key)?)),
                folder: None,
            });
        }
        let folder = config.state.clone();
        let current = match read_own(&folder) {
            Some(own) if !ends_soon(&own) => own,
            _ => make_own(&folder)?,
        };
        Ok(Self {
            current: RwLock::new(Arc::new(current)),
            folder: Some(folder),
        })
    }

    /// Whether the relay made it itself.
    #[must_use]
    pub fn is_own(&self) -> bool {
        self.folder.is_some()
    }

    /// The certificate of the relay itself.
    #[must_use]
    pub fn certificate(&self) -> Option<CertificateDer<'static>> {
        self.current().cert.first().cloned()
    }

    /// Makes the relay's own certificate anew before it ends. Never ends.
    pub async fn renew_in_time(&self) {
        let mut look = tokio::time::interval(LOOK_EVERY);
        loop {
            look.tick().await;
            let Some(folder) = self.folder.clone().filter(|_| ends_soon(&self.current())) else {
                continue;
            };
            match tokio::task::spawn_blocking(move || make_own(&folder)).await {
                Ok(Ok(made)) => {
                    *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(made);
                }
                Ok(Err(error)) => warn!(%error, "the certificate was not renewed"),
                Err(error) => warn!(%error, "the certificate was not renewed"),
            }
        }
    }

    fn current(&self) -> Arc<CertifiedKey> {
        self.current
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl ResolvesServerCert for Identity {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current())
    }
}

/// TLS 1.2 and 1.3 for HTTP/1.1.
///
/// # Errors
/// Where rustls refuses.
pub fn server_config(identity: Arc<Identity>) -> Result<ServerConfig, TlsError> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_cert_resolver(identity);
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// When a certificate ends.
#[must_use]
pub fn end_of(certificate: &CertificateDer<'_>) -> Option<OffsetDateTime> {
    let fields = yasna::parse_der(certificate, |reader| {
        let parts = elements(reader)?;
        yasna::parse_der(parts.first().map_or(&[][..], Vec::as_slice), elements)
    });
    let fields = fields.ok()?;
    let has_version = fields.first()?.first() == Some(&0xA0);
    let validity = fields.get(3 + usize::from(has_version))?;
    yasna::parse_der(validity, |reader| {
        reader.read_sequence(|reader| {
            read_time(reader.next())?;
            read_time(reader.next())
        })
    })
    .ok()
}

fn elements(reader: yasna::BERReader<'_, '_>) -> yasna::ASN1Result<Vec<Vec<u8>>> {
    let mut elements = Vec::new();
    reader.read_sequence_of(|reader| {
        elements.push(reader.read_der()?);
        Ok(())
    })?;
    Ok(elements)
}

fn read_time(reader: yasna::BERReader<'_, '_>) -> yasna::ASN1Result<OffsetDateTime> {
    if reader.lookahead_tag()? == yasna::tags::TAG_UTCTIME {
        Ok(*reader.read_utctime()?.datetime())
    } else {
        Ok(*reader.read_generalized_time()?.datetime())
    }
}

fn ends_soon(key: &CertifiedKey) -> bool {
    key.cert
        .first()
        .and_then(end_of)
        .is_none_or(|end| end - RENEWED_BEFORE < OffsetDateTime::now_utc())
}

fn owners(config: &Config, certificate: &Path, key: &Path) -> Result<CertifiedKey, ConfigError> {
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| {
            config.fault(
                "tls.certificate",
                format!("{}: {error}", certificate.display()),
            )
        })?;
    if chain.is_empty() {
        return Err(config.fault(
            "tls.certificate",
            format!("{}: no certificate in it", certificate.display()),
        ));
    }
    let private = PrivateKeyDer::from_pem_file(key)
        .map_err(|error| config.fault("tls.key", format!("{}: {error}", key.display())))?;
    certified(chain, private)
        .map_err(|error| config.fault("tls.key", format!("{}: {error}", key.display())))
}

fn read_own(folder: &Path) -> Option<CertifiedKey> {
    let chain = CertificateDer::pem_file_iter(certificate_file(folder)).ok()?;
    let chain = chain.collect::<Result<Vec<_>, _>>().ok()?;
    let key = PrivateKeyDer::from_pem_file(key_file(folder)).ok()?;
    certified(chain, key)
        .ok()
        .filter(|key| !key.cert.is_empty())
}

fn make_own(folder: &Path) -> Result<CertifiedKey, TlsError> {
    let key = KeyPair::generate()?;
    let certificate = parameters()?.self_signed(&key)?;
    write(&key_file(folder), &key.serialize_pem())?;
    write(&certificate_file(folder), &certificate.pem())?;
    info!(folder = %folder.display(), "made a certificate");
    let private = PrivateKeyDer::try_from(key.serialize_der())
        .map_err(|error| rustls::Error::General(error.to_owned()))?;
    Ok(certified(vec![certificate.der().clone()], private)?)
}

fn certified(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<CertifiedKey, rustls::Error> {
    let provider: CryptoProvider = ring::default_provider();
    CertifiedKey::from_der(chain, key, &provider)
}

fn parameters() -> Result<CertificateParams, rcgen::Error> {
    let host = host_name();
    let mut names = vec![host.clone(), "localhost".to_owned()];
    if !host.contains('.') {
        names.push(format!("{host}.local"));
    }
    let mut parameters = CertificateParams::new(names)?;
    let addresses = [
        IpAddr::from(Ipv4Addr::LOCALHOST),
        Ipv6Addr::LOCALHOST.into(),
    ];
    parameters.subject_alt_names.extend(
        addresses
            .into_iter()
            .chain(own_addresses())
            .map(SanType::IpAddress),
    );
    parameters.distinguished_name = DistinguishedName::new();
    parameters.distinguished_name.push(DnType::CommonName, host);
    parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let now = OffsetDateTime::now_utc();
    parameters.not_before = now - time::Duration::days(1);
    parameters.not_after = parameters.not_before + VALID_FOR;
    Ok(parameters)
}

/// The machine's name as far as it can stand in a certificate.
fn host_name() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name = name.trim().to_ascii_lowercase();
    let usable = !name.is_empty()
        && name.len() <= 63
        && name
            .bytes()
            .all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, b'-' | b'.'));
    if usable { name } else { "armchair".to_owned() }
}

/// The addresses from which this machine would speak to others. Nothing is sent.
pub fn own_addresses() -> impl Iterator<Item = IpAddr> {
    let towards = |local: SocketAddr, remote: SocketAddr| {
        let socket = UdpSocket::bind(local).ok()?;
        socket.connect(remote).ok()?;
        socket.local_addr().ok().map(|address| address.ip())
    };
    let documentation: [IpAddr; 2] = [
        Ipv4Addr::new(192, 0, 2, 1).into(),
        Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1).into(),
    ];
    let unspecified: [IpAddr; 2] = [Ipv4Addr::UNSPECIFIED.into(), Ipv6Addr::UNSPECIFIED.into()];
    unspecified
        .into_iter()
        .zip(documentation)
        .filter_map(move |(local, remote)| towards((local, 0).into(), (remote, 9).into()))
        .filter(|address| !address.is_loopback() && !address.is_unspecified())
}

fn certificate_file(folder: &Path) -> PathBuf {
    folder.join("certificate.pem")
}

fn key_file(folder: &Path) -> PathBuf {
    folder.join("key.pem")
}

/// Puts a whole file in the place of the old one, readable by its owner only.
fn write(path: &Path, text: &str) -> Result<(), TlsError> {
    let new = path.with_extension("new");
    let put = || -> io::Result<()> {
        let _ = fs::remove_file(&new);
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&new)?;
        io::Write::write_all(&mut file, text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&new, path)
    };
    put().map_err(|source| TlsError::Io {
        path: path.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn config(state: &Path, more: &str) -> Config {
        let text = format!("state = {state:?}\n{more}");
        Config::parse(Path::new("armchair.toml"), text).unwrap()
    }

    #[test]
    fn the_first_start_makes_a_certificate_and_the_next_one_keeps_it() {
        let folder = tempfile::tempdir().unwrap();
        let config = config(folder.path(), "");
        let first = Identity::load(&config).unwrap();
        let second = Identity::load(&config).unwrap();
        assert!(first.is_own());
        assert_eq!(first.certificate(), second.certificate());
        let mode = fs::metadata(key_file(folder.path()))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn it_is_valid_for_as_long_as_browsers_take() {
        let folder = tempfile::tempdir().unwrap();
        let identity = Identity::load(&config(folder.path(), "")).unwrap();
        let end = end_of(&identity.certificate().unwrap()).unwrap();
        let left = end - OffsetDateTime::now_utc();
        assert!((395..=397).contains(&left.whole_days()), "{left}");
    }

    #[test]
    fn one_that_ends_soon_is_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        let key = KeyPair::generate().unwrap();
        let mut old = parameters().unwrap();
        old.not_after = OffsetDateTime::now_utc() + time::Duration::days(29);
        let old = old.self_signed(&key).unwrap();
        write(&key_file(folder.path()), &key.serialize_pem()).unwrap();
        write(&certificate_file(folder.path()), &old.pem()).unwrap();
        let identity = Identity::load(&config(folder.path(), "")).unwrap();
        assert_ne!(identity.certificate().unwrap(), *old.der());
    }

    #[test]
    fn a_torn_file_is_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        let config = config(folder.path(), "");
        let first = Identity::load(&config).unwrap().certificate().unwrap();
        let pem = fs::read(certificate_file(folder.path())).unwrap();
        fs::write(certificate_file(folder.path()), &pem[..pem.len() / 2]).unwrap();
        assert_ne!(
            Identity::load(&config).unwrap().certificate().unwrap(),
            first
        );
    }

    #[test]
    fn the_owners_certificate_is_used() {
        let folder = tempfile::tempdir().unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate = parameters().unwrap().self_signed(&key).unwrap();
        let (chain, private) = (folder.path().join("own.pem"), folder.path().join("own.key"));
        fs::write(&chain, certificate.pem()).unwrap();
        fs::write(&private, key.serialize_pem()).unwrap();
        let files = format!("[tls]\ncertificate = {chain:?}\nkey = {private:?}\n");
        let identity = Identity::load(&config(folder.path(), &files)).unwrap();
        assert!(!identity.is_own());
        assert_eq!(identity.certificate().unwrap(), *certificate.der());
    }

    #[test]
    fn files_that_cannot_be_used_are_named_with_the_line() {
        let folder = tempfile::tempdir().unwrap();
        let (chain, key) = (folder.path().join("own.pem"), folder.path().join("own.key"));
        let files = format!("[tls]\ncertificate = {chain:?}\nkey = {key:?}\n");
        let error = Identity::load(&config(folder.path(), &files))
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("armchair.toml:3: tls.certificate: "),
            "{error}"
        );
        fs::write(&chain, "nothing").unwrap();
        let error = Identity::load(&config(folder.path(), &files))
            .unwrap_err()
            .to_string();
        assert!(error.ends_with("no certificate in it"), "{error}");
        let own = KeyPair::generate().unwrap();
        fs::write(
            &chain,
            parameters().unwrap().self_signed(&own).unwrap().pem(),
        )
        .unwrap();
        fs::write(&key, KeyPair::generate().unwrap().serialize_pem()).unwrap();
        let error = Identity::load(&config(folder.path(), &files))
            .unwrap_err()
            .to_string();
        assert!(error.starts_with("armchair.toml:4: tls.key: "), "{error}");
    }
}
