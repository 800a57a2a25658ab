//! The named sets of characters.
//!
//! The general categories go by what Rust's library knows of Unicode, which tells letters, numbers, cases and spaces
//! apart; finer ones are exact within ASCII and Latin-1 only.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Property {
    Digit,
    Space,
    Word,
    Horizontal,
    Vertical,
    LineEnd,
    AsciiLower,
    AsciiUpper,
    Ascii,
    AsciiAlpha,
    AsciiAlnum,
    AsciiPunct,
    AsciiGraph,
    AsciiPrint,
    AsciiBlank,
    AsciiControl,
    AsciiHex,
    Latin1,
    All,
    Letter,
    Lower,
    Upper,
    Title,
    Cased,
    OtherLetter,
    Mark,
    Number,
    DecimalDigit,
    OtherNumber,
    Punctuation,
    Open,
    Close,
    Dash,
    Connector,
    InitialQuote,
    FinalQuote,
    OtherPunctuation,
    Symbol,
    Currency,
    Math,
    Modifier,
    OtherSymbol,
    Separator,
    SpaceSeparator,
    LineSeparator,
    ParagraphSeparator,
    Other,
    Control,
    Format,
    Alphabetic,
    Alnum,
    WhiteSpace,
    JavaWhiteSpace,
    Ideographic,
    UnicodeWord,
    HexDigit,
    Assigned,
    Identifier,
    IdentifierStart,
    IgnorableIdentifier,
    Nothing,
    Latin,
    Greek,
    Cyrillic,
    Hebrew,
    Arabic,
    Thai,
    Han,
    Hiragana,
    Katakana,
    Hangul,
    Common,
    Block(u32, u32),
}

impl Property {
    /// Finds what a pattern names in `\p{…}`; with `fold`, cases are one.
    pub(super) fn named(name: &str, fold: bool, unicode: bool) -> Option<Self> {
        if let Some((key, value)) = name.split_once('=') {
            return match key.to_ascii_lowercase().as_str() {
                "sc" | "script" => script(value),
                "blk" | "block" => block(value),
                "gc" | "general_category" => category(value, fold),
                _ => None,
            };
        }
        if let Some(name) = name.strip_prefix("In") {
            return block(name);
        }
        if let Some(name) = name.strip_prefix("Is") {
            return binary(name)
                .or_else(|| category(name, fold))
                .or_else(|| script(name));
        }
        let posix = if unicode { binary(name) } else { None };
        posix.or_else(|| category(name, fold))
    }

