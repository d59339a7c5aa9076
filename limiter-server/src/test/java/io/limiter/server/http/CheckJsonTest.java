package io.limiter.server.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.limiter.v1.Algorithm;
import io.limiter.v1.CheckAndConsumeBatchResponse;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.DecisionError;
import io.limiter.v1.RuleStatus;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read and written quickly is what the library reads and writes. */
class CheckJsonTest {
  private static final int ROUNDS = 20_000;
  private static final List<String> TEXTS =
      List.of(
          "", "a", "per-user", "q\"uo\\te", "<&='>", "ü", "\u2028", "\n\t\u0001", "😀", "\u007f");

  private final Random random = new Random(205);

  private String text() {
    return TEXTS.get(random.nextInt(TEXTS.size()));
  }

  private Duration duration() {
    int[] nanos = {0, 1, 10, 1_000, 20_000, 1_000_000, 500_000_000, 999_999_999, 123_456_000};
    return Duration.newBuilder()
        .setSeconds(random.nextInt(4) == 0 ? 0 : random.nextInt(100_000))
        .setNanos(nanos[random.nextInt(nanos.length)])
        .build();
  }

  private RuleStatus status() {
    RuleStatus.Builder status =
        RuleStatus.newBuilder()
            .setRule(text())
            .setAlgorithmValue(random.nextInt(9))
            .setAllowed(random.nextBoolean())
            .setLimit(random.nextLong())
            .setRemaining(random.nextInt(3))
            .setNever(random.nextBoolean())
            .setShadow(random.nextBoolean())
            .setCandidate(random.nextBoolean())
            .setHeld(random.nextInt(3))
            .setOwed(random.nextInt(3) - 1L)
            .setSoftBasisPoints(random.nextInt(3) * 5_000)
            .setSoftCrossed(random.nextBoolean())
            .setGuessed(random.nextInt(3) - 1L)
            .setEstimated(random.nextInt(3) - 1L)
            .setUnit(text());
    if (random.nextBoolean()) {
      status.setResetAfter(duration());
    }
    if (random.nextBoolean()) {
      status.setRetryAfter(duration());
    }
    if (random.nextBoolean()) {
      status.setWindow(duration());
    }
    return status.build();
  }

  private CheckAndConsumeResponse response() {
    CheckAndConsumeResponse.Builder response =
        CheckAndConsumeResponse.newBuilder()
            .setHintValue(random.nextInt(3))
            .setKindValue(random.nextInt(6))
            .setAllowed(random.nextBoolean())
            .setSourceValue(random.nextInt(12))
            .setRequestId(text());
    for (int i = random.nextInt(4); i > 0; i--) {
      response.addStatuses(status());
    }
    if (random.nextBoolean()) {
      response.setRetryAfter(duration());
    }
    if (random.nextBoolean()) {
      response.setDelay(duration());
    }
    if (random.nextBoolean()) {
      byte[] receipt = new byte[random.nextInt(20)];
      random.nextBytes(receipt);
      response.setReceipt(ByteString.copyFrom(receipt));
    }
    if (random.nextInt(4) == 0) {
      response.setError(DecisionError.newBuilder().setCode(3).setMessage(text()));
    }
    return response.build();
  }

  @Test
  void whateverIsDecided_isWrittenAsTheLibraryWritesIt() throws Exception {
    for (int i = 0; i < ROUNDS; i++) {
      CheckAndConsumeResponse response = response();
      String quick = CheckWriter.write(response);
      assertEquals(
          JsonParser.parseString(JsonMessages.write(response)), JsonParser.parseString(quick));
    }
  }

  @Test
  void aBatch_isWrittenAsTheLibraryWritesIt() {
    for (int size = 0; size < 4; size++) {
      CheckAndConsumeBatchResponse.Builder batch = CheckAndConsumeBatchResponse.newBuilder();
      for (int i = 0; i < size; i++) {
        batch.addResponses(response());
      }
      assertEquals(
          JsonParser.parseString(JsonMessages.write(batch)),
          JsonParser.parseString(CheckWriter.write(batch.build())));
    }
  }

