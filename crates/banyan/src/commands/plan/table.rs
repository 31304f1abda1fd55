//! Tables as text: columns as wide as they must be, amounts to the right.

use std::fmt::Write;

/// Writes a table, indented by two spaces. A column whose cells are all numbers, or empty, is held to the right.
pub fn write(out: &mut String, head: &[String], rows: &[Vec<String>]) {
    let lines = || std::iter::once(head).chain(rows.iter().map(Vec::as_slice));
    let width = |column: usize| lines().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let columns: Vec<(usize, bool)> = (0..head.len())
        .map(|column| (width(column), rows.iter().all(|row| is_number(&row[column]))))
        .collect();
    for line in lines() {
        let mut text = String::new();
        for (cell, (width, is_numeric)) in line.iter().zip(&columns) {
            match is_numeric {
                true => write!(text, "  {cell:>width$}"),
                false => write!(text, "  {cell:<width$}"),
            }
            .expect("writing to a String cannot fail");
        }
        out.push_str(text.trim_end());
        out.push('\n');
    }
}

/// Whether a cell is an amount, a percentage or empty.
fn is_number(cell: &str) -> bool {
    cell.trim_start_matches(['+', '-'])
        .chars()
        .all(|letter| letter.is_ascii_digit() || letter == '.' || letter == '%')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_below_each_other_and_lines_have_no_tail() {
        let row = |cells: [&str; 3]| cells.map(str::to_owned).to_vec();
        let mut out = String::new();
        write(
            &mut out,
            &row(["who", "BNB", "record"]),
            &[row(["p1", "-2.5", "DIRECT"]), row(["company", "110", ""])],
        );
        assert_eq!(out, "  who       BNB  record\n  p1       -2.5  DIRECT\n  company   110\n");
    }
}
