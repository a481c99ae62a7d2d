//! RAW and LOBs.

use super::Call;
use crate::rewrite::{
    scope::Kind,
    translate::{Piece, Translated},
};

impl Call<'_> {
    pub(super) fn hex(self) -> Translated {
        self.count(1, 1)?;
        if let Some(text) = self.text_literal(0) {
            return self.t.literal(self.expr, self.name, text, "");
        }
        if self.t.place.immutable {
            return self.refuse("HEXTORAW is converted for literals only");
        }
        let text = self.text(0)?;
        Ok(Piece::atom(format!("decode({}, 'hex')", text.sql), Kind::Raw, text.nullable))
    }

    pub(super) fn raw_to_hex(self) -> Translated {
        self.count(1, 1)?;
        let piece = self.piece(0)?;
        if piece.kind != Kind::Raw {
            return self.refuse(format!("RAWTOHEX of {} is not converted", piece.kind.noun()));
        }
        Ok(Piece::atom(format!("upper(encode({}, 'hex'))", piece.sql), Kind::Text, piece.nullable))
    }

    pub(super) fn lob(self) -> Translated {
        self.count(1, 4)?;
        let lob = self.piece(0)?;
        if !matches!(lob.kind, Kind::Clob | Kind::Text | Kind::Raw) {
            return self.refuse(format!("{} of {} is not converted", self.name, lob.kind.noun()));
        }
        match self.name {
            "DBMS_LOB.GETLENGTH" => Ok(Piece::atom(format!("length({})", lob.sql), Kind::Int, lob.nullable)),
            "DBMS_LOB.SUBSTR" => {
                let amount = if self.arguments.len() > 1 { self.integer(1)?.sql } else { "32767".to_owned() };
                let offset = if self.arguments.len() > 2 { self.integer(2)?.sql } else { "1".to_owned() };
                let kind = if lob.kind == Kind::Raw { Kind::Raw } else { Kind::Text };
                Ok(Piece::atom(format!("NULLIF(substr({}, {offset}, {amount}), '')", lob.sql), kind, true))
            }
            _ if lob.kind != Kind::Raw => self.instr(),
            _ => self.refuse("DBMS_LOB.INSTR of a BLOB is not converted"),
        }
    }
}
