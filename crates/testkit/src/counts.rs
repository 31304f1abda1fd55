//! How much a test does. The same tests run with modest counts in every test run and with large ones in a soak.

/// Name of the environment variable that asks for large counts, with the value `soak`.
pub const VARIABLE: &str = "BANYAN_COUNTS";

/// `modest` normally, `soak` under `BANYAN_COUNTS=soak`.
#[must_use]
pub fn pick<T>(modest: T, soak: T) -> T {
    choose(std::env::var(VARIABLE).ok().as_deref(), modest, soak)
}

fn choose<T>(variable: Option<&str>, modest: T, soak: T) -> T {
    if variable == Some("soak") { soak } else { modest }
}

#[cfg(test)]
mod tests {
    use super::choose;

    #[test]
    fn only_the_word_soak_asks_for_large_counts() {
        assert_eq!(choose(None, 1, 2), 1);
        assert_eq!(choose(Some("modest"), 1, 2), 1);
        assert_eq!(choose(Some("soak"), 1, 2), 2);
    }
}
