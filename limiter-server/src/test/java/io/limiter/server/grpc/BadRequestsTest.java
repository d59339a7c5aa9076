package io.limiter.server.grpc;

import static io.limiter.server.grpc.Messages.duration;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.rpc.BadRequest;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ClientCalls;
import io.limiter.server.store.local.LocalCounters;
import io.limiter.v1.Algorithm;
import io.limiter.v1.CheckAndConsumeBatchRequest;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.InlineRule;
import io.limiter.v1.RefundRequest;
import io.limiter.v1.ResetRequest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BadRequestsTest {
  private static final long ABOVE = (1L << 52) + 1;

  private Service service;

  /** Makes a request another. */
  private interface Change extends Consumer<CheckAndConsumeRequest.Builder> {}

  /**
   * A request that is wrong in one way, what its caller is told, and what comes of each remedy in
   * that.
   */
  private record Bad(String field, String text, Change mistake, List<Change> remedies) {
    Bad(String field, String text, Change mistake, Change... remedies) {
      this(field, text, mistake, List.of(remedies));
    }

    @Override
    public String toString() {
      return text;
    }
  }

  @BeforeAll
  void start() throws Exception {
    service = Service.over(LocalCounters.now(), Rules.yearly(5));
  }

  @AfterAll
  void stop() throws Exception {
    service.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CheckAndConsume",
        "CheckAndConsumeBatch",
        "CheckAndConsumeStream",
        "CheckAny",
        "Refund",
        "Reset",
        "Observe",
        "Explain"
      })
  void messageThatIsNoProtobuf_isTheCallersMistake(String method) {
    byte[] cutShort = {10, 100, 'a'};
    MethodDescriptor<byte[], byte[]> raw =
        MethodDescriptor.<byte[], byte[]>newBuilder()
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName("limiter.v1.RateLimiter/" + method)
            .setRequestMarshaller(new Bytes())
            .setResponseMarshaller(new Bytes())
            .build();
    StatusRuntimeException refused =
        assertThrows(
            StatusRuntimeException.class,
            () ->
                ClientCalls.blockingUnaryCall(service.channel, raw, CallOptions.DEFAULT, cutShort));
    assertEquals(Status.Code.INVALID_ARGUMENT, refused.getStatus().getCode(), refused::toString);
    String told = String.valueOf(refused.getStatus().getDescription());
    assertTrue(
        told.startsWith("message to limiter.v1.RateLimiter/" + method + " cannot be read: "), told);
  }

  /** Messages as they are on the wire. */
  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] bytes) {
      return new ByteArrayInputStream(bytes);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @ParameterizedTest
  @MethodSource({"mistakes", "inlineMistakes"})
  void mistake_isToldByFieldValueBoundAndRemedy(Bad bad) throws Exception {
    CheckAndConsumeRequest.Builder wrong = good();
    bad.mistake.accept(wrong);
    BadRequest told = refusal(() -> service.ask().checkAndConsume(wrong.build()), bad.text);
    assertEquals(1, told.getFieldViolationsCount(), told::toString);
    assertEquals(bad.field, told.getFieldViolations(0).getField());
    assertEquals(bad.text, told.getFieldViolations(0).getDescription());
  }

  @ParameterizedTest
  @MethodSource({"mistakes", "inlineMistakes"})
  void whoeverAppliesARemedy_isAnswered(Bad bad) {
    assertFalse(bad.remedies.isEmpty(), bad.text);
    for (Change remedy : bad.remedies) {
      CheckAndConsumeRequest.Builder request = good();
      bad.mistake.accept(request);
      remedy.accept(request);
      assertFalse(service.ask().checkAndConsume(request.build()).hasError(), bad.text);
    }
  }

  static Stream<Bad> mistakes() {
    return Stream.of(
        new Bad(
            "domain",
            "domain is empty; use 1 to 128 bytes",
            r -> r.clearDomain(),
            r -> r.setDomain("d"),
            r -> r.setDomain("d".repeat(128))),
        new Bad(
            "domain",
            "domain is 129 bytes long; use at most 128",
            r -> r.setDomain("d".repeat(129)),
            r -> r.setDomain("d".repeat(128))),
        new Bad(
            "domain",
            "domain is 130 bytes long; use at most 128",
            r -> r.setDomain("ü".repeat(65)),
            r -> r.setDomain("ü".repeat(64))),
        new Bad(
            "attributes",
            "attributes has 65 entries; use at most 64",
            r -> {
              for (int i = 1; i < 65; i++) {
                r.putAttributes("a" + i, "v");
              }
            },
            r -> r.removeAttributes("a1")),
        new Bad(
            "attributes[] name",
            "attributes[] name is empty; use 1 to 64 bytes",
            r -> r.putAttributes("", "v"),
            r -> r.removeAttributes("").putAttributes("n", "v"),
            r -> r.removeAttributes("").putAttributes("n".repeat(64), "v")),
        new Bad(
            "attributes[" + "n".repeat(40) + "...] name",
            "attributes[" + "n".repeat(40) + "...] name is 65 bytes long; use at most 64",
            r -> r.putAttributes("n".repeat(65), "v"),
            r -> r.removeAttributes("n".repeat(65)).putAttributes("n".repeat(64), "v")),
        new Bad(
            "cost",
            "cost 4503599627370497 is out of range; use 0 to 4503599627370496 (2^52)",
            r -> r.setCost(ABOVE),
            r -> r.setCost(0),
            r -> r.setCost(ABOVE - 1)),
        new Bad(
            "cost",
            "cost 18446744073709551615 is out of range; use 0 to 4503599627370496 (2^52)",
            r -> r.setCost(-1),
            r -> r.setCost(0),
            r -> r.setCost(ABOVE - 1)),
        new Bad(
            "unit_costs[tokens]",
            "unit_costs[tokens] 9223372036854775808 is out of range;"
                + " use 0 to 4503599627370496 (2^52)",
            r -> r.putUnitCosts("tokens", Long.MIN_VALUE),
            r -> r.putUnitCosts("tokens", 0),
            r -> r.putUnitCosts("tokens", ABOVE - 1)),
        new Bad(
            "unit_costs[] name",
            "unit_costs[] name is empty; use 1 to 64 bytes",
            r -> r.putUnitCosts("", 1),
            r -> r.clearUnitCosts().putUnitCosts("u", 1),
            r -> r.clearUnitCosts().putUnitCosts("u".repeat(64), 1)),
        new Bad(
            "unit_costs",
            "unit_costs has 17 entries; use at most 16",
            r -> {
              for (int i = 0; i < 17; i++) {
                r.putUnitCosts("u" + i, 1);
              }
            },
            r -> r.removeUnitCosts("u0")),
        new Bad(
            "request_id",
            "request_id is 129 bytes long; use at most 128",
            r -> r.setRequestId("i".repeat(129)),
            r -> r.setRequestId("i".repeat(128))),
        new Bad(
            "idempotency_key",
            "idempotency_key is 129 bytes long; use at most 128",
            r -> r.setIdempotencyKey("i".repeat(129)),
            r -> r.setIdempotencyKey("i".repeat(128))),
        new Bad(
            "inline_rules",
            "inline_rules has 17 entries; use at most 16",
            r -> {
              for (int i = 0; i < 17; i++) {
                r.addInlineRules(window().setName("r" + i));
              }
            },
            r -> r.removeInlineRules(0)));
  }

  static Stream<Bad> inlineMistakes() {
    return Stream.of(
        inline(
            ".capacity",
            " fills in 144000s; use 1ms to 24h, which --inline-rules-max-window sets",
            bucket().setPeriod(duration(28_800, 0)),
            bucket().setPeriod(duration(7_200, 0))),
        inline(
            ".name",
            " \"\" is no name; use 1 to 64 of A-Z a-z 0-9 . _ -",
            window().setName(""),
            window().setName("n"),
            window().setName("A-Z_a.z-0-9".repeat(5)),
            window().setName("n".repeat(64))),
        inline(
            ".name",
            " \"a b?\" is no name; use 1 to 64 of A-Z a-z 0-9 . _ -",
            window().setName("a bü"),
            window().setName("a.b"),
            window().setName("n".repeat(64))),
        inline(
            ".name",
            " \"" + "n".repeat(40) + "...\" is no name; use 1 to 64 of A-Z a-z 0-9 . _ -",
            window().setName("n".repeat(65)),
            window().setName("n".repeat(64))),
        new Bad(
            "inline_rules[1].name",
            "inline_rules[1].name \"mine\" is used twice; give each rule its own name",
            r -> r.addInlineRules(window()).addInlineRules(bucket()),
            r -> r.getInlineRulesBuilder(1).setName("yours")),
        inline(
            ".key[1]",
            " is empty; use 1 to 64 bytes",
            window().addKey(""),
            window().addKey("k"),
            window().addKey("k".repeat(64))),
        inline(
            ".key[1]",
            " is 65 bytes long; use at most 64",
            window().addKey("k".repeat(65)),
            window().addKey("k".repeat(64))),
        inline(
            ".key",
            " has 65 entries; use at most 64",
            window().clearKey().addAllKey(IntStream.range(0, 65).mapToObj(i -> "k" + i).toList()),
            window().clearKey().addAllKey(IntStream.range(0, 64).mapToObj(i -> "k" + i).toList())),
        inline(
            ".key[1]", " \"user\" is there twice; name it once", window().addKey("user"), window()),
        inline(
            ".unit",
            " is 65 bytes long; use at most 64",
            window().setUnit("u".repeat(65)),
            window().setUnit("u".repeat(64))),
        inline(
            ".algorithm",
            " 0 is no algorithm; use 1 (FIXED_WINDOW) to 6 (CONCURRENCY_LIMIT)",
            window().clearAlgorithm(),
            window().setAlgorithmValue(1),
            bucket().setAlgorithmValue(5),
            holds().setAlgorithmValue(6)),
        inline(
            ".algorithm",
            " 9 is no algorithm; use 1 (FIXED_WINDOW) to 6 (CONCURRENCY_LIMIT)",
            window().setAlgorithmValue(9),
            window().setAlgorithmValue(1),
            bucket().setAlgorithmValue(5),
            holds().setAlgorithmValue(6)),
        inline(
            ".window",
            " is not set; use 1ms to 24h",
            window().clearWindow(),
            window().setWindow(duration(0, 1_000_000)),
            window().setWindow(duration(86_400, 0))),
        inline(
            ".window",
            " of -1 s and 0 ns is no positive duration; use 1ms to 24h",
            window().setWindow(duration(-1, 0)),
            window().setWindow(duration(0, 1_000_000)),
            window().setWindow(duration(86_400, 0))),
        inline(
            ".window",
            " of 1 s and 1500 ns is no whole number of microseconds; use a multiple of 1000 ns",
            window().setWindow(duration(1, 1500)),
            window().setWindow(duration(1, 1000)),
            window().setWindow(duration(1, 2000))),
        inline(
            ".window",
            " 0us is out of range; use 1ms to 24h",
            window().setWindow(duration(0, 0)),
            window().setWindow(duration(0, 1_000_000)),
            window().setWindow(duration(86_400, 0))),
        inline(
            ".window",
            " 999us is out of range; use 1ms to 24h",
            window().setWindow(duration(0, 999_000)),
            window().setWindow(duration(0, 1_000_000)),
            window().setWindow(duration(86_400, 0))),
        inline(
            ".window",
            " 315576000000s is out of range; use 1ms to 24h",
            window().setWindow(duration(315_576_000_000L, 0)),
            window().setWindow(duration(0, 1_000_000)),
            window().setWindow(duration(86_400, 0))),
        inline(
            ".limit",
            " 4503599627370497 is out of range; use 0 to 4503599627370496 (2^52)",
            window().setLimit(ABOVE),
            window().setLimit(0),
            window().setLimit(ABOVE - 1)),
        inline(
            ".capacity",
            " does not belong to FIXED_WINDOW; leave it out",
            window().setCapacity(1),
            window()),
        inline(
            ".rate",
            " does not belong to FIXED_WINDOW; leave it out",
            window().setRate(1),
            window()),
        inline(
            ".period",
            " does not belong to FIXED_WINDOW; leave it out",
            window().setPeriod(duration(1, 0)),
            window()),
        inline(
            ".limit",
            " does not belong to TOKEN_BUCKET; leave it out",
            bucket().setLimit(1),
            bucket()),
        inline(
            ".window",
            " does not belong to TOKEN_BUCKET; leave it out",
            bucket().setWindow(duration(1, 0)),
            bucket()),
        inline(
            ".period",
            " is not set; use 1ms to 24h",
            bucket().clearPeriod(),
            bucket().setPeriod(duration(0, 1_000_000)),
            bucket().setCapacity(1).setPeriod(duration(86_400, 0))),
        inline(
            ".rate",
            " 0 is out of range; use 1 to 4503599627370496 (2^52)",
            bucket().clearRate(),
            bucket().setRate(1),
            bucket().setRate(ABOVE - 1)),
        inline(".hold", " is not set; use 1ms to 24h", holds().clearHold(), holds()),
        inline(
            ".hold",
            " 999us is out of range; use 1ms to 24h",
            holds().setHold(duration(0, 999_000)),
            holds().setHold(duration(0, 1_000_000)),
            holds().setHold(duration(86_400, 0))),
        inline(
            ".hold",
            " 86401s is out of range; use 1ms to 24h",
            holds().setHold(duration(86_401, 0)),
            holds().setHold(duration(86_400, 0))),
        inline(
            ".limit",
            " 4503599627370497 is out of range; use 0 to 4503599627370496 (2^52)",
            holds().setLimit(ABOVE),
            holds().setLimit(ABOVE - 1)),
        inline(
            ".window",
            " does not belong to CONCURRENCY_LIMIT; leave it out",
            holds().setWindow(duration(1, 0)),
            holds()),
        inline(
            ".rate",
            " does not belong to CONCURRENCY_LIMIT; leave it out",
            holds().setRate(1),
            holds()),
        inline(
            ".hold",
            " does not belong to FIXED_WINDOW; leave it out",
            window().setHold(duration(1, 0)),
            window()),
        inline(
            ".hold",
            " does not belong to TOKEN_BUCKET; leave it out",
            bucket().setHold(duration(1, 0)),
            bucket()),
        inline(
            ".rate",
            " 18446744073709551615 is out of range; use 1 to 4503599627370496 (2^52)",
            bucket().setRate(-1),
            bucket().setRate(1),
            bucket().setRate(ABOVE - 1)));
  }

  @Test
  void everyMistake_isToldAtOnce() throws Exception {
    CheckAndConsumeRequest wrong =
        good().setDomain("").setCost(-1).setRequestId("i".repeat(200)).build();
    BadRequest told =
        refusal(
            () -> service.ask().checkAndConsume(wrong),
            "domain is empty; use 1 to 128 bytes"
                + " | cost 18446744073709551615 is out of range; use 0 to 4503599627370496 (2^52)"
                + " | request_id is 200 bytes long; use at most 128");
    assertEquals(
        List.of("domain", "cost", "request_id"),
        told.getFieldViolationsList().stream().map(v -> v.getField()).toList());
  }

  @Test
  void mistakesWithoutNumber_stillReachTheCaller() {
    CheckAndConsumeRequest.Builder wrong = good();
    for (int i = 0; i < 2000; i++) {
      wrong.putAttributes("ü".repeat(100) + i, "v");
    }
    StatusRuntimeException refused =
        assertThrows(
            StatusRuntimeException.class, () -> service.ask().checkAndConsume(wrong.build()));
    assertEquals(Status.Code.INVALID_ARGUMENT, refused.getStatus().getCode());
    String text = String.valueOf(refused.getStatus().getDescription());
    assertTrue(text.endsWith(" | and 1991 more violations"), text);
  }

  @Test
  void batchBeyondItsBound_isRefusedWhole() throws Exception {
    CheckAndConsumeBatchRequest.Builder batch = CheckAndConsumeBatchRequest.newBuilder();
    for (int i = 0; i < 1001; i++) {
      batch.addRequests(good());
    }
    BadRequest told =
        refusal(
            () -> service.ask().checkAndConsumeBatch(batch.build()),
            "requests has 1001 entries; use at most 1000");
    assertEquals("requests", told.getFieldViolations(0).getField());
  }

  @Test
  void receiptOfAnotherLength_isRefused() throws Exception {
    RefundRequest wrong =
        RefundRequest.newBuilder().setReceipt(ByteString.copyFromUtf8("short")).build();
    BadRequest told =
        refusal(
            () -> service.ask().refund(wrong),
            "receipt is 5 bytes long; pass the 18 or more bytes that came with the answer");
    assertEquals("receipt", told.getFieldViolations(0).getField());
  }

  @Test
  void resetOfNothing_isRefused() throws Exception {
    ResetRequest wrong = ResetRequest.newBuilder().addRules("").build();
    refusal(
        () -> service.ask().reset(wrong),
        "domain is empty; use 1 to 128 bytes"
            + " | rules[0] \"\" is no name; use 1 to 64 of A-Z a-z 0-9 . _ -");
  }

  @Test
  void resetOfMoreRulesThanAllowed_isRefused() throws Exception {
    ResetRequest.Builder wrong = ResetRequest.newBuilder().setDomain("d");
    for (int i = 0; i <= 100; i++) {
      wrong.addRules("r" + i);
    }
    refusal(
        () -> service.ask().reset(wrong.build()),
        "rules has 101 names; use at most 100, or none for every rule that applies");
  }

  @Test
  void messageBeyondItsBound_isRefusedAndTheConnectionServesOn() {
    CheckAndConsumeRequest huge = good().putAttributes("a", "x".repeat(1 << 20)).build();
    StatusRuntimeException refused =
        assertThrows(StatusRuntimeException.class, () -> service.ask().checkAndConsume(huge));
    assertEquals(Status.Code.INVALID_ARGUMENT, refused.getStatus().getCode());
    assertEquals(
        "message to limiter.v1.RateLimiter/CheckAndConsume is %d bytes long or more; use at most 1048576"
            .formatted(huge.getSerializedSize()),
        refused.getStatus().getDescription());
    assertFalse(service.ask().checkAndConsume(good().setCost(0).build()).hasError());
  }

  private static BadRequest refusal(Executable call, String text) throws Exception {
    StatusRuntimeException refused = assertThrows(StatusRuntimeException.class, call);
    assertEquals(Status.Code.INVALID_ARGUMENT, refused.getStatus().getCode());
    assertEquals(text, refused.getStatus().getDescription());
    return StatusProto.fromThrowable(refused).getDetails(0).unpack(BadRequest.class);
  }

  private static CheckAndConsumeRequest.Builder good() {
    return CheckAndConsumeRequest.newBuilder().setDomain("edge").putAttributes("user", "alice");
  }

  private static Bad inline(
      String field, String text, InlineRule.Builder wrong, InlineRule.Builder... right) {
    String path = "inline_rules[0]" + field;
    return new Bad(
        path,
        path + text,
        r -> r.addInlineRules(wrong),
        Stream.of(right)
            .<Change>map(rule -> r -> r.clearInlineRules().addInlineRules(rule))
            .toList());
  }

  private static InlineRule.Builder window() {
    return InlineRule.newBuilder()
        .setName("mine")
        .addKey("user")
        .setAlgorithm(Algorithm.FIXED_WINDOW)
        .setLimit(5)
        .setWindow(duration(60, 0));
  }

  private static InlineRule.Builder holds() {
    return InlineRule.newBuilder()
        .setName("mine")
        .addKey("user")
        .setAlgorithm(Algorithm.CONCURRENCY_LIMIT)
        .setLimit(5)
        .setHold(duration(30, 0));
  }

  private static InlineRule.Builder bucket() {
    return InlineRule.newBuilder()
        .setName("mine")
        .addKey("user")
        .setAlgorithm(Algorithm.TOKEN_BUCKET)
        .setCapacity(5)
        .setRate(1)
        .setPeriod(duration(1, 0));
  }
}
