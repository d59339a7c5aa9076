package io.limiter.server.rules;

import io.limiter.server.key.DescriptorCounter;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a domain of descriptors says of one descriptor of a request. */
public sealed interface DescriptorMatch {

  /** Nothing: it is not limited. */
  record NoLimit() implements DescriptorMatch {}

  /** It has a limit that says {@code unlimited}. */
  record Unlimited() implements DescriptorMatch {}

  /**
   * It is limited.
   *
   * @param rule the limit as a rule: a fixed window, in mode enforce, shadow or quota, named as
   *     metrics are to call it
   * @param counter what tells its counter apart in the domain
   * @param name the limit's own name; empty for none
   * @param metadata what the configuration wants said of it to other filters; empty for none
   */
  record Limited(
      Rule rule,
      DescriptorCounter counter,
      RateUnit unit,
      long requestsPerUnit,
      String name,
      Map<String, Object> metadata)
      implements DescriptorMatch {
    /** How metrics call every limit that a request brings: callers choose its entries. */
    public static final String OWN = "(own)";

    public Limited {
      metadata = Map.copyOf(metadata);
    }

    /** The limit that a descriptor brings itself, counted apart from those of the domain. */
    public static Limited own(List<Descriptor.Entry> entries, Descriptor.OwnLimit own) {
      List<DescriptorCounter.Part> parts =
          entries.stream()
              .map(
                  entry ->
                      new DescriptorCounter.Part(entry.key(), entry.value(), /* shared= */ false))
              .toList();
      return new Limited(
          Rule.perUnit(OWN, own.unit(), own.requestsPerUnit(), Rule.Mode.ENFORCE),
          new DescriptorCounter(parts, own.unit().name().toLowerCase(Locale.ROOT)),
          own.unit(),
          own.requestsPerUnit(),
          /* name= */ "",
          Map.of());
    }
  }
}
