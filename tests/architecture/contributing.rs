//! docs/contributing.md: every listed place exists and holds the names it promises.

use crate::codebase::read;

/// A place: a file, and the names to look for in it.
#[derive(Debug)]
struct Place {
    path: String,
    names: Vec<String>,
}

/// The numbered places of a page: a path in backticks, a colon, and names in backticks up to the
/// first full stop.
fn places(page: &str) -> Vec<Place> {
    let mut whole: Vec<String> = Vec::new();
    for line in page.lines() {
        match line.split_once(". ") {
            Some((number, rest)) if number.parse::<u32>().is_ok() => whole.push(rest.to_owned()),
            _ if line.starts_with("   ") => {
                if let Some(item) = whole.last_mut() {
                    item.push(' ');
                    item.push_str(line.trim());
                }
            }
            _ => {}
        }
    }
    let place = |item: &String| {
        let (path, rest) = item.strip_prefix('`')?.split_once("`: ")?;
        let names = rest.split_once(". ").map_or(rest, |(names, _)| names);
        let names = names.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        Some(Place { path: path.to_owned(), names })
    };
    whole.iter().map(|item| place(item).unwrap_or_else(|| panic!("no place: {item}"))).collect()
}

#[test]
fn every_place_named_for_contributors_exists_and_holds_its_names() {
    let page = read("docs/contributing.md");
    let places = places(&page);
    assert!(places.len() > 50, "{} places", places.len());
    for Place { path, names } in places {
        let text = read(&path);
        assert!(!names.is_empty(), "{path}: no name to look for");
        for name in names {
            assert!(text.contains(&name), "{path} does not hold {name}");
        }
    }
}
