//! What cannot be read is never skipped, and what can is never held back by it.

use crate::source::*;
use cdc_logminer::{
    ChangeStream, DecodeError, DecodeErrorKind, Incarnation, Irregularity, Next, Operation, OperationCode, Position,
    RedoRow, RedoStream, StreamError, Transaction, Xid,
};
use type_convert::Scn;

const INSERT: &str = r#"insert into "APP"."T"("ID","V") values ('1','x');"#;

/// Delivered transactions until the first error or the end.
fn drive(rows: Vec<RedoRow>) -> (Vec<Transaction>, Option<DecodeError>) {
    let position = Position::after_load(INCARNATION, Scn(9), None);
    let mut stream = RedoStream::new(Rows { rows, window: 1000 }, tables(), position).unwrap();
    let mut delivered = Vec::new();
    loop {
        match stream.next_transaction() {
            Ok(Next::Transaction(t, _)) => delivered.push(*t),
            Ok(Next::Progress(_)) => {}
            Ok(Next::Idle(_)) => return (delivered, None),
            Err(StreamError::Decode(error)) => return (delivered, Some(error)),
            Err(other) => panic!("{other}"),
        }
    }
}

fn insert(scn: u64, xid: Xid, sql: &str) -> RedoRow {
    data(scn, xid, OperationCode::INSERT, "AAAWsGAAHAAAAFmAAB", sql.to_owned())
}

/// One good transaction, then one with this row in it: the error, and that the good one came through.
fn failure_of(bad: RedoRow) -> DecodeError {
    let rows = vec![
        start(10, xid(1)),
        insert(11, xid(1), INSERT),
        start(12, bad.xid),
        RedoRow { scn: Scn(13), ..bad.clone() },
        commit(14, xid(1)),
        commit(15, bad.xid),
    ];
    let (delivered, error) = drive(rows);
    assert_eq!(delivered.len(), 1, "the transaction that could be read");
    let error = error.expect("an error");
    assert_eq!((error.scn(), error.xid()), (Scn(13), bad.xid));
    error
}

