//! What reports say.

use crate::schema::{assert_sound, by_hand, catalog, hr, ident, of, of_script, rich};
use assessment::{Assessment, CostModel, Effort, Facts, Kind, Report, Severity, Topic, Verdict, assess};
use proptest::prelude::*;
use schema_map::{Catalog, script::Script};

fn object<'r>(report: &'r Report, name: &str) -> &'r assessment::ObjectLine {
    let object = report.objects.iter().find(|object| object.name == name);
    object.unwrap_or_else(|| panic!("no {name} in {:#?}", report.objects))
}

fn texts(report: &Report, topic: Topic) -> Vec<(&str, &str)> {
    let findings = report.findings.iter().filter(|finding| finding.topic == topic);
    findings.map(|finding| (finding.object.as_str(), finding.text.as_str())).collect()
}

#[test]
fn hr_converts_but_perhaps_for_its_code() {
    let report = assess(&hr().1, &Facts::default(), &CostModel::default());
    assert_sound(&report);
    assert_eq!(report.schemas.len(), 1);
    let inventory: Vec<_> = report.inventory.iter().map(|line| (line.kind, line.total)).collect();
    assert_eq!(
        inventory,
        [
            (Kind::Table, 7),
            (Kind::Constraint, 20),
            (Kind::Index, 17),
            (Kind::Sequence, 3),
            (Kind::View, 1),
            (Kind::Procedure, 2),
            (Kind::Trigger, 2),
        ]
    );
    for object in report.objects.iter().filter(|object| !object.kind.is_code()) {
        assert!(!object.verdict.needs_a_person(), "{object:?}");
    }
    assert_eq!(report.inventory[2].verdicts[&Verdict::Covered], 6);
    assert!(report.inventory[0].comment.contains("1 index-organised"));
    let by_type: Vec<_> = report.column_types.iter().map(|t| (t.oracle_type.as_str(), t.columns)).collect();
    assert_eq!(by_type, [("NUMBER", 15), ("VARCHAR2", 15), ("DATE", 3), ("CHAR", 2)]);
    assert!(report.column_types.iter().all(|t| !t.pg_types.is_empty()));
    assert!(report.findings.iter().all(|finding| finding.severity != Severity::Blocker));
    let days = report.estimate.days;
    assert!(days.low > 0.05 && days.low < days.expected && days.high < 3.0, "{days:?}");
    let text = report.text();
    for part in ["procedures", "index-organised", "an ordinary table", "What this report did not know"] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn column_types() {
    let report = of(
        "CREATE TABLE t (id NUMBER(9) PRIMARY KEY, a TIMESTAMP(9), b TIMESTAMP WITH TIME ZONE, c ROWID, d MDSYS.SDO_GEOMETRY, e DATE, f BFILE);
         CREATE TABLE u (id NUMBER(9) PRIMARY KEY REFERENCES t, x my_type);",
    );
    assert_sound(&report);
    let texts = texts(&report, Topic::ColumnType);
    let objects: Vec<_> = texts.iter().map(|(object, _)| *object).collect();
    assert_eq!(objects, ["HR.T.D", "HR.U.X", "HR.T.A", "HR.T.B", "HR.T.C", "HR.T.F"]);
    assert!(texts[0].1.contains("SDO_GEOMETRY") && texts[1].1.contains("MY_TYPE"), "{texts:?}");
    let becomes: Vec<_> = report.column_types.iter().map(|t| (t.oracle_type.as_str(), t.pg_types.join(", "))).collect();
    assert!(becomes.contains(&("DATE", "timestamp without time zone".to_owned())), "{becomes:?}");
    assert!(becomes.contains(&("BFILE", "text".to_owned())), "{becomes:?}");
    assert!(becomes.contains(&("MDSYS.SDO_GEOMETRY", String::new())), "{becomes:?}");
    assert_eq!(report.findings.iter().filter(|f| f.severity == Severity::Blocker).count(), 2);
    assert_eq!(object(&report, "HR.T").verdict, Verdict::ByHand);
    // One column without a type does not keep the rest from being judged.
    assert!(report.objects.iter().all(|object| object.verdict != Verdict::Unknown));
}

#[test]
fn keys_and_constraints() {
    let report = of("CREATE TABLE keyless (a NUMBER(9), b NUMBER(9) UNIQUE);
                     CREATE TABLE keyed (a NUMBER(9) NOT NULL UNIQUE, b NUMBER(9), CONSTRAINT old CHECK (b > 0) ENABLE NOVALIDATE);
                     CREATE TABLE odd (a NUMBER(9) NOT NULL UNIQUE, g MDSYS.SDO_GEOMETRY);
                     CREATE TABLE odder (a NUMBER(9), g MDSYS.SDO_GEOMETRY);");
    assert_sound(&report);
    let keys: Vec<_> = texts(&report, Topic::Key).into_iter().map(|(object, _)| object).collect();
    assert_eq!(keys, ["HR.KEYLESS", "HR.ODDER"]);
    assert_eq!(
        texts(&report, Topic::Constraint),
        [("HR.KEYED", "constraint OLD is not validated: older rows may break it")]
    );
    let table = report.inventory.iter().find(|line| line.kind == Kind::Constraint).unwrap();
    assert_eq!((table.total, table.comment.as_str()), (4, "3 unique, 1 checks"));
}

#[test]
fn code_costs_by_what_is_in_it() {
    let code = |name: &str, body: &str| format!("CREATE PROCEDURE {name} IS\nBEGIN\n{body}\nEND;\n/\n");
    let text = [
        code("plain", "NULL;"),
        code("noted", "NULL; -- EXECUTE IMMEDIATE, WHEN OTHERS, CONNECT BY"),
        code("one", "EXECUTE IMMEDIATE x;"),
        code("two", "EXECUTE IMMEDIATE x; EXECUTE IMMEDIATE y;"),
        code("long", &"x := y + 1;\n".repeat(1000)),
    ]
    .concat();
    let report = by_hand(&text, &CostModel::default());
    assert_sound(&report);
    let cost = |name: &str| object(&report, &format!("HR.{name}")).cost.units;
    assert_eq!(cost("PLAIN"), cost("NOTED"));
    assert!(cost("PLAIN").high < cost("ONE").high && cost("ONE").high < cost("TWO").high);
    // The second time costs less than the first.
    assert!(cost("TWO").high - cost("ONE").high < cost("ONE").high - cost("PLAIN").high);
    assert!(cost("LONG").low > cost("PLAIN").low + 10.0);
    assert_eq!((report.level.letter, report.level.technical), ('B', 5));
    // Base, 41 characters, construct, and 40 % for tests.
    let written = 4.0 + 3.0 * 0.041 + 2.0;
    assert!((cost("ONE").expected - written * 1.4).abs() < 1e-9, "{:?}", object(&report, "HR.ONE").cost);
    let untested = by_hand(&text, &CostModel { test_share: 0.0, ..CostModel::default() });
    assert!((object(&untested, "HR.ONE").cost.units.expected - written).abs() < 1e-9);
}

#[test]
fn code_that_cannot_be_read_in_full_says_where() {
    let text = "CREATE PROCEDURE p IS\nBEGIN\n  COMMIT;\n  x := y z COMMIT;\n  a := ;\nEND;\n/\n";
    let report = of_script(text, &Facts::default());
    assert_sound(&report);
    let p = object(&report, "HR.P");
    assert!(p.verdict.needs_a_person());
    assert_eq!(p.reasons.last().unwrap(), "could not be read in full: s.sql:4: expected ;, found z; 1 more places");
    let of = |rule: &str| report.findings.iter().find(|finding| finding.rule == rule).unwrap();
    let unparsed = of("conversion.unparsed");
    let lines: Vec<_> =
        unparsed.spots.iter().map(|spot| (spot.place.as_ref().unwrap().line, spot.text.as_str())).collect();
    assert_eq!(lines, [(4, "expected ;, found z"), (5, "expected an expression, found ;")]);
    assert_eq!(of("code.commit").text, "COMMIT, ROLLBACK (2 times, 1 by its words, in what could not be read)");
    assert!(
        p.cost.items.iter().any(|item| item.name == "code that could not be read" && item.count == 2),
        "{:?}",
        p.cost
    );
}

#[test]
fn dynamic_sql_is_said_to_be_that() {
    let text = "CREATE PROCEDURE p IS\nBEGIN\n  EXECUTE IMMEDIATE 'SELECT 1 FROM t\n WHERE ROWNUM = 1';\nEND;\n/\n";
    let report = of_script(text, &Facts::default());
    let finding = report.findings.iter().find(|finding| finding.rule == "code.rownum").unwrap();
    assert_eq!(finding.text, "ROWNUM (in dynamic SQL)");
    assert_eq!((finding.spots[0].line, finding.spots[0].place.as_ref().unwrap().line), (4, 4));
}

#[test]
fn a_body_knows_what_its_specification_declares_and_the_schema_what_it_has() {
    let text = "CREATE PACKAGE dbms_lock AS PROCEDURE sleep(n NUMBER); END;\n/\n\
        CREATE PACKAGE k AS FUNCTION decode(a NUMBER) RETURN NUMBER; uid NUMBER; END;\n/\n\
        CREATE PACKAGE BODY k AS\n  PROCEDURE p IS BEGIN\n    x := decode(uid);\n    dbms_lock.sleep(1);\n  END;\nEND;\n/\n\
        CREATE PROCEDURE p IS BEGIN x := decode(uid, 1, 2); END;\n/\n";
    let report = of_script(text, &Facts::default());
    let found = |rule: &str| {
        let of_rule = report.findings.iter().filter(|finding| finding.rule == rule);
        of_rule.map(|finding| finding.object.as_str()).collect::<Vec<_>>()
    };
    assert_eq!((found("code.decode"), found("code.function")), (vec!["HR.P"], vec!["HR.P"]));
    assert!(found("code.dbms-lock").is_empty());
}

#[test]
fn expressions_that_a_person_writes_are_looked_into() {
    let report = of(
        "CREATE TABLE t (a NUMBER PRIMARY KEY, b VARCHAR2(9) DEFAULT SYS_CONTEXT('X', 'Y') CONSTRAINT c CHECK (BITAND(a, my_own(b)) = 1));
         CREATE INDEX i ON t (my_own(ADD_MONTHS(b, 1)));
         CREATE TABLE fine (a NUMBER PRIMARY KEY, b DATE DEFAULT SYSDATE);",
    );
    assert_sound(&report);
    let found = |rule: &str| {
        let of_rule = report.findings.iter().filter(|finding| finding.rule == rule);
        of_rule.map(|finding| finding.object.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(found("code.function"), ["HR.T.C"]);
    assert_eq!(found("code.date-arithmetic"), ["HR.I"]);
    assert!(found("code.sysdate").is_empty());
}

#[test]
fn encrypted_columns_of_scripts_are_seen() {
    let report = of("CREATE TABLE t (a NUMBER(9) PRIMARY KEY, pin NUMBER(4) ENCRYPT USING 'AES192');");
    assert_sound(&report);
    let changed: Vec<_> =
        report.findings.iter().filter(|f| f.rule == "conversion.changed").map(|f| f.text.as_str()).collect();
    assert_eq!(changed, ["column PIN is encrypted (AES192): here it is not"]);
    assert_eq!(object(&report, "HR.T").verdict, Verdict::Changed);
}

#[test]
fn levels() {
    let level = |text: &str| {
        let level = by_hand(text, &CostModel { level_c_days: 1.0, ..CostModel::default() }).level;
        format!("{}-{}", level.letter, level.technical)
    };
    let trigger = |body: &str| format!("CREATE TRIGGER g BEFORE INSERT ON t BEGIN {body} END;\n/\n");
    let table = "CREATE TABLE t (a NUMBER PRIMARY KEY);\n";
    assert_eq!(level(table), "A-1");
    assert_eq!(level(&format!("{table}{}", trigger("NULL;"))), "A-2");
    assert_eq!(level("CREATE PROCEDURE p IS BEGIN NULL; END;\n/\n"), "A-3");
    assert_eq!(level(&format!("{table}{}", trigger("EXECUTE IMMEDIATE x;"))), "B-4");
    let long = "x := y + 1;\n".repeat(6000);
    assert_eq!(level(&format!("CREATE PROCEDURE p IS BEGIN {long} END;\n/\n")), "A-3");
    assert_eq!(level(&format!("CREATE PROCEDURE p IS BEGIN EXECUTE IMMEDIATE x; {long} END;\n/\n")), "C-5");
}

#[test]
fn work_is_ordered_by_what_needs_what() {
    let report = by_hand(
        "CREATE TABLE t (a NUMBER PRIMARY KEY);
         CREATE PROCEDURE outer_one IS BEGIN inner_one; END;\n/\n
         CREATE PROCEDURE inner_one IS BEGIN UPDATE t SET a = 1; END;\n/\n
         CREATE VIEW v AS SELECT a FROM t;",
        &CostModel::default(),
    );
    let step = |name: &str| object(&report, name).step;
    assert!(step("HR.T") < step("HR.INNER_ONE") && step("HR.INNER_ONE") < step("HR.OUTER_ONE"));
    assert!(step("HR.T") < step("HR.V"));
    assert_eq!(object(&report, "HR.INNER_ONE").needed_by, 1);
    // The primary key, the procedure and the view.
    assert_eq!(object(&report, "HR.T").needed_by, 3);
    assert!(
        report.first.iter().any(|sentence| sentence.contains("HR.T") && sentence.contains("3 other objects need it")),
        "{:?}",
        report.first
    );
    // Dependencies that a dictionary tells take the place of what code seems to say.
    let text = "CREATE PROCEDURE p IS BEGIN q; END;\n/\nCREATE PROCEDURE q IS BEGIN NULL; END;\n/\n";
    let facts: Facts = serde_json::from_str(
        r#"{"dependencies": [{"kind": "procedure", "owner": "HR", "name": "Q", "referenced_owner": "HR", "referenced_name": "P"}]}"#,
    )
    .unwrap();
    let catalog = catalog(text);
    let report = assess(&catalog, &facts, &CostModel::default());
    assert_eq!((object(&report, "HR.P").needed_by, object(&report, "HR.Q").needed_by), (1, 0));
}

#[test]
fn places_are_those_of_the_code() {
    let text = "-- a comment\nCREATE OR REPLACE PROCEDURE p\nIS\nBEGIN\n  GOTO x;\n  NULL;\n  GOTO y;\nEND;\n/\n\
                CREATE VIEW v AS\nSELECT a\nFROM t MODEL DIMENSION BY (a) MEASURES (b) RULES (b[1] = 2);\n";
    let script = crate::schema::script(text);
    let mut scripts = assessment::Scripts::of(&script);
    scripts.read("s.sql", text, &ident("HR"));
    let (facts, model) = (Facts::default(), CostModel::default());
    let error = schema_map::NameError::MixedCase("Hr".to_owned());
    let report = Assessment::new(&script.catalog, &facts, &model).scripts(&scripts).names(Err(&error)).run();
    let spots = |rule: &str| {
        let finding = report.findings.iter().find(|finding| finding.rule == rule).unwrap();
        let spot = |s: &assessment::CodeSpot| (s.line, s.place.as_ref().unwrap().line, s.text.clone());
        finding.spots.iter().map(spot).collect::<Vec<_>>()
    };
    assert_eq!(spots("code.goto"), [(4, 5, "GOTO x;".to_owned()), (6, 7, "GOTO y;".to_owned())]);
    assert_eq!(spots("code.model")[0].0, 2);
    assert_eq!(spots("code.model")[0].1, 12);
}

#[test]
fn wrapped_code_is_named() {
    let report =
        of("CREATE OR REPLACE PACKAGE BODY pk WRAPPED \na000000\n369\nabcd\n7\nIf you can read this: GOTO\n/\n");
    assert_sound(&report);
    let body = object(&report, "HR.PK");
    assert!(body.verdict.needs_a_person(), "{body:?}");
    assert!(report.findings.iter().any(|f| f.rule == "conversion.wrapped" && f.object == "HR.PK"));
    assert!(body.cost.items.iter().any(|item| item.what == "conversion.wrapped"));
}

#[test]
fn what_postgresql_has_nothing_like() {
    let report = of_script(
        "CREATE DATABASE LINK hq CONNECT TO a IDENTIFIED BY tiger USING 'hq';
         CREATE TABLE ext (a NUMBER) ORGANIZATION EXTERNAL (DEFAULT DIRECTORY d LOCATION ('x'));
         CREATE TABLE t (a NUMBER(9) PRIMARY KEY, b VARCHAR2(90));
         CREATE INDEX i ON t (b) INDEXTYPE IS CTXSYS.CONTEXT;",
        &Facts::default(),
    );
    assert_sound(&report);
    for name in ["HR.HQ", "HR.EXT", "HR.I"] {
        let object = object(&report, name);
        assert_eq!(object.verdict, Verdict::NoEquivalent, "{object:?}");
        assert!(object.reasons.iter().any(|reason| reason.starts_with("instead: ")), "{object:?}");
    }
    assert!(report.features.iter().any(|feature| feature.name == "text indexes"), "{:?}", report.features);
    assert!(!serde_json::to_string(&report).unwrap().contains("tiger"));
}

#[test]
fn packages_and_bodies_have_their_own_places_and_verdicts() {
    let report = of_script("CREATE PACKAGE k IS END;\n/\nCREATE PACKAGE BODY k IS END;\n/\n", &Facts::default());
    assert_sound(&report);
    let lines: Vec<_> = report.objects.iter().map(|o| (o.kind, o.place.as_ref().unwrap().line)).collect();
    assert_eq!(lines, [(Kind::Package, 1), (Kind::PackageBody, 3)]);
}

#[test]
fn the_model_can_be_changed() {
    let model: CostModel = serde_json::from_str(
        r#"{"unit_minutes": 60, "prices": {"table": {"converts": {"low": 7, "expected": 10.5, "high": 14},
            "changed": {"low": 0, "expected": 0, "high": 0}, "by_hand": {"low": 0, "expected": 0, "high": 0}}}}"#,
    )
    .unwrap();
    let report = assess(&catalog("CREATE TABLE t (a NUMBER(9) PRIMARY KEY);"), &Facts::default(), &model);
    assert_eq!(report.estimate.days, Effort::new(1.0, 1.5, 2.0));
    assert!(serde_json::from_str::<CostModel>(r#"{"unit_minuets": 60}"#).is_err());
}

#[test]
fn what_a_live_source_tells() {
    let report = rich();
    assert_sound(&report);
    assert_eq!(report.size.table_bytes, Some(3 << 30));
    assert_eq!(report.largest_tables[0].name, "HR.EMP");
    assert_eq!(report.size.growth_bytes, Some(104_857_600));
    assert_eq!(object(&report, "HR.EMP").bytes, Some(5 << 30));
    assert_eq!(report.inventory.iter().map(|line| line.invalid.unwrap()).sum::<usize>(), 1);
    let rules: Vec<_> = report.rules.iter().map(|rule| rule.id.as_str()).collect();
    for rule in [
        "migration.prerequisite",
        "migration.supplemental-logging",
        "migration.redo-volume",
        "migration.long-transaction",
        "migration.load-time",
        "data.large",
        "data.zero-character",
        "data.character-set",
        "table.nologging",
        "conversion.invalid",
        "type.number",
    ] {
        assert!(rules.contains(&rule), "{rule}: {rules:?}");
    }
    let range = texts(&report, Topic::ColumnType).into_iter().find(|(object, _)| *object == "HR.EMP.PAY").unwrap().1;
    assert!(range.contains("from 1 to 4000000000") && range.contains("bigint would hold them"), "{range}");
    assert!(report.unknown.iter().all(|what| !what.contains("DBA_SEGMENTS")), "{:?}", report.unknown);
    assert_eq!(report.estimate.team, 3);
    assert!(report.estimate.calendar_days.expected < report.estimate.days.expected);
}

#[test]
fn what_a_dictionary_reader_puts_into_the_catalog() {
    let mut catalog = catalog("CREATE TABLE t (a NUMBER(9) PRIMARY KEY);");
    let path = |name: &str| schema_map::ObjectPath::new(ident("HR"), ident(name));
    let size = schema_map::TableSize {
        table: path("T"),
        rows: Some(7),
        row_bytes: None,
        segment_bytes: Some(65_536),
        lob_bytes: None,
        index_bytes: None,
        partitions: None,
    };
    catalog.sizes.push(size);
    let other =
        |kind: &str, name: &str| schema_map::OtherObject { kind: kind.to_owned(), path: path(name), detail: None };
    catalog.other_objects = vec![other("JOB", "NIGHTLY"), other("XML SCHEMA", "X"), other("TABLE PARTITION", "P")];
    let facts: Facts =
        serde_json::from_str(r#"{"objects": [{"kind": "job", "owner": "HR", "name": "NIGHTLY", "details": ""}]}"#)
            .unwrap();
    let report = assess(&catalog, &facts, &CostModel::default());
    assert_sound(&report);
    assert_eq!((report.size.table_bytes, object(&report, "HR.T").rows), (Some(65_536), Some(7)));
    let kinds: Vec<_> = report.objects.iter().map(|object| object.kind).collect();
    assert_eq!(kinds, [Kind::Table, Kind::Constraint, Kind::Job, Kind::Other]);
    assert!(object(&report, "HR.X").reasons[0].contains("xml schema"));
}

#[test]
fn nothing_is_a_schema_too() {
    let report = assess(&Catalog::default(), &Facts::default(), &CostModel::default());
    assert_sound(&report);
    assert_eq!(report.estimate.units, Effort::NONE);
    assert!(report.text().starts_with("Oracle to PostgreSQL: an empty schema\n"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn every_name_and_code_makes_a_sound_report(
        table in "[^\"\u{0}]{1,40}", column in "[^\"\u{0}]{1,40}", code in "[^/\u{0}]{0,200}"
    ) {
        let mut script = Script::default();
        let text = format!("set define off\nCREATE TABLE \"{table}\" (\"{column}\" BFILE, x TIMESTAMP(9));\nCREATE PROCEDURE p IS BEGIN {code} END;\n/\n");
        script.read("s.sql", &text, &ident("HR"));
        assert_sound(&assess(&script.catalog, &Facts::default(), &CostModel::default()));
    }
}
