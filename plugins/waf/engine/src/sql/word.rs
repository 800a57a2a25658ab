//! What SQL's words are for.

use super::token::Kind;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// A name.
    Bare,
    /// A word of prose that no statement has where a name stands.
    Prose,
    /// `null`, `true`, `false` and the like
    Constant,
    /// A function that conditions of attacks are made of.
    Function,
    /// A function that no caller of an API has a reason to name: it sleeps, reads files, tells of the server.
    Dangerous,
    /// `not`, `binary`
    Sign,
    /// `like`, `in`, `is`, `between` and the like
    Compare,
    Union,
    Select,
    From,
    Into,
    Case,
    Exists,
    /// `order`, `group`
    Sorted,
    Having,
    Limit,
    Procedure,
    /// A verb of a statement.
    Statement,
    /// `all`, `distinct`, `top`
    Quantifier,
    /// `where`
    Where,
}

pub(super) fn kind(word: &str) -> Kind {
    match word {
        "or" | "and" | "xor" => Kind::Logic,
        "div" | "mod" => Kind::Arithmetic,
        _ => Kind::Word(class(word)),
    }
}

/// `n'…'`, `x'…'`, `_utf8'…'`: words that belong to the string behind them.
pub(super) fn is_prefix_of_strings(word: &str) -> bool {
    matches!(
        word,
        "n" | "x" | "b" | "e" | "q" | "nq" | "_utf8" | "_utf8mb4" | "_latin1" | "_binary" | "_ascii"
    )
}

fn class(word: &str) -> Class {
    match word {
        "the" | "a" | "an" | "your" | "our" | "my" | "his" | "her" | "their" | "this" | "that" | "these"
        | "those" | "its" | "it" | "you" | "us" | "them" | "me" | "we" | "they" | "he" | "she" | "which"
        | "what" | "there" | "here" | "each" | "every" | "any" | "some" | "to" | "of" | "for" | "at"
        | "are" | "was" | "were" | "will" | "be" => Class::Prose,
        "null" | "true" | "false" | "unknown" | "current_user" | "session_user" | "system_user"
        | "current_date" | "current_time" | "current_timestamp" | "rownum" => Class::Constant,
        "not" | "binary" => Class::Sign,
        "like" | "rlike" | "regexp" | "ilike" | "glob" | "in" | "between" | "is" | "sounds" | "similar"
        | "isnull" | "notnull" | "contains" => Class::Compare,
        "union" | "intersect" | "except" | "minus" => Class::Union,
        "select" => Class::Select,
        "from" => Class::From,
        "into" => Class::Into,
        "case" => Class::Case,
        "exists" => Class::Exists,
        "order" | "group" => Class::Sorted,
        "having" => Class::Having,
        "limit" | "offset" | "fetch" => Class::Limit,
        "procedure" => Class::Procedure,
        "all" | "distinct" | "distinctrow" | "top" | "sql_no_cache" | "straight_join" => Class::Quantifier,
        "where" => Class::Where,
        "insert" | "update" | "delete" | "drop" | "create" | "alter" | "truncate" | "exec" | "execute"
        | "declare" | "waitfor" | "shutdown" | "call" | "copy" | "load" | "grant" | "revoke" | "handler"
        | "rename" | "merge" | "replace" | "backup" | "attach" | "pragma" | "set" | "if" | "begin"
        | "with" | "prepare" | "do" => Class::Statement,
        _ if is_dangerous(word) => Class::Dangerous,
        _ if is_function(word) => Class::Function,
        _ => Class::Bare,
    }
}

/// The packages of Oracle's are followed by a dot, the others by a parenthesis.
fn is_dangerous(word: &str) -> bool {
    matches!(
        word,
        "benchmark"
            | "pg_sleep"
            | "pg_sleep_for"
            | "pg_read_file"
            | "pg_read_binary_file"
            | "pg_ls_dir"
            | "lo_import"
            | "lo_export"
            | "query_to_xml"
            | "database_to_xml"
            | "dbms_pipe"
            | "dbms_lock"
            | "dbms_ldap"
            | "dbms_xmlgen"
            | "dbms_utility"
            | "utl_http"
            | "utl_inaddr"
            | "utl_file"
            | "ctxsys"
            | "extractvalue"
            | "updatexml"
            | "load_file"
            | "load_extension"
            | "randomblob"
            | "xp_cmdshell"
            | "xp_dirtree"
            | "xp_fileexist"
            | "xp_regread"
            | "xp_regwrite"
            | "xp_servicecontrol"
            | "sp_executesql"
            | "sp_oacreate"
            | "sp_configure"
            | "openrowset"
            | "opendatasource"
            | "sys_eval"
            | "sys_exec"
            | "name_const"
            | "gtid_subset"
            | "make_set"
            | "json_keys"
            | "xmltype"
            | "httpuritype"
    )
}

fn is_function(word: &str) -> bool {
    matches!(
        word,
        "sleep"
            | "ascii"
            | "ord"
            | "char"
            | "chr"
            | "nchar"
            | "concat"
            | "concat_ws"
            | "group_concat"
            | "string_agg"
            | "listagg"
            | "substr"
            | "substring"
            | "mid"
            | "left"
            | "right"
            | "length"
            | "len"
            | "char_length"
            | "lower"
            | "upper"
            | "lcase"
            | "ucase"
            | "hex"
            | "unhex"
            | "conv"
            | "bin"
            | "cast"
            | "convert"
            | "count"
            | "iif"
            | "ifnull"
            | "nullif"
            | "coalesce"
            | "nvl"
            | "decode"
            | "greatest"
            | "least"
            | "elt"
            | "field"
            | "find_in_set"
            | "instr"
            | "locate"
            | "position"
            | "charindex"
            | "patindex"
            | "strpos"
            | "reverse"
            | "repeat"
            | "replicate"
            | "stuff"
            | "trim"
            | "ltrim"
            | "rtrim"
            | "lpad"
            | "rpad"
            | "rand"
            | "floor"
            | "exp"
            | "pow"
            | "md5"
            | "sha1"
            | "database"
            | "schema"
            | "user"
            | "version"
            | "db_name"
            | "user_name"
            | "host_name"
            | "suser_name"
            | "is_srvrolemember"
            | "last_insert_id"
            | "row_count"
            | "connection_id"
            | "sqlite_version"
            | "current_database"
            | "current_setting"
            | "generate_series"
            | "to_char"
            | "if"
            | "row"
            | "values"
            | "load"
    )
}
