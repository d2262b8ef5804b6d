use super::*;

#[test]
fn every_expression_compiles() {
    for rule in rules::SURE.iter().chain(&rules::PERHAPS).chain([&rules::ACTION, &rules::DAY]) {
        if let Some(written) = rule.written {
            assert!(build(&written()).is_some(), "{}", written());
        }
    }
}

#[test]
fn furniture_is_known() {
    for line in [
        "Last updated on 11/03/2025",
        "This page was last modified 3 days ago",
        "Last update: May 3, 2024",
        "Last updated on May 3, 2024 by Ann Lee",
        "Last updated 3 May 2024 · 5 min read",
        "Updated on: Mar 3, 2024 10:11",
        "Generated on Tue May 3 2024 10:11:12 for Desk by Doxygen 1.9.8",
        "Letzte Aktualisierung: 3. Mai 2024",
        "Dernière mise à jour le 3 mai 2024",
        "Ultima actualizare: 3 mai 2024",
        "最終更新日 2024/05/03",
        "最后更新时间：2024-05-03",
        "마지막 업데이트: 2024-05-03",
        "آخر تحديث: 2024-05-03",
        "12 minutes to read",
        "5 min read",
        "Reading time: 7 minutes",
        "Lesezeit: 3 Minuten",
        "312 people found this helpful",
        "3 out of 7 found this helpful",
        "Was this page helpful? Yes No",
        "Request id: 6f2b91aa00cd",
        "Page generated in 31 ms",
        "© 2026 Example Ltd.",
        "3 minutes ago",
        "posted 2 hours ago",
        "vor 3 Minuten",
        "vor 20 Tagen aktualisiert",
        "3分前",
        "3日前に更新",
    ] {
        assert_eq!(furniture(line, false), Some(Line::Sure), "{line}");
    }
    for line in [
        "12,345 views",
        "Views: 1.2k",
        "閲覧数 5120",
        "Last updated",
        "Written by Mira Okafor",
        "Scris de Mira Okafor",
        "1 von 62 fanden dies hilfreich",
        "Edit this page on GitHub",
        "✎ Suggest an edit",
        "Print this page.",
    ] {
        assert_eq!(furniture(line, false), Some(Line::Perhaps), "{line}");
    }
    assert_eq!(furniture("Next", true), Some(Line::Sure));
    assert_eq!(furniture("Edit this page", true), Some(Line::Sure));
}

#[test]
fn content_is_not() {
    for line in [
        "Last, select Save.",
        "Updated policies apply within 24 hours.",
        "Updated at least every 24 hours.",
        "Select Edit, and then select Next.",
        "Next",
        "You can view 12 reports.",
        "Items deleted more than 30 days ago can't be restored.",
        "Build the project, and then run it.",
        "Build time limit: 900 seconds per job",
        "Reviewed requests show under Completed.",
        "Copy the key.",
        "5 minutes",
        "Is this feature available in my region?",
        "Was this charge useful? Ask the owner within 30 days.",
        "Share the folder with your team.",
        "Request timeout: 60 seconds",
        "Session timeout: 30 seconds",
        "Session tokens last 3600 seconds and can't be renewed",
        "Session affinity requires cookie 0a1b2c3d4e",
        "Commit messages are limited to 2 kB; a push times out after 300 seconds.",
        "Activity is flushed every 500 ms",
        "100 views per dashboard",
        "5 downloads per day on the Free plan",
        "20 users online at the same time need the Team plan",
        "(c) The refund window is 30 days.",
        "(c) Select Save.",
        "Copyright strikes expire after 90 days.",
        "Published on the web, a report is visible for 24 hours",
        "Posted on 2 boards at most",
        "Modified date: shows when 1 of the fields changed",
        "Reviewed on day 30, the case is closed",
        "Last modified: the date when the file was saved",
        "Last updated by: the user who made the change",
        "Last published version is kept for 30 days",
        "Reading time: how long a member takes to read",
        "Zuletzt geänderte Dateien bleiben 30 Tage erhalten",
        "Letzte Änderung gewinnt: Bei gleichzeitiger Bearbeitung gilt 1 Version",
        "Questa pagina spiega un'opzione utile per 30 utenti",
        "Esta página explica o limite útil de 10 MB",
        "Mis à jour le 1er de chaque mois, le quota est de 10 Go",
        "Última actualización disponible: 30 días",
        "Ultima modificare se păstrează 90 de zile",
        "Actualizat la fiecare 24 de ore",
        "Actualizado en 24 horas",
        "最終更新から30日間は復元できます。",
        "更新日から90日以内に申請してください。",
        "最近更新的文件保留 30 天",
        "更新时间最长为 24 小时",
        "최종 수정 후 30일 동안 보관됩니다",
        "آخر تحديث يظهر خلال 24 ساعة",
        "3 of the 5 most useful reports need 10 GB.",
        "Autor: 3 documente pe lună",
    ] {
        assert_eq!(furniture(line, false), None, "{line}");
    }
}
