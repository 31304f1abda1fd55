//! What a new plan may not change while participants are seated.

use super::PoolPlan;
use crate::AdoptError;

impl PoolPlan {
    /// Refuses a plan whose trees would grow otherwise.
    pub(crate) fn check_shape(&self, after: &PoolPlan) -> Result<(), AdoptError> {
        let changed = shape(self).into_iter().zip(shape(after)).find(|(old, new)| old.1 != new.1);
        match changed {
            Some(((key, before), (_, after))) => Err(AdoptError::Shape { key, before, after }),
            None => Ok(()),
        }
    }
}

/// Keys that give the trees their shape, with their values.
fn shape(pool: &PoolPlan) -> [(&'static str, String); 6] {
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
