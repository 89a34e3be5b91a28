use super::*;

/// The text, and for each problem its code, the bytes it is at and the repair.
fn decoded(bytes: &[u8]) -> (String, Vec<(Code, String, Option<String>)>) {
    let mut out = Vec::new();
    let view = decode(bytes, &mut out);
    let at = |problem: &Problem| String::from_utf8_lossy(&bytes[problem.span.range()]).into_owned();
    (
        view.text,
        out.iter().map(|problem| (problem.code, at(problem), problem.repair.clone())).collect(),
    )
}

fn check(bytes: &[u8], text: &str, problems: &[(Code, &str, Option<&str>)]) {
    let (is, found) = decoded(bytes);
    assert_eq!(is, text);
    let found: Vec<_> =
        found.iter().map(|(code, at, repair)| (*code, at.as_str(), repair.as_deref())).collect();
    assert_eq!(found, problems);
}

fn clean(text: &str) {
    check(text.as_bytes(), text, &[]);
}

/// Each word is damaged in one reading and comes back.
fn mojibake(damaged: &str, repaired: &str) {
    check(damaged.as_bytes(), repaired, &[(Code::MOJIBAKE, damaged, Some(repaired))]);
}

#[test]
fn plain_text_stays() {
    clean("# Title\r\n\n\tgeïdentificeerd – “geo’s” 10\u{a0}% ✓\r");
}

#[test]
fn a_byte_order_mark_is_no_text() {
    check(b"\xEF\xBB\xBF# Title", "# Title", &[]);
    let view = decode(b"\xEF\xBB\xBF# Title", &mut Vec::new());
    assert_eq!(view.file_span(2..7), Span::new(5, 10));
}

#[test]
fn a_byte_order_mark_inside() {
    check("a \u{feff}b".as_bytes(), "a b", &[(Code::INNER_BYTE_ORDER_MARK, "\u{feff}", Some(""))]);
}

#[test]
fn a_page_read_as_mac_roman() {
    let page = "Hebben de ge√Ødentificeerd gegevens";
    check(
        page.as_bytes(),
        "Hebben de geïdentificeerd gegevens",
        &[(Code::MOJIBAKE, "ge√Ødentificeerd", Some("geïdentificeerd"))],
    );
    let mut out = Vec::new();
    let view = decode(page.as_bytes(), &mut out);
    assert_eq!(out[0].message, "UTF-8 bytes of U+00EF read as Mac Roman");
    let repaired = view.text.find("geï").expect("it is repaired");
    assert_eq!(view.file_span(repaired..repaired + "geïdentificeerd".len()), out[0].span);
}

#[test]
fn letters_between_letters() {
    for (damaged, repaired) in [
        ("geÃ¯ntegreerd", "geïntegreerd"),
        ("citÃ©", "cité"),
        ("voilÃ\u{a0}", "voilà"),
        ("cafÃ\u{83}Â©", "café"),
        ("cafÃƒÂ©", "café"),
        ("VerfÃ¼gbarkeitsgruppe", "Verfügbarkeitsgruppe"),
        ("Ã©Ã©n", "één"),
        ("dÃ©jÃ\u{a0}", "déjà"),
        ("zarzÄ…dzanie", "zarządzanie"),
        ("moÅ¼e", "może"),
        ("CÃ³rdoba", "Córdoba"),
        ("verf√ºgbar", "verfügbar"),
        ("co√∂rdinatie", "coördinatie"),
        ("caf√©", "café"),
        ("zarzƒÖdzanie", "zarządzanie"),
        ("ge\u{c3}\u{af}nteresseerd", "geïnteresseerd"),
        ("br\u{c3}\u{bb}l\u{c3}\u{a9}", "brûlé"),
    ] {
        mojibake(damaged, repaired);
    }
}

#[test]
fn quotes_dashes_and_signs() {
    for (damaged, repaired) in [
        ("donâ€™t", "don’t"),
        ("don‚Äôt", "don’t"),
        ("don\u{e2}\u{80}\u{99}t", "don’t"),
        ("â€œHello", "“Hello"),
        ("Microsoftâ„¢", "Microsoft™"),
        ("WindowsÂ®", "Windows®"),
        ("Windows¬Æ", "Windows®"),
        ("10Â\u{a0}", "10\u{a0}"),
        ("Â©", "©"),
        ("ðŸ˜€", "😀"),
        ("donÃ¢â‚¬â„¢t", "don’t"),
    ] {
        mojibake(damaged, repaired);
    }
    check("ï»¿CEF:0".as_bytes(), "CEF:0", &[(Code::MOJIBAKE, "ï»¿CEF", Some("CEF"))]);
}

#[test]
fn other_scripts_need_three_in_a_row() {
    mojibake("Ð¿Ñ€Ð¸Ð²ÐµÑ‚", "привет");
    mojibake("æ—¥æœ¬èªž", "日本語");
    mojibake("Î»ÏŒÎ³Î¿Ï‚", "λόγος");
}

#[test]
fn what_stands_alone_is_believed_beside_what_is_certain() {
    clean("Ã‰tat");
    check(
        "geÃ¯ntegreerd, Ã‰tat".as_bytes(),
        "geïntegreerd, État",
        &[
            (Code::MOJIBAKE, "geÃ¯ntegreerd", Some("geïntegreerd")),
            (Code::MOJIBAKE, "Ã‰tat", Some("État")),
        ],
    );
}

