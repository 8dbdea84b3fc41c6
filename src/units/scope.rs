//! The area of each unit, spread out into pairs, so that a right or a filter is one look-up.
//!
//! A unit's area is the unit itself, all below it, and the areas of the units that passed into it: whole, or in their
//! larger part. It looks back and never ahead. A commune that took over three others sees what was recorded under
//! them; an abolished district does not see what its successors record, because its mandate ended with it and its
//! territory may have been divided.

use std::collections::{BTreeSet, HashMap};

use uuid::Uuid;

/// The pairs (unit, unit within), sorted. `parents` names each unit with the one above it; `inherited` each unit with
/// a predecessor whose records it took over.
pub fn compute(parents: &[(Uuid, Option<Uuid>)], inherited: &[(Uuid, Uuid)]) -> BTreeSet<(Uuid, Uuid)> {
    let mut next: HashMap<Uuid, Vec<Uuid>> = HashMap::with_capacity(parents.len());
    for (unit, parent) in parents {
        if let Some(parent) = parent {
            next.entry(*parent).or_default().push(*unit);
        }
    }
    for (unit, predecessor) in inherited {
        next.entry(*unit).or_default().push(*predecessor);
    }
    let mut pairs = BTreeSet::new();
    let mut open = Vec::new();
    for (unit, _) in parents {
        open.push(*unit);
        while let Some(within) = open.pop() {
            // A pair that is held already was walked already; this also ends a walk through a circle.
            if pairs.insert((*unit, within)) {
                open.extend(next.get(&within).into_iter().flatten());
            }
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_area_holds_what_lies_below_and_what_came_before() {
        let [province, district, commune, newer] = [1, 2, 3, 4].map(Uuid::from_u128);
        let parents = [(province, None), (district, Some(province)), (commune, Some(district)), (newer, None)];

        let pairs = compute(&parents, &[(newer, commune)]);

        let of = |unit| pairs.iter().filter(|(of, _)| *of == unit).map(|(_, within)| *within).collect::<Vec<_>>();
        assert_eq!(of(province), [province, district, commune]);
        assert_eq!(of(newer), [commune, newer]);
        assert_eq!(of(commune), [commune]);
    }
}
