//! The HR sample schema of `examples/hr`, read as a whole.

use crate::{ora, path};
use schema_map::script::{Script, split};
use schema_map::{CodeKind, Constraint, ConstraintKind, IndexKey, OnDelete, Table, TableKind};
use type_convert::{LengthUnit, OracleType};

fn hr() -> Script {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/hr");
    let main = format!("{folder}/hr.sql");
    let text = std::fs::read_to_string(&main).unwrap();
    let mut script = Script::default();
    script.read_statements(split(&main, &text).includes(|file| std::fs::read_to_string(file)), &ora("HR"));
    assert_eq!(script.errors, []);
    script
}

fn table<'s>(script: &'s Script, name: &str) -> &'s Table {
    script.catalog.table(&path("HR", name)).unwrap()
}

fn constraint<'t>(table: &'t Table, name: &str) -> &'t Constraint {
    table.constraints.iter().find(|c| c.name == Some(ora(name))).unwrap_or_else(|| panic!("no constraint {name}"))
}

fn names(idents: &[schema_map::OracleIdent]) -> Vec<&str> {
    idents.iter().map(|i| i.as_str()).collect()
}

#[test]
fn tables_and_columns() {
    let script = hr();
    let tables: Vec<_> = script.catalog.tables.iter().map(|t| (t.path.to_string(), t.kind, t.columns.len())).collect();
    let heap = TableKind::Heap;
    assert_eq!(
        tables,
        [
            ("HR.REGIONS".to_owned(), heap, 2),
            ("HR.COUNTRIES".to_owned(), TableKind::IndexOrganized, 3),
            ("HR.LOCATIONS".to_owned(), heap, 6),
            ("HR.DEPARTMENTS".to_owned(), heap, 4),
            ("HR.JOBS".to_owned(), heap, 4),
            ("HR.EMPLOYEES".to_owned(), heap, 11),
            ("HR.JOB_HISTORY".to_owned(), heap, 5),
        ]
    );
    let number = |p, s| OracleType::Number { precision: Some(p), scale: Some(s) };
    let varchar2 = |length| OracleType::Varchar2 { length, unit: LengthUnit::Byte };
    let employees: Vec<_> = table(&script, "EMPLOYEES")
        .columns
        .iter()
        .map(|c| (c.name.as_str(), c.oracle_type.clone(), c.nullable))
        .collect();
    assert_eq!(
        employees,
        [
            ("EMPLOYEE_ID", number(6, 0), false),
            ("FIRST_NAME", varchar2(20), true),
            ("LAST_NAME", varchar2(25), false),
            ("EMAIL", varchar2(25), false),
            ("PHONE_NUMBER", varchar2(20), true),
            ("HIRE_DATE", OracleType::Date, false),
            ("JOB_ID", varchar2(10), false),
            ("SALARY", number(8, 2), true),
            ("COMMISSION_PCT", number(2, 2), true),
            ("MANAGER_ID", number(6, 0), true),
            ("DEPARTMENT_ID", number(4, 0), true),
        ]
    );
    assert_eq!(table(&script, "REGIONS").columns[0].oracle_type, OracleType::Number { precision: None, scale: None });
    assert_eq!(
        table(&script, "COUNTRIES").columns[0].oracle_type,
        OracleType::Char { length: 2, unit: LengthUnit::Byte }
    );
}

