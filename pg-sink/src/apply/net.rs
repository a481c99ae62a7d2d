//! What many changes of one table come to, key by key.

use super::operation::{Columns, Field, Shape, Target, position};
use super::options::ApplyOptions;
use crate::copy::{put_header, put_trailer};
use bytes::{Bytes, BytesMut};
use cdc_logminer::{Change, ColumnImage, Operation};
use foldhash::fast::RandomState;
use postgres_types::Type;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use type_convert::Value;

/// A value from this size on is sent by itself, not in an array with others.
const LARGE: usize = 256 << 10;

/// Changes of one table, taken together by key.
#[derive(Debug, Default)]
pub(super) struct NetChanges {
    /// Encoded values, each with its length before it, as binary arrays have their elements.
    bytes: BytesMut,
    rows: Vec<NetRow>,
    by_key: HashMap<Box<[u8]>, usize, RandomState>,
    set_bytes: usize,
}

#[derive(Debug)]
struct NetRow {
    fate: Fate,
    /// The values of the key, one behind the other.
    key: Range<usize>,
    /// Of a row that is inserted, the values of all columns.
    row: Range<usize>,
    /// Columns that were set since, in their order.
    set: Vec<(u16, Range<usize>)>,
    /// Whether another change met it after the first.
    met_again: bool,
}

/// What becomes of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It was not there, and is now.
    Insert,
    /// It is there and changes.
    Update,
    /// It is there and goes.
    Delete,
    /// It goes, and another with this key comes.
    Replace,
    /// It came and went: it must not be there.
    Absent,
}

/// What became of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Netted {
    /// It is among the net changes.
    Taken,
    /// Nothing of it is written.
    Nothing,
    /// Its place in the order counts, or it is no change of one row that can be encoded: it must be applied by itself, after
    /// what is here.
    InOrder,
    /// It does not fit what came before: a second insert of a key, a change of a row that is gone.
    Contradiction,
}

/// A statement with its parameters.
#[derive(Debug)]
pub(super) struct NetStatement {
    pub(super) shape: Shape,
    pub(super) parameters: Vec<Field>,
    /// How many rows it must hit.
    pub(super) rows: u64,
    pub(super) verb: &'static str,
}

