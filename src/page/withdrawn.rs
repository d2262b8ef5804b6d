//! Notices that a page is archived or withdrawn, in the languages help is commonly published in.
//!
//! A notice is a sentence whose subject is the page and whose predicate follows it at once. A text that merely holds the words of both
//! ("This page lists what has been retired") is what help is full of, and the finding gates: silence comes before a guess.
//!
//! It is told when a page is read, since a notice that stands beside the content is only kept, and so only counts as a change of the
//! page, if it is one: cookie bars, outages and news stand there too.

use super::volatile;

/// What such a sentence begins with: the page itself, not what the page is about.
const SUBJECTS: &[&str] = &[
    "this page",
    "this article",
    "this content",
    "this document",
    "this documentation",
    "this topic",
    "these docs",
    "this site",
    "this guide",
    "this version of the documentation",
    "this version of this documentation",
    "this version of this document",
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
    "tato stránka",
    "tento článek",
    "ez az oldal",
    "ez a cikk",
    "den här sidan",
    "den här artikeln",
    "denne siden",
    "denne artikkelen",
    "denne side",
    "denne artikel",
    "bu sayfa",
    "bu makale",
    "bài viết này",
    "trang này",
    "αυτή η σελίδα",
    "αυτό το άρθρο",
    "эта страница",
    "эта статья",
    "ця сторінка",
    "ця стаття",
    "このページは",
    "この記事は",
    "このコンテンツは",
    "このドキュメントは",
    "本ページは",
    "本記事は",
    "此页面",
    "本页面",
    "此文章",
    "本文",
    "此内容",
    "本文档",
    "此頁面",
    "本頁面",
    "此內容",
    "이 페이지는",
    "이 문서는",
    "이 글은",
    "이 콘텐츠는",
    "บทความนี้",
    "หน้านี้",
    "דף זה",
    "מאמר זה",
    "هذه المقالة",
    "هذه الصفحة",
];

/// What may stand between the two.
const BETWEEN: &[&str] = &[
    "now",
    "officially",
    "also",
    "and",
    "its",
    "contents",
    "has",
    "have",
    "is",
    "are",
    "was",
    "were",
    "been",
    "being",
    "nun",
    "jetzt",
    "wurde",
    "wird",
    "ist",
    "inzwischen",
    "est",
    "ora",
    "acum",
    "現在",
    "すでに",
    "既に",
    "已被",
    "현재",
];

/// What it says of the page. A stem that ends in a hyphen takes the endings of its language.
const PREDICATES: &[&str] = &[
    "archived",
    "retired",
    "withdrawn",
    "deprecated",
    "obsolete",
    "outdated",
    "out of date",
    "no longer maintained",
    "no longer actively maintained",
    "no longer updated",
    "no longer being updated",
    "no longer supported",
    "no longer available",
    "isn't being updated",
    "isn't being maintained",
    "isn't updated anymore",
    "not being updated",
    "archiviert",
    "nicht mehr aktualisiert",
    "nicht mehr gepflegt",
    "nicht mehr gewartet",
    "nicht mehr verfügbar",
    "veraltet",
    "a été archivé-",
    "archivé-",
    "n'est plus mis à jour",
    "n'est plus mise à jour",
    "n'est plus disponible",
    "n'est plus maintenu-",
    "obsolète",
    "ha sido archivad-",
    "está archivad-",
    "ya no se actualiza",
    "ya no está disponible",
    "está obsolet-",
    "foi arquivad-",
    "foi descontinuad-",
    "não é mais atualizad-",
    "já não é atualizad-",
    "não está mais disponível",
    "è stato archiviato",
    "è stata archiviata",
    "non è più aggiornat-",
    "non è più disponibile",
    "è obsolet-",
    "a fost arhivat-",
    "este arhivat-",
    "nu mai este actualizat-",
    "nu se mai actualizează",
    "nu mai este disponibil-",
    "este învechit-",
    "is gearchiveerd",
    "wordt niet meer bijgewerkt",
    "została zarchiwizowana",
    "został zarchiwizowany",
    "jest nieaktualn-",
    "nie jest już aktualizowan-",
    "se již neaktualizuje",
    "již není aktualizován-",
    "byla archivována",
    "byl archivován",
    "már nem frissül",
    "archiválva lett",
    "uppdateras inte längre",
    "har arkiverats",
    "er arkivert",
    "er arkiveret",
    "oppdateres ikke lenger",
    "opdateres ikke længere",
    "artık güncellenmiyor",
    "arşivlendi",
    "arşivlenmiştir",
    "không còn được cập nhật",
    "đã được lưu trữ",
    "δεν ενημερώνεται πλέον",
    "έχει αρχειοθετηθεί",
    "больше не обновляется",
    "перенесена в архив",
    "устарела",
    "більше не оновлюється",
    "アーカイブされました",
    "アーカイブされています",
    "アーカイブされており",
    "更新されません",
    "更新されていません",
    "更新を終了しました",
    "廃止されました",
    "已存档",
    "已归档",
    "已封存",
    "已停用",
    "已过时",
    "已弃用",
    "不再更新",
    "不再维护",
    "不再維護",
    "더 이상 업데이트되지 않습니다",
    "더 이상 유지 관리되지 않습니다",
    "보관되었습니다",
    "ถูกเก็บถาวรแล้ว",
    "จะไม่มีการปรับปรุงอีกต่อไป",
    "הועבר לארכיון",
    "אינו מתעדכן",
    "אינו מתעדכן עוד",
    "لم تعد قيد التحديث",
    "تمت أرشفتها",
];