    pub(super) fn contains(self, c: char) -> bool {
        match self {
            Self::Digit => c.is_ascii_digit(),
            Self::Space => matches!(c, ' ' | '\t'..='\r'),
            Self::Word => c.is_ascii_alphanumeric() || c == '_',
            Self::Horizontal => {
                matches!(
                    c,
                    '\t' | ' ' | '\u{a0}' | '\u{1680}' | '\u{180e}' | '\u{2000}'..='\u{200a}' | '\u{202f}'
                ) || matches!(c, '\u{205f}' | '\u{3000}')
            }
            Self::Vertical => matches!(c, '\n'..='\r' | '\u{85}' | '\u{2028}' | '\u{2029}'),
            Self::LineEnd => matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}'),
            Self::AsciiLower => c.is_ascii_lowercase(),
            Self::AsciiUpper => c.is_ascii_uppercase(),
            Self::Ascii => c.is_ascii(),
            Self::AsciiAlpha => c.is_ascii_alphabetic(),
            Self::AsciiAlnum => c.is_ascii_alphanumeric(),
            Self::AsciiPunct => c.is_ascii_punctuation(),
            Self::AsciiGraph => c.is_ascii_graphic(),
            Self::AsciiPrint => c.is_ascii_graphic() || c == ' ',
            Self::AsciiBlank => matches!(c, ' ' | '\t'),
            Self::AsciiControl => c.is_ascii_control(),
            Self::AsciiHex => c.is_ascii_hexdigit(),
            Self::Latin1 => c <= '\u{ff}',
            Self::All => true,
            Self::Nothing => false,
            Self::Block(from, to) => (from..=to).contains(&u32::from(c)),
            _ => self.contains_unicode(c),
        }
    }

    fn contains_unicode(self, c: char) -> bool {
        match self {
            Self::Letter => is_letter(c),
            Self::Lower => c.is_lowercase() && is_letter(c) && !matches!(c, '\u{aa}' | '\u{ba}'),
            Self::Upper => c.is_uppercase() && is_letter(c),
            Self::Title => {
                matches!(c, 'ǅ' | 'ǈ' | 'ǋ' | 'ǲ' | '\u{1f88}'..='\u{1f8f}' | '\u{1f98}'..='\u{1f9f}')
            }
            Self::Cased => is_letter(c) && (c.is_lowercase() || c.is_uppercase()),
            Self::OtherLetter => {
                is_letter(c) && (!(c.is_lowercase() || c.is_uppercase()) || matches!(c, 'ª' | 'º'))
            }
            Self::Mark => is_mark(c),
            Self::Number => c.is_numeric() && !c.is_alphabetic() || matches!(c, '\u{2160}'..='\u{2188}'),
            Self::DecimalDigit => is_decimal(c),
            Self::OtherNumber => c.is_numeric() && !c.is_alphabetic() && !is_decimal(c),
            Self::Alphabetic => c.is_alphabetic(),
            Self::Alnum => c.is_alphabetic() || is_decimal(c),
            Self::WhiteSpace => c.is_whitespace(),
            Self::JavaWhiteSpace => {
                let breaking = !matches!(c, '\u{85}' | '\u{a0}' | '\u{2007}' | '\u{202f}');
                c.is_whitespace() && breaking || matches!(c, '\u{1c}'..='\u{1f}')
            }
            Self::Ideographic => is_han(c),
            Self::UnicodeWord => {
                c.is_alphanumeric() || c == '_' || is_mark(c) || matches!(c, '\u{200c}' | '\u{200d}')
            }
            Self::HexDigit => c.is_ascii_hexdigit() || matches!(c, '０'..='９' | 'Ａ'..='Ｆ' | 'ａ'..='ｆ'),
            Self::Assigned => !matches!(u32::from(c), 0xe000..=0xf8ff | 0xf_0000..),
            Self::IdentifierStart => is_letter(c) || c == '_' || is_currency(c),
            Self::Identifier => {
                c.is_alphanumeric() || c == '_' || is_currency(c) || is_mark(c) || is_ignorable(c)
            }
            Self::IgnorableIdentifier => is_ignorable(c),
            Self::Separator | Self::SpaceSeparator | Self::LineSeparator | Self::ParagraphSeparator => {
                self.separates(c)
            }
            Self::Other => {
                c.is_control() || is_format(c) || matches!(u32::from(c), 0xe000..=0xf8ff | 0xf_0000..)
            }
            Self::Control => c.is_control(),
            Self::Format => is_format(c),
            Self::Symbol | Self::Currency | Self::Math | Self::Modifier | Self::OtherSymbol => {
                self.is_symbol(c)
            }
            _ => self.is_punctuation(c) || self.is_script(c),
        }
    }

    fn separates(self, c: char) -> bool {
        let (line, paragraph) = (c == '\u{2028}', c == '\u{2029}');
        match self {
            Self::LineSeparator => line,
            Self::ParagraphSeparator => paragraph,
            Self::SpaceSeparator => c.is_whitespace() && !c.is_control() && !line && !paragraph,
            _ => c.is_whitespace() && !c.is_control(),
        }
    }

    fn is_symbol(self, c: char) -> bool {
        let currency = is_currency(c);
        let math = matches!(c, '+' | '<'..='>' | '|' | '~' | '¬' | '±' | '×' | '÷' | '\u{2200}'..='\u{22ff}')
            || matches!(c, '\u{2044}' | '\u{2190}'..='\u{2194}' | '\u{2a00}'..='\u{2aff}');
        let modifier = matches!(c, '^' | '`' | '¨' | '¯' | '´' | '¸');
        let other = !math
            && (matches!(c, '¦' | '©' | '®' | '°' | '\u{2100}'..='\u{214f}' | '\u{2195}'..='\u{23ff}')
                && !c.is_alphanumeric()
                || matches!(c, '\u{2500}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}'));
        match self {
            Self::Currency => currency,
            Self::Math => math,
            Self::Modifier => modifier,
            Self::OtherSymbol => other,
            _ => currency || math || modifier || other,
        }
    }

    fn is_punctuation(self, c: char) -> bool {
        match self {
            Self::Open => matches!(
                c,
                '(' | '[' | '{' | '‚' | '„' | '⁅' | '〈' | '《' | '「' | '『' | '【' | '（'
            ),
            Self::Close => matches!(c, ')' | ']' | '}' | '⁆' | '〉' | '》' | '」' | '』' | '】' | '）'),
            Self::Dash => matches!(
                c,
                '-' | '\u{2010}'..='\u{2015}' | '\u{2e3a}' | '\u{2e3b}' | '\u{301c}' | '－'
            ),
            Self::Connector => matches!(c, '_' | '\u{203f}' | '\u{2040}' | '＿'),
            Self::InitialQuote => matches!(c, '«' | '‘' | '‛' | '“' | '‟' | '‹'),
            Self::FinalQuote => matches!(c, '»' | '’' | '”' | '›'),
            Self::OtherPunctuation => other_punctuation(c),
            Self::Punctuation => {
                let kinds = [
                    Self::Open,
                    Self::Close,
                    Self::Dash,
                    Self::Connector,
                    Self::InitialQuote,
                    Self::FinalQuote,
                ];
                other_punctuation(c) || kinds.into_iter().any(|kind| kind.is_punctuation(c))
            }
            _ => false,
        }
    }

    fn is_script(self, c: char) -> bool {
        let code = u32::from(c);
        match self {
            Self::Latin => {
                is_letter(c)
                    && (c.is_ascii()
                        || matches!(code, 0xaa | 0xba | 0xc0..=0x2b8 | 0x1d00..=0x1d25 | 0x1e00..=0x1eff)
                        || matches!(code, 0x2c60..=0x2c7f | 0xa722..=0xa7ff | 0xfb00..=0xfb06 | 0xff21..=0xff5a))
            }
            Self::Greek => {
                matches!(code, 0x370..=0x3e1 | 0x3f0..=0x3ff | 0x1f00..=0x1fff) && c.is_alphabetic()
            }
            Self::Cyrillic => {
                matches!(code, 0x400..=0x52f | 0x1c80..=0x1c88 | 0x2de0..=0x2dff | 0xa640..=0xa69f)
            }
            Self::Hebrew => matches!(code, 0x591..=0x5f4 | 0xfb1d..=0xfb4f),
            Self::Arabic => {
                matches!(code, 0x600..=0x6ff | 0x750..=0x77f | 0x8a0..=0x8ff | 0xfb50..=0xfdff | 0xfe70..=0xfefc)
                    && !matches!(
                        code,
                        0x605 | 0x60c | 0x61b | 0x61f | 0x640 | 0x64b..=0x655 | 0x670 | 0x6dd
                    )
            }
            Self::Thai => matches!(code, 0xe01..=0xe3a | 0xe40..=0xe5b),
            Self::Han => is_han(c),
            Self::Hiragana => matches!(code, 0x3041..=0x3096 | 0x309d..=0x309f | 0x1b001..=0x1b11f),
            Self::Katakana => {
                matches!(code, 0x30a1..=0x30fa | 0x30fd..=0x30ff | 0x31f0..=0x31ff | 0xff66..=0xff9d)
            }
            Self::Hangul => {
                matches!(code, 0x1100..=0x11ff | 0x3131..=0x318e | 0xa960..=0xa97c | 0xac00..=0xd7a3)
            }
            Self::Common => c.is_ascii() && !c.is_ascii_alphabetic(),
            _ => false,
        }
    }
}

