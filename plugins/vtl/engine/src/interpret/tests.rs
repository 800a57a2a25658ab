//! Templates and what Velocity 1.7 makes of them, alone and with the rules of the real service.

mod bounds;
mod comments;
mod expressions;
mod flow;
mod macros;
mod properties;
mod references;

use std::rc::Rc;

use crate::aws::Request;
use crate::{Options, Profile, RenderError, Template};

struct Row {
    name: &'static str,
    template: &'static str,
    /// What is printed, if it is not an error.
    aws: Option<&'static str>,
    velocity: Option<&'static str>,
}

pub(super) fn render(template: &str, profile: Profile) -> Option<String> {
    let options = Options {
        profile,
        ..Options::default()
    };
    let template = Template::compile(template, &options).ok()?;
    Some(template.render(Rc::default()).ok()?.text)
}

fn check(rows: &[Row]) {
    for row in rows {
        for (profile, expected) in [(Profile::Aws, row.aws), (Profile::Velocity, row.velocity)] {
            let printed = render(row.template, profile);
            assert_eq!(
                printed.as_deref(),
                expected,
                "{} in {profile:?}: {}",
                row.name,
                row.template
            );
        }
    }
}

fn failing(template: &str) -> RenderError {
    let template = Template::compile(template, &Options::default()).unwrap();
    match template.render(Rc::new(Request::default())) {
        Ok(rendered) => panic!("it prints {:?}", rendered.text),
        Err(error) => error,
    }
}

#[test]
fn tells_where_it_failed() {
    let rows = [
        ("an index", "a\n  #set($l=[1])\n é$l[1]", (3, 3)),
        ("a method", "#set($s='x')$s.substring(5)", (1, 13)),
        (
            "a loop",
            "#set($l=[1])\n#foreach($i in $l)#set($x=$l.add(1))#end",
            (2, 1),
        ),
        ("within a string", "#set($l=[])\n#set($s=\"x$l[0]\")", (2, 9)),
    ];
    for (name, template, place) in rows {
        let error = failing(template);
        assert_eq!((error.line, error.column), place, "{name}: {error}");
    }
}
