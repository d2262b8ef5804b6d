//! What lines of furniture say, in the languages help is commonly published in.

use std::sync::LazyLock;

use super::super::volatile;
use super::{List, Rule, Seen, begins, is_digit};

/// What is touched.
static PAGES: List = List::new("page|article|document|doc|topic|content|post|question|answer");

/// What is done to it; "last updated" has its own list.
static DONE: List = List::new(
    "updated|modified|edited|published|reviewed|posted|created|written|generated|rendered|built|cached|asked|answered|commented|opened|synced|checked|seen",
);

/// What follows "last".
static LAST: List = List::new(
    "updated|update|modified|modification|edited|edit|reviewed|published|changed|change|revised|build|built|active|seen",
);

/// That something was touched, in other languages: what it begins with, and how each of these may go on.
const TOUCHED: &[(&str, &str)] = &[
    ("zuletzt ", "(?:aktualisiert|geändert|bearbeitet)"),
    ("letzte ", "(?:aktualisierung|änderung)"),
    ("aktualisiert|veröffentlicht|erstellt", ""),
    ("dernière ", "(?:mise à jour|modification)"),
    ("mise à jour|mis à jour|publié|modifié", ""),
    ("última ", "(?:actualización|modificación|atualização|modificação|edición)"),
    ("actualizado|publicado|modificado|atualizado", ""),
    ("ultima ", "(?:actualizare|modificare|modifica)"),
    ("ultimul ", "(?:update|modificat)"),
    ("actualizat|publicat|modificat|ultimo aggiornamento|aggiornato|pubblicato", ""),
    ("laatst ", "(?:bijgewerkt|gewijzigd)"),
    ("bijgewerkt|gepubliceerd", ""),
    ("ostatnia ", "(?:aktualizacja|modyfikacja)"),
    ("zaktualizowano|opublikowano", ""),
    ("последн", r"[^\s]+ (?:обновление|изменение)"),
    ("дата ", "(?:обновления|публикации)"),
    ("обновлено|опубликовано|изменено|останнє оновлення|оновлено|опубліковано", ""),
    ("最終更新|更新|公開", "(?:日時?)?"),
    ("作成日|投稿日", "時?"),
    ("更新|最后更新|最近更新|最後更新|上次更新", "(?:时间|時間|日期)?[于於]?"),
    ("发布|發佈|发表|發表", "(?:时间|時間|日期)?[于於]?"),
    ("업데이트|수정|마지막 업데이트|마지막 수정|최종 업데이트|최종 수정", "(?:일시?|됨)?"),
    ("게시", "일?"),
    ("작성일", ""),
    ("senast ", "(?:uppdaterad|ändrad)"),
    ("uppdaterad|publicerad|sist oppdatert|publisert|sidst opdateret|udgivet", ""),
    ("viimeksi päivitetty|julkaistu", ""),
    ("naposledy ", "(?:upraveno|aktualizováno|změněno)"),
    ("upraveno|aktualizováno|změněno|publikováno|utolsó frissítés", ""),
    ("עודכן", "(?: לאחרונה)?"),
    ("תאריך עדכון|פורסם|آخر تحديث", ""),
    ("تم ", "(?:التحديث|النشر)"),
    ("تاريخ ", "(?:النشر|التحديث)"),
    ("son güncelleme|güncellenme|güncellendi|yayınlanma|yayınlandı", ""),
    ("อัปเดต", "(?:ล่าสุด|เมื่อ)?"),
    ("แก้ไขล่าสุด", ""),
    ("เผยแพร่", "(?:เมื่อ)?"),
    ("cập nhật", "(?: lần cuối)?"),
    ("xuất bản|đăng", "(?: ngày)?"),
    ("diperbarui|terakhir diperbarui|τελευταία ενημέρωση", ""),
];

/// Small words between that and the date.
const LINK: &str = r"[\s:：,·-]*(?:(?:on|at|date|datum|am|vom|le|el|la|pe|em|il|op|den|pe|på|dnia|от|на|в|ngày|في|ב-?)[\s:]+|ב-?){0,2}";