impl NetChanges {
    /// Bytes of values, and a part for each row.
    pub(super) fn size(&self) -> usize {
        self.bytes.len() + self.set_bytes + self.rows.len() * 160
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Parts what can be applied from the updates of rows that several changes met: more of those are likely to come. What can be applied may
    /// go before them, since updates that are here touch nothing that must be unique.
    pub(super) fn part_busy(mut self, target: &Target) -> (Self, NetChanges) {
        let mut busy = NetChanges::default();
        let is_busy = |row: &mut NetRow| row.fate == Fate::Update && row.met_again;
        for row in self.rows.extract_if(.., is_busy) {
            let mut copy = |field: &Range<usize>| {
                let start = busy.bytes.len();
                busy.bytes.extend_from_slice(&self.bytes[field.clone()]);
                start..busy.bytes.len()
            };
            let key = copy(&row.key);
            let set = row.set.iter().map(|(column, field)| (*column, copy(field))).collect();
            busy.add(busy.identity(target, &key).into(), Fate::Update, key, 0..0, set);
        }
        (self, busy)
    }

    /// Takes a change in. `target` must have a key that is unique.
    pub(super) fn take(&mut self, target: &Target, change: &Change) -> Netted {
        let start = self.bytes.len();
        let taken = self.try_take(target, change).unwrap_or(Netted::InOrder);
        if taken != Netted::Taken {
            self.bytes.truncate(start);
        }
        taken
    }

    /// Takes a row in that is inserted, behind those that are here: of a table whose rows are not told apart by a key here, nothing but such rows is
    /// gathered, and their order stays.
    pub(super) fn take_insert(&mut self, target: &Target, change: &Change) -> Netted {
        let Operation::Insert { after } = &change.operation else { return Netted::InOrder };
        let start = self.bytes.len();
        let Some(row) = self.whole_row(target, after) else {
            self.bytes.truncate(start);
            return Netted::InOrder;
        };
        self.rows.push(NetRow { fate: Fate::Insert, key: 0..0, row, set: Vec::new(), met_again: false });
        Netted::Taken
    }

    /// Encodes all columns of a row; `None` where that cannot be, or where one is better sent by itself.
    fn whole_row(&mut self, target: &Target, after: &[ColumnImage]) -> Option<Range<usize>> {
        if after.len() != target.columns.len() || after.iter().any(is_large) {
            return None;
        }
        let start = self.bytes.len();
        for (column, image) in after.iter().enumerate() {
            match image {
                ColumnImage::Value(value) => self.encode(target, column, value).map(drop)?,
                // As for a single row: what an insert's redo leaves out is NULL.
                ColumnImage::NotLogged | ColumnImage::LobNotLogged => {
                    self.bytes.extend_from_slice(&(-1i32).to_be_bytes());
                }
                _ => return None,
            }
        }
        Some(start..self.bytes.len())
    }

    /// `None`: something cannot be encoded, which whoever applies it in order will say.
    fn try_take(&mut self, target: &Target, change: &Change) -> Option<Netted> {
        let width = target.columns.len();
        match &change.operation {
            Operation::Insert { after } if after.len() == width => {
                let key = self.key(target, after)?;
                let row = self.whole_row(target, after)?;
                Some(match self.find(target, &key) {
                    Err(identity) => {
                        self.add(identity, Fate::Insert, key, row, Vec::new());
                        Netted::Taken
                    }
                    Ok(at) => {
                        let there = &mut self.rows[at];
                        there.fate = match there.fate {
                            Fate::Delete => Fate::Replace,
                            Fate::Absent => Fate::Insert,
                            Fate::Insert | Fate::Update | Fate::Replace => return Some(Netted::Contradiction),
                        };
                        (there.row, there.set) = (row, Vec::new());
                        Netted::Taken
                    }
                })
            }
            Operation::Update { before, after }
                if before.len() == width && after.len() == width && !after.iter().any(is_large) =>
            {
                let key = self.key(target, before)?;
                let there = self.find(target, &key);
                let is_new = there.as_ref().is_ok_and(|&at| matches!(self.rows[at].fate, Fate::Insert | Fate::Replace));
                let mut set = Vec::new();
                // Nothing of it is written, but the row must be there.
                let mut looked_for = false;
                for (column, image) in after.iter().enumerate() {
                    let value = match image {
                        ColumnImage::Value(value) => value,
                        ColumnImage::NotLogged => continue,
                        ColumnImage::LobNotLogged => {
                            looked_for = true;
                            continue;
                        }
                        _ => return None,
                    };
                    let field = self.encode(target, column, value)?;
                    if let Some(nth) = target.plan.key.iter().position(|&k| k == column) {
                        // Set to what it was, or the key changes.
                        let was = self.field(&key, nth);
                        if normalized(target, column, &self.bytes[field])
                            != normalized(target, column, &self.bytes[was])
                        {
                            return Some(Netted::InOrder);
                        }
                        looked_for = true;
                        continue;
                    }
                    // A unique value may pass from row to row: the order of updates counts. A row that is yet to be inserted has none to give, and a
                    // value that stays, as where a program sets all columns, goes nowhere.
                    if target.indexes.ordered[column] && !is_new && !self.is_as_before(target, column, before, &field) {
                        return Some(Netted::InOrder);
                    }
                    set.push((position(column), field));
                }
                if set.is_empty() && !looked_for {
                    return Some(Netted::Nothing);
                }
                let at = match there {
                    Ok(at) => at,
                    Err(identity) => {
                        self.add(identity, Fate::Update, key, 0..0, set);
                        return Some(Netted::Taken);
                    }
                };
                let row = &mut self.rows[at];
                if matches!(row.fate, Fate::Delete | Fate::Absent) {
                    return Some(Netted::Contradiction);
                }
                row.met_again = true;
                let had = row.set.len();
                for (column, field) in set {
                    match row.set.binary_search_by_key(&column, |(c, _)| *c) {
                        Ok(nth) => row.set[nth].1 = field,
                        Err(nth) => row.set.insert(nth, (column, field)),
                    }
                }
                self.set_bytes += (row.set.len() - had) * size_of::<(u16, Range<usize>)>();
                Some(Netted::Taken)
            }
            Operation::Delete { before } if before.len() == width => {
                let key = self.key(target, before)?;
                let at = match self.find(target, &key) {
                    Ok(at) => at,
                    Err(identity) => {
                        self.add(identity, Fate::Delete, key, 0..0, Vec::new());
                        return Some(Netted::Taken);
                    }
                };
                let row = &mut self.rows[at];
                row.fate = match row.fate {
                    Fate::Insert => Fate::Absent,
                    Fate::Update | Fate::Replace => Fate::Delete,
                    Fate::Delete | Fate::Absent => return Some(Netted::Contradiction),
                };
                (row.row, row.set) = (0..0, Vec::new());
                Some(Netted::Taken)
            }
            _ => None,
        }
    }

    /// The statements that bring all this about, in their order: DELETE, UPDATE, INSERT. From `set_rows` rows on one statement does for all; from
    /// `copy_rows` rows on it is a COPY for inserts, which goes first: it can do so where their keys come from no row that goes.
    pub(super) fn into_statements(self, target: &Target, options: &ApplyOptions) -> Vec<NetStatement> {
        let NetChanges { bytes, mut rows, .. } = self;
        let bytes = bytes.freeze();
        sort_by_key(&mut rows, &bytes, target);
        let (mut gone, mut absent, mut come) = (Vec::new(), Vec::new(), Vec::new());
        let mut changed: BTreeMap<Columns, Vec<&NetRow>> = BTreeMap::new();
        for row in &rows {
            match row.fate {
                Fate::Insert => come.push(row),
                Fate::Update => {
                    let mask: Columns = row.set.iter().map(|(c, _)| *c).collect();
                    changed.entry(mask).or_default().push(row);
                }
                Fate::Delete => gone.push(row),
                Fate::Replace => {
                    gone.push(row);
                    come.push(row);
                }
                Fate::Absent => absent.push(row),
            }
        }
        let mut statements = Vec::new();
        let build = Build { target, bytes: &bytes, set_rows: options.set_rows };
        if !come.is_empty()
            && come.len() >= options.copy_rows
            && target.takes_copy()
            && come.iter().all(|row| row.fate == Fate::Insert)
        {
            statements.push(build.copy(&std::mem::take(&mut come)));
        }
        build.deletes(&gone, 1, "delete", &mut statements);
        build.deletes(&absent, 0, "insert and delete", &mut statements);
        for (mask, rows) in &changed {
            build.updates(mask, rows, &mut statements);
        }
        build.inserts(&come, &mut statements);
        statements
    }

    fn add(
        &mut self,
        identity: Box<[u8]>,
        fate: Fate,
        key: Range<usize>,
        row: Range<usize>,
        set: Vec<(u16, Range<usize>)>,
    ) {
        self.set_bytes += set.len() * size_of::<(u16, Range<usize>)>();
        self.by_key.insert(identity, self.rows.len());
        self.rows.push(NetRow { fate, key, row, set, met_again: false });
    }

    /// Where the row of a key is; where it is not here, what to [`add`](Self::add) it by.
    fn find(&self, target: &Target, key: &Range<usize>) -> Result<usize, Box<[u8]>> {
        let identity = self.identity(target, key);
        self.by_key.get(identity.as_slice()).copied().ok_or_else(|| identity.into())
    }

    /// The key's bytes, equal where PostgreSQL holds the keys for equal.
    fn identity(&self, target: &Target, key: &Range<usize>) -> Vec<u8> {
        let mut identity = Vec::with_capacity(key.len());
        for (&column, field) in target.plan.key.iter().zip(fields(&self.bytes, key)) {
            let value = normalized(target, column, &self.bytes[field]);
            identity.extend_from_slice(&(value.len() as u64).to_be_bytes());
            identity.extend_from_slice(&value);
        }
        identity
    }

    fn field(&self, of: &Range<usize>, nth: usize) -> Range<usize> {
        fields(&self.bytes, of).nth(nth).unwrap_or(0..0)
    }

    /// Encodes the key; `None` where the image has not all of it, or NULL in it.
    fn key(&mut self, target: &Target, image: &[ColumnImage]) -> Option<Range<usize>> {
        let start = self.bytes.len();
        for &column in &target.plan.key {
            let ColumnImage::Value(value) = &image[column] else { return None };
            let field = self.encode(target, column, value)?;
            if is_null(&self.bytes[field]) {
                return None;
            }
        }
        Some(start..self.bytes.len())
    }

    /// Whether the redo says that the column had this field's value before.
    fn is_as_before(&mut self, target: &Target, column: usize, before: &[ColumnImage], field: &Range<usize>) -> bool {
        let ColumnImage::Value(value) = &before[column] else { return false };
        let end = self.bytes.len();
        let was = self.encode(target, column, value);
        let same = was.is_some_and(|was| self.bytes[was] == self.bytes[field.clone()]);
        self.bytes.truncate(end);
        same
    }

    fn encode(&mut self, target: &Target, column: usize, value: &Value) -> Option<Range<usize>> {
        let start = self.bytes.len();
        target.columns[column].transcoder.encode(value.as_ref(), &mut self.bytes).ok()?;
        Some(start..self.bytes.len())
    }
}

/// Puts rows near each other that are near each other in the index of their keys, and mostly in the table too: the server then
/// finds the pages that it needs in its cache. Only time depends on this order.
fn sort_by_key(rows: &mut [NetRow], bytes: &[u8], target: &Target) {
    let first = target.plan.key.first().map_or(0, |&column| target.columns[column].facts.oid);
    rows.sort_by_cached_key(|row| {
        let field = fields(bytes, &row.key).next().map_or(&[][..], |field| &bytes[field.start + 4..field.end]);
        rank(first, field)
    });
}

/// Eight bytes by which values of a type are in about the order of its `<`.
fn rank(oid: u32, value: &[u8]) -> u64 {
    let mut head = [0; 8];
    let integer = [Type::INT2, Type::INT4, Type::INT8].iter().any(|ty| ty.oid() == oid);
    if integer {
        // Two's complement, with its sign the other way round.
        let negative = value.first().is_some_and(|byte| byte & 0x80 != 0);
        head[..8 - value.len().min(8)].fill(if negative { 0xff } else { 0 });
        head[8 - value.len().min(8)..].copy_from_slice(&value[..value.len().min(8)]);
        return u64::from_be_bytes(head) ^ (1 << 63);
    }
    if oid == Type::NUMERIC.oid() && value.len() >= 8 {
        // Number of digits, weight, sign, display scale, digits to the base 10000.
        let weight = u16::from_be_bytes([value[2], value[3]]) ^ 0x8000;
        let digits = value[8..].iter().copied().chain(std::iter::repeat(0));
        head[..2].copy_from_slice(&weight.to_be_bytes());
        head[2..].iter_mut().zip(digits).for_each(|(to, from)| *to = from);
        let size = u64::from_be_bytes(head) >> 1;
        return if value[4..6] == [0, 0] { size | 1 << 63 } else { !size & !(1 << 63) };
    }
    head.iter_mut().zip(value).for_each(|(to, from)| *to = *from);
    u64::from_be_bytes(head)
}

/// A field without what makes no difference to PostgreSQL's `=`: the display scale of a number, blanks at the end of a `character(n)`.
fn normalized<'b>(target: &Target, column: usize, field: &'b [u8]) -> std::borrow::Cow<'b, [u8]> {
    let oid = target.columns[column].facts.oid;
    if oid == Type::NUMERIC.oid() && field.len() >= 12 {
        // Length, digits, weight and sign stay.
        return [&field[..10], &field[12..]].concat().into();
    }
    if oid == Type::BPCHAR.oid() {
        let end = field.iter().rposition(|b| *b != b' ').map_or(0, |at| at + 1);
        return field.get(4..end.max(4)).unwrap_or_default().into();
    }
    field.into()
}

