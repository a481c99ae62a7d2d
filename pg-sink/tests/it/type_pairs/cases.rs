//! Random values of an Oracle type that a PostgreSQL type holds exactly, beside the literals that PostgreSQL reads as the same.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use type_convert::{DateTime, IntervalDs, IntervalYm, Number, OracleType, PgType, UtcOffset, Value, ValueRef};

/// The length of every character type here.
pub(super) const LENGTH: u32 = 40;
/// The enumeration's labels.
pub(super) const LABELS: [&str; 4] = ["sad", "ok", "très heureux", "it's"];
/// Where a DATE or TIMESTAMP is taken to be.
pub(super) const ASSUMED: UtcOffset = UtcOffset { minutes: 330 };

/// A value in each form in which a reader may hand it over, the owned one first where there is one.
#[derive(Debug, Clone)]
pub(super) struct Case {
    pub(super) forms: Vec<Form>,
    pub(super) literal: String,
}

#[derive(Debug, Clone)]
pub(super) enum Form {
    Value(Value),
    Int(i64),
    Decimal(String),
    DateBytes(Vec<u8>),
    IntervalBytes(Vec<u8>),
    VectorBytes(Vec<u8>),
}

impl Form {
    pub(super) fn as_ref(&self) -> ValueRef<'_> {
        match self {
            Form::Value(value) => value.as_ref(),
            Form::Int(n) => ValueRef::Int(*n),
            Form::Decimal(text) => ValueRef::Decimal(text),
            Form::DateBytes(bytes) => ValueRef::DateBytes(bytes),
            Form::IntervalBytes(bytes) => ValueRef::IntervalBytes(bytes),
            Form::VectorBytes(bytes) => ValueRef::VectorBytes(bytes),
        }
    }
}

type Cases = BoxedStrategy<Case>;

/// `None` where there is no conversion.
pub(super) fn of(oracle: &OracleType, pg: &PgType) -> Option<Cases> {
    use OracleType as O;
    Some(match oracle {
        O::Number { .. } | O::Float { .. } => of_number(pg)?,
        O::BinaryFloat => of_float(pg, any::<f32>().prop_map(f64::from).boxed(), |f| {
            #[expect(clippy::cast_possible_truncation, reason = "it was a single before")]
            let single = f as f32;
            (Value::Float(single), format!("{single:e}"))
        })?,
        O::BinaryDouble => of_float(pg, any::<f64>().boxed(), |f| (Value::Double(f), format!("{f:e}")))?,
        O::Char { .. } | O::NChar { .. } => {
            let keeps_blanks = is_text(pg) || matches!(pg, PgType::Json | PgType::Xml);
            of_text(pg)?.prop_map(move |case| padded(case, keeps_blanks)).boxed()
        }
        O::Varchar2 { .. } | O::NVarchar2 { .. } | O::Long => of_text(pg)?,
        O::Clob | O::NClob => of_document(pg, 0)?,
        O::LongRaw | O::Blob if *pg == PgType::Bytea => bytes(0..=300),
        O::LongRaw | O::Blob => of_document(pg, 0)?.prop_map(in_bytes).boxed(),
        O::RowId | O::URowId { .. } if is_text(pg) => {
            "[A-Za-z0-9+/*]{18}".prop_map(|s| one(Value::Text(s.clone()), s)).boxed()
        }
        O::Raw { length } => match pg {
            PgType::Bytea => bytes(1..=50),
            PgType::Uuid if *length == 16 => uuids().prop_map(|(bytes, text)| one(Value::Bytes(bytes), text)).boxed(),
            pg if is_text(pg) => {
                vec(any::<u8>(), 1..=20).prop_map(|b| one(Value::Bytes(b.clone()), hex(&b).to_uppercase())).boxed()
            }
            _ => return None,
        },
        O::BFile if is_text(pg) => ("[A-Z_']{1,6}", "[a-z/.' é]{1,6}").prop_map(|(d, f)| of_bfile(d, f)).boxed(),
        O::Date => of_moment(pg, 0, false)?,
        O::Timestamp { .. } => of_moment(pg, 1, false)?,
        O::TimestampTz { .. } => of_moment(pg, 1, true)?,
        // Its bytes are in the time zone of its database: there are none to be read.
        O::TimestampLtz { .. } => of_moment(pg, 1, true)?
            .prop_map(|mut case| {
                case.forms.truncate(1);
                case
            })
            .boxed(),
        O::IntervalYm { .. } => of_months(pg)?,
        O::IntervalDs { .. } => of_days(pg)?,
        O::Xml if *pg == PgType::Xml => xml(),
        O::Xml if is_text(pg) => texts(1),
        O::Json if matches!(pg, PgType::Json | PgType::Jsonb) => json(),
        O::Json if is_text(pg) => texts(1),
        O::Vector { .. } => of_vector(pg)?,
        O::Boolean => match pg {
            PgType::Int2 | PgType::Int4 | PgType::Int8 => {
                any::<bool>().prop_map(|b| one(Value::Boolean(b), u8::from(b).to_string())).boxed()
            }
            pg if *pg == PgType::Bool || is_text(pg) => {
                any::<bool>().prop_map(|b| one(Value::Boolean(b), b.to_string())).boxed()
            }
            _ => return None,
        },
        O::Object(object) => match pg {
            PgType::Composite(composite) if composite.fields.len() == object.attributes.len() => {
                let fields = object.attributes.iter().zip(&composite.fields);
                let fields: Option<Vec<_>> = fields.map(|((_, o), (_, p))| of(o, p).map(or_null)).collect();
                fields?.prop_map(|fields| of_parts(fields, Value::Object, ["(", ")"], "")).boxed()
            }
            _ => return None,
        },
        O::Collection(collection) => match pg {
            PgType::Array(element) => {
                let elements = vec(or_null(of(&collection.element, element)?), 0..4);
                elements.prop_map(|elements| of_parts(elements, Value::Collection, ["{", "}"], "NULL")).boxed()
            }
            _ => return None,
        },
        _ => return None,
    })
}

