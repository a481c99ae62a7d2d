//! Changes as bytes, as they wait for their transaction's end in memory or on disk.
//!
//! The form is of no version and lives no longer than the process that wrote it.

use crate::{CharacterUnit, ColumnImage, Ddl, DdlKind, LobData, LobKind, LobPatch, LobPiece, Operation};
use type_convert::{DateTime, IntervalDs, IntervalYm, Number, Scn, UtcOffset, Value};

/// Takes values off the front of bytes; `None` where they are not what was written.
pub(crate) struct Decoder<'a>(pub(crate) &'a [u8]);

pub(crate) fn put_number(out: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        out.push(n.to_le_bytes()[0] | 0x80);
        n >>= 7;
    }
    out.push(n.to_le_bytes()[0]);
}

pub(crate) fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_number(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

pub(crate) fn put_optional(out: &mut Vec<u8>, text: Option<&str>) {
    out.push(u8::from(text.is_some()));
    if let Some(text) = text {
        put_bytes(out, text.as_bytes());
    }
}

impl<'a> Decoder<'a> {
    pub(crate) fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    pub(crate) fn number(&mut self) -> Option<u64> {
        let (mut n, mut shift) = (0u64, 0u32);
        loop {
            let byte = self.byte()?;
            n |= u64::from(byte & 0x7f).checked_shl(shift)?;
            if byte < 0x80 {
                return Some(n);
            }
            shift += 7;
        }
    }

    pub(crate) fn size(&mut self) -> Option<usize> {
        usize::try_from(self.number()?).ok()
    }

    pub(crate) fn fixed<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*first)
    }

    pub(crate) fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = self.size()?;
        let (first, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(first)
    }

    pub(crate) fn text(&mut self) -> Option<String> {
        String::from_utf8(self.bytes()?.to_vec()).ok()
    }

    pub(crate) fn optional(&mut self) -> Option<Option<String>> {
        match self.byte()? {
            0 => Some(None),
            _ => self.text().map(Some),
        }
    }
}

const NOT_LOGGED: u8 = 0;
const LOB_NOT_LOGGED: u8 = 1;
const UNSUPPORTED: u8 = 2;
const LOB_PATCH: u8 = 3;
/// Values have this and what follows.
const NULL: u8 = 8;
const NUMBER: u8 = 9;
const FLOAT: u8 = 10;
const DOUBLE: u8 = 11;
const TEXT: u8 = 12;
const BYTES: u8 = 13;
const DATE_TIME: u8 = 14;
const DATE_TIME_TZ: u8 = 15;
const INTERVAL_YM: u8 = 16;
const INTERVAL_DS: u8 = 17;
const FALSE: u8 = 18;
const TRUE: u8 = 19;
const BFILE: u8 = 20;
const OBJECT: u8 = 21;
const COLLECTION: u8 = 22;

fn put_date_time(out: &mut Vec<u8>, at: &DateTime) {
    out.extend_from_slice(&at.year.to_le_bytes());
    out.extend_from_slice(&[at.month, at.day, at.hour, at.minute, at.second]);
    out.extend_from_slice(&at.nanosecond.to_le_bytes());
}

pub(crate) fn put_value(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => out.push(NULL),
        Value::Number(number) => {
            out.push(NUMBER);
            put_bytes(out, number.as_bytes());
        }
        Value::Float(f) => {
            out.push(FLOAT);
            out.extend_from_slice(&f.to_le_bytes());
        }
        Value::Double(d) => {
            out.push(DOUBLE);
            out.extend_from_slice(&d.to_le_bytes());
        }
        Value::Text(text) => {
            out.push(TEXT);
            put_bytes(out, text.as_bytes());
        }
        Value::Bytes(bytes) => {
            out.push(BYTES);
            put_bytes(out, bytes);
        }
        Value::DateTime(at) => {
            out.push(DATE_TIME);
            put_date_time(out, at);
        }
        Value::DateTimeTz(at, offset) => {
            out.push(DATE_TIME_TZ);
            put_date_time(out, at);
            out.extend_from_slice(&offset.minutes.to_le_bytes());
        }
        Value::IntervalYm(interval) => {
            out.push(INTERVAL_YM);
            out.extend_from_slice(&interval.months.to_le_bytes());
        }
        Value::IntervalDs(interval) => {
            out.push(INTERVAL_DS);
            out.extend_from_slice(&interval.days.to_le_bytes());
            out.extend_from_slice(&interval.nanoseconds.to_le_bytes());
        }
        Value::Boolean(b) => out.push(if *b { TRUE } else { FALSE }),
        Value::Bfile { directory, file } => {
            out.push(BFILE);
            put_bytes(out, directory.as_bytes());
            put_bytes(out, file.as_bytes());
        }
        Value::Object(parts) | Value::Collection(parts) => {
            out.push(if matches!(value, Value::Object(_)) { OBJECT } else { COLLECTION });
            put_number(out, parts.len() as u64);
            parts.iter().for_each(|part| put_value(out, part));
        }
        other => unreachable!("a kind of value that this version does not have: {other:?}"),
    }
}

