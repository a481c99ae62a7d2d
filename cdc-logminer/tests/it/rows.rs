//! Random rows, written as LogMiner writes them: scanning gives their literals, decoding and reading their values.
//!
//! `REDO_ROWS` says how many (`make soak`: 10 000 000), `REDO_SEED` which.

use cdc_logminer::{
    Assignments, ColumnImage, KnownColumns, Operation, OperationCode, RedoRow, Scanner, Statement, StatementKind,
    TableColumns, TableSet,
};
use schema_map::{ObjectPath, OracleIdent};
use std::{collections::HashSet, fmt::Write as _, sync::Arc};
use type_convert::{
    CollectionType, DateTime, IntervalDs, IntervalYm, LengthUnit, ObjectType, OracleType, UtcOffset, Value,
    literal::{self, Readable, readable},
};

/// A small random number generator (SplitMix64): the same seed gives the same rows everywhere.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// 0 to `end` − 1.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).expect("below a usize")
    }

    pub(crate) fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    pub(crate) fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }

    fn small<T: TryFrom<usize>>(&mut self, end: usize) -> T {
        T::try_from(self.below(end)).ok().expect("it fits")
    }

    fn text(&mut self) -> String {
        const PIECES: [&str; 30] = [
            "'",
            "''",
            "a",
            "it's",
            "\n",
            "\r\n",
            "\t",
            "\0",
            ";",
            "; ",
            "\\",
            "\\0416",
            "||",
            "' || '",
            ",",
            "','",
            ")",
            "');",
            "\"",
            " and \"A\" = '",
            " where ",
            "NULL",
            "ä",
            "Ж",
            "😀",
            "\u{10ffff}",
            " ",
            "UNISTR('",
            "--",
            "/*",
        ];
        let pieces = if self.percent(1) { 500 } else { 1 + self.below(8) };
        (0..pieces).map(|_| self.pick(&PIECES)).collect()
    }

    fn bytes(&mut self) -> Vec<u8> {
        let length = if self.percent(2) { 4000 } else { 1 + self.below(20) };
        (0..length).map(|_| self.small(256)).collect()
    }

    fn moment(&mut self, fraction: bool) -> DateTime {
        loop {
            let year = if self.percent(10) { -self.small::<i16>(4712) - 1 } else { self.small::<i16>(9999) + 1 };
            let (month, day) = (1 + self.small::<u8>(12), 1 + self.small::<u8>(31));
            let nanosecond = if fraction && self.percent(70) { self.small(1_000_000_000) } else { 0 };
            let time = (self.small(24), self.small(60), self.small(60));
            if let Ok(at) = DateTime::new(year, month, day, time.0, time.1, time.2, nanosecond) {
                return at;
            }
        }
    }

    fn number(&mut self) -> String {
        let digits: String =
            (0..1 + self.below(20)).map(|_| char::from(b'0' + u8::try_from(self.below(10)).unwrap())).collect();
        let sign = self.pick(&["", "-"]);
        match self.below(4) {
            0 => format!("{sign}{digits}.{}", 1 + self.below(100_000)),
            1 => format!("{sign}.{digits}1"),
            _ => format!("{sign}{digits}"),
        }
    }

    fn value(&mut self, ty: &OracleType) -> Value {
        match ty {
            OracleType::Number { .. } => Value::Number(self.number().parse().expect("a number")),
            OracleType::BinaryFloat => Value::Float(f32::from_bits(self.small(u32::MAX as usize))),
            OracleType::BinaryDouble => Value::Double(f64::from_bits(self.next())),
            OracleType::Raw { .. } | OracleType::Blob => Value::Bytes(self.bytes()),
            OracleType::Date => Value::DateTime(self.moment(false)),
            OracleType::Timestamp { .. } => Value::DateTime(self.moment(true)),
            OracleType::TimestampTz { .. } => {
                Value::DateTimeTz(self.moment(true), UtcOffset { minutes: self.small::<i16>(1919) - 959 })
            }
            OracleType::TimestampLtz { .. } => Value::DateTimeTz(self.moment(true), UtcOffset::UTC),
            OracleType::IntervalYm { .. } => Value::IntervalYm(IntervalYm { months: self.small(1_000_000) }),
            OracleType::IntervalDs { .. } => {
                let (days, nanoseconds) = (self.small::<i32>(999_999_999), self.small::<i64>(86_400_000_000_000));
                let sign = if self.percent(50) { -1 } else { 1 };
                Value::IntervalDs(IntervalDs { days: sign * days, nanoseconds: i64::from(sign) * nanoseconds })
            }
            OracleType::Boolean => Value::Boolean(self.percent(50)),
            OracleType::BFile => Value::Bfile { directory: self.text(), file: self.text() },
            OracleType::Object(of) => {
                Value::Object(of.attributes.iter().map(|(_, ty)| self.value_or_null(ty)).collect())
            }
            OracleType::Collection(of) => {
                Value::Collection((0..self.below(4)).map(|_| self.value_or_null(&of.element)).collect())
            }
            OracleType::Clob | OracleType::NClob if self.percent(10) => Value::Text(String::new()),
            _ => Value::Text(self.text()),
        }
    }

    fn value_or_null(&mut self, ty: &OracleType) -> Value {
        if self.percent(15) { Value::Null } else { self.value(ty) }
    }

    fn ty(&mut self, nested: bool) -> OracleType {
        match self.below(if nested { 20 } else { 18 }) {
            0 | 1 => OracleType::Number { precision: None, scale: None },
            2 => OracleType::BinaryFloat,
            3 => OracleType::BinaryDouble,
            4 | 5 => OracleType::Varchar2 { length: 4000, unit: LengthUnit::Byte },
            6 => OracleType::NVarchar2 { length: 2000 },
            7 => OracleType::Char { length: 2000, unit: LengthUnit::Byte },
            8 => OracleType::Clob,
            9 => OracleType::NClob,
            10 => OracleType::Raw { length: 2000 },
            11 => OracleType::Blob,
            12 => OracleType::Date,
            13 => OracleType::Timestamp { precision: 9 },
            14 => OracleType::TimestampTz { precision: 9 },
            15 => OracleType::TimestampLtz { precision: 9 },
            16 => self
                .pick(&[
                    &OracleType::IntervalYm { year_precision: 9 },
                    &OracleType::IntervalDs { day_precision: 9, second_precision: 9 },
                ])
                .clone(),
            17 => self.pick(&[&OracleType::Boolean, &OracleType::Json, &OracleType::Long, &OracleType::BFile]).clone(),
            18 => OracleType::Object(Box::new(ObjectType {
                owner: "MDSYS".to_owned(),
                name: self.name(),
                attributes: (0..1 + self.below(3)).map(|_| (self.name(), self.ty(true))).collect(),
            })),
            _ => OracleType::Collection(Box::new(CollectionType {
                owner: self.name(),
                name: "LIST".to_owned(),
                limit: None,
                element: self.ty(true),
            })),
        }
    }

    /// Any characters but the two that Oracle's names cannot have.
    fn name(&mut self) -> String {
        const PIECES: [&str; 16] =
            ["ID", "id", "Id", "COL 1", "OBJ# ", ".", ",", "(", ")", "'", " = ", "' and ", "ä", "😀", "\n", "--"];
        loop {
            let name: String = (0..1 + self.below(3)).map(|_| self.pick(&PIECES)).collect();
            if OracleIdent::new(name.as_str()).is_ok() {
                return name;
            }
        }
    }

    fn table(&mut self) -> TableColumns {
        let path = ObjectPath { schema: ident(&self.name()), name: ident(&self.name()) };
        let mut names = HashSet::new();
        let wanted = if self.percent(5) { 100 } else { 1 + self.below(12) };
        let columns = (0..wanted).map(|_| (self.name(), self.ty(true))).filter(|(name, _)| names.insert(name.clone()));
        let columns = columns.map(|(name, ty)| (ident(&name), ty)).collect();
        TableColumns { path: Arc::new(path), columns }
    }

    /// The same text or the same bytes in several pieces, as LogMiner writes what is long.
    fn in_pieces(&mut self, text: &str, value: &Value) -> String {
        let joint = self.pick(&["||", " || "]);
        match value {
            Value::Bytes(bytes) if bytes.len() > 1 && self.percent(30) => {
                let digits = text.strip_prefix("HEXTORAW('").and_then(|text| text.strip_suffix("')")).expect("digits");
                let (first, second) = digits.split_at(2 * self.below(bytes.len() + 1));
                format!("HEXTORAW('{first}'){joint}HEXTORAW('{second}')")
            }
            Value::Text(text) if !text.is_empty() && self.percent(20) => {
                // UTF-16 throughout: a piece may end within a surrogate pair, its other half begins the next UNISTR.
                let units: Vec<u16> = text.encode_utf16().collect();
                let mut pieces: Vec<String> = Vec::new();
                let mut rest = units.as_slice();
                while !rest.is_empty() {
                    let (piece, after) = rest.split_at(1 + self.below(rest.len()));
                    rest = after;
                    let plain = String::from_utf16(piece).ok().filter(|_| {
                        // Not between the halves of a pair.
                        let half = |unit: Option<&u16>| unit.is_some_and(|unit| (0xD800..0xE000).contains(unit));
                        !half(piece.first()) && !half(rest.first().filter(|unit| **unit >= 0xDC00))
                    });
                    pieces.push(match plain.filter(|_| self.percent(50)) {
                        Some(plain) => format!("'{}'", plain.replace('\'', "''")),
                        None => {
                            let mut escaped = "UNISTR('".to_owned();
                            piece.iter().for_each(|unit| write!(escaped, "\\{unit:04X}").expect("text"));
                            escaped + "')"
                        }
                    });
                }
                pieces.join(joint)
            }
            _ => text.to_owned(),
        }
    }
}

