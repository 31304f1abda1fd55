//! What a new plan may not change while participants are seated.

use super::Plan;
use crate::AdoptError;

/// Keys that give the trees their shape, with their values.
fn shape(plan: &Plan) -> [(&'static str, String); 6] {
    let pool = &plan.pool;
    let capacity = pool.capacity.map_or("absent".to_owned(), |seats| seats.to_string());
    [
        ("pool.levels", pool.levels.to_string()),
        ("pool.shares (their number)", pool.layers().to_string()),
        ("pool.trees", pool.trees.to_string()),
        ("pool.capacity", capacity),
        ("pool.reserve_last", pool.reserve_last.to_string()),
        ("pool.growth", pool.growth.to_string()),
    ]
}

pub(super) fn check(before: &Plan, after: &Plan) -> Result<(), AdoptError> {
    let changed = shape(before).into_iter().zip(shape(after)).find(|(old, new)| old.1 != new.1);
    match changed {
        Some(((key, before), (_, after))) => Err(AdoptError::Shape { key, before, after }),
        None => Ok(()),
    }
}

pub(super) fn check_currency(before: &Plan, after: &Plan) -> Result<(), AdoptError> {
    let currency = |plan: &Plan| format!("{} with {} decimals", plan.currency, plan.decimals);
    if currency(before) == currency(after) {
        Ok(())
    } else {
        Err(AdoptError::Currency { before: currency(before), after: currency(after) })
    }
}
