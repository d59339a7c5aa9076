package io.limiter.server.http;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import io.limiter.server.rules.live.InForce;
import io.limiter.server.rules.live.RulesState;

/** The rules in force, and what became of the last attempt to change them, as JSON. */
final class RulesPage {
  private static final String JSON = "application/json";

  private RulesPage() {}

  static Page of(RulesState state) {
    InForce inForce = state.inForce();
    ListValue.Builder domains = ListValue.newBuilder();
    for (String domain : inForce.domains().keySet()) {
      domains.addValues(Value.newBuilder().setStructValue(domain(inForce, domain)));
    }
    ListValue.Builder problems = ListValue.newBuilder();
    state.lastAttempt().problems().forEach(problem -> problems.addValues(text(problem)));
    Struct page =
        Struct.newBuilder()
            .putFields("loaded_at", text(inForce.since().toString()))
            .putFields("hash", text(inForce.hash()))
            .putFields("domains", Value.newBuilder().setListValue(domains).build())
            .putFields("problems", Value.newBuilder().setListValue(problems).build())
            .putFields("last_attempt", attempt(state.lastAttempt()))
            .build();
    try {
      return new Page(200, JSON, JsonFormat.printer().print(page) + "\n");
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a page of texts and numbers could not be written", e);
    }
  }

  private static Struct domain(InForce inForce, String domain) {
    boolean descriptors = inForce.table().descriptors(domain) != null;
    Struct.Builder fields =
        Struct.newBuilder()
            .putFields("domain", text(domain))
            .putFields("file", text(inForce.table().file(domain)))
            .putFields("kind", text(descriptors ? "descriptors" : "rules"))
            .putFields("rules", number(inForce.table().ruleCount(domain)));
    InForce.Origin origin = inForce.domains().get(domain);
    if (origin != null) {
      fields
          .putFields("hash", text(origin.content().sha256()))
          .putFields("since", text(origin.since().toString()));
    }
    return fields.build();
  }

  private static Value attempt(RulesState.Attempt attempt) {
    Struct.Builder fields =
        Struct.newBuilder()
            .putFields("at", text(attempt.at().toString()))
            .putFields("outcome", text(attempt.good() ? "good" : "bad"));
    attempt.hash().ifPresent(hash -> fields.putFields("hash", text(hash)));
    return Value.newBuilder().setStructValue(fields).build();
  }

  private static Value text(String text) {
    return Value.newBuilder().setStringValue(text).build();
  }

  private static Value number(int number) {
    return Value.newBuilder().setNumberValue(number).build();
  }
}
