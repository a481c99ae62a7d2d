//! What converting, reading and creating objects told. The checks that need it are where it is at hand.

use super::{Check, Rule, Severity, Topic};
use crate::{Effort, Kind};
use schema_map::plsql::is_wrapped;

pub(super) fn rules() -> Vec<Rule> {
    vec![
        Rule::new(
            "conversion.unread",
            "statements that could not be read",
            "The statement was not understood, so nobody knows what it makes: a person reads it. Where Oracle takes it, please report it.",
            Severity::Work,
            Topic::Conversion,
            Effort::new(0.5, 1.0, 4.0),
            Check::Elsewhere,
        ),
        Rule::new(
            "conversion.duplicate",
            "objects that scripts make twice",
            "The scripts make something whose name is taken: what was made first is assessed, and the other is to be looked at.",
            Severity::Note,
            Topic::Conversion,
            Effort::new(0.0, 0.1, 0.2),
            Check::Elsewhere,
        ),
        Rule::new(
            "conversion.wrapped",
            "wrapped code",
            "The source is wrapped and cannot be read: get the original, or write it anew from what it does.",
            Severity::Work,
            Topic::Conversion,
            Effort::new(8.0, 24.0, 80.0),
            Check::with(|scope, found| {
                for code in scope.catalog.stored_code.iter().filter(|code| is_wrapped(&code.source)) {
                    found.object(Kind::of_code(code.kind), &code.path, "wrapped: its source cannot be read");
                }
            }),
        )
        .scripts("CREATE PROCEDURE p wrapped\na000000\nb2\nabcd\n/\n", "CREATE PROCEDURE p IS BEGIN NULL; END;\n/\n"),
        Rule::new(
            "conversion.unparsed",
            "code that could not be read",
            "A part of the code or query is no syntax that is known here: a person reads it. What it uses was looked for by its words alone. Where Oracle takes it, please report it.",
            Severity::Work,
            Topic::Conversion,
            Effort::new(0.5, 1.0, 2.0),
            Check::Elsewhere,
        )
        .scripts("CREATE PROCEDURE p IS BEGIN x := ; END;\n/\n", "CREATE PROCEDURE p IS BEGIN x := 1; END;\n/\n"),
        Rule::new(
            "conversion.refused",
            "objects that a person writes",
            "The object, or a part of it, has not been converted; the text says which and why.",
            Severity::Work,
            Topic::Conversion,
            Effort::NONE,
            Check::Elsewhere,
        )
        .scripts(
            "CREATE VIEW v AS SELECT a FROM t MODEL DIMENSION BY (a) MEASURES (b) RULES (b[1] = 2);",
            "CREATE TABLE t (a NUMBER(9) PRIMARY KEY);",
        ),
        Rule::new(
            "conversion.no-equivalent",
            "objects that PostgreSQL has nothing like",
            "Something else takes its place; the text says what.",
            Severity::Work,
            Topic::Feature,
            Effort::NONE,
            Check::Elsewhere,
        )
        .scripts(
            "CREATE DATABASE LINK hq CONNECT TO a IDENTIFIED BY b USING 'hq';",
            "CREATE TABLE t (a NUMBER(9) PRIMARY KEY);",
        ),
        Rule::new(
            "conversion.changed",
            "objects that are not quite the same",
            "The object is there, and differs as the text says: decide whether that matters.",
            Severity::Note,
            Topic::Conversion,
            Effort::NONE,
            Check::Elsewhere,
        )
        .scripts(
            "CREATE TABLE t (a NUMBER(9) PRIMARY KEY, b NUMBER(9) DEFAULT ON NULL 1);",
            "CREATE TABLE t (a NUMBER(9) PRIMARY KEY, b NUMBER(9));",
        ),
        Rule::new(
            "conversion.not-proved",
            "objects that the target refused",
            "It was converted, but a real PostgreSQL did not take it: a person mends it. Please report it.",
            Severity::Work,
            Topic::Conversion,
            Effort::new(0.5, 1.0, 4.0),
            Check::Elsewhere,
        ),
        Rule::new(
            "conversion.invalid",
            "invalid objects",
            "Oracle itself calls it invalid: find out whether anybody needs it before moving it.",
            Severity::Note,
            Topic::Conversion,
            Effort::new(0.1, 0.3, 1.0),
            Check::with(|scope, found| {
                for object in scope.facts.invalid.iter().flatten() {
                    let ident = |name: &str| schema_map::OracleIdent::new(name).ok();
                    if let (Some(owner), Some(name)) = (ident(&object.owner), ident(&object.name)) {
                        let path = schema_map::ObjectPath::new(owner, name);
                        found.object(object.kind, &path, "invalid in Oracle: it does not run there either");
                    }
                }
            }),
        )
        .facts(
            "CREATE PROCEDURE p IS BEGIN NULL; END;\n/\n",
            r#"{"invalid": [{"kind": "procedure", "owner": "APP", "name": "P"}]}"#,
            r#"{"invalid": []}"#,
        ),
    ]
}