/// A FLOAT64 vector, as text and as its image.
fn of_vector(pg: &PgType) -> Option<Cases> {
    // pgvector's own type is compared byte by byte in type-convert: its extension is no part of a usual server.
    let (most, brackets) = match pg {
        PgType::Array(element) if matches!(**element, PgType::Float4 | PgType::Float8) => (9, ["{", "}"]),
        PgType::Text | PgType::Varchar { length: None } | PgType::Citext => (9, ["[", "]"]),
        pg if is_text(pg) => (4, ["[", "]"]),
        _ => return None,
    };
    let vectors = vec((-4_000_i16..4_000).prop_map(|n| f64::from(n) / 8.0), 1..=most).prop_map(move |numbers| {
        let of = |show: &dyn Fn(&f64) -> String, [open, close]: [&str; 2]| {
            format!("{open}{}{close}", numbers.iter().map(show).collect::<Vec<_>>().join(","))
        };
        // Magic, version, flags, FLOAT64, how many.
        let mut image = vec![0xdb, 0, 0, 0, 3];
        image.extend(u32::try_from(numbers.len()).unwrap().to_be_bytes());
        image.extend(numbers.iter().flat_map(|n| type_convert::binary_float::double_to_bytes(*n)));
        let text = Value::Text(of(&|n| format!("{n:E}"), ["[", "]"]));
        Case { forms: vec![Form::Value(text), Form::VectorBytes(image)], literal: of(&|n| format!("{n}"), brackets) }
    });
    Some(vectors.boxed())
}

fn one(value: Value, literal: impl Into<String>) -> Case {
    Case { forms: vec![Form::Value(value)], literal: literal.into() }
}

pub(super) fn is_text(pg: &PgType) -> bool {
    matches!(pg, PgType::Text | PgType::Varchar { .. } | PgType::Bpchar { .. } | PgType::Citext)
}

fn is_limited(pg: &PgType) -> bool {
    matches!(pg, PgType::Varchar { length: Some(_) } | PgType::Bpchar { .. })
}

/// ±`digits` × 10^`exponent`; `digits` neither begin nor end with 0, but for zero itself.
#[derive(Debug, Clone)]
struct Decimal {
    negative: bool,
    digits: String,
    exponent: i32,
}

impl Decimal {
    fn new(negative: bool, digits: &str, exponent: i32) -> Self {
        let digits = digits.trim_start_matches('0');
        let kept = digits.trim_end_matches('0');
        match kept {
            "" => Decimal { negative: false, digits: "0".into(), exponent: 0 },
            kept => {
                let zeros = i32::try_from(digits.len() - kept.len()).unwrap();
                Decimal { negative, digits: kept.into(), exponent: exponent + zeros }
            }
        }
    }

