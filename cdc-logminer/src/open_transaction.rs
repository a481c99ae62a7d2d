//! One transaction that has neither committed nor rolled back.

use crate::{
    Change, ColumnImage, DecodeError, DecodeErrorKind, LobError, LobErrorKind, LobPatch, LobStatement, LobTarget,
    LongString, Operation, OperationCode, RedoRow, SpillError, StatementError, StatementKind, TableColumns, Xid,
    XmlDocument,
    changes::{ChangeKind, ChangeLog, Entry, UndoKey, Undone},
    decode::{Followed, is_lob, real_row_id},
    fold::{Fold, FoldError, Part, fold},
    spill::Spill,
    transaction::BufferError,
};
use std::{collections::VecDeque, sync::Arc};
use type_convert::{Scn, Value};

/// So many changes are looked through for the one that a LOB operation belongs to. LogMiner gives both close together; what
/// belongs to an older change, or to none of its transaction, becomes a change of its own.
const TAIL: usize = 64;
/// Beyond these bytes fewer of them.
const TAIL_BYTES: usize = 1 << 20;
/// The same where memory is short.
const TAIL_BYTES_SPILLED: usize = 16 << 10;

/// A transaction that has neither committed nor rolled back.
pub(crate) struct OpenTransaction {
    pub(crate) xid: Xid,
    pub(crate) start_scn: Scn,
    /// Whether its START row was seen: without it there may be changes before the redo that was read.
    pub(crate) whole: bool,
    /// The coordinator (`PXID`) where it is a part of parallel DML.
    pub(crate) coordinator: Option<Xid>,
    /// The first row that could not be read. It counts only if the transaction is to be delivered.
    pub(crate) unreadable: Option<DecodeError>,
    /// Rows were left out, or may be missing: what undoes them finds nothing.
    pub(crate) rows_left_out: bool,
    pub(crate) log: ChangeLog,
    /// The newest changes, which rows to come may belong to; those before them are in the log.
    tail: VecDeque<Recent>,
    tail_bytes: usize,
    next_number: u64,
    assembly: Option<Assembly>,
}

struct Recent {
    number: u64,
    entry: Entry,
    columns: Arc<TableColumns>,
    /// The last row that said something of its LOBs, without its statement.
    row: Option<Box<RedoRow>>,
}

/// What the next rows go on with.
enum Assembly {
    Locator(Locator),
    Document(XmlDocument),
    LongString(LongString),
}

/// The row and column that LOB operations are on.
struct Locator {
    /// The change that they belong to.
    change: u64,
    column: usize,
    target: LobTarget<'static>,
}

impl OpenTransaction {
    pub(crate) fn new(row: &RedoRow, xid: Xid, whole: bool, spill: &Arc<Spill>) -> Self {
        OpenTransaction {
            xid,
            start_scn: row.scn,
            whole,
            coordinator: None,
            unreadable: None,
            rows_left_out: false,
            log: ChangeLog::new(spill),
            tail: VecDeque::new(),
            tail_bytes: 0,
            next_number: 0,
            assembly: None,
        }
    }

    /// Whether it has no changes, and nothing that could not be read either.
    pub(crate) fn is_empty(&self) -> bool {
        self.log.is_empty() && self.tail.is_empty() && self.unreadable.is_none()
    }

    /// Whether rows may be missing that undo rows take back: they lie before the redo that was read, or could not be read.
    pub(crate) fn may_lack_rows(&self) -> bool {
        !self.whole || self.rows_left_out || self.unreadable.is_some()
    }

    /// Bytes of memory.
    pub(crate) fn resident(&self) -> usize {
        self.log.resident() + self.tail_bytes
    }

    /// Changes that stand, by table.
    pub(crate) fn counts(&self) -> impl Iterator<Item = (&Arc<schema_map::ObjectPath>, u64)> {
        self.log.counts().chain(self.tail.iter().map(|recent| (&recent.entry.change.table, 1)))
    }