fn ident(name: &str) -> OracleIdent {
    OracleIdent::new(name).expect("a name")
}

/// What a column of a statement should be read as.
struct Column {
    position: usize,
    literal: String,
    image: ColumnImage,
}

impl Random {
    fn row(&mut self, table: &TableColumns, all: bool) -> Vec<Column> {
        let mut columns = Vec::new();
        for (position, (_, ty)) in table.columns.iter().enumerate() {
            if !all && self.percent(50) {
                continue;
            }
            let (literal, image) = if self.percent(4) {
                ("Unsupported Type".to_owned(), ColumnImage::Unsupported)
            } else {
                let value = self.value_or_null(ty);
                let literal = literal::format(&value, ty);
                let literal = match ty {
                    OracleType::Json => literal,
                    _ => self.in_pieces(&literal, &value),
                };
                (literal, ColumnImage::Value(value))
            };
            columns.push(Column { position, literal, image });
        }
        columns
    }
}

const ROW_ID: &str = "AAAWsGAAHAAAAFmAAA";

fn write_statement(
    random: &mut Random,
    table: &TableColumns,
    kind: StatementKind,
    set: &[Column],
    condition: &[Column],
) -> (String, bool) {
    let alias = random.percent(10);
    let (before, prefix) = if alias { (" a", "a.") } else { ("", "") };
    let name = |column: &Column| format!("{prefix}{}", table.columns[column.position].0.quoted());
    let path = format!("{}.{}", table.path.schema.quoted(), table.path.name.quoted());
    let mut sql = match kind {
        StatementKind::Insert => {
            let before = if alias { " a " } else { "" };
            let names: Vec<_> = set.iter().map(name).collect();
            let values: Vec<_> = set.iter().map(|c| c.literal.as_str()).collect();
            format!("insert into {path}{before}({}) values ({})", names.join(","), values.join(","))
        }
        StatementKind::Update => {
            let set: Vec<_> = set.iter().map(|c| format!("{} = {}", name(c), c.literal)).collect();
            format!("update {path}{before} set {}", set.join(", "))
        }
        StatementKind::Delete => format!("delete from {path}{before}"),
    };
    let mut conditions: Vec<_> = condition
        .iter()
        .map(|c| match c.literal.as_str() {
            "NULL" => format!("{} IS NULL", name(c)),
            literal => format!("{} = {literal}", name(c)),
        })
        .collect();
    let row_id = kind != StatementKind::Insert && random.percent(30);
    if row_id {
        conditions.push(format!("{prefix}ROWID = '{ROW_ID}'"));
    }
    if !conditions.is_empty() {
        write!(sql, " where {}", conditions.join(" and ")).expect("text");
    }
    sql.push_str(random.pick(&[";", ";", ";", ""]));
    (sql, row_id)
}

