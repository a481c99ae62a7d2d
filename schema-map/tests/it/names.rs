use crate::{catalog, ora, path, pg};
use proptest::prelude::*;
use schema_map::{
    ByCase, CaseRule, Catalog, ExistingTable, NameError, NameMap, NamePolicy, ObjectKind, ObjectPath, OracleIdent,
    PgIdent, PgPath,
};
use std::collections::BTreeSet;

const SCRIPT: &str = "
    CREATE TABLE countries (country_id CHAR(2) CONSTRAINT country_pk PRIMARY KEY, \"Region\" NUMBER);
    CREATE TABLE \"Cities\" (id NUMBER, country_id CHAR(2) REFERENCES countries, UNIQUE (id), CHECK (id > 0), CHECK (id > 0));
    CREATE INDEX city_ix ON \"Cities\" (country_id);
    CREATE SEQUENCE city_seq;
    CREATE VIEW city_view AS SELECT c.id, c.country_id AS country FROM \"Cities\" c;
";

fn map(target: &str, rule: Option<CaseRule>) -> Result<NameMap, NameError> {
    NameMap::plan_by_case(&catalog("HR", SCRIPT), &[(ora("HR"), pg(target))], rule)
}

#[track_caller]
fn object(map: &NameMap, kind: ObjectKind, name: &str) -> String {
    map.object(kind, &path("HR", name)).map(PgPath::quoted).unwrap_or_default()
}

/// The case table: the target schema's name, as PostgreSQL stores it, decides.
#[test]
fn the_case_of_the_target_schema_decides() {
    for (target, table, column) in [
        ("public", "\"public\".\"countries\"", "country_id"),
        ("trgthr", "\"trgthr\".\"countries\"", "country_id"),
        ("hr_2", "\"hr_2\".\"countries\"", "country_id"),
        ("TARGETHR", "\"TARGETHR\".\"COUNTRIES\"", "COUNTRY_ID"),
        ("HR", "\"HR\".\"COUNTRIES\"", "COUNTRY_ID"),
    ] {
        let map = map(target, None).unwrap();
        let countries = path("HR", "COUNTRIES");
        assert_eq!(object(&map, ObjectKind::Table, "COUNTRIES"), table);
        assert_eq!(map.column(&countries, &ora("COUNTRY_ID")), Some(&pg(column)));
        // Created quoted: as it is, whatever the rule.
        assert_eq!(map.column(&countries, &ora("Region")), Some(&pg("Region")));
        assert_eq!(map.object(ObjectKind::Table, &path("HR", "Cities")).unwrap().name, pg("Cities"));
        assert_eq!(map.schema(&ora("HR")), Some(&pg(target)));
    }
    assert_eq!(map("Hr", None), Err(NameError::MixedCase("Hr".to_owned())));
    let lower = map("Hr", Some(CaseRule::Lower)).unwrap();
    assert_eq!(object(&lower, ObjectKind::Table, "COUNTRIES"), "\"Hr\".\"countries\"");
    let upper = map("Hr", Some(CaseRule::Upper)).unwrap();
    assert_eq!(object(&upper, ObjectKind::Table, "COUNTRIES"), "\"Hr\".\"COUNTRIES\"");
}

#[test]
fn a_mixed_case_target_works_where_every_object_is_named() {
    let whole = catalog("HR", SCRIPT);
    let named = map("Hr", Some(CaseRule::Upper)).unwrap();
    let policy = ByCase::new(&[(ora("HR"), pg("Hr"))], None);
    assert_eq!(NameMap::plan(&whole, &policy), Err(NameError::MixedCase("Hr".to_owned())));
    assert_eq!(NameMap::plan_over(&whole, &policy, &named).unwrap(), named);
}

#[test]
fn everything_has_a_name() {
    let map = map("hr", None).unwrap();
    assert_eq!(object(&map, ObjectKind::Index, "CITY_IX"), "\"hr\".\"city_ix\"");
    assert_eq!(object(&map, ObjectKind::Sequence, "CITY_SEQ"), "\"hr\".\"city_seq\"");
    assert_eq!(object(&map, ObjectKind::View, "CITY_VIEW"), "\"hr\".\"city_view\"");
    assert_eq!(object(&map, ObjectKind::Constraint, "COUNTRY_PK"), "\"hr\".\"country_pk\"");
    assert_eq!(map.column(&path("HR", "CITY_VIEW"), &ora("COUNTRY")), Some(&pg("country")));
    let whole = catalog("HR", SCRIPT);
    let cities = whole.table(&path("HR", "Cities")).unwrap();
    let names: BTreeSet<&str> =
        (0..cities.constraints.len()).map(|p| map.constraint(cities, p).unwrap().as_str()).collect();
    assert_eq!(
        names,
        BTreeSet::from(["Cities_country_id_fkey", "Cities_id_check", "Cities_id_check1", "Cities_id_key"])
    );
    assert_eq!(map.check(&whole), Ok(()));
}

#[test]
fn generated_names_are_in_the_case_of_their_table() {
    let map = map("HR", None).unwrap();
    let text = map.to_toml();
    assert!(text.contains("Cities_COUNTRY_ID_fkey"), "{text}");
    let whole = catalog("HR", "CREATE TABLE t (a NUMBER PRIMARY KEY, b NUMBER CHECK (b > 1))");
    let map = NameMap::plan_by_case(&whole, &[(ora("HR"), pg("HR"))], None).unwrap();
    let text = map.to_toml();
    assert!(text.contains("\"T_PKEY\"") && text.contains("\"T_B_CHECK\""), "{text}");
}

#[test]
fn collisions_are_found_over_all_that_share_a_namespace() {
    for (script, expected) in [
        (
            "CREATE TABLE emp (a NUMBER); CREATE TABLE \"emp\" (a NUMBER);",
            vec!["hr.emp is table HR.EMP and table HR.emp"],
        ),
        ("CREATE TABLE a (x NUMBER); CREATE INDEX a ON a (x);", vec!["hr.a is table HR.A and index HR.A"]),
        (
            // Constraint names are not in the way of tables in Oracle; the index behind a key is in PostgreSQL.
            "CREATE TABLE a (x NUMBER, CONSTRAINT b PRIMARY KEY (x)); CREATE TABLE b (x NUMBER);",
            vec!["hr.b is table HR.B and constraint HR.B"],
        ),
        ("CREATE TABLE a (x NUMBER, \"x\" NUMBER);", vec!["hr.a.x is column HR.A.X and column HR.A.x"]),
        (
            "CREATE TABLE a (x NUMBER, CONSTRAINT c CHECK (x > 0), CONSTRAINT \"c\" CHECK (x > 1));",
            vec!["constraint c of hr.a is constraint C and constraint c"],
        ),
        (
            "CREATE TABLE a (id NUMBER GENERATED ALWAYS AS IDENTITY); CREATE SEQUENCE a_id_seq;",
            vec!["hr.a_id_seq is sequence HR.A_ID_SEQ and identity sequence of HR.A.ID"],
        ),
        (
            "CREATE TABLE a (x NUMBER, \"x\" NUMBER); CREATE TABLE b (y NUMBER); CREATE SEQUENCE \"b\";",
            vec!["hr.b is table HR.B and sequence HR.b", "hr.a.x is column HR.A.X and column HR.A.x"],
        ),
    ] {
        let planned = NameMap::plan_by_case(&catalog("HR", script), &[(ora("HR"), pg("hr"))], None);
        let Err(NameError::Collisions(found)) = planned else { panic!("{script}: {planned:?}") };
        assert_eq!(found, expected, "{script}");
    }
    // The same name in two tables is no collision for constraints that have no index.
    let fine =
        "CREATE TABLE a (x NUMBER, CHECK (x > 0)); CREATE TABLE b (x NUMBER, CONSTRAINT a_x_check CHECK (x > 0));";
    NameMap::plan_by_case(&catalog("HR", fine), &[(ora("HR"), pg("hr"))], None).unwrap();
}

#[test]
fn two_oracle_schemas_in_one_target_share_its_namespace() {
    let mut both = catalog("A", "CREATE TABLE t (x NUMBER)");
    both.tables.extend(catalog("B", "CREATE TABLE t (x NUMBER)").tables);
    let schemas = |b: &str| [(ora("A"), pg("one")), (ora("B"), pg(b))];
    assert!(NameMap::plan_by_case(&both, &schemas("two"), None).is_ok());
    let error = NameMap::plan_by_case(&both, &schemas("one"), None).unwrap_err();
    assert_eq!(error, NameError::Collisions(vec!["one.t is table A.T and table B.T".to_owned()]));
    let error = NameMap::plan_by_case(&both, &[(ora("A"), pg("one"))], None).unwrap_err();
    assert!(error.to_string().contains("no target schema is given for the Oracle schema B"), "{error}");
}

#[test]
fn a_collision_is_solved_in_the_map() {
    let whole = catalog("HR", "CREATE TABLE emp (a NUMBER); CREATE TABLE \"emp\" (a NUMBER);");
    let given = NameMap::from_toml(
        "version = 1\n[schemas.HR]\ntarget = \"hr\"\n[schemas.HR.tables.emp]\ntarget = \"small_emp\"\n",
    )
    .unwrap();
    assert!(
        matches!(given.check(&whole), Err(NameError::Missing(missing)) if missing.contains(&"table HR.EMP".to_owned()))
    );
    let policy = ByCase::new(&[(ora("HR"), pg("hr"))], None);
    let map = NameMap::plan_over(&whole, &policy, &given).unwrap();
    assert_eq!(object(&map, ObjectKind::Table, "emp"), "\"hr\".\"small_emp\"");
    assert_eq!(object(&map, ObjectKind::Table, "EMP"), "\"hr\".\"emp\"");
    assert_eq!(map.check(&whole), Ok(()));
}

#[test]
fn system_columns_and_reserved_schemas() {
    let whole = catalog("HR", "CREATE TABLE t (xmin NUMBER, ctid NUMBER, oid NUMBER)");
    let lower = NameMap::plan_by_case(&whole, &[(ora("HR"), pg("hr"))], None).unwrap();
    let t = path("HR", "T");
    assert_eq!(lower.column(&t, &ora("XMIN")), Some(&pg("xmin_")));
    assert_eq!(lower.column(&t, &ora("CTID")), Some(&pg("ctid_")));
    assert_eq!(lower.column(&t, &ora("OID")), Some(&pg("oid")));
    let upper = NameMap::plan_by_case(&whole, &[(ora("HR"), pg("HR"))], None).unwrap();
    assert_eq!(upper.column(&t, &ora("XMIN")), Some(&pg("XMIN")));
    for reserved in ["pg_hr", "information_schema"] {
        let planned = NameMap::plan_by_case(&whole, &[(ora("HR"), pg(reserved))], None);
        assert!(matches!(planned, Err(NameError::Ident(_))), "{planned:?}");
    }
    let edited = lower.to_toml().replace("\"xmin_\"", "\"xmin\"");
    assert!(matches!(NameMap::from_toml(&edited), Err(NameError::Map(_))));
}

#[test]
fn long_names_are_cut_and_stay_apart() {
    let long = "A".repeat(100);
    let script =
        format!("CREATE TABLE {long}1 (a NUMBER); CREATE TABLE {long}2 (a NUMBER PRIMARY KEY, {long} NUMBER);");
    let whole = catalog("HR", &script);
    let map = NameMap::plan_by_case(&whole, &[(ora("HR"), pg("hr"))], None).unwrap();
    let names: Vec<&str> = ["1", "2"]
        .iter()
        .map(|n| map.object(ObjectKind::Table, &path("HR", &format!("{long}{n}"))).unwrap().name.as_str())
        .collect();
    assert_ne!(names[0], names[1]);
    for name in names {
        assert_eq!(name.len(), 63);
        assert!(name.starts_with(&"a".repeat(54)));
    }
    // These very names are promised: a map planned today must fit a schema that was made with an older version.
    let column = map.column(&path("HR", &format!("{long}2")), &ora(&long)).unwrap();
    assert_eq!(column.as_str(), CaseRule::Lower.apply(&ora(&long)).unwrap().as_str());
    assert_eq!(CaseRule::Lower.apply(&ora(&"X".repeat(64))).unwrap().as_str(), format!("{}_acf81244", "x".repeat(54)));
    assert_eq!(CaseRule::Upper.apply(&ora(&"X".repeat(64))).unwrap().as_str(), format!("{}_F34FFC01", "X".repeat(54)));
    assert_eq!(CaseRule::Upper.apply(&ora(&"Ü".repeat(60))).unwrap().as_str(), format!("{}_465e0bb8", "Ü".repeat(27)));
}

#[test]
fn a_map_is_written_read_and_checked() {
    let map = map("hr", None).unwrap();
    let text = map.to_toml();
    assert_eq!(NameMap::from_toml(&text).unwrap(), map);
    let json = serde_json::to_string(&map).unwrap();
    assert_eq!(serde_json::from_str::<NameMap>(&json).unwrap(), map);
    for (from, to, message) in [
        ("version = 1", "version = 2", "version 2"),
        ("version = 1", "", "version"),
        ("CITY_SEQ = ", "\"\" = ", "empty"),
        ("\"city_seq\"", "\"\"", "empty"),
        ("[schemas.HR.sequences]", "[schemas.HR.sequenzes]", "sequenzes"),
        ("\"city_seq\"", "\"city_ix\"", "share a name"),
        ("target = \"hr\"", "target = \"pg_hr\"", "pg_"),
        ("\"countries\"", "7", "invalid type"),
    ] {
        assert!(text.contains(from), "{from}");
        let error = NameMap::from_toml(&text.replace(from, to)).expect_err(to);
        assert!(error.to_string().contains(message), "{to}: {error}");
    }
}

#[test]
fn an_index_lives_with_its_table() {
    let mut whole = catalog("A", "CREATE TABLE t (x NUMBER); CREATE INDEX i ON t (x);");
    whole.indexes[0].path.schema = ora("B");
    let map = NameMap::plan_by_case(&whole, &[(ora("A"), pg("one")), (ora("B"), pg("two"))], None).unwrap();
    assert_eq!(map.object(ObjectKind::Index, &path("B", "I")).unwrap().quoted(), "\"one\".\"i\"");
    assert_eq!(NameMap::from_toml(&map.to_toml()).unwrap(), map);
}

struct Prefixed;

impl NamePolicy for Prefixed {
    fn schema(&self, schema: &OracleIdent) -> Result<PgIdent, NameError> {
        Ok(PgIdent::new(format!("ora_{schema}"))?)
    }
    fn object(&self, kind: ObjectKind, path: &ObjectPath) -> Result<PgIdent, NameError> {
        Ok(PgIdent::new(format!("{}_{}", kind.noun(), path.name))?)
    }
    fn column(&self, _table: &ObjectPath, column: &OracleIdent) -> Result<PgIdent, NameError> {
        Ok(PgIdent::new(format!("c_{column}"))?)
    }
}

#[test]
fn an_embedder_may_bring_other_rules() {
    let map = NameMap::plan(&catalog("HR", SCRIPT), &Prefixed).unwrap();
    assert_eq!(object(&map, ObjectKind::Table, "COUNTRIES"), "\"ora_HR\".\"table_COUNTRIES\"");
    assert_eq!(map.column(&path("HR", "COUNTRIES"), &ora("Region")), Some(&pg("c_Region")));
}

fn existing(schema: &str, tables: &[(&str, &[&str])]) -> Vec<ExistingTable> {
    tables
        .iter()
        .map(|(name, columns)| ExistingTable {
            path: PgPath::new(pg(schema), pg(name)),
            columns: columns.iter().map(|c| pg(c)).collect(),
        })
        .collect()
}

#[test]
fn existing_tables_are_used_as_they_are_spelled_or_not_at_all() {
    let whole = catalog("HR", "CREATE TABLE emp (id NUMBER, name VARCHAR2(5)); CREATE TABLE dept (id NUMBER);");
    let map = NameMap::plan_by_case(&whole, &[(ora("HR"), pg("hr"))], None).unwrap();
    let emp: (&str, &[&str]) = ("emp", &["id", "name", "added_later"]);
    let dept: (&str, &[&str]) = ("dept", &["id"]);

    let fresh = map.match_existing(&whole, &existing("another", &[emp])).unwrap();
    assert_eq!((fresh.existing.len(), &fresh.names), (0, &map));

    let exact = map.match_existing(&whole, &existing("hr", &[emp, dept, ("more", &[])])).unwrap();
    assert_eq!((exact.existing, exact.names), (BTreeSet::from([pg("hr")]), map.clone()));

    let other_case: (&str, &[&str]) = ("Emp", &["ID", "Name"]);
    let matched = map.match_existing(&whole, &existing("hr", &[other_case, dept])).unwrap();
    assert_eq!(object(&matched.names, ObjectKind::Table, "EMP"), "\"hr\".\"Emp\"");
    assert_eq!(matched.names.column(&path("HR", "EMP"), &ora("ID")), Some(&pg("ID")));

    // The exact name comes before one of another case.
    let exact = map.match_existing(&whole, &existing("hr", &[other_case, emp, dept])).unwrap();
    assert_eq!(object(&exact.names, ObjectKind::Table, "EMP"), "\"hr\".\"emp\"");

    let upper: (&str, &[&str]) = ("EMP", &["ID", "NAME"]);
    let error = map.match_existing(&whole, &existing("hr", &[other_case, upper, dept])).unwrap_err();
    assert_eq!(error, NameError::Ambiguous(vec!["hr.emp could be Emp or EMP".to_owned()]));
    let columns: (&str, &[&str]) = ("emp", &["ID", "Id", "name"]);
    let error = map.match_existing(&whole, &existing("hr", &[columns, dept])).unwrap_err();
    assert_eq!(error, NameError::Ambiguous(vec!["hr.emp.id could be ID or Id".to_owned()]));

    let error = map.match_existing(&whole, &existing("hr", &[emp, ("more", &[])])).unwrap_err();
    assert_eq!(
        error,
        NameError::NotMatching {
            schema: "hr".to_owned(),
            missing: vec!["dept".to_owned()],
            extra: vec!["more".to_owned()]
        }
    );
    let error = map.match_existing(&whole, &existing("hr", &[("emp", &["id"]), dept])).unwrap_err();
    assert!(matches!(&error, NameError::NotMatching { missing, .. } if missing == &["emp.name"]), "{error}");
    assert!(error.to_string().contains("\"hr\" is not empty and does not match: missing emp.name"), "{error}");
}

proptest! {
    /// Whatever the names are, a plan has them all, without collisions, or says which collide.
    #[test]
    fn plans_are_whole_or_say_what_collides(
        names in prop::collection::btree_set("[A-Ca-c]{1,2}|[Ü]{30,40}[Aa]|[A-Z]{64,70}", 1..8),
        upper in any::<bool>(),
    ) {
        let mut whole = Catalog::default();
        for name in &names {
            let script = format!("CREATE TABLE \"{name}\" (\"{name}\" NUMBER PRIMARY KEY, x NUMBER CHECK (x > 0))");
            whole.tables.extend(catalog("HR", &script).tables);
        }
        let target = if upper { "HR" } else { "hr" };
        match NameMap::plan_by_case(&whole, &[(ora("HR"), pg(target))], None) {
            Ok(map) => {
                prop_assert_eq!(map.check(&whole), Ok(()));
                prop_assert_eq!(&NameMap::from_toml(&map.to_toml()).unwrap(), &map);
                let mut relations = BTreeSet::new();
                for table in &whole.tables {
                    prop_assert!(relations.insert(map.object(ObjectKind::Table, &table.path).unwrap().name.clone()));
                    for position in 0..table.constraints.len() {
                        let name = map.constraint(table, position).unwrap();
                        if table.constraints[position].key_columns().is_some() {
                            prop_assert!(relations.insert(name.clone()));
                        }
                    }
                }
            }
            Err(NameError::Collisions(groups)) => prop_assert!(!upper && !groups.is_empty()),
            Err(other) => prop_assert!(false, "{}", other),
        }
    }
}
