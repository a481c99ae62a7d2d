//! MDSYS.SDO_GEOMETRY to the EWKB that PostGIS's `geometry` takes and sends in binary.
//!
//! Facts: Oracle Spatial Developer's Guide, "SDO_GEOMETRY Object Type"; PostGIS manual, "OGC WKB and EWKB".
//!
//! | SDO_GTYPE, elements | EWKB |
//! |---|---|
//! | *DL*01: SDO_POINT, or element 1/1 | POINT |
//! | *DL*02: 2/1; 2/2; 4/*n* | LINESTRING; CIRCULARSTRING; COMPOUNDCURVE |
//! | *DL*03: rings 1003 and 2003 of straight lines (1) or rectangles (3) | POLYGON |
//! | *DL*03: with a ring of arcs (1003/2, 2003/2) or a compound one (1005/*n*, 2005/*n*) | CURVEPOLYGON |
//! | *DL*04 | GEOMETRYCOLLECTION; a cluster of points (1/*n*) is a MULTIPOINT in it |
//! | *DL*05: 1/1 and clusters | MULTIPOINT |
//! | *DL*06 | MULTILINESTRING; with a curve among them MULTICURVE |
//! | *DL*07 | MULTIPOLYGON; with a curved ring among them MULTISURFACE |
//!
//! *D* is the number of dimensions, *L* the one that is the measure. The third dimension is Z, the fourth M; where *L* is 3,
//! the third is M and a fourth is Z. Where *L* is 0 the object does not say whether its last dimension is a measure, and it is not taken for one
//! unless it is the fourth.
//!
//! Points, their order and the winding of rings are carried over as they are. A rectangle becomes its ring of five points, from the corner with the
//! least X and Y, counter-clockwise where it is an exterior one, clockwise where it is a hole. Arcs need no computing: three points
//! describe one on both sides.
//!
//! SDO_SRID is carried over as it is: 1 to 998 999, NULL is PostGIS's 0 (unknown). Oracle has the coordinate systems of EPSG under EPSG's
//! codes and older ones under numbers of its own (8307 is the WGS 84 that EPSG has as 4326); those are not translated, `ST_SetSRID` does that where it is
//! wanted, and `spatial_ref_sys` has no row for them. Both sides put longitude first.

use crate::{CollectionType, Number, ObjectType, OracleType, Value, number::Form, pg_numeric::Groups};
use bytes::{BufMut, BytesMut};

/// SRIDs above are PostGIS's own; those above 999 999 it would even replace by others.
const MAX_SRID: i64 = 998_999;

const POINT: u32 = 1;
const LINE_STRING: u32 = 2;
const POLYGON: u32 = 3;
const MULTI_POINT: u32 = 4;
const MULTI_LINE_STRING: u32 = 5;
const MULTI_POLYGON: u32 = 6;
const COLLECTION: u32 = 7;
const CIRCULAR_STRING: u32 = 8;
const COMPOUND_CURVE: u32 = 9;
const CURVE_POLYGON: u32 = 10;
const MULTI_CURVE: u32 = 11;
const MULTI_SURFACE: u32 = 12;
const HAS_Z: u32 = 0x8000_0000;
const HAS_M: u32 = 0x4000_0000;
const HAS_SRID: u32 = 0x2000_0000;

/// Why an SDO_GEOMETRY has no EWKB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[error("{}", self.message())]
#[non_exhaustive]
pub enum GeometryError {
    /// Not the five attributes of SDO_GEOMETRY, or one of them is of another type.
    NotGeometry,
    /// SDO_GTYPE is NULL or not of the form *DLTT* (Oracle before 8.1.6 wrote *TT* alone).
    Gtype,
    /// SDO_GTYPE *DL*00, which Oracle Spatial itself ignores.
    UnknownType,
    /// A solid (SDO_GTYPE *DL*08 and *DL*09, elements 1007 and 1008).
    Solid,
    /// A surface made of polygons (element 1006 or 2006).
    Surface,
    /// A point with an orientation (element 1/0).
    OrientedPoint,
    /// A NURBS curve (element 2/3).
    Nurbs,
    /// A circle given by three points (interpretation 4): PostGIS would need a point of it that is not there and can only be computed.
    Circle,
    /// An element of an application's own (element type 0).
    CustomElement,
    /// An element type or interpretation that is none of the documented, or one of before 8.1.6 that does not tell
    /// exterior rings from holes (3, 5).
    ElementType,
    /// An element that geometries of this SDO_GTYPE do not have, one too many, or a hole without an exterior ring.
    Elements,
    /// SDO_ELEM_INFO is not made of triplets of integers, or offsets do not begin at 1, go up, and point to the first ordinates of points.
    ElementInfo,
    /// Neither SDO_POINT nor both arrays are there.
    NoCoordinates,
    /// SDO_POINT has values beside elements. Oracle Spatial ignores it then; here it would be lost.
    PointBesideElements,
    /// The ordinates are no whole points, or not as many as the element needs.
    Ordinates,
    /// An ordinate is NULL, as measures may be that are not defined yet.
    NullOrdinate,
    /// An ordinate is ±infinity.
    InfiniteOrdinate,
    /// A ring does not end in X and Y where it begins.
    NotClosed,
    /// An arc that ends where it begins: for Oracle it is none, for PostGIS it is a circle.
    ClosedArc,
    /// A rectangle whose two corners differ in more than X and Y.
    Rectangle,
    /// SDO_SRID is not in 1 to 998 999, all that PostGIS has.
    Srid,
}

