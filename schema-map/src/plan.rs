use crate::{
    Catalog, ConstraintKind, NameMap, ObjectKind, ObjectPath, OracleIdent, PgIdent, PgPath, Table, TypeError,
    TypePolicy, UserTypes, types,
};
use type_convert::{LossPolicy, OracleType, PgType, Transcoder, UnsupportedPair};

/// How one table moves: the one description that load, apply and verify share.
#[derive(Debug, Clone, PartialEq)]
pub struct TablePlan {
    /// The Oracle table.
    pub source: ObjectPath,
    /// The PostgreSQL table.
    pub target: PgPath,
    /// The columns that move, in their order. Virtual columns do not.
    pub columns: Vec<ColumnPlan>,
    /// Positions in `columns` of the columns that identify a row: the primary key, else the first unique
    /// constraint over NOT NULL columns; empty where there is none. A constraint that is disabled or not
    /// validated identifies nothing.
    pub key: Vec<usize>,
}

/// How one column moves.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnPlan {
    /// Its Oracle name.
    pub source: OracleIdent,
    /// Its Oracle type.
    pub oracle_type: OracleType,
    /// Its PostgreSQL name.
    pub target: PgIdent,
    /// Its PostgreSQL type.
    pub pg_type: PgType,
    /// Whether NULL may be stored.
    pub nullable: bool,
    /// What happens to values that do not fit.
    pub loss: LossPolicy,
}

/// Why a table cannot be planned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// A column's type.
    #[error(transparent)]
    Type(#[from] TypeError),
    /// The name map does not hold it.
    #[error("the name map has no name for {0}: plan the map again or add the name")]
    Unnamed(String),
    /// Values of this column cannot be converted to the type that is chosen for it.
    #[error("{column}: {pair}: choose another type for the column in the type overrides")]
    Conversion {
        /// `OWNER.TABLE.COLUMN`.
        column: String,
        /// The two types.
        #[source]
        pair: Box<UnsupportedPair>,
    },
    /// More than one of the above.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Several(Vec<PlanError>),
}

impl TablePlan {
    /// Plans one table without looking at any other, see [`all`](TablePlan::all). Every column that cannot be
    /// planned is in the error, those of object and collection types among them: see [`with_user_types`](TablePlan::with_user_types).
    pub fn new(table: &Table, names: &NameMap, types: &dyn TypePolicy) -> Result<Self, PlanError> {
        TablePlan::with_user_types(table, names, types, &UserTypes::default())
    }

    /// As [`new`](TablePlan::new), for tables with columns of object and collection types too. In the plan, their types are what
    /// [`UserTypes::resolve`] makes of them, and what [`Ddl`](crate::ddl::Ddl) makes of these: row types, domains over arrays. The OIDs of these are
    /// 0 until they are looked up in the target.
    pub fn with_user_types(
        table: &Table,
        names: &NameMap,
        types: &dyn TypePolicy,
        user_types: &UserTypes,
    ) -> Result<Self, PlanError> {
        let target = names.object(ObjectKind::Table, &table.path);
        let target = target.ok_or_else(|| PlanError::Unnamed(format!("table {}", table.path)))?.clone();
        let mut columns = Vec::with_capacity(table.columns.len());
        let mut errors = Vec::new();
        for column in table.columns.iter().filter(|c| c.virtual_expression.is_none()) {
            match ColumnPlan::new(table, column, names, types, user_types) {
                Ok(plan) => columns.push(plan),
                Err(error) => errors.push(error),
            }
        }
        PlanError::all(errors)?;
        let key = key(table, &columns);
        Ok(TablePlan { source: table.path.clone(), target, columns, key })
    }

