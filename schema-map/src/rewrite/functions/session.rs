//! What the session knows.

use super::Call;
use crate::pg_literal;
use crate::rewrite::{
    scope::Kind,
    translate::{Piece, Translated},
};

impl Call<'_> {
    pub(super) fn guid(self) -> Translated {
        self.count(0, 0)?;
        if self.t.place.immutable {
            return self.refuse("SYS_GUID changes and cannot stand here");
        }
        Ok(Piece::atom(crate::rewrite::NEW_GUID, Kind::Raw, false))
    }

    pub(super) fn context(self) -> Translated {
        if self.t.place.immutable {
            return self.refuse(format!("{} changes and cannot stand here", self.name));
        }
        let (namespace, parameter) = if self.name == "USERENV" {
            (Some("USERENV"), self.text_literal(0))
        } else {
            (self.text_literal(0), self.text_literal(1))
        };
        let (Some(namespace), Some(parameter)) = (namespace, parameter) else {
            return self.refuse(format!("{} is converted with literals only", self.name));
        };
        let parameter = parameter.to_ascii_uppercase();
        if !namespace.eq_ignore_ascii_case("USERENV") {
            let setting = format!("{}.{}", namespace.to_ascii_lowercase(), parameter.to_ascii_lowercase());
            self.t.note(format!("the context attribute is the setting {setting}: set it with set_config"));
            let sql = format!("NULLIF(current_setting({}, true), '')", pg_literal(&setting));
            return Ok(Piece::atom(sql, Kind::Text, true));
        }
        let sql = match parameter.as_str() {
            "SESSION_USER" => "CAST(SESSION_USER AS text)",
            "CURRENT_USER" => "CAST(CURRENT_USER AS text)",
            "CURRENT_SCHEMA" => "CAST(current_schema() AS text)",
            "DB_NAME" | "CON_NAME" | "PDB_NAME" => "CAST(current_database() AS text)",
            "IP_ADDRESS" => "host(inet_client_addr())",
            "SESSIONID" | "SID" => "CAST(pg_backend_pid() AS text)",
            "MODULE" | "CLIENT_PROGRAM_NAME" => "current_setting('application_name')",
            // What PostgreSQL does not know: whoever opens the session may say it.
            _ => {
                let setting = format!("oracle_compat.{}", parameter.to_ascii_lowercase());
                self.t.note(format!("{parameter} is the setting {setting}: set it with set_config"));
                let sql = format!("NULLIF(current_setting({}, true), '')", pg_literal(&setting));
                return Ok(Piece::atom(sql, Kind::Text, true));
            }
        };
        self.t.note(format!("SYS_CONTEXT of {parameter} gives what PostgreSQL has for it"));
        Ok(Piece::atom(sql, Kind::Text, true))
    }
}
