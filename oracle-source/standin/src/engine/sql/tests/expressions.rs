use super::*;

#[track_caller]
fn value(session: &mut Session, expr: &str) -> String {
    match rows_with(session, &format!("SELECT {expr} FROM dual"), &[]) {
        Ok(rows) => rows.join("\n"),
        Err(e) => format!("ORA-{:05}", e.code),
    }
}

/// Results are those of Oracle's SQL Language Reference where it gives an example.
const CASES: &[(&str, &str)] = &[
    // Numbers.
    ("1 + 2 * 3", "7"),
    ("(1 + 2) * 3", "9"),
    ("-5 + 3", "-2"),
    ("10 / 4", "2.5"),
    ("1 / 0", "ORA-01476"),
    ("1 / 3", "0.3333333333333333333333333333333333333333"),
    ("'5' * '2'", "10"),
    ("'a' + 1", "ORA-01722"),
    ("9999999999999999999999999999999999999 + 1", "10000000000000000000000000000000000000"),
    ("0.1 + 0.2", "0.3"),
    ("1e125 * 10", "ORA-01426"),
    ("NULL + 1", "NULL"),
    ("MOD(11, 4)", "3"),
    ("MOD(-11, 4)", "-3"),
    ("MOD(11, 0)", "11"),
    ("ROUND(15.193, 1)", "15.2"),
    ("ROUND(15.193, -1)", "20"),
    ("ROUND(-2.5)", "-3"),
    ("TRUNC(15.79, 1)", "15.7"),
    ("TRUNC(15.79, -1)", "10"),
    ("FLOOR(15.7)", "15"),
    ("CEIL(15.2)", "16"),
    ("SIGN(-15)", "-1"),
    ("ABS(-15)", "15"),
    ("POWER(3, 2)", "9"),
    ("SQRT(26)", "5.09901951359278483002822410902278198956"),
    ("BITAND(6, 3)", "2"),
    ("GREATEST('HARRY', 'HARRIOT', 'HAROLD')", "HARRY"),
    ("GREATEST(1, '3.925', '2.4')", "3.925"),
    ("LEAST(3, 1, 2)", "1"),
    ("GREATEST(1, NULL)", "NULL"),
    ("1.5f + 1", "Double(2.5)"),
    // Text.
    ("'a' || NULL || 'b'", "ab"),
    ("NULL || ''", "NULL"),
    ("''", "NULL"),
    ("'it''s'", "it's"),
    ("q'[it's]'", "it's"),
    ("N'x'", "x"),
    ("1 || 2", "12"),
    ("0.5 || ''", ".5"),
    ("UPPER('Large')", "LARGE"),
    ("LOWER('MR. SCOTT')", "mr. scott"),
    ("INITCAP('the soap')", "The Soap"),
    ("SUBSTR('ABCDEFG', 3, 4)", "CDEF"),
    ("SUBSTR('ABCDEFG', -5, 4)", "CDEF"),
    ("SUBSTR('ABC', 0, 2)", "AB"),
    ("SUBSTR('ABC', 4)", "NULL"),
    ("SUBSTR('ABC', 1, 0)", "NULL"),
    ("SUBSTR('äöü', 2, 1)", "ö"),
    ("INSTR('CORPORATE FLOOR', 'OR', 3, 2)", "14"),
    ("INSTR('CORPORATE FLOOR', 'OR', -3, 2)", "2"),
    ("INSTR('abc', 'x')", "0"),
    ("LENGTH('CANDIDE')", "7"),
    ("LENGTH('')", "NULL"),
    ("LENGTHB('ä')", "2"),
    ("LTRIM('<=====>BROWNING<=====>', '<>=')", "BROWNING<=====>"),
    ("RTRIM('BROWNING: ./=./=./=./=./=.=', '/=.')", "BROWNING: "),
    ("TRIM(LEADING '0' FROM '00012')", "12"),
    ("TRIM('  x ')", "x"),
    ("TRIM(BOTH 'ab' FROM 'x')", "ORA-30001"),
    ("LPAD('Page 1', 15, '*.')", "*.*.*.*.*Page 1"),
    ("RPAD('ab', 5)", "ab   "),
    ("LPAD('abc', 2)", "ab"),
    ("REPLACE('JACK and JUE', 'J', 'BL')", "BLACK and BLUE"),
    ("REPLACE('abc', 'b')", "ac"),
    ("TRANSLATE('SQL*Plus User''s Guide', ' */''', '___')", "SQL_Plus_Users_Guide"),
    ("CONCAT('a', 'b')", "ab"),
    ("ASCII('A')", "65"),
    ("CHR(67) || CHR(65) || CHR(84)", "CAT"),
    ("UNISTR('abc\\00e5\\00f1\\00f6')", "abcåñö"),
    ("UNISTR('\\D83D\\DE00')", "😀"),
    ("UNISTR('\\zz')", "ORA-30186"),
    ("HEXTORAW('7D')", "7D"),
    ("RAWTOHEX(HEXTORAW('7D'))", "7D"),
    ("HEXTORAW('xy')", "ORA-01465"),
    // NULL and alternatives.
    ("NVL(NULL, 'x')", "x"),
    ("NVL('a', 'x')", "a"),
    ("NVL2(NULL, 1, 2)", "2"),
    ("COALESCE(NULL, NULL, 3)", "3"),
    ("NULLIF(1, 1)", "NULL"),
    ("NULLIF(1, 2)", "1"),
    ("DECODE(2, 1, 'one', 2, 'two', 'other')", "two"),
    ("DECODE(NULL, NULL, 'null', 'other')", "null"),
    ("DECODE(5, 1, 'one')", "NULL"),
    ("CASE WHEN 1 = 2 THEN 'a' WHEN NULL = NULL THEN 'b' ELSE 'c' END", "c"),
    ("CASE 2 WHEN 1 THEN 'a' WHEN 2 THEN 'b' END", "b"),
    ("CASE WHEN 1 = 1 THEN 1 ELSE 'a' END", "ORA-00932"),
    // Conversions and dates.
    ("TO_CHAR(1210.73, '9999.9')", " 1210.7"),
    ("TO_CHAR(1210.73, '9,999.99')", " 1,210.73"),
    ("TO_CHAR(0.5)", ".5"),
    ("TO_CHAR(DATE '2003-07-09', 'YYYY/MM/DD')", "2003/07/09"),
    ("TO_CHAR(DATE '2003-07-09', 'FMMonth DD, YYYY')", "July 9, 2003"),
    ("TO_NUMBER('1210.73', '9999.99')", "1210.73"),
    ("TO_NUMBER('abc')", "ORA-01722"),
    ("TO_DATE('2003/07/09', 'yyyy/mm/dd')", "2003-07-09 00:00:00"),
    ("TO_DATE('070903', 'MMDDYY')", "2003-07-09 00:00:00"),
    ("TO_DATE('31-02-2003', 'DD-MM-YYYY')", "ORA-01839"),
    ("TO_DATE('2003-07-09 10:00:00')", "2003-07-09 10:00:00"),
    ("TO_TIMESTAMP('2003-07-09 10:00:00.123', 'YYYY-MM-DD HH24:MI:SS.FF')", "2003-07-09 10:00:00.123000000"),
    ("TO_TIMESTAMP_TZ('2003-07-09 10:00 +05:30', 'YYYY-MM-DD HH24:MI TZH:TZM')", "2003-07-09 10:00:00 +05:30"),
    ("TIMESTAMP '1997-01-31 09:26:50.124'", "1997-01-31 09:26:50.124000000"),
    ("TIMESTAMP '1997-01-31 09:26:56.66 +02:00'", "1997-01-31 09:26:56 +02:00"),
    ("DATE '2024-03-01' - DATE '2024-02-01'", "29"),
    ("DATE '2024-02-28' + 1", "2024-02-29 00:00:00"),
    ("DATE '2024-02-28' + 1.5", "2024-02-29 12:00:00"),
    ("DATE '2024-01-01' + INTERVAL '1' DAY", "2024-01-02 00:00:00"),
    ("DATE '2024-01-31' + INTERVAL '1' MONTH", "ORA-01839"),
    (
        "TIMESTAMP '2024-01-02 00:00:00' - TIMESTAMP '2024-01-01 12:00:00'",
        "IntervalDs(IntervalDs { days: 0, nanoseconds: 43200000000000 })",
    ),
    ("TO_DSINTERVAL('100 10:00:00')", "IntervalDs(IntervalDs { days: 100, nanoseconds: 36000000000000 })"),
    ("TO_YMINTERVAL('01-02')", "IntervalYm(IntervalYm { months: 14 })"),
    ("ADD_MONTHS(DATE '2024-01-31', 1)", "2024-02-29 00:00:00"),
    ("LAST_DAY(DATE '2024-02-10')", "2024-02-29 00:00:00"),
    (
        "MONTHS_BETWEEN(TO_DATE('02-02-1995','MM-DD-YYYY'), TO_DATE('01-01-1995','MM-DD-YYYY'))",
        "1.03225806451612903225806451612903225806",
    ),
    ("NEXT_DAY(DATE '2009-10-15', 'TUESDAY')", "2009-10-20 00:00:00"),
    ("ROUND(TO_DATE('27-10-00','DD-MM-YY'), 'YEAR')", "2001-01-01 00:00:00"),
    ("TRUNC(TO_DATE('27-10-92','DD-MM-RR'), 'YEAR')", "1992-01-01 00:00:00"),
    ("TRUNC(TIMESTAMP '2024-05-15 10:20:30', 'MM')", "2024-05-01 00:00:00"),
    ("EXTRACT(YEAR FROM DATE '1998-03-07')", "1998"),
    ("EXTRACT(HOUR FROM DATE '1998-03-07')", "ORA-30076"),
    ("CAST('22-OCT-1997' AS VARCHAR2(6))", "22-OCT"),
    ("CAST(1.567 AS NUMBER(3, 1))", "1.6"),
    ("CAST(1234 AS NUMBER(3))", "ORA-01438"),
    ("CAST('x' AS CHAR(3)) || '.'", "x  ."),
    ("CAST(TIMESTAMP '2024-01-01 10:00:00.6' AS DATE)", "2024-01-01 10:00:00"),
    // ROWIDs.
    ("ROWIDTOCHAR(CHARTOROWID('AAAFd1AAFAAAABSAA/'))", "AAAFd1AAFAAAABSAA/"),
    ("CHARTOROWID('nonsense')", "ORA-01410"),
    ("DBMS_ROWID.ROWID_CREATE(1, 70144, 7, 358, 0)", "AAARIAAAHAAAAFmAAA"),
    ("SYS.DBMS_ROWID.ROWID_BLOCK_NUMBER(CHARTOROWID('AAARIAAAHAAAAFmAAB'))", "358"),
    ("DBMS_ROWID.ROWID_ROW_NUMBER('AAARIAAAHAAAAFmAAB')", "1"),
    // Session.
    ("USER", "HR"),
    ("SYS_CONTEXT('USERENV', 'SESSION_USER')", "HR"),
    ("SYS_CONTEXT('USERENV', 'NO_SUCH')", "NULL"),
    ("DBMS_FLASHBACK.GET_SYSTEM_CHANGE_NUMBER", "12345"),
    ("DUMMY", "X"),
    ("nothing", "ORA-00904"),
    ("no_function(1)", "ORA-00904"),
    ("SUBSTR('a')", "ORA-00938"),
    ("DBMS_LOGMNR.NEW", "ORA-00904"),
];

