use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use type_convert::Scn;

/// A transaction id: undo segment, slot and sequence, as the 8 bytes of `XID` on little-endian platforms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Xid {
    /// Undo segment number.
    pub usn: u16,
    /// Slot.
    pub slot: u16,
    /// Sequence; `0xffffffff` where LogMiner does not know it.
    pub sequence: u32,
}

/// One life of one database: a restore with RESETLOGS begins another, in which SCNs mean other things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Incarnation {
    /// `V$DATABASE.DBID`.
    pub dbid: u64,
    /// `V$DATABASE_INCARNATION.RESETLOGS_ID` of the current incarnation.
    pub resetlogs_id: u64,
}

/// How far the changes have been delivered: every commit before `commit_scn`, of those at `commit_scn`
/// the ones listed, and nothing after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The database's life.
    pub incarnation: Incarnation,
    /// All commits with a smaller SCN have been delivered.
    pub commit_scn: Scn,
    /// The transactions delivered that committed at exactly `commit_scn`: several can share one SCN.
    pub delivered: Vec<Xid>,
    /// Mining must begin with this SCN: no transaction that is yet to be delivered has redo before it.
    pub low_watermark: Scn,
}

/// A text that is no position or transaction id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a {what}: {text:?}")]
pub struct PositionError {
    what: &'static str,
    text: String,
}

impl Position {
    /// Where to go on from after a load that read every table as of `load_scn`: commits up to and including
    /// `load_scn` are in the loaded rows already. `oldest_start` is the smallest `V$TRANSACTION.START_SCN` of the
    /// transactions that were open at `load_scn`, `None` where there was none.
    pub fn after_load(incarnation: Incarnation, load_scn: Scn, oldest_start: Option<Scn>) -> Self {
        let commit_scn = Scn(load_scn.0.saturating_add(1));
        let low_watermark = oldest_start.map_or(commit_scn, |start| start.min(commit_scn));
        Position { incarnation, commit_scn, delivered: Vec::new(), low_watermark }
    }

    /// Whether the commit of `xid` at `scn` is among those delivered.
    pub fn covers(&self, scn: Scn, xid: Xid) -> bool {
        scn < self.commit_scn || (scn == self.commit_scn && self.delivered.contains(&xid))
    }
}

impl Xid {
    /// From the bytes of `XID`.
    pub fn from_bytes(bytes: [u8; 8]) -> Self {
        let [a, b, c, d, e, f, g, h] = bytes;
        Xid {
            usn: u16::from_le_bytes([a, b]),
            slot: u16::from_le_bytes([c, d]),
            sequence: u32::from_le_bytes([e, f, g, h]),
        }
    }

    /// The bytes of `XID`.
    pub fn to_bytes(self) -> [u8; 8] {
        let [a, b] = self.usn.to_le_bytes();
        let [c, d] = self.slot.to_le_bytes();
        let [e, f, g, h] = self.sequence.to_le_bytes();
        [a, b, c, d, e, f, g, h]
    }
}

/// As `RAWTOHEX(XID)` prints it, 16 hexadecimal digits.
impl fmt::Display for Xid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_bytes().iter().try_for_each(|b| write!(f, "{b:02X}"))
    }
}

impl FromStr for Xid {
    type Err = PositionError;

    fn from_str(text: &str) -> Result<Self, PositionError> {
        let error = || PositionError { what: "transaction id (16 hexadecimal digits)", text: text.to_owned() };
        if text.len() != 16 || !text.is_ascii() {
            return Err(error());
        }
        u64::from_str_radix(text, 16).map(|n| Xid::from_bytes(n.to_be_bytes())).map_err(|_| error())
    }
}

impl TryFrom<String> for Xid {
    type Error = PositionError;

    fn try_from(text: String) -> Result<Self, PositionError> {
        text.parse()
    }
}

impl From<Xid> for String {
    fn from(xid: Xid) -> String {
        xid.to_string()
    }
}