fn assert_raw(sql: &str, read: Assignments<'_>, table: &TableColumns, columns: &[Column]) {
    assert_eq!(read.len(), columns.len(), "{sql}");
    for (read, column) in read.iter().zip(columns) {
        assert_eq!(read.column, table.columns[column.position].0.as_str(), "{sql}");
        assert_eq!((read.literal, read.escaped), (&*column.literal, &*column.literal), "{sql}");
        assert!(!read.repaired && sql[read.offset..].starts_with(read.literal), "{sql}");
        match (&column.image, readable(read.literal).unwrap_or_else(|e| panic!("{}: {e}", read.literal))) {
            (ColumnImage::Value(Value::Null), readable) => assert_eq!(readable, Readable::Null),
            (ColumnImage::Unsupported, readable) => assert_eq!(readable, Readable::Unsupported),
            (ColumnImage::Value(Value::Text(text)), readable) => {
                assert_eq!(readable, Readable::Value(text.as_str().into()), "{sql}");
            }
            (_, readable) => assert!(matches!(readable, Readable::Value(_)), "{sql}"),
        }
    }
}

fn assert_typed(sql: &str, read: &[ColumnImage], columns: &[Column]) {
    for (position, read) in read.iter().enumerate() {
        let Some(written) = columns.iter().find(|c| c.position == position).map(|c| &c.image) else {
            assert!(matches!(read, ColumnImage::NotLogged | ColumnImage::LobNotLogged), "{sql}: {read:?}");
            continue;
        };
        // A NaN is not equal to itself.
        assert!(read == written || format!("{read:?}") == format!("{written:?}"), "{sql}: {read:?} is not {written:?}");
    }
}

