//! Random transaction programs against a model: savepoints, rollbacks, failed statements, interleaving, parallel DML, LOBs, DDL,
//! two redo threads, several commits at one SCN, statements in pieces, windows cut anywhere, changes on disk, a crash after any
//! delivery, a load at any SCN.

use crate::source::*;
use cdc_logminer::{
    ChangeStream, ColumnImage, LobData, Next, Operation, OperationCode, Position, RedoRow, RedoStream, StreamOptions,
    Transaction, Xid,
};
use proptest::prelude::*;
use std::collections::{BTreeMap, VecDeque};
use type_convert::{Scn, Value};

#[derive(Debug, Clone)]
enum Step {
    Insert,
    Update,
    Delete,
    /// A row with a LOB that its own statements write: how much, in how many pieces, and how many other rows come between.
    InsertLob(u8, u8, u8),
    /// A row with a LOB that an UPDATE completes.
    InsertSmallLob,
    /// Operations on a LOB of which nothing is known.
    ChangeLob(Vec<LobStep>),
    Savepoint,
    RollbackToSavepoint,
    /// A statement of several rows that fails: its rows are undone at once.
    FailedStatement(u8),
    Truncate,
    /// Servers, and rows of each.
    Parallel(u8, u8),
    Commit,
    Rollback,
}

#[derive(Debug, Clone)]
enum LobStep {
    Write(u8, u8),
    Trim(u8),
    Erase(u8, u8),
}

type Program = Vec<(u8, Step, u8)>;

fn steps() -> impl Strategy<Value = Program> {
    let lob = prop_oneof![
        3 => (0u8..30, 1u8..9).prop_map(|(at, length)| LobStep::Write(at, length)),
        1 => (0u8..20).prop_map(LobStep::Trim),
        1 => (1u8..9, 0u8..19).prop_map(|(amount, at)| LobStep::Erase(amount, at)),
    ];
    let step = prop_oneof![
        4 => Just(Step::Insert),
        3 => Just(Step::Update),
        2 => Just(Step::Delete),
        2 => (0u8..40, 1u8..4, 0u8..3).prop_map(|(length, pieces, between)| Step::InsertLob(length, pieces, between)),
        1 => Just(Step::InsertSmallLob),
        1 => prop::collection::vec(lob, 1..4).prop_map(Step::ChangeLob),
        1 => Just(Step::Savepoint),
        1 => Just(Step::RollbackToSavepoint),
        1 => (1u8..4).prop_map(Step::FailedStatement),
        1 => Just(Step::Truncate),
        1 => (1u8..4, 0u8..4).prop_map(|(servers, rows)| Step::Parallel(servers, rows)),
        3 => Just(Step::Commit),
        1 => Just(Step::Rollback),
    ];
    // Session, step, and by how much the SCN grows before it.
    prop::collection::vec((0u8..4, step, 0u8..3), 0..100)
}

/// A change that stands, and what undoes it.
#[derive(Debug, Clone)]
struct Live {
    change: String,
    undo: Vec<RedoRow>,
}

/// One transaction as the model has it.
#[derive(Debug, Default)]
struct Open {
    xid: Xid,
    start: u64,
    live: Vec<Live>,
    savepoint: Option<usize>,
}

/// A committed transaction: id, start, commit, the changes that stand.
#[derive(Debug, Clone, PartialEq)]
struct Committed {
    xid: Xid,
    start: u64,
    commit: u64,
    changes: Vec<String>,
}

/// What is written to in a LOB of which nothing is known.
const BASE: &str = "0123456789abcdefghijABCDEFGHIJ";

#[derive(Default)]
struct Source {
    rows: Vec<RedoRow>,
    committed: Vec<Committed>,
    open: BTreeMap<u8, Open>,
    scn: u64,
    transactions: u32,
    values: u32,
}

