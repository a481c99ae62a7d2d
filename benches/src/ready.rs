use bytes::BytesMut;
use postgres_types::{Format, IsNull, ToSql, Type};
use std::{error::Error, fmt::Debug};

/// A parameter that is in binary form already; `None` is NULL.
#[derive(Debug)]
pub struct Ready<T>(pub Option<T>);

impl<T: AsRef<[u8]> + Debug> ToSql for Ready<T> {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        Ok(match &self.0 {
            Some(bytes) => {
                out.extend_from_slice(bytes.as_ref());
                IsNull::No
            }
            None => IsNull::Yes,
        })
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn to_sql_checked(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        self.to_sql(ty, out)
    }

    fn encode_format(&self, _: &Type) -> Format {
        Format::Binary
    }
}
