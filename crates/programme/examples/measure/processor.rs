//! Processor time of this program and of the server, which other programs on the machine disturb less than the time on
//! the wall.

use std::fs::read_to_string;
use std::time::Duration;

use crate::Outcome;

/// A tick of `/proc/PID/stat`: a hundredth of a second on every Linux.
const TICK: Duration = Duration::from_millis(10);

/// What this program and the server with all its processes of now have used so far; those of the server that came for a
/// while, such as its vacuum, count once they have ended.
pub fn used(server: u32) -> Outcome<Duration> {
    let mut ticks = own(std::process::id())? + own(server)? + ended(server)?;
    let children = read_to_string(format!("/proc/{server}/task/{server}/children"))?;
    for child in children.split_whitespace() {
        // One that ends meanwhile is counted with the ended from then on.
        ticks += own(child.parse()?).unwrap_or(0);
    }
    Ok(TICK * ticks)
}

/// A process's own ticks, for user and kernel.
fn own(process: u32) -> Outcome<u32> {
    field(process, 11..13)
}

/// Ticks of a process's ended children.
fn ended(process: u32) -> Outcome<u32> {
    field(process, 13..15)
}

/// Fields of proc(5), counted from the state after the name in parentheses.
fn field(process: u32, fields: std::ops::Range<usize>) -> Outcome<u32> {
    let text = read_to_string(format!("/proc/{process}/stat"))?;
    let (_, after) = text.rsplit_once(") ").ok_or("expected the fields of proc(5)")?;
    let words: Vec<&str> = after.split(' ').collect();
    let ticks = words.get(fields).ok_or("expected more fields of proc(5)")?;
    ticks.iter().try_fold(0, |sum, ticks| Ok(sum + ticks.parse::<u32>()?))
}
