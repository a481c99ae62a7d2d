//! Random programs of several sessions against a model of what they did: the whole chain, from the statements through
//! the redo to the transactions that a follower sees.

use crate::{
    fixture::{Fixture, hr},
    redo::{follow, source, table_set},
};
use cdc_logminer::{
    ChangeStream, ColumnImage, Next, Operation, Position, RedoSource, RedoStream, TableSet, Transaction,
};
use oracle_source::{Session, current_scn};
use std::time::{Duration, Instant};
use type_convert::{DateTime, Scn, Value};

/// A row: key, group, text, day.
#[derive(Debug, Clone, PartialEq)]
struct Row {
    id: i64,
    grp: i64,
    text: Option<String>,
    day: Option<u8>,
}

#[derive(Debug, Clone, PartialEq)]
enum Change {
    Insert(Row),
    Update(Row, Row),
    Delete(Row),
}

const TABLES: [&str; 2] = ["Häufig", "IOT"];
const COLUMNS: [&str; 2] = [r#""Häufig""#, "iot"];
const SCRIPT: &str = r#"
    CREATE TABLE "Häufig" (id NUMBER PRIMARY KEY, grp NUMBER, "Text ä'" VARCHAR2(4000), day DATE);
    CREATE TABLE iot (id NUMBER, grp NUMBER, "Text ä'" VARCHAR2(4000), day DATE, PRIMARY KEY (id)) ORGANIZATION INDEX;
"#;

fn literal(text: Option<&str>) -> String {
    text.map_or_else(|| "NULL".to_owned(), |t| format!("'{}'", t.replace('\'', "''")))
}

fn date(day: Option<u8>) -> String {
    day.map_or_else(|| "NULL".to_owned(), |day| format!("DATE '2024-02-{day:02}'"))
}

/// The state of a session's own rows in both tables, and what its open transaction has done.
#[derive(Debug, Clone, Default)]
struct State {
    /// In the order of their insertion, which is that of the ROWIDs.
    rows: [Vec<Row>; 2],
    changes: Vec<(usize, Change)>,
}

struct Player {
    session: Session,
    /// Added to every key: players never wait for one another.
    base: i64,
    now: State,
    committed: State,
    savepoint: Option<State>,
    random: u64,
}

impl Player {
    fn below(&mut self, n: u64) -> u64 {
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.random >> 33) % n
    }

    fn small(&mut self, n: u64) -> i64 {
        i64::try_from(self.below(n)).unwrap()
    }

    fn text(&mut self) -> Option<String> {
        let units = ["'", "''", "é", "\u{1F600}", "; --", "\\", "\n", "x", " and \"ID\" = '1'", "TO_DATE('"];
        let unit = units[usize::try_from(self.below(10)).unwrap()];
        match self.below(8) {
            0 | 1 => None,
            2 => Some(unit.repeat(3900 / unit.len())),
            n => Some(unit.repeat(usize::try_from(n).unwrap())),
        }
    }

    fn day(&mut self) -> Option<u8> {
        u8::try_from(self.below(30)).ok().filter(|day| *day > 0)
    }

    /// One step; what a commit has made, where it was one that changed something.
    fn step(&mut self) -> Option<Vec<(usize, Change)>> {
        let table = usize::try_from(self.below(2)).unwrap();
        let name = COLUMNS[table];
        match self.below(22) {
            0..=4 => {
                let (id, grp, text, day) = (self.base + self.small(12), self.small(3), self.text(), self.day());
                let sql =
                    format!("INSERT INTO {name} VALUES ({id}, {grp}, {}, {})", literal(text.as_deref()), date(day));
                let there = self.now.rows[table].iter().any(|r| r.id == id);
                assert_eq!(self.session.execute(&sql).is_err(), there, "{sql}");
                if !there {
                    self.insert(table, Row { id, grp, text, day });
                }
            }
            // Several rows by one statement, which fails at the first that is there.
            5..=6 => {
                let (from, count, grp) = (self.base + self.small(10), self.small(4) + 1, self.small(3));
                let sql = format!(
                    "INSERT INTO {name} SELECT {from} + LEVEL, {grp}, 'm' || LEVEL, NULL FROM dual CONNECT BY LEVEL <= {count}"
                );
                let there = self.now.rows[table].iter().any(|r| r.id > from && r.id <= from + count);
                assert_eq!(self.session.execute(&sql).is_err(), there, "{sql}");
                if !there {
                    for n in 1..=count {
                        self.insert(table, Row { id: from + n, grp, text: Some(format!("m{n}")), day: None });
                    }
                }
            }
            7..=9 => {
                let (grp, text) = (self.small(3), self.text());
                let column = r#""Text ä'""#;
                let sql = format!(
                    "UPDATE {name} SET {column} = {} WHERE grp = {grp} AND {}",
                    literal(text.as_deref()),
                    self.own()
                );
                self.session.execute(&sql).unwrap();
                self.update(table, |row| row.grp == grp, |row| row.text.clone_from(&text));
            }
            10..=11 => {
                let (id, grp, day) = (self.base + self.small(12), self.small(3), self.day());
                let sql = format!("UPDATE {name} SET day = {}, grp = {grp} WHERE id = {id}", date(day));
                self.session.execute(&sql).unwrap();
                self.update(table, |row| row.id == id, |row| (row.day, row.grp) = (day, grp));
            }
            // Every key moves up, through keys that others of the statement leave; one moves onto another and fails.
            12 => {
                self.session.execute(&format!("UPDATE {name} SET id = id + 1 WHERE {}", self.own())).unwrap();
                self.update(table, |_| true, |row| row.id += 1);
            }
            13 => {
                let (from, to) = (self.base + self.small(12), self.base + self.small(12));
                let sql = format!("UPDATE {name} SET id = {to} WHERE id = {from}");
                let rows = &self.now.rows[table];
                let fails = from != to && rows.iter().any(|r| r.id == from) && rows.iter().any(|r| r.id == to);
                assert_eq!(self.session.execute(&sql).is_err(), fails, "{sql}");
                if !fails {
                    self.update(table, |row| row.id == from, |row| row.id = to);
                }
            }
            14..=15 => {
                let id = self.base + self.small(12);
                let sql = format!("DELETE FROM {name} WHERE id BETWEEN {id} AND {} AND {}", id + 1, self.own());
                self.session.execute(&sql).unwrap();
                let gone = |row: &Row| row.id == id || row.id == id + 1;
                let (deleted, kept) = self.now.rows[table].drain(..).partition::<Vec<Row>, _>(gone);
                self.now.rows[table] = kept;
                self.now.changes.extend(deleted.into_iter().map(|row| (table, Change::Delete(row))));
            }
            16 => {
                self.session.execute("SAVEPOINT s").unwrap();
                self.savepoint = Some(self.now.clone());
            }
            17 => {
                assert_eq!(self.session.execute("ROLLBACK TO SAVEPOINT s").is_ok(), self.savepoint.is_some());
                self.now = self.savepoint.clone().unwrap_or_else(|| self.now.clone());
            }
            18..=20 => {
                self.session.commit().unwrap();
                return self.end(true);
            }
            _ => {
                self.session.rollback().unwrap();
                return self.end(false);
            }
        }
        None
    }

    fn own(&self) -> String {
        format!("id BETWEEN {} AND {}", self.base, self.base + 99_999)
    }

    fn insert(&mut self, table: usize, row: Row) {
        self.now.rows[table].push(row.clone());
        self.now.changes.push((table, Change::Insert(row)));
    }

    fn update(&mut self, table: usize, which: impl Fn(&Row) -> bool, change: impl Fn(&mut Row)) {
        let State { rows, changes } = &mut self.now;
        for row in rows[table].iter_mut().filter(|row| which(row)) {
            let before = row.clone();
            change(row);
            changes.push((table, Change::Update(before, row.clone())));
        }
    }

    fn end(&mut self, commit: bool) -> Option<Vec<(usize, Change)>> {
        self.savepoint = None;
        let changes = std::mem::take(&mut self.now.changes);
        if commit {
            self.committed = self.now.clone();
        } else {
            self.now = self.committed.clone();
        }
        Some(changes).filter(|c| commit && !c.is_empty())
    }
}