  /** A field that is added later and not written here would be lost. */
  @Test
  void eachField_isWritten() throws Exception {
    RuleStatus.Builder status = RuleStatus.newBuilder();
    CheckAndConsumeResponse.Builder response = CheckAndConsumeResponse.newBuilder();
    JsonFormat.parser()
        .merge(
            "{\"rule\":\"r\",\"algorithm\":\"TOKEN_BUCKET\",\"allowed\":true,\"limit\":1,\"remaining\":1,\"resetAfter\":\"1s\",\"retryAfter\":\"1s\",\"never\":true,\"shadow\":true,\"unit\":\"u\",\"window\":\"1s\",\"candidate\":true,\"held\":\"3\",\"owed\":\"2\",\"softBasisPoints\":8000,\"softCrossed\":true,\"guessed\":\"9\",\"estimated\":\"7\"}",
            status);
    JsonFormat.parser()
        .merge(
            "{\"allowed\":true,\"retryAfter\":\"1s\",\"delay\":\"1s\",\"source\":\"REDIS\",\"requestId\":\"i\",\"receipt\":\"AA==\",\"error\":{\"code\":3},\"hint\":\"DEGRADE\",\"kind\":\"QUOTA\"}",
            response);
    response.addStatuses(status);
    assertEquals(
        RuleStatus.getDescriptor().getFields().size(), status.build().getAllFields().size());
    assertEquals(
        CheckAndConsumeResponse.getDescriptor().getFields().size(),
        response.build().getAllFields().size());
    CheckAndConsumeResponse.Builder read = CheckAndConsumeResponse.newBuilder();
    JsonFormat.parser().merge(CheckWriter.write(response.build()), read);
    assertEquals(response.build(), read.build());
    assertEquals(Algorithm.TOKEN_BUCKET, read.getStatuses(0).getAlgorithm());
  }

  @Test
  void plainQuestions_areReadAsTheLibraryReadsThem() throws Exception {
    int plain = 0;
    for (int i = 0; i < ROUNDS; i++) {
      CheckAndConsumeRequest.Builder question =
          CheckAndConsumeRequest.newBuilder().setDomain(text()).setRequestId(text());
      for (int n = random.nextInt(4); n > 0; n--) {
        question.putAttributes(text(), text());
      }
      if (random.nextBoolean()) {
        question.setCost(random.nextInt(3));
      }
      question.setWantReceipt(random.nextBoolean()).setIdempotencyKey(text());
      String json = JsonFormat.printer().print(question);
      CheckAndConsumeRequest read = CheckReader.read(json);
      plain += read == null ? 0 : 1;
      assertTrue(read == null || read.equals(question.build()), json);
    }
    assertTrue(plain > ROUNDS / 10, "read quickly: " + plain);
  }

  @Test
  void theUsualQuestion_isPlain() {
    assertNotNull(
        CheckReader.read(
            "{\"domain\": \"edge\", \"attributes\": {\"user\": \"alice\"}, \"cost\": 2}"));
  }

  /** Random damage to a question: what is read quickly is what the library reads, or refused. */
  @Test
  void damagedQuestions_areReadAsTheLibraryReadsThem() {
    String whole =
        "{\"domain\":\"edge\",\"attributes\":{\"user\":\"al\\u0041ce\",\"ip\":\"1\"},\"cost\":12,\"wantReceipt\":true}";
    int read = 0;
    String alphabet = "{}[]\":,\\ 019.-eEtrufalsn\u0000'/x";
    for (int i = 0; i < ROUNDS; i++) {
      StringBuilder damaged = new StringBuilder(whole);
      for (int n = 1 + random.nextInt(3); n > 0; n--) {
        int at = random.nextInt(damaged.length());
        char c = alphabet.charAt(random.nextInt(alphabet.length()));
        switch (random.nextInt(3)) {
          case 0 -> damaged.setCharAt(at, c);
          case 1 -> damaged.insert(at, c);
          default -> damaged.deleteCharAt(at);
        }
      }
      CheckAndConsumeRequest quick = CheckReader.read(damaged.toString());
      if (quick != null) {
        read++;
        try {
          assertEquals(
              JsonMessages.read(damaged.toString(), CheckAndConsumeRequest.getDefaultInstance()),
              quick);
        } catch (InvalidProtocolBufferException e) {
          throw new AssertionError("the library refuses " + damaged, e);
        }
      }
    }
    assertTrue(read > ROUNDS / 100, "read quickly: " + read);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"domain\":\"a\",\"domain\":\"b\"}",
        "{\"attributes\":{\"a\":\"1\",\"a\":\"2\"}}",
        "{\"cost\":9007199254740993}",
        "{\"cost\":\"1\"}",
        "{\"cost\":1e2}",
        "{\"domain\":null}",
        "{\"domain\":7}",
        "{\"inlineRules\":[]}",
        "{} {}",
        "{",
        ""
      })
  void whatIsNotPlain_isLeftToTheLibrary(String json) {
    assertNull(CheckReader.read(json));
  }
}
