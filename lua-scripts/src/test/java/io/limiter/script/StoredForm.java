package io.limiter.script;

import io.limiter.algorithm.CounterState;
import io.limiter.algorithm.LogEntries;
import io.limiter.algorithm.SlidingLog;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * What Redis must hold for a state of a twin, as hexadecimal text: one for a string, many for a
 * log.
 */
final class StoredForm {
  private static final byte VERSION = 1;

  private StoredForm() {}

  static List<String> of(CounterState state) {
    if (state instanceof SlidingLog.State s) {
      return log(s.windowMicros(), s.entries());
    }
    return state.isAbsent() ? List.of() : List.of(doubles(numbers((Record) state)));
  }

  /** A state is stored as its numbers in their order, but for a log. */
  private static long[] numbers(Record state) {
    return Arrays.stream(state.getClass().getRecordComponents())
        .mapToLong(
            component -> {
              try {
                return (long) component.getAccessor().invoke(state);
              } catch (ReflectiveOperationException e) {
                throw new AssertionError(component + " of a state is no number", e);
              }
            })
        .toArray();
  }

  private static String doubles(long... numbers) {
    ByteBuffer buffer = littleEndian(1 + 8 * numbers.length).put(VERSION);
    for (long number : numbers) {
      buffer.putDouble((double) number);
    }
    return hex(buffer, buffer.position());
  }

  private static List<String> log(long windowMicros, LogEntries entries) {
    List<String> stored = new ArrayList<>();
    ByteBuffer base = littleEndian(24).put(VERSION).putLong(windowMicros);
    base.position(8).putLong(entries.base());
    stored.add(hex(base, 15));
    for (int i = 0; i < entries.size(); i++) {
      ByteBuffer entry = littleEndian(24).putLong(entries.time(i));
      entry.position(7).putLong(entries.totalAt(i));
      int bytes = Math.max(1, (71 - Long.numberOfLeadingZeros(entries.totalAt(i))) / 8);
      stored.add(hex(entry, 7 + bytes));
    }
    return stored;
  }

  private static ByteBuffer littleEndian(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static String hex(ByteBuffer buffer, int length) {
    byte[] bytes = new byte[length];
    buffer.get(0, bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