#[test]
fn keys_and_checks() {
    let script = hr();
    for (name, key) in [
        ("REGIONS", vec!["REGION_ID"]),
        ("COUNTRIES", vec!["COUNTRY_ID"]),
        ("LOCATIONS", vec!["LOCATION_ID"]),
        ("DEPARTMENTS", vec!["DEPARTMENT_ID"]),
        ("JOBS", vec!["JOB_ID"]),
        ("EMPLOYEES", vec!["EMPLOYEE_ID"]),
        ("JOB_HISTORY", vec!["EMPLOYEE_ID", "START_DATE"]),
    ] {
        let table = table(&script, name);
        assert_eq!(names(table.primary_key().unwrap()), key, "{name}");
        assert!(key.iter().all(|column| !table.column(&ora(column)).unwrap().1.nullable), "{name}");
    }
    let mut foreign = Vec::new();
    for table in &script.catalog.tables {
        for constraint in &table.constraints {
            assert!(constraint.enabled && constraint.validated && !constraint.deferrable, "{constraint:?}");
            if let ConstraintKind::ForeignKey { columns, references, referenced_columns, on_delete } = &constraint.kind
            {
                assert_eq!(*on_delete, OnDelete::NoAction);
                foreign.push((
                    constraint.name.as_ref().unwrap().as_str(),
                    names(columns).join(","),
                    format!("{}({})", references.name, names(referenced_columns).join(",")),
                ));
            }
        }
    }
    let expected = [
        ("COUNTR_REG_FK", "REGION_ID", "REGIONS(REGION_ID)"),
        ("LOC_C_ID_FK", "COUNTRY_ID", "COUNTRIES(COUNTRY_ID)"),
        ("DEPT_LOC_FK", "LOCATION_ID", "LOCATIONS(LOCATION_ID)"),
        ("DEPT_MGR_FK", "MANAGER_ID", "EMPLOYEES(EMPLOYEE_ID)"),
        ("EMP_DEPT_FK", "DEPARTMENT_ID", "DEPARTMENTS(DEPARTMENT_ID)"),
        ("EMP_JOB_FK", "JOB_ID", "JOBS(JOB_ID)"),
        ("EMP_MANAGER_FK", "MANAGER_ID", "EMPLOYEES(EMPLOYEE_ID)"),
        ("JHIST_JOB_FK", "JOB_ID", "JOBS(JOB_ID)"),
        ("JHIST_EMP_FK", "EMPLOYEE_ID", "EMPLOYEES(EMPLOYEE_ID)"),
        ("JHIST_DEPT_FK", "DEPARTMENT_ID", "DEPARTMENTS(DEPARTMENT_ID)"),
    ];
    let foreign: Vec<_> = foreign.iter().map(|(name, from, to)| (*name, from.as_str(), to.as_str())).collect();
    assert_eq!(foreign, expected);

    let check = |table_name, name| match &constraint(table(&script, table_name), name).kind {
        ConstraintKind::Check { condition } => condition.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(check("EMPLOYEES", "EMP_SALARY_MIN"), "salary > 0");
    assert_eq!(check("JOB_HISTORY", "JHIST_DATE_INTERVAL"), "end_date > start_date");
    let unique = &constraint(table(&script, "EMPLOYEES"), "EMP_EMAIL_UK").kind;
    assert!(matches!(unique, ConstraintKind::Unique { columns } if names(columns) == ["EMAIL"]));
}

#[test]
fn indexes_sequences_view_and_comments() {
    let script = hr();
    let backing: Vec<_> =
        script.catalog.indexes.iter().filter(|i| i.backs_constraint).map(|i| i.path.name.as_str()).collect();
    assert_eq!(
        backing,
        ["REG_ID_PK", "LOC_ID_PK", "DEPT_ID_PK", "JOB_ID_PK", "EMP_EMP_ID_PK", "JHIST_EMP_ID_ST_DATE_PK"]
    );
    let others: Vec<_> = script.catalog.indexes.iter().filter(|i| !i.backs_constraint).collect();
    assert_eq!(others.len(), 11);
    assert!(others.iter().all(|i| !i.unique && !i.bitmap && i.columns.iter().all(|c| !c.descending)));
    let by_name = others.iter().find(|i| i.path.name.as_str() == "EMP_NAME_IX").unwrap();
    let keys: Vec<_> = by_name.columns.iter().map(|c| c.key.clone()).collect();
    assert_eq!(keys, [IndexKey::Column(ora("LAST_NAME")), IndexKey::Column(ora("FIRST_NAME"))]);

    let sequences: Vec<_> = script
        .catalog
        .sequences
        .iter()
        .map(|s| (s.path.name.as_str(), s.next_value, s.increment, s.max_value, s.cycle, s.cache))
        .collect();
    assert_eq!(
        sequences,
        [
            ("LOCATIONS_SEQ", 3300, 100, 9900, false, 0),
            ("DEPARTMENTS_SEQ", 280, 10, 9990, false, 0),
            ("EMPLOYEES_SEQ", 300, 1, 10i128.pow(28) - 1, false, 0),
        ]
    );

    let [view] = script.catalog.views.as_slice() else { panic!("one view") };
    assert_eq!((view.path.name.as_str(), view.columns.len(), view.read_only), ("EMP_DETAILS_VIEW", 16, true));
    assert!(view.query.starts_with("SELECT e.employee_id") && view.query.ends_with("r.region_id = c.region_id"));
    assert!(view.comment.is_some());

    for table in &script.catalog.tables {
        assert!(table.comment.is_some(), "{}", table.path);
        assert!(table.columns.iter().all(|c| c.comment.is_some()), "{}", table.path);
    }
    let comment = table(&script, "LOCATIONS").comment.as_deref().unwrap();
    assert!(comment.ends_with("customers' addresses are kept elsewhere."), "{comment}");
}

#[test]
fn stored_code() {
    let script = hr();
    let code: Vec<_> = script
        .catalog
        .stored_code
        .iter()
        .map(|c| (c.kind, c.path.name.as_str(), c.table.as_ref().map(|t| t.to_string())))
        .collect();
    assert_eq!(
        code,
        [
            (CodeKind::Procedure, "SECURE_DML", None),
            (CodeKind::Trigger, "SECURE_EMPLOYEES", Some("HR.EMPLOYEES".to_owned())),
            (CodeKind::Procedure, "ADD_JOB_HISTORY", None),
            (CodeKind::Trigger, "UPDATE_JOB_HISTORY", Some("HR.EMPLOYEES".to_owned())),
        ]
    );
    let source = &script.catalog.stored_code[0].source;
    assert!(source.starts_with("PROCEDURE secure_dml\nIS") && source.ends_with("END secure_dml;"), "{source}");
}

#[test]
fn rows_and_other_statements_in_their_order() {
    let script = hr();
    let count = |start: &str| script.statements.iter().filter(|s| s.text.starts_with(start)).count();
    for (table, least) in [
        ("regions", 5),
        ("countries", 25),
        ("locations", 18),
        ("departments", 20),
        ("jobs", 20),
        ("employees", 110),
        ("job_history", 15),
    ] {
        let rows = count(&format!("INSERT INTO {table} ")) + count(&format!("INSERT INTO {table}\n"));
        assert!(rows >= least, "{table}: {rows}");
    }
    assert_eq!(script.statements.last().unwrap().text, "ALTER TRIGGER secure_employees DISABLE");
    assert!(script.statements.iter().any(|s| s.text == "COMMIT"));
    let all = script.statements.iter().map(|s| s.text.as_str()).collect::<Vec<_>>().concat();
    for value in ["O''Malley", "Żółkowski", "山田", "Côte d''Ivoire", "Research & Development"] {
        assert!(all.contains(value), "{value}");
    }
}