impl Decoder<'_> {
    fn date_time(&mut self) -> Option<DateTime> {
        let year = i16::from_le_bytes(self.fixed()?);
        let [month, day, hour, minute, second] = self.fixed()?;
        Some(DateTime { year, month, day, hour, minute, second, nanosecond: u32::from_le_bytes(self.fixed()?) })
    }

    pub(crate) fn value(&mut self) -> Option<Value> {
        let tag = self.byte()?;
        self.value_of(tag)
    }

    fn value_of(&mut self, tag: u8) -> Option<Value> {
        Some(match tag {
            NULL => Value::Null,
            NUMBER => Value::Number(Number::from_bytes(self.bytes()?).ok()?),
            FLOAT => Value::Float(f32::from_le_bytes(self.fixed()?)),
            DOUBLE => Value::Double(f64::from_le_bytes(self.fixed()?)),
            TEXT => Value::Text(self.text()?),
            BYTES => Value::Bytes(self.bytes()?.to_vec()),
            DATE_TIME => Value::DateTime(self.date_time()?),
            DATE_TIME_TZ => {
                let at = self.date_time()?;
                Value::DateTimeTz(at, UtcOffset { minutes: i16::from_le_bytes(self.fixed()?) })
            }
            INTERVAL_YM => Value::IntervalYm(IntervalYm { months: i32::from_le_bytes(self.fixed()?) }),
            INTERVAL_DS => {
                let days = i32::from_le_bytes(self.fixed()?);
                Value::IntervalDs(IntervalDs { days, nanoseconds: i64::from_le_bytes(self.fixed()?) })
            }
            FALSE => Value::Boolean(false),
            TRUE => Value::Boolean(true),
            BFILE => Value::Bfile { directory: self.text()?, file: self.text()? },
            OBJECT | COLLECTION => {
                let parts = (0..self.number()?).map(|_| self.value()).collect::<Option<_>>()?;
                if tag == OBJECT { Value::Object(parts) } else { Value::Collection(parts) }
            }
            _ => return None,
        })
    }

    fn images(&mut self) -> Option<Vec<ColumnImage>> {
        let count = self.size()?;
        // What was written has a byte for each at least.
        let mut images = Vec::with_capacity(count.min(self.0.len()));
        for _ in 0..count {
            images.push(match self.byte()? {
                NOT_LOGGED => ColumnImage::NotLogged,
                LOB_NOT_LOGGED => ColumnImage::LobNotLogged,
                UNSUPPORTED => ColumnImage::Unsupported,
                LOB_PATCH => ColumnImage::LobPatch(self.patch()?),
                tag => ColumnImage::Value(self.value_of(tag)?),
            });
        }
        Some(images)
    }

    pub(crate) fn operation(&mut self) -> Option<Operation> {
        Some(match self.byte()? {
            INSERT => Operation::Insert { after: self.images()? },
            UPDATE => Operation::Update { before: self.images()?, after: self.images()? },
            DELETE => Operation::Delete { before: self.images()? },
            TRUNCATE => Operation::Truncate,
            DDL => {
                let kind = *DDL_KINDS.get(usize::from(self.byte()?))?;
                Operation::Ddl(Ddl { kind, text: self.text()?, object_version: self.number()? })
            }
            _ => return None,
        })
    }

    pub(crate) fn scn(&mut self) -> Option<Scn> {
        self.number().map(Scn)
    }
}

const INSERT: u8 = 0;
const UPDATE: u8 = 1;
const DELETE: u8 = 2;
const TRUNCATE: u8 = 3;
const DDL: u8 = 4;

