package io.limiter.server.cli.option;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.limiter.server.key.Receipt;
import java.util.Base64;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

/** A receipt is taken as `check --receipt` prints it, and as its JSON has it. */
class ReceiptBytesTest {
  private final QuestionTypes.ReceiptBytes type = new QuestionTypes.ReceiptBytes();

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, Receipt.MOST_OTHERS})
  void ofOneSlotAndOfSeveral_inBothForms(int others) {
    byte[] bytes =
        new Receipt(9, -1, Long.MIN_VALUE, Collections.nCopies(others, 16_383)).toBytes();
    assertArrayEquals(bytes, type.convert(HexFormat.of().formatHex(bytes)).toByteArray());
    assertArrayEquals(bytes, type.convert(Base64.getEncoder().encodeToString(bytes)).toByteArray());
  }

  @Test
  void anotherLength_isRefused() {
    for (String text : List.of("", "00", "0".repeat(35), "0".repeat(38), "A".repeat(20))) {
      assertThrows(TypeConversionException.class, () -> type.convert(text), text);
    }
  }
}
