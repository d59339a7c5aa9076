package io.limiter.server.program;

import com.google.protobuf.MessageLite;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.limiter.envoy.descriptor.RateLimitDescriptor;
import io.limiter.envoy.service.RateLimitRequest;
import io.limiter.envoy.service.RateLimitServiceGrpc;
import io.limiter.server.program.WarmupConnection.Call;
import io.limiter.server.rules.file.LoadedRules;
import io.limiter.server.rules.file.RuleFiles;
import io.limiter.v1.CheckAndConsumeBatchRequest;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.ExplainRequest;
import io.limiter.v1.RateLimiterGrpc;
import io.limiter.v1.ResetRequest;
import java.util.ArrayList;
import java.util.List;

/**
 * What the service asks itself before others may: every kind of question, every algorithm, denials,
 * mistakes. Its counters are its own, and last for two seconds at most if nobody resets them.
 */
final class WarmupQuestions {
  static final String DOMAIN = "limiter-warm-up";
  private static final String DESCRIPTORS = DOMAIN + "-descriptors";

  /** In the key of a counter that is not to be asked for: so its rule's own answer is heard. */
  static final String AWAY = "away-";

  private static final String CHECK =
      "/" + RateLimiterGrpc.getCheckAndConsumeMethod().getFullMethodName();
  private static final String ENVOY =
      "/" + RateLimitServiceGrpc.getShouldRateLimitMethod().getFullMethodName();

  private static final int USERS = 4;

  private static final List<String> RULES =
      List.of("bucket", "window", "log", "counter", "queue", "denied", "shadow", "address");

  /** In each unit that clients use for what takes so long. */
  private static final String[] TIMEOUTS = {"10S", "9999m", "9999999u"};

  /** Less than a tenth of a second, which clients write in nanoseconds. */
  private static final String SHORT = "99999999n";

  private final String me;
  private int calls;

  /**
   * Questions about counters of their own.
   *
   * @param me tells them from those of other instances and connections
   */
  WarmupQuestions(String me) {
    this.me = me;
  }

  static LoadedRules rules() {
    return RuleFiles.load(
        List.of(
            new RuleFiles.Source(
                DOMAIN + ".yaml",
                """
                domain: limiter-warm-up
                rules:
                  - { name: bucket, key: [user], when: {as: bucket}, algorithm: token-bucket, rate: 1000000/s }
                  - { name: window, key: [user], when: {as: "wind*"}, algorithm: fixed-window, limit: 1000000, window: 1s }
                  - { name: log, key: [user], when: {as: log}, algorithm: sliding-log, limit: 1000000, window: 1s }
                  - { name: counter, key: [user], when: {as: counter}, algorithm: sliding-counter, limit: 1000000, window: 1s }
                  - { name: queue, key: [user], when: {as: queue}, algorithm: leaky-bucket, rate: 1000000/s, capacity: 1000000 }
                  - { name: denied, key: [user], when: {as: denied}, algorithm: fixed-window, limit: 1, window: 1s }
                  - { name: shadow, key: [user], when: {as: shadow}, algorithm: token-bucket, rate: 1000000/s, mode: shadow }
                  - { name: address, key: [ip], when: {as: address, ip: "!10.0.0.0/8"}, algorithm: token-bucket, rate: 1000000/s,
                      on-redis-failure: open }
                """),
            new RuleFiles.Source(
                DOMAIN + "-profile.yaml",
                """
                authorize:
                  limiter-warm-up:
                    domain: limiter-warm-up
                    attributes:
                      as: { header: X-Warm-as }
                      user: { header: X-Warm-user }
                      ip: client-address
                """),
            new RuleFiles.Source(
                DESCRIPTORS + ".yaml",
                """
                domain: limiter-warm-up-descriptors
                descriptors:
                  - key: path
                    value: "/files/*"
                    descriptors:
                      - key: user
                        rate_limit: { unit: second, requests_per_unit: 1000000 }
                  - key: remote_address
                    rate_limit: { unit: second, requests_per_unit: 1 }
                """)));
  }

  /** Questions to be asked at once. */
  List<Call> together(int round) {
    List<Call> calls = new ArrayList<>();
    for (int i = 0; i < 3 * RULES.size(); i++) {
      calls.add(one(CHECK, question(i % 3 == 0 ? RULES.get(i / 3) : "bucket", "", i).build()));
    }
    for (int i = 0; i < 6; i++) {
      calls.add(one(ENVOY, envoy(round + i)));
    }
    return calls;
  }

