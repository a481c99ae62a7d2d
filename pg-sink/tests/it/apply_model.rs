//! Random programs of changes, applied in random batches and every way there is: the target must be what the model is.

use crate::apply::{applier_with, change, n, position, t, transaction, v};
use crate::database::{Database, text};
use crate::source::{column, create_table, number_type, plan, varchar2};
use cdc_logminer::{Change, ChangeSink, ColumnImage, LobData, LobKind, LobPatch, Operation};
use pg_sink::{ApplyOptions, BatchLimits, Control, TransactionBatch};
use schema_map::TablePlan;
use std::collections::BTreeMap;
use std::fmt::Write;
use type_convert::{OracleType, PgType, Value};

use ColumnImage::NotLogged;

/// Numbers that look random and are the same for the same seed.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 20) % end
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    fn of<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[usize::try_from(self.below(list.len() as u64)).unwrap()]
    }
}

/// `items (id, name unique, amount, body)`.
#[derive(Clone, PartialEq)]
struct Item {
    name: Option<String>,
    amount: Option<i64>,
    body: String,
    /// What its ROWID is made of: it stays.
    row: usize,
}

fn items() -> TablePlan {
    let columns = vec![
        column("id", number_type(9, 0), PgType::Int4),
        column("name", varchar2(20), PgType::Varchar { length: Some(20) }),
        column("amount", OracleType::Number { precision: None, scale: None }, PgType::Numeric { digits: None }),
        column("body", OracleType::Clob, PgType::Text),
    ];
    plan("items", columns, &[0])
}

/// `pairs (code, nr, note)`: a key of two columns.
fn pairs() -> TablePlan {
    let columns = vec![
        column("code", varchar2(5), PgType::Bpchar { length: 5 }),
        column("nr", OracleType::Number { precision: None, scale: None }, PgType::Numeric { digits: None }),
        column("note", varchar2(20), PgType::Text),
    ];
    plan("pairs", columns, &[0, 1])
}

/// `lines (a, b)`: no key, and equal rows.
fn lines() -> TablePlan {
    let columns = vec![
        column("a", number_type(9, 0), PgType::Int4),
        column("b", varchar2(20), PgType::Varchar { length: Some(20) }),
    ];
    plan("lines", columns, &[])
}

#[derive(Default)]
struct Model {
    items: BTreeMap<i64, Item>,
    pairs: BTreeMap<(String, i64), Option<String>>,
    lines: Vec<(i64, Option<String>)>,
    next: i64,
    rows: usize,
    /// Inserts, updates and deletes of each table.
    counts: [[u64; 3]; 3],
}

fn text_or_null(text: &Option<String>) -> ColumnImage {
    text.as_deref().map_or(v(Value::Null), t)
}

fn number_or_null(number: Option<i64>) -> ColumnImage {
    number.map_or(v(Value::Null), n)
}

struct Program {
    random: Random,
    model: Model,
    plans: [TablePlan; 3],
}

impl Program {
    fn item_image(id: i64, item: &Item) -> Vec<ColumnImage> {
        vec![n(id), text_or_null(&item.name), number_or_null(item.amount), t(&item.body)]
    }

    fn only_id(id: i64) -> Vec<ColumnImage> {
        vec![n(id), NotLogged, NotLogged, NotLogged]
    }

    fn item_update(&mut self, id: i64, after: Vec<ColumnImage>) -> Change {
        self.model.counts[0][1] += 1;
        let row = self.model.items[&id].row;
        change(&self.plans[0], row, Operation::Update { before: Self::only_id(id), after })
    }

    fn new_name(&mut self) -> Option<String> {
        self.model.next += 1;
        (!self.random.one_in(6)).then(|| format!("name {}", self.model.next))
    }

    fn some_item(&mut self) -> Option<i64> {
        let ids: Vec<i64> = self.model.items.keys().copied().collect();
        (!ids.is_empty()).then(|| *self.random.of(&ids))
    }

    fn insert_item(&mut self, id: i64, out: &mut Vec<Change>) {
        let amount = (!self.random.one_in(4)).then(|| i64::try_from(self.random.below(1000)).unwrap());
        self.model.rows += 1;
        let (name, row) = (self.new_name(), self.model.rows);
        let body = "ä😀b".repeat(usize::try_from(self.random.below(4)).unwrap());
        let item = Item { name, amount, body, row };
        let after = Self::item_image(id, &item);
        out.push(change(&self.plans[0], 0, Operation::Insert { after }));
        self.model.counts[0][0] += 1;
        self.model.items.insert(id, item);
    }