impl GeometryError {
    pub(crate) fn message(self) -> &'static str {
        match self {
            GeometryError::NotGeometry => "the object is no SDO_GEOMETRY",
            GeometryError::Gtype => "the SDO_GTYPE is none",
            GeometryError::UnknownType => "the geometry's type is unknown (SDO_GTYPE DL00)",
            GeometryError::Solid => "a solid, which PostGIS's geometry does not have in this form",
            GeometryError::Surface => "a surface made of polygons, which is not converted",
            GeometryError::OrientedPoint => "an oriented point, which PostGIS does not have",
            GeometryError::Nurbs => "a NURBS curve, which PostGIS does not have",
            GeometryError::Circle => "a circle given by three points, which PostGIS cannot be given exactly",
            GeometryError::CustomElement => "an element of an application's own type (SDO_ETYPE 0)",
            GeometryError::ElementType => "an element of an unknown or outdated type",
            GeometryError::Elements => "the elements do not fit the SDO_GTYPE",
            GeometryError::ElementInfo => "the SDO_ELEM_INFO is not well formed",
            GeometryError::NoCoordinates => "the geometry has no coordinates",
            GeometryError::PointBesideElements => "the geometry has an SDO_POINT beside its elements",
            GeometryError::Ordinates => "the ordinates are not as many as the geometry needs",
            GeometryError::NullOrdinate => "an ordinate is NULL",
            GeometryError::InfiniteOrdinate => "an ordinate is infinite",
            GeometryError::NotClosed => "a ring is not closed",
            GeometryError::ClosedArc => "an arc ends where it begins",
            GeometryError::Rectangle => "a rectangle that is not level",
            GeometryError::Srid => "the SDO_SRID is not in 1 to 998999",
        }
    }
}

/// What [`put_ewkb`] wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct Written {
    /// Whether every ordinate, a NUMBER, is kept by the double that stands for it: it is the number, or has it as its shortest text.
    pub exact: bool,
}

/// Appends the EWKB of a geometry: little-endian, the SRID where it is not 0 on the outermost geometry only, as `geometry`'s binary
/// output is on any little-endian server. On an error nothing is appended.
///
/// `attributes` are those of MDSYS.SDO_GEOMETRY in their order: SDO_GTYPE, SDO_SRID, SDO_POINT (an object of X, Y, Z), SDO_ELEM_INFO and SDO_ORDINATES
/// (collections of numbers).
///
/// What is written PostGIS reads: rings are closed and have four points or more, lines two or more. Whether a geometry is valid (a ring
/// may cross itself) is not looked at.
///
/// ```
/// use bytes::BytesMut;
/// use type_convert::{OracleType, Value, geometry, literal};
///
/// let text = r#""MDSYS"."SDO_GEOMETRY"('2001', '4326', "MDSYS"."SDO_POINT_TYPE"('1', '2', NULL), NULL, NULL)"#;
/// let Value::Object(attributes) = literal::parse(text, &OracleType::Geometry)? else { unreachable!() };
/// let mut out = BytesMut::new();
/// assert!(geometry::put_ewkb(&attributes, &mut out)?.exact);
/// assert_eq!(out[..9], [1, 1, 0, 0, 0x20, 0xe6, 0x10, 0, 0]);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub fn put_ewkb(attributes: &[Value], out: &mut BytesMut) -> Result<Written, GeometryError> {
    let start = out.len();
    let mut writer = Writer { out, exact: true, layout: Layout::default() };
    match writer.geometry(attributes) {
        Ok(()) => Ok(Written { exact: writer.exact }),
        Err(error) => {
            writer.out.truncate(start);
            Err(error)
        }
    }
}

/// MDSYS.SDO_GEOMETRY as an object type: SDO_GTYPE, SDO_SRID, SDO_POINT, SDO_ELEM_INFO, SDO_ORDINATES.
pub fn object_type() -> ObjectType {
    ObjectType { owner: "MDSYS".to_owned(), name: "SDO_GEOMETRY".to_owned(), attributes: geometry_attributes() }
}

/// The attributes of MDSYS.SDO_GEOMETRY.
pub(crate) fn geometry_attributes() -> Vec<(String, OracleType)> {
    let number = || OracleType::Number { precision: None, scale: None };
    let numbers = |name: &str, limit| {
        OracleType::Collection(Box::new(CollectionType {
            owner: "MDSYS".to_owned(),
            name: name.to_owned(),
            limit: Some(limit),
            element: number(),
        }))
    };
    let point = OracleType::Object(Box::new(ObjectType {
        owner: "MDSYS".to_owned(),
        name: "SDO_POINT_TYPE".to_owned(),
        attributes: ["X", "Y", "Z"].map(|name| (name.to_owned(), number())).to_vec(),
    }));
    vec![
        ("SDO_GTYPE".to_owned(), number()),
        ("SDO_SRID".to_owned(), number()),
        ("SDO_POINT".to_owned(), point),
        ("SDO_ELEM_INFO".to_owned(), numbers("SDO_ELEM_INFO_ARRAY", 1_048_576)),
        ("SDO_ORDINATES".to_owned(), numbers("SDO_ORDINATE_ARRAY", 1_048_576)),
    ]
}

/// How the ordinates of a point are laid out on both sides.
#[derive(Debug, Clone, Copy, Default)]
struct Layout {
    dimensions: usize,
    /// For each ordinate of EWKB its place in Oracle's point; the first `dimensions` count.
    order: [usize; 4],
    flags: u32,
}

