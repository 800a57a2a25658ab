//! Comments, and text that stays as it is.

use super::{Row, check};

#[test]
fn comments_and_literals() {
    check(&[
        Row {
            name: "a line comment",
            template: "a ## b\nc",
            aws: Some("a c"),
            velocity: Some("a c"),
        },
        Row {
            name: "a line comment at the end",
            template: "a ## b",
            aws: Some("a "),
            velocity: Some("a "),
        },
        Row {
            name: "a dollar at the end of a comment",
            template: "a ## $",
            aws: None,
            velocity: None,
        },
        Row {
            name: "a comment",
            template: "a#* b \n #* c *#d",
            aws: Some("ad"),
            velocity: Some("ad"),
        },
        Row {
            name: "a comment without end",
            template: "a#* b",
            aws: Some("a"),
            velocity: Some("a"),
        },
        Row {
            name: "a formal comment",
            template: "a#** b *#c",
            aws: Some("ac"),
            velocity: Some("ac"),
        },
        Row {
            name: "a text block",
            template: "#[[ $a #if( ## ]]#|",
            aws: Some(" $a #if( ## |"),
            velocity: Some(" $a #if( ## |"),
        },
        Row {
            name: "a text block without end",
            template: "#[[ a",
            aws: None,
            velocity: None,
        },
        Row {
            name: "literal",
            template: "#literal()$a #if(1)x#end#end|",
            aws: Some("$a #if(1)x#end|"),
            velocity: Some("$a #if(1)x#end|"),
        },
        Row {
            name: "an empty literal",
            template: "#literal()#end",
            aws: None,
            velocity: None,
        },
    ]);
}