impl Source {
    fn run(program: &Program) -> (Vec<RedoRow>, Vec<Committed>) {
        let mut source = Source { scn: 10, ..Source::default() };
        for (session, step, growth) in program {
            source.scn += u64::from(*growth);
            source.step(*session, step);
        }
        (source.rows, source.committed)
    }

    /// A row of a session, whose instance writes the redo thread of its parity.
    fn push(&mut self, session: u8, row: RedoRow) {
        self.rows.push(RedoRow { thread: u16::from(session % 2) + 1, ..row });
    }

    fn begin(&mut self, session: u8) -> Xid {
        if let Some(open) = self.open.get(&session) {
            return open.xid;
        }
        self.transactions += 1;
        let (xid, scn) = (xid(self.transactions), self.scn);
        self.push(session, start(scn, xid));
        self.open.insert(session, Open { xid, start: scn, ..Open::default() });
        xid
    }

    fn end(&mut self, session: u8) {
        let Some(done) = self.open.remove(&session) else { return };
        self.push(session, commit(self.scn, done.xid));
        let changes = done.live.into_iter().map(|live| live.change).collect();
        self.committed.push(Committed { xid: done.xid, start: done.start, commit: self.scn, changes });
    }

    fn live(&mut self, session: u8) -> &mut Vec<Live> {
        &mut self.open.get_mut(&session).expect("it has begun").live
    }

