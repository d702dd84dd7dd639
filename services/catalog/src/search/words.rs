//! From what people type to what the index has: stems, and the likeliest words for those that nobody knows.

use tantivy::{
    Searcher, Term,
    query::{BooleanQuery, BoostQuery, ConstScoreQuery, FuzzyTermQuery, Occur, Query, TermQuery},
    schema::{Field, IndexRecordOption},
};

use super::schema::{Fields, analyzer};

/// More words than this are no query.
const MOST_WORDS: usize = 30;

/// How many known words may stand for an unknown one.
const GUESSES: usize = 3;

/// What a guess counts, against a word that was meant as it was written.
const GUESSED: f32 = 0.8;

/// A typo is tolerated in words of so many letters.
const ONE_TYPO: usize = 5;

/// Two typos are tolerated in words of so many.
const TWO_TYPOS: usize = 9;

/// What a product with all the words has over one with some, in points of the ranking: more than one rare word weighs.
const WITH_ALL: f32 = 8.0;

/// The words of a query as conditions.
pub(super) struct Words {
    /// Each word with its alternatives: the fields that it may stand in, and its guesses.
    words: Vec<Vec<(Occur, Box<dyn Query>)>>,
}

impl Words {
    /// The words of a text; nothing when it has none.
    pub(super) fn of(searcher: &Searcher, fields: &Fields, text: &str) -> tantivy::Result<Option<Self>> {
        let mut words = Vec::new();
        for (stem, letters) in stems(text) {
            if is_known(searcher, fields, &stem)? {
                words.push(look_for(fields, &stem, 1.0).collect());
            } else {
                let guesses = guesses(searcher, fields, &stem, letters)?;
                words.push(guesses.iter().flat_map(|guess| look_for(fields, guess, GUESSED)).collect());
            }
        }
        Ok(if words.is_empty() { None } else { Some(Self { words }) })
    }

    /// Products with every word; nothing when there is one word only, for which that is no other question than [`Words::any`].
    pub(super) fn all(&self) -> Option<Box<dyn Query>> {
        (self.words.len() > 1).then(|| self.every_word())
    }

    /// Products with any of the words, those with all of them first.
    pub(super) fn any(&self) -> Box<dyn Query> {
        let mut clauses: Vec<_> = self
            .words
            .iter()
            .flatten()
            .map(|(occur, query)| (*occur, query.box_clone()))
            .collect();
        if self.words.len() > 1 {
            let all: Box<dyn Query> = Box::new(ConstScoreQuery::new(self.every_word(), WITH_ALL));
            clauses.push((Occur::Should, all));
        }
        Box::new(BooleanQuery::new(clauses))
    }

    fn every_word(&self) -> Box<dyn Query> {
        let word = |alternatives: &Vec<(Occur, Box<dyn Query>)>| -> (Occur, Box<dyn Query>) {
            let alternatives = alternatives.iter().map(|(occur, query)| (*occur, query.box_clone())).collect();
            (Occur::Must, Box::new(BooleanQuery::new(alternatives)))
        };
        Box::new(BooleanQuery::new(self.words.iter().map(word).collect()))
    }
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

/// One stem in every field, each with its weight.
fn look_for(fields: &Fields, stem: &str, boost: f32) -> impl Iterator<Item = (Occur, Box<dyn Query>)> {
    fields.weights().into_iter().map(move |(field, weight)| {
        let term = TermQuery::new(Term::from_field_text(field, stem), IndexRecordOption::WithFreqs);
        let query: Box<dyn Query> = Box::new(BoostQuery::new(Box::new(term), weight * boost));
        (Occur::Should, query)
    })
}

fn is_known(searcher: &Searcher, fields: &Fields, stem: &str) -> tantivy::Result<bool> {
    for (field, _) in fields.weights() {
        if searcher.doc_freq(&Term::from_field_text(field, stem))? > 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The known words nearest to an unknown one: fewest typos first, then the most frequent.
fn guesses(searcher: &Searcher, fields: &Fields, stem: &str, letters: usize) -> tantivy::Result<Vec<String>> {
    let most = u8::from(letters >= ONE_TYPO) + u8::from(letters >= TWO_TYPOS);
    for typos in 1..=most {
        let mut near: Vec<(u64, String)> = Vec::new();
        for (field, _) in fields.weights() {
            collect_near(searcher, field, stem, typos, &mut near)?;
        }
        if !near.is_empty() {
            near.sort_unstable_by(|one, other| other.0.cmp(&one.0).then_with(|| one.1.cmp(&other.1)));
            return Ok(near.into_iter().map(|(_, word)| word).take(GUESSES).collect());
        }
    }
    Ok(Vec::new())
}

/// Adds the words of a field that are so many typos away, with the number of documents that have them.
fn collect_near(searcher: &Searcher, field: Field, stem: &str, typos: u8, near: &mut Vec<(u64, String)>) -> tantivy::Result<()> {
    let fuzzy = FuzzyTermQuery::new(Term::from_field_text(field, stem), typos, true);
    for segment in searcher.segment_readers() {
        let inverted = segment.inverted_index(field)?;
        let mut words = inverted.terms().search(fuzzy.automaton()?).into_stream()?;
        while words.advance() {
            let Ok(word) = std::str::from_utf8(words.key()) else { continue };
            let documents = u64::from(words.value().doc_freq);
            match near.iter_mut().find(|(_, known)| known == word) {
                Some((known, _)) => *known += documents,
                None => near.push((documents, word.to_owned())),
            }
        }
    }
    Ok(())
}