fn is_letter(c: char) -> bool {
    c.is_alphabetic()
        && !is_mark(c)
        && !matches!(c, '\u{2160}'..='\u{2182}' | '\u{2185}'..='\u{2188}' | '\u{24b6}'..='\u{24e9}')
}

fn is_mark(c: char) -> bool {
    matches!(u32::from(c), 0x300..=0x36f | 0x483..=0x489 | 0x591..=0x5bd | 0x610..=0x61a | 0x64b..=0x65f
        | 0x900..=0x903 | 0x93a..=0x93c | 0x93e..=0x94f | 0xe31 | 0xe34..=0xe3a | 0xe47..=0xe4e
        | 0x1ab0..=0x1aff | 0x1dc0..=0x1dff | 0x20d0..=0x20f0 | 0x302a..=0x302f | 0x3099..=0x309a
        | 0xfe00..=0xfe0f | 0xfe20..=0xfe2f)
}

fn is_decimal(c: char) -> bool {
    // Decimal digits stand in tens; the first of each script that is in use.
    const ZEROS: [u32; 18] = [
        0x30, 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xe50,
        0xed0, 0xf20, 0x1040, 0xff10,
    ];
    ZEROS
        .iter()
        .any(|zero| (*zero..zero + 10).contains(&u32::from(c)))
}

