//! Statements that describe or change the objects of a catalog. What has a place in the catalog is held in its form.

use crate::{
    CodeKind, Constraint, Grant, Identity, IdentityOptions, Index, MaterializedView, ObjectPath, OracleIdent, Sequence,
    StoredCode, Synonym, Table, View,
};
use type_convert::{LengthUnit, OracleType};

/// A statement, as far as a catalog can tell.
#[derive(Debug)]
pub(crate) enum Statement {
    CreateTable(Box<CreateTable>),
    AlterTable {
        table: ObjectPath,
        changes: Vec<TableChange>,
    },
    CreateIndex {
        index: Index,
        if_not_exists: bool,
    },
    CreateSequence {
        path: ObjectPath,
        options: SequenceOptions,
        if_not_exists: bool,
    },
    AlterSequence {
        path: ObjectPath,
        options: SequenceOptions,
    },
    CreateView {
        view: View,
        replace: bool,
        if_not_exists: bool,
    },
    CreateSynonym {
        synonym: Synonym,
        replace: bool,
        if_not_exists: bool,
    },
    CreateCode {
        code: StoredCode,
        replace: bool,
        if_not_exists: bool,
    },
    CommentOnTable {
        table: ObjectPath,
        text: Option<String>,
    },
    CommentOnColumn {
        table: ObjectPath,
        column: OracleIdent,
        text: Option<String>,
    },
    Drop {
        kind: DropKind,
        path: ObjectPath,
        cascade: bool,
        if_exists: bool,
    },
    Rename {
        path: ObjectPath,
        to: OracleIdent,
    },
    RenameIndex {
        path: ObjectPath,
        to: OracleIdent,
    },
    RenameTrigger {
        path: ObjectPath,
        to: OracleIdent,
    },
    /// ALTER SESSION SET CURRENT_SCHEMA, and CONNECT.
    SetSchema(OracleIdent),
    /// ALTER SESSION SET NLS_LENGTH_SEMANTICS.
    SetLengthUnit(LengthUnit),
    CreateMaterializedView {
        view: Box<MaterializedView>,
        if_not_exists: bool,
    },
    /// GRANT of rights on an object.
    Grant(Grant),
    /// Everything else.
    Other,
}

#[derive(Debug)]
pub(crate) struct CreateTable {
    pub(crate) table: Table,
    pub(crate) indexes: Vec<Index>,
    pub(crate) not_null_names: Vec<NotNullName>,
    pub(crate) if_not_exists: bool,
    /// The type of an object table, and what is said of columns that come from it.
    pub(crate) of_type: Option<(ObjectPath, Vec<ColumnSpec>)>,
    /// The query of `AS`, which gives the columns, and what is said of them before it.
    pub(crate) as_query: Option<(String, Vec<ColumnSpec>)>,
}

/// What CREATE TYPE defines.
#[derive(Debug)]
pub(crate) enum TypeDefinition {
    /// `CREATE TYPE name;`
    Announced,
    Object {
        /// UNDER.
        supertype: Option<ObjectPath>,
        attributes: Vec<(OracleIdent, OracleType)>,
        /// Names of its methods.
        methods: Vec<String>,
        /// NOT FINAL: other types may be under it.
        extensible: bool,
    },
    /// `VARRAY (limit) OF`, `TABLE OF`.
    Collection { limit: Option<u32>, element: OracleType, not_null: bool },
    /// Its source is wrapped, or of a form that is not known.
    Opaque,
}

/// The name of a NOT NULL constraint, which the catalog does not keep but DROP CONSTRAINT may use.
#[derive(Debug, Clone)]
pub(crate) struct NotNullName {
    pub(crate) name: OracleIdent,
    pub(crate) column: OracleIdent,
}

/// A column of CREATE TABLE, or of ALTER TABLE … ADD or MODIFY, which leaves out what stays as it is.
#[derive(Debug)]
pub(crate) struct ColumnSpec {
    pub(crate) name: OracleIdent,
    pub(crate) oracle_type: Option<OracleType>,
    pub(crate) default: Option<String>,
    pub(crate) virtual_expression: Option<String>,
    pub(crate) identity: Option<Identity>,
    pub(crate) identity_options: Option<IdentityOptions>,
    pub(crate) default_on_null: bool,
    pub(crate) invisible: Option<bool>,
    pub(crate) drop_identity: bool,
    pub(crate) nullable: Option<bool>,
    pub(crate) not_null_name: Option<OracleIdent>,
    pub(crate) constraints: Vec<Constraint>,
    pub(crate) encryption: Option<Encryption>,
}