/// Notices of other forms: what the sentence begins with and what it ends with or, after which, a clause ends.
const FORMS: &[(&str, &str)] = &[
    ("this is documentation for", "no longer actively maintained"),
    ("this is documentation for", "no longer maintained"),
    ("this is the documentation for", "no longer maintained"),
    ("this documentation is for", "an unsupported version of"),
    ("this document is for", "an unsupported version of"),
    ("this page is for", "an unsupported version of"),
    ("this document is for an old version of", "that is no longer supported"),
    ("this document is for an insecure version of", "that is no longer supported"),
    ("this documentation is for an old version of", "that is no longer supported"),
    ("you are viewing documentation for", "that is no longer maintained"),
    ("you are viewing documentation for", "that is no longer supported"),
    ("this is the archived", "documentation for"),
    ("this repository", "was archived by the owner"),
    ("this repository", "has been archived by the owner"),
    ("das ist die dokumentation für", "und wird nicht weiter gewartet"),
    ("ceci est la documentation de", "qui n'est plus activement maintenue"),
    ("esta es documentación para", "que ya no se mantiene activamente"),
    ("esta é a documentação para", "que não é mais mantida ativamente"),
    ("questa è la documentazione per", "che non è più attivamente mantenuta"),
    ("これは", "のドキュメントで、現在はアクティブにメンテナンスされていません"),
    ("此为", "的文档，现已不再积极维护"),
    ("لم تعد هذه المقالة", "قيد التحديث"),
    ("لم تعد هذه الصفحة", "قيد التحديث"),
    ("تمت أرشفة", "هذه المقالة"),
    ("تمت أرشفة", "هذه الصفحة"),
];

/// What a whole documentation says of itself, after the name of what it documents.
const DOCUMENTATION: &[&str] =
    &["documentation is no longer actively maintained", "documentation is no longer maintained"];
/// So many words its name has at most.
const NAME: usize = 5;

/// Words after which a sentence is a rule or a case, not a notice.
const CONDITIONS: &[&str] = &[
    "if",
    "when",
    "whenever",
    "after",
    "until",
    "unless",
    "once",
    "every",
    "whether",
    "how",
    "wenn",
    "falls",
    "nach",
    "bis",
    "si",
    "après",
    "cuando",
    "después",
    "dacă",
    "după",
    "când",
    "quando",
    "dopo",
    "jeśli",
    "если",
    "после",
    "когда",
];

/// The longest notice, in bytes: what is longer is a text that happens to use these words.
const LONGEST: usize = 400;

/// Whether a text is a short notice that the page which shows it is archived or withdrawn.
pub fn says_withdrawn(text: &str) -> bool {
    if text.len() > 2 * LONGEST {
        return false;
    }
    let says = |text: &str| {
        let text = volatile::normalise(text).to_lowercase();
        text.len() <= LONGEST && sentences(&text).any(is_notice)
    };
    // A line of its own may be its title, or the notice.
    says(text) || text.contains('\n') && text.lines().any(says)
}

