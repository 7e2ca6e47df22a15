// Which tables there are, and which keys may still be set in them.

#include "core/value/toml_key.hpp"
#include "core/value/toml_reader.hpp"

namespace sluice::toml {

Value to_value(Table& table) {
  std::vector<Map::Entry> entries;
  entries.reserve(table.items.size());
  for (auto& [key, item] : table.items) {
    Value value = std::move(item.value);
    if (item.table) value = to_value(*item.table);
    if (item.is_array_of_tables) {
      std::vector<Value> items;
      for (const auto& element : item.tables) items.push_back(to_value(*element));
      value = Value::new_list(std::move(items));
    }
    entries.push_back({Text(key), std::move(value)});
  }
  return Value::of_map(make_ref<Map>(std::move(entries)));
}

void Tables::declare_implicit(const Key& key) { implicit_.insert(key_text(key)); }

void Tables::declare_array(const std::string& key) {
  Key path = context;
  path.push_back(key);
  arrays_.insert(key_text(path));
}

void Tables::enter(Key key, bool array) {
  Table* table = &root;
  Key path;
  const std::string last = std::move(key.back());
  key.pop_back();
  for (const std::string& part : key) {
    path.push_back(part);
    auto [found, added] = table->items.try_emplace(part);
    Item& item = found->second;
    if (added) {
      declare_implicit(path);
      item.table = std::make_unique<Table>();
    }
    if (item.is_array_of_tables) {
      table = item.tables.back().get();
    } else if (item.table) {
      table = item.table.get();
    } else {
      throw Clash{"Key '" + key_text(path) + "' was already created as a hash."};
    }
  }
  context = path;
  if (array) {
    auto [found, added] = table->items.try_emplace(last);
    if (added) found->second.is_array_of_tables = true;
    if (!found->second.is_array_of_tables) {
      path.push_back(last);
      throw Clash{"Key '" + key_text(path) + "' was already created and cannot be used as an array."};
    }
    found->second.tables.push_back(std::make_unique<Table>());
  } else {
    Item item;
    item.table = std::make_unique<Table>();
    set_item(last, std::move(item));
  }
  context.push_back(last);
}

void Tables::set(const std::string& key, Value value) {
  Item item;
  item.value = std::move(value);
  set_item(key, std::move(item));
}

void Tables::set_item(const std::string& key, Item item) {
  Table* table = &root;
  Key path;
  for (const std::string& part : context) {
    path.push_back(part);
    Item& inner = table->items[part];
    if (inner.is_array_of_tables) {
      table = inner.tables.back().get();
    } else if (inner.table) {
      table = inner.table.get();
    } else {
      throw Clash{"Key '" + key_text(path) + "' has already been defined."};
    }
  }
  path.push_back(key);
  const auto found = table->items.find(key);
  if (found == table->items.end()) {
    table->items.emplace(key, std::move(item));
    return;
  }
  // A table may be named after one below it was, once; the array of inline tables is replaced by its list.
  const std::string text = key_text(path);
  if (arrays_.contains(text)) {
    implicit_.erase(text);
    found->second = std::move(item);
    return;
  }
  if (implicit_.erase(text) > 0) return;
  throw Clash{"Key '" + text + "' has already been defined."};
}

}  // namespace sluice::toml
