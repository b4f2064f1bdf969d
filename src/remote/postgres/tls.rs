//! TLS to PostgreSQL: which certificates are trusted. Certificate and name are always checked.

use std::io;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::remote::url::PostgresAddress;

/// The TLS connector for this address.
pub(super) fn connector(address: &PostgresAddress) -> io::Result<MakeRustlsConnect> {
    let mut roots = RootCertStore::empty();
    match &address.ca {
        Some(path) => {
            let certificates = CertificateDer::pem_file_iter(path).map_err(io::Error::other)?;
            for certificate in certificates {
                roots
                    .add(certificate.map_err(io::Error::other)?)
                    .map_err(io::Error::other)?;
            }
        }
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_root_certificates(roots);
    let config = match &address.client {
        Some((certificates, key)) => {
            let certificates: Result<Vec<_>, _> = CertificateDer::pem_file_iter(certificates)
                .map_err(io::Error::other)?
                .collect();
            let key = PrivateKeyDer::from_pem_file(key).map_err(io::Error::other)?;
            builder
                .with_client_auth_cert(certificates.map_err(io::Error::other)?, key)
                .map_err(io::Error::other)?
        }
        None => builder.with_no_client_auth(),
    };
    Ok(MakeRustlsConnect::new(config))
}
