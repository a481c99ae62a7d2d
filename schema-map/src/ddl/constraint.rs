use super::{Builder, Made, Phase};
use crate::{
    Constraint, ConstraintKind, NameMap, ObjectKind, ObjectPath, OnDelete, OracleIdent, PgIdent, PlanError, Table,
};
use std::collections::{BTreeSet, HashSet};
use type_convert::PgType;

/// How a constraint is called in lists: by its name, or by its table.
fn source(table: &Table, constraint: &Constraint) -> ObjectPath {
    match &constraint.name {
        Some(name) => ObjectPath::new(table.path.schema.clone(), name.clone()),
        None => table.path.clone(),
    }
}

fn is_key(constraint: &Constraint) -> bool {
    constraint.key_columns().is_some()
}

fn is_check(constraint: &Constraint) -> bool {
    matches!(constraint.kind, ConstraintKind::Check { .. })
}

fn is_foreign_key(constraint: &Constraint) -> bool {
    matches!(constraint.kind, ConstraintKind::ForeignKey { .. })
}

fn noun(constraint: &Constraint) -> &'static str {
    match constraint.kind {
        ConstraintKind::PrimaryKey { .. } => "primary key",
        ConstraintKind::Unique { .. } => "unique constraint",
        ConstraintKind::ForeignKey { .. } => "foreign key",
        ConstraintKind::Check { .. } => "check",
    }
}

fn deferral(constraint: &Constraint) -> &'static str {
    match (constraint.deferrable, constraint.initially_deferred) {
        (false, _) => "",
        (true, false) => " DEFERRABLE",
        (true, true) => " DEFERRABLE INITIALLY DEFERRED",
    }
}

fn same_columns(a: &[OracleIdent], b: &[OracleIdent]) -> bool {
    a.len() == b.len() && a.iter().collect::<BTreeSet<_>>() == b.iter().collect::<BTreeSet<_>>()
}

/// The enabled key of `table` that a foreign key can refer to by `columns`, or by nothing.
fn referenced_key<'t>(table: &'t Table, columns: &[OracleIdent]) -> Option<(usize, &'t [OracleIdent])> {
    table.constraints.iter().enumerate().filter(|(_, c)| c.enabled).find_map(|(position, c)| {
        let key = c.key_columns()?;
        let fits = match columns {
            [] => matches!(c.kind, ConstraintKind::PrimaryKey { .. }),
            _ => same_columns(key, columns),
        };
        fits.then_some((position, key))
    })
}

