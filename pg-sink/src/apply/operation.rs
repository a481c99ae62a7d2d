use crate::quarantine::readable;
use crate::{Error, ErrorKind, Result};
use bytes::{Bytes, BytesMut};
use cdc_logminer::{Change, ColumnImage, Operation};
use postgres_types::{Format, IsNull, ToSql, Type};
use schema_map::TablePlan;
use std::error::Error as StdError;
use type_convert::{PgType, Transcoder, Value};

/// A table that changes are applied to.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) table_id: i32,
    pub(super) plan: TablePlan,
    columns: Vec<TargetColumn>,
}

#[derive(Debug)]
struct TargetColumn {
    name: String,
    transcoder: Transcoder,
    ty: Type,
    /// `json` and `xml` have no equality of their own.
    compared_as_text: bool,
    /// Says what a parameter is whose type has no OID known here: `::mood`.
    cast: String,
}

/// The form of a statement: operations of one shape on one table share a prepared statement.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Shape {
    /// All columns.
    Insert,
    /// These columns are set.
    Update { set: Columns, row: Row },
    /// The row goes.
    Delete { row: Row },
    /// All rows go.
    DeleteAll,
}

/// Positions in the plan's columns.
pub(super) type Columns = Box<[u16]>;

/// How a row is found.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Row {
    /// By the columns of the plan's key.
    Key,
    /// By everything that was logged of it: these columns by value, those by being NULL. `whole`: these are all its columns.
    Logged { values: Columns, nulls: Columns, whole: bool },
}

/// One statement's form and parameters.
#[derive(Debug)]
pub(super) struct RowOperation {
    pub(super) shape: Shape,
    pub(super) parameters: Vec<Field>,
    /// LOBs that changed without being in the redo.
    pub(super) lobs_not_logged: i64,
}

/// A parameter that is in PostgreSQL's binary form already; `None` is NULL.
#[derive(Debug, Clone)]
pub(super) struct Field(pub(super) Option<Bytes>);

impl ToSql for Field {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        Ok(match &self.0 {
            Some(bytes) => {
                out.extend_from_slice(bytes);
                IsNull::No
            }
            None => IsNull::Yes,
        })
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn to_sql_checked(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        self.to_sql(ty, out)
    }

    fn encode_format(&self, _: &Type) -> Format {
        Format::Binary
    }
}

impl Target {
    pub(super) fn new(table_id: i32, plan: &TablePlan) -> Result<Self> {
        let columns = plan
            .columns
            .iter()
            .map(|column| {
                let at = |error: Error| error.with_table(&plan.target).with_column(&column.target);
                let transcoder = Transcoder::new(&column.oracle_type, &column.pg_type, column.loss).map_err(|e| {
                    at(Error::new(ErrorKind::Plan, "this column cannot be written; plan another target type for it")
                        .with_source(e))
                })?;
                // The server finds out by itself what a parameter without a type is: what the column is that it meets.
                let ty = column.pg_type.oid().and_then(Type::from_oid).unwrap_or(Type::UNKNOWN);
                let compared_as_text = matches!(column.pg_type, PgType::Json | PgType::Xml);
                let cast = if ty == Type::UNKNOWN { format!("::{}", column.pg_type) } else { String::new() };
                Ok(TargetColumn { name: column.target.quoted(), transcoder, ty, compared_as_text, cast })
            })
            .collect::<Result<_>>()?;
        Ok(Target { table_id, plan: plan.clone(), columns })
    }

