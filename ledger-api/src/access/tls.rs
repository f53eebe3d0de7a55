//! TLS: the server's certificate, and the authorities that a client trusts.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::{Error as PemError, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider};

/// Why TLS cannot be configured.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A PEM file has the wrong content.
    #[error("{path} is not a {what} in PEM ({error}): name another file")]
    File {
        /// The file.
        path: PathBuf,
        /// The expected content.
        what: &'static str,
        /// The cause.
        error: PemError,
    },
    /// The certificate and the key cannot be used together.
    #[error("the certificate and the key cannot be used ({0}): name a matching pair")]
    Pair(rustls::Error),
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

/// The TLS configuration of a server: its certificate chain, its own certificate first, and its key.
///
/// # Errors
///
/// [`TlsError`].
pub fn server(certificates: &Path, key: &Path) -> Result<Arc<ServerConfig>, TlsError> {
    let chain = read_certificates(certificates)?;
    let secret = PrivateKeyDer::from_pem_file(key);
    let secret = secret.map_err(|error| not(key, "private key", error))?;
    let config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Pair)?
        .with_no_client_auth()
        .with_single_cert(chain, secret);
    let mut config = config.map_err(TlsError::Pair)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// The TLS configuration of a client: it trusts the given authorities, or else the system's.
///
/// # Errors
///
/// [`TlsError`].
pub fn client(authorities: Option<&Path>) -> Result<TlsConfig, TlsError> {
    let known = match authorities {
        // An unreadable system certificate is not trusted.
        None => rustls_native_certs::load_native_certs().certs,
        Some(path) => read_certificates(path)?,
    };
    let known: Vec<_> = known.iter().map(|one| Certificate::from_der(one).to_owned()).collect();
    let roots = RootCerts::from(known);
    Ok(TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .unversioned_rustls_crypto_provider(provider())
        .root_certs(roots)
        .build())
}

fn read_certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let wrong = |error| not(path, "certificate", error);
    let read: Result<Vec<_>, _> = CertificateDer::pem_file_iter(path).map_err(wrong)?.collect();
    let read = read.map_err(wrong)?;
    if read.is_empty() { Err(wrong(PemError::NoItemsFound)) } else { Ok(read) }
}

fn not(path: &Path, what: &'static str, error: PemError) -> TlsError {
    TlsError::File { path: path.to_owned(), what, error }
}