    fn change_items(&mut self, out: &mut Vec<Change>) {
        let what = self.random.below(20);
        let Some(id) = self.some_item().filter(|_| what >= 6) else {
            // An id that was there before now and then.
            let id = i64::try_from(self.random.below(60)).unwrap();
            if !self.model.items.contains_key(&id) {
                self.insert_item(id, out);
            }
            return;
        };
        let item = self.model.items[&id].clone();
        match what {
            6..=9 => {
                let amount = Some(i64::try_from(self.random.below(1000)).unwrap());
                self.model.items.insert(id, Item { amount, ..item.clone() });
                // Some programs set the key to what it is, and some all columns.
                let key = if self.random.one_in(3) { n(id) } else { NotLogged };
                let name = if self.random.one_in(3) { text_or_null(&item.name) } else { NotLogged };
                let mut update = self.item_update(id, vec![key, name.clone(), number_or_null(amount), NotLogged]);
                if let Operation::Update { before, .. } = &mut update.operation {
                    before[1] = name;
                }
                out.push(update);
            }
            10..=11 => {
                let name = self.new_name();
                let update = self.item_update(id, vec![NotLogged, text_or_null(&name), NotLogged, NotLogged]);
                self.model.items.insert(id, Item { name, ..item });
                out.push(update);
            }
            12 => {
                // A unique name goes from row to row within one statement.
                let Some(other) = self.some_item().filter(|other| *other != id) else { return };
                let (mine, theirs) = (item.name.clone(), self.model.items[&other].name.clone());
                for (id, name) in [(id, &theirs), (other, &mine)] {
                    let update = self.item_update(id, vec![NotLogged, text_or_null(name), NotLogged, NotLogged]);
                    out.push(update);
                    self.model.items.get_mut(&id).unwrap().name.clone_from(name);
                }
            }
            13 => {
                let new = self.model.items.keys().max().unwrap() + 100;
                let update = self.item_update(id, vec![n(new), NotLogged, NotLogged, NotLogged]);
                out.push(update);
                self.model.items.remove(&id);
                self.model.items.insert(new, item);
            }
            14 if self.random.one_in(3) => {
                // UPDATE items SET id = id + 1.
                let old = self.model.items.clone();
                for &id in old.keys() {
                    let update = self.item_update(id, vec![n(id + 1), NotLogged, NotLogged, NotLogged]);
                    out.push(update);
                }
                self.model.items = old.into_iter().map(|(id, item)| (id + 1, item)).collect();
            }
            14..=16 => {
                let mut patch = LobPatch::new(LobKind::Clob);
                patch.set_unit(cdc_logminer::CharacterUnit::CodePoint).unwrap();
                let length = item.body.chars().count() as u64;
                let piece = format!("<{}😀>", self.random.below(100));
                let size = piece.chars().count() as u64;
                patch.write(1 + self.random.below(length + 2), size, LobData::Text(piece)).unwrap();
                let LobData::Text(body) = patch.apply(LobData::Text(item.body.clone())).unwrap() else {
                    unreachable!()
                };
                let update = self.item_update(id, vec![NotLogged, NotLogged, NotLogged, ColumnImage::LobPatch(patch)]);
                self.model.items.insert(id, Item { body, ..item });
                out.push(update);
            }
            _ => {
                self.model.items.remove(&id);
                self.model.counts[0][2] += 1;
                out.push(change(&self.plans[0], 0, Operation::Delete { before: Self::only_id(id) }));
                if self.random.one_in(3) {
                    self.insert_item(id, out);
                }
            }
        }
    }

    fn change_pairs(&mut self, out: &mut Vec<Change>) {
        let code = ["a", "b", "cc"][usize::try_from(self.random.below(3)).unwrap()].to_owned();
        let key = (code, i64::try_from(self.random.below(5)).unwrap() - 2);
        let note = (!self.random.one_in(5)).then(|| format!("note {}", self.random.below(100)));
        let image = |note| vec![t(&key.0), n(key.1), note];
        let (nth, operation) = match (self.model.pairs.contains_key(&key), self.random.below(3)) {
            (false, _) => (0, Operation::Insert { after: image(text_or_null(&note)) }),
            (true, 0) => (2, Operation::Delete { before: image(NotLogged) }),
            (true, _) => {
                let after = vec![NotLogged, NotLogged, text_or_null(&note)];
                (1, Operation::Update { before: image(NotLogged), after })
            }
        };
        self.model.counts[1][nth] += 1;
        out.push(change(&self.plans[1], 0, operation));
        match nth {
            2 => drop(self.model.pairs.remove(&key)),
            _ => drop(self.model.pairs.insert(key, note)),
        }
    }

    fn change_lines(&mut self, out: &mut Vec<Change>) {
        let image = |(a, b): &(i64, Option<String>)| vec![n(*a), text_or_null(b)];
        let count = self.model.lines.len() as u64;
        let what = self.random.below(10);
        if what == 9 && self.random.one_in(3) {
            self.model.counts[2][2] += count;
            self.model.lines.clear();
            out.push(change(&self.plans[2], 0, Operation::Truncate));
        } else if count == 0 || what < 5 {
            let line = (i64::try_from(self.random.below(3)).unwrap(), self.random.one_in(2).then(|| "x".to_owned()));
            out.push(change(&self.plans[2], 0, Operation::Insert { after: image(&line) }));
            self.model.counts[2][0] += 1;
            self.model.lines.push(line);
        } else {
            let nth = usize::try_from(self.random.below(count)).unwrap();
            let before = image(&self.model.lines[nth]);
            if what < 7 {
                self.model.lines.swap_remove(nth);
                self.model.counts[2][2] += 1;
                out.push(change(&self.plans[2], 0, Operation::Delete { before }));
            } else {
                let a = i64::try_from(self.random.below(3)).unwrap();
                self.model.lines[nth].0 = a;
                self.model.counts[2][1] += 1;
                out.push(change(&self.plans[2], 0, Operation::Update { before, after: vec![n(a), NotLogged] }));
            }
        }
    }

