package io.limiter.server.program;

import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.limiter.server.access.file.AccessFiles;
import io.limiter.server.rules.file.RuleFiles;
import io.limiter.server.rules.live.LiveRules;
import io.limiter.testing.TestRedis;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CounterExplanation;
import io.limiter.v1.ExplainRequest;
import io.limiter.v1.RateLimiterGrpc;
import io.limiter.v1.RuleExplanation;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A whole service whose rules' values are secrets, and a client of it. */
final class SecretService implements AutoCloseable {
  private static final String RULES =
      """
      domain: keys
      rules:
        - { name: check, when: { kind: check }, key: [api_key], hash: true,
            algorithm: fixed-window, limit: 5, window: 366d }
        - { name: receipt, when: { kind: receipt }, key: [api_key], hash: true,
            algorithm: fixed-window, limit: 5, window: 366d }
        - { name: again, when: { kind: again }, key: [api_key], hash: true,
            algorithm: sliding-log, limit: 5, window: 1h, candidate: { limit: 3 } }
        - { name: hold, when: { kind: hold }, key: [api_key], hash: true,
            algorithm: fixed-window, limit: 100, window: 366d, hold: 5m }
        - { name: lease, when: { kind: lease }, key: [api_key], hash: true,
            algorithm: fixed-window, limit: 100000, window: 366d, lease: { size: 1% } }
        - { name: learn, when: { kind: learn }, key: [api_key], hash: true,
            algorithm: fixed-window, limit: 100, window: 366d, learn: true }
        - { name: share, when: { kind: share }, key: [kind], hash: true,
            algorithm: fixed-window, limit: 100, window: 366d,
            share: { key: [api_key], guarantee: 10% } }
        - { name: hundred, when: { kind: hundred }, key: [api_key], hash: true,
            algorithm: fixed-window, limit: 100, window: 366d }
        - { name: all, when: { kind: tried }, key: [api_key], hash: true,
            algorithm: fixed-window, limit: 100, window: 366d }
        - { name: tried, when: { kind: tried }, key: [api_key], hash: true, mode: shadow,
            algorithm: fixed-window, limit: 3, window: 366d }
        - { name: soft, when: { kind: soft }, key: [api_key], hash: true,
            algorithm: fixed-window, limit: 10, window: 366d, soft: [50%] }
        - { name: shadow, when: { kind: hundred }, key: [api_key], hash: true, mode: shadow,
            algorithm: fixed-window, limit: 100, window: 366d }
      """;

  private final Service service;
  private final ManagedChannel channel;

  private SecretService(Service service) {
    this.service = service;
    channel =
        Grpc.newChannelBuilder(
                "127.0.0.1:" + service.grpcPort(), InsecureChannelCredentials.create())
            .build();
  }

  static SecretService start(TestRedis redis, Optional<AccessFiles> files) throws IOException {
    ServiceSettings settings = SampleService.settings(Optional.of(redis.uri()), Duration.ZERO);
    return new SecretService(
        Service.start(
            files.isEmpty() ? settings : SampleService.with(settings, files.get()),
            LiveRules.fixed(
                RuleFiles.load(List.of(new RuleFiles.Source("keys.yaml", RULES))),
                Clock.systemUTC()),
            "the test's"));
  }

  static CheckAndConsumeRequest.Builder question(String kind, String apiKey) {
    return CheckAndConsumeRequest.newBuilder()
        .setDomain("keys")
        .putAttributes("kind", kind)
        .putAttributes("api_key", apiKey);
  }

  RateLimiterGrpc.RateLimiterBlockingStub ask() {
    return RateLimiterGrpc.newBlockingStub(channel);
  }

  boolean allows(String kind, String apiKey) {
    return ask().checkAndConsume(question(kind, apiKey).build()).getAllowed();
  }

  /** The key of the counter of checks, as the service explains it. */
  String counter(String apiKey) {
    return explained("check", apiKey).getKey();
  }

  /** The counter of the first rule of a kind, as the service explains it. */
  CounterExplanation explained(String kind, String apiKey) {
    return ask()
        .explain(
            ExplainRequest.newBuilder()
                .setDomain("keys")
                .putAllAttributes(question(kind, apiKey).getAttributesMap())
                .build())
        .getRulesList()
        .stream()
        .filter(RuleExplanation::getApplies)
        .findFirst()
        .orElseThrow()
        .getCounter();
  }

  @Override
  public void close() {
    channel.shutdownNow();
    service.close();
  }
}
