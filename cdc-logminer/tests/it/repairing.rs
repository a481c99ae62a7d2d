//! Statements in which apostrophes are not doubled: read in the one way that there is, or refused.

use crate::{rows::Random, source};
use cdc_logminer::{DecodeErrorKind, KnownColumns, OperationCode, Scanner, StatementErrorKind};
use std::{
    collections::BTreeSet,
    ops::Range,
    time::{Duration, Instant},
};
use type_convert::literal::{Readable, readable};

type Pairs = Vec<(String, String)>;

/// Columns with their texts as they are read, in the statement's order.
fn pairs(list: cdc_logminer::Assignments<'_>) -> Pairs {
    list.iter()
        .map(|a| {
            let value = match readable(a.escaped).unwrap_or_else(|e| panic!("{}: {e}", a.escaped)) {
                Readable::Value(text) => text.into_owned(),
                other => format!("{other:?}"),
            };
            (a.column.to_owned(), value)
        })
        .collect()
}

fn read(sql: &str) -> Result<(Pairs, Pairs, bool), StatementErrorKind> {
    let mut scanner = Scanner::new();
    match scanner.scan_repairing(sql, Some(&KnownColumns::from_iter(["E", "A", "B", "C", "D"]))) {
        Ok(statement) => {
            let read = (pairs(statement.set), pairs(statement.condition), statement.repaired);
            let any = statement.set.iter().chain(statement.condition.iter()).any(|a| a.repaired);
            assert_eq!(any, statement.repaired, "{sql}");
            assert_eq!(scanner.repairs(), u64::from(read.2));
            Ok(read)
        }
        Err(error) => {
            assert!(error.offset() <= sql.len());
            Err(error.kind())
        }
    }
}

fn list(pairs: &[(&str, &str)]) -> Pairs {
    pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
}

