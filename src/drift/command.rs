//! Words that are facts by their form alone: what is written as a machine reads it, and what numbers count.

/// What limits, sizes and times are counted in, in the languages help is commonly published in.
pub(super) const UNITS: &[&str] = &[
    "second",
    "seconds",
    "minute",
    "minutes",
    "hour",
    "hours",
    "day",
    "days",
    "week",
    "weeks",
    "month",
    "months",
    "year",
    "years",
    "times",
    "attempts",
    "users",
    "characters",
    "items",
    "files",
    "members",
    "devices",
    "licenses",
    "kb",
    "mb",
    "gb",
    "tb",
    "pb",
    "kib",
    "mib",
    "gib",
    "ms",
    "px",
    "dpi",
    "mbps",
    "kbps",
    "gbps",
    "mhz",
    "ghz",
    "bytes",
    "bits",
    "tage",
    "tagen",
    "stunden",
    "minuten",
    "sekunden",
    "wochen",
    "monate",
    "monaten",
    "jahre",
    "jahren",
    "zeichen",
    "jours",
    "heures",
    "secondes",
    "semaines",
    "mois",
    "ans",
    "caractères",
    "días",
    "horas",
    "minutos",
    "segundos",
    "semanas",
    "meses",
    "años",
    "caracteres",
    "dias",
    "anos",
    "zile",
    "ore",
    "minute",
    "secunde",
    "săptămâni",
    "luni",
    "ani",
    "caractere",
    "giorni",
    "minuti",
    "secondi",
    "settimane",
    "mesi",
    "anni",
    "caratteri",
    "dagen",
    "uur",
    "weken",
    "maanden",
    "jaar",
    "tekens",
    "dni",
    "godzin",
    "minut",
    "tygodni",
    "miesięcy",
    "lat",
    "znaków",
    "дней",
    "часов",
    "минут",
    "секунд",
    "недель",
    "месяцев",
    "лет",
    "символов",
    "日",
    "時",
    "分",
    "秒",
    "週",
    "か",
    "年",
    "天",
    "小",
    "个",
    "月",
    "일",
    "시간",
    "분",
    "ימים",
    "שעות",
    "דקות",
];

/// `Get-Mailbox`, `-Identity`, `file_name.ext`, `contoso.com`: what is written as a machine reads it.
pub(super) fn is_command(word: &str) -> bool {
    let inner = |sign: char| word.char_indices().any(|(at, c)| c == sign && at > 0 && at + 1 < word.len());
    if word.starts_with('-') {
        return word.len() > 2;
    }
    if inner('_') || word.contains('@') {
        return true;
    }
    if inner('.') {
        return word.chars().any(char::is_alphabetic) && word.len() > 4 && word.is_ascii();
    }
    // A verb and a noun, both with a capital and in one more capital or a long noun: PowerShell's form.
    word.split_once('-').is_some_and(|(verb, noun)| {
        verb.len() > 1
            && noun.chars().filter(|c| c.is_uppercase()).count() >= 1
            && verb.chars().next().is_some_and(char::is_uppercase)
            && noun.chars().next().is_some_and(char::is_uppercase)
            && !noun.contains('-')
            && matches!(
                verb,
                "Add"
                    | "Approve"
                    | "Clear"
                    | "Close"
                    | "Compare"
                    | "Complete"
                    | "Confirm"
                    | "Connect"
                    | "Convert"
                    | "ConvertFrom"
                    | "ConvertTo"
                    | "Copy"
                    | "Debug"
                    | "Deny"
                    | "Disable"
                    | "Disconnect"
                    | "Dismount"
                    | "Enable"
                    | "Enter"
                    | "Exit"
                    | "Expand"
                    | "Export"
                    | "Find"
                    | "Format"
                    | "Get"
                    | "Grant"
                    | "Group"
                    | "Hide"
                    | "Import"
                    | "Initialize"
                    | "Install"
                    | "Invoke"
                    | "Join"
                    | "Limit"
                    | "Lock"
                    | "Measure"
                    | "Merge"
                    | "Mount"
                    | "Move"
                    | "New"
                    | "Open"
                    | "Optimize"
                    | "Out"
                    | "Ping"
                    | "Pop"
                    | "Protect"
                    | "Publish"
                    | "Push"
                    | "Read"
                    | "Receive"
                    | "Redo"
                    | "Register"
                    | "Remove"
                    | "Rename"
                    | "Repair"
                    | "Request"
                    | "Reset"
                    | "Resize"
                    | "Resolve"
                    | "Restart"
                    | "Restore"
                    | "Resume"
                    | "Revoke"
                    | "Save"
                    | "Search"
                    | "Select"
                    | "Send"
                    | "Set"
                    | "Show"
                    | "Skip"
                    | "Sort"
                    | "Split"
                    | "Start"
                    | "Step"
                    | "Stop"
                    | "Submit"
                    | "Suspend"
                    | "Switch"
                    | "Sync"
                    | "Test"
                    | "Trace"
                    | "Unblock"
                    | "Undo"
                    | "Uninstall"
                    | "Unlock"
                    | "Unprotect"
                    | "Unpublish"
                    | "Unregister"
                    | "Update"
                    | "Upgrade"
                    | "Use"
                    | "Wait"
                    | "Watch"
                    | "Where"
                    | "Write"
                    | "Tee"
                    | "Edit"
                    | "Block"
                    | "Backup"
            )
    })
}