    /// From `-1.25e-7`.
    fn from_scientific(text: &str) -> Self {
        let (mantissa, exponent) = text.split_once('e').unwrap();
        let unsigned = mantissa.trim_start_matches('-');
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let exponent = exponent.parse::<i32>().unwrap() - i32::try_from(fraction.len()).unwrap();
        Decimal::new(mantissa.starts_with('-'), &format!("{whole}{fraction}"), exponent)
    }

    fn sign(&self) -> &'static str {
        if self.negative { "-" } else { "" }
    }

    fn plain(&self) -> String {
        let places = usize::try_from(-self.exponent).unwrap_or(0);
        let mut digits = self.digits.clone();
        digits.extend(std::iter::repeat_n('0', usize::try_from(self.exponent).unwrap_or(0)));
        let digits = format!("{digits:0>width$}", width = places + 1);
        let (whole, fraction) = digits.split_at(digits.len() - places);
        format!("{}{whole}{}{fraction}", self.sign(), if places > 0 { "." } else { "" })
    }

    fn scientific(&self) -> String {
        format!("{}{}E{}", self.sign(), self.digits, self.exponent)
    }

    fn in_range(&self) -> bool {
        (-129..=126).contains(&(i32::try_from(self.digits.len()).unwrap() + self.exponent))
    }

    fn case(&self, literal: String) -> Case {
        let plain = self.plain();
        let mut forms: Vec<Form> = plain.parse::<Number>().map(|n| Form::Value(Value::Number(n))).into_iter().collect();
        forms.extend(plain.parse().map(Form::Int));
        let zeros = if plain.contains('.') { "000" } else { ".0" };
        let (sign, unsigned) = (self.sign(), plain.trim_start_matches('-'));
        forms.extend([
            Form::Decimal(format!("{sign}00{unsigned}{zeros}")),
            Form::Decimal(format!(
                "{sign}{}",
                unsigned.strip_prefix("0.").map_or(unsigned.into(), |f| format!(".{f}"))
            )),
            Form::Decimal(self.scientific()),
        ]);
        forms.push(Form::Decimal(plain));
        Case { forms, literal }
    }
}

fn decimals(most_digits: usize, points: std::ops::RangeInclusive<i32>) -> BoxedStrategy<Decimal> {
    let digits =
        prop_oneof![4 => vec(0..=9_u8, 1..=most_digits), 1 => vec(Just(9_u8), 1..=most_digits), 1 => Just(vec![1])];
    (any::<bool>(), digits, points)
        .prop_map(|(negative, digits, point)| {
            let text: String = digits.iter().map(|d| char::from(b'0' + d)).collect();
            // The point is where it is meant to be whatever zeros the digits begin with.
            let text = text.trim_start_matches('0');
            Decimal::new(negative, text, point - i32::try_from(text.len()).unwrap())
        })
        .boxed()
}

/// All precisions and magnitudes that a NUMBER has, and 40 digits.
fn any_decimal() -> BoxedStrategy<Decimal> {
    prop_oneof![decimals(40, -129..=126), decimals(12, -6..=12), decimals(40, 0..=40)]
        .prop_filter("20 base-100 digits", |d| d.plain().parse::<Number>().is_ok())
        .boxed()
}

fn whole(least: i64, most: i64) -> Cases {
    prop_oneof![4 => least..=most, 1 => select(vec![least, most, 0, 1, -1]), 1 => -9999..=9999_i64.min(most)]
        .prop_map(|n| Decimal::new(n < 0, &n.unsigned_abs().to_string(), 0))
        .prop_map(|d| d.case(d.plain()))
        .boxed()
}

/// Each value of NUMBER(precision, scale).
pub(super) fn scaled(precision: u16, scale: i16) -> Cases {
    let most = usize::from(precision);
    prop_oneof![4 => vec(0..=9_u8, most), 2 => vec(0..=9_u8, 1..=most), 1 => Just(vec![9; most]), 1 => Just(vec![1])]
        .prop_flat_map(|digits| (Just(digits), any::<bool>()))
        .prop_map(move |(digits, negative)| {
            let text: String = digits.iter().map(|d| char::from(b'0' + d)).collect();
            Decimal::new(negative, &text, -i32::from(scale))
        })
        .prop_map(|d| d.case(d.plain()))
        .boxed()
}

