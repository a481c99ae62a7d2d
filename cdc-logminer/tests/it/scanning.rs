//! One scanner for a stream of statements.

use cdc_logminer::{Scanner, Statement, StatementError};
use proptest::prelude::*;

const STATEMENTS: [&str; 9] = [
    r#"insert into "APP"."T"("ID","N") values ('1',NULL);"#,
    r#"insert into "APP"."T"("ID","N") values ('2','it''s');"#,
    r#"insert into "APP"."T"("ID","N") values ('2','it''s','3');"#,
    r#"insert into "APP"."T"("ID","N","M") values ('2',TO_DATE('2024-02-29', 'YYYY-MM-DD'),HEXTORAW('00'));"#,
    r#"insert into "APP"."TT"("ID","N") values ('1',NULL);"#,
    r#"INSERT INTO "APP"."T" a (a."ID",a."N") VALUES ( '7' , 'x' || 'y' );"#,
    r#"update "APP"."T" set "N" = 'b' where "ID" = '7' and "N" IS NULL and ROWID = 'AAAWsGAAHAAAAFmAAA';"#,
    r#"delete from "APP"."T" where "ID" = '7' and ROWID = 'AAAWsGAAHAAAAFmAAA';"#,
    r#"insert into "APP"."T"("ID","N") values"#,
];

type Parts = (String, Vec<(String, String, usize)>, Vec<(String, String, usize)>, Option<String>);

fn parts(scanned: Result<Statement<'_>, StatementError>) -> Result<Parts, StatementError> {
    scanned.map(|s| {
        let list = |a: cdc_logminer::Assignments<'_>| {
            a.iter().map(|a| (a.column.to_owned(), a.literal.to_owned(), a.offset)).collect()
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
        }
    }
}
