//! Words that are facts by their form alone: what is written as a machine reads it, and what numbers count.

use std::collections::HashSet;

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

/// What lines of programs begin with.
const KEYWORDS: &[&str] = &[
    "async",
    "await",
    "case",
    "class",
    "const",
    "def",
    "do",
    "elif",
    "else",
    "end",
    "enum",
    "export",
    "fn",
    "for",
    "foreach",
    "from",
    "func",
    "function",
    "if",
    "import",
    "include",
    "let",
    "module",
    "namespace",
    "new",
    "package",
    "private",
    "pub",
    "public",
    "require",
    "return",
    "static",
    "struct",
    "switch",
    "then",
    "throw",
    "type",
    "use",
    "using",
    "var",
    "while",
];

/// The command that a line of code begins with, up to its first option, path or placeholder: `deskctl user create` of
/// `$ sudo deskctl user create --name NAME`. Its words are common ones, so there are at least two, and prose has more than five.
pub(super) fn command_line(line: &str) -> Option<&str> {
    const WORDS: std::ops::RangeInclusive<usize> = 2..=5;
    let line = line.trim();
    let line = line.strip_prefix(['$', '>', '%']).map_or(line, str::trim_start);
    let line = line.strip_prefix("sudo ").map_or(line, str::trim_start);
    if line.split(' ').next().is_some_and(|word| KEYWORDS.contains(&word)) {
        return None;
    }
    // Addresses and versions are what it is called with.
    let is_value = |word: &str| {
        let sign = |c: char| matches!(c, ':' | '@' | '=');
        word.contains(sign) && !word.starts_with(sign) && !word.ends_with(sign)
            || word
                .as_bytes()
                .windows(3)
                .any(|part| part[1] == b'.' && part[0].is_ascii_digit() && part[2].is_ascii_digit())
    };
    let is_plain = |word: &&str| {
        let ends = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        word.starts_with(ends)
            && word.ends_with(ends)
            && word.bytes().any(|byte| byte.is_ascii_lowercase())
            && word.chars().all(|c| ends(c) || matches!(c, '-' | '_' | '.' | '/'))
            && !is_value(word)
    };
    // What may follow a command, and not an expression or a sentence.
    let is_argument = |word: &str| {
        let starts = |c: char| {
            c.is_ascii_uppercase()
                || c.is_ascii_digit()
                || matches!(c, '-' | '<' | '$' | '"' | '\'' | '~' | '/' | '.' | '*' | '[' | '{')
        };
        word.len() > 1 && word.starts_with(starts)
            || matches!(word, "|" | "&&" | "||" | "&" | ">" | ">>" | "<" | "\\" | "." | "*")
            || is_value(word)
    };
    let words = line.split(' ').take_while(is_plain);
    let (count, length) = words.fold((0, 0), |(count, length), word| (count + 1, length + word.len() + 1));
    let head = line.get(..length.saturating_sub(1)).filter(|_| WORDS.contains(&count))?;
    line.get(length..).is_none_or(|rest| rest.split(' ').next().is_some_and(is_argument)).then_some(head)
}

/// The commands of lines of code that others stand in the place of: those of the lines that went and came, in order, where they begin
/// alike or are the only ones.
pub(super) fn commands_replaced<'t>(old: &'t str, new: &'t str) -> Vec<(&'t str, &'t str)> {
    /// Letters that two commands begin alike with.
    const ALIKE: usize = 3;
    let heads = |text: &'t str, other: &str| -> Vec<&'t str> {
        let others: HashSet<&str> = other.lines().map(str::trim).collect();
        text.lines().filter(|line| !others.contains(line.trim())).filter_map(command_line).collect()
    };
    let (gone, mut come) = (heads(old, new), heads(new, old));
    let are_alone = gone.len() == 1 && come.len() == 1;
    let is_alike = |one: &str, other: &str| one.as_bytes().get(..ALIKE) == other.as_bytes().get(..ALIKE);
    let mut pairs = Vec::new();
    for gone in gone {
        let Some(at) = come.iter().position(|come| are_alone || is_alike(gone, come)) else { continue };
        pairs.push((gone, come.remove(at)));
    }
    pairs
}

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

#[cfg(test)]
mod tests {
    use super::{command_line, commands_replaced};

    #[test]
    fn what_a_line_of_code_calls() {
        for (line, command) in [
            ("docker-compose up -d", "docker-compose up"),
            ("$ sudo deskctl user create --name NAME", "deskctl user create"),
            ("> nwdesk sso test", "nwdesk sso test"),
            ("git clone https://x.org/a.git", "git clone"),
            ("pip install desk | tee log", "pip install desk"),
            ("npm run build && npm test", "npm run build"),
            ("kubectl apply -f a.yaml", "kubectl apply"),
            ("docker pull desk:1.2", "docker pull"),
            ("apt install python3.11", "apt install"),
        ] {
            assert_eq!(command_line(line), Some(command), "{line}");
        }
        for line in [
            "docker-compose",
            "ls -la",
            "# install the tools first",
            "let limit = 30",
            "return rooms(client)",
            "rooms: lobby",
            "if rooms == guests {",
            "the lines of this text are no commands at all",
            "the tool, as it is",
            "return client.rooms",
            "Get-Mailbox -Identity x",
            "",
        ] {
            assert_eq!(command_line(line), None, "{line}");
        }
    }

    #[test]
    fn commands_that_others_stand_in_the_place_of() {
        let old = "git pull\ndocker-compose pull\ndocker-compose up -d";
        let new = "git pull\ndocker compose pull\ndocker compose up -d --wait\ndesk status --all";
        assert_eq!(
            commands_replaced(old, new),
            [("docker-compose pull", "docker compose pull"), ("docker-compose up", "docker compose up")]
        );
        assert_eq!(
            commands_replaced("npm install desk", "yarn add desk"),
            [("npm install desk", "yarn add desk")]
        );
        assert_eq!(commands_replaced("npm install desk\nnpm test all", "yarn add desk"), []);
        assert_eq!(commands_replaced(old, ""), []);
    }
}
