//! Values that are long or have a structure, and values that lose something, through the whole pipeline.

use crate::world::World;
use type_convert::Value;

/// Characters of one to four bytes in UTF-8, one and two units in UTF-16: 5 units and 10 bytes.
const TEXT: &str = "aé€😀";
const BYTES: [u8; 3] = [0x00, 0xff, 0x7f];

/// `amount` is loaded into two digits after the point, `n` into `smallint`.
const TABLES: &str = r#"
CREATE TABLE docs (id NUMBER(9) CONSTRAINT docs_pk PRIMARY KEY, body CLOB, other NCLOB, image BLOB, page XMLTYPE, facts JSON,
    sent JSON, place VECTOR, amount NUMBER(12,6), n NUMBER(9));
INSERT INTO docs VALUES (1, 'aé€😀', 'ž', HEXTORAW('00FF7F'), XMLTYPE('<p lang="cs">žluť</p>'),
    JSON('{"b": 1.50, "a": [1e2, "\u00e9", {}], "b": 12345678901234567890.5}'), JSON('{"b": 1.50, "a": 1e2}'), TO_VECTOR('[1,2.5]'), 1.005, 7);
INSERT INTO docs VALUES (2, EMPTY_CLOB(), EMPTY_CLOB(), EMPTY_BLOB(), NULL, JSON('null'), JSON('[ ]'), TO_VECTOR('[-1e-3]'), -2.5, -8);
INSERT INTO docs VALUES (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO docs VALUES (4, 'aé€😀', 'ž', NULL, XMLTYPE('<a/>'), JSON('"x"'), NULL, NULL, 0.125, 9);
CREATE TABLE shelf (place VARCHAR2(9), n NUMBER(9), body CLOB, CONSTRAINT shelf_pk PRIMARY KEY (place, n)) ORGANIZATION INDEX;
COMMIT;
"#;

/// The type of each column, and what its values may lose; `n` waits for its action.
const CONFIGURATION: &str = r#"
[types.columns]
HR.DOCS.SENT = "json"
HR.DOCS.AMOUNT = "numeric(12,2)"
HR.DOCS.N = "smallint"
[types.loss.columns.HR.DOCS.AMOUNT]
decimal_digits = "convert"
[types.loss.columns.HR.DOCS.N]
"#;

/// Loads the rows of [`TABLES`], those made long, and two with a number that is no `smallint`: 7 and 8.
fn world(out_of_range: &str) -> World {
    let world = World::new("hr");
    world.source_sql(TABLES);
    world.configure("hr", &format!("{CONFIGURATION}out_of_range = \"{out_of_range}\"\n"));
    // 2.6 MB in 1.3 million units, and 4 MiB in 2 million.
    let body = "UPDATE docs SET body = body || body WHERE id = 4;\n".repeat(18);
    let other = "UPDATE docs SET other = other || other WHERE id = 4;\n".repeat(21);
    world.source_sql(&format!("{body}{other}COMMIT;"));
    let row = |id: i64, body: String, image: Vec<u8>, n: i64| {
        vec![Value::Number(id.into()), Value::Text(body), Value::Bytes(image), Value::Number(n.into())]
    };
    world.source_rows(
        "INSERT INTO docs (id, body, image, n) VALUES (:1, :2, :3, :4)",
        &[
            // Around what is the limit for reading a LOB with its row.
            row(5, "x".repeat(1 << 20), BYTES.repeat(1_000_000), 1),
            row(6, "é".repeat((1 << 20) + 1), vec![7; (1 << 20) + 1], 2),
            row(7, TEXT.repeat(300_000), BYTES.repeat(500_000), 40_000),
            row(8, "short".to_owned(), BYTES.to_vec(), -40_000),
            row(9, TEXT.repeat(300_001), BYTES.repeat(500_001), -3),
        ],
    );
    // Found again by its key.
    world.source_rows(
        "INSERT INTO shelf VALUES ('Brno', :1, :2)",
        &[vec![Value::Number(1_i64.into()), Value::Text(TEXT.repeat(300_000))]],
    );
    // Documents are read with their rows, however long.
    let (facts, page) =
        (format!("{{\"b\": 1.0, \"a\": \"{}\"}}", TEXT.repeat(200_000)), format!("<p>{}</p>", TEXT.repeat(200_000)));
    world.source_rows(
        "INSERT INTO docs (id, facts, page) VALUES (:1, JSON(:2), XMLTYPE(:3))",
        &[vec![Value::Number(10_i64.into()), Value::Text(facts), Value::Text(page)]],
    );
    world
}

/// What the target holds of the rows that are in any case loaded is what the source was given.
fn assert_documents(world: &World) {
    let lobs = "SELECT concat_ws(' ', id, char_length(body), char_length(other), octet_length(image)) FROM hr.docs \
                WHERE id NOT IN (7, 8) ORDER BY id";
    assert_eq!(
        world.pg_column(lobs),
        [
            "1 4 1 3",
            "2 0 0 0",
            "3",
            "4 1048576 2097152",
            "5 1048576 3000000",
            "6 1048577 1048577",
            "9 1200004 1500003",
            "10"
        ]
    );
    let whole = "SELECT id::text FROM hr.docs d JOIN (VALUES \
            (1, 'aé€😀', 'ž', '\\x00ff7f'::bytea), (2, '', '', ''), (3, NULL, NULL, NULL), \
            (4, repeat('aé€😀', 262144), repeat('ž', 2097152), NULL), \
            (5, repeat('x', 1048576), NULL, decode(repeat('00ff7f', 1000000), 'hex')), \
            (6, repeat('é', 1048577), NULL, decode(repeat('07', 1048577), 'hex')), \
            (9, repeat('aé€😀', 300001), NULL, decode(repeat('00ff7f', 500001), 'hex')), (10, NULL, NULL, NULL) \
        ) e(id, body, other, image) USING (id) \
        WHERE (d.body, d.other, d.image) IS NOT DISTINCT FROM (e.body, e.other, e.image) ORDER BY d.id";
    assert_eq!(world.pg_column(whole), ["1", "2", "3", "4", "5", "6", "9", "10"]);
    let shelf = "SELECT (body = repeat('aé€😀', 300000))::text FROM hr.shelf WHERE place = 'Brno'";
    assert_eq!(world.pg_column(shelf), ["true"]);
    let long = "SELECT (facts = jsonb_build_object('a', repeat('aé€😀', 200000), 'b', 1) \
                AND format('%s', page) = '<p>' || repeat('aé€😀', 200000) || '</p>')::text FROM hr.docs WHERE id = 10";
    assert_eq!(world.pg_column(long), ["true"]);
    let structured =
        "SELECT concat_ws('|', id, page, facts, sent, place, amount, n) FROM hr.docs WHERE id < 5 ORDER BY id";
    assert_eq!(
        world.pg_column(structured),
        [
            r#"1|<p lang="cs">žluť</p>|{"a": [100, "é", {}], "b": 12345678901234567890.5}|{"b": 1.50, "a": 1e2}|{1,2.5}|1.01|7"#,
            "2|null|[ ]|{-0.001}|-2.50|-8",
            "3",
            r#"4|<a/>|"x"|0.13|9"#,
        ]
    );
}

#[test]
fn long_and_structured_values_arrive_whole() {
    let world = world("convert");
    let mut run = world.start_run();
    world.wait_for(&["running", "ready_to_cutover"], &mut run);
    assert_documents(&world);
    // What the columns' policies allow has happened, and is counted.
    let lost = "SELECT concat_ws(' ', column_name, loss, sum(count)) FROM oracle_migration.loss GROUP BY column_name, loss ORDER BY 1";
    assert_eq!(world.pg_column(lost), ["amount decimal_digits 2", "n out_of_range 2"]);
    assert_eq!(
        world.pg_column("SELECT id::text FROM hr.docs WHERE id BETWEEN 5 AND 9 AND n IS NULL ORDER BY id"),
        ["7", "8"]
    );
    let status = world.succeed(&["status"]);
    let docs = status.lines().find(|line| line.contains("HR.DOCS")).expect("a line of the table");
    // Rows, rejected, losses.
    assert_eq!(docs.split_whitespace().skip(1).take(4).collect::<Vec<_>>(), ["completed", "10", "0", "4"], "{status}");
    world.source_sql("UPDATE regions SET region_name = 'Changed' WHERE region_id = 10; COMMIT;");
    let verified = world.succeed(&["verify"]);
    assert!(verified.contains("HR.DOCS") && verified.contains("equal, value by value"), "{verified}");
    let cutover = world.succeed(&["cutover"]);
    assert!(cutover.contains("are equal, value by value"), "{cutover}");
    assert_eq!(world.state().as_deref(), Some("completed"));
    assert!(run.wait().expect("the run ends").success(), "{}", world.log());
    assert_eq!(world.pg_column("SELECT region_name::text FROM hr.regions WHERE region_id = 10"), ["Changed"]);
    assert_documents(&world);
    // One value changed within a long LOB, and one leaf of a document.
    world.pg("UPDATE hr.docs SET image = set_byte(image, 2999999, 0) WHERE id = 5; \
         UPDATE hr.docs SET facts = jsonb_set(facts, '{a,0}', '100.1') WHERE id = 1");
    let verified = world.fail(&["verify"]);
    for part in ["hr.docs", "id = 5", "image", "id = 1", "facts"] {
        assert!(verified.contains(part), "{part}: {verified}");
    }
}

#[test]
fn a_row_set_aside_takes_nothing_else_along() {
    let world = world("quarantine");
    let mut run = world.start_run();
    world.wait_for(&["running", "ready_to_cutover"], &mut run);
    assert_documents(&world);
    assert_eq!(world.pg_column("SELECT count(*)::text FROM hr.docs"), ["8"]);
    let rejected = "SELECT concat_ws(' ', source_row ->> 'ID', column_name, source_row ->> 'N', length(row_id) > 0) \
                    FROM oracle_migration.reject ORDER BY 1";
    assert_eq!(world.pg_column(rejected), ["7 n 40000 t", "8 n -40000 t"]);
    let long = "SELECT concat_ws(', ', source_row ->> 'BODY', source_row ->> 'IMAGE') FROM oracle_migration.reject ORDER BY row_id";
    assert_eq!(
        world.pg_column(long),
        ["a LOB of 1500000 bytes or characters, a LOB of 1500000 bytes or characters", "short, 00ff7f"]
    );
    // What was lost by rows that are not there does not count.
    let lost = "SELECT concat_ws(' ', column_name, loss, sum(count)) FROM oracle_migration.loss GROUP BY column_name, loss ORDER BY 1";
    assert_eq!(world.pg_column(lost), ["amount decimal_digits 2"]);
    let status = world.succeed(&["status"]);
    let docs = status.lines().find(|line| line.contains("HR.DOCS")).expect("a line of the table");
    assert_eq!(docs.split_whitespace().skip(1).take(4).collect::<Vec<_>>(), ["completed", "8", "2", "2"], "{status}");
    // What was set aside is a difference, the only one, and the cutover says so.
    let refused = world.fail(&["cutover"]);
    assert!(refused.contains("source and target differ in hr.docs:"), "{refused}");
    assert_eq!(refused.matches("the target cannot hold it: ").count(), 2, "{refused}");
    assert!(!refused.contains("not in the target") && !refused.contains("in the target only"), "{refused}");
    assert!(!refused.contains(" at the source, "), "{refused}");
    assert_eq!(world.state().as_deref(), Some("running"));
    run.wait().expect("the run hands over");
}
