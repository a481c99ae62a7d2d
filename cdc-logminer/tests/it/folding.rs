//! Rows about the content of LOBs, documents and long strings become a part of the change of their row.

use crate::source::*;
use cdc_logminer::{
    Change, ChangeStream, ColumnImage, DecodeError, DecodeErrorKind, LobError, LobErrorKind, Next, Operation,
    OperationCode, Position, RedoRow, RedoStream, StreamError, TableColumns, TableSet, Transaction,
};
use schema_map::OracleIdent;
use std::{error::Error as _, sync::Arc};
use type_convert::{LengthUnit, OracleType, Scn, Value};

/// `APP.D (ID NUMBER, C CLOB, B BLOB, X XMLTYPE, J JSON, S VARCHAR2(32767))`
fn tables() -> TableSet {
    let column = |name: &str, ty| (OracleIdent::new(name).unwrap(), ty);
    let columns = vec![
        column("ID", OracleType::Number { precision: None, scale: None }),
        column("C", OracleType::Clob),
        column("B", OracleType::Blob),
        column("X", OracleType::Xml),
        column("J", OracleType::Json),
        column("S", OracleType::Varchar2 { length: 32_767, unit: LengthUnit::Byte }),
    ];
    TableSet::from_iter([TableColumns { path: Arc::new(path("D")), columns }])
}

fn drive(rows: Vec<RedoRow>) -> Result<Vec<Transaction>, DecodeError> {
    let position = Position::after_load(INCARNATION, Scn(9), None);
    let mut stream = RedoStream::new(Rows { rows, window: 1000 }, tables(), position).unwrap();
    let mut delivered = Vec::new();
    loop {
        match stream.next_transaction() {
            Ok(Next::Transaction(transaction, _)) => delivered.push(*transaction),
            Ok(Next::Progress(_)) => {}
            Ok(Next::Idle(_)) => return Ok(delivered),
            Err(StreamError::Decode(error)) => return Err(error),
            Err(error) => panic!("{error}"),
        }
    }
}

fn of_d(operation: OperationCode, sql: &str) -> RedoRow {
    let row_id = "A".repeat(18);
    RedoRow { table_name: Some("D".to_owned()), ..data(11, xid(1), operation, &row_id, sql.to_owned()) }
}

/// A row that is no SQL to execute, as LogMiner says of those about LOBs and documents.
fn lob(operation: OperationCode, sql: &str) -> RedoRow {
    RedoRow { status: 2, info: Some("LOB sql_redo not re-executable".to_owned()), ..of_d(operation, sql) }
}

