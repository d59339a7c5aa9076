package io.limiter.server.metrics;

import io.micrometer.core.instrument.Counter;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/** One counter for each constant of an enum, labelled with its name in lower case. */
final class CounterPer<E extends Enum<E>> {
  private final Map<E, Counter> counters;

  CounterPer(Class<E> type, Function<String, Counter> made) {
    counters = new EnumMap<>(type);
    for (E constant : type.getEnumConstants()) {
      counters.put(constant, made.apply(constant.name().toLowerCase(Locale.ROOT)));
    }
  }

  void increment(E constant) {
    increment(constant, 1);
  }

  void increment(E constant, long by) {
    Counter counter = counters.get(constant);
    if (counter != null) {
      counter.increment((double) by);
    }
  }
}
