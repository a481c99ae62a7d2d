use crate::database::Database;
use crate::source::{self, Rows, create_table, notes, number, people, person, row_id, text};
use pg_sink::{
    Control, CopyEncoder, CopyWriter, Difference, ErrorKind, KeyRange, RepairScript, Repaired, TableOutcome,
    VerifyOptions, count_rows, verify_range, verify_range_between, verify_table, verify_table_between,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use schema_map::TablePlan;
use tokio_postgres::Client;
use type_convert::{DateTime, IntervalDs, LengthUnit, OracleType, PgType, UtcOffset, Value};

async fn fill(client: &Client, plan: &TablePlan, rows: &[Vec<Value>]) {
    client.batch_execute(&create_table(plan)).await.unwrap();
    let mut writer = CopyWriter::begin(client, CopyEncoder::new(plan).unwrap()).await.unwrap();
    writer.write(&source::batch(rows), 0).await.unwrap();
    writer.finish().await.unwrap();
}

async fn verify(client: &Client, plan: &TablePlan, rows: &[Vec<Value>], options: VerifyOptions) -> TableOutcome {
    let open = || Ok(Rows::new(plan, rows.to_vec()));
    verify_table(client, plan, open, options).await.unwrap()
}

fn column(key: &str, column: &str, source: Option<&str>, target: Option<&str>) -> Difference {
    let (key, column) = (key.to_owned(), column.to_owned());
    Difference::Column { key, column, source: source.map(str::to_owned), target: target.map(str::to_owned) }
}

#[tokio::test]
async fn every_kind_of_difference_is_found() {
    let database = Database::new().await;
    let client = database.client().await;
    let plan = people();
    let mut rows: Vec<_> = (0..300).map(|n| person(n, "Ada")).collect();
    rows[5][2] = Value::Null;
    fill(&client, &plan, &rows).await;
    let options = VerifyOptions::default();
    let outcome = verify(&client, &plan, &rows, options).await;
    assert!(outcome.is_equal(), "{outcome:?}");
    assert_eq!((outcome.source_rows, outcome.target_rows), (300, 300));
    assert_eq!(count_rows(&client, &plan.target).await.unwrap(), 300);
    // The order of the rows says nothing.
    let backwards: Vec<_> = rows.iter().rev().cloned().collect();
    assert!(verify(&client, &plan, &backwards, options).await.is_equal());

    client
        .batch_execute(
            "UPDATE people SET salary = 1000.49 WHERE id = 3; UPDATE people SET salary = 0 WHERE id = 5; \
             UPDATE people SET name = NULL, hired = hired + interval '1 second' WHERE id = 200; \
             DELETE FROM people WHERE id IN (7, 8); INSERT INTO people VALUES (-1, 'Eve', NULL, '0044-03-15 BC')",
        )
        .await
        .unwrap();
    let outcome = verify(&client, &plan, &rows, options).await;
    assert!(!outcome.is_equal());
    assert!(outcome.complete);
    assert_eq!((outcome.source_rows, outcome.target_rows), (300, 299));
    let missing = |key: &str| Difference::Missing { key: key.to_owned() };
    assert_eq!(
        outcome.differences,
        [
            column("id = 3", "salary", Some("1000.5"), Some("1000.49")),
            column("id = 5", "salary", None, Some("0")),
            missing("id = 7"),
            missing("id = 8"),
            column("id = 200", "name", Some("Ada"), None),
            column("id = 200", "hired", Some("2024-02-29 12:34:56"), Some("2024-02-29 12:34:57")),
            Difference::Extra { key: "id = -1".to_owned() },
        ]
    );

    // Lists are capped, and say so.
    let mut few = options;
    few.max_differences = 2;
    let outcome = verify(&client, &plan, &rows, few).await;
    assert_eq!((outcome.differences.len(), outcome.complete), (2, false));
    let mut small = options;
    small.max_kept_rows = 1;
    let outcome = verify(&client, &plan, &rows, small).await;
    assert!(!outcome.differences.is_empty() && !outcome.complete && !outcome.is_equal(), "{outcome:?}");
    // One bucket is slow to search but finds the same.
    let mut one = options;
    one.buckets = 1;
    assert_eq!(verify(&client, &plan, &rows, one).await.differences.len(), 7);
}

#[tokio::test]
async fn rows_without_a_key_are_compared_whole_and_counted() {
    let database = Database::new().await;
    let client = database.client().await;
    let plan = notes();
    let note = |body: &str, size: &str| vec![text(body), number(size), Value::Null];
    let rows = vec![note("same", "1"), note("same", "1"), note("ab", "1"), note("a", "1.50")];
    fill(&client, &plan, &rows).await;
    assert!(verify(&client, &plan, &rows, VerifyOptions::default()).await.is_equal());
    // An XOR of hashes would not see that a pair of equal rows became another.
    client.batch_execute("UPDATE notes SET body = 'pair' WHERE body = 'same'").await.unwrap();
    let mut one = VerifyOptions::default();
    one.buckets = 1;
    assert_eq!(verify(&client, &plan, &rows, one).await.differences.len(), 4);
    client.batch_execute("UPDATE notes SET body = 'same' WHERE body = 'pair'").await.unwrap();
    client.batch_execute("DELETE FROM notes WHERE body = 'same'").await.unwrap();
    let outcome = verify(&client, &plan, &rows, VerifyOptions::default()).await;
    let missing = Difference::Missing { key: "body = same, size = 1, place = NULL".to_owned() };
    assert_eq!(outcome.differences, [missing.clone(), missing]);
    client.batch_execute("UPDATE notes SET size = 1.51 WHERE body = 'a'").await.unwrap();
    let outcome = verify(&client, &plan, &rows[2..], VerifyOptions::default()).await;
    assert_eq!(
        outcome.differences,
        [
            Difference::Missing { key: "body = a, size = 1.5, place = NULL".to_owned() },
            Difference::Extra { key: "body = a, size = 1.51, place = NULL".to_owned() },
        ]
    );
}

#[tokio::test]
async fn what_postgresql_holds_as_equal_is_equal() {
    let database = Database::new().await;
    let client = database.client().await;
    let char5 = OracleType::Char { length: 5, unit: LengthUnit::Char };
    let columns = vec![
        source::column("n", OracleType::Number { precision: None, scale: None }, PgType::Numeric { digits: None }),
        source::column("c", char5, PgType::Bpchar { length: 5 }),
    ];
    let plan = source::plan("forms", columns, &[]);
    let rows = ["0", "100", "10000", "0.5", "0.0001", "-12345.678", "1e-20", "123456789e20"]
        .map(|n| vec![number(n), text("ab   ")]);
    client.batch_execute(&create_table(&plan)).await.unwrap();
    client
        .batch_execute(
            "INSERT INTO forms SELECT n, 'ab' FROM unnest(ARRAY[0.000, 100.0, 10000.00000, 0.50000, 0.00010, -12345.6780, 1e-20, 123456789e20]) n",
        )
        .await
        .unwrap();
    let outcome = verify(&client, &plan, &rows, VerifyOptions::default()).await;
    assert!(outcome.is_equal(), "{outcome:?}");
}

#[tokio::test]
async fn a_value_that_the_target_cannot_hold_is_a_difference() {
    let database = Database::new().await;
    let client = database.client().await;
    let plan = people();
    let mut rows: Vec<_> = (0..5).map(|n| person(n, "Ada")).collect();
    fill(&client, &plan, &rows[..4]).await;
    rows[4][1] = text("much too long a name");
    let outcome = verify(&client, &plan, &rows, VerifyOptions::default()).await;
    assert!(!outcome.is_equal());
    let [Difference::Unrepresentable { message }] = &outcome.differences[..] else { panic!("{outcome:?}") };
    assert!(message.contains("name") && message.contains(&row_id(4)), "{message}");
}

#[tokio::test]
async fn a_row_that_changes_between_the_passes_is_not_called_equal() {
    let database = Database::new().await;
    let client = database.client().await;
    let plan = people();
    let rows: Vec<_> = (0..5).map(|n| person(n, "Ada")).collect();
    fill(&client, &plan, &rows).await;
    let mut opened = 0;
    let open = || {
        opened += 1;
        let mut rows = rows.clone();
        if opened == 1 {
            rows[0][1] = text("Eve");
        }
        Ok(Rows::new(&plan, rows))
    };
    let outcome = verify_table(&client, &plan, open, VerifyOptions::default()).await.unwrap();
    assert!(outcome.differences.is_empty() && !outcome.is_equal());
}

#[tokio::test]
async fn long_values_are_shown_cut_and_compared_whole() {
    let database = Database::new().await;
    let client = database.client().await;
    let columns = vec![
        source::column("id", source::number_type(9, 0), PgType::Int4),
        source::column("body", OracleType::Clob, PgType::Text),
    ];
    let plan = source::plan("documents", columns, &[0]);
    let body = "é".repeat(5000);
    let rows = vec![vec![number(1), text(&body)]];
    fill(&client, &plan, &rows).await;
    client.batch_execute("UPDATE documents SET body = left(body, 4999) || 'e'").await.unwrap();
    let outcome = verify(&client, &plan, &rows, VerifyOptions::default()).await;
    let [Difference::Column { source: Some(source), target: Some(target), .. }] = &outcome.differences[..] else {
        panic!("{outcome:?}")
    };
    assert!(source.ends_with("(10000 bytes)") && target.ends_with("(9999 bytes)"), "{source} {target}");
    assert!(source.len() < 700);
}

/// Values of `jsonb` as texts that say the same in more than one way: escapes, blanks, forms of numbers, equal keys.
fn documents(count: usize) -> Vec<String> {
    let string = vec![
        "\"\"",
        "\"a\"",
        "\"\\u0061\"",
        "\"A\"",
        "\"ab\"",
        "\"é\"",
        "\"\\u00E9\"",
        "\"\\ud83d\\uDE00\"",
        "\"😀/\"",
        "\"\\/\"",
        "\"\\\"\"",
        "\"\\u0022\\\\\"",
        "\"\\n\\u0001\\b\"",
        "\"\\u007f\"",
    ];
    let string = select(string).prop_map(str::to_owned);
    let number = "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,30})?([eE][-+]?[0-9]{1,2})?";
    let word = select(vec!["null", "true", "false", "{}", "[ ]", "-0.00", "1e1000", "1.0e-300", "100", "1e2"]);
    let leaf = prop_oneof![string.clone(), number, word.prop_map(str::to_owned)];
    let blank = || select(vec!["", " ", "\r\n\t"]);
    let document = leaf.prop_recursive(4, 24, 5, move |inner| {
        let array = (vec(inner.clone(), 0..5), blank())
            .prop_map(|(items, b)| format!("[{b}{}{b}]", items.join(&format!("{b},{b}"))));
        let object = (vec((string.clone(), inner), 0..5), blank()).prop_map(|(members, b)| {
            let members: Vec<_> = members.iter().map(|(key, value)| format!("{key}{b}:{b}{value}")).collect();
            format!("{b}{{{b}{}}}{b}", members.join(&format!("{b},{b}")))
        });
        prop_oneof![array, object]
    });
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    (0..count).map(|_| document.new_tree(&mut runner).unwrap().current()).collect()
}

/// Changes one leaf of each document, by as little as its type has.
const CHANGE_LEAVES: &str = "
WITH RECURSIVE walk AS (
    SELECT id, '{}'::text[] AS path, j AS value FROM json_documents
    UNION ALL
    SELECT id, path || step.key, step.value FROM walk, LATERAL (
        SELECT key, value FROM jsonb_each(CASE jsonb_typeof(walk.value) WHEN 'object' THEN walk.value ELSE '{}' END)
        UNION ALL
        SELECT (n - 1)::text, value
        FROM jsonb_array_elements(CASE jsonb_typeof(walk.value) WHEN 'array' THEN walk.value ELSE '[]' END) WITH ORDINALITY e(value, n)
    ) step
), leaf AS (
    SELECT DISTINCT ON (id) id, path, value FROM walk
    WHERE jsonb_typeof(value) NOT IN ('object', 'array') OR value IN ('{}', '[]') ORDER BY id, md5(path::text)
), changed AS (
    SELECT id, path, CASE jsonb_typeof(value)
        WHEN 'number' THEN to_jsonb(value::numeric + 1e-400)
        WHEN 'string' THEN to_jsonb((value #>> '{}') || ' ')
        WHEN 'boolean' THEN to_jsonb(NOT value::boolean)
        WHEN 'null' THEN 'false'
        WHEN 'array' THEN '{}'
        ELSE 'null' END AS value
    FROM leaf
)
UPDATE json_documents d SET j = CASE path WHEN '{}' THEN value ELSE jsonb_set(d.j, path, value) END
FROM changed WHERE changed.id = d.id";

#[tokio::test]
async fn jsonb_is_compared_by_content() {
    let database = Database::new().await;
    let client = database.client().await;
    let columns = vec![
        source::column("id", source::number_type(9, 0), PgType::Int4),
        source::column("j", OracleType::Json, PgType::Jsonb),
    ];
    let plan = source::plan("json_documents", columns, &[0]);
    let documents = documents(1500);
    let rows: Vec<_> = (0_i64..).zip(&documents).map(|(id, document)| vec![number(id), text(document)]).collect();
    fill(&client, &plan, &rows).await;
    let mut options = VerifyOptions::default();
    options.max_differences = 2 * rows.len();
    let outcome = verify(&client, &plan, &rows, options).await;
    assert!(outcome.is_equal(), "{outcome:?}");
    // Or nothing would have been shown: the server does not send back what it was sent.
    let sent = client.query("SELECT j::text FROM json_documents ORDER BY id", &[]).await.unwrap();
    let rewritten = sent.iter().zip(&documents).filter(|(row, document)| row.get::<_, String>(0) != **document).count();
    assert!(rewritten > rows.len() / 3, "{rewritten}");

    let changed = client.execute(CHANGE_LEAVES, &[]).await.unwrap();
    assert_eq!(changed, rows.len() as u64);
    let outcome = verify(&client, &plan, &rows, options).await;
    let mut unlike = outcome.differences.iter().map(|difference| match difference {
        Difference::Column { key, column, source: Some(source), target: Some(target) } if source != target => {
            (key.clone(), column.clone())
        }
        other => panic!("{other:?}"),
    });
    for (id, document) in documents.iter().enumerate() {
        assert_eq!(unlike.next(), Some((format!("id = {id}"), "j".to_owned())), "{document}");
    }
    assert_eq!((unlike.next(), outcome.complete), (None, true));
}

#[tokio::test]
async fn json_and_xml_are_compared_as_they_are() {
    let database = Database::new().await;
    let client = database.client().await;
    let columns = vec![
        source::column("id", source::number_type(9, 0), PgType::Int4),
        source::column("j", OracleType::Json, PgType::Json),
        source::column("x", OracleType::Xml, PgType::Xml),
    ];
    let plan = source::plan("as_sent", columns, &[0]);
    let rows = vec![vec![number(1), text("{ \"b\": 1.0, \"a\": 1e2, \"a\": \"\\u00e9\" }"), text("<a  b='1' />")]];
    fill(&client, &plan, &rows).await;
    assert!(verify(&client, &plan, &rows, VerifyOptions::default()).await.is_equal());
    client.batch_execute("UPDATE as_sent SET j = '{ \"b\": 1, \"a\": 1e2, \"a\": \"\\u00e9\" }'").await.unwrap();
    let outcome = verify(&client, &plan, &rows, VerifyOptions::default()).await;
    let [Difference::Column { column, .. }] = &outcome.differences[..] else { panic!("{outcome:?}") };
    assert_eq!(column, "j");
}

/// A target in the midst of several commits: each row is as before or as after them.
#[tokio::test]
async fn rows_in_flight_are_no_differences() {
    let database = Database::new().await;
    let client = database.client().await;
    let plan = people();
    let before: Vec<_> = (0..200).map(|n| person(n, "Ada")).collect();
    let mut after = before.clone();
    for row in &mut after[10..20] {
        row[1] = text("Eve");
    }
    after.drain(30..35);
    after.extend((300..305).map(|n| person(n, "New")));
    fill(&client, &plan, &before).await;
    let options = VerifyOptions::default();
    let between = async || {
        let (open, earlier) = (|| Ok(Rows::new(&plan, after.clone())), || Ok(Rows::new(&plan, before.clone())));
        verify_table_between(&client, &plan, open, earlier, options).await.unwrap()
    };
    let outcome = between().await;
    assert!(outcome.is_equal(), "{outcome:?}");
    assert_eq!(outcome.in_flight, 20);
    assert!(!verify(&client, &plan, &after, options).await.is_equal());
    // Half of it has arrived.
    client
        .batch_execute(
            "UPDATE people SET name = 'Eve' WHERE id BETWEEN 10 AND 14; DELETE FROM people WHERE id BETWEEN 30 AND 31; \
             INSERT INTO people SELECT 300, 'New', salary, hired FROM people WHERE id = 0",
        )
        .await
        .unwrap();
    let outcome = between().await;
    assert!(outcome.is_equal(), "{outcome:?}");
    assert_eq!(outcome.in_flight, 12);
    // What is like neither state is a difference still: also of rows that are in flight, and of those that are in none.
    client
        .batch_execute(
            "UPDATE people SET name = 'Bob' WHERE id IN (12, 15, 100); DELETE FROM people WHERE id = 16; \
             INSERT INTO people SELECT 900, 'New', salary, hired FROM people WHERE id = 0",
        )
        .await
        .unwrap();
    let outcome = between().await;
    assert_eq!((outcome.differences.len(), outcome.in_flight), (5, 10), "{outcome:?}");
}

#[tokio::test]
async fn rows_in_flight_without_a_key_are_counted() {
    let database = Database::new().await;
    let client = database.client().await;
    let plan = notes();
    let note = |body: &str| vec![text(body), number(1), Value::Null];
    let before = vec![note("a"), note("a"), note("a"), note("b")];
    let after = vec![note("a"), note("b"), note("b"), note("b")];
    fill(&client, &plan, &before).await;
    let between = async || {
        let (open, earlier) = (|| Ok(Rows::new(&plan, after.clone())), || Ok(Rows::new(&plan, before.clone())));
        verify_table_between(&client, &plan, open, earlier, VerifyOptions::default()).await.unwrap()
    };
    for change in ["SELECT 1", "INSERT INTO notes VALUES ('b', 1)", "DELETE FROM notes WHERE ctid = '(0,1)'"] {
        client.batch_execute(change).await.unwrap();
        let outcome = between().await;
        assert!(outcome.is_equal() && outcome.in_flight > 0, "{change}: {outcome:?}");
    }
    client.batch_execute("INSERT INTO notes VALUES ('b', 1), ('b', 1)").await.unwrap();
    assert!(!between().await.is_equal());
}

/// The script as a person would run it, but for psql's own command.
async fn run_repair(client: &Client, script: &[u8]) -> Result<(), tokio_postgres::Error> {
    let script = std::str::from_utf8(script).unwrap();
    let sql: Vec<&str> = script.lines().filter(|line| !line.starts_with('\\')).collect();
    client.batch_execute(&sql.join("\n")).await
}

async fn repair(client: &Client, plan: &TablePlan, rows: &[Vec<Value>]) -> (Vec<u8>, Repaired) {
    let outcome = verify(client, plan, rows, VerifyOptions::default()).await;
    assert!(!outcome.is_equal());
    let mut script = Vec::new();
    let mut repair = RepairScript::begin(&mut script, client, &Control::default()).await.unwrap();
    repair.add(client, plan, &outcome, || Ok(Rows::new(plan, rows.to_vec()))).await.unwrap();
    let repaired = repair.finish().unwrap();
    (script, repaired)
}

async fn positioned(client: &Client) {
    Control::default().install(client).await.unwrap();
    let insert = "INSERT INTO oracle_migration.position (position, commit_scn) VALUES ('it''s {\"scn\": 1}', 1)";
    client.batch_execute(insert).await.unwrap();
}

/// Every type that has a text form, with its awkward values: what the script writes is what the load would have written.
#[tokio::test]
async fn a_repair_script_makes_rows_equal() {
    let database = Database::new().await;
    let client = database.client().await;
    positioned(&client).await;
    let any = OracleType::Number { precision: None, scale: None };
    let zoned = OracleType::TimestampTz { precision: 9 };
    let columns = vec![
        source::column("Id", source::number_type(9, 0), PgType::Int4),
        source::column("it's", OracleType::Clob, PgType::Text),
        source::column("n", any, PgType::Numeric { digits: None }),
        source::column("d", OracleType::Date, PgType::Timestamp { precision: Some(0) }),
        source::column("z", zoned, PgType::TimestampTz { precision: None }),
        source::column("b", OracleType::Blob, PgType::Bytea),
        source::column("j", OracleType::Json, PgType::Jsonb),
        source::column("x", OracleType::BinaryDouble, PgType::Float8),
        source::column("f", OracleType::BinaryFloat, PgType::Float4),
        source::column("i", OracleType::IntervalDs { day_precision: 9, second_precision: 6 }, PgType::Interval),
        source::column("c", OracleType::Char { length: 5, unit: LengthUnit::Char }, PgType::Bpchar { length: 5 }),
        source::column("day", OracleType::Date, PgType::Date),
    ];
    let plan = source::plan("repaired", columns, &[0]);
    let at = |year, nanosecond| DateTime { year, month: 3, day: 15, hour: 1, minute: 2, second: 3, nanosecond };
    let midnight = |year| Value::DateTime(DateTime { hour: 0, minute: 0, second: 0, ..at(year, 0) });
    let texts = ["it's", "back\\slash", "E'\\''; --", "line\nline\r", "$$ é 😀", "\\x00", "NULL", " "];
    let numbers =
        ["0", "-0.00000000000000000001", "12345678901234567890123456789", "1e-20", "-7.5", "1e30", "10000", "3"];
    let doubles = [0.1, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0, 5e-324, f64::MAX, 1.0 / 3.0];
    let years = [-4712, -44, -1, 1, 1582, 2024, 9999, 1999];
    let floats = [0.1f32, f32::NAN, f32::INFINITY, f32::NEG_INFINITY, -0.0, 1e-45, f32::MAX, 1.0 / 3.0];
    let rows: Vec<Vec<Value>> = (0u8..8)
        .map(|number_of_row| {
            let n = usize::from(number_of_row);
            let interval = IntervalDs { days: -3 - i32::from(number_of_row), nanoseconds: -3_723_000_001_000 };
            vec![
                number(n),
                text(texts[n]),
                number(numbers[n]),
                Value::DateTime(at(years[n], 0)),
                Value::DateTimeTz(at(years[n], 123_456_000), UtcOffset { minutes: -90 }),
                Value::Bytes(vec![0, 39, 92, number_of_row]),
                text(&format!("{{\"a\": [{n}, \"it's \\\\ \\\" {n}\"]}}")),
                Value::Double(doubles[n]),
                Value::Float(floats[n]),
                Value::IntervalDs(interval),
                text("ab   "),
                midnight(years[n]),
            ]
        })
        .collect();
    fill(&client, &plan, &rows).await;
    client
        .batch_execute(
            "UPDATE repaired SET \"it's\" = NULL, n = 0.5, d = now(), z = now(), b = '', j = '1', x = 7, f = 7, i = '1 day', c = 'z', \
             day = NULL WHERE \"Id\" < 4; DELETE FROM repaired WHERE \"Id\" >= 4; \
             INSERT INTO repaired (\"Id\", c) VALUES (100, 'too'), (101, 'many')",
        )
        .await
        .unwrap();
    let (script, repaired) = repair(&client, &plan, &rows).await;
    assert_eq!(repaired, Repaired { inserts: 4, updates: 4, deletes: 2, left: 0 });
    // For another position it is not meant.
    client.batch_execute("UPDATE oracle_migration.position SET position = 'later'").await.unwrap();
    let refused = run_repair(&client, &script).await.unwrap_err();
    assert!(refused.as_db_error().is_some_and(|e| e.message().contains("moved on")), "{refused:?}");
    client
        .batch_execute("ROLLBACK; UPDATE oracle_migration.position SET position = 'it''s {\"scn\": 1}'")
        .await
        .unwrap();
    assert!(!verify(&client, &plan, &rows, VerifyOptions::default()).await.is_equal());
    run_repair(&client, &script).await.unwrap();
    let outcome = verify(&client, &plan, &rows, VerifyOptions::default()).await;
    assert!(outcome.is_equal(), "{outcome:?}");
}

#[tokio::test]
async fn a_repair_script_of_rows_without_a_key_keeps_their_number() {
    let database = Database::new().await;
    let client = database.client().await;
    positioned(&client).await;
    let plan = notes();
    let note = |body: &str| vec![text(body), number(1), Value::Null];
    let rows = vec![note("a"), note("a"), note("a"), note("it's"), note("c")];
    fill(&client, &plan, &rows).await;
    client
        .batch_execute(
            "DELETE FROM notes WHERE ctid IN ('(0,1)', '(0,2)', '(0,4)'); INSERT INTO notes VALUES ('c', 1), ('c', 1), ('d', 1)",
        )
        .await
        .unwrap();
    let (script, repaired) = repair(&client, &plan, &rows).await;
    assert_eq!(repaired, Repaired { inserts: 3, updates: 0, deletes: 3, left: 0 });
    run_repair(&client, &script).await.unwrap();
    assert!(verify(&client, &plan, &rows, VerifyOptions::default()).await.is_equal());
}

/// What SQL cannot say is left to a person, and said to be.
#[tokio::test]
async fn a_repair_script_says_what_it_leaves() {
    let database = Database::new().await;
    let client = database.client().await;
    positioned(&client).await;
    let plan = people();
    let mut rows: Vec<_> = (0..5).map(|n| person(n, "Ada")).collect();
    fill(&client, &plan, &rows[..4]).await;
    rows[4][1] = text("much too\nlong a name");
    client
        .batch_execute(
            "ALTER TABLE people DROP CONSTRAINT people_pkey; INSERT INTO people SELECT * FROM people WHERE id = 1",
        )
        .await
        .unwrap();
    let (script, repaired) = repair(&client, &plan, &rows).await;
    assert_eq!(repaired, Repaired { left: 2, ..Repaired::default() });
    let script = String::from_utf8(script).unwrap();
    assert!(script.contains("-- public.people, row id = 1: mend it by hand"), "{script}");
    assert!(script.lines().any(|l| l.starts_with("-- ") && l.contains("column name")), "{script}");
    run_repair(&client, script.as_bytes()).await.unwrap();
}

/// A range sees what is in it, all of it, and nothing else; its ends are one within and one without.
#[tokio::test]
async fn parts_of_a_table_are_compared_by_their_keys() {
    let database = Database::new().await;
    let client = database.client().await;
    let plan = people();
    let rows: Vec<_> = (0..300).map(|n| person(n, "Ada")).collect();
    fill(&client, &plan, &rows).await;
    client
        .batch_execute("UPDATE people SET name = 'Eve' WHERE id IN (99, 100, 199); DELETE FROM people WHERE id = 200")
        .await
        .unwrap();
    let compare = async |from: Option<&str>, to: Option<&str>| {
        let range = KeyRange::new(&plan, from, to).unwrap();
        let key = |end: Option<&str>, open: i64| end.map_or(open, |end| end.parse::<i64>().unwrap().max(0));
        let within = usize::try_from(key(range.from(), 0)).unwrap()..usize::try_from(key(range.to(), 300)).unwrap();
        let open = || Ok(Rows::new(&plan, rows[within.clone()].to_vec()));
        let outcome = verify_range(&client, &plan, &range, open, VerifyOptions::default()).await.unwrap();
        let again = verify_range_between(&client, &plan, &range, open, open, VerifyOptions::default()).await.unwrap();
        assert_eq!((&again.differences, again.in_flight), (&outcome.differences, 0));
        let keys = outcome.differences.iter().map(|d| d.to_string().split(':').next().unwrap().to_owned());
        (outcome.source_rows, outcome.target_rows, keys.collect::<Vec<_>>())
    };
    let found = |keys: &[&str]| keys.iter().map(|key| format!("id = {key}")).collect::<Vec<_>>();
    assert_eq!(compare(Some("100"), Some("200")).await, (100, 100, found(&["100", "199"])));
    assert_eq!(compare(Some("200"), None).await, (100, 99, found(&["200"])));
    assert_eq!(compare(None, Some("99")).await, (99, 99, found(&[])));
    assert_eq!(compare(None, None).await, (300, 299, found(&["99", "100", "199", "200"])));
    assert_eq!(compare(Some("-5"), Some("0")).await.2, found(&[]));
    let refused = |plan: &TablePlan, from| KeyRange::new(plan, Some(from), None).unwrap_err();
    let error = refused(&plan, "1; DROP TABLE people");
    assert_eq!(error.kind(), ErrorKind::Value);
    assert!(error.to_string().contains("an integer") && error.to_string().contains("id"), "{error}");
    assert_eq!(refused(&notes(), "1").kind(), ErrorKind::Plan);
    let mut by_name = people();
    by_name.key = vec![1];
    assert_eq!(refused(&by_name, "Ada").kind(), ErrorKind::Plan, "collations differ");
    let mut by_date = people();
    by_date.key = vec![3];
    client.batch_execute("UPDATE people SET hired = '2020-01-01'").await.unwrap();
    let range = KeyRange::new(&by_date, Some("2020-01-02"), Some("2024-02-29 12:34:57")).unwrap();
    let open = || Ok(Rows::new(&by_date, rows[..1].to_vec()));
    let outcome = verify_range(&client, &by_date, &range, open, VerifyOptions::default()).await.unwrap();
    assert_eq!((outcome.source_rows, outcome.target_rows, outcome.differences.len()), (1, 0, 1));
}
