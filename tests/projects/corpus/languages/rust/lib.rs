//! Crate.
/* a /* nested */ comment */
pub fn add(a: i32) -> i32 {
    // why
    let s = r#"// raw " text"#;
    let c = '"';
    a + 1 /* here */
}
