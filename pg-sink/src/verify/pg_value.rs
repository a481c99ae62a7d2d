//! PostgreSQL's binary values in readable form, for reports.

use crate::quarantine::hex;
use std::fmt::Write;
use type_convert::PgType;

/// A value for people; bytes that are no value of the type are shown in hexadecimal.
pub(super) fn readable(ty: &PgType, bytes: &[u8]) -> String {
    try_readable(ty, bytes).unwrap_or_else(|| format!("\\x{}", hex(bytes)))
}

/// A value as PostgreSQL reads it from a literal, to the last bit; `None` where that is not written here.
pub(super) fn input(ty: &PgType, bytes: &[u8]) -> Option<String> {
    let utf8 = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).ok();
    match ty {
        PgType::Text
        | PgType::Varchar { .. }
        | PgType::Bpchar { .. }
        | PgType::Json
        | PgType::Xml
        | PgType::Citext
        | PgType::Enum(_) => utf8(bytes),
        PgType::Jsonb => utf8(bytes.get(1..)?),
        PgType::Bytea => Some(format!("\\x{}", hex(bytes))),
        // Its text form is its binary form in hexadecimal.
        PgType::Geometry => Some(hex(bytes)),
        PgType::Float4 => Some(float(f32::from_be_bytes(bytes.try_into().ok()?))),
        PgType::Float8 => Some(float(f64::from_be_bytes(bytes.try_into().ok()?))),
        PgType::Interval => {
            let (micros, rest) = bytes.split_first_chunk::<8>()?;
            let (days, months) = rest.split_first_chunk::<4>()?;
            let micros = i64::from_be_bytes(*micros);
            let (days, months) = (i32::from_be_bytes(*days), i32::from_be_bytes(months.try_into().ok()?));
            let (sign, micros) = (if micros < 0 { "-" } else { "" }, micros.unsigned_abs());
            let (seconds, fraction) = (micros / 1_000_000, micros % 1_000_000);
            let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
            Some(format!("{months} mons {days} days {sign}{hours}:{minutes:02}:{seconds:02}.{fraction:06}"))
        }
        PgType::Composite(_) | PgType::Array(_) | PgType::Vector { .. } => None,
        _ => try_readable(ty, bytes),
    }
}

fn float(value: impl std::fmt::Display) -> String {
    // Otherwise both languages spell a number alike, with as many digits as it takes.
    match value.to_string().as_str() {
        "inf" => "Infinity".to_owned(),
        "-inf" => "-Infinity".to_owned(),
        number => number.to_owned(),
    }
}

fn try_readable(ty: &PgType, bytes: &[u8]) -> Option<String> {
    Some(match ty {
        PgType::Bool => (*bytes == [1]).to_string(),
        PgType::Int2 => i16::from_be_bytes(bytes.try_into().ok()?).to_string(),
        PgType::Int4 => i32::from_be_bytes(bytes.try_into().ok()?).to_string(),
        PgType::Int8 => i64::from_be_bytes(bytes.try_into().ok()?).to_string(),
        PgType::Float4 => f32::from_be_bytes(bytes.try_into().ok()?).to_string(),
        PgType::Float8 => f64::from_be_bytes(bytes.try_into().ok()?).to_string(),
        PgType::Numeric { .. } => numeric(bytes)?,
        PgType::Text | PgType::Varchar { .. } | PgType::Bpchar { .. } | PgType::Json | PgType::Xml => {
            String::from_utf8_lossy(bytes).into_owned()
        }
        // A byte for the version of the form comes first.
        PgType::Jsonb => String::from_utf8_lossy(bytes.get(1..)?).into_owned(),
        PgType::Date => date(i64::from(i32::from_be_bytes(bytes.try_into().ok()?)))?,
        PgType::Timestamp { .. } => timestamp(i64::from_be_bytes(bytes.try_into().ok()?))?,
        PgType::TimestampTz { .. } => format!("{}+00", timestamp(i64::from_be_bytes(bytes.try_into().ok()?))?),
        PgType::Interval => {
            let (micros, rest) = bytes.split_first_chunk::<8>()?;
            let (days, months) = rest.split_first_chunk::<4>()?;
            let micros = i64::from_be_bytes(*micros);
            let (days, months) = (i32::from_be_bytes(*days), i32::from_be_bytes(months.try_into().ok()?));
            format!("{months} mons {days} days {} µs", micros)
        }
        PgType::Uuid => {
            let text = hex(bytes);
            let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|range| text.get(range).unwrap_or_default());
            parts.join("-")
        }
        _ => return None,
    })
}

