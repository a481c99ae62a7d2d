//! Tables in memory: enough of a storage layer for the SQL layer's own tests.

use crate::OraError;
use crate::engine::ColumnDesc;
use crate::engine::storage::*;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use type_convert::{LengthUnit, OracleType, Scn, Value};

#[derive(Default, Clone)]
pub(super) struct State {
    rows: BTreeMap<i64, BTreeMap<u64, Vec<Value>>>,
    next_row: u64,
    sequence: i64,
}

pub(super) struct Mock {
    relations: Vec<Arc<Relation>>,
    state: State,
    committed: State,
    savepoints: Vec<(String, State)>,
    dirty: bool,
    /// What was asked of the storage layer beyond rows.
    pub(super) log: Arc<Mutex<Vec<String>>>,
}

fn varchar(length: u32) -> OracleType {
    OracleType::Varchar2 { length, unit: LengthUnit::Byte }
}

fn number(precision: u8, scale: i8) -> OracleType {
    OracleType::Number { precision: Some(precision), scale: Some(scale) }
}

impl Mock {
    pub(super) fn relation_of(id: i64, name: &str, columns: &[(&str, OracleType)], kind: RelationKind) -> Relation {
        let owner = if kind == RelationKind::Fixed { "SYS" } else { "HR" };
        Relation {
            id,
            owner: owner.to_owned(),
            name: name.to_owned(),
            columns: columns
                .iter()
                .map(|(n, t)| ColumnDesc { name: (*n).to_owned(), oracle_type: t.clone(), nullable: true })
                .collect(),
            defaults: vec![None; columns.len()],
            virtuals: vec![None; columns.len()],
            invisible: Vec::new(),
            default_on_null: Vec::new(),
            checks: Vec::new(),
            key: Vec::new(),
            kind,
        }
    }

    pub(super) fn hr() -> Self {
        let mut mock = Mock {
            relations: Vec::new(),
            state: State::default(),
            committed: State::default(),
            savepoints: Vec::new(),
            dirty: false,
            log: Arc::default(),
        };
        let mut emp = Self::relation_of(
            1,
            "EMP",
            &[
                ("ID", number(6, 0)),
                ("NAME", varchar(10)),
                ("SAL", number(8, 2)),
                ("DEPT", number(4, 0)),
                ("HIRED", OracleType::Date),
                ("CODE", OracleType::Char { length: 4, unit: LengthUnit::Byte }),
                ("YEARLY", OracleType::Number { precision: None, scale: None }),
            ],
            RelationKind::Table,
        );
        emp.key = vec![0];
        emp.checks = vec![("EMP_SAL_MIN".to_owned(), "sal > 0".to_owned())];
        emp.defaults[4] = Some("DATE '2020-01-01'".to_owned());
        emp.defaults[0] = Some("emp_seq.NEXTVAL".to_owned());
        emp.virtuals[6] = Some("sal * 12".to_owned());
        let dept = Self::relation_of(2, "DEPT", &[("ID", number(4, 0)), ("NAME", varchar(20))], RelationKind::Table);
        let mixed =
            Self::relation_of(3, "Mixed Case", &[("Id", number(4, 0)), ("ID", varchar(5))], RelationKind::Table);
        let view = Self::relation_of(
            4,
            "EMP_V",
            &[("EMP_NAME", varchar(10)), ("DEPT_NAME", varchar(20))],
            RelationKind::View {
                query: "SELECT e.name, d.name FROM emp e, dept d WHERE e.dept = d.id WITH READ ONLY".to_owned(),
            },
        );
        let big = Self::relation_of(5, "BIG", &[("N", number(10, 0)), ("T", varchar(10))], RelationKind::Table);
        let database = Self::relation_of(
            6,
            "V$DATABASE",
            &[("DBID", OracleType::Number { precision: None, scale: None }), ("LOG_MODE", varchar(12))],
            RelationKind::Fixed,
        );
        let all = Self::relation_of(
            7,
            "TYPES",
            &[
                ("TS", OracleType::Timestamp { precision: 3 }),
                ("TZ", OracleType::TimestampTz { precision: 6 }),
                ("R", OracleType::Raw { length: 4 }),
                ("C", OracleType::Clob),
                ("B", OracleType::Blob),
                ("D", OracleType::BinaryDouble),
                ("F", OracleType::Float { binary_precision: 10 }),
                ("DS", OracleType::IntervalDs { day_precision: 2, second_precision: 6 }),
                ("VC", OracleType::Varchar2 { length: 3, unit: LengthUnit::Char }),
            ],
            RelationKind::Table,
        );
        mock.relations = [emp, dept, mixed, view, big, database, all].into_iter().map(Arc::new).collect();
        mock
    }

