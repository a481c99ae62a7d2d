use crate::{Error, ErrorKind, Session, sql};
use type_convert::Scn;

/// Where a load ends and following begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handoff {
    /// The tables are read `AS OF` this SCN: it has everything committed at or before it.
    pub scn: Scn,
    /// Transactions that were open shortly before `scn` was taken, in the order of their begin.
    pub open_transactions: Vec<OpenTransaction>,
    /// No transaction that is open at `scn` has redo at or before this SCN: following reads the redo after it.
    pub low_watermark: Scn,
    /// `V$DATABASE.DBID`.
    pub dbid: u64,
    /// `V$DATABASE_INCARNATION.RESETLOGS_ID` of the current incarnation.
    pub resetlogs_id: u64,
}

/// A transaction of `GV$TRANSACTION`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenTransaction {
    /// `XIDUSN`.
    pub usn: u16,
    /// `XIDSLOT`.
    pub slot: u16,
    /// `XIDSQN`.
    pub sequence: u32,
    /// `START_SCN`.
    pub start_scn: Scn,
}

/// `V$DATABASE.CURRENT_SCN`.
pub fn current_scn(session: &Session) -> Result<Scn, Error> {
    let rows = session.query("reading CURRENT_SCN of V$DATABASE", sql::CURRENT_SCN, &[])?;
    let row = rows.first().ok_or_else(|| Error::new(ErrorKind::Malformed, "V$DATABASE is empty"))?;
    row.required(0).map(Scn)
}

fn insist_on_primary(role: Option<&str>) -> Result<(), Error> {
    match role {
        Some("PRIMARY") => Ok(()),
        role => Err(Error::new(
            ErrorKind::Unsupported,
            format!(
                "this database is a {} and does not know the transactions that are open on its primary: take the hand-off there",
                role.unwrap_or("database without a role")
            ),
        )),
    }
}

impl Handoff {
    /// Takes the SCN for a load, and finds from where redo must be read so that no change of a transaction is missed
    /// that commits after it.
    ///
    /// Three queries, in this order: the SCN `a`, the open transactions, the SCN `s`. A transaction that is open at `s` either was
    /// open when the transactions were listed, then its `START_SCN` is known; or it began after that, so at or after `a`.
    /// Hence all its redo is at or after the lower of `a` and every listed `START_SCN`, whatever happens between the queries; the
    /// low watermark is the SCN before that. Listed transactions that end before `s` only make it lower than it need be.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] on a standby, which does not know the transactions that are open on its primary: take it there.
    ///
    /// [`ErrorKind::Malformed`] where `GV$TRANSACTION` does not tell the `START_SCN` of a transaction (NULL or 0): without it
    /// nothing is certain. Try again.
    pub fn take(session: &Session) -> Result<Self, Error> {
        let role = session.query("reading V$DATABASE", sql::logminer::DATABASE_ROLE, &[])?;
        insist_on_primary(role.first().and_then(|row| row.get(0)))?;
        let ids = session.query("reading the database's id", sql::DATABASE_ID, &[])?;
        let id =
            ids.first().ok_or_else(|| Error::new(ErrorKind::Malformed, "V$DATABASE has no current incarnation"))?;
        let before = current_scn(session)?;
        let open_transactions = session
            .query("reading GV$TRANSACTION", sql::OPEN_TRANSACTIONS, &[])?
            .iter()
            .map(|row| {
                Ok(OpenTransaction {
                    usn: row.required(0)?,
                    slot: row.required(1)?,
                    sequence: row.required(2)?,
                    start_scn: row.number(3)?.filter(|&scn| scn > 0).map(Scn).ok_or_else(|| {
                        let id = format!("{}.{}.{}", row.get(0).unwrap_or("?"), row.get(1).unwrap_or("?"), row.get(2).unwrap_or("?"));
                        Error::new(
                            ErrorKind::Malformed,
                            format!("GV$TRANSACTION does not tell the START_SCN of transaction {id}: try again once it has ended"),
                        )
                    })?,
                })
            })
            .collect::<Result<Vec<_>, Error>>()?;
        let scn = current_scn(session)?;
        let oldest = open_transactions.iter().map(|t| t.start_scn).min().map_or(before, |start| start.min(before));
        Ok(Handoff {
            scn,
            open_transactions,
            low_watermark: Scn(oldest.0.saturating_sub(1)),
            dbid: id.required(0)?,
            resetlogs_id: id.required(1)?,
        })
    }

    /// The position to follow from: everything committed up to `scn` is in the load.
    #[cfg(feature = "logminer")]
    pub fn position(&self) -> cdc_logminer::Position {
        let incarnation = cdc_logminer::Incarnation { dbid: self.dbid, resetlogs_id: self.resetlogs_id };
        cdc_logminer::Position::after_load(incarnation, self.scn, Some(Scn(self.low_watermark.0.saturating_add(1))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_standby_has_no_hand_off() {
        insist_on_primary(Some("PRIMARY")).unwrap();
        for role in [Some("PHYSICAL STANDBY"), Some("LOGICAL STANDBY"), Some("SNAPSHOT STANDBY"), None] {
            assert_eq!(insist_on_primary(role).unwrap_err().kind(), ErrorKind::Unsupported);
        }
    }
}
