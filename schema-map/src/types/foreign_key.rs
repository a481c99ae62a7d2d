use super::{TypeError, TypePolicy, decide};
use crate::catalog::Relations;
use crate::{Column, ConstraintKind, ObjectPath, OracleIdent, Table};
use type_convert::{LossPolicy, PgType};

/// Lets foreign keys follow the keys that they refer to.
///
/// Oracle takes NUMBER and NUMBER(6) for one type, PostgreSQL has no foreign key from `numeric` to `integer`. So a
/// column that another policy makes `numeric`, not fixed to it, becomes the integer type of the column that it refers to. Nothing can
/// be lost by it: the foreign key is enabled and validated, so every value is one of that column's.
pub(crate) struct ForeignKeyTypes<'a> {
    pub(crate) catalog: &'a Relations<'a>,
    pub(crate) policy: &'a dyn TypePolicy,
}

/// References of references that are followed.
const MAX_DEPTH: usize = 8;

impl ForeignKeyTypes<'_> {
    fn following(&self, table: &Table, column: &Column, depth: usize) -> Result<PgType, TypeError> {
        let own = decide(self.policy, table, column)?;
        let fixed = self.policy.is_fixed(table, column);
        if fixed || !matches!(own, PgType::Numeric { .. }) || depth == MAX_DEPTH {
            return Ok(own);
        }
        for (other, name) in references(self.catalog, table, &column.name) {
            let Some(other) = self.catalog.tables.get(other) else { continue };
            let Some((_, referenced)) = other.column(name) else { continue };
            if other.path == table.path && referenced.name == column.name {
                continue;
            }
            let pg_type = self.following(other, referenced, depth + 1)?;
            if matches!(pg_type, PgType::Int2 | PgType::Int4 | PgType::Int8) {
                return Ok(pg_type);
            }
        }
        Ok(own)
    }
}

/// What a column refers to by foreign keys that hold for every row.
fn references<'a>(
    catalog: &'a Relations<'a>,
    table: &'a Table,
    column: &'a OracleIdent,
) -> impl Iterator<Item = (&'a ObjectPath, &'a OracleIdent)> {
    table.constraints.iter().filter(|c| c.enabled && c.validated).filter_map(move |constraint| {
        let ConstraintKind::ForeignKey { columns, references, referenced_columns, .. } = &constraint.kind else {
            return None;
        };
        let position = columns.iter().position(|c| c == column)?;
        let referenced = match referenced_columns.as_slice() {
            [] => catalog.tables.get(references)?.primary_key()?,
            columns => columns,
        };
        Some((references, referenced.get(position)?))
    })
}

impl TypePolicy for ForeignKeyTypes<'_> {
    fn pg_type(&self, table: &Table, column: &Column) -> Result<Option<PgType>, TypeError> {
        self.following(table, column, 0).map(Some)
    }

    fn is_fixed(&self, table: &Table, column: &Column) -> bool {
        self.policy.is_fixed(table, column)
    }

    fn loss(&self, table: &Table, column: &Column) -> LossPolicy {
        self.policy.loss(table, column)
    }
}