impl Layout {
    fn new(dimensions: i64, measure: i64) -> Result<Self, GeometryError> {
        let (dimensions, order, flags) = match (dimensions, measure) {
            (2, 0) => (2, [0, 1, 0, 0], 0),
            (3, 0) => (3, [0, 1, 2, 0], HAS_Z),
            (3, 3) => (3, [0, 1, 2, 0], HAS_M),
            (4, 0 | 4) => (4, [0, 1, 2, 3], HAS_Z | HAS_M),
            (4, 3) => (4, [0, 1, 3, 2], HAS_Z | HAS_M),
            _ => return Err(GeometryError::Gtype),
        };
        Ok(Layout { dimensions, order, flags })
    }
}

/// One element of SDO_ELEM_INFO, a compound one with its parts.
#[derive(Debug, Clone, Copy)]
struct Element {
    shape: Shape,
    /// Its points: the first, and the one after the last.
    first: usize,
    end: usize,
    /// The triplet after its own.
    next: usize,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Shape {
    Points,
    Line(Path),
    Ring { hole: bool, path: Path },
    Rectangle { hole: bool },
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Path {
    Straight,
    Arcs,
    /// Made of the triplets after its own, up to the element's `next`.
    Compound {
        parts: usize,
    },
}

/// The two arrays of a geometry, read where they lie.
#[derive(Debug, Clone, Copy)]
struct Arrays<'a> {
    elements: &'a [Value],
    ordinates: &'a [Value],
    dimensions: usize,
}

impl<'a> Arrays<'a> {
    fn new(elements: &'a [Value], ordinates: &'a [Value], dimensions: usize) -> Result<Self, GeometryError> {
        if elements.is_empty() || !elements.len().is_multiple_of(3) {
            return Err(GeometryError::ElementInfo);
        }
        if ordinates.is_empty() || !ordinates.len().is_multiple_of(dimensions) {
            return Err(GeometryError::Ordinates);
        }
        let arrays = Arrays { elements, ordinates, dimensions };
        match arrays.triplet(0)?.first {
            0 => Ok(arrays),
            _ => Err(GeometryError::ElementInfo),
        }
    }

    fn triplets(&self) -> usize {
        self.elements.len() / 3
    }

    fn points(&self) -> usize {
        self.ordinates.len() / self.dimensions
    }

    fn point(&self, n: usize) -> Result<&'a [Value], GeometryError> {
        let start = n * self.dimensions;
        self.ordinates.get(start..start + self.dimensions).ok_or(GeometryError::Ordinates)
    }

    fn triplet(&self, n: usize) -> Result<Triplet, GeometryError> {
        let Some([offset, kind, interpretation]) = self.elements.get(3 * n..3 * n + 3) else {
            return Err(GeometryError::ElementInfo);
        };
        let whole = |value: &Value| match value {
            Value::Number(number) => number.to_i64().ok_or(GeometryError::ElementInfo),
            Value::Null => Err(GeometryError::ElementInfo),
            _ => Err(GeometryError::NotGeometry),
        };
        let count = |value: &Value| usize::try_from(whole(value)?).map_err(|_| GeometryError::ElementInfo);
        let ordinate = count(offset)?.checked_sub(1).ok_or(GeometryError::ElementInfo)?;
        if ordinate >= self.ordinates.len() || !ordinate.is_multiple_of(self.dimensions) {
            return Err(GeometryError::ElementInfo);
        }
        let first = ordinate / self.dimensions;
        Ok(Triplet { first, kind: whole(kind)?, interpretation: count(interpretation)? })
    }

    /// Where the points of what stands before triplet `n` end.
    fn first_of(&self, n: usize) -> Result<usize, GeometryError> {
        if n < self.triplets() { self.triplet(n).map(|triplet| triplet.first) } else { Ok(self.points()) }
    }

    fn element(&self, n: usize) -> Result<Element, GeometryError> {
        let Triplet { first, kind, interpretation } = self.triplet(n)?;
        let shape = match (kind, interpretation) {
            (1, 0) => return Err(GeometryError::OrientedPoint),
            (1, _) => Shape::Points,
            (2, _) => Shape::Line(path_of(interpretation)?),
            (4, 1..) => Shape::Line(Path::Compound { parts: interpretation }),
            (1003 | 2003, 3) => Shape::Rectangle { hole: kind == 2003 },
            (1003 | 2003, 4) => return Err(GeometryError::Circle),
            (1003 | 2003, 1 | 2) => Shape::Ring { hole: kind == 2003, path: path_of(interpretation)? },
            (1005 | 2005, 1..) => Shape::Ring { hole: kind == 2005, path: Path::Compound { parts: interpretation } },
            (1006 | 2006, _) => return Err(GeometryError::Surface),
            (1007 | 1008, _) => return Err(GeometryError::Solid),
            (0, _) => return Err(GeometryError::CustomElement),
            _ => return Err(GeometryError::ElementType),
        };
        let parts = match shape {
            Shape::Line(Path::Compound { parts }) | Shape::Ring { path: Path::Compound { parts }, .. } => parts,
            _ => 0,
        };
        // No more parts than there are triplets.
        if parts > self.triplets() - n - 1 {
            return Err(GeometryError::ElementInfo);
        }
        let next = n + 1 + parts;
        let end = self.first_of(next)?;
        if end <= first {
            return Err(GeometryError::ElementInfo);
        }
        match shape {
            Shape::Points if interpretation != end - first => Err(GeometryError::Ordinates),
            _ => Ok(Element { shape, first, end, next }),
        }
    }