/// A day, at least a month of a year.
const DATE: &str = r"(?:\d{4} ?[年년] ?\d{1,2} ?[月월](?: ?\d{1,2} ?[日일])?|\d{1,4}[./-] ?\d{1,2}[./-] ?\d{1,4}\.?|(?:[^\s\d,.]+[.,]{0,2} )?\d{1,4}(?:\.|st|nd|rd|th|er|º|ª)?[ -](?:de |of )?[^\s\d,.:;!?]+\.?,?[ -](?:de |del )?\d{4}(?: ?(?:г|р)\.?)?|(?:[^\s\d,.]+[.,]{0,2} )?[^\s\d,.:;!?]+\.? \d{1,4}(?:st|nd|rd|th)?,? \d{4}|[^\s\d,.:;!?]+,? \d{4}|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? \d{1,2}|\d{1,2} (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*)(?:[,.]?(?: |t)?(?:at |um |à |alle |[-–|·] ?)?\d{1,2}[:.h]\d{2}(?:[:.]\d{2})?(?:[.,]\d+)?(?: ?[ap]\.?m\.?)?(?: ?(?:z|utc|gmt|uhr|[a-z]{3,4}|[+-]\d{2}:?\d{2})){0,2})?";

/// A moment ago.
const AGO: &str = r"(?:just now|(?:about |over |almost )?(?:an?|one|\d+) (?:sec|second|min|minute|hour|day|week|month|year)s? ago|(?:vor|il y a|hace|há|acum|منذ|قبل|לפני) (?:[^\s\d]+ )?\d+ (?:de )?[^\s\d]+|\d+ [^\s\d]+ (?:geleden|siden|sedan|temu|назад|тому|fa|atrás|sitten|önce|trước|lalu)|\d+ ?(?:秒|分|分钟|分鐘|時間|小时|小時|日|天|か月|个月|個月|週間|周|年|초|분|시간|일|주|개월|년|วินาที|นาที|ชั่วโมง|วัน|เดือน) ?(?:前|전|ที่ผ่านมา|ที่แล้ว))";

/// Words that each [`AGO`] with a digit has one of, in languages other than English.
static AGO_WORDS: List = List::new(
    "vor|il|hace|há|acum|منذ|قبل|לפני|geleden|siden|sedan|temu|назад|тому|fa|atrás|sitten|önce|trước|lalu",
);

/// The same where no blanks part the words.
static AGO_SIGNS: List = List::new("前|전|ที่ผ่านมา|ที่แล้ว");

/// Who or what did it.
const BY: &str =
    r"(?:,? (?:by|for|with|using|from|in|von|par|por|de|da|di|van|przez|af|av|автор) (?:[^.,;:!?]|\.\d)+)?";

/// So many words has the longest line that tells when something was touched and by whom.
const TOLD: usize = 24;

/// What is counted of a page.
static COUNTED: List = List::new(
    "view|views|like|likes|vote|votes|upvote|upvotes|comment|comments|download|downloads|share|shares|reply|replies|read|reads|follower|followers|star|stars|visitor|visitors|visit|visits|user online|users online|contributor|contributors|aufrufe|vues|visualizaciones|visualizações|vizualizări|visualizzazioni|weergaven|просмотр|просмотра|просмотров|просмотры|wyświetleń|visningar|görüntüleme|צפיות|مشاهدة|lượt xem|次浏览|次瀏覽|回閲覧",
);

/// What stands before a count and nowhere else.
static COUNTS: List = List::new("閲覧数|조회수|浏览|เข้าชม");

const NUMBER: &str = r"\d[\d.,]* ?[km]?\+?";

/// How long it takes to read.
static READING: List = List::new(
    "reading time|read time|about reading time|about read time|est. reading time|est. read time|estimated reading time|estimated read time|lesezeit|lesedauer|temps de lecture|durée de lecture|tiempo de lectura|tempo de leitura|tempo di lettura|timp de citire|leestijd|czas czytania|время чтения|読み取り時間|阅读时间|閱讀時間|阅读需|읽는 데|ใช้เวลาอ่าน",
);

/// The same behind a number of minutes.
static READ: List =
    List::new("lese|lectu|leitura|citi|lettura|lezen|czytania|読|阅读|läsa|чтени|okuma|đọc|קריאה|قراءة");

/// Who wrote it, before the name.
static AUTHOR: List = List::new(
    "autor|autorin|verfasst von|rédigé par|écrit par|escrito por|scris de|scritto da|geschreven door|автор|作成者|著者|작성자|作者|viết bởi|เขียนโดย|yazan|נכתב על ידי|كتبه",
);

