//! Markdown and plain text, from the outside: what is a reference, where it stands, and what never happens.

use proptest::prelude::*;

use super::*;

fn markdown(text: &str) -> EntryRead {
    read(Syntax::Markdown, text, &ReadOptions::default())
}

/// Kind, construct, destination, URL and text of every reference.
fn rows(text: &str) -> Vec<(Kind, &str, &str, String, String)> {
    markdown(text)
        .references
        .into_iter()
        .map(|r| (r.kind, &text[r.offset], &text[r.destination], r.url, r.text))
        .collect()
}

#[test]
fn m01_m03_every_construct_has_its_exact_bytes() {
    let table: &[(&str, Kind, &str, &str, &str, &str)] = &[
        (
            "[a *b* `c`](https://x.example/y \"t\")",
            Kind::Inline,
            "[a *b* `c`](https://x.example/y \"t\")",
            "https://x.example/y",
            "https://x.example/y",
            "a b c",
        ),
        ("x [a\\]](<u v> 't') y", Kind::Inline, "[a\\]](<u v> 't')", "u v", "u v", "a]"),
        ("[a](u\\(b\\)&amp;c)", Kind::Inline, "[a](u\\(b\\)&amp;c)", "u\\(b\\)&amp;c", "u(b)&c", "a"),
        (
            "[a](https://x.example/(v=1))",
            Kind::Inline,
            "[a](https://x.example/(v=1))",
            "https://x.example/(v=1)",
            "https://x.example/(v=1)",
            "a",
        ),
        ("[](u)", Kind::Inline, "[](u)", "u", "u", ""),
        ("[a]()", Kind::Inline, "[a]()", "", "", "a"),
        ("> [two\n> lines](\n> u)", Kind::Inline, "[two\n> lines](\n> u)", "u", "u", "two\nlines"),
        ("![alt *x*](m.png)", Kind::Image, "![alt *x*](m.png)", "m.png", "m.png", "alt x"),
        (
            "<https://x.example/?a&b>",
            Kind::Autolink,
            "<https://x.example/?a&b>",
            "https://x.example/?a&b",
            "https://x.example/?a&b",
            "https://x.example/?a&b",
        ),
        (
            "<a@x.example>",
            Kind::Autolink,
            "<a@x.example>",
            "a@x.example",
            "mailto:a@x.example",
            "a@x.example",
        ),
        (
            "<xref:System.String>",
            Kind::Autolink,
            "<xref:System.String>",
            "xref:System.String",
            "xref:System.String",
            "xref:System.String",
        ),
        ("[t][L]\n\n[l]: <u v> \"t\"\n[l]: other", Kind::Reference, "[t][L]", "u v", "u v", "t"),
        ("[t][]\n\n[T]: u", Kind::Reference, "[t][]", "u", "u", "t"),
        ("[t]\n\n[t]:\n  u", Kind::Reference, "[t]", "u", "u", "t"),
        ("![t][l]\n\n[l]: m.png", Kind::Image, "![t][l]", "m.png", "m.png", "t"),
        (
            "see https://x.example/a_b?c&amp;d.",
            Kind::Bare,
            "https://x.example/a_b?c&amp;d",
            "https://x.example/a_b?c&amp;d",
            "https://x.example/a_b?c&d",
            "https://x.example/a_b?c&d",
        ),
        (
            "&quot;https://x.example/&quot;",
            Kind::Bare,
            "https://x.example/",
            "https://x.example/",
            "https://x.example/",
            "https://x.example/",
        ),
        (
            "*https://x.example/a*",
            Kind::Bare,
            "https://x.example/a",
            "https://x.example/a",
            "https://x.example/a",
            "https://x.example/a",
        ),
        (
            "www.x.example/a.",
            Kind::Bare,
            "www.x.example/a",
            "www.x.example/a",
            "http://www.x.example/a",
            "www.x.example/a",
        ),
        ("| a |\n|---|\n| [c](u) |", Kind::Inline, "[c](u)", "u", "u", "c"),
        ("# H [c](u)\n", Kind::Inline, "[c](u)", "u", "u", "c"),
        ("a[^1]\n\n[^1]: see [c](u)", Kind::Inline, "[c](u)", "u", "u", "c"),
        (
            "> [!VIDEO https://x.example/v?a=1]",
            Kind::Directive,
            "https://x.example/v?a=1",
            "https://x.example/v?a=1",
            "https://x.example/v?a=1",
            "",
        ),
        ("[!INCLUDE [t](inc/a.md)]", Kind::Inline, "[t](inc/a.md)", "inc/a.md", "inc/a.md", "t"),
        ("[!INCLUDE[t](inc/a.md)]", Kind::Inline, "[t](inc/a.md)", "inc/a.md", "inc/a.md", "t"),
        (
            ":::image type=\"content\" source=\"m/a_b_c.png\" alt-text=\"A\":::",
            Kind::Directive,
            "m/a_b_c.png",
            "m/a_b_c.png",
            "m/a_b_c.png",
            "A",
        ),
        (
            "a <a title=t href=\"u?a&amp;b\">x *y*</a> z",
            Kind::Html,
            "<a title=t href=\"u?a&amp;b\">",
            "u?a&amp;b",
            "u?a&b",
            "x y",
        ),
        (
            "<div>\n<img src='m.png' alt=A>\n</div>",
            Kind::Html,
            "<img src='m.png' alt=A>",
            "m.png",
            "m.png",
            "A",
        ),
        ("> <div>\n> <img\n> src='m.png'>\n", Kind::Html, "<img\n> src='m.png'>", "m.png", "m.png", ""),
    ];
    for (text, kind, construct, destination, url, shown) in table {
        let expected = (*kind, *construct, *destination, (*url).to_owned(), (*shown).to_owned());
        assert_eq!(rows(text), [expected], "{text}");
        let crlf = text.replace('\n', "\r\n");
        assert_eq!(rows(&crlf).len(), 1, "with CRLF: {text}");
    }
}