#[test]
fn inserts_with_one_way_to_read_them() {
    for (values, read_as) in [
        ("'it's','x'", ["it's", "x"]),
        ("'x','it's'", ["x", "it's"]),
        ("'it's','it''s'", ["it's", "it's"]),
        ("'it''s','it's'", ["it's", "it's"]),
        // One apostrophe that is not paired: none of that text was escaped.
        ("'it's ''quoted''','x'", ["it's ''quoted''", "x"]),
        ("''tis',NULL", ["'tis", "Null"]),
        ("'dogs'',NULL", ["dogs'", "Null"]),
        ("'a'','b'", ["a'", "b"]),
        ("NULL,'a, 'b') c'", ["Null", "a, 'b') c"]),
        ("TO_DATE('2024-02-29', 'YYYY-MM-DD'),'it's'", ["2024-02-29", "it's"]),
        ("'it's',HEXTORAW('00')", ["it's", "00"]),
        (r"UNISTR('it's \0416'),'x'", ["it's Ж", "x"]),
        (r"'x',UNISTR('it's') || UNISTR('\0416''')", ["x", "it'sЖ'"]),
        ("'it's' || 'b''','x'", ["it'sb'", "x"]),
        ("N'it's','x'", ["it's", "x"]),
    ] {
        for end in [");", ")", ") ; \n"] {
            let sql = format!(r#"insert into "O"."T"("A","B") values ({values}{end}"#);
            let expected = list(&[("A", read_as[0]), ("B", read_as[1])]);
            assert_eq!(read(&sql), Ok((expected, vec![], true)), "{sql}");
        }
    }
}

#[test]
fn updates_and_deletes_with_one_way_to_read_them() {
    for (sql, set, condition) in [
        (r#"update "O"."T" set "A" = 'it's' where "B" = '7';"#, vec![("A", "it's")], vec![("B", "7")]),
        (r#"update "O"."T" set "A" = 'it's'"#, vec![("A", "it's")], vec![]),
        (
            r#"update "O"."T" set "A" = 'it's', "B" = NULL, "C" = 'a'b' where "A" = 'o'' and "B" IS NULL and "C" = 'x' and ROWID = 'AAA';"#,
            vec![("A", "it's"), ("B", "Null"), ("C", "a'b")],
            vec![("A", "o'"), ("B", "Null"), ("C", "x")],
        ),
        (
            r#"update "O"."T" a set a."A" = 'it's' where a."B" = 'it's' and a.ROWID = 'AAA'"#,
            vec![("A", "it's")],
            vec![("B", "it's")],
        ),
        (r#"delete from "O"."T" where "A" = 'it's' and "C" IS NULL;"#, vec![], vec![("A", "it's"), ("C", "Null")]),
        (r#"delete from "O"."T" where "C" IS NULL and "A" = 'it's'"#, vec![], vec![("C", "Null"), ("A", "it's")]),
        // What only looks like the next column: unknown, there already, or not punctuated as LogMiner does.
        (
            r#"update "O"."T" set "A" = 'x', "NOPE" = 'y' where "B" = '7';"#,
            vec![("A", r#"x', "NOPE" = 'y"#)],
            vec![("B", "7")],
        ),
        (
            r#"update "O"."T" set "A" = 'x', "A" = 'y' where "B" = '7';"#,
            vec![("A", r#"x', "A" = 'y"#)],
            vec![("B", "7")],
        ),
        (
            r#"delete from "O"."T" where "A" = 'x' and "A" IS NULL and "B" = '7';"#,
            vec![],
            vec![("A", r#"x' and "A" IS NULL and "B" = '7"#)],
        ),
        (
            r#"update "O"."T" set "A" = 'x' , "B" = 'y' and z' where "B" = '7';"#,
            vec![("A", r#"x' , "B" = 'y' and z"#)],
            vec![("B", "7")],
        ),
    ] {
        assert_eq!(read(sql), Ok((list(&set), list(&condition), true)), "{sql}");
    }
}

#[test]
fn more_than_one_way_is_an_error() {
    for sql in [
        // Three texts, or one with apostrophes and commas, for two columns.
        r#"insert into "O"."T"("A","B") values ('a','b','c');"#,
        r#"insert into "O"."T"("A","B","C") values ('it's','','x',NULL);"#,
        r#"update "O"."T" set "A" = 'x' where "B" = '1' where "B" = '7';"#,
        r#"update "O"."T" set "A" = 'x', "B" = 'y', "B" = 'z' where "C" = '7';"#,
        r#"delete from "O"."T" where "A" = 'x' and "B" = 'y' and "B" = 'z';"#,
        // The last two texts may as well be one that is escaped.
        r#"update "O"."T" set "A" = 'it's', "B" = 'x'', "C" = ''y' where "D" = '7';"#,
    ] {
        assert_eq!(read(sql), Err(StatementErrorKind::Ambiguous), "{sql}");
    }
}

#[test]
fn what_cannot_be_repaired_keeps_its_error() {
    for (sql, kind) in [
        (r#"insert into "O"."T"("A","B") values ('it's');"#, StatementErrorKind::Grammar),
        (r#"insert into "O"."T"("A") values ('1','2'"#, StatementErrorKind::Grammar),
        (r#"insert into "O"."T"("A") values ('it's"#, StatementErrorKind::Grammar),
        (r#"insert into "O"."T"("A") values ( "#, StatementErrorKind::Grammar),
        (r#"update "O"."T" set  ;"#, StatementErrorKind::Grammar),
        (r#"update "O"."T" set "A" = ;"#, StatementErrorKind::Grammar),
        (r#"update "O"."T" set "A" = 'it's' where ;"#, StatementErrorKind::Grammar),
        (r#"delete from "O"."T" where"#, StatementErrorKind::Grammar),
        (r#"update "O"."T" set where "A" = 'it's'"#, StatementErrorKind::Grammar),
        (r#"delete from "O"."T" "A" = 'it's'"#, StatementErrorKind::Grammar),
        (r#"delete from "O"."T" where "A" = 'it's' and ROWID = 'AAA'||NULL"#, StatementErrorKind::Grammar),
        (r#"delete from "O"."T" where "A" = 'it's' and "B" IS NULL||'x'"#, StatementErrorKind::Grammar),
        // A form that is not LogMiner's is no text.
        (r#"update "O"."T" set "A" = '1' where "B" < '2';"#, StatementErrorKind::Grammar),
        (r#"update "O"."T" set "A" = '1', "B" = NULL where "C" < '2';"#, StatementErrorKind::Grammar),
        (r#"delete from "O"."T" where "A" = 'it's' and "B" = f and "C" = '2';"#, StatementErrorKind::Grammar),
        (r#"insert into "O"."T"("A","F") values ('it's','x');"#, StatementErrorKind::UnknownColumn),
        (r#"insert into "O"."T"("A","A") values ('1','x');"#, StatementErrorKind::RepeatedColumn),
        (r#"update "O"."T" set "F" = 'x' where "B" = '2';"#, StatementErrorKind::UnknownColumn),
        (r#"update "O"."T" set "A" = NULL, "A" = NULL where "B" = '2';"#, StatementErrorKind::RepeatedColumn),
        (r#"insert into "O"."T"("A") values ("O"."P"('it's'));"#, StatementErrorKind::Grammar),
        ("/* No SQL_REDO for temporary tables */", StatementErrorKind::NoStatement),
        (" /* No SQL_REDO for temporary tables */\n", StatementErrorKind::NoStatement),
        ("/* it */ /* goes on", StatementErrorKind::Grammar),
        ("", StatementErrorKind::Grammar),
    ] {
        assert_eq!(read(sql), Err(kind), "{sql}");
    }
}

#[test]
fn errors_tell_nothing_of_the_row() {
    for sql in [
        r#"insert into "O"."T"("A","B") values ('secret','secret','secret');"#,
        r#"update "O"."T" set "A" = NULL, "secret" = 'secret';"#,
        r#"update "O"."T" set "A" = secret"#,
    ] {
        let mut scanner = Scanner::new();
        let error = scanner.scan_repairing(sql, Some(&KnownColumns::from_iter(["A", "B"]))).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("secret"), "{error}");
    }
}

#[test]
fn rows_are_decoded_with_what_was_repaired() {
    let decode = |sql: &str| {
        let mut scanner = Scanner::new();
        let row = source::data(1, source::xid(1), OperationCode::INSERT, "AAAB", sql.to_owned());
        let decoded = source::tables().decode(&mut scanner, &row);
        (decoded.map(|change| format!("{:?}", change.operation)), scanner.repairs())
    };
    let (change, repairs) = decode(r#"insert into "APP"."T"("ID","V") values ('7','it's ''x''');"#);
    assert!(change.as_ref().unwrap().contains(r#"Text("it's ''x''")"#), "{change:?}");
    assert_eq!(repairs, 1);
    let (change, repairs) = decode(r#"insert into "APP"."T"("ID","V") values ('7','it''s');"#);
    assert!(change.as_ref().unwrap().contains(r#"Text("it's")"#), "{change:?}");
    assert_eq!(repairs, 0);
    for (sql, kind) in [
        (r#"insert into "APP"."T"("ID","V") values ('7','a','b');"#, DecodeErrorKind::Ambiguous),
        (r#"insert into "APP"."T"("ID","V") values ('secret's','x');"#, DecodeErrorKind::Value),
        // A column that the table was not known to have is never taken for a piece of the text before it.
        (r#"update "APP"."T" set "V" = 'a', "W" = 'secret' where "ID" = '7';"#, DecodeErrorKind::UnknownColumn),
        (r#"update "APP"."T" set "V" = 'it's', "secret" = 'b' where "ID" = '7';"#, DecodeErrorKind::UnknownColumn),
        (r#"update "APP"."T" set "ID" = NULL, "ID" = NULL;"#, DecodeErrorKind::Statement),
        ("/* No SQL_REDO for temporary tables */", DecodeErrorKind::NoStatement),
    ] {
        let error = decode(sql).0.expect_err(sql);
        assert_eq!(error.kind(), kind, "{sql}: {error}");
        assert!(!format!("{error}").contains("secret"), "{error}");
    }
}

/// However hostile the text, an answer comes at once.
#[test]
fn the_work_has_a_bound() {
    let long = |piece: &str, times: usize| piece.repeat(times);
    let columns: Vec<String> = (0..1000).map(|n| format!("\"C{n}\"")).collect();
    let names = columns.join(",");
    let values = |value: &str| vec![value; 1000].join(",");
    let statements = [
        (format!("insert into \"O\".\"T\"({names}) values ({});", values("'it's'")), Some(true)),
        (
            format!(
                "update \"O\".\"T\" set {} where {};",
                columns.iter().map(|c| format!("{c} = 'it's'")).collect::<Vec<_>>().join(", "),
                columns.iter().map(|c| format!("{c} = 'it's'")).collect::<Vec<_>>().join(" and ")
            ),
            Some(true),
        ),
        (format!("insert into \"O\".\"T\"({names}) values ({});", long("'',", 200_000)), Some(false)),
        (format!("insert into \"O\".\"T\"({names}) values ({});", long("'it's','", 100_000)), Some(false)),
        (format!("insert into \"O\".\"T\"({names}) values ({},'x');", values("'it's','x'")), Some(false)),
        (format!("insert into \"O\".\"T\"({names}) values ('{});", long("',\"a\".\"b\"(", 100_000)), Some(false)),
        (
            format!("insert into \"O\".\"T\"(\"A\") values ('it's',UNISTR('{});", long("TO_DATE('x'),", 50_000)),
            Some(false),
        ),
        (format!("update \"O\".\"T\" set \"A\" = 'it's'{};", long(", \"B\" = 'x'", 50_000)), Some(false)),
        (format!("update \"O\".\"T\" set \"A\" = 'it's'{} and;", long(" where \"B\" = 'x'", 50_000)), Some(false)),
        (format!("delete from \"O\".\"T\" where \"A\" = ''{};", long("' and \"A\" = ''", 50_000)), None),
        (format!("delete from \"O\".\"T\" where \"A\" = '{}", long("' || '", 100_000)), Some(false)),
        (long("'", 1_000_000), Some(false)),
    ];
    for (sql, readable) in statements {
        let begun = Instant::now();
        let mut scanner = Scanner::new();
        let read = scanner.scan_repairing(&sql, None).map(|statement| statement.set.len());
        let took = begun.elapsed();
        assert!(readable.is_none_or(|readable| read.is_ok() == readable), "{}: {read:?}", &sql[..80]);
        // Without optimization, beside other tests, on a busy machine, it takes many times as long.
        let most = if cfg!(debug_assertions) { 30 } else { 3 };
        assert!(took < Duration::from_secs(most), "{took:?} for {}", &sql[..80]);
        println!("{took:?} {read:?} {}", &sql[sql.len() - 80..]);
    }
}

/// All ways to read a statement of plain texts and NULLs, found by trying everything.
struct AllWays<'a> {
    sql: &'a str,
    /// Values of an INSERT, 0 for other statements.
    values: usize,
    way: Vec<Part>,
    ways: Vec<Vec<Part>>,
}

/// A column as one way reads it: whether it is in WHERE, its name, its literal.
type Part = (bool, String, Range<usize>);

impl AllWays<'_> {
    fn value(&mut self, at: usize, condition: bool, column: &str) {
        let sql = self.sql;
        let ends: Vec<usize> = if sql[at..].starts_with("NULL") {
            vec![at + 4]
        } else if sql[at..].starts_with('\'') {
            sql[at + 1..].match_indices('\'').map(|(end, _)| at + 2 + end).collect()
        } else {
            vec![]
        };
        for end in ends {
            self.part(condition, column, at..end);
        }
    }

    fn part(&mut self, condition: bool, column: &str, literal: Range<usize>) {
        let (sql, end) = (self.sql, literal.end);
        if self.ways.len() > 5000 {
            return;
        }
        self.way.push((condition, column.to_owned(), literal));
        let rest = &sql[end..];
        if self.values > 0 {
            match rest.strip_prefix(',') {
                Some(_) if self.way.len() < self.values => self.value(end + 1, false, ""),
                None if self.way.len() == self.values && rest == ");" => self.ways.push(self.way.clone()),
                _ => {}
            }
        } else if rest == ";" {
            self.ways.push(self.way.clone());
        } else if rest.starts_with(", ") && !condition {
            self.column(end + 2, false);
        } else if rest.starts_with(" where ") && !condition {
            self.column(end + 7, true);
        } else if rest.starts_with(" and ") && condition {
            self.column(end + 5, true);
        }
        self.way.pop();
    }

    fn column(&mut self, at: usize, condition: bool) {
        let sql = self.sql;
        let Some((name, rest)) = sql[at..].strip_prefix('"').and_then(|rest| rest.split_once('"')) else { return };
        let again = self.way.iter().any(|(where_, column, _)| *where_ == condition && column == name);
        if !["A", "B", "C", "D"].contains(&name) || again {
            return;
        }
        let end = sql.len() - rest.len();
        if rest.starts_with(" = ") {
            self.value(end + 3, condition, name);
        } else if rest.starts_with(" IS NULL") && condition {
            self.part(condition, name, end + 4..end + 8);
        }
    }
}

/// What a literal says whose apostrophes may not have been doubled.
fn says(literal: &str) -> String {
    let Some(text) = literal.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')) else {
        return "Null".to_owned();
    };
    let lone = text.split(|c| c != '\'').any(|run| run.len() % 2 == 1);
    if lone { text.to_owned() } else { text.replace("''", "'") }
}

/// Texts of everything that could be taken for a boundary, most of them not escaped: what is read is the only way to read
/// it (in UPDATE and DELETE: the one that reads most as columns), and nothing is refused that has only one.
#[test]
fn repaired_is_what_can_be_read_in_one_way() {
    let cases = std::env::var("PROPTEST_CASES").map_or(20_000, |n| n.parse().expect("a number"));
    let mut random = Random(7);
    let known = KnownColumns::from_iter(["A", "B", "C", "D"]);
    let mut counts = [0_u32; 4];
    let mut scanner = Scanner::new();
    for _ in 0..cases {
        let insert = random.percent(50);
        let hostile = random.percent(50);
        let literal = |random: &mut Random| {
            let plain = ["a", "'", "''", ",", " ", "it's", "NULL", ")", ");"];
            let boundaries =
                ["','", "',", "', \"B\" = '", "' and \"C\" = '", "' where \"A\" = '", "\"D\" IS NULL", "', \"C\" = "];
            if random.percent(20) {
                return "NULL".to_owned();
            }
            let pieces = 1 + random.below(4);
            let text: String = (0..pieces)
                .map(|_| if hostile && random.percent(30) { random.pick(&boundaries) } else { random.pick(&plain) })
                .collect();
            let escaped = random.percent(20);
            format!("'{}'", if escaped { text.replace('\'', "''") } else { text })
        };
        let names = |random: &mut Random| -> Vec<&str> {
            let mut names: Vec<&str> = ["A", "B", "C", "D"].into_iter().filter(|_| random.percent(50)).collect();
            if names.is_empty() {
                names.push("A");
            }
            names
        };
        let set: Vec<(&str, String)> = names(&mut random).into_iter().map(|n| (n, literal(&mut random))).collect();
        let condition: Vec<(&str, String)> =
            names(&mut random).into_iter().map(|n| (n, literal(&mut random))).collect();
        let mut all = AllWays { sql: "", values: 0, way: vec![], ways: vec![] };
        let sql = if insert {
            let names: Vec<_> = set.iter().map(|(name, _)| format!("\"{name}\"")).collect();
            let values: Vec<_> = set.iter().map(|(_, literal)| literal.as_str()).collect();
            format!("insert into \"O\".\"T\"({}) values ({});", names.join(","), values.join(","))
        } else {
            let set: Vec<_> = set.iter().map(|(name, literal)| format!("\"{name}\" = {literal}")).collect();
            let condition: Vec<_> = condition
                .iter()
                .map(|(name, literal)| match literal.as_str() {
                    "NULL" => format!("\"{name}\" IS NULL"),
                    literal => format!("\"{name}\" = {literal}"),
                })
                .collect();
            format!("update \"O\".\"T\" set {} where {};", set.join(", "), condition.join(" and "))
        };
        (all.sql, all.values) = (&sql, if insert { set.len() } else { 0 });
        if insert {
            all.value(sql.find("values (").expect("values") + "values (".len(), false, "");
        } else {
            all.column("update \"O\".\"T\" set ".len(), false);
        }
        let ways = all.ways;
        if ways.len() > 5000 {
            continue;
        }
        let written: (Pairs, Pairs) = {
            let say = |list: &[(&str, String)]| list.iter().map(|(n, l)| ((*n).to_owned(), says(l))).collect();
            (say(&set), if insert { vec![] } else { say(&condition) })
        };
        let way_of = |way: &Vec<Part>| -> (Pairs, Pairs) {
            let say = |condition: bool| -> Pairs {
                let parts = way.iter().filter(|part| part.0 == condition);
                parts.map(|part| (part.1.clone(), says(&sql[part.2.clone()]))).collect()
            };
            let mut read = (say(false), say(true));
            if insert {
                read.0.iter_mut().zip(&set).for_each(|(read, (name, _))| read.0.push_str(name));
            }
            read
        };
        let ends = |way: &Vec<Part>| -> BTreeSet<usize> { way.iter().map(|part| part.2.end).collect() };
        let strict = Scanner::new().scan(&sql).is_ok();
        match scanner.scan_repairing(&sql, Some(&known)) {
            Ok(statement) if !statement.repaired => {
                assert!(strict, "{sql}");
                counts[0] += 1;
            }
            Ok(statement) => {
                let read = (pairs(statement.set), pairs(statement.condition));
                let way = ways.iter().find(|way| way_of(way) == read).unwrap_or_else(|| panic!("no such way: {sql}"));
                assert!(!insert || ways.len() == 1, "{sql}");
                assert!(ways.iter().all(|other| ends(other).is_subset(&ends(way))), "{sql}");
                // A text that is LogMiner's own SQL, with known columns that its list does not have, is the exception.
                let columns = |(set, condition): &(Pairs, Pairs)| set.len() + condition.len();
                assert!(read == written || !insert && columns(&read) > columns(&written), "{sql}: {read:?}");
                counts[1] += 1;
            }
            Err(error) if error.kind() == StatementErrorKind::Ambiguous => {
                assert!(ways.len() > 1, "{sql}");
                counts[2] += 1;
            }
            Err(error) => {
                let broken = !insert && ["', \"", "' and \"", "' where \""].iter().any(|begun| sql.contains(begun));
                assert!(ways.is_empty() || broken && hostile, "{sql}: {error}");
                counts[3] += 1;
            }
        }
    }
    let [strict, repaired, ambiguous, refused] = counts;
    println!("{strict} read strictly, {repaired} repaired, {ambiguous} ambiguous, {refused} refused");
    assert!(counts.iter().all(|count| *count > cases / 1000), "{counts:?}");
}
