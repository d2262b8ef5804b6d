//! Lines that say nothing of what a page is about: when it was touched, by whom, how often it was read, what can be done with it. A
//! line is only such if it is so from its first word to its last: an opening like "Last updated" is followed by a date, a moment or a
//! name and then by nothing, since "Last updated files are kept for 30 days" is a fact.

use std::sync::LazyLock;

use regex::{Regex, RegexSet};

/// A line longer than this (in bytes) is never furniture.
const LONGEST: usize = 180;

/// What a line is, if it is furniture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    /// Nobody writes it into a text.
    Sure,
    /// A text may say it too ("100 views", "Print this page"): its place decides.
    Perhaps,
}

/// What such lines say, in the languages help is commonly published in. Pieces of the expressions below.
struct Pieces;

impl Pieces {
    /// That something was touched. What follows tells when.
    const TOUCHED: &str = r"(?:(?:(?:this|the) )?(?:page|article|document|doc|topic|content|post|question|answer) (?:(?:was|has been) )?)?(?:last[ -](?:updated?|modified|modification|edited|edit|reviewed|published|changed?|revised|buil[dt]|active|seen)|(?:first |originally |recently )?(?:updated|modified|edited|published|reviewed|posted|created|written|generated|rendered|built|cached|asked|answered|commented|opened|synced|checked|seen))(?: date| time)?|zuletzt (?:aktualisiert|geändert|bearbeitet)|letzte (?:aktualisierung|änderung)|aktualisiert|veröffentlicht|erstellt|dernière (?:mise à jour|modification)|mise? à jour|publié|modifié|última (?:actualización|modificación|atualização|modificação|edición)|actualizado|publicado|modificado|atualizado|ultima (?:actualizare|modificare|modifica)|ultimul (?:update|modificat)|actualizat|publicat|modificat|ultimo aggiornamento|aggiornato|pubblicato|laatst (?:bijgewerkt|gewijzigd)|bijgewerkt|gepubliceerd|ostatnia (?:aktualizacja|modyfikacja)|zaktualizowano|opublikowano|последн[^\s]+ (?:обновление|изменение)|дата (?:обновления|публикации)|обновлено|опубликовано|изменено|останнє оновлення|оновлено|опубліковано|最終更新(?:日時?)?|更新(?:日時?)?|公開(?:日時?)?|作成日時?|投稿日時?|(?:最后|最近|最後|上次)?更新(?:时间|時間|日期)?[于於]?|(?:发布|發佈|发表|發表)(?:时间|時間|日期)?[于於]?|(?:마지막 |최종 )?(?:업데이트|수정)(?:일시?|됨)?|게시일?|작성일|senast (?:uppdaterad|ändrad)|uppdaterad|publicerad|sist oppdatert|publisert|sidst opdateret|udgivet|viimeksi päivitetty|julkaistu|(?:naposledy )?(?:upraveno|aktualizováno|změněno)|publikováno|utolsó frissítés|עודכן(?: לאחרונה)?|תאריך עדכון|פורסם|آخر تحديث|تم (?:التحديث|النشر)|تاريخ (?:النشر|التحديث)|son güncelleme|güncellen(?:me|di)|yayınlan(?:ma|dı)|อัปเดต(?:ล่าสุด|เมื่อ)?|แก้ไขล่าสุด|เผยแพร่(?:เมื่อ)?|cập nhật(?: lần cuối)?|(?:xuất bản|đăng)(?: ngày)?|(?:terakhir )?diperbarui|τελευταία ενημέρωση";

    /// Small words between that and the date.
    const LINK: &str = r"[\s:：,·-]*(?:(?:on|at|date|datum|am|vom|le|el|la|pe|em|il|op|den|pe|på|dnia|от|на|в|ngày|في|ב-?)[\s:]+|ב-?){0,2}";

    /// A day, at least a month of a year.
    const DATE: &str = r"(?:\d{4} ?[年년] ?\d{1,2} ?[月월](?: ?\d{1,2} ?[日일])?|\d{1,4}[./-] ?\d{1,2}[./-] ?\d{1,4}\.?|(?:[^\s\d,.]+[.,]{0,2} )?\d{1,4}(?:\.|st|nd|rd|th|er|º|ª)?[ -](?:de |of )?[^\s\d,.:;!?]+\.?,?[ -](?:de |del )?\d{4}(?: ?(?:г|р)\.)?|(?:[^\s\d,.]+[.,]{0,2} )?[^\s\d,.:;!?]+\.? \d{1,4}(?:st|nd|rd|th)?,? \d{4}|[^\s\d,.:;!?]+,? \d{4}|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? \d{1,2}|\d{1,2} (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*)(?:[,.]?(?: |t)?(?:at |um |à |alle |[-–|·] ?)?\d{1,2}[:.h]\d{2}(?:[:.]\d{2})?(?:[.,]\d+)?(?: ?[ap]\.?m\.?)?(?: ?(?:z|utc|gmt|uhr|[a-z]{3,4}|[+-]\d{2}:?\d{2})){0,2})?";

