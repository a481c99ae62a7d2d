//! Object types as composites, collections as arrays, SDO_GEOMETRY as PostGIS's geometry.

use super::{Outcome, Transcoder, ValueErrorKind, check_length, length_bytes, plan};
use crate::{Loss, LossPolicy, Losses, OracleType, PgType, Value, geometry};
use bytes::{BufMut, BytesMut};

/// A value within another one: how it is written, and its type's OID, which the binary form of the outer one names.
#[derive(Debug, Clone)]
pub(super) struct Inner {
    oid: u32,
    transcoder: Transcoder,
}

impl Inner {
    pub(super) fn new(oracle: &OracleType, pg: &PgType, policy: LossPolicy) -> Result<Self, Option<&'static str>> {
        let Some(oid) = pg.oid() else {
            return Err(Some("a type made in the database, within another type, needs its OID in `PgComposite::oid`"));
        };
        Ok(Inner { oid, transcoder: plan(oracle, pg, policy)? })
    }
}

impl Transcoder {
    /// `record_send`: the number of fields, and each with its type's OID.
    pub(super) fn put_composite(&self, fields: &[Inner], attributes: &[Value], out: &mut BytesMut) -> Outcome {
        if fields.len() != attributes.len() {
            return Err(ValueErrorKind::Malformed.into());
        }
        whole(out, |out| {
            out.put_i32(i32::try_from(fields.len()).map_err(|_| ValueErrorKind::Overflow)?);
            let mut losses = Losses::NONE;
            for (field, value) in fields.iter().zip(attributes) {
                out.put_u32(field.oid);
                losses = losses.and(field.transcoder.encode(value.as_ref(), out)?);
            }
            Ok(losses)
        })
    }

    /// `array_send`: one dimension that begins at 1; none where there are no elements.
    pub(super) fn put_array(&self, element: &Inner, values: &[Value], out: &mut BytesMut) -> Outcome {
        whole(out, |out| {
            out.put_i32(i32::from(!values.is_empty()));
            let flags = out.len();
            out.put_i32(0);
            out.put_u32(element.oid);
            if !values.is_empty() {
                out.put_i32(i32::try_from(values.len()).map_err(|_| ValueErrorKind::Overflow)?);
                out.put_i32(1);
            }
            let (mut losses, mut nulls) = (Losses::NONE, false);
            for value in values {
                let start = out.len();
                losses = losses.and(element.transcoder.encode(value.as_ref(), out)?);
                // A policy may turn a value into NULL as well.
                nulls |= out[start..start + 4] == [0xff; 4];
            }
            out[flags..flags + 4].copy_from_slice(&i32::from(nulls).to_be_bytes());
            Ok(losses)
        })
    }

    /// `geometry_send`: EWKB, little-endian.
    pub(super) fn put_geometry(&self, attributes: &[Value], out: &mut BytesMut) -> Outcome {
        whole(out, |out| match geometry::put_ewkb(attributes, out).map_err(ValueErrorKind::Geometry)? {
            geometry::Written { exact: true } => Ok(Losses::NONE),
            geometry::Written { exact: false } => self.lose(Loss::FloatDigits, ValueErrorKind::Inexact),
        })
    }
}

/// A field whose length is known once it is written; nothing of it stays where `body` fails.
pub(super) fn whole(out: &mut BytesMut, body: impl FnOnce(&mut BytesMut) -> Outcome) -> Outcome {
    let start = out.len();
    out.put_u32(0);
    let outcome = body(out).and_then(|losses| {
        let length = out.len() - start - 4;
        check_length(length)?;
        out[start..start + 4].copy_from_slice(&length_bytes(length));
        Ok(losses)
    });
    if outcome.is_err() {
        out.truncate(start);
    }
    outcome
}
