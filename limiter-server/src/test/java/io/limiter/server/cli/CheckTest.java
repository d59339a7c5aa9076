package io.limiter.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import com.google.protobuf.util.JsonFormat;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.limiter.v1.Algorithm;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.ExplainRequest;
import io.limiter.v1.ExplainResponse;
import io.limiter.v1.RateLimiterGrpc;
import io.limiter.v1.RuleStatus;
import io.limiter.v1.Source;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
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
  private volatile String nearest = "";
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
          per-user  admits, room for 2 of 3 requests, queue empty in 20s
          login     would deny (shadow, denies nothing), 0 of 3 tokens left, retry after 2m 6s, all free again in 2m 6s
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
          per-user     admits, 1 of 3 requests left, window resets in 20s
          (candidate)  would deny, 0 of 3 requests left, retry after 20s, window resets in 20s
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
          per-user  denies, 0 of 3 requests left, retry after 19.584s, full again in 59.5s
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
          per-user  denies, 3 of 3 requests left, the cost never fits
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
  void aRule_isNamedOnce_alsoIfItIsNamedForItsAlgorithm() {
    answer =
        CheckAndConsumeResponse.newBuilder()
            .setAllowed(true)
            .setSource(Source.REDIS)
            .addStatuses(
                rule("leaky-bucket", Algorithm.LEAKY_BUCKET)
                    .setAllowed(true)
                    .setRemaining(2)
                    .setResetAfter(millis(20_000)))
            .build();
    assertEquals(
        """
        admitted by redis
          leaky-bucket  admits, room for 2 of 3 requests, queue empty in 20s
        """,
        check("user=alice").out());
  }

  @Test
  void aLookAtAnEmptyCounter_saysThatARequestWouldBeDenied() {
    answer =
        CheckAndConsumeResponse.newBuilder()
            .setAllowed(true)
            .setSource(Source.REDIS)
            .addStatuses(
                rule("per-user", Algorithm.TOKEN_BUCKET)
                    .setAllowed(true)
                    .setResetAfter(millis(55_580)))
            .build();
    String denied =
        """
        a request would be denied now
          per-user  would deny, 0 of 3 requests left, full again in 55.58s
        """;
    for (CommandRun run : List.of(check("--cost", "0", "user=alice"), ask("peek", "user=alice"))) {
      assertEquals(denied, run.out());
      assertEquals(1, run.exitCode());
    }
    assertEquals(List.of(0L, 0L), asked.stream().map(CheckAndConsumeRequest::getCost).toList());
  }

  @Test
  void peek_saysWhetherTheCostFits_andChargesNothing() {
    answer =
        CheckAndConsumeResponse.newBuilder()
            .setAllowed(true)
            .setSource(Source.REDIS)
            .addStatuses(rule("per-user", Algorithm.FIXED_WINDOW).setAllowed(true).setRemaining(2))
            .addStatuses(
                rule("tokens", Algorithm.FIXED_WINDOW)
                    .setAllowed(true)
                    .setUnit("tokens")
                    .setRemaining(3))
            .addStatuses(rule("tried", Algorithm.SLIDING_LOG).setAllowed(true).setShadow(true))
            .build();
    CommandRun fits = ask("peek", "--cost", "2", "--unit-cost", "tokens=3", "user=alice");
    assertEquals(
        """
        a request of cost 2 and 3 tokens would be admitted
          per-user  would admit, 2 of 3 requests left
          tokens    would admit, 3 of 3 tokens left
          tried     would deny (shadow, denies nothing), 0 of 3 requests left
        """,
        fits.out());
    assertEquals(0, fits.exitCode());
    CommandRun later = ask("peek", "--cost", "3", "user=alice");
    assertTrue(later.out().startsWith("a request of cost 3 would be denied now\n"), later::out);
    assertEquals(1, later.exitCode());
    CommandRun never = ask("peek", "--cost", "4", "user=alice");
    assertTrue(
        never.out().startsWith("a request of cost 4 would be denied, whenever it comes\n"),
        never::out);
    assertTrue(never.out().contains("2 of 3 requests left, the cost never fits"), never::out);
    assertTrue(
        asked.stream().allMatch(one -> one.getCost() == 0 && one.getUnitCostsCount() == 0),
        asked::toString);
  }

  @Test
  void aUnitThatNoRuleCounts_isWarnedOf() {
    answer =
        CheckAndConsumeResponse.newBuilder()
            .setAllowed(true)
            .setSource(Source.REDIS)
            .addStatuses(rule("budget", Algorithm.FIXED_WINDOW).setAllowed(true).setUnit("tokens"))
            .build();
    CommandRun near = check("--unit-cost", "tokns=5", "user=alice");
    assertEquals(
        "limiter: unit \"tokns\" is counted by no rule that applies; did you mean tokens?\n",
        near.err());
    assertEquals(0, near.exitCode());
    assertEquals(
        "limiter: unit \"images\" is counted by no rule that applies; those that do count tokens\n",
        check("--unit-cost", "images=5", "--unit-cost", "tokens=1", "user=alice").err());
  }

  @Test
  void anUnknownDomain_isNotTakenForAnAdmission() {
    answer =
        CheckAndConsumeResponse.newBuilder()
            .setAllowed(true)
            .setSource(Source.UNKNOWN_DOMAIN)
            .build();
    nearest = "demo-2";
    String unknown = "domain \"demo\" is unknown to 127.0.0.1:%d; ".formatted(server.getPort());
    CommandRun run = check("user=alice");
    assertEquals("limiter: admitted unchecked: " + unknown + "did you mean demo-2?\n", run.err());
    assertEquals("", run.out());
    assertEquals(2, run.exitCode());
    nearest = "";
    answer = answer.toBuilder().setAllowed(false).build();
    CommandRun denied = ask("peek", "user=alice");
    assertEquals(
        "limiter: denied: " + unknown + "see \"limiter rules\" for those that it knows\n",
        denied.err());
    assertEquals(2, denied.exitCode());
    assertEquals(2, check("--json", "user=alice").exitCode());
  }

  @Test
  void aReceipt_isPrintedAsRefundTakesIt() {
    answer =
        CheckAndConsumeResponse.newBuilder()
            .setAllowed(true)
            .setSource(Source.REDIS)
            .setReceipt(ByteString.copyFrom(HexFormat.of().parseHex("00ff".repeat(9))))
            .build();
    CommandRun run = check("--receipt", "user=alice");
    assertEquals("admitted by redis\nreceipt " + "00ff".repeat(9) + "\n", run.out());
    assertTrue(asked.get(0).getWantReceipt());
  }

  private CommandRun check(String... args) {
    return ask("check", args);
  }

  private CommandRun ask(String command, String... args) {
    return CommandRun.of(
        Stream.concat(
                Stream.of(command, "--domain", "demo", "--target", "127.0.0.1:" + server.getPort()),
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

    @Override
    public void explain(ExplainRequest request, StreamObserver<ExplainResponse> reply) {
      reply.onNext(ExplainResponse.newBuilder().setNearestDomain(nearest).build());
      reply.onCompleted();
    }
  }
}
