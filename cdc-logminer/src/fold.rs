//! Rows that go on with an earlier one of their transaction: LOB operations, documents and strings in pieces.

use crate::{
    Change, ColumnImage, LobData, LobError, LobErrorKind, LobPatch, Operation, TableColumns,
    changes::UndoKey,
    encoding::{Decoder, put_number, put_patch, put_value},
};
use std::collections::BTreeMap;
use type_convert::{OracleType, Value, oson};

/// What later rows say of columns of a change.
#[derive(Clone)]
pub(crate) struct Fold {
    /// Whether it was taken back.
    pub(crate) undone: bool,
    /// Of an UPDATE, which a row of its own takes back.
    pub(crate) key: Option<UndoKey>,
    pub(crate) part: Part,
}

#[derive(Clone)]
pub(crate) enum Part {
    /// New values of columns.
    Set(Vec<(usize, Value)>),
    /// An operation on the LOB of a column.
    Patch(usize, LobPatch),
}

/// What is wrong with the content of which column.
#[derive(Debug)]
pub(crate) struct FoldError {
    pub(crate) column: usize,
    pub(crate) error: LobError,
}

impl Fold {
    /// About how many bytes of memory it holds.
    pub(crate) fn size(&self) -> usize {
        let part = match &self.part {
            Part::Patch(_, patch) => patch.size(),
            Part::Set(values) => values
                .iter()
                .map(|(_, value)| match value {
                    Value::Text(text) => text.len(),
                    Value::Bytes(bytes) => bytes.len(),
                    _ => 64,
                })
                .sum(),
        };
        size_of::<Self>() + part
    }

    /// A fold that was taken back is as long as before.
    pub(crate) fn put(&self, out: &mut Vec<u8>) {
        out.push(u8::from(self.undone));
        out.push(u8::from(self.key.is_some()));
        if let Some(key) = &self.key {
            key.put(out);
        }
        match &self.part {
            Part::Set(values) => {
                out.push(0);
                put_number(out, values.len() as u64);
                for (column, value) in values {
                    put_number(out, *column as u64);
                    put_value(out, value);
                }
            }
            Part::Patch(column, patch) => {
                out.push(1);
                put_number(out, *column as u64);
                put_patch(out, patch);
            }
        }
    }

    pub(crate) fn take(bytes: &mut Decoder<'_>) -> Option<Self> {
        let undone = bytes.byte()? != 0;
        let key = match bytes.byte()? {
            0 => None,
            _ => Some(UndoKey::take(bytes)?),
        };
        let part = match bytes.byte()? {
            0 => Part::Set((0..bytes.number()?).map(|_| Some((bytes.size()?, bytes.value()?))).collect::<Option<_>>()?),
            _ => Part::Patch(bytes.size()?, bytes.patch()?),
        };
        Some(Fold { undone, key, part })
    }
}

/// The change as it is with what later rows said of it.
pub(crate) fn fold(mut change: Change, folds: Vec<Fold>, columns: &TableColumns) -> Result<Change, FoldError> {
    let is_insert = matches!(change.operation, Operation::Insert { .. });
    let (Operation::Insert { after } | Operation::Update { after, .. }) = &mut change.operation else {
        return Ok(change);
    };
    let mut patches: BTreeMap<usize, LobPatch> = BTreeMap::new();
    for fold in folds.into_iter().filter(|fold| !fold.undone) {
        match fold.part {
            Part::Set(values) => {
                for (column, value) in values {
                    patches.remove(&column);
                    if let Some(image) = after.get_mut(column) {
                        *image = ColumnImage::Value(value);
                    }
                }
            }
            Part::Patch(column, patch) => match patches.get_mut(&column) {
                Some(earlier) => earlier.append(patch).map_err(|error| FoldError { column, error })?,
                None => {
                    patches.insert(column, patch);
                }
            },
        }
    }
    for (column, patch) in patches {
        let Some(image) = after.get_mut(column) else { continue };
        *image = patched(std::mem::take(image), patch, is_insert).map_err(|error| FoldError { column, error })?;
    }
    for (column, ((_, ty), image)) in columns.columns.iter().zip(after).enumerate() {
        if *ty == OracleType::Json
            && let ColumnImage::Value(Value::Bytes(bytes)) = image
        {
            *image = json(bytes).map_err(|error| FoldError { column, error })?;
        }
    }
    Ok(change)
}

fn patched(image: ColumnImage, patch: LobPatch, is_insert: bool) -> Result<ColumnImage, LobError> {
    let base = match image {
        ColumnImage::Value(Value::Text(text)) => LobData::Text(text),
        ColumnImage::Value(Value::Bytes(bytes)) => LobData::Bytes(bytes),
        ColumnImage::Value(_) => {
            return Err(LobError::new(LobErrorKind::Sequence, "an operation on a LOB that is NULL"));
        }
        // The LOB of a new row begins with nothing.
        _ if is_insert => LobData::empty(patch.kind()),
        _ => {
            return Ok(match patch.value()? {
                Some(whole) => ColumnImage::Value(whole.into()),
                None => ColumnImage::LobPatch(patch),
            });
        }
    };
    Ok(ColumnImage::Value(patch.apply(base)?.into()))
}

/// A JSON value as LogMiner gives it, in Oracle's binary form; nothing where later redo should have completed it and did not.
fn json(bytes: &[u8]) -> Result<ColumnImage, LobError> {
    if bytes.is_empty() {
        return Ok(ColumnImage::LobNotLogged);
    }
    let mut text = Vec::new();
    let undecodable = |detail: String| LobError::new(LobErrorKind::Encoding, format!("a JSON value: {detail}"));
    oson::to_json(bytes, &mut text).map_err(|e| undecodable(e.to_string()))?;
    let text = String::from_utf8(text).map_err(|e| undecodable(e.to_string()))?;
    Ok(ColumnImage::Value(Value::Text(text)))
}
