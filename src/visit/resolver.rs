//! Host names → addresses that may be connected to. A name is looked up once, every answer is checked, and what was checked is what
//! the connection goes to: the HTTP client gets addresses from here and nowhere else.

use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hickory_resolver::config::{LookupIpStrategy, ResolveHosts};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::{Query, ResponseCode};
use hickory_resolver::proto::rr::{Name as DnsName, RecordType};
use hickory_resolver::{Hosts, ResolverBuilder, TokioResolver};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::sync::OnceCell;

use super::guard::Guard;

/// Names resolve as the system does, the hosts file first, without search domains.
pub(super) struct Names {
    guard: Guard,
    /// In all, for one name.
    timeout: Duration,
    /// Names of proxies: the operator chose them, so they are not checked.
    trusted: Vec<String>,
    lookup: OnceCell<Lookup>,
    /// What the resolver answers to a name that nobody has: an honest one nothing.
    canary: OnceCell<Vec<IpAddr>>,
}

/// Where answers come from.
struct Lookup {
    hosts: Hosts,
    /// `None` where the system's configuration cannot be read: then the system is asked itself.
    resolver: Option<TokioResolver>,
}

/// Why a name has no address for us.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum NameError {
    /// NXDOMAIN.
    #[error("{0} does not exist (NXDOMAIN)")]
    Missing(String),
    /// Anything else that is no answer.
    #[error("{name}: {why}")]
    Failed { name: String, why: String },
    /// The guard refuses the name, or one of its addresses.
    #[error("{0}")]
    Refused(String),
}

impl Names {
    pub(super) fn new(guard: Guard, timeout: Duration, trusted: Vec<String>) -> Self {
        Self { guard, timeout, trusted, lookup: OnceCell::new(), canary: OnceCell::new() }
    }

    /// The addresses of a name, all of them checked.
    pub(super) async fn addresses(&self, name: &str) -> Result<Vec<IpAddr>, NameError> {
        let trusted = self.trusted.iter().any(|known| known == name);
        if !trusted {
            self.guard.check_name(name).map_err(NameError::Refused)?;
        }
        let lookup = self.lookup.get_or_init(|| async { Lookup::of_the_system(self.timeout) }).await;
        let found = match tokio::time::timeout(self.timeout, self.find(lookup, name)).await {
            Ok(found) => found?,
            Err(_) => return Err(failed(name, "no answer from the resolver in time")),
        };
        if found.is_empty() {
            return Err(failed(name, "the name has no address"));
        }
        if !trusted {
            for address in &found {
                self.guard.check_address(*address, Some(name)).map_err(NameError::Refused)?;
            }
        }
        Ok(found)
    }

    /// Asks for a name, and before the first answer is believed for one that nobody has: some resolvers give the address of a page of
    /// advertisements to whatever they do not know.
    async fn find(&self, lookup: &Lookup, name: &str) -> Result<Vec<IpAddr>, NameError> {
        if let Some(listed) = lookup.listed(name)? {
            return Ok(listed);
        }
        let canary = self.canary.get_or_init(async || lookup.ask(&canary_name()).await.unwrap_or_default());
        let (found, canary) = tokio::join!(lookup.ask(name), canary);
        let found = found?;
        match found.iter().all(|address| canary.contains(address)) {
            true if !found.is_empty() => {
                Err(failed(name, &format!("the resolver gives {} to names that nobody has, too", found[0])))
            }
            _ => Ok(found),
        }
    }
}

/// A name that differs from run to run, so that no cache knows it.
fn canary_name() -> String {
    format!("linkdrift-canary-{:016x}.com", RandomState::new().hash_one(0))
}

impl Lookup {
    fn of_the_system(timeout: Duration) -> Self {
        let resolver = TokioResolver::builder_tokio().and_then(|builder| configured(builder, timeout));
        if let Err(error) = &resolver {
            tracing::warn!(%error, "the resolver's configuration cannot be read; the system resolves names");
        }
        Self { hosts: Hosts::from_system().unwrap_or_default(), resolver: resolver.ok() }
    }