#[test]
fn expressions_have_the_documented_values() {
    let mut session = session();
    for (expr, want) in CASES {
        assert_eq!(value(&mut session, expr), *want, "{expr}");
    }
}

#[test]
fn conditions_have_three_values() {
    let mut session = session();
    for (cond, want) in [
        ("1 = 1", true),
        ("1 <> 1", false),
        ("1 != 2", true),
        ("1 ^= 2", true),
        ("2 < = 2", true),
        ("NULL = NULL", false),
        ("NOT (NULL = 1)", false),
        ("NULL IS NULL", true),
        ("'' IS NULL", true),
        ("'a' IS NOT NULL", true),
        ("NULL = 1 OR 1 = 1", true),
        ("NULL = 1 AND 1 = 2 OR 1 = 1", true),
        ("1 BETWEEN 1 AND 2", true),
        ("3 NOT BETWEEN 1 AND 2", true),
        ("1 BETWEEN NULL AND 0", false),
        ("NOT 1 BETWEEN NULL AND 0", true),
        ("2 IN (1, 2)", true),
        ("3 IN (1, NULL)", false),
        ("3 NOT IN (1, NULL)", false),
        ("3 NOT IN (1, 2)", true),
        ("9 IN (1, 2, 3, 4, 5, 6, 7, 8, 9, 10)", true),
        ("11 NOT IN (1, 2, 3, 4, 5, 6, 7, 8, 9, 10)", true),
        ("11 NOT IN (1, 2, 3, 4, 5, 6, 7, 8, 9, NULL)", false),
        ("NULL NOT IN (1, 2, 3, 4, 5, 6, 7, 8, 9, 10)", false),
        ("'b ' IN ('1', '2', '3', '4', '5', '6', '7', '8', 'b')", true),
        ("'b' || ' ' IN ('1', '2', '3', '4', '5', '6', '7', '8', 'b')", false),
        ("'9' IN (1, 2, 3, 4, 5, 6, 7, 8, 9, 10)", true),
        ("(1, 2) IN ((1, 2), (3, 4))", true),
        ("(1, 2) = (1, 3)", false),
        ("'abc' LIKE 'a%'", true),
        ("'abc' LIKE '_b_'", true),
        ("'abc' LIKE 'b%'", false),
        ("'a%c' LIKE 'a\\%c' ESCAPE '\\'", true),
        ("'abc' LIKE 'a\\%c' ESCAPE '\\'", false),
        ("'aXbXc' LIKE '%X%X%'", true),
        ("'abc' NOT LIKE 'x%'", true),
        ("NULL LIKE '%'", false),
        // Literals are CHAR: blank padded. What comes out of functions is not.
        ("'a' = 'a  '", true),
        ("'a' < 'ab'", true),
        ("'a' || '' = 'a  '", false),
        ("'10' = 10", true),
        ("'10' < '9'", true),
        ("10 > '9'", true),
        ("DATE '2024-01-01' = '2024-01-01 00:00:00'", true),
        ("TIMESTAMP '2024-01-01 10:00:00 +02:00' = TIMESTAMP '2024-01-01 08:00:00 +00:00'", true),
        ("1 = ANY (1, 2)", true),
        ("3 > ALL (1, 2)", true),
        ("3 > ALL (1, NULL)", false),
        ("EXISTS (SELECT 1 FROM dual)", true),
        ("NOT EXISTS (SELECT 1 FROM dual WHERE 1 = 0)", true),
        ("1 = ANY (SELECT 1 FROM dual UNION ALL SELECT 2 FROM dual)", true),
    ] {
        let found = rows(&mut session, &format!("SELECT 1 FROM dual WHERE {cond}"));
        assert_eq!(!found.is_empty(), want, "{cond}");
    }
}

