//! Which object needs which, and the order of work that follows.

use crate::Effort;
use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use std::collections::HashSet;

/// Objects by their positions, and what each needs.
#[derive(Debug)]
pub(crate) struct Order {
    /// For each object: how many others need it.
    pub(crate) needed_by: Vec<usize>,
    /// For each object: 0 where no object that a person writes is needed, else one more than those it needs.
    pub(crate) level: Vec<usize>,
    /// The most that a chain of objects which need each other costs.
    pub(crate) chain: Effort,
}

/// `needs` has pairs of object and what it needs; `work` what a person does for each object, nothing for those that convert.
pub(crate) fn order(work: &[Option<Effort>], needs: &HashSet<(u32, u32)>) -> Order {
    let mut graph: DiGraph<(), (), u32> = DiGraph::with_capacity(work.len(), needs.len());
    for _ in work {
        graph.add_node(());
    }
    let mut needed_by = vec![0usize; work.len()];
    let mut edges: Vec<&(u32, u32)> = needs.iter().filter(|(from, to)| from != to).collect();
    edges.sort_unstable();
    for &&(from, to) in &edges {
        graph.add_edge(NodeIndex::from(from), NodeIndex::from(to), ());
        needed_by[NodeIndex::<u32>::from(to).index()] += 1;
    }
    let mut level = vec![0usize; work.len()];
    let mut costs = vec![Effort::NONE; work.len()];
    let mut chain = Effort::NONE;
    // What is needed comes before what needs it; objects that need each other come together.
    for together in kosaraju_scc(&graph) {
        let members: HashSet<NodeIndex<u32>> = together.iter().copied().collect();
        let needed = || together.iter().flat_map(|&n| graph.neighbors(n)).filter(|n| !members.contains(n));
        let below = needed().map(|n| level[n.index()]).max().unwrap_or_default();
        let cost_below = needed().map(|n| costs[n.index()]).fold(Effort::NONE, largest);
        let own = together.iter().filter_map(|n| work[n.index()]).fold(Effort::NONE, largest);
        let by_hand = together.iter().any(|n| work[n.index()].is_some());
        for n in &together {
            level[n.index()] = below + usize::from(by_hand);
            costs[n.index()] = cost_below + own;
        }
        chain = largest(chain, cost_below + own);
    }
    Order { needed_by, level, chain }
}

fn largest(a: Effort, b: Effort) -> Effort {
    Effort { low: a.low.max(b.low), expected: a.expected.max(b.expected), high: a.high.max(b.high) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_needed_comes_first() {
        let hours = |h| Some(Effort::new(h, h, h));
        // 0 table, 1 function by hand, 2 view that converts over 1, 3 and 4 packages that need each other and 2.
        let work = [None, hours(2.0), None, hours(3.0), hours(1.0)];
        let needs = HashSet::from([(1, 0), (2, 1), (3, 2), (3, 4), (4, 3), (0, 0)]);
        let order = order(&work, &needs);
        assert_eq!(order.level, [0, 1, 1, 2, 2]);
        assert_eq!(order.needed_by, [1, 1, 1, 1, 1]);
        assert!((order.chain.expected - 5.0).abs() < 1e-9);
    }

    #[test]
    fn long_chains_need_no_stack() {
        let work = vec![Some(Effort::new(1.0, 1.0, 1.0)); 50_000];
        let needs = (1..50_000).map(|n| (n, n - 1)).collect();
        assert_eq!(order(&work, &needs).level[49_999], 50_000);
    }
}
