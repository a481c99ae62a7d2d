//! Parts of LOBs into the LOBs that are stored.

use super::operation::{Row, Target};
use super::origin::Origin;
use crate::{Error, ErrorKind, Result};
use bytes::BytesMut;
use cdc_logminer::{Change, ColumnImage, LobData, LobKind, LobPatch, Operation};
use postgres_types::{FromSql, Type};
use std::error::Error as StdError;
use tokio_postgres::Client;
use type_convert::{PgType, Value};

/// Whether a change says of a LOB in what it differs from the one that is there.
pub(super) fn has_patches(change: &Change) -> bool {
    matches!(&change.operation, Operation::Update { after, .. } if after.iter().any(|i| matches!(i, ColumnImage::LobPatch(_))))
}

/// The change with whole LOBs in place of their parts: the stored ones are read, locked until the transaction ends, and patched.
/// A row that is not there leaves them out, so that the update finds out.
pub(super) async fn with_whole_lobs(
    client: &Client,
    target: &Target,
    origin: &Origin<'_>,
    buffer: &mut BytesMut,
) -> Result<Change> {
    let mut change = Change::clone(&origin.change);
    let at = |e: Error| origin.place(e.with_table(&target.plan.target).with_row_id(origin.change.row_id.as_deref()));
    let Operation::Update { before, after } = &mut change.operation else { return Ok(change) };
    let mut columns = Vec::new();
    for (column, image) in after.iter_mut().enumerate() {
        let ColumnImage::LobPatch(patch) = image else { continue };
        let plan = &target.plan.columns[column];
        let text = matches!(plan.pg_type, PgType::Text | PgType::Varchar { .. });
        let fits = if patch.kind() == LobKind::Blob { plan.pg_type == PgType::Bytea } else { text };
        // Its content alone counts, and needs nothing of what is there.
        let whole = patch.value().map_err(|e| at(cannot(target, column).with_source(e)))?;
        match whole {
            Some(whole) => *image = ColumnImage::Value(Value::from(whole)),
            None if fits => columns.push(column),
            None => {
                let message = "the redo holds parts of this LOB only, and what is stored in a column of this type is not the LOB's own text: \
                               plan `text` or `bytea` for it";
                return Err(at(Error::new(ErrorKind::Incomplete, message).with_column(&plan.target)));
            }
        }
    }
    if columns.is_empty() {
        return Ok(change);
    }
    let (row, parameters) = target.find(before, &origin.change, buffer).map_err(at)?;
    let types = target.row_types(&row);
    let failed = |e| origin.failed(target, e);
    let statement = client.prepare_typed(&target.read_sql(&columns, &row), &types).await.map_err(failed)?;
    let by: Vec<_> = parameters.iter().map(|f| f as &(dyn postgres_types::ToSql + Sync)).collect();
    let rows = client.query(&statement, &by).await.map_err(failed)?;
    let [stored] = &rows[..] else {
        if rows.len() > 1 && !matches!(row, Row::Logged { whole: true, .. }) {
            return Err(origin.conflict(target, rows.len() as u64));
        }
        return Err(origin.conflict(target, 0));
    };
    for (nth, &column) in columns.iter().enumerate() {
        let image = &mut after[column];
        let ColumnImage::LobPatch(patch) = image else { continue };
        let Raw(base) = stored.try_get(nth).map_err(failed)?;
        *image = ColumnImage::Value(patched(target, column, patch, base).map_err(at)?);
    }
    Ok(change)
}

fn patched(target: &Target, column: usize, patch: &LobPatch, base: Option<Vec<u8>>) -> Result<Value> {
    let Some(base) = base else {
        // There is no LOB to write into, neither there nor here: the target lost it before.
        let message =
            "the redo holds parts of this LOB only, and the target has NULL in its place: load the table anew";
        let error = Error::new(ErrorKind::Conflict, message);
        return Err(error.with_column(&target.plan.columns[column].target));
    };
    let base = match patch.kind() {
        LobKind::Blob => LobData::Bytes(base),
        _ => LobData::Text(String::from_utf8(base).map_err(|e| cannot(target, column).with_source(e))?),
    };
    patch.apply(base).map(Value::from).map_err(|e| cannot(target, column).with_source(e))
}

fn cannot(target: &Target, column: usize) -> Error {
    let message = "what the redo says of this LOB does not fit the one that is stored";
    Error::new(ErrorKind::Incomplete, message).with_column(&target.plan.columns[column].target)
}

/// A value as the server sent it.
struct Raw(Option<Vec<u8>>);

impl<'a> FromSql<'a> for Raw {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn StdError + Sync + Send>> {
        Ok(Raw(Some(raw.to_vec())))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn StdError + Sync + Send>> {
        Ok(Raw(None))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}