fn infinities() -> Cases {
    any::<bool>()
        .prop_map(|negative| {
            let (number, sign) = if negative { (Number::NEG_INFINITY, "-") } else { (Number::INFINITY, "") };
            let forms = vec![Form::Value(Value::Number(number)), Form::Decimal(format!("{sign}~"))];
            Case { forms, literal: format!("{sign}Infinity") }
        })
        .boxed()
}

/// The numbers that the target holds, infinities aside.
fn finite(pg: &PgType) -> Option<Cases> {
    let with_scientific = |d: Decimal| d.case(d.scientific());
    Some(match pg {
        PgType::Int2 => whole(i16::MIN.into(), i16::MAX.into()),
        PgType::Int4 => whole(i32::MIN.into(), i32::MAX.into()),
        PgType::Int8 => whole(i64::MIN, i64::MAX),
        PgType::Numeric { digits: None } => any_decimal().prop_map(with_scientific).boxed(),
        PgType::Numeric { digits: Some((precision, scale)) } => scaled(*precision, *scale),
        // What is a floating-point number's shortest text, or all of its digits, or has few enough digits to come back.
        PgType::Float4 => {
            let shortest = any::<f32>().prop_filter("a number", |f| f.is_finite());
            let shortest = shortest.prop_map(|f| Decimal::from_scientific(&format!("{f:e}")));
            prop_oneof![shortest, decimals(6, -30..=38)].prop_map(with_scientific).boxed()
        }
        PgType::Float8 => {
            let shortest = any::<f64>().prop_filter("a number", |f| f.is_finite());
            let shortest = shortest.prop_map(|f| Decimal::from_scientific(&format!("{f:e}")));
            let all_digits = (any::<u32>(), 0..90_i32).prop_map(|(m, power)| f64::from(m) * 2_f64.powi(power));
            let all_digits = all_digits.prop_map(|f| Decimal::new(false, &format!("{f}"), 0));
            prop_oneof![shortest, decimals(15, -129..=126), all_digits]
                .prop_filter("a NUMBER", |d| d.in_range() && d.digits.len() <= 40)
                .prop_map(with_scientific)
                .boxed()
        }
        _ => return None,
    })
}

fn of_number(pg: &PgType) -> Option<Cases> {
    Some(match pg {
        PgType::Float4 | PgType::Float8 => prop_oneof![9 => finite(pg)?, 1 => infinities()].boxed(),
        PgType::Bool => any::<bool>()
            .prop_map(|truth| Decimal::new(false, if truth { "1" } else { "0" }, 0).case(truth.to_string()))
            .boxed(),
        pg if is_limited(pg) => decimals(18, -10..=20).prop_map(|d| d.case(d.plain())).boxed(),
        pg if is_text(pg) => any_decimal().prop_map(|d| d.case(d.plain())).boxed(),
        pg => finite(pg)?,
    })
}

/// `value` makes a value of the source type, and its shortest text, of what it gives exactly.
fn of_float(pg: &PgType, all: BoxedStrategy<f64>, value: fn(f64) -> (Value, String)) -> Option<Cases> {
    let special = select(vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -0.0, 1.0, -1.0, 1e10]);
    let case = move |f: f64| one(value(f).0, value(f).1);
    let exact = move |f: f64| {
        let all_digits = format!("{:.1074}", if f == 0.0 { 0.0 } else { f });
        let all_digits = all_digits.trim_end_matches('0').trim_end_matches('.').to_owned();
        one(value(f).0, if f.is_nan() { "NaN".into() } else { all_digits })
    };
    Some(match pg {
        PgType::Float8 => prop_oneof![9 => all, 1 => special]
            .prop_map(move |f| {
                let (value, _) = value(f);
                // Of a single too the double that it is, not the one that its text stands for.
                one(value, format!("{f:e}"))
            })
            .boxed(),
        PgType::Float4 => {
            #[expect(clippy::cast_possible_truncation, reason = "to the nearest single")]
            let singles = all.prop_map(|f| f64::from(f as f32));
            prop_oneof![9 => singles, 1 => special].prop_map(case).boxed()
        }
        PgType::Numeric { digits: None } => prop_oneof![9 => all, 1 => special]
            .prop_filter("finite or NaN", |f| !f.is_infinite())
            .prop_map(exact)
            .boxed(),
        // Quarters, and as many as a single counts.
        PgType::Numeric { .. } => {
            prop_oneof![9 => -(1 << 23)..1 << 23_i32, 1 => Just(0)].prop_map(move |n| exact(f64::from(n) / 4.0)).boxed()
        }
        PgType::Int2 => any::<i16>().prop_map(move |n| exact(f64::from(n))).boxed(),
        PgType::Int4 => (-(1 << 24)..=1 << 24_i32).prop_map(move |n| exact(f64::from(n))).boxed(),
        PgType::Int8 => (-(1 << 24)..=1 << 24_i32, 0..39)
            .prop_map(move |(n, power)| exact(f64::from(n) * 2_f64.powi(power)))
            .boxed(),
        pg if is_text(pg) => prop_oneof![9 => all, 1 => special].prop_map(case).boxed(),
        _ => return None,
    })
}