    /// A row of table T.
    fn change(&mut self, xid: Xid, operation: OperationCode) -> (RedoRow, String) {
        self.values += 1;
        let n = self.values;
        // Few ROWIDs, so that one row is changed several times.
        let row_id = format!("AAAWsGAAHAAAAFmAA{}", char::from(b'A' + (n % 5) as u8));
        let (sql, change) = match operation {
            OperationCode::INSERT => (
                format!(r#"insert into "APP"."T"("ID","V") values ('{n}','it''s {n}');"#),
                format!("insert T {n}, it's {n}"),
            ),
            OperationCode::DELETE => {
                (format!(r#"delete from "APP"."T" where "ID" = '{n}' and "V" IS NULL;"#), format!("delete T {n}, NULL"))
            }
            _ => (
                format!(r#"update "APP"."T" set "V" = 'new {n}' where "ID" = '{n}';"#),
                format!("update T {n}, - to -, new {n}"),
            ),
        };
        let change = format!("{change} at {} of {row_id}", self.scn);
        (data(self.scn, xid, operation, &row_id, sql), change)
    }

    fn simple(&mut self, session: u8, operation: OperationCode) {
        let xid = self.begin(session);
        let (row, change) = self.change(xid, operation);
        self.push(session, row.clone());
        let undo = vec![undo(self.scn, &row)];
        self.live(session).push(Live { change, undo });
    }

    fn lob_row(&self, xid: Xid, operation: OperationCode, sql: String) -> RedoRow {
        RedoRow {
            table_name: Some("L".to_owned()),
            row_id: Some("A".repeat(18)),
            data_obj: 100,
            ..data(self.scn, xid, operation, "", sql)
        }
    }

    /// A row of table L with an empty LOB, which is written to then.
    fn insert_lob(&mut self, session: u8, length: u8, pieces: u8, between: u8) {
        let xid = self.begin(session);
        self.values += 1;
        let (n, scn) = (self.values, self.scn);
        let row_id = format!("AAAWsGAAHAAAAFmB{:02}", n % 100);
        let sql = format!(r#"insert into "APP"."L"("ID","C") values ('{n}',EMPTY_CLOB());"#);
        let insert = RedoRow { row_id: Some(row_id.clone()), ..self.lob_row(xid, OperationCode::INSERT, sql) };
        self.push(session, insert.clone());
        let at = self.live(session).len();
        for _ in 0..between {
            self.simple(session, OperationCode::INSERT);
        }
        let text: String = (0..length).map(|i| char::from(b'a' + i % 26)).chain("it's €".chars()).collect();
        let characters: Vec<char> = text.chars().collect();
        let locator = format!(
            "DECLARE \n loc_c CLOB; \n buf_c VARCHAR2(6162); \nBEGIN\n select \"C\" into loc_c from \"APP\".\"L\" \
             where \"ID\" = '{n}' for update;\n"
        );
        self.push(session, self.lob_row(xid, OperationCode::SELECT_LOB_LOCATOR, locator));
        let mut offset = 1;
        for piece in characters.chunks(characters.len().div_ceil(pieces.into())) {
            let written: String = piece.iter().collect();
            let sql = format!(
                " buf_c := '{}'; \n  dbms_lob.write(loc_c, {}, {offset}, buf_c);\n",
                written.replace('\'', "''"),
                piece.len()
            );
            self.push(session, self.lob_row(xid, OperationCode::LOB_WRITE, sql));
            offset += piece.len();
        }
        let undo = vec![RedoRow {
            rollback: true,
            row_id: Some(row_id.clone()),
            ..self.lob_row(xid, OperationCode::DELETE, format!(r#"delete from "APP"."L" where ROWID = '{row_id}';"#))
        }];
        let change = format!("insert L {n}, {text} at {scn} of {row_id}");
        self.live(session).insert(at, Live { change, undo });
    }

    fn insert_small_lob(&mut self, session: u8) {
        let xid = self.begin(session);
        self.values += 1;
        let (n, scn) = (self.values, self.scn);
        let row_id = format!("AAAWsGAAHAAAAFmC{:02}", n % 100);
        let with_row_id = |row: RedoRow| RedoRow { row_id: Some(row_id.clone()), ..row };
        let sql = format!(r#"insert into "APP"."L"("ID","C") values ('{n}',EMPTY_CLOB());"#);
        self.push(session, with_row_id(self.lob_row(xid, OperationCode::INSERT, sql)));
        let sql = format!(r#"update "APP"."L" set "C" = 'small {n}' where "ID" = '{n}';"#);
        self.push(session, with_row_id(self.lob_row(xid, OperationCode::UPDATE, sql)));
        let undone = |row: RedoRow| RedoRow { rollback: true, ..with_row_id(row) };
        let row_id_condition = format!("where ROWID = '{row_id}';");
        let undo = vec![
            undone(self.lob_row(
                xid,
                OperationCode::UPDATE,
                format!(r#"update "APP"."L" set "C" = NULL {row_id_condition}"#),
            )),
            undone(self.lob_row(xid, OperationCode::DELETE, format!(r#"delete from "APP"."L" {row_id_condition}"#))),
        ];
        let change = format!("insert L {n}, small {n} at {scn} of {row_id}");
        self.live(session).push(Live { change, undo });
    }

    fn change_lob(&mut self, session: u8, steps: &[LobStep]) {
        let xid = self.begin(session);
        self.values += 1;
        let (n, scn) = (self.values, self.scn);
        let mut content: Vec<char> = BASE.chars().collect();
        let locator = format!(
            "DECLARE \n loc_c CLOB; \nBEGIN\n select \"C\" into loc_c from \"APP\".\"L\" where \"ID\" = '{n}' for update;\n"
        );
        self.push(session, self.lob_row(xid, OperationCode::SELECT_LOB_LOCATOR, locator));
        let mut undo = Vec::new();
        for step in steps {
            let (operation, sql) = match *step {
                LobStep::Write(at, length) => {
                    let (at, end) = (usize::from(at), usize::from(at) + usize::from(length));
                    content.resize(content.len().max(end), ' ');
                    content[at..end].fill('\'');
                    let text = "''".repeat(length.into());
                    let sql = format!(" buf_c := '{text}'; \n  dbms_lob.write(loc_c, {length}, {}, buf_c);\n", at + 1);
                    (OperationCode::LOB_WRITE, sql)
                }
                LobStep::Trim(length) => {
                    let length = content.len().min(length.into());
                    content.truncate(length);
                    (OperationCode::LOB_TRIM, format!(" dbms_lob.trim(loc_c, {length});\n"))
                }
                LobStep::Erase(amount, at) => {
                    let at = usize::from(at);
                    if at >= content.len() {
                        continue;
                    }
                    let end = content.len().min(at + usize::from(amount));
                    content[at..end].fill(' ');
                    (OperationCode::LOB_ERASE, format!(" dbms_lob.erase(loc_c, {amount}, {});\n", at + 1))
                }
            };
            let row = self.lob_row(xid, operation, sql);
            self.push(session, row.clone());
            undo.insert(0, RedoRow { rollback: true, ..row });
        }
        if undo.is_empty() {
            self.push(session, self.lob_row(xid, OperationCode::LOB_TRIM, " dbms_lob.trim(loc_c, 30);\n".to_owned()));
        }
        let content: String = content.into_iter().collect();
        let change = format!("update L {n}, - to -, {content} at {scn}");
        // What undoes LOB operations alone is not known well enough: these stand.
        let _ = undo;
        self.live(session).push(Live { change, undo: Vec::new() });
    }

    /// A statement that servers of parallel DML work on, and its commit.
    fn parallel(&mut self, session: u8, servers: u8, rows: u8) {
        if self.open.contains_key(&session) {
            return;
        }
        let coordinator = self.begin(session);
        let first = self.scn;
        let mut changes = Vec::new();
        let ids: Vec<Xid> = (0..servers)
            .map(|_| {
                self.transactions += 1;
                xid(self.transactions)
            })
            .collect();
        for id in &ids {
            self.push(session, start(self.scn, *id));
        }
        let mut parts: Vec<Vec<String>> = vec![Vec::new(); ids.len()];
        for _ in 0..rows {
            for (id, part) in ids.iter().zip(&mut parts) {
                let (row, change) = self.change(*id, OperationCode::INSERT);
                self.push(session, RedoRow { pxid: Some(coordinator), ..row });
                part.push(change);
                self.scn += 1;
            }
        }
        self.open.remove(&session);
        // Whoever ends first.
        let coordinator_first = rows.is_multiple_of(2);
        if coordinator_first {
            self.push(session, commit(self.scn, coordinator));
        }
        for (id, part) in ids.iter().zip(parts) {
            let row = commit(self.scn, *id);
            self.push(session, RedoRow { pxid: Some(coordinator), ..row });
            changes.extend(part);
        }
        if !coordinator_first {
            self.push(session, commit(self.scn, coordinator));
        }
        self.committed.push(Committed { xid: coordinator, start: first, commit: self.scn, changes });
    }

    fn step(&mut self, session: u8, step: &Step) {
        match step {
            Step::Commit => self.end(session),
            Step::Rollback => {
                if let Some(done) = self.open.remove(&session) {
                    for undo in done.live.iter().rev().flat_map(|live| &live.undo) {
                        self.push(session, RedoRow { scn: Scn(self.scn), ..undo.clone() });
                    }
                    self.push(session, rollback(self.scn, done.xid));
                }
            }
            Step::Insert => self.simple(session, OperationCode::INSERT),
            Step::Update => self.simple(session, OperationCode::UPDATE),
            Step::Delete => self.simple(session, OperationCode::DELETE),
            Step::InsertLob(length, pieces, between) => self.insert_lob(session, *length, *pieces, *between),
            Step::InsertSmallLob => self.insert_small_lob(session),
            Step::ChangeLob(steps) => self.change_lob(session, steps),
            Step::Savepoint => {
                self.begin(session);
                let open = self.open.get_mut(&session).expect("it has begun");
                open.savepoint = Some(open.live.len());
            }
            Step::RollbackToSavepoint => {
                let Some(open) = self.open.get_mut(&session) else { return };
                let Some(kept) = open.savepoint.filter(|kept| open.live[*kept..].iter().all(|l| !l.undo.is_empty()))
                else {
                    return;
                };
                let undone = open.live.split_off(kept);
                for undo in undone.iter().rev().flat_map(|live| &live.undo) {
                    self.push(session, RedoRow { scn: Scn(self.scn), ..undo.clone() });
                }
            }
            Step::FailedStatement(n) => {
                let xid = self.begin(session);
                let failed: Vec<RedoRow> = (0..*n).map(|_| self.change(xid, OperationCode::INSERT).0).collect();
                for row in &failed {
                    self.push(session, row.clone());
                }
                for row in failed.iter().rev() {
                    self.push(session, undo(self.scn, row));
                }
            }
            Step::Truncate => {
                // DDL commits what is open, and is a transaction of its own.
                self.end(session);
                let xid = self.begin(session);
                let ddl = data(self.scn, xid, OperationCode::DDL, "", "truncate table app.t".to_owned());
                self.push(session, RedoRow { row_id: None, ..ddl });
                let change = format!("truncate T at {}", self.scn);
                self.live(session).push(Live { change, undo: Vec::new() });
                self.end(session);
            }
            Step::Parallel(servers, rows) => self.parallel(session, *servers, *rows),
        }
    }
}

/// A delivered transaction as the model writes it.
fn told(transaction: &Transaction) -> Committed {
    let shown = |images: &[ColumnImage]| {
        let image = |image: &ColumnImage| match image {
            ColumnImage::Value(Value::Null) => "NULL".to_owned(),
            ColumnImage::Value(Value::Number(n)) => n.to_string(),
            ColumnImage::Value(Value::Text(text)) => text.clone(),
            ColumnImage::NotLogged | ColumnImage::LobNotLogged => "-".to_owned(),
            ColumnImage::LobPatch(patch) => match patch.apply(BASE.into()).unwrap() {
                LobData::Text(text) => text,
                LobData::Bytes(bytes) => panic!("{bytes:?}"),
            },
            other => panic!("{other:?}"),
        };
        images.iter().map(image).collect::<Vec<_>>().join(", ")
    };
    let changes = transaction.changes.iter().map(|change| {
        let change = change.unwrap();
        let table = change.table.name.as_str();
        let what = match &change.operation {
            Operation::Insert { after } => format!("insert {table} {}", shown(after)),
            Operation::Delete { before } => format!("delete {table} {}", shown(before)),
            Operation::Update { before, after } => format!("update {table} {} to {}", shown(before), shown(after)),
            Operation::Truncate => format!("truncate {table}"),
            other => panic!("{other:?}"),
        };
        let place = change.row_id.map_or_else(String::new, |row_id| format!(" of {row_id}"));
        format!("{what} at {}{place}", change.scn)
    });
    Committed {
        xid: transaction.xid,
        start: transaction.start_scn.0,
        commit: transaction.commit_scn.0,
        changes: changes.collect(),
    }
}

fn model(committed: &[Committed], after: u64) -> Vec<Committed> {
    let mut transactions: Vec<Committed> =
        committed.iter().filter(|t| t.commit > after && !t.changes.is_empty()).cloned().collect();
    transactions.sort_by_key(|t| t.commit);
    transactions
}

/// Everything that the stream delivers from `position` on, each with the position after it.
fn deliver(source: Rows, position: Position, memory_limit: usize) -> Vec<(Committed, Position)> {
    let end = source.rows.iter().map(|r| r.scn.0).max().unwrap_or(0);
    let options = StreamOptions { memory_limit, ..StreamOptions::default() };
    let mut stream = RedoStream::with_options(source, tables(), position, options).unwrap();
    let mut delivered = Vec::new();
    loop {
        match stream.next_transaction().unwrap() {
            Next::Transaction(transaction, position) => delivered.push((told(&transaction), position)),
            // A window may be empty although later ones are not.
            Next::Progress(position) | Next::Idle(position) if position.commit_scn.0 > end => break,
            Next::Progress(_) | Next::Idle(_) => {}
        }
    }
    assert_eq!(stream.status().undone_out_of_order, 0);
    delivered
}

/// Cuts statements into pieces, and gives the redo of the second thread late, as far as its rows have the same SCN or one that is a
/// little larger.
fn as_logminer_gives_it(rows: Vec<RedoRow>, piece: usize) -> Vec<RedoRow> {
    let mut given = Vec::new();
    let mut late: VecDeque<RedoRow> = VecDeque::new();
    for row in rows {
        while late.front().is_some_and(|next| next.scn.0 + 2 < row.scn.0) {
            given.extend(late.pop_front());
        }
        if row.thread == 2 { late.push_back(row) } else { given.push(row) }
    }
    given.extend(late);
    let pieces = |row: RedoRow| -> Vec<RedoRow> {
        let Some(sql) = row.sql_redo.clone().filter(|_| row.ssn == 0) else { return vec![row] };
        let characters: Vec<char> = sql.chars().collect();
        let chunks: Vec<String> = characters.chunks(piece).map(|chunk| chunk.iter().collect()).collect();
        let last = chunks.len() - 1;
        let piece = |(n, sql)| RedoRow { sql_redo: Some(sql), csf: n < last, ..row.clone() };
        chunks.into_iter().enumerate().map(piece).collect()
    };
    given.into_iter().flat_map(pieces).collect()
}

proptest! {
    #[test]
    fn delivered_is_what_was_committed(
        program in steps(),
        window in prop_oneof![Just(1u64), 1u64..40],
        piece in 7usize..200,
        memory_limit in prop_oneof![Just(0usize), Just(2000), Just(1 << 20)],
    ) {
        let (rows, committed) = Source::run(&program);
        let rows = as_logminer_gives_it(rows, piece);
        let begin = Position::after_load(INCARNATION, Scn(9), None);
        let all = deliver(Rows { rows: rows.clone(), window }, begin, memory_limit);
        let transactions: Vec<_> = all.iter().map(|(t, _)| t.clone()).collect();
        prop_assert_eq!(by_id(&transactions), by_id(&model(&committed, 9)));
        prop_assert!(transactions.is_sorted_by_key(|t| t.commit));
        // A crash after any delivery: what follows is exactly the rest.
        for (n, (_, position)) in all.iter().enumerate() {
            let saved = serde_json::to_string(position).unwrap();
            let source = Rows { rows: rows.clone(), window: window + 1 };
            let rest = deliver(source, serde_json::from_str(&saved).unwrap(), 1 << 20);
            let rest: Vec<_> = rest.into_iter().map(|(t, _)| t).collect();
            prop_assert_eq!(by_id(&rest), by_id(&transactions[n + 1..]));
        }
    }

    #[test]
    fn a_load_at_any_scn_hands_over_without_gap_or_overlap(program in steps(), load in 10u64..130, window in 1u64..40) {
        let (rows, committed) = Source::run(&program);
        // Open at the load's SCN: begun by then, and not ended by then.
        let ended = |xid: Xid| {
            rows.iter().any(|r| {
                r.xid == xid && r.scn.0 <= load && matches!(r.operation, OperationCode::COMMIT | OperationCode::ROLLBACK)
            })
        };
        let oldest = rows
            .iter()
            .filter(|r| r.operation == OperationCode::START && r.scn.0 <= load && !ended(r.xid))
            .map(|r| r.scn)
            .min();
        let position = Position::after_load(INCARNATION, Scn(load), oldest);
        let delivered = deliver(Rows { rows: rows.clone(), window }, position, 1 << 20);
        let delivered: Vec<_> = delivered.into_iter().map(|(t, _)| t).collect();
        prop_assert_eq!(by_id(&delivered), by_id(&model(&committed, load)));
    }
}

/// Transactions of one SCN come in the order of their threads' redo, which says nothing: none of them saw another.
fn by_id(transactions: &[Committed]) -> Vec<Committed> {
    let mut sorted = transactions.to_vec();
    sorted.sort_by_key(|t| (t.commit, t.xid));
    sorted
}