    /// A change.
    pub(crate) fn push(&mut self, row: &RedoRow, followed: &Followed, change: Change) -> Result<(), SpillError> {
        let key =
            UndoKey { kind: ChangeKind::of(&change.operation), data_obj: row.data_obj, row_id: change.row_id.clone() };
        if followed.has_lobs && self.complete(row, &key, &change) {
            return Ok(());
        }
        let table = self.log.table(&followed.columns);
        let entry = Entry { key, table, change, folds: Vec::new() };
        if self.tail.is_empty() && !followed.has_lobs {
            return self.log.push(&entry);
        }
        self.push_recent(entry, &followed.columns);
        self.seal(TAIL, TAIL_BYTES)
    }

    /// Takes back the newest change, or fold, with this key.
    pub(crate) fn undo(&mut self, key: &UndoKey) -> Result<Undone, SpillError> {
        let mut newest = true;
        let done = |newest| Ok(if newest { Undone::Newest } else { Undone::Older });
        for n in (0..self.tail.len()).rev() {
            let recent = &mut self.tail[n];
            if let Some(fold) = recent.entry.folds.iter_mut().rev().find(|f| !f.undone && f.key.as_ref() == Some(key)) {
                fold.undone = true;
                return done(newest);
            }
            if recent.entry.key == *key || newest && key.is_like(&recent.entry.key) {
                self.tail_bytes -= self.tail.remove(n).map_or(0, |recent| recent.size());
                return done(newest);
            }
            // LOB operations that stand alone are taken back by rows of their own.
            newest &= recent.entry.key.kind == ChangeKind::Lob;
        }
        match self.log.undo(key)? {
            Undone::Newest if !newest => Ok(Undone::Older),
            other => Ok(other),
        }
    }

    /// Takes back the newest LOB operation on a table; says whether there was one.
    pub(crate) fn undo_lob(&mut self, followed: &Followed) -> bool {
        for recent in self.tail.iter_mut().rev().filter(|r| r.entry.change.table == followed.columns.path) {
            let mut folds = recent.entry.folds.iter_mut().rev();
            if let Some(fold) = folds.find(|f| !f.undone && f.key.is_none()) {
                fold.undone = true;
                return true;
            }
        }
        false
    }

    /// A row about the content of a LOB, an XML document or a 32 K string.
    pub(crate) fn lob(&mut self, row: &RedoRow, followed: &Followed) -> Result<(), BufferError> {
        let sql = row.sql_redo.as_deref();
        let none = || DecodeError::new(row, DecodeErrorKind::NoStatement, "the row has no SQL_REDO");
        let failed = |error: LobError| DecodeError::lob(row, error);
        match row.operation {
            OperationCode::XML_DOC_BEGIN => {
                let document = XmlDocument::begin(sql.ok_or_else(none)?).map_err(failed)?;
                self.assembly = Some(Assembly::Document(document));
            }
            OperationCode::XML_DOC_WRITE => match &mut self.assembly {
                Some(Assembly::Document(document)) => document.write(sql.ok_or_else(none)?).map_err(failed)?,
                _ => return Err(out_of_order(row, "a piece of a document without its beginning").into()),
            },
            OperationCode::LONG_STRING_BEGIN => {
                let string = LongString::begin(sql.ok_or_else(none)?).map_err(failed)?;
                self.assembly = Some(Assembly::LongString(string));
            }
            OperationCode::LONG_STRING_WRITE => match &mut self.assembly {
                Some(Assembly::LongString(string)) => string.write(sql.ok_or_else(none)?).map_err(failed)?,
                _ => return Err(out_of_order(row, "a piece of a string without its beginning").into()),
            },
            OperationCode::XML_DOC_END | OperationCode::LONG_STRING_END => {
                let of_document = row.operation == OperationCode::XML_DOC_END;
                let (target, value) = match self.assembly.take() {
                    Some(Assembly::Document(document)) if of_document => {
                        let target = document.target().clone();
                        (target, document.end().map_err(failed)?.map_or(Value::Null, Value::Text))
                    }
                    Some(Assembly::LongString(string)) if !of_document => {
                        let target = string.target().clone();
                        (target, string.end().map_err(failed)?.into())
                    }
                    _ if of_document => {
                        return Err(out_of_order(row, "the end of a document without its beginning").into());
                    }
                    _ => return Err(out_of_order(row, "the end of a string without its beginning").into()),
                };
                let (change, column) = self.target(row, followed, &target)?;
                self.fold(row, change, Part::Set(vec![(column, value)]))?;
            }
            // Some versions leave the locator to each operation.
            OperationCode::SELECT_LOB_LOCATOR if sql.is_none() => {}
            _ => {
                let statement = LobStatement::scan(row.operation, sql.ok_or_else(none)?);
                match statement.map_err(|error: StatementError| failed(error.into()))? {
                    LobStatement::Locator { target, .. } => self.locate(row, followed, target)?,
                    LobStatement::Call { target, call } => {
                        if let Some(target) = target {
                            self.locate(row, followed, target)?;
                        }
                        let mut patch = LobPatch::new(call.kind);
                        patch.push(&call).map_err(failed)?;
                        let (change, column) = self.located(row, followed)?;
                        self.fold(row, change, Part::Patch(column, patch))?;
                    }
                    _ => return Err(out_of_order(row, "it is no LOB operation").into()),
                }
            }
        }
        self.seal(TAIL, TAIL_BYTES)?;
        Ok(())
    }

