package io.limiter.client.spring.web;

import io.limiter.client.CheckRequest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.http.server.PathContainer;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;
import org.springframework.web.util.pattern.PatternParseException;

/**
 * Limits by the paths of requests. The first that matches a request counts. An attribute that a
 * request does not have is empty: who leaves it out shares one counter with all others who do.
 *
 * <p>Immutable.
 */
public final class PathLimits {
  private final List<Limit> limits = new ArrayList<>();

  private record Limit(
      List<PathPattern> paths,
      Set<String> methods,
      CheckRequest question,
      Map<String, AttributeSource> attributes) {

    boolean matches(HttpFacts request) {
      if (!methods.isEmpty() && !methods.contains(request.method())) {
        return false;
      }
      PathContainer path = request.path();
      return paths.stream().anyMatch(pattern -> pattern.matches(path));
    }
  }

  /**
   * Reads limits.
   *
   * @param where they are written, in messages
   * @throws IllegalStateException if something is wrong with one; the message names it
   */
  public PathLimits(String where, List<PathLimit> limits) {
    for (PathLimit limit : limits) {
      this.limits.add(read("%s[%d]".formatted(where, this.limits.size()), limit));
    }
  }

  /** Whether nothing is limited. */
  public boolean isEmpty() {
    return limits.isEmpty();
  }

  Optional<CheckRequest> question(HttpFacts request) {
    for (Limit limit : limits) {
      if (limit.matches(request)) {
        Map<String, String> values = new LinkedHashMap<>();
        limit.attributes.forEach(
            (name, source) -> {
              String value = source.of(request);
              values.put(name, value == null ? "" : value);
            });
        return Optional.of(limit.question.attributes(values));
      }
    }
    return Optional.empty();
  }

  private static Limit read(String where, PathLimit limit) {
    if (limit.domain().isEmpty()) {
      throw new IllegalStateException(
          where + ".domain is missing; set it, or limiter.client.domain for all");
    }
    if (limit.paths().isEmpty()) {
      throw new IllegalStateException(where + ".paths is missing; write /** for all paths");
    }
    if (limit.cost() < 0) {
      throw new IllegalStateException(
          where + ".cost is " + limit.cost() + "; write 0 to look without charging, or more");
    }
    List<PathPattern> paths = new ArrayList<>();
    for (String path : limit.paths()) {
      try {
        paths.add(PathPatternParser.defaultInstance.parse(path));
      } catch (PatternParseException e) {
        throw new IllegalStateException(
            where
                + ".paths has \"%s\", which is no pattern: %s; write one as /api/**"
                    .formatted(path, e.getMessage()),
            e);
      }
    }
    Map<String, AttributeSource> attributes = new LinkedHashMap<>();
    limit
        .attributes()
        .forEach(
            (name, source) ->
                attributes.put(name, AttributeSource.parse(where + ".attributes." + name, source)));
    return new Limit(
        paths,
        limit.methods().stream()
            .map(method -> method.toUpperCase(Locale.ROOT))
            .collect(Collectors.toUnmodifiableSet()),
        CheckRequest.in(limit.domain()).cost(limit.cost()),
        attributes);
  }
}
