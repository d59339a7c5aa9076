package io.limiter.server.decide;

import io.limiter.server.rules.Descriptor;
import java.util.List;

/**
 * A request whose rules are to be explained.
 *
 * @param domain which set of rules or descriptors
 * @param entries the request's attributes; in a domain of descriptors, one descriptor
 * @param ordered whether the order of the entries is the caller's, as descriptors need it
 */
public record ExplainQuestion(String domain, List<Descriptor.Entry> entries, boolean ordered) {
  public ExplainQuestion {
    entries = List.copyOf(entries);
  }
}
