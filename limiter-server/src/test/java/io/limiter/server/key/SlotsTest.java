package io.limiter.server.key;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.lettuce.core.cluster.SlotHash;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Records lie in the slot of the counters that they speak of. */
class SlotsTest {
  private static final long SEED = 20_261_127;

  @Test
  void slot_isThatOfRedisCluster() {
    Random random = new Random(SEED);
    for (int i = 0; i < 100_000; i++) {
      StringBuilder key = new StringBuilder();
      for (int length = random.nextInt(30); length > 0; length--) {
        key.append("{}{}ab|:%0123".charAt(random.nextInt(13)));
      }
      assertEquals(SlotHash.getSlot(key.toString()), Slots.of(key.toString()), key::toString);
    }
  }

  @Test
  void everySlot_hasATagThatFallsIntoIt() {
    for (int slot = 0; slot < Slots.COUNT; slot++) {
      assertEquals(slot, SlotHash.getSlot(Slots.tag(slot)));
    }
  }

  @Test
  void receiptAndIdempotencyRecord_lieInTheSlotOfTheirCounter() {
    Random random = new Random(SEED);
    for (int i = 0; i < 1_000; i++) {
      String counter = "limiter:{d|%08x}:rule:t:%d".formatted(random.nextInt(), i);
      int slot = SlotHash.getSlot(counter);
      Receipt receipt = Receipt.forCounter(counter, random.nextLong(), random.nextLong());
      assertEquals(slot, SlotHash.getSlot(RecordKeys.receipt(receipt)));
      assertEquals(
          slot, SlotHash.getSlot(RecordKeys.idempotency(ValueHash.PLAIN, counter, "{order}:" + i)));
    }
  }

  @Test
  void receipt_isReadAsItWasWritten() {
    for (Receipt receipt : List.of(new Receipt(0, 0, 0), new Receipt(16_383, -1, Long.MIN_VALUE))) {
      assertEquals(receipt, Receipt.of(receipt.toBytes()));
      assertEquals(Receipt.BYTES, receipt.toBytes().length);
    }
  }

  @Test
  void receiptOfSeveralSlots_isReadAsItWasWritten_andHasARecordInEach() {
    Receipt receipt = new Receipt(7, 1, 2, List.of(16_383, 0));
    assertEquals(Receipt.BYTES + 4, receipt.toBytes().length);
    assertEquals(receipt, Receipt.of(receipt.toBytes()));
    assertEquals(
        List.of(new Receipt(7, 1, 2), new Receipt(16_383, 1, 2), new Receipt(0, 1, 2)),
        receipt.inEachSlot());
    assertEquals(new Receipt(7, 1, 2).hex(), receipt.hex());
  }

  @Test
  void receipt_thatNobodyWrote_namesNothing_andIsNoError() {
    byte[] forged = new byte[Receipt.BYTES];
    java.util.Arrays.fill(forged, (byte) 0xFF);
    Receipt receipt = Receipt.of(forged);
    assertEquals(Slots.COUNT - 1, receipt.slot());
    assertArrayEquals(
        new byte[] {0x3F, (byte) 0xFF}, java.util.Arrays.copyOf(receipt.toBytes(), 2));
  }

  @Test
  void receipt_ofAnotherLengthOrSlot_isRefusedWithItsBound() {
    assertEquals(
        "receipt is 5 bytes long; pass the 18 or more bytes that came with the answer",
        assertThrows(
                IllegalArgumentException.class,
                () -> Receipt.of("short".getBytes(StandardCharsets.UTF_8)))
            .getMessage());
    assertEquals(
        "slot 16384 is out of range; use 0 to 16383",
        assertThrows(IllegalArgumentException.class, () -> new Receipt(16_384, 1, 2)).getMessage());
  }
}
