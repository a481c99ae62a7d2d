//! Row types, domains and arrays as a target has them, within one another.

use crate::database::{Database, text};
use crate::source::{self, number_type, plan};
use pg_sink::{CopyEncoder, CopyWriter, ErrorKind, check_target, complete_types};
use type_convert::{CollectionType, LengthUnit, ObjectType, OracleType, PgComposite, PgDomain, PgType, Value};

fn object(name: &str, attributes: &[(&str, OracleType)]) -> OracleType {
    OracleType::Object(Box::new(ObjectType {
        owner: "HR".into(),
        name: name.into(),
        attributes: attributes.iter().map(|(name, ty)| ((*name).to_owned(), ty.clone())).collect(),
    }))
}

fn list(element: OracleType) -> OracleType {
    OracleType::Collection(Box::new(CollectionType { owner: "HR".into(), name: "L".into(), limit: None, element }))
}

/// As a plan has them before the target is looked at.
fn unknown(text: &str) -> PgType {
    fn without_oids(ty: PgType) -> PgType {
        let none = Some(0);
        match ty {
            PgType::Composite(of) => PgType::Composite(Box::new(PgComposite { oid: none, array_oid: none, ..*of })),
            PgType::Domain(of) => {
                let base = without_oids(of.base);
                PgType::Domain(Box::new(PgDomain { name: of.name, oid: none, array_oid: none, base }))
            }
            PgType::Array(element) => PgType::Array(Box::new(without_oids(*element))),
            other => other,
        }
    }
    without_oids(text.parse().unwrap())
}

const TYPES: &str = "
    CREATE SCHEMA app;
    CREATE TYPE app.\"Address\" AS (street varchar(10), \"No\" smallint);
    CREATE DOMAIN app.addresses AS app.\"Address\"[];
    CREATE DOMAIN app.prices AS numeric(10,2)[] CHECK (cardinality(VALUE) <= 3);
    CREATE TYPE app.person AS (name text, home app.\"Address\", others app.addresses, prices app.prices, doc jsonb);
    CREATE DOMAIN app.people AS app.person[];
    CREATE TABLE t (id integer, person app.person, people app.people, prices app.prices)";

#[tokio::test]
async fn types_within_types_are_sent_with_the_oids_of_the_target() {
    let database = Database::new().await;
    let client = database.client().await;
    client.batch_execute(TYPES).await.unwrap();
    let varchar = OracleType::Varchar2 { length: 10, unit: LengthUnit::Char };
    let address = object("ADDRESS", &[("STREET", varchar.clone()), ("No", number_type(4, 0))]);
    let prices = list(number_type(10, 2));
    let person = object(
        "PERSON",
        &[
            ("NAME", varchar),
            ("HOME", address.clone()),
            ("OTHERS", list(address)),
            ("PRICES", prices.clone()),
            ("DOC", OracleType::Clob),
        ],
    );
    let person_type = "composite app.person (a text, b text, c text, d text, e text)";
    let columns = vec![
        source::column("id", number_type(9, 0), PgType::Int4),
        source::column("person", person.clone(), unknown(person_type)),
        source::column("people", list(person), unknown(&format!("domain app.people ({person_type}[])"))),
        source::column("prices", prices, unknown("domain app.prices (numeric[])")),
    ];
    let mut plan = plan("t", columns, &[0]);
    let error = check_target(&client, &plan).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Plan);
    assert!(error.to_string().contains("complete_types"), "{error}");

    complete_types(&client, &mut plan).await.unwrap();
    check_target(&client, &plan).await.unwrap();
    let definition = plan.columns[1].pg_type.to_definition();
    assert!(
        definition.starts_with("composite app.person (\"name\" text, \"home\" composite app.\"Address\" ("),
        "{definition}"
    );
    assert!(definition.contains("\"prices\" domain app.prices (numeric(10,2)[])"), "{definition}");

    let t = |text: &str| Value::Text(text.into());
    let n = |text: &str| Value::Number(text.parse().unwrap());
    let address = Value::Object(vec![t("x,\"y"), n("7")]);
    let person = Value::Object(vec![
        t("Ann"),
        address.clone(),
        Value::Collection(vec![address, Value::Null]),
        Value::Collection(vec![n("1.5"), Value::Null]),
        t("{\"a\": [1]}"),
    ]);
    let people = Value::Collection(vec![person.clone(), Value::Null, Value::Object(vec![Value::Null; 5])]);
    let rows = [
        vec![source::number(1), person, people, Value::Collection(vec![])],
        vec![source::number(2), Value::Null, Value::Null, Value::Null],
    ];
    let mut writer = CopyWriter::begin(&client, CopyEncoder::new(&plan).unwrap()).await.unwrap();
    writer.write(&source::batch(&rows), 0).await.unwrap();
    writer.finish().await.unwrap();
    let parts =
        "SELECT (person).name, (person).home, (person).others, (person).prices, (person).doc FROM t ORDER BY id";
    assert_eq!(
        text(&client, parts).await,
        r#"Ann|("x,""y",7)|{"(\"x,\"\"y\",7)",NULL}|{1.50,NULL}|{"a": [1]}
NULL|NULL|NULL|NULL|NULL"#
    );
    let whole = "SELECT person IS NULL, people[1] IS NOT DISTINCT FROM person, cardinality(people), people[2]::text, people[3]::text, prices FROM t ORDER BY id";
    assert_eq!(text(&client, whole).await, "f|t|3|NULL|(,,,,)|{}\nt|t|NULL|NULL|NULL|NULL");
}

#[tokio::test]
async fn what_cannot_be_filled_is_said_with_its_column() {
    let database = Database::new().await;
    let client = database.client().await;
    client.batch_execute(TYPES).await.unwrap();
    let columns =
        vec![source::column("person", object("P", &[("A", OracleType::Date)]), unknown("composite p (a date)"))];
    let mut missing = plan("nowhere", columns.clone(), &[]);
    let before = missing.clone();
    complete_types(&client, &mut missing).await.unwrap();
    assert_eq!(missing, before, "a table that is not there yet");
    let mut plan = plan("t", columns, &[]);
    let error = complete_types(&client, &mut plan).await.unwrap_err();
    assert_eq!((error.kind(), error.column()), (ErrorKind::Plan, Some("person")));
    assert!(error.to_string().contains("different numbers of attributes"), "{error}");
    client.batch_execute("CREATE TABLE u (person money)").await.unwrap();
    plan.target.name = schema_map::PgIdent::new("u").unwrap();
    let error = complete_types(&client, &mut plan).await.unwrap_err();
    assert!(error.to_string().contains("`money`"), "{error}");
}
