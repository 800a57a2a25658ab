//! The tokens of Velocity 1.7's grammar.

/// What a token is; in the order of the grammar, by which the first of two equally long matches wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    End,
    IndexOpen,
    IndexClose,
    BracketOpen,
    BracketClose,
    Comma,
    DoubleDot,
    Colon,
    BraceOpen,
    BraceClose,
    ParenOpen,
    ParenClose,
    MethodClose,
    EscapedDirective,
    Set,
    LineComment,
    DoubleEscape,
    Escape,
    Text,
    LineCommentEnd,
    FormalComment,
    Comment,
    TextBlock,
    Space,
    String,
    True,
    False,
    Minus,
    Plus,
    Multiply,
    Divide,
    Modulo,
    And,
    Or,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
    Not,
    Assign,
    EndDirective,
    If,
    ElseIf,
    Else,
    Integer,
    Float,
    Word,
    BracedWord,
    Identifier,
    Dot,
    FormalOpen,
    FormalClose,
    EmptyIndex,
}

impl Kind {
    /// Whether a statement of a template can start with this token.
    pub(super) fn starts_statement(self) -> bool {
        use Kind::{
            BracedWord, Comment, Dot, DoubleEscape, EmptyIndex, Escape, EscapedDirective, Float, FormalClose,
            FormalComment, FormalOpen, Identifier, If, Integer, LineComment, ParenClose, ParenOpen, Set,
            String, Text, TextBlock, Word,
        };
        matches!(
            self,
            ParenOpen
                | ParenClose
                | EscapedDirective
                | Set
                | LineComment
                | DoubleEscape
                | Escape
                | Text
                | FormalComment
                | Comment
                | TextBlock
                | String
                | If
                | Integer
                | Float
                | Word
                | BracedWord
                | Identifier
                | Dot
                | FormalOpen
                | FormalClose
                | EmptyIndex
        )
    }

    /// Whether an argument of a method, or an item of a list or map, can start with this token.
    pub(super) fn starts_parameter(self) -> bool {
        use Kind::{BraceOpen, BracketOpen, False, Float, FormalOpen, Identifier, Integer, String, True};
        matches!(
            self,
            BracketOpen | BraceOpen | String | True | False | Integer | Float | Identifier | FormalOpen
        )
    }

    /// What to call it in a message.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::End => "the end of the template",
            Self::IndexOpen | Self::BracketOpen => "`[`",
            Self::IndexClose | Self::BracketClose => "`]`",
            Self::Comma => "`,`",
            Self::Colon => "`:`",
            Self::BraceOpen | Self::FormalOpen => "`{`",
            Self::BraceClose | Self::FormalClose => "`}`",
            Self::ParenOpen => "`(`",
            Self::ParenClose | Self::MethodClose => "`)`",
            Self::Assign => "`=`",
            Self::EndDirective => "`#end`",
            Self::Identifier => "a reference",
            _ => "something else",
        }
    }
}

/// A token: a range of the source, and what the grammar skipped right before it.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
    /// Ranges that ended a `$` or `#` that is none; their `$` and `#` are text.
    pub(super) skipped: Vec<(usize, usize)>,
}