const DDL_KINDS: [DdlKind; 8] = [
    DdlKind::Other,
    DdlKind::CreateTable,
    DdlKind::AlterTable,
    DdlKind::DropTable,
    DdlKind::Rename,
    DdlKind::Index,
    DdlKind::Comment,
    DdlKind::Privilege,
];

fn put_images(out: &mut Vec<u8>, images: &[ColumnImage]) {
    put_number(out, images.len() as u64);
    for image in images {
        match image {
            ColumnImage::Value(value) => put_value(out, value),
            ColumnImage::NotLogged => out.push(NOT_LOGGED),
            ColumnImage::LobNotLogged => out.push(LOB_NOT_LOGGED),
            ColumnImage::Unsupported => out.push(UNSUPPORTED),
            ColumnImage::LobPatch(patch) => {
                out.push(LOB_PATCH);
                put_patch(out, patch);
            }
        }
    }
}

pub(crate) fn put_operation(out: &mut Vec<u8>, operation: &Operation) {
    match operation {
        Operation::Insert { after } => {
            out.push(INSERT);
            put_images(out, after);
        }
        Operation::Update { before, after } => {
            out.push(UPDATE);
            put_images(out, before);
            put_images(out, after);
        }
        Operation::Delete { before } => {
            out.push(DELETE);
            put_images(out, before);
        }
        Operation::Truncate => out.push(TRUNCATE),
        Operation::Ddl(ddl) => {
            out.push(DDL);
            let kind = (0u8..).zip(DDL_KINDS).find(|(_, kind)| *kind == ddl.kind).map_or(0, |(n, _)| n);
            out.push(kind);
            put_bytes(out, ddl.text.as_bytes());
            put_number(out, ddl.object_version);
        }
    }
}

const WRITE: u8 = 0;
const TRIM: u8 = 1;
const ERASE: u8 = 2;

pub(crate) fn put_patch(out: &mut Vec<u8>, patch: &LobPatch) {
    out.push(match patch.kind() {
        LobKind::Blob => 0,
        LobKind::Clob => 1,
        LobKind::NClob => 2,
    });
    out.push(match patch.unit() {
        None => 0,
        Some(CharacterUnit::Utf16) => 1,
        Some(CharacterUnit::CodePoint) => 2,
    });
    put_number(out, patch.pieces().len() as u64);
    for piece in patch.pieces() {
        let (tag, one, other) = match piece {
            LobPiece::Write { offset, length, .. } => (WRITE, *offset, *length),
            LobPiece::Trim { length } => (TRIM, *length, 0),
            LobPiece::Erase { amount, offset } => (ERASE, *offset, *amount),
        };
        out.push(tag);
        put_number(out, one);
        put_number(out, other);
        if let LobPiece::Write { data, .. } = piece {
            match data {
                LobData::Text(text) => put_bytes(out, text.as_bytes()),
                LobData::Bytes(bytes) => put_bytes(out, bytes),
            }
        }
    }
}

impl Decoder<'_> {
    pub(crate) fn patch(&mut self) -> Option<LobPatch> {
        let kind = match self.byte()? {
            0 => LobKind::Blob,
            1 => LobKind::Clob,
            2 => LobKind::NClob,
            _ => return None,
        };
        let unit = match self.byte()? {
            0 => None,
            1 => Some(CharacterUnit::Utf16),
            2 => Some(CharacterUnit::CodePoint),
            _ => return None,
        };
        let pieces = (0..self.number()?).map(|_| self.piece(kind)).collect::<Option<_>>()?;
        Some(LobPatch::from_parts(kind, unit, pieces))
    }

    fn piece(&mut self, kind: LobKind) -> Option<LobPiece> {
        let (tag, one, other) = (self.byte()?, self.number()?, self.number()?);
        Some(match tag {
            WRITE => {
                let data = match kind {
                    LobKind::Blob => LobData::Bytes(self.bytes()?.to_vec()),
                    LobKind::Clob | LobKind::NClob => LobData::Text(self.text()?),
                };
                LobPiece::Write { offset: one, length: other, data }
            }
            TRIM => LobPiece::Trim { length: one },
            ERASE => LobPiece::Erase { offset: one, amount: other },
            _ => return None,
        })
    }
}
