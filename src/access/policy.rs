//! The access table: role × type × field × area, one file, read by every door.
//!
//! Types and fields are those of the GraphQL schema; the REST door asks under the same names. `Query` and `Mutation` rows
//! say who may ask and push at all, the row `(rows)` of a type says which of its rows a role reaches.

use std::{collections::HashMap, fmt, sync::LazyLock};

use super::Role;

/// What a role may do with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grant {
    /// Nothing.
    None,
    /// See counts and sums, cells under 5 left out.
    Suppressed,
    /// See it with the middle of the number hidden.
    Masked,
    /// See or use it as it is.
    Read,
}

/// Which rows of a type a role reaches within its area.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// All of them.
    Area,
    /// Households that borrow, and their members.
    Borrowers,
    /// Pupils who are paid a subsidy, and their households.
    Pupils,
}

/// The parsed table.
#[derive(Debug)]
pub struct Table {
    /// By type, then by field.
    grants: HashMap<String, HashMap<String, [Grant; 8]>>,
    reaches: HashMap<String, [Reach; 8]>,
    rows: Vec<Vec<String>>,
}

/// The table as it is enforced.
pub fn table() -> &'static Table {
    static TABLE: LazyLock<Table> = LazyLock::new(|| {
        Table::parse(include_str!("policy.csv"))
            .unwrap_or_else(|fault| unreachable!("a test reads the embedded access table: {fault}"))
    });
    &TABLE
}

impl Table {
    fn parse(text: &str) -> Result<Self, String> {
        let mut table = Self { grants: HashMap::new(), reaches: HashMap::new(), rows: Vec::new() };
        let header = format!("type,field,{}", Role::ALL.map(Role::as_str).join(","));
        let mut lines = text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
        if lines.next() != Some(header.as_str()) {
            return Err(format!("the header must be {header}"));
        }
        for line in lines {
            let row: Vec<String> = line.split(',').map(|cell| cell.trim().to_owned()).collect();
            if row.len() != 10 {
                return Err(format!("{line}: 10 cells are wanted"));
            }
            if row[1] == "(rows)" {
                let cells = row[2..].iter().map(|cell| reach(cell)).collect::<Result<Vec<_>, _>>()?;
                table.reaches.insert(row[0].clone(), to_columns(cells)?);
            } else {
                let cells = row[2..].iter().map(|cell| grant(cell)).collect::<Result<Vec<_>, _>>()?;
                let of = table.grants.entry(row[0].clone()).or_default();
                if of.insert(row[1].clone(), to_columns(cells)?).is_some() {
                    return Err(format!("{line}: stands twice"));
                }
            }
            table.rows.push(row);
        }
        Ok(table)
    }

    /// What a role may do with a field. What the table does not name is granted to nobody.
    pub fn grant(&self, role: Role, of: &str, field: &str) -> Grant {
        if is_plumbing(of) || field == "__typename" {
            return Grant::Read;
        }
        self.row(of, field).map_or(Grant::None, |cells| cells[column(role)])
    }

    /// Which rows of a type a role reaches.
    pub fn reach(&self, role: Role, of: &str) -> Reach {
        self.reaches.get(of).map_or(Reach::Area, |cells| cells[column(role)])
    }

    /// Whether the table names a field, itself or by its type's `*`.
    pub fn names(&self, of: &str, field: &str) -> bool {
        is_plumbing(of) || self.row(of, field).is_some()
    }

    /// Type and field of every row.
    pub fn rows(&self) -> impl Iterator<Item = (&str, &str)> {
        self.rows.iter().map(|row| (row[0].as_str(), row[1].as_str()))
    }

    /// Every root field the table names: what can be asked, pushed and followed.
    pub fn root_fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.rows().filter(|(of, _)| matches!(*of, "Query" | "Mutation" | "Subscription"))
    }

    /// The row of a field: its own, or that of all fields of its type.
    fn row(&self, of: &str, field: &str) -> Option<&[Grant; 8]> {
        let fields = self.grants.get(of)?;
        fields.get(field).or_else(|| fields.get("*"))
    }
}

/// Types that carry no data of their own: they are reached through a field that is granted or not.
fn is_plumbing(of: &str) -> bool {
    of == "PageInfo" || of.ends_with("Connection") || of.ends_with("Edge") || of.starts_with("__")
}

fn column(role: Role) -> usize {
    role as usize
}

fn to_columns<T: fmt::Debug>(cells: Vec<T>) -> Result<[T; 8], String> {
    cells.try_into().map_err(|cells: Vec<T>| format!("{} roles are wanted, found {}", 8, cells.len()))
}

fn grant(cell: &str) -> Result<Grant, String> {
    match cell {
        "read" => Ok(Grant::Read),
        "mask" => Ok(Grant::Masked),
        "suppress" => Ok(Grant::Suppressed),
        "-" => Ok(Grant::None),
        _ => Err(format!("{cell}: one of read, mask, suppress, - is wanted")),
    }
}

fn reach(cell: &str) -> Result<Reach, String> {
    match cell {
        "area" | "-" => Ok(Reach::Area),
        "borrowers" => Ok(Reach::Borrowers),
        "pupils" => Ok(Reach::Pupils),
        _ => Err(format!("{cell}: one of area, borrowers, pupils is wanted")),
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<22} {:<26}", "type", "field")?;
        for role in Role::ALL {
            write!(f, " {:<13}", role.as_str())?;
        }
        writeln!(f)?;
        for row in &self.rows {
            write!(f, "{:<22} {:<26}", row[0], row[1])?;
            for cell in &row[2..] {
                write!(f, " {cell:<13}")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_table_is_well_formed_and_opens_nothing_unnamed() {
        let table = Table::parse(include_str!("policy.csv")).unwrap();
        for role in Role::ALL {
            for of in [
                "Query",
                "Mutation",
                "Household",
                "Person",
                "Loan",
                "HealthInsuranceCard",
                "MedicalVisit",
                "EducationSubsidy",
            ] {
                assert_eq!(table.grant(role, of, "noSuchField"), Grant::None, "{of}");
            }
            assert_eq!(table.grant(role, "NoSuchType", "id"), Grant::None);
        }
    }

    #[test]
    fn a_malformed_table_is_refused() {
        assert!(Table::parse("type,field").is_err());
        let header = format!("type,field,{}", Role::ALL.map(Role::as_str).join(","));
        assert!(Table::parse(&format!("{header}\nA,b,read")).is_err());
        assert!(Table::parse(&format!("{header}\nA,b,read,-,-,-,-,-,-,maybe")).is_err());
    }
}
