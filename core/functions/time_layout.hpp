#pragma once

#include <string_view>

namespace sluice::functions {

/// The pieces of a Go time layout: the reference time Mon Jan 2 15:04:05 MST 2006, each field in several spellings.
enum class LayoutElement {
  none,
  long_month,         // January
  month,              // Jan
  number_month,       // 1
  zero_month,         // 01
  long_weekday,       // Monday
  weekday,            // Mon
  day,                // 2
  under_day,          // _2
  zero_day,           // 02
  under_year_day,     // __2
  zero_year_day,      // 002
  hour,               // 15
  hour12,             // 3
  zero_hour12,        // 03
  minute,             // 4
  zero_minute,        // 04
  second,             // 5
  zero_second,        // 05
  long_year,          // 2006
  year,               // 06
  upper_pm,           // PM
  lower_pm,           // pm
  zone_name,          // MST
  iso_offset,         // Z0700: Z for UTC
  iso_seconds,        // Z070000
  iso_short,          // Z07
  iso_colon,          // Z07:00
  iso_colon_seconds,  // Z07:00:00
  offset,             // -0700: always numbers
  offset_seconds,     // -070000
  offset_short,       // -07
  offset_colon,       // -07:00
  offset_colon_seconds,
  fraction_zeros,  // .000
  fraction_nines   // .999
};

struct LayoutChunk {
  std::string_view literal;  ///< what stands before the element
  LayoutElement element = LayoutElement::none;
  std::string_view spelling;  ///< the element as it is written in the layout
  std::string_view rest;
};

/// The first element of `layout`; LayoutElement::none if all of it is literal.
LayoutChunk next_chunk(std::string_view layout);

}  // namespace sluice::functions
