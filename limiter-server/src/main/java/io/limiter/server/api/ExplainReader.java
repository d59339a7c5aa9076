package io.limiter.server.api;

import io.limiter.server.decide.ExplainQuestion;
import io.limiter.server.decide.Request;
import io.limiter.server.rules.Descriptor;
import io.limiter.v1.ExplainRequest;
import java.util.ArrayList;
import java.util.List;

/**
 * Translates explain requests whose attributes were checked. Throws an {@link
 * InvalidRequestException} that lists all violations at once.
 */
final class ExplainReader {
  private ExplainReader() {}

  static ExplainQuestion read(ExplainRequest wire, Request.Work work, Violations violations) {
    if (wire.getEntriesCount() > 0 && wire.getAttributesCount() > 0) {
      violations.add("entries", "stand beside attributes; pass only one of them");
    }
    violations.checkSize("entries", wire.getEntriesCount(), RequestLimits.MAX_DESCRIPTOR_ENTRIES);
    violations.throwIfAny();
    List<Descriptor.Entry> entries = new ArrayList<>();
    for (ExplainRequest.Entry entry : wire.getEntriesList()) {
      String field = "entries[" + entries.size() + "]";
      violations.checkBytes(
          field + ".key", entry.getKey(), 0, RequestLimits.MAX_DESCRIPTOR_KEY_BYTES);
      entries.add(new Descriptor.Entry(entry.getKey(), entry.getValue()));
    }
    violations.throwIfAny();
    boolean ordered = !entries.isEmpty();
    wire.getAttributesMap()
        .forEach((name, value) -> entries.add(new Descriptor.Entry(name, value)));
    return new ExplainQuestion(wire.getDomain(), entries, ordered, work);
  }
}
