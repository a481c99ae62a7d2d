use super::catalog::{ColumnFacts, IndexFacts};
use super::relocate::{ROW_ID, TOUCHED};
use crate::copy::copy_in_statement;
use crate::quarantine::readable;
use crate::{Error, ErrorKind, Result};
use bytes::{Bytes, BytesMut};
use cdc_logminer::{Change, ColumnImage, Operation};
use postgres_types::{Format, IsNull, ToSql, Type};
use schema_map::{TablePlan, pg_literal};
use std::error::Error as StdError;
use type_convert::{PgType, Transcoder, Value};

/// A table that changes are applied to.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) table_id: i32,
    pub(super) plan: TablePlan,
    pub(super) columns: Vec<TargetColumn>,
    /// What its indexes mean for the order of changes; learned at the first batch, and anew when a batch failed.
    pub(super) indexes: IndexFacts,
}

#[derive(Debug)]
pub(super) struct TargetColumn {
    name: String,
    pub(super) transcoder: Transcoder,
    ty: Type,
    pub(super) facts: ColumnFacts,
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
    /// Many rows of all columns.
    InsertSet,
    /// More still: COPY, whose one parameter is its data.
    InsertCopy,
    /// These columns are set in many rows, found by key. Of no columns: the rows are only looked for.
    UpdateSet { set: Columns },
    /// Many rows go, found by key.
    DeleteSet,
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
    pub(super) fn new(table_id: i32, plan: &TablePlan, facts: Vec<ColumnFacts>) -> Result<Self> {
        let columns = plan
            .columns
            .iter()
            .zip(facts)
            .map(|(column, facts)| {
                let at = |error: Error| error.with_table(&plan.target).with_column(&column.target);
                let transcoder = Transcoder::new(&column.oracle_type, &column.pg_type, column.loss).map_err(|e| {
                    at(Error::new(ErrorKind::Plan, "this column cannot be written; plan another target type for it")
                        .with_source(e))
                })?;
                // The type that the column has, as COPY takes it too: a `character(n)` sent as such into `text` would lose its blanks.
                // The server finds out by itself what a parameter without a type is: what the column is that it meets.
                let ty = Type::from_oid(facts.oid).unwrap_or(Type::UNKNOWN);
                let compared_as_text = matches!(column.pg_type, PgType::Json | PgType::Xml);
                let cast = if ty == Type::UNKNOWN { format!("::{}", facts.name) } else { String::new() };
                Ok(TargetColumn { name: column.target.quoted(), transcoder, ty, facts, compared_as_text, cast })
            })
            .collect::<Result<_>>()?;
        Ok(Target { table_id, plan: plan.clone(), columns, indexes: IndexFacts::default() })
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
            Shape::InsertSet => {
                let names: Vec<&str> = self.columns.iter().map(|c| c.name.as_str()).collect();
                let (names, (rows, aliases)) = (names.join(", "), self.unnest(0..self.columns.len()));
                format!(
                    "INSERT INTO {table} ({names}) OVERRIDING SYSTEM VALUE SELECT * FROM unnest({rows}) AS u ({aliases})"
                )
            }
            Shape::InsertCopy => copy_in_statement(&self.plan),
            Shape::UpdateSet { set } => {
                let keys = self.plan.key.len();
                let mut assignments: Vec<String> = set
                    .iter()
                    .enumerate()
                    .map(|(n, &c)| format!("{} = u.c{}", self.column(c).name, keys + n))
                    .collect();
                if assignments.is_empty() {
                    let name = &self.columns[self.plan.key[0]].name;
                    assignments.push(format!("{name} = t.{name}"));
                }
                let all = self.plan.key.iter().copied().chain(set.iter().map(|&c| usize::from(c)));
                let (rows, aliases) = self.unnest(all);
                format!(
                    "UPDATE {table} AS t SET {} FROM unnest({rows}) AS u ({aliases}) WHERE {}",
                    assignments.join(", "),
                    self.same_key()
                )
            }
            Shape::DeleteSet => {
                let (rows, aliases) = self.unnest(self.plan.key.iter().copied());
                format!("DELETE FROM {table} AS t USING unnest({rows}) AS u ({aliases}) WHERE {}", self.same_key())
            }
        }
    }

    /// `$1::"pg_catalog"."int4"[], …` and `c0, …` for arrays of these columns.
    fn unnest(&self, columns: impl Iterator<Item = usize>) -> (String, String) {
        let (arrays, aliases): (Vec<String>, Vec<String>) = columns
            .enumerate()
            .map(|(n, c)| (format!("${}::{}[]", n + 1, self.columns[c].facts.name), format!("c{n}")))
            .unzip();
        (arrays.join(", "), aliases.join(", "))
    }

    fn same_key(&self) -> String {
        let terms = self.plan.key.iter().enumerate().map(|(n, &c)| format!("t.{} = u.c{n}", self.columns[c].name));
        terms.collect::<Vec<_>>().join(" AND ")
    }

    /// What updates a row while rows are out of their table, in the order in which it is tried: a row in `parked` with this ROWID;
    /// one that is in the table still; one in `parked`. Parameters are the update's. `names` are all columns that can be written.
    pub(super) fn relocated_sql(
        &self,
        set: &[u16],
        row: &Row,
        parked: &str,
        names: &[String],
        touched: u64,
        row_id: Option<&str>,
    ) -> Vec<String> {
        let values: Vec<String> = names
            .iter()
            .map(|name| match set.iter().position(|&c| self.column(c).name == *name) {
                Some(n) => format!("${}{}", n + 1, self.column(set[n]).cast),
                None => name.clone(),
            })
            .collect();
        let (table, condition, names) = (self.plan.target.quoted(), self.condition(row, set.len()), names.join(", "));
        let same_row = row_id.map_or("NULL".to_owned(), pg_literal);
        let take = format!(
            "WITH gone AS (DELETE FROM {table} WHERE {condition} RETURNING {names}) \
             INSERT INTO {parked} ({names}, {TOUCHED}, {ROW_ID}) SELECT {}, {touched}, {same_row} FROM gone",
            values.join(", ")
        );
        let assignments: Vec<String> =
            set.iter().enumerate().map(|(n, &c)| format!("{} = ${}", self.column(c).name, n + 1)).collect();
        let terms = self.terms(row, set.len());
        let again = |terms: &str| {
            format!(
                "UPDATE {parked} SET {}, {TOUCHED} = {touched} \
                 WHERE ctid = (SELECT ctid FROM {parked} WHERE {terms} ORDER BY {TOUCHED} LIMIT 1)",
                assignments.join(", ")
            )
        };
        let first = row_id.map(|_| again(&format!("{ROW_ID} = {same_row} AND {terms}")));
        first.into_iter().chain([take, again(&terms)]).collect()
    }

    /// Reads these columns of the row, and keeps others from changing it meanwhile.
    pub(super) fn read_sql(&self, columns: &[usize], row: &Row) -> String {
        let names: Vec<&str> = columns.iter().map(|&c| self.columns[c].name.as_str()).collect();
        let (table, condition) = (self.plan.target.quoted(), self.condition(row, 0));
        format!("SELECT {} FROM {table} WHERE {condition} FOR UPDATE", names.join(", "))
    }

    /// How the row with this image is found, and the values that find it.
    pub(super) fn find(
        &self,
        before: &[ColumnImage],
        change: &Change,
        buffer: &mut BytesMut,
    ) -> Result<(Row, Vec<Field>)> {
        self.check_width(before)?;
        let mut fields = Fields { target: self, buffer, fields: Vec::new(), change };
        let row = fields.row(before)?;
        Ok((row, fields.fields))
    }

    /// The parameter types of what finds a row.
    pub(super) fn row_types(&self, row: &Row) -> Vec<Type> {
        match row {
            Row::Key => self.plan.key.iter().map(|&c| self.columns[c].ty.clone()).collect(),
            Row::Logged { values, .. } => values.iter().map(|&c| self.column(c).ty.clone()).collect(),
        }
    }

    /// Whether its changes can be made in sets: rows have a key that finds one row at most, known by an index, whose values are
    /// equal where their bytes are, and all columns can go in arrays.
    pub(super) fn takes_sets(&self) -> bool {
        self.indexes.known
            && self.indexes.key_is_unique
            && self.plan.key.iter().all(|&c| self.columns[c].facts.equal_by_bytes)
            && self.takes_rows()
    }

    /// Whether rows can be inserted in sets: all columns can go in arrays.
    pub(super) fn takes_rows(&self) -> bool {
        self.columns.iter().all(|c| !c.facts.is_array)
    }

    /// Whether rows can be inserted by COPY before anything else of a batch is done: no value that must be unique, but the key's, can come from a row that
    /// changes or goes.
    pub(super) fn takes_copy(&self) -> bool {
        self.indexes.known && self.indexes.takes_copy && !self.indexes.ordered.contains(&true)
    }

    /// The parameter types of a shape.
    pub(super) fn types(&self, shape: &Shape) -> Vec<Type> {
        let ty = |c: &u16| self.column(*c).ty.clone();
        let row = |row: &Row| self.row_types(row);
        match shape {
            Shape::Insert => self.columns.iter().map(|c| c.ty.clone()).collect(),
            Shape::Update { set, row: by } => set.iter().map(ty).chain(row(by)).collect(),
            Shape::Delete { row: by } => row(by),
            Shape::DeleteAll | Shape::InsertCopy => Vec::new(),
            // Arrays: the statement says of what.
            Shape::InsertSet => vec![Type::UNKNOWN; self.columns.len()],
            Shape::UpdateSet { set } => vec![Type::UNKNOWN; self.plan.key.len() + set.len()],
            Shape::DeleteSet => vec![Type::UNKNOWN; self.plan.key.len()],
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
        let terms = self.terms(row, parameters_before);
        match row {
            Row::Logged { whole: true, .. } => {
                let table = self.plan.target.quoted();
                // Of several equal rows any one will do, but only one. A ctid is unique within its partition only.
                format!("(tableoid, ctid) = (SELECT tableoid, ctid FROM {table} WHERE {terms} LIMIT 1)")
            }
            // Rows that agree in these columns may differ in others: more than one is a conflict.
            Row::Key | Row::Logged { .. } => terms,
        }
    }

    fn terms(&self, row: &Row, parameters_before: usize) -> String {
        let equal = |(n, c): (usize, &TargetColumn)| {
            let n = parameters_before + n + 1;
            match c.compared_as_text {
                true => format!("{}::text = ${n}::text", c.name),
                false => format!("{} = ${n}{}", c.name, c.cast),
            }
        };
        let terms: Vec<String> = match row {
            Row::Key => self.plan.key.iter().map(|&c| &self.columns[c]).enumerate().map(equal).collect(),
            Row::Logged { values, nulls, .. } => {
                let terms = values.iter().map(|&c| self.column(c)).enumerate().map(equal);
                let null_terms = nulls.iter().map(|&c| format!("{} IS NULL", self.column(c).name));
                terms.chain(null_terms).collect()
            }
        };
        terms.join(" AND ")
    }

    fn column(&self, column: u16) -> &TargetColumn {
        &self.columns[usize::from(column)]
    }

    pub(super) fn check_width(&self, images: &[ColumnImage]) -> Result<()> {
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

    pub(super) fn row(&mut self, before: &[ColumnImage]) -> Result<Row> {
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

pub(super) fn position(column: usize) -> u16 {
    u16::try_from(column).expect("a table has at most 1600 columns")
}