#[test]
fn errors_have_their_places() {
    let mut session = session();
    for (sql, want) in [
        ("SELEC 1", (900, 0)),
        ("SELECT 1", (923, 8)),
        ("SELECT FROM dual", (936, 7)),
        ("SELECT 1 FROM", (903, 13)),
        ("SELECT 1 FROM nowhere", (942, 14)),
        ("SELECT x FROM dual", (904, 7)),
        ("SELECT 1 FROM dual WHERE", (936, 24)),
        ("SELECT 1 FROM dual WHERE 1", (920, 25)),
        ("SELECT (1 FROM dual", (907, 10)),
        ("SELECT 'abc FROM dual", (1756, 7)),
        ("SELECT \"abc FROM dual", (1740, 7)),
        ("SELECT 1 FROM dual;", (911, 18)),
        ("SELECT 1 FROM dual x y", (933, 21)),
        ("SELECT id FROM emp, dept", (918, 7)),
        ("SELECT dept, name FROM emp GROUP BY dept", (979, 13)),
        ("SELECT id FROM emp WHERE COUNT(*) > 1", (934, 25)),
        ("SELECT id FROM emp ORDER BY 2", (1785, 28)),
        ("SELECT 1 FROM dual UNION SELECT 1, 2 FROM dual", (1789, 19)),
        ("SELECT 1 FROM dual UNION SELECT 'a' FROM dual", (1790, 19)),
        ("SELECT hired + hired FROM emp", (932, 7)),
        ("SELECT 1 FROM emp WHERE hired = 1", (932, 24)),
        ("SELECT emp_seq.NEXTVAL FROM emp ORDER BY 1", (2287, 7)),
        ("SELECT c FROM types WHERE c = 'x'", (932, 26)),
        ("SELECT ROW_NUMBER() OVER (ORDER BY id) FROM emp", (3001, 20)),
        ("INSERT INTO emp (id, nope) VALUES (1, 2)", (904, 21)),
        ("INSERT INTO emp (id, id) VALUES (1, 2)", (957, 21)),
        ("INSERT INTO emp (id, name) VALUES (1)", (947, 12)),
        ("INSERT INTO emp (id) VALUES (1, 2)", (913, 12)),
        ("INSERT INTO emp (yearly) VALUES (1)", (54013, 17)),
        ("INSERT INTO emp_v VALUES ('a', 'b')", (1732, 12)),
        ("INSERT INTO v$database VALUES (1, 'b')", (1031, 12)),
        ("UPDATE emp SET nope = 1", (904, 15)),
        ("DELETE emp WHERE", (936, 16)),
        ("BEGIN IF 1 = 1 THEN NULL; END IF; END;", (6550, 6)),
        ("BEGIN x.y(; END;", (936, 10)),
        ("", (900, 0)),
        ("SELECT 1 FROM dual WHERE ROWNUM = 1 FOR UPDATE SKIP LOCKED", (3001, 47)),
    ] {
        assert_eq!(code(&mut session, sql), want, "{sql}");
    }
}

