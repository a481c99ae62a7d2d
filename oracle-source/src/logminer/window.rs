//! How far one window goes. Nothing here speaks to a database.

/// The span of windows, which follows the rows that they turn out to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Window {
    span: u64,
    max_span: u64,
    max_rows: usize,
}

/// A first guess.
const FIRST_SPAN: u64 = 20_000;

impl Window {
    pub(super) fn new(max_span: u64, max_rows: usize) -> Self {
        let max_span = max_span.max(1);
        Window { span: max_span.min(FIRST_SPAN), max_span, max_rows }
    }

    pub(super) fn span(&self) -> u64 {
        self.span
    }

    /// Last SCN of the next window, of what can be read up to `reach`.
    pub(super) fn upto(&self, after: u64, reach: u64) -> u64 {
        reach.min(after.saturating_add(self.span))
    }

    /// Whether so many rows are too many for a window of more than one SCN.
    pub(super) fn overflows(&self, rows: usize) -> bool {
        rows > self.max_rows
    }

    /// A window was read. One that the span has cut and that was nearly empty was too short: without any rows far too short.
    pub(super) fn took(&mut self, after: u64, upto: u64, rows: usize) {
        let cut_by_span = upto - after >= self.span;
        if rows == 0 {
            if cut_by_span {
                self.span = self.span.saturating_mul(8);
            }
        } else {
            // The jump is over.
            self.span = self.span.min(self.max_span);
            if cut_by_span && rows <= self.max_rows / 4 {
                self.span = self.span.saturating_mul(2).min(self.max_span);
            }
        }
    }

    /// A window had too many rows; `seen` is the highest SCN among those that were read before it was given up.
    pub(super) fn overflowed(&mut self, after: u64, upto: u64, seen: u64) {
        let spanned = upto - after;
        // What was read is that much of the window; half of it has room to spare.
        let dense = seen.saturating_sub(after);
        self.span = (spanned / 2).min(if dense > 0 { dense / 2 } else { u64::MAX }).max(1);
    }

    /// The server ran out of memory over a window.
    pub(super) fn halve(&mut self) {
        self.span = (self.span / 2).max(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_jump_is_passed_in_a_few_steps() {
        let mut window = Window::new(1_000_000, 1000);
        let (mut after, reach, mut steps) = (0, 10_u64.pow(15), 0);
        while after < reach {
            let upto = window.upto(after, reach);
            window.took(after, upto, 0);
            (after, steps) = (upto, steps + 1);
        }
        assert!(steps < 20, "{steps}");
        window.took(after, after + 10, 5);
        assert!(window.span() <= 1_000_000);
    }

    #[test]
    fn an_idle_database_does_not_stretch_it() {
        let mut window = Window::new(1_000_000, 1000);
        for n in 0..100 {
            window.took(n, n + 1, 0);
        }
        assert_eq!(window.span(), FIRST_SPAN);
    }

    proptest! {
        /// Redo of any density, with bursts: every SCN is read once, in order; no window of several SCNs is taken with too many rows; and
        /// it does not take for ever.
        #[test]
        fn windows_cover_everything_once(
            counts in proptest::collection::vec(prop_oneof![8 => Just(0_usize), 2 => 1_usize..5, 1 => 50_usize..400], 1..400),
            max_rows in 1_usize..200,
            max_span in 1_u64..1000,
            stretch in 1_u64..1_000_000,
        ) {
            // SCN of each entry, far apart.
            let scns: Vec<(u64, usize)> = counts.iter().enumerate().map(|(n, c)| ((n as u64 + 1) * stretch, *c)).collect();
            let reach = scns.last().unwrap().0;
            let total: usize = counts.iter().sum();
            let mut window = Window::new(max_span, max_rows);
            let (mut after, mut read, mut steps) = (0, 0, 0_u64);
            while after < reach {
                steps += 1;
                prop_assert!(steps < 200_000, "no end");
                let upto = window.upto(after, reach);
                prop_assert!(upto > after && upto <= reach);
                let within: Vec<_> = scns.iter().filter(|(scn, c)| *scn > after && *scn <= upto && *c > 0).collect();
                let rows: usize = within.iter().map(|(_, c)| c).sum();
                if window.overflows(rows) && upto - after > 1 {
                    let mut so_far = 0;
                    let seen = within.iter().find(|(_, c)| { so_far += c; so_far > max_rows }).unwrap().0;
                    let before = window.span().min(upto - after);
                    window.overflowed(after, upto, seen);
                    prop_assert!(window.span() < before);
                    continue;
                }
                window.took(after, upto, rows);
                read += rows;
                after = upto;
            }
            prop_assert_eq!(read, total);
        }
    }
}
