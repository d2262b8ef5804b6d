//! The web and the help repository of `linkdrift demo`: written for it, in the manner of real help content, and the same at every run.

use super::site::{Answer, Route};

/// A file of the demo's repository: path and text.
pub const ENTRIES: &[(&str, &str)] = &[
    ("ro-RO/parole/resetare-parola.md", include_str!("demo/ro-RO/resetare-parola.md")),
    ("ro-RO/parole/autentificare-multifactor.md", include_str!("demo/ro-RO/autentificare-multifactor.md")),
    ("ro-RO/posta/cutie-postala-partajata.md", include_str!("demo/ro-RO/cutie-postala-partajata.md")),
    ("ro-RO/posta/reguli-flux-posta.md", include_str!("demo/ro-RO/reguli-flux-posta.md")),
    ("ro-RO/telefonie/numere-telefon.md", include_str!("demo/ro-RO/numere-telefon.md")),
];

/// What the entries are published under.
pub const BASE_URL: &str = "https://docs.microsoft.com";

/// Always.
const EVER: (u32, u32) = (0, u32::MAX);
/// In the first week only.
const FIRST: (u32, u32) = (0, 0);
/// From the second week on.
const LATER: (u32, u32) = (1, u32::MAX);

const fn route(host: &'static str, path: &'static str, weeks: (u32, u32), answer: Answer) -> Route {
    Route { host, path, weeks, answer }
}

const fn article(title: &'static str, id: &'static str, body: &'static str) -> Answer {
    Answer::Article { title, id, body }
}

const DOCS: &str = "docs.microsoft.com";
const LEARN: &str = "learn.microsoft.com";

/// The web that the entries refer to.
pub const ROUTES: &[Route] = &[
    // The page that is rewritten under the entry: a product is renamed, and a step changes.
    route(
        LEARN,
        "/azure/active-directory/sspr-setup",
        FIRST,
        article(
            "Set up self-service password reset",
            "0d9ac1de-01",
            include_str!("demo/pages/sspr-setup.0.html"),
        ),
    ),
    route(
        LEARN,
        "/azure/active-directory/sspr-setup",
        LATER,
        article(
            "Set up self-service password reset",
            "0d9ac1de-01",
            include_str!("demo/pages/sspr-setup.1.html"),
        ),
    ),
    route(
        LEARN,
        "/azure/active-directory/mfa-methods",
        EVER,
        article("Authentication methods", "0d9ac1de-02", include_str!("demo/pages/mfa-methods.html")),
    ),
    // A page that moves for good in the second week.
    route(
        LEARN,
        "/exchange/shared-mailboxes",
        FIRST,
        article("About shared mailboxes", "0d9ac1de-03", include_str!("demo/pages/shared-mailboxes.html")),
    ),
    route(
        LEARN,
        "/exchange/shared-mailboxes",
        LATER,
        Answer::Redirect(301, "https://learn.microsoft.com/microsoft-365/admin/email/about-shared-mailboxes"),
    ),
    route(
        LEARN,
        "/microsoft-365/admin/email/about-shared-mailboxes",
        EVER,
        article("About shared mailboxes", "0d9ac1de-03", include_str!("demo/pages/shared-mailboxes.html")),
    ),
    route(
        LEARN,
        "/exchange/mail-flow-rules",
        EVER,
        article("Mail flow rules", "0d9ac1de-04", include_str!("demo/pages/mail-flow-rules.html")),
    ),
    route(
        LEARN,
        "/microsoftteams/phone-numbers",
        EVER,
        article("Phone numbers", "0d9ac1de-05", include_str!("demo/pages/phone-numbers.html")),
    ),
    route(
        LEARN,
        "/microsoftteams/voice-plans",
        EVER,
        article("Calling plans", "0d9ac1de-06", include_str!("demo/pages/voice-plans.html")),
    ),
    // The host move that two thirds of real help content has behind it.
    route(
        DOCS,
        "/microsoftteams/phone-numbers",
        EVER,
        Answer::Redirect(301, "https://learn.microsoft.com/microsoftteams/phone-numbers"),
    ),
    route(
        DOCS,
        "/exchange/mail-flow-rules",
        EVER,
        Answer::Redirect(301, "https://learn.microsoft.com/exchange/mail-flow-rules"),
    ),
    // A short link that leads elsewhere from the second week on.
    route(
        "aka.ms",
        "/teamsnumbers",
        FIRST,
        Answer::Redirect(301, "https://learn.microsoft.com/microsoftteams/phone-numbers"),
    ),
    route(
        "aka.ms",
        "/teamsnumbers",
        LATER,
        Answer::Redirect(301, "https://learn.microsoft.com/microsoftteams/voice-plans"),
    ),
    // The short link that a text names, and the portal that the link really leads to.
    route(
        "aka.ms",
        "/ssprsetup",
        EVER,
        Answer::Redirect(301, "https://learn.microsoft.com/azure/active-directory/sspr-setup"),
    ),
    route(
        "mysignins.microsoft.com",
        "/security-info",
        EVER,
        Answer::Redirect(302, "https://login.microsoftonline.com/common/oauth2/authorize"),
    ),
    route(
        "login.microsoftonline.com",
        "/common/oauth2/authorize",
        EVER,
        Answer::Page("<!doctype html><title>Sign in to your account</title><body><h1>Sign in</h1></body>"),
    ),
    // A page that was never there: the entry has a typing error.
    route(LEARN, "/exchange/conditions-and-actoins", EVER, Answer::Status(404)),
];
