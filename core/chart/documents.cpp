#include "core/chart/documents.hpp"

#include "core/chart/runes.hpp"

namespace sluice::chart {

namespace {

/// RE2's \s
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }

void add(std::vector<std::string_view>& documents, std::string_view text) {
  if (text.empty()) return;
  documents.push_back(trim_space(text));
}

std::vector<std::string_view> split_v3(std::string_view text) {
  std::vector<std::string_view> documents;
  text = trim_space(text);
  std::size_t begin = 0;  // of the document at hand
  std::size_t from = 0;   // where the next separator may begin
  const auto cut = [&](std::size_t end, std::size_t dashes) {
    add(documents, text.substr(begin, end - begin));
    begin = dashes + 3;
    while (begin < text.size() && is_blank(text[begin])) ++begin;
    from = begin;
  };
  if (text.starts_with("---")) cut(0, 0);
  for (;;) {
    const std::size_t newline = text.find("\n---", from);
    if (newline == text.npos) break;
    std::size_t end = newline;
    while (end > begin && is_blank(text[end - 1])) --end;
    cut(end, newline + 1);
  }
  add(documents, text.substr(begin));
  return documents;
}

std::vector<std::string_view> split_v4(std::string_view text) {
  std::vector<std::string_view> documents;
  const auto take = [&](std::string_view document) {
    document = trim_left(document);
    if (!document.empty()) documents.push_back(document);
  };
  text = trim_left(text);
  std::size_t begin = 0;
  std::size_t dashes = text.starts_with("---") ? 0 : text.find("\n---");
  while (dashes != text.npos) {
    if (dashes > 0 || text[0] == '\n') ++dashes;
    take(text.substr(begin, dashes - begin));
    begin = dashes + 3;
    while (begin < text.size() && (text[begin] == ' ' || text[begin] == '\t')) ++begin;
    dashes = text.find("\n---", begin);
  }
  take(text.substr(begin));
  return documents;
}

}  // namespace

std::vector<std::string_view> split_documents(std::string_view file, HelmVersion helm) {
  return helm == HelmVersion::v3 ? split_v3(file) : split_v4(file);
}

}  // namespace sluice::chart
