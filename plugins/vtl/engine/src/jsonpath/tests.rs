use proptest::prelude::*;

use super::*;
use crate::bounds::Limits;
use crate::json::tests::{parsed, tree};

const DOCUMENT: &str = r#"{"a":{"b":[{"x":1,"n":"p"},{"x":2,"n":"q"},{"y":3}],"c":"s"},"l":[1,2,3,4,5],"e":[],"n":null,"k b":1,"d.e":2,"m":[[1,2],[3]],"f":1.5,"s":"str","ids":[2,9],"it's":7,"strs":["a","b"]}"#;

fn bounds() -> Bounds {
    Bounds::new(Limits::default())
}

/// What the path finds, `-` where it leads nowhere, `!` where it does not compile.
fn found(document: &str, path: &str) -> String {
    let Ok(path) = Path::compile(path) else {
        return "!".to_owned();
    };
    match path.read(&parsed(document), &mut bounds()).unwrap() {
        Some(value) => tree(&value),
        None => "-".to_owned(),
    }
}

/// Recorded from json-path 2.0.0, which agrees with later versions on these.
#[test]
fn finds_what_jayway_finds() {
    for (path, expected) in RECORDED {
        assert_eq!(found(DOCUMENT, path), *expected, "{path}");
    }
}

/// By the source of json-path 2.4, which differs from 2.0.0 here.
#[test]
fn finds_what_later_versions_find() {
    for (path, expected) in LATER {
        assert_eq!(found(DOCUMENT, path), *expected, "{path}");
    }
}

#[test]
fn comparisons_mind_the_side() {
    let items = r#"{"i":[{"v":1},{"v":"1"},{"v":"1.0"},{"v":null},{},{"v":[1]},{"v":{"k":1}},{"v":true}]}"#;
    let rows = [
        ("$.i[?(@.v == 1)].v", "[Integer:1;String:1;]"),
        ("$.i[?(1 == @.v)].v", "[Integer:1;String:1;String:1.0;]"),
        ("$.i[?(@.v == '1.0')].v", "[Integer:1;String:1.0;]"),
        ("$.i[?(@.v === 1)].v", "[Integer:1;]"),
        ("$.i[?(@.v == null)].v", "[null;]"),
        ("$.i[?(@.v == [1])].v", "[[Integer:1;];]"),
        ("$.i[?([1] == @.v)].v", "[]"),
        ("$.i[?(@.v == {'k':1})].v", "[{String:k=Integer:1;};]"),
        ("$.i[?(@.v == true)].v", "[Boolean:true;]"),
        ("$.i[?(@.v < 2)].v", "[Integer:1;]"),
        ("$.i[?(@.v >= '1')].v", "[String:1;String:1.0;]"),
        ("$.i[?(@.v size 1)].v", "[String:1;[Integer:1;];]"),
        ("$.i[?(@.v empty false)].v", "[]"),
        ("$.i[?(!@.v)]", "[{};]"),
        ("$.i[?(@.v in [1, null])].v", "[Integer:1;String:1;null;]"),
        (
            "$.i[?(@.v =~ /[a-z]+|1/)].v",
            "[Integer:1;String:1;Boolean:true;]",
        ),
    ];
    for (path, expected) in rows {
        assert_eq!(found(items, path), expected, "{path}");
    }
}

#[test]
fn work_is_bounded() {
    let document = parsed(&format!("[{}]", vec!["[1,2,3]"; 1_000].join(",")));
    let path = Path::compile("$[*][?(@ in $[*][0])]").unwrap();
    let mut few = Bounds::new(Limits {
        steps: 100_000,
        ..Limits::default()
    });
    assert_eq!(
        path.read(&document, &mut few).err(),
        Some(Failure::Limit(Exceeded::Steps))
    );
    let deepest = parsed(&("[".repeat(400) + &"]".repeat(400)));
    assert!(
        Path::compile("$..*")
            .unwrap()
            .read(&deepest, &mut bounds())
            .is_ok()
    );
    let squared = Path::compile("$..*..*..*..*")
        .unwrap()
        .read(&deepest, &mut bounds());
    assert!(matches!(squared, Err(Failure::Limit(_))), "{squared:?}");
}