    /// What to execute for `change`; `None` where nothing of it is written. `buffer` is scratch space.
    pub(super) fn operation(&self, change: &Change, buffer: &mut BytesMut) -> Result<Option<RowOperation>> {
        let mut fields = Fields { target: self, buffer, fields: Vec::new(), change };
        let mut lobs_not_logged = 0;
        let shape = match &change.operation {
            Operation::Insert { after } => {
                self.check_width(after)?;
                for (column, image) in after.iter().enumerate() {
                    match image {
                        ColumnImage::Value(value) => fields.push(column, value)?,
                        // An insert's redo holds the whole row: what it leaves out is NULL. The column's
                        // default, which PostgreSQL would put in, is not what the source has.
                        ColumnImage::NotLogged => fields.fields.push(Field(None)),
                        ColumnImage::LobNotLogged => {
                            lobs_not_logged += 1;
                            fields.fields.push(Field(None));
                        }
                        ColumnImage::Unsupported => return Err(self.unsupported(column)),
                        _ => return Err(self.partial(column)),
                    }
                }
                Shape::Insert
            }
            Operation::Update { before, after } => {
                self.check_width(before)?;
                self.check_width(after)?;
                let mut set = Vec::new();
                for (column, image) in after.iter().enumerate() {
                    match image {
                        ColumnImage::Value(value) => {
                            fields.push(column, value)?;
                            set.push(position(column));
                        }
                        ColumnImage::NotLogged => {}
                        ColumnImage::LobNotLogged => lobs_not_logged += 1,
                        ColumnImage::Unsupported => return Err(self.unsupported(column)),
                        _ => return Err(self.partial(column)),
                    }
                }
                if set.is_empty() && lobs_not_logged == 0 {
                    return Ok(None);
                }
                if set.is_empty() {
                    // Only the count is kept: a statement that sets nothing but tells whether the row is there.
                    let key = self.plan.key.first().copied();
                    let Some(column) = key.or_else(|| before.iter().position(|i| matches!(i, ColumnImage::Value(_))))
                    else {
                        return Err(self.incomplete());
                    };
                    let ColumnImage::Value(value) = &before[column] else { return Err(self.incomplete()) };
                    fields.push(column, value)?;
                    set.push(position(column));
                }
                Shape::Update { set: set.into(), row: fields.row(before)? }
            }
            Operation::Delete { before } => {
                self.check_width(before)?;
                Shape::Delete { row: fields.row(before)? }
            }
            Operation::Truncate => Shape::DeleteAll,
            Operation::Ddl(ddl) if !ddl.changes_rows_or_columns() => return Ok(None),
            Operation::Ddl(ddl) => {
                let statement: String = ddl.text.chars().take(200).collect();
                let message = format!("the table was changed by DDL, which is not followed: {statement}");
                return Err(Error::new(ErrorKind::Incomplete, message));
            }
            _ => return Err(Error::new(ErrorKind::Incomplete, "a kind of change that cannot be applied")),
        };
        Ok(Some(RowOperation { shape, parameters: fields.fields, lobs_not_logged }))
    }

    /// The statement of a shape.
    pub(super) fn sql(&self, shape: &Shape) -> String {
        let table = self.plan.target.quoted();
        match shape {
            Shape::Insert => {
                let names: Vec<&str> = self.columns.iter().map(|c| c.name.as_str()).collect();
                let values: Vec<String> = (1..=names.len()).map(|n| format!("${n}")).collect();
                // Identity columns take the source's values too.
                let (names, values) = (names.join(", "), values.join(", "));
                format!("INSERT INTO {table} ({names}) OVERRIDING SYSTEM VALUE VALUES ({values})")
            }
            Shape::Update { set, row } => {
                let assignments: Vec<String> =
                    set.iter().enumerate().map(|(n, &c)| format!("{} = ${}", self.column(c).name, n + 1)).collect();
                format!("UPDATE {table} SET {} WHERE {}", assignments.join(", "), self.condition(row, set.len()))
            }
            Shape::Delete { row } => format!("DELETE FROM {table} WHERE {}", self.condition(row, 0)),
            // Not TRUNCATE: that empties the table for readers with older snapshots too, and foreign keys forbid it.
            Shape::DeleteAll => format!("DELETE FROM {table}"),
        }
    }

    /// The parameter types of a shape.
    pub(super) fn types(&self, shape: &Shape) -> Vec<Type> {
        let ty = |c: &u16| self.column(*c).ty.clone();
        let row = |row: &Row| match row {
            Row::Key => self.plan.key.iter().map(|&c| self.columns[c].ty.clone()).collect::<Vec<_>>(),
            Row::Logged { values, .. } => values.iter().map(ty).collect(),
        };
        match shape {
            Shape::Insert => self.columns.iter().map(|c| c.ty.clone()).collect(),
            Shape::Update { set, row: by } => set.iter().map(ty).chain(row(by)).collect(),
            Shape::Delete { row: by } => row(by),
            Shape::DeleteAll => Vec::new(),
        }
    }

    /// The change's row for people: `"id" = 5`.
    pub(super) fn describe(&self, change: &Change) -> String {
        let (first, second) = match &change.operation {
            Operation::Insert { after } => (after, None),
            Operation::Update { before, after } => (before, Some(after)),
            Operation::Delete { before } => (before, None),
            _ => return "the whole table".to_owned(),
        };
        let all: Vec<usize> = (0..self.columns.len()).collect();
        let columns = if self.plan.key.is_empty() { &all } else { &self.plan.key };
        let shown = columns.iter().filter_map(|&c| {
            let image = first.get(c).filter(|i| matches!(i, ColumnImage::Value(_))).or_else(|| second?.get(c))?;
            let ColumnImage::Value(value) = image else { return None };
            let mut text = readable(value.as_ref()).unwrap_or_else(|| "NULL".to_owned());
            if let Some((end, _)) = text.char_indices().nth(100) {
                text.truncate(end);
                text.push('…');
            }
            Some(format!("{} = {text}", self.columns[c].name))
        });
        shown.take(16).collect::<Vec<_>>().join(", ")
    }