impl Builder<'_> {
    /// Calls `make` for each enabled constraint of one sort on a table that is made, refuses the others of the sort.
    fn each(
        &mut self,
        sort: fn(&Constraint) -> bool,
        mut make: impl FnMut(&mut Self, &Table, &Constraint, &PgIdent) -> Result<(), String>,
    ) -> Result<(), PlanError> {
        let catalog = self.catalog;
        for table in &catalog.tables {
            for (position, constraint) in table.constraints.iter().enumerate().filter(|(_, c)| sort(c)) {
                let source = source(table, constraint);
                let what = match &constraint.name {
                    Some(_) => noun(constraint).to_owned(),
                    None => format!("{} without a name", noun(constraint)),
                };
                if !self.tables.contains_key(&table.path) {
                    self.refuse(ObjectKind::Constraint, &source, format!("{what}: its table is not converted"));
                    continue;
                }
                if !constraint.enabled {
                    let reason = format!("{what} of {}: disabled in Oracle, so it is not made", table.path);
                    self.refuse(ObjectKind::Constraint, &source, reason);
                    continue;
                }
                let name = self.names.constraint(table, position);
                let name = name.ok_or_else(|| PlanError::Unnamed(format!("{what} {source} of {}", table.path)))?;
                let name = name.clone();
                if let Err(reason) = make(self, table, constraint, &name) {
                    let reason = format!("{what} of {}: {reason}", table.path);
                    self.refuse(ObjectKind::Constraint, &source, reason);
                }
            }
        }
        Ok(())
    }

    pub(super) fn keys(&mut self) -> Result<(), PlanError> {
        let referenced = self.referenced_keys();
        self.each(is_key, |builder, table, constraint, name| {
            let columns = constraint.key_columns().unwrap_or_default();
            let Some(made) = builder.tables.get(&table.path) else { return Ok(()) };
            let list = key_columns(made, builder.names, columns)?;
            let mut notes = Vec::new();
            let primary = matches!(constraint.kind, ConstraintKind::PrimaryKey { .. });
            if !primary {
                notes.extend(null_note(columns, table));
            }
            if !constraint.validated {
                notes
                    .push("NOVALIDATE has no counterpart here: rows that break the key keep it from being made".into());
            }
            let position = table.constraints.iter().position(|c| std::ptr::eq(c, constraint)).unwrap_or_default();
            let is_referenced = constraint.deferrable && referenced.contains(&(table.path.clone(), position));
            let deferral = match deferral(constraint) {
                deferral if deferral.is_empty() || !is_referenced => deferral,
                _ => {
                    notes.push("not DEFERRABLE: PostgreSQL lets no foreign key refer to a key that is".to_owned());
                    ""
                }
            };
            let word = if primary { "PRIMARY KEY" } else { "UNIQUE" };
            let sql = format!(
                "ALTER TABLE {} ADD CONSTRAINT {} {word} ({list}){deferral};",
                made.target.quoted(),
                name.quoted()
            );
            let target = made.target.clone();
            builder.push(Phase::Keys, ObjectKind::Constraint, &source(table, constraint), sql, notes);
            builder.adds(target, name);
            Ok(())
        })
    }

    /// The keys that foreign keys which will be made refer to.
    fn referenced_keys(&self) -> HashSet<(ObjectPath, usize)> {
        let mut keys = HashSet::new();
        for constraint in self.catalog.tables.iter().flat_map(|t| &t.constraints).filter(|c| c.enabled) {
            if let ConstraintKind::ForeignKey { references, referenced_columns, .. } = &constraint.kind
                && let Some(table) = self.relations.tables.get(references)
                && let Some((position, _)) = referenced_key(table, referenced_columns)
            {
                keys.insert((references.clone(), position));
            }
        }
        keys
    }

    pub(super) fn checks(&mut self) -> Result<(), PlanError> {
        self.each(is_check, |builder, table, constraint, name| {
            let ConstraintKind::Check { condition } = &constraint.kind else { return Ok(()) };
            let rewritten = builder
                .rewriter
                .check(&table.path, condition)
                .map_err(|refused| format!("{} in: {condition}", refused.message(condition)))?;
            builder.helpers.extend(rewritten.helpers);
            let mut notes: Vec<String> = rewritten.notes.into_iter().collect();
            if constraint.deferrable {
                notes.push("DEFERRABLE has no counterpart for checks".to_owned());
            }
            let Some(made) = builder.tables.get(&table.path) else { return Ok(()) };
            let not_valid = if constraint.validated { "" } else { " NOT VALID" };
            let sql = format!(
                "ALTER TABLE {} ADD CONSTRAINT {} CHECK ({}){not_valid};",
                made.target.quoted(),
                name.quoted(),
                rewritten.sql
            );
            let target = made.target.clone();
            builder.push(Phase::Indexes, ObjectKind::Constraint, &source(table, constraint), sql, notes);
            builder.adds(target, name);
            Ok(())
        })
    }

    pub(super) fn foreign_keys(&mut self) -> Result<(), PlanError> {
        self.each(is_foreign_key, |builder, table, constraint, name| {
            let ConstraintKind::ForeignKey { columns, references, referenced_columns, on_delete } = &constraint.kind
            else {
                return Ok(());
            };
            let (Some(made), Some(other)) = (builder.tables.get(&table.path), builder.tables.get(references)) else {
                return Err(format!("it refers to {references}, which is not part of what is converted"));
            };
            let Some((_, key)) = referenced_key(other.table, referenced_columns) else {
                return Err(format!(
                    "{references} has no enabled primary key or unique constraint of the columns that it refers to"
                ));
            };
            let referenced = if referenced_columns.is_empty() { key } else { referenced_columns };
            if referenced.len() != columns.len() {
                return Err(format!("it has {} columns and refers to {}", columns.len(), referenced.len()));
            }
            let list = key_columns(made, builder.names, columns)?;
            let other_list = key_columns(other, builder.names, referenced)?;
            for (column, referenced) in columns.iter().zip(referenced) {
                if let (Some(from), Some(to)) = (made.pg_type(column), other.pg_type(referenced))
                    && !can_refer(from, to)
                {
                    return Err(format!(
                        "{column} is {from} and refers to {to}, which PostgreSQL cannot compare: give both one type in the type overrides"
                    ));
                }
            }
            let mut notes = Vec::new();
            let padded = columns.iter().zip(referenced).any(|(column, of)| {
                let kinds = (made.pg_type(column), other.pg_type(of));
                matches!(
                    kinds,
                    (Some(PgType::Bpchar { .. }), Some(PgType::Varchar { .. } | PgType::Text))
                        | (Some(PgType::Varchar { .. } | PgType::Text), Some(PgType::Bpchar { .. }))
                )
            });
            if padded {
                notes.push("CHAR and VARCHAR2 are compared without the blanks that pad".to_owned());
            }
            let not_valid = match (constraint.validated, made.partitioned) {
                (true, _) => "",
                (false, false) => " NOT VALID",
                (false, true) => {
                    notes.push("NOVALIDATE has no counterpart on a partitioned table: all rows are checked".to_owned());
                    ""
                }
            };
            let on_delete = match on_delete {
                OnDelete::NoAction => "",
                OnDelete::Cascade => " ON DELETE CASCADE",
                OnDelete::SetNull => " ON DELETE SET NULL",
            };
            let sql = format!(
                "ALTER TABLE {} ADD CONSTRAINT {} FOREIGN KEY ({list}) REFERENCES {} ({other_list}){on_delete}{}{};",
                made.target.quoted(),
                name.quoted(),
                other.target.quoted(),
                deferral(constraint),
                not_valid,
            );
            let target = made.target.clone();
            builder.push(Phase::ForeignKeys, ObjectKind::Constraint, &source(table, constraint), sql, notes);
            builder.adds(target, name);
            Ok(())
        })
    }
}