    /// Puts all changes into the log: the transaction has ended.
    pub(crate) fn close(&mut self) -> Result<(), SpillError> {
        if let Some(assembly) = self.assembly.take()
            && !matches!(assembly, Assembly::Locator(_))
        {
            let row = RedoRow { scn: self.start_scn, xid: self.xid, ..RedoRow::default() };
            let error = out_of_order(&row, "a document or string of its transaction has no end");
            self.unreadable.get_or_insert(error);
        }
        self.seal(0, 0)
    }

    /// Moves everything to disk but the newest changes.
    pub(crate) fn spill(&mut self) -> Result<(), SpillError> {
        self.seal(TAIL, TAIL_BYTES_SPILLED)?;
        self.log.spill()
    }

    /// Puts changes into the log until so many are left, and so many bytes.
    fn seal(&mut self, changes: usize, bytes: usize) -> Result<(), SpillError> {
        // Nothing of tables without LOBs waits for more.
        while let Some(first) = self.tail.front()
            && (self.tail.len() > changes || self.tail_bytes > bytes && self.tail.len() > 1 || !first.may_grow())
        {
            let Some(recent) = self.tail.pop_front() else { break };
            self.tail_bytes -= recent.size();
            if let Err((column, error)) = recent.check() {
                let row = recent.row.as_deref().cloned().unwrap_or_else(|| RedoRow {
                    scn: recent.entry.change.scn,
                    xid: self.xid,
                    ..RedoRow::default()
                });
                self.unreadable.get_or_insert(DecodeError::lob_column(&row, &column, error));
            }
            self.log.push(&recent.entry)?;
        }
        Ok(())
    }

    fn push_recent(&mut self, entry: Entry, columns: &Arc<TableColumns>) -> u64 {
        let number = self.next_number;
        self.next_number += 1;
        let recent = Recent { number, entry, columns: Arc::clone(columns), row: None };
        self.tail_bytes += recent.size();
        self.tail.push_back(recent);
        number
    }