    /// Plans every table of the catalog that holds rows of its own (not external, not temporary), in the catalog's
    /// order. Every column that cannot be planned is in the error.
    ///
    /// Oracle takes NUMBER and NUMBER(6) for one type, PostgreSQL has no foreign key from `numeric` to `integer`. So a
    /// column that `types` makes `numeric` ([fixed](TypePolicy::is_fixed) ones excepted) becomes the integer type of the column that it refers to, if the foreign
    /// key is enabled and validated: then every value of it is one of that column's. [`Ddl::new`](crate::ddl::Ddl::new)
    /// does the same.
    ///
    /// Object and collection types are what their sources in the catalog say.
    pub fn all(catalog: &Catalog, names: &NameMap, types: &dyn TypePolicy) -> Result<Vec<Self>, PlanError> {
        TablePlan::all_with_user_types(catalog, names, types, &UserTypes::of(catalog))
    }

    /// As [`all`](TablePlan::all), with what is known of the object and collection types otherwise.
    pub fn all_with_user_types(
        catalog: &Catalog,
        names: &NameMap,
        types: &dyn TypePolicy,
        user_types: &UserTypes,
    ) -> Result<Vec<Self>, PlanError> {
        let relations = crate::catalog::Relations::of(catalog);
        let types = &types::ForeignKeyTypes { catalog: &relations, policy: types };
        let mut plans = Vec::with_capacity(catalog.tables.len());
        let mut errors = Vec::new();
        for table in catalog.tables.iter().filter(|t| t.kind.holds_rows()) {
            match TablePlan::with_user_types(table, names, types, user_types) {
                Ok(plan) => plans.push(plan),
                Err(PlanError::Several(several)) => errors.extend(several),
                Err(error) => errors.push(error),
            }
        }
        PlanError::all(errors)?;
        Ok(plans)
    }
}

impl ColumnPlan {
    fn new(
        table: &Table,
        column: &crate::Column,
        names: &NameMap,
        types: &dyn TypePolicy,
        user_types: &UserTypes,
    ) -> Result<Self, PlanError> {
        let target = names
            .column(&table.path, &column.name)
            .ok_or_else(|| PlanError::Unnamed(format!("column {}.{}", table.path, column.name)))?
            .clone();
        let oracle_type = user_types.resolve(&column.oracle_type, &table.path.schema);
        let pg_type = match types::decide(types, table, column) {
            Ok(pg_type) => pg_type,
            // What is chosen for a column goes before what its type is made into.
            Err(error) => user_types.pg_type(&column.oracle_type, &table.path.schema, names, types)?.ok_or(error)?,
        };
        let loss = types.loss(table, column);
        Transcoder::new(&oracle_type, &pg_type, loss).map_err(|pair| PlanError::Conversion {
            column: format!("{}.{}", table.path, column.name),
            pair: Box::new(pair),
        })?;
        Ok(ColumnPlan { source: column.name.clone(), oracle_type, target, pg_type, nullable: column.nullable, loss })
    }
}

impl PlanError {
    /// Nothing, the one, or all of them.
    pub(crate) fn all(mut errors: Vec<PlanError>) -> Result<(), PlanError> {
        match errors.len() {
            0 => Ok(()),
            1 => Err(errors.remove(0)),
            _ => Err(PlanError::Several(errors)),
        }
    }
}

fn key(table: &Table, columns: &[ColumnPlan]) -> Vec<usize> {
    let positions = |key: &[OracleIdent]| -> Option<Vec<usize>> {
        key.iter().map(|name| columns.iter().position(|c| c.source == *name)).collect()
    };
    let enforced = || table.constraints.iter().filter(|c| c.enabled && c.validated);
    let primary = enforced().find_map(|c| match &c.kind {
        ConstraintKind::PrimaryKey { columns } => positions(columns),
        _ => None,
    });
    let unique = || {
        enforced().find_map(|c| match &c.kind {
            ConstraintKind::Unique { columns: key } => {
                positions(key).filter(|key| key.iter().all(|p| !columns[*p].nullable))
            }
            _ => None,
        })
    };
    primary.or_else(unique).unwrap_or_default()
}
