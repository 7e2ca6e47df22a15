#include "core/helmfile/schema.hpp"

#include <gtest/gtest.h>

namespace sluice::helmfile {
namespace {

std::string conforming(std::string_view yaml) {
  KeyLines lines;
  const Value document = *read_yaml(Text(yaml), {.duplicate_keys = true, .lines = &lines});
  auto checked = conform_to_schema(document, "helmfile.yaml", lines);
  return checked ? write_yaml(document).str() : std::string(to_string(checked.error().code)) + ": " + checked.error().what;
}

std::string combined(void (*combine)(const Value&, const Value&), std::string_view first, std::string_view second) {
  const Value target = *read_yaml(Text(first));
  combine(target, *read_yaml(Text(second)));
  return write_yaml(target).str();
}

TEST(Schema, NamesAnUnknownFieldWithItsLine) {
  EXPECT_EQ(conforming("releases:\n- name: a\n  chrt: ./x\n"), "invalid: helmfile.yaml:3: unknown field \"chrt\" in releases[0]: did you mean \"chart\"?");
  EXPECT_EQ(conforming("relases: []\n"), "invalid: helmfile.yaml:1: unknown field \"relases\": did you mean \"releases\"?");
  EXPECT_EQ(conforming("helmDefaults:\n  wat: true\n"), "invalid: helmfile.yaml:2: unknown field \"wat\" in helmDefaults: did you mean \"wait\"?");
}

TEST(Schema, RefusesAFieldItDoesNotSupportByName) {
  EXPECT_EQ(conforming("releases:\n- name: a\n  adopt:\n  - x\n"),
            "unsupported: helmfile.yaml:3: releases[0].adopt is not supported: use `takeOwnership: true`");
  EXPECT_EQ(
      conforming("helmDefaults:\n  postRenderer: ./x\n"),
      "unsupported: helmfile.yaml:2: helmDefaults.postRenderer is not supported: sluice runs no program on rendered manifests");
}

TEST(Schema, LetsAFieldPassThatHasNoEffect) {
  EXPECT_EQ(conforming("releases:\n- name: a\n  adopt: []\n"), "releases:\n- adopt: []\n  name: a\n");
}

TEST(Schema, GivesScalarsTheTypeOfTheirField) {
  EXPECT_EQ(
      conforming("releases:\n- name: 12\n  version: 1.10\n  set:\n  - {name: a, value: false}\n  - {name: b, value: 010}\n  - "
                 "{name: c, value: null}\n"),
      "releases:\n- name: '12'\n  set:\n  - name: a\n    value: 'false'\n  - name: b\n    value: '8'\n  - name: c\n    value: "
      "''\n  version: '1.1'\n");
}

TEST(Schema, SaysWhatAFieldMustBe) {
  EXPECT_EQ(conforming("helmDefaults:\n  wait: yes\n"),
            "invalid: helmfile.yaml:2: helmDefaults.wait must be true or false, found \"yes\"");
  EXPECT_EQ(conforming("releases:\n  a: b\n"), "invalid: helmfile.yaml:1: releases must be a list, found a map");
  EXPECT_EQ(conforming("- a\n"), "invalid: helmfile.yaml: a state file must be a map, found a list");
}

TEST(Schema, LetsALaterPartOverrideOnlyWithWhatIsNotZero) {
  EXPECT_EQ(
      combined(override_parts,
               "helmDefaults: {wait: true, timeout: 600}\nreleases: [{name: a}]\nenvironments: {x: {values: [a]}}\n",
               "helmDefaults: {wait: false, timeout: 900}\nreleases: [{name: b}]\nenvironments: {x: {secrets: [b]}, z: {}}\n"),
      "environments:\n  x:\n    secrets:\n    - b\n  z: {}\nhelmDefaults:\n  timeout: 900\n  wait: true\nreleases:\n- name: b\n");
}

TEST(Schema, LetsABaseWinOverItsFileAndAppendsLists) {
  EXPECT_EQ(
      combined(append_layers, "helmDefaults: {timeout: 1}\nreleases: [{name: a}]\nenvironments: {x: {values: [a]}}\n",
               "helmDefaults: {timeout: 2, wait: true}\nreleases: [{name: b}]\nenvironments: {x: {values: [b]}, z: {}}\n"),
      "environments:\n  x:\n    values:\n    - a\n  z: {}\nhelmDefaults:\n  timeout: 1\n  wait: true\nreleases:\n- name: a\n- "
      "name: b\n");
}

TEST(Schema, PutsAReleaseOnTopOfItsTemplate) {
  EXPECT_EQ(combined(inherit_into, "installed: true\nlabels: {a: '1', b: '2'}\nvalues: [t]\nversion: '1'\n",
                     "installed: false\nlabels: {b: '3'}\nvalues: [r]\nversion: '2'\n"),
            "installed: true\nlabels:\n  a: '1'\n  b: '3'\nvalues:\n- t\n- r\nversion: '2'\n");
}

TEST(Schema, MergesStateValuesDeeplyAndLetsZeroValuesOverride) {
  EXPECT_EQ(
      combined(merge_state_values, "a: {x: 1, y: true}\nl: [1, 2]\nm: {k: 1}\nn: 1\n", "a: {y: false}\nl: []\nm: {}\nn: null\n"),
      "a:\n  x: 1\n  'y': false\nl: []\nm:\n  k: 1\n'n': null\n");
}

}  // namespace
}  // namespace sluice::helmfile