#[test]
fn a_list_within_itself_is_a_limit() {
    let Value::List(list) = parsed("[1]") else {
        panic!("no list")
    };
    list.items_mut().push(Value::List(list.clone()));
    let read = Path::compile("$..x")
        .unwrap()
        .read(&Value::List(list.clone()), &mut bounds());
    assert_eq!(read.err(), Some(Failure::Limit(Exceeded::Depth)));
    list.items_mut().clear();
}

#[test]
fn paths_are_no_longer_and_no_deeper_than_the_limits() {
    assert!(Path::compile(&("$.".to_owned() + &"a".repeat(LONGEST))).is_err());
    assert!(Path::compile(&("$[?(".to_owned() + &"(".repeat(500) + "@.a" + &")".repeat(501) + "]")).is_err());
    assert!(Path::compile(&("$[?(!".to_owned() + &"!".repeat(2_000) + "(@.a))]")).is_err());
    assert!(Path::compile(&("$".to_owned() + &"[?(@".repeat(100) + &")]".repeat(100))).is_err());
    assert!(Path::compile(&("$".to_owned() + &".sum($".repeat(100) + &")".repeat(100))).is_err());
}

#[rustfmt::skip]
const RECORDED: &[(&str, &str)] = &[
    ("$", "{String:a={String:b=[{String:x=Integer:1;String:n=String:p;};{String:x=Integer:2;String:n=String:q;};{String:y=Integer:3;};];String:c=String:s;};String:l=[Integer:1;Integer:2;Integer:3;Integer:4;Integer:5;];String:e=[];String:n=null;String:k b=Integer:1;String:d.e=Integer:2;String:m=[[Integer:1;Integer:2;];[Integer:3;];];String:f=Double:1.5;String:s=String:str;String:ids=[Integer:2;Integer:9;];String:it's=Integer:7;String:strs=[String:a;String:b;];}"),
    ("$.", "!"),
    ("", "!"),
    ("a", "{String:b=[{String:x=Integer:1;String:n=String:p;};{String:x=Integer:2;String:n=String:q;};{String:y=Integer:3;};];String:c=String:s;}"),
    ("a.c", "String:s"),
    ("$.a.c", "String:s"),
    ("$.a.zz", "-"),
    ("$.a.c.d", "-"),
    ("$.n", "null"),
    ("$.n.x", "-"),
    ("$.l[0]", "Integer:1"),
    ("$.l[9]", "-"),
    ("$.l[0,2]", "[Integer:1;Integer:3;]"),
    ("$.l[0, 2]", "[Integer:1;Integer:3;]"),
    ("$.l[1:3]", "[Integer:2;Integer:3;]"),
    ("$.l[-2:]", "[Integer:4;Integer:5;]"),
    ("$.l[:2]", "[Integer:1;Integer:2;]"),
    ("$.l[:-1]", "[Integer:1;Integer:2;Integer:3;Integer:4;]"),
    ("$.l[1:-1]", "[]"),
    ("$.l[::2]", "!"),
    ("$.l[*]", "[Integer:1;Integer:2;Integer:3;Integer:4;Integer:5;]"),
    ("$.*", "[{String:b=[{String:x=Integer:1;String:n=String:p;};{String:x=Integer:2;String:n=String:q;};{String:y=Integer:3;};];String:c=String:s;};[Integer:1;Integer:2;Integer:3;Integer:4;Integer:5;];[];null;Integer:1;Integer:2;[[Integer:1;Integer:2;];[Integer:3;];];Double:1.5;String:str;[Integer:2;Integer:9;];Integer:7;[String:a;String:b;];]"),
    ("$..x", "[Integer:1;Integer:2;]"),
    ("$..*", "[{String:b=[{String:x=Integer:1;String:n=String:p;};{String:x=Integer:2;String:n=String:q;};{String:y=Integer:3;};];String:c=String:s;};[Integer:1;Integer:2;Integer:3;Integer:4;Integer:5;];[];null;Integer:1;Integer:2;[[Integer:1;Integer:2;];[Integer:3;];];Double:1.5;String:str;[Integer:2;Integer:9;];Integer:7;[String:a;String:b;];[{String:x=Integer:1;String:n=String:p;};{String:x=Integer:2;String:n=String:q;};{String:y=Integer:3;};];String:s;{String:x=Integer:1;String:n=String:p;};{String:x=Integer:2;String:n=String:q;};{String:y=Integer:3;};Integer:1;String:p;Integer:2;String:q;Integer:3;Integer:1;Integer:2;Integer:3;Integer:4;Integer:5;[Integer:1;Integer:2;];[Integer:3;];Integer:1;Integer:2;Integer:3;Integer:2;Integer:9;String:a;String:b;]"),
    ("$.a.b[*].x", "[Integer:1;Integer:2;]"),
    ("$.a.b[*].y", "[Integer:3;]"),
    ("$.a.b[?(@.x)]", "[{String:x=Integer:1;String:n=String:p;};{String:x=Integer:2;String:n=String:q;};]"),
    ("$.a.b[?(@.x==2)]", "[{String:x=Integer:2;String:n=String:q;};]"),
    ("$.a.b[?(@.n=='p')]", "[{String:x=Integer:1;String:n=String:p;};]"),
    ("$.a.b[?(@.n=='p' && @.x==1)]", "[{String:x=Integer:1;String:n=String:p;};]"),
    ("$.a.b[?(@.n=='p' || @.y==3)]", "[{String:x=Integer:1;String:n=String:p;};{String:y=Integer:3;};]"),
    ("$.a.b[?(!@.x)]", "[{String:y=Integer:3;};]"),
    ("$.a.b[?(@.x>1)]", "[{String:x=Integer:2;String:n=String:q;};]"),
    ("$.a.b[?(@.n =~ /P/i)]", "[{String:x=Integer:1;String:n=String:p;};]"),
    ("$.a.b[?(@.n =~ /[pq]/)].x", "[Integer:1;Integer:2;]"),
    ("$.l[?(@ > 2)]", "[Integer:3;Integer:4;Integer:5;]"),
    ("$.l[?(@ >= $.l[3])]", "[Integer:4;Integer:5;]"),
    ("$['a','s']", "{String:a={String:b=[{String:x=Integer:1;String:n=String:p;};{String:x=Integer:2;String:n=String:q;};{String:y=Integer:3;};];String:c=String:s;};String:s=String:str;}"),
    ("$['a']['c']", "String:s"),
    ("$['s','zz']", "{String:s=String:str;}"),
    ("$.a['b','c']", "{String:b=[{String:x=Integer:1;String:n=String:p;};{String:x=Integer:2;String:n=String:q;};{String:y=Integer:3;};];String:c=String:s;}"),
    ("$['k b']", "Integer:1"),
    ("$['d.e']", "Integer:2"),
    ("$.l.foo()", "-"),
    ("$[0", "!"),
    ("$a", "!"),
    ("$$", "!"),
    ("$..", "!"),
    ("$.a..x", "[Integer:1;Integer:2;]"),
    ("$.a.", "!"),
    ("$.a b", "!"),
    ("$ .a", "!"),
    ("$. a", "!"),
    (" $.a.c ", "String:s"),
    ("@.s", "String:str"),
    ("$.l[abc]", "!"),
    ("$.l[?]", "!"),
    ("$.l[?()]", "!"),
    ("$.l[?(@)]", "[Integer:1;Integer:2;Integer:3;Integer:4;Integer:5;]"),
    ("$[*]", "[{String:b=[{String:x=Integer:1;String:n=String:p;};{String:x=Integer:2;String:n=String:q;};{String:y=Integer:3;};];String:c=String:s;};[Integer:1;Integer:2;Integer:3;Integer:4;Integer:5;];[];null;Integer:1;Integer:2;[[Integer:1;Integer:2;];[Integer:3;];];Double:1.5;String:str;[Integer:2;Integer:9;];Integer:7;[String:a;String:b;];]"),
    ("$.a[*]", "[[{String:x=Integer:1;String:n=String:p;};{String:x=Integer:2;String:n=String:q;};{String:y=Integer:3;};];String:s;]"),
    ("$.a.b[0,1].x", "[Integer:1;Integer:2;]"),
    ("$..['x','n']", "[{String:x=Integer:1;String:n=String:p;};{String:x=Integer:2;String:n=String:q;};]"),
    ("$.a.b..n", "[String:p;String:q;]"),
    ("$.e", "[]"),
    ("$.e[0]", "-"),
    ("$.e[*]", "[]"),
    ("$.zz[*]", "[]"),
    ("$.zz[0]", "-"),
    ("$.zz.y", "-"),
    ("$.s[*]", "[]"),
    ("$.l[1]xy", "-"),
    ("$.s.*", "[]"),
    ("$.a.b.*.x", "[Integer:1;Integer:2;]"),
    ("$.l[1 ]", "Integer:2"),
    ("$.l[ 1 ]", "Integer:2"),
    ("$[ 's' ]", "String:str"),
    ("$['']", "-"),
    ("$.a.b[?(@['x'] == 1)]", "[{String:x=Integer:1;String:n=String:p;};]"),
    ("$.a.b[?(@.x == 1 )]", "[{String:x=Integer:1;String:n=String:p;};]"),
    ("$.a.b[?( @.x == 1 )]", "[{String:x=Integer:1;String:n=String:p;};]"),
    ("$.a.b[?(@.x==1&&@.n=='p')]", "[{String:x=Integer:1;String:n=String:p;};]"),
    ("$.a.b[?((@.x==1))]", "[{String:x=Integer:1;String:n=String:p;};]"),
    ("$.a.b[?(@.x=='1')]", "[{String:x=Integer:1;String:n=String:p;};]"),
    ("$.a.b[?(@.y==null)]", "[]"),
    ("$[?(@.b)]", "[]"),
    ("$.a[?(@.c)]", "[{String:b=[{String:x=Integer:1;String:n=String:p;};{String:x=Integer:2;String:n=String:q;};{String:y=Integer:3;};];String:c=String:s;};]"),
    ("$.a.b[?(@.x <2)]", "[{String:x=Integer:1;String:n=String:p;};]"),
    ("$..b[?(@.x)].n", "[String:p;String:q;]"),
    ("$..[?(@.x==1)].n", "[String:p;]"),
    ("$..[?(@.x==1)]", "[{String:x=Integer:1;String:n=String:p;};]"),
    ("$..b[0].x", "[Integer:1;]"),
    ("$.l[?(@ == 2 || @ == 4)]", "[Integer:2;Integer:4;]"),
    ("$.l.length", "-"),
    ("$.\u{fc}\u{f1}", "-"),
    ("$.a.b[?(@.x == 1.0)]", "[{String:x=Integer:1;String:n=String:p;};]"),
    ("$.f", "Double:1.5"),
    ("$.l[0:2:1]", "[Integer:1;Integer:2;]"),
    ("$..l[1:2]", "[Integer:2;]"),
    ("$..l[*]", "[Integer:1;Integer:2;Integer:3;Integer:4;Integer:5;]"),
];