    /// Whether `change` only completes LOBs that a recent change of the same row left empty (`EMPTY_CLOB()`): then it is a part of
    /// that.
    fn complete(&mut self, row: &RedoRow, key: &UndoKey, change: &Change) -> bool {
        let Operation::Update { before, after } = &change.operation else { return false };
        let Some(recent) =
            self.tail.iter_mut().rev().find(|recent| recent.is_of(&change.table, before, change.row_id.as_deref()))
        else {
            return false;
        };
        let mut values = Vec::new();
        for (column, image) in after.iter().enumerate() {
            match image {
                ColumnImage::NotLogged => {}
                ColumnImage::Value(value) if recent.waits_for(column) => values.push((column, value.clone())),
                _ => return false,
            }
        }
        if values.is_empty() {
            return false;
        }
        let number = recent.number;
        self.fold_keyed(row, number, Part::Set(values), Some(key.clone())).is_ok()
    }

    fn fold(&mut self, row: &RedoRow, change: u64, part: Part) -> Result<(), DecodeError> {
        self.fold_keyed(row, change, part, None)
    }

    fn fold_keyed(&mut self, row: &RedoRow, change: u64, part: Part, key: Option<UndoKey>) -> Result<(), DecodeError> {
        let recent = self.tail.iter_mut().find(|recent| recent.number == change);
        let recent = recent.ok_or_else(|| out_of_order(row, "the change that it belongs to is not at hand"))?;
        let fold = Fold { undone: false, key, part };
        self.tail_bytes += fold.size();
        recent.entry.folds.push(fold);
        let place = RedoRow { sql_redo: None, ..row.clone() };
        recent.row = Some(Box::new(place));
        Ok(())
    }

    fn locate(&mut self, row: &RedoRow, followed: &Followed, target: LobTarget<'_>) -> Result<(), DecodeError> {
        let target = target.into_owned();
        let (change, column) = self.target(row, followed, &target)?;
        self.assembly = Some(Assembly::Locator(Locator { change, column, target }));
        Ok(())
    }

    /// The change and column that the current locator is of.
    fn located(&mut self, row: &RedoRow, followed: &Followed) -> Result<(u64, usize), DecodeError> {
        let Some(Assembly::Locator(locator)) = &self.assembly else {
            return Err(out_of_order(row, "a LOB operation without its locator"));
        };
        if followed.columns.path.name.as_str() != locator.target.table()
            || followed.columns.path.schema.as_str() != locator.target.owner()
        {
            return Err(out_of_order(row, "a LOB operation whose locator is of another table"));
        }
        if self.tail.iter().any(|recent| recent.number == locator.change) {
            return Ok((locator.change, locator.column));
        }
        // Other changes have come between, too many to keep it: what follows is a change of its own.
        let target = locator.target.clone();
        self.locate(row, followed, target)?;
        self.located(row, followed)
    }

    /// The change that a target names, and the position of its column.
    fn target(
        &mut self,
        row: &RedoRow,
        followed: &Followed,
        target: &LobTarget<'_>,
    ) -> Result<(u64, usize), DecodeError> {
        let path = &followed.columns.path;
        if path.name.as_str() != target.table() || path.schema.as_str() != target.owner() {
            let detail = format!("its statement is on {}.{}", target.owner(), target.table());
            return Err(DecodeError::new(row, DecodeErrorKind::OtherTable, detail));
        }
        let column = followed.position(row, target.column())?;
        let mut before = followed.images(row, StatementKind::Update, target.conditions(), None)?;
        let row_id = real_row_id(target.row_id().or(row.row_id.as_deref()));
        let mut same_row = self.tail.iter().rev().filter(|recent| recent.is_of(path, &before, row_id));
        // Of rows that are equal, one that has nothing there yet.
        let found = match same_row.clone().find(|recent| recent.waits_for(column)) {
            Some(waiting) => Some(waiting),
            None => same_row.next(),
        };
        if let Some(found) = found {
            return Ok((found.number, column));
        }
        followed.note_lobs(&mut before);
        let table = self.log.table(&followed.columns);
        let change = Change {
            table: Arc::clone(path),
            scn: row.scn,
            row_id: row_id.map(str::to_owned),
            operation: Operation::Update {
                before,
                after: vec![ColumnImage::NotLogged; followed.columns.columns.len()],
            },
        };
        let key = UndoKey { kind: ChangeKind::Lob, data_obj: row.data_obj, row_id: change.row_id.clone() };
        let entry = Entry { key, table, change, folds: Vec::new() };
        Ok((self.push_recent(entry, &followed.columns), column))
    }
}