fn is_null(field: &[u8]) -> bool {
    field.get(..4) == Some(&[0xff; 4])
}

fn is_large(image: &ColumnImage) -> bool {
    match image {
        ColumnImage::Value(Value::Text(text)) => text.len() >= LARGE,
        ColumnImage::Value(Value::Bytes(bytes)) => bytes.len() >= LARGE,
        _ => false,
    }
}

/// The fields that lie one behind the other in this range.
fn fields<'b>(bytes: &'b [u8], range: &Range<usize>) -> impl Iterator<Item = Range<usize>> + use<'b> {
    let (mut at, end) = (range.start, range.end);
    std::iter::from_fn(move || {
        let length = bytes.get(at..end)?.first_chunk().map(|b| i32::from_be_bytes(*b))?;
        let field = at..at + 4 + usize::try_from(length).unwrap_or(0);
        at = field.end;
        Some(field)
    })
}

struct Build<'a> {
    target: &'a Target,
    bytes: &'a Bytes,
    set_rows: usize,
}

impl Build<'_> {
    fn deletes(&self, rows: &[&NetRow], hit: u64, verb: &'static str, out: &mut Vec<NetStatement>) {
        if rows.is_empty() {
            return;
        }
        if rows.len() < self.set_rows {
            let shape = || Shape::Delete { row: super::operation::Row::Key };
            out.extend(rows.iter().map(|row| {
                let parameters = self.parameters(fields(self.bytes, &row.key));
                NetStatement { shape: shape(), parameters, rows: hit, verb }
            }));
            return;
        }
        let mut arrays = Arrays::new(self.target, self.target.plan.key.iter().copied(), rows.len());
        for row in rows {
            arrays.push(self.bytes, fields(self.bytes, &row.key));
        }
        let (parameters, rows) = (arrays.finish(), hit * rows.len() as u64);
        out.push(NetStatement { shape: Shape::DeleteSet, parameters, rows, verb });
    }

    fn updates(&self, mask: &Columns, rows: &[&NetRow], out: &mut Vec<NetStatement>) {
        let verb = "update";
        // Without a column to set the set statement is the one that knows how to look.
        if rows.len() < self.set_rows && !mask.is_empty() {
            out.extend(rows.iter().map(|row| {
                let all = row.set.iter().map(|(_, field)| field.clone()).chain(fields(self.bytes, &row.key));
                let shape = Shape::Update { set: mask.clone(), row: super::operation::Row::Key };
                NetStatement { shape, parameters: self.parameters(all), rows: 1, verb }
            }));
            return;
        }
        let columns = self.target.plan.key.iter().copied().chain(mask.iter().map(|&c| usize::from(c)));
        let mut arrays = Arrays::new(self.target, columns, rows.len());
        for row in rows {
            arrays.push(self.bytes, fields(self.bytes, &row.key).chain(row.set.iter().map(|(_, field)| field.clone())));
        }
        let (shape, rows) = (Shape::UpdateSet { set: mask.clone() }, rows.len() as u64);
        out.push(NetStatement { shape, parameters: arrays.finish(), rows, verb });
    }

    fn inserts(&self, rows: &[&NetRow], out: &mut Vec<NetStatement>) {
        if rows.is_empty() {
            return;
        }
        let verb = "insert";
        if rows.len() < self.set_rows {
            out.extend(rows.iter().map(|row| {
                let parameters = self.parameters(self.row(row));
                NetStatement { shape: Shape::Insert, parameters, rows: 1, verb }
            }));
            return;
        }
        let mut arrays = Arrays::new(self.target, 0..self.target.columns.len(), rows.len());
        for row in rows {
            arrays.push(self.bytes, self.row(row));
        }
        let (parameters, rows) = (arrays.finish(), rows.len() as u64);
        out.push(NetStatement { shape: Shape::InsertSet, parameters, rows, verb });
    }

    /// The inserts as one COPY.
    fn copy(&self, rows: &[&NetRow]) -> NetStatement {
        let mut data = BytesMut::new();
        put_header(&mut data);
        let width = position(self.target.columns.len()).to_be_bytes();
        for row in rows {
            data.extend_from_slice(&width);
            self.row(row).for_each(|field| data.extend_from_slice(&self.bytes[field]));
        }
        put_trailer(&mut data);
        let parameters = vec![Field(Some(data.freeze()))];
        NetStatement { shape: Shape::InsertCopy, parameters, rows: rows.len() as u64, verb: "insert" }
    }

    /// A row that is inserted, with what was set since.
    fn row(&self, row: &NetRow) -> impl Iterator<Item = Range<usize>> {
        let mut set = row.set.iter().peekable();
        fields(self.bytes, &row.row).enumerate().map(move |(column, field)| {
            match set.next_if(|(c, _)| usize::from(*c) == column) {
                Some((_, newer)) => newer.clone(),
                None => field,
            }
        })
    }

    fn parameters(&self, fields: impl Iterator<Item = Range<usize>>) -> Vec<Field> {
        fields
            .map(|field| {
                let value =
                    (!is_null(&self.bytes[field.clone()])).then(|| self.bytes.slice(field.start + 4..field.end));
                Field(value)
            })
            .collect()
    }
}

