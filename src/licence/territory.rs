//! The countries of ISO 3166-1: which two letters are in use. The core only knows their shape.

use crate::statement::vocabulary::Territory;

/// All officially assigned codes (ISO 3166-1 alpha-2), sorted.
#[rustfmt::skip]
pub(super) const COUNTRIES: [&str; 249] = [
    "AD", "AE", "AF", "AG", "AI", "AL", "AM", "AO", "AQ", "AR", "AS", "AT", "AU", "AW", "AX", "AZ", "BA", "BB", "BD",
    "BE", "BF", "BG", "BH", "BI", "BJ", "BL", "BM", "BN", "BO", "BQ", "BR", "BS", "BT", "BV", "BW", "BY", "BZ", "CA",
    "CC", "CD", "CF", "CG", "CH", "CI", "CK", "CL", "CM", "CN", "CO", "CR", "CU", "CV", "CW", "CX", "CY", "CZ", "DE",
    "DJ", "DK", "DM", "DO", "DZ", "EC", "EE", "EG", "EH", "ER", "ES", "ET", "FI", "FJ", "FK", "FM", "FO", "FR", "GA",
    "GB", "GD", "GE", "GF", "GG", "GH", "GI", "GL", "GM", "GN", "GP", "GQ", "GR", "GS", "GT", "GU", "GW", "GY", "HK",
    "HM", "HN", "HR", "HT", "HU", "ID", "IE", "IL", "IM", "IN", "IO", "IQ", "IR", "IS", "IT", "JE", "JM", "JO", "JP",
    "KE", "KG", "KH", "KI", "KM", "KN", "KP", "KR", "KW", "KY", "KZ", "LA", "LB", "LC", "LI", "LK", "LR", "LS", "LT",
    "LU", "LV", "LY", "MA", "MC", "MD", "ME", "MF", "MG", "MH", "MK", "ML", "MM", "MN", "MO", "MP", "MQ", "MR", "MS",
    "MT", "MU", "MV", "MW", "MX", "MY", "MZ", "NA", "NC", "NE", "NF", "NG", "NI", "NL", "NO", "NP", "NR", "NU", "NZ",
    "OM", "PA", "PE", "PF", "PG", "PH", "PK", "PL", "PM", "PN", "PR", "PS", "PT", "PW", "PY", "QA", "RE", "RO", "RS",
    "RU", "RW", "SA", "SB", "SC", "SD", "SE", "SG", "SH", "SI", "SJ", "SK", "SL", "SM", "SN", "SO", "SR", "SS", "ST",
    "SV", "SX", "SY", "SZ", "TC", "TD", "TF", "TG", "TH", "TJ", "TK", "TL", "TM", "TN", "TO", "TR", "TT", "TV", "TW",
    "TZ", "UA", "UG", "UM", "US", "UY", "UZ", "VA", "VC", "VE", "VG", "VI", "VN", "VU", "WF", "WS", "YE", "YT", "ZA",
    "ZM", "ZW",
];

/// Codes that people write for another one.
const MISTAKEN: [(&str, &str); 2] = [("UK", "GB"), ("EL", "GR")];

/// Reads a territory whose country is in use.
pub(super) fn parse(text: &str) -> Result<Territory, String> {
    let upper = text.to_ascii_uppercase();
    let meant = MISTAKEN.iter().find(|(wrong, _)| *wrong == upper).map_or(upper.as_str(), |(_, right)| right);
    let listed = COUNTRIES.binary_search(&meant).is_ok();
    match Territory::parse(text) {
        Ok(territory) if text == "worldwide" || (listed && meant == text) => Ok(territory),
        _ if listed => Err(format!("is not a country of ISO 3166-1; did you mean {meant}?")),
        _ if upper == "EU" => Err("is not a country; name its members".to_owned()),
        _ => Err("is not a country of ISO 3166-1 (two letters: DE), nor worldwide".to_owned()),
    }
}