/// The sentences of a text, and of each cell of a row, without the label of a note before them ("Note:").
fn sentences(text: &str) -> impl Iterator<Item = &str> {
    let ends = |(at, c): (usize, char)| {
        let after = at + c.len_utf8();
        let full = matches!(c, '。' | '！' | '？' | '|');
        let stop = matches!(c, '.' | '!' | '?') && text[after..].starts_with(char::is_whitespace);
        let label = matches!(c, ':' | '：') && text[..at].split_whitespace().count() <= 2;
        (full || stop || label).then_some(after)
    };
    let mut from = 0;
    let cuts: Vec<usize> = text.char_indices().filter_map(ends).chain([text.len()]).collect();
    cuts.into_iter().map(move |cut| {
        let sentence = &text[from..cut];
        from = cut;
        sentence.trim_matches(|c: char| {
            c.is_whitespace() || matches!(c, '.' | '!' | '。' | '！' | '|' | '⚠' | '\u{fe0f}')
        })
    })
}

fn is_notice(sentence: &str) -> bool {
    if sentence.ends_with(['?', '？'])
        || CONDITIONS.iter().any(|word| sentence.split(' ').any(|other| other == *word))
    {
        return false;
    }
    SUBJECTS.iter().filter_map(|subject| after_word(sentence, subject)).any(says_so)
        || FORMS.iter().any(|(start, says)| {
            sentence.starts_with(start)
                && sentence.find(says).is_some_and(|at| {
                    at >= start.len()
                        && (says.ends_with(" of")
                            || says.ends_with(" for")
                            || ends_clause(&sentence[at + says.len()..]))
                })
        })
        || DOCUMENTATION.iter().any(|says| {
            sentence
                .strip_suffix(says)
                .is_some_and(|name| name.ends_with(' ') && name.split_whitespace().count() <= NAME)
        })
}

/// Whether what follows the subject is a predicate that ends its clause.
fn says_so(rest: &str) -> bool {
    let mut rest = rest.trim_start();
    for _ in 0..4 {
        if predicates(rest).any(ends_clause) {
            return true;
        }
        let Some(after) = BETWEEN.iter().find_map(|word| after_word(rest, word)) else { return false };
        rest = after.trim_start_matches([' ', '、']);
    }
    false
}

/// What follows the predicates that `rest` begins with.
fn predicates(rest: &str) -> impl Iterator<Item = &str> {
    PREDICATES.iter().filter_map(move |says| match says.strip_suffix('-') {
        Some(stem) => {
            let ending = rest.strip_prefix(stem)?;
            let after = ending.trim_start_matches(char::is_alphabetic);
            (ending[..ending.len() - after.len()].chars().count() <= 2).then_some(after)
        }
        None => after_word(rest, says),
    })
}

/// What follows `word`, where no letter of a script with blanks makes it a longer one.
fn after_word<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    let after = text.strip_prefix(word)?;
    let is_longer = word.ends_with(has_case) && after.starts_with(has_case);
    (!is_longer).then_some(after)
}

fn has_case(c: char) -> bool {
    c.is_lowercase() || c.is_uppercase()
}

/// Words that may go on after a predicate: a second one, or when it came to that.
const GOES_ON: &[&str] = &[
    "and",
    "und",
    "et",
    "y",
    "e",
    "și",
    "en",
    "i",
    "a",
    "och",
    "og",
    "ve",
    "và",
    "και",
    "и",
    "та",
    "และ",
    "并",
    "且",
    "并且",
];
/// Words before a date.
const SINCE: &[&str] = &[
    "on", "since", "as of", "in", "seit", "am", "im", "le", "depuis", "en", "el", "desde", "em", "din", "pe",
    "la", "dal", "il", "w", "od", "с", "в",
];

/// Whether a clause ends here, so that the predicate is no part of a longer one ("no longer supported in Internet Explorer").
fn ends_clause(rest: &str) -> bool {
    let rest = rest.trim_start();
    let year = |text: &str| {
        text.split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .take(3)
            .any(|word| word.len() == 4 && word.bytes().all(|byte| byte.is_ascii_digit()))
    };
    rest.is_empty()
        || rest.starts_with([',', ';', ':', '(', ')', '-', '—', '、', '，', '；', '（', '。', '⧖'])
        || GOES_ON.iter().any(|word| after_word(rest, word).is_some())
        || SINCE.iter().filter_map(|word| after_word(rest, word)).any(year)
}

#[cfg(test)]
mod tests;