#[test]
fn deep_nesting_is_refused() {
    let mut session = session();
    let sql = format!("SELECT {}1{} FROM dual", "(".repeat(500), ")".repeat(500));
    assert_eq!(code(&mut session, &sql).0, 3001);
    let long = format!("SELECT 1{} FROM dual", " + 1".repeat(5000));
    assert_eq!(rows(&mut session, &long), ["5001"]);
    let or = format!("SELECT 1 FROM dual WHERE 1 = 0{} OR 1 = 1", " OR 1 = 0".repeat(5000));
    assert_eq!(rows(&mut session, &or), ["1"]);
    let minus = format!("SELECT {}1 FROM dual", "- ".repeat(3000));
    assert_eq!(code(&mut session, &minus).0, 3001);
    // As deep as it goes, all the way through analysis and evaluation.
    let (mut views, mut exists, mut parentheses) = (0, 0, 0);
    for depth in 1..70 {
        let sql = format!("SELECT * FROM {}dual{}", "(SELECT * FROM ".repeat(depth), ")".repeat(depth));
        views += usize::from(run(&mut session, &sql).is_ok());
        let sql = format!(
            "SELECT 1 FROM dual WHERE {}1 = 1{}",
            "EXISTS (SELECT 1 FROM dual d WHERE ".repeat(depth),
            ")".repeat(depth)
        );
        exists += usize::from(run(&mut session, &sql).is_ok());
        let sql = format!("SELECT {}1{} FROM dual", "UPPER((".repeat(depth), "))".repeat(depth));
        parentheses += usize::from(run(&mut session, &sql).is_ok());
    }
    assert!(views >= 20 && exists >= 20 && parentheses >= 20, "{views} {exists} {parentheses}");
    let unions = vec!["SELECT 1 FROM dual"; 300].join(" UNION ALL ");
    assert_eq!(rows(&mut session, &unions).len(), 300);
}