#[test]
fn unreadable_rows_stop_the_stream_with_their_place() {
    let bad = |sql: &str| insert(13, xid(2), sql);
    let error = failure_of(bad(r#"insert into "APP"."T"("ID","V") values ('1','it's,x);"#));
    assert_eq!((error.kind(), error.offset()), (DecodeErrorKind::Statement, Some(48)));
    assert_eq!(error.table(), Some("APP.T"));
    let error = failure_of(bad(r#"insert into "APP"."T"("ID","V") values ('one','secret');"#));
    assert_eq!(error.kind(), DecodeErrorKind::Value);
    assert!(!error.to_string().contains("secret"), "{error}");
    let error = failure_of(bad(r#"insert into "APP"."T"("ID","W") values ('1','x');"#));
    assert_eq!(error.kind(), DecodeErrorKind::UnknownColumn);
    let error = failure_of(bad(r#"insert into "APP"."U"("ID") values ('1');"#));
    assert_eq!(error.kind(), DecodeErrorKind::OtherTable);
    let error = failure_of(RedoRow { sql_redo: None, ..bad("") });
    assert_eq!(error.kind(), DecodeErrorKind::NoStatement);
    let error = failure_of(RedoRow { status: 2, info: Some("Dictionary Mismatch".into()), ..bad(INSERT) });
    assert_eq!(error.kind(), DecodeErrorKind::Irregular(Irregularity::Status));
    assert!(error.to_string().contains("Dictionary Mismatch"));
    for (code, irregularity) in [(255, Irregularity::UnsupportedRow), (77, Irregularity::UnknownOperation)] {
        let error = failure_of(RedoRow { operation: OperationCode(code), ..bad(INSERT) });
        assert_eq!(error.kind(), DecodeErrorKind::Irregular(irregularity));
    }
    let error = failure_of(undo(13, &bad(INSERT)));
    assert_eq!(error.kind(), DecodeErrorKind::UnmatchedUndo);
    let (_, error) = drive(vec![row(11, xid(2), OperationCode::MISSING_SCN)]);
    assert_eq!(error.unwrap().kind(), DecodeErrorKind::Irregular(Irregularity::MissingScn));
}

/// What is open and cannot be read must not pass for nothing.
#[test]
fn an_open_transaction_that_cannot_be_read_is_pending() {
    let rows = vec![start(10, xid(1)), insert(11, xid(1), "garbage")];
    let position = Position::after_load(INCARNATION, Scn(9), None);
    let mut stream = RedoStream::new(Rows { rows, window: 1000 }, tables(), position).unwrap();
    assert!(matches!(stream.next_transaction(), Ok(Next::Progress(_))));
    assert_eq!(stream.status().open_changes, 1);
}

/// COMMIT_SCN is 0 where LogMiner leaves it out: that is not a commit long ago.
#[test]
fn a_commit_without_commit_scn_counts_where_it_lies() {
    let commit = RedoRow { commit_scn: Some(Scn(0)), ..commit(12, xid(1)) };
    let (delivered, error) = drive(vec![start(10, xid(1)), insert(11, xid(1), INSERT), commit]);
    assert!(error.is_none());
    assert_eq!(delivered.iter().map(|t| t.commit_scn).collect::<Vec<_>>(), [Scn(12)]);
}

#[test]
fn an_unreadable_row_that_was_rolled_back_harms_nobody() {
    let rows = vec![
        start(10, xid(1)),
        insert(11, xid(1), "garbage"),
        start(12, xid(2)),
        insert(13, xid(2), INSERT),
        rollback(14, xid(1)),
        commit(15, xid(2)),
    ];
    let (delivered, error) = drive(rows);
    assert!(error.is_none());
    assert_eq!(delivered.len(), 1);
}

#[test]
fn rows_of_other_tables_are_not_even_read() {
    let other = RedoRow { table_name: Some("OTHER".into()), ..insert(11, xid(1), "garbage") };
    let (delivered, error) = drive(vec![start(10, xid(1)), other, insert(12, xid(1), INSERT), commit(13, xid(1))]);
    assert!(error.is_none());
    assert_eq!(delivered[0].changes.len(), 1);
}

#[test]
fn pieces_are_joined_before_they_are_read() {
    let whole = r#"insert into "APP"."T"("ID","V") values ('1','it''s');"#;
    // Every cut, also within the doubled apostrophe.
    for cut in 1..whole.len() {
        let first = RedoRow { csf: true, ..insert(11, xid(1), &whole[..cut]) };
        let (delivered, error) =
            drive(vec![start(10, xid(1)), first, insert(11, xid(1), &whole[cut..]), commit(13, xid(1))]);
        assert!(error.is_none(), "{cut}: {error:?}");
        assert_eq!(delivered[0].changes.len(), 1);
    }
    let first = RedoRow { csf: true, ..insert(11, xid(1), &whole[..20]) };
    let (_, error) = drive(vec![start(10, xid(1)), first.clone(), commit(13, xid(1))]);
    assert_eq!(error.unwrap().kind(), DecodeErrorKind::Pieces);
    let (_, error) = drive(vec![start(10, xid(1)), first]);
    assert_eq!(error.unwrap().kind(), DecodeErrorKind::Pieces);
}

#[test]
fn an_undo_row_without_sequence_finds_its_transaction() {
    let nameless = |row: RedoRow| RedoRow { xid: Xid { sequence: u32::MAX, ..row.xid }, ..row };
    let insert_1 = insert(11, xid(1), INSERT);
    let rows = vec![start(10, xid(1)), insert_1.clone(), nameless(undo(12, &insert_1)), commit(13, xid(1))];
    let (delivered, error) = drive(rows);
    assert!(delivered.is_empty() && error.is_none());
    // Two candidates: never a guess. (With their START rows seen, the second would have ended the first.)
    let same_slot = Xid { sequence: 99, ..xid(1) };
    let rows = vec![
        insert_1.clone(),
        RedoRow { xid: same_slot, ..insert_1.clone() },
        nameless(undo(12, &insert_1)),
        commit(13, xid(1)),
    ];
    let (delivered, error) = drive(rows);
    assert!(delivered.is_empty());
    assert_eq!(error.unwrap().kind(), DecodeErrorKind::UnmatchedUndo);
}

#[test]
fn a_transaction_without_its_beginning_is_not_delivered() {
    let (delivered, error) = drive(vec![insert(11, xid(1), INSERT), commit(13, xid(1))]);
    assert!(delivered.is_empty());
    assert_eq!(error.unwrap().kind(), DecodeErrorKind::Irregular(Irregularity::BrokenTransaction));
}

#[test]
fn another_incarnation_is_refused() {
    let position = Position::after_load(Incarnation { dbid: 1, ..INCARNATION }, Scn(9), None);
    let error = RedoStream::new(Rows { rows: vec![], window: 1 }, tables(), position).unwrap_err();
    assert!(matches!(error, StreamError::OtherIncarnation { .. }));
    assert!(error.to_string().contains("load anew"));
}

#[test]
fn ddl_is_an_event_of_its_transaction() {
    let ddl = |text: &str| {
        let ddl = RedoRow { operation: OperationCode::DDL, data_objv: 3, ..insert(11, xid(2), text) };
        let (mut delivered, error) = drive(vec![start(10, xid(2)), ddl, commit(12, xid(2))]);
        assert!(error.is_none() && delivered.len() == 1, "{text}");
        let changes = delivered.remove(0).changes.to_vec().unwrap();
        let [change] = &changes[..] else { panic!("{changes:?}") };
        assert_eq!(*change.table, path("T"));
        match &change.operation {
            Operation::Ddl(ddl) => {
                assert_eq!((ddl.text.as_str(), ddl.object_version), (text, 3));
                Some(ddl.clone())
            }
            Operation::Truncate => None,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(ddl("truncate table t"), None);
    for text in [
        "ALTER TABLE \"APP\".\"T\" ADD (N NUMBER);",
        "drop table t",
        "alter table t drop column v",
        "alter table t add n number default 5 constraint n_nn not null",
        "alter table t add (constraint c check (v in ('a', 'b')), n number)",
        "alter table t add constraint c check (v > 0) add (n number)",
        "alter table t add \"CONSTRAINT\" number",
        "alter table t modify (v varchar2(9) constraint c not null)",
        "alter table t move parallel 4",
    ] {
        assert!(ddl(text).expect(text).changes_rows_or_columns(), "{text}");
    }
    for text in [
        "create index i on t(v)",
        "alter table t add supplemental log data (all) columns",
        "comment on table t is 'x'",
        "alter table t add primary key (id)",
        "ALTER TABLE \"APP\".\"T\" ADD (CONSTRAINT \"C\" CHECK (V IN ('a,(', 'b')), UNIQUE (V, ID))",
        "alter table t drop constraint c",
        "alter table t drop primary key cascade",
        "alter table t disable constraint c",
        "alter table t rename constraint c to d",
    ] {
        assert!(!ddl(text).expect(text).changes_rows_or_columns(), "{text}");
    }
}