#[test]
fn m02_what_is_no_reference() {
    for text in [
        "`https://x.example/`",
        "```\n[a](https://x.example/)\n```",
        "    https://x.example/",
        "<!-- [a](https://x.example/) <a href=u> -->",
        "[a](u \"https://x.example/\") is one"[..0].trim(),
        "[unused]: https://x.example/",
        "<a name=\"n\"></a>",
        "> [!NOTE]\n> text",
        "[x][nope]",
        "<code>https://x.example/</code>",
        "<script>\nlet a = 'https://x.example/';\n</script>",
        "https://<tenant>.example.com/",
    ] {
        assert_eq!(rows(text), [], "{text}");
    }
    assert_eq!(rows("[a](u \"https://x.example/\")").len(), 1, "a title is none");
    assert_eq!(rows("<a href=u>https://x.example/</a>").len(), 1, "the text of a link is none");
    assert_eq!(rows("[https://x.example/](u)").len(), 1);
}

#[test]
fn m02_an_option_reads_code_and_comments() {
    let text = "`https://x.example/1`\n\n```\nhttps://x.example/2\n```\n\n<!-- https://x.example/3 -->\n";
    let read = read(Syntax::Markdown, text, &ReadOptions { code: true, ..ReadOptions::default() });
    let urls: Vec<_> =
        read.references.iter().map(|r| (r.url.as_str(), &text[r.destination.clone()])).collect();
    let same = |url| (url, url);
    assert_eq!(urls, ["https://x.example/1", "https://x.example/2", "https://x.example/3"].map(same));
}

#[test]
fn problems_stand_where_they_are() {
    let read = markdown("a\n\n[t][nope] and [x] (https://x.example/a) and xhttps://x.example/b\n");
    let problems: Vec<_> = read.problems.iter().map(|p| (p.kind, p.line, p.column)).collect();
    assert_eq!(
        problems,
        [(ProblemKind::UndefinedLabel, 3, 1), (ProblemKind::NotALink, 3, 15), (ProblemKind::NotALink, 3, 46)]
    );
    let glued = markdown("詳細は https://x.example/aを参照\n");
    assert_eq!(glued.problems[0].suggestion.as_deref(), Some("https://x.example/a "));
    assert_eq!(glued.problems[0].kind, ProblemKind::Glued);
    assert_eq!(markdown("\\[t](https://x.example/)").problems, []);
}

#[test]
fn punctuation_behind_a_bare_url_is_no_problem() {
    for after in ["。次の文", "、次の文", "）次の文", "」です。", "！次", "・次", "，下一句", "。", "） 次"]
    {
        for before in ["see ", "（", "「", "参照："] {
            let read = markdown(&format!("{before}http://good.example.net/x{after}\n"));
            assert_eq!(read.problems, [], "{before} {after}");
            assert_eq!(read.references.len(), 1, "{before} {after}");
        }
    }
}

