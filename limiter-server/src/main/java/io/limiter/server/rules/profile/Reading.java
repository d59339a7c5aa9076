package io.limiter.server.rules.profile;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a gateway's request is read for.
 *
 * @param attributes those of the question, each name once
 * @param original where the original request is told of
 * @param client where its client's address is
 * @param cost what it is charged
 * @param deadline whether its headers are believed that say how long the gateway waits. Else they
 *     may be the caller's, who would have a question given up before it is decided
 */
public record Reading(
    List<Attribute> attributes,
    OriginalHeaders original,
    ClientAddress client,
    Cost cost,
    boolean deadline) {
  public Reading {
    attributes = List.copyOf(attributes);
  }

  /**
   * An attribute. Without a value, or with an empty one, it is left out.
   *
   * @param otherwise its value where the source has none; null for none
   */
  public record Attribute(String name, AttributeSource source, @Nullable String otherwise) {}

  /** The attributes that a request has. */
  Map<String, String> attributes(IncomingRequest asked) {
    OriginalRequest request = new OriginalRequest(asked, original, client);
    Map<String, String> values = new HashMap<>(2 * attributes.size());
    for (Attribute attribute : attributes) {
      String found = attribute.source.of(request);
      String value = found == null || found.isEmpty() ? attribute.otherwise : found;
      if (value != null) {
        values.put(attribute.name, value);
      }
    }
    return values;
  }
}
