//! Format models of TO_CHAR, TO_DATE and TO_NUMBER to those of PostgreSQL.

/// Elements of datetime models in both, longest first, and what PostgreSQL calls them.
#[rustfmt::skip]
const ELEMENTS: &[(&str, &str)] = &[
    ("SYYYY", "YYYY"), ("Y,YYY", "Y,YYY"), ("SSSSS", "SSSS"), ("MONTH", "MONTH"), ("HH24", "HH24"), ("HH12", "HH12"),
    ("YYYY", "YYYY"), ("RRRR", "YYYY"), ("IYYY", "IYYY"), ("A.M.", "A.M."), ("P.M.", "P.M."), ("B.C.", "B.C."),
    ("A.D.", "A.D."), ("YYY", "YYY"), ("IYY", "IYY"), ("DDD", "DDD"), ("DAY", "DAY"), ("MON", "MON"), ("TZH", "TZH"),
    ("TZM", "TZM"), ("FF1", "FF1"), ("FF2", "FF2"), ("FF3", "FF3"), ("FF4", "FF4"), ("FF5", "FF5"), ("FF6", "FF6"),
    ("FF", "US"), ("YY", "YY"), ("RR", "YY"), ("IY", "IY"), ("MM", "MM"), ("MI", "MI"), ("DD", "DD"), ("DY", "DY"), ("HH", "HH"),
    ("SS", "SS"), ("WW", "WW"), ("IW", "IW"), ("RM", "RM"), ("CC", "CC"), ("AM", "AM"), ("PM", "PM"), ("AD", "AD"),
    ("BC", "BC"), ("TH", "TH"), ("Y", "Y"), ("I", "I"), ("Q", "Q"), ("J", "J"), ("W", "W"), ("D", "D"),
];

/// A datetime model; `read` where it is for TO_DATE. The error says what has no counterpart.
pub(super) fn datetime(model: &str, read: bool) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = model;
    // FM holds until the next FM in Oracle, for the next element only in PostgreSQL.
    let mut fill = true;
    while let Some(c) = rest.chars().next() {
        if c == '"' {
            let end = rest[1..].find('"').map_or(rest.len(), |at| at + 2);
            out.push_str(&rest[..end]);
            rest = &rest[end..];
            continue;
        }
        if !c.is_alphanumeric() {
            // A backslash would quote what follows it.
            if c == '\\' {
                return Err("a backslash in a format".to_owned());
            }
            out.push(c);
            rest = &rest[c.len_utf8()..];
            continue;
        }
        let upper = |length: usize| rest.get(..length).map(str::to_ascii_uppercase);
        match upper(2).as_deref() {
            Some("FM") => {
                fill = !fill;
                rest = &rest[2..];
                continue;
            }
            Some("FX") => {
                rest = &rest[2..];
                continue;
            }
            _ => {}
        }
        let Some((name, counterpart)) = ELEMENTS.iter().find(|(name, _)| upper(name.len()).as_deref() == Some(*name))
        else {
            return Err(format!("the format element at {rest:?}"));
        };
        let unsure = match *name {
            "YYY" | "Y" if read => Some("a year of one or three digits"),
            "FF1" | "FF2" | "FF3" | "FF4" | "FF5" | "FF6" if read => None,
            "D" => Some("D, the day of the week by the session's territory,"),
            _ => None,
        };
        if let Some(unsure) = unsure {
            return Err(unsure.to_owned());
        }
        if !fill {
            out.push_str("FM");
        }
        // The case of names of days and months, and of AM, is that of the model in both.
        let written = &rest[..name.len()];
        let named = ["MONTH", "MON", "DAY", "DY", "AM", "PM", "A.M.", "P.M.", "RM"].contains(name);
        out.push_str(if named { written } else { counterpart });
        rest = &rest[name.len()..];
    }
    Ok(out)
}

/// A number model.
pub(super) fn number(model: &str) -> Result<String, String> {
    let upper = model.to_ascii_uppercase();
    let mut rest = upper.as_str();
    let mut out = String::new();
    while let Some(c) = rest.chars().next() {
        let two = rest.get(..2).unwrap_or_default();
        let element = match two {
            "FM" | "MI" | "PR" => two,
            "EE" if rest.starts_with("EEEE") => "EEEE",
            "RN" => "RN",
            _ => match c {
                // D and G are what lc_numeric says in PostgreSQL.
                'D' => ".",
                'G' => ",",
                '9' | '0' | ',' | '.' | 'S' | 'V' => &rest[..1],
                _ => return Err(format!("the format element at {rest:?}")),
            },
        };
        out.push_str(element);
        rest = &rest[element.len()..];
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models() {
        for (oracle, pg) in [
            ("YYYY-MM-DD HH24:MI:SS", Ok("YYYY-MM-DD HH24:MI:SS")),
            ("fmDay, DD Month YYYY", Ok("FMDay, FMDD FMMonth FMYYYY")),
            ("FMMM/FMDD", Ok("FMMM/DD")),
            ("DD.MM.RRRR\" at \"HH:MI am", Ok("DD.MM.YYYY\" at \"HH:MI am")),
            ("SSSSS", Ok("SSSS")),
            ("TS", Err(())),
            ("D", Err(())),
        ] {
            assert_eq!(datetime(oracle, false).map_err(|_| ()), pg.map(str::to_owned), "{oracle}");
        }
        assert!(datetime("DD-MON-YYY", true).is_err());
        assert_eq!(number("fm999g990d00").as_deref(), Ok("FM999,990.00"));
        assert!(number("XXXX").is_err());
        assert!(number("$999").is_err());
    }
}
