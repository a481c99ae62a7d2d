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

    /// The XML that the first argument has, and the XPath that the second one is; for `xquery` the other way round.
    fn xml_and_path(&self, xquery: bool) -> Result<(Piece, &str), Refused> {
        self.count(2, 2)?;
        let (of_xml, of_path) = if xquery { (1, 0) } else { (0, 1) };
        let piece = self.piece(of_xml)?;
        let Some(path) = self.text_literal(of_path) else {
            return self.refuse(format!("{} is converted with a literal path only", self.name));
        };
        if piece.kind != Kind::Xml {
            return self.refuse(format!("{} of {} is not converted", self.name, piece.kind.noun()));
        }
        let xpath = !["for ", "let ", "return ", "{", "declare ", ":="].iter().any(|word| path.contains(word));
        if !xpath {
            return self.refuse(format!("{} is converted with an XPath only, this is XQuery", self.name));
        }
        Ok((piece, path))
    }

    /// The text at a path.
    fn text_at(&self, xml: &Piece, path: &str) -> String {
        // XMLTABLE gives it without the entities that xpath() leaves in.
        let value = self.t.fresh("value");
        format!(
            "NULLIF((SELECT {value}.\"v\" FROM XMLTABLE('/' PASSING {} COLUMNS \"v\" text PATH {}) AS {value}), '')",
            xml.sql,
            pg_literal(&format!("string({path})"))
        )
    }

    pub(super) fn extract_value(self) -> Translated {
        let (xml, path) = self.xml_and_path(false)?;
        Ok(Piece::atom(self.text_at(&xml, path), Kind::Text, true))
    }

    /// EXTRACT, XMLQUERY: the nodes at a path.
    pub(super) fn xml_nodes(self) -> Translated {
        let (xml, path) = self.xml_and_path(self.name == "XMLQUERY")?;
        let nodes = self.t.fresh("nodes");
        let sql = format!(
            "(SELECT xmlagg({nodes}.\"node\") FROM unnest(xpath({}, {})) AS {nodes}(\"node\"))",
            pg_literal(path),
            xml.sql
        );
        Ok(Piece::atom(sql, Kind::Xml, true))
    }

    /// EXISTSNODE gives a number, XMLEXISTS is a condition.
    pub(super) fn xml_exists(self) -> Translated {
        let (xml, path) = self.xml_and_path(self.name == "XMLEXISTS")?;
        let sql = format!("xpath_exists({}, {})", pg_literal(path), xml.sql);
        if self.name == "XMLEXISTS" {
            return Ok(Piece::atom(sql, Kind::Condition, true));
        }
        Ok(Piece::atom(format!("CASE WHEN {sql} THEN 1 ELSE 0 END"), Kind::Int, false))
    }

    pub(super) fn xml_serialize(self) -> Translated {
        self.count(1, 1)?;
        let piece = self.piece(0)?;
        if piece.kind != Kind::Xml {
            return self.refuse(format!("XMLSERIALIZE of {} is not converted", piece.kind.noun()));
        }
        let kind = match self.node.returning.as_ref().map(|to| self.t.target_type(self.expr, to)).transpose()? {
            None | Some((_, Kind::Clob)) => Kind::Clob,
            Some((_, Kind::Text)) => Kind::Text,
            Some((_, kind)) => return self.refuse(format!("XMLSERIALIZE as {} is not converted", kind.noun())),
        };
        Ok(Piece::atom(format!("CAST({} AS text)", piece.sql), kind, piece.nullable))
    }

    /// XMLCAST(XMLQUERY(…) AS type): the text at a path as a value.
    pub(super) fn xml_cast(self) -> Translated {
        let (Some(Node::Call(inner)), Some(to)) = (self.node(0), &self.node.returning) else {
            return self.refuse("XMLCAST is converted of XMLQUERY only");
        };
        if !matches!(inner.name.as_slice(), [part] if part.name.as_str() == "XMLQUERY") {
            return self.refuse("XMLCAST is converted of XMLQUERY only");
        }
        let query = Call::new(self.t, &self.arguments[0].value, inner, "XMLQUERY");
        let (xml, path) = query.xml_and_path(true)?;
        let text = query.text_at(&xml, path);
        let (pg_type, kind) = self.t.target_type(self.expr, to)?;
        let sql = if kind == Kind::Text { text } else { format!("CAST({text} AS {pg_type})") };
        Ok(Piece::atom(sql, kind, true))
    }

    pub(super) fn xml_parse(self) -> Translated {
        self.count(1, 1)?;
        let text = self.text(0)?;
        Ok(Piece::atom(format!("CAST({} AS xml)", text.sql), Kind::Xml, text.nullable))
    }
}