fn characters() -> BoxedStrategy<char> {
    let ascii = prop::char::range(' ', '~');
    let short = prop::char::range('\u{1}', '\u{7ff}');
    prop_oneof![4 => ascii, 1 => short, 1 => prop::char::range('\u{e000}', '\u{10ffff}')].boxed()
}

/// Up to [`LENGTH`] characters; Oracle has no empty ones but in LOBs.
pub(super) fn texts(least: usize) -> Cases {
    vec(characters(), least..=40)
        .prop_map(|chars| chars.into_iter().collect::<String>())
        .prop_map(|s| one(Value::Text(s.clone()), s))
        .boxed()
}

fn of_document(pg: &PgType, least: usize) -> Option<Cases> {
    Some(match pg {
        PgType::Json | PgType::Jsonb => json(),
        PgType::Xml => xml(),
        pg if is_text(pg) => texts(least),
        _ => return None,
    })
}

fn of_text(pg: &PgType) -> Option<Cases> {
    Some(match pg {
        PgType::Enum(_) => select(&LABELS[..]).prop_map(|l| one(Value::Text(l.into()), l)).boxed(),
        PgType::Bool => {
            let words = ["t", "true", "y", "Yes", "on", "1", "f", "FALSE", "n", "no", "off", "0"];
            select(words.to_vec()).prop_map(|w| one(Value::Text(w.into()), w)).boxed()
        }
        PgType::Uuid => uuids()
            .prop_map(|(_, text)| {
                let plain = text.replace('-', "");
                let upper = text.to_uppercase();
                let forms = [format!("{{{upper}}}"), plain, upper, text.clone()];
                Case { forms: forms.map(|s| Form::Value(Value::Text(s))).into(), literal: text }
            })
            .boxed(),
        PgType::Date | PgType::Timestamp { .. } => {
            let step = step(pg);
            (date_times(1, step), any::<bool>())
                .prop_map(|((at, text), has_t)| {
                    // Most programs write no more digits than there are.
                    let short = match at.nanosecond {
                        0 => text[..19].to_owned(),
                        _ => text.trim_end_matches('0').to_owned(),
                    };
                    let spelt = if has_t { short.replace(' ', "T") } else { short };
                    let mut forms = vec![Form::Value(Value::Text(spelt)), Form::Value(Value::Text(text.clone()))];
                    if text.contains(" 00:00:00.000000000") {
                        forms.push(Form::Value(Value::Text(text[..10].to_owned())));
                    }
                    Case { forms, literal: text }
                })
                .boxed()
        }
        pg => match finite(pg) {
            Some(numbers) => numbers
                .prop_map(|Case { forms, literal }| {
                    let texts = forms.into_iter().filter_map(|form| match form {
                        Form::Decimal(text) => Some(text),
                        _ => None,
                    });
                    let mut texts: Vec<String> = texts.collect();
                    texts.push(format!("  {} ", texts[0]));
                    Case { forms: texts.into_iter().map(|s| Form::Value(Value::Text(s))).collect(), literal }
                })
                .boxed(),
            None => of_document(pg, 1)?,
        },
    })
}