fn value(image: &ColumnImage) -> Option<Value> {
    match image {
        ColumnImage::Value(value) => Some(value.clone()),
        ColumnImage::NotLogged => None,
        other => panic!("{other:?}"),
    }
}

fn integer(value: &Value) -> i64 {
    match value {
        Value::Number(n) => n.to_i64().unwrap(),
        other => panic!("{other:?}"),
    }
}

/// The row that images make, with `old` where they say nothing.
fn row(images: &[ColumnImage], old: Option<&Row>) -> Row {
    let text = |value: Value| match value {
        Value::Null => None,
        Value::Text(text) => Some(text),
        other => panic!("{other:?}"),
    };
    let day = |value: Value| match value {
        Value::Null => None,
        Value::DateTime(d) => {
            let midnight = DateTime { year: 2024, month: 2, day: d.day, hour: 0, minute: 0, second: 0, nanosecond: 0 };
            assert_eq!(d, midnight);
            Some(d.day)
        }
        other => panic!("{other:?}"),
    };
    let known = "the row as it was is logged whole";
    Row {
        id: value(&images[0]).map_or_else(|| old.expect(known).id, |v| integer(&v)),
        grp: value(&images[1]).map_or_else(|| old.expect(known).grp, |v| integer(&v)),
        text: value(&images[2]).map_or_else(|| old.expect(known).text.clone(), text),
        day: value(&images[3]).map_or_else(|| old.expect(known).day, day),
    }
}