/// Whether PostgreSQL has an equality operator for a foreign key between these types.
fn can_refer(from: &PgType, to: &PgType) -> bool {
    let is_integer = |t: &PgType| matches!(t, PgType::Int2 | PgType::Int4 | PgType::Int8);
    let is_text = |t: &PgType| matches!(t, PgType::Text | PgType::Varchar { .. } | PgType::Bpchar { .. });
    match (from, to) {
        (from, PgType::Numeric { .. }) if is_integer(from) => true,
        (from, to) if is_integer(from) && is_integer(to) || is_text(from) && is_text(to) => true,
        (from, to) => std::mem::discriminant(from) == std::mem::discriminant(to),
    }
}

pub(super) fn key_columns(made: &Made<'_>, names: &NameMap, columns: &[OracleIdent]) -> Result<String, String> {
    if let Some((column, pg_type)) = made.incomparable(columns) {
        return Err(format!("{column} is {pg_type}, which PostgreSQL cannot compare"));
    }
    made.quoted_columns(names, columns).map_err(|column| format!("{column} is not converted"))
}

/// Says how NULLs count, where it matters.
pub(super) fn null_note(columns: &[OracleIdent], table: &Table) -> Option<String> {
    let nullable = columns.iter().filter_map(|c| table.column(c)).filter(|(_, c)| c.nullable).count();
    (columns.len() > 1 && nullable > 0)
        .then(|| "rows that are alike up to a NULL are no duplicates in PostgreSQL, but are in Oracle".to_owned())
}
