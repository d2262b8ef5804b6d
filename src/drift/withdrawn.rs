//! Notices that a page is archived or withdrawn, in the languages help is commonly published in.

use crate::page::volatile;

/// What such a notice is about: the page itself, not what the page is about.
const ABOUT: &[&str] = &[
    "this page",
    "this article",
    "this content",
    "this document",
    "this documentation",
    "this topic",
    "these docs",
    "this site",
    "this guide",
    "diese seite",
    "dieser artikel",
    "dieser inhalt",
    "dieses dokument",
    "diese dokumentation",
    "cette page",
    "cet article",
    "ce contenu",
    "ce document",
    "cette documentation",
    "esta página",
    "este artículo",
    "este contenido",
    "este documento",
    "este artigo",
    "este conteúdo",
    "questa pagina",
    "questo articolo",
    "questo documento",
    "această pagină",
    "acest articol",
    "acest conținut",
    "acest document",
    "deze pagina",
    "dit artikel",
    "ta strona",
    "ten artykuł",
    "эта страница",
    "эта статья",
    "このページ",
    "この記事",
    "このコンテンツ",
    "此页面",
    "本文",
    "此文章",
    "此內容",
    "דף זה",
    "מאמר זה",
];

/// What it says of it.
const SAYS: &[&str] = &[
    "has been archived",
    "is archived",
    "was archived",
    "been retired",
    "is retired",
    "was retired",
    "no longer maintained",
    "no longer updated",
    "no longer being updated",
    "isn't being updated",
    "is not being updated",
    "no longer supported",
    "is obsolete",
    "is no longer available",
    "been withdrawn",
    "been deprecated",
    "is deprecated",
    "is out of date",
    "wurde archiviert",
    "ist archiviert",
    "nicht mehr aktualisiert",
    "nicht mehr gepflegt",
    "nicht mehr verfügbar",
    "ist veraltet",
    "a été archivé",
    "est archivé",
    "n'est plus mis à jour",
    "n'est plus mise à jour",
    "n'est plus disponible",
    "est obsolète",
    "ha sido archivad",
    "está archivad",
    "ya no se actualiza",
    "ya no está disponible",
    "está obsolet",
    "foi arquivad",
    "não é mais atualizad",
    "já não é atualizad",
    "não está mais disponível",
    "è stato archiviato",
    "è stata archiviata",
    "non è più aggiornat",
    "non è più disponibile",
    "è obsolet",
    "a fost arhivat",
    "este arhivat",
    "nu mai este actualizat",
    "nu mai este disponibil",
    "este învechit",
    "is gearchiveerd",
    "wordt niet meer bijgewerkt",
    "została zarchiwizowana",
    "został zarchiwizowany",
    "nie jest już aktualizowan",
    "больше не обновляется",
    "архив",
    "устарела",
    "アーカイブ",
    "更新されません",
    "更新されていません",
    "廃止",
    "已存档",
    "已归档",
    "不再更新",
    "已封存",
    "已停用",
    "הועבר לארכיון",
    "אינו מתעדכן",
];

/// The longest notice, in bytes: what is longer is a text that happens to use these words.
const LONGEST: usize = 400;

/// Whether a text is a short notice that the page which shows it is archived or withdrawn.
pub(super) fn says_withdrawn(text: &str) -> bool {
    if text.len() > 2 * LONGEST {
        return false;
    }
    let text = volatile::normalise(text).to_lowercase();
    text.len() <= LONGEST
        && ABOUT.iter().any(|about| text.contains(about))
        && SAYS.iter().any(|says| text.contains(says))
}

#[cfg(test)]
mod tests {
    use super::says_withdrawn;

    #[test]
    fn notices_in_several_languages() {
        for text in [
            "This article has been archived and is no longer updated.",
            "Dieser Artikel wird nicht mehr aktualisiert.",
            "Cet article n’est plus mis à jour.",
            "Este artículo ha sido archivado.",
            "Acest articol nu mai este actualizat.",
            "この記事は更新されません。",
            "此页面不再更新。",
            "Эта страница больше не обновляется.",
        ] {
            assert!(says_withdrawn(text), "{text}");
        }
        for text in [
            "The tool has been retired.",
            "This article tells how to archive a mailbox.",
            "Dieser Artikel beschreibt das Archiv.",
            "Le service n'est plus disponible.",
        ] {
            assert!(!says_withdrawn(text), "{text}");
        }
    }
}