fn is_currency(c: char) -> bool {
    matches!(c, '$' | '¢'..='¥' | '\u{58f}' | '\u{60b}' | '\u{e3f}' | '\u{20a0}'..='\u{20bf}' | '\u{fdfc}' | '＄')
}

fn is_format(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206f}' | '\u{feff}')
}

fn is_ignorable(c: char) -> bool {
    c.is_control() && !matches!(c, '\t'..='\r' | '\u{1c}'..='\u{1f}') || is_format(c)
}

fn is_han(c: char) -> bool {
    matches!(u32::from(c), 0x3005..=0x3007 | 0x3021..=0x3029 | 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xf900..=0xfaff
        | 0x2_0000..=0x3_134a)
}

fn other_punctuation(c: char) -> bool {
    matches!(c, '!'..='#' | '%'..='\'' | '*' | ',' | '.' | '/' | ':' | ';' | '?' | '@' | '\\' | '¡' | '§' | '¶' | '·')
        || matches!(c, '¿' | '\u{2016}' | '\u{2017}' | '\u{2020}'..='\u{2027}' | '\u{2030}'..='\u{2038}')
        || matches!(c, '\u{203b}'..='\u{203e}' | '\u{3001}'..='\u{3003}' | '！' | '，' | '．' | '：' | '；' | '？')
}

fn category(name: &str, fold: bool) -> Option<Property> {
    Some(match name {
        "Ll" | "Lu" | "Lt" if fold => Property::Cased,
        "Lower" | "Upper" if fold => Property::AsciiAlpha,
        "javaLowerCase" | "javaUpperCase" | "javaTitleCase" if fold => Property::Cased,
        "L" | "javaLetter" => Property::Letter,
        "Lu" => Property::Upper,
        "Ll" => Property::Lower,
        "Lt" | "javaTitleCase" => Property::Title,
        "LC" => Property::Cased,
        "Lo" | "Lm" => Property::OtherLetter,
        "M" | "Mn" | "Mc" | "Me" => Property::Mark,
        "N" => Property::Number,
        "Nd" | "javaDigit" => Property::DecimalDigit,
        "Nl" | "No" => Property::OtherNumber,
        "P" => Property::Punctuation,
        "Ps" => Property::Open,
        "Pe" => Property::Close,
        "Pd" => Property::Dash,
        "Pc" => Property::Connector,
        "Pi" => Property::InitialQuote,
        "Pf" => Property::FinalQuote,
        "Po" => Property::OtherPunctuation,
        "S" => Property::Symbol,
        "Sc" => Property::Currency,
        "Sm" => Property::Math,
        "Sk" => Property::Modifier,
        "So" => Property::OtherSymbol,
        "Z" | "javaSpaceChar" => Property::Separator,
        "Zs" => Property::SpaceSeparator,
        "Zl" => Property::LineSeparator,
        "Zp" => Property::ParagraphSeparator,
        "C" => Property::Other,
        "Cc" | "javaISOControl" => Property::Control,
        "Cf" => Property::Format,
        "Cs" | "Cn" => Property::Nothing,
        "Co" => Property::Block(0xe000, 0xf8ff),
        "LD" | "javaLetterOrDigit" => Property::Alnum,
        "L1" => Property::Latin1,
        "all" | "ALL" => Property::All,
        "javaLowerCase" => Property::Lower,
        "javaUpperCase" => Property::Upper,
        "javaAlphabetic" => Property::Alphabetic,
        "javaIdeographic" => Property::Ideographic,
        "javaDefined" | "javaValidCodePoint" => Property::All,
        "javaWhitespace" => Property::JavaWhiteSpace,
        "javaMirrored" => Property::Open,
        "javaJavaIdentifierStart" | "javaUnicodeIdentifierStart" => Property::IdentifierStart,
        "javaJavaIdentifierPart" | "javaUnicodeIdentifierPart" => Property::Identifier,
        "javaIdentifierIgnorable" => Property::IgnorableIdentifier,
        _ => return posix(name),
    })
}