/// All of these decode to UTF-8 in some reading, and all are what their authors meant.
#[test]
fn decoys_are_left_alone() {
    for text in [
        "l’équipe, d’été, s’êtes, jusqu’à",
        "« activité\u{a0}», l’« entité\u{a0}»\u{a0}: créé\u{a0}»",
        "”Öppna” ”Åtgärder” ”ö”",
        "3\u{a0}×\u{a0}4, 2×\u{a0}GB",
        "POŁĄCZENIE ŹRÓDŁO ÓŁ",
        "KAÇÃO “NÃO” — AVELÃ” MAÇÃ®",
        "„Ä“ ‚Änderung‘ ‚Übung‘ Ä– Å“",
        "บัตรประชาชน",
        "идентификатор ”Д” №",
        "¬A ∧ √2 ≈ 1,4; f(x) = √π; ƒ(x)",
        "Ångström, Ærø, Øresund, ÑANDÚ, Ísland’Þ",
        "Â la carte, âme, â€ alone",
        "日本語「です」、中文“引号”",
        "İstanbul’da, Ğ, ş",
    ] {
        clean(text);
    }
}

#[test]
fn invalid_bytes_are_windows_1252() {
    check(
        b"in the \x93Data Location\x94 section\nx\x92s\n",
        "in the “Data Location” section\nx’s\n",
        &[
            (Code::INVALID_UTF8, "\u{fffd}Data Location\u{fffd}", Some("“Data Location”")),
            (Code::INVALID_UTF8, "\u{fffd}", Some("’")),
        ],
    );
    let view = decode(b"a\x93b", &mut Vec::new());
    assert_eq!(view.file_span(1..4), Span::new(1, 2));
    assert_eq!(view.file_span(4..5), Span::new(2, 3));
    check(b"a\x81b", "ab", &[(Code::INVALID_UTF8, "\u{fffd}", None)]);
}

#[test]
fn control_characters() {
    check(
        "a \u{97} b\u{92}s".as_bytes(),
        "a — b’s",
        &[
            (Code::CONTROL_CHARACTER, "\u{97}", Some("—")),
            (Code::CONTROL_CHARACTER, "\u{92}", Some("’")),
        ],
    );
    check(
        b"a\0\0b\x0Bc",
        "ab c",
        &[
            (Code::CONTROL_CHARACTER, "\0\0", Some("")),
            (Code::CONTROL_CHARACTER, "\u{b}", Some(" ")),
        ],
    );
}

#[test]
fn lost_characters_stay_lost() {
    check(
        "Windows\u{fffd} x".as_bytes(),
        "Windows\u{fffd} x",
        &[(Code::REPLACEMENT_CHARACTER, "\u{fffd}", None)],
    );
}

#[test]
fn utf_16() {
    let mut bytes = vec![0xFF, 0xFE];
    bytes.extend("# é😀".encode_utf16().flat_map(u16::to_le_bytes));
    let (text, problems) = decoded(&bytes);
    assert_eq!(text, "# é😀");
    assert_eq!(problems.iter().map(|problem| problem.0).collect::<Vec<_>>(), [Code::UTF_16]);
    let view = decode(&bytes, &mut Vec::new());
    assert_eq!(view.file_span(2..4), Span::new(6, 8));
    assert_eq!(view.file_span(4..8), Span::new(8, 12));
    assert_eq!(decoded(b"\xFE\xFF\0a\0b\0").0, "ab");
}

#[test]
fn nothing_in_it() {
    check(b"", "", &[(Code::EMPTY_FILE, "", None)]);
    check(b" \r\n", " \r\n", &[(Code::EMPTY_FILE, " \r\n", None)]);
}

/// `printf 'a\r\nb\r\n' | sha1sum`, and so on.
#[test]
fn hashes_of_every_checkout() {
    let crlf = "72dd82ee6968b55d1833597e2d6e1638a100c2ea";
    let both = variants(b"a\nb\n");
    assert_eq!(variants(b"a\r\nb\r\n").all().collect::<Vec<_>>(), [both.crlf.as_str()]);
    assert_eq!(variants(b"a\nb\r\n").crlf, both.crlf);
    assert_eq!(both.others, ["05dec960e24d918b8a73a1c53bcbbaac2ee5c2e0".to_owned()]);
    assert_eq!(both.crlf, crlf);
    let marked = variants(b"\xEF\xBB\xBFa\nb\n");
    assert_eq!(marked.others.len(), 3);
    assert_eq!(marked.others[1..], [both.crlf, both.others[0].clone()]);
    assert_eq!(
        variants(b"").all().collect::<Vec<_>>(),
        ["da39a3ee5e6b4b0d3255bfef95601890afd80709"]
    );
}

#[test]
fn long_texts_are_hashed_in_pieces() {
    let line = "x".repeat(1000) + "\n";
    let text = line.repeat(100) + &"y".repeat(40_000);
    assert_eq!(variants(text.as_bytes()).crlf, sha1(text.replace('\n', "\r\n").as_bytes()));
}