/// Arrays of PostgreSQL in their binary form, one for each column.
struct Arrays(Vec<BytesMut>);

impl Arrays {
    const NULLS: usize = 4;

    fn new(target: &Target, columns: impl Iterator<Item = usize>, rows: usize) -> Self {
        let rows = i32::try_from(rows).expect("a batch has fewer rows than an array may have elements");
        Arrays(
            columns
                .map(|column| {
                    let mut array = BytesMut::new();
                    // Dimensions, whether there are NULLs, the type, then of the one dimension length and first index.
                    for number in [1, 0] {
                        array.extend_from_slice(&i32::to_be_bytes(number));
                    }
                    array.extend_from_slice(&target.columns[column].facts.oid.to_be_bytes());
                    for number in [rows, 1] {
                        array.extend_from_slice(&number.to_be_bytes());
                    }
                    array
                })
                .collect(),
        )
    }

    fn push(&mut self, bytes: &[u8], fields: impl Iterator<Item = Range<usize>>) {
        for (array, field) in self.0.iter_mut().zip(fields) {
            let field = &bytes[field];
            if is_null(field) {
                array[Self::NULLS..Self::NULLS + 4].copy_from_slice(&1i32.to_be_bytes());
            }
            array.extend_from_slice(field);
        }
    }

    fn finish(self) -> Vec<Field> {
        self.0.into_iter().map(|array| Field(Some(array.freeze()))).collect()
    }
}