    fn condition(&self, row: &Row, parameters_before: usize) -> String {
        let equal = |(n, c): (usize, &TargetColumn)| {
            let n = parameters_before + n + 1;
            match c.compared_as_text {
                true => format!("{}::text = ${n}::text", c.name),
                false => format!("{} = ${n}{}", c.name, c.cast),
            }
        };
        match row {
            Row::Key => {
                let terms = self.plan.key.iter().map(|&c| &self.columns[c]).enumerate().map(equal);
                terms.collect::<Vec<_>>().join(" AND ")
            }
            Row::Logged { values, nulls, whole } => {
                let terms = values.iter().map(|&c| self.column(c)).enumerate().map(equal);
                let null_terms = nulls.iter().map(|&c| format!("{} IS NULL", self.column(c).name));
                let terms: Vec<String> = terms.chain(null_terms).collect();
                let terms = terms.join(" AND ");
                if !whole {
                    // Rows that agree in these columns may differ in others: more than one is a conflict.
                    return terms;
                }
                let table = self.plan.target.quoted();
                // Of several equal rows any one will do, but only one. A ctid is unique within its partition only.
                format!("(tableoid, ctid) = (SELECT tableoid, ctid FROM {table} WHERE {terms} LIMIT 1)")
            }
        }
    }

    fn column(&self, column: u16) -> &TargetColumn {
        &self.columns[usize::from(column)]
    }

    fn check_width(&self, images: &[ColumnImage]) -> Result<()> {
        if images.len() == self.columns.len() {
            return Ok(());
        }
        let message = format!(
            "a change has {} columns, the plan {}: decode the redo with the columns that `table_columns` gives",
            images.len(),
            self.columns.len()
        );
        Err(Error::new(ErrorKind::Plan, message))
    }

    fn unsupported(&self, column: usize) -> Error {
        let message =
            "the redo does not hold this column's value (unsupported by LogMiner), so the change cannot be applied";
        Error::new(ErrorKind::Incomplete, message).with_column(&self.plan.columns[column].target)
    }

    fn partial(&self, column: usize) -> Error {
        let message = "the redo holds only parts of this column's LOB, which cannot be applied";
        Error::new(ErrorKind::Incomplete, message).with_column(&self.plan.columns[column].target)
    }

    fn incomplete(&self) -> Error {
        let message = "the redo does not say which row changed: nothing of it was logged";
        Error::new(ErrorKind::Incomplete, message)
    }
}

struct Fields<'a> {
    target: &'a Target,
    buffer: &'a mut BytesMut,
    fields: Vec<Field>,
    change: &'a Change,
}

impl Fields<'_> {
    fn push(&mut self, column: usize, value: &Value) -> Result<()> {
        self.buffer.clear();
        self.target.columns[column].transcoder.encode(value.as_ref(), self.buffer).map_err(|e| {
            Error::new(ErrorKind::Value, "the value does not fit")
                .with_column(&self.target.plan.columns[column].target)
                .with_row_id(self.change.row_id.as_deref())
                .with_source(e)
        })?;
        // Four bytes of length, all ones for NULL.
        let mut field = self.buffer.split().freeze();
        let length = field.split_to(4.min(field.len()));
        self.fields.push(Field((length[..] != [0xff; 4]).then_some(field)));
        Ok(())
    }

    fn row(&mut self, before: &[ColumnImage]) -> Result<Row> {
        let target = self.target;
        if !target.plan.key.is_empty() {
            for &column in &target.plan.key {
                let ColumnImage::Value(value) = &before[column] else {
                    let message = "the redo does not hold the old value of this key column: \
                                   switch supplemental logging of the table's key on (ALTER TABLE … ADD SUPPLEMENTAL LOG DATA (PRIMARY KEY) COLUMNS)";
                    let column = &target.plan.columns[column].target;
                    return Err(Error::new(ErrorKind::Incomplete, message).with_column(column));
                };
                self.push(column, value)?;
            }
            return Ok(Row::Key);
        }
        let (mut values, mut nulls) = (Vec::new(), Vec::new());
        for (column, image) in before.iter().enumerate() {
            let ColumnImage::Value(value) = image else { continue };
            self.push(column, value)?;
            // A policy may turn a value into NULL as well.
            if self.fields.last().is_some_and(|f| f.0.is_none()) {
                self.fields.pop();
                nulls.push(position(column));
            } else {
                values.push(position(column));
            }
        }
        if values.is_empty() && nulls.is_empty() {
            return Err(target.incomplete());
        }
        let whole = values.len() + nulls.len() == before.len();
        Ok(Row::Logged { values: values.into(), nulls: nulls.into(), whole })
    }
}

fn position(column: usize) -> u16 {
    u16::try_from(column).expect("a table has at most 1600 columns")
}