    /// A moment ago.
    const AGO: &str = r"(?:just now|(?:about |over |almost )?(?:an?|one|\d+) (?:sec|second|min|minute|hour|day|week|month|year)s? ago|(?:vor|il y a|hace|há|acum|منذ|قبل|לפני) (?:[^\s\d]+ )?\d+ (?:de )?[^\s\d]+|\d+ [^\s\d]+ (?:geleden|siden|sedan|temu|назад|тому|fa|atrás|sitten|önce|trước|lalu)|\d+ ?(?:秒|分|分钟|分鐘|時間|小时|小時|日|天|か月|个月|個月|週間|周|年|초|분|시간|일|주|개월|년|วินาที|นาที|ชั่วโมง|วัน|เดือน) ?(?:前|전|ที่ผ่านมา|ที่แล้ว))";

    /// Who or what did it.
    const BY: &str = r"(?:,? (?:by|for|with|using|from|in|von|par|por|de|da|di|van|przez|af|av|автор) (?:[^.,;:!?]|\.\d){1,60})?";

    /// A name that follows a word for its owner's part.
    const NAME: &str = r"(?-i:\p{Lu}[^\s\d.,:;!?]*(?: [^\s\d.,:;!?]+){0,3})";

    const NUMBER: &str = r"\d[\d.,]* ?[km]?\+?";

    /// What is counted of a page.
    const COUNTED: &str = r"(?:views?|likes?|votes?|upvotes?|comments?|downloads?|shares?|repl(?:y|ies)|reads?|followers?|stars?|visitors?|visits?|users? online|contributors?|aufrufe|vues|visualizaciones|visualizações|vizualizări|visualizzazioni|weergaven|просмотр[^\s]*|wyświetleń|visningar|görüntüleme|צפיות|مشاهدة|lượt xem|次浏览|次瀏覽|回閲覧)";
}

