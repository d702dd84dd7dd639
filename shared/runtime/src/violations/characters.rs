//! What is seen of a text's characters, and which of them no text may have.

/// Whether no text may have this character; see [`Violations::text`](super::Violations::text).
pub fn is_invisible(character: char) -> bool {
    (character.is_control() && !may_break(character)) || matches!(character, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether a character ends a line or leaves a gap in it, which some texts may do.
pub(super) fn may_break(character: char) -> bool {
    matches!(character, '\t' | '\r' | '\n')
}

/// Whether a character is nothing to look at by itself.
pub(super) fn is_blank(character: char) -> bool {
    character.is_whitespace() || is_hidden(character)
}

/// Whether nothing is shown of a character: Unicode's Default_Ignorable_Code_Point (UAX #44), and the Braille pattern without a dot.
pub(super) const fn is_hidden(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fff8}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}