proptest::proptest! {
    #[test]
    fn no_text_panics(sql in ".{0,80}") {
        let _ = session().prepare(&sql);
    }

    #[test]
    fn no_words_panic(words in proptest::collection::vec(proptest::sample::select(vec![
        "SELECT", "FROM", "dual", "emp", "e", "WHERE", "id", "name", "=", "(", ")", ",", "*", "1", "'x'", "AND", "OR",
        "NOT", "IN", "EXISTS", "JOIN", "LEFT", "ON", "USING", "GROUP", "BY", "ORDER", "COUNT", "SUM", "||", "+", "-",
        ":b", "CASE", "WHEN", "THEN", "ELSE", "END", "UNION", "ALL", "WITH", "AS", "BETWEEN", "LIKE", "IS", "NULL",
        "INSERT", "INTO", "VALUES", "UPDATE", "SET", "DELETE", "MERGE", "MATCHED", "BEGIN", ";", "FETCH", "FIRST", "ROWS",
        "ONLY", "ROWNUM", "ROWID", ".", "DATE", "TO_DATE", "CAST", "NUMBER", "DECODE", "INTERVAL", "HAVING", "DISTINCT",
        "FOR", "emp_seq", "NEXTVAL", "(+)", "TRIM", "EXTRACT", "=>", "OF", "SCN", "ANY",
    ]), 0..25)) {
        let mut session = session();
        let sql = words.join(" ");
        for sql in [sql.clone(), format!("SELECT {sql}"), format!("SELECT * FROM emp e {sql}")] {
            if let Ok(prepared) = session.prepare(&sql) {
                let binds = vec![Value::Null; prepared.binds().len()];
                if let Ok(Outcome::Rows(rows)) = session.execute(&prepared, &binds, false) {
                    for _ in rows.take(100) {}
                }
            }
        }
    }
}