    fn transaction(&mut self) -> Vec<Change> {
        let mut changes = Vec::new();
        for _ in 0..=self.random.below(8) {
            match self.random.below(5) {
                0..=2 => self.change_items(&mut changes),
                3 => self.change_pairs(&mut changes),
                _ => self.change_lines(&mut changes),
            }
        }
        changes
    }
}

impl Model {
    fn shown(&self) -> String {
        let or_null = |text: &Option<String>| text.clone().unwrap_or_else(|| "NULL".to_owned());
        let mut shown = String::new();
        for (id, item) in &self.items {
            let amount = item.amount.map_or("NULL".to_owned(), |a| a.to_string());
            writeln!(shown, "{id}|{}|{amount}|{}", or_null(&item.name), item.body).unwrap();
        }
        for ((code, nr), note) in &self.pairs {
            writeln!(shown, "{code}|{nr}|{}", or_null(note)).unwrap();
        }
        let mut lines: Vec<String> = self.lines.iter().map(|(a, b)| format!("{a}|{}", or_null(b))).collect();
        lines.sort();
        shown + &lines.join("\n")
    }
}

async fn run(database: &Database, seed: u64) {
    let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    for _ in 0..8 {
        random.below(2);
    }
    let plans = [items(), pairs(), lines()];
    let client = database.client().await;
    client
        .batch_execute("DROP TABLE IF EXISTS items, pairs, lines; DROP SCHEMA IF EXISTS oracle_migration CASCADE")
        .await
        .unwrap();
    for plan in &plans {
        client.batch_execute(&create_table(plan)).await.unwrap();
    }
    // Without it a name may still go from row to row, and nothing keeps rows from being inserted by COPY.
    if !random.one_in(3) {
        client.batch_execute("ALTER TABLE items ADD UNIQUE (name)").await.unwrap();
    }
    let mut options = ApplyOptions::default();
    options.set_rows = *random.of(&[0, 2, 3, 5, usize::MAX]);
    options.copy_rows = *random.of(&[1, 4, 10, 2000]);
    options.flush_rows = *random.of(&[1, 7, 40, 20_000]);
    options.early_rows = *random.of(&[1, 5, 30, 20_000]);
    options.synchronous_commit = random.one_in(2);
    let limits = BatchLimits {
        transactions: *random.of(&[1, 3, 20, 1000]),
        changes: *random.of(&[1, 30, 20_000]),
        ..BatchLimits::default()
    };
    let what = format!("seed {seed}, {options:?}, {limits:?}");
    let mut applier = applier_with(database, &plans, options).await;
    applier.start(&position(1)).await.unwrap();
    let mut program = Program { random, model: Model::default(), plans };
    let mut batch = TransactionBatch::new(limits);
    for scn in 2..60 {
        let changes = program.transaction();
        batch.push(transaction(scn, changes), position(scn));
        if batch.is_due() || scn == 59 {
            let applied = applier.apply(batch.transactions(), batch.position().unwrap()).await;
            applied.unwrap_or_else(|e| panic!("{what}, SCN {scn}: {e}"));
            batch.clear();
        }
    }
    let sql = "SELECT id, name, amount, body FROM items ORDER BY id; SELECT trim(code), nr, note FROM pairs ORDER BY code, nr; \
               SELECT a, b FROM lines ORDER BY a, coalesce(b, 'NULL') COLLATE \"C\"";
    let found = text(&client, sql).await;
    assert_eq!(found.trim_end(), program.model.shown().trim_end(), "{what}");
    let status = Control::default().status(&client).await.unwrap();
    let counted: Vec<[u64; 3]> = status.tables.iter().map(|t| [t.inserts, t.updates, t.deletes]).collect();
    assert_eq!(counted, program.model.counts, "{what}");
    assert_eq!(text(&client, "SELECT count(*) FROM oracle_migration.exception").await, "0");
}

/// `APPLY_PROGRAMS=1000` for as many.
#[tokio::test]
async fn random_programs_give_what_the_model_has() {
    let programs = std::env::var("APPLY_PROGRAMS").map_or(40, |n| n.parse().expect("APPLY_PROGRAMS is a number"));
    let first = std::env::var("APPLY_SEED").map_or(1, |n| n.parse().expect("APPLY_SEED is a number"));
    let database = Database::new().await;
    for seed in first..first + programs {
        run(&database, seed).await;
    }
}
