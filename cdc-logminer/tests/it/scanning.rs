//! One scanner for a stream of statements.

use crate::source;
use cdc_logminer::{ColumnImage, Operation, OperationCode, Scanner, Statement, StatementError, TableColumns, TableSet};
use proptest::prelude::*;
use schema_map::OracleIdent;
use std::sync::Arc;
use type_convert::{LengthUnit, OracleType, Value};

const STATEMENTS: [&str; 10] = [
    r#"insert into "APP"."T"("ID","N") values ('1',NULL);"#,
    r#"insert into "APP"."T"("ID","N") values ('2','it''s');"#,
    r#"insert into "APP"."T"("ID","N") values ('2','it''s','3');"#,
    r#"insert into "APP"."T"("ID","N","M") values ('2',TO_DATE('2024-02-29', 'YYYY-MM-DD'),HEXTORAW('00'));"#,
    r#"insert into "APP"."TT"("ID","N") values ('1',NULL);"#,
    r#"insert into "APP"."T"("ID","N") values ('3','it's');"#,
    r#"INSERT INTO "APP"."T" a (a."ID",a."N") VALUES ( '7' , 'x' || 'y' );"#,
    r#"update "APP"."T" set "N" = 'b' where "ID" = '7' and "N" IS NULL and ROWID = 'AAAWsGAAHAAAAFmAAA';"#,
    r#"delete from "APP"."T" where "ID" = '7' and ROWID = 'AAAWsGAAHAAAAFmAAA';"#,
    r#"insert into "APP"."T"("ID","N") values"#,
];

/// Column, literal, the literal escaped, its place.
type Column = (String, String, String, usize);
type Parts = (String, Vec<Column>, Vec<Column>, Option<String>);

fn parts(scanned: Result<Statement<'_>, StatementError>) -> Result<Parts, StatementError> {
    scanned.map(|s| {
        let list = |a: cdc_logminer::Assignments<'_>| {
            a.iter().map(|a| (a.column.to_owned(), a.literal.to_owned(), a.escaped.to_owned(), a.offset)).collect()
        };
        let head = format!("{:?} {} {}", s.kind, s.owner, s.table);
        (head, list(s.set), list(s.condition), s.row_id.map(str::to_owned))
    })
}

#[test]
fn scanning_allocates_nothing() {
    let mut scanner = Scanner::new();
    let good: Vec<&str> = STATEMENTS.into_iter().filter(|sql| Scanner::new().scan(sql).is_ok()).collect();
    assert_eq!(good.len(), 7);
    let mut all = || {
        for sql in &good {
            let statement = scanner.scan(sql).unwrap();
            assert!(statement.set.iter().chain(statement.condition.iter()).all(|a| !a.column.is_empty()));
        }
    };
    all();
    assert_eq!(allocation_counter::measure(all).count_total, 0);
}

/// A value, NULL, not logged, a LOB that is not logged and unsupported are five things.
#[test]
fn states_of_a_column_are_kept_apart() {
    let column = |name: &str, ty| (OracleIdent::new(name).unwrap(), ty);
    let text = OracleType::Varchar2 { length: 50, unit: LengthUnit::Byte };
    let columns = vec![
        column("A", text.clone()),
        column("B", text.clone()),
        column("C", OracleType::Clob),
        column("D", text),
        column("E", OracleType::Clob),
    ];
    let tables = TableSet::from_iter([TableColumns { path: Arc::new(source::path("T")), columns }]);
    let decode = |sql: &str| {
        let row = source::data(1, source::xid(1), OperationCode::UPDATE, "AAAB", sql.to_owned());
        tables.decode(&mut Scanner::new(), &row).unwrap_or_else(|e| panic!("{sql}: {e}")).operation
    };
    let value = |text: &str| ColumnImage::Value(Value::Text(text.to_owned()));
    let null = || ColumnImage::Value(Value::Null);
    assert_eq!(
        decode(r#"insert into "APP"."T"("A","B","C","D") values ('NULL',NULL,EMPTY_CLOB(),Unsupported Type);"#),
        Operation::Insert {
            after: vec![value("NULL"), null(), value(""), ColumnImage::Unsupported, ColumnImage::LobNotLogged]
        }
    );
    assert_eq!(
        decode(
            r#"update "APP"."T" set "E" = NULL, "A" = 'Unsupported Type' where "B" IS NULL and "D" = Unsupported Type;"#
        ),
        Operation::Update {
            before: vec![
                ColumnImage::NotLogged,
                null(),
                ColumnImage::LobNotLogged,
                ColumnImage::Unsupported,
                ColumnImage::LobNotLogged
            ],
            after: vec![
                value("Unsupported Type"),
                ColumnImage::NotLogged,
                ColumnImage::NotLogged,
                ColumnImage::NotLogged,
                null()
            ],
        }
    );
    assert_eq!(
        decode(r#"delete from "APP"."T" where ROWID = 'AAAWsGAAHAAAAFmAAA';"#),
        Operation::Delete {
            before: vec![
                ColumnImage::NotLogged,
                ColumnImage::NotLogged,
                ColumnImage::LobNotLogged,
                ColumnImage::NotLogged,
                ColumnImage::LobNotLogged
            ]
        }
    );
}

proptest! {
    /// What a scanner has seen before changes nothing.
    #[test]
    fn statements_do_not_colour_each_other(
        stream in prop::collection::vec((0..STATEMENTS.len(), any::<prop::sample::Index>(), 0..4_u8, "[\"'(),a1 ]"), 1..12),
    ) {
        let mut scanner = Scanner::new();
        for (which, at, change, put) in stream {
            let mut sql = STATEMENTS[which].to_owned();
            let at = at.index(sql.len());
            match change {
                0 => sql.truncate(at),
                1 => sql.replace_range(at..=at, &put),
                _ => {}
            }
            prop_assert_eq!(parts(scanner.scan(&sql)), parts(Scanner::new().scan(&sql)), "{}", sql);
            let alone = parts(Scanner::new().scan_repairing(&sql, None));
            prop_assert_eq!(parts(scanner.scan_repairing(&sql, None)), alone, "{}", sql);
        }
    }
}