/// What is done by somebody.
static AUTHORED: List =
    List::new("written|posted|published|updated|modified|edited|reviewed|authored|created");

/// That something helped.
static HELPED: List = List::new(
    "helpful|useful|hilfreich|útil|nuttig|ajutat|役に立|有帮助|有幫助|도움이|มีประโยชน์|yardımcı|מועיל|مفيد|hữu ích|полезн|przydatn|pomocn",
);

/// What asks whether it did, and can be asked of anything else.
static ASKED: List =
    List::new("solve your problem|answer your question|utile|util|ayudado|有用|שימושי|de folos");

/// What such a question begins with.
static ASKING: List = List::new(
    "war diese|cette page|te ha|le ha|fue útil|esta página|acest articol v-a|a fost util|questa pagina|was deze|czy ta strona",
);

/// What the whole of such a question begins with, in languages that have one form of it.
static ASKING_SO: List = List::new(
    "この|这篇文章|此页面|本文|이 |도움이|บทความนี้|bu makale|bu sayfa|האם|هل كانت|bài viết này|была ли|czy ten|v-a fost|cet article|este artigo",
);

/// Machines, builds and requests that make a page, before their number.
static MAKERS: List =
    List::new("request|correlation|trace|session|ray|activity|incident|build|commit|revision|version");

/// What a page tells how long it took.
static MADE: List = List::new("generated|rendered|served|loaded|built|cached");

/// What a line begins with that tells what can be done with the page.
static ACTS: List = List::new(
    "edit|improve|fix|view|open|suggest|report|show|back to|skip to|copy|download|print|share|create|give|send",
);

/// And what it ends with, where it does not end with where that is done.
static ACTED: List = List::new(
    "page|article|document|doc|topic|section|source|edit|edits|issue|problem|bug|top|content|link|markdown|pdf|feedback|github|gitlab|bitbucket|codeberg",
);

/// Lines that are furniture where they are nothing but a link or a button.
pub(super) static LINKED: List = List::new(
    "previous|next|prev|back|copy|copied|share|print|save|edit|contents|table of contents|on this page|in this article|permalink|expand all|collapse all",
);

/// The way to the page before or after this one.
pub(super) static WAYS: List = List::new(
    "previous|prev|next|zurück|weiter|nächste seite|vorherige seite|précédent|suivant|anterior|siguiente|próximo|înapoi|înainte|următorul|предыдущая|следующая|далее|poprzedni|następny|sonraki|önceki|tiếp theo|التالي|السابق|הבא|הקודם|다음|이전|ถัดไป",
);

/// The same where a title follows without a blank.
pub(super) static WAYS_UNSPACED: List = List::new("上一页|下一页|前へ|次へ");