/// Nobody writes these into a text.
static SURE: LazyLock<RegexSet> = LazyLock::new(|| {
    let (touched, link, date, ago, by) =
        (Pieces::TOUCHED, Pieces::LINK, Pieces::DATE, Pieces::AGO, Pieces::BY);
    set(&[
        // When the page was last touched.
        &format!(r"(?i)^\W*(?:{touched}){link}(?:{date}|{ago}|today|yesterday){by}\W*$"),
        &format!(r"(?i)^\W*(?:[^\s\d]+ ){{0,2}}{ago}(?: ?[に에]? ?(?:{touched}))?\W*$"),
        // How long it takes to read.
        r"(?i)^\W*(?:(?:about |est(?:imated|\.) )?(?:reading|read) time|lesezeit|lesedauer|temps de lecture|durée de lecture|tiempo de lectura|tempo de leitura|tempo di lettura|timp de citire|leestijd|czas czytania|время чтения|読み取り時間|阅读时间|閱讀時間|阅读需|읽는 데|ใช้เวลาอ่าน)\W*(?:(?:about|approx\.?|less than|ca\.?) )?\d+ ?[-–]? ?\d* ?[^\s\d]*\W*$",
        r"(?i)^\W*(?:about |approx\w*\.? )?\d+ ?[-–]? ?\d* ?min(?:ute)?s?\.?(?: to)? read(?:ing)?(?: time)?\W*$",
        r"(?i)^\W*\d+ ?(?:minuten lesedauer|min\.? lesezeit|min[^\s]* de (?:lecture|lectura|leitura|citit)|min[^\s]* (?:di lettura|pentru a citi|om te lezen|czytania)|分で読め?(?:る|ます)?|分钟阅读|minuter att läsa|минут[^\s]* на чтение|мин\.? чтения|dakikalık okuma|phút đọc|דקות קריאה|دقائق قراءة)\W*$",
        // How it was liked.
        r"(?i)^[\d.,]+ (?:(?:of|out of) [\d.,]+ )?(?:people|users|readers|others|customers)? ?(?:found|find) th(?:is|e \w+) (?:\w+ )?(?:helpful|useful)\W*$",
        r"(?i)^(?:was|is|did|does|were|how) (?:this|these|the|you find) (?:[^\s.?]+ ){0,5}(?:helpful|useful|solve your problem|answer your question)(?: to you)?\W*(?:(?:yes|no|not really|somewhat|vote|submit|cancel|send|give|feedback|thumbs|up|down|found|this|helpful|out|of|\d+)\W*){0,12}$",
        r"(?i)^(?:war diese|cette page|¿te ha|¿le ha|¿fue útil|esta página|acest articol v-a|a fost util|questa pagina|was deze|czy ta strona)[^.?]*(?:hilfreich|utile|útil|ayudado|ajutat|nuttig|pomocna)[^.?]{0,16}\?\W*(?:(?:ja|nein|oui|non|sí|no|sim|não|da|nu|sì|nee|tak|nie)\W*){0,2}$",
        r"(?i)^(?:この(?:記事|情報|ページ)はお?役に立ちましたか|(?:这篇文章|此页面|本文)(?:对您|对你)?有(?:帮助|用)吗|(?:이 [^\s]+ )?도움이 되었(?:습니까|나요)|บทความนี้มีประโยชน์หรือไม่|bu (?:makale|sayfa) yardımcı oldu mu|האם (?:מאמר|דף) זה היה (?:שימושי|מועיל)|هل كانت هذه (?:المقالة|الصفحة) مفيدة|bài viết này có hữu ích không|была ли эта (?:статья|страница) полезн[^\s]+|czy ten artykuł był (?:pomocny|przydatny)|v-a fost (?:util|de folos) acest articol|cet article vous a-t-il été utile|este artigo foi útil)\W*$",
        // Which machine, build or request made it.
        r"(?i)^(?:request|correlation|trace|session|ray|activity|incident|build|commit|revision|version)(?: (?:id|hash|number))?[\s:#=]*(?:[0-9a-f]{8,}|[0-9a-f]{4,}(?:-[0-9a-f]{2,})+)\W*$",
        r"(?i)^served by[\s:]+\S*\d\S*$",
        r"(?i)^(?:(?:this )?page )?(?:was )?(?:generated|rendered|served|loaded|built|cached) in \d+(?:\.\d+)? ?(?:ms|milliseconds?|s|secs?|seconds?)\W*$",
        // Whose it is.
        r"(?i)^(?:©|(?:\(c\)|copyright)\W*(?:©|\(c\)|\d{4})).*$",
        r"(?i)^all rights reserved\W*$",
        // Where in the source it is defined, which changes with every line above it.
        r"^Definition at line \d+ of file \S+$",
    ])
});

/// A text may say these too.
static PERHAPS: LazyLock<RegexSet> = LazyLock::new(|| {
    let (touched, date, name, number, counted) =
        (Pieces::TOUCHED, Pieces::DATE, Pieces::NAME, Pieces::NUMBER, Pieces::COUNTED);
    set(&[
        &format!(r"(?i)^\W*(?:{touched}|(?:reading|read) time)\W*$"),
        &format!(r"(?i)^\W*{number} ?{counted}\W*$"),
        &format!(
            r"(?i)^\W*(?:{counted}|閲覧数|조회수|浏览(?:次数|量)?|เข้าชม)[\s:：]*{number}\W*(?:ครั้ง|回|次|회)?$"
        ),
        &format!(
            r"(?i)^\W*(?:last )?(?:written|posted|published|updated|modified|edited|reviewed|authored|created) by[\s:]+{name}(?:,? (?:on )?{date})?\W*$"
        ),
        r"^By \p{Lu}\S* \p{Lu}\S*(?: \p{Lu}\S*)?$",
        r"(?i)^(?:von [^.,;:!?]{1,40} geschrieben|(?:autor(?:in)?|verfasst von|rédigé par|écrit par|escrito por|scris de|scritto da|geschreven door|автор|作成者|著者|작성자|作者|viết bởi|เขียนโดย|yazan|נכתב על ידי|كتبه)[\s:：]+[^\s\d.,:;!?]+(?: [^\s\d.,:;!?]+){0,3})$",
        // Two numbers, and that it helped.
        r"(?i)^[^\d.!?:]*:? ?\d[\d.,]*[^\d.!?]+\d[\d.,]*[^\d.!?]*\.?$",
        // What can be done with it.
        r"(?i)^\W*(?:(?:edit|improve|fix) (?:this|the) (?:page|article|document|doc|topic|section)(?: on \w+)?|improve this docview source|(?:edit|view|open|suggest edits?)(?: (?:this page|it|source))? on (?:github|gitlab|bitbucket|codeberg)|suggest (?:an )?edits?|report (?:an? )?(?:issue|problem|bug)(?: with this page)?|(?:view|show) (?:page )?source|back to (?:the )?top|skip to (?:main |the )?content|copy (?:link|page|as markdown)|download (?:as )?pdf|print this page|share (?:this )?(?:page|article)|create (?:an? )?(?:documentation )?issue|give (?:us )?feedback|send (?:us )?feedback)\W*$",
    ])
});

