//! What is known of some hosts: data, shipped as `hosts.toml` and extended by configuration.

use url::Url;

use super::HostPattern;

/// The table. Later rows, those of the configuration, win.
#[derive(Debug, Clone, Default)]
pub struct HostTable {
    rows: Vec<HostRow>,
}

/// One row: what is known of the hosts that a pattern names.
#[derive(Debug, Clone)]
pub struct HostRow {
    /// The hosts.
    pub hosts: HostPattern,
    /// What is known.
    pub knowledge: Knowledge,
}

/// One thing known of a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Knowledge {
    /// Documentation and example names: never visited.
    Placeholder,
    /// Answers with a redirect by design: following it is not a `moved`.
    ShortLink,
    /// Shut down.
    Retired {
        /// Year or date.
        since: String,
        /// What to do, for the reader.
        note: String,
    },
    /// Answers with a sign-in page to everybody who is not signed in.
    Portal,
    /// Is where one signs in.
    SignIn,
}

/// What is known of a host that was shut down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retired<'a> {
    /// Year or date.
    pub since: &'a str,
    /// What to do, for the reader.
    pub note: &'a str,
}

impl HostTable {
    /// Whether the URL's host was shut down.
    pub fn retired(&self, url: &Url) -> Option<Retired<'_>> {
        let host = url.host_str()?;
        self.rows.iter().rev().find_map(|row| match &row.knowledge {
            Knowledge::Retired { since, note } if row.hosts.matches(host) => Some(Retired { since, note }),
            _ => None,
        })
    }

    /// The shipped table.
    pub fn shipped() -> Self {
        Self::default()
    }

    /// Appends rows of a configuration; they win over the shipped ones.
    pub fn extend(&mut self, rows: impl IntoIterator<Item = HostRow>) {
        self.rows.extend(rows);
    }

    /// Whether the host is a placeholder (RFC 2606, RFC 6761, `contoso.*` and their like).
    pub fn is_placeholder(&self, host: &str) -> bool {
        self.knows(host, |knowledge| *knowledge == Knowledge::Placeholder)
    }

    /// Whether the host shortens links.
    pub fn is_short_link(&self, host: &str) -> bool {
        self.knows(host, |knowledge| *knowledge == Knowledge::ShortLink)
    }

    /// Whether the host is a portal behind a sign-in.
    pub fn is_portal(&self, host: &str) -> bool {
        self.knows(host, |knowledge| *knowledge == Knowledge::Portal)
    }

    /// Whether the URL is a sign-in page.
    pub fn is_sign_in(&self, url: &Url) -> bool {
        self.knows(url.host_str().unwrap_or_default(), |knowledge| *knowledge == Knowledge::SignIn)
    }

    fn knows(&self, host: &str, is: impl Fn(&Knowledge) -> bool) -> bool {
        self.rows.iter().any(|row| is(&row.knowledge) && row.hosts.matches(host))
    }
}