/// Nobody writes these into a text.
pub(super) static SURE: [Rule; 14] = [
    // When the page was last touched.
    Rule::new(
        |line| line.may_tell_when() && touched_ends(&line.lower, |_, _| true) && line.has_at_most(TOLD),
        || format!("(?:{}){LINK}(?:{DATE}|{AGO}|today|yesterday){BY}", touched()),
    ),
    Rule::new(
        |line| line.has_at_most(TOLD) && tells_a_moment(line),
        || format!(r"(?:[^\s\d]+ ){{0,2}}{AGO}(?: ?[に에]? ?(?:{}))?", touched()),
    ),
    // How long it takes to read.
    Rule::new(
        |line| line.has_digit && line.starts_with(&READING),
        || {
            let reading = any_of(&READING);
            format!(r"{reading}\W*(?:(?:about|approx\.?|less than|ca\.?) )?\d+ ?[-–]? ?\d* ?[^\s\d]*")
        },
    ),
    Rule::new(
        |line| {
            (line.starts_with_digit() || line.has_digit && line.starts_with(&["about ", "approx"]))
                && line.holds(&["read"])
        },
        || {
            r"(?:about |approx[^\s]* )?\d+ ?[-–]? ?\d* ?min(?:ute)?s?\.?(?: to)? read(?:ing)?(?: time)?"
                .to_owned()
        },
    ),
    Rule::new(
        |line| line.starts_with_digit() && line.holds(&READ),
        || {
            r"\d+ ?(?:minuten lesedauer|min\.? lesezeit|min[^\s]* de (?:lecture|lectura|leitura|citit)|min[^\s]* (?:di lettura|pentru a citi|om te lezen|czytania)|分で読め?(?:る|ます)?|分钟阅读|minuter att läsa|минут[^\s]* на чтение|мин\.? чтения|dakikalık okuma|phút đọc|דקות קריאה|دقائق قراءة)".to_owned()
        },
    ),
    // How it was liked.
    Rule::new(
        |line| line.starts_with_digit() && line.holds(&["helpful", "useful"]),
        || {
            r"[\d.,]+ (?:(?:of|out of) [\d.,]+ )?(?:people|users|readers|others|customers)? ?(?:found|find) th(?:is|e [^\s]+) (?:[^\s]+ )?(?:helpful|useful)".to_owned()
        },
    ),
    Rule::new(
        |line| line.starts_with(&["was ", "is ", "did ", "does ", "were ", "how "]) && asks_for_thanks(line),
        || {
            r"(?:was|is|did|does|were|how) (?:this|these|the|you find) (?:[^\s.?]+ ){0,5}(?:helpful|useful|solve your problem|answer your question)(?: to you)?(?:\W*(?:yes|no|not really|somewhat|vote|submit|cancel|send|give|feedback|thumbs|up|down|found|this|helpful|out|of|\d+))*".to_owned()
        },
    ),
    Rule::new(
        |line| line.text.contains('?') && line.starts_with(&ASKING) && asks_for_thanks(line),
        || {
            let asking = any_of(&ASKING);
            format!(
                r"{asking}[^.?]*(?:hilfreich|utile|útil|ayudado|ajutat|nuttig|pomocna)[^.?]{{0,16}}(?:\?\W*(?:ja|nein|oui|non|sí|no|sim|não|da|nu|sì|nee|tak|nie)?\W*(?:ja|nein|oui|non|sí|no|sim|não|da|nu|sì|nee|tak|nie)?)?"
            )
        },
    ),
    Rule::new(
        |line| line.starts_with(&ASKING_SO) && asks_for_thanks(line),
        || {
            r"(?:この(?:記事|情報|ページ)はお?役に立ちましたか|(?:这篇文章|此页面|本文)(?:对您|对你)?有(?:帮助|用)吗|(?:이 [^\s]+ )?도움이 되었(?:습니까|나요)|บทความนี้มีประโยชน์หรือไม่|bu (?:makale|sayfa) yardımcı oldu mu|האם (?:מאמר|דף) זה היה (?:שימושי|מועיל)|هل كانت هذه (?:المقالة|الصفحة) مفيدة|bài viết này có hữu ích không|была ли эта (?:статья|страница) полезн[^\s]+|czy ten artykuł był (?:pomocny|przydatny)|v-a fost (?:util|de folos) acest articol|cet article vous a-t-il été utile|este artigo foi útil)".to_owned()
        },
    ),
    // Which machine, build or request made it.
    Rule::new(
        |line| line.starts_with(&MAKERS) && ends_with_a_hash(line),
        || {
            let makers = any_of(&MAKERS);
            format!(
                r"{makers}(?: (?:id|hash|number))?[\s:#=]*(?:[0-9a-f]{{8,}}|[0-9a-f]{{4,}}(?:-[0-9a-f]{{2,}})+)"
            )
        },
    ),
    Rule::new(
        |line| line.has_digit && line.starts_with(&["served by"]),
        || r"served by[\s:]+[^\s]*\d[^\s]*".to_owned(),
    ),
    Rule::new(
        |line| {
            line.has_digit
                && (line.starts_with(&["this page ", "page ", "was "]) || line.starts_with(&MADE))
                && line.holds(&[" in "])
        },
        || {
            let made = any_of(&MADE);
            format!(
                r"(?:(?:this )?page )?(?:was )?{made} in \d+(?:\.\d+)? ?(?:ms|milliseconds?|s|secs?|seconds?)"
            )
        },
    ),
    // Whose it is.
    Rule::told(tells_whose_it_is),
    // Where in the source it is defined, which changes with every line above it.
    Rule::new(
        |line| line.text.starts_with("Definition at line "),
        || r"definition at line \d+ of file [^\s]+".to_owned(),
    ),
];