  /** Questions to be asked one after the other. */
  List<Call> alone(int round) {
    List<Call> calls = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      calls.add(one(CHECK, question(i % 2 == 0 ? "bucket" : "denied", "", i).build()));
    }
    // Of no use to Redis, which would seem to be too slow.
    calls.add(one(CHECK, SHORT, question(RULES.get(round % RULES.size()), AWAY, round).build()));
    calls.add(one(ENVOY, envoy(round)));
    if (round % 4 == 0) {
      calls.addAll(rare(round));
    }
    return calls;
  }

  /** What is asked less often, and what is wrong. */
  private List<Call> rare(int round) {
    CheckAndConsumeBatchRequest.Builder batch = CheckAndConsumeBatchRequest.newBuilder();
    List<byte[]> streamed = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      CheckAndConsumeRequest.Builder question = question(RULES.get(i % RULES.size()), "", i);
      batch.addRequests(question);
      streamed.add(question.setRequestId(Integer.toString(i)).build().toByteArray());
    }
    return List.of(
        one(
            "/" + RateLimiterGrpc.getCheckAndConsumeBatchMethod().getFullMethodName(),
            batch.build()),
        new Call(
            "/" + RateLimiterGrpc.getCheckAndConsumeStreamMethod().getFullMethodName(),
            TIMEOUTS[0],
            streamed),
        one(CHECK, CheckAndConsumeRequest.getDefaultInstance()),
        one(CHECK, question("nothing", "", round).build()),
        one(CHECK, question("bucket", "", round).setDomain("limiter-warm-up-unknown").build()),
        one(ENVOY, RateLimitRequest.getDefaultInstance()),
        one(
            "/" + RateLimiterGrpc.getExplainMethod().getFullMethodName(),
            ExplainRequest.newBuilder()
                .setDomain(DOMAIN)
                .putAttributes("as", "bucket")
                .putAttributes("user", me)
                .build()),
        one(
            "/" + HealthGrpc.getCheckMethod().getFullMethodName(),
            HealthCheckRequest.getDefaultInstance()));
  }

  /** Takes the counters away. */
  List<Call> resets() {
    List<Call> calls = new ArrayList<>();
    for (String rule : RULES) {
      for (int user = 0; user < USERS; user++) {
        CheckAndConsumeRequest asked = question(rule, "", user).build();
        calls.add(
            one(
                "/" + RateLimiterGrpc.getResetMethod().getFullMethodName(),
                ResetRequest.newBuilder()
                    .setDomain(DOMAIN)
                    .putAllAttributes(asked.getAttributesMap())
                    .build()));
      }
    }
    return calls;
  }

  /** A question of some kind. */
  CheckAndConsumeRequest question(int number) {
    return question(number % 3 == 0 ? RULES.get(number / 3 % RULES.size()) : "bucket", "", number)
        .build();
  }

  /** A question that its caller gives up. */
  Call givenUp(int round) {
    return one(CHECK, question("bucket", "", round).build());
  }

  /** Some have what most leave out, and long values. */
  private CheckAndConsumeRequest.Builder question(String as, String prefix, int number) {
    int user = number % USERS;
    CheckAndConsumeRequest.Builder question =
        CheckAndConsumeRequest.newBuilder()
            .setDomain(DOMAIN)
            .putAttributes("as", as)
            .putAttributes("user", prefix + me + "-".repeat(20 * user) + user)
            .putAttributes("ip", "192.0.2." + user);
    if (as.equals("bucket") && number % 3 > 0) {
      question.setCost(1L << (4 * (number % 3)));
      question.setRequestId("request " + number).setWantReceipt(number % 6 == 1);
    }
    return question;
  }

  private RateLimitRequest envoy(int number) {
    RateLimitDescriptor.Builder descriptor = RateLimitDescriptor.newBuilder();
    RateLimitRequest.Builder request = RateLimitRequest.newBuilder();
    if (number % 4 == 0) {
      descriptor.addEntriesBuilder().setKey("as").setValue("bucket");
      descriptor.addEntriesBuilder().setKey("user").setValue(me + number % USERS);
      request.setDomain(DOMAIN);
    } else if (number % 4 == 1) {
      descriptor.addEntriesBuilder().setKey("remote_address").setValue("192.0.2." + me);
      request.setDomain(DESCRIPTORS);
    } else {
      descriptor.addEntriesBuilder().setKey("path").setValue("/files/" + number);
      descriptor.addEntriesBuilder().setKey("user").setValue(me + number % USERS);
      request.setDomain(DESCRIPTORS);
    }
    return request.addDescriptors(descriptor).build();
  }

  private Call one(String method, MessageLite message) {
    return one(method, TIMEOUTS[calls++ % TIMEOUTS.length], message);
  }

  private static Call one(String method, String timeout, MessageLite message) {
    return new Call(method, timeout, List.of(message.toByteArray()));
  }
}
