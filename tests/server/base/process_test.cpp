#include "server/base/process.hpp"

#include <gtest/gtest.h>

namespace sluice {

static ProcessRequest shell(const std::string& script) {
  ProcessRequest request;
  request.arguments = {"sh", "-c", script};
  request.environment = {"PATH=/usr/bin:/bin"};
  return request;
}

TEST(Process, GivesOutputErrorOutputAndExitCode) {
  auto request = shell("cat; echo oops >&2; exit 3");
  request.input = std::string(300000, 'x');
  const auto result = run_process(request);
  ASSERT_TRUE(result) << result.error().what;
  EXPECT_EQ(result->output, request.input);
  EXPECT_EQ(result->error_output, "oops\n");
  EXPECT_EQ(result->exit_code, 3);
}

TEST(Process, HasNoEnvironmentButTheGivenOne) {
  const auto result = run_process(shell("echo \"${HOME-none}\""));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->output, "none\n");
}

TEST(Process, ThatReadsNothingOfItsInputIsNoFailure) {
  auto request = shell("exec 0<&-; echo done");
  request.input = std::string(1 << 20, 'x');
  const auto result = run_process(request);
  ASSERT_TRUE(result) << result.error().what;
  EXPECT_EQ(result->output, "done\n");
}

TEST(Process, IsKilledWithItsGroupWhenTimeRunsOut) {
  auto request = shell("trap '' TERM; sleep 60 & sleep 60");
  request.limit = std::chrono::milliseconds(50);
  const auto result = run_process(request);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error(), (Error{Errc::timeout, "sh has not ended after 50 ms"}));
}

TEST(Process, IsKilledWhenItWritesTooMuch) {
  auto request = shell("yes");
  request.output_limit = 1000;
  const auto result = run_process(request);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error(), (Error{Errc::invalid, "sh wrote more than 1000 bytes"}));
}

TEST(Process, AProgramThatIsNotThereIsNotFound) {
  ProcessRequest request;
  request.arguments = {"no-such-program-here"};
  request.environment = {"PATH=/usr/bin:/bin"};
  EXPECT_EQ(run_process(request).error(), (Error{Errc::not_found, "program \"no-such-program-here\" is not in PATH"}));
}

TEST(Conversation, AnswersLineByLine) {
  auto request = shell("while read line; do echo \"got $line\"; done");
  auto talk = Conversation::start(request);
  ASSERT_TRUE(talk);
  ASSERT_TRUE(talk->write("one\n"));
  EXPECT_EQ(talk->read_line().value_or("?"), "got one");
  ASSERT_TRUE(talk->write("two\n"));
  EXPECT_EQ(talk->read_exactly(3).value_or("?"), "got");
  EXPECT_EQ(talk->read_line().value_or("?"), " two");
}

}  // namespace sluice
