use crate::{
    fixture::{Fixture, hr, ident},
    rows::read,
};
use oracle_source::{Chunk, ChunkRange, current_scn, plan_chunks, read_catalog};
use std::collections::BTreeSet;

#[test]
fn each_row_is_in_one_chunk() {
    let mut script = "CREATE TABLE many (id NUMBER PRIMARY KEY, t VARCHAR2(400));
         CREATE TABLE few (id NUMBER PRIMARY KEY);
         INSERT INTO few VALUES (1);
         CREATE TABLE org (id NUMBER PRIMARY KEY) ORGANIZATION INDEX;
         CREATE GLOBAL TEMPORARY TABLE scratch (n NUMBER);"
        .to_owned();
    for id in 0..2000 {
        script.push_str(&format!("INSERT INTO many VALUES ({id}, '{}');", "y".repeat(400)));
    }
    let fixture = Fixture::new(&script);
    let session = fixture.system();
    let catalog = read_catalog(&session, &[ident("HR")], &|_| true).unwrap();
    let tables: Vec<_> = catalog.tables.iter().collect();
    let plan = plan_chunks(&session, &tables, 64 * 1024).unwrap();
    let of = |table: &str| plan.chunks.iter().filter(|c| c.table == hr(table)).collect::<Vec<&Chunk>>();
    assert!(of("MANY").len() > 3, "{:?}", plan.chunks);
    assert_eq!(of("FEW").iter().map(|c| &c.range).collect::<Vec<_>>(), [&ChunkRange::Whole]);
    assert_eq!(of("ORG").iter().map(|c| &c.range).collect::<Vec<_>>(), [&ChunkRange::Whole]);
    assert_eq!(of("SCRATCH").len(), 0);

    let scn = current_scn(&session).unwrap();
    let mut seen = BTreeSet::new();
    let mut filled = 0;
    for chunk in of("MANY") {
        let chunk = Chunk::from_text(&chunk.to_text()).unwrap();
        let before = seen.len();
        read(&session, &chunk.table, &chunk.range, Some(scn), 1 << 16, |batch, n| {
            assert!(seen.insert(format!("{:?}", batch.get(n, 0))), "twice");
        });
        filled += usize::from(seen.len() > before);
    }
    assert_eq!(seen.len(), 2000);
    assert!(filled > 1, "all rows were in one chunk");
}
