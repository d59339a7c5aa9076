package io.limiter.jmh.load.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.limiter.envoy.service.RateLimitRequest;
import io.limiter.jmh.load.traffic.Prototype;
import io.limiter.jmh.load.traffic.Question;
import io.limiter.v1.CheckAndConsumeBatchRequest;
import io.limiter.v1.CheckAndConsumeRequest;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OutgoingTest {
  private static final Question QUESTION = new Question("d", "user,plan=gold");

  private final Outgoing outgoing = new Outgoing();

  @Test
  void aKey_isFilledIn_againAndAgain() throws IOException {
    Prototype prototype = Prototype.of(QUESTION.message().setRequestId("17").build());
    for (int key : new int[] {0, 99_999_999, 42}) {
      outgoing.clear();
      outgoing.append(prototype, key);

      CheckAndConsumeRequest read = CheckAndConsumeRequest.parseFrom(outgoing.toByteArray());
      assertEquals(
          Map.of("user", "k-%08d".formatted(key), "plan", "gold"), read.getAttributesMap());
      assertEquals("17", read.getRequestId());
    }
  }

  @Test
  void aPlan_isTheKeys_inEachWayToAsk() throws IOException {
    Question question = new Question("d", "user", 40);
    Prototype prototype = Prototype.of(question.message().build(), question.plans());
    for (int key : new int[] {7, 47, 99_999_999}) {
      outgoing.clear();
      outgoing.append(prototype, key);

      Map<String, String> read =
          CheckAndConsumeRequest.parseFrom(outgoing.toByteArray()).getAttributesMap();
      assertEquals(
          Map.of("user", "k-%08d".formatted(key), "plan", "p-%08d".formatted(key % 40)), read);
      assertEquals(read, question.attributes(key));
    }
  }

  @Test
  void manyQuestions_makeOneBatch() throws IOException {
    Prototype entry =
        Prototype.of(
            CheckAndConsumeBatchRequest.newBuilder().addRequests(QUESTION.message()).build());
    for (int key = 0; key < 100; key++) {
      outgoing.append(entry, key);
    }

    CheckAndConsumeBatchRequest read =
        CheckAndConsumeBatchRequest.parseFrom(outgoing.toByteArray());
    assertEquals(100, read.getRequestsCount());
    assertEquals("k-00000099", read.getRequests(99).getAttributesOrThrow("user"));
  }

  @Test
  void marshaller_givesWhatWasWritten() throws IOException {
    outgoing.append(Prototype.of(QUESTION.message().build()), 5);

    try (var stream = Outgoing.MARSHALLER.stream(outgoing)) {
      assertEquals(outgoing.toByteArray().length, stream.available());
      assertEquals(
          "k-00000005", CheckAndConsumeRequest.parseFrom(stream).getAttributesOrThrow("user"));
    }
  }

  @Test
  void descriptors_keepTheirOrder() throws IOException {
    outgoing.append(Prototype.of(new Question("e", "path=/,user;user").descriptors()), 3);

    RateLimitRequest read = RateLimitRequest.parseFrom(outgoing.toByteArray());
    assertEquals(2, read.getDescriptorsCount());
    assertEquals("path", read.getDescriptors(0).getEntries(0).getKey());
    assertEquals("/", read.getDescriptors(0).getEntries(0).getValue());
    assertEquals("k-00000003", read.getDescriptors(0).getEntries(1).getValue());
    assertEquals("k-00000003", read.getDescriptors(1).getEntries(0).getValue());
  }
}