    /// The triplet after the last ring of the polygon that begins at `n`, and whether one of its rings is curved.
    fn polygon(&self, n: usize) -> Result<(usize, bool), GeometryError> {
        let (mut next, mut curved) = (n, false);
        while next < self.triplets() {
            let element = self.element(next)?;
            match element.shape {
                Shape::Ring { hole, path } if hole == (next > n) => curved |= path != Path::Straight,
                Shape::Rectangle { hole } if hole == (next > n) => {}
                _ => break,
            }
            next = element.next;
        }
        if next == n { Err(GeometryError::Elements) } else { Ok((next, curved)) }
    }
}

struct Triplet {
    first: usize,
    kind: i64,
    interpretation: usize,
}

fn path_of(interpretation: usize) -> Result<Path, GeometryError> {
    match interpretation {
        1 => Ok(Path::Straight),
        2 => Ok(Path::Arcs),
        3 => Err(GeometryError::Nurbs),
        _ => Err(GeometryError::ElementType),
    }
}

struct Writer<'a> {
    out: &'a mut BytesMut,
    exact: bool,
    layout: Layout,
}

impl Writer<'_> {
    fn geometry(&mut self, attributes: &[Value]) -> Result<(), GeometryError> {
        let [gtype, srid, point, elements, ordinates] = attributes else {
            return Err(GeometryError::NotGeometry);
        };
        let gtype = match gtype {
            Value::Number(number) => number.to_i64().filter(|n| (1000..10_000).contains(n)),
            Value::Null => None,
            _ => return Err(GeometryError::NotGeometry),
        };
        let gtype = gtype.ok_or(GeometryError::Gtype)?;
        let kind = gtype % 100;
        match kind {
            0 => return Err(GeometryError::UnknownType),
            1..=7 => {}
            8 | 9 => return Err(GeometryError::Solid),
            _ => return Err(GeometryError::Gtype),
        }
        self.layout = Layout::new(gtype / 1000, gtype / 100 % 10)?;
        let srid = srid_of(srid)?;
        match (elements, ordinates) {
            (Value::Null, Value::Null) => match point {
                Value::Object(point) if kind == 1 => self.sdo_point(point, srid),
                Value::Object(_) => Err(GeometryError::Elements),
                Value::Null => Err(GeometryError::NoCoordinates),
                _ => Err(GeometryError::NotGeometry),
            },
            (Value::Collection(elements), Value::Collection(ordinates)) => {
                match point {
                    Value::Null => {}
                    Value::Object(values) if values.iter().all(Value::is_null) => {}
                    Value::Object(_) => return Err(GeometryError::PointBesideElements),
                    _ => return Err(GeometryError::NotGeometry),
                }
                let arrays = Arrays::new(elements, ordinates, self.layout.dimensions)?;
                match kind {
                    1..=3 => self.single(kind, &arrays, srid),
                    _ => self.several(kind, &arrays, srid),
                }
            }
            (Value::Null | Value::Collection(_), Value::Null | Value::Collection(_)) => {
                Err(GeometryError::NoCoordinates)
            }
            _ => Err(GeometryError::NotGeometry),
        }
    }

    fn sdo_point(&mut self, point: &[Value], srid: Option<u32>) -> Result<(), GeometryError> {
        let [x, y, z] = point else { return Err(GeometryError::NotGeometry) };
        let at = self.begin(srid);
        match self.layout.dimensions {
            2 if z.is_null() => self.point(&[x.clone(), y.clone()])?,
            3 => self.point(point)?,
            _ => return Err(GeometryError::Ordinates),
        }
        self.end(at, POINT);
        Ok(())
    }

    /// A point, a line or a polygon, and nothing else.
    fn single(&mut self, kind: i64, arrays: &Arrays<'_>, srid: Option<u32>) -> Result<(), GeometryError> {
        let (written, next) = self.member(arrays, 0, srid)?;
        if next < arrays.triplets() {
            // A point's second element is its orientation.
            arrays.element(next)?;
            return Err(GeometryError::Elements);
        }
        match (kind, written) {
            (1, POINT) | (2, LINE_STRING | CIRCULAR_STRING | COMPOUND_CURVE) | (3, POLYGON | CURVE_POLYGON) => Ok(()),
            _ => Err(GeometryError::Elements),
        }
    }

    fn several(&mut self, kind: i64, arrays: &Arrays<'_>, srid: Option<u32>) -> Result<(), GeometryError> {
        let at = self.begin(srid);
        let count_at = self.out.len();
        self.out.put_u32_le(0);
        let (mut count, mut n, mut curved) = (0, 0, false);
        while n < arrays.triplets() {
            let (written, next) = match kind {
                5 => {
                    let element = arrays.element(n)?;
                    for point in element.first..element.end {
                        self.one_point(arrays, point, None)?;
                    }
                    count += element.end - element.first - 1;
                    (if element.shape == Shape::Points { POINT } else { COLLECTION }, element.next)
                }
                _ => self.member(arrays, n, None)?,
            };
            match (kind, written) {
                (4, _) | (5, POINT) | (6, LINE_STRING) | (7, POLYGON) => {}
                (6, CIRCULAR_STRING | COMPOUND_CURVE) | (7, CURVE_POLYGON) => curved = true,
                _ => return Err(GeometryError::Elements),
            }
            count += 1;
            n = next;
        }
        self.out[count_at..count_at + 4].copy_from_slice(&count_bytes(count)?);
        self.end(
            at,
            match (kind, curved) {
                (4, _) => COLLECTION,
                (5, _) => MULTI_POINT,
                (6, false) => MULTI_LINE_STRING,
                (6, true) => MULTI_CURVE,
                (_, false) => MULTI_POLYGON,
                (_, true) => MULTI_SURFACE,
            },
        );
        Ok(())
    }

    /// What begins at triplet `n`: its type, and the triplet after it.
    fn member(&mut self, arrays: &Arrays<'_>, n: usize, srid: Option<u32>) -> Result<(u32, usize), GeometryError> {
        let element = arrays.element(n)?;
        match element.shape {
            Shape::Points if element.end - element.first == 1 => {
                self.one_point(arrays, element.first, srid)?;
                Ok((POINT, element.next))
            }
            Shape::Points => {
                let at = self.begin(srid);
                self.count(element.end - element.first)?;
                for point in element.first..element.end {
                    self.one_point(arrays, point, None)?;
                }
                self.end(at, MULTI_POINT);
                Ok((MULTI_POINT, element.next))
            }
            Shape::Line(path) => Ok((self.curve(arrays, n, &element, path, srid)?, element.next)),
            Shape::Ring { .. } | Shape::Rectangle { .. } => {
                let (next, curved) = arrays.polygon(n)?;
                let kind = if curved { CURVE_POLYGON } else { POLYGON };
                let at = self.begin(srid);
                let count_at = self.out.len();
                self.out.put_u32_le(0);
                let (mut rings, mut ring) = (0, n);
                while ring < next {
                    let element = arrays.element(ring)?;
                    self.ring(arrays, ring, &element, curved)?;
                    rings += 1;
                    ring = element.next;
                }
                self.out[count_at..count_at + 4].copy_from_slice(&count_bytes(rings)?);
                self.end(at, kind);
                Ok((kind, next))
            }
        }
    }

    /// Within a curved polygon each ring is a geometry of its own.
    fn ring(&mut self, arrays: &Arrays<'_>, n: usize, element: &Element, curved: bool) -> Result<(), GeometryError> {
        let at = |writer: &mut Self| curved.then(|| writer.begin(None));
        match element.shape {
            Shape::Rectangle { hole } => {
                let at = at(self);
                self.rectangle(arrays, element, hole)?;
                at.into_iter().for_each(|at| self.end(at, LINE_STRING));
            }
            Shape::Ring { path, .. } => {
                let (first, last) = (arrays.point(element.first)?, arrays.point(element.end - 1)?);
                if first[..2] != last[..2] {
                    return Err(GeometryError::NotClosed);
                }
                if path != Path::Straight {
                    self.curve(arrays, n, element, path, None)?;
                    return Ok(());
                }
                if element.end - element.first < 4 {
                    return Err(GeometryError::Ordinates);
                }
                let at = at(self);
                self.points(arrays, element.first, element.end)?;
                at.into_iter().for_each(|at| self.end(at, LINE_STRING));
            }
            Shape::Points | Shape::Line(_) => return Err(GeometryError::Elements),
        }
        Ok(())
    }

    fn rectangle(&mut self, arrays: &Arrays<'_>, element: &Element, hole: bool) -> Result<(), GeometryError> {
        if element.end - element.first != 2 {
            return Err(GeometryError::Ordinates);
        }
        let (a, b) = (arrays.point(element.first)?, arrays.point(element.first + 1)?);
        if a[2..] != b[2..] {
            return Err(GeometryError::Rectangle);
        }
        let ordered = |a: &Value, b: &Value| match (number(a)?, number(b)?) {
            (a, b) if a <= b => Ok((a, b)),
            (a, b) => Ok((b, a)),
        };
        let ((left, right), (bottom, top)) = (ordered(&a[0], &b[0])?, ordered(&a[1], &b[1])?);
        let (second, fourth) = if hole { ((left, top), (right, bottom)) } else { ((right, bottom), (left, top)) };
        self.count(5)?;
        for (x, y) in [(left, bottom), second, (right, top), fourth, (left, bottom)] {
            let mut corner = [Value::Number(x), Value::Number(y), Value::Null, Value::Null];
            corner[2..a.len()].clone_from_slice(&a[2..]);
            self.point(&corner[..a.len()])?;
        }
        Ok(())
    }

    /// A line or a ring that is no part of a polygon of straight lines: its type.
    fn curve(
        &mut self,
        arrays: &Arrays<'_>,
        n: usize,
        element: &Element,
        path: Path,
        srid: Option<u32>,
    ) -> Result<u32, GeometryError> {
        let at = self.begin(srid);
        let kind = match path {
            Path::Straight => {
                self.points(arrays, element.first, element.end)?;
                LINE_STRING
            }
            Path::Arcs => {
                self.arcs(arrays, element.first, element.end)?;
                CIRCULAR_STRING
            }
            Path::Compound { parts } => {
                self.count(parts)?;
                if arrays.triplet(n + 1)?.first != element.first {
                    return Err(GeometryError::ElementInfo);
                }
                for part in n + 1..=n + parts {
                    let triplet = arrays.triplet(part)?;
                    if triplet.kind != 2 {
                        return Err(GeometryError::Elements);
                    }
                    // A part ends with the first point of the next one.
                    let last = part == n + parts;
                    let end = arrays.first_of(part + 1)? + usize::from(!last);
                    let path = path_of(triplet.interpretation)?;
                    self.straight_or_arcs(arrays, path == Path::Arcs, triplet.first, end)?;
                }
                COMPOUND_CURVE
            }
        };
        self.end(at, kind);
        Ok(kind)
    }

    fn straight_or_arcs(
        &mut self,
        arrays: &Arrays<'_>,
        arcs: bool,
        first: usize,
        end: usize,
    ) -> Result<(), GeometryError> {
        let at = self.begin(None);
        if arcs {
            self.arcs(arrays, first, end)?
        } else {
            self.points(arrays, first, end)?
        }
        self.end(at, if arcs { CIRCULAR_STRING } else { LINE_STRING });
        Ok(())
    }

    /// Three points an arc, the last of one being the first of the next.
    fn arcs(&mut self, arrays: &Arrays<'_>, first: usize, end: usize) -> Result<(), GeometryError> {
        if end < first + 3 || (end - first).is_multiple_of(2) {
            return Err(GeometryError::Ordinates);
        }
        for start in (first..end - 2).step_by(2) {
            if arrays.point(start)?[..2] == arrays.point(start + 2)?[..2] {
                return Err(GeometryError::ClosedArc);
            }
        }
        self.points(arrays, first, end)
    }

    /// Two points or more.
    fn points(&mut self, arrays: &Arrays<'_>, first: usize, end: usize) -> Result<(), GeometryError> {
        if end < first + 2 {
            return Err(GeometryError::Ordinates);
        }
        self.count(end - first)?;
        (first..end).try_for_each(|n| self.point(arrays.point(n)?))
    }

    fn one_point(&mut self, arrays: &Arrays<'_>, n: usize, srid: Option<u32>) -> Result<(), GeometryError> {
        let at = self.begin(srid);
        self.point(arrays.point(n)?)?;
        self.end(at, POINT);
        Ok(())
    }

    fn point(&mut self, point: &[Value]) -> Result<(), GeometryError> {
        for &place in &self.layout.order[..self.layout.dimensions] {
            let (ordinate, exact) = double(point.get(place).ok_or(GeometryError::Ordinates)?)?;
            self.out.put_f64_le(ordinate);
            self.exact &= exact;
        }
        Ok(())
    }

    fn count(&mut self, count: usize) -> Result<(), GeometryError> {
        self.out.put_slice(&count_bytes(count)?);
        Ok(())
    }

    /// The head of a geometry, whose type [`end`](Writer::end) fills in; the SRID is the outermost one's.
    fn begin(&mut self, srid: Option<u32>) -> usize {
        self.out.put_u8(1);
        let at = self.out.len();
        let flags = self.layout.flags | if srid.is_some() { HAS_SRID } else { 0 };
        self.out.put_u32_le(flags);
        srid.into_iter().for_each(|srid| self.out.put_u32_le(srid));
        at
    }

    fn end(&mut self, at: usize, kind: u32) {
        // Little-endian, and no type has more than four bits.
        self.out[at] |= kind.to_le_bytes()[0];
    }
}