fn insert(values: &str) -> RedoRow {
    of_d(OperationCode::INSERT, &format!(r#"insert into "APP"."D"("ID","C","B","X","J","S") values ({values});"#))
}

fn changes(rows: Vec<RedoRow>) -> Result<Vec<Change>, DecodeError> {
    let rows = [vec![start(10, xid(1))], rows, vec![commit(12, xid(1))]].concat();
    Ok(drive(rows)?.iter().flat_map(|t| t.changes.to_vec().unwrap()).collect())
}

/// The images of the one INSERT.
fn inserted(rows: Vec<RedoRow>) -> Vec<ColumnImage> {
    let mut changes = changes(rows).unwrap();
    let (Some(change), true) = (changes.pop(), changes.is_empty()) else { panic!("{changes:?}") };
    let Operation::Insert { after } = change.operation else { panic!("{change:?}") };
    after
}

fn error(rows: Vec<RedoRow>) -> (DecodeErrorKind, Option<LobErrorKind>) {
    let error = changes(rows).unwrap_err();
    assert!(!error.to_string().contains("secret"), "{error}");
    let lob = error.source().and_then(|source| source.downcast_ref::<LobError>()).map(LobError::kind);
    (error.kind(), lob)
}

fn text(text: &str) -> ColumnImage {
    ColumnImage::Value(Value::Text(text.to_owned()))
}

const NULL: ColumnImage = ColumnImage::Value(Value::Null);

fn locator(column: &str, kind: &str, id: u32) -> String {
    format!(
        r#"DECLARE loc_{kind} {kind}LOB; buf_{kind} VARCHAR2(6); BEGIN select "{column}" into loc_{kind} from "APP"."D" where "ID" = '{id}' for update;"#
    )
}

#[test]
fn several_lobs_of_several_rows() {
    let rows = vec![
        insert("'1',EMPTY_CLOB(),EMPTY_BLOB(),NULL,NULL,NULL"),
        insert("'2',EMPTY_CLOB(),NULL,NULL,NULL,NULL"),
        lob(OperationCode::SELECT_LOB_LOCATOR, &locator("B", "b", 1)),
        lob(OperationCode::LOB_WRITE, "buf_b := HEXTORAW('0aff'); dbms_lob.write(loc_b, 2, 1, buf_b);"),
        // A whole block, as newer versions have it.
        lob(
            OperationCode::LOB_WRITE,
            &format!("{} buf_c := 'two'; dbms_lob.write(loc_c, 3, 1, buf_c); END;", locator("C", "c", 2)),
        ),
        lob(OperationCode::SELECT_LOB_LOCATOR, &locator("C", "c", 1)),
        lob(OperationCode::LOB_WRITE, "buf_c := 'it''s o'; dbms_lob.write(loc_c, 6, 1, buf_c);"),
        lob(OperationCode::LOB_WRITE, "buf_c := 'ne'; dbms_lob.write(loc_c, 2, 7, buf_c);"),
    ];
    let told: Vec<Vec<ColumnImage>> = changes(rows)
        .unwrap()
        .into_iter()
        .map(|change| match change.operation {
            Operation::Insert { after } => after[..3].to_vec(),
            other => panic!("{other:?}"),
        })
        .collect();
    let id = |n: i64| ColumnImage::Value(Value::Number(n.into()));
    let bytes = ColumnImage::Value(Value::Bytes(vec![0x0a, 0xff]));
    assert_eq!(told, [vec![id(1), text("it's one"), bytes], vec![id(2), text("two"), NULL]]);
}

#[test]
fn documents_values_and_long_strings() {
    let target = r#"where "ID" = '1'"#;
    let document = |pieces: &[&str]| {
        let begin =
            lob(OperationCode::XML_DOC_BEGIN, &format!(r#"XML DOC BEGIN:  select "X" from "APP"."D" {target}"#));
        let pieces = pieces.iter().map(|piece| lob(OperationCode::XML_DOC_WRITE, piece));
        let end = RedoRow { sql_redo: None, ..lob(OperationCode::XML_DOC_END, "") };
        [begin].into_iter().chain(pieces).chain([end]).collect::<Vec<_>>()
    };
    let row = || insert("'1',NULL,NULL,XMLType(:1),NULL,NULL");
    // Its bytes are cut within a character.
    let pieces = ["XML_REDO := HEXTORAW('3c613ec3'):4", "XML_REDO := HEXTORAW('a43c2f613e'):5"];
    assert_eq!(inserted([vec![row()], document(&pieces)].concat())[3], text("<a>ä</a>"));
    assert_eq!(inserted([vec![row()], document(&["XML_REDO := NULL"])].concat())[3], NULL);
    assert_eq!(inserted(vec![row()])[3], ColumnImage::LobNotLogged);
    assert_eq!(inserted(vec![insert("'1',NULL,NULL,XMLType('<b>it''s</b>'),NULL,NULL")])[3], text("<b>it's</b>"));

    let update =
        format!(r#"update "APP"."D" a set a."S" = :S {}"#, target.replace("\"ID\"", "a.\"ID\"").replace('\'', "''"));
    let string = vec![
        insert("'1',NULL,NULL,NULL,NULL,NULL"),
        lob(
            OperationCode::LONG_STRING_BEGIN,
            &format!("DECLARE TempLob CLOB; BEGIN DBMS_LOB.CreateTemporary(TempLob, FALSE); Stmt := '{update};';"),
        ),
        lob(OperationCode::LONG_STRING_WRITE, "buf_c := 'it''s '; dbms_lob.writeappend(TempLob, 5, buf_c);"),
        lob(OperationCode::LONG_STRING_WRITE, "buf_c := 'long'; dbms_lob.writeappend(TempLob, 4, buf_c);"),
        RedoRow { sql_redo: None, ..lob(OperationCode::LONG_STRING_END, "") },
    ];
    assert_eq!(inserted(string)[5], text("it's long"));

    // JSON in Oracle's binary form, written as a BLOB.
    let json = |bytes: &str| {
        vec![
            insert("'1',NULL,NULL,NULL,/* JSON */ EMPTY_BLOB(),NULL"),
            lob(OperationCode::SELECT_LOB_LOCATOR, &locator("J", "b", 1)),
            lob(
                OperationCode::LOB_WRITE,
                &format!("buf_b := HEXTORAW('{bytes}'); dbms_lob.write(loc_b, {}, 1, buf_b);", bytes.len() / 2),
            ),
        ]
    };
    assert_eq!(inserted(json("ff4a5a010016000422c1040f"))[4], text("3.14"));
    assert_eq!(error(json("ff4a5a01")), (DecodeErrorKind::Lob, Some(LobErrorKind::Encoding)));
    assert_eq!(inserted(json("")[..1].to_vec())[4], ColumnImage::LobNotLogged);
}

#[test]
fn what_is_not_known_of_a_lob_is_a_patch() {
    let write = "buf_c := 'XY'; dbms_lob.write(loc_c, 2, 3, buf_c);";
    let rows =
        |more: Vec<RedoRow>| [vec![lob(OperationCode::SELECT_LOB_LOCATOR, &locator("C", "c", 5))], more].concat();
    let after = |rows| {
        let mut changes = changes(rows).unwrap();
        let change = changes.remove(0);
        assert!(changes.is_empty() && change.row_id.is_none());
        let Operation::Update { before, after } = change.operation else { panic!("{change:?}") };
        assert_eq!(before[..2], [ColumnImage::Value(Value::Number(5_i64.into())), ColumnImage::LobNotLogged]);
        after[1].clone()
    };
    let ColumnImage::LobPatch(patch) = after(rows(vec![lob(OperationCode::LOB_WRITE, write)])) else {
        panic!("no patch")
    };
    assert_eq!(patch.apply("0123456".into()).unwrap(), "01XY456".into());
    // Cut to nothing first it is known.
    let trimmed = vec![
        lob(OperationCode::LOB_TRIM, "dbms_lob.trim(loc_c, 0);"),
        lob(OperationCode::LOB_WRITE, &write.replace(", 3,", ", 1,")),
    ];
    assert_eq!(after(rows(trimmed)), text("XY"));
    // Other rows do not come between a LOB and its change for ever.
    let others = (100..200).map(|n| insert(&format!("'{n}',NULL,NULL,NULL,NULL,NULL")));
    let row = insert("'5',EMPTY_CLOB(),NULL,NULL,NULL,NULL");
    let late: Vec<RedoRow> =
        [row].into_iter().chain(others).chain(rows(vec![lob(OperationCode::LOB_WRITE, write)])).collect();
    let changes = changes(late).unwrap();
    assert_eq!(changes.len(), 102);
    assert!(matches!(&changes[0].operation, Operation::Insert { after } if after[1] == text("")));
    let Operation::Update { after, .. } = &changes[101].operation else { panic!("{changes:?}") };
    assert!(matches!(after[1], ColumnImage::LobPatch(_)));
}

#[test]
fn what_does_not_fit_together_is_an_error() {
    let row = || insert("'1',EMPTY_CLOB(),NULL,NULL,NULL,NULL");
    let locator = || lob(OperationCode::SELECT_LOB_LOCATOR, &locator("C", "c", 1));
    let write = |sql: &str| lob(OperationCode::LOB_WRITE, sql);
    let good = "buf_c := 'secret'; dbms_lob.write(loc_c, 6, 1, buf_c);";
    let lob_error = |kind| (DecodeErrorKind::Lob, Some(kind));
    assert_eq!(error(vec![row(), write(good)]), lob_error(LobErrorKind::Sequence));
    assert_eq!(error(vec![row(), locator(), write("buf_c := 'secret'")]), lob_error(LobErrorKind::Statement));
    let short = good.replace(", 6,", ", 5,");
    assert_eq!(error(vec![row(), locator(), write(&short)]), lob_error(LobErrorKind::Length));
    let trim = lob(OperationCode::LOB_TRIM, "dbms_lob.trim(loc_c, 7);");
    assert_eq!(error(vec![row(), locator(), write(good), trim]), lob_error(LobErrorKind::BeyondEnd));
    let null = insert("'1',NULL,NULL,NULL,NULL,NULL");
    assert_eq!(error(vec![null, locator(), write(good)]), lob_error(LobErrorKind::Sequence));
    let other = RedoRow { sql_redo: locator().sql_redo.map(|sql| sql.replace("\"D\"", "\"T\"")), ..locator() };
    assert_eq!(error(vec![row(), other]).0, DecodeErrorKind::OtherTable);
    let piece = lob(OperationCode::XML_DOC_WRITE, "XML_REDO := 'secret'\n amount: 6");
    assert_eq!(error(vec![row(), piece]), lob_error(LobErrorKind::Sequence));
    let begin = lob(OperationCode::XML_DOC_BEGIN, r#"XML DOC BEGIN:  select "X" from "APP"."D" where "ID" = '1'"#);
    assert_eq!(error(vec![row(), begin]), lob_error(LobErrorKind::Sequence));
    let gone = RedoRow { status: 1343, ..locator() };
    assert!(matches!(error(vec![row(), gone]).0, DecodeErrorKind::Irregular(_)));
}