/// Which of [`PERHAPS`] counts only beside a word for help.
const TWO_NUMBERS: usize = 6;
/// Which of [`PERHAPS`] is sure where it is nothing but a link.
const ACTION: usize = 7;

/// That something helped.
static HELPED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)helpful|useful|hilfreich|\butile?\b|útil|nuttig|ajutat|役に立|有帮助|有幫助|도움이|มีประโยชน์|yardımcı|מועיל|مفيد|hữu ích|полезн|przydatn|pomocn").ok()
});

/// Lines that are furniture where they are nothing but a link or a button.
static LINKED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)^\W*(?:previous|next|prev|back|copy|copied!?|share|print|save|edit|contents|table of contents|on this page|in this article|permalink|expand all|collapse all)\W*$").ok()
});

/// A day alone, which may stand beside other furniture.
static DAY: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(&format!(r"(?i)^\W*{}\W*$", Pieces::DATE)).ok());

/// The way to the page before or after this one, with its title behind, which may stand right at the word.
static PAGER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^\W*(?:(?i:previous|prev|next|zurück|weiter|(?:nächste|vorherige) seite|précédent|suivant|anterior|siguiente|próximo|înapoi|înainte|următorul|предыдущая|следующая|далее|poprzedni|następny|sonraki|önceki|tiếp theo|التالي|السابق|הבא|הקודם|다음|이전|ถัดไป)(?i: (?:page|post|chapter|article|topic|section))?(?:\W|\p{Lu}|\d|$)|(?:上一页|下一页|前へ|次へ))").ok()
});

/// Whether a line is furniture; `only_links` says that it is nothing but links.
pub(super) fn furniture(text: &str, only_links: bool) -> Option<Line> {
    if text.len() > LONGEST {
        return None;
    }
    if let Some(whole) = part(text, only_links) {
        return Some(whole);
    }
    // "Last updated 3 May 2026 · 5 min read": each part is furniture, or a day.
    const BETWEEN: [char; 4] = ['·', '•', '|', '\n'];
    if !text.contains(BETWEEN) {
        return None;
    }
    let mut all = None;
    for text in text.split(BETWEEN).map(str::trim).filter(|text| !text.is_empty()) {
        match part(text, only_links) {
            Some(line) => all = all.filter(|all| *all == Line::Sure).or(Some(line)),
            None if is_match(&DAY, text) => {}
            None => return None,
        }
    }
    all
}

fn part(text: &str, only_links: bool) -> Option<Line> {
    if SURE.is_match(text) || (only_links && is_match(&LINKED, text)) {
        return Some(Line::Sure);
    }
    let found = PERHAPS.matches(text);
    if only_links && found.matched(ACTION) {
        return Some(Line::Sure);
    }
    found.iter().any(|at| at != TWO_NUMBERS || is_match(&HELPED, text)).then_some(Line::Perhaps)
}

/// Whether a link says that it leads to the page before or after this one.
pub(super) fn is_pager(text: &str) -> bool {
    text.len() <= LONGEST && is_match(&PAGER, text)
}

fn is_match(expression: &LazyLock<Option<Regex>>, text: &str) -> bool {
    expression.as_ref().is_some_and(|expression| expression.is_match(text))
}

/// An expression that does not compile would match nothing; a test compiles them all.
fn set(expressions: &[&str]) -> RegexSet {
    RegexSet::new(expressions).unwrap_or_else(|_| RegexSet::empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_expression_compiles() {
        assert_eq!(SURE.len(), 15);
        assert_eq!(PERHAPS.len(), ACTION + 1);
        for expression in [&HELPED, &LINKED, &DAY, &PAGER] {
            assert!(expression.is_some());
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
}
