//! A plan file is made of sections, and each component of the engine has one: which sections there are decides what
//! the programme does.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Currency, PlanError};

/// A component's part of a plan, as it is meant.
pub(crate) trait Section: Sized {
    /// The section as it is written, with doc comments that explain every key.
    type Keys: DeserializeOwned;

    /// The first meaning of plan files that knows this section: files of an older meaning keep their canonical form.
    const SINCE: u32;

    /// Reads what is written.
    fn read(keys: Self::Keys, currency: &Currency) -> Result<Self, PlanError>;

    /// The section with every key filled in, for the canonical form.
    fn canonical(&self) -> Value;
}

/// Makes the file's shape and the plan's sections of one list: `name in the file: component's plan`.
macro_rules! sections {
    ($($(#[$doc:meta])* $name:ident: $plan:ty,)*) => {
        /// A plan file as it is written.
        #[derive(serde::Deserialize, schemars::JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub(crate) struct PlanFile {
            /// Which meaning of the keys holds. Behaviour changes only under a new number.
            #[schemars(range(min = 1, max = $crate::plan::SEMANTICS), example = 1)]
            pub(crate) semantics: u32,
            /// The plan's name, shown to people and part of the hash.
            #[schemars(length(min = 1), example = &"my-programme")]
            pub(crate) name: String,
            /// The money that is paid in and out.
            pub(crate) currency: $crate::plan::currency::CurrencyKeys,
            $($(#[$doc])* $name: Option<<$plan as $crate::plan::section::Section>::Keys>,)*
        }

        /// The components that a plan has.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub(crate) struct Sections {
            $($(#[$doc])* pub(crate) $name: Option<$plan>,)*
        }

        impl Sections {
            /// Reads every section that the file has.
            pub(crate) fn read(
                file: PlanFile,
                currency: &$crate::plan::Currency,
            ) -> Result<Sections, $crate::PlanError> {
                use $crate::plan::section::Section;
                Ok(Sections {
                    $($name: file.$name.map(|keys| <$plan>::read(keys, currency)).transpose()?,)*
                })
            }

            /// Whether the plan has the section of this name in the file.
            pub(crate) fn has(&self, section: &str) -> bool {
                $(if section == stringify!($name) {
                    return self.$name.is_some();
                })*
                unreachable!("[{section}] is no section of a plan file")
            }

            /// Lets every section that the plan has look for its faults.
            pub(crate) fn lint(&self, on: &mut $crate::lint::Inspection<'_>) {
                $(if let Some(section) = &self.$name {
                    $crate::lint::Rules::lint(section, on);
                })*
            }

            /// Every section that this meaning of plan files knows; those that the plan has not are null.
            pub(crate) fn canonical(&self, semantics: u32) -> Vec<(&'static str, serde_json::Value)> {
                use $crate::plan::section::Section;
                let mut sections = Vec::new();
                $(if <$plan>::SINCE <= semantics {
                    let value = self.$name.as_ref().map_or(serde_json::Value::Null, Section::canonical);
                    sections.push((stringify!($name), value));
                })*
                sections
            }
        }
    };
}
pub(crate) use sections;
