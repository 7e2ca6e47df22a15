#include "core/deployment/person.hpp"

#include <gtest/gtest.h>

namespace sluice::deployment {

static Person with(std::vector<Role> roles, std::vector<std::string> environments = {}) {
  return {.name = "ann", .id = 7, .roles = std::move(roles), .environments = std::move(environments)};
}

TEST(Person, HasTheRolesGivenAndReadsWithAny) {
  EXPECT_TRUE(has_role(with({Role::approver}), Role::viewer));
  EXPECT_FALSE(has_role(with({Role::approver}), Role::operator_));
  EXPECT_FALSE(has_role(with({Role::operator_}), Role::approver));
  EXPECT_FALSE(has_role(with({}), Role::viewer));
  for (const Role role : {Role::viewer, Role::approver, Role::operator_, Role::admin}) {
    EXPECT_TRUE(has_role(with({Role::admin}), role));
    EXPECT_EQ(has_role(with({Role::viewer}), role), role == Role::viewer);
    EXPECT_EQ(parse_role(to_string(role)), role);
  }
  EXPECT_EQ(parse_role("root"), std::nullopt);
}

TEST(Person, SeesOnlyTheEnvironmentsOfTheToken) {
  EXPECT_TRUE(may_see(with({Role::viewer}), "prod"));
  EXPECT_TRUE(may_see(with({Role::viewer}, {"prod"}), "prod"));
  EXPECT_FALSE(may_see(with({Role::admin}, {"prod"}), "staging"));
}

TEST(Person, IsKnownByNumberFirst) {
  const Person renamed{.name = "anna", .id = 7, .roles = {}, .environments = {}};
  const Person impostor{.name = "ann", .id = 8, .roles = {}, .environments = {}};
  const Person unnumbered{.name = "ANN", .id = 0, .roles = {}, .environments = {}};
  EXPECT_TRUE(is_same_person(with({}), renamed));
  EXPECT_FALSE(is_same_person(with({}), impostor));
  EXPECT_TRUE(is_same_person(with({}), unnumbered));
}

}  // namespace sluice::deployment
