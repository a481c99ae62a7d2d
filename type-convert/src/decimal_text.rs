use crate::NumberError;

/// Where the first significant digit is kept: room for the leading zeros that complete a group of four.
const START: usize = 3;

/// Oracle's 20 base-100 digits hold at most 40 decimal ones.
const MAX_DIGITS: usize = 40;

/// The parts of decimal text, its digits not yet grouped.
pub(crate) enum DecimalText {
    Finite(Digits),
    Infinite { negative: bool },
}

/// Significant digits `d1 d2 …` of the number ±0.d1d2… × 10^`point`, without leading and trailing zeros.
pub(crate) struct Digits {
    pub(crate) negative: bool,
    /// Power of ten; meaningless where there is no digit.
    pub(crate) point: i16,
    len: usize,
    buffer: [u8; START + MAX_DIGITS + 5],
}

impl DecimalText {
    /// Reads sign, digits with one point, exponent; `~` and `-~` for ±infinity.
    pub(crate) fn parse(text: &[u8]) -> Result<Self, NumberError> {
        let (negative, unsigned) = match text {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            _ => (false, text),
        };
        if unsigned == b"~" {
            return Ok(DecimalText::Infinite { negative });
        }
        let mut buffer = [0; START + MAX_DIGITS + 5];
        let (mut len, mut point) = (0_usize, 0_i32);
        // Zeros that become significant only where another digit follows.
        let mut pending = 0_usize;
        let (mut any, mut in_fraction) = (false, false);
        let mut exponent = 0;
        for (i, &c) in unsigned.iter().enumerate() {
            let digit = c.wrapping_sub(b'0');
            if digit <= 9 {
                any = true;
                if digit == 0 {
                    if len == 0 {
                        point -= i32::from(in_fraction);
                        continue;
                    }
                    pending += 1;
                } else {
                    if len + pending >= MAX_DIGITS {
                        return Err(NumberError::new("more than 40 significant digits"));
                    }
                    len += pending;
                    pending = 0;
                    buffer[START + len] = digit;
                    len += 1;
                }
                point += i32::from(!in_fraction);
            } else if c == b'.' && !in_fraction {
                in_fraction = true;
            } else if (c == b'e' || c == b'E') && any {
                exponent = parse_exponent(&unsigned[i + 1..])?;
                break;
            } else {
                return Err(NumberError::new("a character that belongs to no decimal number"));
            }
        }
        if !any {
            return Err(NumberError::new("no digit"));
        }
        if len == 0 {
            return Ok(DecimalText::Finite(Digits { negative: false, point: 0, len, buffer }));
        }
        match i16::try_from(point.saturating_add(exponent)) {
            Ok(point @ -129..=126) => Ok(DecimalText::Finite(Digits { negative, point, len, buffer })),
            _ => Err(NumberError::new("outside 1E-130 to 1E+126")),
        }
    }
}

fn parse_exponent(text: &[u8]) -> Result<i32, NumberError> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(NumberError::new("an exponent without digits"));
    }
    let magnitude = digits.iter().fold(0_i32, |n, d| n.saturating_mul(10).saturating_add(i32::from(d - b'0')));
    Ok(if negative { -magnitude } else { magnitude })
}

impl Digits {
    pub(crate) fn is_zero(&self) -> bool {
        self.len == 0
    }

    /// The digits padded with zeros to whole groups of `size` (2 or 4) around the decimal point, and the power of
    /// 10^`size` of the first group. Neither the first nor the last group is zero.
    pub(crate) fn groups(&self, size: u8) -> (i16, &[u8]) {
        let first_power = self.point - 1;
        let width = i16::from(size);
        let padding = width - 1 - first_power.rem_euclid(width);
        let padding = usize::try_from(padding).unwrap_or_default();
        let width = usize::from(size);
        let count = (padding + self.len).div_ceil(width);
        let start = START - padding;
        (first_power.div_euclid(i16::from(size)), &self.buffer[start..start + count * width])
    }
}
