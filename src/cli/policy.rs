//! `ansinh policy`: who may ask, push and see what.

use crate::access::policy;

/// Prints the table as it is enforced.
pub fn run() {
    print!("{}", policy::table());
}
