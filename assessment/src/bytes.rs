//! Numbers of bytes, for people and for arithmetic.

/// `512 bytes`, `3.4 MB`, `12 GB`: powers of 1024, as Oracle and PostgreSQL count them.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["bytes", "KB", "MB", "GB", "TB"];
    let mut value = as_f64(bytes);
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    if unit == 0 || value >= 100.0 {
        format!("{value:.0} {}", UNITS[unit])
    } else {
        format!("{value:.1} {}", UNITS[unit])
    }
}

/// As a figure to multiply with: exact up to 2^53.
pub(crate) fn as_f64(bytes: u64) -> f64 {
    let (high, low) = (bytes >> 32, bytes & u64::from(u32::MAX));
    f64::from(u32::try_from(high).unwrap_or(u32::MAX)) * 4_294_967_296.0
        + f64::from(u32::try_from(low).unwrap_or(u32::MAX))
}

/// `45 s`, `12 min`, `3.5 h`, `2.0 days`.
pub(crate) fn duration(seconds: f64) -> String {
    match seconds {
        ..120.0 => format!("{seconds:.0} s"),
        ..7_200.0 => format!("{:.0} min", seconds / 60.0),
        ..172_800.0 => format!("{:.1} h", seconds / 3_600.0),
        _ => format!("{:.1} days", seconds / 86_400.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn for_people() {
        for (bytes, text) in [
            (0, "0 bytes"),
            (1023, "1023 bytes"),
            (1536, "1.5 KB"),
            (1 << 30, "1.0 GB"),
            (512 << 30, "512 GB"),
            (u64::MAX, "16777216 TB"),
        ] {
            assert_eq!(size(bytes), text);
        }
        for (seconds, text) in [(3.0, "3 s"), (600.0, "10 min"), (9_000.0, "2.5 h"), (1_000_000.0, "11.6 days")] {
            assert_eq!(duration(seconds), text);
        }
    }

    #[test]
    fn figures_keep_their_value() {
        for (bytes, expected) in [(0, 0.0), (4_294_967_296, 4_294_967_296.0), (1 << 50, 1_125_899_906_842_624.0)] {
            assert!((as_f64(bytes) - expected).abs() < f64::EPSILON);
        }
    }
}
