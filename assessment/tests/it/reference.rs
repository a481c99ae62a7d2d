//! The score of the reference model, beside what the reference itself prints (version 25, run on the same probe objects).

use crate::schema::catalog;
use assessment::{Assessment, CostModel, Facts, reference::Score};

fn score(text: &str) -> Score {
    let (catalog, facts, model) = (catalog(text), Facts::default(), CostModel::default());
    Assessment::new(&catalog, &facts, &model).reference_score(true).run().reference.unwrap()
}

fn parts(score: &Score, name: &str) -> Vec<(String, usize, f64)> {
    let object = score.objects.iter().find(|object| object.name == name).unwrap();
    object.parts.iter().map(|part| (part.name.clone(), part.count, part.units)).collect()
}

#[test]
fn probe_objects_cost_what_the_reference_says_or_the_list_says_why() {
    let score = score(include_str!("probes/reference.sql"));
    let (mut equal, mut differ) = (0, 0);
    for line in include_str!("probes/reference.tsv").lines().skip(1) {
        let [name, reference, here, why] = line.split('\t').collect::<Vec<_>>().try_into().unwrap();
        let object = score.objects.iter().find(|object| object.name == format!("HR.{name}")).unwrap();
        // The reference adds 1 for the procedure itself.
        let units = object.units + 1.0;
        let (reference, here): (f64, f64) = (reference.parse().unwrap(), here.parse().unwrap());
        assert!((units - here).abs() < 0.01, "{name}: {units}, expected {here}: {:?}", object.parts);
        assert_eq!((reference - here).abs() < 0.01, why.is_empty(), "{name}: {reference} and {here}: {why}");
        if why.is_empty() { equal += 1 } else { differ += 1 }
    }
    assert_eq!((equal, differ), (25, 13));
}

#[test]
fn a_package_costs_by_its_routines() {
    // The reference says 17 units: 8 for A, 6 for B, 3 for the body.
    let score = score(
        "CREATE PACKAGE pk AS PROCEDURE a; FUNCTION b(x NUMBER) RETURN NUMBER; END;\n/\n\
         CREATE PACKAGE BODY pk AS\n PROCEDURE a IS BEGIN UTL_FILE.FCLOSE(f); GOTO x; END;\n\
         FUNCTION b(x NUMBER) RETURN NUMBER IS\n BEGIN\n DBMS_LOB.APPEND(a, b);\n RETURN 1;\n END;\nEND;\n/\n",
    );
    let units: Vec<_> = score.objects.iter().map(|object| (object.name.as_str(), object.units)).collect();
    assert_eq!(units, [("HR.PK.A", 8.0), ("HR.PK.B", 6.0)]);
    assert_eq!((score.units, score.person_days, score.level.as_str()), (17.0, 1, "B-5"));
    let of_a = [("TEST", 1, 2.0), ("SIZE", 1, 1.0), ("GOTO", 1, 2.0), ("UTL_", 1, 3.0)];
    assert_eq!(parts(&score, "HR.PK.A"), of_a.map(|(name, count, units)| (name.to_owned(), count, units)));
}

#[test]
fn objects_cost_by_their_type_up_to_a_cap() {
    let score = score(
        "CREATE TABLE t (a NUMBER PRIMARY KEY, b NUMBER CHECK (b > 0), c NUMBER) PARTITION BY HASH (a) (PARTITION p1, PARTITION p2);
         CREATE INDEX i ON t (c); CREATE INDEX j ON t (UPPER(b)); CREATE INDEX k ON t (b) REVERSE;
         CREATE GLOBAL TEMPORARY TABLE g (a NUMBER); CREATE SEQUENCE s; CREATE SYNONYM n FOR t; CREATE VIEW v AS SELECT a FROM t;
         CREATE MATERIALIZED VIEW m AS SELECT a FROM t;",
    );
    let line = |name: &str| {
        let line = score.lines.iter().find(|line| line.object_type == name).unwrap_or_else(|| panic!("no {name}"));
        (line.number, line.units)
    };
    assert_eq!(line("TABLE"), (1, 0.1));
    assert_eq!(line("CHECK"), (1, 0.1));
    assert_eq!(line("TABLE PARTITION"), (2, 0.2));
    assert_eq!(line("GLOBAL TEMPORARY TABLE"), (1, 10.0));
    assert_eq!(line("SEQUENCE"), (1, 0.1));
    assert_eq!(line("SYNONYM"), (1, 0.1));
    assert_eq!(line("VIEW"), (1, 1.0));
    assert_eq!(line("MATERIALIZED VIEW"), (1, 3.0));
    assert!((line("INDEX").1 - 1.3).abs() < 0.11, "{:?}", line("INDEX"));
    assert_eq!((score.person_days, score.level.as_str()), (1, "A-1"));

    let many: String = (0..3000).map(|n| format!("CREATE SEQUENCE s{n};\n")).collect();
    let many = self::score(&many);
    assert_eq!(many.lines[0].units, 288.0);
    // 288 units of 5 minutes by 420.
    assert_eq!(many.person_days, 4);
}
