package io.limiter.server.http;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import io.limiter.server.rules.live.RulesState;

/** The rules in force, as JSON. */
final class RulesPage {
  private RulesPage() {}

  static Page of(RulesState state) {
    ListValue.Builder domains = ListValue.newBuilder();
    for (String domain : state.table().domains()) {
      domains.addValues(
          Value.newBuilder()
              .setStructValue(
                  Struct.newBuilder()
                      .putFields("domain", text(domain))
                      .putFields("file", text(state.table().file(domain)))
                      .putFields("rules", number(state.table().ruleCount(domain)))));
    }
    ListValue.Builder problems = ListValue.newBuilder();
    state.problems().forEach(problem -> problems.addValues(text(problem.toString())));
    Struct page =
        Struct.newBuilder()
            .putFields("hash", text(state.hash()))
            .putFields("loaded_at", text(state.loadedAt().toString()))
            .putFields("attempted_at", text(state.attemptedAt().toString()))
            .putFields("domains", Value.newBuilder().setListValue(domains).build())
            .putFields("problems", Value.newBuilder().setListValue(problems).build())
            .build();
    try {
      return new Page(200, "application/json", JsonFormat.printer().print(page) + "\n");
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a page of texts and numbers could not be written", e);
    }
  }

  private static Value text(String text) {
    return Value.newBuilder().setStringValue(text).build();
  }

  private static Value number(int number) {
    return Value.newBuilder().setNumberValue(number).build();
  }
}
