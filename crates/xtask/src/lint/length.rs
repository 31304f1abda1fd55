//! Functions fit on a screen and files have one subject: more than 70 lines of a function or 600 of a file are refused.

use anyhow::{Context as _, Result};
use proc_macro2::Span;
use syn::visit::{self, Visit};

use super::Problem;
use super::sources::{self, Source};

/// The longest function, from `fn` to its closing brace.
const FUNCTION: usize = 70;
/// The longest file.
const FILE: usize = 600;

/// Measures all Rust, Solidity and TypeScript files, and the functions of the Rust ones.
///
/// # Errors
/// When a file cannot be read or parsed.
pub fn check() -> Result<Vec<Problem>> {
    let mut problems = Vec::new();
    for source in sources::with_endings(&["rs", "sol", "ts", "tsx"])? {
        problems.extend(file(&source));
        if source.path.ends_with(".rs") {
            problems.extend(functions(&source)?);
        }
    }
    Ok(problems)
}

fn file(source: &Source) -> Option<Problem> {
    let lines = source.text.lines().count();
    (lines > FILE).then(|| {
        Problem::new(
            source.path.clone(),
            format!("{lines} lines, at most {FILE}: give each subject its own file"),
        )
    })
}

fn functions(source: &Source) -> Result<Vec<Problem>> {
    let parsed = syn::parse_file(&source.text).with_context(|| format!("parsing {}", source.path))?;
    let mut measure = Measure { path: &source.path, problems: Vec::new() };
    measure.visit_file(&parsed);
    Ok(measure.problems)
}

struct Measure<'a> {
    path: &'a str,
    problems: Vec<Problem>,
}

impl Measure<'_> {
    fn function(&mut self, signature: &syn::Signature, end: Span) {
        let (first, last) = (signature.fn_token.span.start().line, end.end().line);
        let lines = last + 1 - first;
        if lines > FUNCTION {
            let what = format!("`{}` has {lines} lines, at most {FUNCTION}", signature.ident);
            self.problems.push(Problem::new(format!("{}:{first}", self.path), what));
        }
    }
}

impl<'ast> Visit<'ast> for Measure<'_> {
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.function(&function.sig, function.block.brace_token.span.close());
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.function(&function.sig, function.block.brace_token.span.close());
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast syn::TraitItemFn) {
        if let Some(block) = &function.default {
            self.function(&function.sig, block.brace_token.span.close());
        }
        visit::visit_trait_item_fn(self, function);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: String) -> Source {
        Source { path: "a.rs".to_owned(), text }
    }

    fn function_of(lines: usize) -> String {
        format!("fn long() {{\n{}}}\n", "    step();\n".repeat(lines - 2))
    }

    #[test]
    fn seventy_lines_are_a_function_and_seventy_one_are_too_many() {
        assert!(functions(&source(function_of(70))).unwrap().is_empty());
        let problems = functions(&source(format!("\n{}", function_of(71)))).unwrap();
        assert_eq!(problems, [Problem::new("a.rs:2", "`long` has 71 lines, at most 70")]);
    }

    #[test]
    fn functions_inside_others_and_in_impls_are_measured() {
        let inside = format!("impl X {{ fn short() {{}}\n{} }}", function_of(71));
        assert_eq!(functions(&source(inside)).unwrap().len(), 1);
        let nested = format!("mod tests {{ trait T {{ {} }} }}", function_of(80));
        assert_eq!(functions(&source(nested)).unwrap().len(), 1);
    }

    #[test]
    fn six_hundred_lines_are_a_file() {
        assert!(file(&source("\n".repeat(600))).is_none());
        assert!(file(&source("\n".repeat(601))).is_some());
    }
}
