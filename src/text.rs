//! Text as a pure matter: normalising, tokenising, finding values. No IO, no clock.
