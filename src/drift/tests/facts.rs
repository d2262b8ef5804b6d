//! Single facts, however little of the text they are, and rewordings that carry none.

use super::*;

#[test]
fn facts_in_signs_words_and_lone_values() {
    let filler = "<p>Every organization keeps files in one place so that people find them again when they need them later.</p>".repeat(6);
    let change = |old: &str, new: &str| {
        let page = |inner: &str| html(&format!("<h1>Limits</h1>{filler}<h2 id=l>List</h2>{inner}"));
        compare(&page(old), &page(new)).change
    };
    for (old, new) in [
        // Signs.
        (
            "<table><tr><td>Free</td><td>❌</td></tr></table>",
            "<table><tr><td>Free</td><td>✅</td></tr></table>",
        ),
        (
            "<table><tr><td>Free</td><td>✗</td></tr></table>",
            "<table><tr><td>Free</td><td>✓</td></tr></table>",
        ),
        ("<p>The value must be &lt; 10.</p>", "<p>The value must be &gt; 10.</p>"),
        ("<p>Set the offset to -5.</p>", "<p>Set the offset to 5.</p>"),
        // Numbers as words.
        ("<p>You can add up to five providers.</p>", "<p>You can add up to ten providers.</p>"),
        // Negations.
        ("<p>Guests can open the file.</p>", "<p>Guests are unable to open the file.</p>"),
        (
            "<p>この機能はモバイルアプリで使用できます。</p>",
            "<p>この機能はモバイルアプリで使用できません。</p>",
        ),
        ("<p>此功能支持移动应用。</p>", "<p>此功能不支持移动应用。</p>"),
        ("<p>모바일 앱에서 사용할 수 있습니다.</p>", "<p>모바일 앱에서 사용할 수 없습니다.</p>"),
        ("<p>ผู้เยี่ยมชมเปิดไฟล์ได้</p>", "<p>ผู้เยี่ยมชมเปิดไฟล์ไม่ได้</p>"),
        ("<p>Khách có thể mở tệp.</p>", "<p>Khách không thể mở tệp.</p>"),
        ("<p>Οι επισκέπτες μπορούν να ανοίξουν.</p>", "<p>Οι επισκέπτες δεν μπορούν να ανοίξουν.</p>"),
        ("<p>A vendégek megnyithatják a fájlt.</p>", "<p>A vendégek nem nyithatják meg a fájlt.</p>"),
        ("<p>Hosté mohou otevřít soubor.</p>", "<p>Hosté nemohou otevřít soubor.</p>"),
        // Values alone in their blocks.
        ("<div><div>Providers</div><div>5</div></div>", "<div><div>Providers</div><div>10</div></div>"),
        ("<div><div>Plan</div><div>Pro</div></div>", "<div><div>Plan</div><div>Enterprise</div></div>"),
        // A limit that is told as a moment.
        (
            "<p>Messages created more than 30 days ago are deleted.</p>",
            "<p>Messages created more than 90 days ago are deleted.</p>",
        ),
    ] {
        assert_eq!(change(old, new), Change::Minor, "{old} → {new}");
        assert_eq!(change(new, old), Change::Minor, "{new} → {old}");
    }
    for (old, new) in [
        ("<p>You can add five providers to it.</p>", "<p>You can add 5 providers to it.</p>"),
        ("<p>Guests can't open the file.</p>", "<p>Guests are unable to open the file.</p>"),
        ("<p>Wait 5-10 minutes for it.</p>", "<p>Wait 5 – 10 minutes for it.</p>"),
        ("<p>Open Settings &gt; Security.</p>", "<p>Open Settings, Security.</p>"),
        (
            "<table><tr><td>Free</td><td>✔</td></tr></table>",
            "<table><tr><td>Free</td><td>✅</td></tr></table>",
        ),
    ] {
        let change = change(old, new);
        assert!(change <= Change::Cosmetic, "{old} → {new}: {change:?}");
    }
}

/// What terms left with which replacement, for code blocks before and after.
#[test]
fn commands_in_code_blocks_are_terms() {
    let terms = |old: &str, new: &str| -> Vec<(String, Option<String>)> {
        let page = |code: &str| {
            html(&format!(
                "<h1>Start</h1><p>Start it on the machine that keeps the files.</p><pre><code>{code}</code></pre>"
            ))
        };
        compare(&page(old), &page(new))
            .terms_removed
            .into_iter()
            .map(|removed| (removed.term, removed.replacement))
            .collect()
    };
    let pair = |old: &str, new: &str| (old.to_owned(), Some(new.to_owned()));
    for (old, new, want) in [
        (
            "docker-compose up -d",
            "docker compose up -d",
            vec![pair("docker-compose up", "docker compose up")],
        ),
        (
            "$ git pull\n$ sudo deskctl export --all",
            "$ git pull\n$ sudo deskctl dump --everything",
            vec![pair("deskctl export", "deskctl dump")],
        ),
        // Still there, or there before, is not renamed; what went for nothing may be left out for brevity.
        (
            "deskctl export --all\ndeskctl list rooms",
            "deskctl export --everything\ndeskctl list rooms",
            vec![],
        ),
        ("deskctl export --all\ndeskctl dump rooms", "deskctl dump rooms\ndeskctl dump rooms -v", vec![]),
        ("deskctl export --all\ndeskctl list rooms", "deskctl list rooms", vec![]),
        // Another version, another expression.
        ("docker pull desk:1.2\n", "docker pull desk:1.3\n", vec![]),
        ("let limit = 30;\nsend(limit);", "let most = 30;\nsend(most);", vec![]),
    ] {
        assert_eq!(terms(old, new), want, "{old} → {new}");
    }
}
