//! From what people type to what the index has: stems, and the likeliest words for those that nobody knows.

use std::collections::HashMap;

use tantivy::{
    Searcher, Term,
    query::{BooleanQuery, BoostQuery, FuzzyTermQuery, Query, TermQuery},
    schema::IndexRecordOption,
};

use super::schema::{Fields, analyzer};

/// More words than this are no query.
const MOST_WORDS: usize = 30;

/// For how many unknown words others are looked for: each means to walk through all known ones.
const MOST_UNKNOWN: usize = 4;

/// How many known words may stand for an unknown one.
const GUESSES: usize = 3;

/// What a guess counts, against a word that was meant as it was written.
const GUESSED: f32 = 0.8;

/// A typo is tolerated in words of so many letters.
const ONE_TYPO: usize = 5;

/// Two typos are tolerated in words of so many.
const TWO_TYPOS: usize = 9;

/// The words of a query as conditions.
pub(super) struct Words {
    /// Each word with its alternatives: the fields that it stands in, and those of its guesses.
    words: Vec<Vec<Box<dyn Query>>>,
}

impl Words {
    /// The words of a text; nothing when it has none.
    pub(super) fn of(searcher: &Searcher, fields: &Fields, text: &str) -> tantivy::Result<Option<Self>> {
        let (mut words, mut unknown) = (Vec::new(), 0);
        for (stem, letters) in stems(text) {
            let mut alternatives = look_for(searcher, fields, &stem, 1.0)?;
            if alternatives.is_empty() {
                unknown += 1;
                if unknown <= MOST_UNKNOWN {
                    for guess in guesses(searcher, fields, &stem, letters)? {
                        alternatives.extend(look_for(searcher, fields, &guess, GUESSED)?);
                    }
                }
            }
            words.push(alternatives);
        }
        Ok(if words.is_empty() { None } else { Some(Self { words }) })
    }

    /// Products with every word; nothing when there is one word only, for which that is no other question than [`Words::any`].
    pub(super) fn all(&self) -> Option<Box<dyn Query>> {
        let every_word = || BooleanQuery::intersection(self.words.iter().map(union).collect());
        (self.words.len() > 1).then(|| -> Box<dyn Query> { Box::new(every_word()) })
    }

    /// Products with any of the words.
    pub(super) fn any(&self) -> Box<dyn Query> {
        union(self.words.iter().flatten())
    }
}

fn union<'a>(alternatives: impl IntoIterator<Item = &'a Box<dyn Query>>) -> Box<dyn Query> {
    let alternatives = alternatives.into_iter().map(|query| query.box_clone());
    Box::new(BooleanQuery::union(alternatives.collect()))
}

/// The stems of a text, each once, with the number of letters that were typed.
fn stems(text: &str) -> Vec<(String, usize)> {
    let mut stems: Vec<(String, usize)> = Vec::new();
    let mut analyzer = analyzer();
    let mut tokens = analyzer.token_stream(text);
    while let Some(token) = tokens.next() {
        if stems.len() < MOST_WORDS && stems.iter().all(|(stem, _)| *stem != token.text) {
            let typed = &text[token.offset_from..token.offset_to];
            stems.push((token.text.clone(), typed.chars().count()));
        }
    }
    stems
}

/// One stem in every field that it stands in, each with its weight; nothing when nobody knows it.
fn look_for(searcher: &Searcher, fields: &Fields, stem: &str, boost: f32) -> tantivy::Result<Vec<Box<dyn Query>>> {
    let mut found: Vec<Box<dyn Query>> = Vec::new();
    for (field, weight) in fields.weights() {
        let term = Term::from_field_text(field, stem);
        if searcher.doc_freq(&term)? > 0 {
            let term = TermQuery::new(term, IndexRecordOption::WithFreqs);
            found.push(Box::new(BoostQuery::new(Box::new(term), weight * boost)));
        }
    }
    Ok(found)
}

/// The known words nearest to an unknown one: fewest typos first, then the most frequent.
fn guesses(searcher: &Searcher, fields: &Fields, stem: &str, letters: usize) -> tantivy::Result<Vec<String>> {
    let most = u8::from(letters >= ONE_TYPO) + u8::from(letters >= TWO_TYPOS);
    for typos in 1..=most {
        let near = near(searcher, fields, stem, typos)?;
        if !near.is_empty() {
            let mut near: Vec<(String, u64)> = near.into_iter().collect();
            near.sort_unstable_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
            return Ok(near.into_iter().map(|(word, _)| word).take(GUESSES).collect());
        }
    }
    Ok(Vec::new())
}

/// The words that are so many typos away, in whichever field, each with the number of documents that have it.
fn near(searcher: &Searcher, fields: &Fields, stem: &str, typos: u8) -> tantivy::Result<HashMap<String, u64>> {
    // The automaton is the same for every field and segment, and costs more to make than to run.
    let automaton = FuzzyTermQuery::new(Term::from_field_text(fields.text, stem), typos, true).automaton()?;
    let mut near = HashMap::new();
    for (field, _) in fields.weights() {
        for segment in searcher.segment_readers() {
            let inverted = segment.inverted_index(field)?;
            let mut words = inverted.terms().search(&automaton).into_stream()?;
            while words.advance() {
                let Ok(word) = std::str::from_utf8(words.key()) else { continue };
                *near.entry(word.to_owned()).or_default() += u64::from(words.value().doc_freq);
            }
        }
    }
    Ok(near)
}

#[cfg(test)]
mod tests {
    use kernel::{ProductId, uuid::Uuid};
    use proto::catalog::v1;

    use crate::search::{Index, Question, document::Entry, position::Position};

    #[test]
    fn only_so_many_unknown_words_are_guessed_at() {
        let index = Index::open(None).unwrap();
        let entry = Entry {
            id: ProductId::from_uuid(Uuid::from_u128(7)),
            version: 1,
            product: v1::Product {
                title: "Laser printer".to_owned(),
                state: v1::ProductState::Published.into(),
                ..v1::Product::default()
            },
            path: Vec::new(),
        };
        index.put(&[entry]).unwrap();
        index.commit(Position::default()).unwrap();
        let found = |text: &str| {
            let question = Question {
                text: text.to_owned(),
                limit: 1,
                ..Question::default()
            };
            index.ask(&question).unwrap().total
        };
        assert_eq!(found("unheard unseen unsaid lazer"), 1);
        assert_eq!(found("unheard unseen unsaid unfelt lazer"), 0);
        assert_eq!(
            found("unheard unseen unsaid unfelt laser"),
            1,
            "what is known is looked for in any case"
        );
    }
}