    /// What the hosts file says.
    fn listed(&self, name: &str) -> Result<Option<Vec<IpAddr>>, NameError> {
        let dns = whole(name)?;
        let listed = [RecordType::A, RecordType::AAAA]
            .into_iter()
            .filter_map(|kind| self.hosts.lookup_static_host(&Query::query(dns.clone(), kind)))
            .flat_map(|lookup| {
                lookup.answers().iter().filter_map(|record| record.data.ip_addr()).collect::<Vec<_>>()
            })
            .collect::<Vec<_>>();
        Ok((!listed.is_empty()).then_some(listed))
    }

    /// What the resolver says.
    async fn ask(&self, name: &str) -> Result<Vec<IpAddr>, NameError> {
        match &self.resolver {
            Some(resolver) => match resolver.lookup_ip(whole(name)?).await {
                Ok(answer) => Ok(answer.iter().collect()),
                Err(error) => Err(name_error(name, &error)),
            },
            None => match tokio::net::lookup_host((name.strip_suffix('.').unwrap_or(name), 0)).await {
                Ok(found) => Ok(found.map(|address| address.ip()).collect()),
                Err(error) => Err(failed(name, &error.to_string())),
            },
        }
    }
}

/// Fully qualified: no search domain is ever tried.
fn whole(name: &str) -> Result<DnsName, NameError> {
    let plain = name.strip_suffix('.').unwrap_or(name);
    DnsName::from_ascii(format!("{plain}.")).map_err(|error| failed(name, &error.to_string()))
}

/// A resolver that asks for whole names only, for both kinds of address, and gives up within `timeout`.
fn configured(
    mut builder: ResolverBuilder<TokioRuntimeProvider>,
    timeout: Duration,
) -> Result<TokioResolver, NetError> {
    let options = builder.options_mut();
    options.ndots = 0;
    // We look there ourselves: the resolver would ask the network for the kind of address that the file lacks.
    options.use_hosts_file = ResolveHosts::Never;
    options.ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
    options.timeout = timeout / 3;
    options.attempts = 2;
    builder.build()
}

/// What the resolver's error means (RFC 2308 tells a missing name from a missing record).
fn name_error(name: &str, error: &NetError) -> NameError {
    match error {
        error if error.is_nx_domain() => NameError::Missing(name.to_owned()),
        error if error.is_no_records_found() => match error {
            NetError::Dns(DnsError::NoRecordsFound(none)) if none.response_code != ResponseCode::NoError => {
                failed(name, &format!("the resolver answers {}", none.response_code))
            }
            _ => failed(name, "the name has no address"),
        },
        NetError::Timeout => failed(name, "no answer from the resolver in time"),
        error => failed(name, &error.to_string()),
    }
}

fn failed(name: &str, why: &str) -> NameError {
    NameError::Failed { name: name.to_owned(), why: why.to_owned() }
}

/// The hook of a client that connects to where names lead.
pub(super) struct Direct(pub(super) Arc<Names>);

/// The hook of a client whose connections go where `--resolve` says.
pub(super) struct Mapped {
    /// Host (`None`: any) and where it goes, the most exact first.
    pub(super) routes: Vec<(Option<String>, SocketAddr)>,
}

impl Resolve for Direct {
    fn resolve(&self, name: Name) -> Resolving {
        let names = self.0.clone();
        Box::pin(async move {
            let found = names.addresses(name.as_str()).await?;
            // Port 0: the client fills in that of the URL.
            let addresses: Addrs = Box::new(found.into_iter().map(|address| SocketAddr::new(address, 0)));
            Ok(addresses)
        })
    }
}

impl Resolve for Mapped {
    fn resolve(&self, name: Name) -> Resolving {
        let route = self
            .routes
            .iter()
            .find(|(host, _)| host.as_deref().is_none_or(|host| host == name.as_str()))
            .map(|(_, to)| *to);
        Box::pin(async move {
            match route {
                Some(to) => Ok(Box::new(std::iter::once(to)) as Addrs),
                None => Err(failed(name.as_str(), "no --resolve rule names it").into()),
            }
        })
    }
}

#[cfg(test)]
mod tests;
