//! Reports on whole schemas.

use assessment::{CostModel, Kind, Range, Report, Severity, Topic, Verdict, assess};
use proptest::prelude::*;
use schema_map::{Catalog, DefaultTypes, NameMap, OracleIdent, PgIdent, script::Script};

fn catalog(text: &str) -> Catalog {
    let mut script = Script::default();
    script.read("s.sql", text, &OracleIdent::new("HR").unwrap());
    assert_eq!(script.errors, []);
    script.catalog
}

fn report(catalog: &Catalog, target: &str) -> Report {
    let schemas = [(OracleIdent::new("HR").unwrap(), PgIdent::new(target).unwrap())];
    let names = NameMap::plan_by_case(catalog, &schemas, None);
    assess(catalog, names.as_ref(), &DefaultTypes::default(), &CostModel::default())
}

fn of(text: &str) -> Report {
    report(&catalog(text), "hr")
}

fn hr() -> Catalog {
    let mut script = Script::default();
    for file in ["hr_tables.sql", "hr_code.sql"] {
        let path = format!("{}/../examples/hr/{file}", env!("CARGO_MANIFEST_DIR"));
        script.read(file, &std::fs::read_to_string(path).unwrap(), &OracleIdent::new("HR").unwrap());
    }
    assert_eq!(script.errors, []);
    script.catalog
}

fn verdict(report: &Report, name: &str) -> Verdict {
    let object = report.objects.iter().find(|object| object.name == name);
    object.unwrap_or_else(|| panic!("no {name} in {:#?}", report.objects)).verdict
}

fn texts(report: &Report, topic: Topic) -> Vec<(&str, &str)> {
    let findings = report.findings.iter().filter(|finding| finding.topic == topic);
    findings.map(|finding| (finding.object.as_str(), finding.text.as_str())).collect()
}

/// What every report must be, whatever the schema.
fn assert_sound(report: &Report) {
    let text = report.render();
    for line in text.lines() {
        assert!(line.chars().count() <= 100, "{line}");
        assert!(!line.chars().any(char::is_control), "{line:?}");
    }
    let counted: usize = report.inventory.iter().map(|line| line.total).sum();
    assert_eq!(counted, report.objects.len());
    for line in &report.inventory {
        assert_eq!(line.verdicts.values().sum::<usize>(), line.total);
    }
    let sum: f64 = report.objects.iter().map(|object| object.cost.units.high).sum();
    assert!((sum - report.estimate.units.high).abs() < 1e-6);
    for object in &report.objects {
        let items = object.cost.items.iter().fold(Range::default(), |sum, item| sum + item.units);
        assert!((items.low - object.cost.units.low).abs() < 1e-6 && items.low <= items.high, "{object:?}");
        assert!(object.verdict != Verdict::ByHand || !object.reasons.is_empty(), "{object:?}");
    }
}