/// As a CHAR has it.
fn padded(Case { forms, literal }: Case, keeps_blanks: bool) -> Case {
    let pad = |s: String| format!("{s:<width$}", width = usize::try_from(LENGTH).unwrap());
    let forms = forms.into_iter().map(|form| match form {
        Form::Value(Value::Text(s)) => Form::Value(Value::Text(pad(s))),
        form => form,
    });
    Case { forms: forms.collect(), literal: if keeps_blanks { pad(literal) } else { literal } }
}

fn in_bytes(Case { forms, literal }: Case) -> Case {
    let forms = forms.into_iter().map(|form| match form {
        Form::Value(Value::Text(s)) => Form::Value(Value::Bytes(s.into_bytes())),
        form => form,
    });
    Case { forms: forms.collect(), literal }
}

fn json() -> Cases {
    let string =
        vec(characters(), 0..8).prop_map(|c| serde_json::Value::from(c.into_iter().collect::<String>()).to_string());
    let number = "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,20})?([eE][-+]?[0-9]{1,2})?";
    let word = select(vec!["null", "true", "false", "\"\\u00e9\\ud83d\\ude00\"", "{}", "[ ]"]).prop_map(str::to_owned);
    let leaf = prop_oneof![string.clone(), number, word];
    leaf.prop_recursive(3, 12, 4, move |inner| {
        let blank = || select(vec!["", " ", "\n\t"]);
        let array =
            (vec(inner.clone(), 0..4), blank()).prop_map(|(v, b)| format!("[{b}{}{b}]", v.join(&format!("{b},"))));
        let object = (vec((string.clone(), inner), 0..4), blank()).prop_map(|(members, b)| {
            let members: Vec<_> = members.iter().map(|(k, v)| format!("{b}{k}:{b}{v}")).collect();
            format!("{{{}{b}}}", members.join(","))
        });
        prop_oneof![array, object]
    })
    .prop_map(|s| one(Value::Text(s.clone()), s))
    .boxed()
}

fn xml() -> Cases {
    let declaration = select(vec![
        "",
        "",
        "<?xml version=\"1.0\"?>",
        "<?xml version='1.0' encoding='UTF-8'?>",
        "<?xml version=\"1.0\" encoding=\"ISO-8859-1\" ?>\n",
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n",
        "<?xml version='1.0' standalone='no' ?>",
        "\n\n",
    ]);
    let text = || {
        let ranges = [(' ', '~'), ('\u{a0}', '\u{7ff}'), ('\u{e000}', '\u{fffd}'), ('\u{10000}', '\u{10ffff}')];
        let c = prop_oneof![Just('\n'), select(ranges.to_vec()).prop_flat_map(|(a, b)| prop::char::range(a, b))];
        vec(c, 0..12).prop_map(|c| {
            let text: String = c.into_iter().collect();
            text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
        })
    };
    let around = select(vec!["", "<!-- - -->", "<?a b?>", " ", "\n"]);
    (declaration, around.clone(), text(), text(), around)
        .prop_map(|(declaration, before, attribute, content, after)| {
            format!("{declaration}{before}<a b=\"{attribute}\"><c/>{content}</a>{after}")
        })
        .prop_map(|s| one(Value::Text(s.clone()), s))
        .boxed()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn bytes(lengths: std::ops::RangeInclusive<usize>) -> Cases {
    vec(any::<u8>(), lengths).prop_map(|b| one(Value::Bytes(b.clone()), format!("\\x{}", hex(&b)))).boxed()
}

fn uuids() -> impl Strategy<Value = (Vec<u8>, String)> {
    vec(any::<u8>(), 16).prop_map(|b| {
        let text = hex(&b);
        let grouped = [&text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..]].join("-");
        (b, grouped)
    })
}

fn of_bfile(directory: String, file: String) -> Case {
    let literal = format!("BFILENAME('{}', '{}')", directory.replace('\'', "''"), file.replace('\'', "''"));
    one(Value::Bfile { directory, file }, literal)
}

/// What a nanosecond is a multiple of; 0 where there is no fraction.
fn step(pg: &PgType) -> u32 {
    match pg {
        PgType::Timestamp { precision } | PgType::TimestampTz { precision } => {
            10_u32.pow(9 - u32::from(precision.unwrap_or(6)))
        }
        PgType::Date => u32::MAX,
        _ => 1,
    }
}