fn posix(name: &str) -> Option<Property> {
    Some(match name {
        "ASCII" => Property::Ascii,
        "Alnum" => Property::AsciiAlnum,
        "Alpha" => Property::AsciiAlpha,
        "Blank" => Property::AsciiBlank,
        "Cntrl" => Property::AsciiControl,
        "Digit" => Property::Digit,
        "Graph" => Property::AsciiGraph,
        "Lower" => Property::AsciiLower,
        "Print" => Property::AsciiPrint,
        "Punct" => Property::AsciiPunct,
        "Space" => Property::Space,
        "Upper" => Property::AsciiUpper,
        "XDigit" => Property::AsciiHex,
        _ => return None,
    })
}

/// The binary properties, and what the POSIX names mean with `(?U)`.
fn binary(name: &str) -> Option<Property> {
    Some(match name.to_ascii_uppercase().as_str() {
        "ALPHABETIC" | "ALPHA" => Property::Alphabetic,
        "LETTER" => Property::Letter,
        "IDEOGRAPHIC" => Property::Ideographic,
        "LOWERCASE" | "LOWER" => Property::Lower,
        "UPPERCASE" | "UPPER" => Property::Upper,
        "TITLECASE" => Property::Title,
        "WHITE_SPACE" | "WHITESPACE" | "SPACE" => Property::WhiteSpace,
        "BLANK" => Property::Horizontal,
        "CONTROL" | "CNTRL" => Property::Control,
        "PUNCTUATION" | "PUNCT" => Property::Punctuation,
        "HEX_DIGIT" | "HEXDIGIT" | "XDIGIT" => Property::HexDigit,
        "ASSIGNED" => Property::Assigned,
        "DIGIT" => Property::DecimalDigit,
        "ALNUM" => Property::Alnum,
        "WORD" => Property::UnicodeWord,
        "NONCHARACTERCODEPOINT" | "NONCHARACTER_CODE_POINT" => Property::Nothing,
        _ => return None,
    })
}

fn script(name: &str) -> Option<Property> {
    Some(match name.to_ascii_uppercase().as_str() {
        "LATIN" | "LATN" => Property::Latin,
        "GREEK" | "GREK" => Property::Greek,
        "CYRILLIC" | "CYRL" => Property::Cyrillic,
        "HEBREW" | "HEBR" => Property::Hebrew,
        "ARABIC" | "ARAB" => Property::Arabic,
        "THAI" => Property::Thai,
        "HAN" | "HANI" => Property::Han,
        "HIRAGANA" | "HIRA" => Property::Hiragana,
        "KATAKANA" | "KANA" => Property::Katakana,
        "HANGUL" | "HANG" => Property::Hangul,
        "COMMON" | "ZYYY" => Property::Common,
        _ => return None,
    })
}

fn block(name: &str) -> Option<Property> {
    let name: String = name.chars().filter(|c| !matches!(c, ' ' | '_' | '-')).collect();
    let (from, to) = match name.to_ascii_uppercase().as_str() {
        "BASICLATIN" => (0, 0x7f),
        "LATIN1SUPPLEMENT" => (0x80, 0xff),
        "LATINEXTENDEDA" => (0x100, 0x17f),
        "LATINEXTENDEDB" => (0x180, 0x24f),
        "COMBININGDIACRITICALMARKS" => (0x300, 0x36f),
        "GREEK" | "GREEKANDCOPTIC" => (0x370, 0x3ff),
        "CYRILLIC" => (0x400, 0x4ff),
        "HEBREW" => (0x590, 0x5ff),
        "ARABIC" => (0x600, 0x6ff),
        "DEVANAGARI" => (0x900, 0x97f),
        "THAI" => (0xe00, 0xe7f),
        "GENERALPUNCTUATION" => (0x2000, 0x206f),
        "CURRENCYSYMBOLS" => (0x20a0, 0x20cf),
        "LETTERLIKESYMBOLS" => (0x2100, 0x214f),
        "ARROWS" => (0x2190, 0x21ff),
        "MATHEMATICALOPERATORS" => (0x2200, 0x22ff),
        "HIRAGANA" => (0x3040, 0x309f),
        "KATAKANA" => (0x30a0, 0x30ff),
        "CJKUNIFIEDIDEOGRAPHS" => (0x4e00, 0x9fff),
        "HANGULSYLLABLES" => (0xac00, 0xd7af),
        "EMOTICONS" => (0x1f600, 0x1f64f),
        _ => return None,
    };
    Some(Property::Block(from, to))
}
