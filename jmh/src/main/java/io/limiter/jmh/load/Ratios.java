package io.limiter.jmh.load;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Of something measured in pairs: the first to the second, pair by pair. */
record Ratios(List<Double> each) {
  Ratios {
    each = List.copyOf(each);
  }

  static Ratios of(List<Round> first, List<Round> second, ToDoubleFunction<Round> measured) {
    List<Double> each = new ArrayList<>();
    for (int i = 0; i < first.size(); i++) {
      each.add(measured.applyAsDouble(first.get(i)) / measured.applyAsDouble(second.get(i)));
    }
    return new Ratios(each);
  }

  /** Of an even number, the mean of the two in the middle. */
  double median() {
    List<Double> sorted = each.stream().sorted().toList();
    int size = sorted.size();
    return (sorted.get((size - 1) / 2) + sorted.get(size / 2)) / 2;
  }

  double min() {
    return each.stream().mapToDouble(Double::doubleValue).min().orElse(Double.NaN);
  }

  double max() {
    return each.stream().mapToDouble(Double::doubleValue).max().orElse(Double.NaN);
  }
}