#[rustfmt::skip]
const LATER: &[(&str, &str)] = &[
    ("$.l[-1]", "Integer:5"),
    ("$.l[-3:-1]", "[Integer:3;Integer:4;]"),
    ("$..[0]", "[{String:x=Integer:1;String:n=String:p;};Integer:1;[Integer:1;Integer:2;];Integer:1;Integer:3;Integer:2;String:a;]"),
    ("$..[0].x", "[Integer:1;Integer:2;]"),
    ("$.a.b[?(@.x!=1)]", "[{String:x=Integer:2;String:n=String:q;};{String:y=Integer:3;};]"),
    ("$.a.b[?(@.n in ['p','z'])]", "[{String:x=Integer:1;String:n=String:p;};]"),
    ("$.a.b[?(@.n nin ['p','z'])]", "[{String:x=Integer:2;String:n=String:q;};{String:y=Integer:3;};]"),
    ("$.a.b[?(@.x in $.ids)]", "[{String:x=Integer:2;String:n=String:q;};]"),
    ("$.m[?(@.size()>1)]", "[[Integer:1;Integer:2;];]"),
    ("$.m[?(@ size 2)]", "[[Integer:1;Integer:2;];]"),
    ("$.m[?(@ contains 3)]", "[[Integer:3;];]"),
    ("$.m[?(@ empty false)]", "[[Integer:1;Integer:2;];[Integer:3;];]"),
    ("$['it\\'s']", "Integer:7"),
    ("$[\"s\"]", "String:str"),
    ("$.l.length()", "Integer:5"),
    ("$.length()", "Integer:12"),
    ("$.s.length()", "null"),
    ("$.l.sum()", "Double:15.0"),
    ("$.l.min()", "Double:1.0"),
    ("$.l.max()", "Double:5.0"),
    ("$.l.avg()", "Double:3.0"),
    ("$.l.stddev()", "Double:1.4142135623730951"),
    ("$.strs.concat()", "String:ab"),
    ("$.concat($.s,\"x\")", "String:strx"),
    ("$.a.keys()", "[String:b;String:c;]"),
    ("$..x.sum()", "Double:3.0"),
    ("$.l[", "[Integer:1;Integer:2;Integer:3;Integer:4;Integer:5;]"),
    ("$...a", "!"),
    ("$.a.b[0][\"x\",\"n\"]", "{String:x=Integer:1;String:n=String:p;}"),
    ("$.s[0]", "-"),
    ("$.s[?(@.x)]", "[]"),
    ("$.a.b[(@.length-1)]", "!"),
    ("$.l[1]x", "Integer:2"),
    ("$.l[ * ]", "[Integer:1;Integer:2;Integer:3;Integer:4;Integer:5;]"),
    ("$.a.b[?(1==@.x)]", "[{String:x=Integer:1;String:n=String:p;};]"),
    ("$.a.b[?(@.n==p)]", "!"),
    ("$.a.b[?(@.n==\"p\")]", "[{String:x=Integer:1;String:n=String:p;};]"),
    ("$.a.b[?(@.y!=null)]", "[{String:x=Integer:1;String:n=String:p;};{String:x=Integer:2;String:n=String:q;};{String:y=Integer:3;};]"),
    ("$.a.b[?(@..x)]", "[{String:x=Integer:1;String:n=String:p;};{String:x=Integer:2;String:n=String:q;};]"),
    ("$.a.b[?(@.*)]", "[{String:x=Integer:1;String:n=String:p;};{String:x=Integer:2;String:n=String:q;};{String:y=Integer:3;};]"),
    ("$.a.b[?(@.x === 1)]", "[{String:x=Integer:1;String:n=String:p;};]"),
    ("$.a.b[?(@.n == \"p\" and @.x == 1)]", "!"),
    ("$..b.length()", "Integer:3"),
    ("$.l[?(!(@ == 2))]", "[Integer:1;Integer:3;Integer:4;Integer:5;]"),
    ("$.a.b[?(@.n anyof ['p'])]", "[]"),
    ("$.strs[?(@ in ['a'])]", "[String:a;]"),
    ("$[?(@ subsetof [1,2,3,4,5,6])]", "[]"),
    ("$.m[?(@ subsetof [1,2])]", "[[Integer:1;Integer:2;];]"),
    ("$.m[?(@ noneof [3])]", "[[Integer:1;Integer:2;];]"),
    ("$.m[?(@ anyof [3])]", "[[Integer:3;];]"),
    ("$..x[0]", "[]"),
    ("$.a.b[-1]", "{String:y=Integer:3;}"),
    ("$.l.append(9)", "[Integer:1;Integer:2;Integer:3;Integer:4;Integer:5;Integer:9;]"),
    ("$.a.b[*].n.length()", "[null;null;]"),
];

proptest! {
    #[test]
    fn any_text_compiles_or_not(text in any::<String>()) {
        let _ = Path::compile(&text);
    }

    #[test]
    fn any_path_like_text_is_read_within_bounds(
        text in "[$@]?([.\\[\\]*?()'\"/ :,!<>=~&|+-]|[ablnsx0-9]|\\.\\.|\\[\\?\\(@|\\)\\]|\\[\\*\\]|==|length\\(\\)|in \\[){0,16}",
    ) {
        if let Ok(path) = Path::compile(&text) {
            let mut bounds = Bounds::new(Limits { steps: 100_000, ..Limits::default() });
            let read = path.read(&parsed(DOCUMENT), &mut bounds);
            if let Ok(Some(value)) = read {
                prop_assert!(path.is_definite() || matches!(value, Value::List(_)));
            }
        }
    }
}