#[test]
fn m17_anchors_are_headings_and_html_ids() {
    let read = markdown(
        "# One [two](u) `three`\n## <a name=\"en\"></a>Überschrift\n## One\n\n<div id=\"box\">x</div>\n",
    );
    let mut anchors = read.anchors;
    anchors.sort();
    assert_eq!(anchors, ["box", "en", "one", "one-two-three", "überschrift"]);
}

#[test]
fn m06_line_ends_and_marks_do_not_shift_places() {
    for (text, place) in [
        ("a\rb\r[c](u)", (3, 1)),
        ("a\r\n\r\né [c](u)", (3, 3)),
        ("\u{feff}[c](u)", (1, 1)),
        ("\u{feff}a [c](u)", (1, 3)),
        ("\u{feff}---\ntitle: t\n---\n[c](u)", (4, 1)),
        ("a\u{85}\u{c}b [c](u)", (1, 6)),
        ("a\0b [c](u)", (1, 5)),
    ] {
        let reference = &markdown(text).references[0];
        assert_eq!((reference.line, reference.column), place, "{text:?}");
        assert_eq!(&text[reference.destination.clone()], "u", "{text:?}");
    }
}

#[test]
fn plain_text_has_bare_urls_only() {
    let text = "[a](https://x.example/a) <https://x.example/b> https://x.example/c.";
    let read = read(Syntax::PlainText, text, &ReadOptions::default());
    let urls: Vec<_> = read.references.iter().map(|r| r.url.as_str()).collect();
    assert_eq!(urls, ["https://x.example/a", "https://x.example/b", "https://x.example/c"]);
}

/// One long text, named a hundred thousand times, is not kept a hundred thousand times.
#[test]
fn what_many_references_share_is_not_multiplied() {
    let long = "x".repeat(1 << 20);
    let many = "a,b ".repeat(50_000);
    let items = "u, ".repeat(50_000);
    let nested = format!("{}{}{}", "![".repeat(20_000), "x".repeat(4096), "](u)".repeat(20_000));
    for (syntax, text) in [
        (Syntax::Html, format!("<img alt=\"{long}\" srcset=\"{many}\">")),
        (Syntax::Toc, format!("- name: {long}\n  href: [{items}]\n")),
        (Syntax::Markdown, format!("---\ntitle: t\n{long}: {}\n---\n", "http://a.example ".repeat(50_000))),
        (Syntax::Markdown, nested),
    ] {
        let read = read(syntax, &text, &ReadOptions::default());
        assert!(read.references.len() >= 20_000, "{}", read.references.len());
        let kept: usize = read.references.iter().map(|reference| reference.text.len()).sum();
        assert!(kept <= 32 << 20, "{kept} bytes of {}", text.len());
        assert!(read.references.iter().any(|reference| !reference.text.is_empty()));
    }
}

proptest! {
    #[test]
    fn nothing_panics_and_every_range_is_inside(
        text in "(\\[|\\]|\\(|\\)|<|>|!|`|\\*|_|\\||#|-|&amp;|\\\\|:|\"|'|\n|\r\n|\r|> |    |---\n|https://x\\.example|www\\.a\\.b|a@b\\.c|<a href=|<img srcset=\"a, b|<!--|-->|\\[!VIDEO |:::image source=\"|\\[l\\]: |title: |é|あ|。|\u{feff}| ){0,40}",
    ) {
        for syntax in [Syntax::Markdown, Syntax::Html, Syntax::Toc, Syntax::PlainText] {
            for code in [false, true] {
                let read = read(syntax, &text, &ReadOptions { code, ..ReadOptions::default() });
                let mut last = 0;
                for reference in &read.references {
                    prop_assert!(reference.offset.start >= last, "in order");
                    last = reference.offset.start;
                    prop_assert!(text.get(reference.offset.clone()).is_some(), "{:?}", reference);
                    prop_assert!(text.get(reference.destination.clone()).is_some(), "{:?}", reference);
                    prop_assert!(reference.line >= 1 && reference.column >= 1);
                }
                for problem in &read.problems {
                    prop_assert!(text.get(problem.offset.clone()).is_some(), "{:?}", problem);
                }
            }
        }
    }
}
