use type_convert::PgType;

/// Reads a PostgreSQL type as people write it: `numeric(8,2)`, `varchar(30)`, `timestamp(3) with time zone`,
/// `int8`, `double precision`. `None` where it is no type that values can be converted to.
pub(super) fn read(text: &str) -> Option<PgType> {
    let text = text.trim().to_ascii_lowercase();
    let (name, arguments, rest) = match text.split_once('(') {
        None => (text.as_str(), None, ""),
        Some((name, rest)) => {
            let (arguments, rest) = rest.split_once(')')?;
            (name, Some(arguments), rest)
        }
    };
    let words: Vec<&str> = name.split_whitespace().chain(rest.split_whitespace()).collect();
    let numbers: Vec<i64> = match arguments {
        None => Vec::new(),
        Some(list) => list.split(',').map(|n| n.trim().parse().ok()).collect::<Option<_>>()?,
    };
    let length = |n: i64| u32::try_from(n).ok().filter(|n| (1..=10_485_760).contains(n));
    let precision = |n: i64| u8::try_from(n).ok().filter(|n| *n <= 6);
    Some(match (words.join(" ").as_str(), numbers.as_slice()) {
        ("boolean" | "bool", []) => PgType::Bool,
        ("smallint" | "int2", []) => PgType::Int2,
        ("integer" | "int" | "int4", []) => PgType::Int4,
        ("bigint" | "int8", []) => PgType::Int8,
        ("numeric" | "decimal", []) => PgType::Numeric { digits: None },
        ("numeric" | "decimal", [p]) => PgType::Numeric { digits: Some((digits(*p)?, 0)) },
        ("numeric" | "decimal", [p, s]) => {
            let scale = i16::try_from(*s).ok().filter(|s| (-1000..=1000).contains(s))?;
            PgType::Numeric { digits: Some((digits(*p)?, scale)) }
        }
        ("real" | "float4", []) => PgType::Float4,
        ("double precision" | "float8", []) => PgType::Float8,
        ("text", []) => PgType::Text,
        ("character varying" | "varchar", []) => PgType::Varchar { length: None },
        ("character varying" | "varchar", [n]) => PgType::Varchar { length: Some(length(*n)?) },
        ("character" | "char", []) => PgType::Bpchar { length: 1 },
        ("character" | "char", [n]) => PgType::Bpchar { length: length(*n)? },
        ("bytea", []) => PgType::Bytea,
        ("date", []) => PgType::Date,
        ("timestamp" | "timestamp without time zone", []) => PgType::Timestamp { precision: None },
        ("timestamp" | "timestamp without time zone", [p]) => PgType::Timestamp { precision: Some(precision(*p)?) },
        ("timestamptz" | "timestamp with time zone", []) => PgType::TimestampTz { precision: None },
        ("timestamptz" | "timestamp with time zone", [p]) => PgType::TimestampTz { precision: Some(precision(*p)?) },
        ("interval", []) => PgType::Interval,
        ("uuid", []) => PgType::Uuid,
        ("json", []) => PgType::Json,
        ("jsonb", []) => PgType::Jsonb,
        ("xml", []) => PgType::Xml,
        _ => return None,
    })
}

fn digits(p: i64) -> Option<u16> {
    u16::try_from(p).ok().filter(|p| (1..=1000).contains(p))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_spelling_and_nothing_else() {
        for (text, pg) in [
            ("NUMERIC(8, 2)", PgType::Numeric { digits: Some((8, 2)) }),
            ("numeric(3,-2)", PgType::Numeric { digits: Some((3, -2)) }),
            ("varchar(30)", PgType::Varchar { length: Some(30) }),
            ("character varying", PgType::Varchar { length: None }),
            ("timestamp(3) with time zone", PgType::TimestampTz { precision: Some(3) }),
            ("Timestamp  without  time zone", PgType::Timestamp { precision: None }),
            ("double precision", PgType::Float8),
            ("uuid", PgType::Uuid),
        ] {
            assert_eq!(read(text), Some(pg), "{text}");
        }
        for text in ["", "int(4)", "numeric(0)", "numeric(8,2", "timestamp(7)", "varchar(0)", "text[]", "varchar(x)"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
