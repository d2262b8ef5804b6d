//! Bad configuration, one kind a test, with the whole message: file, line, column, the line, a caret, what to do.

use std::path::Path;

use insta::assert_snapshot;
use linkdrift::config;

fn message(text: &str) -> String {
    let error = config::parse(text, Path::new("linkdrift.toml"), Path::new("/repo")).expect_err(text);
    format!("error: {error}")
}

#[test]
fn g02_a_misspelt_key() {
    assert_snapshot!(message("[[host]]\nmatch = \"a.example\"\nconcurency = 4\n"), @r"
    error: unknown key `concurency`
     --> linkdrift.toml:3:1
      |
    3 | concurency = 4
      | ^^^^^^^^^^
      |
      = help: did you mean `concurrency`?
    ");
}

#[test]
fn g02_a_misspelt_table() {
    assert_snapshot!(message("[visits]\nmax_retries = 1\n"), @r"
    error: unknown key `visits`
     --> linkdrift.toml:1:2
      |
    1 | [visits]
      |  ^^^^^^
      |
      = help: did you mean `visit`?
    ");
}

#[test]
fn a_key_that_is_like_no_other() {
    assert_snapshot!(message("[confirm]\nzzz = 1\n"), @r"
    error: unknown key `zzz`
     --> linkdrift.toml:2:1
      |
    2 | zzz = 1
      | ^^^
      |
      = help: known here: definitive_visits, definitive_span, transient_visits, transient_span
    ");
}

#[test]
fn broken_syntax() {
    assert_snapshot!(message("[visit\nproxy = \"env\"\n"), @r"
    error: unclosed table, expected `]`
     --> linkdrift.toml:1:7
      |
    1 | [visit
      |       ^
    ");
}

#[test]
fn an_unclosed_text() {
    assert_snapshot!(message("[state]\npath = \"state/x.db\n"), @r#"
    error: invalid basic string, expected `"`
     --> linkdrift.toml:2:19
      |
    2 | path = "state/x.db
      |                   ^
    "#);
}

#[test]
fn a_key_given_twice() {
    assert_snapshot!(message("[visit]\nproxy = \"env\"\nproxy = \"none\"\n"), @r#"
    error: duplicate key
     --> linkdrift.toml:3:1
      |
    3 | proxy = "none"
      | ^^^^^
    "#);
}

#[test]
fn g03_a_text_where_a_number_belongs() {
    assert_snapshot!(message("[visit]\nmax_concurrency = \"many\"\n"), @r#"
    error: invalid type: string "many", expected a whole number from 0 on
     --> linkdrift.toml:2:19
      |
    2 | max_concurrency = "many"
      |                   ^^^^^^
    "#);
}

#[test]
fn a_number_where_a_duration_belongs() {
    assert_snapshot!(message("[visit]\nhop_timeout = 60\n"), @r#"
    error: a duration needs a unit: write "60s" or "60ms"
     --> linkdrift.toml:2:15
      |
    2 | hop_timeout = 60
      |               ^^
    "#);
}

#[test]
fn g03_an_unknown_unit() {
    assert_snapshot!(message("[visit]\nhop_timeout = \"10 parsecs\"\n"), @r#"
    error: `10 parsecs` is no duration: write for example "250ms", "10s", "1h30m" or "1d"
     --> linkdrift.toml:2:15
      |
    2 | hop_timeout = "10 parsecs"
      |               ^^^^^^^^^^^^
    "#);
}

#[test]
fn g03_a_duration_that_overflows() {
    assert_snapshot!(message("[visit]\nmax_wait = \"99999999999999999999d\"\n"), @r#"
    error: `99999999999999999999d` is too long a duration
     --> linkdrift.toml:2:12
      |
    2 | max_wait = "99999999999999999999d"
      |            ^^^^^^^^^^^^^^^^^^^^^^^
    "#);
}

#[test]
fn a_list_where_a_duration_belongs() {
    assert_snapshot!(message("[visit]\nhop_timeout = [1]\n"), @r#"
    error: invalid type: sequence, expected a duration such as "10s"
     --> linkdrift.toml:2:15
      |
    2 | hop_timeout = [1]
      |               ^^^
    "#);
}

#[test]
fn g03_zero_and_negative_and_not_a_number() {
    assert_snapshot!(message("[visit]\nmax_concurrency = 0\n"), @r"
    error: `max_concurrency` is 0; it can be 1 to 4096
     --> linkdrift.toml:2:19
      |
    2 | max_concurrency = 0
      |                   ^
    ");
    assert_snapshot!(message("[visit]\nmax_concurrency = -1\n"), @r"
    error: invalid value: integer `-1`, expected a whole number from 0 on
     --> linkdrift.toml:2:19
      |
    2 | max_concurrency = -1
      |                   ^^
    ");
    assert_snapshot!(message("[visit]\nmax_concurrency = nan\n"), @r"
    error: invalid type: floating point `NaN`, expected a whole number from 0 on
     --> linkdrift.toml:2:19
      |
    2 | max_concurrency = nan
      |                   ^^^
    ");
    assert_snapshot!(message("[visit]\nmax_concurrency = 1e309\n"), @r"
    error: floating-point number overflowed
     --> linkdrift.toml:2:19
      |
    2 | max_concurrency = 1e309
      |                   ^^^^^
    ");
    assert_snapshot!(message("[visit]\nmax_concurrency = 99999999999999999999\n"), @r"
    error: invalid type: integer `99999999999999999999`, expected a whole number from 0 on
     --> linkdrift.toml:2:19
      |
    2 | max_concurrency = 99999999999999999999
      |                   ^^^^^^^^^^^^^^^^^^^^
    ");
}

#[test]
fn a_rate_that_lets_nothing_through() {
    assert_snapshot!(message("[[host]]\nmatch = \"*.example.org\"\nrate = \"0/s\"\n"), @r#"
    error: `0/s` never lets a request through; the slowest rate is "1/1d"
     --> linkdrift.toml:3:8
      |
    3 | rate = "0/s"
      |        ^^^^^
    "#);
}

#[test]
fn g03_a_size_without_unit_we_know() {
    assert_snapshot!(message("[visit]\nmax_body_wire = \"4 megs\"\n"), @r#"
    error: `4 megs` is no size: write for example "4 MiB", "64 KiB" or a number of bytes
     --> linkdrift.toml:2:17
      |
    2 | max_body_wire = "4 megs"
      |                 ^^^^^^^^
    "#);
}

#[test]
fn a_size_of_nothing() {
    assert_snapshot!(message("[visit]\nmax_body_decoded = 0\n"), @r"
    error: `max_body_decoded` is 0 bytes; it can be 1 KiB to 4 GiB
     --> linkdrift.toml:2:20
      |
    2 | max_body_decoded = 0
      |                    ^
    ");
}

#[test]
fn g04_a_bad_regular_expression() {
    assert_snapshot!(message("[scope]\nexclude = [\"ok\", \"(unclosed\"]\n"), @r#"
    error: no regular expression: unclosed group
     --> linkdrift.toml:2:18
      |
    2 | exclude = ["ok", "(unclosed"]
      |                  ^^^^^^^^^^^
    "#);
}

#[test]
fn g04_a_regular_expression_that_explodes() {
    assert_snapshot!(message("[scope]\ninclude = [\"(a{1000}){1000}\"]\n"), @r#"
    error: the regular expression needs more than 1 MiB once compiled
     --> linkdrift.toml:2:12
      |
    2 | include = ["(a{1000}){1000}"]
      |            ^^^^^^^^^^^^^^^^^
    "#);
}

#[test]
fn g10_a_bad_glob() {
    assert_snapshot!(message("[[source]]\nname = \"a\"\npath = \"a\"\nfiles = [\"[\"]\n"), @r#"
    error: no glob: unclosed character class; missing ']'
     --> linkdrift.toml:4:10
      |
    4 | files = ["["]
      |          ^^^
    "#);
}

#[test]
fn g10_a_glob_that_leaves_the_source() {
    assert_snapshot!(message("[[source]]\nname = \"a\"\npath = \"a\"\nfiles = [\"../**/*.md\"]\n"), @r#"
    error: glob `../**/*.md` is not relative to the source: no leading /, no \, no ..
     --> linkdrift.toml:4:10
      |
    4 | files = ["../**/*.md"]
      |          ^^^^^^^^^^^^
    "#);
}

#[test]
fn a_bad_base_url() {
    assert_snapshot!(message("[[source]]\nname = \"a\"\npath = \"a\"\nbase_url = \"docs.example.org\"\n"), @r#"
    error: `docs.example.org` is no URL: relative URL without a base
     --> linkdrift.toml:4:12
      |
    4 | base_url = "docs.example.org"
      |            ^^^^^^^^^^^^^^^^^^
    "#);
}

#[test]
fn two_sources_of_one_name() {
    let text = "[[source]]\nname = \"a\"\npath = \"a\"\n\n[[source]]\nname = \"a\"\npath = \"b\"\n";
    assert_snapshot!(message(text), @r#"
    error: two sources are named `a`
     --> linkdrift.toml:6:8
      |
    6 | name = "a"
      |        ^^^
    "#);
}

#[test]
fn a_source_without_name_or_path() {
    assert_snapshot!(message("[[source]]\npath = \"a\"\n"), @r"
    error: `name` is missing
     --> linkdrift.toml:1:1
      |
    1 | [[source]]
      | ^^^^^^^^^^
    ");
    assert_snapshot!(message("[[source]]\nname = \"a\"\n"), @r#"
    error: source `a` has no `path`
     --> linkdrift.toml:1:1
      |
    1 | [[source]]
      | ^^^^^^^^^^
      |
      = help: for example path = "content"
    "#);
}

#[test]
fn a_source_in_git() {
    assert_snapshot!(message("[[source]]\nname = \"a\"\ngit = \"https://x:secret@example.org/a.git\"\n"), @r#"
    error: credentials do not belong into configuration: use a credential helper of git, or a key of ssh
    --> linkdrift.toml:3:7
    "#);
    assert_snapshot!(message("[[source]]\nname = \"a\"\npath = \"a\"\nbranch = \"live\"\n"), @r#"
    error: `branch` without `git`
     --> linkdrift.toml:4:10
      |
    4 | branch = "live"
      |          ^^^^^^
      |
      = help: it belongs to `git = "https://…"`; a folder on this machine is named with `path`
    "#);
    assert_snapshot!(message("[[source]]\nname = \"a\"\ngit = \"ext::sh\"\nbranch = \"-x\"\nfolder = \"../b\"\n"), @r#"
    error: `-x` is no name of a branch
     --> linkdrift.toml:4:10
      |
    4 | branch = "-x"
      |          ^^^^

    error: a folder of the repository is relative to its root: no leading /, no \, no ..
     --> linkdrift.toml:5:10
      |
    5 | folder = "../b"
      |          ^^^^^^

    error: `ext::sh` is no repository: write https://…, ssh://…, file:///… or user@host:path
    --> linkdrift.toml:3:7
    "#);
}

#[test]
fn bounds_that_contradict_each_other() {
    assert_snapshot!(message("[recheck]\nmin = \"2d\"\nmax = \"1d\"\nmax_visits = 0\n"), @r#"
    error: `max_visits` is 0; it can be 1 to 100000000
     --> linkdrift.toml:4:14
      |
    4 | max_visits = 0
      |              ^

    error: `min` is longer than `max`, which is 1d
     --> linkdrift.toml:2:7
      |
    2 | min = "2d"
      |       ^^^^
    "#);
    assert_snapshot!(message("[retention]\nsnapshots = \"1h\"\nkeep = 3\n"), @r#"
    error: unknown key `keep`
     --> linkdrift.toml:3:1
      |
    3 | keep = 3
      | ^^^^
      |
      = help: known here: bodies, snapshots, snapshots_per_target, history, backups
    "#);
}

#[test]
fn an_unknown_rule() {
    assert_snapshot!(message("[rules]\n\"link/brokn\" = { severity = \"off\" }\n"), @r#"
    error: unknown rule `link/brokn`
     --> linkdrift.toml:2:1
      |
    2 | "link/brokn" = { severity = "off" }
      | ^^^^^^^^^^^^
      |
      = help: did you mean `link/broken`?
    "#);
}

#[test]
fn an_unknown_severity() {
    assert_snapshot!(message("[rules]\n\"link/broken\" = { severity = \"warn\" }\n"), @r#"
    error: unknown value `warn`
     --> linkdrift.toml:2:30
      |
    2 | "link/broken" = { severity = "warn" }
      |                              ^^^^^^
      |
      = help: did you mean `warning`?
    "#);
}

#[test]
fn an_ignore_without_reason() {
    assert_snapshot!(message("[[ignore]]\nrule = \"link/blocked\"\n"), @r"
    error: `reason` is missing
     --> linkdrift.toml:1:1
      |
    1 | [[ignore]]
      | ^^^^^^^^^^
    ");
    assert_snapshot!(message("[[ignore]]\nrule = \"link/blocked\"\nreason = \" \"\n"), @r#"
    error: a reason must say why
     --> linkdrift.toml:3:10
      |
    3 | reason = " "
      |          ^^^
    "#);
}

#[test]
fn an_ignore_of_everything() {
    assert_snapshot!(message("[[ignore]]\nreason = \"noise\"\n"), @r"
    error: an [[ignore]] without `url`, `entry` or `rule` would silence everything
     --> linkdrift.toml:1:1
      |
    1 | [[ignore]]
      | ^^^^^^^^^^
      |
      = help: say which findings are meant
    ");
}

#[test]
fn an_ignore_until_something_that_is_no_date() {
    assert_snapshot!(message("[[ignore]]\nrule = \"link/blocked\"\nreason = \"x\"\nuntil = \"soon\"\n"), @r#"
    error: invalid type: string "soon", expected a date such as 2027-06-30
     --> linkdrift.toml:4:9
      |
    4 | until = "soon"
      |         ^^^^^^
    "#);
}

#[test]
fn a_bad_mapping() {
    assert_snapshot!(message("[visit]\nresolve = [\"*:80:localhost:8080\"]\n"), @r#"
    error: `*:80:localhost:8080` is no mapping HOST:PORT:ADDRESS:PORT: the third part must be an address (IPv6 in brackets), not a name
     --> linkdrift.toml:2:12
      |
    2 | resolve = ["*:80:localhost:8080"]
      |            ^^^^^^^^^^^^^^^^^^^^^
    "#);
}

#[test]
fn g09_a_range_with_bits_outside_its_prefix() {
    assert_snapshot!(message("[visit]\nallow_private = [\"10.0.0.1/8\"]\n"), @r#"
    error: `10.0.0.1/8` has bits outside its prefix: did you mean 10.0.0.0/8?
     --> linkdrift.toml:2:18
      |
    2 | allow_private = ["10.0.0.1/8"]
      |                  ^^^^^^^^^^^^
    "#);
}

#[test]
fn g09_a_range_of_everything() {
    assert_snapshot!(message("[visit]\nallow_private = [\"::/0\"]\n"), @r#"
    error: `::/0` opens every address there is: name the ranges that are meant
     --> linkdrift.toml:2:18
      |
    2 | allow_private = ["::/0"]
      |                  ^^^^^^
    "#);
}

#[test]
fn g05_g06_a_header_with_credentials_does_not_show_them() {
    let text = message("[visit]\nheaders = { Authorization = \"Bearer x\" }\n");
    assert_snapshot!(text, @r"
    error: header `Authorization` carries credentials: it would be sent to every host, and is visible in process lists
    --> linkdrift.toml:2:13
    ");
}

#[test]
fn g05_a_header_that_breaks_the_request() {
    assert_snapshot!(message("[visit]\nheaders = { X-Team = \"a\\r\\nb: c\" }\n"), @r"
    error: the value of header `X-Team` holds control characters or is longer than 4096 bytes
    --> linkdrift.toml:2:13
    ");
}

#[test]
fn a_host_that_is_none() {
    assert_snapshot!(message("[[host]]\nmatch = \"https://example.org\"\n"), @r#"
    error: `https://example.org` is no host: write "docs.example.org", "*.example.org" or "*"
     --> linkdrift.toml:2:9
      |
    2 | match = "https://example.org"
      |         ^^^^^^^^^^^^^^^^^^^^^
    "#);
}

#[test]
fn g08_state_in_a_folder_or_at_the_root() {
    assert_snapshot!(message("[state]\npath = \"/\"\n"), @r#"
    error: `/` is a folder: the state is one file, for example "state/linkdrift.db"
     --> linkdrift.toml:2:8
      |
    2 | path = "/"
      |        ^^^
    "#);
    assert_snapshot!(message("[state]\npath = \".git/linkdrift.db\"\n"), @r#"
    error: `.git/linkdrift.db` lies inside a git directory
     --> linkdrift.toml:2:8
      |
    2 | path = ".git/linkdrift.db"
      |        ^^^^^^^^^^^^^^^^^^^
    "#);
}

#[test]
fn several_problems_are_said_at_once() {
    let text = "[visit]\nmax_retries = 99\nresolve = [\"x\"]\n\n[rules]\n\"a/b\" = {}\n";
    assert_snapshot!(message(text), @r#"
    error: `max_retries` is 99; it can be 0 to 20
     --> linkdrift.toml:2:15
      |
    2 | max_retries = 99
      |               ^^

    error: `x` is no mapping HOST:PORT:ADDRESS:PORT: the port is missing
     --> linkdrift.toml:3:12
      |
    3 | resolve = ["x"]
      |            ^^^

    error: unknown rule `a/b`
     --> linkdrift.toml:6:1
      |
    6 | "a/b" = {}
      | ^^^^^
      |
      = help: known: link/broken, link/unreachable, link/blocked, link/soft-404, link/redirect-permanent, link/redirect-changed, link/redirect-chain, link/insecure, link/tls-expiring, link/fragment-missing, link/private-address, link/missing-file, link/undefined-label, link/suspicious-host, link/malformed, link/text-mismatch, link/empty-text, link/same-target, link/foreign-locale, link/retired-host, content/changed, content/term-outdated, content/retired, content/unstable, content/newer, entry/age, entry/front-matter, entry/unreadable, entry/encoding, locale/behind, locale/links-differ, locale/missing
    "#);
}

#[test]
fn g07_variables_are_not_expanded() {
    let text = "[[source]]\nname = \"a\"\npath = \"${HOME}/a\"\n";
    let config = config::parse(text, Path::new("linkdrift.toml"), Path::new("/repo")).unwrap();
    assert_eq!(config.sources[0].path, Path::new("/repo/${HOME}/a"));
    assert_snapshot!(message("[[source]]\nname = \"a\"\npath = \"~/a\"\n"), @r#"
    error: `~/a`: `~` is not expanded: write the whole path, or one relative to this file
     --> linkdrift.toml:3:8
      |
    3 | path = "~/a"
      |        ^^^^^
    "#);
}

#[test]
fn g01_hostile_shapes_are_refused_without_harm() {
    for text in [
        format!("a = {}", "[".repeat(100_000)),
        format!("a = {}", "{ a = ".repeat(100_000)),
        format!("[{}]", vec!["a"; 100_000].join(".")),
        format!("{} = 1", vec!["a"; 100_000].join(".")),
        "x".repeat((1 << 20) + 1),
        "\u{0}".to_owned(),
        "a = \"\u{1b}[2J\"".to_owned(),
        "\u{feff}\u{feff}a = 1".to_owned(),
    ] {
        let message = message(&text);
        assert!(message.len() < 4000, "{} bytes", message.len());
        assert!(!message.contains('\u{1b}'));
    }
}

#[test]
fn g01_a_fifo_is_refused_and_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let fifo = folder.path().join("linkdrift.toml");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let ran = crate::support::cli::run(folder.path(), &["links"]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(ran.stderr.contains("no regular file"), "{}", ran.stderr);
}

#[test]
fn a_start_lies_between_floor_and_ceiling() {
    assert_snapshot!(message("[visit]\nhost_start_rate = \"30/s\"\n"), @r#"
    error: `host_start_rate` is faster than `host_rate`, which is the ceiling
     --> linkdrift.toml:2:19
      |
    2 | host_start_rate = "30/s"
      |                   ^^^^^^
    "#);
    assert_snapshot!(message("[visit]\nhost_floor_rate = \"5/s\"\n"), @r#"
    error: `host_floor_rate` is faster than the rate that a host starts with
     --> linkdrift.toml:2:19
      |
    2 | host_floor_rate = "5/s"
      |                   ^^^^^
    "#);
    assert_snapshot!(message("[visit]\nhost_concurrency = 2\nhost_start_concurrency = 3\n"), @r#"
    error: `host_start_concurrency` is 3; it can be 1 to 2
     --> linkdrift.toml:3:26
      |
    3 | host_start_concurrency = 3
      |                          ^
    "#);
    assert_snapshot!(message("[visit]\nrobots = \"some\"\n"), @r#"
    error: unknown value `some`
     --> linkdrift.toml:2:10
      |
    2 | robots = "some"
      |          ^^^^^^
      |
      = help: known here: snapshots, all, off
    "#);
}
