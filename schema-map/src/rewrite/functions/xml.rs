//! XML.

use super::Call;
use crate::pg_literal;
use crate::rewrite::{
    Refused,
    ast::{Argument, Node},
    scope::Kind,
    translate::{Piece, Translated},
};

impl Call<'_> {
    pub(super) fn xml_name(&self, argument: &Argument) -> Option<String> {
        match (&argument.alias, &argument.value.node) {
            (Some(alias), _) => Some(alias.as_str().to_owned()),
            (None, Node::Name(parts)) => parts.last().map(|p| p.name.as_str().to_owned()),
            _ => None,
        }
    }

    pub(super) fn xml_list(&self, arguments: &[Argument]) -> Result<String, Refused> {
        let mut sql = Vec::with_capacity(arguments.len());
        for argument in arguments {
            let value = self.t.value(&argument.value)?;
            let Some(name) = self.xml_name(argument) else {
                return self.refuse("an expression in XML needs a name (AS) here");
            };
            sql.push(format!("{} AS {}", value.sql, crate::ident::quoted(&name)));
        }
        Ok(sql.join(", "))
    }

    pub(super) fn xml_constructor(self) -> Translated {
        let list = match self.name {
            "XMLFOREST" => format!("xmlforest({})", self.xml_list(self.arguments)?),
            "XMLCONCAT" => {
                let all: Vec<String> = self.all()?.into_iter().map(|p| p.sql).collect();
                format!("xmlconcat({})", all.join(", "))
            }
            "XMLCOMMENT" => format!("xmlcomment({})", self.text(0)?.sql),
            _ => {
                let Some((first, rest)) = self.arguments.split_first() else {
                    return self.refuse("XMLELEMENT needs a name");
                };
                let Node::Name(parts) = &first.value.node else {
                    return self.refuse("XMLELEMENT is converted with a literal name only");
                };
                let [name] = parts.as_slice() else {
                    return self.refuse("XMLELEMENT is converted with a simple name only");
                };
                let mut sql = format!("xmlelement(name {}", crate::ident::quoted(name.name.as_str()));
                for argument in rest {
                    if let Node::Call(call) = &argument.value.node
                        && matches!(call.name.as_slice(), [part] if part.name.as_str() == "XMLATTRIBUTES")
                    {
                        sql.push_str(&format!(", xmlattributes({})", self.xml_list(&call.arguments)?));
                    } else {
                        sql.push_str(&format!(", {}", self.t.value(&argument.value)?.sql));
                    }
                }
                sql.push(')');
                sql
            }
        };
        self.t.note("dates and numbers in XML are written as PostgreSQL writes them");
        Ok(Piece::atom(list, Kind::Xml, false))
    }

    pub(super) fn xml_type(self) -> Translated {
        self.count(1, 1)?;
        let piece = self.piece(0)?;
        match piece.kind {
            Kind::Xml => Ok(piece),
            Kind::Text | Kind::Clob => {
                Ok(Piece::atom(format!("xmlparse(DOCUMENT {})", piece.sql), Kind::Xml, piece.nullable))
            }
            _ => self.refuse(format!("XMLTYPE of {} is not converted", piece.kind.noun())),
        }
    }

    pub(super) fn extract_value(self) -> Translated {
        self.count(2, 2)?;
        let piece = self.piece(0)?;
        let Some(path) = self.text_literal(1) else {
            return self.refuse("EXTRACTVALUE is converted with a literal path only");
        };
        if piece.kind != Kind::Xml {
            return self.refuse(format!("EXTRACTVALUE of {} is not converted", piece.kind.noun()));
        }
        let sql = format!("CAST((xpath({}, {}))[1] AS text)", pg_literal(&format!("string({path})")), piece.sql);
        Ok(Piece::atom(format!("NULLIF({sql}, '')"), Kind::Text, true))
    }
}