impl Recent {
    /// About how many bytes of memory it holds.
    fn size(&self) -> usize {
        let images = |images: &[ColumnImage]| -> usize {
            let content = images.iter().map(|image| match image {
                ColumnImage::Value(Value::Text(text)) => text.len(),
                ColumnImage::Value(Value::Bytes(bytes)) => bytes.len(),
                _ => 0,
            });
            size_of_val(images) + content.sum::<usize>()
        };
        let operation = match &self.entry.change.operation {
            Operation::Insert { after } => images(after),
            Operation::Update { before, after } => images(before) + images(after),
            Operation::Delete { before } => images(before),
            Operation::Truncate => 0,
            Operation::Ddl(ddl) => ddl.text.len(),
        };
        size_of::<Self>() + operation + self.entry.folds.iter().map(Fold::size).sum::<usize>()
    }

    /// Whether rows to come may belong to it.
    fn may_grow(&self) -> bool {
        matches!(self.entry.change.operation, Operation::Insert { .. } | Operation::Update { .. })
            && self.columns.columns.iter().any(|(_, ty)| is_lob(ty))
    }

    /// Whether it left the row that these conditions find.
    fn is_of(&self, table: &Arc<schema_map::ObjectPath>, conditions: &[ColumnImage], row_id: Option<&str>) -> bool {
        let change = &self.entry.change;
        let (before, after) = match &change.operation {
            Operation::Insert { after } => (None, after),
            Operation::Update { before, after } => (Some(before), after),
            _ => return false,
        };
        if change.table != *table {
            return false;
        }
        if let (Some(one), Some(other)) = (change.row_id.as_deref(), row_id) {
            return one == other;
        }
        let mut found = false;
        for (column, condition) in conditions.iter().enumerate() {
            let ColumnImage::Value(wanted) = condition else { continue };
            let known = [after.get(column), before.and_then(|images| images.get(column))];
            match known.into_iter().flatten().find(|image| matches!(image, ColumnImage::Value(_))) {
                Some(ColumnImage::Value(value)) if value == wanted => found = true,
                Some(_) => return false,
                None => {}
            }
        }
        found
    }

    /// Whether the column was left empty for rows to come.
    fn waits_for(&self, column: usize) -> bool {
        let (Operation::Insert { after } | Operation::Update { after, .. }) = &self.entry.change.operation else {
            return false;
        };
        let empty = match after.get(column) {
            Some(ColumnImage::Value(Value::Text(text))) => text.is_empty(),
            Some(ColumnImage::Value(Value::Bytes(bytes))) => bytes.is_empty(),
            Some(ColumnImage::LobNotLogged) => true,
            _ => false,
        };
        let has = |fold: &Fold| match &fold.part {
            Part::Set(values) => values.iter().any(|(c, _)| *c == column),
            Part::Patch(c, _) => *c == column,
        };
        empty && !self.entry.folds.iter().any(|fold| !fold.undone && has(fold))
    }

    /// Whether its LOBs can be told; the column where not.
    fn check(&self) -> Result<(), (String, LobError)> {
        if !self.may_grow() {
            return Ok(());
        }
        let folded = fold(self.entry.change.clone(), self.entry.folds.clone(), &self.columns);
        folded.map(drop).map_err(|FoldError { column, error }| {
            let name = self.columns.columns.get(column).map_or_else(String::new, |(name, _)| name.as_str().to_owned());
            (name, error)
        })
    }
}

fn out_of_order(row: &RedoRow, detail: &'static str) -> DecodeError {
    DecodeError::lob(row, LobError::new(LobErrorKind::Sequence, detail))
}