/// Days that both calendars have, with text as PostgreSQL reads it but for the era. A step of `u32::MAX` is midnight.
fn date_times(first_year: i16, step: u32) -> impl Strategy<Value = (DateTime, String)> {
    let year = prop_oneof![first_year..=9999, 1900_i16..2100, first_year..first_year + 3, 9998..=9999_i16];
    let day = prop_oneof![(1..=12_u8, 1..=31_u8), Just((2, 29)), Just((12, 31)), Just((1, 1))];
    let time = prop_oneof![9 => (0..=23_u8, 0..=59_u8, 0..=59_u8), 1 => Just((23, 59, 59))];
    let nanosecond = prop_oneof![9 => 0..1_000_000_000_u32, 1 => Just(0), 1 => Just(999_999_999)];
    let exists = |(year, (month, day), ..): &(i16, (u8, u8), _, _)| {
        let year = i32::from(*year) + i32::from(*year < 0);
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let length = match month {
            2 => 28 + u8::from(leap),
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        *day <= length
    };
    (year.prop_filter("there is no year 0", |y| *y != 0), day, time, nanosecond)
        .prop_filter("a day of the month", exists)
        .prop_map(move |(year, (month, day), (hour, minute, second), nanosecond)| {
            let ((hour, minute, second), nanosecond) = match step {
                u32::MAX => ((0, 0, 0), 0),
                0 => ((hour, minute, second), 0),
                step => ((hour, minute, second), nanosecond / step * step),
            };
            let text =
                format!("{:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{nanosecond:09}", year.abs());
            (DateTime { year, month, day, hour, minute, second, nanosecond }, text)
        })
}

fn era(year: i16) -> &'static str {
    if year < 0 { " BC" } else { "" }
}

/// Oracle's 7 bytes, and 11 where there is a fraction or a TIMESTAMP has it anyway.
fn moment_bytes(at: DateTime) -> Vec<Form> {
    let byte = |n: i16| u8::try_from(n).unwrap();
    let seven = vec![
        byte(at.year / 100 + 100),
        byte(at.year % 100 + 100),
        at.month,
        at.day,
        at.hour + 1,
        at.minute + 1,
        at.second + 1,
    ];
    let eleven = [&seven[..], &at.nanosecond.to_be_bytes()].concat();
    let mut forms = vec![Form::DateBytes(eleven)];
    if at.nanosecond == 0 {
        forms.push(Form::DateBytes(seven));
    }
    forms
}

/// `fraction` is 0 for a DATE.
fn of_moment(pg: &PgType, fraction: u32, zoned: bool) -> Option<Cases> {
    let supported = is_text(pg)
        || matches!(pg, PgType::TimestampTz { .. } | PgType::Timestamp { .. })
        || (*pg == PgType::Date && !zoned);
    if !supported {
        return None;
    }
    let step = match step(pg) {
        u32::MAX => u32::MAX,
        step => step * fraction,
    };
    if zoned {
        let in_text = is_text(pg);
        let minutes = prop_oneof![-959..=959_i16, select(vec![0, 959, -959, -1, 60])];
        return Some(
            (date_times(-4712, step), minutes)
                .prop_map(move |((at, text), minutes)| zoned_case(at, &text, UtcOffset { minutes }, in_text))
                .boxed(),
        );
    }
    let zone = match pg {
        PgType::TimestampTz { .. } => "+05:30",
        _ => "",
    };
    let in_text = is_text(pg);
    Some(
        date_times(-4712, step)
            .prop_map(move |(at, text)| {
                let mut forms = vec![Form::Value(Value::DateTime(at))];
                forms.extend(moment_bytes(at));
                Case { forms, literal: format!("{}{zone}{}", shown(at, &text, in_text), era(at.year)) }
            })
            .boxed(),
    )
}

/// A text shows no fraction that is 0.
fn shown(at: DateTime, text: &str, in_text: bool) -> &str {
    if in_text && at.nanosecond == 0 { &text[..19] } else { text }
}

fn zoned_case(at: DateTime, text: &str, offset: UtcOffset, in_text: bool) -> Case {
    let sign = if offset.minutes < 0 { '-' } else { '+' };
    let zone = format!("{sign}{:02}:{:02}", offset.minutes.abs() / 60, offset.minutes.abs() % 60);
    let mut forms = vec![Form::Value(Value::DateTimeTz(at, offset))];
    // Oracle's calendar, in which the bytes are shifted to UTC, has not the days that PostgreSQL's has here.
    let doubtful = at.year == 1582 && at.month == 10 && (4..=15).contains(&at.day);
    if !doubtful && let Ok(bytes) = at.to_timestamp_tz_bytes(offset) {
        forms.push(Form::DateBytes(bytes.to_vec()));
    }
    Case { forms, literal: format!("{}{zone}{}", shown(at, text, in_text), era(at.year)) }
}