fn count_bytes(count: usize) -> Result<[u8; 4], GeometryError> {
    u32::try_from(count).map(u32::to_le_bytes).map_err(|_| GeometryError::Ordinates)
}

/// `None` for NULL: EWKB has no SRID then, which is PostGIS's 0.
fn srid_of(value: &Value) -> Result<Option<u32>, GeometryError> {
    match value {
        Value::Null => Ok(None),
        Value::Number(number) => {
            let srid = number.to_i64().filter(|n| (1..=MAX_SRID).contains(n));
            srid.and_then(|n| u32::try_from(n).ok()).map(Some).ok_or(GeometryError::Srid)
        }
        _ => Err(GeometryError::NotGeometry),
    }
}

fn number(ordinate: &Value) -> Result<Number, GeometryError> {
    match ordinate {
        Value::Number(number) => Ok(*number),
        Value::Null => Err(GeometryError::NullOrdinate),
        _ => Err(GeometryError::NotGeometry),
    }
}

/// The nearest double, and whether it keeps the number.
fn double(ordinate: &Value) -> Result<(f64, bool), GeometryError> {
    match Form::from_bytes(number(ordinate)?.as_bytes()) {
        Ok(Form::Zero) => Ok((0.0, true)),
        Ok(Form::Finite(pairs)) => Ok(Groups::from_pairs(&pairs).to_f64()),
        Ok(Form::Infinite { .. }) => Err(GeometryError::InfiniteOrdinate),
        Err(_) => Err(GeometryError::NotGeometry),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn n(text: &str) -> Value {
        Value::Number(text.trim().parse().unwrap_or_else(|e| panic!("{text}: {e}")))
    }

    fn list(text: &str) -> Value {
        Value::Collection(text.split(',').map(|text| if text == "NULL" { Value::Null } else { n(text) }).collect())
    }

    fn sdo(gtype: &str, elements: &str, ordinates: &str) -> Vec<Value> {
        vec![n(gtype), Value::Null, Value::Null, list(elements), list(ordinates)]
    }

    fn point(gtype: &str, srid: &str, coordinates: [Value; 3]) -> Vec<Value> {
        vec![n(gtype), n(srid), Value::Object(coordinates.to_vec()), Value::Null, Value::Null]
    }

    fn ewkb(attributes: &[Value]) -> Result<(String, bool), GeometryError> {
        let mut out = BytesMut::from(&b"before"[..]);
        let written = put_ewkb(attributes, &mut out);
        assert_eq!(&out[..6], b"before");
        if written.is_err() {
            assert_eq!(out.len(), 6);
        }
        written.map(|written| (out[6..].iter().map(|b| format!("{b:02x}")).collect(), written.exact))
    }

    /// What PostGIS 3.3 sent (`ST_AsEWKB`) for its own text of the same geometry; `pg-sink` asks a server for many more.
    #[test]
    fn known_bytes() {
        let new_york = [n("-74.00597"), n("40.7143"), n("10")];
        for (attributes, bytes) in [
            (point("3001", "4326", new_york), "01010000a0e610000075b0fecf618052c033c4b12e6e5b44400000000000002440"),
            (
                point("3301", "8307", [n("1"), n("2"), n("3")]),
                "010100006073200000000000000000f03f00000000000000400000000000000840",
            ),
            (
                sdo("4301", "1,1,1", "1,2,3,4"),
                "01010000c0000000000000f03f000000000000004000000000000010400000000000000840",
            ),
            (
                sdo("2002", "1,4,2,1,2,1,3,2,2", "10,10,10,14,6,10,14,10"),
                "0109000000020000000102000000020000000000000000002440000000000000244000000000000024400000000000002c40\
                 01080000000300000000000000000024400000000000002c40000000000000184000000000000024400000000000002c40\
                 0000000000002440",
            ),
            (
                sdo("2003", "1,1003,3", "5,7,1,1"),
                "01030000000100000005000000000000000000f03f000000000000f03f0000000000001440000000000000f03f\
                 00000000000014400000000000001c40000000000000f03f0000000000001c40000000000000f03f000000000000f03f",
            ),
            (
                sdo("2003", "1,1003,2", "15,145,10,140,15,135,20,140,15,145"),
                "010a000000010000000108000000050000000000000000002e4000000000002062400000000000002440\
                 00000000008061400000000000002e400000000000e06040000000000000344000000000008061400000000000002e40\
                 0000000000206240",
            ),
            (
                sdo("2005", "1,1,3", "1,2,3,4,5,6"),
                "0104000000030000000101000000000000000000f03f0000000000000040010100000000000000000008400000000000001040\
                 010100000000000000000014400000000000001840",
            ),
            (sdo("2004", "1,1,1", "1,2"), "0107000000010000000101000000000000000000f03f0000000000000040"),
        ] {
            assert_eq!(ewkb(&attributes), Ok((bytes.to_owned(), true)), "{attributes:?}");
        }
    }

    #[test]
    fn digits_that_a_double_does_not_keep_are_told() {
        let exact = |x: &str| ewkb(&sdo("2001", "1,1,1", &format!("{x},0"))).map(|(_, exact)| exact);
        assert_eq!((exact("0.1"), exact("0.12345678901234567891")), (Ok(true), Ok(false)));
        assert_eq!((exact("9007199254740992"), exact("9007199254740993")), (Ok(true), Ok(false)));
        assert_eq!((exact("1E-130"), exact("9.9E125")), (Ok(true), Ok(true)));
    }

    #[test]
    fn refuses_by_name() {
        use GeometryError as E;
        for (gtype, elements, ordinates, error) in [
            ("2000", "1,1,1", "1,2", E::UnknownType),
            ("3008", "1,1007,1", "1,2,3", E::Solid),
            ("3009", "1,1007,1", "1,2,3", E::Solid),
            ("3004", "1,1008,1", "1,2,3", E::Solid),
            ("3003", "1,1006,2", "1,2,3", E::Surface),
            ("2001", "1,1,1,3,1,0", "1,2,0.3,0.2", E::OrientedPoint),
            ("2005", "1,1,1,3,1,0", "1,2,0.3,0.2", E::OrientedPoint),
            ("2002", "1,2,3", "1,2,3,4", E::Nurbs),
            ("2002", "1,4,1,1,2,3", "1,2,3,4", E::Nurbs),
            ("2003", "1,1003,4", "8,7,10,9,8,11", E::Circle),
            ("2003", "1,1003,1,11,2003,4", "0,0,9,0,9,9,0,9,0,0,3,2,4,3,3,4", E::Circle),
            ("2004", "1,0,57", "1,2", E::CustomElement),
            ("2003", "1,3,1", "0,0,1,0,1,1,0,0", E::ElementType),
            ("2003", "1,1003,7", "0,0,1,0,1,1,0,0", E::ElementType),
            ("1", "1,1,1", "1,2", E::Gtype),
            ("2010", "1,1,1", "1,2", E::Gtype),
            ("2301", "1,1,1", "1,2", E::Gtype),
            ("3401", "1,1,1", "1,2,3", E::Gtype),
            ("2001.5", "1,1,1", "1,2", E::Gtype),
            ("2001", "1,2,1", "1,2,3,4", E::Elements),
            ("2001", "1,1,2", "1,2,3,4", E::Elements),
            ("2001", "1,1,1,3,1,1", "1,2,3,4", E::Elements),
            ("2003", "1,2003,3", "0,0,1,1", E::Elements),
            ("2003", "1,1003,3,5,1003,3", "0,0,1,1,2,2,3,3", E::Elements),
            ("2006", "1,2,1,5,1,1", "0,0,1,1,2,2", E::Elements),
            ("2007", "1,2003,3", "0,0,1,1", E::Elements),
            ("2005", "1,2,1", "0,0,1,1", E::Elements),
            ("2002", "1,4,1,1,1003,1", "0,0,1,1", E::Elements),
            ("2001", "1,1", "1,2", E::ElementInfo),
            ("2001", "1,1,1,3", "1,2", E::ElementInfo),
            ("2001", "1,1,0.5", "1,2", E::ElementInfo),
            ("2001", "1,1,NULL", "1,2", E::ElementInfo),
            ("2001", "1,1,-1", "1,2", E::ElementInfo),
            ("2001", "0,1,1", "1,2", E::ElementInfo),
            ("2001", "3,1,1", "1,2,3,4", E::ElementInfo),
            ("2001", "5,1,1", "1,2,3,4", E::ElementInfo),
            ("2005", "1,1,1,2,1,1", "1,2,3,4", E::ElementInfo),
            ("2005", "1,1,1,1,1,2", "1,2,3,4", E::ElementInfo),
            ("2005", "1,1,1,9223372036854775807,1,1", "1,2,3,4", E::ElementInfo),
            ("2002", "1,4,2,1,2,1", "1,2,3,4", E::ElementInfo),
            ("2002", "1,4,9223372036854775807,1,2,1", "1,2,3,4", E::ElementInfo),
            ("2006", "1,2,1,5,4,1,7,2,1", "0,0,1,1,2,2,3,3,4,4", E::ElementInfo),
            ("2002", "1,4,2,1,2,1,1,2,1", "1,2,3,4", E::Ordinates),
            ("2001", "1,1,1", "1,2,3", E::Ordinates),
            ("2001", "1,1,1", "1,2,3,4", E::Ordinates),
            ("2002", "1,2,1", "1,2", E::Ordinates),
            ("2002", "1,2,2", "1,2,3,4,5,6,7,8", E::Ordinates),
            ("2003", "1,1003,1", "0,0,1,1,0,0", E::Ordinates),
            ("2003", "1,1003,3", "0,0,1,1,2,2", E::Ordinates),
            ("2001", "1,1,1", "1,NULL", E::NullOrdinate),
            ("3302", "1,2,1", "0,0,NULL,1,1,NULL", E::NullOrdinate),
            ("2001", "1,1,1", "1,~", E::InfiniteOrdinate),
            ("2003", "1,1003,1", "0,0,1,0,1,1,0,0.1", E::NotClosed),
            ("2003", "1,1005,1,1,2,2", "0,0,1,1,2,0", E::NotClosed),
            ("2002", "1,2,2", "0,0,1,1,0,0", E::ClosedArc),
            ("3003", "1,1003,3", "0,0,1,1,1,2", E::Rectangle),
        ] {
            assert_eq!(ewkb(&sdo(gtype, elements, ordinates)), Err(error), "{gtype} {elements} {ordinates}");
        }
        let [x, y] = [n("1"), n("2")];
        let nothing = vec![n("2001"), Value::Null, Value::Null, Value::Null, Value::Null];
        let mut beside = sdo("2001", "1,1,1", "1,2");
        beside[2] = Value::Object(vec![x.clone(), y.clone(), Value::Null]);
        let mut half = beside.clone();
        half[4] = Value::Null;
        for (attributes, error) in [
            (nothing, E::NoCoordinates),
            (half, E::NoCoordinates),
            (beside, E::PointBesideElements),
            (point("2001", "4326", [x.clone(), y.clone(), n("3")]), E::Ordinates),
            (point("3001", "4326", [x.clone(), y.clone(), Value::Null]), E::NullOrdinate),
            (point("2002", "4326", [x.clone(), y.clone(), Value::Null]), E::Elements),
            (point("4001", "4326", [x.clone(), y.clone(), n("3")]), E::Ordinates),
            (point("2001", "0", [x.clone(), y.clone(), Value::Null]), E::Srid),
            (point("2001", "999000", [x.clone(), y.clone(), Value::Null]), E::Srid),
            (point("2001", "1.5", [x.clone(), y.clone(), Value::Null]), E::Srid),
            (vec![n("2001")], E::NotGeometry),
            (vec![Value::Boolean(true), Value::Null, Value::Null, Value::Null, Value::Null], E::NotGeometry),
        ] {
            assert_eq!(ewkb(&attributes), Err(error), "{attributes:?}");
        }
        let mut empty_point = sdo("2001", "1,1,1", "1,2");
        empty_point[2] = Value::Object(vec![Value::Null; 3]);
        assert_eq!(ewkb(&empty_point), ewkb(&sdo("2001", "1,1,1", "1,2")));
    }

    fn any_value() -> impl Strategy<Value = Value> {
        prop_oneof![
            8 => (-3..30_i64).prop_map(|n| Value::Number(n.into())),
            1 => any::<i64>().prop_map(|n| Value::Number(n.into())),
            1 => Just(Value::Null),
            1 => Just(Value::Number(Number::NEG_INFINITY)),
            1 => Just(Value::Text("1".to_owned())),
        ]
    }

    fn any_list(most: usize) -> impl Strategy<Value = Value> {
        let values = move || prop::collection::vec(any_value(), 0..most);
        prop_oneof![
            8 => values().prop_map(Value::Collection),
            1 => values().prop_map(Value::Object),
            1 => any_value(),
        ]
    }

    proptest! {
        /// Also where nothing fits together: an error and nothing written, or something.
        #[test]
        fn any_attributes(
            gtype in prop_oneof![2001..=2007_i64, 3301..=3307_i64, 4301..=4307_i64, any::<i64>()],
            srid in any_value(),
            point in any_list(5),
            elements in prop_oneof![
                any_list(10),
                prop::collection::vec((1..9_i64, prop::sample::select(vec![0, 1, 2, 4, 1003, 2003, 1005]), 0..4_i64), 1..4).prop_map(
                    |triplets| {
                        let numbers = triplets.into_iter().flat_map(|(offset, kind, n)| [offset, kind, n]);
                        Value::Collection(numbers.map(|n| Value::Number(n.into())).collect())
                    }
                ),
            ],
            ordinates in any_list(30),
            no_point in any::<bool>(),
        ) {
            let point = if no_point { Value::Null } else { point };
            let _ = ewkb(&[Value::Number(gtype.into()), srid, point, elements, ordinates]);
        }
    }
}