fn numeric(bytes: &[u8]) -> Option<String> {
    let mut shorts = bytes.chunks_exact(2).map(|c| [c[0], c[1]]);
    let mut next = || shorts.next();
    let (count, weight) = (u16::from_be_bytes(next()?), i32::from(i16::from_be_bytes(next()?)));
    let (sign, scale) = (u16::from_be_bytes(next()?), usize::from(u16::from_be_bytes(next()?)));
    match sign {
        0xC000 => return Some("NaN".to_owned()),
        0xD000 => return Some("Infinity".to_owned()),
        0xF000 => return Some("-Infinity".to_owned()),
        _ => {}
    }
    let digits: Vec<u16> = (0..count).map(|_| next().map(u16::from_be_bytes)).collect::<Option<_>>()?;
    let digit = |at: i32| usize::try_from(at).ok().and_then(|i| digits.get(i)).copied().unwrap_or(0);
    let mut text = if sign == 0x4000 { "-".to_owned() } else { String::new() };
    if weight < 0 {
        text.push('0');
    }
    for at in 0..=weight {
        let _ = if at == 0 { write!(text, "{}", digit(at)) } else { write!(text, "{:04}", digit(at)) };
    }
    if scale > 0 {
        let mut fraction = String::new();
        let mut at = weight + 1;
        // The first group after the point has index weight + 1, which is negative for small numbers: those groups are 0.
        while fraction.len() < scale {
            let _ = write!(fraction, "{:04}", if at < 0 { 0 } else { digit(at) });
            at += 1;
        }
        fraction.truncate(scale);
        text.push('.');
        text += &fraction;
    }
    Some(text)
}

fn timestamp(micros: i64) -> Option<String> {
    match micros {
        i64::MAX => return Some("infinity".to_owned()),
        i64::MIN => return Some("-infinity".to_owned()),
        _ => {}
    }
    const DAY: i64 = 86_400_000_000;
    let time = micros.rem_euclid(DAY);
    let (seconds, fraction) = (time / 1_000_000, time % 1_000_000);
    let mut text =
        format!("{} {:02}:{:02}:{:02}", date(micros.div_euclid(DAY))?, seconds / 3600, seconds / 60 % 60, seconds % 60);
    if fraction != 0 {
        let _ = write!(text, ".{fraction:06}");
    }
    Some(text)
}

/// A date from its days since 2000-01-01, in the proleptic Gregorian calendar.
fn date(days: i64) -> Option<String> {
    match i32::try_from(days) {
        Ok(i32::MAX) => return Some("infinity".to_owned()),
        Ok(i32::MIN) => return Some("-infinity".to_owned()),
        _ => {}
    }
    // Days since 0000-03-01; eras of 400 years have 146 097 days.
    let days = days.checked_add(730_425)?;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    Some(if year > 0 {
        format!("{year:04}-{month:02}-{day:02}")
    } else {
        format!("{:04}-{month:02}-{day:02} BC", 1 - year)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shorts(shorts: &[u16]) -> Vec<u8> {
        shorts.iter().flat_map(|s| s.to_be_bytes()).collect()
    }

    #[test]
    fn numerics_are_read_digit_by_digit() {
        let minus_one = 0xffff;
        for (bytes, text) in [
            (shorts(&[0, 0, 0, 0]), "0"),
            (shorts(&[0, 0, 0, 2]), "0.00"),
            (shorts(&[1, 0, 0x4000, 0, 7]), "-7"),
            (shorts(&[2, 0, 0, 2, 1000, 5000]), "1000.50"),
            (shorts(&[1, 2, 0, 0, 12]), "1200000000"),
            (shorts(&[1, minus_one, 0, 4, 5]), "0.0005"),
            (shorts(&[1, 0xfffd, 0, 12, 1]), "0.000000000001"),
            (shorts(&[3, 1, 0x4000, 3, 1, 2, 3450]), "-10002.345"),
            (shorts(&[0, 0, 0xC000, 0]), "NaN"),
            (shorts(&[0, 0, 0xF000, 0]), "-Infinity"),
        ] {
            assert_eq!(readable(&PgType::Numeric { digits: None }, &bytes), text);
        }
    }

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (days, text) in [
            (0, "2000-01-01"),
            (59, "2000-02-29"),
            (60, "2000-03-01"),
            (-1, "1999-12-31"),
            (8825, "2024-02-29"),
            (-730_119, "0001-01-01"),
            (-730_120, "0001-12-31 BC"),
            (2_921_939, "9999-12-31"),
        ] {
            assert_eq!(readable(&PgType::Date, &i32::to_be_bytes(days)), text);
        }
        let micros = i64::to_be_bytes(-1);
        assert_eq!(readable(&PgType::Timestamp { precision: None }, &micros), "1999-12-31 23:59:59.999999");
    }

    #[test]
    fn bytes_that_are_no_value_are_shown_as_they_are() {
        assert_eq!(readable(&PgType::Int4, &[1, 2]), "\\x0102");
        assert_eq!(readable(&PgType::Numeric { digits: None }, &[0, 9, 0]), "\\x000900");
    }
}
