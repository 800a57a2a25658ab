//! What holds for all templates.

use std::rc::Rc;

use proptest::prelude::*;
use proptest::sample::select;

use super::render;
use crate::bounds::Limits;
use crate::{Options, Profile, Template};

const TOKENS: &[&str] = &[
    "$",
    "$!",
    "${",
    "}",
    "{",
    "[",
    "]",
    "(",
    ")",
    ".",
    "..",
    ",",
    ":",
    "#",
    "##",
    "#*",
    "*#",
    "#[[",
    "]]#",
    "\\",
    "\\\\",
    "!",
    "x",
    "true",
    "in",
    "1",
    "-1",
    "2.5",
    "\"",
    "'",
    " ",
    "\n",
    "\t",
    "\r\n",
    "$x",
    "$!x",
    "${x}",
    "$a.b",
    "$x.length()",
    "$l[0]",
    "$l",
    "$m.k",
    "#if(",
    "#if($x)",
    "#elseif($y)",
    "#else",
    "#end",
    "#{end}",
    "#set($x=1)",
    "#set($x=\"a$x\")",
    "#set($l=[1,2])",
    "#set($m={'k':1})",
    "#set(",
    "#foreach($i in [1..3])",
    "#foreach($i in $l)",
    "$i",
    "$foreach.index",
    "#break",
    "#stop",
    "#define($d)",
    "$d",
    "#macro(f $p)",
    "#f($x)",
    "#@f(2)",
    "$bodyContent",
    "$p",
    "#literal()",
    "#evaluate(\"$x\")",
    "#evaluate($d)",
    "=",
    "+",
    "-",
    "*",
    "/",
    "&&",
    "<",
    "and",
    "é",
    "😀",
    "@",
    "$x.concat($x)",
    "$l.add($l)",
    "$input.body",
    "$input.path('$')",
    "$context.a",
];

fn soup() -> impl Strategy<Value = String> {
    prop::collection::vec(select(TOKENS), 0..24).prop_map(|tokens| tokens.concat())
}

fn profile() -> impl Strategy<Value = Profile> {
    prop_oneof![Just(Profile::Aws), Just(Profile::Velocity)]
}

proptest! {
    #[test]
    fn nothing_panics_and_everything_ends(template in soup(), profile in profile()) {
        let limits = Limits { steps: 20_000, output: 4_096, string: 4_096, items: 100, ..Limits::default() };
        if let Ok(template) = Template::compile(&template, &Options { profile, limits })
            && let Ok(rendered) = template.render(Rc::default())
        {
            prop_assert!(rendered.text.len() <= limits.output);
        }
    }

    #[test]
    fn any_text_compiles_or_is_refused(template in ".*", profile in profile()) {
        let _ = Template::compile(&template, &Options { profile, ..Options::default() });
    }

    #[test]
    fn plain_text_prints_itself(text in "[^$#\\\\]*", profile in profile()) {
        prop_assert_eq!(render(&text, profile), Some(text));
    }

    #[test]
    fn a_text_block_prints_itself(text in "[^\\]$#]*", profile in profile()) {
        prop_assert_eq!(render(&format!("#[[{text}]]#"), profile), Some(text));
    }

    #[test]
    fn a_condition_prints_one_of_its_blocks(value in any::<bool>(), text in "[^$#\\\\\\s]*") {
        let printed = render(&format!("#if({value})a{text}#{{else}}b{text}#end"), Profile::Aws);
        prop_assert_eq!(printed, Some(format!("{}{text}", if value { 'a' } else { 'b' })));
    }

    #[test]
    fn sums_are_sums(a in -1_000_i32..1_000, b in 0_i32..1_000) {
        let printed = render(&format!("#set($x = {a} + {b})$x"), Profile::Aws);
        prop_assert_eq!(printed, Some((a + b).to_string()));
    }
}
