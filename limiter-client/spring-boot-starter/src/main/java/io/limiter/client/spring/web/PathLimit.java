package io.limiter.client.spring.web;

import java.util.List;
import java.util.Map;

/**
 * Which requests are limited, and what is asked about them.
 *
 * @param paths patterns as of controllers, such as {@code /api/**}; at least one
 * @param methods of HTTP; empty for all
 * @param domain which set of rules
 * @param cost what is charged; 0 or more
 * @param attributes where each value comes from, by name
 */
public record PathLimit(
    List<String> paths,
    List<String> methods,
    String domain,
    long cost,
    Map<String, String> attributes) {

  public PathLimit {
    paths = List.copyOf(paths);
    methods = List.copyOf(methods);
    attributes = Map.copyOf(attributes);
  }
}