    fn row_id(object: i64, row: u64) -> String {
        super::super::row_id::RowIdParts {
            object: u64::try_from(object).unwrap(),
            file: 1,
            block: row / 100,
            row: row % 100,
        }
        .text()
    }

    fn number_of(row: &Row) -> u64 {
        let parts = super::super::row_id::RowIdParts::parse(row.row_id.as_deref().unwrap()).unwrap();
        parts.block * 100 + parts.row
    }

    fn note(&self, text: impl Into<String>) {
        self.log.lock().unwrap().push(text.into());
    }
}

impl Storage for Mock {
    fn relation(&self, owner: Option<&str>, name: &str) -> Result<Option<Arc<Relation>>, OraError> {
        let found = self.relations.iter().find(|r| r.name == name && owner.is_none_or(|o| o == r.owner));
        Ok(found.cloned())
    }

    fn user_type(&self, _: Option<&str>, _: &str) -> Result<Option<OracleType>, OraError> {
        Ok(None)
    }

    fn statement_view(&self) -> Result<StatementView, OraError> {
        Ok(StatementView { scn: 0, ended_below: 0 })
    }

    fn scan(&self, relation: &Relation, moment: Moment, lookup: Lookup) -> Result<Rows, OraError> {
        let as_of = match moment {
            Moment::Scn(scn) => Some(scn),
            _ => None,
        };
        self.note(format!("scan {} {lookup:?} {:?}", relation.name, as_of.map(|s| s.0)));
        if relation.kind == RelationKind::Fixed {
            let values = vec![Value::Number(42i64.into()), Value::Text("ARCHIVELOG".to_owned())];
            return Ok(Box::new(std::iter::once(Ok(Row { row_id: None, values }))));
        }
        if relation.name == "BIG" {
            // Never held in memory: a test that reads all of it at once would not end.
            return Ok(Box::new((0..).map(|n: u64| {
                let values = vec![Value::Number(i64::try_from(n).unwrap().into()), Value::Text(format!("t{n}"))];
                Ok(Row { row_id: Some(Self::row_id(5, n)), values })
            })));
        }
        let state = if as_of.is_some() { &self.committed } else { &self.state };
        let rows = state.rows.get(&relation.id).cloned().unwrap_or_default();
        let id = relation.id;
        let order = |r: &str| r.bytes().map(super::super::row_id::digit).collect::<Vec<_>>();
        let rows = rows.into_iter().filter_map(move |(n, values)| {
            let row_id = Self::row_id(id, n);
            let wanted = match &lookup {
                Lookup::All => true,
                Lookup::RowId(r) => *r == row_id,
                Lookup::RowIdBetween(a, b) => order(a) <= order(&row_id) && order(&row_id) <= order(b),
                Lookup::Key(key) => values[..key.len()] == key[..],
            };
            wanted.then_some(Ok(Row { row_id: Some(row_id), values }))
        });
        Ok(Box::new(rows.collect::<Vec<_>>().into_iter()))
    }

    fn dml(&mut self, body: &mut dyn FnMut(&mut dyn Storage) -> Result<u64, OraError>) -> Result<u64, OraError> {
        let before = self.state.clone();
        self.dirty = true;
        let result = body(self);
        if result.is_err() {
            self.state.rows = before.rows;
        }
        result
    }

    fn insert(&mut self, relation: &Relation, rows: Vec<Vec<Value>>) -> Result<(), OraError> {
        for row in rows {
            assert_eq!(row.len(), relation.columns.len());
            if let Some(key) = relation.key.first()
                && row[*key].is_null()
            {
                return Err(OraError::new(1400, "cannot insert NULL"));
            }
            self.state.next_row += 1;
            let n = self.state.next_row;
            self.state.rows.entry(relation.id).or_default().insert(n, row);
        }
        Ok(())
    }

