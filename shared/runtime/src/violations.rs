//! From what clients send to what the domain takes, naming every bad field at once.

mod characters;
mod fields;
#[cfg(test)]
mod tests;

use std::{fmt::Display, ops::RangeInclusive, panic::Location, str::FromStr, time::Duration};

use kernel::{Country, Currency, Money, Page, PageSize, PageToken, Time, TypeId};
use proto::{money::v1::Money as MoneyMessage, postal::v1::Address};

pub use self::characters::is_invisible;
use self::{
    characters::{is_blank, is_hidden, may_break},
    fields::Fields,
};
use crate::{Problem, is_validating, read_timestamp};

/// Collects what is wrong with a request. Each method answers with a stand-in or nothing when its field is bad, so that all fields are
/// looked at before [`Violations::finish`] ends the request.
///
/// ```ignore
/// let mut check = Violations::new();
/// let order = check.id::<OrderId>("order_id", &request.order_id);
/// let amount = check.positive_money("amount", request.amount.as_ref());
/// let (order, amount) = check.finish((order, amount))?;
/// ```
#[derive(Debug, Default)]
pub struct Violations(Vec<(String, String)>);

impl Violations {
    /// Nothing wrong yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Says that a field is bad.
    pub fn add(&mut self, field: impl Into<String>, description: impl Into<String>) {
        self.0.push((field.into(), description.into()));
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is wrong, field by field: for whoever refuses a part of a request and takes the rest.
    pub fn into_fields(self) -> Vec<(String, String)> {
        self.0
    }

    /// Says so unless a condition holds.
    pub fn require(&mut self, holds: bool, field: &str, description: &str) {
        if !holds {
            self.add(field, description);
        }
    }

    /// A text of so many characters, surrounding white space apart, of which the fewest must be visible: what cannot be seen at all is no
    /// text. It has no control characters but tabs and line breaks, none that turn round how the text after it is shown (Unicode Technical
    /// Report 36), and none of the separators of lines and paragraphs that few programs know.
    pub fn text(&mut self, field: &str, text: &str, characters: RangeInclusive<usize>) -> String {
        let text = if text.chars().all(is_blank) { "" } else { text.trim() };
        let (count, hidden) = (text.chars().count(), text.chars().filter(|character| is_hidden(*character)).count());
        let (fewest, most) = (characters.start(), characters.end());
        if count > *most {
            self.add(field, format!("must have {fewest} to {most} characters, has {count}"));
        } else if count - hidden < *fewest {
            let visible = if hidden > 0 { "visible " } else { "" };
            self.add(
                field,
                format!("must have {fewest} to {most} {visible}characters, has {}", count - hidden),
            );
        }
        if let Some(bad) = text.chars().find(|character| is_invisible(*character)) {
            self.add(field, format!("must not have the character U+{:04X}", u32::from(bad)));
        }
        text.to_owned()
    }

    /// A text as [`Violations::text`] takes it, on one line and without tabs: what is printed on a label, or stands in a list.
    pub fn line(&mut self, field: &str, text: &str, characters: RangeInclusive<usize>) -> String {
        let before = self.0.len();
        let text = self.text(field, text, characters);
        let broken = self.0.len() == before && text.contains(may_break);
        self.require(!broken, field, "must be on one line, without tabs");
        text
    }

    /// Whatever can be read from a text and says by itself what is wrong with another one.
    pub fn parse<T: FromStr<Err: Display>>(&mut self, field: &str, text: &str) -> Option<T> {
        text.parse().map_err(|error: T::Err| self.add(field, error.to_string())).ok()
    }

    /// An id, such as `ord_…`.
    pub fn id<I: TypeId>(&mut self, field: &str, text: &str) -> Option<I> {
        self.parse(field, text)
    }

    /// An id, or nothing for an empty text.
    pub fn optional_id<I: TypeId>(&mut self, field: &str, text: &str) -> Option<I> {
        if text.is_empty() { None } else { self.id(field, text) }
    }

    /// An ISO 4217 currency that is there.
    pub fn currency(&mut self, field: &str, code: &str) -> Option<Currency> {
        if code.is_empty() {
            self.add(field, "is required");
            return None;
        }
        self.parse(field, code)
    }

    /// An ISO 3166-1 country.
    pub fn country(&mut self, field: &str, code: &str) -> String {
        self.parse::<Country>(field, code);
        code.to_owned()
    }

    /// An amount of money that is there.
    pub fn money(&mut self, field: &str, message: Option<&MoneyMessage>) -> Option<Money> {
        let Some(message) = message else {
            self.add(field, "is required");
            return None;
        };
        let currency = self.currency(&format!("{field}.currency"), &message.currency)?;
        Some(Money::new(message.minor_units, currency))
    }

    /// An amount of money that is there, and whose number of minor units is as it must be, whatever its currency.
    fn money_of(
        &mut self,
        field: &str,
        message: Option<&MoneyMessage>,
        holds: impl FnOnce(i64) -> bool,
        description: &str,
    ) -> Option<Money> {
        let money = self.money(field, message);
        let holds = message.is_none_or(|message| holds(message.minor_units));
        self.require(holds, &format!("{field}.minor_units"), description);
        money
    }

    /// An amount greater than zero.
    pub fn positive_money(&mut self, field: &str, message: Option<&MoneyMessage>) -> Option<Money> {
        self.money_of(field, message, |minor_units| minor_units > 0, "must be greater than zero")
    }

    /// An amount of nothing or more.
    pub fn money_or_nothing(&mut self, field: &str, message: Option<&MoneyMessage>) -> Option<Money> {
        self.money_of(field, message, |minor_units| minor_units >= 0, "must not be negative")
    }

    /// A quantity from one up.
    pub fn quantity(&mut self, field: &str, quantity: i64) -> u64 {
        const MOST: i64 = 1_000_000_000_000;
        self.require((1..=MOST).contains(&quantity), field, "must be between 1 and 1,000,000,000,000");
        quantity.unsigned_abs()
    }

    /// A point in time that is there.
    pub fn time(&mut self, field: &str, message: Option<&prost_types::Timestamp>) -> Option<Time> {
        let time = read_timestamp(message).ok();
        self.require(time.is_some(), field, "is required and must be a time within range");
        time
    }

    /// A point in time that is there and within these bounds.
    pub fn time_within(&mut self, field: &str, message: Option<&prost_types::Timestamp>, bounds: RangeInclusive<Time>) -> Option<Time> {
        let time = self.time(field, message)?;
        let (earliest, latest) = (bounds.start(), bounds.end());
        self.require(bounds.contains(&time), field, &format!("must be between {earliest} and {latest}"));
        Some(time)
    }

    /// A length of time within these bounds, if it is there at all.
    pub fn duration(&mut self, field: &str, message: Option<&prost_types::Duration>, bounds: RangeInclusive<Duration>) -> Option<Duration> {
        let message = message?;
        let duration = Duration::try_from(*message).ok().filter(|duration| bounds.contains(duration));
        if duration.is_none() {
            let (shortest, longest) = (bounds.start().as_secs(), bounds.end().as_secs());
            self.add(field, format!("must be between {shortest} and {longest} seconds"));
        }
        duration
    }

    /// A postal address with all that it needs.
    pub fn address(&mut self, field: &str, address: Option<&Address>) -> Option<Address> {
        let Some(address) = address else {
            self.add(field, "is required");
            return None;
        };
        self.line(&format!("{field}.recipient"), &address.recipient, 1..=200);
        self.require(
            (1..=5).contains(&address.lines.len()),
            &format!("{field}.lines"),
            "must have one to five lines",
        );
        for (place, line) in address.lines.iter().enumerate() {
            self.line(&format!("{field}.lines[{place}]"), line, 1..=200);
        }
        self.line(&format!("{field}.city"), &address.city, 1..=200);
        self.line(&format!("{field}.region"), &address.region, 0..=200);
        self.line(&format!("{field}.postal_code"), &address.postal_code, 0..=20);
        let phone = address.phone.trim();
        let dialled = phone.is_empty() || is_phone_number(phone);
        self.require(dialled, &format!("{field}.phone"), "must be an E.164 number such as +491701234567");
        self.country(&format!("{field}.country"), &address.country);
        Some(address.clone())
    }

    /// A page of a list, which is whatever tells it from others: its name, the filter, the principal.
    pub fn page<L: std::hash::Hash>(&mut self, size: i32, token: &str, list: L) -> Page<L> {
        let size = PageSize::parse(size).map_err(|error| self.add("page_size", error.to_string()));
        let after = PageToken::decode(token, &list).map_err(|error| self.add("page_token", error.to_string()));
        Page::new(list, size.unwrap_or_default(), after.unwrap_or_default())
    }

    /// The version that an entity tag names; nothing for an empty one.
    pub fn etag(&mut self, field: &str, etag: &str) -> Option<i64> {
        let etag = etag.trim_matches('"');
        if etag.is_empty() {
            return None;
        }
        etag.parse().map_err(|_| self.add(field, "is not an entity tag of ours")).ok()
    }

    /// Ends the request when anything was wrong, or when it is only looked at, and hands
    /// out the fields that it must have: one, a tuple of several, or `()`.
    ///
    /// # Errors
    /// A [`Problem`] with every violation. A field that is missing without one is our own fault, and the log says whose.
    #[track_caller]
    pub fn finish<F: Fields>(self, fields: F) -> Result<F::Present, Problem> {
        if is_validating() {
            return Err(Problem::invalid(self.0));
        }
        self.so_far(fields)
    }

    /// As [`Violations::finish`], where more is looked at with the help of these fields: a request that is only looked at goes on.
    ///
    /// # Errors
    /// As [`Violations::finish`].
    #[track_caller]
    pub fn so_far<F: Fields>(self, fields: F) -> Result<F::Present, Problem> {
        if !self.0.is_empty() {
            return Err(Problem::invalid(self.0));
        }
        let place = Location::caller();
        let fields = fields.present();
        fields.ok_or_else(|| Problem::internal(format!("{place}: a field is missing, and no violation says so")))
    }
}

/// The id that is all that a request has to say.
///
/// # Errors
/// A [`Problem`] with what is wrong with it.
pub fn parse_id<I: TypeId>(field: &str, text: &str) -> Result<I, Problem> {
    let mut check = Violations::new();
    let id = check.id(field, text);
    check.finish(id)
}

/// E.164: a plus sign and at most 15 digits, of which the first is no zero. The shortest that are in use anywhere have seven.
fn is_phone_number(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or_default().as_bytes();
    (7..=15).contains(&digits.len()) && digits[0] != b'0' && digits.iter().all(u8::is_ascii_digit)
}
