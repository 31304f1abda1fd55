//! Where things lie in the project.

use std::path::{Path, PathBuf};

/// The project's top folder.
#[must_use]
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).expect("this crate lies two folders below the top").to_owned()
}

/// The folder for what the tools download or leave behind, `.data`; git ignores it.
#[must_use]
pub fn data() -> PathBuf {
    root().join(".data")
}

/// The folder of the Foundry project.
#[must_use]
pub fn contracts() -> PathBuf {
    root().join("contracts")
}

/// The folder of the sqlx migrations.
#[must_use]
pub fn migrations() -> PathBuf {
    root().join("migrations")
}
