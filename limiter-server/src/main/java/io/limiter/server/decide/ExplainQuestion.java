package io.limiter.server.decide;

import io.limiter.server.rules.Descriptor;
import java.util.List;

/**
 * A request whose rules are to be explained.
 *
 * @param domain which set of rules or descriptors
 * @param entries the request's attributes; in a domain of descriptors, one descriptor
 * @param ordered whether the order of the entries is the caller's, as descriptors need it
 * @param work how many counters whoever asks may
 */
public record ExplainQuestion(
    String domain, List<Descriptor.Entry> entries, boolean ordered, Request.Work work) {
  public ExplainQuestion {
    entries = List.copyOf(entries);
  }

  /** Of whoever may ask any number of counters. */
  public ExplainQuestion(String domain, List<Descriptor.Entry> entries, boolean ordered) {
    this(domain, entries, ordered, Request.Work.UNBOUNDED);
  }
}