fn of_months(pg: &PgType) -> Option<Cases> {
    let months = prop_oneof![any::<i32>(), -30..30, select(vec![i32::MIN, i32::MAX])];
    let in_text = is_text(pg);
    if *pg != PgType::Interval && !in_text {
        return None;
    }
    let case = move |months: i32| {
        let years = (i64::from(months / 12) + (1 << 31)).to_be_bytes();
        let bytes = [&years[4..], &[u8::try_from(months % 12 + 60).unwrap()]].concat();
        let sign = if months < 0 { '-' } else { '+' };
        let literal = match in_text {
            true => format!("{sign}{:02}-{:02}", months.unsigned_abs() / 12, months.unsigned_abs() % 12),
            false => format!("{months} months"),
        };
        Case { forms: vec![Form::Value(Value::IntervalYm(IntervalYm { months })), Form::IntervalBytes(bytes)], literal }
    };
    Some(months.prop_map(case).boxed())
}

fn of_days(pg: &PgType) -> Option<Cases> {
    let days = prop_oneof![0..=999_999_999_i32, 0..3, Just(999_999_999)];
    let nanoseconds = prop_oneof![9 => 0..86_400_000_000_000_i64, 1 => Just(0), 1 => Just(86_399_999_999_999)];
    let in_text = is_text(pg);
    if *pg != PgType::Interval && !in_text {
        return None;
    }
    let case = move |(days, nanoseconds, negative): (i32, i64, bool)| {
        let nanoseconds = if in_text { nanoseconds } else { nanoseconds / 1000 * 1000 };
        let (seconds, fraction) = (nanoseconds / 1_000_000_000, nanoseconds % 1_000_000_000);
        let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        let way = if negative { -1 } else { 1 };
        let excess = |n: i64| u32::try_from(n * i64::from(way) + (1 << 31)).unwrap().to_be_bytes();
        let small = |n: i64| u8::try_from(n * i64::from(way) + 60).unwrap();
        let time = [small(hours), small(minutes), small(seconds)];
        let bytes = [&excess(days.into())[..], &time, &excess(fraction)].concat();
        let sign = if negative && (days, nanoseconds) != (0, 0) { "-" } else { "+" };
        let literal = match (in_text, fraction) {
            (true, 0) => format!("{sign}{days:02} {hours:02}:{minutes:02}:{seconds:02}"),
            (true, _) => format!("{sign}{days:02} {hours:02}:{minutes:02}:{seconds:02}.{fraction:09}"),
            (false, _) => {
                let (seconds, microseconds) = (nanoseconds / 1_000_000_000, nanoseconds / 1000 % 1_000_000);
                format!("{sign}{days} days {sign}{seconds}.{microseconds:06} seconds")
            }
        };
        let value = IntervalDs { days: days * way, nanoseconds: nanoseconds * i64::from(way) };
        Case { forms: vec![Form::Value(Value::IntervalDs(value)), Form::IntervalBytes(bytes)], literal }
    };
    Some((days, nanoseconds, any::<bool>()).prop_map(case).boxed())
}

fn or_null(cases: Cases) -> BoxedStrategy<Option<Case>> {
    prop::option::weighted(0.8, cases).boxed()
}

/// A composite or an array of values that are there as owned ones; of others NULL.
fn of_parts(parts: Vec<Option<Case>>, whole: fn(Vec<Value>) -> Value, [open, close]: [&str; 2], null: &str) -> Case {
    let parts = parts.into_iter().map(|part| match part.map(|case| (case.forms.into_iter().next(), case.literal)) {
        Some((Some(Form::Value(value)), literal)) => {
            (value, format!("\"{}\"", literal.replace('\\', "\\\\").replace('"', "\\\"")))
        }
        _ => (Value::Null, null.to_owned()),
    });
    let (values, literals): (Vec<_>, Vec<_>) = parts.unzip();
    one(whole(values), format!("{open}{}{close}", literals.join(",")))
}
