use crate::{Order, orders, orders_plan};
use bytes::{Bytes, BytesMut};
use cdc_logminer::{Change, ColumnImage, Operation, Transaction, Xid};
use schema_map::{ObjectPath, TablePlan};
use std::sync::Arc;
use type_convert::{Number, Scn, Transcoder, Value};

/// Columns that an update sets, as positions: a few sets, as programs have them.
const MASKS: [&[usize]; 3] = [&[1], &[5, 10], &[1, 2, 3, 5]];

/// One change of the table of [`orders_plan`], as whoever applies it without us has it: parameters in PostgreSQL's binary form.
#[derive(Debug, Clone)]
pub struct ReadyChange {
    /// Which of [`ChangeMix::statements`].
    pub statement: usize,
    /// Its parameters.
    pub parameters: Vec<Option<Bytes>>,
}

/// Changes of orders, forever the same from the same beginning: 60 % updates, 30 % inserts, 10 % deletes in transactions of 1 to 10.
#[derive(Debug)]
pub struct ChangeMix {
    plan: TablePlan,
    transcoders: Vec<Transcoder>,
    templates: Vec<Vec<Value>>,
    table: Arc<ObjectPath>,
    ids: Vec<i64>,
    next_id: i64,
    scn: u64,
    state: u64,
    /// Four in five updates are of this many rows, where it is not 0.
    hot: usize,
}

impl ChangeMix {
    /// Of a table that has the ids 1 to `rows`. With `hot`, four in five updates are of the first so many rows, which are never deleted.
    pub fn new(rows: i64, hot: usize) -> Self {
        let plan = orders_plan("orders");
        let transcoder =
            |c: &schema_map::ColumnPlan| Transcoder::new(&c.oracle_type, &c.pg_type, c.loss).expect("a pair");
        let transcoders = plan.columns.iter().map(transcoder).collect();
        let templates = orders(1000).iter().map(values).collect();
        let table = Arc::new(plan.source.clone());
        ChangeMix {
            plan,
            transcoders,
            templates,
            table,
            ids: (1..=rows).collect(),
            next_id: rows + 1,
            scn: 1000,
            state: 0x9E37_79B9_7F4A_7C15,
            hot,
        }
    }

    /// SQL of what [`ReadyChange`]s execute, on this table, and the OIDs of its parameters.
    pub fn statements(&self, table: &str) -> Vec<(String, Vec<u32>)> {
        let oid = |c: usize| self.plan.columns[c].pg_type.oid().expect("a type of PostgreSQL's own");
        let name = |c: usize| self.plan.columns[c].target.quoted();
        let all: Vec<usize> = (0..self.plan.columns.len()).collect();
        let names: Vec<String> = all.iter().map(|&c| name(c)).collect();
        let places: Vec<String> = (1..=all.len()).map(|n| format!("${n}")).collect();
        let insert = format!("INSERT INTO {table} ({}) VALUES ({})", names.join(", "), places.join(", "));
        let delete = format!("DELETE FROM {table} WHERE id = $1");
        let mut statements = vec![(insert, all.iter().map(|&c| oid(c)).collect()), (delete, vec![oid(0)])];
        for mask in MASKS {
            let set: Vec<String> = mask.iter().enumerate().map(|(n, &c)| format!("{} = ${}", name(c), n + 1)).collect();
            let update = format!("UPDATE {table} SET {} WHERE id = ${}", set.join(", "), mask.len() + 1);
            statements.push((update, mask.iter().chain([&0]).map(|&c| oid(c)).collect()));
        }
        statements
    }

    /// The next transactions, with about this many changes in all.
    pub fn transactions(&mut self, changes: usize) -> Vec<Transaction> {
        let (mut transactions, mut count) = (Vec::new(), 0);
        while count < changes {
            self.scn += 2;
            let length = 1 + self.random(10);
            let list: Vec<Change> = (0..length).map(|_| self.change()).collect();
            count += list.len();
            let sequence = u32::try_from(self.scn).expect("a small number");
            transactions.push(Transaction {
                xid: Xid { usn: 1, slot: 1, sequence },
                start_scn: Scn(self.scn - 1),
                commit_scn: Scn(self.scn),
                commit_time: 1_700_000_000,
                changes: list.into(),
            });
        }
        transactions
    }

