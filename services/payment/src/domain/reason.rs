//! Why a provider or a bank says no. The words are theirs, and what they decide is a fact whatever its words are: so these are made fit to
//! be kept and told, never refused.

/// How many characters of a reason are kept.
const MOST: usize = 500;

/// The words on one line, with a space for every character that cannot be seen, and without what is beyond the most that is kept.
pub(super) fn told(words: &str) -> String {
    let seen = words.trim().chars().take(MOST + 1);
    let mut told: String = seen.map(|character| if is_seen(character) { character } else { ' ' }).collect();
    if let Some((last, _)) = told.char_indices().nth(MOST - 1)
        && told.chars().count() > MOST
    {
        told.truncate(last);
        told.push('…');
    }
    told.trim().to_owned()
}

/// Whether it is no control character, ends no line, and turns round nothing that is shown after it (Unicode Technical Report 36).
fn is_seen(character: char) -> bool {
    !character.is_control() && !matches!(character, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_kept_as_it_came_unless_it_is_odd() {
        for words in ["", "card_declined", "Limite excedido: peça ao seu banco", &"ß".repeat(MOST)] {
            assert_eq!(told(words), words);
        }
        assert_eq!(told(" \0do\r\nnot\u{7f}honour\u{85}\u{202e}\u{2028}\n"), "do  not honour");
        assert_eq!(told("\0\u{1}\n"), "");
    }

    #[test]
    fn a_long_reason_shows_that_it_was_longer() {
        for words in ["ß".repeat(MOST + 1), "ß".repeat(1 << 20)] {
            assert_eq!(told(&words), format!("{}…", "ß".repeat(MOST - 1)));
        }
    }
}