/// A text may say these too.
pub(super) static PERHAPS: [Rule; 7] = [
    // A label without its date.
    Rule::new(is_label, || format!("{}|(?:reading|read) time", touched())),
    Rule::new(
        |line| line.starts_with_digit() && line.ends_with(&COUNTED),
        || format!("{NUMBER} ?{}", any_of(&COUNTED)),
    ),
    Rule::new(
        |line| line.has_digit && (line.starts_with(&COUNTED) || line.starts_with(&COUNTS)),
        || {
            let (counted, counts) = (any_of(&COUNTED), any_of(&COUNTS));
            format!(r"(?:{counted}|{counts}(?:次数|量)?)[\s:：]*{NUMBER}\W*(?:ครั้ง|回|次|회)?")
        },
    ),
    Rule::new(
        |line| (line.starts_with(&AUTHORED) || line.starts_with(&["last "])) && names_somebody(line),
        || {
            let authored = any_of(&AUTHORED);
            format!(
                r"(?:last )?{authored} by[\s:]+[^\s\d.,:;!?]+(?: [^\s\d.,:;!?]+){{0,3}}(?:,? (?:on )?{DATE})?"
            )
        },
    ),
    Rule::told(is_by_somebody),
    Rule::new(
        |line| {
            line.starts_with(&AUTHOR)
                || line.lower.starts_with("von ") && line.lower.ends_with(" geschrieben")
        },
        || {
            let author = any_of(&AUTHOR);
            format!(
                r"von [^.,;:!?]{{1,40}} geschrieben|{author}[\s:：]+[^\s\d.,:;!?]+(?: [^\s\d.,:;!?]+){{0,3}}"
            )
        },
    ),
    Rule::new(tells_who_it_helped, || r"[^\d.!?:]*:? ?\d[\d.,]*[^\d.!?]+\d[\d.,]*[^\d.!?]*".to_owned()),
];

/// What can be done with the page. A text may say it too, but not in a line that is nothing but a link.
pub(super) static ACTION: Rule = Rule::new(
    |line| {
        line.starts_with(&ACTS) && (line.ends_with(&ACTED) || line.holds(&[" on "])) && line.has_at_most(8)
    },
    || {
        r"(?:edit|improve|fix) (?:this|the) (?:page|article|document|doc|topic|section)(?: on [^\s]+)?|improve this docview source|(?:edit|view|open|suggest edits?)(?: (?:this page|it|source))? on (?:github|gitlab|bitbucket|codeberg)|suggest (?:an )?edits?|report (?:an? )?(?:issue|problem|bug)(?: with this page)?|(?:view|show) (?:page )?source|back to (?:the )?top|skip to (?:main |the )?content|copy (?:link|page|as markdown)|download (?:as )?pdf|print this page|share (?:this )?(?:page|article)|create (?:an? )?(?:documentation )?issue|give (?:us )?feedback|send (?:us )?feedback".to_owned()
    },
);

/// A day alone, which may stand beside other furniture.
pub(super) static DAY: Rule = Rule::new(|line| line.has_digit, || DATE.to_owned());

fn any_of(words: &[&str]) -> String {
    format!("(?:{})", words.join("|"))
}

/// That something was touched, as an expression.
fn touched() -> String {
    let (pages, done, last) = (any_of(&PAGES), any_of(&DONE), any_of(&LAST));
    let others: Vec<String> = TOUCHED.iter().map(|(starts, rest)| format!("(?:{starts}){rest}")).collect();
    format!(
        "(?:(?:(?:(?:this|the) )?{pages} (?:(?:was|has been) )?)?(?:last[ -]{last}|(?:first |originally |recently )?{done})(?: date| time)?|{})",
        others.join("|")
    )
}

/// The beginnings of [`TOUCHED`], and whether they may go on.
static TOUCHES: LazyLock<Vec<(&str, bool)>> = LazyLock::new(|| {
    let each =
        TOUCHED.iter().flat_map(|(starts, rest)| starts.split('|').map(|start| (start, !rest.is_empty())));
    each.collect()
});

