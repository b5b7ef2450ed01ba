//! Dates and times: UTC, fixed width, whole seconds; the proleptic Gregorian calendar, years 0001 to 9999.
//!
//! Not a time library: no zones, no leap seconds (`:60` is refused), no clock. Other spellings are refused, never bent.

use super::text::stands_as_text;
use std::fmt;

/// Seconds in a day.
const DAY: i64 = 86_400;

/// A moment, `YYYY-MM-DDThh:mm:ssZ`, as seconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(i64);

/// A day, `YYYY-MM-DD`, meaning its first second in UTC, as days since 1970-01-01.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(i32);

/// Why a text is not a date or a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// Not of the one spelling.
    #[error("is not of the form {0}")]
    Shape(&'static str),
    /// A month, day, hour, minute or second that does not exist.
    #[error("names a {0} that does not exist")]
    NoSuch(&'static str),
}

impl Date {
    /// Reads `YYYY-MM-DD`.
    ///
    /// # Errors
    /// Another shape, or a day that does not exist.
    pub fn parse(text: &str) -> Result<Date, TimeError> {
        let b = text.as_bytes();
        let shape = TimeError::Shape("YYYY-MM-DD");
        if b.len() != 10 || b[4] != b'-' || b[7] != b'-' {
            return Err(shape);
        }
        let field = |from, to| digits(b, from, to).ok_or(shape);
        let (year, month, day) = (field(0, 4)?, field(5, 7)?, field(8, 10)?);
        if year == 0 {
            return Err(TimeError::NoSuch("year"));
        }
        if !(1..=12).contains(&month) {
            return Err(TimeError::NoSuch("month"));
        }
        if day == 0 || day > month_len(year, month) {
            return Err(TimeError::NoSuch("day"));
        }
        Ok(Date(days_from_civil(year, month, day)))
    }

    /// The last day there is: what has no end ends then.
    pub const MAX: Date = Date(2_932_896);

    /// Its first second.
    pub fn start(self) -> Time {
        Time(i64::from(self.0) * DAY)
    }

    fn with_text<T>(self, take: impl FnOnce(&str) -> T) -> T {
        let mut text = *b"0000-00-00";
        self.put(&mut text);
        take(ascii(&text))
    }

    fn put(self, text: &mut [u8; 10]) {
        let (year, month, day) = civil_from_days(self.0);
        put(&mut text[..4], year.into());
        put(&mut text[5..7], month.into());
        put(&mut text[8..], day.into());
    }

    /// Whole days from `earlier` to this day; negative where it lies later.
    pub fn days_since(self, earlier: Date) -> i64 {
        i64::from(self.0) - i64::from(earlier.0)
    }
}

impl Time {
    /// Reads `YYYY-MM-DDThh:mm:ssZ`.
    ///
    /// # Errors
    /// Another shape (an offset, a fraction), or a moment that does not exist (`:60` among them).
    pub fn parse(text: &str) -> Result<Time, TimeError> {
        let b = text.as_bytes();
        let shape = TimeError::Shape("YYYY-MM-DDThh:mm:ssZ");
        if b.len() != 20 || !text.is_ascii() || b[10] != b'T' || b[13] != b':' || b[16] != b':' || b[19] != b'Z' {
            return Err(shape);
        }
        let date = Date::parse(&text[..10]).map_err(|e| match e {
            TimeError::Shape(_) => shape,
            TimeError::NoSuch(_) => e,
        })?;
        let field = |from, to| digits(b, from, to).ok_or(shape);
        let (hour, minute, second) = (field(11, 13)?, field(14, 16)?, field(17, 19)?);
        for (value, bound, name) in [(hour, 24, "hour"), (minute, 60, "minute"), (second, 60, "second")] {
            if value >= bound {
                return Err(TimeError::NoSuch(name));
            }
        }
        Ok(Time(date.start().0 + i64::from(hour * 3600 + minute * 60 + second)))
    }

    fn with_text<T>(self, take: impl FnOnce(&str) -> T) -> T {
        let mut text = *b"0000-00-00T00:00:00Z";
        let seconds = self.0.rem_euclid(DAY);
        if let Some(date) = text.first_chunk_mut() {
            self.date().put(date);
        }
        put(&mut text[11..13], seconds / 3600);
        put(&mut text[14..16], seconds / 60 % 60);
        put(&mut text[17..19], seconds % 60);
        take(ascii(&text))
    }

    /// From seconds since 1970, as cosignatures and clocks count; `None` outside the years 0001 to 9999.
    pub fn from_unix(seconds: i64) -> Option<Time> {
        let (first, last) = (days_from_civil(1, 1, 1), days_from_civil(9999, 12, 31));
        let day = seconds.div_euclid(DAY);
        (i64::from(first)..=i64::from(last)).contains(&day).then_some(Time(seconds))
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub fn unix(self) -> i64 {
        self.0
    }

    /// The day that it lies on.
    pub fn date(self) -> Date {
        // A Time is at most the year 9999: some 3.7 million days.
        Date(self.0.div_euclid(DAY) as i32)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.with_text(|text| f.write_str(text))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.with_text(|text| f.write_str(text))
    }
}

stands_as_text!(Date, "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", |date, s| date.with_text(|text| s.serialize_str(text)));
stands_as_text!(Time, "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$", |time, s| time
    .with_text(|text| s.serialize_str(text)));

/// Writes a number with leading zeros over the zeros that stand in its place.
fn put(text: &mut [u8], number: i64) {
    let mut rest = number;
    for digit in text.iter_mut().rev() {
        // A remainder by ten.
        *digit = b'0' + rest.rem_euclid(10) as u8;
        rest /= 10;
    }
}

/// The text that was put together; ASCII.
fn ascii(text: &[u8]) -> &str {
    std::str::from_utf8(text).unwrap_or_default()
}

fn digits(bytes: &[u8], from: usize, to: usize) -> Option<i32> {
    let text = bytes.get(from..to)?;
    text.iter().try_fold(0, |n, b| b.is_ascii_digit().then(|| n * 10 + i32::from(b - b'0')))
}

fn month_len(year: i32, month: i32) -> i32 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days since 1970-01-01. Years are counted from March, so that the leap day ends one: then the days before month m
/// are (153 m + 2) / 5, and 400 years are 146,097 days.
fn days_from_civil(year: i32, month: i32, day: i32) -> i32 {
    let y = if month <= 2 { year - 1 } else { year };
    let (era, in_era) = (y.div_euclid(400), y.rem_euclid(400));
    let in_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + in_era * 365 + in_era / 4 - in_era / 100 + in_year - 719_468
}

/// The inverse of [`days_from_civil`].
fn civil_from_days(days: i32) -> (i32, i32, i32) {
    let z = days + 719_468;
    let (era, in_era) = (z.div_euclid(146_097), z.rem_euclid(146_097));
    let year = (in_era - in_era / 1_460 + in_era / 36_524 - in_era / 146_096) / 365;
    let in_year = in_era - (365 * year + year / 4 - year / 100);
    let m = (5 * in_year + 2) / 153;
    let (day, month) = (in_year - (153 * m + 2) / 5 + 1, (m + 2) % 12 + 1);
    (era * 400 + year + i32::from(month <= 2), month, day)
}