#[test]
fn rows_are_read_as_they_were_written() {
    let number = |name: &str, default| std::env::var(name).map_or(default, |n| n.parse().expect("a number"));
    let (rows, seed) = (number("REDO_ROWS", 10_000), number("REDO_SEED", 1));
    let mut random = Random(seed);
    let (mut one, mut other) = (Scanner::new(), Scanner::new());
    let (mut row, mut bytes) = (0, 0);
    while row < rows {
        let table = random.table();
        let tables = TableSet::from_iter([table.clone()]);
        // Some statements are on the table of the one before, as most redo is.
        for _ in 0..1 + random.below(3) {
            row += 1;
            let kind = [StatementKind::Insert, StatementKind::Update, StatementKind::Delete][random.below(3)];
            let whole = random.percent(50);
            let mut set = if kind == StatementKind::Delete { Vec::new() } else { random.row(&table, whole) };
            if set.is_empty() && kind != StatementKind::Delete {
                set = random.row(&table, true);
            }
            let condition = if kind == StatementKind::Insert { Vec::new() } else { random.row(&table, whole) };
            let (sql, row_id) = write_statement(&mut random, &table, kind, &set, &condition);
            bytes += sql.len();
            let check = |statement: Statement<'_>| {
                assert_eq!((statement.kind, statement.repaired), (kind, false), "{sql}");
                assert_eq!(statement.owner, table.path.schema.as_str(), "{sql}");
                assert_eq!(statement.table, table.path.name.as_str(), "{sql}");
                assert_eq!(statement.row_id.is_some(), row_id, "{sql}");
                assert_raw(&sql, statement.set, &table, &set);
                assert_raw(&sql, statement.condition, &table, &condition);
            };
            check(one.scan(&sql).unwrap_or_else(|e| panic!("row {row}: {sql}: {e}")));
            let known = KnownColumns::from_iter(table.columns.iter().map(|(name, _)| name.as_str()));
            check(one.scan_repairing(&sql, None).unwrap_or_else(|e| panic!("row {row}: {sql}: {e}")));
            check(one.scan_repairing(&sql, Some(&known)).unwrap_or_else(|e| panic!("row {row}: {sql}: {e}")));
            let redo = RedoRow {
                operation: OperationCode::INSERT,
                seg_owner: Some(table.path.schema.as_str().to_owned()),
                table_name: Some(table.path.name.as_str().to_owned()),
                sql_redo: Some(sql),
                ..RedoRow::default()
            };
            let change = tables.decode(&mut other, &redo).unwrap_or_else(|e| panic!("row {row}: {redo:?}: {e}"));
            let sql = redo.sql_redo.as_deref().unwrap_or_default();
            let (before, after) = match &change.operation {
                Operation::Insert { after } => (&[][..], after.as_slice()),
                Operation::Update { before, after } => (before.as_slice(), after.as_slice()),
                Operation::Delete { before } => (before.as_slice(), &[][..]),
                other => panic!("{other:?}"),
            };
            assert_typed(sql, after, &set);
            assert_typed(sql, before, &condition);
        }
    }
    assert_eq!((one.repairs(), other.repairs()), (0, 0));
    println!("{row} rows from seed {seed} in {bytes} bytes of statements are read as they were written");
}