/// Whether a line begins like that; `ends` tells by what follows, and by whether the words themselves may go on there.
fn touched_ends(lower: &str, ends: impl Fn(&str, bool) -> bool) -> bool {
    let without = |text: &str, starts: &[&str]| {
        starts.iter().find(|start| begins(text, start)).map_or(0, |start| start.len())
    };
    let any = |text: &str, starts: &[&str]| {
        starts.iter().any(|start| begins(text, start) && ends(&text[start.len()..], false))
    };
    let mut what = &lower[without(lower, &["this ", "the "])..];
    match without(what, &PAGES) {
        0 => what = lower,
        page => what = what[page..].strip_prefix(' ').unwrap_or(lower),
    }
    what = &what[without(what, &["was ", "has been "])..];
    let in_english = match without(what, &["last ", "last-"]) {
        0 => any(&what[without(what, &["first ", "originally ", "recently "])..], &DONE),
        last => any(&what[last..], &LAST),
    };
    in_english
        || TOUCHES
            .iter()
            .any(|(start, may_go_on)| begins(lower, start) && ends(&lower[start.len()..], *may_go_on))
}

/// That something was touched, without a word more; or how long it takes to read.
fn is_label(line: &Seen<'_>) -> bool {
    /// Bytes that the words may go on for.
    const REST: usize = 40;
    let is_whole = |rest: &str, may_go_on: bool| {
        matches!(rest, "" | " date" | " time") || may_go_on && rest.len() <= REST
    };
    touched_ends(&line.lower, is_whole) || matches!(line.lower.as_ref(), "reading time" | "read time")
}

fn tells_a_moment(line: &Seen<'_>) -> bool {
    volatile::may_tell_a_moment(line.text)
        || line.has_digit
            && (line.words().any(|word| AGO_WORDS.contains(&word))
                || !line.lower.is_ascii() && line.holds(&AGO_SIGNS))
}

fn asks_for_thanks(line: &Seen<'_>) -> bool {
    line.holds(&HELPED) || line.holds(&ASKED)
}

/// At least eight hexadecimal digits, or fewer with hyphens between.
fn ends_with_a_hash(line: &Seen<'_>) -> bool {
    let is_part = |byte: &u8| byte.is_ascii_hexdigit() || *byte == b'-';
    line.lower.bytes().rev().take_while(is_part).count() >= 7
}

fn names_somebody(line: &Seen<'_>) -> bool {
    let mut words = line.bare.split([' ', '\n', ':']).filter(|word| !word.is_empty());
    words.any(|word| word.eq_ignore_ascii_case("by"))
        && words.next().is_some_and(|name| name.starts_with(char::is_uppercase))
}

/// "By Ann Lee"
fn is_by_somebody(line: &Seen<'_>) -> bool {
    let is_name = |word: &str| word.starts_with(char::is_uppercase) && !word.contains('\n');
    let mut words = line.text.split(' ');
    words.next() == Some("By") && matches!(words.clone().count(), 2 | 3) && words.all(is_name)
}

/// "© 2026 Example", "Copyright (c) 2026": "(c)" alone is an item of a list.
fn tells_whose_it_is(line: &Seen<'_>) -> bool {
    const COPYRIGHT: &str = "copyright";
    let text = line.text;
    if text.contains('\n') {
        return false;
    }
    let start = |length: usize| text.get(..length).unwrap_or_default();
    let after = if start(3).eq_ignore_ascii_case("(c)") {
        &text[3..]
    } else if start(COPYRIGHT.len()).eq_ignore_ascii_case(COPYRIGHT) {
        &text[COPYRIGHT.len()..]
    } else {
        return text.starts_with('©') || line.lower == "all rights reserved";
    };
    let rest = after.trim_start_matches(|c: char| !c.is_alphanumeric());
    let signs = &after[..after.len() - rest.len()];
    signs.contains('©')
        || signs.ends_with('(') && rest.get(..2).is_some_and(|rest| rest.eq_ignore_ascii_case("c)"))
        || rest.len() >= 4 && rest.bytes().take(4).all(|byte| byte.is_ascii_digit())
}

/// Two numbers, as far as that is told at a glance, and that something helped.
fn tells_who_it_helped(line: &Seen<'_>) -> bool {
    let in_number = |c: char| is_digit(c) || matches!(c, '.' | ',');
    let numbers = || line.lower.split(|c| !in_number(c)).filter(|part| part.contains(is_digit)).count();
    let is_util = |word: &str| matches!(word, "util" | "utile");
    line.has_digit
        && numbers() == 2
        && (line.holds(&HELPED) || line.lower.split(|c: char| !c.is_alphanumeric()).any(is_util))
}
