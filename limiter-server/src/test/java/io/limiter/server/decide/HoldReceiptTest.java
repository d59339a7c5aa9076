package io.limiter.server.decide;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.limiter.algorithm.FixedWindow;
import io.limiter.ledger.Role;
import io.limiter.server.estimate.Guess;
import io.limiter.server.key.RecordKeys;
import io.limiter.server.rules.Tariff;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HoldReceiptTest {
  private static final String NAME = "x".repeat(RecordKeys.NO_HOLD.length());

  private static HoldReceipt.Hold hold(String rule, Guess guess) {
    return new HoldReceipt.Hold(
        rule,
        Role.ENFORCED,
        new Tariff("usd", Map.of("tokens", 3L)),
        FixedWindow.per(1_000_000, 9),
        "limiter:{d|1}:" + rule + ":f:",
        60_000_000,
        7,
        8,
        guess);
  }

  private static HoldReceipt receipt(Guess... guesses) {
    return new HoldReceipt(
        NAME, /* charged= */ null, Arrays.stream(guesses).map(one -> hold("r", one)).toList());
  }

  @Test
  void whatIsWritten_isRead() {
    for (HoldReceipt receipt :
        List.of(
            receipt(),
            receipt(Guess.NONE),
            receipt(Guess.NONE, Guess.NONE),
            receipt(new Guess(4_000, 430)),
            receipt(Guess.NONE, new Guess(1L << 52, 1), Guess.NONE))) {
      assertEquals(receipt, HoldReceipt.of(receipt.toBytes()));
    }
  }

  @Test
  void guesses_takeRoomOnlyWhereSomebodyLearnsFromThem() {
    int without = receipt(Guess.NONE, Guess.NONE).toBytes().length;
    assertEquals(without + 32, receipt(Guess.NONE, new Guess(2, 1)).toBytes().length);
  }

  @Test
  void whatIsCutOff_orTooLong_isRefused() {
    byte[] whole = receipt(new Guess(2, 1), new Guess(4, 3)).toBytes();
    int without = receipt(Guess.NONE, Guess.NONE).toBytes().length;
    for (int length = 1; length < whole.length + 17; length++) {
      byte[] bytes = Arrays.copyOf(whole, length);
      if (length != whole.length && length != without) {
        assertThrows(IllegalArgumentException.class, () -> HoldReceipt.of(bytes));
      }
    }
  }
}