#[test]
fn hr_converts_but_for_its_code() {
    let report = report(&hr(), "hr");
    assert_sound(&report);
    assert_eq!(report.schemas, ["HR"]);
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
    for object in &report.objects {
        let by_hand = matches!(object.kind, Kind::Procedure | Kind::Trigger);
        assert_eq!(object.verdict == Verdict::ByHand, by_hand, "{object:?}");
    }
    assert_eq!(report.inventory[2].verdicts[&Verdict::Covered], 6);
    assert!(report.inventory[0].comment.contains("1 index-organised"));
    let by_type: Vec<_> = report.column_types.iter().map(|t| (t.oracle_type.as_str(), t.columns)).collect();
    assert_eq!(by_type, [("NUMBER", 15), ("VARCHAR2", 15), ("DATE", 3), ("CHAR", 2)]);
    assert!(report.column_types.iter().all(|t| !t.pg_types.is_empty()));
    assert!(report.findings.iter().all(|finding| finding.severity != Severity::Blocker));
    let days = report.estimate.days;
    assert!(days.low > 0.1 && days.low < days.high && days.high < 3.0, "{days:?}");
    let text = report.render();
    for part in [
        "procedures",
        "level A-3",
        "HR.SECURE_DML (procedure)",
        "index-organised",
        "an ordinary table",
        "RAISE_APPLICATION_ERROR",
        "not converted yet",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn column_types() {
    let report = of(
        "CREATE TABLE t (id NUMBER PRIMARY KEY, a TIMESTAMP(9), b TIMESTAMP WITH TIME ZONE, c ROWID, d MDSYS.SDO_GEOMETRY, e DATE, f BFILE);
                     CREATE TABLE u (id NUMBER PRIMARY KEY REFERENCES t, x my_type);",
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
    let blockers: Vec<_> = report.findings.iter().filter(|f| f.severity == Severity::Blocker).collect();
    assert_eq!(blockers.len(), 2);
    assert_eq!(verdict(&report, "HR.T"), Verdict::ByHand);
    // One column without a type does not keep the rest from being judged.
    assert!(report.objects.iter().all(|object| object.verdict != Verdict::Unknown));
}

#[test]
fn keys_and_constraints() {
    let report = of("CREATE TABLE keyless (a NUMBER, b NUMBER UNIQUE);
                     CREATE TABLE keyed (a NUMBER NOT NULL UNIQUE, b NUMBER, CONSTRAINT old CHECK (b > 0) ENABLE NOVALIDATE);");
    assert_sound(&report);
    let keys: Vec<_> = texts(&report, Topic::Key).into_iter().map(|(object, _)| object).collect();
    assert_eq!(keys, ["HR.KEYLESS"]);
    assert_eq!(
        texts(&report, Topic::Constraint),
        [("HR.KEYED", "constraint OLD is not validated: older rows may break it")]
    );
    let table = report.inventory.iter().find(|line| line.kind == Kind::Constraint).unwrap();
    assert_eq!((table.total, table.comment.as_str()), (3, "2 unique, 1 checks"));
}

#[test]
fn names() {
    let catalog =
        catalog(&format!("CREATE TABLE {} (id NUMBER PRIMARY KEY, \"xmin\" NUMBER);", "LONG_NAME_".repeat(10)));
    let good = report(&catalog, "hr");
    assert_sound(&good);
    assert_eq!(texts(&good, Topic::Name).len(), 2, "{:?}", good.findings);

    let mixed = report(&catalog, "Hr");
    assert_sound(&mixed);
    let [(object, text)] = texts(&mixed, Topic::Name).try_into().unwrap();
    assert!(object.is_empty() && text.contains("upper-case and lower-case"), "{text}");
    assert_eq!(mixed.findings[0].severity, Severity::Blocker);
    assert!(mixed.objects.iter().all(|object| object.verdict == Verdict::Unknown));
}

#[test]
fn stored_code_costs_by_what_is_in_it() {
    let code = |name: &str, body: &str| format!("CREATE PROCEDURE {name} IS\nBEGIN\n{body}\nEND;\n/\n");
    let report = of(&[
        code("plain", "NULL;"),
        code("comment", "NULL; -- EXECUTE IMMEDIATE, WHEN OTHERS, CONNECT BY"),
        code("one", "EXECUTE IMMEDIATE x;"),
        code("two", "EXECUTE IMMEDIATE x; EXECUTE IMMEDIATE y;"),
        code("long", &"x := y + 1;\n".repeat(1000)),
    ]
    .concat());
    assert_sound(&report);
    let cost = |name: &str| {
        let object = report.objects.iter().find(|object| object.name == format!("HR.{name}")).unwrap();
        object.cost.units
    };
    assert_eq!(cost("PLAIN"), cost("COMMENT"));
    assert!(cost("PLAIN").high < cost("ONE").high && cost("ONE").high < cost("TWO").high);
    // The second time costs less than the first.
    assert!(cost("TWO").high - cost("ONE").high < cost("ONE").high - cost("PLAIN").high);
    assert!(cost("LONG").low > cost("PLAIN").low + 10.0);
    assert_eq!((report.level.letter, report.level.technical), ('B', 5));
}

#[test]
fn levels() {
    let level = |text: &str| {
        let catalog = catalog(text);
        let schemas = [(OracleIdent::new("HR").unwrap(), PgIdent::new("hr").unwrap())];
        let names = NameMap::plan_by_case(&catalog, &schemas, None);
        let model = CostModel { level_c_days: 1.0, ..CostModel::default() };
        let level = assess(&catalog, names.as_ref(), &DefaultTypes::default(), &model).level;
        format!("{}-{}", level.letter, level.technical)
    };
    let trigger = |body: &str| format!("CREATE TRIGGER g BEFORE INSERT ON t BEGIN {body} END;\n/\n");
    let table = "CREATE TABLE t (a NUMBER PRIMARY KEY);\n";
    assert_eq!(level(table), "A-1");
    assert_eq!(level(&format!("{table}{}", trigger("NULL;"))), "A-2");
    assert_eq!(level("CREATE PROCEDURE p IS BEGIN NULL; END;\n/\n"), "A-3");
    assert_eq!(level(&format!("{table}{}", trigger("EXECUTE IMMEDIATE x;"))), "B-4");
    assert_eq!(level(&format!("CREATE PROCEDURE p IS BEGIN {} END;\n/\n", "x := y + 1;\n".repeat(6000))), "A-3");
    let big = format!("CREATE PROCEDURE p IS BEGIN EXECUTE IMMEDIATE x; {} END;\n/\n", "x := y + 1;\n".repeat(6000));
    assert_eq!(level(&big), "C-5");
}

#[test]
fn packages_and_bodies_have_their_own_reasons() {
    let report = of("CREATE PACKAGE k IS END;\n/\nCREATE PACKAGE BODY k IS END;\n/\n");
    assert_sound(&report);
    let reasons: Vec<_> = report.objects.iter().map(|object| (object.kind, object.reasons.clone())).collect();
    assert_eq!(reasons[0], (Kind::Package, vec!["package: kept as source; not converted yet".to_owned()]));
    assert_eq!(reasons[1], (Kind::PackageBody, vec!["package body: kept as source; not converted yet".to_owned()]));
}

#[test]
fn the_model_can_be_changed() {
    let catalog = catalog("CREATE TABLE t (a NUMBER PRIMARY KEY);");
    let model: CostModel = serde_json::from_str(
        r#"{"unit_minutes": 60, "prices": {"table": {"converts": {"low": 7, "high": 14},
            "check": {"low": 0, "high": 0}, "by_hand": {"low": 0, "high": 0}}}}"#,
    )
    .unwrap();
    let schemas = [(OracleIdent::new("HR").unwrap(), PgIdent::new("hr").unwrap())];
    let names = NameMap::plan_by_case(&catalog, &schemas, None);
    let report = assess(&catalog, names.as_ref(), &DefaultTypes::default(), &model);
    assert_eq!(report.estimate.days, Range::new(1.0, 2.0));
    assert!(serde_json::from_str::<CostModel>(r#"{"unit_minuets": 60}"#).is_err());
}

#[test]
fn json_gives_the_same_report_back() {
    let report = report(&hr(), "HR");
    let json = serde_json::to_string(&report).unwrap();
    let again: Report = serde_json::from_str(&json).unwrap();
    assert_eq!(again.objects.len(), report.objects.len());
    assert_eq!(again.findings, report.findings);
    assert_eq!(again.render(), report.render());
}

#[test]
fn nothing_is_a_schema_too() {
    let report = report(&Catalog::default(), "hr");
    assert_sound(&report);
    assert_eq!(report.estimate.units, Range::default());
    assert!(report.render().starts_with("Oracle to PostgreSQL: nothing\n"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn every_name_and_code_makes_a_sound_report(
        table in "[^\"\u{0}]{1,40}", column in "[^\"\u{0}]{1,40}", code in "[^/\u{0}]{0,200}"
    ) {
        let mut script = Script::default();
        let text = format!("set define off\nCREATE TABLE \"{table}\" (\"{column}\" BFILE, x TIMESTAMP(9));\nCREATE PROCEDURE p IS BEGIN {code} END;\n/\n");
        script.read("s.sql", &text, &OracleIdent::new("HR").unwrap());
        assert_sound(&report(&script.catalog, "hr"));
    }
}