fn seen(transaction: &Transaction) -> Vec<(usize, Change)> {
    let told = transaction.changes.iter().map(|change| {
        let change = change.unwrap();
        let table = TABLES.iter().position(|t| *t == change.table.name.as_str()).unwrap();
        assert_eq!(change.row_id.is_some(), table == 0, "rows of an index-organised table have no ROWID");
        let change = match &change.operation {
            Operation::Insert { after } => Change::Insert(row(after, None)),
            Operation::Delete { before } => Change::Delete(row(before, None)),
            Operation::Update { before, after } => {
                let before = row(before, None);
                Change::Update(before.clone(), row(after, Some(&before)))
            }
            other => panic!("{other:?}"),
        };
        (table, change)
    });
    told.collect()
}

/// Follows in windows of so many SCNs, beginning anew from the position reached after every `each` transactions.
fn follow_in_parts(
    fixture: &Fixture,
    tables: &TableSet,
    begin: Position,
    span: u64,
    each: usize,
    goal: Scn,
) -> Vec<Transaction> {
    let paths: Vec<_> = TABLES.map(hr).into();
    let (mut position, mut transactions) = (begin, Vec::new());
    let deadline = Instant::now() + Duration::from_secs(60);
    'restart: loop {
        let source = source(fixture, &paths, span, 7);
        let mut stream = RedoStream::new(source, tables.clone(), position.clone()).unwrap();
        let mut delivered = 0;
        loop {
            match stream.next_transaction().unwrap() {
                Next::Transaction(transaction, reached) => {
                    transactions.push(*transaction);
                    position = reached;
                    delivered += 1;
                    if delivered == each {
                        continue 'restart;
                    }
                }
                Next::Progress(reached) | Next::Idle(reached) if reached.commit_scn >= goal => return transactions,
                _ => assert!(Instant::now() < deadline, "the redo does not come to SCN {goal}"),
            }
        }
    }
}

/// How many transactions it made.
fn play(seed: u64, steps: usize) -> usize {
    let fixture = Fixture::new(SCRIPT);
    fixture.log_everything();
    let system = fixture.system();
    let begin = current_scn(&system).unwrap();
    let mut players: Vec<Player> = (0..3u32)
        .map(|n| Player {
            session: fixture.session(),
            base: i64::from(n) * 100_000,
            now: State::default(),
            committed: State::default(),
            savepoint: None,
            random: seed.wrapping_mul(1_000_003) ^ u64::from(n),
        })
        .collect();
    let mut expected = Vec::new();
    let mut turn = seed;
    for n in 0..steps {
        turn = turn.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let player = usize::try_from((turn >> 33) % 3).unwrap();
        expected.extend(players[player].step());
        if n % 37 == 36 {
            system.execute("ALTER SYSTEM SWITCH LOGFILE").unwrap();
        }
    }
    // Sessions that end without a word are rolled back.
    drop(players);
    let paths = TABLES.map(hr);
    let incarnation = source(&fixture, &paths, 10, 10).incarnation();
    let position = Position::after_load(incarnation, begin, None);
    let tables = table_set(&system, &paths);
    let (whole, _) = follow(&fixture, tables.clone(), position.clone(), begin);
    let told: Vec<_> = whole.iter().map(seen).collect();
    for (n, (told, expected)) in told.iter().zip(&expected).enumerate() {
        assert_eq!(told, expected, "transaction {n} of seed {seed}");
    }
    assert_eq!(told.len(), expected.len(), "seed {seed}");
    let goal = current_scn(&system).unwrap();
    for (span, each) in [(3, 2), (40, 5)] {
        let parts = follow_in_parts(&fixture, &tables, position.clone(), span, each, goal);
        assert_eq!(parts, whole, "windows of {span} SCNs, begun anew after {each} transactions, seed {seed}");
    }
    expected.len()
}

#[test]
fn what_is_followed_is_what_was_done() {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|c| c.parse().ok()).unwrap_or(3);
    let transactions: usize = (1..=cases).map(|seed| play(seed, 160)).sum();
    assert!(transactions > 5 * usize::try_from(cases).unwrap(), "{transactions} transactions");
}
