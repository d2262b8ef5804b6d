//! What configuration may name although a later module defines it.

/// The ids of SPEC §5: what `[rules]` and `[[ignore]]` may name. The table of rules is checked against it.
pub const RULE_IDS: &[&str] = &[
    "link/broken",
    "link/unreachable",
    "link/blocked",
    "link/soft-404",
    "link/redirect-permanent",
    "link/redirect-changed",
    "link/redirect-chain",
    "link/insecure",
    "link/tls-expiring",
    "link/fragment-missing",
    "link/private-address",
    "link/missing-file",
    "link/undefined-label",
    "link/suspicious-host",
    "link/malformed",
    "link/text-mismatch",
    "link/empty-text",
    "link/same-target",
    "link/foreign-locale",
    "link/retired-host",
    "content/changed",
    "content/term-outdated",
    "content/retired",
    "content/unstable",
    "content/newer",
    "entry/age",
    "entry/front-matter",
    "entry/unreadable",
    "entry/encoding",
    "locale/behind",
    "locale/links-differ",
    "locale/missing",
];

/// The formats that the task `report` writes: those of `linkdrift report --format`.
pub const REPORT_FORMATS: &[&str] =
    &["text", "json", "jsonl", "markdown", "html", "sarif", "junit", "github", "gitlab", "csv", "atom"];

/// Which files of a source are entries, where it does not say.
pub const DEFAULT_FILES: &[&str] =
    &["**/*.md", "**/*.markdown", "**/*.html", "**/*.htm", "**/TOC.yml", "**/toc.yml"];

/// The front-matter key of an entry's own date, where a source does not say.
pub const DEFAULT_DATE_KEY: &str = "ms.date";
