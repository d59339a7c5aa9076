package io.limiter.server.rules;

import io.limiter.server.key.DescriptorCounter;
import java.util.List;
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
   */
  record Limited(Rule rule, DescriptorCounter counter, DescriptorTerms terms)
      implements DescriptorMatch {
    /** How metrics call every limit that a request brings: callers choose its entries. */
    public static final String OWN = "(own)";

    /** The limit that a descriptor brings itself, counted apart from those of the domain. */
    public static Limited own(List<Descriptor.Entry> entries, Descriptor.OwnLimit own) {
      List<DescriptorCounter.Part> parts =
          entries.stream()
              .map(
                  entry ->
                      new DescriptorCounter.Part(entry.key(), entry.value(), /* shared= */ false))
              .toList();
      return new Limited(
          Rule.perUnit(OWN, own.period(), own.requestsPerUnit(), Rule.Mode.ENFORCE),
          new DescriptorCounter(parts, own.period().toString()),
          new DescriptorTerms(
              own.period(), own.requestsPerUnit(), /* name= */ "", /* quota= */ false, Map.of()));
    }
  }
}
