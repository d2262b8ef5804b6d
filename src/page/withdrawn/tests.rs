use super::says_withdrawn;

#[test]
fn notices_in_several_languages() {
    for text in [
        "This article has been archived and is no longer updated.",
        "Note: This page is no longer available.",
        "This topic was retired on June 30, 2024. See the new one.",
        "This content is archived; it may be out of date.",
        "This version of the documentation is no longer actively maintained.",
        "This is documentation for Desk 2.x, which is no longer actively maintained. For up-to-date documentation, see the latest version (5.x).",
        "Kubernetes v1.18 documentation is no longer actively maintained. The version you are viewing is a static snapshot.",
        "This documentation is for an unsupported version of PostgreSQL.",
        "This repository was archived by the owner on Feb 2, 2026. It is now read-only.",
        "Dieser Artikel wird nicht mehr aktualisiert.",
        "Cet article n’est plus mis à jour.",
        "Cette page a été archivée.",
        "Este artículo ha sido archivado.",
        "Esta página foi descontinuada.",
        "Acest articol nu mai este actualizat.",
        "Această pagină este arhivată și nu mai este actualizată.",
        "Acest articol nu se mai actualizează.",
        "Ta strona jest nieaktualna.",
        "Tato stránka se již neaktualizuje.",
        "Den här sidan uppdateras inte längre.",
        "Denne siden er arkivert.",
        "Bu sayfa artık güncellenmiyor.",
        "Bài viết này không còn được cập nhật.",
        "Αυτή η σελίδα δεν ενημερώνεται πλέον.",
        "この記事は更新されません。",
        "本記事は更新を終了しました。",
        "このページはアーカイブされており、更新されません。",
        "此页面不再更新。",
        "이 문서는 더 이상 업데이트되지 않습니다.",
        "บทความนี้ถูกเก็บถาวรแล้วและจะไม่มีการปรับปรุงอีกต่อไป",
        "لم تعد هذه المقالة قيد التحديث.",
        "Эта страница больше не обновляется.",
    ] {
        assert!(says_withdrawn(text), "{text}");
    }
}

/// Sentences of help that hold the words of a notice.
#[test]
fn what_a_page_is_about_is_no_notice() {
    for text in [
        "The tool has been retired.",
        "This article tells how to archive a mailbox.",
        "This article explains channels, and how to find one that has been archived.",
        "If this article is archived by its owner, members can no longer see it.",
        "This article is archived if its owner leaves.",
        "This content is archived and deleted after 30 days.",
        "This topic explains what happens when a message has been archived.",
        "This guide shows how to find out whether a module is deprecated.",
        "This page lists what has been retired in 2025.",
        "This page is deprecated features in one list.",
        "This site uses a theme that is no longer supported in Internet Explorer.",
        "This site is no longer supported in Internet Explorer.",
        "This content is no longer available in 3 regions.",
        "You see the message \"This page is no longer available\".",
        "Is this page out of date? This page is outdated?",
        "Dieser Artikel beschreibt das Archiv.",
        "Le service n'est plus disponible.",
        "本文说明如何处理已归档的项目。",
        "本文已停用的帐户",
        "本文介绍已停用的帐户。",
        "このページでは、アーカイブされたチームの復元方法を説明します。",
        "В этой статье описано, как устроен архив. Эта статья для администраторов.",
    ] {
        assert!(!says_withdrawn(text), "{text}");
    }
}