    /// The same with every value encoded.
    pub fn ready(&self, transactions: &[Transaction]) -> Vec<Vec<ReadyChange>> {
        let changes = |t: &Transaction| t.changes.iter().map(|c| self.ready_change(&c.expect("in memory"))).collect();
        transactions.iter().map(changes).collect()
    }

    fn ready_change(&self, change: &Change) -> ReadyChange {
        let encoded = |images: &[ColumnImage], columns: &[usize]| -> Vec<Option<Bytes>> {
            columns.iter().map(|&c| self.encode(c, &images[c])).collect()
        };
        match &change.operation {
            Operation::Insert { after } => {
                let all: Vec<usize> = (0..after.len()).collect();
                ReadyChange { statement: 0, parameters: encoded(after, &all) }
            }
            Operation::Delete { before } => ReadyChange { statement: 1, parameters: encoded(before, &[0]) },
            Operation::Update { before, after } => {
                let is_set = |c: &usize| matches!(after[*c], ColumnImage::Value(_));
                let set: Vec<usize> = (0..after.len()).filter(is_set).collect();
                let mask = MASKS.iter().position(|mask| *mask == set).expect("one of the masks");
                let mut parameters = encoded(after, &set);
                parameters.extend(encoded(before, &[0]));
                ReadyChange { statement: 2 + mask, parameters }
            }
            _ => unreachable!("there are no others in the mix"),
        }
    }

    fn encode(&self, column: usize, image: &ColumnImage) -> Option<Bytes> {
        let ColumnImage::Value(value) = image else { panic!("a value that is needed is not there") };
        let mut field = BytesMut::new();
        self.transcoders[column].encode(value.as_ref(), &mut field).expect("it fits");
        let mut field = field.freeze();
        let length = field.split_to(4);
        (length[..] != [0xff; 4]).then_some(field)
    }

    fn random(&mut self, below: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        usize::try_from(self.state >> 33).expect("31 bits") % below
    }

    fn change(&mut self) -> Change {
        let width = self.plan.columns.len();
        let id = |id: i64| ColumnImage::Value(Value::Number(id.to_string().parse::<Number>().expect("a number")));
        let of_key = |key: i64| {
            let mut image = vec![ColumnImage::NotLogged; width];
            image[0] = id(key);
            image
        };
        let template = self.random(self.templates.len());
        let operation = match self.random(10) {
            0..6 => {
                let hot = self.hot > 0 && self.random(5) < 4;
                let nth = if hot { self.random(self.hot) } else { self.random(self.ids.len()) };
                let mask = MASKS[self.random(MASKS.len())];
                let mut after = vec![ColumnImage::NotLogged; width];
                for &column in mask {
                    after[column] = ColumnImage::Value(self.templates[template][column].clone());
                }
                Operation::Update { before: of_key(self.ids[nth]), after }
            }
            6..9 => {
                let mut after: Vec<_> = self.templates[template].iter().cloned().map(ColumnImage::Value).collect();
                after[0] = id(self.next_id);
                self.ids.push(self.next_id);
                self.next_id += 1;
                Operation::Insert { after }
            }
            _ => {
                let nth = self.hot + self.random(self.ids.len() - self.hot);
                Operation::Delete { before: of_key(self.ids.swap_remove(nth)) }
            }
        };
        Change { table: Arc::clone(&self.table), scn: Scn(self.scn), row_id: None, operation }
    }
}

fn values(order: &Order) -> Vec<Value> {
    let number = |text: &str| Value::Number(text.parse::<Number>().expect("a number"));
    let text = |text: &str| Value::Text(text.to_owned());
    vec![
        number(&order.id.to_string()),
        number(&order.amounts[0]),
        number(&order.amounts[1]),
        number(&order.amounts[2]),
        Value::DateTime(order.times[0]),
        Value::DateTime(order.times[1]),
        text(&order.texts[0]),
        text(&order.texts[1]),
        text(&order.texts[2]),
        Value::DateTime(order.due),
        order.note.as_deref().map_or(Value::Null, text),
        Value::Double(order.weight),
    ]
}
