package io.limiter.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Duration;
import com.google.protobuf.util.JsonFormat;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.limiter.v1.Algorithm;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.RateLimiterGrpc;
import io.limiter.v1.RuleStatus;
import io.limiter.v1.Source;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CheckTest {
  private final List<CheckAndConsumeRequest> asked =
      Collections.synchronizedList(new ArrayList<>());
  private volatile CheckAndConsumeResponse answer = CheckAndConsumeResponse.getDefaultInstance();
  private volatile Status failure = Status.OK;
  private volatile boolean silent;
  private final Server server = start();

  @AfterEach
  void stop() {
    server.shutdownNow();
  }

  @Test
  void theFlags_makeTheQuestion() {
    answer =
        CheckAndConsumeResponse.newBuilder().setAllowed(true).setSource(Source.NO_RULE).build();
    CommandRun run =
        check(
            "--cost",
            "0",
            "--unit-cost",
            "tokens=1_500",
            "--unit-cost",
            "images=2",
            "user=alice",
            "query=a=b",
            "empty=");
    assertEquals(
        List.of(
            CheckAndConsumeRequest.newBuilder()
                .setDomain("demo")
                .setCost(0)
                .putAllUnitCosts(Map.of("tokens", 1500L, "images", 2L))
                .putAllAttributes(Map.of("user", "alice", "query", "a=b", "empty", ""))
                .build()),
        asked);
    assertEquals("admitted: no rule applies\n", run.out());
    assertEquals(0, run.exitCode());
  }

  @Test
  void anAdmission_isExit0() {
    answer =
        CheckAndConsumeResponse.newBuilder()
            .setAllowed(true)
            .setSource(Source.REDIS)
            .setDelay(millis(200))
            .addStatuses(
                rule("per-user", Algorithm.LEAKY_BUCKET)
                    .setAllowed(true)
                    .setRemaining(2)
                    .setResetAfter(millis(20_000)))
            .addStatuses(
                rule("login", Algorithm.SLIDING_LOG)
                    .setShadow(true)
                    .setUnit("tokens")
                    .setRetryAfter(millis(125_001))
                    .setResetAfter(millis(125_001)))
            .build();
    CommandRun run = check("user=alice");
    assertEquals(
        """
        admitted by redis; wait 200ms before going ahead
          per-user  leaky-bucket     admits, 2 of 3 requests left, as new in 20s
          login     sliding-log      denies (shadow: does not count), 0 of 3 tokens left, retry after 2m 6s, as new in 2m 6s
        """,
        run.out());
    assertEquals(0, run.exitCode());
  }

  @Test
  void aCandidate_isToldApartFromItsRule() {
    answer =
        CheckAndConsumeResponse.newBuilder()
            .setAllowed(true)
            .setSource(Source.REDIS)
            .addStatuses(
                rule("per-user", Algorithm.FIXED_WINDOW)
                    .setAllowed(true)
                    .setRemaining(1)
                    .setResetAfter(millis(20_000)))
            .addStatuses(
                rule("per-user", Algorithm.FIXED_WINDOW)
                    .setShadow(true)
                    .setCandidate(true)
                    .setRetryAfter(millis(20_000))
                    .setResetAfter(millis(20_000)))
            .build();
    assertEquals(
        """
        admitted by redis
          per-user  fixed-window     admits, 1 of 3 requests left, as new in 20s
          per-user  fixed-window     denies (candidate: does not count), 0 of 3 requests left, retry after 20s, as new in 20s
        """,
        check("user=alice").out());
  }

  @Test
  void aDenial_isExit1() {
    answer =
        CheckAndConsumeResponse.newBuilder()
            .setSource(Source.REDIS)
            .setRetryAfter(Duration.newBuilder().setSeconds(19).setNanos(583_001_000))
            .addStatuses(
                rule("per-user", Algorithm.TOKEN_BUCKET)
                    .setRetryAfter(Duration.newBuilder().setSeconds(19).setNanos(583_001_000))
                    .setResetAfter(millis(59_500)))
            .build();
    CommandRun run = check("user=alice");
    assertEquals(
        """
        denied by redis; retry after 19.584s
          per-user  token-bucket     denies, 0 of 3 requests left, retry after 19.584s, as new in 59.5s
        """,
        run.out());
    assertEquals(1, run.exitCode());
  }

  @Test
  void aCostThatNeverFits_isSaidSo() {
    answer =
        CheckAndConsumeResponse.newBuilder()
            .setSource(Source.REDIS)
            .addStatuses(rule("per-user", Algorithm.FIXED_WINDOW).setNever(true).setRemaining(3))
            .build();
    CommandRun run = check("--cost", "4", "user=alice");
    assertEquals(
        """
        denied by redis; retrying does not help
          per-user  fixed-window     denies, 3 of 3 requests left, the cost never fits
        """,
        run.out());
    assertEquals(1, run.exitCode());
  }

  @Test
  void json_isTheWholeAnswer() throws IOException {
    answer =
        CheckAndConsumeResponse.newBuilder()
            .setSource(Source.REDIS)
            .addStatuses(rule("per-user", Algorithm.FIXED_WINDOW))
            .build();
    CommandRun run = check("--json", "user=alice");
    CheckAndConsumeResponse.Builder read = CheckAndConsumeResponse.newBuilder();
    JsonFormat.parser().merge(run.out(), read);
    assertEquals(answer, read.build());
    assertTrue(run.out().contains("\"allowed\": false"), run::out);
    assertEquals(1, run.exitCode());
  }

  @Test
  void aRefusedQuestion_isExit2() {
    failure = Status.INVALID_ARGUMENT.withDescription("domain is empty; name one");
    CommandRun run = check("user=alice");
    assertEquals(
        "limiter: 127.0.0.1:%d refused the question: INVALID_ARGUMENT: domain is empty; name one\n"
            .formatted(server.getPort()),
        run.err());
    assertEquals("", run.out());
    assertEquals(2, run.exitCode());
  }

  @Test
  void aServiceThatCannotDecide_isNotTakenForOneThatIsAway() {
    failure = Status.UNAVAILABLE.withDescription("the counters cannot be asked");
    CommandRun run = check("user=alice");
    assertEquals(
        "limiter: 127.0.0.1:%d cannot decide now: the counters cannot be asked\n"
            .formatted(server.getPort()),
        run.err());
    assertEquals(2, run.exitCode());
  }

  @Test
  void aServiceThatSaysNothing_isGivenUpAtTheDeadline() {
    silent = true;
    CommandRun run = check("--deadline", "100ms", "user=alice");
    assertEquals(
        "limiter: no answer from 127.0.0.1:%d within 100 ms; wait longer with --deadline, or look at its log\n"
            .formatted(server.getPort()),
        run.err());
    assertEquals(2, run.exitCode());
  }

  @Test
  void aServiceThatIsNotThere_isNamedWithTheRemedy() throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    CommandRun run = CommandRun.of("check", "--domain", "demo", "--target", "127.0.0.1:" + port);
    String start = "limiter: no answer from 127.0.0.1:%d: ".formatted(port);
    String end = "; start it with \"limiter serve\", or name another with --target\n";
    // How the refusal reads between the two is the system's and the transport's own.
    assertTrue(run.err().startsWith(start), run::err);
    assertTrue(run.err().contains("Connection refused"), run::err);
    assertTrue(run.err().endsWith(end), run::err);
    assertEquals(2, run.exitCode());
  }

  @Test
  void times_areRoundedUp() {
    assertEquals("1ms", AnswerText.show(Duration.newBuilder().setNanos(1_000).build()));
    assertEquals("1s", AnswerText.show(millis(1_000)));
    assertEquals("59.999s", AnswerText.show(millis(59_999)));
    assertEquals("1m", AnswerText.show(millis(60_000)));
    assertEquals("1h 1m", AnswerText.show(millis(3_600_001)));
    assertEquals("30d 1h", AnswerText.show(millis(30L * 86_400_000 + 1)));
  }

  private CommandRun check(String... args) {
    return CommandRun.of(
        Stream.concat(
                Stream.of("check", "--domain", "demo", "--target", "127.0.0.1:" + server.getPort()),
                Stream.of(args))
            .toArray(String[]::new));
  }

  private static RuleStatus.Builder rule(String name, Algorithm algorithm) {
    return RuleStatus.newBuilder().setRule(name).setAlgorithm(algorithm).setLimit(3);
  }

  private static Duration millis(long millis) {
    return Duration.newBuilder()
        .setSeconds(millis / 1_000)
        .setNanos((int) (millis % 1_000) * 1_000_000)
        .build();
  }

  private Server start() {
    try {
      return NettyServerBuilder.forAddress(
              new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
          .addService(new Canned())
          .build()
          .start();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private final class Canned extends RateLimiterGrpc.RateLimiterImplBase {
    @Override
    public void checkAndConsume(
        CheckAndConsumeRequest request, StreamObserver<CheckAndConsumeResponse> reply) {
      asked.add(request);
      if (silent) {
        return;
      }
      if (!failure.isOk()) {
        reply.onError(failure.asRuntimeException());
        return;
      }
      reply.onNext(answer);
      reply.onCompleted();
    }
  }
}