/// Transparent encryption of a column.
#[derive(Debug)]
pub(crate) enum Encryption {
    /// ENCRYPT, with the algorithm where USING says it.
    On(Option<String>),
    /// DECRYPT.
    Off,
}

impl Encryption {
    /// Keeps among the table's remarks what is to be known of a column; the dictionary reader says it in the same words.
    pub(crate) fn remark(&self, table: &mut Table, column: &OracleIdent) {
        let text = format!("column {column} is encrypted");
        table
            .remarks
            .retain(|remark| !remark.starts_with(&format!("{text} (")) && !remark.starts_with(&format!("{text}:")));
        match self {
            Encryption::On(Some(algorithm)) => table.remarks.push(format!("{text} ({algorithm}): here it is not")),
            Encryption::On(None) => table.remarks.push(format!("{text}: here it is not")),
            Encryption::Off => {}
        }
    }
}

/// One clause of ALTER TABLE.
#[derive(Debug)]
pub(crate) enum TableChange {
    AddColumn(ColumnSpec),
    ModifyColumn(ColumnSpec),
    AddConstraint(Constraint),
    AddIndex(Index),
    ConstraintState { which: ConstraintRef, state: StateChange },
    DropConstraint(ConstraintRef),
    DropColumns(Vec<OracleIdent>),
    RenameTable(OracleIdent),
    RenameColumn { from: OracleIdent, to: OracleIdent },
    RenameConstraint { from: OracleIdent, to: OracleIdent },
}

/// Which constraint is meant.
#[derive(Debug)]
pub(crate) enum ConstraintRef {
    Named(OracleIdent),
    PrimaryKey,
    Unique(Vec<OracleIdent>),
}

/// States of a constraint as far as they are given.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct StateChange {
    pub(crate) enabled: Option<bool>,
    pub(crate) validated: Option<bool>,
    pub(crate) deferrable: Option<bool>,
    pub(crate) initially_deferred: Option<bool>,
}

/// Options of a sequence as far as they are given.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct SequenceOptions {
    pub(crate) start: Option<i128>,
    pub(crate) restart: bool,
    pub(crate) increment: Option<i128>,
    /// `Some(None)`: NOMINVALUE.
    pub(crate) min_value: Option<Option<i128>>,
    pub(crate) max_value: Option<Option<i128>>,
    pub(crate) cycle: Option<bool>,
    pub(crate) cache: Option<u64>,
}

/// What DROP drops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DropKind {
    Table,
    Index,
    Sequence,
    View,
    MaterializedView,
    Synonym,
    Code(CodeKind),
}

impl SequenceOptions {
    /// What differs from the defaults, for an identity column.
    pub(crate) fn of_identity(self) -> Option<IdentityOptions> {
        let options = IdentityOptions {
            start: self.start,
            increment: self.increment,
            min_value: self.min_value.flatten(),
            max_value: self.max_value.flatten(),
            cycle: self.cycle == Some(true),
        };
        (options != IdentityOptions::default()).then_some(options)
    }

    /// Oracle's defaults: 1 to 10^28 − 1 upwards, −1 to −(10^27 − 1) downwards, CACHE 20.
    pub(crate) fn create(self, path: ObjectPath) -> Sequence {
        let mut sequence =
            Sequence { path, min_value: 0, max_value: 0, increment: 1, cycle: false, cache: 20, next_value: 0 };
        let SequenceOptions { min_value, max_value, .. } = self;
        let bounded =
            SequenceOptions { min_value: Some(min_value.flatten()), max_value: Some(max_value.flatten()), ..self };
        bounded.alter(&mut sequence);
        let first = if sequence.increment > 0 { sequence.min_value } else { sequence.max_value };
        sequence.next_value = self.start.unwrap_or(first);
        sequence
    }

    pub(crate) fn alter(self, sequence: &mut Sequence) {
        if let Some(increment) = self.increment {
            sequence.increment = increment;
        }
        let ascending = sequence.increment > 0;
        if let Some(min) = self.min_value {
            sequence.min_value = min.unwrap_or(if ascending { 1 } else { 1 - 10i128.pow(27) });
        }
        if let Some(max) = self.max_value {
            sequence.max_value = max.unwrap_or(if ascending { 10i128.pow(28) - 1 } else { -1 });
        }
        if let Some(cycle) = self.cycle {
            sequence.cycle = cycle;
        }
        if let Some(cache) = self.cache {
            sequence.cache = cache;
        }
        if self.restart {
            sequence.next_value = self.start.unwrap_or(if ascending { sequence.min_value } else { sequence.max_value });
        }
    }
}
