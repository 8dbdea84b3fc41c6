//! Counts and sums of records by programme, as the consolidated report prints them.

/// One line: a programme with its turns, beneficiaries and sums.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summed {
    /// Slug of the programme.
    pub programme: String,
    /// Payments (lượt); none where the cell is left out.
    pub turns: Option<i64>,
    /// Distinct households or persons; none where the cell is left out.
    pub beneficiaries: Option<i64>,
    /// Sum, VND; none where the cell is left out.
    pub amount: Option<i64>,
    /// Rice, grams; none where none is given or the cell is left out.
    pub rice_grams: Option<i64>,
}

/// Cells under this many could tell who is meant (Law 91/2025/QH15: least data).
pub const SMALLEST_CELL: i64 = 5;

/// Leaves out the figures of small cells, for roles that may see only aggregates.
pub fn suppress(rows: Vec<Summed>, suppressed: bool) -> Vec<Summed> {
    let small = |row: &Summed| row.beneficiaries.is_some_and(|count| count < SMALLEST_CELL);
    rows.into_iter()
        .map(|row| match row {
            row if suppressed && small(&row) => {
                Summed { programme: row.programme, turns: None, beneficiaries: None, amount: None, rice_grams: None }
            }
            row => row,
        })
        .collect()
}
