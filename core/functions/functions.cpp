#include "core/functions/functions.hpp"

#include "core/functions/support.hpp"

namespace sluice::functions {

void add_sprig_functions(gotemplate::FunctionTable& table, Helm helm) {
  add_string_functions(table);
  add_text_building_functions(table);
  add_word_functions(table);
  add_random_functions(table);
  add_encoding_functions(table);
  add_list_functions(table);
  add_dict_functions(table);
  add_default_functions(table);
  add_math_functions(table);
  add_date_functions(table);
  add_regex_functions(table);
  add_version_functions(table, helm);
  add_url_functions(table, helm);
  add_crypto_functions(table, helm);
  add_reflect_functions(table);
  add_json_functions(table);
}

const gotemplate::FunctionTable& helm_functions(Helm helm) {
  static const auto build = [](Helm which) {
    gotemplate::FunctionTable table;
    add_sprig_functions(table, which);
    add_helm_functions(table, which);
    add_toml_functions(table, which);
    return table;
  };
  if (helm == Helm::v4) {
    static const gotemplate::FunctionTable helm4 = build(Helm::v4);
    return helm4;
  }
  static const gotemplate::FunctionTable helm3 = build(Helm::v3);
  return helm3;
}

}  // namespace sluice::functions
