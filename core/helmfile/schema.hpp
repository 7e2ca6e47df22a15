#pragma once

#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/helmfile/dialect.hpp"
#include "core/value/value.hpp"

namespace sluice::helmfile {

/// Checks one document of a state file against the fields that helmfile v1 knows, and gives every scalar the type of its
/// field: `value: 1.10` becomes the text "1.1". Fields that are null drop out.
///
/// `file` and `lines` say where: "helmfile.yaml:12: unknown field ...".
/// Errors: invalid for unknown fields and wrong types; unsupported for a field that helmfile knows and sluice does not do.
Result<> conform_to_schema(const Value& document, std::string_view file, const KeyLines& lines);

/// Puts `source` over `target`, both conforming: what a later part of a file does to the parts before it.
/// Scalars that are false, 0 or "" and empty lists never override; lists are replaced whole; an entry of `environments` or
/// `templates` is replaced whole; other maps are merged by key.
void override_parts(const Value& target, const Value& source);

/// Fills `target` up with `source`: what the documents of one part do to each other, and a file to its bases.
/// Lists are appended, otherwise what is there first wins unless it is false, 0 or "".
void append_layers(const Value& target, const Value& source);

/// `release` on top of a template it inherits: lists appended, labels merged, scalars overridden unless false, 0 or "".
void inherit_into(const Value& target, const Value& release);

/// State values: deep, later wins, also with false, 0, "" and null; lists are replaced, an empty map changes nothing.
void merge_state_values(const Value& target, const Value& source);

/// State values the other way round: deep, what is there stays, also false, 0, "" and an empty list; null gives way.
void fill_state_values(const Value& target, const Value& source);

/// false, 0, "", null, and empty lists and maps.
bool is_zero(const Value& value);

}  // namespace sluice::helmfile
