#pragma once

#include <string>

namespace sluice::chart {

/// The schema that schemas of this draft (4, 6, 7, 2019 or 2020) must meet, as JSON in one document.
///
/// Follows: the metaschemas of json-schema.org, in which keywords they know and in what order they find fault: the drafts since
/// 2019 are made of vocabularies. Differs: titles and defaults are left out; references to the dynamic anchor are references to
/// the whole, which is what they come to here.
std::string metaschema(int draft);

/// "https://json-schema.org/draft/2020-12/schema"
std::string metaschema_name(int draft);

}  // namespace sluice::chart