    fn update(&mut self, relation: &Relation, rows: Vec<RowUpdate>) -> Result<(), OraError> {
        for row in rows {
            self.note(format!("update {} {:?}", relation.name, row.set));
            let n = Self::number_of(&row.old);
            let table = self.state.rows.entry(relation.id).or_default();
            assert_eq!(table.get(&n), Some(&row.old.values), "the old row is as scanned");
            table.insert(n, row.new);
        }
        Ok(())
    }

    fn delete(&mut self, relation: &Relation, rows: Vec<Row>) -> Result<(), OraError> {
        for row in rows {
            let n = Self::number_of(&row);
            let removed = self.state.rows.entry(relation.id).or_default().remove(&n);
            assert_eq!(removed, Some(row.values), "the deleted row is as scanned");
        }
        Ok(())
    }

    fn lock(&mut self, relation: &Relation, rows: &[Row]) -> Result<(), OraError> {
        self.note(format!("lock {} {}", relation.name, rows.len()));
        Ok(())
    }

    fn next_value(&mut self, owner: Option<&str>, name: &str) -> Result<Value, OraError> {
        if name != "EMP_SEQ" || owner.is_some_and(|o| o != "HR") {
            return Err(OraError::new(2289, "sequence does not exist"));
        }
        self.state.sequence += 1;
        Ok(Value::Number(self.state.sequence.into()))
    }

    fn current_value(&self, _owner: Option<&str>, _name: &str) -> Result<Value, OraError> {
        if self.state.sequence == 0 {
            return Err(OraError::new(8002, "sequence EMP_SEQ.CURRVAL is not yet defined in this session"));
        }
        Ok(Value::Number(self.state.sequence.into()))
    }

    fn commit(&mut self) -> Result<(), OraError> {
        self.committed = self.state.clone();
        self.dirty = false;
        self.savepoints.clear();
        Ok(())
    }

    fn rollback(&mut self) -> Result<(), OraError> {
        self.state.rows = self.committed.rows.clone();
        self.dirty = false;
        Ok(())
    }

    fn savepoint(&mut self, name: &str) -> Result<(), OraError> {
        self.savepoints.push((name.to_owned(), self.state.clone()));
        Ok(())
    }

    fn rollback_to(&mut self, name: &str) -> Result<(), OraError> {
        let found = self.savepoints.iter().rev().find(|(n, _)| n == name);
        let Some((_, state)) = found else {
            return Err(OraError::new(
                1086,
                format!("savepoint '{name}' never established in this session or is invalid"),
            ));
        };
        self.state.rows = state.rows.clone();
        Ok(())
    }

    fn in_transaction(&self) -> bool {
        self.dirty
    }

    fn ddl(&mut self, text: &str) -> Result<(), OraError> {
        self.note(format!("ddl {text}"));
        Ok(())
    }

    fn call(&mut self, call: &ProcedureCall) -> Result<(), OraError> {
        let arguments: Vec<String> = call
            .arguments
            .iter()
            .map(|(n, v)| format!("{}{}", n.as_ref().map_or(String::new(), |n| format!("{n}=")), super::show(v)))
            .collect();
        self.note(format!("call {}({})", call.name, arguments.join(",")));
        Ok(())
    }

    fn user(&self) -> &str {
        "HR"
    }

    fn context(&self, parameter: &str) -> Option<String> {
        (parameter == "SESSION_USER").then(|| "HR".to_owned())
    }

    fn current_scn(&self) -> Result<Scn, OraError> {
        Ok(Scn(12345))
    }

    fn set_call_timeout(&mut self, _timeout: Option<Duration>) {}
    fn set_break_flag(&mut self, _flag: std::sync::Arc<std::sync::atomic::AtomicBool>) {}

    fn set_lock_timeout(&mut self, timeout: Option<Duration>) {
        self.note(format!("lock timeout {timeout:?}"));
    }
}
